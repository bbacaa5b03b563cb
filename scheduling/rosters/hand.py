"""Shifts by hand: what planners say of them in minutes of the clock, and what that comes to.

A shift's minutes are counted on the clock from the midnight of its day: 1,500 is one o'clock of the
next morning.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from scheduling.models import KeptRoster, KeptShift, ShiftTemplate
from scheduling.rosters import given, kept
from scheduling.rosters.edits import Wanted
from scheduling.rosters.given import Given
from scheduling.shifts import Kind, Problem, Shape
from scheduling.shifts.days import MINUTES
from scheduling.terms import read
from scheduling.terms.shapes import shape_id

Key = tuple[int, date]
FEWEST_MINUTES = 15
# More at once than a page has shifts of a month to freeze.
MOST_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Within:
    """A pause or another activity within a shift."""

    kind: str
    name: str
    start: int
    end: int
    is_paid: bool

    @property
    def is_pause(self) -> bool:
        return self.kind == KeptShift.Activity.PAUSE


@dataclass(frozen=True, slots=True)
class Clocked:
    """A shift by the clock. Without a template, of `shape`; `within` None: the pauses that its
    template has, where they usually are."""

    template: ShiftTemplate | None
    start: int
    minutes: int
    within: Sequence[Within] | None = None
    is_fixed: bool = False
    shape: Shape | None = None

    @property
    def end(self) -> int:
        return self.start + self.minutes


class Hand:
    """What a roster's shifts are made of, read as it is needed."""

    def __init__(self, roster: KeptRoster, templates: Mapping[int, ShiftTemplate] | None = None):
        self.roster = roster
        self.zone = ZoneInfo(roster.site.zone)
        if templates is not None:
            self.__dict__["templates"] = templates

    @cached_property
    def templates(self) -> Mapping[int, ShiftTemplate]:
        found: Mapping[int, ShiftTemplate] = ShiftTemplate.objects.filter(
            site=self.roster.site_id
        ).in_bulk()
        return found

    @cached_property
    def problem(self) -> Problem:
        """The roster's days and nights, without people or shapes."""
        said = read.rules(self.roster.site)
        return Problem(
            days=read.days(self.roster.site, self.roster.first_day, self.roster.days),
            shapes=(),
            people=(),
            night=(said.night_from, said.night_to),
            night_minutes=said.night_minutes,
        )

    def clock(self, day: date, moment: datetime) -> int:
        """The minutes of the clock from a day's midnight to a moment."""
        local = moment.astimezone(self.zone).replace(tzinfo=None)
        return round((local - datetime.combine(day, time())).total_seconds()) // 60

    def clocked(self, row: KeptShift) -> Clocked:
        """A row as it is, by the clock."""
        start = self.clock(row.day, row.begins_at)
        moment = datetime.fromisoformat
        return Clocked(
            template=self.templates.get(row.template_id or 0),
            start=start,
            minutes=self.clock(row.day, row.ends_at) - start,
            within=tuple(
                Within(
                    one["kind"], one["name"], self.clock(row.day, moment(one["start"])),
                    self.clock(row.day, moment(one["end"])), one["is_paid"],
                )
                for one in sorted(row.activities, key=lambda one: moment(one["start"]))
            ),
            is_fixed=row.is_fixed,
            shape=given.shape_of(row, self.zone, self.templates),
        )  # fmt: skip

    def given(self, day: date, said: Clocked) -> Given:
        """What a shift comes to on a day. Raises ValidationError where it is none."""
        if not 0 <= said.start < MINUTES:
            raise ValidationError(_("A shift begins on the day that it is of."))
        if not FEWEST_MINUTES <= said.minutes <= MINUTES:
            raise ValidationError(_("A shift lasts from a quarter of an hour to 24 hours."))
        number = (day - self.roster.first_day).days
        if not 0 <= number < self.roster.days:
            raise ValidationError(_("There is a day that is not of this roster."))
        shape = self._shape(said)
        problem = replace(self.problem, shapes=(shape,))
        begin = kept.begin_of(self.roster.site, self.roster.first_day)
        template = None if said.template is None else said.template.pk
        made = given.of_shape(
            problem, begin, number, given.placed(problem, number, shape), template,
            is_fixed=said.is_fixed,
        )  # fmt: skip
        if said.within is None:
            return made
        activities = [
            {
                "kind": one.kind,
                "name": one.name,
                "start": (begin + timedelta(minutes=problem.at(number, one.start))).isoformat(),
                "end": (begin + timedelta(minutes=problem.at(number, one.end))).isoformat(),
                "is_pause": one.is_pause,
                "is_paid": one.is_paid,
            }
            for one in sorted(said.within, key=lambda one: (one.start, one.end))
        ]
        return replace(made, activities=activities, worked_minutes=_worked(made, said, problem))

    def _shape(self, said: Clocked) -> Shape:
        if said.template is not None:
            shape = given.by_hand(said.template, said.start, said.minutes)
            if said.template.spells and shape.minutes != said.minutes:
                raise ValidationError(_("A split shift is as long as its template says."))
            return shape
        if said.shape is None:
            raise ValidationError(_("There is no such template at this site."))
        spells = said.shape.spells
        if said.shape.minutes != said.minutes:
            if len(spells) > 1:
                raise ValidationError(_("A split shift is as long as its template says."))
            spells = ((0, said.minutes),)
        name = shape_id(0, said.start, said.minutes)
        return replace(said.shape, id=name, start=said.start, spells=spells, template="")


def _worked(made: Given, said: Clocked, problem: Problem) -> int:
    """Minutes worked by the pauses that a shift has, not by those that its template would have."""
    shape = problem.shapes[0]
    if shape.kind is not Kind.WORK:
        return 0
    spans = sum(int((to - since).total_seconds()) // 60 for since, to in made.spells)
    unpaid = sum(
        one.end - one.start for one in said.within or () if one.is_pause and not one.is_paid
    )
    return max(spans - unpaid, 0)


def put(said: Clocked, start: int, minutes: int) -> Clocked:
    """The same shift at another time."""
    if minutes == said.minutes:
        return _moved(said, start)
    return _resized(said, start, minutes)


def _moved(said: Clocked, start: int) -> Clocked:
    """The same shift from another minute on, with all that is within it."""
    far = start - said.start
    within = said.within and [
        replace(one, start=one.start + far, end=one.end + far) for one in said.within
    ]
    return replace(said, start=start, within=within)


def _resized(said: Clocked, start: int, minutes: int) -> Clocked:
    """The same shift, shorter or longer: what is within it stays where it has room. A longer one
    keeps the pauses that it has; the rules tell where that is too few."""
    end = start + minutes
    within = said.within and [one for one in said.within if start <= one.start and one.end <= end]
    return replace(said, start=start, minutes=minutes, within=within)


def wanted(
    hand: Hand, there: Mapping[Key, KeptShift], said: Iterable[Mapping[str, Any]]
) -> list[Wanted]:
    """What changes of a board come to. Each says what to "do" with the shift of an "agent" on a
    "day": "remove" it; "put" it at "start" for "minutes", perhaps of "to_agent" on "to_day", or a
    new one of a "template" there; move what is "within" it at a "place", in the order of time, to
    "start", as long as it begins at "was", if that is said; or have it "fixed" or not. Raises
    ValidationError for what is none of these, or cannot be."""
    found: dict[Key, Given | None] = {}
    for number, one in enumerate(said):
        if number >= MOST_AT_ONCE or not isinstance(one, Mapping):
            raise ValidationError(_("That cannot be: look again."))
        found |= _wanted(hand, there, one)
    return [Wanted(agent, day, what) for (agent, day), what in found.items()]


def _wanted(
    hand: Hand, there: Mapping[Key, KeptShift], one: Mapping[str, Any]
) -> dict[Key, Given | None]:
    agent, day = _whole(one, "agent"), _day(one, "day")
    row, does = there.get((agent, day)), one.get("do")
    if does == "put" and row is None:
        template = hand.templates.get(_whole(one, "template"))
        said = Clocked(template, _whole(one, "start"), _whole(one, "minutes"))
        return {(agent, day): hand.given(day, said)}
    if row is None:
        raise ValidationError(_("This shift is not there any more: look again."))
    if does == "remove":
        return {(agent, day): None}
    has = hand.clocked(row)
    if does == "fix":
        return {(agent, day): replace(given.of_row(row), is_fixed=bool(one.get("fixed")))}
    if does == "within":
        return {(agent, day): hand.given(day, _shifted(has, one))}
    if does != "put":
        raise ValidationError(_("That cannot be: look again."))
    to = (_whole(one, "to_agent", agent), _day(one, "to_day", day))
    if to != (agent, day) and to in there:
        raise ValidationError(
            _("There is a shift on %(day)s already.") % {"day": date_format(to[1], "D j M")}
        )
    start, minutes = _whole(one, "start", has.start), _whole(one, "minutes", has.minutes)
    return {(agent, day): None, to: hand.given(to[1], put(has, start, minutes))}


def _shifted(has: Clocked, one: Mapping[str, Any]) -> Clocked:
    within, place, start = list(has.within or ()), _whole(one, "place"), _whole(one, "start")
    old = within[place] if place < len(within) else None
    if old is None or one.get("was", old.start) != old.start:
        raise ValidationError(_("This pause is not there any more: look again."))
    within[place] = replace(old, start=start, end=start + old.end - old.start)
    return replace(has, within=within)


def keys(said: Iterable[Any]) -> set[Key]:
    """Whose days some changes are about. Raises ValidationError for what is none."""
    found: set[Key] = set()
    for one in said:
        if not isinstance(one, Mapping):
            raise ValidationError(_("That cannot be: look again."))
        agent, day = _whole(one, "agent"), _day(one, "day")
        found |= {(agent, day), (_whole(one, "to_agent", agent), _day(one, "to_day", day))}
    return found


def _whole(one: Mapping[str, Any], name: str, without: int | None = None) -> int:
    value = one.get(name, without)
    # More than a week is no minute of a shift, but ids may be larger.
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise ValidationError(_("That cannot be: look again."))
    return value


def _day(one: Mapping[str, Any], name: str, without: date | None = None) -> date:
    value = one.get(name)
    if value is None and without is not None:
        return without
    try:
        found = parse_date(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None:
        raise ValidationError(_("That cannot be: look again."))
    return found
