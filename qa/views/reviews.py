"""A review: the one screen that a call is heard, read and scored on, and what leads to it."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ccm import viewed
from ccm.database import MOST_ID
from ccm.masking import masked
from ccm.models import Call, User, Viewing
from ccm.views.lists import signed_in
from qa import cards
from qa.checking import prefill
from qa.findings import reads as findings
from qa.models import Answer, Evaluation
from qa.plans import finished, queue
from qa.reviews import facts, forms, reads, saying, services, taking
from qa.reviews.posted import differences, from_form, overlaid, revision_of
from qa.reviews.saying import Changes
from qa.reviews.standing import as_json, pins_as_json


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """A review that the reader has to do; of any other what it says."""
    user = signed_in(request)
    if pk > MOST_ID:
        raise Http404
    evaluation = reads.open_of(user, pk)
    if evaluation is None:
        return _told(request, user, pk)
    if request.method == "POST":
        return _sent(request, user, evaluation)
    viewed.note(user, [evaluation.agent_id], Viewing.What.REVIEW, timezone.now())
    return _screen(request, user, evaluation)


def _told(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    """A review that is done, or somebody else's: read and heard, not written. Its agent reads it
    where they answer to it."""
    evaluation = get_object_or_404(reads.seen(user), pk=pk)
    viewed.note(user, [evaluation.agent_id], Viewing.What.REVIEW, timezone.now())
    if request.method == "POST":
        messages.warning(request, _("This review is not open any more: nothing was saved."))
    told_url = reverse("review_told", args=[pk]) if evaluation.is_done else ""
    if told_url and evaluation.agent.user_id == user.pk:
        return redirect(told_url)
    shown = None
    if evaluation.is_told:
        shown = reads.screen(evaluation, user, settings.RECORDINGS, timezone.now())
    context = {
        "evaluation": evaluation,
        "screen": shown,
        "heard": shown and shown.heard,
        "call": shown and shown.heard.call,
        "told_url": told_url,
        "why": queue.shown_of(evaluation, timezone.now()).why,
        "now": timezone.now(),
        "zone": evaluation.site.zone,
        "may_reopen": _may_reopen(user, evaluation),
        "verbal": verbal_form(user, evaluation, timezone.now()),
        "finding_url": findings.new_url(user, evaluation),
    }
    return render(request, "qa/review_plain.html", context)


def _may_reopen(user: User, evaluation: Evaluation) -> bool:
    return (
        evaluation.reviewer_id == user.pk
        and evaluation.state == Evaluation.State.FINISHED
        and not services.why_it_stays(evaluation)
    )


def verbal_form(user: User, evaluation: Evaluation, now: datetime) -> forms.VerbalForm | None:
    """The form that notes that a review was talked about; None: the reader has nothing to note."""
    is_done = evaluation.is_done and evaluation.kind != Evaluation.Kind.CALIBRATION
    if not is_done or evaluation.verbal_at or evaluation.agent.user_id == user.pk:
        return None
    local = now.astimezone(evaluation.site.tz).replace(tzinfo=None, second=0, microsecond=0)
    return forms.VerbalForm(initial={"at": local})


def _screen(
    request: HttpRequest,
    user: User,
    evaluation: Evaluation,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    sent: list[Answer] | None = None,
    comment: str | None = None,
    wrong: Mapping[str, str] | None = None,
    told: bool = False,
    differs: list[dict[str, str]] | None = None,
    refused: str = "",
) -> HttpResponse:
    now = timezone.now()
    shown = reads.screen(evaluation, user, settings.RECORDINGS, now, sent, wrong, told)
    state = as_json(shown.card, shown.standing) | {"revision": evaluation.revision}
    drawn = evaluation.drawn_id
    context = {
        "evaluation": evaluation,
        "screen": shown,
        "heard": shown.heard,
        "call": shown.heard.call,
        "state": state | {"pins": pins_as_json(shown.all_pins)},
        "comment": evaluation.comment if comment is None else comment,
        "differs": differs or [],
        "refused": refused,
        "swap_url": reverse("drawn_swap", args=[drawn]) if evaluation.may_be_swapped else "",
        "queue_url": reverse("reviews"),
        "why": queue.shown_of(evaluation, now).why,
        "is_targeted": evaluation.kind == Evaluation.Kind.TARGETED,
        "release_wrong": (wrong or {}).get("/release", ""),
        "now": now,
        "zone": evaluation.site.zone,
    }
    return render(request, "qa/review.html", context, status=status)


def _sent(request: HttpRequest, user: User, evaluation: Evaluation) -> HttpResponse:
    """The form as it is sent without a script: all of it, with what is to be done."""
    now = timezone.now()
    card = cards.read(evaluation.version.form)
    said = from_form(request.POST, evaluation, card)
    changes, wrong = saying.read(card, said)
    seen = revision_of(request.POST.get("revision"))
    if seen is None:
        return redirect("review", evaluation.pk)
    try:
        there = services.save(evaluation, user, seen, changes, now)
    except services.Stale as stale:
        differs = differences(card, stale.evaluation, changes)
        fresh = reads.open_of(user, evaluation.pk) or evaluation
        return _screen(
            request, user, fresh, status=HTTPStatus.CONFLICT,
            sent=overlaid(fresh, changes, said), comment=changes.comment, differs=differs,
        )  # fmt: skip
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
        return redirect("review", evaluation.pk)
    is_to_finish = request.POST.get("act") == "finish"
    if not wrong and not is_to_finish:
        messages.info(request, _("It is saved as a draft."))
        return redirect("review", evaluation.pk)
    is_told = False
    refused = ""
    if not wrong:
        try:
            release = forms.release_of(request.POST, evaluation.site, now)
            services.finish(there, user, there.revision, now, release)
        except services.Unfinished as unfinished:
            is_told, refused = True, unfinished.messages[0]
        except services.Stale as stale:
            refused = stale.messages[0]
        except ValidationError as refusal:
            wrong = {"/release": refusal.messages[0]}
        else:
            messages.success(request, finished.said(evaluation.pk, user))
            return redirect("review", evaluation.pk)
    anew = reads.open_of(user, evaluation.pk)
    if anew is None:
        return redirect("review", evaluation.pk)
    return _screen(
        request, user, anew,
        sent=overlaid(anew, Changes(), said) if wrong else None,
        wrong=wrong, told=is_told, refused=refused,
    )  # fmt: skip


@login_required
@require_POST
def review_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a finished review of one's own again."""
    user = signed_in(request)
    if pk > MOST_ID:
        raise Http404
    evaluation = get_object_or_404(Evaluation.objects.reviewed_by(user), pk=pk)
    try:
        services.reopen(evaluation, user, timezone.now())
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    else:
        messages.info(request, _("It is open again. Its agent was not shown it yet."))
    return redirect("review", pk)


@login_required
@require_POST
def review_verbal(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that a review was talked about with its agent, face to face."""
    user, now = signed_in(request), timezone.now()
    if pk > MOST_ID:
        raise Http404
    evaluation = get_object_or_404(reads.seen(user), pk=pk)
    if evaluation.agent.user_id == user.pk:
        raise Http404
    with timezone.override(evaluation.site.tz):
        form = forms.VerbalForm(request.POST)
        is_valid = form.is_valid()
    if not is_valid:
        messages.warning(request, str(next(iter(form.errors.values()))[0]))
        return redirect("review", pk)
    said = form.cleaned_data
    try:
        services.tell(evaluation, user, masked(said["words"]), said["at"], now)
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    else:
        messages.info(request, _("It is noted that this was talked about."))
    return redirect("review", pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def review_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a call for a review: for what, and by which scorecard."""
    user, now = signed_in(request), timezone.now()
    rows = Call.objects.visible_to(user)
    call = get_object_or_404(rows.select_related("site", "queue", "agent"), pk=pk)
    if not taking.may_take(user, call):
        raise Http404
    if request.method != "POST":
        viewed.note(user, [call.agent_id], Viewing.What.CALL, now)
    existing: Evaluation | None = None
    form = forms.TakeForm(request.POST or None, user=user, call=call)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = taking.take(
                call, said["card"], user, now, reason=said["reason"], words=masked(said["words"])
            )
        except taking.Already as already:
            existing = already.evaluation
            form.add_error(None, already)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            prefill.fill(made.pk, now)
            return redirect("review", made.pk)
    context = {
        "call": call,
        "form": form,
        "existing": existing,
        "why_not": facts.why_not_heard(call, facts.rules_of(call.site_id)),
        "has_cards": taking.cards_for(user, call).exists(),
    }
    return render(request, "qa/review_new.html", context)


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/reviews/of/<uuid:pk>/", review_new, name="review_new"),
        path(f"{under}/reviews/<int:pk>/", review, name="review"),
        path(f"{under}/reviews/<int:pk>/reopen/", review_reopen, name="review_reopen"),
        path(f"{under}/reviews/<int:pk>/verbal/", review_verbal, name="review_verbal"),
    ]
