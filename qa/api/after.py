"""What becomes of a finished review over the API: released, read, commented on, talked about,
disputed. The steps of a dispute are in `qa.api.disputes`."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.urls import URLPattern, path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from ccm.masking import masked
from ccm.models import User
from ccm.views.lists import signed_in
from qa.after import disputing, reach, releasing
from qa.after.forms import WordsForm
from qa.api.acts import (
    PROBLEMS,
    Acts,
    Moment,
    Nothing,
    Words,
    checked,
    found,
    posted,
    refused,
    refusing,
    said,
)
from qa.api.disputes import DisputeRow, dispute_told
from qa.api.reviews import ReviewSerializer, review_told
from qa.models import CardCriterion, Evaluation
from qa.reviews import services

_SHOWN = ("site", "agent__user", "reviewer", "version__card", "drawn")


class ReadQuestion(serializers.Serializer[Any]):
    words = serializers.CharField(required=False, help_text="What the agent says to it.")


class VerbalQuestion(serializers.Serializer[Any]):
    at = Moment(required=False, help_text="When it was talked about; left out: now.")
    words = serializers.CharField(required=False, max_length=500)


class DisputeQuestion(Words):
    criterion = serializers.CharField(
        required=False, help_text="Its id on the scorecard; left out: all of the review."
    )


class _Done(Acts):
    """An act on a finished review that the caller reads."""

    def review(self, request: Request, pk: int) -> tuple[User, Evaluation]:
        rows = reach.reviews(request.user).select_related(*_SHOWN)
        return signed_in(request), found(rows, pk)

    def own(self, request: Request, pk: int) -> tuple[User, Evaluation]:
        """A released review of the caller's own calls."""
        who, review = self.review(request, pk)
        if not reach.is_its_agent(review, who):
            raise Http404
        return who, review

    def told(self, who: User, pk: int) -> Response:
        return Response(review_told(who, pk, timezone.now()))


class ReviewReleaseView(_Done):
    @extend_schema(
        operation_id="release_review",
        summary="Release a review",
        description="From now on its agent reads it. At a day: say so when it is finished.",
        request=Nothing,
        responses={200: ReviewSerializer, **PROBLEMS},
    )
    def post(self, request: Request, pk: int) -> Response:
        who, review = self.review(request, pk)
        if not reach.releases(review, who):
            raise Http404
        said(request, Nothing)
        with refusing():
            releasing.release(review, who, timezone.now())
        return self.told(who, pk)


class ReviewAcknowledgeView(_Done):
    @extend_schema(
        operation_id="acknowledge_review",
        summary="Say that one has read one's review",
        request=ReadQuestion,
        responses={200: ReviewSerializer, **PROBLEMS},
    )
    def post(self, request: Request, pk: int) -> Response:
        who, review = self.own(request, pk)
        form = WordsForm(posted(said(request, ReadQuestion)), required=False)
        words = checked(form)["words"]
        with refusing():
            disputing.acknowledge(review, who, timezone.now(), words)
        return self.told(who, pk)


class ReviewCommentView(_Done):
    @extend_schema(
        operation_id="comment_review",
        summary="Say something to a released review",
        request=Words,
        responses={200: ReviewSerializer, **PROBLEMS},
    )
    def post(self, request: Request, pk: int) -> Response:
        who, review = self.review(request, pk)
        if not reach.may_comment(review, who):
            raise Http404
        words = checked(WordsForm(posted(said(request, Words))))["words"]
        with refusing():
            disputing.comment(review, who, timezone.now(), words)
        return self.told(who, pk)


class ReviewVerbalView(_Done):
    @extend_schema(
        operation_id="tell_review",
        summary="Note that a review was talked about, face to face",
        request=VerbalQuestion,
        responses={200: ReviewSerializer, **PROBLEMS},
    )
    def post(self, request: Request, pk: int) -> Response:
        who, review = self.review(request, pk)
        if reach.is_own(review, who):
            raise Http404
        asked, now = said(request, VerbalQuestion), timezone.now()
        with refusing():
            services.tell(review, who, masked(asked.get("words", "")), asked.get("at", now), now)
        return self.told(who, pk)


class ReviewDisputeView(_Done):
    @extend_schema(
        operation_id="dispute_review",
        summary="Dispute an answer of one's review, or all of it",
        request=DisputeQuestion,
        responses={201: DisputeRow, **PROBLEMS},
    )
    def post(self, request: Request, pk: int) -> Response:
        who, review = self.own(request, pk)
        asked = said(request, DisputeQuestion)
        criterion = None
        if "criterion" in asked:
            rows = CardCriterion.objects.filter(answers__evaluation=review)
            criterion = rows.filter(key=asked["criterion"]).first()
            if criterion is None:
                why = {"criterion": disputing.no_answer()}
                raise refused(ValidationError(why))
        words = checked(WordsForm(posted({"words": asked["words"]})))["words"]
        with refusing():
            made = disputing.dispute(review, who, timezone.now(), words, criterion)
        return Response(dispute_told(made), status=201)


def urls(under: str) -> list[URLPattern]:
    one = f"{under}/reviews/<int:pk>"
    views = {
        "release": ReviewReleaseView, "acknowledge": ReviewAcknowledgeView,
        "comment": ReviewCommentView, "verbal": ReviewVerbalView, "dispute": ReviewDisputeView,
    }  # fmt: skip
    return [
        path(f"{one}/{act}/", view.as_view(), name=f"api_review_{act}")
        for act, view in views.items()
    ]
