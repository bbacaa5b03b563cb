"""Calls for analysts: whose they were is told by pseudonyms that one file alone knows.

Each file has a key of its own that is kept nowhere, so the pseudonyms of two files cannot be laid
beside each other, and none can be turned back. Whoever needs that two files agree says a key, and
keeps it. No free text leaves, and nothing that only the source knows. Pseudonymous is not
anonymous: who holds the record, too, finds a call in it by its times, which is why these may be
made coarser.
"""

import secrets
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from hashlib import blake2b
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ccm.intervals import site_days
from ccm.models import Call, Site
from ccm.templatetags.figures import count

# Fewer of anything, and who knows the centre knows who it was.
FEWEST = 5
LONGEST_KEY, SHORTEST_KEY = 200, 16
PRECISIONS = {
    "second": gettext_lazy("to the second"),
    "minute": gettext_lazy("to the minute"),
    "hour": gettext_lazy("to the hour"),
}
HEADER = (
    gettext_lazy("Call"), gettext_lazy("Contact"), gettext_lazy("Offered"), gettext_lazy("Queue"),
    gettext_lazy("Channel"), gettext_lazy("Direction"), gettext_lazy("Outcome"),
    gettext_lazy("Agent"), gettext_lazy("Caller"), gettext_lazy("Topic"),
    gettext_lazy("Disposition"), gettext_lazy("Transfer"), gettext_lazy("Resolved"),
    gettext_lazy("Wait (s)"), gettext_lazy("Ring (s)"), gettext_lazy("Talk (s)"),
    gettext_lazy("Hold (s)"), gettext_lazy("Wrap-up (s)"),
)  # fmt: skip
_READ_AT_ONCE = 2000


class Pseudonyms:
    """What stands for people and calls in one file: the same for the same, and no two alike.

    `said` is a key that makes the same pseudonyms in another file; empty: a new one, that nobody
    keeps. 60 bits: of a million there are two alike in one file of two million.
    """

    def __init__(self, said: str = "") -> None:
        key = said.encode() if said else secrets.token_bytes(32)
        self._key = blake2b(key, digest_size=32, person=b"ccm.analysts").digest()

    def of(self, kind: str, what: object) -> str:
        """What stands for one of a kind ("agent"); empty where there is nobody."""
        if what is None or what == "":
            return ""
        said = f"{kind}\n{what}".encode()
        made = int.from_bytes(blake2b(said, key=self._key, digest_size=8).digest(), "big") >> 4
        return f"{kind[0].upper()}{made:015x}"


def calls_of(site: Site, first: date, last: date) -> QuerySet[Call]:
    span = site_days(first, last, site.calendar)
    return Call.objects.filter(site=site).offered_between(span.start, span.end)


def warnings(site: Site, first: date, last: date) -> list[str]:
    """What in such a file would tell of single people to who knows the centre, in words."""
    calls = calls_of(site, first, last).order_by()
    found = []
    agents = calls.filter(agent__isnull=False).values("agent").distinct().count()
    if 0 < agents < FEWEST:
        words = ngettext(
            "One agent took all these calls.", "%(n)s agents took all these calls.", agents
        )
        found.append(words % {"n": count(agents)})
    few = (
        calls.filter(agent__isnull=False)
        .values("agent")
        .annotate(n=Count("pk"))
        .filter(n__lt=FEWEST)
        .count()
    )
    if few and agents >= FEWEST:
        words = ngettext(
            "One agent took fewer than %(fewest)d of them.",
            "%(n)s agents took fewer than %(fewest)d of them each.",
            few,
        )
        found.append(words % {"n": count(few), "fewest": FEWEST})
    queues = calls.values("queue").annotate(n=Count("pk")).filter(n__lt=FEWEST).count()
    if queues:
        words = ngettext(
            "One queue had fewer than %(fewest)d calls.",
            "%(n)s queues had fewer than %(fewest)d calls each.",
            queues,
        )
        found.append(words % {"n": count(queues), "fewest": FEWEST})
    if first == last:
        found.append(_("It is one day: who remembers a call of it finds whose it was."))
    return found


def rows(
    site: Site, first: date, last: date, precision: str, names: Pseudonyms
) -> Iterator[list[object]]:
    """The calls in the order of time, times cut to the `precision` asked for."""
    found: Iterable[Any] = (
        calls_of(site, first, last)
        .select_related("queue", "topic", "disposition")
        .order_by("offered_at", "pk")
        .iterator(chunk_size=_READ_AT_ONCE)
    )
    for call in found:
        yield [
            names.of("visit", call.pk),
            names.of("contact", f"{call.source}\n{call.linked_id}"),
            _cut(call.offered_at.astimezone(site.tz), precision),
            None if call.queue is None else call.queue.name,
            call.channel,
            call.direction,
            call.outcome,
            names.of("agent", call.agent_id),
            names.of("person", call.caller_hash),
            None if call.topic is None else call.topic.name,
            None if call.disposition is None else call.disposition.name,
            call.transfer_kind,
            call.resolved,
            *(
                None if length is None else round(length / 1000)
                for length in (call.wait_ms, call.ring_ms, call.talk_ms, call.hold_ms, call.acw_ms)
            ),
        ]


def _cut(moment: datetime, precision: str) -> datetime:
    if precision == "second":
        return moment.replace(microsecond=0)
    minute = moment.replace(second=0, microsecond=0)
    return minute if precision == "minute" else minute.replace(minute=0)
