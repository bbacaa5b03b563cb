"""What a demo shows of rosters."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from ccm.demo import load as loading
from ccm.models import Agent, Site
from scheduling.adherence import counting
from scheduling.demo import rosters
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
from scheduling.rosters import kept, parts
from scheduling.rules import check

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]
NOW = datetime(2026, 6, 3, 12, tzinfo=UTC)


@pytest.fixture
def demo(settings):
    settings.ALLOWED_HOSTS = ["localhost"]
    with time_machine.travel(NOW, tick=False):
        loading.load(loading.Wanted(1, 10, 24), NOW)
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
    # Their shift is not over yet: so far they have missed all of it.
    theirs = kept[absent.agent_id]
    assert (theirs.scheduled > 0, theirs.adherent, theirs.late) == (True, 0, 0)
