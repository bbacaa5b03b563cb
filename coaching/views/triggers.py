"""Proposed sessions, and the rules that propose them."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm import viewed
from ccm.access import scope_of
from ccm.database import MOST_ID
from ccm.filters import about, address, of_sites
from ccm.intervals import DAY, day_of
from ccm.models import Site, Viewing
from ccm.navigation import may_open
from ccm.views.in_turn import in_turn
from ccm.views.lists import signed_in
from coaching.access import coached_sites, sites_coached
from coaching.holding.reads import criteria
from coaching.models import Proposal, Session, TriggerRule
from coaching.triggers import reads, services
from coaching.triggers.forms import DeclineForm, LimitsForm, PutOffForm, RuleForm
from coaching.triggers.reads import Line

MOST_LISTED = 100
LATER = 7 * DAY


@login_required
@require_safe
def proposals_page(request: HttpRequest) -> HttpResponse:
    """What rules propose, the most serious first."""
    if not may_open("proposals", request.user):
        raise Http404
    user, now = signed_in(request), timezone.now()
    sites = list(sites_coached(user))
    word = request.GET.get("site", "")
    chosen = [one for one in sites if not word or one.slug == word]
    if word and not chosen:
        raise Http404
    lines = reads.lines(reads.waiting(user, chosen, now)[:MOST_LISTED], user)
    context = {
        "sites": sites,
        "site": word,
        "lines": lines,
        "people": reads.by_agent(lines, now) if lines else [],
        "put_off": [Line.of(one) for one in reads.put_off(user, chosen, now)[:MOST_LISTED]],
        "held_back": reads.held_back(user, chosen, now),
        "rules_url": address(reverse("trigger_rules"), {"site": word}) if sites else "",
    }
    return render(request, "coaching/proposals.html", context)


@login_required
@require_safe
def proposal_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One, and what becomes of it; its agent reads it once it is decided on."""
    return _drawn(request, _proposal(request, pk), {})


@login_required
@require_POST
def proposal_put_off(request: HttpRequest, pk: int) -> HttpResponse:
    one, user, now = _proposal(request, pk, decides=True), signed_in(request), timezone.now()
    form = PutOffForm(request.POST, on=day_of(now, one.site.calendar) + LATER)

    def act() -> object:
        return services.put_off(one, form.cleaned_data["until"], user, now)

    return _after(request, one, "put_off", form, act)


@login_required
@require_POST
def proposal_decline(request: HttpRequest, pk: int) -> HttpResponse:
    one, user, now = _proposal(request, pk, decides=True), signed_in(request), timezone.now()
    form = DeclineForm(request.POST)

    def act() -> object:
        return services.decline(one, form.cleaned_data["why"], user, now)

    return _after(request, one, "decline", form, act)


@login_required
@require_POST
def proposal_onto(request: HttpRequest, pk: int, session: int) -> HttpResponse:
    """Have it be talked about in a session that is planned already."""
    one, user, now = _proposal(request, pk, decides=True), signed_in(request), timezone.now()
    if session > MOST_ID:
        raise Http404
    there: Session = get_object_or_404(reads.may_take(one.agent_id, user), pk=session)
    try:
        services.planned(one, there, user, now)
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
        return redirect("proposal", pk=pk)
    return redirect("session", pk=there.pk)


@login_required
@require_safe
def trigger_rules(request: HttpRequest) -> HttpResponse:
    """The rules of a site, and how many of what each proposed was accepted."""
    site, sites = _site(request)
    return _rules(request, site, sites, None)


@login_required
@require_POST
@in_turn
def trigger_limits(request: HttpRequest) -> HttpResponse:
    """How much rules of a site propose."""
    site, sites = _site(request, manages=True)
    form = LimitsForm(request.POST, limits=services.limits_of(site))
    if not form.is_valid():
        return _rules(request, site, sites, form)
    said = form.cleaned_data
    services.limit(site, said["per_week"], said["quiet_days"], signed_in(request), timezone.now())
    return redirect(_rules_url(site))


@login_required
@require_POST
def trigger_start(request: HttpRequest) -> HttpResponse:
    """The rules to begin with, all off."""
    site, _sites = _site(request, manages=True)
    if services.start(site, signed_in(request), timezone.now()):
        messages.info(request, _("They are there, and all off: look at each and turn it on."))
    return redirect(_rules_url(site))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def trigger_rule_new(request: HttpRequest) -> HttpResponse:
    """A new rule of a site, of the kind that the address names."""
    site, _sites = _site(request, manages=True)
    kind = request.GET.get("kind", "")
    if kind not in TriggerRule.Kind.values:
        raise Http404
    start = next(one for one in services.STARTERS if one["kind"] == kind)
    rule = TriggerRule(site=site, **dict(start))
    return _kept(request, rule, address(request.path, {"site": site.slug, "kind": kind}))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def trigger_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Another wording of a rule, on or off."""
    if pk > MOST_ID:
        raise Http404
    rows = TriggerRule.objects.managed_by(signed_in(request)).select_related("site", "criterion")
    rule: TriggerRule = get_object_or_404(rows, pk=pk)
    about(request, rule.site)
    return _kept(request, rule, request.path)


def _kept(request: HttpRequest, rule: TriggerRule, action: str) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    posted = request.POST if request.method == "POST" else None
    form = RuleForm(posted, rule=rule, criteria=criteria(user, rule.site_id))
    if form.is_bound and form.is_valid():
        try:
            services.keep(form.made(), user, now, form.cleaned_data["revision"])
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect(_rules_url(rule.site))
    context = {
        "form": form,
        "rule": rule,
        "silent": reads.why_silent([rule], rule.site, now).get(rule.pk, "") if rule.pk else "",
        "action": action,
        "back": _rules_url(rule.site),
    }
    return render(request, "coaching/trigger_rule.html", context)


def _rules(
    request: HttpRequest, site: Site, sites: list[Site], form: LimitsForm | None
) -> HttpResponse:
    user = signed_in(request)
    changes = _manages(request, site)
    context = {
        "site": site,
        "sites": sites,
        "rules": reads.rules(user, site, timezone.now()),
        "changes": changes,
        "limits": services.limits_of(site),
        "form": form or (LimitsForm(limits=services.limits_of(site)) if changes else None),
        "kinds": [
            (label, address(reverse("trigger_rule_new"), {"site": site.slug, "kind": kind}))
            for kind, label in TriggerRule.Kind.choices
        ],
        "start_url": address(reverse("trigger_start"), {"site": site.slug}),
        "limits_url": address(reverse("trigger_limits"), {"site": site.slug}),
    }
    return render(request, "coaching/trigger_rules.html", context)


def _rules_url(site: Site) -> str:
    return address(reverse("trigger_rules"), {"site": site.slug})


def _manages(request: HttpRequest, site: Site) -> bool:
    scope = scope_of(request.user)
    return scope.everything or site.pk in coached_sites(scope)


def _site(request: HttpRequest, *, manages: bool = False) -> tuple[Site, list[Site]]:
    """The site that is asked for, and those that may be. Raises Http404 out of reach."""
    if not may_open("proposals", request.user):
        raise Http404
    sites = list(sites_coached(signed_in(request)))
    if manages:
        sites = [one for one in sites if _manages(request, one)]
    site = of_sites(request, sites)
    if site is None:
        raise Http404
    about(request, site)
    return site, sites


def _proposal(request: HttpRequest, pk: int, *, decides: bool = False) -> Proposal:
    if pk > MOST_ID:
        raise Http404
    user = signed_in(request)
    rows = Proposal.objects.decided_by(user) if decides else Proposal.objects.visible_to(user)
    one: Proposal = get_object_or_404(rows.select_related(*reads.SHOWN), pk=pk)
    about(request, one.site)
    return one


def _after(
    request: HttpRequest, one: Proposal, name: str, form: Form, act: Callable[[], object]
) -> HttpResponse:
    """Back to the list; with what is wrong, where something is, on its page."""
    if form.is_valid():
        try:
            act()
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect("proposals")
    return _drawn(request, one, {name: form})


def _drawn(request: HttpRequest, one: Proposal, forms: dict[str, Form]) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    viewed.note(user, [one.agent_id], Viewing.What.COACHING, now)
    decides = Proposal.objects.decided_by(user).filter(pk=one.pk).exists()
    known: dict[str, Any] = {}
    if decides and one.is_standing:
        known["put_off"] = PutOffForm(on=day_of(now, one.site.calendar) + LATER)
        known["decline"] = DeclineForm()
    context = {
        "line": reads.lines([one], user)[0],
        "one": one,
        "decides": decides,
        "forms": {name: forms.get(name, form) for name, form in known.items()},
        "sessions": list(reads.may_take(one.agent_id, user)) if known else [],
    }
    return render(request, "coaching/proposal.html", context)


def urls(under: str) -> list[URLPattern]:
    one, rules = f"{under}/proposals/<int:pk>", f"{under}/proposals/rules"
    return [
        path(f"{under}/proposals/", proposals_page, name="proposals"),
        path(f"{one}/", proposal_page, name="proposal"),
        path(f"{one}/put-off/", proposal_put_off, name="proposal_put_off"),
        path(f"{one}/decline/", proposal_decline, name="proposal_decline"),
        path(f"{one}/onto/<int:session>/", proposal_onto, name="proposal_onto"),
        path(f"{rules}/", trigger_rules, name="trigger_rules"),
        path(f"{rules}/limits/", trigger_limits, name="trigger_limits"),
        path(f"{rules}/start/", trigger_start, name="trigger_start"),
        path(f"{rules}/new/", trigger_rule_new, name="trigger_rule_new"),
        path(f"{rules}/<int:pk>/", trigger_rule, name="trigger_rule"),
    ]
