"""How much the record knows of a name: its calls, the first and the last, where they came from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Case, F, IntegerField, OuterRef, QuerySet, Subquery, Value, When

from ccm.models import Call
from ccm.naming.services import Kind

# Counting millions of calls costs more than saying that there are many.
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Seen:
    """The calls of a name, at most `MOST_COUNTED` + 1 of them counted; the first one's source and
    import (None: it came live)."""

    calls: int = 0
    first: datetime | None = None
    last: datetime | None = None
    source: str = ""
    batch: int | None = None


# By index, one look at each end.
_BY_INDEX = """
SELECT n.id,
    (SELECT count(*) FROM (SELECT FROM ccm_call c WHERE c.{owner} = n.id LIMIT %(most)s) AS few),
    f.offered_at, l.offered_at, f.source, f.batch_id
FROM unnest(%(ids)s) AS n(id)
CROSS JOIN LATERAL (SELECT c.offered_at, c.source, c.batch_id FROM ccm_call c
    WHERE c.{owner} = n.id ORDER BY c.offered_at LIMIT 1) AS f
CROSS JOIN LATERAL (SELECT c.offered_at FROM ccm_call c
    WHERE c.{owner} = n.id ORDER BY c.offered_at DESC LIMIT 1) AS l
"""
# No index goes by a topic or disposition: all are looked for in one walk.
_BY_WALK = """
SELECT {owner}, count(*), min(offered_at), max(offered_at),
    (array_agg(source ORDER BY offered_at))[1], (array_agg(batch_id ORDER BY offered_at))[1]
FROM ccm_call WHERE {owner} = ANY(%(ids)s) GROUP BY {owner}
"""


def seen(kind: Kind, ids: Iterable[int]) -> dict[int, Seen]:
    """What is known of some names of a kind; of one without calls, nothing. One query."""
    wanted = list(ids)
    if not wanted:
        return {}
    found = _BY_INDEX if kind.of_a_site else _BY_WALK
    with connection.cursor() as cursor:
        cursor.execute(
            found.format(owner=f"{kind.owner}_id"), {"ids": wanted, "most": MOST_COUNTED + 1}
        )
        return {row[0]: Seen(*row[1:]) for row in cursor.fetchall()}


class _Count(Subquery):
    """How many rows a query has."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS few)"
    output_field = IntegerField()


def by_calls(kind: Kind, rows: QuerySet[Any], is_descending: bool) -> QuerySet[Any]:
    """Names in the order of their calls, as far as these are counted."""
    if kind.of_a_site:
        calls = Call._default_manager.filter(**{kind.owner: OuterRef("pk")}).order_by()
        rows = rows.annotate(calls_seen=_Count(calls.values("pk")[: MOST_COUNTED + 1]))
    else:
        known = seen(kind, rows.values_list("pk", flat=True))
        found = [When(pk=pk, then=Value(one.calls)) for pk, one in known.items()]
        rows = rows.annotate(calls_seen=Case(*found, default=0, output_field=IntegerField()))
    calls_seen = F("calls_seen")
    return rows.order_by(calls_seen.desc() if is_descending else calls_seen.asc(), "name", "pk")
