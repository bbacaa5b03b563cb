"""The sessions of a demo's past are those of its lessons, once."""

from datetime import UTC, datetime, timedelta

import pytest

from ccm.demo import load
from ccm.demo.centre import SOURCE
from ccm.demo.lessons import SITE, TEACHERS, lessons
from ccm.demo.people import hire
from ccm.models import Agent, AgentAlias, Job
from coaching.demo import history
from coaching.models import Session
from tests.builders import a_site

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 6, 11, 15, 0, tzinfo=UTC)


def a_loaded_demo(days):
    """As if a demo of so many days had been loaded: its first site, its people, no calls."""
    payload = {"seed": 1, "days": days, "agents": 120, "now": NOW.isoformat()}
    Job.objects.create(kind=load.KIND, payload=payload, state=Job.State.DONE)
    site = a_site()
    site.slug, site.zone = SITE.slug, SITE.zone
    site.save()
    first = NOW.date() - timedelta(days=days - 1)
    crew = hire(1, 120, first)
    for one in crew.of(SITE.name):
        agent = Agent.objects.create(site=site, name=one.name)
        AgentAlias.objects.create(source=SOURCE, raw_name=one.alias, agent=agent)
    return lessons(crew, 1, first, days)


def test_each_lesson_was_a_session_and_is_written_once():
    given = a_loaded_demo(400)
    assert history.write(NOW) == len(given)
    assert history.write(NOW) == 0
    held = Session.objects.held()
    assert held.count() == len(given)
    assert {one.coach.username for one in held} == {one.username for one in TEACHERS}
    assert not held.filter(held_at__gt=NOW).exists()
    first = held.earliest("held_at")
    told = (first.participants.get().agent.aliases.get().raw_name, first.coach.username)
    assert told == (given[0].alias, given[0].teacher.username)


def test_a_short_past_and_a_record_without_a_demo_gain_none():
    assert history.write(NOW) == 0
    a_loaded_demo(90)
    assert history.write(NOW) == 0
    assert not Session.objects.exists()
