"""Somebody's own schedule: the shift of now, the weeks to come, a month, and what changed that they
have not said yet to have seen. All by the site's clock."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q
from django.utils.translation import gettext as _

from ccm.access import scope_of
from ccm.intervals import DAY
from ccm.models import Agent, Leave, User
from scheduling.mine import engaged, words
from scheduling.models import AgentContract, KeptRoster, KeptShift, LeaveRequest, ShiftChange
from scheduling.rosters import parts
from scheduling.terms.works import Works, rules_of

WEEK = timedelta(days=7)
# How far ahead weeks are listed; what lies beyond is in the months.
WEEKS = 8
MOST_CHANGES = 200


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a shift: what it is, from when to when, and whether that is now."""

    kind: str
    words: str
    clock: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class Mine:
    """A shift: "09:00–17:00", the name and colour of its kind, minutes worked, and its parts."""

    shift: KeptShift
    clock: str
    name: str
    colour: str
    pieces: Sequence[Piece]
    is_now: bool

    @property
    def minutes(self) -> int:
        return self.shift.worked_minutes


@dataclass(frozen=True, slots=True)
class Agreed:
    """Something agreed to beside shifts: "09:00–09:30", what, where, and its page."""

    clock: str
    words: str
    place: str
    url: str


@dataclass(frozen=True, slots=True)
class MyDay:
    """A day: its shift, or what one is absent for, or off; `is_told`: a roster of it is
    published. A shift of somebody who is absent is not worked, and a day on which they would not
    work is off though others around it are of leave: `leave_minutes` are what it takes of it. Hours
    of leave on a day that is worked else are `part`, in words. `agreed`: what else they agreed
    to."""

    day: date
    mine: Mine | None
    absence: str
    is_told: bool
    is_today: bool
    leave_minutes: int = 0
    part: str = ""
    agreed: Sequence[Agreed] = ()

    @property
    def minutes(self) -> int:
        """What is worked, without leave."""
        if self.mine is None or self.absence:
            return 0
        return max(self.mine.minutes - self.leave_minutes, 0)


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from Monday. `contract_minutes` are what the contract pays; None: nobody has
    said."""

    days: Sequence[MyDay]
    contract_minutes: int | None

    @property
    def minutes(self) -> int:
        return sum(one.minutes for one in self.days)

    @property
    def leave_minutes(self) -> int:
        """What would be worked, and is not for an absence."""
        return sum(one.leave_minutes for one in self.days)

    @property
    def is_told(self) -> bool:
        return any(one.is_told for one in self.days)


@dataclass(frozen=True, slots=True)
class Changed:
    """A change in words."""

    change: ShiftChange
    words: str


def today_of(agent: Agent, now: datetime) -> date:
    """The day that the clock of somebody's site shows."""
    return now.astimezone(agent.site.calendar.zone).date()


def monday(day: date) -> date:
    return day - day.weekday() * DAY


def current(agent: Agent, now: datetime) -> Mine | None:
    """The shift that goes on now; else the next one. None: none is published."""
    rows = _shifts(agent).worked().filter(ends_at__gt=now).order_by("begins_at")
    first = rows.first()
    return None if first is None else _mine(first, agent, now)


def weeks(agent: Agent, now: datetime) -> list[Week]:
    """The weeks from this one on, as far as rosters are published, or something is agreed to. None
    is left out between two."""
    first = monday(today_of(agent, now))
    held = _contracts(agent)
    days = _days(agent, first, WEEKS * 7, now, held)
    found = [
        Week(days[at : at + 7], contract_minutes(agent, held, days[at].day))
        for at in range(0, len(days), 7)
    ]
    while found and not (found[-1].is_told or any(one.agreed for one in found[-1].days)):
        found.pop()
    return found


def month(agent: Agent, first: date, now: datetime) -> list[list[MyDay | None]]:
    """The weeks of a month from its `first` day on; days of other months are None."""
    following = (first + 31 * DAY).replace(day=1)
    days: list[MyDay | None] = [None] * first.weekday()
    days += _days(agent, first, (following - first).days, now, _contracts(agent))
    days += [None] * (-len(days) % 7)
    return [days[at : at + 7] for at in range(0, len(days), 7)]


def changes(agent: Agent) -> list[Changed]:
    """What changed of somebody's days and they have not said yet that they have seen: the newest of
    a day last."""
    rows = _unseen().filter(agent=agent).select_related("edit").order_by("day", "pk")
    zone = agent.site.calendar.zone
    return [Changed(one, words.change(one.before, one.after, zone)) for one in rows[:MOST_CHANGES]]


def waiting(user: User, now: datetime, team: int | None = None) -> list[Changed]:
    """Changes at short notice that people whom a user leads or plans have not acknowledged yet, the
    oldest first; of those alone who are in a team now, where one is named."""
    rows = _waiting(user).select_related("edit", "agent__site")
    if team is not None:
        of_team: Any = Agent.objects.with_team(now).order_by()
        of_team = of_team.filter(team_id=team)
        rows = rows.filter(agent__in=of_team.values("pk"))
    rows = rows.order_by("edit__made_at", "agent__name", "day")
    return [
        Changed(one, words.change(one.before, one.after, one.agent.site.calendar.zone))
        for one in rows[:MOST_CHANGES]
    ]


def teams_waiting(user: User, now: datetime) -> Mapping[int, tuple[int, str]]:
    """The teams in which those people are now, by agent: key and name."""
    people = _waiting(user).order_by().values("agent")
    rows: Any = Agent.objects.filter(pk__in=people).with_team(now)
    return {
        pk: (team, name)
        for pk, team, name in rows.values_list("pk", "team_id", "team_name")
        if team is not None
    }


def _waiting(user: User) -> Any:
    return _unseen().visible_to(user).filter(is_short=True)


def facts() -> dict[str, Any]:
    """What of a reader's own days waits to be acknowledged, to find with the user."""
    rows = _unseen().filter(is_short=True, agent__user=OuterRef("pk")).order_by("pk")
    return {"changes_to_acknowledge": ArraySubquery(rows.values("pk"))}


def count(user: User) -> int:
    """How many changes the reader has to acknowledge; no query where `facts` came with them."""
    known: list[int] | None = getattr(user, "changes_to_acknowledge", None)
    agent = scope_of(user).agent
    if agent is None:
        return 0
    if known is None:
        return _unseen().filter(is_short=True, agent=agent).count()
    return len(known)


def _unseen() -> Any:
    return ShiftChange.objects.filter(is_published=True, acknowledged_at=None)


def _shifts(agent: Agent) -> Any:
    return KeptShift.objects.published().filter(agent=agent).select_related("template")


def _mine(shift: KeptShift, agent: Agent, now: datetime) -> Mine:
    zone = agent.site.calendar.zone
    pieces = [
        Piece(
            one.kind,
            words.part(one),
            words.clock(one.start, one.end, zone),
            one.start <= now < one.end,
        )
        for one in parts.of_shift(shift)
    ]
    template = shift.template
    name = template.name if template else ""
    if shift.is_on_call and not name:
        name = _("On call")
    return Mine(
        shift,
        words.clock(shift.begins_at, shift.ends_at, zone),
        name,
        template.colour if template else "",
        pieces,
        shift.begins_at <= now < shift.ends_at,
    )


def _contracts(agent: Agent) -> Sequence[AgentContract]:
    rows = AgentContract.objects.filter(agent=agent).select_related("contract")
    return tuple(rows.order_by("starts_on"))


def _days(
    agent: Agent, first: date, many: int, now: datetime, held: Sequence[AgentContract]
) -> list[MyDay]:
    """Four queries, however many days, and one of each who tells what else was agreed to."""
    last = first + (many - 1) * DAY
    agreed = _agreed(agent, first, last)
    shifts = {
        one.day: one for one in _shifts(agent).filter(day__gte=first, day__lte=last).order_by("day")
    }
    absences = list(
        Leave.objects.filter(
            Q(last_on=None) | Q(last_on__gte=first), agent=agent, first_on__lte=last
        ).select_related("leave_request")
    )
    # A roster of a queue group is of who serves it: of whom it has shifts.
    theirs = Q(group=None) | Q(shifts__agent=agent)
    rosters = list(
        KeptRoster.objects.published()
        .within(first, last)
        .filter(theirs, site=agent.site_id)
        .distinct()
    )
    hours_off = {
        one.first_on: one
        for one in LeaveRequest.objects.approved()
        .filter(agent=agent, first_on__gte=first, first_on__lte=last)
        .exclude(from_minute=None)
        .select_related("kind")
    }
    today = today_of(agent, now)
    works = Works(agent, agent.site, rules_of(agent.site), tuple(held))
    found = []
    for day in (first + n * DAY for n in range(many)):
        mine = _mine(shifts[day], agent, now) if day in shifts else None
        leave = next((one for one in absences if _is_absent(one, day)), None)
        takes = 0
        if leave is not None:
            takes = mine.minutes if mine else _leave_minutes(leave, day, works)
        part = hours_off.get(day) if leave is None else None
        if part is not None:
            takes = sum(one["minutes"] for one in part.days)
        found.append(
            MyDay(
                day,
                mine,
                leave.kind if leave is not None and (mine or takes) else "",
                any(one.first_day <= day <= one.last_day for one in rosters),
                day == today,
                takes,
                "" if part is None else _part(part),
                agreed.get(day, ()),
            )
        )
    return found


def _agreed(agent: Agent, first: date, last: date) -> Mapping[date, list[Agreed]]:
    """What somebody agreed to beside shifts, by the date on which it begins."""
    zone = agent.site.calendar.zone
    since, until = (datetime.combine(day, time(), zone) for day in (first, last + DAY))
    found: dict[date, list[Agreed]] = defaultdict(list)
    for one in engaged.of(agent, since, until):
        if not one.is_off:
            clock = words.clock(one.starts_at, one.ends_at, zone)
            day = one.starts_at.astimezone(zone).date()
            found[day].append(Agreed(clock, one.words, one.place, one.url))
    return found


def _part(row: LeaveRequest) -> str:
    """Hours of leave: "Holiday 09:30–12:00"."""
    assert row.part is not None
    begins, ends = (f"{one // 60:02}:{one % 60:02}" for one in row.part)
    return f"{row.kind.name} {begins}–{ends}"


def _leave_minutes(leave: Leave, day: date, works: Works) -> int:
    """What a day without a shift takes of leave: as much as its request says, of an absence that
    came of none what the contract has them work. So the calendar of time off tells it, too."""
    row: LeaveRequest | None = getattr(leave, "leave_request", None)
    if row is None:
        return works.by_contract(day)
    return sum(one["minutes"] for one in row.days if one["day"] == day.isoformat())


def _is_absent(one: Leave, day: date) -> bool:
    return one.first_on <= day and (one.last_on is None or day <= one.last_on)


def contract_minutes(agent: Agent, held: Sequence[AgentContract], first: date) -> int | None:
    """What is paid of a week by the contract that holds on its first day, else by lists."""
    for one in held:
        if one.starts_on <= first + 6 * DAY and (one.ends_on is None or first < one.ends_on):
            minutes: int | None = one.contract.week_minutes
            return minutes
    return None if agent.contract_hours is None else int(agent.contract_hours * 60)
