"""What of all that is known of an agent a session is opened with."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from coaching.preparing import changes, criteria, examples
from coaching.preparing.changes import Measured
from coaching.preparing.examples import Taken
from coaching.preparing.points import ORDER, Found, There, placed, reconcile
from kpis.noise import Change, Interval
from qa.after.trend import Trend

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


# Changes.


def up(p=0.001, by=1.0):
    return Change(by, 0.0, Interval(by, by / 2, 2 * by), p)


def down(p=0.001):
    return Change(0.0, 1.0, Interval(-1.0, -2.0, -0.5), p)


def noise():
    return Change(1.0, 0.9, Interval(0.1, -1.0, 1.2), 0.8)


def shown(*measured):
    return [(one.kpi, dict(one.words)) for one in changes.choose(measured).shown]


def test_strengths_stand_first_then_what_is_worse_then_what_is_neither():
    found = shown(
        Measured("aht", "none", {"own": up(0.0001)}),
        Measured("missed_rate", "down", {"own": up(0.0002)}),
        Measured("csat", "up", {"own": up(0.01), "team": up(0.002)}),
        Measured("fcr", "up", {"team": up(0.003)}),
        Measured("resolved_rate", "up", {"own": noise(), "team": Change(0.5, None)}),
    )
    assert found == [
        ("csat", {"own": "better", "team": "better"}),
        ("fcr", {"team": "better"}),
        ("missed_rate", {"own": "worse"}),
        ("aht", {"own": "more"}),
    ]


def test_who_is_better_than_before_has_a_strength_whatever_the_others_are():
    (one,) = changes.choose([Measured("csat", "up", {"own": up(), "team": down()})]).shown
    assert one.is_strength
    (other,) = changes.choose([Measured("csat", "up", {"own": down(), "team": up()})]).shown
    assert other.is_worse


def test_of_many_figures_one_that_is_barely_sure_is_not_told():
    # Of eight the surest has to pass .1 / 8 = .0125.
    others = [Measured(f"k{n}", "up", {"own": noise()}) for n in range(7)]
    assert shown(Measured("csat", "up", {"own": up(0.04)}), *others) == []
    assert shown(Measured("csat", "up", {"own": up(0.01)}), *others) == [
        ("csat", {"own": "better"})
    ]


_CHANGES = st.sampled_from([up(), up(0.04), down(), down(0.03), noise(), Change(1.0, None)])


@given(
    st.lists(
        st.builds(
            Measured,
            kpi=st.uuids().map(str),
            good=st.sampled_from(["up", "down", "none", "band"]),
            against=st.dictionaries(st.sampled_from(["own", "team"]), _CHANGES),
        ),
        max_size=9,
    )
)
def test_nothing_that_may_be_noise_is_shown_and_no_more_than_three_of_each(measured):
    chosen = changes.choose(measured)
    by_kpi = {one.kpi: one for one in measured}
    for one in chosen.shown:
        assert all(by_kpi[one.kpi].against[which].p < 0.05 for which in one.words)
        assert all(
            by_kpi[one.kpi].against[which].direction in ("up", "down") for which in one.words
        )
    strong = [one.is_strength for one in chosen.shown]
    assert strong == sorted(strong, reverse=True)
    assert strong.count(True) <= 3
    assert strong.count(False) <= 3
    assert chosen.more >= 0


# Calls.


def a_call(n, **more):
    return Taken(UUID(int=n), 1, NINE + timedelta(minutes=n), **({"talk": 100.0} | more))


def chosen(calls, concerns=(), seen=()):
    return [
        (one.call.id.int, one.reason, one.of, one.rank)
        for one in examples.choose(calls, concerns, {UUID(int=n) for n in seen})
    ]


def test_a_good_call_stands_first_then_the_longest_of_a_pattern():
    calls = [
        *(a_call(n) for n in range(10)),
        a_call(10, talk=90, score=5, has_comment=True),
        a_call(11, talk=80, score=5),
        *(a_call(20 + n, talk=110 + n, was_transferred=True) for n in range(6)),
    ]
    assert chosen(calls) == [(10, "top_short", 1, 1), (25, "transfer", 6, 1)]
    # Once it was on an agenda, the next is, and says so.
    assert chosen(calls, seen=[10, 25]) == [(11, "top_short", 1, 1), (24, "transfer", 6, 2)]


def test_patterns_of_what_changed_come_before_larger_ones():
    calls = [
        *(a_call(n, was_transferred=True) for n in range(6)),
        *(a_call(10 + n, score=1 + n, has_comment=bool(n)) for n in range(2)),
        *(a_call(20 + n, resolved=False) for n in range(4)),
    ]
    assert [one[1] for one in chosen(calls)] == ["transfer", "unresolved"]
    assert chosen(calls, ["csat", "fcr"])[0] == (10, "low", 2, 1)


def test_fewer_than_three_are_no_pattern_and_without_answers_a_smooth_call_is_good():
    calls = [a_call(n, was_transferred=n < 2, talk=100 + n) for n in range(12)]
    assert chosen(calls) == []
    smooth = a_call(30, resolved=True, talk=60)
    assert chosen([*calls, smooth]) == [(30, "resolved", 1, 1)]
    # An answer of 5 after a transfer is none to begin with.
    assert chosen([*calls, a_call(31, score=5, was_transferred=True)])[0][1] != "top"


_CALLS = st.lists(
    st.builds(
        Taken,
        id=st.integers(0, 10**6).map(lambda n: UUID(int=n)),
        queue=st.sampled_from([None, 1, 2]),
        at=st.integers(0, 10**4).map(lambda n: NINE + timedelta(seconds=n)),
        talk=st.none() | st.floats(0, 2000),
        hold=st.none() | st.floats(0, 300),
        was_transferred=st.booleans(),
        resolved=st.none() | st.booleans(),
        score=st.none() | st.integers(1, 5).map(float),
        has_comment=st.booleans(),
    ),
    max_size=60,
    unique_by=lambda one: one.id,
)
_KPIS = st.lists(st.sampled_from(["csat", "aht", "fcr", "transfer_rate"]), unique=True)


@given(calls=_CALLS, concerns=_KPIS, data=st.data())
def test_examples_are_few_new_and_each_for_another_reason(calls, concerns, data):
    seen = set(data.draw(st.lists(st.sampled_from(calls)) if calls else st.just([])))
    seen = {one.id for one in seen}
    found = examples.choose(calls, concerns, seen)
    ids = [one.call.id for one in found]
    assert len(set(ids)) == len(ids) <= 3
    assert not seen & set(ids)
    assert len({one.reason for one in found}) == len(found)
    assert [one.is_good for one in found] == sorted((one.is_good for one in found), reverse=True)
    assert sum(one.is_good for one in found) <= 1
    for one in found:
        assert 1 <= one.rank <= one.of
        if one.reason == "transfer":
            alike = [each for each in calls if each.was_transferred and each.queue == one.queue]
            longer = [each for each in alike if (each.talk or 0) > (one.call.talk or 0)]
            assert one.of == len(alike)
            assert len(longer) < one.rank
    # The order that they are read in changes nothing.
    again = examples.choose(reversed(calls), concerns, seen)
    assert [one.reason for one in again] == [one.reason for one in found]


# Criteria.


def test_criteria_that_rose_and_fell_and_the_one_that_costs_most():
    trends = {
        "greeting": Trend(8, 0.9, 20, 0.6, "up"),
        "cause": Trend(8, 0.5, 20, 0.8, "down"),
        "remedy": Trend(8, 0.7, 20, 0.7, "steady"),
    }
    latest = {"remedy": [0.5, 1, 0.5], "cause": [0, 0, 0], "thanks": [0, 1, 1]}
    found = criteria.choose(trends, latest)
    assert (found.rose, found.fell) == (["greeting"], ["cause"])
    # It fell, which is said; of the others this lost points in two of three.
    assert (found.lost.criterion, found.lost.many, found.lost.of) == ("remedy", 2, 3)
    assert criteria.choose({}, {"thanks": [0, 1, 1]}).lost is None


# What becomes of an agenda.

_KEYS = st.sampled_from("abcdef")
_FACTS = st.dictionaries(st.just("n"), st.integers(0, 3))
_THERE = st.lists(
    st.builds(
        There,
        pk=st.integers(1, 10**6),
        key=_KEYS,
        facts=_FACTS,
        is_used=st.booleans(),
        is_kept=st.booleans(),
    ),
    unique_by=(lambda one: one.key, lambda one: one.pk),
)
_FOUND = st.lists(
    st.builds(Found, key=_KEYS, source=st.just("call"), facts=_FACTS), unique_by=lambda one: one.key
)


@given(there=_THERE, found=_FOUND, is_shared=st.booleans())
def test_what_somebody_touched_stays_and_done_again_nothing_changes(there, found, is_shared):
    plan = reconcile(there, found, is_shared=is_shared)
    touched = {one.pk for one in there if one.is_used or not one.is_kept}
    gone = {one.pk for one in plan.gone}
    assert not touched & gone
    assert not (is_shared and gone)
    kept = [
        replace(one, key=form.key, facts=form.facts) if (form := plan.renew.get(one.pk)) else one
        for one in there
        if one.pk not in gone
    ]
    after = [*kept, *(There(-n, one.key, one.facts) for n, one in enumerate(plan.add, 1))]
    keys = [one.key for one in after]
    assert len(set(keys)) == len(keys)
    assert {*keys} >= {one.key for one in found}
    # All says what was found now, but for what is left, and what is left says so.
    told = {one.key: one.facts for one in found}
    left = {one.pk for one in plan.left}
    assert all(one.facts == told[one.key] for one in after if one.pk not in left)
    again = reconcile(after, found, is_shared=is_shared)
    assert (again.add, again.renew, again.gone) == ([], {}, [])
    assert {one.pk for one in again.left} == left


def test_what_is_not_found_again_goes_unless_it_was_touched_or_its_agent_reads_it():
    there = [
        There(1, "kpi:a", {}), There(2, "kpi:b", {}), There(3, "kpi:c", {}, is_used=True),
        There(4, "kpi:d", {}, is_kept=False),
    ]  # fmt: skip
    found = [Found("kpi:a", "change", {"n": 1})]
    plan = reconcile(there, found, is_shared=False)
    assert list(plan.renew) == [1]
    assert [one.pk for one in plan.gone] == [2]
    assert [one.pk for one in plan.left] == [3, 4]
    shared = reconcile(there, found, is_shared=True)
    assert not shared.gone
    assert [one.pk for one in shared.left] == [2, 3, 4]


def test_a_newer_form_takes_the_place_of_a_point_unless_somebody_used_it():
    lost, held, good = (
        Found("lost:2", "review", {"lost": 3}), Found("call:b", "call", {"reason": "hold"}),
        Found("call:c", "call", {"reason": "top"}),
    )  # fmt: skip
    there = [
        There(1, "lost:1", {"lost": 2}, is_kept=False),
        There(2, "call:a", {"reason": "hold"}),
        There(3, "call:d", {"reason": "resolved"}, is_used=True),
        There(4, "call:e", {"reason": "low"}),
    ]
    plan = reconcile(there, [lost, held, good], is_shared=True)
    assert plan.renew == {1: lost, 2: held}
    # A call that was played stays; the good one of the new days stands beside it.
    assert list(plan.add) == [good]
    assert [one.pk for one in plan.left] == [3, 4]


def test_new_steps_and_strengths_stand_in_their_places():
    agenda = [(1, ""), (2, "strength"), (3, "change"), (4, "call"), (5, "")]
    new = [(6, "action"), (7, "strength"), (8, "adherence")]
    assert placed(agenda, new) == [1, 6, 2, 7, 3, 4, 5, 8]
    # Of an agenda that was put in another order each is where it fits best.
    assert placed([(1, "review"), (2, "action"), (3, "strength")], [(4, "change")]) == [1, 2, 3, 4]
    assert placed([(1, ""), (2, "")], [(3, "action"), (4, "call")]) == [1, 2, 3, 4]


@given(st.lists(st.sampled_from(["", *ORDER])), st.lists(st.sampled_from(ORDER)).map(sorted))
def test_an_agenda_keeps_its_order_whatever_is_put_into_it(agenda, new):
    there = list(enumerate(agenda))
    more = list(enumerate(new, start=len(there)))
    order = placed(there, more)
    assert sorted(order) == list(range(len(there) + len(more)))
    assert [pk for pk in order if pk < len(there)] == list(range(len(there)))
    assert placed([], more) == placed([(-1, "")], more)[1:]
