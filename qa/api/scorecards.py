"""Scorecards over the API: the list, each version's document, the draft to read and write, and its
publication. A document is what `qa.cards.document` reads: docs/quality-scorecards.md."""

import re
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import exceptions, generics, serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ccm.api import ReadOnly, TokenAuthentication, TokenScope, refuse_unread
from ccm.api.parsers import BoundedJSONParser
from ccm.api.problems import CONTENT_TYPE, Invalid, problem_of
from ccm.api.reads import ByName
from ccm.database import MOST_ID
from ccm.models import ApiToken
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from qa.access import keeps_at
from qa.cards import document, reads, services, words
from qa.models import CardVersion, Scorecard

WRITE = "quality:write"
"""The scope of tokens that change scorecards."""


class OutOfDate(exceptions.APIException):
    """A draft that somebody else changed since it was read."""

    status_code = HTTPStatus.CONFLICT
    default_code = "out_of_date"


class CardSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    site = serializers.SlugField(source="site.slug", allow_null=True, help_text="null: all sites.")
    words = serializers.CharField(help_text="What it is for.")
    version = serializers.IntegerField(
        allow_null=True, help_text="In use; null: none is published yet."
    )
    since = serializers.DateTimeField(allow_null=True)
    reviews = serializers.IntegerField(help_text="That were made by any of its versions.")
    has_draft = serializers.BooleanField()
    closed_at = serializers.DateTimeField(allow_null=True)


class VersionSerializer(serializers.Serializer[Any]):
    card = serializers.IntegerField(source="card_id")
    number = serializers.IntegerField()
    state = serializers.ChoiceField(CardVersion.State.choices)
    revision = serializers.IntegerField(help_text="Of a draft, to be sent with what replaces it.")
    note = serializers.CharField(allow_blank=True, help_text="What changed.")
    published_at = serializers.DateTimeField(allow_null=True)
    form = serializers.JSONField(help_text="As docs/quality-scorecards.md describes it.")


class DraftSerializer(VersionSerializer):
    faults = serializers.SerializerMethodField(help_text="What keeps it from being published.")

    def get_faults(self, version: CardVersion) -> list[str]:
        return words.faults_told(document.read(version.form))


class DraftQuestion(serializers.Serializer[Any]):
    revision = serializers.IntegerField(
        min_value=0,
        max_value=2**31 - 1,
        required=False,
        allow_null=True,
        help_text="Of the draft that is replaced; left out: there is none, and one is begun.",
    )
    form = serializers.JSONField(help_text="As docs/quality-scorecards.md describes it.")


class PublishQuestion(serializers.Serializer[Any]):
    revision = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    note = serializers.CharField(max_length=300, help_text="What changed.")


_PROBLEMS = {
    (400, CONTENT_TYPE): problem_of("What is wrong, and where"),
    (404, CONTENT_TYPE): problem_of("No such scorecard, or none that the caller changes"),
    (409, CONTENT_TYPE): problem_of("Somebody else changed the draft: read it again"),
}


@extend_schema_view(get=extend_schema(summary="Scorecards"))
class ScorecardList(ReadOnly, generics.ListAPIView[Any]):
    """Scorecards that the caller may read, with the version in use; 404 for who reads none."""

    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (TokenScope,)
    token_scope = ApiToken.READ
    serializer_class = CardSerializer
    pagination_class = ByName
    queryset = Scorecard.objects.none()

    def get_queryset(self) -> QuerySet[Any]:
        refuse_unread(self.request, {ByName.cursor_query_param})
        if not may_open("scorecards", self.request.user):
            raise exceptions.NotFound
        return reads.listed(signed_in(self.request))


class ScorecardVersionView(ReadOnly, APIView):
    authentication_classes = [TokenAuthentication, SessionAuthentication]
    permission_classes = [TokenScope]
    token_scope = ApiToken.READ

    @extend_schema(
        operation_id="scorecard_version",
        summary="A version of a scorecard",
        responses={200: VersionSerializer},
    )
    def get(self, request: Request, pk: int, number: int) -> Response:
        refuse_unread(request, ())
        if max(pk, number) > MOST_ID or not may_open("scorecards", request.user):
            raise Http404
        user = signed_in(request)
        card = get_object_or_404(Scorecard.objects.visible_to(user), pk=pk)
        rows = CardVersion.objects.filter(card=card)
        if not keeps_at(user, card.site_id):
            rows = rows.published()
        return Response(VersionSerializer(get_object_or_404(rows, number=number)).data)


class _Changed(APIView):
    parser_classes = [BoundedJSONParser]
    authentication_classes = [TokenAuthentication, SessionAuthentication]
    permission_classes = [TokenScope]

    @property
    def token_scope(self) -> str:
        return ApiToken.READ if self.request.method in ("GET", "HEAD", "OPTIONS") else WRITE

    def card(self, request: Request, pk: int) -> Scorecard:
        if pk > MOST_ID:
            raise Http404
        card: Scorecard = get_object_or_404(Scorecard.objects.kept_by(request.user), pk=pk)
        return card


class ScorecardDraftView(_Changed):
    """The draft of a scorecard that the caller changes."""

    @extend_schema(
        operation_id="scorecard_draft",
        summary="The draft of a scorecard",
        responses={200: DraftSerializer},
    )
    def get(self, request: Request, pk: int) -> Response:
        refuse_unread(request, ())
        draft = reads.draft_of(self.card(request, pk))
        if draft is None:
            raise Http404
        return Response(DraftSerializer(draft).data)

    @extend_schema(
        operation_id="put_scorecard_draft",
        summary="Write the draft of a scorecard",
        description=(
            "Replaces the draft by a document, by whoever has read its last revision; where there "
            "is no draft, begins one. A draft may have faults: they are told, and keep it from "
            "being published."
        ),
        request=DraftQuestion,
        responses={200: DraftSerializer, **_PROBLEMS},
    )
    def put(self, request: Request, pk: int) -> Response:
        refuse_unread(request, ())
        card, now = self.card(request, pk), timezone.now()
        question = DraftQuestion(data=request.data)
        question.is_valid(raise_exception=True)
        try:
            form = document.read(question.validated_data["form"])
        except document.Misread as misread:
            raise Invalid(_("This is no scorecard."), _pointed(misread)) from None
        revision = question.validated_data.get("revision")
        try:
            draft = services.write(card, form, signed_in(request), now, revision=revision)
        except services.Stale as stale:
            raise OutOfDate(stale.messages[0]) from None
        except ValidationError as refusal:
            raise Invalid(refusal.messages[0], []) from None
        return Response(DraftSerializer(draft).data)


class ScorecardPublishView(_Changed):
    @extend_schema(
        operation_id="publish_scorecard",
        summary="Publish the draft of a scorecard",
        description="Freezes the draft: reviews that are made from now on use it.",
        request=PublishQuestion,
        responses={200: VersionSerializer, **_PROBLEMS},
    )
    def post(self, request: Request, pk: int) -> Response:
        refuse_unread(request, ())
        card, now = self.card(request, pk), timezone.now()
        question = PublishQuestion(data=request.data)
        question.is_valid(raise_exception=True)
        said = question.validated_data
        draft = reads.draft_of(card)
        if draft is None:
            raise Http404
        try:
            version = services.publish(
                draft, said["note"], signed_in(request), now, revision=said["revision"]
            )
        except services.Stale as stale:
            raise OutOfDate(stale.messages[0]) from None
        except ValidationError as refusal:
            wrong = [{"pointer": "", "message": one} for one in refusal.messages]
            raise Invalid(_("It cannot be published."), wrong) from None
        return Response(VersionSerializer(version).data)


def _pointed(misread: document.Misread) -> list[dict[str, str]]:
    """What is wrong with a document as the API points to it."""
    return [
        {"pointer": f"/form{_pointer(one.where)}", "message": words.problem(one)}
        for one in misread.wrong[: words.MOST_TOLD]
    ]


def _pointer(where: str) -> str:
    steps = re.findall(r"[^.\[\]]+", where)
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def urls(under: str) -> list[URLPattern]:
    own = f"{under}/scorecards"
    return [
        path(f"{own}/", ScorecardList.as_view(), name="api_scorecards"),
        path(
            f"{own}/<int:pk>/versions/<int:number>/",
            ScorecardVersionView.as_view(),
            name="api_scorecard_version",
        ),
        path(f"{own}/<int:pk>/draft/", ScorecardDraftView.as_view(), name="api_scorecard_draft"),
        path(
            f"{own}/<int:pk>/publish/", ScorecardPublishView.as_view(), name="api_scorecard_publish"
        ),
    ]
