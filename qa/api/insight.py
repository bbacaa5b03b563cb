"""Insight over the API: the numbers of the page."""

from typing import Any

from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ccm import exported
from ccm.api import ReadOnly, TokenAuthentication, TokenScope, refuse_unread
from ccm.database import MOST_ID
from ccm.intervals import day_of
from ccm.models import ApiToken, Queue
from ccm.navigation import may_open
from ccm.periods import named
from ccm.views.lists import signed_in
from qa.access import sites_told
from qa.agreement import Rewrite
from qa.api.acts import Day, refuse_turned
from qa.insight import criteria, told
from qa.insight.apart import Apart
from qa.insight.relating import Relation
from qa.insight.told import Asked, Insight, Line
from qa.insight.weighted import Lack
from qa.reviews.told import REVIEWERS


def _id() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=MOST_ID, required=False)


class InsightQuestion(serializers.Serializer[Any]):
    """Site days, both inclusive; without them the last 90."""

    site = serializers.SlugField()
    first = Day(required=False)
    last = Day(required=False)
    queue = _id()
    card = _id()
    team = _id()
    reviewer = _id()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("first" in attrs) != ("last" in attrs):
            raise serializers.ValidationError({"last": _("Say both days, or neither.")})
        if "first" in attrs:
            refuse_turned(attrs)
        return attrs


class EndsSerializer(serializers.Serializer[Any]):
    low = serializers.FloatField()
    high = serializers.FloatField()


class InsightLineSerializer(serializers.Serializer[Any]):
    """Shares from 0 to 1."""

    id = serializers.CharField(
        allow_null=True, help_text="Of a team or queue; of tenure its band; null: all, or of none."
    )
    name = serializers.CharField()
    reviews = serializers.IntegerField()
    agents = serializers.IntegerField()
    score = serializers.FloatField(
        allow_null=True, help_text="Without automatic fails; null: too few reviews."
    )
    interval = EndsSerializer(allow_null=True)
    lack = serializers.ChoiceField(
        choices=[one.name.lower() for one in Lack],
        allow_null=True,
        help_text="Why there is no score, or no interval.",
    )
    failed = serializers.IntegerField(allow_null=True, help_text="Null: too few reviews.")
    failing = serializers.FloatField(allow_null=True, help_text="Of all calls.")
    failing_interval = EndsSerializer(allow_null=True)


class MonthSerializer(InsightLineSerializer):
    month = serializers.DateField(help_text="Its first day.")


class CoefficientSerializer(serializers.Serializer[Any]):
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class RelationSerializer(serializers.Serializer[Any]):
    """An outcome from 0 to 1 where a criterion got all of its points, and where it did not."""

    n_met = serializers.IntegerField()
    n_missed = serializers.IntegerField()
    met = serializers.FloatField(allow_null=True)
    missed = serializers.FloatField(allow_null=True)
    difference = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    more_than_chance = serializers.BooleanField(
        help_text="Of all that are so called at most one in ten is chance. It is no cause."
    )


class CriterionSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    key = serializers.CharField()
    name = serializers.CharField()
    scorecard = serializers.IntegerField()
    answers = serializers.IntegerField()
    lost_points_on = serializers.IntegerField()
    lost_of_a_score = serializers.FloatField()
    share_of_all_lost = serializers.FloatField()
    together = serializers.FloatField()
    is_one_of_the_few = serializers.BooleanField()
    share_of_points = serializers.FloatField(allow_null=True)
    interval = EndsSerializer(allow_null=True)
    double_scored_calls = serializers.IntegerField()
    percent_agreement = serializers.FloatField(allow_null=True)
    alpha = CoefficientSerializer()
    ac = CoefficientSerializer()
    rewrite = serializers.ChoiceField(choices=[str(one) for one in Rewrite])
    nobody_fails = serializers.BooleanField(allow_null=True)
    satisfaction = RelationSerializer(allow_null=True)
    settled = RelationSerializer(allow_null=True)


class LackingSerializer(serializers.Serializer[Any]):
    """What scores of all calls lack, failed ones too, in parts of a score from 0 to 1: `listed` and
    `elsewhere` less `given_back`."""

    listed = serializers.FloatField(help_text="What is lost on the criteria here.")
    elsewhere = serializers.FloatField(help_text="On what the scorecards ask no more.")
    given_back = serializers.FloatField(help_text="By bonuses.")
    lack = serializers.FloatField()


class ReviewerSerializer(serializers.Serializer[Any]):
    """Points of 100 that somebody gives a call less than the others do; below 0: more."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    reviews = serializers.IntegerField()
    double_scored_calls = serializers.IntegerField()
    severity_points = CoefficientSerializer(help_text="In the days asked for.")
    points_a_month = CoefficientSerializer(help_text="Over twelve months.")
    drifts = serializers.BooleanField()


class ApartSerializer(serializers.Serializer[Any]):
    """By how much a score, from 0 to 1, lies above that of all others together."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    difference = CoefficientSerializer()


class InsightAnswer(serializers.Serializer[Any]):
    site = serializers.CharField()
    first = serializers.DateField()
    last = serializers.DateField()
    reviews = serializers.IntegerField()
    all = InsightLineSerializer()
    teams = InsightLineSerializer(many=True)
    queues = InsightLineSerializer(many=True)
    tenure = InsightLineSerializer(many=True)
    months = MonthSerializer(many=True)
    criteria = CriterionSerializer(many=True)
    lost = LackingSerializer()
    apart_teams = ApartSerializer(many=True, help_text="Beyond noise (Holm); the surest first.")
    apart_agents = ApartSerializer(many=True, help_text="The same; of reviews the caller sees.")
    reviewers = ReviewerSerializer(
        many=True, allow_null=True, help_text="null: for who does not see all reviews of the site."
    )


class InsightView(ReadOnly, APIView):
    """What the reviews of a site tell."""

    authentication_classes = [TokenAuthentication, SessionAuthentication]
    permission_classes = [TokenScope]
    token_scope = ApiToken.READ

    @extend_schema(
        summary="What reviews tell",
        parameters=[InsightQuestion],
        responses={200: InsightAnswer},
    )
    def get(self, request: Request) -> Response:
        if not may_open("quality_insight", request.user):
            raise NotFound
        question = InsightQuestion(data=request.query_params)
        refuse_unread(request, question.fields, ())
        question.is_valid(raise_exception=True)
        asked = question.validated_data
        site = sites_told(request.user).filter(slug=asked["site"]).first()
        if site is None:
            raise NotFound
        queue = asked.get("queue")
        if queue is not None:
            reach = Queue.objects.visible_to(request.user).filter(site=site, pk=queue)
            if not reach.exists():
                raise NotFound
        first, last = named("90d", day_of(timezone.now(), site.calendar))
        first, last = asked.get("first", first), asked.get("last", last)
        narrowed = Asked(*(asked.get(name) for name in ("card", "team", "reviewer")))
        made = told.of(request.user, site, first, last, queue=queue, asked=narrowed)
        if made.is_let_go:
            words = _("There are no such reviews in these days.")
            wrong = [
                name
                for name in ("card", "team", "reviewer")
                if getattr(narrowed, name) != getattr(made.asked, name)
            ]
            raise serializers.ValidationError(dict.fromkeys(wrong, words))
        if request.method == "GET" and made.judged is not None:
            # Reviewers are named.
            who, now = signed_in(request), timezone.now()
            exported.listed(who, REVIEWERS, site, True, now, file=exported.API)
        return Response({"site": site.slug, "first": first, "last": last, **_told(made)})


def _told(made: Insight) -> dict[str, Any]:
    judged = made.judged
    return {
        "reviews": made.reviews,
        "all": _line(made.whole),
        "teams": [_line(one) for one in made.teams],
        "queues": [_line(one) for one in made.queues],
        "tenure": [_line(one) for one in made.tenure],
        "months": [
            {"month": month, **_line(line)}
            for team in made.trend
            for month, line in team.months.items()
        ],
        "criteria": [_criterion(one) for one in made.criteria],
        "lost": {
            "listed": made.lacking.listed,
            "elsewhere": made.lacking.elsewhere,
            "given_back": made.lacking.gave_back,
            "lack": made.lacking.lack,
        },
        "apart_teams": [_apart(one) for one in made.apart_teams],
        "apart_agents": [_apart(one) for one in made.apart_agents],
        "reviewers": None
        if judged is None
        else [
            {
                "id": one.id,
                "name": made.people.get(one.id, ""),
                "reviews": one.reviews,
                "double_scored_calls": one.trend.calls,
                "severity_points": _ends_of(one.severity),
                "points_a_month": _ends_of(one.trend),
                "drifts": one.trend.drifts,
            }
            for one in judged.people
        ],
    }


def _apart(one: Apart) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "difference": _ends_of(one.beside)}


def _line(one: Line) -> dict[str, Any]:
    return {
        "id": None if one.id is None else str(one.id),
        "name": one.name,
        "reviews": one.reviews,
        "agents": one.score.agents,
        "score": one.score.value,
        "interval": _ends(one.score.interval),
        "lack": one.score.lack and one.score.lack.name.lower(),
        "failed": one.failing.having,
        "failing": one.failing.value,
        "failing_interval": _ends(one.failing.interval),
    }


def _criterion(one: criteria.Judged) -> dict[str, Any]:
    return {
        "id": one.id,
        "key": one.key,
        "name": one.name,
        "scorecard": one.card,
        "answers": one.scored,
        "lost_points_on": one.lost,
        "lost_of_a_score": one.loss.lost,
        "share_of_all_lost": one.loss.share,
        "together": one.loss.together,
        "is_one_of_the_few": one.loss.is_vital,
        "share_of_points": one.share.value,
        "interval": _ends(one.share.interval),
        "double_scored_calls": one.doubled,
        "percent_agreement": one.agreement.percent.value,
        "alpha": _ends_of(one.agreement.alpha),
        "ac": _ends_of(one.agreement.ac),
        "rewrite": str(one.verdict.rewrite),
        "nobody_fails": one.verdict.nobody_fails,
        "satisfaction": _relation(one.csat),
        "settled": _relation(one.fcr),
    }


def _ends(interval: tuple[float, float] | None) -> dict[str, float] | None:
    return None if interval is None else {"low": interval[0], "high": interval[1]}


def _ends_of(one: Any) -> dict[str, float | None]:
    return {"value": one.value, "low": one.low, "high": one.high}


def _relation(one: Relation[Any] | None) -> dict[str, Any] | None:
    if one is None:
        return None
    apart = one.difference
    return {
        "n_met": apart.n_with,
        "n_missed": apart.n_without,
        "met": apart.with_it,
        "missed": apart.without,
        "difference": apart.value,
        "low": apart.low,
        "high": apart.high,
        "more_than_chance": one.is_told,
    }


def urls(under: str) -> list[URLPattern]:
    return [path(f"{under}/insight/", InsightView.as_view(), name="api_quality_insight")]
