"""Reviews over the API: read with answers, filled with the revision that was seen, finished."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ccm import viewed
from ccm.api import refuse_unread
from ccm.api.problems import Invalid, problem_of
from ccm.database import MOST_ID
from ccm.models import User, Viewing
from qa import cards
from qa.api.acts import Acts, Conflict, Day, found, refused
from qa.api.disputes import DisputeRow, dispute_told
from qa.api.figures import of_hundred
from qa.models import Evaluation, ReviewEvent
from qa.plans import queue
from qa.reviews import forms, reads, saying, services
from qa.reviews.standing import as_json, pins_as_json, standing

MOST_REVISION = (1 << 31) - 1


class AnswerSerializer(serializers.Serializer[Any]):
    criterion = serializers.CharField(help_text="Its id, the same over versions of the scorecard.")
    name = serializers.CharField()
    value = serializers.CharField(help_text="The id of an option, a number as text, or a text.")
    answer = serializers.CharField(help_text="The option's name, or the same.")
    skipped = serializers.BooleanField(help_text="Not applicable.")
    comment = serializers.CharField()
    points_percent = serializers.FloatField(
        allow_null=True, help_text="Of the points of the best answer; null: it does not count."
    )
    lost_percent = serializers.FloatField(
        allow_null=True, help_text="What the score lacks by it, of 100, without bonuses."
    )


class EvidenceSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    criterion = serializers.CharField(help_text="Empty: of the review as a whole.")
    at_ms = serializers.IntegerField(allow_null=True, help_text="From the recording's beginning.")
    line = serializers.IntegerField(allow_null=True, help_text="Of the transcript, from 1.")


class ReviewRow(serializers.Serializer[Any]):
    """A review as it stands. Before it is finished its score is its reviewer's alone."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Evaluation.Kind.choices)
    state = serializers.ChoiceField(choices=Evaluation.State.choices)
    is_told = serializers.BooleanField(
        help_text="Whether the caller reads what was answered: once it is done, or their own draft."
    )
    is_overdue = serializers.BooleanField()
    site = serializers.SlugField()
    call = serializers.UUIDField()
    called_at = serializers.DateTimeField()
    queue = serializers.IntegerField(allow_null=True)
    queue_name = serializers.CharField(allow_null=True)
    agent = serializers.IntegerField()
    agent_name = serializers.CharField()
    reviewer = serializers.CharField(help_text="Their login.")
    reviewer_name = serializers.CharField()
    scorecard = serializers.IntegerField()
    scorecard_name = serializers.CharField()
    version = serializers.IntegerField()
    due_day = serializers.DateField(allow_null=True, help_text="It is due by the end of it.")
    finished_at = serializers.DateTimeField(allow_null=True)
    released_at = serializers.DateTimeField(allow_null=True)
    acknowledged_at = serializers.DateTimeField(
        allow_null=True, help_text="When its agent said that they have read it."
    )
    score_percent = serializers.FloatField(
        allow_null=True, help_text="null: nothing counts, or it is not told."
    )
    is_failed = serializers.BooleanField(
        allow_null=True, help_text="By a critical answer; null: it is not told."
    )


class EventSerializer(serializers.Serializer[Any]):
    """What happened to a review, and its score after that."""

    what = serializers.ChoiceField(choices=ReviewEvent.What.choices)
    at = serializers.DateTimeField()
    who = serializers.CharField(allow_null=True, help_text="Their login; null: it was due.")
    words = serializers.CharField()
    dispute = serializers.IntegerField(allow_null=True)
    score_percent = serializers.FloatField(allow_null=True)
    is_failed = serializers.BooleanField()


class ReviewSerializer(ReviewRow):
    """A review with its answers; where they are not told there are none, and no history."""

    revision = serializers.IntegerField(help_text="Grows with each change of it.")
    counts = serializers.BooleanField(help_text="Whether it is of the agent's score.")
    reason = serializers.CharField(help_text="Why a targeted call was taken.")
    reason_words = serializers.CharField()
    due_at = serializers.DateTimeField(
        allow_null=True, help_text="The end of `due_day`, which is not of it any more."
    )
    dispute_until = serializers.DateTimeField(
        allow_null=True, help_text="Before then its agent disputes it; null: it is not released."
    )
    bonus_percent = serializers.FloatField(
        allow_null=True,
        help_text="What bonuses added to it: the score is 100 less what was lost, and this.",
    )
    shown = serializers.ListField(
        child=serializers.CharField(), help_text="Criteria that are asked by these answers."
    )
    unanswered = serializers.ListField(child=serializers.CharField())
    uncommented = serializers.ListField(
        child=serializers.CharField(), help_text="So low that a comment has to say why."
    )
    comment = serializers.CharField()
    answers = AnswerSerializer(many=True)
    evidence = EvidenceSerializer(many=True)
    events = EventSerializer(many=True)
    disputes = DisputeRow(many=True)


class SaidSerializer(serializers.Serializer[Any]):
    value = serializers.CharField(required=False)
    skipped = serializers.BooleanField(required=False)
    comment = serializers.CharField(required=False)


class PinSerializer(serializers.Serializer[Any]):
    criterion = serializers.CharField(required=False)
    at_ms = serializers.IntegerField(required=False, allow_null=True)
    line = serializers.IntegerField(required=False, allow_null=True)


class ChangesSerializer(serializers.Serializer[Any]):
    revision = serializers.IntegerField(help_text="That was seen; of an older one nothing is kept.")
    answers = serializers.DictField(
        child=SaidSerializer(), required=False, help_text="By the criterion's id."
    )
    comment = serializers.CharField(required=False)
    pins = PinSerializer(many=True, required=False)
    unpinned = serializers.ListField(child=serializers.IntegerField(), required=False)


class FinishSerializer(serializers.Serializer[Any]):
    revision = serializers.IntegerField()
    release = serializers.ChoiceField(
        choices=[forms.AT_ONCE, forms.AT_DAY, forms.BY_HAND],
        required=False,
        help_text="Of a targeted review; others are released as their plan has it.",
    )
    release_on = Day(required=False)


class _Reviews(Acts):
    def opened(self, request: Request, pk: int) -> tuple[User, Evaluation]:
        """A review of the caller's that is still to be done."""
        user = _user(request)
        if pk > MOST_ID:
            raise Http404
        mine = reads.open_of(user, pk)
        if mine is None:
            found(reads.seen(user), pk)
            raise Conflict(_("This review is not open any more: nothing was saved."))
        return user, mine


class ReviewView(_Reviews):
    """A review with its answers."""

    @extend_schema(summary="A review", responses={200: ReviewSerializer})
    def get(self, request: Request, pk: int) -> Response:
        refuse_unread(request, (), ())
        user, now = _user(request), timezone.now()
        told = review_told(user, pk, now)
        viewed.note(user, [told["agent"]], Viewing.What.REVIEW, now)
        return Response(told)

    @extend_schema(
        summary="Fill in a review",
        description=(
            "What is left out stays as it is. Nothing is kept where anything is wrong, or where "
            "the review was changed since the revision that is named."
        ),
        request=ChangesSerializer,
        responses={
            200: ReviewSerializer,
            400: problem_of("What is wrong, with pointers."),
            409: problem_of("Changed meanwhile, or done."),
        },
    )
    def patch(self, request: Request, pk: int) -> Response:
        (user, there), now = self.opened(request, pk), timezone.now()
        said = _object(request)
        seen = _revision(said)
        changes, wrong = saying.read(
            cards.read(there.version.form), {k: v for k, v in said.items() if k != "revision"}
        )
        known = {"revision", "answers", "comment", "pins", "unpinned"}
        wrong |= {f"/{name}": _("There is no such member.") for name in said.keys() - known}
        if wrong:
            raise Invalid(
                _("The input is not valid."),
                [{"pointer": place, "message": words} for place, words in wrong.items()][:40],
            )
        try:
            services.save(there, user, seen, changes, now)
        except (services.Stale, services.Closed) as conflict:
            raise Conflict(conflict.messages[0]) from None
        except ValidationError as refusal:
            raise Invalid(refusal.messages[0], []) from None
        return Response(review_told(user, pk, now))


class ReviewFinishView(_Reviews):
    """Finishes a review."""

    @extend_schema(
        summary="Finish a review",
        request=FinishSerializer,
        responses={
            200: ReviewSerializer,
            400: problem_of("What is missing, with pointers."),
            409: problem_of("Changed meanwhile, or done."),
        },
    )
    def post(self, request: Request, pk: int) -> Response:
        user, there = self.opened(request, pk)
        said, now = _object(request), timezone.now()
        if unknown := sorted({*said} - {*FinishSerializer().fields}):
            words = _("There is no such member.")
            raise Invalid(
                words,
                [{"pointer": f"/{saying.escaped(one)}", "message": words} for one in unknown],
            )
        asked = [one for one in ("release", "release_on") if one in said]
        if asked and (why := forms.why_not_asked(there)):
            raise Invalid(why, [_fault(f"/{one}", why) for one in asked])
        if "release_on" in said and said.get("release") != forms.AT_DAY:
            words = _("A day of release is only of a review that is released at a day.")
            raise Invalid(words, [_fault("/release_on", words)])
        seen = _revision(said)
        try:
            release = forms.release_of(said, there.site, now)
            services.finish(there, user, seen, now, release)
        except (services.Stale, services.Closed) as conflict:
            raise Conflict(conflict.messages[0]) from None
        except services.Unfinished as lacking:
            stands = lacking.standing
            places = [
                (f"/answers/{saying.escaped(key)}", reads.lacking(stands, key))
                for key in (*stands.open, *stands.unsaid)
            ]
            raise Invalid(
                lacking.messages[0],
                [{"pointer": place, "message": words} for place, words in places],
            ) from None
        except ValidationError as refusal:
            raise refused(refusal) from None
        return Response(review_told(user, pk, now))


def _user(request: Request) -> User:
    assert request.user.is_authenticated  # TokenScope
    return request.user


def _object(request: Request) -> dict[str, Any]:
    if not isinstance(request.data, dict):
        raise Invalid(_("The input is not valid."), [_fault("", _("This must be a JSON object."))])
    return request.data


def _revision(said: dict[str, Any]) -> int:
    seen = said.get("revision")
    if isinstance(seen, bool) or not isinstance(seen, int) or not 0 <= seen <= MOST_REVISION:
        words = _("Say which revision of the review was seen.")
        raise Invalid(_("The input is not valid."), [_fault("/revision", words)])
    return seen


def _fault(pointer: str, words: str) -> dict[str, str]:
    return {"pointer": pointer, "message": words}


def row_told(one: Evaluation, now: datetime) -> dict[str, Any]:
    """A review that is `told_to` somebody, in a list."""
    return {
        "id": one.pk, "kind": one.kind, "state": one.state, "is_told": one.is_told,
        "is_overdue": queue.is_overdue(one, now), "site": one.site.slug, "call": one.call_id,
        "called_at": one.called_at, "queue": one.queue_id,
        "queue_name": one.queue and one.queue.name, "agent": one.agent_id,
        "agent_name": one.agent.name, "reviewer": one.reviewer.username,
        "reviewer_name": str(one.reviewer), "scorecard": one.version.card_id,
        "scorecard_name": one.version.card.name, "version": one.version.number,
        "due_day": one.due_day, "finished_at": one.finished_at, "released_at": one.released_at,
        "acknowledged_at": one.acknowledged_at,
        "score_percent": of_hundred(one.share) if one.is_told else None,
        "is_failed": one.is_failed if one.is_told else None,
    }  # fmt: skip


def review_told(user: User, pk: int, now: datetime) -> dict[str, Any]:
    """A review as the user reads it. Raises Http404 for one that they may not know of."""
    one: Evaluation = found(reads.seen(user), pk)
    return row_told(one, now) | {
        "revision": one.revision,
        "counts": one.counts,
        "reason": one.reason,
        "reason_words": one.reason_words,
        "due_at": one.due_at,
        "dispute_until": one.dispute_until,
        **(_said(one) if one.is_told else _UNTOLD),
    }


_UNTOLD: dict[str, Any] = {
    "bonus_percent": None, "shown": [], "unanswered": [], "uncommented": [], "comment": "",
    "answers": [], "evidence": [], "events": [], "disputes": [],
}  # fmt: skip


def _said(one: Evaluation) -> dict[str, Any]:
    card = cards.read(one.version.form)
    rows = list(one.answers.select_related("criterion"))
    now = as_json(card, standing(card, rows))
    told = (
        "score_percent", "bonus_percent", "is_failed", "shown", "unanswered", "uncommented",
    )  # fmt: skip
    return {name: now[name] for name in told} | {
        "comment": one.comment,
        "answers": [
            {
                "criterion": each.criterion.key,
                "name": card.name(each.criterion.key),
                "value": each.value,
                "answer": card.option(each.criterion.key, each.value),
                "skipped": each.skipped,
                "comment": each.comment,
                "points_percent": of_hundred(each.share),
                "lost_percent": of_hundred(each.lost),
            }
            for each in rows
        ],
        "evidence": pins_as_json(one.evidence.select_related("criterion")),
        "events": [
            {
                "what": each.what, "at": each.at, "who": each.who and each.who.username,
                "words": each.words, "dispute": each.dispute_id,
                "score_percent": of_hundred(each.share), "is_failed": each.is_failed,
            }
            for each in one.events.select_related("who")
        ],
        "disputes": [dispute_told(each) for each in one.disputes.select_related("criterion")],
    }  # fmt: skip


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/reviews/<int:pk>/", ReviewView.as_view(), name="api_review"),
        path(
            f"{under}/reviews/<int:pk>/finish/",
            ReviewFinishView.as_view(),
            name="api_review_finish",
        ),
    ]
