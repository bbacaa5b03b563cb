"""Plans: those of all whom the reader coaches, a new one, and one with its steps."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm import viewed
from ccm.database import MOST_ID
from ccm.filters import about, address, of_open_sites
from ccm.intervals import day_of
from ccm.models import Agent, User, Viewing
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from coaching.access import sites_coached
from coaching.holding.reads import criteria, is_late
from coaching.models import Plan
from coaching.plans import reads, services
from coaching.plans.forms import EndPlanForm, PlanForm, PlanStepForm
from coaching.views.sessions import agent_at, renew

MOST_LISTED = 200


@login_required
@require_safe
def plans_page(request: HttpRequest) -> HttpResponse:
    """Those that run, what ends next first, and those that ended."""
    if not may_open("plans", request.user):
        raise Http404
    user, now = signed_in(request), timezone.now()
    sites = list(sites_coached(user))
    site = request.GET.get("site", "")
    if site and site not in {one.slug for one in sites}:
        raise Http404
    rows = Plan.objects.changed_by(user).select_related(*reads.SHOWN)
    if site:
        rows = rows.filter(agent__site__slug=site)
    over = rows.exclude(state=Plan.State.RUNNING).order_by("-ended_at", "-pk")
    context = {
        "sites": sites,
        "site": site,
        "running": reads.lines(rows.running().order_by("until_on", "pk")[:MOST_LISTED], now),
        "over": reads.lines(over[:MOST_LISTED], now),
        "new_url": address(reverse("plan_new"), {"site": site}) if sites else "",
    }
    return render(request, "coaching/plans.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def plan_new(request: HttpRequest) -> HttpResponse:
    """Make one; with `agent` in the address, theirs."""
    if not may_open("plans", request.user):
        raise Http404
    user, now = signed_in(request), timezone.now()
    sites = list(sites_coached(user))
    site = of_open_sites(request, sites, now)
    if site is None:
        raise Http404
    asked = agent_at(request, user, site)
    agent = None if asked is None else asked.pk
    running: Plan | None = None
    posted = request.POST if request.method == "POST" else None
    form = PlanForm(posted, user=user, site=site, today=day_of(now, site.calendar), agent=agent)
    if form.is_bound and form.is_valid():
        whose: Agent = form.cleaned_data["agent"]
        try:
            made = services.make(whose, form.aim(), user, now)
        except ValidationError as refusal:
            form.add_error(None, refusal)
            running = refusal.plan if isinstance(refusal, services.Runs) else None
        else:
            return redirect("plan", pk=made.pk)
    context = {
        "form": form, "site": site, "sites": sites, "running": running,
        "action": address(request.path, {"site": site.slug}),
    }  # fmt: skip
    return render(request, "coaching/plan_new.html", context)


@login_required
@require_safe
def plan_page(request: HttpRequest, pk: int) -> HttpResponse:
    return _drawn(request, _plan(request, pk), {})


@login_required
@require_POST
def plan_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Have it say something else."""
    plan, user, now = _plan(request, pk, changes=True), signed_in(request), timezone.now()
    form = _change_form(plan, user, request.POST)

    def act() -> object:
        revision = form.cleaned_data["revision"] or 0
        return services.change(plan, form.aim(), revision, user, now)

    return _after(request, plan, "change", form, act)


@login_required
@require_POST
def plan_end(request: HttpRequest, pk: int) -> HttpResponse:
    plan, user, now = _plan(request, pk, changes=True), signed_in(request), timezone.now()
    form = EndPlanForm(request.POST)

    def act() -> object:
        said = form.cleaned_data
        return services.end(plan, said["state"], said["words"], said["revision"], user, now)

    return _after(request, plan, "end", form, act)


@login_required
@require_POST
def plan_step(request: HttpRequest, pk: int) -> HttpResponse:
    """A step of it that is agreed on."""
    plan, user, now = _plan(request, pk, changes=True), signed_in(request), timezone.now()
    form = _step_form(plan, user, request.POST)
    return _after(request, plan, "step", form, lambda: services.step(plan, form.step(), user, now))


def _after(
    request: HttpRequest, plan: Plan, name: str, form: Form, act: Callable[[], object]
) -> HttpResponse:
    """Back to the page; with what is wrong, where something is."""
    if form.is_valid():
        try:
            act()
        except services.Stale as stale:
            plan.refresh_from_db()
            renew(form, "revision", plan.revision)
            form.add_error(None, stale.messages[0])
        except ValidationError as refusal:
            known = getattr(refusal, "error_dict", None)
            if known and not set(known) <= set(form.fields):
                refusal = ValidationError(refusal.messages)
            form.add_error(None, refusal)
        else:
            return redirect("plan", pk=plan.pk)
    return _drawn(request, plan, {name: form})


def _drawn(request: HttpRequest, plan: Plan, forms: dict[str, Form]) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    viewed.note(user, [plan.agent_id], Viewing.What.COACHING, now)
    steps = reads.steps_of(plan)
    # Of those that are seen nobody changes their own.
    changes = plan.agent.user_id != user.pk
    known: dict[str, Any] = {}
    if changes and plan.state == Plan.State.RUNNING:
        known = {
            "step": _step_form(plan, user, None),
            "change": _change_form(plan, user, None),
            "end": EndPlanForm(initial={"revision": plan.revision}),
        }
    context = {
        "plan": plan,
        "line": reads.line_of(plan, steps, now),
        "steps": steps,
        "measured": reads.measured(plan, steps, user, now),
        "changes": changes,
        "late": {one.pk for one in steps if is_late(one, now)},
        "forms": {name: forms.get(name, form) for name, form in known.items()},
    }
    return render(request, "coaching/plan.html", context)


def _change_form(plan: Plan, user: User, posted: Any) -> PlanForm:
    site = plan.agent.site
    return PlanForm(posted, user=user, site=site, today=plan.starts_on, plan=plan)


def _step_form(plan: Plan, user: User, posted: Any) -> PlanStepForm:
    return PlanStepForm(posted, plan=plan, criteria=criteria(user, plan.agent.site_id))


def _plan(request: HttpRequest, pk: int, *, changes: bool = False) -> Plan:
    if pk > MOST_ID:
        raise Http404
    user = signed_in(request)
    rows = Plan.objects.changed_by(user) if changes else Plan.objects.visible_to(user)
    one: Plan = get_object_or_404(rows.select_related(*reads.SHOWN), pk=pk)
    about(request, one.agent.site)
    return one


def urls(under: str) -> list[URLPattern]:
    one = f"{under}/plans/<int:pk>"
    return [
        path(f"{under}/plans/", plans_page, name="plans"),
        path(f"{under}/plans/new/", plan_new, name="plan_new"),
        path(f"{one}/", plan_page, name="plan"),
        path(f"{one}/change/", plan_change, name="plan_change"),
        path(f"{one}/end/", plan_end, name="plan_end"),
        path(f"{one}/step/", plan_step, name="plan_step"),
    ]
