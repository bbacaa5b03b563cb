"""How forecasts did: what was said, held against what came, as shares of what came."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Self

from django.db.models import BigIntegerField, Count, F, FloatField, IntegerField, Max, Sum, Value
from django.utils.translation import gettext as _

from ccm.models import Queue
from ccm.templatetags.figures import DASH, percent, rounded
from scheduling.models import DayAhead, Forecast, ScoredDay
from scheduling.querysets import SUMS

JUDGED = timedelta(days=28)
"""So far back what was told of a queue is judged by."""
_WEEK = 7
# Of fewer days it is not said whether a forecast is better than the naive one.
_FEWEST_DAYS = 5


@dataclass(frozen=True, slots=True)
class Score:
    """Of some days of forecasts: shares of the calls that came; None: of nothing."""

    days: int
    last: date
    """The newest of them."""
    wape: float | None
    naive_wape: float | None
    bias: float | None
    within80: float | None
    within95: float | None
    overridden_days: int
    """Days of which planners said otherwise, and how far both were off on them."""
    overridden_wape: float | None
    model_wape: float | None
    aht_wape: float | None
    naive_aht_wape: float | None
    """How far handle times were off, each by as many contacts as were handled: shares of the time
    that these took."""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """From sums of scored days."""
        came, banded = row["actual_sum"], row["banded_sum"]
        overridden = row.get("overridden_actual", 0)
        return cls(
            row["days"],
            row["last_day"],
            _share(row["error_sum"], came),
            _share(row["naive_error_sum"], came),
            _share(row["expected_sum"] - came, came),
            _share(row["within80_sum"], banded),
            _share(row["within95_sum"], banded),
            row.get("overridden_days", 0),
            _share(row.get("overridden_planned_error", 0), overridden),
            _share(row.get("overridden_error", 0), overridden),
            _share(row["handle_error_sum"], row["handle_seconds_sum"]),
            _share(row["naive_handle_error_sum"], row["handle_seconds_sum"]),
        )

    @property
    def bias_words(self) -> str:
        return bias_words(self.bias)

    @property
    def is_worse(self) -> bool:
        """Whether the naive one was nearer, over days enough to say so."""
        if self.wape is None or self.naive_wape is None or self.days < _FEWEST_DAYS:
            return False
        return self.wape > self.naive_wape

    @property
    def helped(self) -> bool | None:
        """Whether the planners' word was nearer than the forecast; None: not known of so few."""
        if self.overridden_wape is None or self.model_wape is None:
            return None
        if self.overridden_days < _FEWEST_DAYS:
            return None
        return self.overridden_wape < self.model_wape


def _share(above: float, below: float) -> float | None:
    return above / below if below else None


def bias_words(bias: float | None) -> str:
    """By how many calls too many or too few were expected on the whole, of all that came."""
    if bias is None or not rounded(bias, 3):
        return DASH if bias is None else _("neither")
    words = _("%(share)s too many") if bias > 0 else _("%(share)s too few")
    return words % {"share": percent(abs(bias))}


@dataclass(frozen=True, slots=True)
class Trust:
    """Whether a queue's forecast deserves belief: how far it was off, beside the naive one."""

    wape: float | None
    naive_wape: float | None
    days: int | None
    """Of so many days of the last weeks, as they were told the night before; None: of the queue's
    own weeks, on which methods were tried."""
    strays: bool
    """Whether its days leave their bands."""

    @property
    def level(self) -> str:
        if self.wape is None or self.naive_wape is None:
            return "warn" if self.strays else "none"
        return "warn" if self.strays or self.wape > self.naive_wape else "ok"

    @property
    def words(self) -> str:
        if self.strays:
            return _("leaves its band")
        if self.wape is None:
            return _("not known yet")
        if self.naive_wape is None:
            return _("naive was not asked")
        if self.wape > self.naive_wape:
            return _("naive was nearer")
        return _("to be believed") if self.wape < self.naive_wape else _("as near as naive")


def trust(told: Forecast, lately: Score | None, *, strays: bool) -> Trust:
    """By the last weeks where they tell enough, else by its trials."""
    if lately is not None and lately.wape is not None and lately.days >= _FEWEST_DAYS:
        return Trust(lately.wape, lately.naive_wape, lately.days, strays)
    return Trust(wape_of(told, told.method), wape_of(told, "naive"), None, strays)


def wape_of(forecast: Forecast, method: str) -> float | None:
    """The error of a method on the queue's own weeks before a forecast was made."""
    found = (one["wape"] for one in forecast.trials if one["method"] == method)
    return next(found, None)


@dataclass(frozen=True, slots=True)
class Scores:
    """How some versions did: by how many weeks ahead they told, 1 the first, and all together;
    None: no day of theirs is over."""

    weeks: list[tuple[int, Score]]
    whole: Score | None

    @property
    def lines(self) -> list[tuple[int | None, Score]]:
        """By weeks ahead, and at the end (None) all together; nothing of no day."""
        return [*self.weeks, *([(None, self.whole)] if self.whole else [])]


@dataclass(frozen=True, slots=True)
class Ledger(Scores):
    """How a queue's published forecasts did, all of them together."""

    versions: Mapping[int, Scores]
    """Each alone, by its number; none of which no day is over."""
    lately: Score | None
    """How the newest told a day the night before, published or not, over the last four weeks; None:
    no day. Where logs come each week, that is the first day of each."""

    def of_version(self, version: int | None) -> Scores:
        """How one of them did."""
        return self.versions.get(version or 0, Scores([], None))


def _scores(rows: Iterable[Mapping[str, Any]]) -> Scores:
    """From sums of scored days, by their `week`."""
    by_week: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_week.setdefault(row["week"], []).append(row)
    every = [row for some in by_week.values() for row in some]
    return Scores(
        [(week, Score.of(_together(some))) for week, some in sorted(by_week.items())],
        Score.of(_together(every)) if every else None,
    )


def ledger(queue: Queue, now: datetime) -> Ledger:
    """One query."""
    week = (F("lead") - 1) / _WEEK + 1  # of whole numbers
    said = ScoredDay.objects.filter(forecast__queue=queue).annotate(week=week)
    nights = DayAhead.objects.night_before().filter(queue=queue, day__gte=(now - JUDGED).date())
    both = (
        said.summed("forecast", "week")
        .order_by()
        .annotate(version=Max("forecast__version"))
        .union(
            nights.values("queue", "lead")
            .order_by()
            .annotate(
                days=Count("pk"),
                last_day=Max("day"),
                **{f"{one}_sum": Sum(one) for one in SUMS},
                # Of these planners said nothing.
                overridden_days=Value(0, BigIntegerField()),
                **{
                    f"overridden_{one}": Value(0.0, FloatField())
                    for one in ("actual", "error", "planned_error")
                },
                version=Value(None, IntegerField()),
            ),
            all=True,
        )
    )
    versions: dict[int, list[Mapping[str, Any]]] = {}
    lately: Score | None = None
    for row in both:
        if row["version"] is None:
            lately = Score.of(row)
        else:
            versions.setdefault(row["version"], []).append(row)
    every = _scores(row for rows in versions.values() for row in rows)
    return Ledger(
        every.weeks,
        every.whole,
        {version: _scores(rows) for version, rows in sorted(versions.items())},
        lately,
    )


_KEYS = {"forecast", "week", "version", "last_day"}


def _together(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Sums of some rows, with the newest of their days."""
    some = list(rows)
    names = some[0].keys() - _KEYS
    found = {name: sum(row[name] for row in some) for name in names}
    return found | {"last_day": max(row["last_day"] for row in some)}
