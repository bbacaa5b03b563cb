"""A quick note, or a word at the desk: one form, and it stands as held."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse

from ccm.models import AuditEntry
from coaching.holding import services, to_sign
from coaching.holding.services import Said
from coaching.models import Action, Participant, PrivateNote, Session
from tests.builders import NINE, a_site, a_user, an_agent
from tests.coaching.builders import Floor
from tests.coaching.holding.test_pages import get, post, signed_in, text
from tests.coaching.rhythm.builders import a_cadence

pytestmark = pytest.mark.django_db
WORDS = "Greets by name on every call now."


@pytest.fixture
def floor():
    with time_machine.travel(NINE, tick=False):
        yield Floor()


def written(floor, **more):
    said = {"kind": "quick_note", "agent": floor.agent.pk, "words": WORDS, "reader": "shared"}
    return post(floor.lead, "quick_note", **said | more)


def test_a_note_is_written_in_one_form_and_stands_as_held_now(floor):
    step = {"step": "Asks before a remedy", "due_on": "2026-03-16"}
    answer = written(floor, kind="verbal", **step)
    made = Session.objects.get()
    assert answer.url == reverse("session", args=[made.pk])
    assert (made.kind, made.state, made.coach) == ("verbal", "held", floor.lead)
    assert made.starts_at == made.held_at == NINE
    assert made.shared_notes == WORDS
    agreed = Action.objects.get()
    assert (agreed.session, agreed.agent, agreed.words) == (made, floor.agent, step["step"])
    assert agreed.due_on == date(2026, 3, 16)
    # The agent reads it, and both sign as of every other kind.
    page = get(floor.me, "session", made.pk)
    assert WORDS in page
    assert to_sign.count(floor.me) == 1
    listed = get(floor.lead, "sessions")
    for words in (f"not signed by {floor.lead}, {floor.agent.name}", f"Verbal · {WORDS}"):
        assert words in listed, words
    for who in (floor.lead, floor.me):
        assert post(who, "session_sign", made.pk).status_code == 302
    made.refresh_from_db()
    assert made.signed_at == made.participants.get().signed_at == NINE


def test_a_private_one_is_its_writers_alone_and_the_log_does_not_say_that_there_is_one(floor):
    written(floor, words="Seems tired lately", reader="private")
    made = Session.objects.get()
    assert (made.shared_notes, PrivateNote.objects.get().words) == ("", "Seems tired lately")
    assert "Seems tired lately" in get(floor.lead, "session", made.pk)
    for who in (floor.me, floor.manager, a_user("admin")):
        assert "Seems tired" not in get(who, "session", made.pk)
    assert "Seems tired" not in get(floor.manager, "sessions") + get(floor.me, "my_coaching")
    logged = AuditEntry.objects.exclude(action="exported")
    assert {one.model for one in logged} == {"coaching.session"}
    assert "tired" not in str(list(logged.values_list("before", "after")))


@pytest.mark.parametrize("reader", ["shared", "private"])
def test_a_post_that_comes_twice_makes_one(floor, reader):
    for _press in range(2):
        written(floor, reader=reader, step="Asks first", due_on="2026-03-16")
    assert Session.objects.count() == Participant.objects.count() == Action.objects.count() == 1
    # Another note, or the same for another reader, is one more.
    written(floor, reader=reader, words="Something else")
    written(floor, reader="private" if reader == "shared" else "shared")
    assert Session.objects.count() == 3


def test_what_is_missing_is_said_and_nothing_is_kept(floor):
    stranger = an_agent(floor.site, "Somebody Else")
    for wrong, words in (
        ({"words": " "}, "This field is required."),
        ({"agent": stranger.pk}, "Select a valid choice."),
        ({"agent": ""}, "This field is required."),
        ({"step": "Asks first", "due_on": ""}, "Say by when."),
        ({"step": "Asks first", "due_on": "2026-02-27"}, "That day is over"),
        ({"kind": "one_to_one"}, "Select a valid choice."),
    ):
        answer = text(written(floor, **wrong))
        assert words in answer, wrong
        # What was typed stands there still.
        assert wrong.get("words") or WORDS in answer
    assert not Session.objects.exists()
    # A day alone, as it is offered, is no step.
    assert written(floor, due_on="2026-03-16").status_code == 302
    assert not Action.objects.exists()


def test_nobody_notes_something_about_themselves_or_where_they_coach_nobody(floor):
    own = an_agent(floor.site, "The Lead", user=floor.lead)
    with pytest.raises(ValidationError, match="Nobody coaches themselves"):
        services.put_down(Said("quick_note", own, WORDS), floor.lead, NINE)
    with pytest.raises(ValidationError, match="of this kind is planned"):
        services.put_down(Said("group", floor.agent, WORDS), floor.lead, NINE)
    other = an_agent(a_site(), "Elsewhere")
    client = signed_in(floor.lead)
    for query in (f"?agent={other.pk}", f"?site={other.site.slug}", "?agent=x"):
        assert client.get(reverse("quick_note") + query).status_code == 404
    assert signed_in(floor.me).get(reverse("quick_note")).status_code == 404


def test_it_is_offered_wherever_a_session_is_planned(floor):
    url = reverse("quick_note")
    a_cadence(floor)
    query = f"?site={floor.site.slug}&agent={floor.agent.pk}"
    of_them = f"{url}{query.replace('&', '&amp;')}"
    turned = f"{url}?agent={floor.agent.pk}&amp;site={floor.site.slug}"
    assert of_them in get(floor.lead, "rhythm")
    assert of_them in get(floor.lead, "sessions", query=f"?agent={floor.agent.pk}")
    assert url in get(floor.lead, "session_new")
    assert turned in get(floor.lead, "agent", floor.agent.pk)
    form = get(floor.lead, "quick_note", query=query)
    assert f'<option value="{floor.agent.pk}" selected>' in form
    # By when a step is offered: a fortnight from now.
    assert f'value="{(NINE + timedelta(days=14)).date()}"' in form
    # Of who has left nothing is noted any more.
    floor.agent.left_on = NINE.date() - timedelta(days=1)
    floor.agent.save()
    assert turned not in get(floor.lead, "agent", floor.agent.pk)
