"""Scorecards over the API: the list, a new one, each version's document, the draft to read and
write, its publication, and cards that are closed. A document is what `qa.cards.document` reads:
docs/quality-scorecards.md."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, generics, serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ccm.access import scope_of
from ccm.api import ReadOnly, TokenAuthentication, TokenScope, refuse_unread
from ccm.api.problems import CONTENT_TYPE, Invalid, problem_of
from ccm.api.reads import ByName
from ccm.database import MOST_ID
from ccm.models import ApiToken
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from qa import access
from qa.access import keeps_at
from qa.api.acts import (
    CONFLICTS,
    PROBLEMS,
    Acts,
    Conflict,
    asked_of,
    checked,
    found,
    kept_site,
    posted,
    refusing,
    said,
)
from qa.cards import Card, document, edits, files, reads, services, words
from qa.cards.forms import NameForm
from qa.models import CardVersion, Scorecard


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
    form = serializers.JSONField(
        required=False, help_text="As docs/quality-scorecards.md describes it."
    )
    file = serializers.CharField(
        required=False, trim_whitespace=False, help_text="Or as it is exported, in YAML or JSON."
    )


class RevisionQuestion(serializers.Serializer[Any]):
    revision = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


class PublishQuestion(serializers.Serializer[Any]):
    revision = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    note = serializers.CharField(max_length=300, help_text="What changed.")


class NewCard(serializers.Serializer[Any]):
    """A card whose first version is a draft: `form`, `file`, or empty."""

    name = serializers.CharField(max_length=120)
    words = serializers.CharField(max_length=300, required=False, help_text="What it is for.")
    site = serializers.SlugField(required=False, allow_null=True, help_text="null: all sites.")
    form = serializers.JSONField(required=False)
    file = serializers.CharField(
        required=False, trim_whitespace=False, help_text="As it is exported, in YAML or JSON."
    )


class CardChanges(serializers.Serializer[Any]):
    """What is left out stays as it is."""

    name = serializers.CharField(max_length=120, required=False)
    words = serializers.CharField(max_length=300, required=False, allow_blank=True)


class CloseQuestion(serializers.Serializer[Any]):
    closed = serializers.BooleanField(help_text="Whether nothing more is reviewed by it.")


class _Changed(Acts):
    def card(self, request: Request, pk: int) -> Scorecard:
        card: Scorecard = found(Scorecard.objects.kept_by(request.user), pk)
        return card

    def told(self, request: Request, pk: int) -> Response:
        return Response(CardSerializer(reads.listed(signed_in(request)).get(pk=pk)).data)


class ScorecardList(Acts, generics.ListAPIView[Any]):
    """Scorecards that the caller may read, with the version in use; 404 for who reads none."""

    serializer_class = CardSerializer
    pagination_class = ByName
    queryset = Scorecard.objects.none()

    def get_queryset(self) -> QuerySet[Any]:
        refuse_unread(self.request, {ByName.cursor_query_param})
        if not may_open("scorecards", self.request.user):
            raise exceptions.NotFound
        return reads.listed(signed_in(self.request))

    @extend_schema(summary="Scorecards")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="make_scorecard",
        summary="Make a scorecard, or bring one in",
        request=NewCard,
        responses={201: CardSerializer, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        scope = scope_of(request.user)
        if not access.keeps(scope):
            raise Http404
        asked, who = said(request, NewCard), signed_in(request)
        slug = asked.get("site")
        if slug is None and not scope.everything:
            told = _("Say for which site it is.")
            raise Invalid(told, [{"pointer": "/site", "message": told}])
        site = None if slug is None else kept_site(request, slug)
        form = _form(asked) or edits.empty()
        about = {"name": asked["name"], "about": asked.get("words", "")}
        wanted = checked(NameForm(posted(about)), {"about": "words"})
        with refusing():
            made = services.make(wanted["name"], site, wanted["about"], form, who, timezone.now())
        return Response(CardSerializer(reads.listed(who).get(pk=made.pk)).data, status=201)


def _form(asked: dict[str, Any]) -> Card | None:
    """The card of a document or of a file's text; None: neither was sent. Raises Invalid."""
    if "form" in asked and "file" in asked:
        told = _("Send the one or the other.")
        raise Invalid(told, [{"pointer": "/file", "message": told}])
    member = "form" if "form" in asked else "file"
    if member not in asked:
        return None
    try:
        if member == "form":
            return document.read(asked["form"])
        return files.load(asked["file"].encode())
    except document.Misread as misread:
        raise Invalid(_("This is no scorecard."), _pointed(misread, member)) from None


class ScorecardView(_Changed):
    """What a scorecard is called."""

    @extend_schema(
        operation_id="rename_scorecard",
        summary="Call a scorecard something else",
        request=CardChanges,
        responses={200: CardSerializer, **PROBLEMS},
    )
    def patch(self, request: Request, pk: int) -> Response:
        card = self.card(request, pk)
        there = {"name": card.name, "words": card.words} | said(request, CardChanges)
        form = NameForm(posted({"name": there["name"], "about": there["words"]}))
        wanted = checked(form, {"about": "words"})
        with refusing():
            services.rename(
                card, wanted["name"], wanted["about"], signed_in(request), timezone.now()
            )
        return self.told(request, pk)

    @extend_schema(
        operation_id="remove_scorecard",
        summary="Remove a scorecard that nothing was made by",
        responses={204: None, **PROBLEMS, (409, CONTENT_TYPE): problem_of("What it is used by")},
    )
    def delete(self, request: Request, pk: int) -> Response:
        refuse_unread(request, ())
        card = self.card(request, pk)
        if not services.remove(card, signed_in(request), timezone.now()):
            what = ", ".join(reads.hanging(card))
            raise Conflict(_("It cannot be removed: there is %(what)s.") % {"what": what})
        return Response(status=204)


class ScorecardCloseView(_Changed):
    @extend_schema(
        operation_id="close_scorecard",
        summary="Have nothing more reviewed by a scorecard, or again",
        request=CloseQuestion,
        responses={200: CardSerializer, **PROBLEMS},
    )
    def post(self, request: Request, pk: int) -> Response:
        card, who, now = self.card(request, pk), signed_in(request), timezone.now()
        wanted = said(request, CloseQuestion)["closed"]
        with refusing():
            (services.close if wanted else services.reopen)(card, who, now)
        return self.told(request, pk)


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
        responses={200: DraftSerializer, **CONFLICTS},
    )
    def put(self, request: Request, pk: int) -> Response:
        card, now = self.card(request, pk), timezone.now()
        asked = said(request, DraftQuestion)
        form = _form(asked)
        if form is None:
            told = _("Send a form, or a file.")
            raise Invalid(told, [{"pointer": "/form", "message": told}])
        revision = asked.get("revision")
        with refusing(services.Stale):
            draft = services.write(card, form, signed_in(request), now, revision=revision)
        return Response(DraftSerializer(draft).data)

    @extend_schema(
        operation_id="discard_scorecard_draft",
        summary="Have nothing come of a draft",
        parameters=[RevisionQuestion],
        responses={204: None, **CONFLICTS},
    )
    def delete(self, request: Request, pk: int) -> Response:
        card = self.card(request, pk)
        revision = asked_of(request, RevisionQuestion)["revision"]
        draft = reads.draft_of(card)
        if draft is None:
            raise Http404
        with refusing(services.Stale):
            services.discard(draft, signed_in(request), timezone.now(), revision=revision)
        return Response(status=204)


class ScorecardPublishView(_Changed):
    @extend_schema(
        operation_id="publish_scorecard",
        summary="Publish the draft of a scorecard",
        description="Freezes the draft: reviews that are made from now on use it.",
        request=PublishQuestion,
        responses={200: VersionSerializer, **CONFLICTS},
    )
    def post(self, request: Request, pk: int) -> Response:
        card, now = self.card(request, pk), timezone.now()
        asked = said(request, PublishQuestion)
        draft = reads.draft_of(card)
        if draft is None:
            raise Http404
        try:
            version = services.publish(
                draft, asked["note"], signed_in(request), now, revision=asked["revision"]
            )
        except services.Stale as stale:
            raise Conflict(stale.messages[0]) from None
        except ValidationError as refusal:
            wrong = [{"pointer": "", "message": one} for one in refusal.messages]
            raise Invalid(_("It cannot be published."), wrong) from None
        return Response(VersionSerializer(version).data)


def _pointed(misread: document.Misread, member: str) -> list[dict[str, str]]:
    """What is wrong with a document as the API points to it."""
    return [
        {"pointer": f"/{member}{_pointer(one.where)}", "message": words.problem(one)}
        for one in misread.wrong[: words.MOST_TOLD]
    ]


def _pointer(where: str) -> str:
    steps = re.findall(r"[^.\[\]]+", where)
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def urls(under: str) -> list[URLPattern]:
    own = f"{under}/scorecards"
    return [
        path(f"{own}/", ScorecardList.as_view(), name="api_scorecards"),
        path(f"{own}/<int:pk>/", ScorecardView.as_view(), name="api_scorecard"),
        path(f"{own}/<int:pk>/close/", ScorecardCloseView.as_view(), name="api_scorecard_close"),
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
