"""Work of months ahead and what changes it, by published cases, by hand and by what must hold."""

from dataclasses import replace
from datetime import date, timedelta
from math import exp, factorial

import numpy as np
import pytest

from scheduling.erlang import required
from scheduling.forecast import monthly
from scheduling.scenarios import reopened, steps, work
from scheduling.scenarios.reopened import Opening
from scheduling.scenarios.shown import between
from scheduling.scenarios.work import Ahead, Change, Unanswerable, Week
from scheduling.staffing.requirement import Aim, required_for

AIM = Aim(service_level=0.8, target_seconds=20, variant="SL4")
HALF_HOURS = 48
MARCH = date(2027, 3, 1)  # a Monday: the month has five of them, and five Tuesdays and Wednesdays
MAY = date(2027, 5, 1)  # a Saturday


def a_week(calls, aht=180.0, is_open=None):
    """By (weekday, half hour)."""
    week = np.zeros((7, HALF_HOURS))
    for place, many in calls.items():
        week[place] = many
    there = (week > 0).astype(float) if is_open is None else is_open
    return Week(week, there, np.where(week > 0, aht, np.nan), 30, 0)


def an_ahead(week, calls, known=(), rates=()):
    return Ahead(week, np.array(calls, float), tuple(known), np.array(rates, float))


def hours_of(ahead, months, aim, change, more=None):
    """Of one queue alone."""
    [found] = work.hours([(ahead, aim)], months, change, more)
    if isinstance(found, Unanswerable):
        raise found
    return found


class TestPositions:
    @pytest.mark.parametrize(
        "aim",
        [
            AIM,
            Aim(service_level=0.9, target_seconds=10, variant="SL1", patience_seconds=90),
            Aim(service_level=0.8, target_seconds=20, variant="SL2", patience_seconds=45),
            Aim(service_level=0.7, target_seconds=30, variant="SL3", occupancy=0.8),
        ],
    )
    def test_they_are_those_of_each_interval_alone(self, aim):
        rng = np.random.default_rng(4)
        calls = rng.gamma(1.5, 20, 30)[:, None] * np.sort(rng.uniform(0.6, 1.6, 17))
        aht = rng.uniform(60, 600, 30)
        found = steps.positions(calls * aht[:, None] / 1800, aht, [aim] * 30)
        alone = required_for(calls, np.broadcast_to(aht[:, None], calls.shape), 1800, aim)
        assert (found == alone.positions).all()

    def test_of_one_load_and_of_none(self):
        assert steps.positions(np.array([[10.0]]), np.array([180.0]), [AIM]).tolist() == [[14]]
        assert steps.positions(np.zeros((0, 3)), np.zeros(0), []).shape == (0, 3)
        found = steps.positions(np.array([[0.0, 0.0, 10.0]]), np.array([180.0]), [AIM])
        assert found.tolist() == [[0, 0, 14]]

    def test_what_cannot_be_met_is_refused(self):
        never = Aim(service_level=1.1, target_seconds=0, variant="SL4")
        with pytest.raises(ValueError, match="no number"):
            steps.positions(np.array([[1.0, 2.0]]), np.array([180.0]), [never])


class TestHours:
    """100 calls in half an hour of 180 s, 80/20: 14 positions (section 7 of the vectors)."""

    WEEK = a_week({(0, 20): 100.0})

    def test_a_months_calls_lie_in_its_days_as_in_a_usual_week(self):
        ahead = an_ahead(self.WEEK, [500.0, 500.0])
        found, sure = hours_of(ahead, [MARCH, MAY], AIM, Change())
        # Five Mondays of a hundred calls: fourteen for half an hour on each. May has as many.
        assert found.tolist() == [5 * 14 * 0.5] * 2
        assert sure is None

    def test_a_month_of_fewer_days_has_more_calls_on_each(self):
        """February 2027 has four Mondays; 400 calls are as many on each."""
        found, _sure = hours_of(an_ahead(self.WEEK, [400.0]), [date(2027, 2, 1)], AIM, Change())
        assert found.tolist() == [4 * 14 * 0.5]

    def test_what_changes_the_calls_changes_nothing_else(self):
        half = an_ahead(self.WEEK, [250.0, 250.0])
        found, _sure = hours_of(half, [MARCH, MAY], AIM, Change(volume=1.0))
        assert found.tolist() == [35.0, 35.0]
        grown = Change(growth=1.0)  # twice as many, and twice that a month later
        quarter = an_ahead(self.WEEK, [250.0, 125.0])
        assert hours_of(quarter, [MARCH, MAY], AIM, grown)[0].tolist() == [35.0, 35.0]

    def test_calls_may_take_longer_or_be_told_to(self):
        ahead = an_ahead(a_week({(0, 20): 100.0}, aht=90.0), [500.0])
        assert hours_of(ahead, [MARCH], AIM, Change(aht=1.0))[0].tolist() == [35.0]
        assert hours_of(ahead, [MARCH], AIM, Change(aht_seconds=180))[0].tolist() == [35.0]

    def test_another_aim_takes_what_it_takes(self):
        """120 calls an hour of 300 s, 90 % within 60 s: 14 (CloudTalk's guide)."""
        ahead = an_ahead(a_week({(0, 20): 60.0}, aht=300.0), [300.0])
        change = Change(service_level=0.9, target_seconds=60)
        assert hours_of(ahead, [MARCH], AIM, change)[0].tolist() == [5 * 14 * 0.5]
        plain = erlang_c_positions(10.0, 300.0, 0.8, 20.0)
        assert hours_of(ahead, [MARCH], AIM, Change())[0].tolist() == [5 * plain * 0.5]

    def test_to_be_sure_it_is_as_if_so_many_more_came(self):
        ahead = an_ahead(self.WEEK, [250.0])
        found, sure = hours_of(ahead, [MARCH], AIM, Change(), np.array([1.0]))
        assert found[0] < sure[0] == 35.0

    def test_queues_of_the_same_people_have_their_calls_together_and_times_by_calls(self):
        """60 calls of 120 s and 40 of 270 s are 100 of 180 s."""
        parts = [
            an_ahead(a_week({(0, 20): 60.0}, aht=120.0), [300.0, 300.0]),
            an_ahead(a_week({(0, 20): 40.0, (1, 3): 8.0}, aht=270.0), [200.0, 200.0]),
        ]
        both = work.as_one(parts)
        assert both.week.aht_seconds[0, 20] == pytest.approx(180.0)
        assert both.week.aht_seconds[1, 3] == 270.0
        assert both.calls.tolist() == [500.0, 500.0]
        assert (both.week.open[0, 20], both.week.open[1, 3], both.week.open[2, 3]) == (1, 1, 0)

    def test_unknown_handle_times_are_no_part_of_the_mean(self):
        parts = [
            an_ahead(a_week({(0, 20): 60.0}, aht=np.nan), [300.0]),
            an_ahead(a_week({(0, 20): 40.0}, aht=180.0), [200.0]),
        ]
        assert work.as_one(parts).week.aht_seconds[0, 20] == 180.0
        assert np.isnan(work.as_one(parts[:1]).week.aht_seconds).all()

    def test_queues_together_are_each_as_if_alone(self):
        """With aims of several kinds, among them one that cannot be met."""
        rng = np.random.default_rng(6)
        aims = [
            AIM,
            Aim(service_level=0.9, target_seconds=30, variant="SL4"),
            Aim(service_level=0.8, target_seconds=20, variant="SL4", patience_seconds=90),
            Aim(service_level=0.7, target_seconds=20, variant="SL4", patience_seconds=200),
            Aim(service_level=1.1, target_seconds=20, variant="SL4", patience_seconds=60),
            Aim(service_level=0.8, target_seconds=20, variant="SL1", occupancy=0.7),
        ]
        queues = [
            an_ahead(a_week({(0, 20): 60 * rng.random(), (3, 21): 9.0}), rng.uniform(100, 400, 2))
            for _ in aims
        ]
        more = np.array([0.1, 0.3])
        every = work.hours(
            list(zip(queues, aims, strict=True)), [MARCH, MAY], Change(volume=0.2), more
        )
        for number, (ahead, aim, found) in enumerate(zip(queues, aims, every, strict=True)):
            if number == 4:
                assert found.why == "aim"
                continue
            alone = hours_of(ahead, [MARCH, MAY], aim, Change(volume=0.2), more)
            assert [side.tolist() for side in found] == [side.tolist() for side in alone]
            # Interval by interval: Mondays to Sundays of March, and of May.
            for month, of_month in enumerate(([5, 5, 5, 4, 4, 4, 4], [5, 4, 4, 4, 4, 5, 5])):
                days, week = np.array(of_month), ahead.week
                times = ahead.calls[month] * 1.2 / (days @ week.calls.sum(axis=1))
                plain = required_for(week.calls * times, week.aht_seconds, 1800, aim)
                assert found[0][month] == (days @ plain.positions.sum(axis=1)) * 0.5

    def test_an_interval_that_is_open_in_part_has_its_calls_in_that_part(self):
        """Fifty calls in a quarter hour are a hundred in half an hour, for half of it."""
        week = a_week({(0, 20): 50.0})
        part = replace(week, open=week.open / 2)
        found, _sure = hours_of(an_ahead(part, [250.0]), [MARCH], AIM, Change())
        assert found.tolist() == [5 * 14 * 0.25]
        # As the week of requirements has it.
        plain = required_for(part.calls, part.aht_seconds, 1800, AIM, part.open)
        assert found[0] == 5 * plain.paid_hours()

    def test_with_other_hours_it_is_open_for_as_long_as_they_say(self):
        """A hundred calls of half an hour come in its first quarter: 20 erlangs, for a quarter."""
        change = Change(opening=Opening({"0": [["10:00", "10:15"]]}, 1.0, 0.0))
        found, _sure = hours_of(an_ahead(self.WEEK, [500.0]), [MARCH], AIM, change)
        assert found.tolist() == [5 * erlang_c_positions(20.0, 180.0, 0.8, 20.0) * 0.25]

    def test_of_a_queue_that_is_closed_there_are_none(self):
        ahead = an_ahead(a_week({}), [0.0])
        assert hours_of(ahead, [MARCH], AIM, Change())[0].tolist() == [0.0]

    def test_without_a_handle_time_nothing_can_be_told_unless_somebody_says_one(self):
        ahead = an_ahead(a_week({(0, 20): 100.0}, aht=np.nan), [500.0])
        with pytest.raises(Unanswerable) as fault:
            hours_of(ahead, [MARCH], AIM, Change())
        assert fault.value.why == "aht"
        assert hours_of(ahead, [MARCH], AIM, Change(aht_seconds=180))[0].tolist() == [35.0]

    def test_an_aim_that_no_number_meets_is_told(self):
        with pytest.raises(Unanswerable) as fault:
            hours_of(
                an_ahead(self.WEEK, [500.0]),
                [MARCH],
                Aim(service_level=1.1, target_seconds=0, variant="SL4"),
                Change(),
            )
        assert fault.value.why == "aim"


def erlang_c_positions(load, aht, level, target):
    """By the textbook's sum, one after the other."""
    positions = int(load) + 1
    while True:
        last = load**positions / factorial(positions) * positions / (positions - load)
        waits = last / (sum(load**k / factorial(k) for k in range(positions)) + last)
        if 1 - waits * exp(-(positions - load) * target / aht) >= level:
            return positions
        positions += 1


class TestOpening:
    """Open on Mondays from ten to eleven, in half hours of 12 and 8 calls."""

    CALLS = {(0, 20): 12.0, (0, 21): 8.0}

    def calls(self, hours, moved=1.0, beside=0.5):
        week = a_week(self.CALLS)
        return reopened.calls(week.calls, week.open, 30, 0, Opening(hours, moved, beside))

    def test_as_it_is_nothing_changes(self):
        same = self.calls({"0": [["10:00", "11:00"]]})
        assert (same == a_week(self.CALLS).calls).all()

    def test_calls_of_hours_that_close_come_in_others_as_far_as_it_is_said(self):
        shorter = {"0": [["10:00", "10:30"]]}
        assert self.calls(shorter)[0, 20] == pytest.approx(20.0)
        assert self.calls(shorter, moved=0.25)[0, 20] == pytest.approx(14.0)
        assert self.calls(shorter, moved=0.0).sum() == pytest.approx(12.0)

    def test_an_interval_that_is_open_in_part_has_that_part(self):
        found = self.calls({"0": [["10:00", "10:45"]]}, moved=0.0)
        assert found[0, 21] == pytest.approx(4.0)

    def test_a_new_hour_has_a_part_of_the_nearest(self):
        longer = self.calls({"0": [["09:00", "12:00"]]})
        assert longer[0, 18:24].tolist() == [6.0, 6.0, 12.0, 8.0, 4.0, 4.0]

    def test_a_new_day_has_a_part_of_the_mean_of_the_others(self):
        found = self.calls({"0": [["10:00", "11:00"]], "5": [["10:00", "11:00"]]})
        assert found[5, 20:22].tolist() == [6.0, 4.0]
        assert found.sum() == 30.0

    def test_a_day_that_begins_late_has_the_next_weekdays_clock_after_midnight(self):
        """Days begin at four: what is open on Tuesdays from two is of Monday's day."""
        found = reopened.shares({"1": [["02:00", "03:00"]]}, 60, 4)
        assert np.argwhere(found).tolist() == [[0, 22]]

    def test_hours_that_are_all_others_have_what_moves_evenly(self):
        moved = {"0": [["14:00", "15:00"]]}
        assert self.calls(moved, beside=0.0)[0, 28:30].tolist() == [10.0, 10.0]
        assert self.calls(moved, moved=0.25, beside=0.0).sum() == 5.0
        # Of 45 minutes half an hour has two thirds.
        shorter = self.calls({"0": [["14:00", "14:45"]]}, beside=0.0)
        assert shorter[0, 28:30] == pytest.approx([40 / 3, 20 / 3])
        # Beside them half of the nearest, which has eight.
        assert self.calls(moved)[0, 28:30].tolist() == [14.0, 14.0]

    def test_closed_altogether_nobody_comes(self):
        assert self.calls({"0": []}, beside=1.0).sum() == 0.0

    def test_handle_times_of_new_hours_are_the_mean(self):
        week = a_week(self.CALLS, aht=240.0)
        change = Change(opening=Opening({"0": [["09:00", "12:00"]]}, 1.0, 1.0))
        changed = change.week(week)
        assert changed.aht_seconds[0, 18] == 240.0
        assert changed.calls.sum() > week.calls.sum()


def after(known, many=1, skip=0):
    """Months that follow so many of `TestSure.FIRSTS`."""
    numbers = range(known + skip, known + skip + many)
    return [date(2020 + number // 12, number % 12 + 1, 1) for number in numbers]


class TestSure:
    FIRSTS = tuple(date(2020 + month // 12, month % 12 + 1, 1) for month in range(36))

    def queue(self, rates, aht=180.0):
        return an_ahead(a_week({(0, 20): 100.0}, aht), [], self.FIRSTS[: len(rates)], rates)

    def test_what_was_always_alike_is_sure(self):
        found = work.more([self.queue([100.0] * 24)], after(24, 18))
        assert found == pytest.approx(np.zeros(18), abs=0.02)

    def test_about_eighty_of_a_hundred_months_take_no_more(self):
        """Months that move by a tenth, of which the next is not known."""
        held = []
        for seed in range(60):
            rates = np.random.default_rng(seed).normal(100, 10, 30)
            told = monthly._ahead(self.FIRSTS[:29], rates[:29], 1)[0]
            [more] = work.more([self.queue(rates[:29])], after(29))
            held.append(rates[29] <= told * (1 + more))
        # Three standard errors of 60 months; half would be 0.5, nine of ten 0.9.
        assert np.mean(held) == pytest.approx(0.8, abs=0.155)

    def test_the_edge_is_the_rank_of_past_errors(self):
        """Errors of the first month ahead: 24 origins; ceil(25 x 0.8) is the 20th from below."""
        rates = np.random.default_rng(7).normal(100, 10, 27)
        errors = sorted(
            rates[origin] / monthly._ahead(self.FIRSTS[:origin], rates[:origin], 1)[0] - 1
            for origin in range(3, 27)
        )
        [more] = work.more([self.queue(rates)], after(27))
        assert more == pytest.approx(max(errors[19], 0.0))

    def test_where_a_month_lies_between_the_edge_is_of_two_months_ahead(self):
        """Errors of the second month ahead: 23 origins; ceil(24 x 0.8) is the 20th from below."""
        rates = np.random.default_rng(7).normal(100, 10, 27)
        errors = sorted(
            rates[origin + 1] / monthly._ahead(self.FIRSTS[:origin], rates[:origin], 2)[1] - 1
            for origin in range(3, 26)
        )
        [more] = work.more([self.queue(rates)], after(27, skip=1))
        assert more == pytest.approx(max(errors[19], 0.0))

    def test_queues_together_are_surer_than_each_alone(self):
        rng = np.random.default_rng(3)
        queues = [self.queue(rng.normal(100, 15, 30)) for _ in range(12)]
        alone = np.mean([work.more([one], after(30))[0] for one in queues])
        assert work.more(queues, after(30))[0] < alone

    def test_a_queue_counts_by_its_work(self):
        calm, wild = [100.0] * 24, np.random.default_rng(5).normal(100, 30, 24)
        long_calm = work.more([self.queue(calm, 900.0), self.queue(wild, 30.0)], after(24))[0]
        long_wild = work.more([self.queue(calm, 30.0), self.queue(wild, 900.0)], after(24))[0]
        assert long_calm < long_wild

    def test_of_few_months_it_is_not_told(self):
        assert work.more([self.queue([100.0] * 5)], after(5, 18)) is None
        assert work.more([], after(5, 18)) is None
        assert work.more([self.queue([100.0] * 6)], after(6, 18)) is not None


def test_a_queue_that_began_later_has_its_part_of_the_others_luck():
    old = TestSure().queue(np.random.default_rng(2).normal(100, 10, 24))
    new = an_ahead(old.week, [], TestSure.FIRSTS[22:24], [5.0, 6.0])
    assert (work.more([old, new], after(24, 6)) == work.more([old], after(24, 6))).all()


def test_positions_of_targets_are_found_from_below_alike():
    """What `steps` starts from is what `required` says."""
    found = required.positions(
        np.array([10.0]), AIM.targets, lambda load, some: AIM.callers.expected(load, some, 180.0)
    )
    assert found.tolist() == [14]


def test_whole_months_follow_each_other():
    days = [MARCH + timedelta(days=number) for number in range(92)]
    firsts = monthly.whole_months([type("Day", (), {"date": day}) for day in days])
    assert firsts == [MARCH, date(2027, 4, 1), date(2027, 5, 1)]


@pytest.mark.parametrize(
    ("there", "needed", "gap"),
    [
        (51.34, 50.26, 1.0),  # shown as 51.3 and 50.3, though 1.08 lie between them
        (51.3, 51.3, 0.0),
        (12.25, 10.0, 2.3),  # shown as 12.3
        (9.96, 10.04, 0.0),
        (1.0, 1.909, -0.9),
    ],
)
def test_a_gap_is_what_lies_between_the_numbers_that_are_shown(there, needed, gap):
    assert between(there, needed) == gap
