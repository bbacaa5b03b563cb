"""Calibration over the API: the ratings of a session, and agreement by criterion."""

from datetime import datetime, time
from typing import Any

from django.urls import URLPattern, path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ccm import exported
from ccm.api import ReadOnly, TokenAuthentication, TokenScope, refuse_unread
from ccm.database import MOST_ID
from ccm.intervals import DAY
from ccm.models import ApiToken
from ccm.querysets import Viewer
from ccm.views.lists import signed_in
from qa.agreement import Estimate
from qa.api.acts import Day, refuse_turned
from qa.calibration import agreeing, reads
from qa.calibration.agreeing import Agreed
from qa.models import CalibrationSession, Scorecard

LONGEST_DAYS = 800


class RatingsQuestion(serializers.Serializer[Any]):
    session = serializers.IntegerField(min_value=0, max_value=MOST_ID)


class RatingRow(serializers.Serializer[Any]):
    call = serializers.UUIDField()
    criterion = serializers.CharField()
    reviewer = serializers.CharField()
    is_expert = serializers.BooleanField()
    answer = serializers.CharField()
    comment = serializers.CharField()
    agreed = serializers.CharField(help_text="What the session agreed on; empty: nothing yet.")


class RatingsAnswer(serializers.Serializer[Any]):
    session = serializers.IntegerField()
    name = serializers.CharField()
    state = serializers.CharField()
    scorecard = serializers.CharField()
    seed = serializers.CharField(help_text="Calls were drawn by it; empty: they were named.")
    ratings = RatingRow(many=True)


class _View(ReadOnly, APIView):
    authentication_classes = [TokenAuthentication, SessionAuthentication]
    permission_classes = [TokenScope]
    token_scope = ApiToken.READ


class RatingsView(_View):
    """The ratings of a session. Of one that is still blind there are none, for nobody."""

    @extend_schema(
        operation_id="quality_calibration",
        summary="Ratings of a calibration session",
        parameters=[RatingsQuestion],
        responses={200: RatingsAnswer},
    )
    def get(self, request: Request) -> Response:
        question = RatingsQuestion(data=request.query_params)
        refuse_unread(request, question.fields, ())
        question.is_valid(raise_exception=True)
        rows = CalibrationSession.objects.visible_to(request.user)
        session = (
            rows.filter(pk=question.validated_data["session"])
            .select_related("site", "version__card")
            .first()
        )
        if session is None:
            raise NotFound
        is_blind = session.state == CalibrationSession.State.BLIND
        if request.method == "GET" and not is_blind:
            who = signed_in(request)
            exported.listed(
                who, CalibrationSession, session.site, True, timezone.now(), file=exported.API
            )
        return Response(
            {
                "session": session.pk,
                "name": session.name,
                "state": session.state,
                "scorecard": str(session.version),
                "seed": session.seed,
                "ratings": [] if is_blind else _ratings(session, request.user),
            }
        )


def _ratings(session: CalibrationSession, user: Viewer) -> list[dict[str, Any]]:
    return [
        {
            "call": one.call.call_id, "criterion": one.row.name, "reviewer": str(one.said.rater),
            "is_expert": one.said.is_expert, "answer": one.said.words, "comment": one.said.comment,
            "agreed": one.row.agreed_words,
        }
        for one in reads.ratings(session, user)
    ]  # fmt: skip


class AgreementQuestion(serializers.Serializer[Any]):
    card = serializers.IntegerField(min_value=0, max_value=MOST_ID)
    first = Day(help_text="Days of UTC.")
    last = Day()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        refuse_turned(attrs, LONGEST_DAYS)
        return attrs


class EstimateRow(serializers.Serializer[Any]):
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    why = serializers.CharField(help_text="Why there is no value, or no ends; empty: all is there.")


class AgreementRow(serializers.Serializer[Any]):
    criterion = serializers.CharField()
    key = serializers.CharField()
    metric = serializers.CharField()
    calls = serializers.IntegerField()
    double_scored = serializers.IntegerField()
    reviewers = serializers.IntegerField()
    alpha = EstimateRow()
    ac = EstimateRow()
    agreement_share = EstimateRow()
    rewrite = serializers.CharField()
    nobody_fails = serializers.BooleanField(allow_null=True)
    scored_calls = serializers.IntegerField()
    failed_calls = serializers.IntegerField()
    left_out = serializers.IntegerField(help_text="Ratings by other answers than today's.")


class AgreementAnswer(serializers.Serializer[Any]):
    card = serializers.IntegerField()
    criteria = AgreementRow(many=True)


class AgreementView(_View):
    """How far reviewers agree on each criterion of a scorecard, by what they gave blind."""

    @extend_schema(
        operation_id="quality_agreement",
        summary="Agreement by criterion",
        parameters=[AgreementQuestion],
        responses={200: AgreementAnswer},
    )
    def get(self, request: Request) -> Response:
        question = AgreementQuestion(data=request.query_params)
        refuse_unread(request, question.fields, ())
        question.is_valid(raise_exception=True)
        asked = question.validated_data
        rows = Scorecard.objects.visible_to(request.user)
        card = rows.filter(pk=asked["card"]).first()
        if card is None or not reads.sees_agreement(request.user):
            raise NotFound
        zone = timezone.get_default_timezone()
        first = datetime.combine(asked["first"], time(), zone)
        until = datetime.combine(asked["last"] + DAY, time(), zone)
        found = agreeing.by_criterion(card, first, until, request.user)
        return Response({"card": card.pk, "criteria": [_agreed(one) for one in found]})


def _agreed(one: Agreed) -> dict[str, Any]:
    return {
        "criterion": one.criterion.name, "key": one.criterion.key, "metric": one.metric.value,
        "calls": one.found.calls, "double_scored": one.found.doubled,
        "reviewers": one.found.raters, "alpha": _estimate(one.found.alpha),
        "ac": _estimate(one.found.ac), "agreement_share": _estimate(one.found.percent),
        "rewrite": one.verdict.rewrite.value, "nobody_fails": one.verdict.nobody_fails,
        "scored_calls": one.scored, "failed_calls": one.failed, "left_out": one.left_out,
    }  # fmt: skip


def _estimate(one: Estimate) -> dict[str, Any]:
    why = "" if one.why is None else one.why.value
    return {"value": one.value, "low": one.low, "high": one.high, "why": why}


def urls(under: str) -> list[URLPattern]:
    return [
        path(
            f"{under}/calibration/ratings/", RatingsView.as_view(), name="api_calibration_ratings"
        ),
        path(f"{under}/calibration/agreement/", AgreementView.as_view(), name="api_agreement"),
    ]
