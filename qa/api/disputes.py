"""Disputes over the API."""

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
from ccm.access import scope_of
from ccm.api import ReadOnly, TokenAuthentication, TokenScope, refuse_unread
from ccm.intervals import site_days
from ccm.models import ApiToken, Site
from ccm.views.lists import signed_in
from qa.access import reviewed_sites
from qa.after import listed
from qa.models import Dispute

LONGEST_DAYS = 400
MOST = 1000


class DisputesQuestion(serializers.Serializer[Any]):
    site = serializers.SlugField(max_length=60)
    first = serializers.DateField()
    last = serializers.DateField()
    state = serializers.ChoiceField(Dispute.State.choices, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["last"] < attrs["first"]:
            raise serializers.ValidationError({"last": "It is before the first day."})
        if (attrs["last"] - attrs["first"]).days >= LONGEST_DAYS:
            raise serializers.ValidationError({"last": f"At most {LONGEST_DAYS} days."})
        return attrs


class DisputeRow(serializers.Serializer[Any]):
    """A dispute of one answer, or (criterion null) of all of a review."""

    id = serializers.IntegerField()
    review = serializers.IntegerField()
    agent = serializers.CharField()
    reviewer = serializers.CharField()
    scorecard = serializers.CharField()
    criterion = serializers.CharField(allow_null=True)
    state = serializers.CharField()
    opened_at = serializers.DateTimeField()
    answer_due_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)
    escalated_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.CharField(help_text="upheld, changed, or empty: not known yet.")
    words = serializers.CharField()
    answer = serializers.CharField()
    reason = serializers.CharField()


class OverturnedRow(serializers.Serializer[Any]):
    """How often answers were changed, of disputes that are over. null ends: too few."""

    name = serializers.CharField()
    disputed = serializers.IntegerField()
    ended = serializers.IntegerField()
    changed = serializers.IntegerField()
    share_low = serializers.FloatField(allow_null=True)
    share_high = serializers.FloatField(allow_null=True)


class DisputesAnswer(serializers.Serializer[Any]):
    site = serializers.CharField()
    is_cut = serializers.BooleanField(help_text=f"There are more than {MOST}.")
    disputes = DisputeRow(many=True)
    by_reviewer = OverturnedRow(many=True)
    by_criterion = OverturnedRow(many=True)


class DisputesView(ReadOnly, APIView):
    """Disputes that were opened on some days of a site, and how often answers were changed."""

    authentication_classes = [TokenAuthentication, SessionAuthentication]
    permission_classes = [TokenScope]
    token_scope = ApiToken.READ

    @extend_schema(
        operation_id="quality_disputes",
        summary="Disputes of reviews",
        parameters=[DisputesQuestion],
        responses={200: DisputesAnswer},
    )
    def get(self, request: Request) -> Response:
        question = DisputesQuestion(data=request.query_params)
        refuse_unread(request, question.fields, ())
        question.is_valid(raise_exception=True)
        asked = question.validated_data
        scope, who = scope_of(request.user), signed_in(request)
        sites = Site.objects.filter(slug=asked["site"])
        if not scope.everything:
            sites = sites.filter(pk__in=reviewed_sites(scope) | scope.team_sites)
        site = sites.first()
        if site is None:
            raise NotFound
        span = site_days(asked["first"], asked["last"], site.calendar)
        state = asked.get("state", "")
        rows = list(listed.of_site(who, site, span, state)[: MOST + 1])
        reviewers, criteria = listed.overturned(who, site, span)
        if request.method == "GET":
            exported.listed(who, Dispute, site, bool(state), timezone.now(), file=exported.API)
        return Response(
            {
                "site": site.slug,
                "is_cut": len(rows) > MOST,
                "disputes": [_row(one) for one in rows[:MOST]],
                "by_reviewer": [_overturned(one) for one in reviewers],
                "by_criterion": [_overturned(one) for one in criteria],
            }
        )


def _row(one: Dispute) -> dict[str, Any]:
    evaluation = one.evaluation
    return {
        "id": one.pk, "review": evaluation.pk, "agent": evaluation.agent.name,
        "reviewer": str(evaluation.reviewer), "scorecard": str(evaluation.version),
        "criterion": None if one.criterion is None else one.criterion.name, "state": one.state,
        "opened_at": one.opened_at, "answer_due_at": one.answer_due_at,
        "answered_at": one.answered_at, "escalated_at": one.escalated_at,
        "decided_at": one.decided_at, "outcome": one.outcome or one.answer_outcome,
        "words": one.words, "answer": one.answer, "reason": one.reason,
    }  # fmt: skip


def _overturned(one: listed.Overturned) -> dict[str, Any]:
    low, high = (None, None) if one.interval is None else (one.interval.low, one.interval.high)
    return {
        "name": one.name, "disputed": one.disputed, "ended": one.ended, "changed": one.changed,
        "share_low": low, "share_high": high,
    }  # fmt: skip


def urls(under: str) -> list[URLPattern]:
    return [path(f"{under}/disputes/", DisputesView.as_view(), name="api_disputes")]
