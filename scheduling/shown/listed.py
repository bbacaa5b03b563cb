"""The list of forecasts: every queue and group at a glance."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ccm.models import Queue, Site
from scheduling.made import grouped
from scheduling.models import Forecast, GroupForecast, QueueGroup, ScoredDay, Strayed
from scheduling.planned import layer
from scheduling.shown import byday
from scheduling.shown.facts import Week, first_week
from scheduling.shown.scored import JUDGED, Score, wape_of

# By so many days ahead a queue's forecasts are judged.
_LEADS = 7


@dataclass(frozen=True, slots=True)
class Line:
    """A queue on the list: its newest forecast and how its published ones did."""

    queue: Queue
    newest: Forecast | None
    """Where there is none, for it was published a moment ago, the last version."""
    published: int | None
    """The last version."""
    score: Score | None
    strayed: Strayed | None
    """The alert that stands: its days leave their bands."""
    more: float | None
    """How many calls more, or fewer, planners say of its first week; None: nothing."""

    @property
    def week(self) -> Week | None:
        return first_week(self.newest)

    @property
    def planned(self) -> float | None:
        """Calls of the first week that it is planned by, where planners say otherwise."""
        return None if self.week is None or self.more is None else self.week.calls + self.more

    @property
    def tried(self) -> float | None:
        """How far it would have been off on the queue's own weeks."""
        return None if self.newest is None else wape_of(self.newest, self.newest.method)

    @property
    def naive(self) -> float | None:
        return None if self.newest is None else wape_of(self.newest, "naive")


@dataclass(frozen=True, slots=True)
class GroupLine:
    """Queues as one, on the list."""

    group: QueueGroup
    forecast: GroupForecast | None
    more: float | None
    """As of a line."""

    @property
    def week(self) -> Week | None:
        return first_week(self.forecast)

    @property
    def planned(self) -> float | None:
        return None if self.week is None or self.more is None else self.week.calls + self.more


def listed(sites: Sequence[Site], now: datetime) -> tuple[list[Line], list[GroupLine]]:
    """Every queue of some sites, by name, and their groups. Nine queries at most."""
    queues = list(
        Queue.objects.filter(site__in=sites).select_related("site").order_by("site__name", "name")
    )
    newest = {one.queue_id: one for one in Forecast.objects.standing(queues)}
    found = QueueGroup.objects.filter(site__in=sites).order_by("name")
    groups = list(found.select_related("forecast").prefetch_related("queues"))
    more = _more(newest.values(), groups)
    return _lines(queues, newest, more, now), _group_lines(groups, newest, more)


_More = Mapping[int, Mapping[date, float]]
"""How many calls more or fewer planners say, by the ids of queues and by days."""


def _more(forecasts: Iterable[Forecast], groups: Sequence[QueueGroup]) -> _More:
    """Of the first weeks of some queues and groups. Two queries at most."""
    every = [*forecasts]
    told = (getattr(one, "forecast", None) for one in groups)
    weeks = [week for one in (*every, *told) if (week := first_week(one))]
    if not weeks:
        return {}
    said = layer.more(every, min(one.first for one in weeks), max(one.last for one in weeks))
    return {
        queue: {day: float(calls.sum()) for day, calls in by_day.items()}
        for queue, by_day in said.items()
    }


def _said(week: Week | None, more: _More, queues: Iterable[int]) -> float | None:
    """Of a week of some queues; None: nothing."""
    if week is None:
        return None
    return byday.more_within(week.first, week.last, *(more.get(one, {}) for one in queues))


def _group_lines(
    groups: Sequence[QueueGroup], newest: Mapping[int, Forecast], more: _More
) -> list[GroupLine]:
    lines = []
    for one in groups:
        told: GroupForecast | None = getattr(one, "forecast", None)
        theirs = [newest[queue.pk] for queue in one.queues.all() if queue.pk in newest]
        members = [] if told is None else grouped.parts(told, theirs)
        said = _said(first_week(told), more, [member.queue_id for member in members])
        lines.append(GroupLine(one, told, said))
    return lines


def _lines(
    queues: Sequence[Queue], newest: Mapping[int, Forecast], more: _More, now: datetime
) -> list[Line]:
    """Three queries."""
    versions = dict(
        Forecast.objects.published()
        .filter(queue__in=queues)
        .order_by("queue_id", "-version")
        .distinct("queue_id")
        .values_list("queue_id", "version")
    )
    scored = ScoredDay.objects.filter(
        forecast__queue__in=queues, lead__lte=_LEADS, day__gte=(now - JUDGED).date()
    ).summed("forecast__queue")
    scores = {row["forecast__queue"]: Score.of(row) for row in scored}
    strayed = {one.queue_id: one for one in Strayed.objects.standing().filter(queue__in=queues)}
    return [
        Line(
            one,
            newest.get(one.pk),
            versions.get(one.pk),
            scores.get(one.pk),
            strayed.get(one.pk),
            _said(first_week(newest.get(one.pk)), more, [one.pk]),
        )
        for one in queues
    ]
