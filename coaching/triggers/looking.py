"""What a rule finds of a site's agents. Reads alone.

A KPI is held against its own past by `kpis.agent_days`, as preparations and steps tell it, and of
all agents those are told of whom at most one in ten is chance (`kpis.noise.discoveries`): never a
raw dip. What is counted is told where it came as often as the rule says.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import F

from ccm.intervals import Days, site_days
from ccm.models import SurveyResponse
from coaching.models import TriggerRule
from coaching.triggers import surprise
from kpis import agent_days, noise
from kpis.choices import Choices
from kpis.definitions import KPIS, Variant
from qa.models import Evaluation
from qa.models.evaluations import Answer
from scheduling.adherence import rules as adherence_rules
from scheduling.adherence.reads import kept_of
from scheduling.models import AdherenceDay

DAY = timedelta(days=1)
_SHOWN = 10
"""So many reviews, calls or days are named of each."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something of an agent. `facts` are as JSON has them: of a KPI "kpi", "unit", "now", "before"
    and the days of both; else "times" and "of", with the "reviews", "calls" or "days" they are, and
    when the newest of them was."""

    rule: TriggerRule
    agent: int
    cause: str
    surprise: float
    facts: Mapping[str, Any]


class _Known(NamedTuple):
    """Something that can go wrong: of which agent, whether it did, which one it is, and when."""

    agent: int
    is_wrong: bool
    which: Any
    at: date


def has_news(facts: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Whether something was found by more than what it was found by before: a KPI by other days
    alone, what is counted by one at least that is newer."""
    if "kpi" in facts:
        return bool(facts["first"] > before.get("last", ""))
    return bool(facts["newest"] > before.get("newest", ""))


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
    now = Days(last - (rule.days - 1) * DAY, last)
    before = now.before(rule.days)
    read = agent_days.read_all(rule.site, before.first, last, [rule.kpi], Choices(last))
    changes = {agent: days.change(rule.kpi, now, before) for agent, days in read.items()}
    stand = set(noise.discoveries({agent: one.p for agent, (_now, one) in changes.items()}))
    return [
        Found(
            rule,
            agent,
            f"kpi:{rule.kpi}",
            surprise.of_p(change.p),
            {
                "kpi": rule.kpi, "unit": figure.unit, "now": change.now, "before": change.before,
                "first": now.first.isoformat(), "last": last.isoformat(),
                "first_before": before.first.isoformat(), "last_before": before.last.isoformat(),
            },
        )
        for agent, (figure, change) in changes.items()
        if agent in stand and change.direction == worse and change.p is not None
    ]  # fmt: skip


def silent_by(rule: TriggerRule, choices: Choices) -> Variant | None:
    """The variant of its KPI that a rule's site has chosen, where no change of that can be told
    from chance or it is not told of agents, so that the rule finds nothing; None: it can find
    something."""
    kpi = KPIS.get(rule.kpi)
    if kpi is None:
        return None
    variant, parameters = choices.of(kpi, rule.site_id)
    can_tell = variant.interval != "none" and variant.is_of_agents(parameters)
    return None if can_tell else variant


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
        "criterion", "evaluation__agent", "evaluation", "share", "evaluation__called_at",
        "criterion__name", "criterion__card__name",
    )  # fmt: skip
    by_criterion: dict[int, list[_Known]] = defaultdict(list)
    names = {}
    for criterion, agent, review, share, at, name, card in said:
        by_criterion[criterion].append(_Known(agent, share == 0, review, at))
        names[criterion] = {"criterion": criterion, "name": name, "card": card}
    return [
        one
        for criterion, known in by_criterion.items()
        for one in _counted(rule, f"criterion:{criterion}", known, "reviews", names[criterion])
    ]


def _of_fails(rule: TriggerRule, today: date) -> list[Found]:
    rows = _reviews(rule, today).order_by("-called_at", "-pk")
    known = rows.values_list("agent", "is_failed", "pk", "called_at")
    return _counted(rule, "autofail", (_Known(*one) for one in known), "reviews", {})


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
        _Known(agent, of_scale <= rule.below + 1e-9, None if call is None else str(call), at)
        for agent, of_scale, call, at in rows.values_list(
            "agent", "of_scale", "call", "answered_at"
        )
    ]
    more = {"survey": rule.survey, "below": rule.below}
    return _counted(rule, f"survey:{rule.survey}", known, "calls", more)


def _of_adherence(rule: TriggerRule, today: date) -> list[Found]:
    rows = AdherenceDay.objects.within(today - rule.days * DAY, today - DAY).filter(
        site=rule.site, is_told=True, scheduled__gt=0, leave=""
    )
    by = adherence_rules.of_site(rule.site, today - DAY)
    known = []
    for row in rows.order_by("-day"):
        share = by.adherence(kept_of(row)).value
        is_wrong = share is not None and share < rule.below
        known.append(_Known(row.agent_id, is_wrong, row.day.isoformat(), row.day))
    return _counted(rule, "adherence", known, "days", {"below": rule.below})


def _reviews(rule: TriggerRule, today: date) -> Any:
    """Reviews that their agents have read: what is blind to somebody or not released proposes
    nothing."""
    span = site_days(today - rule.days * DAY, today - DAY, rule.site.calendar)
    rows = Evaluation.objects.for_agents().told_of(released=True).filter(site=rule.site)
    return rows.filter(called_at__gte=span.start, called_at__lt=span.end)


def _counted(
    rule: TriggerRule, cause: str, known: Iterable[_Known], named: str, more: Mapping[str, Any]
) -> list[Found]:
    """Of whom it went wrong as often as the rule says, of their last ones; `known` are told the
    newest first."""
    rows = list(known)
    of_all = surprise.usual(sum(one.is_wrong for one in rows), len(rows))
    by_agent: dict[int, list[_Known]] = defaultdict(list)
    for one in rows:
        if len(by_agent[one.agent]) < rule.of:
            by_agent[one.agent].append(one)
    told = []
    for agent, last in by_agent.items():
        wrong = [one for one in last if one.is_wrong]
        if len(wrong) < rule.times:
            continue
        facts = {
            "times": len(wrong), "of": len(last), "newest": wrong[0].at.isoformat(),
            named: [one.which for one in wrong if one.which is not None][:_SHOWN], **more,
        }  # fmt: skip
        by = surprise.of_counts(len(wrong), len(last), of_all)
        told.append(Found(rule, agent, cause, by, facts))
    return told


_KINDS: Mapping[str, Callable[[TriggerRule, date], list[Found]]] = {
    TriggerRule.Kind.KPI: _of_kpi,
    TriggerRule.Kind.CRITERION: _of_criteria,
    TriggerRule.Kind.AUTOFAIL: _of_fails,
    TriggerRule.Kind.SURVEY: _of_surveys,
    TriggerRule.Kind.ADHERENCE: _of_adherence,
}
