"""Counts are made again from the raw calls, so that late, doubled and shuffled calls end alike."""

import threading
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from ccm import identity
from ccm.dirty import CALLED_BACK
from ccm.models import Call, DirtyDay, SurveyInvitation, SurveyResponse
from kpis import rollups
from kpis.models import DayStat, FillMark, IntervalStat, RepeatMark, RepeatStat
from kpis.reads import reading
from kpis.reads.reading import Selection
from kpis.rollups import presence, repeats
from kpis.sums.counts import Counts
from kpis.sums.histogram import WaitOutcome
from kpis.sums.surveys import AskedSums, ScaleSums
from tests.builders import NINE, a_call, a_queue, a_record, a_site, a_user, stored
from tests.kpis.test_verify_paths import differing
from tests.threads import elsewhere

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 2)
DAY_LONG = timedelta(days=1)
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)


def rows(model):
    hidden = {"id"}
    found = [
        {name: value for name, value in row.items() if name not in hidden}
        for row in model.objects.values()
    ]
    return sorted(found, key=repr)


def recount():
    while rollups.recount_dirty():
        continue


def counted(site, by="total", **which):
    return reading.counts(Selection([site.pk], DAY, DAY, **which), by)


def test_a_call_belongs_to_the_quarter_hour_of_its_queue_entry_though_answered_later():
    queue = a_queue()
    a_call(queue, NINE + timedelta(minutes=14, seconds=50), wait=30)
    rollups.rebuild()
    assert set(IntervalStat.objects.values_list("start", flat=True)) == {NINE}


def test_calls_of_which_only_the_day_is_known_count_in_the_day_and_in_no_quarter_hour():
    """Two calls of a known time, three of that day and one of the next, as Elastix tells them."""
    site = a_site()
    for number in range(2):
        stored(site, a_record(external_id=f"t{number}", outcome="abandoned", wait_ms=7000))
    for number, at in enumerate((MIDNIGHT, MIDNIGHT, MIDNIGHT, MIDNIGHT + DAY_LONG)):
        known = {"outcome": "answered", "answered_at": at, "time_precision": "day"}
        stored(site, a_record(at, external_id=f"d{number}", **known))
    recount()
    whole = counted(site)[None]
    assert (whole.offered, whole.answered, whole.abandoned) == (5, 3, 2)
    # What nobody measured stays out of the waits of that day.
    assert (whole.answered_wait_n, whole.abandoned_wait_ms) == (0, 14_000)
    assert [one.offered for one in counted(site, "queue").values()] == [5]
    assert {row.start for row in IntervalStat.objects.all()} == {NINE}
    assert {row.offered for row in IntervalStat.objects.all()} == {2}
    before = rows(IntervalStat), rows(DayStat)
    rollups.rebuild()
    assert (rows(IntervalStat), rows(DayStat)) == before


def test_a_day_without_such_calls_is_the_sum_of_its_quarter_hours_again():
    site = a_site()
    at = {"outcome": "abandoned", "time_precision": "day"}
    stored(site, a_record(external_id="1", outcome="abandoned", wait_ms=7000))
    recount()
    before = rows(DayStat)
    stored(site, a_record(MIDNIGHT, external_id="2", **at))
    recount()
    assert counted(site)[None].offered == 2
    Call.objects.filter(external_id="2").delete()
    rollups.rebuild()
    assert rows(DayStat) == before


def test_recounting_twice_ends_in_the_same_rows():
    site = a_site()
    for number in range(5):
        at = NINE + timedelta(minutes=number)
        stored(
            site, a_record(at, external_id=str(number), outcome="abandoned", wait_ms=number * 7000)
        )
    recount()
    before = rows(IntervalStat), rows(DayStat)
    rollups.rebuild()
    assert (rows(IntervalStat), rows(DayStat)) == before


def test_a_late_call_reopens_only_its_own_queues_day():
    site = a_site()
    stored(site, a_record(external_id="1"), a_record(external_id="2", queue="Help"))
    recount()
    kept = DayStat.objects.get(queue__name="Help").pk
    stored(site, a_record(NINE + timedelta(hours=1), external_id="late"))
    assert DirtyDay.objects.count() == 1
    recount()
    assert DayStat.objects.get(queue__name="Help").pk == kept
    assert counted(site)[None].offered == 3


def test_a_call_that_moved_to_another_day_leaves_nothing_behind():
    site = a_site()
    stored(site, a_record())
    recount()
    moved = a_record(offered_at=NINE - timedelta(days=1))
    stored(site, moved)
    recount()
    assert counted(site) == {}
    assert {row.day for row in DayStat.objects.all()} == {DAY - timedelta(days=1)}


def test_an_unknown_wait_is_in_no_sum_and_in_no_histogram():
    queue = a_queue()
    a_call(queue, wait=30)
    a_call(queue, wait=None)
    rollups.rebuild()
    counts = counted(queue.site, queues=[queue.pk])[None]
    assert (counts.answered, counts.answered_wait_n, counts.answered_wait_ms) == (2, 1, 30_000)
    assert counts.wait_hist.count(WaitOutcome.ANSWERED) == 1


def test_visits_of_one_contact_are_one_contact_and_its_wait_runs_to_the_answer():
    """15 s on one queue, timed out, 20 s on the next: answered after 35 s in all."""
    site = a_site()
    stored(
        site,
        a_record(external_id="a", linked_id="x", outcome="timed_out", wait_ms=15_000),
        a_record(
            NINE + timedelta(seconds=15),
            external_id="b",
            linked_id="x",
            queue="Help",
            outcome="answered",
            wait_ms=20_000,
            answered_at=NINE + timedelta(seconds=35),
        ),
    )
    recount()
    contact = counted(site)[None]
    assert (contact.offered, contact.answered, contact.timed_out) == (1, 1, 0)
    assert contact.answered_wait_ms == 35_000
    visits = Counts.sum(counted(site, "queue").values())
    assert (visits.offered, visits.answered, visits.timed_out) == (2, 1, 1)


def test_a_contact_that_goes_on_over_midnight_belongs_to_the_day_it_began():
    site = a_site()
    late = datetime(2026, 3, 2, 23, 59, 30, tzinfo=UTC)
    stored(
        site, a_record(late, external_id="a", linked_id="x", outcome="timed_out", wait_ms=60_000)
    )
    recount()
    # The second visit, after midnight, comes with a later file.
    after = late + timedelta(seconds=60)
    answered = {"outcome": "answered", "wait_ms": 5000, "answered_at": after}
    stored(site, a_record(after, external_id="b", linked_id="x", queue="Help", **answered))
    recount()
    assert counted(site)[None].answered == 1
    assert (
        reading.counts(Selection([site.pk], DAY + timedelta(days=1), DAY + timedelta(days=1))) == {}
    )


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/London", date(2026, 3, 29), 23),
        ("Europe/London", date(2026, 10, 25), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Asia/Kathmandu", date(2026, 3, 2), 24),
    ],
)
def test_a_sites_day_holds_all_its_quarter_hours_at_a_clock_change(zone, day, hours):
    """A call each quarter hour: the day counts 92 to 100 of them, and none is counted twice."""
    site = a_site(zone=zone)
    start = datetime.combine(day, datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)
    around = [start + timedelta(minutes=15 * number) for number in range(-8, 112)]
    records = [a_record(at, external_id=str(at), outcome="abandoned") for at in around]
    stored(site, *records)
    recount()
    by_day = reading.counts(
        Selection([site.pk], day - timedelta(days=2), day + timedelta(days=2)), "day"
    )
    assert by_day[day].offered == hours * 4
    assert sum(counts.offered for counts in by_day.values()) == len(around)


def test_agents_are_counted_by_what_they_answered_and_what_rang_at_them():
    site = a_site()
    answered = {"outcome": "answered", "answered_at": NINE, "agent": "Ann", "wait_ms": 0}
    ring = {"call": 0, "ended_ms": 1, "ring_ms": 9000}
    stored(
        site,
        a_record(**answered, talk_ms=60_000),
        offers=[
            ring | {"agent": "Bob", "outcome": "no_answer"},
            ring | {"agent": "Bob", "outcome": "declined", "ended_ms": 2},
            ring | {"agent": "Ann", "outcome": "answered", "ended_ms": 3},
        ],
    )
    recount()
    by_name = {site.agents.get(pk=pk).name: counts for pk, counts in counted(site, "agent").items()}
    assert (by_name["Ann"].answered, by_name["Ann"].offers_answered) == (1, 1)
    assert (by_name["Bob"].answered, by_name["Bob"].ring_no_answer, by_name["Bob"].declined) == (
        0,
        1,
        1,
    )


def test_a_mark_tells_when_the_counts_were_made_and_how_new_their_calls_are():
    queue = a_queue()
    call = a_call(queue, wait=10, talk=60)
    rollups.rebuild()
    mark = FillMark.objects.get(queue=queue)
    assert mark.newest_at == call.ended_at
    assert mark.counted_at > NINE


def test_outbound_calls_and_calls_on_no_queue_are_offered_to_no_queue():
    site = a_site()
    talked = {"outcome": "answered", "answered_at": NINE, "agent": "Ann", "talk_ms": 30_000}
    stored(site, a_record(external_id="out", direction="outbound", queue=None, **talked))
    stored(site, a_record(external_id="in", queue=None, **talked))
    recount()
    assert counted(site, "queue") == {}
    for by in ("total", "agent"):
        assert [(one.offered, one.talk_n) for one in counted(site, by).values()] == [(0, 1)]


@pytest.mark.parametrize(
    ("zone", "night", "day"),
    [
        # PostgreSQL takes CET and EET for offsets that never change; IANA's have summers.
        ("CET", datetime(2025, 7, 1, 22, 30, tzinfo=UTC), date(2025, 7, 2)),
        ("EET", datetime(2025, 7, 1, 21, 30, tzinfo=UTC), date(2025, 7, 2)),
        # At 00:01 on the 7th the clock went back over midnight: the 7th goes on.
        ("America/St_Johns", datetime(2010, 11, 7, 3, 0, tzinfo=UTC), date(2010, 11, 7)),
    ],
)
def test_a_night_belongs_to_the_day_that_the_program_says_it_does(zone, night, day):
    site = a_site(zone=zone)
    for number, at in enumerate((night - timedelta(hours=9), night, night + timedelta(hours=9))):
        # Recounted after each, so that no day may take a call from another.
        stored(site, a_record(at, external_id=str(number)))
        recount()
    found = reading.counts(Selection([site.pk], day - DAY_LONG, day), "day")
    assert {one: counts.offered for one, counts in found.items()} == {day - DAY_LONG: 1, day: 2}
    for one in (day - DAY_LONG, day):
        rollups.refresh(rollups.Stretch(site, one, one))
    assert reading.counts(Selection([site.pk], day - DAY_LONG, day), "day") == found


def cannot_count(monkeypatch, which):
    """The stretches that cannot be counted from now on."""
    refresh = rollups.refresh

    def broken(stretch):
        if which(stretch):
            raise IntegrityError("day_once")
        refresh(stretch)

    monkeypatch.setattr(rollups.recount, "refresh", broken)


def test_days_that_cannot_be_counted_keep_their_marks_and_stop_no_other(monkeypatch, caplog):
    """Of the bad site one day cannot be counted; three days later it can."""
    good, bad = a_site(), a_site(name="Bad")
    for site in (good, bad):
        stored(site, a_record(NINE, external_id=site.name))
    stored(bad, a_record(NINE + 3 * DAY_LONG, external_id="later"))
    cannot_count(monkeypatch, lambda stretch: stretch.site == bad and stretch.first == DAY)
    assert rollups.recount_dirty() == 2
    assert set(DirtyDay.objects.values_list("site", "day")) == {(bad.pk, DAY)}
    assert "2026-03-02 to 2026-03-02 of Bad not counted" in caplog.text
    assert counted(good)[None].offered == 1


def test_a_day_that_cannot_be_counted_takes_one_place_however_often_it_was_marked(monkeypatch):
    """A day after the good one, so first in its turn; of two in a turn the other place is left."""
    site = a_site()
    stored(site, a_record(NINE, external_id="good"))
    bad = DAY + DAY_LONG
    for minute in (2, 1, 3):
        mark = DirtyDay.objects.create(site=site, queue=None, day=bad)
        marked_at = NINE + minute * timedelta(minutes=1)
        DirtyDay.objects.filter(pk=mark.pk).update(marked_at=marked_at)
    cannot_count(monkeypatch, lambda stretch: stretch.last == bad)
    done = [rollups.recount_dirty(most=2) for _ in range(4)]
    assert sum(done) == 1
    (left,) = DirtyDay.objects.all()
    assert (left.day, left.marked_at) == (bad, NINE + timedelta(minutes=1))
    assert counted(site)[None].offered == 1


def test_the_newest_days_are_counted_first_whichever_site_or_queue_they_are_of():
    one, other = a_site(), a_site()
    stored(other, a_record(NINE + DAY_LONG, external_id="2"))
    stored(one, a_record(NINE, external_id="1"), a_record(NINE + 2 * DAY_LONG, external_id="3"))
    counted_so_far = []
    while rollups.recount_dirty(most=1):
        counted_so_far.append({row.day.day for row in DayStat.objects.all()})
    assert counted_so_far == [{4}, {3, 4}, {2, 3, 4}]


def test_neighbouring_days_of_the_same_queues_are_counted_together_a_month_at_most(monkeypatch):
    """Of one queue the first 32 days of March, two more after a day's gap, and on the next two
    another queue, too."""
    site = a_site()
    one, other = a_queue(site, "Sales"), a_queue(site, "Help")
    DirtyDay.objects.bulk_create(
        DirtyDay(site=site, queue=queue, day=date(2026, 3, 1) + number * DAY_LONG)
        for queue, numbers in ((one, [*range(32), 33, 34, 35, 36]), (other, [35, 36]))
        for number in numbers
    )
    found = []
    monkeypatch.setattr(rollups.recount, "refresh", found.append)
    assert rollups.recount_dirty() == 38
    assert [(run.first, run.last, run.queues) for run in found] == [
        (date(2026, 3, 1), date(2026, 3, 31), {one.pk}),
        (date(2026, 4, 1), date(2026, 4, 1), {one.pk}),
        (date(2026, 4, 3), date(2026, 4, 4), {one.pk}),
        (date(2026, 4, 5), date(2026, 4, 6), {one.pk, other.pk}),
    ]


def test_a_stretch_holds_the_marks_of_its_site_its_days_and_its_queues_alone():
    site, queue, other = a_site(), a_queue(), a_queue()
    every = rollups.Stretch(site, DAY, DAY + DAY_LONG)
    some = rollups.Stretch(site, DAY, DAY + DAY_LONG, frozenset({queue.pk}))
    assert DirtyDay(site=site, queue=other, day=DAY) in every
    assert DirtyDay(site=site, queue=queue, day=DAY + DAY_LONG) in some
    assert DirtyDay(site=site, queue=other, day=DAY) not in some
    assert DirtyDay(site=other.site, queue=queue, day=DAY) not in some
    assert DirtyDay(site=site, queue=queue, day=DAY - DAY_LONG) not in some
    assert DirtyDay(site=site, queue=queue, day=DAY + 2 * DAY_LONG) not in some


def test_a_rebuild_that_ends_half_way_keeps_the_marks_of_what_it_has_not_counted(monkeypatch):
    """Two calls 39 days apart, so two stretches: 31 days and 9."""
    site = a_site()
    last = DAY + 39 * DAY_LONG
    for number, days in enumerate((0, 39)):
        stored(site, a_record(NINE + days * DAY_LONG, external_id=str(number)))
    refresh = rollups.refresh
    cannot_count(monkeypatch, lambda stretch: stretch.last == last)
    with pytest.raises(IntegrityError):
        rollups.rebuild()
    assert [*DirtyDay.objects.values_list("day", flat=True)] == [last]
    monkeypatch.setattr(rollups.recount, "refresh", refresh)
    assert rollups.rebuild() == 40
    assert not DirtyDay.objects.exists()


def test_a_rebuild_forgets_days_of_which_no_call_is_left():
    queue = a_queue()
    kept, gone = a_call(queue), a_call(queue, NINE + 5 * DAY_LONG)
    rollups.rebuild()
    Call.objects.filter(pk=gone.pk).delete()
    rollups.rebuild()
    assert {row.day for row in DayStat.objects.all()} == {DAY}
    assert {row.start for row in IntervalStat.objects.all()} == {kept.offered_at}


def test_neighbouring_days_of_two_sites_are_counted_each_at_its_own():
    """Of calls on no queue: both sites' marks are alike but for the site and the day."""
    one, other = a_site(), a_site()
    stored(one, a_record(NINE, external_id="1", queue=""))
    stored(other, a_record(NINE + DAY_LONG, external_id="2", queue=""))
    recount()
    for site, day in ((one, DAY), (other, DAY + DAY_LONG)):
        found = reading.counts(Selection([site.pk], DAY, DAY + DAY_LONG, direction=""), "day")
        assert [*found] == [day]


def test_a_rebuild_of_one_site_counts_no_other_and_reaches_its_answers_without_a_call():
    """An answer that names no call, three days after the last call; a call elsewhere waits."""
    site, other = a_site(), a_site()
    a_call(a_queue(site))
    a_call(a_queue(other))
    SurveyResponse.objects.create(
        id=identity.call_id("test", "answer", "", identity.milliseconds(NINE)), source="test",
        site=site, kind="csat", scale_min=1, scale_max=5, score=5, answered_at=NINE + 3 * DAY_LONG,
    )  # fmt: skip
    rollups.rebuild([site])
    assert not DayStat.objects.filter(site=other).exists()
    found = reading.counts(Selection([site.pk], DAY, DAY + 5 * DAY_LONG), "day")
    assert [day for day, one in found.items() if one.surveys] == [DAY + 3 * DAY_LONG]


def test_a_call_that_comes_while_everything_is_recounted_is_counted_after(monkeypatch):
    site = a_site()
    stored(site, a_record(NINE, external_id="1"))
    refresh = rollups.refresh

    def slow(stretch):
        refresh(stretch)
        DirtyDay.objects.all().delete()  # nobody else holds it: as if it had come just now
        stored(site, a_record(NINE, external_id="2"))

    monkeypatch.setattr(rollups.recount, "refresh", slow)
    rollups.rebuild()
    monkeypatch.setattr(rollups.recount, "refresh", refresh)
    assert counted(site)[None].offered == 1
    recount()
    assert counted(site)[None].offered == 2


def test_a_day_recounted_alone_is_what_it_is_in_a_month():
    site = a_site()
    for day, more in ((0, {"transfer_kind": "blind"}), (3, {}), (3.5, {"transfer_kind": "blind"})):
        at = NINE + timedelta(days=day)
        known = {"outcome": "answered", "answered_at": at, "wait_ms": 0}
        stored(site, a_record(at, external_id=f"{day}", linked_id="c", **known, **more))
    at = NINE + timedelta(days=4)
    stored(site, a_record(at, external_id="4", linked_id="c", outcome="abandoned", wait_ms=0))
    rollups.rebuild()
    together = rows(DayStat), rows(IntervalStat)
    for number in range(5):
        day = DAY + timedelta(days=number)
        rollups.refresh(rollups.Stretch(site, day, day))
    assert (rows(DayStat), rows(IntervalStat)) == together


def test_a_name_that_comes_again_after_a_week_is_another_contact_however_days_are_counted():
    """A contact of the 2nd that came again on the 4th, and one that its source names so too on the
    12th: two, answered one by one."""
    queue = a_queue()
    for number, days in enumerate((0, 2, 10)):
        outcome = "answered" if days else "timed_out"
        at = NINE + timedelta(days=days)
        a_call(queue, at, linked_id="c", outcome=outcome, wait=number, caller_hash="ann")
    rollups.rebuild()
    at_once = rows(DayStat), rows(RepeatStat)
    by_day = Selection([queue.site_id], DAY, DAY + 10 * DAY_LONG)
    told = reading.counts(by_day, "day")
    assert {day.day: (one.offered, one.answered) for day, one in told.items()} == {
        2: (1, 1), 12: (1, 1)
    }  # fmt: skip
    for model in (DayStat, IntervalStat, RepeatStat):
        model.objects.all().delete()
    for days in (10, 2, 0):
        one = DAY + days * DAY_LONG
        rollups.refresh(rollups.Stretch(queue.site, one, one))
    repeats.recount(queue.site)
    assert (rows(DayStat), rows(RepeatStat)) == at_once
    assert differing(queue.site, DAY, DAY + 10 * DAY_LONG) == []


def test_a_visit_passed_on_a_whole_day_before_was_passed_on_whatever_its_ids_moment():
    """Of the 10th at midnight, by the id an hour before; it led to one of the 11th at midnight."""
    queue, before = a_queue(), MIDNIGHT + 8 * DAY_LONG
    slow = identity.milliseconds(before - timedelta(hours=1))
    own = {"id": identity.call_id("test", "1", queue.name, slow)}
    a_call(queue, before, linked_id="c", transfer_kind="blind", **own)
    a_call(queue, before + DAY_LONG, linked_id="c")
    rollups.rebuild()
    at_once = rows(IntervalStat)
    last = DAY + 9 * DAY_LONG
    rollups.refresh(rollups.Stretch(queue.site, last, last))
    assert rows(IntervalStat) == at_once


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_a_contact_that_takes_two_weeks_is_one_in_whichever_order_its_days_are_counted(order):
    """Timed out on the 2nd at 23:00; 6 days and 23 hours later the caller asks to be called back,
    and is an hour before a week is over. The clock of the source was 23 hours slow, then fast."""
    queue = a_queue()

    def a_visit(contact, number, later=timedelta()):
        late = NINE + timedelta(hours=14) + later
        asked = late + timedelta(days=6, hours=23)
        moment, off, known = (
            (late, -23, {"outcome": "timed_out"}),
            (asked, 23, {"outcome": "callback_requested"}),
            (asked + CALLED_BACK - timedelta(hours=1), 23, {"direction": "outbound"}),
        )[number]
        birth = identity.milliseconds(moment + timedelta(hours=off))
        own = {"id": identity.call_id("test", f"{contact} {number}", queue.name, birth)}
        a_call(queue, moment, linked_id=contact, **own, **known)
        # A call back is counted on the day it was asked for, as `ccm.dirty` marks it.
        return min(moment, asked).date()

    for number in order:
        day = a_visit("c", number)
        rollups.refresh(rollups.Stretch(queue.site, day, day))
    by_day = Selection([queue.site_id], DAY, DAY + 20 * DAY_LONG)
    told = {
        day.day: (one.offered, one.callback_requested, one.called_back)
        for day, one in reading.counts(by_day, "day").items()
    }
    assert told == {2: (1, 1, 1)}
    for one in (date(2026, 3, 9), DAY):
        # Of either day alone: the contact was counted on the first.
        IntervalStat.objects.filter(unit="c").delete()
        DayStat.objects.filter(unit="c").delete()
        rollups.refresh(rollups.Stretch(queue.site, one, one))
        assert {row.day.day for row in DayStat.objects.filter(unit="c", direction="inbound")} == {2}
        assert reading.counts(by_day, "day")[DAY].called_back == 1
    # Another contact does the same a week later.
    for number in order:
        a_visit("d", number, timedelta(days=7))
    rollups.rebuild()
    at_once = rows(IntervalStat), rows(DayStat)
    for number in range(20):
        day = DAY + number * DAY_LONG
        rollups.refresh(rollups.Stretch(queue.site, day, day))
        assert (rows(IntervalStat), rows(DayStat)) == at_once


def test_handling_is_kept_by_which_of_its_three_parts_are_known():
    """Eight sums: of no part known, talk, hold, talk and hold, and these four with after-call work.
    A queue where nobody was answered has eight times nothing."""
    queue, idle = a_queue(), a_queue()
    a_call(queue, talk=60)
    a_call(queue, NINE + timedelta(minutes=20), talk=30, hold_ms=5000, acw_ms=2000)
    a_call(idle, outcome="abandoned")
    rollups.rebuild()
    of_day = DayStat.objects.filter(unit="v", agent=None)
    row = of_day.get(queue=queue)
    assert (row.handle_n, row.handle_ms) == (
        [0, 1, 0, 0, 0, 0, 0, 1], [0, 60_000, 0, 0, 0, 0, 0, 37_000]
    )  # fmt: skip
    assert {len(row.handle_n) for row in IntervalStat.objects.all()} == {8}
    for model in (IntervalStat, DayStat):
        row = model.objects.get(unit="v", queue=idle)
        assert (row.handle_n, row.handle_ms) == ([0] * 8, [0] * 8)


def test_what_callers_answer_is_of_their_contact_whichever_of_its_visits_they_were_asked_about():
    """A contact of two visits gives a 5 to each and, of 0 to 10, a 6 to the second; another call a
    2, and one an hour later; an answer of 4 knows no call. Invited were both of the 2s, one who
    gave up, and one whose link was withdrawn."""
    queue = a_queue()
    site, soon = queue.site, NINE + timedelta(minutes=5)
    first = a_call(queue, outcome="timed_out", linked_id="c")
    second, other = a_call(queue, soon, linked_id="c"), a_call(queue)
    gave_up, withdrawn = a_call(queue, outcome="abandoned"), a_call(queue)
    later = a_call(queue, NINE + timedelta(hours=1))
    told = (
        (first, "csat", 5), (second, "csat", 5), (second, "nps", 6), (other, "csat", 2),
        (later, "csat", 2), (None, "csat", 4),
    )  # fmt: skip
    for number, (call, kind, score) in enumerate(told):
        answered = NINE if call else NINE + timedelta(hours=1)
        birth = identity.milliseconds(answered)
        SurveyResponse.objects.create(
            id=identity.call_id("test", f"answer {number}", "", birth), source="test", site=site,
            queue=queue, call=call, kind=kind, score=score, answered_at=answered,
            scale_min=0 if kind == "nps" else 1, scale_max=10 if kind == "nps" else 5,
        )  # fmt: skip
    for call in (gave_up, other, later, withdrawn):
        SurveyInvitation.objects.create(
            hash=str(call.pk), call=call, site=site, questions=["csat"],
            created_by=a_user(), expires_at=NINE + DAY_LONG,
            withdrawn_at=NINE + timedelta(hours=1) if call == withdrawn else None,
        )  # fmt: skip
    rollups.rebuild()
    for by in ("total", "queue"):
        (counts,) = counted(site, by).values()
        assert counts.surveys == {
            "csat 1-5": ScaleSums(n=5, score_sum=18, top=3, bottom=2),
            "nps 0-10": ScaleSums(n=1, score_sum=6, top=0, bottom=1),
        }
        assert counts.asked == {
            "csat": AskedSums(told=3, invited=3, invited_told=2),
            "nps": AskedSums(told=1, invited=0, invited_told=0),
        }


def test_calls_that_never_entered_the_queue_are_counted_apart_and_offered_to_nobody():
    queue = a_queue()
    a_call(queue)
    for outcome in ("refused", "busy", "busy", "left_ivr"):
        a_call(queue, outcome=outcome, wait=None, talk=None)
    rollups.rebuild()
    for by in ("total", "queue"):
        (counts,) = counted(queue.site, by).values()
        assert (counts.offered, counts.ended) == (1, 1)
        assert (counts.refused, counts.busy, counts.left_ivr) == (1, 2, 1)


def test_the_longest_wait_of_a_day_is_that_of_the_call_that_waited_longest():
    queue = a_queue()
    for minutes, wait in ((0, 20), (30, 50), (31, 15), (60, 10)):
        a_call(queue, NINE + timedelta(minutes=minutes), wait=wait)
    a_call(queue, NINE + timedelta(minutes=61), wait=55, outcome="abandoned")
    rollups.rebuild()
    for by in ("total", "queue"):
        (counts,) = counted(queue.site, by).values()
        assert (counts.max_wait_ms, counts.max_answered_wait_ms) == (55_000, 50_000)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_visit_that_was_passed_on_reopens_the_day_of_the_visit_it_led_to(order):
    site = a_site()
    both = (
        a_record(
            NINE, external_id="1", linked_id="c", queue="Sales", outcome="answered",
            answered_at=NINE, wait_ms=0, transfer_kind="blind",
        ),
        a_record(
            NINE + timedelta(minutes=5), external_id="2", linked_id="c", queue="Technical",
            outcome="answered", answered_at=NINE + timedelta(minutes=5), wait_ms=0,
        ),
    )  # fmt: skip
    for one in order:
        stored(site, both[one])
        recount()
    now = rows(DayStat)
    rollups.rebuild()
    assert rows(DayStat) == now


def test_a_site_that_the_planner_knows_nothing_of_is_joined_without_loops():
    """300 calls of one site are known to the planner, 300 of another came since."""
    old, new = a_site(), a_site()
    for site in (old, new):
        stored(site, *(a_record(NINE, external_id=str(number)) for number in range(300)))
        if site == old:
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE ccm_call")
    joins = []

    def explained(execute, sql, params, many, context):
        if sql.startswith("CREATE TEMP TABLE visits"):
            with context["connection"].cursor() as cursor:
                cursor.cursor.execute(f"EXPLAIN {sql}", params)
                joins.extend(line for (line,) in cursor.fetchall() if "Nested Loop" in line)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        rollups.rebuild([new])
    assert joins == []
    assert counted(new)[None].offered == 300


@pytest.mark.django_db(transaction=True)
def test_sites_counted_side_by_side_are_what_each_is_alone():
    """Of three, each with calls of two days; one caller came again."""
    sites = [a_site() for _ in range(3)]
    for number, site in enumerate(sites):
        for day in range(number + 1):
            at = NINE + day * DAY_LONG
            known = {"caller": "1", "outcome": "answered", "answered_at": at, "talk_ms": 0}
            stored(site, a_record(at, external_id=f"{number} {day}", **known))
    assert rollups.rebuild() == 1 + 2 + 3
    together = [rows(model) for model in (DayStat, IntervalStat, RepeatStat)]
    assert not RepeatMark.objects.exists()
    for model in (DayStat, IntervalStat, RepeatStat):
        model.objects.all().delete()
    with transaction.atomic():  # where it is done one after the other
        rollups.rebuild()
    assert [rows(model) for model in (DayStat, IntervalStat, RepeatStat)] == together
    assert {one["site_id"] for one in together[2]} == {site.pk for site in sites}


@pytest.mark.django_db(transaction=True)
def test_a_site_that_cannot_be_counted_is_told_and_leaves_the_others_marked_or_counted(monkeypatch):
    sites = [a_site() for _ in range(3)]
    for site in sites:
        stored(site, a_record(NINE, external_id=site.name))
    refresh = rollups.refresh

    def broken(stretch):
        if stretch.site == sites[1]:
            raise IntegrityError("day_once")
        refresh(stretch)

    monkeypatch.setattr(rollups.recount, "refresh", broken)
    with pytest.raises(IntegrityError):
        rollups.rebuild()
    marked = set(DirtyDay.objects.values_list("site", flat=True))
    counted_already = set(DayStat.objects.values_list("site", flat=True))
    assert sites[1].pk in marked
    assert marked | counted_already == {site.pk for site in sites}
    assert not marked & counted_already
    monkeypatch.setattr(rollups.recount, "refresh", refresh)
    rollups.rebuild()
    assert counted(sites[1])[None].offered == 1


@pytest.mark.django_db(transaction=True)
def test_two_recounts_at_once_take_each_its_own_days_and_neither_waits(monkeypatch):
    """Each takes one mark of the two; the second begins and ends while the first is counting."""
    sites = [a_site(), a_site()]
    for site, at in zip(sites, (NINE + DAY_LONG, NINE), strict=True):
        stored(site, a_record(at, external_id="1"))
    refresh, counted_by = rollups.refresh, {}
    begun, other_ended = threading.Event(), threading.Event()

    def slow(stretch):
        counted_by.setdefault(threading.get_ident(), []).append((stretch.site, stretch.first))
        if stretch.site == sites[0]:
            begun.set()
            assert other_ended.wait(10)
        refresh(stretch)

    def first():
        assert rollups.recount_dirty(most=1) == 1

    def second():
        assert begun.wait(10)
        assert rollups.recount_dirty(most=1) == 1
        other_ended.set()

    monkeypatch.setattr(rollups.recount, "refresh", slow)
    assert elsewhere(first, second) == ["done", "done"]
    assert list(counted_by.values()) == [[(sites[0], DAY + DAY_LONG)], [(sites[1], DAY)]]
    assert not DirtyDay.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("waited", [timedelta(0), timedelta(hours=1)])
def test_a_call_that_comes_while_its_day_is_counted_waits_for_nobody_and_is_counted_next(
    monkeypatch, waited
):
    """Its day has been marked for a moment or for an hour; the recount has looked at the calls by
    the time the call is in the record."""
    site = a_site()
    stored(site, a_record(NINE, external_id="1"))
    DirtyDay.objects.update(marked_at=timezone.now() - waited)
    refresh, looked, come = rollups.refresh, threading.Event(), threading.Event()

    def slow(stretch):
        refresh(stretch)
        looked.set()
        assert come.wait(10)

    def late():
        assert looked.wait(10)
        stored(site, a_record(NINE, external_id="2"))
        come.set()

    monkeypatch.setattr(rollups.recount, "refresh", slow)
    assert elsewhere(rollups.recount_dirty, late) == ["done", "done"]
    assert counted(site)[None].offered == 1
    monkeypatch.setattr(rollups.recount, "refresh", refresh)
    recount()
    assert counted(site)[None].offered == 2
    assert not DirtyDay.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_mark_that_waits_is_joined_and_left_alone_until_what_joined_it_is_in_the_record():
    """Two calls of one day an hour after it was marked: one mark, which no recount takes while the
    second call may still be taken back."""
    site = a_site()
    stored(site, a_record(NINE, external_id="1"))
    DirtyDay.objects.update(marked_at=timezone.now() - timedelta(hours=1))
    before = rows(DirtyDay)
    with transaction.atomic():
        stored(site, a_record(NINE, external_id="2"))
        assert elsewhere(recount) == ["done"]
        assert rows(DirtyDay) == before
    recount()
    assert counted(site)[None].offered == 2
    assert not DirtyDay.objects.exists()


def test_days_whose_calls_retention_has_taken_keep_their_counts():
    site = a_site()
    stored(site, a_record(NINE, external_id="a"))
    day = NINE.date()
    rollups.recount_dirty()
    before = list(DayStat.objects.order_by("pk").values())
    assert before
    Call.objects.all().delete()
    site.counts_closed_before = day + timedelta(days=1)
    site.save(update_fields=["counts_closed_before"])
    rollups.refresh(rollups.recount.Stretch(site, day, day))
    assert list(DayStat.objects.order_by("pk").values()) == before


def test_a_database_that_goes_away_as_days_are_counted_ends_the_work_for_now(monkeypatch):
    """It is no day that cannot be counted: all of it is done again later."""
    stored(a_site(), a_record(NINE, external_id="a"))

    def away(_stretch):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(rollups.recount, "refresh", away)
    with pytest.raises(OperationalError):
        rollups.recount_dirty()
    assert DirtyDay.objects.exists()


def test_who_asks_twice_to_be_told_of_what_was_counted_is_told_once(monkeypatch):
    monkeypatch.setattr(presence, "_told", [])
    for _ in range(2):
        presence.tell(len)
    assert presence._told == [len]


def test_no_stretches_of_days_join_to_none():
    day = NINE.date()
    assert list(repeats._joined([])) == []
    assert list(repeats._joined([(day, day), (day + timedelta(1), day + timedelta(2))])) == [
        (day, day + timedelta(2))
    ]
