"""What the pages of scenarios show: columns of figures side by side, and whom to hire when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.models import Site
from ccm.templatetags.figures import MINUS, grouped, rounded
from scheduling.models import QueueMonths, Scenario
from scheduling.requirements import aims
from scheduling.scenarios import people, record
from scheduling.scenarios.capacity import Hiring, Month, hiring, planned
from scheduling.scenarios.people import PAID_HOURS, People
from scheduling.scenarios.reckoned import Work


@dataclass(frozen=True, slots=True)
class Row:
    """A month of a scenario."""

    first: date
    month: Month
    sure: Month | None
    """With so much work that 80 of 100 months take no more; None: too few months tell."""

    @property
    def is_short(self) -> bool:
        return self.gap < 0

    @property
    def gap(self) -> float:
        """Between what is there and what is needed as both are shown."""
        return between(self.month.there, self.month.needed)


@dataclass(frozen=True, slots=True)
class Column:
    """A scenario: its months, as far as it was reckoned, and what they come to."""

    scenario: Scenario
    work: Work | None
    people: People
    rows: list[Row]
    is_behind: bool
    """Newer months are known than it was reckoned with."""
    has_begun: bool
    """The first of its months is no longer ahead."""
    today: date

    @property
    def asked(self) -> str:
        """The service levels that its people are for, in words; empty: none was reckoned."""
        every = [] if self.work is None else self.work.asked
        if len(every) == 1:
            return aims.words(*every[0][:4])
        return ", ".join(
            ngettext("%(aim)s (%(n)d queue)", "%(aim)s (%(n)d queues)", many)
            % {"aim": aims.words(variant, level, seconds, limits), "n": many}
            for variant, level, seconds, limits, many in every
        )

    @property
    def peak(self) -> Row | None:
        """The month that needs the most."""
        return max(self.rows, key=lambda row: row.month.needed, default=None)

    @property
    def peak_sure(self) -> float | None:
        every = [row.sure.needed for row in self.rows if row.sure is not None]
        return max(every, default=None)

    @property
    def short(self) -> list[Row]:
        """Months in which too few are there."""
        if not self.people.has_people:
            return []
        return [row for row in self.rows if row.is_short]

    @property
    def worst(self) -> Row | None:
        """The month that lacks the most."""
        return min(self.short, key=lambda row: row.gap, default=None)

    @property
    def cost(self) -> float | None:
        """Of all months, of who is there, and who is planned to begin."""
        if not self.people.has_people:
            return None
        every = [row.month.cost for row in self.rows]
        return None if not every or None in every else sum(one or 0.0 for one in every)

    @property
    def hires(self) -> list[int]:
        """Who is planned to begin, by month."""
        return self.people.hires([row.first for row in self.rows])

    @property
    def rate(self) -> float | None:
        """Of a paid hour."""
        return self.people.staff.cost_per_hour

    @property
    def cost_needed(self) -> float | None:
        """Of all months, if there were just as many people as are needed."""
        if not self.rows or self.rate is None:
            return None
        return sum(self.cost_of(row) or 0.0 for row in self.rows)

    def cost_of(self, row: Row) -> float | None:
        """Of the people that a month needs, and their overtime."""
        if self.rate is None:
            return None
        staff = self.people.staff
        return row.month.needed * staff.paid_hours * (1 + staff.overtime) * self.rate

    def recruiting(self, *, sure: bool = False) -> "Recruiting | None":
        """Whom to hire when; None where it cannot be told."""
        if self.work is None or not self.people.has_people:
            return None
        hours = self.work.sure if sure else self.work.hours
        if hours is None:
            return None
        return recruiting(self, hours)


MOST_PLACES = 4


@dataclass(frozen=True, slots=True)
class Step:
    """A month of the recruiter's."""

    first: date
    need: float
    """Full-time equivalents, as good as those who do all that others do."""
    there: float
    """With those who are to be hired."""
    without: float
    """Without them."""
    planned: int
    """Who is to begin by the scenario itself."""
    hire: int
    recruit_by: date | None
    """When recruiting for them must begin; None: nobody is to be hired."""
    gap: float

    @property
    def is_late(self) -> bool:
        """Whether too few are there whatever is done."""
        return self.gap_shown < 0

    @property
    def gap_shown(self) -> float:
        """Between what is there and what is needed as both are shown."""
        return between(self.there, self.need, self.places)

    @property
    def places(self) -> int:
        """So many decimals its people are told with: as many as it takes to see that there are too
        few, for a rounded tenth may hide it; with those who are hired, or without them alone."""
        return max(_places(self.without, self.need), _places(self.there, self.need))

    @property
    def need_words(self) -> str:
        return grouped(self.need, self.places)

    @property
    def there_words(self) -> str:
        return grouped(self.there, self.places)

    @property
    def without_words(self) -> str:
        return grouped(self.without, self.places)

    @property
    def gap_words(self) -> str:
        return grouped(self.gap_shown, self.places)


def _places(there: float, needed: float) -> int:
    """So many decimals it takes to see that there are fewer than needed; one where nobody is
    missing, or less of somebody than the most decimals show."""
    if needed - there < 10**-MOST_PLACES:
        return 1
    seen = (n for n in range(1, MOST_PLACES) if between(there, needed, n) < 0)
    return next(seen, MOST_PLACES)


def asked_for(columns: Sequence[Column]) -> list[str]:
    """What nobody told of the people, in words."""
    words = {
        "fte": _("how many people there are"),
        "shrinkage": _("shrinkage"),
        "paid_hours": _("paid hours of a month (%(n)d stand for them)") % {"n": PAID_HOURS},
        "attrition": _("how many leave"),
        "training_months": _("months of training"),
        "ramp": _("what new people do at first"),
        "lead_weeks": _("weeks to recruit"),
    }
    missing = {name for one in columns for name in one.people.unknown}
    return [said for name, said in words.items() if name in missing]


def between(there: float, needed: float, places: int = 1) -> float:
    """A gap of two numbers that are shown with so many decimals, so that it is just what lies
    between them: a difference that is rounded by itself is now and then a tenth off."""
    return float(rounded(there, places) - rounded(needed, places))


@dataclass(frozen=True, slots=True)
class Recruiting:
    steps: list[Step]
    earliest: date | None
    """When whoever is recruited from today on can begin."""
    ready_after: int
    """Months from the first day until somebody does all that others do."""

    @property
    def hires(self) -> int:
        return sum(step.hire for step in self.steps)

    @property
    def next(self) -> Step | None:
        """The first who are to be hired."""
        return next((step for step in self.steps if step.hire), None)

    @property
    def late(self) -> list[Step]:
        return [step for step in self.steps if step.is_late]

    @property
    def worst(self) -> Step | None:
        return min(self.late, key=lambda step: step.gap, default=None)


def recruiting(column: Column, hours: Sequence[float]) -> Recruiting:
    """Whom to hire when, beside those who are planned to begin, for so many hours on calls.

    For months that come too soon nobody is hired whom later months do not need.
    """
    staff, lead = column.people.staff, timedelta(weeks=column.people.lead_weeks)
    firsts, told = [row.first for row in column.rows], column.hires
    earliest = next(
        (place for place, first in enumerate(firsts) if first - lead >= column.today), len(firsts)
    )
    found: Hiring = hiring(hours, staff, told, earliest, in_part=False)
    with_them, without = planned(hours, staff, found.hires), planned(hours, staff, told)
    steps = [
        Step(
            first=first,
            need=month.needed,
            there=month.there,
            without=alone.there,
            planned=before,
            hire=hires - before,
            recruit_by=first - lead if hires > before else None,
            gap=month.gap,
        )
        for first, month, alone, hires, before in zip(
            firsts, with_them, without, found.hires, told, strict=True
        )
    ]
    begins = firsts[earliest] if earliest < len(firsts) else None
    return Recruiting(steps, begins, staff.months_until_whole())


def columns(site: Site, scenarios: Sequence[Scenario], today: date) -> list[Column]:
    """Scenarios of a site, whose queues were read with them. Five queries at most."""
    base = next((one for one in scenarios if one.is_base), None) or (
        Scenario.objects.filter(site=site, is_base=True).first()
    )
    known = record.of(site, today)
    newest = (
        QueueMonths.objects.filter(queue__site=site)
        .order_by("-known_until")
        .values_list("known_until", flat=True)
        .first()
    )
    return [_column(one, base, known, newest, today) for one in scenarios]


def _column(
    scenario: Scenario,
    base: Scenario | None,
    known: record.Record,
    newest: date | None,
    today: date,
) -> Column:
    work = Work.of(scenario.work)
    told = people.of(scenario, base, known, work)
    rows: list[Row] = []
    if work is not None:
        hires = told.hires(work.months)
        every = planned(work.hours, told.staff, hires)
        sure = None if work.sure is None else planned(work.sure, told.staff, hires)
        rows = [
            Row(first, every[place], None if sure is None else sure[place])
            for place, first in enumerate(work.months)
        ]
    until = scenario.known_until
    is_behind = until is not None and newest is not None and until < newest
    has_begun = any(row.first <= today for row in rows)
    return Column(scenario, work, told, rows, is_behind, has_begun, today)


def changes(scenario: Scenario) -> list[str]:
    """What a scenario changes of the work, in words."""
    found = []
    for name, words in (
        ("volume", _("calls %(value)s")),
        ("growth", _("calls %(value)s each month")),
        ("aht", _("handle time %(value)s")),
    ):
        value = getattr(scenario, name)
        if value:
            found.append(words % {"value": _signed(float(value))})
    if scenario.aht_seconds is not None:
        found.append(_("handle time %(n)d s") % {"n": scenario.aht_seconds})
    if scenario.service_level is not None:
        found.append(_("service level %(value)s") % {"value": _percent(scenario.service_level)})
    if scenario.target_seconds is not None:
        found.append(_("within %(n)d s") % {"n": scenario.target_seconds})
    if scenario.patience_seconds is not None:
        found.append(_("patience %(n)d s") % {"n": scenario.patience_seconds})
    if scenario.occupancy is not None:
        found.append(_("occupancy at most %(value)s") % {"value": _percent(scenario.occupancy)})
    if scenario.hours:
        found.append(_("other opening hours"))
    if not scenario.is_base:
        found += _people_words(scenario)
    return found


def _people_words(scenario: Scenario) -> list[str]:
    found = []
    for name, words in (
        ("shrinkage", _("shrinkage %(value)s")),
        ("attrition", _("%(value)s leave in a month")),
        ("overtime", _("overtime up to %(value)s")),
    ):
        value = getattr(scenario, name)
        if value is not None:
            found.append(words % {"value": _percent(value)})
    if scenario.fte is not None:
        found.append(_("people now: %(n)s") % {"n": f"{scenario.fte:g}"})
    if scenario.training_months is not None:
        months = scenario.training_months
        words = ngettext("%(n)d month of training", "%(n)d months of training", months)
        found.append(words % {"n": months})
    first = (scenario.work or {"months": []})["months"][:1]
    begin = sum(
        many for month, many in scenario.hires.items() if not first or month >= first[0][:7]
    )
    if begin:
        found.append(ngettext("%(n)d begins", "%(n)d begin", begin) % {"n": begin})
    return found


def _signed(share: float) -> str:
    return f"{'+' if share > 0 else MINUS}{abs(share) * 100:.10g} %"


def _percent(share: object) -> str:
    return f"{float(str(share)) * 100:.10g} %"
