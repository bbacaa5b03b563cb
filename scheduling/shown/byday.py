"""The days and weeks of a forecast as tables and files have them: what came, what is expected with
its bands, and what it is planned by."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from ccm import exports
from ccm.models import Site
from kpis import usual
from scheduling.forecast.history import Array
from scheduling.made import kept
from scheduling.models import Forecast, GroupForecast, KnownEvent
from scheduling.models.forecasts import DayTold
from scheduling.shown import facts


@dataclass(frozen=True, slots=True)
class Line:
    """A day of a table. Of days before the first that is told there is no `row`."""

    day: date
    row: DayTold | None
    planned: Array | None
    """Calls of intervals that it is planned by; None: as forecast."""
    url: str
    """Where its intervals are."""
    came: int | None
    special: str
    """The holiday and the events that it is a day of; empty: none."""


def lines(
    days: Sequence[DayTold],
    came: Mapping[date, int],
    planned: Mapping[date, Array],
    special: Mapping[date, str],
    url: Callable[[date], str],
) -> list[Line]:
    """The days that are told."""
    return [
        Line(
            one.day,
            one,
            planned.get(one.day),
            url(one.day),
            came.get(one.day),
            special.get(one.day, ""),
        )
        for one in days
    ]


def lines_before(
    days: Sequence[DayTold], came: Mapping[date, int], special: Mapping[date, str]
) -> list[Line]:
    """Those before them, the newest first."""
    return [
        Line(day, None, None, "", many, special.get(day, ""))
        for day, many in reversed(before(days, came))
    ]


def special(
    site: Site, days: Sequence[DayTold], came: Mapping[date, int], events: Iterable[KnownEvent]
) -> dict[date, str]:
    """By day the holiday that it is and the events that it is a day of, of days that are told and
    those before them; none of days like others."""
    known = [*events]
    told = {one.day: one.holiday for one in days}
    found = {}
    for day in {*told, *came}:
        holiday = told[day] if day in told else usual.holiday(site, day)
        names = [holiday, *(one.kind for one in known if one.first <= day <= one.last)]
        if words := ", ".join(dict.fromkeys(name for name in names if name)):
            found[day] = words
    return found


@dataclass(frozen=True, slots=True)
class Week:
    told: facts.Week
    planned: float | None
    """Calls that it is planned by; None: as forecast."""


def weeks(
    forecast: Forecast | GroupForecast, days: Sequence[DayTold], planned: Mapping[date, Array]
) -> list[Week]:
    """Each seven days from the first on."""
    said = more(days, planned)
    found = []
    for week in facts.weeks_of(forecast):
        of_it = more_within(week.first, week.last, said)
        found.append(Week(week, None if of_it is None else week.calls + of_it))
    return found


def more(days: Iterable[DayTold], planned: Mapping[date, Array]) -> dict[date, float]:
    """How many calls more, or fewer, than forecast days are planned by, of those of which planners
    say otherwise."""
    return {
        one.day: float(planned[one.day].sum()) - one.total for one in days if one.day in planned
    }


def more_within(first: date, last: date, *said: Mapping[date, float]) -> float | None:
    """The same of all days from one to another, of one queue or several; None: nothing is said."""
    told = [calls for of_it in said for day, calls in of_it.items() if first <= day <= last]
    return sum(told) if told else None


def before(days: Sequence[DayTold], came: Mapping[date, int]) -> list[tuple[date, int]]:
    """What came on the days before the first that is told."""
    return [(day, came[day]) for day in sorted(came) if not days or day < days[0].day]


def download(
    name: str,
    days: Sequence[DayTold],
    came: Mapping[date, int],
    planned: Mapping[date, Array],
    special: Mapping[date, str],
) -> StreamingHttpResponse:
    """A file of days: those that came before, and all that are told."""
    header = [
        _("day"), _("came"), _("calls"), _("planned by"), _("80 % low"), _("80 % high"),
        _("95 % low"), _("95 % high"), _("special days and events"),
    ]  # fmt: skip
    rows: list[list[Any]] = [
        [day, many, *[None] * 6, special.get(day)] for day, many in before(days, came)
    ]
    rows += [
        [
            one.day, came.get(one.day), one.total,
            kept.number(planned[one.day].sum()) if one.day in planned else None,
            one.total_low80, one.total_high80, one.total_low95, one.total_high95,
            special.get(one.day),
        ]
        for one in days
    ]  # fmt: skip
    return exports.download(f"{name}-days.csv", header, rows)
