"""Disputes over the API: the list, one, and its steps."""

from collections.abc import Callable
from typing import Any

from django.http import Http404
from django.urls import URLPattern, path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ccm import exported, viewed
from ccm.api import ReadOnly, TokenAuthentication, TokenScope, refuse_unread
from ccm.intervals import site_days
from ccm.models import ApiToken, User, Viewing
from ccm.views.lists import signed_in
from qa.access import sites_told
from qa.after import disputing, listed, reach, words
from qa.after.changing import LONGEST, Given
from qa.after.forms import WordsForm
from qa.api.acts import (
    CONFLICTS,
    PROBLEMS,
    Acts,
    Day,
    Nothing,
    Words,
    checked,
    found,
    posted,
    refuse_turned,
    refusing,
    said,
    site_of,
)
from qa.models import Dispute

LONGEST_DAYS = 400
MOST = 1000


class DisputesQuestion(serializers.Serializer[Any]):
    site = serializers.SlugField(max_length=60)
    first = Day()
    last = Day()
    state = serializers.ChoiceField(Dispute.State.choices, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        refuse_turned(attrs, LONGEST_DAYS)
        return attrs


class DisputeRow(serializers.Serializer[Any]):
    """A dispute of one answer, or (criterion null) of all of a review."""

    id = serializers.IntegerField()
    review = serializers.IntegerField()
    agent = serializers.IntegerField()
    agent_name = serializers.CharField()
    reviewer = serializers.CharField(help_text="Their login.")
    reviewer_name = serializers.CharField()
    scorecard = serializers.IntegerField()
    scorecard_name = serializers.CharField()
    version = serializers.IntegerField()
    criterion = serializers.CharField(
        allow_null=True, help_text="Its id on the scorecard: whose answer is disputed."
    )
    criterion_name = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(choices=Dispute.State.choices)
    opened_at = serializers.DateTimeField()
    answer_due_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)
    escalate_until = serializers.DateTimeField(
        allow_null=True, help_text="Before then its agent may go on with it."
    )
    escalated_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    answer_outcome = serializers.CharField(
        help_text="What its reviewer did: upheld, changed, or empty."
    )
    outcome = serializers.CharField(help_text="upheld, changed, or empty: it is not over.")
    words = serializers.CharField()
    answer = serializers.CharField(help_text="What its reviewer says.")
    escalation = serializers.CharField(help_text="Why it went on.")
    reason = serializers.CharField(help_text="Of the decision.")


class OverturnedRow(serializers.Serializer[Any]):
    """How often answers were changed, of disputes that are over. null shares: too few."""

    name = serializers.CharField()
    disputed = serializers.IntegerField()
    ended = serializers.IntegerField()
    changed = serializers.IntegerField()
    released = serializers.IntegerField(
        allow_null=True, help_text="The reviewer's reviews of the same days; null: of criteria."
    )
    share = serializers.FloatField(allow_null=True, help_text="Changed of ended.")
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
        who = signed_in(request)
        site = site_of(sites_told(who), asked["site"])
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
                "disputes": [dispute_told(one) for one in rows[:MOST]],
                "by_reviewer": [_overturned(one) for one in reviewers],
                "by_criterion": [_overturned(one) for one in criteria],
            }
        )


def dispute_told(one: Dispute) -> dict[str, Any]:
    evaluation = one.evaluation
    card = evaluation.version.card
    return {
        "id": one.pk, "review": evaluation.pk, "agent": evaluation.agent_id,
        "agent_name": evaluation.agent.name, "reviewer": evaluation.reviewer.username,
        "reviewer_name": str(evaluation.reviewer), "scorecard": card.pk,
        "scorecard_name": card.name, "version": evaluation.version.number,
        "criterion": one.criterion and one.criterion.key,
        "criterion_name": one.criterion and one.criterion.name, "state": one.state,
        "opened_at": one.opened_at, "answer_due_at": one.answer_due_at,
        "answered_at": one.answered_at, "escalate_until": one.escalate_until,
        "escalated_at": one.escalated_at, "decided_at": one.decided_at,
        "answer_outcome": one.answer_outcome, "outcome": words.outcome(one),
        "words": one.words, "answer": one.answer, "escalation": one.escalation,
        "reason": one.reason,
    }  # fmt: skip


def _overturned(one: listed.Overturned) -> dict[str, Any]:
    share = one.interval
    return {
        "name": one.name, "disputed": one.disputed, "ended": one.ended, "changed": one.changed,
        "released": one.released, "share": share and share.value,
        "share_low": share and share.low, "share_high": share and share.high,
    }  # fmt: skip


class DisputedAnswer(serializers.Serializer[Any]):
    value = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=LONGEST,
        help_text="As in a review: an option's id, or a text.",
    )
    skipped = serializers.BooleanField(default=False, help_text="Not applicable.")
    comment = serializers.CharField(
        required=False,
        max_length=LONGEST,
        help_text="Why, where the answer is so low that one is needed, and there is none.",
    )


class DisputeAnswerQuestion(Words):
    """Answers that are left out stay as they are."""

    revision = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, help_text="Of the review, as it was looked at."
    )
    answers = serializers.DictField(
        child=DisputedAnswer(), required=False, help_text="By the criterion's id."
    )


class _Disputes(Acts):
    def dispute(self, request: Request, pk: int, act: str = "") -> tuple[User, Dispute]:
        """One that the caller reads, and whose next step `act` is theirs at all."""
        who = signed_in(request)
        there: Dispute = found(
            reach.disputes(who).select_related(
                "criterion", "evaluation__agent__user", "evaluation__reviewer",
                "evaluation__version__card", "evaluation__site",
            ),
            pk,
        )  # fmt: skip
        if act and not reach.is_step_of(act, there, who):
            raise Http404
        return who, there


class DisputeView(_Disputes):
    @extend_schema(operation_id="quality_dispute", summary="A dispute", responses={200: DisputeRow})
    def get(self, request: Request, pk: int) -> Response:
        refuse_unread(request, ())
        who, one = self.dispute(request, pk)
        viewed.note(who, [one.evaluation.agent_id], Viewing.What.REVIEW, timezone.now())
        return Response(dispute_told(one))


Step = Callable[..., Dispute]


class _ChangingStep(_Disputes):
    """A step that may change answers."""

    act: str
    step: Step

    def post(self, request: Request, pk: int) -> Response:
        who, there = self.dispute(request, pk, self.act)
        asked = said(request, DisputeAnswerQuestion)
        words = checked(WordsForm(posted({"words": asked["words"]})))["words"]
        given = {
            key: Given("" if one["skipped"] else one.get("value", ""), one["skipped"],
                       one.get("comment", ""))
            for key, one in asked.get("answers", {}).items()
        }  # fmt: skip
        with refusing(disputing.Stale, under="answers"):
            row = type(self).step(there, who, timezone.now(), words, given, asked["revision"])
        return Response(dispute_told(row))


class DisputeAnswerView(_ChangingStep):
    act, step = "answer", staticmethod(disputing.answer)

    @extend_schema(
        operation_id="answer_dispute",
        summary="Answer a dispute, as its reviewer",
        request=DisputeAnswerQuestion,
        responses={200: DisputeRow, **CONFLICTS},
    )
    def post(self, request: Request, pk: int) -> Response:
        return super().post(request, pk)


class DisputeDecideView(_ChangingStep):
    act, step = "decide", staticmethod(disputing.decide)

    @extend_schema(
        operation_id="decide_dispute",
        summary="Decide a dispute that went on",
        request=DisputeAnswerQuestion,
        responses={200: DisputeRow, **CONFLICTS},
    )
    def post(self, request: Request, pk: int) -> Response:
        return super().post(request, pk)


class DisputeEscalateView(_Disputes):
    @extend_schema(
        operation_id="escalate_dispute",
        summary="Go on with a dispute: somebody else decides",
        request=Words,
        responses={200: DisputeRow, **PROBLEMS},
    )
    def post(self, request: Request, pk: int) -> Response:
        who, there = self.dispute(request, pk, "escalate")
        words = checked(WordsForm(posted(said(request, Words))))["words"]
        with refusing():
            row = disputing.escalate(there, who, timezone.now(), words)
        return Response(dispute_told(row))


class DisputeAcceptView(_Disputes):
    @extend_schema(
        operation_id="accept_dispute",
        summary="Take the answer to a dispute",
        request=Nothing,
        responses={200: DisputeRow, **PROBLEMS},
    )
    def post(self, request: Request, pk: int) -> Response:
        who, there = self.dispute(request, pk, "accept")
        said(request, Nothing)
        with refusing():
            row = disputing.accept(there, who, timezone.now())
        return Response(dispute_told(row))


class DisputeWithdrawView(_Disputes):
    @extend_schema(
        operation_id="withdraw_dispute",
        summary="Take a dispute back",
        request=Nothing,
        responses={200: DisputeRow, **PROBLEMS},
    )
    def post(self, request: Request, pk: int) -> Response:
        who, there = self.dispute(request, pk, "withdraw")
        said(request, Nothing)
        with refusing():
            row = disputing.withdraw(there, who, timezone.now())
        return Response(dispute_told(row))


def urls(under: str) -> list[URLPattern]:
    own = f"{under}/disputes"
    steps = {
        "answer": DisputeAnswerView, "decide": DisputeDecideView, "escalate": DisputeEscalateView,
        "accept": DisputeAcceptView, "withdraw": DisputeWithdrawView,
    }  # fmt: skip
    return [
        path(f"{own}/", DisputesView.as_view(), name="api_disputes"),
        path(f"{own}/<int:pk>/", DisputeView.as_view(), name="api_dispute"),
        *(
            path(f"{own}/<int:pk>/{act}/", view.as_view(), name=f"api_dispute_{act}")
            for act, view in steps.items()
        ),
    ]
