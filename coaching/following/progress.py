"""What became of the measure of a step since it was agreed on, against as long before, as far as
the record goes back."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from ccm.access import scope_of
from ccm.intervals import Calendar, Days, day_of
from ccm.models import Agent
from ccm.querysets import Viewer
from coaching.access import agents_coached
from coaching.measured.spans import Spans, since_agreed
from coaching.models import Action
from kpis import agent_days
from kpis.agent_days import AgentDays
from kpis.declaration import Need
from kpis.definitions import KPIS, Unit
from kpis.noise import Change, Interval, Part, change
from kpis.reads import reading
from qa.after.trend import FEWEST
from qa.models import Answer, Evaluation

Why = Literal["", "soon", "few", "no_record"]


@dataclass(frozen=True, slots=True)
class Progress:
    """A step's measure on the days since it was agreed on, and on as many before, or on as many as
    there is a record of: None where there is none. `difference` is now - before with its 95 %
    interval; without one `why` says why it cannot be told yet. `good`: which way is better, "up" or
    "down", else neither."""

    unit: Unit
    good: str
    spans: Spans | None = None
    now: float | None = None
    n: int = 0
    before: float | None = None
    n_before: int = 0
    difference: Interval | None = None
    why: Why = ""

    @property
    def word(self) -> Literal["", "better", "worse", "more", "less", "noise"]:
        """What the change is; "" where it cannot be told yet."""
        if self.difference is None:
            return ""
        if self.difference.low <= 0 <= self.difference.high:
            return "noise"
        up = self.difference.low > 0
        if self.good not in ("up", "down"):
            return "more" if up else "less"
        return "better" if up == (self.good == "up") else "worse"


AT_ONCE: frozenset[Need] = frozenset({"time", "repeats"})


def is_told_at_once(action: Action, needs: frozenset[Need] = AT_ONCE) -> bool:
    """Whether its measure is read from counts of calls, time and repeats alone, or from calls and
    these `needs`: what else there is to read is asked for on the step's own page."""
    kpi = KPIS.get(action.kpi)
    return kpi is None or kpi.default.reads(kpi.parameters) <= needs


Against = Callable[[Action, date], Spans | None]
"""Which days a step is told on, up to a last one; None: there is none yet."""


def of_actions(
    actions: Sequence[Action],
    agent: Agent,
    user: Viewer,
    now: datetime,
    against: Against | None = None,
    *,
    reads_figures: bool | None = None,
) -> dict[int, Progress]:
    """The progress of those steps of an agent that have a measure, by id, on the days since each
    was agreed on unless `against` says others; of criteria in reviews that the user may read, of
    KPIs where the agent's figures are theirs to read (`reads_figures`; None: that is looked up):
    who agreed on a step once sees the step alone. However many they are, ten queries at most."""
    kpis = [one for one in actions if one.kpi in KPIS]
    if kpis and reads_figures is None:
        reads_figures = _reads_figures(agent, user)
    if not reads_figures:
        kpis = []
    criteria = [one for one in actions if one.criterion_id is not None]
    found: dict[int, Progress] = {}
    calendar = agent.site.calendar
    if against is None:
        against = _since_agreed(calendar)
    record = _record(agent) if kpis or criteria else None
    if kpis:
        last = _last_known(agent, record, now)
        spans = {one.pk: _recorded(against(one, last), record) if last else None for one in kpis}
        known = [one for one in spans.values() if one is not None]
        read = _read(agent, known, {one.kpi for one in kpis})
        for one in kpis:
            found[one.pk] = _of_kpi(one.kpi, spans[one.pk], read, last)
    if criteria:
        today = day_of(now, calendar)
        marks = _marks(agent, user, {one.criterion_id for one in criteria}, now)
        for one in criteria:
            found[one.pk] = _of_criterion(
                marks[one.criterion_id], _recorded(against(one, today), record)
            )
    return found


def _since_agreed(calendar: Calendar) -> Against:
    return lambda action, last: since_agreed(day_of(action.made_at, calendar), last)


def _reads_figures(agent: Agent, user: Viewer) -> bool:
    """Whether they are their own, or those of somebody whom they coach. One query at most."""
    is_own = scope_of(user).agent == agent.pk
    return is_own or agents_coached(user).filter(pk=agent.pk).exists()


def last_day_known(agent: Agent, now: datetime) -> date | None:
    """The last whole day that is counted of an agent's site: yesterday, or as far as its record
    goes; None: nothing is. One query."""
    return _last_known(agent, _record(agent), now)


def _record(agent: Agent) -> reading.Record | None:
    return reading.records([agent.site_id]).get(agent.site_id)


def _last_known(agent: Agent, record: reading.Record | None, now: datetime) -> date | None:
    if record is None:
        return None
    calendar = agent.site.calendar
    today = day_of(now, calendar)
    yesterday = Days(today, today).before(1).last
    return min(yesterday, day_of(record.newest_at, calendar))


def _recorded(spans: Spans | None, record: reading.Record | None) -> Spans | None:
    """Spans whose days before begin no earlier than the record does; where none of them is in it,
    they stay as they were: nothing is known of any."""
    if (
        spans is None
        or record is None
        or not spans.before.first < record.first <= spans.before.last
    ):
        return spans
    return replace(spans, before=Days(record.first, spans.before.last))


def _read(agent: Agent, spans: Sequence[Spans], kpis: Collection[str]) -> AgentDays | None:
    if not spans:
        return None
    first = min(one.before.first for one in spans)
    return agent_days.read(agent, first, max(one.now.last for one in spans), sorted(kpis))


def _of_kpi(kpi: str, spans: Spans | None, read: AgentDays | None, last: date | None) -> Progress:
    asked = KPIS[kpi]
    untold = Progress(asked.default.unit, asked.direction, why="soon" if last else "no_record")
    if spans is None or read is None:
        return untold
    one, changed = read.change(kpi, spans.now, spans.before)
    before = read.figure(kpi, spans.before)
    return _told(one.unit, asked.direction, spans, changed, (one.n, before.n))


def _marks(
    agent: Agent, user: Viewer, criteria: set[Any], now: datetime
) -> Mapping[Any, list[tuple[date, float]]]:
    """The shares that criteria had in reviews that count, that the agent reads and the user may
    read, by the day of the call."""
    calendar = agent.site.calendar
    reviews = Evaluation.objects.visible_to(user).of_agent(agent.pk).scored()
    rows = Answer.objects.filter(
        evaluation__in=reviews.filter(called_at__lte=now), criterion__in=criteria,
        share__isnull=False,
    )  # fmt: skip
    found: dict[Any, list[tuple[date, float]]] = defaultdict(list)
    for criterion, at, share in rows.values_list("criterion", "evaluation__called_at", "share"):
        found[criterion].append((day_of(at, calendar), float(share or 0)))
    return found


def _of_criterion(marks: Sequence[tuple[date, float]], spans: Spans | None) -> Progress:
    """Reviews are few and each is of a call of its own: they are answers, as those of a survey, so
    that the interval is Wilson's. A share between 0 and 1 varies less than one of either."""
    if spans is None:
        return Progress("fraction", "up", why="soon")
    now, before = (
        [share for day, share in marks if day in days] for days in (spans.now, spans.before)
    )
    changed = Change(_mean(now), _mean(before))
    if min(len(now), len(before)) >= FEWEST:
        changed = change(
            "wilson", [], [], single_now=Part(sum(now), len(now)),
            single_before=Part(sum(before), len(before)),
        )  # fmt: skip
    return _told("fraction", "up", spans, changed, (len(now), len(before)))


def _told(unit: Unit, good: str, spans: Spans, changed: Change, many: tuple[int, int]) -> Progress:
    why: Why = "few" if changed.difference is None else ""
    return Progress(
        unit, good, spans, changed.now, many[0], changed.before, many[1], changed.difference, why
    )


def _mean(shares: Sequence[float]) -> float | None:
    return sum(shares) / len(shares) if shares else None
