"""What the pages of bids tell: lines without their names, how far a round is, and what it gives."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.utils import timezone

from ccm.access import scope_of
from ccm.models import Agent, User
from scheduling.bids import lines as of_lines
from scheduling.bids import words
from scheduling.fairness.facts import Burden
from scheduling.models import Bid, BidLine, BidRound, KeptRoster, ShiftTemplate
from scheduling.rosters import given, reads
from scheduling.rosters.given import Given, Saying
from scheduling.terms import read


@dataclass(frozen=True, slots=True)
class Listed:
    """A round of a list, in words: for whom, by what, and how many have chosen."""

    round: BidRound
    for_whom: str
    criteria: str
    ranked: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A shift of a line: "09:00–17:00", by the site's clock, and its pauses likewise."""

    clock: str
    name: str
    colour: str
    pauses: Sequence[str]


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as people choose it: its days (None: off), when it works in words, what it counts."""

    number: int
    cells: Sequence[Cell | None]
    when: str
    minutes: int
    days: int
    weekends: int
    nights: int
    lates: int
    splits: int
    holidays: int

    @property
    def of_which(self) -> str:
        """How many of its shifts are burdens: "2 on weekends, 1 late"; empty where none is."""
        return words.burdens(
            weekends=self.weekends, holidays=self.holidays, lates=self.lates, nights=self.nights,
            splits=self.splits,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gets:
    """What somebody gets, for planners."""

    bid: Bid
    agent: Agent
    place: str
    fairness: str
    choices: Sequence[str]


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that somebody cannot choose, and why."""

    line: Shown
    why: Sequence[str]


def rounds(rows: Iterable[Any]) -> list[Listed]:
    """Rounds, `with_counts`, as they are listed."""
    return [
        Listed(
            one, words.chosen_by(one), words.criteria(one), words.ranked(one.have_ranked, one.many)
        )
        for one in rows
    ]


def lines_of(held: BidRound) -> list[Shown]:
    """The lines of a round by number. Two queries."""
    roster = held.roster
    templates = ShiftTemplate.objects.filter(site=roster.site_id).in_bulk()
    return [_line(one, roster, templates) for one in held.lines.all()]


def _line(line: BidLine, roster: KeptRoster, templates: Mapping[int, ShiftTemplate]) -> Shown:
    shifts = of_lines.givens(line)
    counts, days = line.counts, reads.days_of(roster)
    cells = [_cell(shifts.get(day), roster, templates) for day in days]
    return Shown(
        number=line.number,
        cells=cells,
        when=words.when([(day, one.clock) for day, one in zip(days, cells, strict=True) if one]),
        minutes=counts.get("minutes", 0),
        days=counts.get("days", 0),
        weekends=counts.get(Burden.WEEKEND, 0),
        nights=counts.get(Burden.NIGHT, 0),
        lates=counts.get(Burden.LATE, 0),
        splits=counts.get(Burden.SPLIT, 0),
        holidays=counts.get(Burden.HOLIDAY, 0),
    )


def _cell(
    one: Given | None, roster: KeptRoster, templates: Mapping[int, ShiftTemplate]
) -> Cell | None:
    if one is None:
        return None
    template = templates.get(one.template or 0)

    def clock(since: datetime, to: datetime) -> str:
        begins, ends = (moment.astimezone(roster.site.tz) for moment in (since, to))
        return f"{begins:%H:%M}–{ends:%H:%M}"

    moment = datetime.fromisoformat
    return Cell(
        clock=", ".join(clock(since, to) for since, to in one.spells),
        name=template.name if template else "",
        colour=template.colour if template else "",
        pauses=[
            f"{each['name']} {clock(moment(each['start']), moment(each['end']))}"
            for each in one.activities
        ],
    )


def given_of(held: BidRound) -> list[Gets]:
    """Who gets which line and why, in the order in which they chose. One query."""
    bids = list(held.bids.select_related("agent", "line").order_by("place", "agent__name"))
    first = held.roster.first_day
    return [
        Gets(
            bid=one,
            agent=one.agent,
            place=words.place(one, len(bids)),
            fairness=words.fairness(one, held),
            choices=words.choices(one, first),
        )
        for one in bids
    ]


def breaks(held: BidRound, given: Iterable[Gets]) -> list[str]:
    """Rules between people that what is proposed would newly break, with names."""
    names = {read.person_id(one.agent.pk): one.agent.name for one in given}
    return words.breaks(held, names)


def refused(bid: Bid, lines: Iterable[Shown], first_day: date) -> list[Refused]:
    """The lines that are not open to somebody."""
    return [
        Refused(one, words.against(bid.against[str(one.number)], first_day))
        for one in lines
        if str(one.number) in bid.against
    ]


def given_days(roster: KeptRoster) -> set[tuple[int, date]]:
    """The agents and days whose shifts rounds on a roster gave out. One query."""
    bids = Bid.objects.filter(round__roster=roster, round__state=BidRound.State.AWARDED)
    return {
        (one.agent_id, day)
        for one in bids.select_related("line")
        if one.line is not None
        for day in of_lines.givens(one.line)
    }


def is_as_given(bid: Bid, roster: KeptRoster) -> bool:
    """Whether somebody's shifts of a roster are still those of the line that they got. One
    query."""
    assert bid.line is not None
    there = {one.day: given.of_row(one) for one in roster.shifts.filter(agent=bid.agent_id)}
    return _unfixed(there) == _unfixed(of_lines.givens(bid.line))


def _unfixed(shifts: Mapping[date, Given]) -> dict[date, Saying]:
    return {day: replace(one, is_fixed=False).values() for day, one in shifts.items()}


def on_draft(roster: KeptRoster) -> list[str]:
    """What goes with a draft of bids, in words; nothing where there was no round on it. One
    query."""
    rounds: Any = BidRound.objects.filter(roster=roster)
    rounds = rounds.exclude(state=BidRound.State.CALLED_OFF)
    return [words.goes_with_it(one, one.have_ranked, one.many) for one in rounds.with_counts()]


def facts() -> dict[str, Any]:
    """When each round closes in which a reader has ranked nothing yet, to find with the user."""
    return {"bids_to_rank": ArraySubquery(_unranked(OuterRef("pk")).values("round__closes_at"))}


def count(user: User) -> int:
    """How many open rounds wait for a reader's ranking; no query where `facts` came with them."""
    if scope_of(user).agent is None:
        return 0
    known: list[datetime] | None = getattr(user, "bids_to_rank", None)
    if known is None:
        known = list(_unranked(user.pk).values_list("round__closes_at", flat=True))
    now = timezone.now()
    return sum(one > now for one in known)


def _unranked(user: Any) -> Any:
    rows = Bid.objects.filter(agent__user=user, round__state=BidRound.State.OPEN, ranked=[])
    return rows.order_by("pk")
