"""Which days are counted again, and who says so."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.urls import reverse

from ccm.models import Agent
from ccm.signals import names_merged
from kpis.rollups import presence
from scheduling import tasks
from scheduling.adherence import marks, services
from scheduling.models import AdherenceDay, AdherenceException, AdherenceFill, AdherenceMark
from tests.builders import a_leave, a_site, a_user, an_agent
from tests.scheduling.adherence.builders import (
    AFTER,
    a_rostered,
    a_state,
    an_exception,
    at,
    counted,
    marked,
    told_later,
)
from tests.scheduling.kept.builders import DAY, MONDAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]


@pytest.fixture
def agent():
    return an_agent(a_site(), "Ada")


def test_a_count_of_agents_time_marks_the_days_that_have_shifts(agent):
    a_rostered(agent)
    a_state(agent, at(0), at(60))
    far = MONDAY + 20 * DAY
    for day in (MONDAY, far):
        with transaction.atomic(), connection.cursor() as cursor:
            presence.count(cursor, agent.site, day, day)
    assert MONDAY in marked()
    assert far not in marked()


def test_a_day_that_is_counted_as_its_log_goes_on_is_not_told_to_be_counted_again(agent, client):
    a_rostered(agent)
    a_state(agent, at(0), at(60))
    with transaction.atomic(), connection.cursor() as cursor:
        presence.count(cursor, agent.site, MONDAY, MONDAY)
    assert MONDAY in marked()
    client.force_login(a_user("planner", agent.site))
    url = reverse("adherence_day", args=[agent.pk]) + f"?day={MONDAY.isoformat()}"
    words = "The day is being counted again"
    with time_machine.travel(AFTER, tick=False):
        assert words not in client.get(url).content.decode()
        marks.shifts_changed(agent.site_id, [MONDAY])
        assert words in client.get(url).content.decode()


def test_a_state_that_comes_late_is_in_the_day_after_the_next_run(agent):
    a_rostered(agent)
    told_later(agent)
    assert counted(agent).adherent == 0
    a_state(agent, at(0), at(30))
    with transaction.atomic(), connection.cursor() as cursor:
        presence.count(cursor, agent.site, MONDAY, MONDAY)
    with time_machine.travel(AFTER, tick=False):
        tasks.count_adherence()
        tasks.count_adherence()
    assert AdherenceDay.objects.get(agent=agent, day=MONDAY).adherent == 1800
    assert not AdherenceMark.objects.exists()


def test_leave_that_is_kept_or_goes_marks_the_days_that_were_counted(agent):
    a_rostered(agent)
    told_later(agent)
    counted(agent)
    leave = a_leave(agent, first_on=MONDAY, last_on=MONDAY)
    assert marked() == {MONDAY}
    AdherenceMark.objects.all().delete()
    leave.delete()
    assert marked() == {MONDAY}


def test_once_a_day_the_last_weeks_are_counted_again_for_what_a_list_brought(agent):
    AdherenceFill.objects.create(
        site=agent.site, day=MONDAY, is_whole=True, counted_at=AFTER, known_until=AFTER
    )
    AdherenceFill.objects.create(
        site=agent.site, day=MONDAY - 40 * DAY, is_whole=True, counted_at=AFTER, known_until=AFTER
    )
    with time_machine.travel(AFTER, tick=False):
        tasks.adherence_afresh()
    assert marked() == {MONDAY}


def test_whoever_becomes_somebody_else_takes_along_what_was_asked_for(agent):
    """Of two exceptions at one time that of the one who stays stands."""
    loser = an_agent(agent.site, "A. Lovelace")
    own = an_exception(agent, 0, 15)
    over, beside = an_exception(loser, 10, 20), an_exception(loser, 30, 40)
    AdherenceDay.objects.create(site=agent.site, agent=loser, day=MONDAY, is_told=True)
    names_merged.send(sender=Agent, loser=loser.pk, keeper=agent.pk)
    assert {*AdherenceException.objects.filter(agent=agent)} == {own, beside}
    assert not AdherenceException.objects.filter(pk=over.pk).exists()
    assert not AdherenceDay.objects.filter(agent=loser).exists()
    assert marked() == {MONDAY}


def test_a_decision_that_changes_nothing_marks_nothing(agent):
    one = an_exception(agent, 0, 15)
    services.decide(one, approved=False, note="The line was up", who=a_user(), now=AFTER)
    assert marked() == set()
    one.refresh_from_db()
    services.decide(one, approved=True, note="", who=a_user(), now=AFTER + timedelta(hours=1))
    assert MONDAY in marked()


def test_a_day_far_from_every_shift_is_not_marked(agent):
    a_rostered(agent)
    marks.counted(agent.site, MONDAY + 5 * DAY, MONDAY + 9 * DAY)
    assert marked() == set()
