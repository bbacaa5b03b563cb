"""From the inbox to the record: unfolded events are folded with all else known of their calls
and agents, and written by the one loader. A batch is one transaction.
"""

import json
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from ccm.imports import undo
from ccm.imports.storing.load import store
from ccm.imports.storing.spells import drop_halves
from ccm.imports.storing.target import Target
from ccm.live import sources, state, unsaid
from ccm.live.events import SNAPSHOT, Event
from ccm.live.inbox import event as restored
from ccm.live.outage import AWAY
from ccm.models import LiveEvent, RawEvent, Site

log = logging.getLogger(__name__)

BATCH = 1000
# An agent's spells are told anew from this long before the news.
WINDOW = timedelta(hours=24)
KEPT = timedelta(days=2)
# By so much a source's clock may be behind when its events are taken for complete.
LATE_CLOCKS = timedelta(hours=2)
PRUNED_AT_ONCE = 500


@dataclass(slots=True)
class _News:
    """The unfolded rows of one source at one site, and by what they tell of."""

    rows: list[LiveEvent] = field(default_factory=list)
    calls: dict[str, list[LiveEvent]] = field(default_factory=lambda: defaultdict(list))
    agents: dict[str, list[LiveEvent]] = field(default_factory=lambda: defaultdict(list))

    def add(self, row: LiveEvent) -> None:
        self.rows.append(row)
        if row.kind.startswith("call."):
            self.calls[row.call].append(row)
        else:
            self.agents[row.agent].append(row)

    def moments(self) -> Iterator[tuple[datetime, datetime]]:
        """When each happened by the source's clock, and when it came by ours."""
        yield from ((row.at, row.received_at) for row in self.rows)


@dataclass(frozen=True, slots=True)
class _Fold:
    """Whose news are folded. Of a call with an event from before `whole_since` others may have
    left the inbox: what the rest amounts to takes nothing away from the record."""

    site: Site
    source: str
    whole_since: datetime

    def target(self, *, whole: bool, exact: bool = False) -> Target:
        return Target(self.site, self.source, whole=whole, exact=exact)


@transaction.atomic
def fold_batch(now: datetime) -> int:
    """Fold up to BATCH events of one source into the record, of that which waits longest; how many
    were taken from the inbox. Nobody's news wait for those of all the others.

    Those of a site where an import is being taken back wait until that is done: what they would
    meet may be about to go. An event that cannot be folded is kept as a RawEvent with the reason
    and stops no other.
    Raises one of AWAY when the database does not do its part; nothing has happened then.
    """
    waiting = LiveEvent.objects.filter(folded_at=None).order_by("id")
    waiting = waiting.exclude(site__in=undo.sites_at_it())
    first = waiting.select_related("site").first()
    # An import may begin to be taken back just now: that is asked before the source is locked, as
    # `undo.start` does.
    if first is None or not undo.none_begins(first.site_id):
        return 0
    of_source = waiting.filter(site=first.site_id, source=first.source)
    news = _News()
    for row in of_source.select_for_update(skip_locked=True)[:BATCH]:
        news.add(row)
    if not news.rows:
        return 0
    _fold_source(_Fold(first.site, first.source, now - KEPT + LATE_CLOCKS), news)
    sources.heard(first.site, first.source, news.moments())
    LiveEvent.objects.filter(pk__in=[row.pk for row in news.rows]).update(folded_at=now)
    return len(news.rows)


def _fold_source(target: _Fold, news: _News) -> None:
    since = min((row.at for rows in news.agents.values() for row in rows), default=None)
    try:
        _fold(target, news.calls, news.agents, since)
    except AWAY:
        raise
    except Exception:
        # Somewhere among them is one that cannot be stored: find it.
        for call, rows in news.calls.items():
            _fold_alone(target, rows, calls=[call])
        for agent, rows in news.agents.items():
            _fold_alone(target, rows, agents=[agent])


def _fold_alone(
    target: _Fold,
    rows: list[LiveEvent],
    calls: Collection[str] = (),
    agents: Collection[str] = (),
) -> None:
    try:
        _fold(target, calls, agents, min(row.at for row in rows))
    except AWAY:
        raise
    except Exception as fault:
        reason = " ".join(str(fault).split())[:200] or type(fault).__name__
        log.warning("%d events of %s were set aside: %s", len(rows), target.source, reason)
        _set_aside(rows, reason)


@transaction.atomic
def _fold(
    target: _Fold, calls: Collection[str], agents: Collection[str], since: datetime | None
) -> None:
    known = LiveEvent.objects.filter(source=target.source, site=target.site)
    rows = list(known.filter(call__in=calls, kind__startswith="call."))
    of_calls = _grouped(rows, "call")
    before = _grouped((row for row in rows if row.folded_at is not None), "call")
    of_agents: dict[str, list[Event]] = {}
    if agents and since:
        lately = known.filter(agent__in=agents, at__gte=since - WINDOW)
        # A snapshot tells by itself: those that were folded have nothing to add.
        lately = lately.exclude(kind=SNAPSHOT, folded_at__isnull=False)
        of_agents = _grouped(lately.filter(kind__startswith="agent."), "agent")
    visits: dict[bool, list[state.Visit]] = {True: [], False: []}
    no_more: list[unsaid.Pair] = []
    for call, told in of_calls.items():
        whole = min(event.at for event in told) >= target.whole_since
        folded = state.fold_visits(told)
        visits[whole] += folded
        if whole and call in before:
            no_more += unsaid.pairs(state.fold_visits(before[call]), folded)
    unsaid.take_back(no_more, target.site, target.source)
    spells = [spell for told in of_agents.values() for spell in state.fold_spells(told)]
    _drop_halves(target, of_agents, spells)
    store(state.chunk_of(visits[True], spells), target.target(whole=True, exact=True))
    shown = [spell for told in of_agents.values() for spell in state.shown_spells(told)]
    if shown:
        store(state.chunk_of([], shown), target.target(whole=True))
    if visits[False]:
        store(state.chunk_of(visits[False], []), target.target(whole=False))


def _drop_halves(
    target: _Fold, told: dict[str, list[Event]], spells: Iterable[state.Spell]
) -> None:
    """Forget sessions without a beginning that a logout told before the login came of the session
    that it did not end."""
    halves = {(one.agent, one.ends_at) for one in spells if one.starts_at is None}
    ends = {
        (name, event.at)
        for name, events in told.items()
        for event in events
        if event.kind == "agent.logout"
    }
    drop_halves(target.target(whole=True), ends - halves)


def _grouped(rows: Iterable[LiveEvent], owner: str) -> dict[str, list[Event]]:
    grouped: dict[str, list[Event]] = defaultdict(list)
    for row in rows:
        grouped[getattr(row, owner)].append(restored(row))
    return grouped


def _set_aside(rows: Iterable[LiveEvent], reason: str) -> None:
    RawEvent.objects.bulk_create(
        RawEvent(source=row.source, text=_text(row), reason=reason) for row in rows
    )


def _text(row: LiveEvent) -> str:
    words = {
        "id": row.event_id, "kind": row.kind, "at": row.at.isoformat(), "call": row.call,
        "agent": row.agent, **row.payload,
    }  # fmt: skip
    return json.dumps(words, ensure_ascii=False)


@transaction.atomic
def prune(now: datetime) -> int:
    """Take up to PRUNED_AT_ONCE old folded events out of the inbox; how many.

    Events of a call that never told its queue made no record: they are kept as RawEvents.
    """
    old = LiveEvent.objects.filter(folded_at__isnull=False, received_at__lt=now - KEPT)
    rows = list(old.order_by("id").select_for_update(skip_locked=True)[:PRUNED_AT_ONCE])
    orphans = _orphans(rows)
    _set_aside([row for row in rows if row.pk in orphans], _("No event names this call's queue."))
    LiveEvent.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def _orphans(rows: Iterable[LiveEvent]) -> set[int]:
    """Keys of events that are part of no visit, of the calls that these rows tell of."""
    calls: dict[tuple[int, str], set[str]] = defaultdict(set)
    for row in rows:
        if row.kind.startswith("call."):
            calls[row.site_id, row.source].add(row.call)
    found: set[int] = set()
    for (site, source), names in calls.items():
        known = LiveEvent.objects.filter(
            site=site, source=source, call__in=names, kind__startswith="call."
        )
        keys = {row.event_id: row.pk for row in known}
        for told in _grouped(known, "call").values():
            found |= {keys[event.id] for event in state.unplaced(told)}
    return found
