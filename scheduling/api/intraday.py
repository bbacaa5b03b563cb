"""A queue's day as it goes, over the API: the numbers of *Intraday*."""

from typing import Any

import numpy as np
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ccm.api import ReadOnly, TokenAuthentication, TokenScope, refuse_unread
from ccm.database import MOST_ID
from ccm.intervals import day_of
from ccm.models import ApiToken, Queue, Site
from scheduling.intraday import drawn, reads
from scheduling.intraday.reads import Today


class IntradayQuestion(serializers.Serializer[Any]):
    queue = serializers.IntegerField(min_value=0, max_value=MOST_ID)


class IntradayInterval(serializers.Serializer[Any]):
    """An interval that is open. null: it is not over yet, or it is."""

    starts = serializers.CharField(help_text="By the clock on the site's wall, HH:MM.")
    morning = serializers.FloatField(help_text="Calls, as they were expected before the day began.")
    came = serializers.FloatField(allow_null=True)
    updated = serializers.FloatField(allow_null=True)
    full_ratio = serializers.FloatField(allow_null=True)


class IntradayAnswer(serializers.Serializer[Any]):
    queue = serializers.IntegerField()
    day = serializers.DateField(help_text="The site's.")
    state = serializers.ChoiceField(
        choices=("no_forecast", "closed", "before", "running", "over"),
        help_text="Of the day, by its open hours. `no_forecast`: of today there is none, and all"
        " that follows is null.",
    )
    counted_until = serializers.DateTimeField(
        allow_null=True, help_text="When the last interval was over that counts."
    )
    interval_minutes = serializers.IntegerField(allow_null=True)
    way = serializers.CharField(
        allow_null=True,
        help_text="How the beginning is believed: `fading`, or `unmoved`: it is not.",
    )
    came = serializers.FloatField(allow_null=True, help_text="Calls by then.")
    expected = serializers.FloatField(
        allow_null=True, help_text="Calls that were expected by then."
    )
    rest_morning = serializers.FloatField(
        allow_null=True, help_text="Calls left, as they were expected."
    )
    rest_updated = serializers.FloatField(
        allow_null=True, help_text="Calls left, by what came so far."
    )
    rest_full_ratio = serializers.FloatField(
        allow_null=True,
        help_text="Calls left, by the ratio of what came to what was expected, whatever it is.",
    )
    intervals = IntradayInterval(many=True)


class IntradayView(ReadOnly, APIView):
    """A queue's day by now, and what its rest is told to be."""

    authentication_classes = [TokenAuthentication, SessionAuthentication]
    permission_classes = [TokenScope]
    token_scope = ApiToken.READ

    @extend_schema(
        summary="The rest of a queue's day",
        parameters=[IntradayQuestion],
        responses={200: IntradayAnswer},
    )
    def get(self, request: Request) -> Response:
        question = IntradayQuestion(data=request.query_params)
        refuse_unread(request, question.fields, ())
        question.is_valid(raise_exception=True)
        sites = Site.objects.with_figures_for(request.user)
        queues = Queue.objects.filter(site__in=sites).select_related("site")
        queue = queues.filter(pk=question.validated_data["queue"]).first()
        if queue is None:
            raise NotFound
        now = timezone.now()
        today = reads.todays(queue.site, [queue], reads.reach(queue.site, now)).get(queue.pk)
        if today is None:
            nothing = dict.fromkeys(IntradayAnswer().fields)
            day = day_of(now, queue.site.calendar)
            told = {"queue": queue.pk, "day": day, "state": "no_forecast", "intervals": []}
            return Response(nothing | told)
        return Response(_day(today))


def _day(today: Today) -> dict[str, Any]:
    begun = today.begun
    rests = {"morning": begun.morning(), "updated": begun.updated(), "full_ratio": begun.trade()}
    intervals = []
    for place in np.flatnonzero(begun.open > 0):
        left = int(place) - begun.known
        intervals.append(
            {
                "starts": drawn.clock(today, int(place)),
                "morning": float(begun.expected[place]),
                "came": float(begun.came[place]) if left < 0 else None,
                "updated": None if left < 0 else float(rests["updated"][left]),
                "full_ratio": None if left < 0 else float(rests["full_ratio"][left]),
            }
        )
    return {
        "queue": today.queue.pk,
        "day": today.day,
        "state": str(begun.face),
        "counted_until": today.at,
        "interval_minutes": today.minutes,
        "way": "unmoved" if today.learned is None else today.learned.way,
        "came": begun.came_so_far,
        "expected": begun.expected_so_far,
        **{f"rest_{name}": float(rest.sum()) for name, rest in rests.items()},
        "intervals": intervals,
    }
