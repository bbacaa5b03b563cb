"""Bids: rounds for who plans them, and each one's own choices."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm.database import MOST_ID
from ccm.filters import about
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from scheduling.bids import forms, reads, services, words
from scheduling.bids import lines as of_lines
from scheduling.models import Bid, BidRound, KeptRoster
from scheduling.rosters import reads as of_rosters

_SHOWN = 100


@login_required
@require_safe
def bids_page(request: HttpRequest) -> HttpResponse:
    """The newest rounds of sites planned, and the drafts on which one can begin."""
    if not may_open("bids", request.user):
        raise Http404
    rounds = BidRound.objects.visible_to(request.user).with_counts().open_first()
    rounds = rounds.select_related("roster__site", "team", "contract", "queue")[:_SHOWN]
    going_on = BidRound.objects.not_over().filter(roster=OuterRef("pk"))
    drafts = KeptRoster.objects.managed_by(request.user).filter(state=KeptRoster.State.DRAFT)
    drafts = drafts.annotate(has_round=Exists(going_on))
    told = reads.rounds(rounds)
    context = {
        "rounds": told,
        "says_zones": len({one.round.roster.site.zone for one in told}) > 1,
        "drafts": drafts.select_related("site", "group")[:_SHOWN],
        "most": _SHOWN,
    }
    return render(request, "scheduling/bids.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def bid_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a round on a draft."""
    if pk > MOST_ID:
        raise Http404
    rows = KeptRoster.objects.managed_by(request.user).filter(state=KeptRoster.State.DRAFT)
    roster = get_object_or_404(rows.select_related("site", "group"), pk=pk)
    about(request, roster.site)
    form = forms.RoundForm(request.POST if request.method == "POST" else None, roster=roster)
    if form.is_bound and form.is_valid():
        held = form.made()
        try:
            services.begin(held, signed_in(request), timezone.now())
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.info(request, _("The round is open: those who take part see it."))
            return redirect("bid_round", pk=held.pk)
    context = {"form": form, "roster": roster, "most": services.MOST_PEOPLE}
    return render(request, "scheduling/bids_new.html", context)


@login_required
@require_safe
def bid_round(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a round is, and once it is closed what it gives to whom and why."""
    held = _planned(request, pk)
    gets = reads.given_of(held)
    ranked = sum(bool(one.bid.ranked) for one in gets)
    context = {
        "round": held,
        "roster": held.roster,
        "for_whom": words.chosen_by(held),
        "criteria": words.criteria(held),
        "gets": gets,
        "ranked": words.ranked(ranked, len(gets)),
        "lines": reads.lines_of(held),
        "days": of_rosters.days_of(held.roster),
        "is_current": held.is_over or of_lines.is_current(held.lines.all(), held.roster),
        "breaks": reads.breaks(held, gets),
        "closes": forms.ClosesForm(held=held) if held.is_open else None,
        "mark": services.mark(held) if held.state == BidRound.State.CLOSED else "",
    }
    return render(request, "scheduling/bids_round.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def bid_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether a round is to close before its moment, with how many have chosen, then close
    it."""
    held = _planned(request, pk)
    if request.method != "POST":
        many = held.bids.count()
        have_ranked = held.bids.exclude(ranked=[]).count()
        context = {
            "round": held,
            "roster": held.roster,
            "ranked": words.ranked(have_ranked, many),
            "missing": many - have_ranked,
        }
        return render(request, "scheduling/bids_close.html", context)
    if not services.close(held, timezone.now(), signed_in(request)):
        messages.warning(request, _("It is not open any more."))
    return redirect("bid_round", pk=pk)


@login_required
@require_POST
def bid_moment(request: HttpRequest, pk: int) -> HttpResponse:
    """Have an open round close at another moment."""
    held, now = _planned(request, pk), timezone.now()
    form = forms.ClosesForm(request.POST, held=held)
    if not form.is_valid():
        said = [*form.errors.get("closes", ()), _("That cannot be: look again.")]
        messages.warning(request, str(said[0]))
        return redirect("bid_round", pk=pk)
    closes, seen = form.cleaned_data["closes"], form.cleaned_data["seen"]
    try:
        services.keep_open_until(held, closes, signed_in(request), now, seen=seen)
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    else:
        messages.info(request, _("The round closes at that moment now."))
    return redirect("bid_round", pk=pk)


@login_required
@require_POST
def bid_call_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Have nothing come of a round."""
    held = _planned(request, pk)
    if services.call_off(held, signed_in(request), timezone.now()):
        messages.info(request, _("The round is called off. The roster stays as it is."))
    else:
        messages.warning(request, _("It is over already."))
    return redirect("bid_round", pk=pk)


@login_required
@require_POST
def bid_give(request: HttpRequest, pk: int) -> HttpResponse:
    """Give everybody their line, as it was shown."""
    held = _planned(request, pk)
    seen = request.POST.get("seen", "")
    try:
        is_done = services.give(held, signed_in(request), timezone.now(), seen=seen)
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    else:
        if is_done:
            messages.info(request, _("The draft has everybody's line now."))
        else:
            messages.warning(
                request, _("By now it comes out otherwise than it was shown: look again.")
            )
    return redirect("bid_round", pk=pk)


@login_required
@require_safe
def my_bids(request: HttpRequest) -> HttpResponse:
    """Rounds that the reader takes part in, or took part in lately."""
    if not may_open("my_bids", request.user):
        raise Http404
    now = timezone.now()
    bids = Bid.objects.of(signed_in(request)).recent(now).open_first()
    bids = bids.select_related("round__roster__site", "line")[:_SHOWN]
    context = {
        "bids": [(one, one.round, one.round.roster, _may_rank(one, now)) for one in bids],
    }
    return render(request, "scheduling/bids_mine.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_bid(request: HttpRequest, pk: int) -> HttpResponse:
    """The lines of a round that are open to the reader, to be ranked until it closes; then what
    they got and why."""
    if pk > MOST_ID:
        raise Http404
    who, now = signed_in(request), timezone.now()
    rows = Bid.objects.of(who).select_related("round__roster__site", "line")
    bid = get_object_or_404(rows, round=pk)
    lines = reads.lines_of(bid.round)
    numbers = [one.number for one in lines if str(one.number) not in bid.against]
    typed = {line: str(place) for place, line in enumerate(bid.ranked, 1)}
    wrong: list[str] = []
    if request.method == "POST":
        ranked, wrong = forms.ranking(request.POST, numbers)
        how = request.POST.get("move", "")
        seen = request.POST.get("seen", "")
        if not wrong:
            try:
                services.rank(
                    bid,
                    forms.moved(ranked, how, numbers),
                    who,
                    now,
                    seen=int(seen) if seen.isascii() and seen.isdecimal() else -1,
                )
            except ValidationError as refusal:
                wrong = refusal.messages
            else:
                if not how:
                    messages.info(request, _("Your choices are kept."))
                return redirect(reverse("my_bid", args=[pk]) + forms.at(how, numbers))
        typed = forms.typed_of(request.POST, numbers)
    return render(request, "scheduling/bids_my.html", _mine(bid, lines, typed, wrong, now))


def _mine(
    bid: Bid, lines: list[reads.Shown], typed: dict[int, str], wrong: list[str], now: datetime
) -> dict[str, Any]:
    held, roster = bid.round, bid.round.roster
    is_given = held.state == BidRound.State.AWARDED
    by_number = {one.number: one for one in lines}
    ranked = [by_number[one] for one in bid.ranked if one in by_number]
    others = [one for one in lines if one not in ranked and str(one.number) not in bid.against]
    context: dict[str, Any] = {
        "bid": bid,
        "round": held,
        "roster": roster,
        "criteria": words.criteria(held),
        "days": of_rosters.days_of(roster),
        "may_rank": _may_rank(bid, now),
        "is_given": is_given,
        "wrong": wrong,
        "rows": [(one, typed.get(one.number, ""), one in ranked) for one in (*ranked, *others)],
        "shown": [*ranked, *others],
        "refused": reads.refused(bid, lines, roster.first_day),
    }
    if is_given and bid.line is not None:
        context |= {
            "mine": by_number[bid.line.number],
            "place": words.place(bid, len(lines)),
            "fairness": words.own_fairness(bid, held),
            "choices": words.choices(bid, roster.first_day),
            "is_as_given": reads.is_as_given(bid, roster),
        }
    return context


def _may_rank(bid: Bid, now: datetime) -> bool:
    return bool(bid.round.is_open and bid.round.closes_at > now)


def _planned(request: HttpRequest, pk: int) -> BidRound:
    if pk > MOST_ID:
        raise Http404
    rows = BidRound.objects.managed_by(request.user).select_related(
        "roster__site", "roster__group", "team", "contract", "queue", "opened_by", "awarded_by"
    )
    held: BidRound = get_object_or_404(rows, pk=pk)
    about(request, held.roster.site)
    return held


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/bids/", bids_page, name="bids"),
        path(f"{under}/bids/new/<int:pk>/", bid_new, name="bid_new"),
        path(f"{under}/bids/<int:pk>/", bid_round, name="bid_round"),
        path(f"{under}/bids/<int:pk>/close/", bid_close, name="bid_close"),
        path(f"{under}/bids/<int:pk>/moment/", bid_moment, name="bid_moment"),
        path(f"{under}/bids/<int:pk>/call-off/", bid_call_off, name="bid_call_off"),
        path(f"{under}/bids/<int:pk>/give/", bid_give, name="bid_give"),
        path(f"{under}/my-bids/", my_bids, name="my_bids"),
        path(f"{under}/my-bids/<int:pk>/", my_bid, name="my_bid"),
    ]
