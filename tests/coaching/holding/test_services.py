"""Sessions from their plan to both signatures."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from ccm.models import Agent, AuditEntry
from ccm.signals import names_merged
from coaching.following import services as following
from coaching.following.services import Step
from coaching.holding import agenda, services
from coaching.holding.services import Asked
from coaching.models import Action, AgendaItem, Participant, PrivateNote, Session
from tests.builders import NINE, a_site, a_user, an_agent
from tests.coaching.builders import Floor
from tests.coaching.holding.test_pages import signed_in, text

pytestmark = pytest.mark.django_db
LATER = NINE + timedelta(hours=3)


@pytest.fixture
def floor():
    return Floor()


def test_a_post_that_comes_twice_plans_one_session(floor):
    assert floor.session().pk == floor.session().pk
    assert floor.session(about="April").pk != floor.session().pk
    assert Session.objects.count() == 2
    assert Participant.objects.count() == 2


def test_a_one_to_one_is_with_one_and_nobody_coaches_themselves(floor):
    other = an_agent(floor.site, "Bo")
    with pytest.raises(ValidationError, match="with one agent"):
        floor.session(agents=(floor.agent, other))
    assert floor.session(kind="group", agents=(floor.agent, other)).participants.count() == 2
    with pytest.raises(ValidationError, match="Nobody coaches themselves"):
        floor.session(coach=floor.me)
    with pytest.raises(ValidationError, match="of another site"):
        floor.session(agents=(an_agent(a_site(), "Cy"),))
    with pytest.raises(ValidationError, match="Choose whom"):
        floor.session(agents=())


def test_two_who_change_it_do_not_write_over_each_other(floor):
    session = floor.session()
    said = {"starts_at": LATER, "minutes": 45, "place": "Room 2", "about": "March"}
    services.change(session, said, 0, floor.lead, NINE)
    services.change(session, said, 0, floor.lead, NINE)
    with pytest.raises(services.Stale):
        services.change(session, said | {"place": "Room 3"}, 0, floor.manager, NINE)
    session.refresh_from_db()
    assert (session.starts_at, session.minutes, session.place) == (LATER, 45, "Room 2")


def test_a_session_is_held_once_its_notes_grow_until_somebody_signs(floor):
    session = floor.session()
    with pytest.raises(ValidationError, match="once it was held"):
        services.sign(session, floor.lead, NINE)
    for _press in range(2):
        services.hold(session, "Greets by name.", 0, floor.lead, LATER)
    services.hold(session, "Greets by name. Asks first.", 1, floor.lead, LATER + timedelta(hours=1))
    services.sign(session, floor.me, LATER)
    services.sign(session, floor.me, LATER + timedelta(days=1))
    services.sign(session, floor.lead, LATER)
    session.refresh_from_db()
    assert (session.state, session.held_at, session.signed_at) == ("held", LATER, LATER)
    assert session.participants.get().signed_at == LATER
    with pytest.raises(ValidationError, match="what was said stays"):
        services.hold(session, "Something else", session.revision, floor.lead, LATER)
    with pytest.raises(ValidationError, match="Its coach signs it"):
        services.sign(session, floor.manager, LATER)


def test_a_session_is_called_off_with_a_why_and_not_once_it_was_held(floor):
    session = floor.session()
    with pytest.raises(ValidationError, match="Say why"):
        services.call_off(session, "", floor.lead, NINE)
    services.call_off(session, "Ill", floor.lead, NINE)
    assert services.call_off(session, "Again", floor.lead, NINE).why_cancelled == "Ill"
    with pytest.raises(ValidationError, match="called off"):
        services.hold(session, "", 1, floor.lead, NINE)
    with pytest.raises(ValidationError, match="held already"):
        services.call_off(floor.held(about="April"), "Ill", floor.lead, NINE)


def test_the_agenda_has_the_agents_own_points_which_nobody_strikes_off(floor):
    session = floor.session()
    own = services.add(session, "My breaks", "", floor.me, NINE, agent=floor.agent)
    one = services.add(session, "Greeting", "Two calls", floor.lead, NINE)
    two = services.add(session, "Holds", "", floor.lead, NINE)
    assert services.add(session, "Holds", "", floor.lead, NINE).pk == two.pk
    late = services.add(session, "Put there meanwhile", "", floor.manager, NINE)
    services.keep(session, [one.pk], [own.pk, one.pk, two.pk], floor.lead, NINE)
    kept = set(AgendaItem.objects.kept().values_list("pk", flat=True))
    assert kept == {own.pk, one.pk, late.pk}
    # Before it is shared an agent reads what they wrote, and then all of it.
    reads = AgendaItem.objects.kept().shown_to_agent
    assert list(reads(floor.agent.pk)) == [own]
    # A colleague in the same session reads nothing of it before.
    assert list(reads(an_agent(floor.site, "Bo").pk)) == []
    services.share(session, floor.lead, NINE)
    assert set(reads(floor.agent.pk)) == {own, one, late}
    services.hold(session, "", session.revision + 1, floor.lead, NINE)
    with pytest.raises(ValidationError, match="next one's agenda"):
        services.add(session, "Late", "", floor.lead, NINE)


def test_what_an_agent_has_for_next_time_opens_the_next_session_with_who_coaches_them(floor):
    peer = an_agent(floor.site, "Bo", user=a_user("agent"))
    for _press in range(2):
        one = services.note(floor.agent, "My breaks", "Too late", floor.me, NINE)
    two = services.note(floor.agent, "A course", "", floor.me, NINE + timedelta(minutes=1))
    gone = services.note(floor.agent, "Never mind", "", floor.me, NINE)
    services.take_back(peer, gone.pk)
    services.take_back(floor.agent, gone.pk)
    # A colleague's session, and somebody else's, leave it where it is.
    services.plan(Asked(floor.site, "peer", peer.user, (floor.agent,), LATER), floor.lead, NINE)
    floor.session(agents=(peer,), coach=floor.manager)
    assert set(AgendaItem.objects.values_list("session", flat=True)) == {None}
    first = floor.session()
    assert list(first.agenda.values_list("pk", "place")) == [(one.pk, 1), (two.pk, 2)]
    # Called off, it waits for the next.
    services.add(first, "Greeting", "", floor.lead, NINE)
    services.call_off(first, "Ill", floor.lead, NINE)
    assert [item.title for item in first.agenda.all()] == ["Greeting"]
    second = floor.session(about="April")
    assert {item.pk for item in second.agenda.all()} == {one.pk, two.pk}
    # What waits is an agent's, and nobody else's.
    with pytest.raises(IntegrityError), transaction.atomic():
        AgendaItem.objects.filter(source="coach").update(session=None)


def test_a_private_note_is_its_writers_alone_an_admin_reads_it_no_more_than_the_agent(floor):
    session = floor.session()
    services.write_privately(session, "Tired lately", floor.lead, NINE)
    admin = a_user("admin")
    for who in (admin, floor.me, floor.manager):
        assert not PrivateNote.objects.visible_to(who).exists()
    assert PrivateNote.objects.visible_to(floor.lead).get().words == "Tired lately"
    # Neither the note nor that there is one is in the log.
    logged = AuditEntry.objects.exclude(action="exported")
    assert {one.model for one in logged} == {"coaching.session"}
    assert "Tired" not in str([(one.before, one.after) for one in logged])
    services.write_privately(session, "", floor.lead, NINE)
    assert not PrivateNote.objects.exists()


def test_what_was_said_in_a_session_is_not_in_the_log(floor):
    floor.held("He is to go on leave")
    said = str([(one.before, one.after) for one in AuditEntry.objects.all()])
    assert "leave" not in said
    assert "held" in said


def test_who_put_a_point_on_an_agenda_changed_it_or_struck_it_off_is_in_the_log(floor):
    """And nothing of what it says: the agent's are for their coach, and what waits is theirs."""
    kept = services.note(floor.agent, "My wages", "Too low", floor.me, NINE)
    assert not AuditEntry.objects.filter(model="coaching.agendaitem").exists()
    session = floor.session()
    own = services.add(session, "My health", "In hospital", floor.me, NINE, agent=floor.agent)
    one = services.add(session, "Greeting", "Two calls", floor.lead, NINE)
    services.add(session, "Greeting", "Two calls", floor.lead, NINE)
    agenda.edit(one, "How you greet", "Three calls", None, floor.manager, LATER)
    agenda.edit(one, "How you greet", "Three calls", None, floor.manager, LATER)
    for _press in range(2):
        services.keep(session, [], [kept.pk, own.pk, one.pk], floor.lead, LATER)
    services.call_off(session, "Ill", floor.lead, LATER)
    rows = AuditEntry.objects.filter(model="coaching.agendaitem").order_by("pk")
    told = [(one.who, one.object_id, one.action) for one in rows]
    assert told == [
        (floor.lead, str(kept.pk), "changed"),  # the session opens with it
        (floor.me, str(own.pk), "created"),
        (floor.lead, str(one.pk), "created"),
        (floor.manager, str(one.pk), "changed"),
        (floor.lead, str(one.pk), "changed"),  # struck off
        (floor.lead, str(kept.pk), "changed"),
        (floor.lead, str(own.pk), "changed"),
    ]  # fmt: skip
    said = str(list(AuditEntry.objects.values_list("before", "after", "names")))
    for words in ("wages", "low", "health", "hospital", "reet", "calls"):
        assert words not in said, words
    page = text(signed_in(a_user("admin")).get(reverse("audit")))
    assert f"Point of a coaching session with {floor.agent.name}" in page


def test_an_agent_says_how_they_are_until_they_sign(floor):
    session = floor.held()
    services.say(session, floor.agent, 4, None, "Better than last time")
    own = session.participants.get()
    assert (own.mood, own.energy, own.words) == (4, None, "Better than last time")
    services.sign(session, floor.me, LATER)
    with pytest.raises(ValidationError, match="what was said stays"):
        services.say(session, floor.agent, 1, 1, "")
    with pytest.raises(IntegrityError), transaction.atomic():
        Participant.objects.update(mood=6)


def test_a_step_has_one_measure_and_ends_once(floor):
    step = floor.step(kpi="aht")
    assert floor.step(kpi="aht").pk == step.pk
    following.end(step, "done", "Seen on ten calls", 0, floor.me, LATER)
    assert following.end(step, "done", "Again", 0, floor.lead, LATER).ended_words == (
        "Seen on ten calls"
    )
    with pytest.raises(ValidationError, match="changed it meanwhile"):
        following.end(step, "dropped", "No", 0, floor.lead, LATER)
    other = floor.step("Second")
    with pytest.raises(ValidationError, match="why it is dropped"):
        following.end(other, "dropped", "", 0, floor.lead, LATER)


def test_a_step_is_not_agreed_on_for_a_day_that_is_over_at_its_site(floor):
    floor.site.zone = "Pacific/Auckland"
    floor.site.save()
    # Where it is nine in UTC it is ten in the evening there; at noon it is the next day.
    step = Step(floor.agent, "Today", NINE.date())
    assert following.agree(step, None, floor.lead, NINE).state == "open"
    with pytest.raises(ValidationError, match="That day is over"):
        following.agree(step, None, floor.lead, NINE + timedelta(hours=3))


def test_of_small_steps_there_are_at_most_ten_at_a_time(floor):
    for n in range(10):
        floor.step(f"Step {n}")
    with pytest.raises(ValidationError, match="10 open steps"):
        floor.step("One more")
    following.end(Action.objects.first(), "done", "", 0, floor.lead, LATER)
    assert floor.step("One more").state == "open"


def test_who_sees_which_sessions(floor):
    session = floor.session()
    peer = an_agent(floor.site, "Bo", user=a_user("agent"))
    of_peer = services.plan(
        Asked(floor.site, "peer", peer.user, (floor.agent,), LATER), floor.lead, NINE
    )
    there = {session.pk, of_peer.pk}
    for who, seen in (
        (floor.lead, there), (floor.manager, there), (floor.me, there), (a_user("admin"), there),
        (peer.user, {of_peer.pk}), (a_user("supervisor"), set()),
        (a_user("qa_analyst", floor.site), set()), (a_user("planner", floor.site), set()),
        (a_user("manager", a_site()), set()),
    ):  # fmt: skip
        assert set(Session.objects.visible_to(who).values_list("pk", flat=True)) == seen, who
    # Nobody plans or holds what is about themselves.
    assert not Session.objects.changed_by(floor.me).exists()
    # A colleague holds what they lead, and changes nothing of it.
    assert not Session.objects.changed_by(peer.user).exists()
    assert set(Session.objects.held_by(peer.user)) == {of_peer}


def test_when_two_agents_become_one_their_sessions_and_steps_do(floor):
    other = an_agent(floor.site, "Bo")
    together = floor.session(kind="group", agents=(floor.agent, other))
    services.say(together, other, 3, 3, "Said by Bo")
    alone = floor.session(about="April")
    floor.step()
    names_merged.send(sender=Agent, loser=floor.agent.pk, keeper=other.pk)
    people = Participant.objects.values_list("session", "agent")
    assert set(people) == {(together.pk, other.pk), (alone.pk, other.pk)}
    assert Participant.objects.get(session=together).words == "Said by Bo"
    assert Action.objects.get().agent == other
