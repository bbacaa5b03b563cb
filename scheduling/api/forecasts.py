"""Forecasts and what they take, over the API: the same numbers as the pages and their files."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

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
from ccm.models import ApiToken, Queue
from scheduling.forecast.history import Array
from scheduling.made import kept
from scheduling.models import Forecast, ForecastDay
from scheduling.planned import layer
from scheduling.requirements import aims, needed
from scheduling.shown import byday, drawn, scored

_MOST_DAYS = 91


class DaysQuestion(serializers.Serializer[Any]):
    """Days of a queue's forecast, both inclusive; without any all that it has. Without a version
    the newest, or where there is none the last that was published, by what planners say today. With
    a version what was planned by when it was published."""

    queue = serializers.IntegerField(min_value=0, max_value=MOST_ID)
    first = serializers.DateField(required=False)
    last = serializers.DateField(required=False)
    version = serializers.IntegerField(min_value=1, max_value=MOST_ID, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "first" in attrs and "last" in attrs and attrs["last"] < attrs["first"]:
            raise serializers.ValidationError({"last": "It is before the first day."})
        return attrs


class _IntervalSerializer(serializers.Serializer[Any]):
    starts = serializers.CharField(help_text="By the clock of the site, HH:MM.")
    times_there = serializers.FloatField(
        help_text="2 where the clock shows it twice, less than 1 where it is open in part."
    )


class ForecastIntervalSerializer(_IntervalSerializer):
    calls = serializers.FloatField()
    planned = serializers.FloatField(
        allow_null=True, help_text="What planners say instead; null: nothing."
    )
    low80 = serializers.FloatField(allow_null=True)
    high80 = serializers.FloatField(allow_null=True)
    low95 = serializers.FloatField(allow_null=True)
    high95 = serializers.FloatField(allow_null=True)
    naive = serializers.FloatField(help_text="As the same weekday of the last known week.")
    aht_seconds = serializers.FloatField(allow_null=True)


class ForecastDaySerializer(serializers.Serializer[Any]):
    day = serializers.DateField()
    holiday = serializers.CharField(help_text="Empty: none.")
    calls = serializers.FloatField()
    planned = serializers.FloatField(
        allow_null=True, help_text="What planners say instead; null: nothing."
    )
    low80 = serializers.FloatField(allow_null=True)
    high80 = serializers.FloatField(allow_null=True)
    low95 = serializers.FloatField(allow_null=True)
    high95 = serializers.FloatField(allow_null=True)
    intervals = ForecastIntervalSerializer(many=True)


class ForecastWeekSerializer(serializers.Serializer[Any]):
    first = serializers.DateField()
    last = serializers.DateField()
    calls = serializers.FloatField()
    planned = serializers.FloatField(
        allow_null=True, help_text="What planners say instead; null: nothing."
    )
    low80 = serializers.FloatField(allow_null=True)
    high80 = serializers.FloatField(allow_null=True)
    low95 = serializers.FloatField(allow_null=True)
    high95 = serializers.FloatField(allow_null=True)


class ForecastSerializer(serializers.Serializer[Any]):
    queue = serializers.IntegerField()
    version = serializers.IntegerField(
        allow_null=True,
        help_text=(
            "null: the newest, which is made anew each night, and soon after planners said what "
            "goes into it."
        ),
    )
    made_at = serializers.DateTimeField()
    known_until = serializers.DateField(help_text="The last day whose calls it knows.")
    interval_minutes = serializers.IntegerField()
    method = serializers.CharField()
    zone = serializers.CharField()
    weeks = ForecastWeekSerializer(
        many=True,
        help_text=(
            "Each seven days from the first that was forecast, of which all are among the days "
            "asked for. Their bands are not those of days added up."
        ),
    )
    days = ForecastDaySerializer(many=True)


class ScoresQuestion(serializers.Serializer[Any]):
    """A queue's published forecasts; with a version that one alone."""

    queue = serializers.IntegerField(min_value=0, max_value=MOST_ID)
    version = serializers.IntegerField(min_value=1, max_value=MOST_ID, required=False)


class ScoreSerializer(serializers.Serializer[Any]):
    """Shares are of the calls that came, as fractions; null: of nothing."""

    days = serializers.IntegerField(help_text="That are over, and were open.")
    last = serializers.DateField(help_text="The newest of them.")
    wape = serializers.FloatField(
        allow_null=True, help_text="Calls by which intervals were off, either way."
    )
    naive_wape = serializers.FloatField(
        allow_null=True, help_text="The same of the same weekday of the last week it knew."
    )
    bias = serializers.FloatField(
        allow_null=True, help_text="Calls that were expected too many; negative: too few."
    )
    within80 = serializers.FloatField(
        allow_null=True, help_text="Share of the intervals that lay in their band of 80 %."
    )
    within95 = serializers.FloatField(allow_null=True)
    overridden_days = serializers.IntegerField(help_text="On which planners said otherwise.")
    overridden_wape = serializers.FloatField(
        allow_null=True, help_text="Of the planners' word, on these days."
    )
    model_wape = serializers.FloatField(
        allow_null=True, help_text="Of the forecast alone, on these days."
    )
    aht_wape = serializers.FloatField(
        allow_null=True,
        help_text="Handle times, by as many calls as were handled: share of the time they took.",
    )
    naive_aht_wape = serializers.FloatField(
        allow_null=True, help_text="The same of the same weekday of the last week that had calls."
    )


class WeekScoreSerializer(ScoreSerializer):
    week = serializers.IntegerField(help_text="1: told one to seven days ahead.")


class ScoresSerializer(serializers.Serializer[Any]):
    whole = ScoreSerializer(allow_null=True, help_text="null: no day is scored yet.")
    weeks = WeekScoreSerializer(many=True, help_text="By weeks ahead.")


class VersionScoresSerializer(ScoresSerializer):
    version = serializers.IntegerField()
    published_at = serializers.DateTimeField()
    known_until = serializers.DateField(help_text="The last day whose calls it knew.")


class LedgerSerializer(ScoresSerializer):
    queue = serializers.IntegerField()
    night_before = ScoreSerializer(
        allow_null=True,
        help_text="As days of the last four weeks were told the night before, published or not.",
    )
    versions = VersionScoresSerializer(many=True, help_text="Each alone, the last first.")


class RequirementIntervalSerializer(_IntervalSerializer):
    calls = serializers.FloatField()
    aht_seconds = serializers.FloatField(allow_null=True)
    positions = serializers.IntegerField(
        allow_null=True, help_text="null: nothing tells how long its calls take."
    )
    people = serializers.IntegerField(
        allow_null=True, help_text="On the roster: up, after shrinkage."
    )
    service_level = serializers.FloatField(
        allow_null=True, help_text="That these positions give; null: no calls come, or as above."
    )


class RequirementDaySerializer(serializers.Serializer[Any]):
    day = serializers.DateField()
    paid_hours = serializers.FloatField()
    intervals = RequirementIntervalSerializer(many=True)


class ShrinkageKindSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    share = serializers.FloatField()


class RequirementSerializer(serializers.Serializer[Any]):
    queue = serializers.IntegerField()
    version = serializers.IntegerField(allow_null=True)
    known_until = serializers.DateField()
    interval_minutes = serializers.IntegerField()
    zone = serializers.CharField()
    model = serializers.CharField()
    variant = serializers.CharField(help_text="Of the service level.")
    chosen_variant = serializers.CharField(
        help_text="The queue's own, which no formula may tell: then the other stands in."
    )
    service_level = serializers.FloatField()
    target_seconds = serializers.FloatField()
    patience_seconds = serializers.FloatField(allow_null=True, help_text="null: nobody leaves.")
    asa_seconds = serializers.FloatField(
        allow_null=True, help_text="At most, W1; null: not asked for."
    )
    abandonment = serializers.FloatField(allow_null=True, help_text="At most; null: as above.")
    occupancy = serializers.FloatField(allow_null=True, help_text="At most; null: as above.")
    shrinkage = serializers.FloatField(help_text="Of all kinds together.")
    shrinkage_kinds = ShrinkageKindSerializer(many=True)
    shrinkage_of_the_rest = serializers.BooleanField(
        help_text="Whether each kind is a share of what the ones before left; else they add up."
    )
    slots = serializers.IntegerField(help_text="Contacts that somebody holds at once.")
    stretch = serializers.FloatField(
        help_text="By so much of its handle time a contact takes longer for each beside it."
    )
    paid_hours = serializers.FloatField()
    days = RequirementDaySerializer(many=True)


class _Read(ReadOnly, APIView):
    authentication_classes = [TokenAuthentication, SessionAuthentication]
    permission_classes = [TokenScope]
    token_scope = ApiToken.READ


class _OfForecast(_Read):
    def asked(self, request: Request) -> tuple[Forecast, list[ForecastDay], Mapping[date, Array]]:
        """A forecast that the reader may see, its days, and what planners say of them. Raises
        NotFound."""
        question = DaysQuestion(data=request.query_params)
        refuse_unread(request, question.fields, ())
        question.is_valid(raise_exception=True)
        asked = question.validated_data
        found = (
            Forecast.objects.visible_to(request.user)
            .filter(queue=asked["queue"])
            .select_related("queue__site", "queue__forecast_plan", "queue__staffing_plan")
        )
        version = asked.get("version")
        if version:
            forecast = found.filter(version=version).first()
        else:
            forecast = found.newest().first() or found.order_by("-version").first()
        if forecast is None:
            raise NotFound
        rows = forecast.days.order_by("day")
        if first := asked.get("first"):
            rows = rows.filter(day__gte=first)
        if last := asked.get("last"):
            rows = rows.filter(day__lte=last)
        days = list(rows[:_MOST_DAYS])
        if version:
            return forecast, days, layer.published(days)
        return forecast, days, layer.of_days(days, layer.words_of(forecast.queue, forecast))


class ForecastView(_OfForecast):
    """What is expected of a queue, by day and interval, with bands of 80 and 95 %."""

    @extend_schema(
        summary="A queue's forecast", parameters=[DaysQuestion], responses={200: ForecastSerializer}
    )
    def get(self, request: Request) -> Response:
        forecast, days, planned = self.asked(request)
        begins = forecast.queue.site.day_begins
        return Response(
            {
                "queue": forecast.queue_id,
                "version": forecast.version,
                "made_at": forecast.made_at,
                "known_until": forecast.known_until,
                "interval_minutes": forecast.interval_minutes,
                "method": forecast.method,
                "zone": forecast.queue.site.zone,
                "weeks": [
                    {
                        "first": week.told.first,
                        "last": week.told.last,
                        "calls": week.told.calls,
                        "planned": None if week.planned is None else kept.number(week.planned),
                        "low80": week.told.low80,
                        "high80": week.told.high80,
                        "low95": week.told.low95,
                        "high95": week.told.high95,
                    }
                    for week in byday.weeks(forecast, days, planned)
                    if days and days[0].day <= week.told.first and week.told.last <= days[-1].day
                ],
                "days": [
                    {
                        "day": day.day,
                        "holiday": day.holiday,
                        "calls": day.total,
                        "planned": _whole(planned.get(day.day)),
                        "low80": day.total_low80,
                        "high80": day.total_high80,
                        "low95": day.total_low95,
                        "high95": day.total_high95,
                        "intervals": _intervals(forecast, day, planned.get(day.day), begins),
                    }
                    for day in days
                ],
            }
        )


def _whole(planned: Array | None) -> float | None:
    return None if planned is None else kept.number(planned.sum())


def _intervals(
    forecast: Forecast, day: ForecastDay, planned: Array | None, begins: int
) -> list[dict[str, Any]]:
    return [
        {
            "starts": drawn.clock(forecast, place, begins),
            "times_there": there,
            "calls": day.calls[place],
            "planned": None if planned is None else kept.number(planned[place]),
            "low80": day.low80[place],
            "high80": day.high80[place],
            "low95": day.low95[place],
            "high95": day.high95[place],
            "naive": day.naive[place],
            "aht_seconds": day.aht_seconds[place],
        }
        for place, there in enumerate(day.open)
        if there
    ]


class ForecastScoresView(_Read):
    """How a queue's published forecasts did as far as their days are over: all of them, and each
    alone."""

    @extend_schema(
        summary="Scores of a queue's forecasts",
        parameters=[ScoresQuestion],
        responses={200: LedgerSerializer},
    )
    def get(self, request: Request) -> Response:
        question = ScoresQuestion(data=request.query_params)
        refuse_unread(request, question.fields, ())
        question.is_valid(raise_exception=True)
        asked = question.validated_data
        queue = Queue.objects.visible_to(request.user).filter(pk=asked["queue"]).first()
        if queue is None:
            raise NotFound
        published = Forecast.objects.published().filter(queue=queue).order_by("-version")
        if version := asked.get("version"):
            published = published.filter(version=version)
        versions = list(published.values("version", "published_at", "known_until"))
        if version and not versions:
            raise NotFound
        told = scored.ledger(queue, timezone.now())
        return Response(
            {
                "queue": queue.pk,
                **_scores(told.of_version(version) if version else told),
                "night_before": told.lately and asdict(told.lately),
                "versions": [one | _scores(told.of_version(one["version"])) for one in versions],
            }
        )


def _scores(told: scored.Scores) -> dict[str, Any]:
    return {
        "whole": told.whole and asdict(told.whole),
        "weeks": [{"week": week, **asdict(score)} for week, score in told.weeks],
    }


class RequirementView(_OfForecast):
    """How many positions the days of a queue's forecast take, interval by interval."""

    @extend_schema(
        summary="Positions that a queue's forecast takes",
        parameters=[DaysQuestion],
        responses={200: RequirementSerializer},
    )
    def get(self, request: Request) -> Response:
        forecast, days, planned = self.asked(request)
        queue = forecast.queue
        told = aims.of_queue(
            queue, forecast, aims.choices_on(day_of(timezone.now(), queue.site.calendar))
        )
        answer = {
            "queue": queue.pk,
            "version": forecast.version,
            "known_until": forecast.known_until,
            "interval_minutes": forecast.interval_minutes,
            "zone": queue.site.zone,
            "model": told.aim.model,
            "variant": told.aim.variant,
            "chosen_variant": told.chosen,
            "service_level": told.aim.service_level,
            "target_seconds": told.aim.target_seconds,
            "patience_seconds": told.aim.patience_seconds,
            "asa_seconds": told.aim.asa_seconds,
            "abandonment": told.aim.abandonment,
            "occupancy": told.aim.occupancy,
            "shrinkage": float(told.aim.shrinkage),
            "shrinkage_kinds": [
                {"name": one.name, "share": float(one.share)} for one in told.shrinkage.kinds
            ],
            "shrinkage_of_the_rest": told.shrinkage.of_the_rest,
            "slots": told.aim.slots,
            "stretch": told.aim.stretch,
        }
        if not days:
            return Response(answer | {"paid_hours": 0.0, "days": []})
        takes = needed.takes(queue, forecast, days, planned, told.aim)
        if takes is None:
            raise serializers.ValidationError({"queue": "No number of positions meets its aim."})
        made = takes.made
        begins = queue.site.day_begins
        return Response(
            answer
            | {
                "paid_hours": takes.paid_hours,
                "days": [
                    {
                        "day": day.day,
                        "paid_hours": hours,
                        "intervals": [
                            {
                                "starts": drawn.clock(forecast, place, begins),
                                "times_there": there,
                                "calls": kept.number(takes.calls[row, place]),
                                "aht_seconds": day.aht_seconds[place],
                                "positions": interval.positions,
                                "people": interval.people,
                                "service_level": interval.level,
                            }
                            for place, there in enumerate(day.open)
                            if there
                            for interval in [made.told(row, place)]
                        ],
                    }
                    for row, (day, hours) in enumerate(zip(days, takes.hours_of_days, strict=True))
                ],
            }
        )
