"""Who reaches the pages of plans, draws and reviews that are to be done."""

from collections.abc import Callable
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from ccm.intervals import day_of
from ccm.models import User
from qa.models import DrawnCall, Evaluation, PlanDraw, SamplingPlan
from qa.plans import drawing, swapping
from tests.builders import a_user
from tests.qa.builders import a_card
from tests.reach import ONLY_ADMIN_POST, Row, World, to

#             nobody adm man pla sup qa  tra age
SITE = (302, 200, 200, 404, 404, 200, 404, 404)
KEPT = (302, 200, 404, 404, 404, 200, 404, 404)
KEPT_POST = (302, 302, 404, 404, 404, 302, 404, 404)
QUEUE = (302, 200, 200, 404, 200, 200, 404, 404)
SCORE = (302, 200, 200, 404, 200, 200, 404, 200)
API_SITE = (401, 200, 200, 404, 404, 200, 404, 404)
API_QUEUE = (401, 200, 200, 404, 200, 200, 404, 404)
API_ELSEWHERE = (401, 200, 404, 404, 404, 404, 404, 404)
# A form is no JSON.
API_KEPT_POST = (401, 415, 404, 404, 404, 415, 404, 404)
API_ADMIN_POST = (401, 415, *(404,) * 6)
# Other parts of the matrix may have plans of their own.
_OF_MATRIX = "Of the matrix"


def a_plan(world: World) -> SamplingPlan:
    """A plan whose period of the calls of the world is over, with somebody who reviews."""
    found = SamplingPlan.objects.filter(site=world.site, name=_OF_MATRIX).first()
    if found is None:
        today = day_of(timezone.now(), world.site.calendar)
        found = SamplingPlan.objects.create(
            site=world.site,
            name=_OF_MATRIX,
            card=a_card(world.site, _OF_MATRIX),
            starts_on=today - timedelta(days=7),
            shortest_s=0,
        )
        found.reviewers.create(user=_reviewer(world))
    return found


def _reviewer(world: World) -> User:
    return next(iter(world.people.values()))


def a_draw(world: World) -> PlanDraw:
    """What the plan drew of the days up to now, though they are not over."""
    plan = a_plan(world)
    found = plan.draws.first()
    if found is None:
        ahead = timezone.now() + timedelta(days=7)
        plan.starts_on += timedelta(days=1)
        plan.save()
        found = drawing.make(plan, plan.starts_on, None, ahead).draw
    return found


def a_drawn(world: World) -> DrawnCall:
    found = DrawnCall.objects.filter(drawn__draw=a_draw(world), state="standing").first()
    assert found is not None
    return found


def a_review(world: World) -> Evaluation:
    """Of the drawn call, by somebody else than whoever looks."""
    drawn = a_drawn(world)
    Evaluation.objects.filter(drawn=drawn).delete()
    other = a_user("qa_analyst", world.site)
    return swapping.give(drawn, other, other, timezone.now())


def of(name: str, row: Callable[[World], object], query: str = "") -> Callable[[World], str]:
    def path(world: World) -> str:
        return reverse(name, args=[row(world).pk]) + query  # type: ignore[attr-defined]

    return path


def a_score(world: World) -> str:
    """What the score of the world's agent is made of."""
    return reverse("score_passport", args=[world.agent.pk, a_draw(world).plan.card_id])


ROWS: dict[str, list[Row]] = {
    "score_passport": [Row(a_score, SCORE)],
    "reviews": [Row(to("reviews"), QUEUE, of_a_site=False)],
    "reviews_csv": [Row(to("reviews_csv"), QUEUE, of_a_site=False)],
    "review_reassign": [Row(of("review_reassign", a_review), KEPT)],
    "sampling": [Row(lambda w: reverse("sampling") if a_plan(w) else "", SITE, of_a_site=False)],
    "sampling_csv": [Row(to("sampling_csv"), SITE, of_a_site=False)],
    "sampling_plan_new": [Row(to("sampling_plan_new"), KEPT, of_a_site=False)],
    "sampling_plan": [Row(of("sampling_plan", a_plan), SITE)],
    "sampling_plan_edit": [Row(of("sampling_plan_edit", a_plan), KEPT)],
    "sampling_plan_end": [
        Row(of("sampling_plan_end", a_plan), KEPT_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    "sampling_plan_draw": [
        Row(of("sampling_plan_draw", a_plan), KEPT_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    "sampling_draw": [
        Row(of("sampling_draw", a_draw), SITE),
        Row(of("sampling_draw", a_draw, "?again=yes"), SITE),
    ],
    "sampling_draw_csv": [Row(of("sampling_draw_csv", a_draw), SITE)],
    "sampling_scores": [Row(of("sampling_scores", a_draw), SITE)],
    "sampling_scores_csv": [Row(of("sampling_scores_csv", a_draw), SITE)],
    "sampling_plan_scores": [
        Row(lambda w: reverse("sampling_plan_scores", args=[a_draw(w).plan_id]), SITE)
    ],
    "sampling_plan_scores_csv": [Row(of("sampling_plan_scores_csv", a_plan), SITE)],
    "drawn_swap": [Row(of("drawn_swap", a_drawn), KEPT)],
    "drawn_give": [Row(of("drawn_give", a_drawn), KEPT)],
    "quality_rules": [
        Row(to("quality_rules"), SITE, of_a_site=False),
        Row(lambda w: reverse("quality_rules") + f"?site={w.site.slug}", SITE),
    ],
    "api_quality_plans": [
        Row(
            lambda w: reverse("api_quality_plans") + f"?site={w.site.slug}",
            API_SITE,
            elsewhere=API_ELSEWHERE,
        ),
        Row(to("api_quality_plans"), API_KEPT_POST, "post", of_a_site=False),
    ],
    **{
        name: [Row(of(name, a_plan), API_KEPT_POST, "post", elsewhere=API_ADMIN_POST)]
        for name in (
            "api_quality_plan_end",
            "api_quality_plan_go_on",
            "api_quality_plan_draw",
            "api_quality_plan_preview",
        )
    },
    "api_quality_plans_preview": [
        Row(to("api_quality_plans_preview"), API_KEPT_POST, "post", of_a_site=False)
    ],
    "api_quality_plan": [Row(of("api_quality_plan", a_plan), API_SITE, elsewhere=API_ELSEWHERE)],
    **{
        name: [Row(of(name, a_drawn), API_KEPT_POST, "post", elsewhere=API_ADMIN_POST)]
        for name in ("api_drawn_swap", "api_drawn_give")
    },
    "api_quality_rules": [
        Row(
            lambda w: reverse("api_quality_rules") + f"?site={w.site.slug}",
            API_SITE,
            elsewhere=API_ELSEWHERE,
        )
    ],
    "api_quality_draws": [
        Row(
            lambda w: reverse("api_quality_draws") + f"?site={w.site.slug}",
            API_SITE,
            elsewhere=API_ELSEWHERE,
        )
    ],
    "api_quality_draw": [Row(of("api_quality_draw", a_draw), API_SITE, elsewhere=API_ELSEWHERE)],
    "api_quality_scores": [
        Row(
            lambda w: reverse("api_quality_scores") + w.api_query(),
            API_SITE,
            elsewhere=API_ELSEWHERE,
        )
    ],
    "api_quality_queue": [Row(to("api_quality_queue"), API_QUEUE, of_a_site=False)],
}
PAGES = (
    "reviews", "review_reassign", "sampling", "sampling_plan_new", "sampling_plan",
    "sampling_plan_edit", "sampling_draw", "sampling_scores", "sampling_plan_scores", "drawn_swap",
    "drawn_give", "quality_rules", "score_passport",
)  # fmt: skip
OTHERS = (
    "reviews_csv", "sampling_csv", "sampling_plan_end", "sampling_plan_draw", "sampling_draw_csv",
    "sampling_scores_csv", "sampling_plan_scores_csv", "api_quality_plans", "api_quality_draws",
    "api_quality_draw", "api_quality_scores", "api_quality_queue", "api_quality_plan",
    "api_quality_plan_end", "api_quality_plan_go_on", "api_quality_plan_draw", "api_drawn_swap",
    "api_drawn_give", "api_quality_rules", "api_quality_plan_preview",
    "api_quality_plans_preview",
)  # fmt: skip
