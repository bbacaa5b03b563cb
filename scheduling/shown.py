"""What the pages of forecasts show: rows and sums of what is kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Self

from ccm.intervals import day_of
from ccm.models import Queue, Site
from kpis.reads import reading
from scheduling.models import Forecast, ForecastDay, ScoredDay

# So far back a queue's forecasts are judged on the list, and so many days ahead.
_JUDGED, _LEADS = timedelta(days=28), 7
# Days that were, beside those to come.
_BEFORE = timedelta(days=56)
_WEEK = 7
# Of fewer days it is not said whether a forecast is better than the naive one.
_FEWEST_DAYS = 5


@dataclass(frozen=True, slots=True)
class Score:
    """Of some days of published forecasts: shares of the calls that came; None: of nothing."""

    days: int
    wape: float | None
    naive_wape: float | None
    bias: float | None
    within80: float | None
    within95: float | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """From sums of scored days."""
        came, intervals = row["actual_sum"], row["intervals_sum"]
        return cls(
            row["days"],
            _share(row["error_sum"], came),
            _share(row["naive_error_sum"], came),
            _share(row["expected_sum"] - came, came),
            _share(row["within80_sum"], intervals),
            _share(row["within95_sum"], intervals),
        )

    @property
    def is_worse(self) -> bool:
        """Whether the naive one was nearer, over days enough to say so."""
        if self.wape is None or self.naive_wape is None or self.days < _FEWEST_DAYS:
            return False
        return self.wape > self.naive_wape


def _share(above: float, below: float) -> float | None:
    return above / below if below else None


@dataclass(frozen=True, slots=True)
class Line:
    """A queue on the list: its newest forecast and how its published ones did."""

    queue: Queue
    newest: Forecast | None
    published: int | None
    """The last version."""
    score: Score | None

    @property
    def week(self) -> "Week | None":
        weeks = weeks_of(self.newest) if self.newest else []
        return weeks[0] if weeks else None

    @property
    def tried(self) -> float | None:
        """How far it would have been off on the queue's own weeks."""
        return None if self.newest is None else wape_of(self.newest, self.newest.method)

    @property
    def naive(self) -> float | None:
        return None if self.newest is None else wape_of(self.newest, "naive")


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


def weeks_of(forecast: Forecast) -> list[Week]:
    return [Week(date.fromisoformat(first), *rest) for first, *rest in forecast.weeks]


def wape_of(forecast: Forecast, method: str) -> float | None:
    """The error of a method on the queue's own weeks before a forecast was made."""
    found = (one["wape"] for one in forecast.trials if one["method"] == method)
    return next(found, None)


def lines(sites: Sequence[Site], now: datetime) -> list[Line]:
    """Every queue of some sites, by name. Four queries."""
    queues = list(
        Queue.objects.filter(site__in=sites).select_related("site").order_by("site__name", "name")
    )
    newest = {one.queue_id: one for one in Forecast.objects.newest().filter(queue__in=queues)}
    versions = dict(
        Forecast.objects.published()
        .filter(queue__in=queues)
        .order_by("queue_id", "-version")
        .distinct("queue_id")
        .values_list("queue_id", "version")
    )
    scored = ScoredDay.objects.filter(
        forecast__queue__in=queues, lead__lte=_LEADS, day__gte=(now - _JUDGED).date()
    ).summed("forecast__queue")
    scores = {row["forecast__queue"]: Score.of(row) for row in scored}
    return [
        Line(one, newest.get(one.pk), versions.get(one.pk), scores.get(one.pk)) for one in queues
    ]


def ledger(queue: Queue) -> list[tuple[int, Score]]:
    """How a queue's published forecasts did by how many weeks ahead they told, 1 the first. One
    query."""
    by_lead = ScoredDay.objects.filter(forecast__queue=queue).summed("lead")
    weeks: dict[int, list[Mapping[str, Any]]] = {}
    for row in by_lead:
        weeks.setdefault((row["lead"] - 1) // _WEEK + 1, []).append(row)
    return [(week, Score.of(_together(rows))) for week, rows in sorted(weeks.items())]


def _together(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for row in rows:
        for name, value in row.items():
            if name != "lead":
                found[name] = found.get(name, 0) + value
    return found


def came(queue: Queue, days: Sequence[ForecastDay], now: datetime) -> dict[date, int]:
    """Calls of the days before a forecast, and of its own as far as they are over. One query."""
    if not days:
        return {}
    today = day_of(now, queue.site.calendar)
    last = min(today - timedelta(days=1), days[-1].day)
    selection = reading.Selection(
        sites=[queue.site_id], queues=[queue.pk], first=days[0].day - _BEFORE, last=last
    )
    return reading.offered_by_queue(selection, "day").get(queue.pk, {})
