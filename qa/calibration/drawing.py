"""Which calls a session is of: drawn by a seed from those that may be, or named by hand."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from ccm.intervals import site_days
from ccm.models import Call, Queue, Site, User
from qa.models import Evaluation
from qa.reviews.facts import rules_of
from qa.sampling import order

SHORTEST_MS = 30_000
LONGEST_DAYS = 92
# A call's id, or an address that holds one.
_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.I)


def eligible(
    site: Site, first: date, last: date, queue: Queue | None, raters: Iterable[User]
) -> QuerySet[Any]:
    """Answered calls of some days of a site that may be heard and that nobody has reviewed or is to
    review, none of them a rater's own."""
    span = site_days(first, last, site.calendar)
    rows: QuerySet[Any] = Call.objects.offered_between(span.start, span.end).filter(
        site=site, agent__isnull=False, talk_ms__gte=SHORTEST_MS
    )
    rows = rows.exclude(consent=False)
    if rules_of(site.pk).asks_consent:
        rows = rows.filter(consent=True)
    if queue is not None:
        rows = rows.filter(queue=queue)
    there = Evaluation.objects.filter(call=OuterRef("pk")).exclude(state="dropped")
    return rows.exclude(agent__user__in=[one.pk for one in raters]).filter(~Exists(there))


@dataclass(frozen=True, slots=True)
class Draw:
    """What is to be drawn: so many calls of these days, and perhaps of one queue, by a seed."""

    seed: str
    first: date
    last: date
    queue: Queue | None
    many: int

    @property
    def of(self) -> dict[str, Any]:
        """What of them, as a session keeps it."""
        return {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "queue": None if self.queue is None else self.queue.pk,
        }


def draw(asked: Draw, site: Site, raters: Sequence[User]) -> tuple[list[Call], dict[str, Any]]:
    """As many of them as are asked for in the seed's order, and what they were drawn of. Raises
    ValidationError where there are fewer."""
    ids = [
        str(one)
        for one in eligible(site, asked.first, asked.last, asked.queue, raters)
        .order_by()
        .values_list("pk", flat=True)
    ]
    if len(ids) < asked.many:
        raise ValidationError(
            _("Of these days there are %(n)s calls to draw from, not %(many)s.")
            % {"n": len(ids), "many": asked.many}
        )
    taken = order.in_order(asked.seed, ids)[: asked.many]
    digest = blake2b("\n".join(sorted(ids)).encode(), digest_size=32).hexdigest()
    return _found(taken), {**asked.of, "eligible": len(ids), "digest": digest}


def named(site: Site, words: str, user: User) -> list[Call]:
    """The calls whose ids or addresses stand in a text, each once. Raises ValidationError where one
    is not there for the user, or of another site."""
    ids = list(dict.fromkeys(one.lower() for one in _ID.findall(words)))
    if not ids:
        raise ValidationError(_("Name calls by their ids or the addresses of their pages."))
    seen = Call.objects.visible_to(user).filter(site=site, pk__in=[UUID(one) for one in ids])
    there = {str(one) for one in seen.values_list("pk", flat=True)}
    if gone := [one for one in ids if one not in there]:
        raise ValidationError(_("There is no such call at this site: %(id)s") % {"id": gone[0]})
    return _found(ids)


def _found(ids: Sequence[str]) -> list[Call]:
    rows = Call.objects.select_related("site", "agent", "queue", "topic", "disposition")
    by_id = {str(one.pk): one for one in rows.filter(pk__in=[UUID(one) for one in ids])}
    return [by_id[one] for one in ids]
