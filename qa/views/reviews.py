"""A review: the one screen that a call is heard, read and scored on, and what leads to it."""

import json
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm import exported, exports, filters
from ccm.access import scope_of
from ccm.database import MOST_ID
from ccm.masking import masked
from ccm.models import Call, Site, User
from ccm.views.failures import Misread
from ccm.views.lists import signed_in
from qa import cards
from qa.access import sees_reviews
from qa.checking import prefill
from qa.models import Answer, CardCriterion, Evaluation, Suggestion
from qa.plans import queue
from qa.reviews import facts, forms, reads, recordings, saying, services, table, taking, told
from qa.reviews.saying import Changes, Said
from qa.reviews.standing import as_json, standing

# A review with all its texts is far below it.
LONGEST_BODY = 1 << 20
MOST_REVISION = (1 << 31) - 1
_STATES = {"open": ("todo", "draft"), "done": ("finished", "released")}


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
    return _screen(request, user, evaluation)


def _told(request: HttpRequest, user: User, pk: int) -> HttpResponse:
    """A review that is done, or somebody else's: read and heard, not written. Its agent reads it
    where they answer to it."""
    evaluation = get_object_or_404(reads.seen(user), pk=pk)
    if request.method == "POST":
        messages.warning(request, _("This review is not open any more: nothing was saved."))
    told_url = reverse("review_told", args=[pk]) if evaluation.is_done else ""
    if told_url and evaluation.agent.user_id == user.pk:
        return redirect(told_url)
    shown = None
    if evaluation.is_done:
        shown = reads.screen(evaluation, user, settings.RECORDINGS, timezone.now())
    context = {
        "evaluation": evaluation,
        "screen": shown,
        "heard": shown and shown.heard,
        "call": shown and shown.heard.call,
        "told_url": told_url,
        "now": timezone.now(),
        "zone": evaluation.site.zone,
        "may_reopen": _may_reopen(user, evaluation),
        "verbal": verbal_form(user, evaluation, timezone.now()),
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
        "state": state | {"pins": _pins(evaluation, list(shown_pins(shown)))},
        "comment": evaluation.comment if comment is None else comment,
        "differs": differs or [],
        "refused": refused,
        "swap_url": reverse("drawn_swap", args=[drawn]) if drawn and not evaluation.rank else "",
        "queue_url": reverse("reviews"),
        "why": queue.shown_of(evaluation, now).why,
        "is_targeted": evaluation.kind == Evaluation.Kind.TARGETED,
        "release_wrong": (wrong or {}).get("/release", ""),
        "now": now,
        "zone": evaluation.site.zone,
    }
    return render(request, "qa/review.html", context, status=status)


def shown_pins(shown: reads.Screen) -> list[Any]:
    return [
        *shown.pins,
        *(pin for part in shown.parts for one in part.asked for pin in one.pins),
    ]


def _sent(request: HttpRequest, user: User, evaluation: Evaluation) -> HttpResponse:
    """The form as it is sent without a script: all of it, with what is to be done."""
    now = timezone.now()
    card = cards.read(evaluation.version.form)
    said = _from_form(request, evaluation, card)
    changes, wrong = saying.read(card, said)
    seen = _revision(request.POST.get("revision"))
    if seen is None:
        return redirect("review", evaluation.pk)
    try:
        there = services.save(evaluation, user, seen, changes, now)
    except services.Stale as stale:
        differs = _differences(card, stale.evaluation, changes)
        fresh = reads.open_of(user, evaluation.pk) or evaluation
        return _screen(
            request, user, fresh, status=HTTPStatus.CONFLICT,
            sent=_overlaid(fresh, changes, said), comment=changes.comment, differs=differs,
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
            messages.info(request, _("The review is finished."))
            return redirect("review", evaluation.pk)
    anew = reads.open_of(user, evaluation.pk)
    if anew is None:
        return redirect("review", evaluation.pk)
    return _screen(
        request, user, anew, status=HTTPStatus.UNPROCESSABLE_ENTITY,
        sent=_overlaid(anew, Changes(), said) if wrong else None,
        wrong=wrong, told=is_told, refused=refused,
    )  # fmt: skip


def _from_form(request: HttpRequest, evaluation: Evaluation, card: cards.Card) -> dict[str, Any]:
    """A sent form as `saying.read` takes it."""
    post = request.POST
    answers: dict[str, Any] = {}
    pins: list[Any] = []
    for one in card.form.criteria():
        said: dict[str, Any] = {}
        value = post.get(f"a-{one.id}")
        if one.options:
            if value is not None:
                said = {"skipped": value == "na", "value": value.removeprefix("o:")}
                if said["skipped"]:
                    said["value"] = ""
        elif value is not None:
            skipped = post.get(f"n-{one.id}") == "na"
            said = {"skipped": skipped, "value": "" if skipped else value}
        if (comment := post.get(f"c-{one.id}")) is not None:
            said["comment"] = comment
        if said:
            answers[one.id] = said
        pins += _pinned(one.id, post.get(f"e-{one.id}", ""))
    pins += _pinned("", post.get("e-", ""))
    accepted = post.get("accept", "")
    if accepted.isdecimal() and int(accepted) <= MOST_ID:
        _accept(evaluation, int(accepted), answers, pins)
    found: dict[str, Any] = {"answers": answers, "pins": pins}
    if "comment" in post:
        found["comment"] = post["comment"]
    unpinned = post.get("unpin", "")
    if unpinned.isdecimal() and int(unpinned) <= MOST_ID:
        found["unpinned"] = [int(unpinned)]
    return found


def _pinned(criterion: str, word: str) -> list[dict[str, Any]]:
    """A second that is typed, as "2:06" or "126"; what is none is told as one that cannot be."""
    if not (word := word.strip()):
        return []
    parts = word.split(":")
    if len(parts) > 3 or not all(part.isdecimal() and len(part) < 6 for part in parts):
        return [{"criterion": criterion, "at_ms": -1}]
    seconds = 0
    for part in parts:
        seconds = seconds * 60 + int(part)
    return [{"criterion": criterion, "at_ms": seconds * 1000}]


def _accept(evaluation: Evaluation, pk: int, answers: dict[str, Any], pins: list[Any]) -> None:
    """Take what an automatic check suggests for one's own, with the lines that it rests on."""
    rows = Suggestion.objects.shown_in(evaluation).select_related("criterion", "rule")
    one = rows.filter(pk=pk).first()
    if one is None:
        return
    key = one.criterion.key
    answers[key] = answers.get(key, {}) | {"value": one.value, "skipped": one.skipped}
    hint = reads.hint_of(cards.read(evaluation.version.form), one)
    pins += [{"criterion": key, "line": line, "at_ms": at} for line, at in hint.lines]


def _overlaid(evaluation: Evaluation, changes: Changes, said: Mapping[str, Any]) -> list[Answer]:
    """Answers as they are kept, with what was sent over them, right or wrong: nothing is lost that
    somebody typed."""
    kept = {one.criterion.key: one for one in evaluation.answers.select_related("criterion")}
    rows = CardCriterion.objects.filter(card=evaluation.version.card_id)
    criteria = {one.key: one for one in rows}
    card = cards.read(evaluation.version.form)
    for key, sent in said.get("answers", {}).items():
        if key not in criteria:
            continue
        one = kept.get(key) or Answer(evaluation=evaluation, criterion=criteria[key])
        right = changes.answers.get(key) or Said()
        if right.value is not None:
            one.value, one.skipped = right.value, bool(right.skipped)
        elif "value" in sent and not card_wrong(card, key, sent):
            one.value, one.skipped = str(sent["value"])[:2000], bool(sent.get("skipped"))
        if "comment" in sent:
            one.comment = str(sent["comment"])
        kept[key] = one
    return list(kept.values())


def card_wrong(card: cards.Card, key: str, sent: Mapping[str, Any]) -> bool:
    """Whether an answer cannot be reckoned with."""
    _changes, wrong = saying.read(card, {"answers": {key: dict(sent)}})
    return any(place.endswith(("/value", "/skipped")) for place in wrong)


def _differences(
    card: cards.Card, evaluation: Evaluation, changes: Changes
) -> list[dict[str, str]]:
    """What was sent and what is kept, where they differ, in words."""
    kept = {one.criterion.key: one for one in evaluation.answers.select_related("criterion")}
    found = []
    for key, said in changes.answers.items():
        there = kept.get(key)
        if said.value is not None:
            mine = _words(card, key, said.value, bool(said.skipped))
            was = there and _words(card, key, there.value, there.skipped)
            if mine != (was or ""):
                found.append({"name": card.name(key), "mine": mine or "–", "kept": was or "–"})
        if said.comment is not None and said.comment != (there.comment if there else ""):
            name = _("%(name)s, comment") % {"name": card.name(key)}
            was = there.comment if there else ""
            found.append({"name": name, "mine": said.comment or "–", "kept": was or "–"})
    if changes.comment is not None and changes.comment != evaluation.comment:
        found.append(
            {
                "name": _("Comment on the whole"),
                "mine": changes.comment or "–",
                "kept": evaluation.comment or "–",
            }
        )
    return found


def _words(card: cards.Card, key: str, value: str, skipped: bool) -> str:
    return _("not applicable") if skipped else card.option(key, value)


def _revision(word: object) -> int | None:
    if isinstance(word, str) and word.isdecimal() and len(word) < 11:
        word = int(word)
    is_whole = isinstance(word, int) and not isinstance(word, bool)
    return word if is_whole and 0 <= word <= MOST_REVISION else None  # type: ignore[operator,return-value]


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
    seen = _revision(said.get("revision")) if said is not None else None
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
            messages.info(request, _("The review is finished."))
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
        "pins": _pins(evaluation, list(pins)),
    }


def _pins(_evaluation: Evaluation, pins: list[Any]) -> list[dict[str, Any]]:
    return [
        {
            "id": one.pk,
            "criterion": one.criterion.key if one.criterion else "",
            "at_ms": one.at_ms,
            "line": one.line,
        }
        for one in pins
    ]


def _kept(evaluation: Evaluation) -> dict[str, Any]:
    return {
        one.criterion.key: {"value": one.value, "skipped": one.skipped, "comment": one.comment}
        for one in evaluation.answers.select_related("criterion")
    }


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


@login_required
@require_safe
def recording(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The recording of a call, or a part of it. 404 for who may not hear it, where the caller did
    not agree, and where there is none."""
    user, now = signed_in(request), timezone.now()
    call = reads.may_hear(user, pk)
    if call is None:
        raise Http404
    if call.consent is False or facts.why_not_heard(call, facts.rules_of(call.site_id)):
        raise Misread(_("This recording is not to be heard."))
    file = recordings.path_of(call.recording, settings.RECORDINGS)
    if file is None:
        raise Misread(_("There is no recording of this call here."))
    size = file.stat().st_size
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=3600",
        "Vary": "Cookie",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": "inline",
    }
    kind = recordings.kind_of(file)
    try:
        part = recordings.part_of(request.headers.get("Range"), size)
    except recordings.OutOfRange:
        headers["Content-Range"] = f"bytes */{size}"
        status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
        return HttpResponse(status=status, headers=headers, content_type=kind)
    if request.method == "GET" and (part is None or part.start == 0):
        told.heard(user, call, now)
    whole = recordings.Part(0, size, size)
    headers["Content-Length"] = str((part or whole).length)
    status = HTTPStatus.OK
    if part is not None:
        headers["Content-Range"] = part.content_range
        status = HTTPStatus.PARTIAL_CONTENT
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers, content_type=kind)
    return StreamingHttpResponse(
        recordings.pieces(file.open("rb"), part or whole),
        status=status,
        headers=headers,
        content_type=kind,
    )


@login_required
@require_safe
def review_answers_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Reviews of calls of some days of a site, a row for each answer; that they were taken along is
    noted."""
    user, now = signed_in(request), timezone.now()
    shown = filters.read(request, now, "28d", sites=Site.objects.with_calls_for(user))
    if shown is None:
        raise Http404
    if shown.problem:
        raise Misread(shown.problem)
    there = Evaluation.objects.visible_to(user).exclude(state="dropped")
    rows: QuerySet[Evaluation] = there.filter(
        site=shown.site, called_at__gte=shown.span.start, called_at__lt=shown.span.end
    )
    if shown.queue is not None:
        rows = rows.filter(queue=shown.queue)
    rows, narrowed = _narrowed(request, rows)
    if request.method == "GET":
        narrowed = narrowed or shown.queue is not None
        reach = scope_of(user)
        own = None if sees_reviews(reach) else reach.agent
        exported.listed(user, Evaluation, shown.site, narrowed, now, agent=own)
    return exports.download(
        f"reviews-{shown.site.slug}-{shown.first}-{shown.last}.csv",
        table.header(shown.site.zone),
        table.rows(rows.order_by("called_at", "pk"), shown.site.tz),
    )


def _narrowed(
    request: HttpRequest, rows: QuerySet[Evaluation]
) -> tuple[QuerySet[Evaluation], bool]:
    """Rows as the address asks for them, and whether it does. Raises Misread for what it cannot."""
    narrowed = False
    for name, field in (("agent", "agent"), ("reviewer", "reviewer"), ("card", "version__card")):
        if not (word := request.GET.get(name, "")):
            continue
        if not word.isdecimal() or int(word[:20]) > MOST_ID:
            raise Misread(_("%(name)s is the number of one.") % {"name": name})
        rows, narrowed = rows.filter(**{field: int(word)}), True
    if kind := request.GET.get("kind", ""):
        if kind not in Evaluation.Kind.values:
            raise Misread(_("There is no such kind of review."))
        rows, narrowed = rows.filter(kind=kind), True
    if state := request.GET.get("state", ""):
        if state not in _STATES:
            raise Misread(_("There is no such state of a review."))
        rows, narrowed = rows.filter(state__in=_STATES[state]), True
    return rows, narrowed


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/reviews/answers.csv", review_answers_csv, name="review_answers_csv"),
        path(f"{under}/reviews/of/<uuid:pk>/", review_new, name="review_new"),
        path(f"{under}/reviews/<int:pk>/", review, name="review"),
        path(f"{under}/reviews/<int:pk>/save/", review_save, name="review_save"),
        path(f"{under}/reviews/<int:pk>/reopen/", review_reopen, name="review_reopen"),
        path(f"{under}/reviews/<int:pk>/verbal/", review_verbal, name="review_verbal"),
        path(f"{under}/recordings/<uuid:pk>/", recording, name="recording"),
    ]
