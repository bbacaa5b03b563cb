"""A finished review as everybody reads it, and an agent's own reviews."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm import exported, exports, viewed
from ccm.access import scope_of
from ccm.database import MOST_ID, id_of
from ccm.filters import about, address
from ccm.models import Agent, Viewing
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from ccm.views.posts import leads_back
from qa.after import disputing, files, reach, reads, releasing, words
from qa.after.forms import WordsForm
from qa.beside import told as beside
from qa.findings import reads as findings
from qa.models import CardCriterion, Evaluation

_SHOWN = (
    "site", "agent__user", "team", "queue", "version__card", "reviewer", "drawn", "released_by",
    "verbal_by",
)  # fmt: skip


@login_required
@require_safe
def my_reviews(request: HttpRequest) -> HttpResponse:
    """The reader's own released reviews, and how their marks went."""
    if not may_open("my_reviews", request.user):
        raise Http404
    agent = get_object_or_404(Agent.objects.select_related("site"), pk=scope_of(request.user).agent)
    about(request, agent.site)
    now = timezone.now()
    own = reads.own(agent.pk)
    turns = sorted(moment for one in own for moment in one.your_turn)
    context = {
        "agent": agent,
        "own": own,
        "unread": sum(one.is_unread for one in own),
        "turns": len(turns),
        "turn_until": words.until(turns[0], agent.site.calendar, "D j M") if turns else "",
        "score": beside.of_oneself(request.user, agent, now) if own else None,
        "praise": list(findings.praise_of(agent.pk)),
        "trends": reads.own_trends(agent.pk, now),
        "most": reads.MOST_OWN,
        "answers_csv": address(
            reverse("review_answers_csv"),
            {"site": agent.site.slug, "period": beside.LATELY, "agent": agent.pk},
        ),
    }
    return render(request, "qa/my_reviews.html", context)


@login_required
@require_safe
def my_reviews_csv(request: HttpRequest) -> StreamingHttpResponse:
    """All of the reader's own released reviews; that they were taken along is noted."""
    if not may_open("my_reviews", request.user):
        raise Http404
    agent = get_object_or_404(Agent.objects.select_related("site"), pk=scope_of(request.user).agent)
    if request.method == "GET":
        user, now = signed_in(request), timezone.now()
        exported.listed(user, Evaluation, agent.site, False, now, agent=agent.pk)
    lines = files.own_lines(reads.every_own(agent.pk), agent.site.tz)
    return exports.download("my-reviews.csv", files.OWN_HEADER, lines)


@login_required
@require_safe
def review_told(request: HttpRequest, pk: int) -> HttpResponse:
    """A finished review with all that was said of it."""
    return _told(request, review_of(request, pk))


def _told(request: HttpRequest, evaluation: Evaluation, **forms: Any) -> HttpResponse:
    about(request, evaluation.site)
    who, now = signed_in(request), timezone.now()
    if request.method != "POST":
        viewed.note(who, [evaluation.agent_id], Viewing.What.REVIEW, now)
    told, is_own = reads.told(evaluation, who, now), reach.is_own(evaluation, who)
    if is_own and request.method == "GET":
        disputing.saw_decisions([one.dispute for one in told.disputes], now)
    context = {
        "told": told,
        "is_own": is_own,
        "finding_url": findings.new_url(who, evaluation),
        "read": WordsForm(prefix="read", label=_("Something to say to it"), required=False),
        "comment": _comment(),
    }
    return render(request, "qa/review_told.html", context | forms)


@login_required
@require_POST
def review_release(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a finished review to its agent."""
    evaluation = review_of(request, pk)
    who = signed_in(request)
    if not reach.releases(evaluation, who):
        raise Http404
    try:
        releasing.release(evaluation, who, timezone.now())
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    else:
        messages.info(request, _("It is released: its agent reads it from now on."))
    return redirect("review_told", pk)


@login_required
@require_POST
def review_acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """The agent has read it."""
    evaluation = _own(request, pk)
    form = WordsForm(request.POST, prefix="read", label=_("Something to say to it"), required=False)
    if not form.is_valid():
        return _told(request, evaluation, read=form)
    said = form.cleaned_data["words"]
    try:
        disputing.acknowledge(evaluation, signed_in(request), timezone.now(), said)
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
        if said:
            # What was typed stays, where it can still be said.
            return _told(request, evaluation, comment=_comment(words=said))
    else:
        messages.info(request, _("Thank you: it is noted that you have read it."))
    return redirect("review_told", pk)


@login_required
@require_POST
def review_comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something to a released review."""
    evaluation = review_of(request, pk)
    who = signed_in(request)
    if not reach.may_comment(evaluation, who):
        raise Http404
    form = _comment(request.POST)
    if not form.is_valid():
        return _told(request, evaluation, comment=form)
    try:
        disputing.comment(evaluation, who, timezone.now(), form.cleaned_data["words"])
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return _told(request, evaluation, comment=form)
    messages.info(request, _("Your comment stands below the review."))
    return redirect("review_told", pk)


def _comment(sent: Any = None, **given: str) -> WordsForm:
    return WordsForm(sent, prefix="comment", label=_("Your comment"), initial=given)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review_dispute(request: HttpRequest, pk: int) -> HttpResponse:
    """Say why one does not agree with an answer, or with all of a review."""
    evaluation, now = _own(request, pk), timezone.now()
    about(request, evaluation.site)
    criterion = _criterion(request, evaluation)
    until = evaluation.dispute_until
    if why := disputing.why_not(evaluation, criterion):
        messages.warning(request, why)
        return redirect("review_told", pk)
    if until is None or now >= until:
        messages.warning(request, _("The time to dispute this review is over."))
        return redirect("review_told", pk)
    label = _("Why you do not agree")
    sent = request.POST if request.method == "POST" else None
    form = WordsForm(sent, label=label)
    if sent is not None and form.is_valid():
        try:
            disputing.dispute(
                evaluation, signed_in(request), now, form.cleaned_data["words"], criterion
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            said = _("It is said: the reviewer answers, and this page tells what.")
            messages.info(request, said)
            return redirect("review_told", pk)
    told = reads.told(evaluation, signed_in(request), now)
    chosen = next(
        (
            one
            for section in told.sections
            for one in section.criteria
            if criterion is not None and one.row is not None and one.row.pk == criterion.pk
        ),
        None,
    )
    context = {"told": told, "criterion": criterion, "chosen": chosen, "form": form}
    return render(request, "qa/dispute_new.html", context)


def review_of(request: HttpRequest, pk: int) -> Evaluation:
    """A finished review that the reader may read. Raises Http404 for any other."""
    if pk > MOST_ID:
        raise Http404
    rows = reach.reviews(request.user).select_related(*_SHOWN)
    found: Evaluation = get_object_or_404(rows, pk=pk)
    return found


def _own(request: HttpRequest, pk: int) -> Evaluation:
    """A released review of the reader's own. Raises Http404 for any other."""
    evaluation = review_of(request, pk)
    if not reach.is_its_agent(evaluation, request.user):
        raise Http404
    return evaluation


def _criterion(request: HttpRequest, evaluation: Evaluation) -> CardCriterion | None:
    """The answer that the address is about; None: all of the review."""
    asked = request.GET.get("criterion", "")
    if not asked:
        return None
    if id_of(asked) is None:
        raise Http404
    rows = CardCriterion.objects.filter(answers__evaluation=evaluation)
    found: CardCriterion = get_object_or_404(rows, pk=int(asked))
    return found


def urls(under: str) -> list[URLPattern]:
    one = f"{under}/reviews/<int:pk>"
    return [
        path(f"{under}/mine/", my_reviews, name="my_reviews"),
        path(f"{under}/mine/export.csv", my_reviews_csv, name="my_reviews_csv"),
        path(f"{one}/told/", review_told, name="review_told"),
        *(
            path(f"{one}/{act}/", leads_back(view, "review_told"), name=f"review_{act}")
            for act, view in (
                ("release", review_release),
                ("acknowledge", review_acknowledge),
                ("comment", review_comment),
            )
        ),
        path(f"{one}/dispute/", review_dispute, name="review_dispute"),
    ]
