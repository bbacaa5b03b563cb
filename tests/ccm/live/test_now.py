"""What is going on, told from open calls and open spells."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ccm.live import events, inbox
from ccm.live.now import Floor, Present, State, Talk, floors
from ccm.models import AgentState, LiveEvent, LiveSource
from tests.builders import NINE, a_call, a_queue, a_site, an_agent
from tests.ccm.live.words import posted

pytestmark = pytest.mark.django_db


def before(**ago):
    return NINE - timedelta(**ago)


def is_in(agent, state, since=None, until=None, reason=""):
    AgentState.objects.create(
        agent=agent, source="test", agent_name=agent.name, state=state, reason=reason,
        starts_at=since or before(hours=1), ends_at=until,
    )  # fmt: skip


def waiting(queue, **ago):
    return a_call(queue, before(**ago), wait=None, outcome="in_progress")


def test_nothing_going_on_is_nothing():
    a_call(a_queue(), before(minutes=10))
    assert floors(NINE) == {}


def test_callers_waiting_are_counted_by_queue_with_the_first_of_them():
    site = a_site()
    sales, technical = a_queue(site), a_queue(site)
    waiting(sales, seconds=30)
    waiting(sales, seconds=95)
    waiting(technical, seconds=4)
    floor = floors(NINE)[site.pk]
    assert floor.waiting[sales.pk].calls == 2
    assert floor.waiting[sales.pk].since == before(seconds=95)
    assert floor.waiting[technical.pk].calls == 1


def test_a_call_open_since_morning_has_lost_its_end():
    queue = a_queue()
    waiting(queue, hours=4, seconds=1)
    a_call(queue, before(hours=5), talk=None, agent=an_agent(queue.site))
    assert floors(NINE) == {}
    waiting(queue, hours=3, minutes=59)
    assert floors(NINE)[queue.site_id].waiting[queue.pk].calls == 1


def test_each_agent_is_counted_once():
    site = a_site()
    queue = a_queue(site)
    names = ["free", "talks", "talks though paused", "at lunch", "in training", "wraps up", "gone"]
    agents = {name: an_agent(site, name) for name in names}
    for name in names[:-1]:
        is_in(agents[name], "logged_in")
    is_in(agents["gone"], "logged_in", until=before(minutes=5))
    is_in(agents["gone"], "paused", until=before(minutes=5))
    a_call(queue, before(minutes=3), talk=None, agent=agents["talks"])
    a_call(queue, before(minutes=3), talk=None, agent=agents["talks though paused"])
    a_call(queue, before(minutes=30), agent=agents["free"])
    is_in(agents["talks though paused"], "paused", reason="Lunch")
    is_in(agents["at lunch"], "paused", reason="Lunch")
    is_in(agents["in training"], "paused", reason="Training")
    is_in(agents["wraps up"], "acw")
    floor = floors(NINE)[site.pk]
    assert floor.staffed == 6
    assert floor.talking == 2
    assert floor.talking_in == {queue.pk: 2}
    assert floor.paused == {"Lunch": 1, "Training": 1}
    assert floor.acw == 1
    assert floor.available == 1  # 6 - 2 - 2 - 1


def test_who_is_told_to_be_on_a_call_or_free_is_counted_without_a_session():
    """A switch may tell states alone: two talk (one on hold), two are here, nobody's pause counts
    who is not."""
    site = a_site()
    for state in ("on_call", "hold", "available", "ringing", "paused", "offline", "other"):
        is_in(an_agent(site), state)
    floor = floors(NINE)[site.pk]
    assert (floor.talking, floor.staffed, floor.available) == (2, 2, 2)
    assert not floor.paused


def test_a_session_of_yesterday_has_lost_its_logout():
    agent = an_agent(a_site())
    is_in(agent, "logged_in", since=before(hours=24, seconds=1))
    assert floors(NINE) == {}


def test_sites_are_apart():
    one, two = a_queue(), a_queue()
    waiting(one, seconds=5)
    is_in(an_agent(two.site), "logged_in")
    found = floors(NINE)
    assert found[one.site_id].staffed == 0
    [there] = found[two.site_id].people.values()
    assert found[two.site_id] == Floor(staffed=1, available=1, people={there.agent: there})


def doing(agent):
    """What the floor tells of an agent; None: they are not there."""
    floor = floors(NINE).get(agent.site_id, Floor())
    return floor.people.get(agent.pk)


def test_who_is_on_a_call_says_since_the_answer_and_on_which_queue():
    queue = a_queue()
    agent = an_agent(queue.site)
    is_in(agent, "logged_in")
    a_call(queue, before(seconds=100), wait=10, talk=None, agent=agent)
    told = Present(
        agent.pk, State.ON_CALL, before(seconds=90), queue=queue.pk, here_since=before(hours=1)
    )
    assert doing(agent) == told
    assert floors(NINE)[queue.site_id].calls == [Talk(queue.pk, before(seconds=90), agent.pk)]


def test_who_puts_the_caller_on_hold_is_on_hold_since_then_and_of_the_same_queue():
    queue = a_queue()
    agent = an_agent(queue.site)
    a_call(queue, before(seconds=100), wait=10, talk=None, agent=agent)
    is_in(agent, "hold", since=before(seconds=20))
    there = doing(agent)
    assert (there.state, there.since, there.queue) == (State.HOLD, before(seconds=20), queue.pk)
    assert there.here_since is None  # talks, so is there, though nothing tells of a login


def test_of_two_pauses_that_nothing_ended_the_later_one_stands():
    agent = an_agent(a_site())
    is_in(agent, "logged_in")
    is_in(agent, "paused", since=before(minutes=9), reason="Training")
    is_in(agent, "paused", since=before(minutes=30), reason="Lunch")
    there = doing(agent)
    assert (there.state, there.reason, there.since) == (
        State.PAUSED, "Training", before(minutes=9)
    )  # fmt: skip


def test_a_pause_stands_before_a_wrap_up_and_a_call_before_both():
    queue = a_queue()
    agent = an_agent(queue.site)
    is_in(agent, "logged_in")
    is_in(agent, "paused", since=before(minutes=9), reason="Lunch")
    is_in(agent, "acw", since=before(minutes=2))
    assert doing(agent).state == State.PAUSED
    a_call(queue, before(minutes=1), talk=None, agent=agent)
    there = doing(agent)
    assert (there.state, there.reason) == (State.ON_CALL, "")


def test_who_is_free_is_so_since_the_last_call_or_pause_was_over():
    queue = a_queue()
    agent = an_agent(queue.site)
    is_in(agent, "logged_in", since=before(hours=3))
    assert doing(agent).since == before(hours=3)
    is_in(agent, "paused", since=before(minutes=90), until=before(minutes=80), reason="Lunch")
    assert doing(agent).since == before(minutes=80)
    a_call(
        queue, before(minutes=10), wait=0, talk=120, agent=agent,
        wrapup_ended_at=before(minutes=7),
    )  # fmt: skip
    there = doing(agent)
    assert (there.state, there.since) == (State.AVAILABLE, before(minutes=7))
    assert there.here_since == before(hours=3)


def test_nobody_is_there_for_having_taken_a_call():
    queue = a_queue()
    agent = an_agent(queue.site)
    a_call(queue, before(minutes=10), agent=agent)
    assert floors(NINE) == {}


def test_where_the_clock_of_a_source_is_ahead_no_time_is_negative():
    queue = a_queue()
    agent = an_agent(queue.site)
    ahead = NINE + timedelta(seconds=40)
    is_in(agent, "logged_in")
    is_in(agent, "paused", since=ahead, reason="Lunch")
    a_call(queue, ahead, wait=None, outcome="in_progress")
    floor = floors(NINE)[queue.site_id]
    assert floor.people[agent.pk].since == NINE
    assert floor.waiting[queue.pk].since == NINE


def test_whose_login_is_of_yesterday_is_not_told_to_be_paused():
    """Whether they are there, nothing tells."""
    agent = an_agent(a_site())
    is_in(agent, "logged_in", since=before(hours=24, seconds=1))
    is_in(agent, "paused", since=before(minutes=5), reason="Lunch")
    assert doing(agent) is None


def test_the_counts_are_those_of_the_people():
    site = a_site()
    for number, state in enumerate(("on_call", "hold", "available", "ringing", "paused", "acw")):
        for _ in range(number + 1):
            agent = an_agent(site)
            is_in(agent, "logged_in", since=before(hours=2))
            is_in(agent, state)
    floor = floors(NINE)[site.pk]
    assert (floor.staffed, len(floor.people)) == (21, 21)
    assert (floor.talking, floor.available) == (1 + 2, 3 + 4)
    assert (floor.paused, floor.acw) == ({"": 5}, 6)


@pytest.mark.parametrize("sites", [1, 6])
def test_it_takes_one_query_for_however_many_sites(django_assert_num_queries, sites):
    for _ in range(sites):
        queue = a_queue()
        waiting(queue, seconds=5)
        is_in(an_agent(queue.site), "logged_in")
    with django_assert_num_queries(1):
        assert len(floors(NINE)) == sites


def test_a_floor_is_so_as_of_when_the_first_event_came_that_is_not_in_it():
    site, other = a_site(), a_site()
    moments = [
        before(seconds=40),
        before(seconds=9),
        NINE + timedelta(seconds=1),
        before(seconds=2),
    ]
    for number, (at, where) in enumerate(zip(moments, [site, site, site, other], strict=True)):
        told = posted("call.offered", 0, str(number), call=str(number), queue="Sales")
        inbox.put([events.read(told, timezone.now())], where, f"pbx@{where.slug}", at)
    LiveEvent.objects.filter(event_id="0").update(folded_at=NINE)
    found = floors(NINE)
    assert found[site.pk].unfolded_since == found[site.pk].true_at(NINE) == before(seconds=9)
    # What came just now is about to be folded.
    assert found[other.pk].true_at(NINE) == NINE
    LiveEvent.objects.update(folded_at=NINE)
    assert floors(NINE) == {}


def heard(site, source, usual_pause=None, **ago):
    return LiveSource.objects.create(
        site=site, source=source, usual_pause=usual_pause,
        heard_at=before(**ago), newest_at=before(**ago),
    )  # fmt: skip


def test_what_a_silent_source_told_is_left_out_beside_one_that_is_heard():
    site = a_site()
    queue, ann, bob = a_queue(site), an_agent(site), an_agent(site)
    heard(site, "test", minutes=15, seconds=1)
    heard(site, "other", seconds=3)
    waiting(queue, minutes=20)
    is_in(ann, "logged_in")
    AgentState.objects.create(
        agent=bob, source="other", agent_name=bob.name, state="logged_in", starts_at=before(hours=1)
    )
    floor = floors(NINE)[site.pk]
    assert (floor.waiting, [*floor.people]) == ({}, [bob.pk])
    assert floor.left_out == {"test": before(minutes=15, seconds=1)}
    assert floor.true_at(NINE) == NINE
    assert floor.unsure == ["Who waits and works on test is not shown: it is silent."]


def test_where_every_source_is_silent_the_floor_is_as_old_as_the_last_word():
    site = a_site()
    queue = a_queue(site)
    heard(site, "test", minutes=16)
    heard(site, "long gone", hours=30)
    waiting(queue, minutes=20)
    floor = floors(NINE)[site.pk]
    assert floor.waiting[queue.pk].calls == 1
    assert floor.true_at(NINE) == before(minutes=16)
    assert floor.unsure == []


def test_a_source_that_often_pauses_is_believed_for_longer():
    """Silent after three of its usual pauses of ten minutes."""
    site = a_site()
    waiting(a_queue(site), minutes=35)
    one = heard(site, "test", usual_pause=timedelta(minutes=10), minutes=29)
    assert floors(NINE)[site.pk].true_at(NINE) == NINE
    LiveSource.objects.filter(pk=one.pk).update(heard_at=before(minutes=31))
    assert floors(NINE)[site.pk].true_at(NINE) == before(minutes=31)
