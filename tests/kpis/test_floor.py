"""Who needs somebody on a floor: limits, lists of needs, and what agents did before."""

from datetime import timedelta

import pytest

from ccm.live.now import Floor, Present, State, Waiting, floors
from ccm.models import AgentState, Offer
from kpis.floor import reads
from kpis.floor.limits import Limits, lacks_break, level, over, worked_since
from kpis.floor.needs import Beside, needs
from kpis.worklist.due import Due
from tests.builders import NINE, a_call, a_queue, a_site, a_team, a_user, an_agent

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def present(state, minutes, agent=1, reason="", here=60):
    """An agent in a state for so many minutes, logged in for `here`."""
    login = None if here is None else NINE - here * MINUTE
    return Present(agent, State(state), NINE - minutes * MINUTE, reason, None, login)


@pytest.mark.parametrize(
    ("state", "reason", "minutes", "beyond"),
    [
        ("paused", "Coffee", 15, None),  # to the minute is in time
        ("paused", "Coffee", 16, 1),
        ("paused", "LUNCH (late)", 59, None),  # by its reason 60
        ("paused", "Lunch", 70, 10),
        ("acw", "", 3, None),
        ("acw", "", 5, 2),
        ("on_call", "", 31, 1),
        ("hold", "", 40, 10),
        ("available", "", 300, None),
        ("ringing", "", 300, None),
    ],
)
def test_who_is_longer_in_a_state_than_its_limit_is_over_by_the_rest(
    state, reason, minutes, beyond
):
    found = over(present(state, minutes, reason=reason), Limits(), NINE)
    assert found == (None if beyond is None else beyond * MINUTE)


def test_nobody_is_over_by_less_than_a_second():
    coffee = present("paused", 15, reason="Coffee")
    assert over(coffee, Limits(), NINE + timedelta(milliseconds=999)) is None
    assert over(coffee, Limits(), NINE + timedelta(seconds=1)) == timedelta(seconds=1)


def test_a_limit_of_nought_is_none():
    limits = Limits(pause=0, wrapup=0, call=0, work=0, pauses={})
    for state in ("paused", "acw", "on_call"):
        assert over(present(state, 600), limits, NINE) is None
    assert not lacks_break(NINE - 10 * HOUR, limits, NINE)


def test_of_two_words_that_a_reason_holds_the_longer_one_says_how_long():
    limits = Limits(pauses={"meal": 60, "meal with a guest": 90})
    assert limits.of_pause("Meal with a guest") == 90
    assert limits.of_pause("Small meal") == 60
    assert limits.of_pause("Toilet") == 15


@pytest.mark.parametrize(
    ("reason", "expected"),
    [("Tea break", True), ("LUNCH", True), ("Training", False), ("", False)],
)
def test_a_pause_is_a_break_by_a_word_of_its_reason(reason, expected):
    assert Limits().is_break(reason) is expected


def test_twice_the_time_is_critical_but_for_a_call_which_takes_as_long_as_it_takes():
    assert level(present("acw", 6), Limits(), NINE) == "warn"
    assert level(present("acw", 7), Limits(), NINE) == "bad"
    assert level(present("on_call", 200), Limits(), NINE) == "warn"


def test_work_without_a_break_counts_from_the_last_one_and_else_from_the_login():
    there = present("available", 1, here=200)
    assert worked_since(there, None, Limits()) == NINE - 200 * MINUTE
    assert worked_since(there, NINE - 50 * MINUTE, Limits()) == NINE - 50 * MINUTE
    # A break of yesterday's shift.
    assert worked_since(there, NINE - 900 * MINUTE, Limits()) == NINE - 200 * MINUTE
    on_one = present("paused", 5, reason="Lunch", here=200)
    assert worked_since(on_one, None, Limits()) is None
    assert worked_since(present("on_call", 5, here=None), None, Limits()) is None


def test_a_phone_that_began_anew_is_no_break_and_one_that_was_away_is():
    """Logged in from 7:00 to 8:00, from 8:01 to 8:40, and since 8:41; before that at night."""
    there = present("available", 1, here=19)
    at = {minutes: NINE - minutes * MINUTE for minutes in (19, 20, 59, 60, 120, 126, 600)}
    sessions = [(at[120], at[60]), (at[59], at[20]), (at[600], at[126])]
    assert worked_since(there, None, Limits(), sessions) == at[120]
    assert worked_since(there, None, Limits(), sessions[:1]) == at[19]
    assert worked_since(there, at[60], Limits(), sessions) == at[60]


def test_three_hours_without_a_break_are_not_too_long_but_more_is():
    assert not lacks_break(NINE - 180 * MINUTE, Limits(), NINE)
    assert lacks_break(NINE - 181 * MINUTE, Limits(), NINE)


QUEUES = {7: ("Sales", 20), 8: ("Support", 20)}


def floor_of(*people, waiting=()):
    floor = Floor(
        people={one.agent: one for one in people},
        available=sum(one.is_free for one in people),
        waiting={queue: Waiting(calls, NINE - timedelta(seconds=s)) for queue, calls, s in waiting},
    )
    floor.paused.update(one.reason for one in people if one.state == State.PAUSED)
    return floor


NOTHING_DUE = Due()


def told(floor, due=NOTHING_DUE, **beside):
    people = {one.agent: Beside(f"Agent {one.agent}") for one in floor.people.values()}
    people |= {int(name.strip("_")): one for name, one in beside.items()}
    return needs(floor, QUEUES, people, Limits(), due, NINE)


def test_a_quiet_floor_needs_nobody():
    assert told(floor_of(present("available", 5), waiting=[(7, 1, 30)])) == []


def test_a_caller_who_waits_three_times_the_threshold_is_critical_and_first():
    floor = floor_of(present("acw", 8), waiting=[(7, 2, 61), (8, 1, 60)])
    first, second, third = told(floor)
    assert (first.level, first.words, first.queue) == ("bad", "Sales: 2 callers wait", 7)
    assert first.why == "the longest 1:01: over three times the 0:20 of its service level"
    assert second.words == "Nobody is free"
    assert second.why == "and 3 callers wait"
    assert (third.level, third.agent) == ("bad", 1)


def test_of_callers_who_wait_beside_somebody_free_nobody_is_to_come_back_from_a_pause():
    [need] = told(floor_of(present("available", 5), waiting=[(7, 2, 61)]))
    assert need.todo.startswith("1 agent of the site is free: see whether they serve this queue")
    [busy, _nobody] = told(floor_of(waiting=[(7, 2, 61)]))
    assert busy.todo.startswith("Who is in a pause or wrap-up could come back")


def test_nobody_free_is_told_while_somebody_waits_and_not_else():
    on_a_call = floor_of(present("on_call", 2), waiting=[(7, 1, 5)])
    assert [one.words for one in told(on_a_call)] == ["Nobody is free"]
    # Not every phone system tells of logins.
    [need] = told(floor_of(waiting=[(7, 1, 5)]))
    assert need.words == "Nobody is known to be logged in"
    assert "whether the phone system tells of logins" in need.todo
    assert told(floor_of(present("paused", 5))) == []


def test_who_is_over_is_told_with_the_reason_and_by_how_much():
    [one] = told(floor_of(present("paused", 25, reason="Coffee")))
    assert one.words == "Agent 1 is paused (Coffee)"
    assert one.why == "25:00, over its 15:00 by 10:00"
    assert (one.level, one.seconds, one.state) == ("warn", 600, State.PAUSED)


def test_of_many_over_there_is_one_line_that_names_the_worst_three():
    floor = floor_of(*(present("acw", 3 + agent, agent=agent) for agent in range(1, 6)))
    [one] = told(floor)
    assert one.words == "5 agents are over their time in wrap-up"
    assert one.why == "Agent 5, Agent 4, Agent 3 and 2 more"
    assert (one.level, one.agent) == ("bad", None)  # 8 minutes of 3


def test_two_over_are_told_one_by_one_the_worse_first():
    floor = floor_of(present("acw", 4, agent=1), present("acw", 5, agent=2))
    assert [one.agent for one in told(floor)] == [2, 1]


def test_a_phone_that_rings_twice_in_vain_is_told_of_whoever_is_free():
    missed = Beside("Ann", missed=2)
    [one] = told(floor_of(present("available", 1)), _1=missed)
    assert one.words == "Ann lets the phone ring"
    assert one.why == "2 rings in a row without an answer"
    assert told(floor_of(present("paused", 1)), _1=missed) == []
    assert told(floor_of(present("available", 1)), _1=Beside("Ann", missed=1)) == []


def test_who_had_no_break_is_told_last():
    long = Beside("Ann", worked_since=NINE - 200 * MINUTE)
    floor = floor_of(present("available", 1, agent=1), present("acw", 4, agent=2))
    words = [one.words for one in told(floor, _1=long)]
    assert words == ["Agent 2 is in wrap-up", "Ann has had no break"]


def test_call_backs_that_are_overdue_are_one_line():
    [one] = told(floor_of(), Due(4, 3, NINE - 65 * MINUTE))
    assert (one.words, one.why) == ("3 call backs are overdue", "the first by 1:05 h")


def test_of_agents_whom_the_reader_does_not_see_nothing_is_told():
    floor = floor_of(present("acw", 10, agent=5))
    assert needs(floor, QUEUES, {}, Limits(), NOTHING_DUE, NINE) == []


def test_no_list_is_longer_than_ten():
    queues = {number: (f"Queue {number}", 20) for number in range(20)}
    floor = floor_of(present("available", 1), waiting=[(number, 1, 100) for number in queues])
    assert len(needs(floor, queues, {}, Limits(), NOTHING_DUE, NINE)) == 10


# What agents did before, as the record tells it.


def spell(agent, state, begins, ends=None, reason=""):
    """In minutes before nine."""
    AgentState.objects.create(
        agent=agent, source="test", agent_name=agent.name, state=state, reason=reason,
        starts_at=NINE - begins * MINUTE, ends_at=None if ends is None else NINE - ends * MINUTE,
    )  # fmt: skip


def rang(queue, agent, minutes, outcome):
    call = a_call(queue, NINE - minutes * MINUTE)
    Offer.objects.create(
        id=call.pk, call=call, agent=agent, starts_at=call.offered_at, outcome=outcome
    )


@pytest.mark.django_db
def test_the_last_break_is_the_end_of_the_last_pause_that_is_one():
    agent = an_agent(a_site())
    spell(agent, "paused", 120, 110, "Tea break")
    spell(agent, "paused", 60, 50, "Training")
    spell(agent, "acw", 40, 38)
    before = reads.lately([agent.pk], Limits(), NINE)
    assert before[agent.pk].last_break == NINE - 110 * MINUTE


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rings", "missed"),
    [
        (["no_answer"], 1),
        (["answered", "no_answer", "no_answer"], 2),
        (["no_answer", "no_answer", "answered"], 0),
        (["no_answer", "cancelled", "unreachable"], 2),  # a colleague was faster in between
        (["no_answer", "declined"], 0),
    ],
)
def test_rings_in_a_row_are_the_last_ones_that_nobody_answered(rings, missed):
    queue = a_queue()
    agent = an_agent(queue.site)
    for number, outcome in enumerate(rings):
        rang(queue, agent, 30 - number, outcome)
    before = reads.lately([agent.pk], Limits(), NINE)
    assert before.get(agent.pk, reads.Lately()).missed == missed


@pytest.mark.django_db
def test_rings_of_before_the_login_are_of_another_shift():
    site = a_site()
    queue, agent = a_queue(site), an_agent(site)
    user = a_user("manager", site)
    spell(agent, "logged_in", 10)
    for minutes in (90, 80):
        rang(queue, agent, minutes, "no_answer")
    floor = floors(NINE)[site.pk]
    [row] = reads.rows(user, site, floor, Limits(), NINE)
    assert row.lately.missed == 0
    rang(queue, agent, 5, "no_answer")
    [row] = reads.rows(user, site, floor, Limits(), NINE)
    assert row.lately.missed == 3  # nothing was answered in between


@pytest.mark.django_db
@pytest.mark.parametrize("people", [1, 30])
def test_rows_take_two_queries_for_however_many_agents(django_assert_num_queries, people):
    site = a_site()
    agents = [an_agent(site) for _ in range(people)]
    a_team(site, None, *agents)
    for agent in agents:
        spell(agent, "logged_in", 200)
        spell(agent, "paused", 100, 90, "Lunch")
    floor = floors(NINE)[site.pk]
    user = a_user("admin")
    user.is_superuser = True
    with django_assert_num_queries(3):  # the scope of the user too
        rows = reads.rows(user, site, floor, Limits(), NINE)
    assert len(rows) == people
    assert {row.worked_since for row in rows} == {NINE - 90 * MINUTE}
