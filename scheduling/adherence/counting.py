"""Counts how schedules were kept: a site day is deleted and made again, from published shifts,
what states and calls tell, approved exceptions and leave. Never an increment: late, doubled or
shuffled states all end in the same rows, and so does a count that is done twice.

A day goes by the site's clock and calendar, and a night over its edge is cut there. Somebody is
judged until the site's last sign of the day, and who has something open that nothing ended yet
until their own last sign: what nobody tells yet is neither kept nor missed. Of a day that is not
over only what was scheduled until now counts; it is counted whole once it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Max, Q

from ccm.intervals import DAY, Span, site_day
from ccm.models import AgentState, Leave, Site
from ccm.retention import closed
from kpis.formulas.adherence import Kept, Spell
from kpis.rollups.presence import BELIEVED
from scheduling.adherence import comparing, done, leaves, rules
from scheduling.adherence.comparing import PAUSE, Attended, Shift
from scheduling.adherence.marks import mark
from scheduling.adherence.rules import Rules
from scheduling.models import (
    AdherenceDay,
    AdherenceException,
    AdherenceFill,
    AdherenceMark,
    KeptRoster,
    KeptShift,
)
from scheduling.rosters import parts
from scheduling.terms import read


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of one person around a day: `shifts` by the moment they begin, what they did,
    what was approved, leave of that day, and until when all of it is told."""

    shifts: Mapping[datetime, Shift]
    done: Sequence[Spell]
    approved: Sequence[Spell]
    leave: Mapping[date, str]
    until: datetime
    day_of: Mapping[datetime, date]
    is_whole: bool
    unpaid: frozenset[str] = frozenset()
    """Kinds of leave that are not paid."""

    def over(self, span: Span) -> datetime:
        """When a day is over for them: after the last shift that begins in it."""
        begun = [shift for begins, shift in self.shifts.items() if begins in span]
        return max([span.end, *(one.end for shift in begun for one in shift.parts)])

    @property
    def paying(self) -> list[Shift]:
        """All shifts that were published but those of unpaid leave."""
        return [
            shift
            for begins, shift in self.shifts.items()
            if self.leave.get(self.day_of[begins], "").casefold() not in self.unpaid
        ]

    @property
    def published(self) -> list[Spell]:
        """All that was published, paid, shifts on paid leave included."""
        return comparing.apart(one for shift in self.paying for one in shift.paid)

    @property
    def before(self) -> list[Spell]:
        """What was published, without shifts on leave."""
        return comparing.apart(
            one
            for begins, shift in self.shifts.items()
            if self.day_of[begins] not in self.leave
            for one in shift.paid
        )

    @property
    def pauses(self) -> list[Spell]:
        """The unpaid pauses of that."""
        return comparing.apart(
            one
            for begins, shift in self.shifts.items()
            if self.day_of[begins] not in self.leave
            for one in shift.unpaid
        )

    @property
    def after(self) -> list[Spell]:
        """The same with exceptions."""
        return comparing.with_exceptions(self.before, self.approved)


def count_marked(now: datetime, most: int) -> int:
    """Count days that are marked, the newest first; how many."""
    wanted: dict[tuple[int, date], list[int]] = defaultdict(list)
    for pk, site, day in AdherenceMark.objects.values_list("pk", "site_id", "day"):
        wanted[site, day].append(pk)
    newest = sorted(wanted, key=lambda one: (one[1], one[0]), reverse=True)[:most]
    sites = Site.objects.in_bulk({site for site, _day in newest})
    for site, day in newest:
        # Marks that were seen go with what is counted now; those that come meanwhile stay.
        with transaction.atomic():
            count_day(sites[site], day, now)
            AdherenceMark.objects.filter(pk__in=wanted[site, day]).delete()
    return len(newest)


@transaction.atomic
def count_day(site: Site, day: date, now: datetime) -> None:
    """Count a site day; of one that no published roster has, nothing is kept. One that is closed
    stays as it was counted last: what was done on it is gone."""
    if closed.is_closed(site, day):
        return
    AdherenceDay.objects.filter(site=site, day=day).delete()
    AdherenceFill.objects.filter(site=site, day=day).delete()
    people = _rostered(site, day)
    span = site_day(day, site.calendar)
    if not people or span.start >= now:
        return
    known = _known_until(site, span, now)
    told = told_of(site, day, people, now, known)
    by = rules.of_site(site, day)
    nights = _nights(site, day)
    AdherenceDay.objects.bulk_create(
        row
        for agent, one in told.items()
        if (row := row_of(site, agent, day, span, one, by, nights, now, is_told=known is not None))
        is not None
    )
    over = max((one.over(span) for one in told.values()), default=span.end)
    whole = known is not None and known >= over and all(one.is_whole for one in told.values())
    until = None if known is None else min(known, span.end)
    AdherenceFill.objects.create(
        site=site, day=day, known_until=until, is_whole=whole, counted_at=now
    )
    # Days before that waited for what is told now; their own count then finds no older news.
    behind = AdherenceFill.objects.filter(
        site=site, day__lt=day, day__gte=day - 2 * DAY, is_whole=False
    )
    if known is not None:
        mark(site.pk, behind.values_list("day", flat=True), is_routine=True)


def told_of(
    site: Site,
    day: date,
    people: Sequence[int],
    now: datetime,
    known: datetime | None,
) -> dict[int, Told]:
    """What is known of people around a site day, with shifts that begin the day before."""
    span = site_day(day, site.calendar)
    reach = Span(site_day(day - DAY, site.calendar).start, site_day(day + DAY, site.calendar).end)
    shifts: dict[int, dict[datetime, Shift]] = defaultdict(dict)
    day_of: dict[int, dict[datetime, date]] = defaultdict(dict)
    rows = KeptShift.objects.published().filter(
        roster__site=site, agent__in=people, begins_at__lt=reach.end, ends_at__gt=reach.start
    )
    for row in rows:
        if row.is_on_call:
            continue
        shifts[row.agent_id][row.begins_at] = _shift(row)
        day_of[row.agent_id][row.begins_at] = row.day
    did = done.of_agents(site, day - DAY, day + DAY, people)
    approved = _approved(people, reach)
    kinds = _leaves(people, day)
    opened, unpaid = _opened(people, span, now), leaves.unpaid(site)
    found = {}
    for agent in people:
        until, is_whole = known or span.start, True
        if agent in opened:
            last = max([opened[agent], *(one.end for one in did[agent])])
            is_whole = last >= span.end
            until = min(until, last)
        found[agent] = Told(
            shifts[agent], did[agent], approved.get(agent, []), kinds.get(agent, {}),
            until, day_of[agent], is_whole, unpaid,
        )  # fmt: skip
    return found


def row_of(
    site: Site,
    agent: int,
    day: date,
    span: Span,
    told: Told,
    by: Rules,
    nights: Sequence[tuple[datetime, datetime]],
    now: datetime,
    *,
    is_told: bool,
) -> AdherenceDay | None:
    """Somebody's day; None where nothing was scheduled and nothing done."""
    end = min(span.end, told.until)
    did = comparing.cut(told.done, span.start, span.end)
    so_far = min(span.end, now)
    planned = comparing.cut(told.published, span.start, so_far)
    pauses = comparing.apart(one for shift in told.paying for one in shift.unpaid)
    unpaid = comparing.cut(pauses, span.start, so_far)
    begun = [one for one in sorted(told.shifts) if one in span]
    if not planned and not did and not begun:
        return None
    row = AdherenceDay(site=site, agent_id=agent, day=day, is_told=is_told)
    row.leave = told.leave.get(day, "")
    row.planned = _seconds(comparing.lengths(planned))
    row.paid_seconds = sum(row.planned.values())
    row.unpaid_seconds = sum(_seconds(comparing.lengths(unpaid)).values())
    row.shifts = len(begun)
    if not is_told:
        return row
    row.known_until = end
    judged = comparing.cut(told.done, span.start, end)
    _put(row, "", comparing.held(comparing.cut(told.after, span.start, end), judged, by.forgiven))
    before = comparing.cut(told.before, span.start, end)
    _put(row, "before_", comparing.held(before, judged, by.forgiven))
    left_out = comparing.cut(told.pauses, span.start, end)
    row.unpaid_judged_seconds = sum(_seconds(comparing.lengths(left_out)).values())
    row.within = _seconds(comparing.within(planned, unpaid, did))
    row.done = _seconds(comparing.lengths(did))
    row.worked_seconds = sum(row.done.values()) - row.done.get(PAUSE, 0)
    at_work = [one for one in did if one.activity != PAUSE]
    row.night_seconds = _whole(comparing.overlap(at_work, nights))
    for begins in begun:
        if told.day_of[begins] not in told.leave:
            _attend(row, _attended(told, begins, by))
    return row


def _attended(told: Told, begins: datetime, by: Rules) -> Attended | None:
    shift = told.shifts[begins]
    ends = max(one.end for one in shift.parts)
    approved = comparing.cut(told.approved, begins, ends)
    return comparing.attended(
        comparing.with_exceptions(shift.parts, approved), told.done, told.until, by.late
    )


def _attend(row: AdherenceDay, one: Attended | None) -> None:
    if one is None:
        return
    row.absent += one.is_absent
    row.late += bool(one.late)
    row.late_seconds += _whole(one.late)
    row.left_early += bool(one.early)
    row.early_seconds += _whole(one.early)


def _put(row: AdherenceDay, prefix: str, kept: Kept) -> None:
    # Sums of milliseconds are rounded so that they still add up.
    scheduled, adherent = _whole(kept.scheduled), _whole(kept.adherent)
    said = {
        "scheduled": scheduled,
        "adherent": adherent,
        "missed": scheduled - adherent,
        "outside": _whole(kept.outside),
        "on_queue_scheduled": _whole(kept.on_queue_scheduled),
        "on_queue_worked": _whole(kept.on_queue_worked),
    }
    for name, value in said.items():
        setattr(row, f"{prefix}{name}", value)


def _shift(row: KeptShift) -> Shift:
    """Its parts by their kinds, as `scheduling.rosters.parts` tells them."""
    made = parts.of_shift(row)
    return Shift(
        *(
            [Spell(one.start, one.end, one.kind) for one in made if one.is_paid == paid]
            for paid in (True, False)
        )
    )


def _rostered(site: Site, day: date) -> list[int]:
    """Whoever has shifts of a published roster with this day, or the one before or after: who is on
    no roster is held against none."""
    rosters = KeptRoster.objects.published().filter(site=site).within(day - DAY, day + DAY)
    shifts = KeptShift.objects.filter(roster__in=rosters, agent__site=site)
    near = shifts.filter(day__gte=day - DAY, day__lte=day + DAY)
    if not near.exists():
        return []
    return sorted({*shifts.order_by().values_list("agent_id", flat=True).distinct()})


def _known_until(site: Site, span: Span, now: datetime) -> datetime | None:
    """Until when states tell of a day and of the one after, on which its nights end. None: they
    have nothing of it."""
    states = AgentState.objects.filter(agent__site=site).order_by()
    within = states.filter(
        Q(starts_at__lt=span.end) | Q(starts_at=None), Q(ends_at__gt=span.start) | Q(ends_at=None),
        Q(starts_at__gte=span.start - BELIEVED) | Q(ends_at__lte=span.end + BELIEVED),
    )  # fmt: skip
    if not within.exists():
        return None
    late = span.end + BELIEVED
    last = states.filter(
        Q(starts_at__gte=span.start, starts_at__lt=late)
        | Q(ends_at__gte=span.start, ends_at__lt=late)
    ).aggregate(begun=Max("starts_at"), ended=Max("ends_at"))
    signs = [one for one in last.values() if one is not None]
    if not signs:
        return None
    return min(max(signs), now)


def _opened(people: Sequence[int], span: Span, now: datetime) -> dict[int, datetime]:
    """Who has a state that nothing ended yet, and since when."""
    rows = AgentState.objects.filter(
        agent__in=people, ends_at=None, starts_at__gte=now - BELIEVED, starts_at__lt=span.end + DAY
    ).exclude(state=AgentState.State.OFFLINE)
    return dict(rows.order_by().values_list("agent_id").annotate(Max("starts_at")))


def _approved(people: Sequence[int], reach: Span) -> dict[int, list[Spell]]:
    rows = AdherenceException.objects.approved().filter(
        agent__in=people, starts_at__lt=reach.end, ends_at__gt=reach.start
    )
    found: dict[int, list[Spell]] = defaultdict(list)
    for row in rows:
        found[row.agent_id].append(Spell(row.starts_at, row.ends_at, row.kind))
    return found


def _leaves(people: Sequence[int], day: date) -> dict[int, dict[date, str]]:
    """Kinds of leave of people on a day and those beside it, whose shifts reach into it."""
    first, last = day - DAY, day + DAY
    rows = Leave.objects.filter(
        Q(last_on=None) | Q(last_on__gte=first), agent__in=people, first_on__lte=last
    )
    found: dict[int, dict[date, str]] = defaultdict(dict)
    for row in rows.order_by("first_on", "pk"):
        for one in (first, day, last):
            if row.first_on <= one and (row.last_on is None or one <= row.last_on):
                found[row.agent_id].setdefault(one, row.kind)
    return found


def _nights(site: Site, day: date) -> list[tuple[datetime, datetime]]:
    """The hours of the night by the site's rules of rosters, around a day."""
    said = read.rules(site)
    found = []
    for one in (day - DAY, day, day + DAY):
        found.append((_clock(site, one, said.night_from), _clock(site, one, said.night_to)))
    return found


def _clock(site: Site, day: date, minute: int) -> datetime:
    """When a site's clock shows a minute of a day, of the next one from 1,440 on."""
    days, rest = divmod(minute, 24 * 60)
    shown = datetime.combine(day + days * DAY, time(rest // 60, rest % 60), site.calendar.zone)
    return shown.astimezone(UTC)


def _seconds(lengths: Mapping[str, timedelta]) -> dict[str, int]:
    return {name: _whole(one) for name, one in sorted(lengths.items())}


def _whole(length: timedelta) -> int:
    return round(length.total_seconds())


def sites_with_rosters() -> Iterable[Site]:
    """Sites that have days to count."""
    return Site.objects.filter(pk__in=AdherenceFill.objects.values("site"))
