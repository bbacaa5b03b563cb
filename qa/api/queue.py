"""Reviews over the API: the list of those that one may know of, a call taken for one, and reviews
that are opened again or change hands. One of them is in `qa.api.reviews`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from ccm import exported
from ccm.api import refuse_unread
from ccm.api.reads import ByTime
from ccm.database import MOST_ID
from ccm.masking import masked
from ccm.models import Call, User
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from qa.access import sites_told
from qa.api.acts import (
    CONFLICTS,
    PROBLEMS,
    Acts,
    Nothing,
    checked,
    found,
    named,
    posted,
    refused,
    refusing,
    said,
    site_of,
)
from qa.api.reviews import ReviewRow, ReviewSerializer, review_told, row_told
from qa.checking import prefill
from qa.models import Evaluation
from qa.plans import people, queue, swapping
from qa.plans.forms import HandOnForm
from qa.reviews import forms, services, taking


class ReviewsQuestion(serializers.Serializer[Any]):
    site = serializers.SlugField(required=False)
    state = serializers.ChoiceField(queue.STATES, required=False)
    reviewer = serializers.CharField(required=False, help_text="By their login.")
    agent = serializers.IntegerField(min_value=0, max_value=MOST_ID, required=False)
    plan = serializers.IntegerField(min_value=0, max_value=MOST_ID, required=False)


class TakeQuestion(serializers.Serializer[Any]):
    call = serializers.UUIDField()
    scorecard = serializers.IntegerField(min_value=0, max_value=MOST_ID)
    reason = serializers.ChoiceField(Evaluation.Reason.choices)
    words = serializers.CharField(
        required=False, max_length=300, help_text="Needed for something else; the agent reads it."
    )


class HandOnQuestion(serializers.Serializer[Any]):
    reviewer = serializers.CharField(help_text="Their login.")
    reason = serializers.CharField(max_length=300)


class NewestFirst(ByTime):
    """By when their calls were."""

    ordering = ("-called_at", "-pk")
    page_size_query_param = "page_size"


_PAGES = {NewestFirst.cursor_query_param, NewestFirst.page_size_query_param}
_PAGE = inline_serializer(
    "ReviewsPage",
    {
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "results": ReviewRow(many=True),
    },
)


class ReviewsView(Acts):
    """Reviews that the caller may know of (an agent their own, once they are released), those of
    the newest calls first; and a call taken for one."""

    @extend_schema(
        operation_id="quality_reviews",
        summary="Reviews",
        parameters=[ReviewsQuestion],
        responses={200: _PAGE},
    )
    def get(self, request: Request) -> Response:
        if not (may_open("reviews", request.user) or may_open("my_reviews", request.user)):
            raise NotFound
        question = ReviewsQuestion(data=request.query_params)
        refuse_unread(request, {*question.fields, *_PAGES})
        question.is_valid(raise_exception=True)
        asked, who, now = question.validated_data, signed_in(request), timezone.now()
        site = site_of(sites_told(who), asked["site"]) if "site" in asked else None
        _refuse_unknown(who, now, asked)
        rows = queue.listed(
            who, now, state=asked.get("state", ""), site=None if site is None else site.pk,
            reviewer=named(User.objects.all(), asked.get("reviewer")),
            agent=asked.get("agent"), plan=asked.get("plan"),
        )  # fmt: skip
        pages = NewestFirst()
        shown = pages.paginate_queryset(
            rows.select_related("site", "agent", "queue", "reviewer", "version__card").defer(
                "version__form"
            ),
            request,
            view=self,
        )
        if request.method == "GET":
            narrowed = bool(asked.keys() - {"site"})
            exported.listed(who, Evaluation, site, narrowed, now, file=exported.API)
        return pages.get_paginated_response([row_told(one, now) for one in shown or ()])

    @extend_schema(
        operation_id="take_review",
        summary="Take a call for a review",
        description="A targeted review of the caller's own, which counts in no score.",
        request=TakeQuestion,
        responses={201: ReviewSerializer, **CONFLICTS},
    )
    def post(self, request: Request) -> Response:
        if not may_open("reviews", request.user):
            raise NotFound
        who, now, asked = signed_in(request), timezone.now(), said(request, TakeQuestion)
        rows: QuerySet[Call] = Call.objects.visible_to(who)
        call = rows.filter(pk=asked["call"]).select_related("site", "queue", "agent").first()
        if call is None or not taking.may_take(who, call):
            raise NotFound
        sent = {"card": asked["scorecard"], "reason": asked["reason"], "words": asked.get("words")}
        form = forms.TakeForm(posted(sent), user=who, call=call)
        wanted = checked(form, {"card": "scorecard"})
        with refusing(taking.Already):
            made = taking.take(
                call, wanted["card"], who, now,
                reason=wanted["reason"], words=masked(wanted["words"]),
            )  # fmt: skip
        prefill.fill(made.pk, now)
        return Response(review_told(who, made.pk, now), status=201)


_FILTERS = {
    "reviewer": "reviewer__username", "agent": "agent", "plan": "drawn__drawn__draw__plan",
}  # fmt: skip


def _refuse_unknown(user: User, now: datetime, asked: Mapping[str, Any]) -> None:
    """Refuse a filter by what none of the reviews is of that the user may know of: mistyped and out
    of reach are the same, and neither is an empty list."""
    every = queue.listed(user, now)
    words = _("No review that you may know of is of this one.")
    wrong = {
        name: words
        for name, field in _FILTERS.items()
        if name in asked and not every.filter(**{field: asked[name]}).exists()
    }
    if wrong:
        raise refused(ValidationError(wrong))


class ReviewReopenView(Acts):
    @extend_schema(
        operation_id="reopen_review",
        summary="Open a finished review of one's own again",
        request=Nothing,
        responses={200: ReviewSerializer, **CONFLICTS},
    )
    def post(self, request: Request, pk: int) -> Response:
        who, now = signed_in(request), timezone.now()
        there = found(Evaluation.objects.reviewed_by(who), pk)
        said(request, Nothing)
        with refusing(services.Stale, services.Closed):
            services.reopen(there, who, now)
        return Response(review_told(who, pk, now))


class HandedOnAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="Of the review that they do; of one begun a new one.")
    reviewer = serializers.CharField()
    state = serializers.CharField()


class ReviewHandOnView(Acts):
    @extend_schema(
        operation_id="hand_on_review",
        summary="Have somebody else do an open review",
        description="What was begun is dropped: nobody goes on with another's marks.",
        request=HandOnQuestion,
        responses={200: HandedOnAnswer, **PROBLEMS},
    )
    def post(self, request: Request, pk: int) -> Response:
        who = signed_in(request)
        there = found(Evaluation.objects.handed_on_by(who).select_related("site", "agent"), pk)
        asked = said(request, HandOnQuestion)
        sent = {
            "reviewer": named(people.candidates(there.site), asked["reviewer"]),
            "reason": asked["reason"],
        }
        wanted = checked(HandOnForm(posted(sent), site=there.site))
        with refusing():
            new = swapping.hand_on(there, wanted["reviewer"], wanted["reason"], who, timezone.now())
        return Response({"id": new.pk, "reviewer": new.reviewer.username, "state": new.state})


def urls(under: str) -> list[URLPattern]:
    own = f"{under}/reviews"
    return [
        path(f"{own}/", ReviewsView.as_view(), name="api_reviews"),
        path(f"{own}/<int:pk>/reopen/", ReviewReopenView.as_view(), name="api_review_reopen"),
        path(f"{own}/<int:pk>/hand-on/", ReviewHandOnView.as_view(), name="api_review_hand_on"),
    ]
