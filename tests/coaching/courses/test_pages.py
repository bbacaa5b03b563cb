"""The pages of courses: written by trainers, taken on a phone, looked at by who leads."""

import csv
from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from coaching.courses import assigning
from coaching.courses.forms import VersionForm
from coaching.models import (
    Attempt,
    Certificate,
    Course,
    CourseAssignment,
    CourseVersion,
    Question,
)  # fmt: skip
from coaching.views.courses import quiz_of
from tests.builders import NINE, a_site, a_team, a_user, an_agent
from tests.coaching.courses.builders import (
    QUESTIONS,
    a_course,
    a_kind,
    a_version,
    answers,
    assigned,
    current,
    taken,
)
from tests.coaching.library.builders import a_page
from tests.coaching.onboarding.builders import STAGES, a_newcomer, a_path

pytestmark = pytest.mark.django_db


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def text(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture(autouse=True)
def nine():
    with time_machine.travel(NINE, tick=False) as clock:
        yield clock


@pytest.fixture
def site():
    return a_site()


def an_agents_user(site):
    return an_agent(site, user=a_user("agent")).user


def test_a_trainer_writes_a_course_and_an_agent_takes_it_to_its_certificate(site):
    trainer, ann = a_user("trainer", site), an_agents_user(site)
    page, kind = a_page(site, "Refunds"), a_kind(site)
    client = signed_in(trainer)
    answer = client.post(reverse("course_new"), {"site": site.slug, "title": "Refunds, taught"})
    course = Course.objects.get()
    assert answer.url == reverse("course_draft", args=[course.pk])
    add = reverse("course_lesson_new", args=[course.pk])
    client.post(f"{add}?kind=text", {"title": "Read", "body": "# Why\n\n**So.**"})
    client.post(f"{add}?kind=video", {"title": "Watch", "url": "https://video.example/7"})
    client.post(f"{add}?kind=page", {"title": "Look up", "page": page.pk})
    refused = client.post(f"{add}?kind=video", {"title": "No", "url": "javascript:alert(1)"})
    assert list(refused.context["form"].errors) == ["url"]
    ask = reverse("course_question_new", args=[course.pk])
    client.post(ask, {"kind": "single", "words": "Who?", "answers": "* The caller\nAnybody",
                      "why": "It is their money."})  # fmt: skip
    none = client.post(ask, {"kind": "single", "words": "Who?", "answers": "A\nB"})
    assert "none of its answers is right" in text(none)
    client.post(reverse("course_settings", args=[course.pk]), {"gives": kind.pk})
    client.post(reverse("course_publish", args=[course.pk]), {"seen": "0"})
    assert current(course).number == 1
    client.post(reverse("course_assign", args=[course.pk]),
                {"people": [ann.pk], "due_on": "2026-03-09", "words": "Before Monday"})  # fmt: skip
    task = CourseAssignment.objects.get()

    phone = signed_in(ann)
    said = text(phone.get(reverse("my_learning")))
    assert "Refunds, taught" in said
    assert "Before Monday" in said
    for at in (1, 2, 3):
        url = reverse("learning_lesson", args=[task.pk, at])
        lesson = phone.get(url)
        phone.post(url)
    assert "https://video.example/7" in text(
        phone.get(reverse("learning_lesson", args=[task.pk, 2]))
    )
    assert "Say your name." in text(lesson)  # what the page of the library says
    begun = phone.post(reverse("learning_begin", args=[task.pk]))
    question = Question.objects.get()
    left = phone.post(begun.url, {"finish": "yes"})
    assert "Answer this, too." in text(left)
    shown = {words: at for at, words in left.context["form"].fields[f"q{question.pk}"].choices}
    said = {f"q{question.pk}": shown["The caller"], "finish": "yes"}
    done = phone.post(begun.url, said, follow=True)
    assert "Passed" in text(done)
    assert "It is their money." in text(done)
    mine = text(phone.get(reverse("my_learning")))
    assert "Nothing is due" in mine
    assert kind.name in mine
    # Who takes it again, sees the attempt as it was, and so does who leads.
    attempt = Attempt.objects.get()
    assert "their answer" in text(client.get(reverse("course_attempt", args=[attempt.pk])))


@pytest.mark.parametrize("attempts", [None, 2])
def test_what_is_right_is_told_once_it_is_passed_or_no_attempt_is_left(site, attempts, nine):
    ann, trainer = an_agents_user(site), a_user("trainer", site)
    task = assigned(a_course(site, attempts=attempts), ann)
    first = taken(task, right=1)
    url = reverse("learning_attempt", args=[first.pk])
    said = text(signed_in(ann).get(url))
    assert said.count(">wrong<") == 3
    assert "It is the law." in said
    assert "What is right is told once" in said
    assert "GDPR" not in said
    assert "data-right>" not in said
    # Who teaches them is told at once.
    assert "GDPR" in text(signed_in(trainer).get(reverse("course_attempt", args=[first.pk])))
    taken(task, right=4 if attempts is None else 1)
    said = text(signed_in(ann).get(url))
    assert "GDPR, UK GDPR" in said
    assert "What is right is told once" not in said


@pytest.mark.parametrize(("draws", "warned"), [(None, True), (4, True), (3, False)])
def test_it_is_said_before_publishing_where_each_attempt_asks_the_same(site, draws, warned):
    course = a_course(site, published=False, draws=draws)
    answer = signed_in(a_user("trainer", site)).get(reverse("course_publish", args=[course.pk]))
    assert ("Each attempt asks all of these" in text(answer)) is warned


def test_a_trainer_is_told_at_home_what_waits(site, nine, django_assert_max_num_queries):
    trainer = a_user("trainer", site)
    client = signed_in(trainer)
    assert "What waits for you" not in text(client.get(reverse("home")))
    today = NINE.date()
    assigned(a_course(site), an_agents_user(site), today - timedelta(days=1))
    assigned(a_course(site), trainer)
    a_page(site, "Old", review_on=today - timedelta(days=1))
    a_newcomer(an_agent(site), a_path(site, stages=STAGES[1:]))
    a_newcomer(an_agent(site), a_path(site, "Others"))  # their supervisor is asked first
    Certificate.objects.create(
        kind=a_kind(site), user=an_agents_user(site), course=a_course(site), version=1,
        given_on=today - timedelta(days=350), given_at=NINE,
        expires_on=today + timedelta(days=5), warn_from=today - timedelta(days=1), is_current=True,
    )  # fmt: skip
    elsewhere = a_site()
    a_page(elsewhere, "Theirs", review_on=today - timedelta(days=1))
    with django_assert_max_num_queries(12):
        said = text(client.get(reverse("home")))
    for words in (
        "1 course is to be taken by you",
        "1 newcomer is at a stage that a trainer signs off",
        "1 course of somebody is overdue",
        "1 certificate ends soon, or is over",
        "1 page of the library is overdue for review",
    ):
        assert words in said


def test_a_lesson_of_a_version_that_was_replaced_meanwhile_is_not_gone_through(site):
    ann = an_agents_user(site)
    course = a_course(site)
    task, before = assigned(course, ann), current(course).lessons.get()
    a_version(course, 2)
    url = reverse("learning_lesson", args=[task.pk, 1])
    told = signed_in(ann).post(url, {"lesson": before.pk}, follow=True)
    assert "The course has changed meanwhile" in text(told)
    assert not task.lessons_done.exists()
    signed_in(ann).post(url, {"lesson": current(course).lessons.get().pk})
    assert task.lessons_done.count() == 1


def test_what_was_said_is_kept_for_later(site):
    ann = an_agents_user(site)
    task = assigned(a_course(site, lessons=0), ann)
    phone = signed_in(ann)
    begun = phone.post(reverse("learning_begin", args=[task.pk])).url
    attempt = Attempt.objects.get()
    said = {f"q{pk}": words for pk, words in answers(attempt, 4).items()}
    phone.post(begun, said | {"keep": "yes"})
    form = phone.get(begun).context["form"]
    assert {name: form.initial[name] for name in said} == {
        name: words if len(words) > 1 else words[0] for name, words in said.items()
    }
    assert "Go on with the quiz" in text(phone.get(reverse("learning", args=[task.pk])))


def test_the_page_of_a_quiz_tells_by_nothing_which_answer_is_right(site):
    """The right answers are the first of the bank; what is sent for them is not."""
    ann = an_agents_user(site)
    choices = ("single", "Who?", [["Caller", True], ["Anybody", False], ["Nobody", False]])
    both = ("multiple", "What?", [["Name", True], ["Birth", True], ["Age", False]])
    course = a_course(site, lessons=0, questions=(choices, both), shuffles=True)
    task = assigned(course, ann)
    phone = signed_in(ann)
    url = phone.post(reverse("learning_begin", args=[task.pk])).url
    one, several = Question.objects.order_by("place")
    attempt, first = Attempt.objects.get(), set()
    for attempt.seed in "abcdefghijklmnop":
        offered = quiz_of(attempt).fields[f"q{one.pk}"].choices
        assert [at for at, _words in offered] == ["0", "1", "2"]
        first.add(offered[0][1])
    # Sixteen times the same of three: once in fourteen millions.
    assert len(first) > 1
    fields = phone.get(url).context["form"].fields
    offered = fields[f"q{one.pk}"].choices
    # By the places at which they are shown they are kept, shown again, and right.
    places = {words: at for at, words in offered}
    said = {f"q{one.pk}": places["Caller"]}
    phone.post(url, said | {"keep": "yes"})
    form = phone.get(url).context["form"]
    assert form.initial[f"q{one.pk}"] == places["Caller"]
    places = {words: at for at, words in fields[f"q{several.pk}"].choices}
    said[f"q{several.pk}"] = [places["Birth"], places["Name"]]
    assert "2 of 2 right" in text(phone.post(url, said | {"finish": "yes"}, follow=True))
    assert Attempt.objects.get().passed


def test_nobody_takes_what_another_is_to_take(site):
    ann, bob = an_agents_user(site), an_agents_user(site)
    task = assigned(a_course(site), ann)
    attempt = taken(task, right=1)
    other = signed_in(bob)
    for url in (
        reverse("learning", args=[task.pk]),
        reverse("learning_lesson", args=[task.pk, 1]),
        reverse("learning_attempt", args=[attempt.pk]),
        reverse("course_learner", args=[task.pk]),
        reverse("course_attempt", args=[attempt.pk]),
    ):
        assert other.get(url).status_code == 404, url
    assert other.post(reverse("learning_begin", args=[task.pk])).status_code == 404


def test_a_supervisor_sees_own_people_alone_and_assigns_them_alone(site):
    lead, ann, bob = a_user("supervisor"), an_agents_user(site), an_agents_user(site)
    team = a_team(site, lead, ann.agent)
    course = a_course(site)
    mine, theirs = assigned(course, ann), assigned(course, bob)
    client = signed_in(lead)
    page = client.get(reverse("course", args=[course.pk]))
    assert [row.user for row in page.context["table"].data.data] == [ann]
    assert page.context["stands"]["open"] == 1
    assert client.get(reverse("course_learner", args=[mine.pk])).status_code == 200
    assert client.get(reverse("course_learner", args=[theirs.pk])).status_code == 404
    assert client.post(reverse("course_drop", args=[theirs.pk])).status_code == 404
    # More attempts are given by who writes courses.
    assert client.post(reverse("course_grant", args=[mine.pk])).status_code == 404
    url = reverse("course_assign", args=[a_course(site).pk])
    refused = client.post(url, {"people": [bob.pk], "due_on": "2026-03-09"})
    assert list(refused.context["form"].errors) == ["people"]
    assert client.post(url, {"team": team.pk, "due_on": "2026-03-09"}).status_code == 302
    assert CourseAssignment.objects.order_by("pk").last().user == ann


def test_people_stand_in_the_order_of_their_names_as_they_are_shown(site):
    named = [("Zara Greenwood", ""), ("Holly", "Abara"), ("", "Crossley"), ("adam", "Zimmer")]
    for first, last in named:
        user = an_agents_user(site)
        user.first_name, user.last_name = first, last
        user.save()
    url = reverse("course_assign", args=[a_course(site).pk])
    form = signed_in(a_user("manager", site)).get(url).context["form"]
    shown = [str(one) for one in form.fields["people"].queryset]
    assert [one for one in shown if not one.startswith("manager")] == [
        "adam Zimmer", "Crossley", "Holly Abara", "Zara Greenwood",
    ]  # fmt: skip


def test_a_trainer_does_not_call_off_their_own(site):
    trainer = a_user("trainer", site)
    task = assigned(a_course(site), trainer)
    client = signed_in(trainer)
    assert client.post(reverse("course_drop", args=[task.pk])).status_code == 404
    assert client.post(reverse("course_grant", args=[task.pk]), {"seen": "0"}).status_code == 404
    page = text(client.get(reverse("course", args=[task.course_id])))
    assert reverse("course_learner", args=[task.pk]) not in page


def test_who_is_overdue_is_told_and_taken_along(site, nine):
    ann, bob = an_agents_user(site), an_agents_user(site)
    course = a_course(site)
    assigned(course, ann)
    assigned(course, bob, NINE.date() + timedelta(days=60))
    nine.shift(timedelta(days=20))
    client = signed_in(a_user("manager", site))
    url = reverse("course", args=[course.pk]) + "?state=overdue"
    page = client.get(url)
    assert [row.user for row in page.context["table"].data.data] == [ann]
    assert page.context["stands"] == {"open": 2, "overdue": 1, "done": 0}
    answer = client.get(reverse("course_csv", args=[course.pk]) + "?state=all")
    lines = list(csv.reader(answer.getvalue().decode("utf-8-sig").splitlines()))
    assert [(line[1], line[8]) for line in lines[1:]] == [
        (ann.username, "yes"), (bob.username, "no")
    ]  # fmt: skip
    assert "1 course is overdue" in text(signed_in(ann).get(reverse("my_learning")))
    # Where nobody is in a state, who is in another is not forgotten.
    nobody = text(client.get(reverse("course", args=[course.pk]) + "?state=done"))
    assert "Nobody is in this state" in nobody
    assert "Say by hand" not in nobody
    assert "Say by hand" in text(client.get(reverse("course", args=[a_course(site).pk])))


def test_an_attempt_that_is_under_way_is_not_told_as_left(site):
    ann = an_agents_user(site)
    task = assigned(a_course(site, lessons=0, attempts=2), ann)
    phone, url = signed_in(ann), reverse("learning", args=[task.pk])
    assert "2 attempts are left" in text(phone.get(url))
    phone.post(reverse("learning_begin", args=[task.pk]))
    assert "left" not in text(phone.get(url)).split("<main")[1].split("</main")[0]
    taken(task, right=0)
    assert "1 attempt is left" in text(phone.get(url))


def test_without_an_attempt_left_the_learner_is_told_whom_to_ask(site):
    ann = an_agents_user(site)
    task = assigned(a_course(site, attempts=1), ann)
    taken(task, right=0)
    for url in (reverse("my_learning"), reverse("learning", args=[task.pk])):
        assert "ask your trainer" in text(signed_in(ann).get(url))


def test_a_withdrawn_course_is_taken_by_nobody_until_it_is_back(site):
    ann, trainer = an_agents_user(site), a_user("trainer", site)
    task = assigned(a_course(site), ann)
    client = signed_in(trainer)
    client.post(reverse("course_withdraw", args=[task.course_id]))
    phone = signed_in(ann)
    assert phone.get(reverse("learning", args=[task.pk])).status_code == 404
    assert "Nothing is due" in text(phone.get(reverse("my_learning")))
    client.post(reverse("course_withdraw", args=[task.course_id]), {"back": "yes"})
    assert phone.get(reverse("learning", args=[task.pk])).status_code == 200


def test_the_question_that_everybody_fails_is_named(site):
    course = a_course(site, lessons=0, questions=QUESTIONS[:1])
    for _ in range(10):
        taken(assigned(course, an_agents_user(site)), right=0)
    page = text(signed_in(a_user("trainer", site)).get(
        reverse("course_questions", args=[course.pk])
    ))  # fmt: skip
    assert "1 question tells nobody apart" in page
    assert "everybody fails it" in page
    # Who leads one of them is told of that one.
    lead = a_user("supervisor")
    a_team(site, lead, Attempt.objects.first().assignment.user.agent)
    answer = signed_in(lead).get(reverse("course_questions", args=[course.pk]))
    (row,) = answer.context["rows"]
    assert (row["rate"].asked, row["rate"].right) == (1, 0)


def test_what_ends_is_renewed_and_what_is_for_who_wants_it_is_taken_up_by_oneself(site, nine):
    ann, bob = an_agents_user(site), an_agents_user(site)
    course, other = a_course(site, gives=a_kind(site)), a_course(site, "Tone")
    taken(assigned(course, ann))  # to 1 March 2027
    phone, take = signed_in(ann), reverse("learning_take", args=[course.pk])
    assert "Renew it now" not in text(phone.get(reverse("my_learning")))
    assert phone.post(take).status_code == 404
    Certificate.objects.update(expires_on=date(2026, 3, 12), warn_from=date(2026, 2, 11),
                               given_on=date(2025, 3, 12))  # fmt: skip
    Course.objects.filter(pk=other.pk).update(is_open=True)
    said = text(phone.get(reverse("my_learning")))
    assert "Renew it now" in said
    assert "For who wants it" in said
    begun = phone.post(take)
    assert phone.post(take).url == begun.url  # sent twice, it is one
    task = CourseAssignment.objects.get(state="open")
    assert (task.user, task.source, task.due_on) == (ann, "renewal", date(2026, 3, 11))
    assert assigning.due(NINE) == 0
    assert "Renew it now" not in text(phone.get(reverse("my_learning")))
    # Somebody without one does not renew it; the other is for everybody, and left again.
    assert signed_in(bob).post(take).status_code == 404
    wanted = signed_in(bob).post(reverse("learning_take", args=[other.pk]))
    own = CourseAssignment.objects.get(user=bob)
    assert (wanted.url, own.source) == (reverse("learning", args=[own.pk]), "own")
    assert phone.post(reverse("learning_leave", args=[task.pk])).status_code == 404
    signed_in(bob).post(reverse("learning_leave", args=[own.pk]))
    own.refresh_from_db()
    assert own.state == "dropped"


@pytest.mark.parametrize("many", [1, 8])
def test_pages_ask_the_same_of_few_as_of_many(site, many, django_assert_max_num_queries):
    lead, ann = a_user("supervisor"), an_agents_user(site)
    people = [ann, *(an_agents_user(site) for _ in range(many - 1))]
    a_team(site, lead, *(one.agent for one in people))
    course = a_course(site)
    for one in people:
        taken(assigned(course, one), right=1)
    for _ in range(many):
        taken(assigned(a_course(site), ann), right=4)
        taken(assigned(a_course(site, lessons=2), ann), right=0)
    urls = (
        (lead, reverse("courses")),
        (lead, reverse("course", args=[course.pk])),
        (lead, reverse("course_questions", args=[course.pk])),
        (ann, reverse("my_learning")),
        (ann, reverse("learning", args=[CourseAssignment.objects.first().pk])),
        (ann, reverse("learning_attempt", args=[Attempt.objects.first().pk])),
    )
    for user, url in urls:
        client = signed_in(user)
        with django_assert_max_num_queries(12):
            assert client.get(url).status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [("pass_percent", "1000"), ("pass_percent", "0"), ("attempts", "0"), ("draws", "0"),
     ("pause_hours", "99999")],
)  # fmt: skip
def test_a_number_that_makes_no_sense_is_said_beside_its_field(name, value):
    draft = CourseVersion(title="Returns", pass_percent=80)
    said = {"title": "Returns", "pass_percent": "80", "pause_hours": "0", "seen": "0"}
    assert VersionForm(draft, said).is_valid()
    form = VersionForm(draft, said | {name: value})
    assert list(form.errors) == [name]
