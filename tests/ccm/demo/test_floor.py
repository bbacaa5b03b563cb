"""The floor by hand: one or two agents, a few callers, times in milliseconds."""

from ccm.demo import floor
from ccm.demo.floor import Bench, Caller, Floor, Line, Played
from ccm.demo.rota import LOG_IN, LOG_OUT, PAUSE, Duty

OPEN = ((0, 10**9),)


def a_caller(**what):
    usual = {
        "patience": 300_000, "ends_as": floor.ABANDONED, "ring": 4_000, "missed": 1.0,
        "talk": 1.0, "acw": 1.0, "onward": -1, "again": -1, "back": -1,
        "tries": 1,
    }  # fmt: skip
    return Caller(**(usual | what))


def a_line(overflow=-1, spans=OPEN):
    return Line(talk_ms=100_000, acw_ms=20_000, overflow=overflow, spans=spans)


def an_agent(*queues, missed=0.1):
    return Bench(queues or (0,), talk=1.0, acw=1.0, missed=missed)


def there(*agents, until=10**8):
    duties = [Duty(0, LOG_IN, agent) for agent in agents]
    return duties + [Duty(until, LOG_OUT, agent) for agent in agents]


def played(callers, rota, arrive, bench=None, lines=None, queue=None) -> Played:
    """`callers` are first visits by contact, or all visits by (contact, turn)."""
    known = {key if isinstance(key, tuple) else (key, 0): one for key, one in callers.items()}
    game = Floor(
        list(lines or [a_line()]),
        list(bench or [an_agent()]),
        lambda contact, turn: known[contact, turn],
    )
    return game.play(arrive, queue or [0] * len(arrive), rota)


def test_the_second_caller_waits_until_the_first_is_wrapped_up():
    found = played({0: a_caller(), 1: a_caller()}, there(0), [1_000, 10_000])
    # Ring 4 s, talk 100 s, wrap-up 20 s: the agent is free at 125 s.
    assert found.answered == [5_000, 129_000]
    assert found.ended == [105_000, 229_000]
    assert found.free == [125_000, 249_000]
    assert found.rings == [
        (0, 0, 1_000, 5_000, floor.TAKEN),
        (1, 0, 125_000, 129_000, floor.TAKEN),
    ]


def test_who_runs_out_of_patience_leaves_at_that_moment():
    callers = {0: a_caller(), 1: a_caller(patience=30_000)}
    found = played(callers, there(0), [1_000, 10_000])
    assert found.outcome == [floor.ANSWERED, floor.ABANDONED]
    assert found.ended[1] == 40_000
    assert found.answered[1] == 0


def test_a_caller_may_leave_while_an_agent_is_rung():
    found = played({0: a_caller(patience=2_500)}, there(0), [1_000])
    assert found.rings == [(0, 0, 1_000, 3_500, floor.CANCELLED)]
    assert found.outcome == [floor.ABANDONED]
    assert found.ended == [3_500]


def test_a_ring_let_go_sends_the_caller_back_to_the_head_of_the_queue():
    # The only agent lets contact 0 ring for 15 s and is left alone for 30 s; contact 1 came
    # meanwhile but does not overtake.
    callers = {0: a_caller(missed=0.05), 1: a_caller()}
    found = played(callers, there(0), [1_000, 5_000])
    assert found.rings[0] == (0, 0, 1_000, 16_000, floor.NO_ANSWER)
    assert found.answered[0] == 16_000 + 30_000 + 4_000
    assert found.answered[1] == found.free[0] + 4_000


def test_a_missed_caller_rings_at_once_at_another_free_agent():
    callers = {0: a_caller(missed=0.05)}
    found = played(callers, there(0, 1), [1_000], bench=(an_agent(), an_agent()))
    assert found.agent == [1]
    assert found.answered == [16_000 + 4_000]


def test_the_agent_who_has_been_free_longest_is_rung():
    callers = {n: a_caller() for n in range(3)}
    # Agent 0 came first and is taken first; at 200 s both are free, agent 1 (since 128 s)
    # for less time than agent 0 (since 125 s).
    rota = there(0, 1)
    found = played(callers, rota, [1_000, 4_000, 200_000], bench=(an_agent(), an_agent()))
    assert found.agent == [0, 1, 0]


def test_who_waits_to_the_end_is_taken_over_by_the_other_queue():
    callers = {
        (0, 0): a_caller(patience=floor.WAIT_LIMIT, ends_as=floor.TIMED_OUT),
        (0, 1): a_caller(),
    }
    found = played(
        callers, there(0), [1_000], bench=(an_agent(1),), lines=(a_line(overflow=1), a_line())
    )
    assert found.outcome == [floor.TIMED_OUT, floor.ANSWERED]
    assert found.queue == [0, 1]
    assert found.turn == [0, 1]
    assert found.offered[1] == found.ended[0] == 601_000


def test_where_nobody_takes_over_a_voicemail_is_left():
    callers = {0: a_caller(patience=floor.WAIT_LIMIT, ends_as=floor.TIMED_OUT)}
    found = played(callers, [], [1_000])
    assert found.outcome == [floor.VOICEMAIL]


def test_a_call_is_handed_on_when_the_talk_is_over_and_the_wrap_up_is_not():
    callers = {(0, 0): a_caller(onward=1), (0, 1): a_caller()}
    bench = (an_agent(0), an_agent(1))
    found = played(callers, there(0, 1), [1_000], bench=bench, lines=(a_line(), a_line()))
    assert found.handed_to == [1, -1]
    assert found.offered == [1_000, 105_000]


def test_nothing_is_handed_to_a_queue_that_is_shut():
    lines = (a_line(), a_line(spans=((0, 100_000),)))
    found = played({0: a_caller(onward=1)}, there(0), [1_000], lines=lines)
    assert found.handed_to == [-1]
    assert len(found.offered) == 1


def test_who_gave_up_tries_again_while_the_queue_is_open():
    callers = {(0, 0): a_caller(patience=5_000, again=60_000), (0, 2): a_caller(patience=5_000)}
    found = played(callers, [], [1_000])
    assert found.offered == [1_000, 66_000]
    assert found.turn == [0, 2]
    shut = (a_line(spans=((0, 60_000),)),)
    assert len(played(callers, [], [1_000], lines=shut).offered) == 1


def test_a_pause_that_falls_into_a_call_begins_after_it():
    rota = [
        Duty(0, LOG_IN, 0), Duty(50_000, PAUSE, 0, 600_000, "Lunch"), Duty(10**7, LOG_OUT, 0),
    ]  # fmt: skip
    callers = {0: a_caller(), 1: a_caller(patience=10**6)}
    found = played(callers, rota, [1_000, 130_000])
    assert found.paused == [(0, 125_000, 725_000, "Lunch")]
    assert found.answered[1] == 729_000


def test_a_shift_that_ends_in_a_call_ends_after_it():
    rota = [Duty(0, LOG_IN, 0), Duty(50_000, LOG_OUT, 0)]
    found = played({0: a_caller()}, rota, [1_000])
    assert found.logged_in == [(0, 0, 125_000)]


def test_a_shift_that_ends_in_a_pause_ends_the_pause():
    rota = [
        Duty(0, LOG_IN, 0), Duty(50_000, PAUSE, 0, 600_000, "Break"), Duty(80_000, LOG_OUT, 0),
    ]  # fmt: skip
    found = played({}, rota, [])
    assert found.paused == [(0, 50_000, 80_000, "Break")]
    assert found.logged_in == [(0, 0, 80_000)]


def test_an_agent_serves_the_own_queue_before_the_second():
    callers = {0: a_caller(), 1: a_caller(), 2: a_caller()}
    found = played(
        callers, there(0), [1_000, 2_000, 3_000],
        bench=(an_agent(1, 0),), lines=(a_line(), a_line()), queue=[0, 0, 1],
    )  # fmt: skip
    # Contact 2 came last, for the agent's own queue.
    assert found.answered[2] < found.answered[1]


def test_who_asked_is_called_back_by_whoever_is_free_in_opening_hours():
    wants = {"patience": 30_000, "ends_as": floor.CALLBACK}
    callers = {
        0: a_caller(),
        1: a_caller(**wants, back=60_000),
        2: a_caller(**wants, back=900_000),
        3: a_caller(**wants),
    }
    # Shut from 800 s to 2,000 s.
    lines = (a_line(spans=((0, 800_000), (2_000_000, 10**7))),)
    found = played(callers, there(0), [1_000, 2_000, 3_000, 4_000], lines=lines)
    # Contact 1 left at 32 s and is due at 92 s: the agent is free at 125 s, two minutes after that
    # it is tried again. Nobody gives contact 3 a thought. Picked up after 12 s, talk 100 s, wrap-up
    # 20 s. Contact 2 is due at 933 s: two minutes after the queue opens again.
    assert found.dials == [
        (1, 0, 212_000, 224_000, 324_000, 344_000),
        (2, 0, 2_120_000, 2_132_000, 2_232_000, 2_252_000),
    ]


def test_whom_nobody_reaches_is_tried_three_times():
    wants = {"patience": 30_000, "ends_as": floor.CALLBACK, "back": 60_000}
    # At 1 s nobody is there yet; contact 0 is reached with the second dial, contact 1 never.
    rota = [Duty(91_500, LOG_IN, 0), Duty(10**8, LOG_OUT, 0)]
    found = played({0: a_caller(**wants, tries=2)}, rota, [1_000])
    assert [dial[2:4] for dial in found.dials] == [(211_000, 0), (2_911_000, 2_923_000)]
    # The other side rings for 28 s, and the next try is 45 minutes after this one.
    assert found.dials[0][4:] == (239_000, 239_000)
    found = played({0: a_caller(**wants, tries=4)}, rota, [1_000])
    assert [dial[2:4] for dial in found.dials] == [(211_000, 0), (2_911_000, 0), (5_611_000, 0)]


def test_a_pause_that_falls_into_another_begins_after_it():
    rota = [
        Duty(0, LOG_IN, 0), Duty(10_000, PAUSE, 0, 60_000, "Calls out"),
        Duty(50_000, PAUSE, 0, 30_000, "Break"), Duty(10**6, LOG_OUT, 0),
    ]  # fmt: skip
    assert played({}, rota, []).paused == [
        (0, 10_000, 70_000, "Calls out"), (0, 70_000, 100_000, "Break"),
    ]  # fmt: skip
