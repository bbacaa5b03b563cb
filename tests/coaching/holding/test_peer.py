"""A session that a colleague leads: what they read, what they do, and what they never see."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.urls import reverse

from ccm.models import Team, TeamMembership, User
from coaching.following import services as following
from coaching.following.services import Step
from coaching.holding import services
from coaching.models import Action, PrivateNote, Session
from tests.builders import NINE, a_user, an_agent
from tests.coaching.builders import Floor
from tests.coaching.holding.test_pages import get, post, signed_in, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def floor():
    with time_machine.travel(NINE, tick=False):
        made = Floor()
        made.peer = an_agent(made.site, "Bo", user=a_user("agent"))
        yield made


def planned(floor, **more):
    said = {
        "kind": "peer", "agents": floor.agent.pk, "colleague": floor.peer.pk,
        "day": "2026-03-04", "time": "10:00", "minutes": 30, "about": "Greeting",
    }  # fmt: skip
    return post(floor.lead, "session_new", **said | more)


@pytest.fixture
def session(floor):
    """One with a point of the coach's, one that is struck off, one of the agent's, their words and
    mood, and a private note and a step of the coach's."""
    assert planned(floor).status_code == 302
    one = Session.objects.get()
    for title in ("How you greet", "Struck off"):
        services.add(one, title, "Heard on two calls", floor.lead, NINE)
    shown = one.agenda.values_list("pk", flat=True)
    services.keep(one, shown.filter(title="How you greet"), shown, floor.lead, NINE)
    services.add(one, "My breaks", "", floor.me, NINE, agent=floor.agent)
    services.say(one, floor.agent, 2, 3, "Tired of nights")
    services.write_privately(one, "Watch her pay", floor.lead, NINE)
    following.agree(Step(floor.agent, "Greets by name", NINE.date()), one, floor.lead, NINE)
    return one


HIDDEN = ("Struck off", "Tired of nights", "mood 2", "Watch her pay", "Greets by name")


def main(user, session):
    return get(user, "session", session.pk).split("<main")[1]


def test_a_peer_session_is_planned_with_a_colleague_who_leads_it(floor):
    page = text(planned(floor, colleague=""))
    assert "Choose the colleague who leads it." in page
    assert planned(floor).status_code == 302
    one = Session.objects.get()
    assert (one.coach, one.made_by) == (floor.peer.user, floor.lead)
    assert "Only a peer session is led by a colleague." in text(planned(floor, kind="one_to_one"))
    # Nobody leads their own, nor somebody who does not sign in, or of another site.
    for nobody in (floor.agent.pk, an_agent(floor.site, "Cy").pk, Floor().agent.pk):
        assert planned(floor, colleague=nobody, about=f"With {nobody}").status_code == 200
    with pytest.raises(ValidationError, match="who signs in leads it"):
        floor.session(kind="peer")


def test_who_may_lead_one_stands_by_team_ones_own_first(floor):
    team = TeamMembership.objects.get(agent=floor.agent).team
    TeamMembership.objects.create(agent=floor.peer, team=team, starts_on=NINE.date())
    other = an_agent(floor.site, "Al", user=a_user("agent"))
    first = Team.objects.create(site=floor.site, name="A first by name")
    TeamMembership.objects.create(agent=other, team=first, starts_on=NINE.date())
    an_agent(floor.site, "Abe", user=a_user("agent"))
    choice = get(floor.lead, "session_new").split('name="colleague"')[1].split("</select>")[0]
    assert re.findall(r'<optgroup label="(.*?)">', choice) == [
        team.name, "A first by name", "in no team",
    ]  # fmt: skip
    names = [one for one in re.findall(r">([^<>]+)</option>", choice) if one != "yourself"]
    own = sorted([floor.agent.name, "Bo"])
    assert names == [*own, "Al", "Abe"]


def test_an_agent_is_told_by_name_who_reads_what_they_say_of_themselves(floor, session):
    page = main(floor.me, session)
    told = f"{floor.lead} planned it and reads this, {floor.peer.user} leads it and does not"
    assert told in page
    assert "Tired of nights" in main(floor.lead, session)


def test_before_it_is_shared_a_colleague_reads_nothing_of_the_agenda(floor, session):
    page = main(floor.peer.user, session)
    for words in (*HIDDEN, "How you greet", "My breaks"):
        assert words not in page, words
    assert "you read it once it is shared" in page
    assert floor.agent.name in page


def test_once_it_is_shared_they_read_what_is_kept_of_it_and_nothing_else(floor, session):
    services.share(session, floor.lead, NINE)
    page = main(floor.peer.user, session)
    for words in ("How you greet", "My breaks", "Heard on two calls"):
        assert words in page, words
    for words in HIDDEN:
        assert words not in page, words
    for name in ("share", "agenda", "call_off", "private", "change", "step", "point"):
        assert reverse(f"session_{name}", args=[session.pk]) not in page, name
    # Who planned it sees all of it but for others' private notes.
    for words in ("Struck off", "Tired of nights", "Greets by name", "Watch her pay"):
        assert words in main(floor.lead, session), words


def test_they_hold_it_and_sign_and_do_nothing_else(floor, session):
    peer = floor.peer.user
    acts = {
        "session_share": {}, "session_agenda": {"keep": 1}, "session_call_off": {"why": "No"},
        "session_private": {"words": "Mine"}, "session_step": {"words": "x"},
        "session_point": {"title": "x"}, "session_say": {"words": "x"},
        "session_change": {"day": "2026-03-05"},
    }  # fmt: skip
    for name, said in acts.items():
        assert post(peer, name, session.pk, **said).status_code == 404, name
    session.refresh_from_db()
    held = {"notes": "Greets well now", "revision": session.revision, "anyway": "on"}
    assert post(peer, "session_hold", session.pk, **held).status_code == 302
    assert "Greets well now" in main(floor.me, session)
    assert ">Sign<" in get(peer, "session", session.pk)
    for who in (peer, floor.me):
        assert post(who, "session_sign", session.pk).status_code == 302
    session.refresh_from_db()
    assert session.signed_at == session.participants.get().signed_at == NINE
    # Who planned it leads it no more: theirs is no signature of it.
    assert not PrivateNote.objects.exclude(author=floor.lead).exists()
    assert "Tired of nights" not in main(peer, session)


def test_they_see_nothing_of_the_agent_anywhere_else(floor, session):
    services.share(session, floor.lead, NINE)
    peer = User.objects.get(pk=floor.peer.user.pk)
    other = floor.session(about="April", starts_at=NINE + timedelta(days=3))
    assert list(Session.objects.visible_to(peer)) == [session]
    assert not Session.objects.changed_by(peer).exists()
    assert list(Session.objects.held_by(peer)) == [session]
    assert not Action.objects.visible_to(peer).exists()
    assert not PrivateNote.objects.visible_to(peer).exists()
    client = signed_in(peer)
    step = Action.objects.get()
    for url in (
        reverse("session", args=[other.pk]), reverse("action_end", args=[step.pk]),
        reverse("sessions"), reverse("agent", args=[floor.agent.pk]), reverse("plans"),
        reverse("proposals"), reverse("rhythm"),
    ):  # fmt: skip
        assert client.get(url).status_code == 404, url
    # Another colleague sees nothing at all.
    cy = signed_in(an_agent(floor.site, "Cy", user=a_user("agent")).user)
    for name in ("session", "session_hold", "session_sign"):
        url = reverse(name, args=[session.pk])
        assert (cy.get(url) if name == "session" else cy.post(url)).status_code == 404


def test_it_stands_on_their_own_page_until_they_have_signed(floor, session):
    page = get(floor.peer.user, "my_coaching")
    assert "You lead" in page
    assert floor.agent.name in page
    services.hold(session, "", session.revision, floor.peer.user, NINE)
    assert "You lead" in get(floor.peer.user, "my_coaching")
    services.sign(session, floor.peer.user, NINE)
    assert "You lead" not in get(floor.peer.user, "my_coaching")
    assert "You lead" not in get(floor.me, "my_coaching")


def test_a_supervisor_who_takes_calls_too_changes_what_they_lead_of_own_people_alone(floor):
    """As a colleague elsewhere they lead; of their own team they change as who leads it."""
    both = a_user("supervisor", name="both")
    both.groups.add(Group.objects.get(name="agent"))
    an_agent(floor.site, "Both", user=both)
    one = services.plan(
        services.Asked(floor.site, "peer", both, (floor.agent,), NINE), floor.lead, NINE
    )
    assert not Session.objects.changed_by(both).filter(pk=one.pk).exists()
    assert Session.objects.held_by(both).filter(pk=one.pk).exists()
