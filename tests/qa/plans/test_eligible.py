"""Which calls may be drawn, why others may not, and what each is of."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from ccm.models import Disposition, SurveyResponse, TeamMembership
from qa.plans import eligible
from qa.plans.how import How
from qa.plans.periods import Period
from tests.builders import NINE, a_call, a_queue, a_site, a_team, an_agent
from tests.qa.reviews.builders import a_transcript

pytestmark = pytest.mark.django_db

WEEK = Period(date(2026, 3, 2), date(2026, 3, 9))
HOW = How(shortest_s=30)


@pytest.fixture
def queue():
    return a_queue()


@pytest.fixture
def ada(queue):
    return an_agent(queue.site, "Ada")


def found(queue, how=HOW, period=WEEK):
    return eligible.find(queue.site, how, period)


def labels(queue, how):
    """The labels of all eligible calls, by id."""
    return {
        id: label
        for one in found(queue, how).agents
        for label, ids in one.calls.items()
        for id in ids
    }


def test_calls_that_cannot_be_reviewed_are_left_out_and_counted_by_why(queue, ada):
    good = a_call(queue, agent=ada)
    a_call(queue, outcome="abandoned")
    a_call(queue)  # somebody answered, and nobody knows who
    a_call(queue, agent=ada, consent=False)
    a_call(queue, agent=ada, talk=29)
    a_call(queue, agent=ada, talk=None, ended_at=NINE + timedelta(minutes=9))
    a_call(queue, agent=ada, talk=None)
    seen = found(queue)
    assert seen.left_out == {
        "unanswered": 2, "no_consent": 1, "short": 1, "length_unknown": 1, "going_on": 1,
    }  # fmt: skip
    assert [(one.agent, dict(one.calls)) for one in seen.agents] == [(ada.pk, {"": [str(good.pk)]})]
    assert seen.many == 1


def test_where_the_site_asks_for_consent_who_was_never_asked_is_left_out(queue, ada):
    agreed = a_call(queue, agent=ada, consent=True)
    a_call(queue, agent=ada)
    seen = found(queue, replace(HOW, needs_consent=True))
    assert seen.left_out == {"consent_unknown": 1}
    assert seen.agents[0].calls == {"": [str(agreed.pk)]}


def test_a_plan_may_leave_out_what_can_neither_be_heard_nor_read(queue, ada):
    heard = a_call(queue, agent=ada, recording="one.wav")
    read = a_call(queue, agent=ada)
    a_transcript(read)
    a_call(queue, agent=ada)
    assert found(queue).many == 3
    seen = found(queue, replace(HOW, needs_record=True))
    assert seen.left_out == {"no_record": 1}
    assert {*seen.agents[0].calls[""]} == {str(heard.pk), str(read.pk)}


def test_without_a_shortest_talk_an_unknown_one_does_not_matter(queue, ada):
    a_call(queue, agent=ada, talk=None, ended_at=NINE + timedelta(minutes=9))
    assert found(queue, replace(HOW, shortest_s=0)).many == 1


def test_a_period_is_of_the_sites_days():
    # Of Auckland, 13 hours ahead: its 2 March begins on 1 March at 11:00 UTC.
    queue = a_queue(a_site(zone="Pacific/Auckland"))
    ada = an_agent(queue.site)
    first = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
    second = timedelta(seconds=1)
    for at in (
        first - second,
        first,
        first + timedelta(days=7) - second,
        first + timedelta(days=7),
    ):
        a_call(queue, at, agent=ada)
    assert found(queue).many == 2


def test_queues_and_directions_of_a_plan_are_the_only_ones_that_count(queue, ada):
    other = a_queue(queue.site)
    a_call(queue, agent=ada, direction="inbound")
    a_call(queue, agent=ada, direction="outbound")
    a_call(other, agent=ada, direction="inbound")
    a_call(other, outcome="abandoned")
    assert found(queue, replace(HOW, queues=[queue.pk])).many == 2
    seen = found(queue, replace(HOW, queues=[queue.pk], direction="inbound"))
    assert (seen.many, seen.left_out) == (1, {})


def test_an_agent_counts_for_the_team_they_were_in_last(queue, ada):
    old, new = a_team(queue.site), a_team(queue.site)
    TeamMembership.objects.create(
        agent=ada, team=old, starts_on=date(2026, 1, 1), ends_on=date(2026, 3, 5)
    )
    TeamMembership.objects.create(agent=ada, team=new, starts_on=date(2026, 3, 5))
    bob = an_agent(queue.site, "Bob")
    a_call(queue, agent=ada)
    a_call(queue, agent=bob)
    assert [(one.agent, one.team) for one in found(queue).agents] == [
        (ada.pk, new.pk), (bob.pk, None),
    ]  # fmt: skip
    assert [one.agent for one in found(queue, replace(HOW, teams=[new.pk])).agents] == [ada.pk]
    assert found(queue, replace(HOW, teams=[old.pk])).agents == []


def test_an_agent_all_of_whose_calls_are_left_out_is_told_of(queue, ada):
    a_call(queue, agent=ada, talk=5)
    assert [(one.agent, one.many) for one in found(queue).agents] == [(ada.pk, 0)]


def test_calls_are_told_apart_by_queue_length_disposition_and_transfer(queue, ada):
    sold = Disposition.objects.create(name="Sold")
    short = a_call(queue, agent=ada, talk=119, disposition=sold)
    edge = a_call(queue, agent=ada, talk=120, transfer_kind="blind")
    long = a_call(queue, agent=ada, talk=4000, queue_id=None)
    how = replace(HOW, strata=["queue", "length", "disposition", "transfer"], bands=[120, 600])
    assert labels(queue, how) == {
        str(short.pk): f"queue:{queue.pk}|length:0-120|disposition:{sold.pk}|transfer:no",
        str(edge.pk): f"queue:{queue.pk}|length:120-600|disposition:none|transfer:yes",
        str(long.pk): "queue:none|length:600-|disposition:none|transfer:no",
    }


def test_the_part_of_a_day_is_by_the_sites_clock():
    queue = a_queue(a_site(zone="America/New_York"))
    ada = an_agent(queue.site)
    # The clock goes forward on 8 March: 10:30 UTC is 5:30 before and 6:30 after.
    before = a_call(queue, datetime(2026, 3, 7, 10, 30, tzinfo=UTC), agent=ada)
    after = a_call(queue, datetime(2026, 3, 8, 10, 30, tzinfo=UTC), agent=ada)
    evening = a_call(queue, datetime(2026, 3, 8, 3, 0, tzinfo=UTC), agent=ada)
    day = a_call(queue, datetime(2026, 3, 5, 5, 0, tzinfo=UTC), agent=ada, time_precision="day")
    assert labels(queue, replace(HOW, strata=["time"])) == {
        str(before.pk): "time:night",
        str(after.pk): "time:morning",
        str(evening.pk): "time:evening",
        str(day.pk): "time:unknown",
    }


def test_who_was_hired_lately_is_new_on_the_day_of_the_call(queue, ada):
    ada.hired_on = date(2026, 2, 1)
    ada.save()
    # 29 days after 1 February is 2 March, 30 days after is 3 March.
    new = a_call(queue, NINE, agent=ada)
    old = a_call(queue, NINE + timedelta(days=1), agent=ada)
    unknown = a_call(queue, agent=an_agent(queue.site))
    assert labels(queue, replace(HOW, strata=["new_hire"], new_hire_days=30)) == {
        str(new.pk): "new_hire:yes", str(old.pk): "new_hire:no", str(unknown.pk): "new_hire:no",
    }  # fmt: skip


def survey(call, score, kind="csat"):
    SurveyResponse.objects.create(
        id=uuid4(), source="t", call=call, site=call.site, kind=kind, scale_min=1, scale_max=5,
        score=score, answered_at=NINE,
    )  # fmt: skip


def test_a_low_survey_is_in_the_lowest_quarter_of_its_scale(queue, ada):
    low, middle, none = (a_call(queue, agent=ada) for _ in range(3))
    survey(low, 2)
    survey(middle, 3)
    survey(none, 1, "ces")
    assert labels(queue, replace(HOW, strata=["low_csat"])) == {
        str(low.pk): "low_csat:yes", str(middle.pk): "low_csat:no", str(none.pk): "low_csat:no",
    }  # fmt: skip


def test_a_caller_who_called_within_so_many_days_calls_again(queue, ada):
    def call(days, who, **more):
        return a_call(queue, NINE + timedelta(days=days), agent=ada, caller_hash=who, **more)

    call(-7, "x")  # before the period
    again = call(0, "x")
    late = call(-8, "y") and call(1, "y")  # nine days later
    first, visit = call(2, "z", linked_id="one"), call(3, "z", linked_id="one")
    hidden, nobody = call(4, ""), call(5, "")
    how = replace(HOW, strata=["repeat"], repeat_days=7)
    assert labels(queue, how) == {
        str(again.pk): "repeat:yes",
        str(late.pk): "repeat:no",
        str(first.pk): "repeat:no",
        str(visit.pk): "repeat:no",  # of the same contact
        str(hidden.pk): "repeat:no",
        str(nobody.pk): "repeat:no",
    }


def test_it_asks_the_same_of_many_calls_as_of_one(
    queue, ada, django_assert_num_queries, django_assert_max_num_queries
):
    how = replace(HOW, strata=["queue", "length", "time", "new_hire", "low_csat", "transfer",
                               "repeat", "disposition"], bands=[120])  # fmt: skip
    a_call(queue, agent=ada)
    with django_assert_num_queries(2):
        found(queue, how)
    for _ in range(20):
        a_call(queue, agent=an_agent(queue.site))
    with django_assert_num_queries(2):
        found(queue, how)
