"""What draws say of each agent: of one draw, and of a plan's draws of a period together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ccm import exported, exports, filters, periods
from ccm.database import MOST_ID
from ccm.filters import Filters, about, address
from ccm.intervals import DAY
from ccm.models import User
from ccm.views.failures import Misread
from ccm.views.lists import signed_in
from qa import sampling
from qa.models import PlanDraw, SamplingPlan
from qa.plans import files, reads
from qa.scores import reads as scores
from qa.scores import words
from qa.scores.reads import AgentScore
from qa.views.sampling_draws import about_draw, draw_of

# A plan of few calls a week says something of an agent after some weeks.
_PERIOD = "90d"
_SEVERAL = timedelta(days=89)


@login_required
@require_safe
def scores_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What a draw says of each agent, and how many more reviews would say it better."""
    draw = draw_of(request, pk)
    user = signed_in(request)
    told = _others(scores.of_draws([draw]), user)
    last = draw.next_day - DAY
    days = {"period": periods.CUSTOM, "from": max(last - _SEVERAL, draw.plan.starts_on), "to": last}
    context = about_draw(request, draw) | {
        **_listed(request, told, {}),
        "few": sampling.FEWEST_REVIEWS,
        "too_few": any(one.is_too_few for one in told),
        "agent_at": f"{reverse('sampling_draw', args=[pk])}?agent=",
        "agent_part": "#calls",
        "card": draw.plan.card_id,
        "asked": urlencode(words.asked(last, last, draw.plan_id)),
        "several": address(reverse("sampling_plan_scores", args=[draw.plan_id]), days),
        "csv": reverse("sampling_scores_csv", args=[pk]),
    }
    return render(request, "qa/sampling_scores.html", context)


def _others(found: list[scores.CardScores], reader: User) -> list[AgentScore]:
    """Scores of all but the reader, in one row."""
    return [one for card in found for one in card.agents if one.agent.user_id != reader.pk]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the list of scores, whose head sorts. `order` tells a row's place by it; None
    goes last whichever way."""

    name: str
    words: str | Promise
    order: Callable[[AgentScore], Any]
    is_words: bool = False


_COLUMNS = (
    Column("agent", gettext_lazy("Agent"), lambda one: one.agent.name.casefold(), True),
    Column("team", gettext_lazy("Team"), lambda one: one.team and one.team.name.casefold(), True),
    Column("eligible", gettext_lazy("Eligible"), lambda one: one.eligible),
    Column("drawn", gettext_lazy("Drawn"), lambda one: one.drawn),
    Column("reviewed", gettext_lazy("Reviewed"), lambda one: one.reviews),
    Column("score", gettext_lazy("Score"), lambda one: one.score.pooled and one.score.pooled.value),
    Column(
        "own", gettext_lazy("Own reviews alone"), lambda one: one.score.own and one.score.own.value
    ),
    Column(
        "failing",
        gettext_lazy("Failing calls"),
        lambda one: one.score.failing and one.score.failing.rate,
    ),
    Column("more", gettext_lazy("Halved by"), lambda one: one.more if one.halvable else None),
    Column("rank", gettext_lazy("Rank in the team"), lambda one: one.rank and one.rank.best),
    Column("targeted", gettext_lazy("Targeted"), lambda one: one.targeted),
)
_SORTED = "score"


def _kept(request: HttpRequest) -> list[tuple[str, str]]:
    """What of the address says how agents are listed."""
    return [(name, said) for name in ("team", "sort") if (said := request.GET.get(name, ""))]


def _listed(
    request: HttpRequest, told: list[AgentScore], kept: Mapping[str, object]
) -> dict[str, Any]:
    """The agents of the team that is asked for, in the order that is asked for: else the lowest
    score first, and those without one by team and name. `kept` is what else the address says."""
    teams = {str(one.team.pk): one.team.name for one in told if one.team is not None}
    team, sort = request.GET.get("team", ""), request.GET.get("sort", "")
    if team not in teams:
        team = ""
    columns = {one.name: one for one in _COLUMNS}
    if sort.removeprefix("-") not in columns:
        sort = _SORTED
    falls, order = sort.startswith("-"), columns[sort.removeprefix("-")].order
    scores = [one for one in told if not team or str(one.team and one.team.pk) == team]
    known = [one for one in scores if order(one) is not None]
    known.sort(key=order, reverse=falls)
    here = dict(kept) | ({"team": team} if team else {})
    heads = []
    for one in _COLUMNS:
        is_it = one.name == sort.removeprefix("-")
        turned = f"-{one.name}" if is_it and not falls else one.name
        way = ("descending" if falls else "ascending") if is_it else ""
        heads.append((one, address(request.path, here | {"sort": turned}) + "#agents", way))
    return {
        "scores": known + [one for one in scores if order(one) is None],
        "heads": heads,
        "teams": sorted(teams.items(), key=lambda one: one[1]) if len(teams) > 1 else [],
        "team": team,
        "keep": [*kept.items(), *([("sort", sort)] if request.GET.get("sort") else [])],
    }


@login_required
@require_safe
def plan_scores_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What the draws of a plan say together of each agent: those whose days ended in a period."""
    now, user = timezone.now(), signed_in(request)
    plan, shown, draws = _plan_scores(request, pk, now)
    told = _others(scores.of_draws(draws), user)
    kept = shown.parameters(site=None, queue=None)
    reviews = {"plan": pk, "state": ""}
    context = {
        "plan": plan,
        "shown": shown,
        # A plan says itself of which queues it draws.
        "filters": replace(shown.bar(keep=_kept(request)), queues=[]),
        "draws": draws,
        "eligible": sum(one.eligible for one in draws),
        "coverage": (coverage := sampling.together(reads.coverages(draws, now).values())),
        "swapped": sum(coverage.swaps.values()),
        **_listed(request, told, kept),
        "agents": len(told),
        "scored": sum(one.score.pooled is not None for one in told),
        "few": sampling.FEWEST_REVIEWS,
        "card": plan.card_id,
        "asked": urlencode(words.asked(shown.first, shown.last, pk)),
        "agent_at": f"{reverse('reviews')}?{urlencode(reviews)}&agent=",
        "agent_part": "#all",
        "csv": address(reverse("sampling_plan_scores_csv", args=[pk]), kept),
    }
    return render(request, "qa/sampling_plan_scores.html", context)


def _plan_scores(
    request: HttpRequest, pk: int, now: datetime
) -> tuple[SamplingPlan, Filters, list[PlanDraw]]:
    """A plan, the period that is asked for, and its draws in it."""
    if pk > MOST_ID:
        raise Http404
    rows = SamplingPlan.objects.visible_to(request.user).select_related("site", "card")
    plan = get_object_or_404(rows, pk=pk)
    about(request, plan.site)
    shown = filters.read(request, now, _PERIOD, [plan.site])
    assert shown is not None  # the plan has a site
    found = scores.draws_of(plan.site, shown.first, shown.last).filter(plan=plan)
    draws = list(found.select_related("site").defer("how"))
    return plan, shown, draws


@login_required
@require_safe
def scores_csv(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """What a draw says of each agent; that it was exported is noted."""
    draw = draw_of(request, pk)
    reader = signed_in(request)
    if request.method == "GET":
        exported.figures(reader, [draw.site], draw.first_day, draw.next_day - DAY, timezone.now())
    lines = (
        files.score_cells(card.card.name, one)
        for card in scores.of_draws([draw])
        for one in card.agents
        if one.agent.user_id != reader.pk
    )
    return exports.download(f"scores-{draw.pk}.csv", files.SCORES_HEADER, lines)


@login_required
@require_safe
def plan_scores_csv(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The same as a file; that it was exported is noted."""
    now, reader = timezone.now(), signed_in(request)
    plan, shown, draws = _plan_scores(request, pk, now)
    if shown.problem:
        raise Misread(shown.problem)
    if request.method == "GET":
        exported.figures(reader, [plan.site], shown.first, shown.last, now)
    told = _others(scores.of_draws(draws), reader)
    lines = [files.score_cells(plan.card.name, one) for one in told]
    return exports.download(
        f"scores-plan-{pk}-{shown.first}-{shown.last}.csv", files.SCORES_HEADER, lines
    )


def urls(at: str) -> list[URLPattern]:
    return [
        path(f"{at}/<int:pk>/scores/", plan_scores_page, name="sampling_plan_scores"),
        path(f"{at}/<int:pk>/scores.csv", plan_scores_csv, name="sampling_plan_scores_csv"),
        path(f"{at}/draws/<int:pk>/scores/", scores_page, name="sampling_scores"),
        path(f"{at}/draws/<int:pk>/scores.csv", scores_csv, name="sampling_scores_csv"),
    ]
