"""Trades of shifts: one's own and what one may take, and those that one decides."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm.access import scope_of
from ccm.database import MOST_ID
from ccm.filters import address, of_sites
from ccm.intervals import DAY
from ccm.models import Agent, Site
from ccm.navigation import may_open, plans
from ccm.views.lists import signed_in
from scheduling.models import KeptRoster, KeptShift, ShiftTemplate, Trade
from scheduling.rosters import given
from scheduling.terms import reach
from scheduling.trades import judging, opening, reads, services, words
from scheduling.trades.forms import DecisionForm, OfferForm, OpenForm
from scheduling.views import mine


@login_required
@require_safe
def my_trades(request: HttpRequest) -> HttpResponse:
    """What is offered to the reader, what they offer themselves, and what they could offer."""
    agent, now = mine.own_agent(request), timezone.now()
    own = reads.mine(agent, now)
    context = {
        "agent": agent,
        "offered": reads.offered(agent, now),
        "answered": [one for one in own if one.is_answered and one.trade.giver_id == agent.pk],
        "own": own,
        "tradable": reads.own(agent, now),
    }
    return render(request, "scheduling/my_trades.html", context)


@login_required
@require_safe
def trade_offered(request: HttpRequest, pk: int) -> HttpResponse:
    """A shift that is offered to the reader: whether a rule speaks against their taking it."""
    agent, now = mine.own_agent(request), timezone.now()
    if pk > MOST_ID:
        raise Http404
    looked = reads.look(pk, agent, now)
    if looked is None:
        get_object_or_404(_known_to(agent), pk=pk)
        messages.warning(request, _("It is not open to you, or not any more."))
        return redirect("my_trades")
    context = {"agent": agent, "looked": looked, "back": mine.number(request.GET.get("back"))}
    return render(request, "scheduling/trade_offered.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def trade_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer one of one's own shifts."""
    agent, now = mine.own_agent(request), timezone.now()
    if pk > MOST_ID:
        raise Http404
    rows = KeptShift.objects.published().filter(agent=agent, begins_at__gt=now)
    shift = get_object_or_404(rows.select_related("roster__site"), pk=pk)
    if not rows.worked().filter(pk=pk).exists():
        messages.warning(request, _("You are on leave on that day: there is nothing to offer."))
        return redirect("my_trades")
    sent = request.POST if request.method == "POST" else None
    values = given.of_row(shift).values()
    only_given_up = judging.has_parts(values)
    form = OfferForm(sent, colleagues=reads.colleagues(shift), only_given_up=only_given_up)
    if sent is not None and form.is_valid():
        said = form.cleaned_data
        try:
            trade = services.offer(
                shift, said["kind"], signed_in(request), now, to=said.get("to"), note=said["note"]
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.info(request, _done(trade))
            return redirect("my_trades")
    told = words.shift(values, shift.day, agent.site.calendar.zone)
    context = {
        "form": form,
        "shift": shift,
        "told": told,
        "why": words.only_given_up() if only_given_up else "",
    }
    return render(request, "scheduling/trade_new.html", context)


Act = Callable[[HttpRequest, Trade, Agent], Trade]


def _take(request: HttpRequest, trade: Trade, agent: Agent) -> Trade:
    back = mine.number(request.POST.get("back"))
    rows = KeptShift.objects.published().filter(agent=agent, pk=back or 0)
    return services.take(trade, agent, signed_in(request), timezone.now(), back=rows.first())


def _agree(request: HttpRequest, trade: Trade, agent: Agent) -> Trade:
    _is_giver(trade, agent)
    return services.agree(trade, signed_in(request), timezone.now())


def _decline(request: HttpRequest, trade: Trade, agent: Agent) -> Trade:
    return services.decline(trade, agent, signed_in(request), timezone.now())


def _withdraw(request: HttpRequest, trade: Trade, agent: Agent) -> Trade:
    _is_giver(trade, agent)
    return services.withdraw(trade, signed_in(request), timezone.now())


def _let_go(request: HttpRequest, trade: Trade, agent: Agent) -> Trade:
    if trade.taker_id != agent.pk:
        raise Http404
    return services.let_go(trade, agent, signed_in(request), timezone.now())


def _known_to(agent: Agent) -> QuerySet[Any]:
    """Trades that somebody is told of: one that somebody else just took is said to be gone, of
    others nothing is told."""
    own = Trade.objects.of(agent) | Trade.objects.filter(to=agent)
    site = Trade.objects.filter(to=None, roster__site=agent.site_id).exclude(kind="give_up")
    rows: QuerySet[Any] = own | site
    return rows


def _is_giver(trade: Trade, agent: Agent) -> None:
    if trade.giver_id != agent.pk:
        raise Http404


_ACTS: dict[str, Act] = {
    "take": _take, "agree": _agree, "decline": _decline, "withdraw": _withdraw,
    "let_go": _let_go,
}  # fmt: skip


@login_required
@require_POST
def trade_act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Take, decline, agree to, or take back a trade of one's own, or that is open to one."""
    agent, do = mine.own_agent(request), _ACTS.get(act)
    if do is None or pk > MOST_ID:
        raise Http404
    trade = get_object_or_404(_known_to(agent), pk=pk)
    try:
        done = do(request, trade, agent)
        messages.info(request, _("You do not take it.") if act == "let_go" else _done(done))
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
        if act == "take" and Trade.objects.open_to(agent, timezone.now()).filter(pk=pk).exists():
            # What they chose stays chosen, and beside it stands what else they may give.
            back = mine.number(request.POST.get("back"))
            page = reverse("trade_offered", args=[pk])
            return HttpResponseRedirect(page if back is None else address(page, {"back": back}))
    return redirect("my_trades")


@login_required
@require_safe
def trades_page(request: HttpRequest) -> HttpResponse:
    """Trades of people one leads or plans; those that wait are decided here."""
    if not may_open("trades", request.user):
        raise Http404
    who, now = signed_in(request), timezone.now()
    scope = scope_of(who)
    theirs = Q() if scope.everything else Q(pk__in=scope.planned_sites | scope.team_sites)
    sites = list(Site.objects.filter(theirs).order_by("name"))
    # Of all of them, unless the address names one.
    site = of_sites(request, sites) if request.GET.get("site") else None
    rows = reads.listed(who, now, site)
    context = {
        "sites": sites,
        "site": site,
        "waiting": [one for one in rows if one.is_waiting],
        "rows": [
            (one, scope.plans_for(one.trade.roster.site_id)) for one in rows if not one.is_waiting
        ],
        "may_plan": plans(request.user),
        "most": reads.MOST,
    }
    return render(request, "scheduling/trades.html", context)


def reason(request: HttpRequest) -> str:
    """Why somebody decides as they do, as it is kept. Raises ValidationError for what is too
    long."""
    form = DecisionForm(request.POST)
    if not form.is_valid():
        raise ValidationError(form.errors["reason"][0])
    said: str = form.cleaned_data["reason"]
    return said


@login_required
@require_POST
def trade_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whether a trade of people one leads or plans is done."""
    if pk > MOST_ID or not may_open("trades", request.user):
        raise Http404
    trade = get_object_or_404(
        Trade.objects.decided_by(request.user).select_related("roster__site"), pk=pk
    )
    approves = request.POST.get("approves")
    if approves not in ("yes", "no"):
        raise Http404
    try:
        services.decide(
            trade, signed_in(request), timezone.now(),
            approves=approves == "yes", reason=reason(request),
        )  # fmt: skip
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    else:
        messages.info(request, _("It is done.") if approves == "yes" else _("It is refused."))
    site = trade.roster.site.slug
    if request.POST.get("site") == site:
        return HttpResponseRedirect(address(reverse("trades"), {"site": site}))
    return redirect("trades")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def open_shift_new(request: HttpRequest) -> HttpResponse:
    """Post open shifts of a published roster."""
    if not plans(request.user):
        raise Http404
    who, now = signed_in(request), timezone.now()
    sites = list(reach.planned_sites(who).order_by("name"))
    site = of_sites(request, sites)
    rosters = (
        KeptRoster.objects.managed_by(who).published().filter(site=site).select_related("group")
    )
    last = (now - 2 * DAY).date()
    sent = request.POST if request.method == "POST" else None
    form = OpenForm(
        sent,
        rosters=rosters.within(last, last + 400 * DAY),
        templates=ShiftTemplate.objects.filter(site=site, is_active=True).order_by("name"),
    )
    if sent is not None and form.is_valid():
        said: dict[str, Any] = form.cleaned_data
        shift = opening.of_template(
            said["roster"], said["day"], said["template"], said["start"], said["length"]
        )
        try:
            services.post(
                said["roster"], said["day"], shift, said["many"], who, now, note=said["note"]
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.info(request, _("It is posted: whoever may take it sees it."))
            return redirect("trades")
    context = {"form": form, "sites": sites, "site": site}
    return render(request, "scheduling/open_shift_new.html", context)


@login_required
@require_POST
def open_shift_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back an open shift that nobody has taken yet."""
    if pk > MOST_ID:
        raise Http404
    rows = Trade.objects.managed_by(request.user).filter(kind=Trade.Kind.OPEN)
    trade = get_object_or_404(rows, pk=pk)
    try:
        services.withdraw(trade, signed_in(request), timezone.now())
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    else:
        messages.info(request, _("The open shift is withdrawn."))
    return redirect("trades")


def _done(trade: Trade) -> str:
    """What became of it, in words for who asked for it."""
    return {
        Trade.State.OFFERED: _("It is offered."),
        Trade.State.ANSWERED: _("It is said: now the other agrees, or not."),
        Trade.State.WAITING: _("A supervisor or planner decides it."),
        Trade.State.DONE: _("It is done: your schedule has it."),
        Trade.State.REFUSED: _("It is declined."),
        Trade.State.WITHDRAWN: _("It is withdrawn."),
    }[Trade.State(trade.state)]


def urls(under: str) -> list[URLPattern]:
    own = mine.UNDER
    return [
        path(f"{own}/trades/", my_trades, name="my_trades"),
        path(f"{own}/trades/new/<int:pk>/", trade_new, name="trade_new"),
        path(f"{own}/trades/<int:pk>/", trade_offered, name="trade_offered"),
        path(f"{own}/trades/<int:pk>/<slug:act>/", trade_act, name="trade_act"),
        path(f"{under}/trades/", trades_page, name="trades"),
        path(f"{under}/trades/open/", open_shift_new, name="open_shift_new"),
        path(f"{under}/trades/<int:pk>/decide/", trade_decide, name="trade_decide"),
        path(f"{under}/trades/<int:pk>/withdraw/", open_shift_withdraw, name="open_shift_withdraw"),
    ]
