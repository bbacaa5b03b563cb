"""Reading the record over the API: calls, queues, agents, as far as the caller may see them."""

import re
from datetime import datetime
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, pagination, serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request

from ccm import viewed
from ccm.api.auth import ReadOnly, TokenAuthentication, TokenScope
from ccm.api.problems import refuse_unread
from ccm.beside import told_beside
from ccm.days_asked import LONGEST
from ccm.intervals import FIRST_YEAR, LAST_YEAR
from ccm.models import Agent, ApiToken, Call, Direction, Outcome, Queue, Site, Viewing
from ccm.navigation import may_open


class QueueSerializer(serializers.ModelSerializer[Queue]):
    site = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    zone = serializers.CharField(source="site.zone", read_only=True)

    class Meta:
        model = Queue
        fields = ["id", "name", "site", "zone", "channel", "is_new"]


class AgentSerializer(serializers.ModelSerializer[Agent]):
    site = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)

    class Meta:
        model = Agent
        fields = ["id", "name", "site", "skills", "hired_on", "left_on", "is_new"]


class CallSerializer(serializers.ModelSerializer[Call]):
    """A visit. Durations are milliseconds; null is unknown, never 0. Times are UTC."""

    site = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)

    class Meta:
        model = Call
        fields = [
            "id",
            "source",
            "external_id",
            "linked_id",
            "site",
            "queue",
            "agent",
            "channel",
            "direction",
            "caller_masked",
            "offered_at",
            "answered_at",
            "ended_at",
            "wrapup_ended_at",
            "time_precision",
            "ivr_ms",
            "wait_ms",
            "ring_ms",
            "talk_ms",
            "hold_ms",
            "acw_ms",
            "outcome",
            "ended_by",
            "transfer_kind",
            "transfer_target",
            "resolved",
            "resolvable",
        ]


class OneCallSerializer(CallSerializer):
    """A visit, with what its source told beside, by its name there."""

    extra = serializers.SerializerMethodField()

    class Meta(CallSerializer.Meta):
        fields = [*CallSerializer.Meta.fields, "extra"]

    def get_extra(self, call: Call) -> dict[str, Any]:
        return told_beside(call)


_OUTCOMES = gettext_lazy("There is no such outcome. There are: {}.")
_DIRECTIONS = gettext_lazy("There is no such direction. There are: {}.")


class CallFilter(django_filters.FilterSet):
    """Narrows a stretch of calls."""

    site = django_filters.CharFilter(field_name="site__slug")
    queue = django_filters.NumberFilter(field_name="queue")
    agent = django_filters.NumberFilter(field_name="agent")
    outcome = django_filters.ChoiceFilter(
        field_name="outcome",
        choices=Outcome.choices,
        error_messages={"invalid_choice": format_lazy(_OUTCOMES, ", ".join(Outcome.values))},
    )

    direction = django_filters.ChoiceFilter(
        field_name="direction",
        choices=Direction.choices,
        error_messages={"invalid_choice": format_lazy(_DIRECTIONS, ", ".join(Direction.values))},
    )

    class Meta:
        model = Call
        fields = ["site", "queue", "agent", "outcome", "direction"]


class MomentField(serializers.DateTimeField):
    """A time with its offset from UTC: whose midnight a day begins with is not guessed either."""

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            words = _("This time has no offset from UTC, so nobody knows when it is.")
            raise ValidationError(f"{words} {_('Write it as 2026-03-02T10:00:00+01:00.')}")
        return super().enforce_timezone(value)


class SpanSerializer(serializers.Serializer[Any]):
    """The stretch of time [start, end) a list of calls is of: the calls table is cut by month
    and never read whole. Both are told with their offset from UTC."""

    start = MomentField()
    end = MomentField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["end"] <= attrs["start"]:
            raise serializers.ValidationError({"end": _("It is not after the start.")})
        if not FIRST_YEAR <= attrs["start"].year <= attrs["end"].year <= LAST_YEAR:
            raise serializers.ValidationError({"start": _("Ask for times between 1990 and 2200.")})
        if attrs["end"] - attrs["start"] > LONGEST:
            raise serializers.ValidationError({"end": _("Ask for at most 366 days at a time.")})
        return attrs


class _ByCursor(pagination.CursorPagination):
    """Pages told apart by a cursor, which a client hands back as it got it."""

    page_size = 100

    def decode_cursor(self, request: Request) -> Any:
        """The cursor of a request; a made-up one is a 404 like any that cannot be read."""
        cursor = super().decode_cursor(request)
        position = None if cursor is None else cursor.position
        if position is not None and not self._fits(str(position)):
            raise NotFound(self.invalid_cursor_message)
        return cursor

    @staticmethod
    def _fits(position: str) -> bool:
        return "\0" not in position


class ByTime(_ByCursor):
    page_size_query_param = "limit"
    max_page_size = 1000
    ordering = ("-offered_at", "id")

    def get_page_size(self, request: Request) -> int | None:
        """The asked size. Raises ValidationError for one that there cannot be."""
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return self.page_size
        size = int(asked) if re.fullmatch("[0-9]{1,9}", asked) else 0
        if not 1 <= size <= self.max_page_size:
            words = _("Write a whole number from 1 to %(most)d.") % {"most": self.max_page_size}
            raise ValidationError({self.page_size_query_param: words})
        return size

    @staticmethod
    def _fits(position: str) -> bool:
        try:
            moment = parse_datetime(position)
        except ValueError:
            return False
        return moment is not None and FIRST_YEAR <= moment.year <= LAST_YEAR


class ByName(_ByCursor):
    ordering = ("name", "id")


class _Read(ReadOnly, generics.GenericAPIView[Any]):
    """Signed in, or a token that may read."""

    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (TokenScope,)
    token_scope = ApiToken.READ


@extend_schema_view(get=extend_schema(summary="Queues"))
class QueueList(_Read, generics.ListAPIView[Queue]):
    serializer_class = QueueSerializer
    pagination_class = ByName
    queryset = Queue.objects.none()

    def get_queryset(self) -> QuerySet[Queue]:
        refuse_unread(self.request, {ByName.cursor_query_param})
        return Queue.objects.visible_to(self.request.user).select_related("site")


@extend_schema_view(get=extend_schema(summary="Agents"))
class AgentList(_Read, generics.ListAPIView[Agent]):
    serializer_class = AgentSerializer
    pagination_class = ByName
    queryset = Agent.objects.none()

    def get_queryset(self) -> QuerySet[Agent]:
        refuse_unread(self.request, {ByName.cursor_query_param})
        return Agent.objects.visible_to(self.request.user).select_related("site")


@extend_schema_view(
    get=extend_schema(summary="Calls of a stretch of time", parameters=[SpanSerializer])
)
class CallList(_Read, generics.ListAPIView[Call]):
    """Calls that the caller may see; 404 for who sees none, and for a site, queue or agent that is
    not there or out of reach."""

    serializer_class = CallSerializer
    pagination_class = ByTime
    filterset_class = CallFilter
    queryset = Call.objects.none()

    def get_queryset(self) -> QuerySet[Call]:
        user = self.request.user
        if not may_open("calls", user):
            raise NotFound
        pages = {ByTime.cursor_query_param, ByTime.page_size_query_param}
        asked = SpanSerializer(data=self.request.query_params)
        refuse_unread(self.request, {*asked.fields, *CallFilter.base_filters, *pages})
        asked.is_valid(raise_exception=True)
        start, end = asked.validated_data["start"], asked.validated_data["end"]
        visible = Call.objects.visible_to(user)
        return visible.offered_between(start, end).select_related("site")

    def filter_queryset(self, queryset: Any) -> Any:
        found = super().filter_queryset(queryset)
        asked, user = self.request.query_params, self.request.user
        if site := asked.get("site"):
            _refuse_unknown(Site.objects.visible_to(user).filter(slug=site))
        for name, rows in (("queue", Queue.objects), ("agent", Agent.objects)):
            if word := asked.get(name):
                if not re.fullmatch("[0-9]{1,18}", word):
                    raise NotFound
                _refuse_unknown(rows.visible_to(user).filter(pk=int(word)))
        return found


def _refuse_unknown(rows: QuerySet[Any]) -> None:
    """404 for what is not there, as for what is out of reach: neither is an empty list."""
    if not rows.exists():
        raise NotFound


@extend_schema_view(get=extend_schema(summary="One call"))
class CallDetail(_Read, generics.RetrieveAPIView[Call]):
    serializer_class = OneCallSerializer
    queryset = Call.objects.none()

    def get_queryset(self) -> QuerySet[Call]:
        return Call.objects.visible_to(self.request.user).select_related("site")

    def get_object(self) -> Call:
        found = super().get_object()
        viewed.note(self.request.user, [found.agent_id], Viewing.What.CALL, timezone.now())
        return found
