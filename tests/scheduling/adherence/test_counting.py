"""Days of adherence as they are counted from rows, held against cases worked by hand."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest

from kpis.formulas.adherence import adherence_ad1, adherence_ad2, conformance
from scheduling.adherence import counting, reads, services
from scheduling.models import (
    AdherenceDay,
    AdherenceFill,
    AdherenceMark,
    AdherenceRules,
    PauseReason,
    SiteRules,
)
from scheduling.rosters import edits
from scheduling.rosters import services as rosters
from tests.builders import a_call, a_leave, a_queue, a_site, a_user, an_agent
from tests.scheduling.adherence.builders import (
    AFTER,
    MINUTE,
    NINE,
    a_rostered,
    a_state,
    an_exception,
    at,
    counted,
    marked,
    told_later,
)
from tests.scheduling.kept.builders import DAY, MONDAY, a_roster, a_shift, published

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]


@pytest.fixture
def agent():
    return an_agent(a_site(), "Ada")


def figures(row):
    kept = reads.kept_of(row)
    ratios = (adherence_ad1(kept), adherence_ad2(kept), conformance(kept))
    return tuple(round(100 * one.value, 1) for one in ratios)


@pytest.mark.parametrize(
    ("worked", "expected"),
    [
        ((15, 75), (75.0, 60.0, 100.0)),
        ((10, 70), (83.3, 71.4, 100.0)),
        ((0, 60), (100.0, 100.0, 100.0)),
    ],
)
def test_the_vectors_of_adherence_and_conformance_through_rows(agent, worked, expected):
    """9:00-10:00 scheduled; 9:15-10:15 worked, and 9:10-10:10."""
    a_rostered(agent)
    a_state(agent, at(worked[0]), at(worked[1]))
    told_later(agent)
    assert figures(counted(agent)) == expected


def test_states_late_doubled_and_shuffled_come_to_the_same(agent):
    """Logged in all the hour, on calls of it twice told, and paused at its end."""
    a_rostered(agent)
    PauseReason.objects.create(site=agent.site, reason="Break", activity="pause")
    told = [
        (at(0), at(60), "logged_in", ""),
        (at(0), at(45), "available", ""),
        (at(10), at(30), "on_call", ""),
        (at(20), at(40), "on_call", ""),
        (at(45), at(60), "paused", "break"),
    ]
    told_later(agent)
    found = set()
    for some in list(permutations(told))[::30]:
        agent.states.filter(starts_at__lt=AFTER - 60 * MINUTE).delete()
        for since, to, state, reason in some:
            a_state(agent, since, to, state, reason)
        row = counted(agent)
        counting.count_day(agent.site, MONDAY, AFTER)
        found.add((row.scheduled, row.adherent, row.missed, row.outside, str(row.done)))
    assert found == {(3600, 2700, 900, 0, "{'pause': 900, 'on_queue': 2700}")}
    assert AdherenceDay.objects.filter(agent=agent, day=MONDAY).count() == 1


def test_a_pause_is_what_its_reason_is_said_to_be_and_else_other_work(agent):
    pause = {
        "kind": "training", "name": "Product", "start": at(30).isoformat(),
        "end": at(60).isoformat(), "is_pause": False, "is_paid": True,
    }  # fmt: skip
    a_rostered(agent, activities=[pause])
    a_state(agent, at(0), at(30))
    a_state(agent, at(30), at(60), "paused", "Schulung")
    told_later(agent)
    row = counted(agent)
    assert (row.adherent, row.done) == (1800, {"on_queue": 1800, "other": 1800})
    services.keep_reasons(agent.site, {"schulung": "training"}, a_user(), AFTER)
    assert MONDAY in marked()
    assert counting.count_marked(AFTER, 10) == 1
    row = AdherenceDay.objects.get(agent=agent, day=MONDAY)
    assert (row.adherent, row.done) == (3600, {"on_queue": 1800, "training": 1800})


def test_an_approved_exception_changes_what_is_held_against_and_before_it_stands_beside(agent):
    """Away from 9:20 to 9:40. Excused, 40 of 40 minutes were kept; before, 40 of 60."""
    a_rostered(agent)
    a_state(agent, at(0), at(20))
    a_state(agent, at(40), at(60))
    told_later(agent)
    an_exception(agent, 20, 40, state="refused")
    assert (row := counted(agent)).adherent == row.before_adherent == 2400
    waits = an_exception(agent, 20, 40)
    assert counted(agent).scheduled == 3600
    states = [*agent.states.values_list("starts_at", "ends_at")]
    services.decide(waits, approved=True, note="It was", who=a_user(), now=AFTER)
    assert MONDAY in marked()
    row = counted(agent)
    assert (row.scheduled, row.adherent, row.missed) == (2400, 2400, 0)
    assert (row.before_scheduled, row.before_adherent, row.before_missed) == (3600, 2400, 1200)
    assert [*agent.states.values_list("starts_at", "ends_at")] == states


def test_a_night_is_cut_where_the_sites_day_ends_and_adds_up(agent):
    """22:00-6:00, there from 22:30 to 5:00: of Monday 90 of 120 minutes, of Tuesday 300 of 360.
    Late and early are Monday's, with whom the shift is."""
    late = datetime(2026, 3, 16, 22, tzinfo=UTC)
    a_rostered(
        agent, begins_at=late, ends_at=late + timedelta(hours=8), worked_minutes=480, is_night=True
    )
    a_state(agent, late + 30 * MINUTE, late + 7 * 60 * MINUTE)
    a_state(agent, late + 1440 * MINUTE, late + 1450 * MINUTE)
    now = late + 1500 * MINUTE
    monday, tuesday = counted(agent, now=now), counted(agent, MONDAY + DAY, now)
    assert (monday.scheduled, monday.adherent) == (120 * 60, 90 * 60)
    assert (tuesday.scheduled, tuesday.adherent) == (360 * 60, 300 * 60)
    assert (monday.shifts, monday.late_seconds, monday.early_seconds) == (1, 1800, 3600)
    assert (tuesday.shifts, tuesday.late, tuesday.left_early, tuesday.absent) == (0, 0, 0, 0)


def test_where_days_begin_at_six_a_night_lies_in_one_of_them():
    agent = an_agent(a_site(day_begins=6))
    late = datetime(2026, 3, 16, 22, tzinfo=UTC)
    a_rostered(agent, begins_at=late, ends_at=late + timedelta(hours=8), worked_minutes=480)
    a_state(agent, late, late + 480 * MINUTE)
    a_state(agent, late + 1440 * MINUTE, late + 1450 * MINUTE)
    now = late + 1500 * MINUTE
    row = counted(agent, now=now)
    assert (row.scheduled, row.adherent, row.shifts) == (480 * 60, 480 * 60, 1)
    # The night's hours are from 23 to 6 by the site's rules.
    assert row.night_seconds == 7 * 3600


def test_a_night_on_which_clocks_go_forward_is_an_hour_shorter():
    """London, 29 March 2026: 22:00 to 6:00 by the clock are seven hours, of which six are night."""
    site = a_site(zone="Europe/London", day_begins=6)
    SiteRules.objects.create(site=site)
    agent = an_agent(site)
    start, end = datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 3, 29, 5, tzinfo=UTC)
    saturday = date(2026, 3, 28)
    roster = a_roster(site, first_day=saturday, state="published", published_at=NINE)
    a_shift(roster, agent, saturday, begins_at=start, ends_at=end, worked_minutes=420)
    a_state(agent, start, end)
    a_state(agent, end + timedelta(hours=20), end + timedelta(hours=21))
    row = counted(agent, saturday, end + timedelta(hours=22))
    assert (row.scheduled, row.adherent, row.night_seconds) == (7 * 3600, 7 * 3600, 6 * 3600)


def test_a_split_shift_leaves_its_gap_to_nobody(agent):
    spells = [[at(0).isoformat(), at(60).isoformat()], [at(180).isoformat(), at(240).isoformat()]]
    a_rostered(agent, 0, 240, spells=spells, worked_minutes=120)
    a_state(agent, at(0), at(60))
    a_state(agent, at(180), at(250))
    told_later(agent)
    row = counted(agent)
    assert (row.scheduled, row.adherent, row.outside) == (7200, 7200, 600)


def test_on_call_is_no_time_to_keep(agent):
    a_rostered(agent, worked_minutes=0)
    told_later(agent)
    assert counted(agent) is None


def test_a_threshold_forgives_what_is_shorter(agent):
    a_rostered(agent)
    a_state(agent, at(0), at(20))
    a_state(agent, at(21), at(60))
    told_later(agent)
    assert counted(agent).missed == 60
    said = {"variant": "AD1", "forgiven_seconds": 61, "late_seconds": 0}
    services.keep_rules(agent.site, MONDAY, said, a_user(), AFTER)
    assert MONDAY in marked()
    assert counted(agent).missed == 0
    AdherenceRules.objects.update(starts_on=MONDAY + DAY)
    assert counted(agent).missed == 60


def test_where_the_log_has_nothing_of_the_day_nobody_is_absent(agent):
    a_rostered(agent, 0, 480)
    row = counted(agent)
    assert (row.is_told, row.absent, row.scheduled, row.planned) == (
        False, 0, 0, {"on_queue": 480 * 60},
    )  # fmt: skip


def test_who_has_no_state_while_others_have_is_absent(agent):
    a_rostered(agent, 0, 480)
    other = an_agent(agent.site)
    a_state(other, at(0), at(480))
    told_later(other)
    row = counted(agent)
    assert (row.is_told, row.absent, row.late, row.missed) == (True, 1, 0, 480 * 60)
    assert AdherenceFill.objects.get(site=agent.site, day=MONDAY).is_whole


def test_leave_is_no_absence_and_stands_in_what_is_held_against(agent):
    a_rostered(agent, 0, 480)
    a_leave(agent, kind="Sickness", first_on=MONDAY, last_on=MONDAY)
    told_later(an_agent(agent.site))
    a_state(an_agent(agent.site), at(0), at(480))
    row = counted(agent)
    assert (row.leave, row.absent, row.scheduled, row.paid_seconds) == (
        "Sickness", 0, 0, 480 * 60,
    )  # fmt: skip


def test_leave_is_no_exception_so_that_before_exceptions_it_is_not_missed_either(agent):
    """A day of sickness without an exception: both figures are of nothing. On the day after, 15
    minutes of an hour are excused, which alone tells them apart."""
    roster = published(a_roster(agent.site))
    a_rostered(agent, 0, 480, roster=roster)
    a_rostered(agent, 1440, 1500, roster=roster, day=MONDAY + DAY)
    a_leave(agent, kind="Sickness", first_on=MONDAY, last_on=MONDAY)
    a_state(an_agent(agent.site), at(0), at(480))
    a_state(agent, at(1455), at(1500))
    an_exception(agent, 1440, 1455, state="approved")
    a_state(an_agent(agent.site), at(2880), at(2900))
    now = at(2910)
    row = counted(agent, now=now)
    assert (row.before_scheduled, row.before_missed) == (row.scheduled, row.missed) == (0, 0)
    row = counted(agent, MONDAY + DAY, now)
    assert (row.scheduled, row.missed) == (45 * 60, 0)
    assert (row.before_scheduled, row.before_missed) == (3600, 15 * 60)


def test_what_is_not_told_yet_is_neither_kept_nor_missed(agent):
    """At 9:30 somebody is on a call since 9:10; nothing ended it. Others are told until 9:25."""
    a_rostered(agent, 0, 60)
    a_state(agent, at(0), at(10))
    a_state(agent, at(10), None, "on_call")
    a_state(an_agent(agent.site), at(0), at(25))
    row = counted(agent, now=at(30))
    assert (row.scheduled, row.adherent, row.missed) == (600, 600, 0)
    fill = AdherenceFill.objects.get(site=agent.site, day=MONDAY)
    assert (fill.known_until, fill.is_whole) == (at(25), False)


def test_of_a_day_that_is_not_over_what_was_scheduled_up_to_now_counts(agent):
    """At 11:00 of a shift from nine to five with an unpaid lunch at one, the log tells of five
    minutes less. Its states until 10:50 are there, and then those until 10:55, which came late:
    only then was nothing missed. Tomorrow it is the whole day."""
    lunch = {
        "kind": "pause", "name": "Lunch", "is_pause": True, "is_paid": False,
        "start": at(240).isoformat(), "end": at(270).isoformat(),
    }  # fmt: skip
    a_rostered(agent, 0, 480, activities=[lunch])
    a_state(agent, at(0), at(110))
    a_state(an_agent(agent.site), at(0), at(115))
    row = counted(agent, now=at(120))
    assert (row.scheduled, row.missed, row.on_queue_scheduled) == (115 * 60, 5 * 60, 115 * 60)
    assert (row.paid_seconds, row.unpaid_seconds) == (120 * 60, 0)
    assert row.planned == {"on_queue": 120 * 60}

    a_state(agent, at(110), at(115))
    row = counted(agent, now=at(120))
    assert (row.scheduled, row.missed) == (115 * 60, 0)
    assert conformance(reads.kept_of(row)).value == 1.0
    assert not AdherenceFill.objects.get(site=agent.site, day=MONDAY).is_whole

    told_later(agent)
    row = counted(agent)
    assert (row.scheduled, row.paid_seconds, row.unpaid_seconds) == (27000, 27000, 1800)
    assert row.unpaid_judged_seconds == 1800
    # On leave nothing is held against anybody, and no pause is left out of that.
    a_leave(agent, first_on=MONDAY, last_on=MONDAY)
    row = counted(agent)
    assert (row.scheduled, row.unpaid_seconds, row.unpaid_judged_seconds) == (0, 1800, 0)


def test_a_shift_that_is_to_come_today_is_neither_missed_nor_scheduled_yet(agent):
    a_rostered(agent, 240, 480)
    a_state(an_agent(agent.site), at(0), at(115))
    row = counted(agent, now=at(120))
    assert (row.shifts, row.scheduled, row.paid_seconds, row.absent) == (1, 0, 0, 0)


def test_a_day_that_waited_is_counted_again_when_the_next_is_told(agent):
    a_rostered(agent)
    a_state(agent, at(0), at(50))
    assert counted(agent).scheduled == 3000
    told_later(agent)
    counting.count_day(agent.site, MONDAY + DAY, AFTER)
    counting.count_marked(AFTER, 10)
    assert AdherenceDay.objects.get(agent=agent, day=MONDAY).scheduled == 3600


def test_who_has_calls_and_no_states_is_not_judged_by_calls(agent):
    a_rostered(agent)
    a_call(a_queue(agent.site), at(5), agent=agent)
    told_later(agent)
    row = counted(agent)
    assert row.done == {}


def test_who_is_on_no_roster_is_held_against_none(agent):
    a_rostered(agent)
    other = an_agent(agent.site)
    a_state(other, at(0), at(60))
    counted(agent)
    assert not AdherenceDay.objects.filter(agent=other).exists()


def test_publishing_and_changing_shifts_marks_their_days_and_those_beside(agent):
    roster, who = a_roster(agent.site), a_user()
    a_shift(roster, agent)
    rosters.publish(roster, who, NINE, revision=0, is_confirmed=True)
    assert marked() == {MONDAY - DAY, MONDAY, MONDAY + DAY}
    AdherenceMark.objects.all().delete()
    roster.refresh_from_db()
    off = [edits.Wanted(agent.pk, MONDAY, None)]
    assert edits.apply(roster, off, who, NINE, seen=0) is not None
    assert marked() == {MONDAY - DAY, MONDAY, MONDAY + DAY}


def test_a_changed_shift_is_what_the_day_is_held_against(agent):
    shift = a_rostered(agent)
    a_state(agent, at(0), at(60))
    told_later(agent)
    assert counted(agent).scheduled == 3600
    off = [edits.Wanted(agent.pk, MONDAY, None)]
    edits.apply(shift.roster, off, a_user(), NINE, seen=0)
    counting.count_marked(AFTER, 10)
    row = AdherenceDay.objects.filter(agent=agent, day=MONDAY).first()
    assert row is None or row.scheduled == 0


def test_marks_that_come_while_a_day_is_counted_stay(agent, monkeypatch):
    a_rostered(agent)
    AdherenceMark.objects.create(site=agent.site, day=MONDAY)
    count_day = counting.count_day

    def meanwhile(*told):
        count_day(*told)
        AdherenceMark.objects.create(site=agent.site, day=MONDAY)

    monkeypatch.setattr(counting, "count_day", meanwhile)
    assert counting.count_marked(AFTER, 10) == 1
    assert marked() == {MONDAY}
