"""Taking a course: lessons, attempts, what passing does."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from ccm.models import AuditEntry
from coaching.courses import assigning, reads, taking
from coaching.models import Attempt, Certificate, CourseAssignment
from tests.builders import NINE, a_site, a_user, an_agent
from tests.coaching.courses.builders import (
    QUESTIONS,
    a_course,
    a_kind,
    a_version,
    answers,
    assigned,
    current,
    taken,
    went_through,
)

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def me():
    agent = an_agent(a_site(), user=a_user("agent"))
    return agent.user


@pytest.fixture
def site(me):
    return me.agent.site


def test_the_quiz_opens_once_all_lessons_are_gone_through(site, me):
    course = a_course(site, lessons=2)
    one = assigned(course, me)
    first, second = current(course).lessons.order_by("place")
    taking.go_through(one, first, NINE)
    with pytest.raises(ValidationError, match="all of its lessons"):
        taking.begin(one.pk, current(course), NINE)
    taking.go_through(one, second, NINE)
    taking.go_through(one, second, NINE + HOUR)  # said twice, it is said once
    attempt = taking.begin(one.pk, current(course), NINE)
    assert one.lessons_done.count() == 2
    assert (attempt.number, attempt.asked, attempt.finished_at) == (1, 4, None)
    assert taking.begin(one.pk, current(course), NINE) == attempt


def test_passing_ends_the_assignment_and_gives_what_the_course_gives(site, me):
    course = a_course(site, gives=a_kind(site), pass_percent=75)
    one = assigned(course, me)
    attempt = taken(one, right=3)
    assert (attempt.right, attempt.asked, attempt.passed) == (3, 4, True)
    one.refresh_from_db()
    assert (one.state, one.ended_at) == ("done", NINE + HOUR)
    held = Certificate.objects.get()
    assert (held.user, held.kind, held.version) == (me, course.gives, 1)
    # A year on, and told of thirty days ahead.
    assert (held.given_on, held.expires_on) == (NINE.date(), date(2027, 3, 2))
    assert held.warn_from == date(2027, 1, 31)
    # Sent again, nothing changes.
    again = taking.finish(attempt.pk, answers(attempt, 0), NINE + 2 * HOUR)
    assert (again.right, again.finished_at) == (3, NINE + HOUR)
    assert Certificate.objects.count() == 1
    assert AuditEntry.objects.filter(model="coaching.certificate").count() == 1


def test_whoever_fails_may_try_again_after_the_pause_until_no_attempt_is_left(site, me):
    course = a_course(site, attempts=2, pause_hours=24)
    one = assigned(course, me)
    assert not taken(one, right=2).passed
    with pytest.raises(ValidationError, match="pause"):
        taking.begin(one.pk, current(course), NINE + 20 * HOUR)
    assert not taken(one, right=2, at=NINE + 25 * HOUR).passed
    with pytest.raises(ValidationError, match="No attempt is left"):
        taking.begin(one.pk, current(course), NINE + 100 * HOUR)
    one.refresh_from_db()
    assert one.state == "open"
    # A trainer gives another: once, however often it is sent.
    boss = a_user("trainer", site)
    assert assigning.grant(one.pk, 0, boss, NINE)
    assert not assigning.grant(one.pk, 0, boss, NINE)
    assert taken(one, right=4, at=NINE + 100 * HOUR).passed
    assert [each.number for each in one.attempts.all()] == [1, 2, 3]


def test_what_is_left_or_cannot_be_read_is_told_and_nothing_is_scored(site, me):
    one = assigned(a_course(site, lessons=0), me)
    attempt = taking.begin(one.pk, current(one.course), NINE)
    said = answers(attempt, 4)
    number = attempt.version.questions.get(kind="number")
    word = attempt.version.questions.get(kind="text")
    said[number.pk], said[word.pk] = ["about 20"], ["  "]
    with pytest.raises(ValidationError) as refused:
        taking.finish(attempt.pk, said, NINE)
    assert set(refused.value.message_dict) == {f"q{number.pk}", f"q{word.pk}"}
    attempt.refresh_from_db()
    assert attempt.finished_at is None
    # Kept for later, what was said stays, and a place that no answer has is passed over.
    single = attempt.version.questions.get(kind="single")
    taking.keep(attempt.pk, {single.pk: ["7"], word.pk: ["GDPR"]}, NINE)
    kept = {one.question_id: one.said for one in attempt.answers.all()}
    assert (kept[single.pk], kept[word.pk]) == ([], ["GDPR"])
    assert not attempt.answers.exclude(is_right=None).exists()


def test_an_attempt_keeps_its_version_and_its_order_when_the_course_changes(site, me):
    course = a_course(site, lessons=0, shuffles=True, draws=3)
    one = assigned(course, me)
    attempt = taking.begin(one.pk, current(course), NINE)
    asked = [each.pk for each in taking.questions_of(attempt)]
    assert len(asked) == 3
    a_version(course, 2, lessons=0, questions=QUESTIONS[:1])
    again = Attempt.objects.select_related("version").get(pk=attempt.pk)
    assert [each.pk for each in taking.questions_of(again)] == asked
    assert taking.begin(one.pk, current(course), NINE) == attempt
    done = taking.finish(attempt.pk, answers(attempt, 4), NINE)
    assert (done.version.number, done.right, done.passed) == (1, 3, True)


def test_a_course_without_questions_is_passed_by_going_through_it(site, me):
    one = assigned(a_course(site, questions=()), me)
    went_through(one)
    attempt = taking.begin(one.pk, current(one.course), NINE)
    assert (attempt.asked, attempt.passed, attempt.finished_at) == (0, True, NINE)
    one.refresh_from_db()
    assert one.state == "done"


def test_renewed_the_certificate_of_before_counts_no_more(site, me):
    course = a_course(site, gives=a_kind(site))
    taken(assigned(course, me))
    taken(assigned(course, me), at=NINE + timedelta(days=300))
    old, new = Certificate.objects.order_by("pk")
    assert (old.is_current, old.withdrawn_at, new.is_current) == (False, None, True)
    assert new.expires_on == date(2027, 12, 27)  # 27 Dec 2026 and a year


def test_what_must_never_be_is_refused_by_the_database(site, me):
    one = assigned(a_course(site, lessons=0), me)
    with pytest.raises(IntegrityError), transaction.atomic():
        assigned(one.course, me)
    with pytest.raises(IntegrityError), transaction.atomic():
        CourseAssignment.objects.filter(pk=one.pk).update(state="done")
    attempt = taking.begin(one.pk, current(one.course), NINE)
    for wrong in ({"passed": True}, {"right": 5}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Attempt.objects.filter(pk=attempt.pk).update(**wrong)


def test_a_question_that_nobody_fails_is_named_by_first_attempts_alone(site, me):
    course = a_course(site, lessons=0)
    people = [an_agent(site, user=a_user("agent")).user for _ in range(10)]
    for one in people:
        task = assigned(course, one)
        taken(task, right=2)  # the third and fourth are wrong
        taken(task, right=4, at=NINE + 2 * HOUR)  # and right, once they were told
    told = {
        one.question.kind: one.rate
        for one in reads.answered(a_user("admin"), course, current(course))
    }
    assert [(rate.asked, rate.right) for rate in told.values()] == [
        (10, 10), (10, 10), (10, 0), (10, 0)
    ]  # fmt: skip
    assert told["single"].verdict == "nobody_fails"
    assert told["text"].verdict == "everybody_fails"
