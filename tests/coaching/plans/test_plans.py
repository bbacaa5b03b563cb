"""Plans of agents, from their goal to how they ended."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from ccm import viewed
from ccm.models import Agent, AuditEntry, TeamMembership
from ccm.signals import names_merged
from coaching.following import services as following
from coaching.following.services import Step
from coaching.models import Plan, PlanStep
from coaching.plans import reads, services
from coaching.plans.services import Aim
from kpis import rollups
from qa.after import releasing
from qa.models import DrawnCall, Evaluation
from tests.builders import (
    NINE,
    a_call,
    a_queue,
    a_site,
    a_user,
    an_agent,
    many_calls,
    unsaved_call,
)
from tests.coaching.builders import Floor
from tests.coaching.holding.test_pages import get, post, signed_in, text
from tests.coaching.triggers.builders import a_review, an_answer
from tests.qa.after.builders import House

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TODAY = NINE.date()


@pytest.fixture
def floor():
    with time_machine.travel(NINE, tick=False):
        yield Floor()


def aim(**more):
    said = {
        "kind": "improvement", "toward": "", "goal": "Holds under a minute", "words": "",
        "starts_on": TODAY, "until_on": TODAY + 30 * DAY,
    }  # fmt: skip
    return Aim(**said | more)


def a_plan(floor, **more):
    return services.make(floor.agent, aim(**more), floor.lead, NINE)


def test_a_post_that_comes_twice_makes_one_and_one_of_a_kind_runs_at_a_time(floor):
    assert a_plan(floor).pk == a_plan(floor).pk
    with pytest.raises(ValidationError, match="runs already"):
        a_plan(floor, goal="Another")
    other = a_plan(floor, kind="development", toward="lead")
    assert Plan.objects.running().count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Plan.objects.filter(pk=other.pk).update(kind="improvement", toward="")


def test_the_plan_that_runs_already_is_named_and_one_click_away_and_steps_name_theirs(floor):
    there = a_plan(floor, goal="Reviews calls with the analysts", kind="development",
                   toward="quality")  # fmt: skip
    said = {
        "agent": floor.agent.pk, "kind": "development", "toward": "lead", "goal": "Leads a shift",
        "starts_on": TODAY.isoformat(), "until_on": (TODAY + DAY).isoformat(),
    }  # fmt: skip
    page = text(post(floor.lead, "plan_new", **said))
    assert "“Reviews calls with the analysts” runs already, until 1 Apr 2026" in page
    assert f'href="{reverse("plan", args=[there.pk])}"' in page
    services.step(there, Step(floor.agent, "Sits in", TODAY + DAY), floor.lead, NINE)
    assert "of the plan: Reviews calls with the analysts" in get(floor.me, "my_coaching")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"goal": ""}, "what the goal is"),
        ({"until_on": TODAY - DAY}, "ends before it begins"),
        ({"kind": "development"}, "where development leads"),
        ({"toward": "lead"}, "Only development"),
    ],
)
def test_what_a_plan_cannot_say_is_refused(floor, more, words):
    with pytest.raises(ValidationError, match=words):
        a_plan(floor, **more)


def test_a_plan_ends_once_with_words_and_stays_as_it_was(floor):
    plan = a_plan(floor)
    services.change(plan, aim(goal="Holds under half a minute"), 0, floor.lead, NINE)
    with pytest.raises(ValidationError, match="changed it meanwhile"):
        services.change(plan, aim(), 0, floor.lead, NINE)
    with pytest.raises(ValidationError, match="Say how it ended"):
        services.end(plan, "met", "", 1, floor.lead, NINE)
    services.end(plan, "met", "Seen over four weeks", 1, floor.lead, NINE)
    assert services.end(plan, "met", "Again", 1, floor.lead, NINE).ended_words == (
        "Seen over four weeks"
    )
    with pytest.raises(ValidationError, match="The plan is over"):
        services.end(plan, "ended", "No", 2, floor.lead, NINE)
    with pytest.raises(ValidationError, match="The plan is over"):
        services.step(plan, Step(floor.agent, "One more", TODAY), floor.lead, NINE)
    said = str(list(AuditEntry.objects.values_list("before", "after")))
    assert "Holds under" not in said
    assert "four weeks" not in said


def test_steps_are_counted_done_dropped_and_late(floor):
    plan = a_plan(floor)
    steps = [
        services.step(plan, Step(floor.agent, f"Step {n}", TODAY + n * DAY), floor.lead, NINE)
        for n in (1, 5, 9, 20)
    ]
    assert (
        services.step(plan, Step(floor.agent, "Step 1", TODAY + DAY), floor.lead, NINE)
        == (steps[0])
    )
    assert PlanStep.objects.count() == 4
    following.end(steps[1], "done", "", 0, floor.me, NINE)
    following.end(steps[2], "dropped", "Not needed", 0, floor.lead, NINE)
    (line,) = reads.lines([plan], NINE + 3 * DAY)
    assert (line.steps.counted, line.steps.done, line.steps.late) == (3, 1, 1)
    assert (line.is_late, reads.lines([plan], NINE + 31 * DAY)[0].is_late) == (False, True)
    other = an_agent(floor.site, "Bo")
    with pytest.raises(ValidationError, match="its agent's"):
        services.step(plan, Step(other, "Theirs", TODAY), floor.lead, NINE)


def test_a_kpi_of_a_step_is_told_against_the_weeks_before_the_plan(floor):
    """AHT of about 300 s for four weeks before the plan, and of about 200 s since."""
    queue = a_queue(floor.site)
    start = NINE - 20 * DAY
    many_calls(
        [
            unsaved_call(
                queue, start + day * DAY + n * timedelta(minutes=20), agent=floor.agent,
                talk=(200 if day >= 0 else 300) + 10 * (day % 3) + n,
            )
            for day in range(-20, 20)
            for n in range(3)
        ]
    )  # fmt: skip
    rollups.rebuild()
    plan = a_plan(floor, starts_on=start.date())
    step = Step(floor.agent, "Asks first", TODAY + DAY, kpi="aht")
    services.step(plan, step, floor.lead, NINE)
    (told,) = reads.measured(plan, reads.steps_of(plan), floor.lead, NINE)
    # More or less is better neither way by its definition.
    assert told.progress.word == "less"
    assert told.progress.now < 250 < told.progress.before
    page = get(floor.me, "plan", plan.pk)
    assert ">less<" in page
    # Once it has ended, what comes after is none of it.
    services.end(plan, "met", "Seen", 0, floor.lead, NINE - 10 * DAY)
    plan.refresh_from_db()
    (told,) = reads.measured(plan, reads.steps_of(plan), floor.lead, NINE)
    assert told.progress.spans.now.last == TODAY - 10 * DAY
    assert "Better is no proof that the plan did it." in page
    # On its first day nothing can be told.
    new = a_plan(floor, kind="development", toward="quality")
    services.step(new, Step(floor.agent, "Hears calls", TODAY, kpi="aht"), floor.lead, NINE)
    (told,) = reads.measured(new, reads.steps_of(new), floor.lead, NINE)
    assert (told.progress.word, told.progress.why) == ("", "soon")


def test_a_criterion_of_a_step_is_told_by_reviews_that_count_and_were_released(floor):
    queue = a_queue(floor.site)
    house = House(queue, floor.agent)
    before, since = NINE - 30 * DAY, NINE - 3 * DAY
    first, *_others = (
        releasing.release(house.drawn(cause=mark), house.reviewer, NINE) for mark in ("3", "5", "5")
    )
    Evaluation.objects.update(called_at=since)
    Evaluation.objects.filter(pk=first.pk).update(called_at=before)
    plan = a_plan(floor, starts_on=TODAY - 20 * DAY)
    criterion = first.version.card.criteria.get(key="cause")
    services.step(plan, Step(floor.agent, "Asks", TODAY, criterion=criterion), floor.lead, NINE)
    (told,) = reads.measured(plan, reads.steps_of(plan), floor.lead, NINE)
    one = told.progress
    assert (one.n_before, one.n, one.now) == (1, 2, 1.0)
    assert one.before < 1
    # Of so few nothing is told from chance.
    assert (one.word, one.why) == ("", "few")
    assert "in 1 and 2 reviews" in get(floor.lead, "plan", plan.pk)
    # What does not count in the score does not here.
    DrawnCall.objects.update(state="swapped", swap_reason="no_recording", swapped_at=NINE)
    (told,) = reads.measured(plan, reads.steps_of(plan), floor.lead, NINE)
    assert (told.progress.n, told.progress.n_before) == (0, 0)


def test_from_a_new_plan_to_its_end_on_pages(floor):
    said = {
        "agent": floor.agent.pk, "kind": "development", "toward": "lead",
        "goal": "Leads a huddle", "starts_on": "2026-03-02", "until_on": "2026-06-30",
    }  # fmt: skip
    assert b"Say where development leads" in post(
        floor.lead, "plan_new", **said | {"toward": ""}
    ).content  # fmt: skip
    answer = post(floor.lead, "plan_new", **said)
    plan = Plan.objects.get()
    assert answer.url == reverse("plan", args=[plan.pk])
    step = {"words": "Shadows a lead", "due_on": "2026-03-20", "agent": floor.agent.pk}
    assert post(floor.lead, "plan_step", plan.pk, **step).status_code == 302
    mine = get(floor.me, "my_coaching")
    for words in ("Leads a huddle", "0 of 1 steps done", "Shadows a lead"):
        assert words in mine
    page = get(floor.me, "plan", plan.pk)
    assert "My plan" in page
    assert "End it" not in page
    action = plan.steps.get().action
    ended = post(floor.me, "action_end", action.pk, state="done", revision=0)
    assert ended.url == reverse("plan", args=[plan.pk])
    moved = said | {"until_on": "2026-07-31", "revision": 0}
    assert post(floor.lead, "plan_change", plan.pk, **moved).status_code == 302
    plan.refresh_from_db()
    assert (plan.until_on, plan.revision) == (date(2026, 7, 31), 1)
    other = {"words": "Shadows another", "due_on": "2026-03-27", "agent": floor.agent.pk}
    assert post(floor.lead, "plan_step", plan.pk, **other).status_code == 302
    assert "1 step of it is open: it stays among" in get(floor.lead, "plan", plan.pk)
    end = {"state": "met", "words": "Led three", "revision": 1}
    assert post(floor.lead, "plan_end", plan.pk, **end).status_code == 302
    ended = get(floor.me, "plan", plan.pk)
    assert "Led three" in ended
    assert "1 step is open all the same" in ended
    assert "Leads a huddle" in get(floor.manager, "plans")


def test_who_sees_a_plan_and_who_led_them_once_does_not(floor):
    plan = a_plan(floor)
    colleague = an_agent(floor.site, "Bo", user=a_user("agent"))
    for who, seen in (
        (floor.lead, 200), (floor.manager, 200), (a_user("admin"), 200), (floor.me, 200),
        (colleague.user, 404), (a_user("supervisor"), 404), (a_user("planner", floor.site), 404),
        (a_user("qa_analyst", floor.site), 404), (a_user("trainer", floor.site), 404),
        (a_user("manager", a_site()), 404),
    ):  # fmt: skip
        answer = signed_in(who).get(reverse("plan", args=[plan.pk]))
        assert answer.status_code == seen, who
    told = get(floor.me, "plan", plan.pk)
    assert "who leads their team now, who manages the site, and admins" in told
    for name in ("plan_change", "plan_end", "plan_step"):
        assert post(floor.me, name, plan.pk).status_code == 404
    # Who looked the agent can read.
    viewed.settle()
    who_looked = viewed.of_agent(floor.agent).values_list("viewer", "what")
    assert (floor.lead.pk, "coaching") in set(who_looked)
    assert floor.me.pk not in {viewer for viewer, _what in who_looked}
    TeamMembership.objects.filter(agent=floor.agent).update(ends_on=TODAY)
    once = signed_in(type(floor.lead).objects.get(pk=floor.lead.pk))
    assert once.get(reverse("plan", args=[plan.pk])).status_code == 404


def test_when_two_agents_become_one_their_plans_do(floor):
    other = an_agent(floor.site, "Bo")
    mine = a_plan(floor)
    theirs = services.make(other, aim(), floor.manager, NINE)
    names_merged.send(sender=Agent, loser=floor.agent.pk, keeper=other.pk)
    assert set(Plan.objects.values_list("pk", "agent", "state")) == {
        (mine.pk, other.pk, "ended"), (theirs.pk, other.pk, "running"),
    }  # fmt: skip


@pytest.mark.parametrize("many", [1, 8])
def test_pages_ask_the_same_of_one_as_of_many(floor, many, django_assert_max_num_queries):
    plan = a_plan(floor, starts_on=TODAY - 20 * DAY)
    criterion = an_answer(a_review(floor.agent, NINE - DAY), "1")
    a_call(a_queue(floor.site), NINE - 2 * DAY, agent=floor.agent)
    rollups.rebuild()
    for n in range(min(many, 6)):
        services.step(plan, Step(floor.agent, f"Step {n}", TODAY), floor.lead, NINE)
        agent = an_agent(floor.site, f"Agent {n}")
        services.make(agent, aim(), floor.manager, NINE)
    for kpi in ("csat", "fcr", "occupancy"):
        services.step(plan, Step(floor.agent, f"By {kpi}", TODAY, kpi=kpi), floor.lead, NINE)
    services.step(
        plan, Step(floor.agent, "By points", TODAY, criterion=criterion), floor.lead, NINE
    )
    for who, url in (
        (floor.manager, reverse("plans")), (floor.lead, reverse("plan", args=[plan.pk])),
        (floor.me, reverse("plan", args=[plan.pk])), (floor.me, reverse("my_coaching")),
    ):  # fmt: skip
        client = signed_in(who)
        with django_assert_max_num_queries(12):
            assert client.get(url).status_code == 200
    assert "told on the page of its step" in get(floor.me, "plan", plan.pk)
