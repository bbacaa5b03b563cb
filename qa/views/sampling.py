"""Sampling plans: their list and forms, what they drew, swaps, and a site's rules of review."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm import exported, exports, filters, periods
from ccm.access import scope_of
from ccm.database import MOST_ID
from ccm.filters import Filters, about, address, of_open_sites
from ccm.intervals import DAY, day_of
from ccm.models import Site, User
from ccm.navigation import may_open
from ccm.views.failures import Misread
from ccm.views.lists import signed_in
from qa import sampling
from qa.access import keeps, keeps_at, kept_sites, reviewed_sites
from qa.cells import estimate, hundredths, interval
from qa.models import (
    DrawnCall,
    PlanDraw,
    PlanReviewer,
    QualityRules,
    SamplingPlan,
)
from qa.plans import drawing, reads, services, swapping, words
from qa.plans.forms import HandOnForm, PlanForm, RulesForm, SwapForm
from qa.plans.how import How
from qa.plans.words import Names
from qa.reviews import facts
from qa.scores import reads as scores

_ROWS = 50
_DRAWS = 26
# A plan of few calls a week says something of an agent after some weeks.
_PERIOD = "90d"
_SEVERAL = timedelta(days=89)
ReadOrPost = require_http_methods(["GET", "HEAD", "POST"])


def _kept_sites(request: HttpRequest) -> list[Site]:
    """Sites whose plans the reader keeps. Raises Http404 where there is none."""
    scope = scope_of(request.user)
    rows = Site.objects.order_by("name")
    sites = list(rows if scope.everything else rows.filter(pk__in=kept_sites(scope)))
    if not sites:
        raise Http404
    return sites


@login_required
@require_safe
def sampling_page(request: HttpRequest) -> HttpResponse:
    """The plans of sites whose reviews the reader sees: what each drew last, how far that is, and
    what it draws next."""
    if not may_open("sampling", request.user):
        raise Http404
    rows = reads.plans(SamplingPlan.objects.visible_to(request.user), timezone.now())
    context = {
        "plans": [one for one in rows if one.plan.ended_on is None],
        "ended": [one for one in rows if one.plan.ended_on is not None],
        "says_sites": len({one.plan.site_id for one in rows}) > 1,
        "keeps": keeps(scope_of(request.user)),
    }
    return render(request, "qa/sampling.html", context)


@login_required
@ReadOrPost
def plan_new(request: HttpRequest) -> HttpResponse:
    """A new plan of a site, or what it would draw before it is kept."""
    sites = _kept_sites(request)
    now = timezone.now()
    site = of_open_sites(request, sites, now)
    assert site is not None  # there is one, or the reader was turned away
    sent = request.POST if request.method == "POST" else None
    today = day_of(now, site.calendar)
    begins = {"starts_on": today - today.weekday() * DAY}
    form = PlanForm(sent, site=site, initial=begins)
    return _plan_form(request, form, site, sites)


@login_required
@ReadOrPost
def plan_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A plan of a site, changed for the draws to come."""
    plan = _plan(request, pk, SamplingPlan.objects.kept_by(request.user))
    sent = request.POST if request.method == "POST" else None
    form = PlanForm(sent, instance=plan, site=plan.site, has_drawn=plan.draws.exists())
    return _plan_form(request, form, plan.site, [])


def _plan_form(request: HttpRequest, form: PlanForm, site: Site, sites: list[Site]) -> HttpResponse:
    now = timezone.now()
    preview = None
    if form.is_bound and form.is_valid():
        plan = form.made()
        if "preview" in request.POST:
            rules = facts.rules_of(site.pk)
            how = form.how(needs_consent=rules.needs_consent)
            preview = reads.preview(site, how, plan.cadence, plan.starts_on, now)
        else:
            said = form.cleaned_data
            try:
                services.keep(
                    plan, {"teams": said["teams"], "queues": said["queues"]},
                    form.capacities(said), signed_in(request), now, seen=said["seen"],
                )  # fmt: skip
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                messages.info(request, _("%(name)s is kept.") % {"name": plan.name})
                return redirect("sampling_plan", pk=plan.pk)
    about(request, site)
    context = {"form": form, "site": site, "sites": sites, "preview": preview}
    return render(request, "qa/sampling_form.html", context)


@login_required
@require_safe
def plan_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A plan: how it draws, what it drew, and what waits to be drawn."""
    plan = _plan(request, pk, SamplingPlan.objects.visible_to(request.user))
    about(request, plan.site)
    now = timezone.now()
    context = {
        "plan": plan,
        "facts": plan_facts(plan),
        "reviewers": plan.reviewers.all(),
        "draws": reads.draws(plan.draws.all()[:_DRAWS], now),
        "undrawn": drawing.undrawn(plan, now)[:_DRAWS],
        "most": _DRAWS,
        "keeps": keeps_at(request.user, plan.site_id),
    }
    return render(request, "qa/sampling_plan.html", context)


def plan_facts(plan: SamplingPlan) -> list[tuple[str, str]]:
    """How a plan draws, in words. Three queries at most."""
    teams = ", ".join(one.name for one in plan.teams.all())
    queues = ", ".join(one.name for one in plan.queues.all())
    of = plan.get_direction_display() if plan.direction else _("in any direction")
    which = [
        teams or _("all teams"),
        queues or _("all queues"),
        str(of),
        _("from %(s)d s of talk") % {"s": plan.shortest_s},
    ]
    found = [
        (_("Scorecard"), plan.card.name),
        (_("How often"), str(plan.get_cadence_display())),
        (_("Calls of each agent"), str(plan.per_agent)),
        (_("Which calls"), " · ".join(which)),
    ]
    if plan.strata:
        told = words.told_apart(plan.strata)
        found.append((_("Told apart by"), f"{told} · {plan.get_allocation_display()}"))
    if plan.parts:
        names = Names.of(plan.parts)
        unit = "" if plan.allocation == SamplingPlan.Allocation.FIXED else " %"
        found.append(
            (
                _("How much of which"),
                ", ".join(
                    f"{words.stratum(label, names)}: {part}{unit}"
                    for label, part in plan.parts.items()
                ),
            )
        )
    several = int(plan.several_share * 100)
    if several:
        found.append(
            (
                _("Reviewed by several"),
                _("%(share)d of 100 calls, by %(n)d") % {"share": several, "n": plan.several},
            )
        )
    found.append((_("To be reviewed within"), _("%(n)d days of the draw") % {"n": plan.due_days}))
    released = str(plan.get_release_display())
    if plan.release == SamplingPlan.Release.AT_DAY:
        released = f"{released}: {plan.release_days}"
    found.append((_("Released"), released))
    return found


@login_required
@require_POST
def plan_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a plan, or have it go on."""
    plan = _plan(request, pk, SamplingPlan.objects.kept_by(request.user))
    who, now = signed_in(request), timezone.now()
    if request.POST.get("go_on"):
        if services.go_on(plan, who, now):
            messages.info(
                request, _("The plan goes on. Periods that it left out meanwhile stand below.")
            )
    elif services.end(plan, who, now):
        messages.info(
            request, _("The plan has ended. What it drew stays, and is still to be reviewed.")
        )
    return redirect("sampling_plan", pk=pk)


@login_required
@require_POST
def plan_draw(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw a period that is over and was not drawn."""
    plan = _plan(request, pk, SamplingPlan.objects.kept_by(request.user))
    day = _day(request.POST.get("first_day", ""))
    if day is None:
        messages.warning(request, _("Say which period is to be drawn."))
        return redirect("sampling_plan", pk=pk)
    try:
        made = drawing.make(plan, day, signed_in(request), timezone.now())
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
        return redirect("sampling_plan", pk=pk)
    if not made.is_new:
        messages.warning(request, _("This period had been drawn already: this is what came."))
    return redirect("sampling_draw", pk=made.draw.pk)


def _day(said: str) -> date | None:
    try:
        return parse_date(said)
    except ValueError:
        return None


@login_required
@require_safe
def draw_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A draw: how far its reviews are, its calls and swaps, and how it came about."""
    draw = _draw(request, pk)
    now, user = timezone.now(), signed_in(request)
    agents = reads.agents(draw, user)
    chosen = _chosen(request, agents)
    rows = reads.drawn_calls(draw, user)
    if chosen is not None:
        rows = rows.filter(drawn__agent=chosen)
    many = sum(one.drawn + one.swapped for one in agents if chosen in (None, one.kept.agent_id))
    page = Known(rows, _ROWS, many).get_page(request.GET.get("page"))
    how = How.read(draw.how["plan"])
    coverage = reads.coverages([draw], now)[draw.pk]
    strata = reads.drawn_strata(draw) if how.strata else {}
    told = reads.calls(page.object_list, user, now, strata)
    context = _about(request, draw) | {
        "how": how,
        "told_apart": words.told_apart(how.strata),
        "coverage": coverage,
        "swapped": sum(coverage.swaps.values()),
        "agents": agents,
        "chosen": chosen,
        "page": page,
        "calls": told.calls,
        "swaps": reads.swaps([draw.pk]),
        "left_out": words.left_out(draw.how["left_out"]),
        "missing": reads.missing_of(draw),
        "strata": [
            reads.Strata(words.stratum(label, told.names), *counts)
            for label, counts in strata.items()
        ],
        "repeated": drawing.repeat(draw) if request.GET.get("again") else None,
        "keeps": keeps_at(user, draw.site_id),
    }
    return render(request, "qa/sampling_draw.html", context)


class Known(Paginator):
    """Pages over rows whose number is known."""

    def __init__(self, rows: QuerySet[DrawnCall], size: int, many: int) -> None:
        super().__init__(rows, size)
        self.many = many

    @property
    def count(self) -> int:
        return self.many


def _about(request: HttpRequest, draw: PlanDraw) -> dict[str, Any]:
    about(request, draw.site)
    return {
        "draw": draw,
        "plan": draw.plan,
        "last_day": draw.next_day - DAY,
        "due_day": draw.due_day,
    }


@login_required
@require_safe
def scores_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What a draw says of each agent, and how many more reviews would say it better."""
    draw = _draw(request, pk)
    user = signed_in(request)
    told = _others(scores.of_draws([draw]), user)
    last = draw.next_day - DAY
    days = {"period": periods.CUSTOM, "from": max(last - _SEVERAL, draw.plan.starts_on), "to": last}
    context = _about(request, draw) | {
        "scores": told,
        "few": sampling.FEWEST_REVIEWS,
        "too_few": any(one.is_too_few for one in told),
        "agent_at": f"{reverse('sampling_draw', args=[pk])}?agent=",
        "agent_part": "#calls",
        "several": address(reverse("sampling_plan_scores", args=[draw.plan_id]), days),
        "csv": reverse("sampling_scores_csv", args=[pk]),
    }
    return render(request, "qa/sampling_scores.html", context)


def _others(found: list[scores.CardScores], reader: User) -> list[scores.AgentScore]:
    """Scores of all but the reader, in one row."""
    return [one for card in found for one in card.agents if one.agent.user_id != reader.pk]


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
        "filters": replace(shown.bar(), queues=[]),
        "draws": draws,
        "eligible": sum(one.eligible for one in draws),
        "coverage": (coverage := sampling.together(reads.coverages(draws, now).values())),
        "swapped": sum(coverage.swaps.values()),
        "scores": told,
        "scored": sum(one.score.pooled is not None for one in told),
        "few": sampling.FEWEST_REVIEWS,
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


def _chosen(request: HttpRequest, agents: list[reads.OfAgent]) -> int | None:
    said = request.GET.get("agent", "")
    known = {str(one.kept.agent_id): one.kept.agent_id for one in agents}
    return known.get(said)


DRAW_HEADER = [
    gettext_lazy("Agent"), gettext_lazy("Team"), gettext_lazy("Call"), gettext_lazy("Time"),
    gettext_lazy("Queue"), gettext_lazy("Talk, seconds"), gettext_lazy("Stratum"),
    gettext_lazy("Layer"), gettext_lazy("Drawn of the layer"), gettext_lazy("Calls of the layer"),
    gettext_lazy("Inclusion probability"), gettext_lazy("State"), gettext_lazy("Reason of a swap"),
    gettext_lazy("In words"),
]  # fmt: skip


@login_required
@require_safe
def draw_csv(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """All calls of a draw with how likely each was to be drawn; that they were exported is
    noted."""
    draw = _draw(request, pk)
    user, now = signed_in(request), timezone.now()
    if request.method == "GET":
        exported.calls(user, draw.site, draw.first_day, draw.next_day - DAY, now, narrowed=True)
    rows = reads.drawn_calls(draw, user)[: exports.MOST_ROWS + 1]
    zone = draw.site.tz
    lines = (
        [
            one.drawn.drawn.agent.name,
            one.drawn.drawn.team and one.drawn.drawn.team.name,
            one.drawn.call_id,
            one.at and one.at.astimezone(zone),
            one.queue,
            one.talk_s,
            one.stratum,
            one.drawn.layer + 1,
            one.drawn.n,
            one.drawn.of,
            one.probability,
            one.word,
            one.drawn.get_swap_reason_display() if one.drawn.swap_reason else None,
            one.drawn.swap_words,
        ]
        for one in reads.calls(rows, user, now).calls
    )
    return exports.download(f"draw-{draw.pk}.csv", DRAW_HEADER, lines)


SCORES_HEADER = [
    gettext_lazy("Scorecard"), gettext_lazy("Agent"), gettext_lazy("Team"),
    gettext_lazy("Eligible calls"), gettext_lazy("Drawn"), gettext_lazy("Reviewed"),
    gettext_lazy("Score, %"), gettext_lazy("Score from, %"), gettext_lazy("Score to, %"),
    gettext_lazy("Own mean, %"), gettext_lazy("Own mean from, %"),
    gettext_lazy("Own mean to, %"), gettext_lazy("Drawn to the team, %"), gettext_lazy("Failed"),
    gettext_lazy("Failing, %"), gettext_lazy("Failing from, %"), gettext_lazy("Failing to, %"),
    gettext_lazy("Best rank"), gettext_lazy("Worst rank"),
    gettext_lazy("More reviews to halve the interval"),
    gettext_lazy("Targeted reviews, not counted"),
    gettext_lazy("Why there is no score"),
]  # fmt: skip


def score_cells(card: str, one: scores.AgentScore) -> list[object]:
    """A score as a row under `SCORES_HEADER`."""
    score = one.score
    failing = score.failing
    return [
        card, one.agent.name, one.team and one.team.name, one.eligible, one.drawn, one.reviews,
        *estimate(score.pooled), *estimate(score.own),
        hundredths(score.drawn_in) if score.pooled else None,
        *(
            [failing.failed, hundredths(failing.rate), *interval(failing.interval)]
            if failing
            else [None] * 4
        ),
        *([one.rank.best, one.rank.worst] if one.rank else [None] * 2),
        one.more, one.targeted, words.LACKS[score.lack] if score.lack else None,
    ]  # fmt: skip


@login_required
@require_safe
def scores_csv(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """What a draw says of each agent; that it was exported is noted."""
    draw = _draw(request, pk)
    reader = signed_in(request)
    if request.method == "GET":
        exported.figures(reader, [draw.site], draw.first_day, draw.next_day - DAY, timezone.now())
    lines = (
        score_cells(card.card.name, one)
        for card in scores.of_draws([draw])
        for one in card.agents
        if one.agent.user_id != reader.pk
    )
    return exports.download(f"scores-{draw.pk}.csv", SCORES_HEADER, lines)


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
    lines = [score_cells(plan.card.name, one) for one in told]
    return exports.download(
        f"scores-plan-{pk}-{shown.first}-{shown.last}.csv", SCORES_HEADER, lines
    )


@login_required
@ReadOrPost
def drawn_swap(request: HttpRequest, pk: int) -> HttpResponse:
    """Swap a drawn call that cannot be reviewed: for its reviewer, and for who keeps the plan."""
    call = _drawn(request, pk, may_review=True)
    form = SwapForm(request.POST if request.method == "POST" else None)
    keeps_it = keeps_at(request.user, call.drawn.draw.site_id)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            new = swapping.swap(
                call, said["reason"], said["words"], signed_in(request), timezone.now()
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.info(
                request,
                _("The call is swapped for the next in the order of the seed.")
                if new is not None
                else _("The call is out of the draw; there is no other to take instead."),
            )
            if keeps_it:
                return redirect("sampling_draw", pk=call.drawn.draw_id)
            return redirect("reviews")
    about(request, call.drawn.draw.site)
    context = {
        "call": reads.calls([call], signed_in(request), timezone.now()).calls[0],
        "draw": call.drawn.draw,
        "form": form,
        "keeps": keeps_it,
    }
    return render(request, "qa/sampling_swap.html", context)


@login_required
@ReadOrPost
def drawn_give(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a drawn call that nobody reviews to somebody."""
    call = _drawn(request, pk, may_review=False)
    draw = call.drawn.draw
    sent = request.POST if request.method == "POST" else None
    form = HandOnForm(sent, site=draw.site, needs_reason=False)
    if form.is_bound and form.is_valid():
        try:
            swapping.give(call, form.cleaned_data["reviewer"], signed_in(request), timezone.now())
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.info(request, _("It is theirs to review."))
            return redirect("sampling_draw", pk=draw.pk)
    about(request, draw.site)
    context = {
        "call": reads.calls([call], signed_in(request), timezone.now()).calls[0],
        "draw": draw,
        "form": form,
    }
    return render(request, "qa/sampling_give.html", context)


@login_required
@ReadOrPost
def rules_page(request: HttpRequest) -> HttpResponse:
    """A site's rules of review: changed by who keeps its scorecards, read by who sees its
    reviews."""
    scope = scope_of(request.user)
    rows = Site.objects.order_by("name")
    sites = list(rows if scope.everything else rows.filter(pk__in=reviewed_sites(scope)))
    if not sites:
        raise Http404
    site = of_open_sites(request, sites, timezone.now())
    assert site is not None  # there is one, or the reader was turned away
    may_change = keeps_at(request.user, site.pk)
    if request.method == "POST" and not may_change:
        raise Http404
    rules = QualityRules.objects.filter(site=site).first() or QualityRules(site=site)
    form = RulesForm(
        request.POST if request.method == "POST" else None, instance=rules, may_change=may_change
    )
    if form.is_bound and form.is_valid():
        services.keep_rules(form.save(commit=False), signed_in(request), timezone.now())
        messages.info(request, _("The rules are kept."))
        return redirect(f"{request.path}?site={site.slug}")
    context = {"form": form, "site": site, "sites": sites, "may_change": may_change}
    return render(request, "qa/sampling_rules.html", context)


def _plan(request: HttpRequest, pk: int, rows: QuerySet[SamplingPlan]) -> SamplingPlan:
    if pk > MOST_ID:
        raise Http404
    rows = rows.select_related("site", "card")
    plan: SamplingPlan = get_object_or_404(
        rows.prefetch_related(
            "teams",
            "queues",
            Prefetch("reviewers", PlanReviewer.objects.select_related("user")),
        ),
        pk=pk,
    )
    return plan


def _draw(request: HttpRequest, pk: int) -> PlanDraw:
    if pk > MOST_ID:
        raise Http404
    rows = PlanDraw.objects.visible_to(request.user)
    draw: PlanDraw = get_object_or_404(rows.select_related("plan__card", "site", "made_by"), pk=pk)
    return draw


def _drawn(request: HttpRequest, pk: int, *, may_review: bool) -> DrawnCall:
    if pk > MOST_ID:
        raise Http404
    rows = reads.changeable_calls(signed_in(request), may_review=may_review)
    call: DrawnCall = get_object_or_404(rows, pk=pk)
    return call


def urls(under: str) -> list[URLPattern]:
    at = f"{under}/sampling"
    return [
        path(f"{at}/", sampling_page, name="sampling"),
        path(f"{at}/new/", plan_new, name="sampling_plan_new"),
        path(f"{at}/<int:pk>/", plan_page, name="sampling_plan"),
        path(f"{at}/<int:pk>/edit/", plan_edit, name="sampling_plan_edit"),
        path(f"{at}/<int:pk>/scores/", plan_scores_page, name="sampling_plan_scores"),
        path(f"{at}/<int:pk>/scores.csv", plan_scores_csv, name="sampling_plan_scores_csv"),
        path(f"{at}/<int:pk>/end/", plan_end, name="sampling_plan_end"),
        path(f"{at}/<int:pk>/draw/", plan_draw, name="sampling_plan_draw"),
        path(f"{at}/draws/<int:pk>/", draw_page, name="sampling_draw"),
        path(f"{at}/draws/<int:pk>/scores/", scores_page, name="sampling_scores"),
        path(f"{at}/draws/<int:pk>/export.csv", draw_csv, name="sampling_draw_csv"),
        path(f"{at}/draws/<int:pk>/scores.csv", scores_csv, name="sampling_scores_csv"),
        path(f"{at}/drawn/<int:pk>/swap/", drawn_swap, name="drawn_swap"),
        path(f"{at}/drawn/<int:pk>/give/", drawn_give, name="drawn_give"),
        path(f"{under}/rules/", rules_page, name="quality_rules"),
    ]
