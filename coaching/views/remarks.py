"""Notes and questions of agents on figures and calls of their own, and the answers."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from ccm import days_asked, viewed
from ccm.access import scope_of
from ccm.database import MOST_ID
from ccm.days_asked import Misdated
from ccm.filters import about, address
from ccm.models import Agent, Viewing
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from coaching.models import Remark
from coaching.remarks import reads, services
from coaching.remarks.forms import AnswerForm, RemarkForm
from coaching.remarks.reads import ALL, OPEN, OfFigure
from coaching.views import remarks_named as named

ROWS = 20
LEVELS = {
    Remark.Outcome.OPEN: "warn",
    Remark.Outcome.STANDS: "none",
    Remark.Outcome.CORRECTED: "ok",
    Remark.Outcome.LATER: "warn",
}


@login_required
@require_safe
def remarks_page(request: HttpRequest) -> HttpResponse:
    """What was asked and noted: one's own, or of those whom one leads."""
    if not may_open("remarks", request.user):
        raise Http404
    user, of = signed_in(request), _call_asked(request) or _figure_asked(request)
    is_agents = scope_of(user).agent is not None
    which = request.GET.get("which", "")
    if which not in (OPEN, ALL):
        which = ALL if of or is_agents else OPEN
    page = Paginator(reads.found(user, which, of), ROWS).get_page(request.GET.get("page"))
    _saw(request, page)
    kept = [(name, value) for name, value in request.GET.items() if name not in ("page", "which")]
    said = dict(kept) | {"which": which}
    context = {
        "page": page,
        "rows": [_row(one) for one in page],
        "which": which,
        "kept": kept,
        "of": of,
        "own": scope_of(user).agent,
        "earlier": address(request.path, said | {"page": page.previous_page_number()})
        if page.has_previous()
        else "",
        "more": address(request.path, said | {"page": page.next_page_number()})
        if page.has_next()
        else "",
    }
    return render(request, "coaching/remarks.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def remark_new(request: HttpRequest) -> HttpResponse:
    """Say something of a figure, as its own address has it, or of a call; of one's own alone."""
    user, now = signed_in(request), timezone.now()
    number = scope_of(user).agent
    if number is None:
        raise Http404
    agent = get_object_or_404(Agent.objects.select_related("site"), pk=number)
    about(request, agent.site)
    on = named.read(request, agent)
    form = RemarkForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            made = services.say(agent, on, said["kind"], said["words"], user, now)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect("remark", pk=made.pk)
    context = {"form": form, "about": on}
    return render(request, "coaching/remark_new.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def remark_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them with its answer; to who answers it, the form."""
    user = signed_in(request)
    one = _remark(request, pk)
    viewed.note(user, [one.agent_id], Viewing.What.FIGURES, timezone.now())
    _saw(request, [one])
    may_answer = reads.answers(user, one)
    if request.method == "POST" and not may_answer:
        raise Http404
    form = AnswerForm(one, request.POST if request.method == "POST" else None)
    status = HTTPStatus.OK
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            services.answer(
                pk, said["outcome"], said["answer"], form.asked_revision, user, timezone.now()
            )
        except services.Stale as stale:
            # What was typed stays, beside what it says by now.
            one = _remark(request, pk)
            sent = request.POST.copy()
            sent["revision"] = str(one.revision)
            form = AnswerForm(one, sent)
            form.is_valid()
            form.add_error(None, stale.messages[0])
            status = HTTPStatus.CONFLICT
        else:
            return redirect("remark", pk=pk)
    context = {"row": _row(one), "form": form if may_answer else None}
    return render(request, "coaching/remark.html", context, status=status)


def _remark(request: HttpRequest, pk: int) -> Remark:
    if pk > MOST_ID:
        raise Http404
    seen = Remark.objects.visible_to(request.user).select_related("agent__site", "answered_by")
    seen = seen.prefetch_related("earlier__answered_by")
    one: Remark = get_object_or_404(seen, pk=pk)
    about(request, one.agent.site)
    return one


def _saw(request: HttpRequest, shown: Iterable[Remark]) -> None:
    """Note which answers an agent is shown of their own: these count in the sidebar no more."""
    own = scope_of(request.user).agent
    if own is not None and request.method == "GET":
        services.saw_answers([one for one in shown if one.agent_id == own], timezone.now())


def _row(one: Remark) -> dict[str, Any]:
    is_question = one.kind == Remark.Kind.QUESTION
    return {
        "one": one,
        "level": LEVELS[Remark.Outcome(one.outcome)] if is_question else "none",
        "state": one.get_outcome_display() if is_question else one.get_kind_display(),
    }


def _call_asked(request: HttpRequest) -> UUID | None:
    """The call that a list is narrowed to; None: to none, or to nothing that makes sense."""
    try:
        return UUID(request.GET.get("call", ""))
    except ValueError:
        return None


def _figure_asked(request: HttpRequest) -> OfFigure | None:
    """The figure that a list is narrowed to; None: to none, or to nothing that makes sense."""
    asked = request.GET
    agent = asked.get("agent", "")
    if not asked.get("kpi") or not agent.isascii() or not agent.isdigit() or len(agent) > 18:
        return None
    try:
        first, last = days_asked.both(asked.get("from", ""), asked.get("to", ""))
    except Misdated:
        return None
    return OfFigure(int(agent), asked["kpi"], first, last)


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/questions/", remarks_page, name="remarks"),
        path(f"{under}/questions/new/", remark_new, name="remark_new"),
        path(f"{under}/questions/<int:pk>/", remark_page, name="remark"),
    ]
