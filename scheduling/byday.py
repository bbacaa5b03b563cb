"""The days and weeks of a forecast as tables and files have them: what came, what is expected with
its bands, and what it is planned by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from ccm import exports
from scheduling import kept, shown
from scheduling.forecast.history import Array
from scheduling.models import Forecast, GroupForecast
from scheduling.models.forecasts import DayTold


@dataclass(frozen=True, slots=True)
class Week:
    told: shown.Week
    planned: float | None
    """Calls that it is planned by; None: as forecast."""


def weeks(
    forecast: Forecast | GroupForecast, days: Sequence[DayTold], planned: Mapping[date, Array]
) -> list[Week]:
    """Each seven days from the first on."""
    found = []
    for week in shown.weeks_of(forecast):
        within = [one for one in days if week.first <= one.day <= week.last]
        is_planned = any(one.day in planned for one in within)
        found.append(Week(week, calls(within, planned) if is_planned else None))
    return found


def calls(days: Sequence[DayTold], planned: Mapping[date, Array]) -> float:
    """By which some days are planned together."""
    return sum(float(planned[one.day].sum()) if one.day in planned else one.total for one in days)


def before(days: Sequence[DayTold], came: Mapping[date, int]) -> list[tuple[date, int]]:
    """What came on the days before the first that is told."""
    return [(day, came[day]) for day in sorted(came) if not days or day < days[0].day]


def download(
    name: str, days: Sequence[DayTold], came: Mapping[date, int], planned: Mapping[date, Array]
) -> StreamingHttpResponse:
    """A file of days: those that came before, and all that are told."""
    header = [
        _("day"), _("came"), _("calls"), _("planned by"), _("80 % low"), _("80 % high"),
        _("95 % low"), _("95 % high"),
    ]  # fmt: skip
    rows: list[list[Any]] = [[day, many, *[None] * 6] for day, many in before(days, came)]
    rows += [
        [
            one.day, came.get(one.day), one.total,
            kept.number(planned[one.day].sum()) if one.day in planned else None,
            one.total_low80, one.total_high80, one.total_low95, one.total_high95,
        ]
        for one in days
    ]  # fmt: skip
    return exports.download(f"{name}-days.csv", header, rows)
