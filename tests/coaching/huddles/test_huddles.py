"""A team's huddle: what it begins with, who holds it, and who reads it."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from ccm.models import AuditEntry, Team, TeamMembership
from coaching.following.services import Step
from coaching.huddles import preparing, reads, services
from coaching.models import Action, Huddle, HuddlePoint
from coaching.recognition import services as recognition
from kpis import rollups
from tests.builders import NINE, a_call, a_queue, a_team, a_user, an_agent, many_calls, unsaved_call
from tests.coaching.library.builders import a_page
from tests.coaching.recognition.builders import a_kudos

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
MONDAY = NINE.date()


@pytest.fixture(autouse=True)
def nine():
    with time_machine.travel(NINE, tick=False):
        yield


class Floor:
    """A team of two, of whom Ann signs in; who leads it, and who manages its site."""

    def __init__(self):
        self.queue = a_queue()
        self.site = self.queue.site
        self.lead, self.manager = a_user("supervisor"), a_user("manager", self.site)
        self.me = a_user("agent")
        self.ann, self.ben = an_agent(self.site, "Ann", user=self.me), an_agent(self.site, "Ben")
        self.team = a_team(self.site, self.lead, self.ann, self.ben)

    def huddle(self, day=MONDAY, who=None, at=NINE):
        return services.prepare(self.team, day, who or self.lead, at)


@pytest.fixture
def floor():
    return Floor()


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def text(answer):
    return " ".join(answer.content.decode().split())


def page(user, huddle):
    return signed_in(user).get(reverse("huddle", args=[huddle.pk]))


def found(floor, source, day=MONDAY):
    return [one.title for one in preparing.points(floor.team, day, floor.lead, MONDAY)
            if one.source == source]  # fmt: skip


def test_it_begins_with_thanks_and_what_must_be_read_since_the_last_one(floor):
    a_kudos(floor.ann, floor.manager, given_at=NINE - DAY, words="Calm on the line")
    a_kudos(floor.ben, given_at=NINE, words="Today, for tomorrow's")
    a_kudos(floor.ben, given_at=NINE - 9 * DAY, words="Long ago")
    a_kudos(an_agent(floor.site), given_at=NINE - DAY, words="Of another team")
    a_page(floor.site, "Refunds", must_from=1, roles=("agent",), at=NINE - DAY)
    a_page(floor.site, "For managers", must_from=1, roles=("manager",), at=NINE - DAY)
    a_page(floor.site, "Of another team", must_from=1, roles=("agent",), at=NINE - DAY,
           teams=(a_team(floor.site),))  # fmt: skip
    a_page(floor.site, "Old", must_from=1, roles=("agent",), at=NINE - 30 * DAY)
    a_page(floor.site, "Nobody must", roles=("agent",), at=NINE - DAY)
    huddle = floor.huddle()
    told = [(one.source, one.title, one.words) for one in huddle.points.all()]
    assert told == [
        ("kudos", "Ann", f"Calm on the line (from {floor.manager})"),
        ("page", "Refunds", huddle.points.get(source="page").words),
    ]
    # The next one has what came after this one.
    services.hold(huddle, "", 0, floor.lead, NINE)
    later = floor.huddle(MONDAY + DAY, at=NINE + DAY)
    assert [one.words for one in later.points.all()] == ["Today, for tomorrow's"]


def test_it_begins_with_what_of_the_last_day_was_unlike_usual(floor):
    """Eight Sundays with forty answered calls each, then one with four times as many: the site
    was offered more than ever, and so the team answered more."""
    sunday = NINE - DAY
    for week in range(9):
        many = 160 if week == 0 else 40 + week % 3
        at = sunday - timedelta(weeks=week)
        many_calls(
            [
                unsaved_call(floor.queue, at + timedelta(minutes=number), agent=floor.ann)
                for number in range(many)
            ]
        )
    # A team may be called as a queue is, which then is told apart by what it is.
    Team.objects.filter(pk=floor.team.pk).update(name=floor.queue.name)
    floor.team.refresh_from_db()
    rollups.rebuild()
    titles = found(floor, "change")
    assert any(one.startswith(floor.site.name) and "160" in one for one in titles)
    assert any(f"team {floor.team.name}" in one and "160" in one for one in titles)
    # Of queues, and of other teams, nothing is told.
    assert all(one.startswith((f"team {floor.team.name}", floor.site.name)) for one in titles)


@pytest.mark.parametrize(
    ("weeks", "title"),
    [
        (9, "Nothing of the team or its site was unlike usual on 1 Mar"),
        (2, "What of the team was unlike usual on 1 Mar cannot be told"),
    ],
)
def test_that_nothing_was_unlike_usual_is_said_and_so_is_that_it_cannot_be_told(
    floor, weeks, title
):
    for week in range(weeks):
        at = NINE - DAY - timedelta(weeks=week)
        many_calls(
            [
                unsaved_call(floor.queue, at + timedelta(minutes=number), agent=floor.ann)
                for number in range(40 + week % 3)
            ]
        )
    rollups.rebuild()
    assert found(floor, "change") == [title]
    # Of today, which is not over, tomorrow's tells nothing yet.
    assert found(floor, "change", MONDAY + DAY) == [title]


def test_it_is_prepared_once_a_day_and_no_further_ahead_than_a_week(floor):
    url = reverse("huddle_new")
    sent = {"team": floor.team.pk, "day": "2026-03-02"}
    for user in (floor.lead, floor.manager):
        signed_in(user).post(url, sent)
    one = Huddle.objects.get()
    assert (one.team, one.day, one.made_by) == (floor.team, MONDAY, floor.lead)
    assert AuditEntry.objects.filter(model="coaching.huddle").count() == 1
    for day in ("2026-03-01", "2026-03-10"):
        refused = signed_in(floor.lead).post(url, sent | {"day": day})
        assert "Prepare one of today" in text(refused)
    other = a_team(floor.site)
    refused = signed_in(floor.lead).post(url, sent | {"team": other.pk})
    assert list(refused.context["form"].errors) == ["team"]
    assert signed_in(floor.me).get(url).status_code == 404


def test_points_are_struck_off_and_written_by_who_leads_and_read_by_the_team(floor):
    a_kudos(floor.ann, given_at=NINE - DAY, words="Calm")
    huddle = floor.huddle()
    client = signed_in(floor.lead)
    sent = {"title": "The lift is broken", "words": ""}
    for _ in range(2):
        client.post(reverse("huddle_point", args=[huddle.pk]), sent)
    own, thanks = HuddlePoint.objects.get(source="own"), huddle.points.get(source="kudos")
    # Who had the page before it was written does not strike it off.
    client.post(reverse("huddle_points", args=[huddle.pk]), {"seen": [thanks.pk]})
    own.refresh_from_db()
    assert own.is_kept
    sent = {"keep": [own.pk], "seen": [own.pk, thanks.pk]}
    client.post(reverse("huddle_points", args=[huddle.pk]), sent)
    said = text(page(floor.me, huddle))
    assert "The lift is broken" in said
    assert "Calm" not in said
    # Who leads it may take it up again.
    assert "Calm" in text(page(floor.lead, huddle))
    # What was struck off is not added anew, and what is new is.
    a_kudos(floor.ben, given_at=NINE - DAY, words="Stayed late")
    client.post(reverse("huddle_again", args=[huddle.pk]))
    assert [one.words for one in huddle.points.filter(source="kudos")] == ["Calm", "Stayed late"]


def test_thanks_that_are_taken_back_are_on_no_huddle(floor):
    first = a_kudos(floor.ann, floor.lead, given_at=NINE - DAY, words="Calm")
    second = a_kudos(
        floor.ann, floor.lead, given_at=NINE - timedelta(hours=10), words="Calmer still"
    )
    huddle = floor.huddle()
    assert huddle.points.filter(source="kudos").count() == 2
    recognition.take_back(first.pk, floor.lead, NINE - DAY)
    (left,) = huddle.points.filter(source="kudos")
    assert left.words.startswith(second.words)
    recognition.take_back(second.pk, floor.lead, NINE)
    assert not huddle.points.filter(source="kudos").exists()


def test_a_step_has_an_owner_of_the_team_and_a_day_and_opens_the_next_one(floor):
    huddle = floor.huddle()
    client = signed_in(floor.lead)
    sent = {"words": "Ask the landlord", "due_on": "2026-03-05", "agent": floor.ben.pk}
    for _ in range(2):
        client.post(reverse("huddle_step", args=[huddle.pk]), sent)
    step = Action.objects.get()
    assert (step.agent, str(step.due_on), step.session) == (floor.ben, "2026-03-05", None)
    stranger = an_agent(floor.site)
    refused = client.post(reverse("huddle_step", args=[huddle.pk]), sent | {"agent": stranger.pk})
    assert list(refused.context["forms"]["step"].errors) == ["agent"]
    with pytest.raises(ValidationError, match="not in this team"):
        services.agree(huddle, Step(stranger, "x", MONDAY), floor.lead, NINE)
    # Steps of sessions are not the team's to read.
    Action.objects.create(agent=floor.ann, words="Private", due_on=MONDAY, made_at=NINE)
    later = floor.huddle(MONDAY + DAY)
    with time_machine.travel(NINE + DAY, tick=False):
        said = text(page(floor.me, later))
    assert "Ask the landlord" in said
    assert "Ben" in said
    assert "Private" not in said
    # Ann may not end what is Ben's; who leads them may.
    end = reverse("action_end", args=[step.pk])
    assert end not in said
    assert end in text(page(floor.lead, later))


def test_it_is_held_with_notes_and_of_two_the_second_is_told(floor):
    huddle = floor.huddle()
    client, url = signed_in(floor.lead), reverse("huddle_hold", args=[huddle.pk])
    client.post(url, {"notes": "All were there", "revision": 0})
    huddle.refresh_from_db()
    assert (huddle.held_at, huddle.held_by, huddle.notes) == (NINE, floor.lead, "All were there")
    assert "All were there" in text(page(floor.me, huddle))
    stale = text(client.post(url, {"notes": "Other", "revision": 0}))
    assert "Somebody has changed it meanwhile" in stale
    client.post(url, {"notes": "All were there", "revision": 0})
    assert Huddle.objects.get().revision == 1
    with pytest.raises(ValidationError, match="It is held"):
        services.add(huddle, "Late", "", floor.lead, NINE)
    with pytest.raises(ValidationError, match="It is held"):
        services.keep(huddle, [], [])


def test_a_team_reads_its_own_from_the_day_on_and_no_other_does(floor):
    huddle = floor.huddle(MONDAY + DAY)
    assert page(floor.me, huddle).status_code == 404
    assert page(floor.lead, huddle).status_code == 200
    stranger, planner = a_user("agent"), a_user("planner", floor.site)
    an_agent(floor.site, user=stranger)
    other = a_user("supervisor")
    a_team(floor.site, other)
    with time_machine.travel(NINE + DAY, tick=False):
        assert page(floor.me, huddle).status_code == 200
        for user in (stranger, planner, other):
            assert page(user, huddle).status_code == 404
        TeamMembership.objects.filter(agent=floor.ann).update(ends_on=MONDAY + DAY)
        assert page(floor.me, huddle).status_code == 404


@pytest.mark.parametrize("many", [1, 15])
def test_the_pages_ask_the_same_of_one_as_of_fifteen(floor, many, django_assert_max_num_queries):
    call = a_call(floor.queue, agent=floor.ann)
    for number in range(many):
        huddle = Huddle.objects.create(
            team=floor.team, day=MONDAY - number * DAY, made_at=call.offered_at
        )
        services.add(huddle, f"No. {number}", "", floor.lead, NINE)
    first = Huddle.objects.get(day=MONDAY)
    for number in range(min(many, 9)):
        services.agree(first, Step(floor.ben, f"Step {number}", MONDAY), floor.lead, NINE)
    client = signed_in(floor.lead)
    with django_assert_max_num_queries(12):
        client.get(reverse("huddles"))
    with django_assert_max_num_queries(12):
        client.get(reverse("huddle", args=[first.pk]))
    assert len(reads.seen(first, floor.lead).steps) == min(many, 9)
