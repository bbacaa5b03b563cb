"""The steps of all whom somebody coaches."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from ccm.models import TeamMembership
from coaching.following import services as following
from coaching.following.progress import _recorded
from coaching.following.services import Step
from coaching.measured.spans import since_agreed
from coaching.models import Participant, Session
from kpis.reads.reading import Record
from tests.builders import NINE, a_user, an_agent
from tests.coaching.builders import Floor
from tests.coaching.holding.test_pages import get, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def floor():
    with time_machine.travel(NINE, tick=False):
        yield Floor()


def test_steps_of_those_whom_one_leads_stand_with_what_is_overdue_first(floor):
    other = an_agent(floor.site, "Bo")
    session = floor.session(starts_at=NINE - timedelta(days=30))
    for agent, words, days in (
        (floor.agent, "Due later", 40), (floor.agent, "Due long ago", 3), (other, "Of Bo", 4),
    ):  # fmt: skip
        then = NINE - timedelta(days=30)
        step = Step(agent, words, (then + timedelta(days=days)).date(), "aht")
        following.agree(step, session, floor.lead, then)
    done = floor.step("Over and done")
    following.end(done, "done", "On ten calls", 0, floor.lead, NINE)
    page = get(floor.lead, "steps")
    order = [page.index(words) for words in ("Due long ago", "27 days late", "Due later")]
    assert order == sorted(order)
    assert "measured by Average handling time" in page
    assert reverse("session", args=[session.pk]) in page
    # Whom somebody else leads, and what has ended, stand elsewhere.
    for words in ("Of Bo", "Over and done"):
        assert words not in page, words
    assert "Of Bo" in get(floor.manager, "steps", query="?state=overdue")
    assert "Due later" not in get(floor.manager, "steps", query="?state=overdue")
    of_bo = get(floor.manager, "steps", query=f"?agent={other.pk}")
    assert "Of Bo" in of_bo
    assert "Due long ago" not in of_bo
    assert "On ten calls" in get(floor.lead, "steps", query="?state=done")
    team = TeamMembership.objects.get(agent=floor.agent).team_id
    of_team = get(floor.manager, "steps", query=f"?state=overdue&team={team}")
    assert "Due long ago" in of_team
    assert "Of Bo" not in of_team
    client = signed_in(floor.lead)
    for query in ("?state=x", "?team=x", f"?agent={other.pk}", "?agent=x"):
        assert client.get(reverse("steps") + query).status_code == 404, query
    assert signed_in(a_user("supervisor")).get(
        f"{reverse('steps')}?team={team}"
    ).status_code == 404  # fmt: skip


def test_an_agents_page_leads_who_coaches_them_to_sessions_steps_and_a_plan(floor):
    floor.session()
    floor.step()
    with time_machine.travel(NINE + timedelta(days=20), tick=False):
        floor.session(about="April", starts_at=NINE + timedelta(days=21))
        page = get(floor.lead, "agent", floor.agent.pk)
        own = get(floor.me, "agent", floor.agent.pk)
        analyst = get(a_user("qa_analyst", floor.site), "agent", floor.agent.pk)
    for words in (
        "Plan a session", "Mon 23 Mar 2026 09:00", "1 overdue",
        f"{reverse('sessions')}?agent={floor.agent.pk}",
        f"{reverse('steps')}?agent={floor.agent.pk}",
        f"{reverse('session_new')}?agent={floor.agent.pk}&amp;site={floor.site.slug}",
    ):  # fmt: skip
        assert words in page, words
        assert words not in own, words
        assert words not in analyst, words


def test_days_before_a_step_begin_no_earlier_than_the_record():
    agreed, last = NINE.date(), NINE.date() + timedelta(days=30)
    spans = since_agreed(agreed, last)
    assert spans.before.many == 30
    for ago, many in ((60, 30), (19, 20), (0, 1), (-1, 30)):
        record = Record(agreed - timedelta(days=ago), NINE, NINE)
        assert _recorded(spans, record).before.many == many, ago


def test_what_one_has_ended_stays_to_be_found_with_how_it_went(floor):
    done = floor.step("Say the name")
    assert "Done and dropped" not in get(floor.me, "my_coaching")
    url = reverse("action_end", args=[done.pk])
    sent = {"state": "done", "words": "On ten calls", "revision": done.revision}
    answer = signed_in(floor.me).post(url, sent, follow=True)
    assert "The step is done" in answer.content.decode()
    page = get(floor.me, "my_coaching")
    assert "Done and dropped (1)" in page
    assert "On ten calls" in page
    assert url in page


def test_a_session_held_before_its_time_says_so(floor):
    session = floor.session(about="Soon", starts_at=NINE + timedelta(minutes=10))
    assert "held before its time" not in get(floor.me, "my_coaching")
    Session.objects.filter(pk=session.pk).update(state="held", held_at=NINE)
    Participant.objects.filter(session=session).update(signed_at=NINE)
    assert "held before its time" in get(floor.me, "my_coaching")
