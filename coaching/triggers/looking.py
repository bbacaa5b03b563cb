"""What a rule finds of a site's agents. Reads alone.

A KPI is held against its own past by `kpis.inference.compare`, and of all agents those are told of
whom at most one in ten is chance (`kpis.noise.discoveries`): never a raw dip. What is counted is
told where it came as often as the rule says.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import F

from ccm.intervals import site_days
from ccm.models import SurveyResponse
from coaching.models import TriggerRule
from coaching.triggers import surprise
from kpis import inference, noise
from kpis.choices import Choices
from kpis.definitions import KPIS
from kpis.report import Question
from qa.models import Evaluation
from qa.models.evaluations import Answer
from scheduling.models import AdherenceDay

DAY = timedelta(days=1)
_SHOWN = 10
"""So many reviews, calls or days are named of each."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something of an agent. `facts` are as JSON has them: of a KPI "kpi", "unit", "now", "before"
    and the days of both; else "times" and "of", with the "reviews", "calls" or "days" they are."""

    rule: TriggerRule
    agent: int
    cause: str
    surprise: float
    facts: Mapping[str, Any]


def found(rule: TriggerRule, agents: Collection[int], today: date) -> list[Found]:
    """What a rule finds of some agents of its site up to yesterday. Other agents of the site are
    what is usual there."""
    told = _KINDS[TriggerRule.Kind(rule.kind)](rule, today)
    return [one for one in told if one.agent in agents]


def _of_kpi(rule: TriggerRule, today: date) -> list[Found]:
    kpi, worse = KPIS.get(rule.kpi), worse_way(rule.kpi) or rule.worse
    if kpi is None or not worse:
        return []
    last = today - DAY
    first = last - (rule.days - 1) * DAY
    before = first - rule.days * DAY, first - DAY
    question = Question([rule.site], first, last, by="agent", kpis=[rule.kpi])
    changes = {
        row: change
        for row, figures in inference.compare(question, *before, Choices(last)).items()
        for change in figures.values()
        if row
    }
    stand = set(noise.discoveries({row: change.p for row, change in changes.items()}))
    return [
        Found(
            rule,
            row,
            f"kpi:{rule.kpi}",
            surprise.of_p(change.p),
            {
                "kpi": rule.kpi, "unit": kpi.default.unit, "now": change.now,
                "before": change.before, "first": first.isoformat(), "last": last.isoformat(),
                "first_before": before[0].isoformat(), "last_before": before[1].isoformat(),
            },
        )
        for row, change in changes.items()
        if row in stand and change.direction == worse and change.p is not None
    ]  # fmt: skip


def worse_way(name: str) -> str:
    """Which way a KPI is worse, "up" or "down"; "": its definition does not say."""
    kpi = KPIS.get(name)
    return "" if kpi is None else {"up": "down", "down": "up"}.get(kpi.direction, "")


def _of_criteria(rule: TriggerRule, today: date) -> list[Found]:
    rows = Answer.objects.filter(
        evaluation__in=_reviews(rule, today), share__isnull=False
    ).order_by("-evaluation__called_at", "-evaluation")
    if rule.criterion_id is not None:
        rows = rows.filter(criterion=rule.criterion_id)
    said = rows.values_list(
        "criterion", "evaluation__agent", "evaluation", "share", "criterion__name",
        "criterion__card__name",
    )  # fmt: skip
    by_criterion: dict[int, list[tuple[int, bool, Any]]] = defaultdict(list)
    names = {}
    for criterion, agent, review, share, name, card in said:
        by_criterion[criterion].append((agent, share == 0, review))
        names[criterion] = {"criterion": criterion, "name": name, "card": card}
    return [
        one
        for criterion, known in by_criterion.items()
        for one in _counted(rule, f"criterion:{criterion}", known, "reviews", names[criterion])
    ]


def _of_fails(rule: TriggerRule, today: date) -> list[Found]:
    rows = _reviews(rule, today).order_by("-called_at", "-pk")
    known = rows.values_list("agent", "is_failed", "pk")
    return _counted(rule, "autofail", known, "reviews", {})


def _of_surveys(rule: TriggerRule, today: date) -> list[Found]:
    span = site_days(today - rule.days * DAY, today - DAY, rule.site.calendar)
    rows = (
        SurveyResponse.objects.filter(
            site=rule.site, kind=rule.survey, agent__isnull=False,
            answered_at__gte=span.start, answered_at__lt=span.end,
        )
        .annotate(of_scale=(F("score") - F("scale_min")) / (F("scale_max") - F("scale_min")))
        .order_by("-answered_at", "-pk")
    )  # fmt: skip
    known = [
        (agent, of_scale <= rule.below + 1e-9, None if call is None else str(call))
        for agent, of_scale, call in rows.values_list("agent", "of_scale", "call")
    ]
    more = {"survey": rule.survey, "below": rule.below}
    return _counted(rule, f"survey:{rule.survey}", known, "calls", more)


def _of_adherence(rule: TriggerRule, today: date) -> list[Found]:
    rows = AdherenceDay.objects.within(today - rule.days * DAY, today - DAY).filter(
        site=rule.site, is_told=True, scheduled__gt=0, leave=""
    )
    known = [
        (agent, adherent < rule.below * scheduled, day.isoformat())
        for agent, day, adherent, scheduled in rows.order_by("-day").values_list(
            "agent", "day", "adherent", "scheduled"
        )
    ]
    return _counted(rule, "adherence", known, "days", {"below": rule.below})


def _reviews(rule: TriggerRule, today: date) -> Any:
    """Reviews that their agents have read: what is blind to somebody or not released proposes
    nothing."""
    span = site_days(today - rule.days * DAY, today - DAY, rule.site.calendar)
    rows = Evaluation.objects.for_agents().told_of(released=True).filter(site=rule.site)
    return rows.filter(called_at__gte=span.start, called_at__lt=span.end)


def _counted(
    rule: TriggerRule,
    cause: str,
    known: Iterable[tuple[int, bool, Any]],
    named: str,
    more: Mapping[str, Any],
) -> list[Found]:
    """Of whom it went wrong as often as the rule says, of their last ones; `known` are (agent,
    whether it went wrong, which one), the newest first."""
    rows = list(known)
    of_all = surprise.usual(sum(wrong for _agent, wrong, _one in rows), len(rows))
    by_agent: dict[int, list[tuple[bool, Any]]] = defaultdict(list)
    for agent, wrong, one in rows:
        if len(by_agent[agent]) < rule.of:
            by_agent[agent].append((wrong, one))
    told = []
    for agent, last in by_agent.items():
        times = sum(wrong for wrong, _one in last)
        if times < rule.times:
            continue
        which = [one for wrong, one in last if wrong and one is not None][:_SHOWN]
        facts = {"times": times, "of": len(last), named: which, **more}
        told.append(Found(rule, agent, cause, surprise.of_counts(times, len(last), of_all), facts))
    return told


_KINDS: Mapping[str, Callable[[TriggerRule, date], list[Found]]] = {
    TriggerRule.Kind.KPI: _of_kpi,
    TriggerRule.Kind.CRITERION: _of_criteria,
    TriggerRule.Kind.AUTOFAIL: _of_fails,
    TriggerRule.Kind.SURVEY: _of_surveys,
    TriggerRule.Kind.ADHERENCE: _of_adherence,
}
