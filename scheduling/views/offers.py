"""Offers of overtime and time off: made for a gap of a day, answered, decided."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ccm.access import scope_of
from ccm.database import MOST_ID
from ccm.filters import address
from ccm.intervals import day_of
from ccm.models import Queue
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from scheduling.gaps import reads as of_gaps
from scheduling.intraday import reads as of_calls
from scheduling.models import ShiftOffer, ShiftOfferAnswer
from scheduling.offers import reads, services
from scheduling.shown import queues
from scheduling.views import mine
from scheduling.views.intraday import OLD_SECONDS, sides
from scheduling.views.trades import reason


@login_required
@never_cache
@require_safe
def my_offers(request: HttpRequest) -> HttpResponse:
    """What is offered to the reader, and what became of it."""
    agent, now = mine.own_agent(request), timezone.now()
    rows = reads.mine(agent, now)
    context = {
        "agent": agent,
        "zone": agent.site.zone,
        "open": [one for one in rows if one.is_open],
        "others": [one for one in rows if not one.is_open],
    }
    return render(request, "scheduling/my_offers.html", context)


_ACTS = {"accept": services.accept, "decline": services.decline, "let_go": services.let_go}


@login_required
@require_POST
def offer_answer(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Accept or decline what is offered to oneself, or let go what one accepted."""
    agent, do = mine.own_agent(request), _ACTS.get(act)
    if do is None or pk > MOST_ID:
        raise Http404
    answer = get_object_or_404(ShiftOfferAnswer, pk=pk, agent=agent)
    try:
        done = do(answer, signed_in(request), timezone.now())
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    else:
        said = {
            ShiftOfferAnswer.State.ACCEPTED: _("It is done: your schedule has it."),
            ShiftOfferAnswer.State.WAITING: _("A supervisor or planner decides it."),
            ShiftOfferAnswer.State.DECLINED: _("It is declined."),
        }
        messages.info(request, said[ShiftOfferAnswer.State(done.state)])
    return redirect("my_offers")


@login_required
@never_cache
@require_safe
def offers_page(request: HttpRequest) -> HttpResponse:
    """Offers of a queue's day, and what was answered; what waits is decided here."""
    if not may_open("intraday", request.user):
        raise Http404
    now = timezone.now()
    picked = queues.picked(request)
    queue = picked.queue
    context: dict[str, Any] = {"picked": picked, "queue": queue, "now": now, "old": OLD_SECONDS}
    if queue is not None:
        day = day_of(now, queue.site.calendar)
        context |= {
            "zone": queue.site.zone,
            "day": day,
            "sides": sides(queue, "shift_offers"),
            "may_plan": _plans(request, queue),
            "offers": reads.told(signed_in(request), queue, day, now),
        }
    return render(request, "scheduling/shift_offers.html", context)


@login_required
@require_POST
def offer_make(request: HttpRequest) -> HttpResponse:
    """Offer overtime or time off for a gap of a queue of a site that the user plans."""
    if not may_open("intraday", request.user):
        raise Http404
    picked = queues.picked(request)
    queue = picked.queue
    if queue is None or not _plans(request, queue):
        raise Http404
    now, asked = timezone.now(), {"queue": queue.pk}
    names = ("start", "end", "many", "minutes")
    said = [_number(request.POST.get(name, "")) for name in names]
    running = of_gaps.running(queue, picked.queues, of_calls.reach(queue.site, now))
    if running is None or None in said:
        messages.warning(request, _("That cannot be: look again."))
        return HttpResponseRedirect(address(reverse("intraday_people"), asked))
    start, end, many, minutes = (one for one in said if one is not None)
    kind = request.POST.get("kind", "")
    try:
        offer = services.make(
            running, kind, running.moment(start), running.moment(end), many, minutes,
            signed_in(request), now,
        )  # fmt: skip
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
        return HttpResponseRedirect(address(reverse("intraday_people"), asked))
    many = offer.answers.count()
    told = ngettext("It is offered to %(n)s person:", "It is offered to %(n)s people:", many)
    who = ngettext(
        "the first to accept has it.", "the first %(wanted)s to accept have it.", offer.wanted
    )
    counts = {"n": many, "wanted": offer.wanted}
    messages.info(request, f"{told % counts} {who % counts}")
    return HttpResponseRedirect(address(reverse("shift_offers"), asked))


@login_required
@require_POST
def offer_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an offer back, of a site that the user plans."""
    if pk > MOST_ID:
        raise Http404
    offer = get_object_or_404(ShiftOffer.objects.managed_by(request.user), pk=pk)
    try:
        services.withdraw(offer, signed_in(request), timezone.now())
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    else:
        messages.info(request, _("The offer is withdrawn; what was accepted stays."))
    return _back(offer)


@login_required
@require_POST
def offer_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whether what somebody whom one leads or plans accepted is done."""
    if pk > MOST_ID:
        raise Http404
    rows = ShiftOfferAnswer.objects.visible_to(request.user).select_related("offer")
    answer = get_object_or_404(rows, pk=pk)
    approves = request.POST.get("approves")
    if approves not in ("yes", "no"):
        raise Http404
    try:
        services.decide(
            answer, signed_in(request), timezone.now(),
            approves=approves == "yes", reason=reason(request),
        )  # fmt: skip
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    else:
        messages.info(request, _("It is done.") if approves == "yes" else _("It is refused."))
    return _back(answer.offer)


def _back(offer: ShiftOffer) -> HttpResponse:
    return HttpResponseRedirect(address(reverse("shift_offers"), {"queue": offer.queues[0]}))


def _plans(request: HttpRequest, queue: Queue) -> bool:
    scope = scope_of(request.user)
    return scope.everything or scope.plans_for(queue.site_id)


def _number(said: str) -> int | None:
    """One that a day's minutes, or a count, can be; else None."""
    is_one = said.isascii() and said.isdecimal() and len(said) <= 4
    return int(said) if is_one else None


def urls() -> list[URLPattern]:
    own = mine.UNDER
    return [
        path(f"{own}/offers/", my_offers, name="my_offers"),
        path(f"{own}/offers/<int:pk>/<slug:act>/", offer_answer, name="offer_answer"),
        path("intraday/offers/", offers_page, name="shift_offers"),
        path("intraday/offers/make/", offer_make, name="shift_offer_make"),
        path("intraday/offers/<int:pk>/withdraw/", offer_withdraw, name="shift_offer_withdraw"),
        path("intraday/offers/<int:pk>/decide/", offer_decide, name="shift_offer_decide"),
    ]
