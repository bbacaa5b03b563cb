"""The page of a session that is prepared, as its coach and as its agent; an agent's own call."""

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import strip_tags

from ccm.models import Call, TeamMembership
from coaching.following import services as following
from coaching.holding import agenda, services
from coaching.models import Action, AgendaItem, Session
from tests.builders import NINE, a_call, an_agent
from tests.coaching.holding.test_pages import get, post, signed_in, text
from tests.coaching.preparing.builders import LAST_TALK, Desk
from tests.qa.builders import a_card

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    with time_machine.travel(NINE, tick=False):
        yield Desk()


def plain(*asked):
    """A page without its tags."""
    return " ".join(strip_tags(get(*asked)).split())


def planned(desk):
    answer = post(
        desk.lead, "session_new", kind="one_to_one", agents=desk.agent.pk, day="2026-03-03",
        time="14:30", minutes=30, about="March",
    )  # fmt: skip
    return Session.objects.get(pk=int(answer.url.rstrip("/").rsplit("/", 1)[1]))


def test_who_plans_a_session_finds_it_prepared_and_its_agent_reads_it_once_it_is_shared(desk):
    session = planned(desk)
    page = plain(desk.lead, "session", session.pk)
    for words in (
        "prepared 2 Mar 09:00 · days from 2 Feb to 27 Feb 2026 (since the last session)",
        "against 5 Jan to 1 Feb 2026",
        "3 things could not be told",
        "No target is set for these figures.",
        "Prepare again",
        "Customer satisfaction 95.0",
    ):
        assert words in page, words
    seen = get(desk.me, "session", session.pk)
    for words in ("Customer satisfaction", "prepared 2 Mar", "Prepare again", "could not be told"):
        assert words not in seen, words
    survey = AgendaItem.objects.get(found_as="survey")
    kept = list(AgendaItem.objects.exclude(pk=survey.pk).values_list("pk", flat=True))
    post(desk.lead, "session_agenda", session.pk, keep=kept, shown=[*kept, survey.pk])
    post(desk.lead, "session_share", session.pk)
    seen = get(desk.me, "session", session.pk)
    assert "Customer satisfaction 95.0" in seen
    assert "Cut off twice" not in seen
    # What it leads to is theirs to open, too.
    client = signed_in(desk.me)
    assert "adherence/figures" not in seen
    call = AgendaItem.objects.filter(source="call").first()
    assert client.get(reverse("call", args=[call.call_id])).status_code == 200


def test_a_point_is_worded_otherwise_moved_and_struck_off_in_one_go(desk):
    session = planned(desk)
    csat = AgendaItem.objects.get(found_as="kpi:csat")
    assert "Customer satisfaction 95.0" in get(desk.lead, "session_item", session.pk, csat.pk)
    refused = text(post(desk.lead, "session_item", session.pk, csat.pk, title="", words="x"))
    assert "This field is required." in refused
    said = {"title": "Callers like it", "words": "How did you do it?"}
    assert post(desk.lead, "session_item", session.pk, csat.pk, **said).status_code == 302
    page = get(desk.lead, "session", session.pk)
    # Of two who word it at a time the second reads what the first said, and may say it again.
    once = {"title": "Mine", "words": "Otherwise", "edited": ""}
    seen = text(post(desk.manager, "session_item", session.pk, csat.pk, **once))
    for words in ("changed it meanwhile", "Callers like it", "Otherwise"):
        assert words in seen, words
    assert f'name="edited" value="{NINE.isoformat()}"' in seen
    assert AgendaItem.objects.get(pk=csat.pk).title == "Callers like it"
    # What it was found by stays beneath.
    assert all(words in page for words in ("Callers like it", "How did you do it?", "n 40"))
    order = list(AgendaItem.objects.values_list("pk", flat=True))
    kept = [pk for pk in order if pk != order[1]]
    post(desk.lead, "session_agenda", session.pk, keep=kept, shown=order, down=order[0])
    after = AgendaItem.objects.order_by("place")
    assert [one.pk for one in after][:3] == [order[1], order[0], order[2]]
    assert [one.is_kept for one in after][:2] == [False, True]
    # The first goes no further up, and a point of another session is none of this one's.
    post(desk.lead, "session_agenda", session.pk, keep=kept, shown=order, up=order[1])
    assert AgendaItem.objects.order_by("place").first().pk == order[1]
    other = desk.session(about="Other")
    assert post(desk.lead, "session_agenda", other.pk, up=order[0]).status_code == 404
    assert post(desk.lead, "session_item", other.pk, csat.pk, title="x").status_code == 404


def test_a_call_is_played_once_and_nothing_else_is(desk):
    session = planned(desk)
    call = AgendaItem.objects.filter(source="call").first()
    assert ">Played<" in get(desk.lead, "session", session.pk)
    post(desk.lead, "session_played", session.pk, call.pk)
    assert "played 2 Mar 09:00" in plain(desk.lead, "session", session.pk)
    with time_machine.travel(NINE.replace(hour=11)):
        post(desk.lead, "session_played", session.pk, call.pk)
    call.refresh_from_db()
    assert call.played_at == NINE
    survey = AgendaItem.objects.get(found_as="survey")
    post(desk.lead, "session_played", session.pk, survey.pk)
    survey.refresh_from_db()
    assert survey.played_at is None


def test_a_point_that_is_struck_off_says_so_and_is_not_played_nor_is_one_once_it_is_signed(desk):
    session = planned(desk)
    one, other = AgendaItem.objects.filter(source="call")[:2]
    AgendaItem.objects.exclude(pk=other.pk).update(is_kept=False)
    page = plain(desk.lead, "session", session.pk)
    assert "struck off" in page
    assert reverse("session_played", args=[session.pk, one.pk]) not in get(
        desk.lead, "session", session.pk
    )
    with pytest.raises(ValidationError, match="struck off"):
        agenda.play(one, desk.lead, NINE)
    session.refresh_from_db()
    session = services.hold(session, "", session.revision, desk.lead, NINE)
    url = reverse("session_played", args=[session.pk, other.pk])
    assert url in get(desk.lead, "session", session.pk)
    services.sign(session, desk.me, NINE)
    assert url not in get(desk.lead, "session", session.pk)
    with pytest.raises(ValidationError, match="It is signed"):
        agenda.play(other, desk.lead, NINE)


def test_an_agent_puts_a_call_of_theirs_on_the_agenda_with_what_they_say_of_it(desk):
    call = Call.objects.filter(agent=desk.agent).order_by("-offered_at").first()
    url = reverse("self_review", args=[call.pk])
    assert url in get(desk.me, "call", call.pk)
    assert url not in get(desk.lead, "call", call.pk)
    assert "No session of yours is planned" in get(desk.me, "self_review", call.pk)
    early = post(desk.me, "self_review", call.pk, well="Waits for the next")
    assert early.url == reverse("my_coaching")
    assert "Waits for the next" in get(desk.me, "my_coaching")
    AgendaItem.objects.get().delete()
    session = desk.session()
    refused = text(post(desk.me, "self_review", call.pk, session=session.pk))
    assert "Say what went well, or what you would do otherwise." in refused
    said = {"session": session.pk, "well": "I let him finish", "otherwise": "Ask for the number"}
    answer = post(desk.me, "self_review", call.pk, **said)
    assert answer.url == reverse("session", args=[session.pk])
    post(desk.me, "self_review", call.pk, **said)
    own = AgendaItem.objects.get(source="own")
    assert (own.call_id, own.agent, own.title) == (
        call.pk, desk.agent, "Billing, 27 Feb 2026 09:50",
    )  # fmt: skip
    for who in (desk.me, desk.lead):
        page = get(who, "session", session.pk)
        for words in ("Went well", "I let him finish", "Would do otherwise", "Ask for the number"):
            assert words in page, (who, words)
    # Nobody words it otherwise, and nobody puts another's call there.
    assert post(desk.lead, "session_item", session.pk, own.pk, title="x").status_code == 404
    theirs = a_call(desk.queue, agent=an_agent(desk.site, "Bo"))
    assert post(desk.me, "self_review", theirs.pk, **said).status_code == 404


def test_who_agreed_on_a_step_once_reads_the_step_and_no_figure_of_it(desk):
    step = desk.step(kpi="csat")
    Action.objects.update(made_at=LAST_TALK)
    session = desk.session()
    TeamMembership.objects.filter(agent=desk.agent).update(ends_on=NINE.date())
    once = type(desk.lead).objects.get(pk=desk.lead.pk)
    page = get(once, "action_end", step.pk)
    assert step.words in page
    assert "as long before" not in page
    post(once, "session_prepare", session.pk)
    assert [one.facts["progress"] for one in AgendaItem.objects.filter(session=session)] == [None]
    assert "as long before" in get(desk.manager, "action_end", step.pk)
    assert "as long before" in get(desk.me, "action_end", step.pk)


def test_a_call_that_is_gone_with_its_month_leaves_its_point(desk):
    session = planned(desk)
    Call.objects.filter(agent=desk.agent).delete()
    page = get(desk.lead, "session", session.pk)
    assert "The call is not there any more, or not yours to open." in page
    assert "An answer that is not there any more, or not yours to read." in page


def test_a_step_that_was_closed_since_is_said_to_be_and_is_no_open_action(desk):
    session = planned(desk)
    step = desk.step("Names each caller")
    post(desk.lead, "session_prepare", session.pk)
    assert "Open action Names each caller" in plain(desk.lead, "session", session.pk)
    # Read by its agent, it is not taken away by another preparation.
    post(desk.lead, "session_share", session.pk)
    following.end(step, "done", "In each call", step.revision, desk.lead, NINE)
    post(desk.lead, "session_prepare", session.pk)
    for who in (desk.lead, desk.me):
        page = plain(who, "session", session.pk)
        assert "Step closed on 2 Mar: Done" in page
        assert "Open action Names" not in page


def test_pages_ask_the_same_of_a_full_agenda(desk, django_assert_max_num_queries):
    session = planned(desk)
    for n in range(9):
        desk.step(f"Step {n}", kpi=("csat", "aht", "fcr", "occupancy")[n % 4])
    card = a_card(desk.site)
    desk.step("Finds the cause", criterion=card.criteria.get(key="cause"))
    Action.objects.update(made_at=LAST_TALK)
    post(desk.lead, "session_prepare", session.pk)
    post(desk.lead, "session_share", session.pk)
    item = AgendaItem.objects.get(found_as="kpi:csat").pk
    step = Action.objects.first().pk
    lead, me = signed_in(desk.lead), signed_in(desk.me)
    for client, at in (
        (lead, reverse("session", args=[session.pk])),
        (me, reverse("session", args=[session.pk])),
        (lead, reverse("session_item", args=[session.pk, item])),
        (lead, reverse("action_end", args=[step])),
        (me, reverse("my_coaching")),
        (me, reverse("my_steps")),
    ):
        with django_assert_max_num_queries(12):
            assert client.get(at).status_code == 200
    assert "Since it was agreed on" in get(desk.me, "action_end", step)
    assert "as long before" in get(desk.me, "my_steps")
