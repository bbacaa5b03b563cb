import re
from collections import Counter, defaultdict
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from qa.sampling import Missing, Reviewer, Task, Why, assign, doubles

SEED = "week 48 of 2026"


def tasks_of(agents, calls):
    return [
        Task(f"{agent}-{number}", f"agent {agent}")
        for agent, number in product(range(agents), range(calls))
    ]


def loads(workload):
    return Counter(one.reviewer for one in workload.reviews)


@st.composite
def offices(draw):
    """A few agents' calls and reviewers, some of whom are agents or in conflict."""
    agents = [f"agent {number}" for number in range(4)]
    tasks = [
        Task(f"call {number}", draw(st.sampled_from(agents)))
        for number in range(draw(st.integers(0, 12)))
    ]
    reviewers = [
        Reviewer(
            draw(st.sampled_from([f"reviewer {number}", f"agent {number}"])),
            draw(st.integers(0, 7)),
            draw(st.frozensets(st.sampled_from(agents), max_size=3)),
        )
        for number in range(draw(st.integers(0, 4)))
    ]
    return tasks, reviewers


@given(offices(), st.sampled_from([0.0, 0.3, 1.0]), st.integers(2, 3))
def test_nobody_reviews_their_own_nor_twice_nor_above_capacity(office, share, several):
    tasks, reviewers = office
    made = assign(SEED, tasks, reviewers, share=share, several=several)
    known = {one.id: one for one in reviewers}
    held = Counter((one.call, one.reviewer) for one in made.reviews)
    assert not held or max(held.values()) == 1
    assert all(one.agent != one.reviewer for one in made.reviews)
    assert all(one.agent not in known[one.reviewer].conflicts for one in made.reviews)
    assert all(done <= known[id].capacity for id, done in loads(made).items())
    # Every review that was wanted is there once, with a reviewer or a reason.
    double = doubles(SEED, (one.call for one in tasks), share)
    wanted = {(one.call, 0) for one in tasks} | set(product(double, range(several)))
    told = [(one.call, one.rank) for one in (*made.reviews, *made.missing)]
    assert sorted(told) == sorted(wanted)


@given(offices(), st.sampled_from([0.0, 0.5]))
def test_as_many_reviews_are_given_out_as_at_all_can(office, share):
    """Held against the largest flow from calls to reviewers, found by scipy."""
    tasks, reviewers = office
    double = doubles(SEED, (one.call for one in tasks), share)
    source, sink = len(tasks) + len(reviewers), len(tasks) + len(reviewers) + 1
    arcs = np.zeros((sink + 1, sink + 1), np.int32)
    for at, task in enumerate(tasks):
        arcs[source, at] = 2 if task.call in double else 1
        for number, one in enumerate(reviewers):
            arcs[at, len(tasks) + number] = task.agent not in {one.id, *one.conflicts}
    for number, one in enumerate(reviewers):
        arcs[len(tasks) + number, sink] = one.capacity
    most = maximum_flow(csr_array(arcs), source, sink).flow_value
    assert len(assign(SEED, tasks, reviewers, share=share).reviews) == most


@given(offices(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(office, random):
    tasks, reviewers = office
    made = assign(SEED, tasks, reviewers, share=0.3)
    random.shuffle(tasks)
    random.shuffle(reviewers)
    assert assign(SEED, tasks, reviewers, share=0.3) == made


@pytest.mark.parametrize(
    ("capacities", "expected"),
    [
        ({"ann": 20, "bob": 20, "cem": 20}, {"ann": 20, "bob": 20, "cem": 20}),
        # 60 reviews by 60 : 30 : 10 are 36, 18 and 6.
        ({"ann": 60, "bob": 30, "cem": 10}, {"ann": 36, "bob": 18, "cem": 6}),
        ({"ann": 60, "bob": 60, "cem": 0}, {"ann": 30, "bob": 30}),
    ],
)
def test_everyone_has_the_part_of_the_work_that_they_have_of_capacity(capacities, expected):
    made = assign(SEED, tasks_of(12, 5), [Reviewer(*one) for one in capacities.items()])
    assert loads(made) == expected
    assert not made.missing


def test_conflicts_leave_parts_equal_where_they_can():
    """ann may review 8 of 12 agents; there is enough of these for a third of all work."""
    away = frozenset(f"agent {number}" for number in range(4))
    people = [Reviewer("ann", 30, away), Reviewer("bob", 30), Reviewer("agent 5", 30)]
    assert loads(assign(SEED, tasks_of(12, 5), people)) == {"ann": 20, "bob": 20, "agent 5": 20}


def test_each_agent_meets_several_reviewers():
    people = [Reviewer(name, 20) for name in ("ann", "bob", "cem", "dee")]
    met = defaultdict(Counter)
    for one in assign(SEED, tasks_of(12, 5), people).reviews:
        met[one.agent][one.reviewer] += 1
    # 5 calls by 4 reviewers: 2, 1, 1, 1 where all goes well, and never three by one.
    assert min(map(len, met.values())) >= 3
    assert max(max(one.values()) for one in met.values()) == 2


def test_double_scored_calls_are_of_two_reviewers_and_a_share_of_all():
    made = assign(SEED, tasks_of(10, 10), [Reviewer("ann", 70), Reviewer("bob", 70)], share=0.15)
    second = [one for one in made.reviews if one.rank]
    assert len(second) == 15
    assert {one.call for one in second} == doubles(SEED, (t.call for t in tasks_of(10, 10)), 0.15)
    first = {one.call: one.reviewer for one in made.reviews if not one.rank}
    assert all(first[one.call] != one.reviewer for one in second)
    # Either may be the first: 15 fair coins are not all alike.
    assert {first[one.call] for one in second} == {"ann", "bob"}


def test_what_has_no_reviewer_says_why():
    tasks = [Task("a", "ann"), Task("b", "bob"), Task("c", "bob")]
    made = assign(SEED, tasks, [Reviewer("ann", 1), Reviewer("cem", 0, frozenset({"ann"}))])
    given_out = {one.call for one in made.reviews}
    left = ({"b", "c"} - given_out).pop()
    assert made.missing == (
        Missing("a", "ann", 0, Why.CONFLICTS),
        Missing(left, "bob", 0, Why.CAPACITY),
    )


def test_a_call_for_two_with_one_reviewer_lacks_its_second():
    made = assign(SEED, [Task("a", "ann")], [Reviewer("bob", 9)], share=1.0)
    assert [(one.rank, one.reviewer) for one in made.reviews] == [(0, "bob")]
    assert made.missing == (Missing("a", "ann", 1, Why.CONFLICTS),)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"share": 1.5}, "0 to 1"),
        ({"several": 1}, "several"),
        ({"tasks": [Task("a", "x"), Task("a", "y")]}, "twice"),
        ({"reviewers": [Reviewer("ann", 1), Reviewer("ann", 2)]}, "twice"),
    ],
)
def test_what_cannot_be_is_refused(change, words):
    asked = {"seed": SEED, "tasks": [], "reviewers": [], **change}
    with pytest.raises(ValueError, match=re.escape(words)):
        assign(asked.pop("seed"), asked.pop("tasks"), asked.pop("reviewers"), **asked)
    with pytest.raises(ValueError, match="under 0"):
        Reviewer("ann", -1)
