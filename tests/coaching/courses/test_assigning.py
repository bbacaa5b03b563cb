"""Who is to take a course: by hand, by rules, as it changed, to renew what it gave."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError

from ccm.models import Agent, AuditEntry
from coaching.courses import assigning, people, writing
from coaching.models import Course, CourseAssignment, CourseRule
from qa.models import Answer, CardCriterion
from tests.builders import NINE, a_call, a_queue, a_site, a_team, a_user, an_agent
from tests.coaching.courses.builders import (
    FUTURE,
    a_course,
    a_kind,
    a_version,
    assigned,
    taken,
)
from tests.qa.builders import a_card, an_evaluation

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def site():
    return a_site()


def an_agents_user(site, **more):
    user = a_user("agent")
    agent = an_agent(site, user=user)
    Agent.objects.filter(pk=agent.pk).update(**more)
    return user


def a_rule(course, kind, **more):
    said = {"due_days": 14, "made_at": NINE, **more}
    return CourseRule.objects.create(course=course, kind=kind, **said)


def told(course):
    rows = course.assignments.order_by("pk")
    return [(one.user, one.source, one.state, one.due_on) for one in rows]


def test_by_hand_people_take_it_once_and_a_course_out_of_use_nobody(site):
    course, boss = a_course(site), a_user("trainer", site)
    ann, bob = an_agents_user(site), an_agents_user(site)
    assert assigning.by_hand(course, [ann, bob, ann], FUTURE, "Please", boss, NINE) == 2
    assert assigning.by_hand(course, [ann], FUTURE + DAY, "", boss, NINE) == 0
    assert told(course) == [(ann, "hand", "open", FUTURE), (bob, "hand", "open", FUTURE)]
    assert AuditEntry.objects.filter(model="coaching.courseassignment").count() == 2
    Course.objects.filter(pk=course.pk).update(retired_at=NINE)
    with pytest.raises(ValidationError, match="not in use"):
        assigning.by_hand(course, [an_agents_user(site)], FUTURE, "", boss, NINE)


def test_by_role_everybody_of_it_at_the_site_is_told_once(site):
    course = a_course(site)
    a_rule(course, "role", role=Group.objects.get(name="agent"))
    ann = an_agents_user(site)
    an_agents_user(site, left_on=NINE.date())
    an_agents_user(a_site())
    a_user("trainer", site)
    assert assigning.due(NINE) == 1
    assert told(course) == [(ann, "role", "open", NINE.date() + 14 * DAY)]
    assert assigning.due(NINE + DAY) == 0
    # Called off, or passed, nobody is told by the same rule again.
    assigning.drop(course.assignments.get().pk, a_user("trainer", site), NINE)
    assert assigning.due(NINE + 2 * DAY) == 0
    # A supervisor is of the site whose team they lead.
    course = a_course(site)
    a_rule(course, "role", role=Group.objects.get(name="supervisor"))
    lead = a_user("supervisor")
    a_team(site, lead)
    assert assigning.of_course(course, NINE) == 1
    assert course.assignments.get().user == lead


def test_whoever_passed_it_by_hand_is_not_told_by_role(site):
    course = a_course(site)
    taken(assigned(course, an_agents_user(site)))
    a_rule(course, "role", role=Group.objects.get(name="agent"))
    assert assigning.due(NINE + DAY) == 0


def test_who_is_hired_is_told_so_many_days_after_and_who_was_before_is_not(site):
    course = a_course(site)
    a_rule(course, "hired", days=7, since=date(2026, 3, 1))
    new = an_agents_user(site, hired_on=date(2026, 3, 2))
    an_agents_user(site, hired_on=date(2026, 2, 28))
    an_agents_user(site)
    assert assigning.due(NINE + 6 * DAY) == 0
    assert assigning.due(NINE + 7 * DAY) == 1  # the ninth
    assert told(course) == [(new, "hired", "open", date(2026, 3, 23))]


def a_miss(agent, criterion, at, share="0", state="released"):
    """A review in which a criterion lost all of its points, unless said."""
    queue = a_queue(agent.site)
    made = an_evaluation(a_call(queue, agent=agent), version=criterion.card.versions.get())
    released = at if state == "released" else None
    type(made).objects.filter(pk=made.pk).update(
        state=state, finished_at=at, released_at=released, share="0.5"
    )
    Answer.objects.create(evaluation=made, criterion=criterion, value="no", share=share)


def test_who_missed_a_criterion_so_often_in_released_reviews_is_told_and_again_for_new_ones(site):
    course = a_course(site)
    criterion = CardCriterion.objects.filter(card=a_card(site)).first()
    a_rule(course, "missed", criterion=criterion, times=2, days=30)
    ann, bob = an_agents_user(site), an_agents_user(site)
    a_miss(ann.agent, criterion, NINE - 40 * DAY)  # too long ago
    a_miss(ann.agent, criterion, NINE - 3 * DAY)
    a_miss(ann.agent, criterion, NINE - 2 * DAY, state="finished")  # not released
    a_miss(ann.agent, criterion, NINE - 2 * DAY, share="1")  # all of its points
    a_miss(bob.agent, criterion, NINE - 2 * DAY)
    assert assigning.due(NINE) == 0
    a_miss(ann.agent, criterion, NINE - DAY)
    assert assigning.due(NINE) == 1
    assert told(course) == [(ann, "missed", "open", NINE.date() + 14 * DAY)]
    taken(course.assignments.get(), at=NINE + DAY)
    # The same reviews do not tell her twice; two new ones do.
    assert assigning.due(NINE + 2 * DAY) == 0
    a_miss(ann.agent, criterion, NINE + 2 * DAY)
    assert assigning.due(NINE + 3 * DAY) == 0
    a_miss(ann.agent, criterion, NINE + 3 * DAY)
    assert assigning.due(NINE + 4 * DAY) == 1


def test_a_version_to_be_taken_anew_is_for_those_who_passed_an_earlier_one(site):
    course = a_course(site)
    ann, bob = an_agents_user(site), an_agents_user(site)
    taken(assigned(course, ann))
    assigned(course, bob)
    a_version(course, 2, at=NINE + DAY)
    assert assigning.due(NINE + DAY) == 0  # a small change
    a_version(course, 3, at=NINE + 2 * DAY, is_anew=True)
    assert assigning.due(NINE + 2 * DAY) == 1
    assert told(course)[2:] == [(ann, "changed", "open", date(2026, 3, 18))]
    taken(course.assignments.last(), at=NINE + 3 * DAY)
    assert assigning.due(NINE + 4 * DAY) == 0


def test_a_certificate_is_to_be_renewed_from_when_its_end_is_told_of(site):
    course = a_course(site, gives=a_kind(site))
    ann = an_agents_user(site)
    taken(assigned(course, ann))  # valid to 1 March 2027, told of from 31 January
    assert assigning.due(NINE.replace(year=2027, month=1, day=30)) == 0
    near = NINE.replace(year=2027, month=1, day=31)
    assert assigning.due(near) == 1
    assert assigning.due(near + DAY) == 0
    assert told(course)[1:] == [(ann, "renewal", "open", date(2027, 3, 1))]
    taken(course.assignments.last(), at=near + 2 * DAY)
    assert assigning.due(near + 3 * DAY) == 0
    # A year later, anew.
    assert assigning.due(near.replace(year=2028)) == 1


def test_one_course_that_fails_holds_up_none_of_the_others(site, monkeypatch):
    broken, course = a_course(site), a_course(site)
    for one in (broken, course):
        a_rule(one, "role", role=Group.objects.get(name="agent"))
    an_agents_user(site)
    whole = assigning.of_course

    def failing(one, now):
        if one == broken:
            raise RuntimeError
        return whole(one, now)

    monkeypatch.setattr(assigning, "of_course", failing)
    assert assigning.due(NINE) == 1
    assert CourseAssignment.objects.get().course == course


def test_everybody_of_a_site_is_who_works_leads_or_has_a_role_there(site):
    ann, boss, lead = an_agents_user(site), a_user("manager", site), a_user("supervisor")
    a_team(site, lead)
    an_agents_user(a_site())
    a_user("manager", a_site())
    a_user("admin", site)
    assert set(people.of_site(site, NINE)) == {ann, boss, lead}


def test_a_rule_is_kept_once_and_its_assignments_outlive_it(site):
    course, boss = a_course(site), a_user("trainer", site)
    said = {"course": course, "kind": "role", "role": Group.objects.get(name="agent")}
    rule = assigning.add_rule(CourseRule(**said), boss, NINE)
    with pytest.raises(ValidationError, match="such a rule"):
        assigning.add_rule(CourseRule(**said), boss, NINE)
    an_agents_user(site)
    assigning.due(NINE)
    assert assigning.remove_rule(course.pk, rule.pk, boss, NINE)
    assert not assigning.remove_rule(course.pk, rule.pk, boss, NINE)
    assert course.assignments.get().rule is None
    assert AuditEntry.objects.filter(model="coaching.courserule").count() == 2


def test_a_published_version_is_frozen_and_the_next_begins_with_what_it_says(site):
    boss = a_user("trainer", site)
    course = writing.make(site, {"title": "Refunds"}, boss, NINE)
    assert writing.make(site, {"title": "Refunds"}, boss, NINE) == course
    with pytest.raises(ValidationError, match="neither a lesson nor a question"):
        writing.publish(course.pk, "", 0, boss, NINE, is_anew=False)
    said = {"kind": "text", "title": "Why", "body": "So.", "url": "", "page": None}
    lesson = writing.keep_lesson(course.pk, None, said, -1)
    assert writing.keep_lesson(course.pk, None, said, -1) == lesson
    wrong = {
        "kind": "single", "words": "Who?", "why": "", "answers": [["A", False], ["B", False]],
        "tolerance": 0,
    }  # fmt: skip
    question = writing.keep_question(course.pk, None, wrong, -1)
    with pytest.raises(ValidationError, match="none of its answers is right"):
        writing.publish(course.pk, "", 0, boss, NINE, is_anew=False)
    right = wrong | {"answers": [["A", True], ["B", False]]}
    writing.keep_question(course.pk, question.pk, right, 0)
    with pytest.raises(writing.Stale):
        writing.keep_question(course.pk, question.pk, wrong, 0)
    first = writing.publish(course.pk, "", 0, boss, NINE, is_anew=True)
    assert (first.is_current, first.is_anew) == (True, False)  # nobody passed one before
    with pytest.raises(writing.Stale):
        writing.keep_lesson(course.pk, lesson.pk, said, 0)
    draft = writing.begin(course.pk, boss, NINE)
    assert writing.begin(course.pk, boss, NINE) == draft
    assert [one.words for one in draft.questions.all()] == ["Who?"]
    with pytest.raises(ValidationError, match="Say what changed"):
        writing.publish(course.pk, "", 0, boss, NINE, is_anew=True)
    second = writing.publish(course.pk, "Clearer", 0, boss, NINE, is_anew=True)
    assert writing.publish(course.pk, "Clearer", 0, boss, NINE, is_anew=True) == second
    assert (second.number, second.is_anew) == (2, True)
    assert Course.objects.get().versions.filter(is_current=True).get() == second
