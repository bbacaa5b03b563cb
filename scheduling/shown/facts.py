"""What the pages of forecasts show: rows and sums of what is kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.intervals import day_of
from ccm.models import Queue, Site
from kpis.reads import reading
from scheduling.forecast import bands
from scheduling.models import (
    DayWord,
    Forecast,
    ForecastDay,
    GroupForecast,
    KnownEvent,
    Override,
)
from scheduling.models.forecasts import DayTold

# Days that were, beside those to come.
_BEFORE = timedelta(days=56)
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Week:
    first: date
    calls: float
    low80: float | None
    high80: float | None
    low95: float | None
    high95: float | None

    @property
    def last(self) -> date:
        return self.first + timedelta(days=_WEEK - 1)


def weeks_of(forecast: Forecast | GroupForecast) -> list[Week]:
    return [Week(date.fromisoformat(first), *rest) for first, *rest in forecast.weeks]


def first_week(forecast: Forecast | GroupForecast | None) -> Week | None:
    weeks = [] if forecast is None else weeks_of(forecast)
    return weeks[0] if weeks else None


def is_nearest(forecast: Forecast) -> bool:
    """Whether the method taken is the first of those tried: a mean of two may be nearer, by less
    than is worth it."""
    return not forecast.trials or forecast.trials[0]["method"] == forecast.method


def outer_band(forecast: Forecast | GroupForecast, days: Sequence[DayTold] | None = None) -> str:
    """Why the bands of 95 % are not of own errors alone, in words, or why none of these days has
    any; empty where they are."""
    if days and all(one.total_high80 is None and one.total_high95 is None for one in days):
        return _("No error of its own is known yet, and none of similar queues: it has no bands.")
    if forecast.has_own_tails:
        return ""
    many, others = forecast.error_days, getattr(forecast, "borrowed_from", 0)
    if many < bands.fewest(_OUTER):
        why = _("Fewer than %(n)d days of its own errors are known") % {"n": bands.fewest(_OUTER)}
    else:
        # What was missed lately has moved the level (Gibbs and Candès).
        words = ngettext(
            "Lately more days than was said lay outside the outer band: it asks for more than the"
            " %(n)d day of its own errors can tell",
            "Lately more days than was said lay outside the outer band: it asks for more than the"
            " %(n)d days of its own errors can tell",
            many,
        )
        why = words % {"n": many}
    if not others:
        what = _("it is the largest of them, or what their spread says where that is further.")
    else:
        words = ngettext(
            "bands that lack them borrow those of %(n)d similar queue.",
            "bands that lack them borrow those of %(n)d similar queues.",
            others,
        )
        what = words % {"n": others}
    return f"{why}: {what}"


_OUTER = 0.95


def within(said: Iterable[Override], days: Sequence[ForecastDay]) -> list[Override]:
    """What planners say against some days."""
    if not days:
        return []
    return [one for one in said if one.last >= days[0].day and one.first <= days[-1].day]


def events(queue: Queue, days: Sequence[ForecastDay]) -> list[KnownEvent]:
    """Events of the weeks before some days, and of these. One query."""
    if not days:
        return []
    first = days[0].day - _BEFORE
    return list(KnownEvent.objects.filter(queues=queue, last__gte=first, first__lte=days[-1].day))


@dataclass(frozen=True, slots=True)
class DaySaid:
    """A day of the past that is unlike others, or of which somebody said whether it is kept."""

    day: date
    calls: float | None
    deviations: float | None
    word: DayWord | None

    @property
    def is_kept(self) -> bool:
        return self.word is not None and self.word.is_kept


def days_said(queue: Queue, forecast: Forecast | None) -> list[DaySaid]:
    """The newest first. One query."""
    words = {one.day: one for one in DayWord.objects.filter(queue=queue).select_related("said_by")}
    found = {date.fromisoformat(one["day"]): one for one in (forecast.outliers if forecast else ())}
    return [
        DaySaid(
            day,
            found[day]["calls"] if day in found else None,
            found[day]["deviations"] if day in found else None,
            words.get(day),
        )
        for day in sorted({*found, *words}, reverse=True)
    ]


def came(
    site: Site, queues: Sequence[int], days: Sequence[DayTold], now: datetime
) -> dict[date, int]:
    """Calls on some queues of the days before a forecast, and of its own as far as they are over.
    One query."""
    if not days:
        return {}
    today = day_of(now, site.calendar)
    last = min(today - timedelta(days=1), days[-1].day)
    selection = reading.Selection(
        sites=[site.pk], queues=[*queues], first=days[0].day - _BEFORE, last=last
    )
    found: dict[date, int] = {}
    for by_day in reading.offered_by_queue(selection, "day").values():
        for day, many in by_day.items():
            found[day] = found.get(day, 0) + many
    return found
