"""Reads plans, and how far each is: by its steps, and by what they are measured by."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.db.models import Avg, Count, Q, QuerySet

from ccm.intervals import DAY, day_of, site_day
from ccm.models import Agent
from ccm.querysets import Viewer
from coaching.models import Action, Plan, PlanStep
from kpis import inference
from kpis.choices import Choices
from kpis.definitions import KPIS
from kpis.report import Question
from qa.models import Evaluation
from qa.models.evaluations import Answer

SHOWN = ("agent__site", "made_by")
SPAN = timedelta(days=28)
"""A KPI is told of so many days before the plan, and of the last so many since."""
BACK = timedelta(days=90)
"""Reviews are told of so many days before it."""
Verdict = Literal["better", "worse", "rose", "fell", "noise", "unknown"]
"""Of a KPI that is better neither way by its definition it is said which way it went."""


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
    lately = Q(state=Plan.State.RUNNING) | Q(ended_at__gt=now - BACK)
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
    """What a step is measured by, before the plan and since. `n` are reviews, of a criterion; of it
    there is no verdict: reviews of one agent are too few to tell chance from."""

    name: str
    unit: str
    before: float | None
    now: float | None
    verdict: Verdict
    n_before: int = 0
    n_now: int = 0


def measured(plan: Plan, steps: Sequence[Action], now: datetime) -> list[Measured]:
    """How the measures of a plan's steps stand: KPIs against the weeks before it, by
    `kpis.inference`, and criteria by reviews that the agent has read."""
    return [*_of_kpis(plan, steps, now), *_of_criteria(plan, steps)]


def _of_kpis(plan: Plan, steps: Sequence[Action], now: datetime) -> list[Measured]:
    asked = [one for one in dict.fromkeys(step.kpi for step in steps) if one in KPIS]
    site = plan.agent.site
    last = min(day_of(now, site.calendar) - DAY, plan.until_on)
    first = max(plan.starts_on, last - SPAN + DAY)
    if not asked or last < first:
        return [_untold(one) for one in asked]
    question = Question([site], first, last, by="agent", agents=[plan.agent], kpis=asked)
    before = plan.starts_on - SPAN, plan.starts_on - DAY
    changes = inference.compare(question, *before, Choices(last)).get(plan.agent_id, {})
    found = []
    for kpi in asked:
        told = next((one for words, one in changes.items() if words.partition(":")[0] == kpi), None)
        if told is None:
            found.append(_untold(kpi))
            continue
        good = KPIS[kpi].direction
        verdict: Verdict = "unknown"
        if told.direction == "noise":
            verdict = "noise"
        elif told.direction in ("up", "down"):
            if good in ("up", "down"):
                verdict = "better" if told.direction == good else "worse"
            else:
                verdict = "rose" if told.direction == "up" else "fell"
        found.append(
            Measured(str(KPIS[kpi].name), KPIS[kpi].default.unit, told.before, told.now, verdict)
        )
    return found


def _untold(kpi: str) -> Measured:
    return Measured(str(KPIS[kpi].name), KPIS[kpi].default.unit, None, None, "unknown")


def _of_criteria(plan: Plan, steps: Sequence[Action]) -> list[Measured]:
    criteria = {one.criterion_id: one.measure for one in steps if one.criterion_id is not None}
    if not criteria:
        return []
    begins = site_day(plan.starts_on, plan.agent.site.calendar).start
    ends = site_day(plan.until_on + DAY, plan.agent.site.calendar).start
    reviews: Any = Evaluation.objects.of_agent(plan.agent_id).filter(
        called_at__gte=begins - BACK, called_at__lt=ends
    )
    since = Q(evaluation__called_at__gte=begins)
    rows = (
        Answer.objects.filter(evaluation__in=reviews, criterion__in=criteria, share__isnull=False)
        .order_by()
        .values("criterion")
        .annotate(
            now=Avg("share", filter=since), n_now=Count("pk", filter=since),
            before=Avg("share", filter=~since), n_before=Count("pk", filter=~since),
        )
    )  # fmt: skip
    known = {row["criterion"]: row for row in rows}
    none: dict[str, Any] = {"before": None, "now": None, "n_before": 0, "n_now": 0}
    return [
        Measured(
            name, "fraction", _float(row["before"]), _float(row["now"]), "unknown",
            row["n_before"], row["n_now"],
        )
        for pk, name in criteria.items()
        for row in [known.get(pk, none)]
    ]  # fmt: skip


def _float(value: Any) -> float | None:
    return None if value is None else float(value)
