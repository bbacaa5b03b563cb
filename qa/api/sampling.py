"""Draws, scores and the queue over the API: the numbers of the pages. Plans are in
`qa.api.plans`."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import URLPattern, path
from django.utils import timezone
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
from ccm.intervals import DAY
from ccm.models import ApiToken
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from qa.api.acts import Day, OfSite, asked_of, refuse_turned, reviewed_site
from qa.models import PlanDraw, SamplingPlan, Scorecard
from qa.plans import drawing, queue, reads
from qa.sampling import Coverage, Estimate
from qa.scores import reads as scores

# Draws of an answer, and reviews of a queue.
MOST = 200


class _Read(ReadOnly, APIView):
    """Signed in, or a token that may read."""

    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (TokenScope,)
    token_scope = ApiToken.READ


class DrawsQuestion(OfSite):
    plan = serializers.IntegerField(min_value=0, max_value=MOST_ID, required=False)


class ScoresQuestion(OfSite):
    """The days [first, last] of the site: of all draws whose days ended in them."""

    first = Day()
    last = Day()
    scorecard = serializers.IntegerField(min_value=0, max_value=MOST_ID, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        refuse_turned(attrs)
        return attrs


class CoverageAnswer(serializers.Serializer[Any]):
    """Counts of first reviews."""

    wanted = serializers.IntegerField()
    drawn = serializers.IntegerField()
    reviewed = serializers.IntegerField()
    late = serializers.IntegerField(help_text="Of the reviewed ones, after their day.")
    overdue = serializers.IntegerField()
    swaps = serializers.DictField(child=serializers.IntegerField(), help_text="By reason.")


class DrawAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    plan = serializers.IntegerField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    drawn_at = serializers.DateTimeField()
    due_day = serializers.DateField(help_text="Reviews are due by the end of it.")
    due_at = serializers.DateTimeField(
        help_text="The end of `due_day`, which is not of it any more."
    )
    seed = serializers.CharField()
    digest = serializers.CharField(help_text="Of the ids of all eligible calls.")
    eligible = serializers.IntegerField()
    left_out = serializers.DictField(
        child=serializers.IntegerField(), help_text="Calls that could not be drawn, by reason."
    )
    coverage = CoverageAnswer()


class DrawsAnswer(serializers.Serializer[Any]):
    draws = DrawAnswer(many=True)


class DrawnCallAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    call = serializers.UUIDField()
    stratum = serializers.CharField()
    layer = serializers.IntegerField()
    strata_of_layer = serializers.ListField(
        child=serializers.CharField(),
        help_text="What it was drawn from: small strata of an agent are joined.",
    )
    drawn_of_layer = serializers.IntegerField()
    calls_of_layer = serializers.IntegerField()
    inclusion_probability = serializers.FloatField()
    state = serializers.ChoiceField(["nobody", "open", "overdue", "done", "swapped"])
    swap_reason = serializers.CharField(help_text="Empty: it was not swapped.")
    replaced_by = serializers.IntegerField(allow_null=True, help_text="What was drawn instead.")


class AgentDrawAnswer(serializers.Serializer[Any]):
    agent = serializers.IntegerField()
    team = serializers.IntegerField(allow_null=True)
    wanted = serializers.IntegerField()
    eligible = serializers.IntegerField()
    digest = serializers.CharField()
    refused = serializers.DictField(
        child=serializers.CharField(), help_text="Calls that could not be reviewed, and why."
    )
    calls = DrawnCallAnswer(many=True)


class DrawDetailAnswer(DrawAnswer):
    repeats = serializers.BooleanField(
        help_text="Whether the seed and the kept calls give the same draw again."
    )
    agents = AgentDrawAnswer(many=True)


class EstimateAnswer(serializers.Serializer[Any]):
    """From 0 to 1; null of the bounds: there is no interval."""

    value = serializers.FloatField()
    low95 = serializers.FloatField(allow_null=True)
    high95 = serializers.FloatField(allow_null=True)


class FailingAnswer(EstimateAnswer):
    failed_reviews = serializers.IntegerField()


class AgentScoreAnswer(serializers.Serializer[Any]):
    agent = serializers.IntegerField()
    team = serializers.IntegerField(allow_null=True)
    eligible = serializers.IntegerField()
    drawn = serializers.IntegerField()
    reviewed = serializers.IntegerField()
    score = EstimateAnswer(allow_null=True, help_text="Partly pooled with the team.")
    own_mean = EstimateAnswer(allow_null=True)
    drawn_to_team = serializers.FloatField(help_text="0: their own mean; 1: the team's.")
    failing_rate = FailingAnswer(allow_null=True)
    lack = serializers.CharField(help_text="Why there is no score or interval; empty: there is.")
    best_rank = serializers.IntegerField(allow_null=True)
    worst_rank = serializers.IntegerField(allow_null=True)
    more_to_halve = serializers.IntegerField(
        allow_null=True,
        help_text="Reviews that would halve the interval of the own mean; null: not reachable.",
    )
    targeted = serializers.IntegerField(help_text="Reviews beside, which count nowhere.")


class CardScoresAnswer(serializers.Serializer[Any]):
    scorecard = serializers.IntegerField()
    name = serializers.CharField()
    agents = AgentScoreAnswer(many=True)


class ScoresAnswer(serializers.Serializer[Any]):
    scorecards = CardScoresAnswer(many=True)


class QueueReviewAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    call = serializers.UUIDField()
    called_at = serializers.DateTimeField()
    agent = serializers.IntegerField()
    queue = serializers.IntegerField(allow_null=True)
    talk_seconds = serializers.FloatField(allow_null=True)
    kind = serializers.CharField()
    why = serializers.CharField()
    state = serializers.CharField()
    due_day = serializers.DateField(allow_null=True, help_text="It is due by the end of it.")
    due_at = serializers.DateTimeField(
        allow_null=True, help_text="The end of `due_day`, which is not of it any more."
    )
    is_overdue = serializers.BooleanField()


class QueueAnswer(serializers.Serializer[Any]):
    reviews = QueueReviewAnswer(many=True)


class DrawsView(_Read):
    """The newest draws of a site, or of one of its plans."""

    @extend_schema(
        operation_id="quality_draws",
        summary="Draws of a site",
        parameters=[DrawsQuestion],
        responses={200: DrawsAnswer},
    )
    def get(self, request: Request) -> Response:
        asked = asked_of(request, DrawsQuestion)
        site = reviewed_site(request, asked["site"])
        rows: QuerySet[PlanDraw] = PlanDraw.objects.filter(site=site)
        if "plan" in asked:
            if not SamplingPlan.objects.filter(site=site, pk=asked["plan"]).exists():
                raise NotFound
            rows = rows.filter(plan=asked["plan"])
        told = reads.draws(rows[:MOST], timezone.now())
        return Response({"draws": [draw_told(one.draw, one.coverage) for one in told]})


def draw_told(draw: PlanDraw, coverage: Coverage) -> dict[str, Any]:
    return {
        "id": draw.pk,
        "plan": draw.plan_id,
        "first_day": draw.first_day,
        "last_day": draw.next_day - DAY,
        "drawn_at": draw.made_at,
        "due_day": draw.due_day,
        "due_at": draw.due_at,
        "seed": draw.seed,
        "digest": draw.digest,
        "eligible": draw.eligible,
        "left_out": draw.how["left_out"],
        "coverage": {
            "wanted": coverage.wanted,
            "drawn": coverage.drawn,
            "reviewed": coverage.reviewed,
            "late": coverage.late,
            "overdue": coverage.overdue,
            "swaps": dict(coverage.swaps),
        },
    }


class DrawView(_Read):
    """A draw with its calls and how likely each was to be drawn, and whether it repeats."""

    @extend_schema(
        operation_id="quality_draw", summary="One draw", responses={200: DrawDetailAnswer}
    )
    def get(self, request: Request, pk: int) -> Response:
        refuse_unread(request, ())
        if pk > MOST_ID:
            raise NotFound
        rows = PlanDraw.objects.visible_to(request.user).select_related("plan", "site")
        draw = rows.filter(pk=pk).first()
        if draw is None:
            raise NotFound
        now = timezone.now()
        if request.method == "GET":
            who, last = signed_in(request), draw.next_day - DAY
            exported.calls(
                who, draw.site, draw.first_day, last, now, narrowed=True, file=exported.API
            )
        of_agent: dict[int, list[dict[str, Any]]] = {}
        assert request.user.is_authenticated
        for one in reads.calls(reads.drawn_calls(draw, request.user), request.user, now).calls:
            of_agent.setdefault(one.drawn.drawn_id, []).append(drawn_told(one))
        agents = [
            {
                "agent": one.agent_id,
                "team": one.team_id,
                "wanted": one.wanted,
                "eligible": one.eligible,
                "digest": one.digest,
                "refused": one.refused,
                "calls": of_agent.get(one.pk, []),
            }
            for one in draw.agents.exclude(agent__user=request.user)
            .defer("calls", "of_strata")
            .order_by("agent", "pk")
        ]
        said = draw_told(draw, reads.coverages([draw], now)[draw.pk])
        return Response(said | {"repeats": drawing.repeat(draw).is_equal, "agents": agents})


def drawn_told(one: reads.OfCall) -> dict[str, Any]:
    row = one.drawn
    return {
        "id": row.pk,
        "call": row.call_id,
        "stratum": row.stratum,
        "layer": row.layer,
        "strata_of_layer": one.layer,
        "drawn_of_layer": row.n,
        "calls_of_layer": row.of,
        "inclusion_probability": one.probability,
        "state": one.state,
        "swap_reason": row.swap_reason,
        "replaced_by": row.replaced_by_id,
    }


class ScoresView(_Read):
    """Agents' scores of a site's days, from calls that chance drew, by scorecard."""

    @extend_schema(
        operation_id="quality_scores",
        summary="Scores of agents",
        parameters=[ScoresQuestion],
        responses={200: ScoresAnswer},
    )
    def get(self, request: Request) -> Response:
        asked = asked_of(request, ScoresQuestion)
        site = reviewed_site(request, asked["site"])
        card = None
        if "scorecard" in asked:
            card = Scorecard.objects.of_site(site.pk).filter(pk=asked["scorecard"]).first()
            if card is None:
                raise NotFound
        first: date = asked["first"]
        found = scores.of_period(site, first, asked["last"], card)
        if request.method == "GET":
            who, now = signed_in(request), timezone.now()
            exported.figures(who, [site], first, asked["last"], now, exported.API)
        return Response(
            {
                "scorecards": [
                    {
                        "scorecard": one.card.pk,
                        "name": one.card.name,
                        "agents": [
                            _score(each)
                            for each in one.agents
                            if each.agent.user_id != request.user.pk
                        ],
                    }
                    for one in found
                ]
            }
        )


def _score(one: scores.AgentScore) -> dict[str, Any]:
    score, failing = one.score, one.score.failing
    return {
        "agent": one.agent.pk,
        "team": one.team and one.team.pk,
        "eligible": one.eligible,
        "drawn": one.drawn,
        "reviewed": one.reviews,
        "score": _estimate(score.pooled),
        "own_mean": _estimate(score.own),
        "drawn_to_team": score.drawn_in,
        "failing_rate": None
        if failing is None
        else {
            "value": failing.rate,
            "low95": failing.interval.low,
            "high95": failing.interval.high,
            "failed_reviews": failing.failed,
        },
        "lack": str(score.lack or ""),
        "best_rank": one.rank and one.rank.best,
        "worst_rank": one.rank and one.rank.worst,
        "more_to_halve": one.more,
        "targeted": one.targeted,
    }


def _estimate(said: Estimate | None) -> dict[str, Any] | None:
    if said is None:
        return None
    low, high = said.interval or (None, None)
    return {"value": said.value, "low95": low, "high95": high}


class QueueView(_Read):
    """What the caller is to review, what is due first."""

    @extend_schema(
        operation_id="quality_queue",
        summary="Reviews that wait for the caller",
        responses={200: QueueAnswer},
    )
    def get(self, request: Request) -> Response:
        refuse_unread(request, ())
        if not may_open("reviews", request.user):
            raise NotFound
        assert request.user.is_authenticated
        rows = queue.shown(queue.own(request.user)[:MOST], timezone.now())
        return Response(
            {
                "reviews": [
                    {
                        "id": one.review.pk,
                        "call": one.review.call_id,
                        "called_at": one.review.called_at,
                        "agent": one.review.agent_id,
                        "queue": one.review.queue_id,
                        "talk_seconds": one.talk_s,
                        "kind": one.review.kind,
                        "why": one.why,
                        "state": one.review.state,
                        "due_day": one.review.due_day,
                        "due_at": one.review.due_at,
                        "is_overdue": one.is_overdue,
                    }
                    for one in rows
                ]
            }
        )


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/draws/", DrawsView.as_view(), name="api_quality_draws"),
        path(f"{under}/draws/<int:pk>/", DrawView.as_view(), name="api_quality_draw"),
        path(f"{under}/scores/", ScoresView.as_view(), name="api_quality_scores"),
        path(f"{under}/queue/", QueueView.as_view(), name="api_quality_queue"),
    ]
