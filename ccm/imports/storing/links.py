"""Sales and answers that name a call are linked to it, whichever of the two is read first.

A link is made of what both say, so it is no change of a row that an import would note: it goes
when the call goes, and is found again when the call comes back.
"""

import re
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import polars as pl
from django.db.backends.utils import CursorWrapper

from ccm.dirty import mark_answers, mark_gained
from ccm.identity import id_floor
from ccm.imports.storing.journal import KEYS
from ccm.models import Call, Sale, Site, SurveyResponse

SALES, ANSWERS = "ccm_sale", "ccm_surveyresponse"
# A caller is asked after the call, and answers within days.
ASKED_WITHIN = timedelta(days=8)
_MADE_ID = re.compile("[0-9a-f]{32}")
# The partial indexes of both tables hold these rows alone.
_WAITS = "site_id = %(site)s AND call_id IS NULL AND call_ref <> ''"


def calls_called(refs: Collection[str], site: Site) -> dict[str, UUID]:
    """Calls of the site by the ids that sources gave them: of the visits of one contact the last
    that an agent answered."""
    if not refs:
        return {}
    found = Call.objects.filter(linked_id__in=refs, site=site).order_by("offered_at", "pk")
    made: dict[str, UUID] = {}
    served: set[str] = set()
    for ref, pk, agent in found.values_list("linked_id", "pk", "agent_id"):
        if agent is not None or ref not in served:
            made[ref] = pk
        if agent is not None:
            served.add(ref)
    return made


def calls_asked_about(
    cursor: CursorWrapper, site: Site, named: Collection[tuple[str, str, datetime]]
) -> list[tuple[UUID, UUID, int | None, int | None]]:
    """The call that each answer (id, ref, when it was given) names: (answer, call, queue, agent).

    Of the visits of that contact in the days before, the last that an agent answered.
    """
    if not named:
        return []
    answers, refs, moments = zip(*named, strict=True)
    cursor.execute(
        """SELECT n.id, c.id, c.queue_id, c.agent_id
        FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[]) AS n(id, ref, at), LATERAL (
            SELECT * FROM ccm_call c
            WHERE c.linked_id = n.ref AND c.site_id = %s AND c.id BETWEEN %s AND %s
              AND c.offered_at BETWEEN n.at - %s * interval '1 day' AND n.at + interval '1 day'
            ORDER BY c.agent_id IS NULL, c.offered_at DESC LIMIT 1
        ) AS c""",
        [
            list(answers),
            list(refs),
            list(moments),
            site.pk,
            id_floor(min(moments).astimezone(UTC) - ASKED_WITHIN),
            id_floor(max(moments).astimezone(UTC) + timedelta(days=2)),
            ASKED_WITHIN.days,
        ],
    )
    return cursor.fetchall()


def link_waiting(cursor: CursorWrapper, site: Site, calls: pl.DataFrame) -> None:
    """Link the sales and answers of the site that wait for these calls (`id`, `linked_id`), which
    are just written."""
    for table, link in _LINK.items():
        cursor.execute(f"SELECT EXISTS (SELECT FROM {table} WHERE {_WAITS})", {"site": site.pk})
        if cursor.fetchone()[0]:
            refs = pl.concat([calls["linked_id"], calls["id"]]).unique().to_list()
            cursor.execute(
                f"SELECT id::text FROM {table} WHERE {_WAITS} AND call_ref = ANY(%(refs)s)",
                {"site": site.pk, "refs": refs},
            )
            link(cursor, site, [row[0] for row in cursor.fetchall()])


def relink(cursor: CursorWrapper, site: Site, table: str, rows: list[str]) -> None:
    """Link these rows of SALES or ANSWERS anew that have no call, or one that is gone."""
    cursor.execute(
        f"UPDATE {table} t SET call_id = NULL"
        f" WHERE id = ANY(%s::{KEYS[table]}[]) AND call_id IS NOT NULL"
        " AND NOT EXISTS (SELECT FROM ccm_call c WHERE c.id = t.call_id)",
        [rows],
    )
    _LINK[table](cursor, site, rows)


def let_go(cursor: CursorWrapper, site: Site, calls: list[str]) -> None:
    """Take away the links to these calls, which are about to go; mark the days that answers count
    on without them."""
    cursor.execute(f"UPDATE {SALES} SET call_id = NULL WHERE call_id = ANY(%s::uuid[])", [calls])
    # An answer that names nobody goes by its call. One that names no call either, for it came by
    # a link that we had sent, keeps the id that the call is made with each time.
    cursor.execute(
        f"""UPDATE {ANSWERS} SET call_id = NULL,
            call_ref = CASE WHEN call_ref = '' THEN replace(call_id::text, '-', '')
                       ELSE call_ref END,
            agent_id = CASE WHEN agent_name = '' THEN NULL ELSE agent_id END
        WHERE call_id = ANY(%s::uuid[]) RETURNING id""",
        [calls],
    )
    mark_answers(cursor, site, [str(row[0]) for row in cursor.fetchall()])


def _link_sales(cursor: CursorWrapper, site: Site, rows: list[str]) -> None:
    waiting = Sale.objects.filter(pk__in=rows, call=None).exclude(call_ref="")
    found = calls_called(set(waiting.values_list("call_ref", flat=True)), site)
    if found:
        cursor.execute(
            f"UPDATE {SALES} s SET call_id = n.call"
            " FROM unnest(%s::text[], %s::uuid[]) AS n(ref, call)"
            " WHERE s.id = ANY(%s::bigint[]) AND s.call_id IS NULL AND s.call_ref = n.ref",
            [list(found), _texts(found.values()), rows],
        )
        mark_gained(cursor, site, _texts(found.values()))


def _link_answers(cursor: CursorWrapper, site: Site, rows: list[str]) -> None:
    waiting = SurveyResponse.objects.filter(pk__in=rows, call=None).exclude(call_ref="")
    named = [
        (str(pk), ref, at) for pk, ref, at in waiting.values_list("pk", "call_ref", "answered_at")
    ]
    own = {ref for _pk, ref, _at in named if _MADE_ID.fullmatch(ref)}
    known = {
        pk.hex: (pk, agent)
        for pk, agent in Call.objects.filter(pk__in=own, site=site).values_list("pk", "agent_id")
    }
    found: list[tuple[str, UUID, int | None]] = [
        (pk, *known[ref]) for pk, ref, _at in named if ref in known
    ]
    by_name = [one for one in named if one[1] not in known]
    found += [
        (str(pk), call, agent)
        for pk, call, _queue, agent in calls_asked_about(cursor, site, by_name)
    ]
    if not found:
        return
    answers, calls, agents = zip(*found, strict=True)
    # They leave the days on which they were counted without a call.
    mark_answers(cursor, site, list(answers))
    cursor.execute(
        f"""UPDATE {ANSWERS} s SET call_id = n.call, agent_id = COALESCE(s.agent_id, n.agent)
        FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[]) AS n(id, call, agent)
        WHERE s.id = n.id""",
        [list(answers), _texts(calls), list(agents)],
    )
    mark_answers(cursor, site, list(answers))


_LINK = {SALES: _link_sales, ANSWERS: _link_answers}


def _texts(ids: Iterable[UUID]) -> list[str]:
    return [str(one) for one in ids]
