"""Draws: their pages and files, drawn calls that are swapped or given to somebody."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ccm import exported, exports, viewed
from ccm.database import MOST_ID
from ccm.filters import about
from ccm.intervals import DAY
from ccm.models import Viewing
from ccm.views.lists import signed_in
from qa.access import keeps_at
from qa.models import DrawnCall, PlanDraw
from qa.plans import drawing, files, reads, swapping, words
from qa.plans.forms import HandOnForm, SwapForm
from qa.plans.how import How

_ROWS = 50
ReadOrPost = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@require_safe
def draw_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A draw: how far its reviews are, its calls and swaps, and how it came about."""
    draw = draw_of(request, pk)
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
    context = about_draw(request, draw) | {
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


def about_draw(request: HttpRequest, draw: PlanDraw) -> dict[str, Any]:
    """What the pages of a draw say of it."""
    about(request, draw.site)
    return {
        "draw": draw,
        "plan": draw.plan,
        "last_day": draw.next_day - DAY,
        "due_day": draw.due_day,
    }


def _chosen(request: HttpRequest, agents: list[reads.OfAgent]) -> int | None:
    said = request.GET.get("agent", "")
    known = {str(one.kept.agent_id): one.kept.agent_id for one in agents}
    return known.get(said)


@login_required
@require_safe
def draw_csv(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """All calls of a draw with how likely each was to be drawn; that they were exported is
    noted."""
    draw = draw_of(request, pk)
    user, now = signed_in(request), timezone.now()
    if request.method == "GET":
        exported.calls(user, draw.site, draw.first_day, draw.next_day - DAY, now, narrowed=True)
    rows = reads.drawn_calls(draw, user)[: exports.MOST_ROWS + 1]
    told = reads.calls(rows, user, now).calls
    lines = files.draw_lines(told, draw.site.tz)
    return exports.download(f"draw-{draw.pk}.csv", files.DRAW_HEADER, lines)


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


def draw_of(request: HttpRequest, pk: int) -> PlanDraw:
    """A draw that the reader sees. Raises Http404 for any other."""
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
    if request.method != "POST":
        now = timezone.now()
        viewed.note(signed_in(request), [call.drawn.agent_id], Viewing.What.CALL, now)
    return call


def urls(at: str) -> list[URLPattern]:
    return [
        path(f"{at}/draws/<int:pk>/", draw_page, name="sampling_draw"),
        path(f"{at}/draws/<int:pk>/export.csv", draw_csv, name="sampling_draw_csv"),
        path(f"{at}/drawn/<int:pk>/swap/", drawn_swap, name="drawn_swap"),
        path(f"{at}/drawn/<int:pk>/give/", drawn_give, name="drawn_give"),
    ]
