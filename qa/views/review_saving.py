"""What the page of a review sends of itself while it is written, and what it is told."""

import json
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ccm.database import MOST_ID
from ccm.views.lists import signed_in
from qa import cards
from qa.models import Evaluation
from qa.plans import finished
from qa.reviews import forms, reads, saying, services
from qa.reviews.posted import revision_of
from qa.reviews.standing import as_json, pins_as_json, standing

# A review with all its texts is far below it.
LONGEST_BODY = 1 << 20


@login_required
@require_POST
def review_save(request: HttpRequest, pk: int) -> HttpResponse:
    """What changed in a review, as its page sends it: what is right is kept, of the rest is told
    what is wrong. 409: it was changed elsewhere; 410: it is not there to be changed any more; 422:
    it was to be finished, and something is missing."""
    user, now = signed_in(request), timezone.now()
    if pk > MOST_ID:
        raise Http404
    evaluation = reads.open_of(user, pk)
    if evaluation is None:
        get_object_or_404(reads.seen(user), pk=pk)
        words = _("This review is not open any more: nothing was saved.")
        return JsonResponse({"detail": words}, status=HTTPStatus.GONE)
    said = _body(request)
    seen = revision_of(said.get("revision")) if said is not None else None
    if said is None or seen is None:
        words = _("What was sent makes no sense here.")
        return JsonResponse({"detail": words}, status=HTTPStatus.BAD_REQUEST)
    card = cards.read(evaluation.version.form)
    changes, wrong = saying.read(card, said)
    try:
        there = services.save(evaluation, user, seen, changes, now)
        if said.get("finish") and not wrong:
            release = forms.release_of(said, evaluation.site, now)
            there = services.finish(there, user, there.revision, now, release)
            messages.success(request, finished.said(pk, user))
            url = reverse("reviews")
            return JsonResponse({"finished": True, "url": url})
    except services.Stale as stale:
        answer = _state(stale.evaluation, card) | {"detail": stale.messages[0]}
        answer |= {"answers": _kept(stale.evaluation), "comment": stale.evaluation.comment}
        return JsonResponse(answer, status=HTTPStatus.CONFLICT)
    except services.Closed as closed:
        return JsonResponse({"detail": closed.messages[0]}, status=HTTPStatus.GONE)
    except services.Unfinished as unfinished:
        answer = _state(there, card) | {"detail": unfinished.messages[0]}
        answer["lacks"] = {
            key: reads.lacking(unfinished.standing, key)
            for key in (*unfinished.standing.open, *unfinished.standing.unsaid)
        }
        return JsonResponse(answer, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except ValidationError as refusal:
        answer = {"detail": refusal.messages[0]}
        if said.get("finish"):
            answer |= _state(reads.open_of(user, pk) or evaluation, card)
        return JsonResponse(answer, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return JsonResponse(_state(there, card) | {"wrong": wrong})


def _body(request: HttpRequest) -> dict[str, Any] | None:
    """The object that was sent; None: there is none."""
    if len(request.body) > LONGEST_BODY:
        return None
    try:
        said = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _state(evaluation: Evaluation, card: cards.Card) -> dict[str, Any]:
    """How a review stands, as its page is told."""
    answers = evaluation.answers.select_related("criterion")
    pins = evaluation.evidence.select_related("criterion")
    return as_json(card, standing(card, answers)) | {
        "revision": evaluation.revision,
        "saved_at": evaluation.saved_at and evaluation.saved_at.isoformat(),
        "pins": pins_as_json(pins),
    }


def _kept(evaluation: Evaluation) -> dict[str, Any]:
    return {
        one.criterion.key: {"value": one.value, "skipped": one.skipped, "comment": one.comment}
        for one in evaluation.answers.select_related("criterion")
    }


def urls(under: str) -> list[URLPattern]:
    return [path(f"{under}/reviews/<int:pk>/save/", review_save, name="review_save")]
