"""Staffing over the API, in fractions and seconds: the calculator's answer and the simulator's."""

from decimal import Decimal
from typing import Any

import numpy as np
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ccm.api import ReadOnly, TokenAuthentication, TokenScope, refuse_unread
from ccm.api.parsers import ActJSONParser
from ccm.api.problems import CONTENT_TYPE, problem_of
from ccm.models import ApiToken
from scheduling.api import simulated
from scheduling.calculator.asked import (
    MOST_ERLANGS,
    VARIANTS,
    Answer,
    Asked,
    Step,
    Unanswerable,
    answer,
)
from scheduling.staffing.shrinkage import MOST, MOST_KINDS, Kind, Shrinkage, checked

_DAY = 86_400


class ShareField(serializers.ListField):
    """Shares, of which an empty one is none."""

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value([one for one in data if one != ""])


class StaffingQuestion(serializers.Serializer[Any]):
    """A queue in an interval. Shares are fractions; without a patience nobody leaves (Erlang C),
    with one Erlang A, and Erlang X where some call again."""

    calls = serializers.FloatField(min_value=0, max_value=10_000_000)
    aht_seconds = serializers.FloatField(min_value=1, max_value=_DAY)
    interval_seconds = serializers.FloatField(min_value=60, max_value=_DAY, default=3600.0)
    service_level = serializers.FloatField(min_value=0.01, max_value=0.9999, required=False)
    target_seconds = serializers.FloatField(min_value=0, max_value=_DAY, default=20.0)
    variant = serializers.ChoiceField(choices=VARIANTS, default=VARIANTS[0])
    patience_seconds = serializers.FloatField(min_value=1, max_value=_DAY, required=False)
    again = serializers.FloatField(min_value=0, max_value=1, default=0.0)
    asa_seconds = serializers.FloatField(min_value=0, max_value=_DAY, required=False)
    abandonment = serializers.FloatField(min_value=0.0001, max_value=1, required=False)
    occupancy = serializers.FloatField(min_value=0.01, max_value=1, required=False)
    shrinkage = ShareField(
        child=serializers.DecimalField(
            max_digits=6, decimal_places=4, min_value=Decimal(0), max_value=MOST
        ),
        max_length=MOST_KINDS,
        default=list,
        help_text="Of paid time; again for each kind: they add up.",
    )
    of_the_rest = serializers.BooleanField(
        default=False, help_text="Kinds of shrinkage are each a share of what the ones before left."
    )
    cost_per_hour = serializers.FloatField(min_value=0, max_value=1e6, required=False)
    positions = serializers.IntegerField(min_value=0, max_value=2 * MOST_ERLANGS, required=False)
    busy = serializers.FloatField(min_value=0.0001, max_value=0.5, default=0.01)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "patience_seconds" not in attrs:
            for name in ("abandonment", "again"):
                if attrs.get(name):
                    raise serializers.ValidationError({name: "Nobody leaves without a patience."})
        kinds = tuple(Kind("", share) for share in attrs["shrinkage"])
        try:
            attrs["shrinkage"] = checked(Shrinkage(kinds, attrs.pop("of_the_rest")))
        except ValueError as why:
            raise serializers.ValidationError({"shrinkage": str(why)}) from why
        return attrs


class StepSerializer(serializers.Serializer[Any]):
    """What so many positions would give. null: nothing to tell, or without an end."""

    positions = serializers.IntegerField()
    people = serializers.IntegerField(help_text="On the roster, after shrinkage.")
    cost_per_hour = serializers.FloatField(allow_null=True)
    is_enough = serializers.BooleanField(help_text="Whether all that is asked is met.")
    service_level = serializers.FloatField(
        allow_null=True, help_text="Of the variant that is asked for."
    )
    SL1 = serializers.FloatField(allow_null=True)
    SL2 = serializers.FloatField(allow_null=True)
    SL3 = serializers.FloatField(allow_null=True)
    SL4 = serializers.FloatField(allow_null=True)
    asa_w1_seconds = serializers.FloatField(allow_null=True, help_text="Of the answered.")
    asa_w2_seconds = serializers.FloatField(allow_null=True, help_text="Of all.")
    waits = serializers.FloatField(allow_null=True, help_text="The share that finds nobody free.")
    occupancy = serializers.FloatField(allow_null=True)
    abandonment = serializers.FloatField(allow_null=True)
    queue_length = serializers.FloatField(allow_null=True)


class StaffingAnswer(serializers.Serializer[Any]):
    model = serializers.CharField(help_text="`Erlang C`, `Erlang A` or `Erlang X`.")
    variant = serializers.CharField(help_text="Of the service level.")
    load_erlangs = serializers.FloatField()
    shrinkage = serializers.FloatField(help_text="Of all kinds together.")
    needed = StepSerializer(allow_null=True, help_text="null: nothing was asked for.")
    given = StepSerializer(allow_null=True, help_text="Of the positions that there are.")
    lines = serializers.IntegerField(help_text="To the network, by Erlang B.")
    steps = StepSerializer(many=True)


class StaffingView(ReadOnly, APIView):
    """How many positions a queue takes in an interval, and what each number of them would give."""

    authentication_classes = [TokenAuthentication, SessionAuthentication]
    permission_classes = [TokenScope]
    token_scope = ApiToken.READ

    @extend_schema(
        summary="Positions that a queue takes",
        parameters=[StaffingQuestion],
        responses={200: StaffingAnswer},
    )
    def get(self, request: Request) -> Response:
        question = StaffingQuestion(data=request.query_params)
        refuse_unread(request, question.fields, ())
        question.is_valid(raise_exception=True)
        asked = Asked(**{"service_level": None, **question.validated_data})
        try:
            return Response(_told(answer(asked)))
        except Unanswerable as why:
            raise serializers.ValidationError({why.field: str(why)}) from why


class EstimateSerializer(serializers.Serializer[Any]):
    """The mean of the days, and between which values it lies with 95 %; null: nothing to tell."""

    mean = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class VariantEstimateSerializer(EstimateSerializer):
    variant = serializers.CharField()


class CallBacksSerializer(serializers.Serializer[Any]):
    asked = EstimateSerializer()
    done = EstimateSerializer()
    until_done_seconds = EstimateSerializer(help_text="From asking on.")


class SimulatedLineSerializer(serializers.Serializer[Any]):
    """Of a day."""

    name = serializers.CharField()
    offered = EstimateSerializer()
    answered = EstimateSerializer(help_text="Those who were called back left out.")
    abandoned = EstimateSerializer()
    still_there = EstimateSerializer(help_text="Whose wait had no end.")
    service_level = VariantEstimateSerializer()
    asa_seconds = VariantEstimateSerializer()
    abandonment = VariantEstimateSerializer()
    call_backs = CallBacksSerializer()


class SimulatedPoolSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    occupancy = EstimateSerializer(help_text="Who holds a contact is busy, however many it are.")
    concurrency = EstimateSerializer(help_text="Contacts that somebody who is busy holds.")


class SimulatedListSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    dials_per_hour = EstimateSerializer()


class RequiredPoolSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    people = serializers.ListField(child=serializers.IntegerField())
    formula = serializers.ListField(
        child=serializers.IntegerField(), help_text="Where it was begun."
    )


class RequiredLineSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    variant = serializers.CharField()
    service_level = serializers.FloatField(help_text="That was asked for.")
    surely = serializers.FloatField(help_text="That is exceeded with the sureness.")


class RequiredAnswerSerializer(serializers.Serializer[Any]):
    is_enough = serializers.BooleanField(help_text="Whether all lines have what is asked.")
    is_fewest = serializers.BooleanField(
        help_text="Whether one less in any pool misses one; false where trials ran out."
    )
    trials = serializers.IntegerField()
    sureness = serializers.FloatField()
    pools = RequiredPoolSerializer(many=True)
    lines = RequiredLineSerializer(many=True)


class SimulationAnswer(serializers.Serializer[Any]):
    """Figures are of days that the search for `required` did not play."""

    days = serializers.IntegerField()
    seed = serializers.IntegerField()
    lines = SimulatedLineSerializer(many=True)
    pools = SimulatedPoolSerializer(many=True)
    lists = SimulatedListSerializer(many=True)
    required: Any = RequiredAnswerSerializer(allow_null=True)


class SimulateView(APIView):
    """Plays queues and pools through, call by call. It stores nothing: who may read may ask."""

    parser_classes = [ActJSONParser]
    authentication_classes = [TokenAuthentication, SessionAuthentication]
    permission_classes = [TokenScope]
    token_scope = ApiToken.READ

    @extend_schema(
        operation_id="simulate_staffing",
        summary="Queues and pools, played through",
        request=simulated.Description,
        responses={
            200: SimulationAnswer,
            (400, CONTENT_TYPE): problem_of("What is wrong, and where; or that it is too much"),
        },
    )
    def post(self, request: Request) -> Response:
        refuse_unread(request, ())
        question = simulated.Description(data=request.data, context={"limits": simulated.REQUEST})
        question.is_valid(raise_exception=True)
        return Response(simulated.answer(question.validated_data))


def _told(found: Answer) -> dict[str, Any]:
    return {
        "model": found.asked.model,
        "variant": found.asked.variant,
        "load_erlangs": found.asked.load,
        "shrinkage": float(found.asked.shrinkage.share),
        "needed": None if found.needed is None else _step(found.needed),
        "given": None if found.given is None else _step(found.given),
        "lines": found.lines,
        "steps": [_step(step) for step in found.steps],
    }


def _step(step: Step) -> dict[str, Any]:
    told = step.expected
    return {
        "positions": step.positions,
        "people": step.people,
        "cost_per_hour": step.cost_per_hour,
        "is_enough": step.is_enough,
        "service_level": _known(step.level),
        **{name.upper(): _known(getattr(told, name)) for name in ("sl1", "sl2", "sl3", "sl4")},
        "asa_w1_seconds": _known(told.w1),
        "asa_w2_seconds": _known(told.w2),
        "waits": _known(told.p_wait),
        "occupancy": _known(told.occupancy),
        "abandonment": _known(told.p_abandon),
        "queue_length": _known(told.queue_length),
    }


def _known(value: Any) -> float | None:
    """A number as JSON can say it."""
    return float(value) if np.isfinite(value) else None
