"""Onboarding: who is sent on a path, what is signed off by whom, and when live calls begin."""

import csv
from datetime import date, timedelta
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from ccm.models import Agent, AuditEntry, TeamMembership
from ccm.signals import names_merged
from coaching.courses import assigning
from coaching.models import CourseAssignment, Newcomer, OnboardingPath, StageSign
from coaching.onboarding import reads, services
from coaching.onboarding.services import Signed
from tests.builders import NINE, a_site, a_team, a_user, an_agent
from tests.coaching.courses.builders import a_course, assigned, taken
from tests.coaching.library.builders import a_page, current, read_by
from tests.coaching.onboarding.builders import STAGES, a_newcomer, a_path

pytestmark = pytest.mark.django_db

TODAY = NINE.date()
DAY = timedelta(days=1)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def text(answer):
    return " ".join(answer.content.decode().split())


class Floor:
    def __init__(self):
        self.site = a_site()
        self.lead, self.trainer = a_user("supervisor"), a_user("trainer", self.site)
        self.ann = an_agent(self.site, "Ann", user=a_user("agent"))
        self.team = a_team(self.site, self.lead, self.ann)

    def stage(self, newcomer, kind):
        return newcomer.path.stages.get(kind=kind).pk


@pytest.fixture
def floor():
    with time_machine.travel(NINE, tick=False):
        yield Floor()


def test_who_leads_a_team_is_offered_no_mentor_of_another(floor):
    bea, eve = an_agent(floor.site, "Bea"), an_agent(floor.site, "Eve")
    a_team(floor.site, a_user("supervisor"), eve)
    TeamMembership.objects.create(agent=bea, team=floor.team, starts_on=TODAY)
    path = a_path(floor.site)
    address = reverse("onboarding_start") + f"?site={floor.site.slug}"
    said = {"agent": floor.ann.pk, "path": path.pk, "starts_on": "2026-03-02", "mentor": eve.pk}
    client = signed_in(floor.lead)
    page = text(client.get(address))
    assert ">Bea<" in page
    assert ">Eve<" not in page
    assert client.post(address, said).status_code == 200
    assert not Newcomer.objects.exists()
    assert client.post(address, said | {"mentor": bea.pk}).status_code == 302
    # Who keeps the site's courses names anybody there.
    assert ">Eve<" in text(signed_in(floor.trainer).get(address))


def test_stages_are_signed_off_by_whom_they_are_and_live_calls_come_last(floor):
    one = a_newcomer(floor.ann, a_path(floor.site))
    sit, play, live = (floor.stage(one, kind) for kind in ("shadow", "roleplay", "live"))
    with pytest.raises(ValidationError, match="all that comes before them"):
        services.sign(one.pk, live, Signed(TODAY), floor.lead, NINE)
    with pytest.raises(ValidationError, match="not yours"):
        services.sign(one.pk, play, Signed(TODAY), floor.lead, NINE)
    with pytest.raises(ValidationError, match="not yours"):
        services.sign(one.pk, sit, Signed(TODAY, 10), floor.ann.user, NINE)
    with pytest.raises(ValidationError, match="10 are asked for"):
        services.sign(one.pk, sit, Signed(TODAY, 9), floor.lead, NINE)
    for day in (TODAY - DAY, TODAY + DAY):
        with pytest.raises(ValidationError, match="Not before"):
            services.sign(one.pk, sit, Signed(day, 10), floor.lead, NINE)
    first = services.sign(one.pk, sit, Signed(TODAY, 12, "Bea"), floor.lead, NINE)
    # Sent twice, the first stands.
    assert services.sign(one.pk, sit, Signed(TODAY, 99), floor.lead, NINE) == first
    services.sign(one.pk, play, Signed(TODAY), floor.trainer, NINE)
    one.refresh_from_db()
    assert one.state == "on"
    services.sign(one.pk, live, Signed(TODAY), floor.lead, NINE)
    one.refresh_from_db()
    assert (one.state, one.ended_at) == ("done", NINE)
    assert AuditEntry.objects.filter(model="coaching.stagesign").count() == 3
    assert not services.take_back(one.pk, play, floor.trainer, NINE)


def test_what_comes_after_live_calls_is_signed_off_before_them_where_that_is_meant(floor):
    talk = {"kind": "other", "title": "Talk", "signer": "supervisor", "is_gate": False}
    one = a_newcomer(floor.ann, a_path(floor.site, stages=(*STAGES, talk)))
    last = one.path.stages.get(title="Talk").pk
    with pytest.raises(ValidationError, match="say that it is meant"):
        services.sign(one.pk, last, Signed(TODAY), floor.lead, NINE)
    client = signed_in(floor.lead)
    url = reverse("onboarding_sign", args=[one.pk, last])
    assert "say that it is meant" in client.post(url, {"done_on": TODAY}).content.decode()
    assert not StageSign.objects.exists()
    assert client.post(url, {"done_on": TODAY, "early": "on"}).status_code == 302
    assert StageSign.objects.get().stage_id == last


def test_what_is_taken_back_is_to_be_signed_off_again(floor):
    one = a_newcomer(floor.ann, a_path(floor.site))
    play = floor.stage(one, "roleplay")
    services.sign(one.pk, play, Signed(TODAY), floor.trainer, NINE)
    with pytest.raises(ValidationError, match="not yours"):
        services.take_back(one.pk, play, floor.lead, NINE)
    assert services.take_back(one.pk, play, floor.trainer, NINE)
    assert not services.take_back(one.pk, play, floor.trainer, NINE)
    assert not StageSign.objects.exists()


def test_a_course_is_signed_off_once_it_is_passed_and_a_page_once_it_is_read(floor):
    course, page = a_course(floor.site), a_page(floor.site)
    path = a_path(floor.site, stages=(
        {"kind": "course", "title": "Law", "course": course, "signer": "trainer"},
        {"kind": "reading", "title": "Read", "page": page, "signer": "trainer"},
    ))  # fmt: skip
    one = services.start(path, floor.ann, TODAY, None, floor.trainer, NINE)
    assert services.start(path, floor.ann, TODAY, None, floor.trainer, NINE) == one
    task = CourseAssignment.objects.get()
    assert (task.user, task.due_on, task.words) == (floor.ann.user, date(2026, 3, 16), path.name)
    law, read = (floor.stage(one, kind) for kind in ("course", "reading"))
    with pytest.raises(ValidationError, match="not passed yet"):
        services.sign(one.pk, law, Signed(TODAY), floor.trainer, NINE)
    with pytest.raises(ValidationError, match="not said yet"):
        services.sign(one.pk, read, Signed(TODAY), floor.trainer, NINE)
    taken(task)
    read_by(floor.ann.user, current(page))
    for stage in (law, read):
        services.sign(one.pk, stage, Signed(TODAY), floor.trainer, NINE)
    one.refresh_from_db()
    assert one.state == "done"


def test_nobody_is_on_two_paths_or_on_one_that_cannot_be_begun(floor):
    path, other = a_path(floor.site), a_path(floor.site, "Others")
    services.start(path, floor.ann, TODAY, None, floor.lead, NINE)
    with pytest.raises(ValidationError, match="on a path already"):
        services.start(other, floor.ann, TODAY, None, floor.lead, NINE)
    with pytest.raises(IntegrityError), transaction.atomic():
        a_newcomer(floor.ann, other)
    bob = an_agent(floor.site)
    for wrong in (a_path(floor.site, "Empty", stages=()), a_path(a_site())):
        with pytest.raises(ValidationError, match="Nobody can begin"):
            services.start(wrong, bob, TODAY, None, floor.trainer, NINE)
    services.withdraw_path(other.pk, floor.trainer, NINE)
    with pytest.raises(ValidationError, match="Nobody can begin"):
        services.start(other, bob, TODAY, None, floor.trainer, NINE)
    with pytest.raises(ValidationError, match="own mentor"):
        services.start(path, bob, TODAY, bob, floor.trainer, NINE)
    # Ended with a reason, they may begin another.
    one = Newcomer.objects.get()
    with pytest.raises(ValidationError, match="Say why"):
        services.end(one.pk, " ", floor.lead, NINE)
    assert services.end(one.pk, "Moves to mail", floor.lead, NINE)
    assert not services.end(one.pk, "Again", floor.lead, NINE)
    services.withdraw_path(other.pk, floor.trainer, NINE, is_back=True)
    services.start(other, floor.ann, TODAY, None, floor.lead, NINE)


def test_a_stage_that_was_signed_off_stays_on_its_path(floor):
    one = a_newcomer(floor.ann, a_path(floor.site))
    play = floor.stage(one, "roleplay")
    services.sign(one.pk, play, Signed(TODAY), floor.trainer, NINE)
    with pytest.raises(ValidationError, match="signed off of somebody"):
        services.remove_stage(one.path_id, play, floor.trainer, NINE)
    services.remove_stage(one.path_id, floor.stage(one, "live"), floor.trainer, NINE)
    assert [stage.kind for stage in one.path.stages.all()] == ["shadow", "roleplay"]
    services.raise_stage(one.path_id, play)
    assert [stage.kind for stage in one.path.stages.all()] == ["roleplay", "shadow"]


def test_who_has_all_but_a_stage_that_is_removed_is_through(floor):
    path = a_path(floor.site)
    one, other = a_newcomer(floor.ann, path), a_newcomer(an_agent(floor.site), path)
    for kind in ("shadow", "roleplay"):
        one.signs.create(stage=path.stages.get(kind=kind), done_on=TODAY, signed_at=NINE)
    services.remove_stage(path.pk, floor.stage(one, "live"), floor.trainer, NINE)
    states = [Newcomer.objects.get(pk=each.pk).state for each in (one, other)]
    assert states == ["done", "on"]
    assert AuditEntry.objects.filter(model="coaching.newcomer").count() == 1


def test_a_course_that_comes_to_a_path_is_taken_by_those_who_are_on_it(floor):
    path, course = a_path(floor.site), a_course(floor.site)
    a_newcomer(floor.ann, path)
    a_newcomer(an_agent(floor.site), path)  # who does not sign in
    knows = an_agent(floor.site, user=a_user("agent"))
    taken(assigned(course, knows.user))
    a_newcomer(knows, path)
    said = {
        "kind": "course", "title": "Law", "words": "", "course": course, "page": None,
        "amount": None, "unit": "", "signer": "trainer", "is_gate": True,
    }  # fmt: skip
    later = NINE + 30 * DAY
    made = services.keep_stage(path.pk, None, said, floor.trainer, later)
    services.keep_stage(path.pk, made.pk, said | {"title": "The law"}, floor.trainer, later)
    (task,) = CourseAssignment.objects.filter(state="open")
    assert (task.user, task.words, task.due_on) == (floor.ann.user, path.name, date(2026, 4, 15))
    # What had them take it is the path, and not whoever changed it.
    page = text(signed_in(floor.trainer).get(reverse("course", args=[course.pk])))
    assert f'for an onboarding path<span class="aside lr-words">{path.name}' in page
    assert "by hand<" not in page.split(str(floor.ann.user))[1].split("</tr>")[0]


def test_the_pages_say_who_is_where_and_the_newcomer_reads_the_own(floor):
    one = a_newcomer(floor.ann, a_path(floor.site), mentor=an_agent(floor.site, "Bea"))
    far = a_newcomer(an_agent(floor.site, "Zoe"), one.path)
    client = signed_in(floor.lead)
    said = text(client.get(reverse("onboarding")))
    assert "Ann" in said
    assert "Sit in" in said
    assert "Zoe" not in said
    assert client.get(reverse("onboarding_person", args=[far.pk])).status_code == 404
    url = reverse("onboarding_person", args=[one.pk])
    page = client.get(url)
    assert "No live calls yet" in text(page)
    assert 'value="Bea"' in text(page)  # whom she sits with
    sign = reverse("onboarding_sign", args=[one.pk, floor.stage(one, "shadow")])
    few = client.post(sign, {"done_on": "2026-03-02", "amount": "3", "with_whom": "Bea"})
    assert "10 are asked for" in text(few)
    client.post(sign, {"done_on": "2026-03-02", "amount": "10", "words": "Listens well"})
    mine = signed_in(floor.ann.user)
    own = text(mine.get(url))
    assert "Listens well" in own
    assert "Sign it off" not in own
    assert url in text(mine.get(reverse("my_learning")))
    assert mine.post(sign, {"done_on": "2026-03-02", "amount": "10"}).status_code == 404
    trainer = signed_in(floor.trainer)
    trainer.post(
        reverse("onboarding_sign", args=[one.pk, floor.stage(one, "roleplay")]),
        {"done_on": "2026-03-02"},
    )
    assert "Live calls may begin" in text(mine.get(url))
    lines = list(csv.reader(
        trainer.get(reverse("onboarding_csv")).getvalue().decode("utf-8-sig").splitlines()
    ))  # fmt: skip
    assert [(line[0], line[5], line[7], line[9]) for line in lines[1:]] == [
        ("Ann", "2", "First calls", "may begin"), ("Zoe", "0", "Sit in", "not yet")
    ]  # fmt: skip


def test_a_trainer_writes_a_path_and_begins_with_somebody(floor):
    client = signed_in(floor.trainer)
    said = {"site": floor.site.slug, "name": "Newcomers"}
    made = client.post(reverse("onboarding_paths"), said)
    assert list(client.post(reverse("onboarding_paths"), said).context["form"].errors) == ["name"]
    path_pk = int(made.url.rstrip("/").rpartition("/")[2])
    add = reverse("onboarding_stage_new", args=[path_pk])
    client.post(f"{add}?kind=shadow", {
        "title": "Sit in", "amount": "5", "unit": "hours", "signer": "supervisor", "is_gate": "on"
    })  # fmt: skip
    client.post(f"{add}?kind=live", {"title": "First calls", "signer": "supervisor"})
    assert "Sit in" in text(client.get(made.url))
    start = client.post(reverse("onboarding_start") + f"?site={floor.site.slug}", {
        "agent": floor.ann.pk, "path": path_pk, "starts_on": "2026-03-02"
    })  # fmt: skip
    one = Newcomer.objects.get()
    assert start.url == reverse("onboarding_person", args=[one.pk])
    assert one.agent == floor.ann


def test_an_agent_who_becomes_another_brings_their_way_along(floor):
    other = an_agent(floor.site)
    one = a_newcomer(floor.ann, mentor=other)
    names_merged.send(Agent, loser=floor.ann.pk, keeper=other.pk)
    one.refresh_from_db()
    assert (one.agent, one.mentor, one.state) == (other, None, "on")
    # Where both are on a path, who stays goes on.
    third = a_newcomer(an_agent(floor.site))
    names_merged.send(Agent, loser=third.agent_id, keeper=other.pk)
    third.refresh_from_db()
    assert (third.agent, third.state) == (other, "ended")


@pytest.mark.parametrize("many", [1, 9])
def test_the_list_asks_the_same_of_few_as_of_many(floor, many, django_assert_max_num_queries):
    path = a_path(floor.site, stages=STAGES * 3)
    for _ in range(many):
        one = a_newcomer(an_agent(floor.site), path)
        one.signs.create(stage=path.stages.first(), done_on=TODAY, signed_at=NINE)
    client = signed_in(floor.trainer)
    with django_assert_max_num_queries(12):
        assert client.get(reverse("onboarding")).status_code == 200
    with django_assert_max_num_queries(12):
        client.get(reverse("onboarding_person", args=[one.pk]))
    assert len(reads.lines([one], NINE)) == 1


def test_courses_of_before_are_told_by_their_path_whatever_it_is_called_now(floor):
    """The law came with the path and the tools after it; manners somebody chose by hand."""
    law, tools, manners = (a_course(floor.site, one) for one in ("Law", "Tools", "Manners"))
    path = a_path(floor.site, stages=(
        {"kind": "course", "title": "One", "course": one} for one in (law, tools)
    ))  # fmt: skip
    a_newcomer(floor.ann, path)
    for course, words, at in (
        (law, "Newcomers", NINE), (tools, "Newcomers", NINE + 9 * DAY), (manners, "Ask", NINE),
    ):  # fmt: skip
        assigned(course, floor.ann.user, words=words, assigned_at=at)
    told = import_module("coaching.migrations.0006_courses_of_paths")

    def by_path():
        told.told_by_paths(apps, None)
        found = CourseAssignment.objects.filter(source="path").order_by("pk")
        courses = [one.course for one in found]
        told.told_by_hand(apps, None)
        assert not found.all().exists()
        return courses

    assert by_path() == [law, tools]
    OnboardingPath.objects.update(name="First weeks")
    assert by_path() == [law]


def test_a_course_that_somebody_passed_before_counts(floor):
    course = a_course(floor.site)
    taken(assigned(course, floor.ann.user))
    path = a_path(floor.site, stages=(
        {"kind": "course", "title": "Law", "course": course, "signer": "trainer"},
    ))  # fmt: skip
    one = a_newcomer(floor.ann, path)
    (step,) = reads.steps(floor.trainer, one, NINE)
    assert (step.fact, step.may_sign) == (TODAY, True)
    # Nor is it to be taken once more.
    services.end(one.pk, "Begins anew", floor.trainer, NINE)
    services.start(path, floor.ann, TODAY, None, floor.trainer, NINE)
    assert not CourseAssignment.objects.filter(state="open").exists()


def test_what_is_not_signed_off_does_not_read_as_if_it_were(floor):
    one = a_newcomer(floor.ann)
    url = reverse("onboarding_person", args=[one.pk])
    assert "to be signed off by their supervisor" in text(signed_in(floor.trainer).get(url))
    own = text(signed_in(floor.ann.user).get(url))
    assert "to be signed off by your supervisor" in own
    assert "their supervisor" not in own


def test_the_log_names_whose_stage_and_which_course_it_is(floor):
    one = a_newcomer(floor.ann)
    said = Signed(TODAY, amount=10)
    services.sign(one.pk, floor.stage(one, "shadow"), said, floor.lead, NINE)
    assigning.by_hand(
        a_course(floor.site, "Refunds"), [floor.ann.user], TODAY, "", floor.trainer, NINE
    )
    said = text(signed_in(a_user("admin")).get(reverse("audit")))
    assert "Newcomer: Ann" in said
    assert "Course: Refunds" in said


def test_who_is_through_is_still_led_to_their_way(floor):
    one = a_newcomer(floor.ann)
    url, way = reverse("my_learning"), reverse("onboarding_person", args=[one.pk])
    assert "you are through" not in text(signed_in(floor.ann.user).get(url))
    Newcomer.objects.update(state="done", ended_at=NINE)
    said = text(signed_in(floor.ann.user).get(url))
    assert "you are through" in said
    assert way in said
    Newcomer.objects.update(state="ended", why_ended="They left")
    assert way not in text(signed_in(floor.ann.user).get(url))
