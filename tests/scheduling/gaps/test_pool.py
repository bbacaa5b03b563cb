"""Queues that the same people take."""

from scheduling.gaps.pool import around

SALES, RETURNS, CHAT, MAIL = 1, 2, 3, 4
ADA, BO, CY = 11, 12, 13


def test_a_queue_whose_people_take_no_other_stands_alone():
    pool = around(SALES, {ADA: {SALES: 1.0}, BO: {RETURNS: 1.0}}, {SALES, RETURNS})
    assert (pool.queues, dict(pool.people), pool.is_whole) == ({SALES}, {ADA: 1.0}, True)


def test_queues_hang_together_by_those_who_take_both():
    """Ada takes sales and returns, Bo returns and chat: so sales hang together with chat."""
    people = {ADA: {SALES: 1.0, RETURNS: 1.0}, BO: {RETURNS: 1.0, CHAT: 0.5}, CY: {MAIL: 1.0}}
    pool = around(SALES, people, {SALES, RETURNS, CHAT, MAIL})
    assert pool.queues == {SALES, RETURNS, CHAT}
    assert {*pool.people} == {ADA, BO}
    assert not pool.is_whole


def test_where_everybody_takes_all_of_them_the_pool_is_whole():
    both = {SALES: 1.0, RETURNS: 0.8}
    assert around(RETURNS, {ADA: both, BO: both}, {SALES, RETURNS}).is_whole


def test_somebody_counts_as_much_as_they_fill_at_best():
    pool = around(SALES, {ADA: {SALES: 0.6, RETURNS: 0.9}}, {SALES, RETURNS})
    assert dict(pool.people) == {ADA: 0.9}


def test_a_queue_that_nobody_is_asked_for_joins_none():
    """Of the chat nothing is forecast: who takes it beside sales is there for sales."""
    pool = around(SALES, {ADA: {SALES: 1.0, CHAT: 1.0}}, {SALES})
    assert (pool.queues, pool.is_whole) == ({SALES}, True)


def test_a_queue_that_nobody_takes_has_nobody():
    pool = around(SALES, {ADA: {RETURNS: 1.0}}, {SALES, RETURNS})
    assert (pool.queues, dict(pool.people)) == ({SALES}, {})
