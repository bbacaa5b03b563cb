"""Findings over the API: the list, made, changed, and what is said of one."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from ccm import exported
from ccm.api import refuse_unread
from ccm.api.reads import ByTime
from ccm.database import MOST_ID
from ccm.models import User
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from qa.access import sites_told
from qa.api.acts import (
    CONFLICTS,
    PROBLEMS,
    Acts,
    Day,
    checked,
    found,
    named,
    posted,
    refused,
    refusing,
    said,
    site_of,
)
from qa.findings import reads, services
from qa.findings.forms import FindingForm, NoteForm
from qa.findings.reads import Asked
from qa.models import CardCriterion, Evaluation, Finding, FindingNote


class _Newest(ByTime):
    ordering = ("-made_at", "-pk")
    page_size_query_param = "page_size"


class FindingsQuestion(serializers.Serializer[Any]):
    site = serializers.SlugField(required=False)
    kind = serializers.ChoiceField(choices=Finding.Kind.choices, required=False)
    state = serializers.ChoiceField(
        choices=("standing", "all", *Finding.State.values),
        default="all",
        help_text="`standing`: those that are open or being worked on.",
    )
    mine = serializers.BooleanField(default=False)
    overdue = serializers.BooleanField(default=False)


class FindingSerializer(serializers.ModelSerializer[Finding]):
    site = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    owner = serializers.SlugRelatedField[Any](
        slug_field="username", read_only=True, allow_null=True,
        help_text="Their login; null: nobody yet.",
    )  # fmt: skip
    made_by = serializers.SlugRelatedField[Any](
        slug_field="username",
        read_only=True,
        allow_null=True,
        help_text="Null: somebody who is not here now.",
    )
    review = serializers.IntegerField(
        source="evaluation_id", allow_null=True, read_only=True, help_text="That it was found by."
    )
    scorecard = serializers.IntegerField(
        source="criterion.card_id", allow_null=True, read_only=True, default=None,
        help_text="Of the criterion.",
    )  # fmt: skip
    criterion = serializers.SlugRelatedField[Any](
        slug_field="key", read_only=True, allow_null=True, help_text="Its id on the scorecard."
    )
    is_overdue = serializers.SerializerMethodField()

    class Meta:
        model = Finding
        fields = [
            "id", "site", "kind", "state", "title", "words", "review", "scorecard",
            "criterion", "agent",
            "queue", "owner", "due_on", "is_overdue", "made_by", "made_at", "ended_at", "revision",
        ]  # fmt: skip

    def get_is_overdue(self, one: Finding) -> bool:
        return reads.is_overdue(one, timezone.now())


class NoteRow(serializers.ModelSerializer[FindingNote]):
    by = serializers.SlugRelatedField[Any](slug_field="username", read_only=True, allow_null=True)

    class Meta:
        model = FindingNote
        fields = ["by", "at", "words", "state"]


class FindingWithNotes(FindingSerializer):
    notes = NoteRow(many=True, read_only=True)

    class Meta(FindingSerializer.Meta):
        fields = [*FindingSerializer.Meta.fields, "notes"]


_ID: dict[str, Any] = {"min_value": 0, "max_value": MOST_ID, "required": False, "allow_null": True}


class FindingChanges(serializers.Serializer[Any]):
    """What a finding says; what is left out stays as it is."""

    kind = serializers.ChoiceField(Finding.Kind.choices, required=False)
    title = serializers.CharField(max_length=160, required=False)
    words = serializers.CharField(max_length=3000, required=False, allow_blank=True)
    criterion = serializers.CharField(
        required=False, allow_null=True, help_text="Its id on the scorecard; null: none."
    )
    scorecard = serializers.IntegerField(
        **_ID, help_text="Of the criterion; left out: the review's, or the only one that asks it."
    )
    agent = serializers.IntegerField(**_ID)
    queue = serializers.IntegerField(**_ID)
    owner = serializers.CharField(
        required=False, allow_null=True, help_text="By their login: of those who may see it."
    )
    due_on = Day(required=False, allow_null=True)


class ChangedFinding(FindingChanges):
    revision = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


class NewFinding(FindingChanges):
    kind = serializers.ChoiceField(Finding.Kind.choices)
    title = serializers.CharField(max_length=160)
    site = serializers.SlugField(required=False, help_text="Or `review`, of what it was found by.")
    review = serializers.IntegerField(min_value=0, max_value=MOST_ID, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "site" not in attrs and "review" not in attrs:
            raise serializers.ValidationError({"site": _("Say of which site, or of which review.")})
        return attrs


class NoteQuestion(serializers.Serializer[Any]):
    """Something to say, or how far it is by now, or both."""

    words = serializers.CharField(max_length=2000, required=False)
    state = serializers.ChoiceField(Finding.State.choices, required=False)
    revision = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, required=False, help_text="Needed with a state."
    )


class FindingsView(Acts, generics.ListAPIView[Finding]):
    """What reviews found, whose it is and how far it is, as far as the caller sees it."""

    serializer_class = FindingSerializer
    pagination_class = _Newest
    queryset = Finding.objects.none()

    @extend_schema(summary="Findings", parameters=[FindingsQuestion])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Finding]:
        user = _of_findings(self.request)
        question = FindingsQuestion(data=self.request.query_params)
        pages = {_Newest.cursor_query_param, _Newest.page_size_query_param}
        refuse_unread(self.request, {*question.fields, *pages})
        question.is_valid(raise_exception=True)
        asked_for = question.validated_data
        slug = asked_for.get("site", "")
        site = sites_told(user).filter(slug=slug).first() if slug else None
        if slug and site is None:
            raise NotFound
        if self.request.method == "GET":
            exported.listed(user, Finding, site, False, timezone.now(), file=exported.API)
        asked = Asked(
            slug, asked_for.get("kind", ""), asked_for["state"], asked_for["mine"],
            asked_for["overdue"],
        )  # fmt: skip
        return reads.found(user, asked, timezone.now()).select_related(*_RELATED)

    @extend_schema(
        operation_id="make_finding",
        summary="Make a finding",
        request=NewFinding,
        responses={201: FindingWithNotes, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        who, now = _of_findings(request), timezone.now()
        asked = said(request, NewFinding)
        review: Evaluation | None = None
        if "review" in asked:
            review = reads.review(who, asked["review"])
            if review is None:
                raise NotFound
        site = site_of(sites_told(who), asked["site"]) if review is None else review.site
        told = {"agent": review.agent_id, "queue": review.queue_id} if review is not None else {}
        chosen = _chosen(asked, reads.criteria(who, site), None, review)
        form = FindingForm(site, who, now, _sent(told | asked | chosen), review=review)
        checked(form)
        with refusing():
            made = services.make(form.made(), who, now)
        return Response(_told(who, made.pk), status=201)


class FindingView(Acts):
    """A finding with what was said of it."""

    @extend_schema(summary="A finding", responses={200: FindingWithNotes})
    def get(self, request: Request, pk: int) -> Response:
        refuse_unread(request, ())
        return Response(_told(_of_findings(request), pk))

    @extend_schema(
        operation_id="change_finding",
        summary="Change what a finding says",
        request=ChangedFinding,
        responses={200: FindingWithNotes, **CONFLICTS},
    )
    def patch(self, request: Request, pk: int) -> Response:
        who, now = _of_findings(request), timezone.now()
        one: Finding = found(reads.kept(who).select_related(*_KEPT), pk)
        asked = said(request, ChangedFinding)
        there = {
            name: getattr(one, f"{name}_id" if name in _IDS else name) for name in services.FIELDS
        } | {"owner": one.owner and one.owner.username}
        chosen = _chosen(asked, reads.criteria(who, one.site), one.criterion, one.evaluation)
        form = FindingForm(one.site, who, now, _sent(there | asked | chosen), finding=one)
        wanted = checked(form)
        with refusing(services.Stale):
            services.change(pk, wanted, asked["revision"], who, now)
        return Response(_told(who, pk))


class FindingNotesView(Acts):
    @extend_schema(
        operation_id="note_finding",
        summary="Say something of a finding, and how far it is",
        request=NoteQuestion,
        responses={201: FindingWithNotes, **CONFLICTS},
    )
    def post(self, request: Request, pk: int) -> Response:
        who = _of_findings(request)
        one = found(reads.kept(who), pk)
        asked = said(request, NoteQuestion)
        wanted = checked(NoteForm(one, posted(asked)))
        with refusing(services.Stale):
            services.note(
                pk, wanted["words"], who, timezone.now(), state=wanted["state"],
                revision=asked.get("revision", -1),
            )  # fmt: skip
        return Response(_told(who, pk), status=201)


_IDS = ("criterion", "agent", "queue", "owner")
_RELATED = ("site", "owner", "made_by", "criterion")
_KEPT = ("site", "owner", "criterion", "evaluation__version")


def _of_findings(request: Request) -> User:
    """Who makes and reads findings; 404 for anybody else."""
    if not may_open("findings", request.user):
        raise NotFound
    return signed_in(request)


def _sent(values: dict[str, Any]) -> Any:
    """What was said as the form of the page sends it."""
    return posted(values | {"owner": named(User.objects.all(), values.get("owner"))})


def _chosen(
    asked: dict[str, Any],
    criteria: QuerySet[CardCriterion],
    there: CardCriterion | None,
    review: Evaluation | None,
) -> dict[str, int | None]:
    """The criterion that is named, as the form chooses it: what stands `there`, or one of these, of
    the scorecard that is said, or else the review's. Empty: nothing is said of it. Raises Invalid
    where that does not tell it apart."""
    key, card = asked.get("criterion"), asked.get("scorecard")
    if key is None:
        if card is not None:
            words = _("Say which of its criteria is meant.")
            raise refused(ValidationError({"criterion": words}))
        return {"criterion": None} if "criterion" in asked else {}
    if there is not None and there.key == key and card in (None, there.card_id):
        return {"criterion": there.pk}
    found_by = dict(criteria.filter(key=key).values_list("card", "pk"))
    if card is None and review is not None and review.version.card_id in found_by:
        card = review.version.card_id
    if card is not None:
        # Of none that may be chosen the form says so.
        return {"criterion": found_by.get(card, 0)}
    if len(found_by) > 1:
        words = _("Several scorecards ask this: say which is meant.")
        raise refused(ValidationError({"scorecard": words}))
    return {"criterion": next(iter(found_by.values()), 0)}


def _told(who: User, pk: int) -> Any:
    rows = reads.visible(who).select_related(*_RELATED).prefetch_related("notes__by")
    return FindingWithNotes(found(rows, pk)).data


def urls(under: str) -> list[URLPattern]:
    own = f"{under}/findings"
    return [
        path(f"{own}/", FindingsView.as_view(), name="api_findings"),
        path(f"{own}/<int:pk>/", FindingView.as_view(), name="api_finding"),
        path(f"{own}/<int:pk>/notes/", FindingNotesView.as_view(), name="api_finding_notes"),
    ]
