"""A queue's months ahead over the API."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ccm.api import ReadOnly, TokenAuthentication, TokenScope, refuse_unread
from ccm.database import MOST_ID
from ccm.models import ApiToken, Queue, Site
from scheduling.models import QueueMonths
from scheduling.scenarios import months


class MonthsQuestion(serializers.Serializer[Any]):
    queue = serializers.IntegerField(min_value=0, max_value=MOST_ID)


class MonthAhead(serializers.Serializer[Any]):
    """A whole month: one that was has `came`, one ahead the others. null of the bounds: too few
    months tell."""

    month = serializers.DateField(help_text="Its first day.")
    came = serializers.FloatField(allow_null=True)
    expected = serializers.FloatField(allow_null=True)
    low80 = serializers.FloatField(allow_null=True)
    high80 = serializers.FloatField(allow_null=True)
    low95 = serializers.FloatField(allow_null=True)
    high95 = serializers.FloatField(allow_null=True)


class MonthsAnswer(serializers.Serializer[Any]):
    queue = serializers.IntegerField()
    known_until = serializers.DateField(allow_null=True, help_text="null: no forecast yet.")
    has_trend = serializers.BooleanField(
        help_text="false: too few whole months are known, and each has the calls of usual weeks."
    )
    months = MonthAhead(many=True)


class MonthsView(ReadOnly, APIView):
    """Calls of a queue's months: those that were, and eighteen ahead."""

    authentication_classes = [TokenAuthentication, SessionAuthentication]
    permission_classes = [TokenScope]
    token_scope = ApiToken.READ

    @extend_schema(
        operation_id="forecast_months",
        summary="Months of a queue",
        parameters=[MonthsQuestion],
        responses={200: MonthsAnswer},
    )
    def get(self, request: Request) -> Response:
        question = MonthsQuestion(data=request.query_params)
        refuse_unread(request, question.fields, ())
        question.is_valid(raise_exception=True)
        seen = Queue.objects.filter(site__in=Site.objects.with_figures_for(request.user))
        queue = seen.filter(pk=question.validated_data["queue"]).first()
        if queue is None:
            raise NotFound
        kept = QueueMonths.objects.filter(queue=queue).first()
        return Response(
            {
                "queue": queue.pk,
                "known_until": kept and kept.known_until,
                "has_trend": kept is not None and kept.by_trend,
                "months": [] if kept is None else [_month(one) for one in months.told(kept)],
            }
        )


def _month(one: months.Month) -> dict[str, Any]:
    low80, high80, low95, high95 = one.edges or (None,) * 4
    return {
        "month": one.first, "came": one.came, "expected": one.expected,
        "low80": low80, "high80": high80, "low95": low95, "high95": high95,
    }  # fmt: skip
