"""Reads plans, and how far each is: by its steps, and by what they are measured by."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from ccm.intervals import DAY, Days, day_of
from ccm.models import Agent
from ccm.querysets import Viewer
from coaching.following import progress
from coaching.following.progress import Against, Progress
from coaching.measured.spans import Spans
from coaching.models import Action, Plan, PlanStep
from kpis.declaration import Need

SHOWN = ("agent__site", "made_by")
SPAN_DAYS = 28
"""A KPI is told of so many days before the plan, and of the last so many since."""
_AT_ONCE: frozenset[Need] = frozenset({"repeats"})
"""What a plan's page reads beside counts of calls."""
BACK_DAYS = 90
"""Reviews are told of so many days before it."""


@dataclass(frozen=True, slots=True)
class Steps:
    """How many steps of a plan there are, and how many are done, dropped or late."""

    all: int = 0
    done: int = 0
    dropped: int = 0
    late: int = 0

    @property
    def counted(self) -> int:
        """Those that are still to be done, or are."""
        return self.all - self.dropped

    @property
    def open(self) -> int:
        """Those that are still to be done."""
        return self.counted - self.done


@dataclass(frozen=True, slots=True)
class Line:
    """A plan in a list. `is_late`: its last day is over and it runs still."""

    plan: Plan
    steps: Steps
    is_late: bool


def visible(user: Viewer) -> QuerySet[Plan]:
    rows: QuerySet[Plan] = Plan.objects.visible_to(user)
    return rows.select_related(*SHOWN)


def lines(rows: Iterable[Plan], now: datetime) -> list[Line]:
    """Plans with how far their steps are. One query for all."""
    plans = list(rows)
    many = _steps(plans, now)
    return [Line(one, many[one.pk], _is_late(one, now)) for one in plans]


def line_of(plan: Plan, steps: Iterable[Action], now: datetime) -> Line:
    """The same of one whose steps are there."""
    told = [(one.state, one.due_on) for one in steps]
    return Line(plan, _counted(told, _today(plan, now)), _is_late(plan, now))


def of_agent(agent: Agent, now: datetime) -> list[Line]:
    """An agent's own: those that run, and those that ended within a quarter. Two queries."""
    lately = Q(state=Plan.State.RUNNING) | Q(ended_at__gt=now - BACK_DAYS * DAY)
    rows = Plan.objects.filter(lately, agent=agent).select_related(*SHOWN)
    return lines(rows.order_by("-state", "until_on", "pk"), now)


def steps_of(plan: Plan) -> list[Action]:
    rows = Action.objects.filter(plan_step__plan=plan).select_related("agent__site", "criterion")
    return list(rows.order_by("due_on", "pk"))


def _steps(plans: Sequence[Plan], now: datetime) -> Mapping[int, Steps]:
    told: dict[int, list[tuple[str, date]]] = defaultdict(list)
    rows = PlanStep.objects.filter(plan__in=plans).order_by()
    for plan, state, due in rows.values_list("plan", "action__state", "action__due_on"):
        told[plan].append((state, due))
    return {one.pk: _counted(told[one.pk], _today(one, now)) for one in plans}


def _counted(told: Sequence[tuple[str, date]], today: date) -> Steps:
    states = Action.State
    return Steps(
        len(told),
        sum(state == states.DONE for state, _due in told),
        sum(state == states.DROPPED for state, _due in told),
        sum(state == states.OPEN and due < today for state, due in told),
    )


def _today(plan: Plan, now: datetime) -> date:
    return day_of(now, plan.agent.site.calendar)


def _is_late(plan: Plan, now: datetime) -> bool:
    return plan.state == Plan.State.RUNNING and plan.until_on < _today(plan, now)


@dataclass(frozen=True, slots=True)
class Measured:
    """What steps are measured by, before the plan and since; None: the `step`'s own page tells."""

    name: str
    progress: Progress | None
    is_of_reviews: bool
    step: int


def measured(plan: Plan, steps: Iterable[Action], user: Viewer, now: datetime) -> list[Measured]:
    """How the measures of a plan's steps stand, told as those of single steps are. Whoever sees a
    plan reads its agent's figures."""
    measures = {one.kpi or one.criterion_id: one for one in reversed([*steps]) if one.measure}
    asked = [*reversed(measures.values())]
    now_told = [one for one in asked if progress.is_told_at_once(one, _AT_ONCE)]
    told = progress.of_actions(now_told, plan.agent, user, now, _against(plan), reads_figures=True)
    return [
        Measured(one.measure, told.get(one.pk), one.criterion_id is not None, one.pk)
        for one in asked
    ]


def _against(plan: Plan) -> Against:
    """KPIs on the last weeks of the plan against those before it; of reviews, which are few, all of
    it against a quarter before."""
    over = plan.until_on
    if plan.ended_at is not None:
        over = min(over, day_of(plan.ended_at, plan.agent.site.calendar))

    def days(step: Action, last: date) -> Spans | None:
        last = min(last, over)
        if last < plan.starts_on:
            return None
        since = Days(plan.starts_on, last)
        if not step.kpi:
            return Spans(since, since.before(BACK_DAYS), "since")
        weeks = Days(max(plan.starts_on, last - (SPAN_DAYS - 1) * DAY), last)
        return Spans(weeks, since.before(SPAN_DAYS), "since")

    return days
