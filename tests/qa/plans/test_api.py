"""Plans over the API: made, changed, ended, drawn; drawn calls that are swapped or given away;
and a site's rules of review."""

import pytest

from qa.models import DrawnCall, Evaluation, QualityRules, SamplingPlan
from tests.builders import a_user
from tests.qa.acts import act, pointers
from tests.qa.plans.builders import MONDAY, NEXT, Centre

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NEXT)]


@pytest.fixture
def centre():
    return Centre()


@pytest.fixture
def keeper(centre):
    return centre.analysts[0]


def new(centre, **more):
    return {
        "site": centre.site.slug, "name": "Long ones", "scorecard": centre.plan.card_id,
        "starts_on": str(MONDAY), "calls_per_agent": 3, "strata": ["length"],
        "length_bands_seconds": [90, 600], "queues": [centre.queue.pk], "allocation": "shares",
        "parts": {"length:600-": 30},
        "reviewers": [{"user": centre.analysts[1].username, "most_reviews": 4}], **more,
    }  # fmt: skip


def test_a_plan_is_made_and_changed_as_its_form_has_it(centre, keeper):
    made = act(keeper, "api_quality_plans", **new(centre))
    assert made.status_code == 201, made.content
    told = made.json()
    plan = SamplingPlan.objects.get(name="Long ones")
    assert (plan.per_agent, plan.bands, plan.parts) == (3, [90, 600], {"length:600-": 30})
    assert list(plan.reviewers.values_list("user", "capacity")) == [(centre.analysts[1].pk, 4)]
    # What nobody said is as a new plan begins.
    assert (plan.due_days, plan.cadence, float(plan.several_share)) == (7, "weekly", 0.1)
    at = "api_quality_plan"
    stale = act(keeper, at, plan.pk, method="patch", seen="old", calls_per_agent=4)
    assert stale.status_code == 409
    done = act(keeper, at, plan.pk, method="patch", seen=told["seen"], calls_per_agent=4)
    assert (done.status_code, done.json()["calls_per_agent"]) == (200, 4)
    plan.refresh_from_db()
    assert (plan.per_agent, plan.bands, plan.needs_record) == (4, [90, 600], False)
    seen = done.json()["seen"]
    for only in (True, False):
        changed = act(keeper, at, plan.pk, method="patch", seen=seen, needs_record=only)
        assert changed.json()["needs_record"] is only
        seen = changed.json()["seen"]
    assert act(a_user("manager", centre.site), at, plan.pk, method="patch").status_code == 404


def test_what_a_plan_would_draw_is_told_and_nothing_is_kept(centre, keeper):
    told = act(keeper, "api_quality_plans_preview", **new(centre, reviewed_by_several_share=0))
    assert told.status_code == 200, told.content
    one = told.json()
    assert (one["first_day"], one["last_day"]) == ("2026-03-02", "2026-03-08")
    # Two agents with twelve calls each, three of each wanted; who reviews has time for four.
    assert (one["eligible_calls"], one["agents"], one["wanted"], one["drawn"]) == (24, 2, 6, 6)
    assert (one["fewest_calls"], one["middle_calls"], one["most_calls"]) == (12, 12, 12)
    assert [(each["reviews"], each["most_reviews"]) for each in one["load"]] == [(4, 4)]
    assert [each["how_many"] for each in one["nobody"]] == [2]
    assert sum(each["eligible"] for each in one["strata"]) == 24
    assert sum(each["drawn_in_the_mean"] for each in one["strata"]) == pytest.approx(6)
    assert not SamplingPlan.objects.filter(name="Long ones").exists()
    at = "api_quality_plan_preview", centre.plan.pk
    assert act(keeper, *at).json()["drawn"] == 10
    assert act(keeper, *at, calls_per_agent=2).json()["drawn"] == 4
    centre.plan.refresh_from_db()
    assert centre.plan.per_agent == 5
    assert not centre.plan.draws.exists()
    assert pointers(act(keeper, *at, calls_per_agent=0)) == ["/calls_per_agent"]
    assert pointers(act(keeper, *at, seen="x")) == ["/seen"]
    assert act(a_user("manager", centre.site), *at).status_code == 404


def test_a_reviewer_who_is_away_for_good_stays_until_somebody_takes_them_out(centre, keeper):
    told = act(keeper, "api_quality_plans", **new(centre)).json()
    gone = centre.analysts[1]
    gone.is_active = False
    gone.save()
    at = "api_quality_plan", told["id"]
    changed = act(keeper, *at, method="patch", seen=told["seen"], name="Longer ones")
    assert changed.status_code == 200, changed.content
    assert [one["user"] for one in changed.json()["reviewers"]] == [gone.username]
    said = {"seen": changed.json()["seen"], "reviewers": [{"user": keeper.username}]}
    again = act(keeper, *at, method="patch", **said)
    assert [one["user"] for one in again.json()["reviewers"]] == [keeper.username]


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"calls_per_agent": 0}, ["/calls_per_agent"]),
        ({"scorecard": 0}, ["/scorecard"]),
        ({"parts": {"length:7-": 30}}, ["/parts"]),
        ({"reviewers": [{"user": "nobody"}]}, ["/reviewers/0/user"]),
        ({"reviewers": []}, [""]),
        ({"name": "Weekly"}, [""]),
        ({"colour": "red"}, ["/colour"]),
    ],
)
def test_what_no_plan_can_be_is_pointed_to(centre, keeper, more, where):
    answer = act(keeper, "api_quality_plans", **new(centre, **more))
    assert (answer.status_code, pointers(answer)) == (400, where)
    assert SamplingPlan.objects.count() == 1


def test_nobody_else_makes_plans(centre):
    for role in ("manager", "planner", "supervisor", "trainer"):
        who = a_user(role, centre.site)
        assert act(who, "api_quality_plans", **new(centre)).status_code == 404
    assert act(a_user("qa_analyst"), "api_quality_plans", **new(centre)).status_code == 404


def test_a_period_is_drawn_now_once_and_its_calls_are_swapped_and_given(centre, keeper):
    plan = centre.plan.pk
    early = act(keeper, "api_quality_plan_draw", plan, first_day="2026-03-09")
    assert early.status_code == 400
    made = act(keeper, "api_quality_plan_draw", plan, first_day=str(MONDAY))
    # Five of each of two agents.
    assert (made.status_code, made.json()["coverage"]["drawn"]) == (201, 10)
    assert act(keeper, "api_quality_plan_draw", plan, first_day=str(MONDAY)).status_code == 200
    settled = act(
        keeper, "api_quality_plan", plan, method="patch", cadence="monthly",
        seen=act(keeper, "api_quality_plan", plan, method="get").json()["seen"],
    )  # fmt: skip
    assert (settled.status_code, settled.json()["detail"]) == (
        400, "Its scorecard and periods stay as they are: it has drawn already.",
    )  # fmt: skip

    out = DrawnCall.objects.filter(state="standing").first()
    assert pointers(act(keeper, "api_drawn_swap", out.pk, reason="other")) == ["/words"]
    swapped = act(keeper, "api_drawn_swap", out.pk, reason="other", words="No sound")
    instead = DrawnCall.objects.get(pk=swapped.json()["replaced_by"])
    assert str(instead.call_id) == swapped.json()["call"]
    out.refresh_from_db()
    assert (out.state, out.swap_words) == ("swapped", "No sound")
    again = act(keeper, "api_drawn_swap", out.pk, reason="silent")
    assert again.status_code == 400
    manager = a_user("manager", centre.site)
    assert act(manager, "api_drawn_swap", instead.pk, reason="silent").status_code == 404

    Evaluation.objects.filter(drawn=instead).delete()
    nobody = act(keeper, "api_drawn_give", instead.pk, reviewer="nobody")
    assert pointers(nobody) == ["/reviewer"]
    given = act(keeper, "api_drawn_give", instead.pk, reviewer=manager.username)
    assert Evaluation.objects.get(pk=given.json()["review"]).reviewer == manager


def test_a_plan_ends_and_goes_on(centre, keeper):
    plan = centre.plan
    assert act(keeper, "api_quality_plan_end", plan.pk).json()["ended_on"] == "2026-03-09"
    assert act(keeper, "api_quality_plan_go_on", plan.pk).json()["ended_on"] is None
    manager = a_user("manager", centre.site)
    assert act(manager, "api_quality_plan_end", plan.pk).status_code == 404


def test_the_rules_of_a_site_are_read_and_changed(centre, keeper):
    said = {"site": centre.site.slug}
    told = act(keeper, "api_quality_rules", method="get", **said).json()
    at = "api_quality_rules"
    bad = act(keeper, at, method="patch", **said, dispute_days=91)
    assert pointers(bad) == ["/dispute_days"]
    done = act(keeper, at, method="patch", **said, dispute_days=9, needs_consent=True).json()
    assert done == {**told, "dispute_days": 9, "needs_consent": True}
    assert QualityRules.objects.get(site=centre.site).dispute_days == 9
    manager = a_user("manager", centre.site)
    assert act(manager, at, method="get", **said).json() == done
    assert act(manager, at, method="patch", **said, dispute_days=3).status_code == 404
