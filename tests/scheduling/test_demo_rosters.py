"""What a demo shows of rosters."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import override_settings

from ccm.demo import load as loading
from ccm.demo import rota
from ccm.models import Agent, Queue, Site
from scheduling.adherence import counting
from scheduling.demo import rosters, trades
from scheduling.models import (
    AdherenceDay,
    AdherenceException,
    AgentSkill,
    BidRound,
    KeptRoster,
    KeptShift,
    RosterRun,
    RosterSession,
    ShiftChange,
    Trade,
)
from scheduling.rosters import asked as kept_asked
from scheduling.rosters import kept, parts
from scheduling.rules import check
from tests import once
from tests.builders import a_leave
from tests.scheduling.kept.builders import a_forecast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]
NOW = datetime(2026, 6, 3, 12, tzinfo=UTC)


def loaded(days):
    with override_settings(ALLOWED_HOSTS=["localhost"]), time_machine.travel(NOW, tick=False):
        loading.load(loading.Wanted(1, days, 24), NOW)


ten_days_loaded = once.fixture(lambda: loaded(10))
three_days_loaded = once.fixture(lambda: loaded(3))


@pytest.fixture
def demo(ten_days_loaded, settings):
    settings.ALLOWED_HOSTS = ["localhost"]
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def three_days(three_days_loaded, settings):
    """A demo that has begun on Monday, as its rosters do then: the first two are of four weeks."""
    settings.ALLOWED_HOSTS = ["localhost"]
    with time_machine.travel(NOW, tick=False):
        yield


def test_a_demo_has_worked_by_published_rosters_and_has_a_draft_to_make(demo):
    jobs = rosters.publish()
    assert rosters.publish() == []
    leeds = Site.objects.get(slug="leeds")
    spans = [(one.first_day, one.state) for one in leeds.rosters.order_by("first_day")]
    # Shown from 25 May on, a Monday.
    assert spans == [
        (date(2026, 5, 25), "published"),
        (date(2026, 6, 8), "published"),
        (date(2026, 6, 22), "draft"),
        # Of a team, for bids.
        (date(2026, 7, 6), "draft"),
        (date(2026, 7, 13), "draft"),
    ]
    assert [one.job_id for one in RosterRun.objects.all()] == jobs
    assert KeptRoster.objects.filter(state="published").count() == 6


def test_its_shifts_have_their_pauses_and_break_few_rules(demo):
    rosters.publish()
    for roster in KeptRoster.objects.filter(state="published").select_related("site"):
        shifts = list(roster.shifts.all())
        assert shifts
        problem = kept.problem_of(roster, None, shifts)
        broken = check(problem, kept.roster_of(roster, shifts))
        hard = {str(one.rule) for one in broken if one.is_hard}
        assert not hard & {
            "unknown_person",
            "unknown_shape",
            "activity_outside",
            "activity_overlap",
        }
    one = KeptShift.objects.filter(ends_at__lt=NOW).order_by("pk").first()
    told = parts.of_shift(one)
    assert sum((part.length for part in told), timedelta()) == one.ends_at - one.begins_at
    assert {part.kind for part in told} >= {"on_queue", "pause"}


def test_it_shows_trades_a_session_and_people_who_take_some_queues_better(demo):
    rosters.publish()
    rosters.publish()
    assert trades.publish() > 0
    assert trades.publish() == 0
    rows = Trade.objects.filter(roster__site__slug="leeds").order_by("kind")
    # Nothing is known of what is asked for of these days: a supervisor decides what is given up.
    assert [(one.kind, one.state) for one in rows] == [
        ("cover", "offered"),
        ("give_up", "waiting"),
        ("open", "offered"),
        ("swap", "offered"),
    ]
    assert all(one.is_live(NOW) for one in Trade.objects.all())
    session = RosterSession.objects.get()
    assert (session.first_on, session.last_on) == (date(2026, 6, 22), date(2026, 6, 26))
    assert {float(one.proficiency) for one in AgentSkill.objects.all()} == {0.8, 1.0}
    # Whom fairness tells of has wishes that were kept.
    assert KeptRoster.objects.filter(wishes__isnull=False).exists()


def test_its_rosters_keep_what_is_asked_of_them_once_forecasts_stand(three_days):
    rosters.publish()
    assert rosters.ask() == 0  # nothing is forecast yet
    for queue in Queue.objects.filter(site__slug="leeds"):
        a_forecast(queue, dict.fromkeys(range(48), 20.0), date(2026, 6, 3), 2)
    assert rosters.ask() == 5  # of Leeds, two are published, one is made, and two are bid for
    assert rosters.ask() == 0
    # From 1 June on for two weeks; of its days, two were forecast.
    first = KeptRoster.objects.published().filter(site__slug="leeds").order_by("first_day")[0]
    required = kept_asked.kept(first).demand.required
    day = 24 * 60 // kept_asked.kept(first).demand.slot_minutes
    # Midnight of 3 June in Leeds, two days after its beginning, and two days on.
    assert required[:, 2 * day : 4 * day].sum() > 0
    assert required[:, : 2 * day].sum() == required[:, 4 * day :].sum() == 0


def test_who_calls_out_for_a_week_is_planned_to_all_day(three_days):
    """The first hours of a day and its last as well: nothing of it is on queue."""
    rosters.publish()
    shifts = [
        one
        for one in KeptShift.objects.published()
        if any(part["name"] == rota.CALLS_OUT for part in one.activities)
    ]
    assert shifts
    for one in shifts:
        assert "on_queue" not in {part.kind for part in parts.of_shift(one)}


def test_its_people_keep_their_schedules_as_people_do(demo):
    rosters.publish()
    while counting.count_marked(NOW, 20):
        pass
    days = AdherenceDay.objects.filter(site__slug="leeds", is_told=True, scheduled__gt=0)
    assert days.exists()
    kept = sum(one.adherent for one in days) / sum(one.scheduled for one in days)
    assert 0.85 <= kept <= 0.95
    assert AdherenceException.objects.asked().exists()


def test_it_has_a_round_of_bids_that_is_open_and_one_that_was_given_out_by_fairness(demo):
    rosters.publish()
    given_out, is_open = BidRound.objects.order_by("opened_at")
    assert (given_out.state, is_open.state) == ("awarded", "open")
    assert given_out.criteria == ["fairness", "seniority"]
    assert not given_out.bids.filter(line=None).exists()
    assert not given_out.bids.filter(beyond=None).exists()
    assert is_open.closes_at > NOW
    reader = Agent.objects.filter(site__slug="leeds").exclude(user=None).order_by("pk").first()
    assert is_open.bids.get(agent=reader).ranked == []
    assert is_open.bids.exclude(ranked=[]).exists()


def test_nobody_has_a_line_to_bid_for_on_days_of_leave(demo):
    """What the team has now is copied, and who is there now may be absent then."""
    reader = Agent.objects.filter(site__slug="leeds").exclude(user=None).order_by("pk").first()
    a_leave(reader, first_on=date(2026, 7, 7), last_on=date(2026, 7, 31))
    rosters.publish()
    theirs = KeptShift.objects.filter(agent=reader, roster__bid_rounds__isnull=False)
    assert {one.day for one in theirs} == {date(2026, 7, 6)}


def test_somebody_is_late_today_and_somebody_does_not_come(demo):
    """It is one o'clock in Leeds: who was to begin sooner by word of yesterday came as before, and
    who was called in did not come at all."""
    rosters.publish()
    while counting.count_marked(NOW, 20):
        pass
    late, absent = ShiftChange.objects.filter(
        edit__roster__site__slug="leeds", edit__why="hand"
    ).order_by("edit__number")
    assert (late.day, absent.day) == (NOW.date(), NOW.date())
    kept = {one.agent_id: one for one in AdherenceDay.objects.filter(day=NOW.date())}
    assert kept[late.agent_id].late_seconds >= 30 * 60
    # Their shift is not over yet: so far they are late, by all of it.
    theirs = kept[absent.agent_id]
    assert (theirs.scheduled > 0, theirs.adherent, theirs.late, theirs.absent) == (True, 0, 1, 0)
