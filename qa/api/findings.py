"""Findings over the API."""

from typing import Any

from django.db.models import QuerySet
from django.urls import URLPattern, path
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, pagination, serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotFound

from ccm import exported
from ccm.api import ReadOnly, TokenAuthentication, TokenScope, refuse_unread
from ccm.models import ApiToken
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from qa.findings import reads
from qa.findings.reads import Asked
from qa.models import Finding


class _Newest(pagination.CursorPagination):
    ordering = ("-made_at", "-pk")
    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 1000


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
    is_overdue = serializers.SerializerMethodField()

    class Meta:
        model = Finding
        fields = [
            "id", "site", "kind", "state", "title", "words", "evaluation", "criterion", "agent",
            "queue", "owner", "due_on", "is_overdue", "made_by", "made_at", "ended_at", "revision",
        ]  # fmt: skip

    def get_is_overdue(self, one: Finding) -> bool:
        return reads.is_overdue(one, timezone.now())


@extend_schema_view(get=extend_schema(summary="Findings", parameters=[FindingsQuestion]))
class FindingsView(ReadOnly, generics.ListAPIView[Finding]):
    """What reviews found, whose it is and how far it is, as far as the caller sees it."""

    authentication_classes = [TokenAuthentication, SessionAuthentication]
    permission_classes = [TokenScope]
    token_scope = ApiToken.READ
    serializer_class = FindingSerializer
    pagination_class = _Newest
    queryset = Finding.objects.none()

    def get_queryset(self) -> QuerySet[Finding]:
        user = self.request.user
        if not may_open("findings", user):
            raise NotFound
        question = FindingsQuestion(data=self.request.query_params)
        pages = {_Newest.cursor_query_param, _Newest.page_size_query_param}
        refuse_unread(self.request, {*question.fields, *pages})
        question.is_valid(raise_exception=True)
        said = question.validated_data
        slug = said.get("site", "")
        site = reads.sites(user).filter(slug=slug).first() if slug else None
        if slug and site is None:
            raise NotFound
        if self.request.method == "GET":
            who, now = signed_in(self.request), timezone.now()
            exported.listed(who, Finding, site, False, now, file=exported.API)
        asked = Asked(slug, said.get("kind", ""), said["state"], said["mine"], said["overdue"])
        return reads.found(user, asked, timezone.now())


def urls(under: str) -> list[URLPattern]:
    return [path(f"{under}/findings/", FindingsView.as_view(), name="api_findings")]
