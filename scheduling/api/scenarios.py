"""Scenarios over the API: the numbers of the pages, month by month."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ccm.access import scope_of
from ccm.api import ReadOnly, TokenAuthentication, TokenScope, refuse_unread
from ccm.intervals import day_of
from ccm.models import ApiToken, Site
from scheduling.models import Scenario
from scheduling.scenarios import shown
from scheduling.scenarios.shown import Column


class ScenariosQuestion(serializers.Serializer[Any]):
    site = serializers.SlugField()


class ScenarioMonth(serializers.Serializer[Any]):
    """Full-time equivalents. null: nobody told how many people there are, or too few months tell
    how far one may be off."""

    month = serializers.DateField(help_text="Its first day.")
    needed_on_calls = serializers.FloatField(help_text="Without shrinkage.")
    needed = serializers.FloatField()
    needed_for_80 = serializers.FloatField(
        allow_null=True, help_text="80 of 100 months take no more."
    )
    there = serializers.FloatField(allow_null=True)
    there_without = serializers.FloatField(
        allow_null=True, help_text="If nobody is hired beside those who are planned to begin."
    )
    gap = serializers.FloatField(allow_null=True, help_text="Below 0: too few.")
    planned_to_begin = serializers.IntegerField()
    to_hire = serializers.IntegerField(
        allow_null=True, help_text="Beside those, to begin in this month."
    )
    recruit_from = serializers.DateField(allow_null=True)
    to_hire_for_80 = serializers.IntegerField(
        allow_null=True, help_text="As above, so that 80 of 100 months have enough."
    )
    recruit_from_for_80 = serializers.DateField(allow_null=True)
    cost_of_needed = serializers.FloatField(
        allow_null=True, help_text="null also for who does not manage the site."
    )


class ScenarioAim(serializers.Serializer[Any]):
    variant = serializers.CharField(help_text="Of the service level.")
    service_level = serializers.FloatField()
    target_seconds = serializers.FloatField()
    has_limits = serializers.BooleanField(help_text="Of wait, abandonment or occupancy, beside it.")
    queues = serializers.IntegerField(help_text="Of how many of them.")


class ScenarioSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    is_base = serializers.BooleanField(help_text="Whether it is how the site is.")
    known_until = serializers.DateField(allow_null=True, help_text="null: not reckoned yet.")
    is_stale = serializers.BooleanField(
        help_text="Newer forecasts are there, or its first month has begun."
    )
    not_told = serializers.ListField(
        child=serializers.CharField(), help_text="What counts as nothing until somebody tells it."
    )
    aims = ScenarioAim(many=True)
    months = ScenarioMonth(many=True)


class ScenariosAnswer(serializers.Serializer[Any]):
    scenarios = ScenarioSerializer(many=True)


class ScenariosView(ReadOnly, APIView):
    """A site's scenarios over the months ahead; how it is stands first."""

    authentication_classes = [TokenAuthentication, SessionAuthentication]
    permission_classes = [TokenScope]
    token_scope = ApiToken.READ

    @extend_schema(
        summary="Scenarios of a site",
        parameters=[ScenariosQuestion],
        responses={200: ScenariosAnswer},
    )
    def get(self, request: Request) -> Response:
        question = ScenariosQuestion(data=request.query_params)
        refuse_unread(request, question.fields, ())
        question.is_valid(raise_exception=True)
        slug = question.validated_data["site"]
        site = Site.objects.planned_by(request.user).filter(slug=slug).first()
        if site is None:
            raise NotFound
        scope = scope_of(request.user)
        costs = scope.everything or site.pk in scope.managed_sites
        seen = Scenario.objects.visible_to(request.user)
        scenarios = list(seen.filter(site=site).prefetch_related("queues"))
        columns = shown.columns(site, scenarios, day_of(timezone.now(), site.calendar))
        return Response({"scenarios": [_told(one, costs=costs) for one in columns]})


def _told(column: Column, *, costs: bool) -> dict[str, Any]:
    scenario, hiring, surely = (
        column.scenario, column.recruiting(), column.recruiting(sure=True)
    )  # fmt: skip
    has_people = column.people.has_people
    months = []
    for place, row in enumerate(column.rows):
        step = None if hiring is None else hiring.steps[place]
        sure = None if surely is None else surely.steps[place]
        months.append(
            {
                "month": row.first,
                "needed_on_calls": row.month.needed_on_calls,
                "needed": row.month.needed,
                "needed_for_80": None if row.sure is None else row.sure.needed,
                "there": row.month.there if has_people else None,
                "there_without": None if step is None else step.without,
                "gap": row.month.gap if has_people else None,
                "planned_to_begin": row.month.hired,
                "to_hire": None if step is None else step.hire,
                "recruit_from": None if step is None else step.recruit_by,
                "to_hire_for_80": None if sure is None else sure.hire,
                "recruit_from_for_80": None if sure is None else sure.recruit_by,
                "cost_of_needed": column.cost_of(row) if costs else None,
            }
        )
    return {
        "id": scenario.pk,
        "name": scenario.name,
        "is_base": scenario.is_base,
        "known_until": scenario.known_until,
        "is_stale": column.is_behind or column.has_begun,
        "not_told": column.people.unknown,
        "aims": [
            {
                "variant": variant,
                "service_level": level,
                "target_seconds": seconds,
                "has_limits": limits,
                "queues": many,
            }
            for variant, level, seconds, limits, many in (column.work.asked if column.work else ())
        ],
        "months": months,
    }
