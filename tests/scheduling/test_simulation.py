"""Days that are played: by hand, by what must hold of any day, and against the formulas."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng

from scheduling.erlang import erlang_a, erlang_c, erlang_x
from scheduling.simulation import drawing, engine, outcome, playing
from scheduling.simulation.centre import Break, CallBack, Centre, Line, Listed, Pool, Times
from scheduling.simulation.drawing import Calls, Staff
from scheduling.simulation.outcome import estimate

FOREVER = np.inf


def a_centre(lines, pools, interval=1800.0, lists=()):
    return Centre(lines, pools, interval, lists)


def a_line(length=1, **more):
    return Line(**{"calls": np.zeros(length), "handle": Times(180.0), **more})


def a_pool(people, length=1, **more):
    return Pool(**{"people": np.full(length, people), "skills": {0: 1}, **more})


def play(centre, *calls, staff=None, seed=1):
    """Plays calls of (second, line, handle, patience) that come in order."""
    at, line, handle, patience = (np.array(part) for part in zip(*calls, strict=True))
    given = Calls(at.astype(float), line, handle.astype(float), patience.astype(float))
    rules = playing.rules(centre, default_rng(1))
    by_line = np.argsort(line, kind="stable")
    first = np.searchsorted(line[by_line], np.arange(len(centre.lines) + 1))
    there = staff or drawing.staff(centre)
    return engine.play(given, there, rules, by_line, first, centre.seconds, seed)


def begun(played):
    return [None if np.isnan(one) else one for one in played.begun]


def asked(played):
    return [None if np.isnan(one) else one for one in played.asked]


def left(played):
    return [None if np.isnan(one) else one for one in played.left]


def test_calls_are_answered_in_turn_and_who_has_no_patience_leaves():
    centre = a_centre([a_line()], [a_pool(1)])
    done = play(centre, (0, 0, 30, FOREVER), (5, 0, 30, 15), (10, 0, 30, FOREVER))
    assert begun(done) == [0, None, 30]
    assert left(done) == [None, 20, None]
    assert done.ended[2] == 60


def test_who_goes_on_a_break_ends_the_call_first():
    centre = a_centre([a_line()], [a_pool(1, breaks=[Break(10, 50)])])
    done = play(centre, (0, 0, 30, FOREVER), (5, 0, 10, FOREVER))
    assert begun(done) == [0, 60]


def test_people_who_come_take_those_who_wait():
    there = Staff(np.array([0.0, 40.0]), np.array([0, 0]), np.array([0, 2]))
    centre = a_centre([a_line()], [a_pool(1)])
    done = play(centre, (0, 0, 30, FOREVER), (1, 0, 30, FOREVER), (2, 0, 30, FOREVER), staff=there)
    assert begun(done) == [40, 40, 70]


def test_a_call_goes_to_who_would_rather_take_it():
    centre = a_centre(
        [a_line(), a_line()], [a_pool(1, skills={0: 2, 1: 1}), a_pool(1, skills={0: 1})]
    )
    done = play(centre, (0, 0, 30, FOREVER), (1, 0, 30, FOREVER), (2, 1, 30, FOREVER))
    assert done.pool.tolist() == [1, 0, 0]
    assert begun(done) == [0, 1, 31]


def test_a_queue_that_goes_first_does_though_others_wait_longer():
    centre = a_centre([a_line(priority=1), a_line(priority=0)], [a_pool(1, skills={0: 1, 1: 1})])
    done = play(centre, (0, 0, 30, FOREVER), (5, 0, 30, FOREVER), (9, 1, 30, FOREVER))
    assert begun(done) == [0, 60, 30]


def test_of_queues_of_one_priority_who_waits_longest_goes_first():
    centre = a_centre([a_line(), a_line()], [a_pool(1, skills={0: 1, 1: 1})])
    done = play(centre, (0, 0, 30, FOREVER), (5, 1, 30, FOREVER), (9, 0, 30, FOREVER))
    assert begun(done) == [0, 30, 60]


def test_who_is_to_be_called_back_after_all_others_is_when_nobody_waits():
    asks = a_line(call_back=CallBack(1.0, 10.0, priority=9))
    centre = a_centre([asks], [a_pool(1)])
    done = play(centre, (0, 0, 30, FOREVER), (1, 0, 30, 12), (25, 0, 30, FOREVER))
    # The second asks at 11 and so does not leave at 13; the third has waited less than 10 s.
    assert asked(done) == [None, 11, None]
    assert (begun(done), left(done)) == ([0, 60, 30], [None, None, None])


def test_who_is_to_be_called_back_keeps_the_place_in_the_queue():
    centre = a_centre([a_line(call_back=CallBack(1.0, 10.0))], [a_pool(1)])
    done = play(centre, (0, 0, 30, FOREVER), (1, 0, 30, 12), (25, 0, 30, FOREVER))
    # The third asks at 35, and is called after the second, who came before.
    assert asked(done) == [None, 11, 35]
    assert (begun(done), left(done)) == ([0, 30, 60], [None, None, None])


def test_a_call_back_has_the_priority_that_is_told_among_the_queues():
    asks = a_line(priority=3, call_back=CallBack(1.0, 10.0, priority=1))
    centre = a_centre([asks, a_line(priority=2)], [a_pool(1, skills={0: 1, 1: 1})])
    # Of the first queue one asks before somebody is free, and goes before the second queue; the
    # other has waited for too short, and goes after it.
    done = play(
        centre, (0, 1, 30, FOREVER), (2, 1, 30, FOREVER), (5, 0, 7, FOREVER), (59, 0, 9, FOREVER)
    )
    assert asked(done) == [None, None, 15, None]
    assert begun(done) == [0, 37, 30, 67]


def test_who_comes_when_the_first_has_waited_for_long_is_asked_at_once():
    centre = a_centre([a_line(call_back=CallBack(1.0, 10.0, "expected"))], [a_pool(1)])
    done = play(
        centre, (0, 0, 30, FOREVER), (5, 0, 30, FOREVER), (15, 0, 30, FOREVER), (16, 0, 30, FOREVER)
    )
    # At 15 who stands first has waited 10 s, which is not more; at 16 it is.
    assert asked(done) == [None, None, None, 16]
    assert begun(done) == [0, 30, 60, 90]


def test_who_leaves_calls_again_where_all_do():
    centre = a_centre([a_line(again=1.0, again_seconds=5.0)], [a_pool(1)])
    done = play(centre, (0, 0, 1000, FOREVER), (1, 0, 30, 20))
    # Each time by the patience of one of the two: of who would wait for ever, until an answer.
    assert left(done)[1] == 21
    assert np.isnan(done.begun[1])
    assert begun(done)[-1] == 1000
    assert (done.at[2:] > 21).all()


def test_calls_out_fill_the_time_but_that_which_is_kept_free():
    pool = a_pool(2, lists=[0], kept_free=1)
    centre = a_centre([a_line()], [pool], interval=100.0, lists=[Listed(Times.of([20.0]))])
    done = play(centre, (5, 0, 30, FOREVER))
    # One calls out from the first moment on; a call in takes the other, so that nobody is free.
    assert begun(done) == [5]
    assert done.out_at.tolist() == [0, 35, 55, 75, 95]


def test_of_a_list_no_more_are_called_than_stand_on_it():
    lists = [Listed(Times.of([40.0]), np.array([3, 0, 1])), Listed(Times.of([50.0]))]
    pools = [a_pool(1, 3, lists=[0, 1])]
    centre = a_centre([a_line(3)], pools, interval=100.0, lists=lists)
    done = play(centre, (90, 0, 20, FOREVER))
    # After the third of the first list a call in, which came at 90, and then those of the second
    # list; at 200 the first has one more, for when the call out that is under way has ended.
    assert begun(done) == [120]
    assert done.out_list.tolist() == [0, 0, 0, 1, 1, 0, 1]
    assert done.out_at.tolist() == [0, 40, 80, 140, 190, 240, 280]


def test_an_agent_holds_as_many_chats_as_fill_one():
    centre = a_centre([a_line(slots=2)], [a_pool(1)])
    done = play(centre, (0, 0, 30, FOREVER), (1, 0, 30, FOREVER), (2, 0, 30, FOREVER))
    assert begun(done) == [0, 1, 30]
    # Busy from 0 on until the third ends at 60: one spell, however much is held.
    assert list(zip(done.spell_at, done.spell_ended, strict=True)) == [(0, 60)]


def test_a_chat_goes_to_who_holds_the_fewest():
    centre = a_centre([a_line(slots=3)], [a_pool(2)])
    done = play(centre, *((second, 0, 100, FOREVER) for second in range(4)))
    assert begun(done) == [0, 1, 2, 3]
    # Two and two, and not three and one: who takes turns is busy from 0 to 102 and from 1 to 103.
    assert sorted(zip(done.spell_at, done.spell_ended, strict=True)) == [(0, 102), (1, 103)]


def test_a_chat_takes_longer_while_another_is_held():
    centre = a_centre([a_line(slots=2, stretch=0.5)], [a_pool(1)])
    done = play(centre, (0, 0, 30, FOREVER), (10, 0, 30, FOREVER))
    # At 10 the first has 20 left, at one and a half each: until 40. By then the second has done
    # 20 of its 30, and does the rest alone.
    assert done.ended.tolist() == [40, 50]


def test_a_call_fills_a_person_and_waits_for_one_who_holds_nothing():
    lines = [a_line(slots=2), a_line()]
    centre = a_centre(lines, [a_pool(1, skills={0: 1, 1: 1})])
    done = play(
        centre, (0, 0, 30, FOREVER), (5, 0, 40, FOREVER), (6, 1, 10, FOREVER), (7, 0, 10, FOREVER)
    )
    # At 30 there is room for the last chat; but the call came before, and is waited for.
    assert begun(done) == [0, 5, 45, 55]


def test_a_chat_that_was_kept_back_goes_on_when_the_call_before_it_leaves():
    lines = [a_line(slots=2), a_line()]
    centre = a_centre(lines, [a_pool(1, skills={0: 1, 1: 1})])
    done = play(centre, (0, 0, 50, FOREVER), (6, 1, 10, 20), (7, 0, 10, FOREVER))
    assert left(done) == [None, 26, None]
    assert begun(done) == [0, None, 26]


def test_a_chat_that_is_kept_back_in_one_pool_goes_to_another():
    lines = [a_line(slots=2), a_line()]
    pools = [a_pool(1, skills={0: 1, 1: 1}), a_pool(1, skills={0: 2})]
    done = play(
        a_centre(lines, pools), (0, 0, 50, FOREVER), (6, 1, 10, FOREVER), (7, 0, 10, FOREVER)
    )
    assert done.pool.tolist() == [0, 0, 1]
    assert begun(done) == [0, 50, 7]


def test_some_hold_fewer_chats_than_the_queue_allows():
    centre = a_centre([a_line(slots=3)], [a_pool(1, most_at_once=2)])
    done = play(centre, *((second, 0, 30, FOREVER) for second in range(3)))
    assert begun(done) == [0, 1, 30]


def test_who_goes_ends_the_chats_first_and_takes_no_more():
    there = Staff(np.array([0.0, 20.0]), np.array([0, 0]), np.array([2, 1]))
    centre = a_centre([a_line(slots=2)], [a_pool(2)])
    done = play(
        centre,
        *((0, 0, 50, FOREVER), (1, 0, 40, FOREVER), (2, 0, 60, FOREVER), (30, 0, 10, FOREVER)),
        (31, 0, 10, FOREVER),
        staff=there,
    )
    # Two hold the first and the third, and the second; who holds fewer goes. At 30 both places of
    # the other are taken, at 50 the first has ended.
    assert begun(done) == [0, 1, 2, 50, 60]


def test_of_equals_who_can_do_the_least_else_takes_a_call():
    pools = [a_pool(9, skills={0: 1, 1: 1}), a_pool(1, skills={0: 1})]
    centre = a_centre([a_line(), a_line()], pools)
    done = play(centre, (0, 0, 30, FOREVER), (1, 0, 30, FOREVER))
    assert done.pool.tolist() == [1, 0]


def test_who_is_free_takes_what_they_would_rather_of_one_priority():
    pools = [a_pool(1, skills={0: 2, 1: 1})]
    centre = a_centre([a_line(), a_line()], pools)
    done = play(centre, (0, 0, 30, FOREVER), (5, 0, 30, FOREVER), (9, 1, 30, FOREVER))
    assert begun(done) == [0, 60, 30]


def test_the_same_seed_plays_the_same_however_many_abreast():
    centre = a_centre(
        [a_line(8, calls=np.full(8, 50.0), patience=Times(60.0), again=0.3, spread=0.1)],
        [a_pool(5, 8)],
    )
    one, two, other = (
        playing.played(centre, 6, seed, abreast) for seed, abreast in ((5, 1), (5, 2), (6, 2))
    )
    assert (one.wait_seconds == two.wait_seconds).all()
    assert not (one.wait_seconds == other.wait_seconds).all()


centres = st.builds(
    lambda calls, people, patience, priorities, skills, back, again, slots, lists: a_centre(
        [
            a_line(
                2,
                calls=np.array([calls[place], calls[place] / 2]),
                handle=Times(60.0 + 30 * place),
                patience=Times(patience) if patience else None,
                priority=priorities[place],
                call_back=back,
                slots=slots[place],
                stretch=0.2 * place,
                again=again,
                again_seconds=50.0,
            )
            for place in range(2)
        ],
        [
            a_pool(people[place], 2, skills=skills[place], lists=[place][: len(lists)], kept_free=1)
            for place in range(2)
        ],
        lists=lists,
    ),
    calls=st.lists(st.floats(0, 60), min_size=2, max_size=2),
    people=st.lists(st.integers(1, 4), min_size=2, max_size=2),
    patience=st.none() | st.floats(1, 200),
    priorities=st.lists(st.integers(0, 1), min_size=2, max_size=2),
    skills=st.lists(
        st.dictionaries(st.integers(0, 1), st.integers(1, 2), min_size=1), min_size=2, max_size=2
    ),
    back=st.sampled_from(
        [
            None,
            CallBack(0.5, 30.0),
            CallBack(0.5, 30.0, "expected"),
            CallBack(1.0, 20.0, priority=5),
        ]
    ),
    again=st.sampled_from([0.0, 0.5]),
    slots=st.sampled_from([(1, 1), (1, 1), (3, 3), (1, 3), (3, 2)]),
    lists=st.sampled_from([(), (Listed(Times(50.0)), Listed(Times(80.0), np.array([5, 9])))]),
)


@settings(deadline=None, max_examples=60)
@given(centre=centres, seed=st.integers(0, 10_000))
def test_of_any_day_nobody_is_free_while_a_call_waits_that_they_serve(centre, seed):
    rng = default_rng(seed)
    calls = drawing.calls(centre, rng)
    if not len(calls.at):
        return
    done = play(centre, *zip(*calls, strict=True), seed=seed)
    people = [pool.people[0] for pool in centre.pools]
    answered = ~np.isnan(done.begun)
    assert not (answered & ~np.isnan(done.left)).any()
    assert (done.begun[answered] >= done.at[answered]).all()
    over = np.where(
        np.isnan(done.begun), np.where(np.isnan(done.left), np.inf, done.left), done.begun
    )
    # Of a person: a chat of two takes a half.
    part = 1 / np.array([line.slots for line in centre.lines])[done.line]
    holds_one = [all(centre.lines[one].slots == 1 for one in pool.skills) for pool in centre.pools]
    for moment in [*done.begun[answered], *done.ended[answered], *done.at]:
        is_on = (done.begun <= moment) & (moment < done.ended)
        waiting = {*done.line[(done.at <= moment) & (moment < over)].tolist()}
        for number, pool in enumerate(centre.pools):
            out = (done.out_at <= moment) & (moment < done.out_ended) & (done.out_pool == number)
            taken = part[is_on & (done.pool == number)].sum() + out.sum()
            assert taken <= people[number] + 1e-9
            if waiting & {*pool.skills} and holds_one[number]:
                assert taken == people[number]
            elif waiting & {*pool.skills}:
                # Somebody may be kept for a call; but nobody holds nothing.
                spells = (done.spell_at <= moment) & (moment < done.spell_ended)
                assert (spells & (done.spell_pool == number)).sum() == people[number]
    for line in range(2):
        mine = answered & np.isnan(done.asked) & (done.line == line)
        assert (np.diff(done.begun[mine][np.argsort(done.at[mine])]) >= 0).all()


@settings(deadline=None, max_examples=30)
@given(centre=centres, seed=st.integers(0, 10_000))
def test_of_any_day_the_books_balance(centre, seed):
    found = playing.played(centre, 3, seed)
    told = found.answered + found.abandoned + found.called_back + found.still_there
    assert (told == found.offered).all()
    served = {one for pool in centre.pools for one in pool.skills}
    for line in range(2):
        if centre.lines[line].patience or line in served:
            # Who would wait for ever is answered in the end, after the last interval too.
            assert not found.still_there[:, line].any()
        if line in served:
            assert (found.back_done[:, line] == found.called_back[:, line]).all()
    assert (found.answered_within <= found.answered).all()
    assert (found.busy_seconds >= 0).all()
    assert (found.busy_seconds <= found.present_seconds + 1e-6).all()
    slots = max(line.slots for line in centre.lines)
    assert (found.held_seconds >= found.busy_seconds - 1e-6).all()
    assert (found.held_seconds <= found.busy_seconds * slots + 1e-6).all()


blended = st.builds(
    lambda calls, people, kept, patience, dials, back, lines: a_centre(
        [
            a_line(
                3,
                calls=np.full(3, calls / lines),
                handle=Times.of([40.0, 100.0, 250.0]),
                patience=Times(patience) if patience else None,
                call_back=back,
            )
            for _ in range(lines)
        ],
        [a_pool(people, 3, skills=dict.fromkeys(range(lines), 1), lists=[0, 1], kept_free=kept)],
        lists=[Listed(Times.of([30.0, 70.0]), np.array(dials)), Listed(Times.of([90.0]))],
    ),
    calls=st.floats(0, 90),
    people=st.integers(1, 7),
    kept=st.integers(0, 3),
    patience=st.none() | st.floats(5, 200),
    dials=st.lists(st.integers(0, 25), min_size=3, max_size=3),
    back=st.sampled_from([None, CallBack(0.6, 20.0), CallBack(1.0, 30.0, "expected", priority=4)]),
    lines=st.integers(1, 2),
)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(centre=blended, seed=st.integers(0, 10_000))
def test_calls_in_calls_out_and_call_backs_take_just_the_time_there_is(centre, seed):
    """Of one pool that serves everything, call by call: nobody is on two calls, no length is lost,
    and whoever asks to be called back is, once, by then or not at all."""
    calls = drawing.calls(centre, default_rng(seed))
    if not len(calls.at):
        return
    done = play(centre, *zip(*calls, strict=True), seed=seed)
    people, kept = int(centre.pools[0].people[0]), centre.pools[0].kept_free
    taken = done.pool >= 0
    # Each call in ends one way, and who was taken holds somebody for just its length.
    ways = np.stack([taken, ~np.isnan(done.left)])
    assert (ways.sum(axis=0) == 1).all()
    assert done.ended[taken] - done.begun[taken] == pytest.approx(calls.handle[taken])
    # A call back comes after it was asked for, and who asked does not leave.
    asked = ~np.isnan(done.asked)
    assert taken[asked].all()
    assert (done.begun[asked] >= done.asked[asked]).all()
    assert (done.asked[asked] >= done.at[asked]).all()
    # Calls out are as long as some of their list is, and none begins after the last interval.
    lengths = done.out_ended - done.out_at
    for number, of_list in enumerate(([30.0, 70.0], [90.0])):
        mine = lengths[done.out_list == number]
        assert np.abs(mine[:, None] - of_list).min(axis=1, initial=np.inf) == pytest.approx(
            np.zeros(len(mine)), abs=1e-6
        )
    assert (done.out_at < centre.seconds).all()
    # Of the first list no more were called by any moment than stood on it by then.
    starts = np.arange(3) * centre.interval_seconds
    listed = np.array([centre.lists[0].dials[starts <= at].sum() for at in done.out_at])
    first = done.out_list == 0
    assert (np.cumsum(first)[first] <= listed[first]).all()
    # At each moment at which something begins so many are busy as are there at most; when a call
    # out does, so many are free afterwards as are kept so, and nobody waits.
    begins = np.concatenate([done.begun[taken], done.out_at])
    ends = np.concatenate([done.ended[taken], done.out_ended])
    for moment in begins:
        assert ((begins <= moment) & (moment < ends)).sum() <= people
    over = np.where(taken, done.begun, done.left)
    for moment in done.out_at:
        assert ((begins <= moment) & (moment < ends)).sum() <= max(people - kept, 0)
        assert not ((done.at < moment) & (moment < over)).any()
    # And what is counted is what was played: all time on calls within the day.
    found = outcome.tallied(done, centre, np.array([line.target_seconds for line in centre.lines]))
    on_calls = (np.minimum(ends, centre.seconds) - np.minimum(begins, centre.seconds)).sum()
    assert found["held_seconds"].sum() == pytest.approx(on_calls)
    assert found["busy_seconds"].sum() == pytest.approx(on_calls)
    assert found["out"].sum() == len(done.out_at)
    assert found["called_back"].sum() == found["back_done"].sum() == asked.sum()
    assert found["back_seconds"].sum() == pytest.approx((done.begun - done.asked)[asked].sum())


# Arrivals in half an hour, handle time, people, patience, chance to call again: from idle to
# overfull, small to large.
SETTINGS = [
    (20, 180, 4, None, 0.0), (60, 180, 8, None, 0.0), (100, 180, 12, None, 0.0),
    (100, 300, 19, None, 0.0), (200, 240, 30, None, 0.0), (400, 180, 44, None, 0.0),
    (10, 600, 5, None, 0.0), (300, 60, 12, None, 0.0),
    (20, 180, 3, 60, 0.0), (60, 180, 6, 120, 0.0), (100, 180, 9, 90, 0.0),
    (100, 300, 15, 300, 0.0), (200, 240, 28, 60, 0.0), (400, 180, 40, 120, 0.0),
    (10, 600, 3, 240, 0.0), (300, 60, 9, 30, 0.0), (150, 200, 16, 45, 0.0), (80, 420, 17, 600, 0.0),
    (100, 180, 9, 90, 0.5), (60, 240, 8, 120, 0.3),
]  # fmt: skip
HALF_HOURS, WARM_UP = 44, 4


@pytest.fixture(scope="module")
def against_formulas():
    """Of each setting the formula's and the simulator's SL3, mean wait of all and occupancy."""
    found = []
    for number, (calls, aht, people, patience, again) in enumerate(SETTINGS):
        line = a_line(
            HALF_HOURS,
            calls=np.full(HALF_HOURS, float(calls)),
            handle=Times(aht),
            patience=Times(patience) if patience else None,
            again=again,
        )
        days = playing.played(a_centre([line], [a_pool(people, HALF_HOURS)]), 60, 100 + number)
        load = calls * aht / 1800
        if patience is None:
            told = erlang_c(load, people, aht)
        elif again:
            told = erlang_x(load, people, aht, patience, again)
        else:
            told = erlang_a(load, people, aht, patience)
        pairs = {
            "sl3": (told.sl3, days.service_level("SL3", WARM_UP)[:, 0]),
            "w2": (told.w2, days.asa("W2", WARM_UP)[:, 0]),
            "occupancy": (told.occupancy, days.occupancy(WARM_UP)[:, 0]),
        }
        found.append(pairs)
    return found


@pytest.mark.parametrize("name", ["sl3", "w2", "occupancy"])
def test_where_formulas_hold_the_simulator_agrees(against_formulas, name):
    """17 of 20 lie within 95 %, and all within 99.9 %."""
    near, far = [], []
    for pairs in against_formulas:
        formula, days = pairs[name]
        most = np.inf if name == "w2" else 1.0
        close, wide = estimate(days, most=most), estimate(days, 0.999, most=most)
        near.append(close.low <= formula <= close.high)
        far.append(not wide.low <= formula <= wide.high)
    assert sum(near) >= 17
    assert not any(far)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: a_centre([a_line(2)], [a_pool(1, 3)]),
        lambda: a_centre([a_line()], [a_pool(1, skills={1: 1})]),
        lambda: a_centre([a_line(calls=np.array([-1.0]))], [a_pool(1)]),
        lambda: a_centre([a_line()], [a_pool(-1)]),
        lambda: a_centre([], [a_pool(1)]),
        lambda: a_centre([a_line(slots=0)], [a_pool(1)]),
        lambda: a_centre([a_line(stretch=-0.1)], [a_pool(1)]),
        lambda: a_centre([a_line(call_back=CallBack(1.1))], [a_pool(1)]),
        lambda: a_centre([a_line()], [a_pool(1, skills={0: 0})]),
        lambda: a_centre([a_line()], [a_pool(1, most_at_once=0)]),
        lambda: a_centre([a_line()], [a_pool(1, lists=[0])]),
        lambda: a_centre([a_line()], [a_pool(1, lists=[0, 0])], lists=[Listed(Times(9.0))]),
        lambda: a_centre([a_line()], [a_pool(1)], lists=[Listed(Times(0.0))]),
        lambda: a_centre([a_line()], [a_pool(1)], lists=[Listed(Times(9.0), np.array([-1]))]),
        lambda: a_centre([a_line()], [a_pool(1)], lists=[Listed(Times(9.0), np.array([1, 2]))]),
        lambda: Times.of([]),
        lambda: Times.of([1.0, np.inf]),
        lambda: playing.played(a_centre([a_line()], [a_pool(1)]), 0, 1),
    ],
)
def test_what_cannot_be_played_is_refused(wrong):
    with pytest.raises(ValueError, match=r"\w"):
        wrong()


def test_an_interval_of_days_lies_where_a_mean_can():
    """Of three days Student's t of 95 % is 4.3027, by the tables. 0.9, 1 and 1 have the mean 0.9667
    and a spread of 0.05774, so 4.3027 x 0.05774 / sqrt(3) = 0.1434 on either side: 0.8232 to 1.11,
    of which a share reaches 1. Waits of 0, 0 and 6 s have 2 and 8.605: below 0 nobody waits."""
    share = estimate(np.array([0.9, 1.0, 1.0]), most=1.0)
    assert (share.mean, share.low) == pytest.approx((0.96667, 0.82323), abs=1e-4)
    assert share.high == 1.0
    wait = estimate(np.array([0.0, 0.0, 6.0]))
    assert (wait.mean, wait.low) == (2.0, 0.0)
    assert wait.high == pytest.approx(10.605, abs=1e-3)
    alone = estimate(np.array([0.9]), most=1.0)
    assert (alone.low, alone.high) == (-np.inf, np.inf)


class TestWhereFormulasHold:
    """Days of one queue and one pool, after a warm-up, and what is to be expected of them."""

    def days(self, line, pool, many=60, seed=5, lists=()):
        centre = a_centre([line], [pool], lists=lists)
        return playing.played(centre, many, seed)

    def line(self, calls, aht, **more):
        return a_line(
            HALF_HOURS, calls=np.full(HALF_HOURS, float(calls)), handle=Times(aht), **more
        )

    def lies(self, expected, by_day):
        found = estimate(by_day, 0.999)
        assert found.low <= expected <= found.high

    def test_chats_without_stretch_are_calls_of_as_many_agents_as_places(self):
        # 4 agents of 3 places are 12 of Erlang C.
        line = self.line(60, 300, slots=3)
        days = self.days(line, a_pool(4, HALF_HOURS))
        told = erlang_c(60 * 300 / 1800, 12, 300)
        self.lies(told.sl3, days.service_level("SL3", WARM_UP)[:, 0])
        self.lies(told.w2, days.asa("W2", WARM_UP)[:, 0])

    @pytest.mark.parametrize("stretch", [0.0, 0.3, 1.0])
    def test_one_agent_with_chats_is_a_birth_and_death_process(self, stretch):
        """k chats at once end at k / (1 + stretch (k - 1)) of the pace of one: of stretch 1 as of
        a queue of one server, M/M/1."""
        slots, aht, calls = 3, 120.0, 11.0
        born, many = calls / 1800, np.arange(1, 400)
        held = np.minimum(many, slots)
        ends = held / (1 + stretch * (held - 1)) / aht
        weight = np.concatenate([[1.0], np.cumprod(born / ends)])
        chance = weight / weight.sum()
        held = np.concatenate([[0], held])
        busy = 1 - chance[0]
        wait = (np.maximum(np.arange(400) - slots, 0) * chance).sum() / born  # Little's law
        days = self.days(self.line(calls, aht, slots=slots, stretch=stretch), a_pool(1, HALF_HOURS))
        if stretch == 1:
            load = born * aht
            assert busy == pytest.approx(load)
            assert wait == pytest.approx(load ** (slots + 1) / (1 - load) / born)
        self.lies(busy, days.occupancy(WARM_UP)[:, 0])
        self.lies((held * chance).sum() / busy, days.concurrency(WARM_UP)[:, 0])
        self.lies(wait, days.asa("W2", WARM_UP)[:, 0])

    def test_calls_out_with_all_but_none_kept_free_leave_nobody_idle(self):
        days = self.days(
            self.line(40, 180), a_pool(8, HALF_HOURS, lists=[0]), lists=[Listed(Times(90.0))]
        )
        assert days.occupancy() == pytest.approx(1.0, abs=1e-9)
        # What calls in leave of 8 people's hours, 4 of them, are 160 calls out an hour.
        self.lies((8 - 40 * 180 / 1800) * 3600 / 90, days.dials_per_hour(WARM_UP)[:, 0])

    def test_calls_out_while_some_stay_free_are_a_birth_and_death_process(self):
        """Of 6 people 2 are kept free. Calls in and out take as long: all that counts is how many
        are on calls, which are never fewer than 4. From there on it is a queue that calls in fill:
        M/M/6 that never falls below 4."""
        calls, aht, people, kept = 30.0, 150.0, 6, 2
        load, many = calls * aht / 1800, np.arange(people - kept, 300)
        ends = np.minimum(many, people)
        weight = np.concatenate([[1.0], np.cumprod(load / ends[1:])])
        chance = weight / weight.sum()
        days = self.days(
            self.line(calls, aht),
            a_pool(people, HALF_HOURS, lists=[0], kept_free=kept),
            lists=[Listed(Times(aht))],
        )
        busy = (ends * chance).sum()
        self.lies(busy / people, days.occupancy(WARM_UP)[:, 0])
        self.lies((busy - load) * 3600 / aht, days.dials_per_hour(WARM_UP)[:, 0])
        # Little's law of those who wait.
        waiting = (np.maximum(many - people, 0) * chance).sum()
        self.lies(waiting / calls * 1800, days.asa("W2", WARM_UP)[:, 0])

    def test_call_backs_that_keep_the_place_without_patience_change_no_beginning(self):
        """Whoever is asked after a minute is answered when it would have been anyhow: who waits for
        up to a minute is the same share as of Erlang C."""
        line = self.line(60, 180, call_back=CallBack(1.0, 60.0), target_seconds=30.0)
        days = self.days(line, a_pool(8, HALF_HOURS))
        told = erlang_c(6.0, 8, 180, np.array([30.0, 60.0]))
        asked = days.of("called_back", WARM_UP)[:, 0] / days.of("offered", WARM_UP)[:, 0]
        self.lies(1 - told.sl3[1], asked)
        within = days.of("answered_within", WARM_UP)[:, 0] / days.of("offered", WARM_UP)[:, 0]
        self.lies(told.sl3[0], within)
        # The rest of an exponential wait has its mean: aht / (people - load).
        self.lies(180 / (8 - 6.0), days.until_called_back(WARM_UP)[:, 0])
        # They are neither success nor failure: of those who were answered all were within a minute.
        assert (days.asa("W2")[:, 0] < 60).all()


def same(one, other):
    return all(
        (getattr(one, name) == getattr(other, name)).all()
        for name in ("offered", "answered", "abandoned", "wait_seconds", "busy_seconds")
    )


def test_what_nobody_says_yes_to_and_what_is_not_called_changes_nothing():
    line = {"calls": np.full(8, 40.0), "patience": Times(90.0)}
    plain = playing.played(a_centre([a_line(8, **line)], [a_pool(4, 8)]), 5, 3)
    nobody = a_line(8, **line, call_back=CallBack(0.0, 10.0))
    empty = [Listed(Times.of([60.0]), np.zeros(8, np.int64))]
    stretch = a_line(8, **line, stretch=0.5)
    none_called = a_centre([a_line(8, **line)], [a_pool(4, 8, lists=[0])], lists=empty)
    assert same(plain, playing.played(a_centre([nobody], [a_pool(4, 8)]), 5, 3))
    # One at once is never held beside another.
    assert same(plain, playing.played(a_centre([stretch], [a_pool(4, 8)]), 5, 3))
    found = playing.played(none_called, 5, 3)
    assert same(plain, found)
    assert not found.out.any()


def test_a_pool_that_is_followed_one_by_one_plays_as_one_that_is_counted():
    """People who could hold several, of whom each is told to hold one; nobody goes home, for of the
    one it is whoever ends first, of the other somebody."""
    line = {"calls": np.full(8, 40.0), "patience": Times(90.0), "again": 0.3}
    people = np.array([2, 3, 3, 4, 4, 4, 5, 6])
    counted = Pool(people=people, skills={0: 1})
    followed = Pool(people=people, skills={0: 1}, most_at_once=1)
    one = playing.played(a_centre([a_line(8, **line)], [counted]), 5, 3)
    other = playing.played(a_centre([a_line(8, **line, slots=2)], [followed]), 5, 3)
    for name in ("offered", "answered", "abandoned", "wait_seconds", "busy_seconds"):
        assert getattr(one, name) == pytest.approx(getattr(other, name)), name


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    people=st.integers(2, 8),
    slots=st.sampled_from([1, 3]),
    patience=st.none() | st.floats(20, 300),
)
def test_one_more_never_makes_the_same_calls_wait_longer(seed, people, slots, patience):
    """Of one queue whose callers stay, first come first served, no call begins later. Where some
    leave, one who stays now may keep another waiting: then it holds of the share in time of twenty
    days together, within a hundredth."""
    line = a_line(
        4, calls=np.full(4, 50.0), slots=slots, patience=Times(patience) if patience else None
    )
    if patience is None:
        calls = drawing.calls(a_centre([line], [a_pool(1, 4)]), default_rng(seed))
        rows = [*zip(*calls, strict=True)]
        fewer, more = (play(a_centre([line], [a_pool(many, 4)]), *rows).begun
                       for many in (people, people + 1))  # fmt: skip
        assert (more <= fewer).all()
        return
    shares = [
        playing.played(a_centre([line], [a_pool(many, 4)]), 20, seed).of("answered_within").sum()
        for many in (people, people + 1)
    ]
    assert shares[1] >= shares[0] - 0.01 * 20 * 200
