"""Sampling plans: their list, forms and pages, and a site's rules of review."""

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm import exports
from ccm.access import scope_of
from ccm.database import MOST_ID
from ccm.filters import about, of_open_sites
from ccm.intervals import DAY, day_of
from ccm.models import Site
from ccm.navigation import may_open
from ccm.views.in_turn import in_turn
from ccm.views.lists import signed_in
from qa.access import keeps, keeps_at, sites_kept, sites_reviewed
from qa.models import PlanReviewer, SamplingPlan
from qa.plans import drawing, files, reads, services, words
from qa.plans.forms import PlanForm, RulesForm
from qa.reviews import facts
from qa.views import sampling_draws, sampling_scores

_DRAWS = 26
ReadOrPost = require_http_methods(["GET", "HEAD", "POST"])


def _kept_sites(request: HttpRequest) -> list[Site]:
    """Sites whose plans the reader keeps. Raises Http404 where there is none."""
    sites = list(sites_kept(request.user))
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
@require_safe
def sampling_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same plans as a file: no rows about people."""
    if not may_open("sampling", request.user):
        raise Http404
    rows = reads.plans(SamplingPlan.objects.visible_to(request.user), timezone.now())
    return exports.download("plans.csv", files.PLANS_HEADER, map(files.plan_cells, rows))


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
            how = form.how(needs_consent=rules.asks_consent)
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
        "facts": words.facts_of(plan),
        "reviewers": plan.reviewers.all(),
        "draws": reads.draws(plan.draws.all()[:_DRAWS], now),
        "undrawn": drawing.undrawn(plan, now)[:_DRAWS],
        "most": _DRAWS,
        "keeps": keeps_at(request.user, plan.site_id),
    }
    return render(request, "qa/sampling_plan.html", context)


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
@ReadOrPost
@in_turn
def rules_page(request: HttpRequest) -> HttpResponse:
    """A site's rules of review: changed by who keeps its scorecards, read by who sees its
    reviews."""
    sites = list(sites_reviewed(request.user))
    if not sites:
        raise Http404
    site = of_open_sites(request, sites, timezone.now())
    assert site is not None  # there is one, or the reader was turned away
    may_change = keeps_at(request.user, site.pk)
    if request.method == "POST" and not may_change:
        raise Http404
    rules = facts.rules_of(site.pk)
    form = RulesForm(
        request.POST if request.method == "POST" else None,
        instance=rules, may_change=may_change, in_boxes=True,
    )  # fmt: skip
    if form.is_bound and form.is_valid():
        services.keep_rules(form.save(commit=False), signed_in(request), timezone.now())
        messages.info(request, _("The rules are kept."))
        return redirect(f"{request.path}?site={site.slug}")
    context = {
        "form": form, "site": site, "sites": sites, "may_change": may_change,
        "region_asks": rules.must_agree,
    }  # fmt: skip
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


def urls(under: str) -> list[URLPattern]:
    at = f"{under}/sampling"
    return [
        path(f"{at}/", sampling_page, name="sampling"),
        path(f"{at}/export.csv", sampling_csv, name="sampling_csv"),
        path(f"{at}/new/", plan_new, name="sampling_plan_new"),
        path(f"{at}/<int:pk>/", plan_page, name="sampling_plan"),
        path(f"{at}/<int:pk>/edit/", plan_edit, name="sampling_plan_edit"),
        path(f"{at}/<int:pk>/end/", plan_end, name="sampling_plan_end"),
        path(f"{at}/<int:pk>/draw/", plan_draw, name="sampling_plan_draw"),
        path(f"{under}/rules/", rules_page, name="quality_rules"),
        *sampling_draws.urls(at),
        *sampling_scores.urls(at),
    ]
