"""The second path of who came again and of what lists tell: costs, sales, people and paid time."""

from datetime import date, timedelta

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from ccm.models import Agent, Call, Topic
from kpis import rollups
from kpis.declaration import PRIVATE
from kpis.models import KpiChoice, RepeatMark
from kpis.report import Question, answer
from kpis.second import paths, statements
from kpis.second.check import check, snapshot
from kpis.second.compare import Cell
from kpis.second.paths import Stretch, days_told, stretches
from tests.builders import (
    NINE,
    a_call,
    a_cost,
    a_paid_time,
    a_queue,
    a_sale,
    a_site,
    a_team,
    an_agent,
    many_calls,
    unsaved_call,
)  # fmt: skip
from tests.examples import examples
from tests.kpis.test_against_oracle import WITHOUT_SHRINKING, taken_back
from tests.kpis.test_presence import a_spell, at
from tests.kpis.test_verify_paths import DAY, differing, second_of, second_path

pytestmark = pytest.mark.django_db

ONE = timedelta(days=1)
HOUR = timedelta(hours=1)


def test_callers_who_came_again_by_hand():
    """On Sales Ann calls on the 2nd and on the 5th, Bob on the 2nd alone; the record ends on the
    12th. Within 7 days one of two is settled. Ann was resolved, Bob was not: one of two."""
    queue = a_queue()
    for caller, day, resolved in (("ann", 0, True), ("bob", 0, False), ("ann", 3, True)):
        a_call(queue, NINE + day * ONE, caller_hash=caller, resolved=resolved)
    a_call(queue, NINE + 10 * ONE, outcome="abandoned")
    second, third = second_path(queue.site), second_path(queue.site, DAY + 3 * ONE)
    for place in (None, queue.pk):
        assert second("fcr:F3", place) == Cell(1 / 2, 2, 1)
        assert second("fcr:F1", place) == Cell(1 / 2, 2, 1)
        # Her contact of the 5th came after another, and belongs to that one's question.
        assert third("fcr:F1", place) == Cell(0, 1, 0)
    rollups.rebuild()
    assert differing(queue.site, DAY, DAY + 10 * ONE) == []


def test_a_contact_of_which_the_window_is_not_over_is_not_known():
    """A week after the 2nd is over where the 9th is whole: where there are calls of the 10th."""
    queue = a_queue()
    a_call(queue, NINE, caller_hash="ann")
    a_call(queue, NINE + 7 * ONE, outcome="abandoned")
    assert second_of(queue.site, "fcr:F3") == Cell(None, 0, 0)
    a_call(queue, NINE + 8 * ONE, outcome="abandoned")
    assert second_of(queue.site, "fcr:F3") == Cell(1, 1, 1)
    rollups.rebuild()
    assert differing(queue.site, DAY, DAY + 8 * ONE) == []


def test_eleven_contacts_on_a_day_are_of_a_shared_number():
    queue = a_queue()
    for number in range(11):
        a_call(queue, NINE + number * HOUR, caller_hash="switchboard")
        if number < 10:
            a_call(queue, NINE + number * HOUR, caller_hash="ann")
    a_call(queue, NINE + 40 * ONE, outcome="abandoned")
    # The first of Ann's ten, and she came again.
    assert second_of(queue.site, "fcr:F3") == Cell(0, 1, 0)
    rollups.rebuild()
    assert differing(queue.site, DAY, DAY + 40 * ONE) == []


def test_who_left_one_site_left_no_other():
    for site in (a_site(), a_site()):
        a_call(a_queue(site), NINE)
        for _ in range(4):
            Agent.objects.filter(pk=an_agent(site).pk).update(hired_on=date(2025, 1, 1))
    leaver = Agent.objects.filter(hired_on__isnull=False).earliest("pk")
    Agent.objects.filter(pk=leaver.pk).update(left_on=DAY)
    rollups.rebuild()
    assert second_of(leaver.site, "turnover:T2") == Cell(1 / 4, None, 1)
    assert differing(leaver.site, DAY, DAY) == []


def test_how_long_matters_took_by_hand():
    """Of five callers of the 2nd one is resolved in 130 s, one by a second call two days later, one
    can never be, one is open; of one nobody says. 1/4 by 130 s leaves two of four; by the 48th hour
    half of these: 1/4 + 1/2 x 1/2. Two more were resolved on the newest day: not yet known."""
    queue = a_queue()
    for caller, day, resolved, resolvable in (
        ("ann", 0, True, None), ("bob", 0, False, None), ("bob", 2, True, None),
        ("cid", 0, False, False), ("dan", 0, False, None), ("eve", 0, None, None),
        ("fay", 20, True, None), ("gus", 20, True, None),
    ):  # fmt: skip
        a_call(
            queue, NINE + day * ONE, caller_hash=caller, resolved=resolved, resolvable=resolvable
        )
    second = second_path(queue.site)
    for place in (None, queue.pk):
        assert second("resolution_time:median", place) == Cell(48 * 3600, 4, 48 * 3600)
    with pytest.raises(KeyError):
        second_of(queue.site, "resolution_time:median", day=DAY + 20 * ONE)
    rollups.rebuild()
    assert differing(queue.site, DAY, DAY + 20 * ONE) == []


def test_what_a_day_cost_and_sold_by_hand():
    """March's rent of 3100 and a queue's 10 for the day: 110 over four answered, of whom two are
    resolved. One call sold for 50, and an agent sold for 30 without a call."""
    site = a_site()
    sales = a_queue(site, "Sales")
    ann = an_agent(site, "Ann")
    calls = [a_call(sales, at(n), agent=ann, resolved=n < 2) for n in range(4)]
    a_call(sales, at(5), outcome="abandoned")
    a_cost(site, first_on=date(2026, 3, 1), last_on=date(2026, 3, 31), amount=3100)
    a_cost(site, first_on=DAY, last_on=DAY, amount=10, queue=sales, kind="Lines")
    a_sale(site, call=calls[0], value=50)
    a_sale(site, call_ref="", agent=ann, sold_on=DAY, value=30)
    second = second_path(site)
    assert second("cost_per_call:answered") == Cell(27.5, 4, 110)
    assert second("cost_per_call:contacts") == Cell(22, 5, 110)
    assert second("cost_per_call:resolved") == Cell(55, 2, 110)
    assert second("cost_per_call:answered", sales.pk) == Cell(2.5, 4, 10)
    assert second("conversion:contacts") == Cell(2 / 5, 5, 2)
    assert second("conversion:answered", sales.pk) == Cell(1 / 4, 4, 1)
    assert second("revenue:total") == Cell(80, None, 80)
    assert second("revenue:per_contact") == Cell(16, None, 80)
    assert second("revenue:per_agent", sales.pk) == Cell(50, None, 50)
    KpiChoice.objects.create(
        kpi="cost_per_call", valid_from=DAY, parameters={"cost_kinds": "heat,  LINES"}
    )
    assert second_of(site, "cost_per_call:answered") == Cell(2.5, 4, 10)
    rollups.rebuild()
    assert differing(site, DAY, DAY) == []


def test_what_of_paid_time_was_worked_by_hand():
    """Ann is paid four hours: logged in three, of them 30 minutes handling, 60 in training and 30
    at lunch, so ready for 60. Ben is paid an hour and is not there."""
    site = a_site()
    ann, ben = an_agent(site, "Ann"), an_agent(site, "Ben")
    a_spell(ann, "logged_in", at(0), at(180))
    a_spell(ann, "paused", at(60), at(120), "Training")
    a_spell(ann, "paused", at(150), at(180), "Lunch")
    a_call(a_queue(site), at(0), wait=0, talk=30 * 60, agent=ann)
    a_paid_time(ann, day=DAY, minutes=240)
    a_paid_time(ben, day=DAY, minutes=60)
    KpiChoice.objects.create(
        kpi="utilisation", valid_from=DAY, parameters={"productive_pauses": "training"}
    )
    second = second_path(site)
    assert second("utilisation:U1") == Cell(90 / 300, 300 * 60, 90 * 60)
    assert second("utilisation:U2") == Cell(180 / 300, 300 * 60, 180 * 60)
    # An hour of each not logged in, and 90 minutes of pauses.
    assert second("shrinkage:sum").value == pytest.approx(210 / 300)
    assert second("shrinkage:product").value == pytest.approx(1 - 0.6 * 0.7)
    assert second("calls_per_hour:logged_in") == Cell(1 / 3, None, 1)
    assert second("calls_per_hour:paid") == Cell(1 / 5, None, 1)
    rollups.rebuild()
    assert differing(site, DAY, DAY) == []


def test_what_was_done_in_an_hour_by_hand():
    """Ann, two hours logged in and four paid: three visits of two contacts, and four calls out, two
    of 30 s of talk or more. Ben, paid for an hour, of whose day no state tells: a call out."""
    site = a_site()
    sales = a_queue(site)
    ann, ben = an_agent(site, "Ann"), an_agent(site, "Ben")
    a_spell(ann, "logged_in", at(0), at(120))
    a_paid_time(ann, day=DAY, minutes=240)
    a_paid_time(ben, day=DAY, minutes=60)
    for minute, contact in ((0, "1"), (10, "1"), (20, "2")):
        a_call(sales, at(minute), wait=0, talk=60, agent=ann, linked_id=contact)
    for minute, talk in ((30, 29), (40, 30), (50, 200)):
        a_call(sales, at(minute), wait=0, talk=talk, agent=ann, direction="outbound")
    a_call(sales, at(60), wait=0, agent=ann, direction="outbound", outcome="busy")
    a_call(sales, at(70), wait=0, talk=90, agent=ben, direction="outbound")
    second = second_path(site)
    assert second("contacts_per_hour:logged_in") == Cell(2 / 2, None, 2)
    assert second("contacts_per_hour:paid") == Cell(2 / 5, None, 2)
    assert second("dials_per_hour:logged_in") == Cell(4 / 2, None, 4)
    assert second("dials_per_hour:paid") == Cell(5 / 5, None, 5)
    assert second("conversations_per_hour:logged_in") == Cell(2 / 2, None, 2)
    assert second("conversations_per_hour:paid") == Cell(3 / 5, None, 3)
    longer = {"conversation_seconds": 91}
    KpiChoice.objects.create(kpi="conversations_per_hour", valid_from=DAY, parameters=longer)
    assert second_of(site, "conversations_per_hour:paid") == Cell(1 / 5, None, 1)
    # Whose hours nobody knows answers too: of contacts nothing is told then, of dials it is.
    a_call(sales, at(80), wait=0, agent=an_agent(site, "Cem"))
    second = second_path(site)
    assert second("contacts_per_hour:paid") == Cell(None, None, None)
    assert second("dials_per_hour:paid") == Cell(5 / 5, None, 5)
    rollups.rebuild()
    assert differing(site, DAY, DAY) == []


def a_week(site):
    """Four calls on Monday, three on Wednesday, two on Friday and one on Sunday; two sold on Monday
    and one on Friday. Rent of 70 for the week and Ann's wages of 14, who is paid an hour each day
    but Sunday."""
    sales = a_queue(site, "Sales")
    ann = an_agent(site, "Ann")
    for day, many in ((0, 4), (2, 3), (4, 2)):
        for n in range(many):
            call = a_call(sales, at(n) + day * ONE, agent=ann)
            if n < {0: 2, 4: 1}.get(day, 0):
                a_sale(site, call=call, reference=f"{day} {n}", value=10)
    a_call(sales, at(0) + 6 * ONE, agent=ann)
    week = {"first_on": DAY, "last_on": DAY + 6 * ONE}
    a_cost(site, amount=70, **week)
    a_cost(site, amount=14, agent=ann, kind="Wages", **week)
    for day in range(6):
        a_paid_time(ann, day=DAY + day * ONE, minutes=60)
    rollups.rebuild()
    return ann


def test_the_rows_of_days_add_up_to_what_pages_show_of_all_of_them():
    """84 spent on 10 answered, also on days without a call. Sales are told from Monday to Friday: 3
    of 9, 30 in the five hours that were paid on those days."""
    site = a_site("Leeds")
    ann = a_week(site)
    last = DAY + 6 * ONE
    with connection.cursor() as cursor:

        def summed(kpi, variant, of="agent IS NULL AND queue IS NULL"):
            cursor.execute(
                "SELECT sum(numerator)::float8 / sum(denominator)::float8 FROM"
                f" kpi.of('{kpi}', 'Leeds', '{DAY}', '{last}') WHERE variant = %s AND {of}",
                [variant],
            )
            return cursor.fetchone()[0]

        expected = {
            ("cost_per_call", "answered"): 84 / 10, ("conversion", "contacts"): 3 / 9,
            ("revenue", "per_contact"): 30 / 9, ("revenue", "per_paid_hour"): 30 / 5,
        }  # fmt: skip
        assert {one: summed(*one) for one in expected} == pytest.approx(expected)
        (row,) = answer(
            Question(
                [site], DAY, last, knows=PRIVATE, kpis=[":".join(one) for one in expected]
            )
        )  # fmt: skip
        shown = [one.value for one in row.figures.values()]
        assert shown == pytest.approx([*expected.values()])
        assert summed("revenue", "per_paid_hour", "agent = 'Ann'") == pytest.approx(30 / 5)
        assert summed("cost_per_call", "answered", "agent = 'Ann'") == pytest.approx(14 / 10)
        (row,) = answer(
            Question(
                [site], DAY, last, agents=[ann], knows=PRIVATE,
                kpis=["revenue:per_paid_hour", "cost_per_call"],
            )
        )  # fmt: skip
        assert [one.value for one in row.figures.values()] == pytest.approx([6, 1.4])


def test_days_that_the_second_path_leaves_out_are_found_in_their_week(monkeypatch):
    """Each day by itself is equal: Tuesday had costs and no call, so it has no figure."""
    site = a_site()
    a_week(site)
    last, all_of_them = DAY + 6 * ONE, paths.answers

    def found():
        with snapshot() as cursor:
            return check(cursor, Stretch(site, DAY, last), days_told(site))

    whole = found()
    assert whole.differences == []
    monkeypatch.setattr(
        paths,
        "answers",
        lambda *of: {
            place: one
            for place, one in all_of_them(*of).items()
            if place.kpi != "cost_per_call:answered" or place.day != DAY + ONE
        },
    )
    differences = found().differences
    assert [(one.place.day, one.place.since, one.place.agent is None) for one in differences] == [
        (last, DAY, True), (last, DAY, False),
    ]  # fmt: skip
    assert [(one.shown.value, one.second.value) for one in differences] == [
        (8.4, 7.2), (1.4, pytest.approx(1.2)),
    ]  # fmt: skip
    # Where the formula changed meanwhile there is no one figure of the days together.
    KpiChoice.objects.create(kpi="cost_per_call", valid_from=last, parameters={})
    assert found().differences == []


def test_what_was_worked_on_a_day_known_to_be_unpaid_is_part_of_its_week_both_ways():
    """Two hours logged in on an unpaid Monday, and one of two that were paid on Tuesday: 3 of 2."""
    site = a_site()
    ann = an_agent(site, "Ann")
    a_call(a_queue(site), agent=ann)
    for day, hours, paid in ((0, 2, 0), (1, 1, 120)):
        begins = at(0) + day * ONE
        a_spell(ann, "logged_in", begins, begins + hours * HOUR)
        a_paid_time(ann, day=DAY + day * ONE, minutes=paid)
    rollups.rebuild()
    last = DAY + ONE
    (row,) = answer(Question([site], DAY, last, kpis=["utilisation:U2"]))
    assert row.figures["utilisation:U2"].value == 3 / 2
    with snapshot() as cursor:
        assert check(cursor, Stretch(site, DAY, last), [DAY, last]).differences == []


def test_visits_of_a_day_that_was_known_to_be_unpaid_are_in_no_hour_both_ways():
    queue = a_queue()
    ann = an_agent(queue.site, "Ann")
    a_call(queue, agent=ann)
    a_paid_time(ann, day=DAY, minutes=0)
    assert second_of(queue.site, "calls_per_hour:paid") == Cell(None, None, 1)
    rollups.rebuild()
    assert differing(queue.site, DAY, DAY) == []


def test_who_came_and_who_left_on_a_day_by_hand():
    """Ten were there the day before, two came, three left, one of them after 60 days: 9 stay. One
    left of their own will, of two nobody knows."""
    site = a_site()
    hires = [(100, None)] * 7 + [(100, 0)] * 2 + [(60, 0)] + [(0, None)] * 2 + [(None, None)]
    for number, (since, left) in enumerate(hires):
        Agent.objects.create(
            site=site, name=str(number), hired_on=None if since is None else DAY - since * ONE,
            left_on=None if left is None else DAY, left_reason="voluntary" if number == 9 else "",
        )  # fmt: skip
    a_call(a_queue(site))
    second = second_path(site)
    assert second("turnover:T1") == Cell(3 / 9.5, None, 3)
    assert second("turnover:T2") == Cell(3 / 10, None, 3)
    assert second("turnover:T3") == Cell(1 / 9.5, None, 1)
    assert second("turnover:T5") == Cell(1 / 9.5, None, 1)
    rollups.rebuild()
    assert differing(site, DAY, DAY) == []
    Agent.objects.update(left_reason="")
    assert second_of(site, "turnover:T5") == Cell(None, None, None)
    assert differing(site, DAY, DAY) == []


def test_on_days_before_the_record_begins_it_is_not_told_who_left():
    """Paid time is told of the day before the first call, and is no record of who had left."""
    site = a_site()
    ann = an_agent(site)
    Agent.objects.update(hired_on=DAY - 100 * ONE)
    a_paid_time(ann, day=DAY - ONE)
    a_call(a_queue(site), agent=ann)
    rollups.rebuild()
    assert differing(site, DAY - ONE, DAY) == []
    assert {day for day, _queue in second_of_days(site, "turnover")} == {DAY}


def test_who_came_again_is_compared_once_it_is_counted():
    """A third contact of Ann's is not yet in what pages say of her first."""
    queue = a_queue()
    for day in (0, 10, 60):
        a_call(queue, NINE + day * ONE, caller_hash="ann")
    rollups.rebuild()
    a_call(queue, NINE + 3 * ONE, caller_hash="ann")
    rollups.refresh(rollups.Stretch(queue.site, DAY + 3 * ONE, DAY + 3 * ONE))
    assert [one.place.kpi for one in differing(queue.site, DAY, DAY)] == ["fcr:F3"] * 2

    def found():
        with snapshot() as cursor:
            return check(cursor, Stretch(queue.site, DAY, DAY), [DAY]).differences

    assert found() == []
    RepeatMark.objects.all().delete()
    assert [one.place.kpi for one in found()] == ["fcr:F3"] * 2
    rollups.rebuild()
    assert found() == []


VISITS = st.lists(
    st.fixed_dictionaries(
        {
            "queue": st.sampled_from(("Sales", "Help")), "caller": st.sampled_from(("ann", "bob")),
            "day": st.integers(0, 50), "minute": st.integers(0, 3), "lasts": st.integers(0, 90_000),
            "contact": st.integers(0, 2), "topic": st.booleans(), "busy": st.integers(0, 9),
            "resolved": st.sampled_from((None, None, True, False)),
            "resolvable": st.sampled_from((None, None, None, True, False)),
        }
    ),
    min_size=3, max_size=20,
)  # fmt: skip
CROWD = st.one_of(st.none(), st.integers(-10, 90))
MATTERS = st.sampled_from(("queue", "any", "topic"))


@settings(max_examples=4, phases=WITHOUT_SHRINKING)
@given(VISITS, CROWD, MATTERS, st.sampled_from(("UTC", "America/Havana")))
def test_how_long_random_matters_took_is_the_same_both_ways(visits, crowd, matter, zone) -> None:
    """Whatever days are looked at together: here a month at a time, and counted all at once."""
    with taken_back(zone) as site:
        queues = {name: a_queue(site, name) for name in ("Sales", "Help")}
        topic = Topic.objects.create(name="Bill")
        for one in visits:
            a_call(
                queues[one["queue"]], at(one["minute"]) + one["day"] * ONE, wait=0,
                talk=one["lasts"], caller_hash=one["caller"], resolved=one["resolved"],
                outcome="answered" if one["busy"] else "busy", resolvable=one["resolvable"],
                linked_id=f"{one['day'] // 3} {one['contact']}",
                topic=topic if one["topic"] else None,
            )  # fmt: skip
        for number in range(11 if crowd is not None else 0):
            a_call(queues["Help"], at(number) + crowd * ONE, caller_hash="ann")
        KpiChoice.objects.create(
            kpi="resolution_time", valid_from=DAY - 40 * ONE, parameters={"matter": matter}
        )
        rollups.rebuild([site])
        assert of_days(site, "resolution_time") == second_of_days(site, "resolution_time")


def of_days(site, kpi):
    """What pages say of each day of a site and of its queues, where they say anything."""
    days = days_told(site)
    found = {}
    for across in ("total", "queue"):
        question = Question([site], days[0], days[-1], by="day", across=across, kpis=[kpi])
        for row in answer(question):
            one = row.figures[kpi]
            if one.n:
                found[row.id, row.column_id] = one.value, one.n
    return found


def second_of_days(site, kpi):
    """The same of the second path, laid out a month at a time."""
    found = {}
    with connection.cursor() as cursor:
        for stretch in stretches(site, days_told(site), 30 * ONE):
            paths.lay_out(cursor, stretch)
            cursor.execute(
                "SELECT day, queue_id, value, denominator FROM"
                f" ({statements.kpis()[kpi].sql}) AS told"
            )
            found |= {(day, queue): told for day, queue, *told in cursor.fetchall()}
            paths.clear(cursor)
    return {place: (value, n) for place, (value, n) in found.items() if n}


DAYS = st.integers(0, 2)
NAMES = st.sampled_from(("Ann", "Ben", "Cem"))
LINES = st.sampled_from(("Sales", "Help"))
MAYBE = st.sampled_from((None, True, False))
MONEY = st.sampled_from((None, 0, 10, 25))
CURRENCIES = st.sampled_from(("GBP", "GBP", "GBP", "EUR"))
CALLS = st.lists(
    st.fixed_dictionaries(
        {
            "queue": LINES, "agent": st.one_of(st.none(), NAMES), "minute": st.integers(0, 3600),
            "answered": st.booleans(), "outbound": st.sampled_from((False, False, True)),
            "caller": st.sampled_from(("ann", "bob", "")), "resolved": MAYBE, "resolvable": MAYBE,
            "seconds": st.sampled_from((29, 30, 120)), "queued": st.integers(0, 3),
            "contact": st.integers(0, 7), "topic": st.booleans(), "sold": MONEY,
            "sale": st.one_of(st.none(), st.tuples(MONEY, MONEY, CURRENCIES, st.booleans())),
        }
    ),
    max_size=9,
)  # fmt: skip
COSTS = st.lists(
    st.tuples(
        st.sampled_from(("Rent", "Wages")), DAYS, st.integers(0, 4), CURRENCIES,
        st.sampled_from(("", "queue", "agent")),
    ),
    max_size=3, unique_by=lambda one: (one[0], one[1], one[2], one[4]),
)  # fmt: skip
SOLD = st.lists(st.tuples(NAMES, DAYS, MONEY, CURRENCIES), max_size=2, unique_by=lambda o: o[:2])
PAID = st.lists(
    st.tuples(NAMES, DAYS, st.sampled_from((0, 60, 480))), max_size=4, unique_by=lambda o: o[:2]
)
SPELLS = st.lists(
    st.tuples(
        NAMES, st.sampled_from(("logged_in", "paused", "paused", "available", "acw")),
        st.integers(0, 3600), st.integers(1, 1500), st.sampled_from(("Lunch", "Training", "")),
    ),
    max_size=6, unique_by=lambda one: one[:3],
)  # fmt: skip
HIRED = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(-200, 2)), st.sampled_from((None, 0, 1, 90, 91)),
        st.sampled_from(("", "voluntary", "involuntary")),
    ),
    max_size=3,
)  # fmt: skip
CHOICES = st.fixed_dictionaries(
    {
        "fcr": st.fixed_dictionaries(
            {
                "window_days": st.integers(1, 2),
                "matter": st.sampled_from(("queue", "any", "topic")),
            }
        ),
        "cost_per_call": st.sampled_from(({}, {"cost_kinds": "wages"})),
        "utilisation": st.sampled_from(({}, {"productive_pauses": "Training, x"})),
    }
)


@settings(max_examples=examples(3), phases=WITHOUT_SHRINKING)
@given(CALLS, COSTS, SOLD, PAID, SPELLS, HIRED, CHOICES, st.sampled_from(("UTC", "Asia/Kathmandu")))
def test_what_lists_tell_of_a_random_centre_is_the_same_both_ways(
    calls, costs, sold, paid, spells, hired, choices, zone
) -> None:
    with taken_back(zone) as site:
        queues = {name: a_queue(site, name) for name in ("Sales", "Help")}
        agents = {name: an_agent(site, name) for name in ("Ann", "Ben", "Cem")}
        a_team(site, None, agents["Ann"], agents["Ben"])
        topic = Topic.objects.create(name="Bill")
        for number, (since, lasts, why) in enumerate(hired):
            begins = None if since is None else DAY + since * ONE
            ends = None if lasts is None else (begins or DAY) + lasts * ONE
            Agent.objects.create(
                site=site, name=str(number), hired_on=begins, left_on=ends,
                left_reason=why if ends else "",
            )  # fmt: skip
        for one in calls:
            call = a_call(
                queues[one["queue"]], at(one["minute"]), wait=0, talk=one["seconds"],
                agent=agents[one["agent"]] if one["answered"] and one["agent"] else None,
                outcome="answered" if one["answered"] else "abandoned",
                direction="outbound" if one["outbound"] else "inbound",
                caller_hash=one["caller"], resolved=one["resolved"], resolvable=one["resolvable"],
                linked_id=str(one["contact"]), topic=topic if one["topic"] else None,
                sale_value=one["sold"],
            )  # fmt: skip
            if not one["queued"]:
                Call.objects.filter(pk=call.pk).update(queue=None)
            if one["sale"] and one["sale"][:2] != (None, None):
                value, pipeline, currency, by_ben = one["sale"]
                a_sale(
                    site, call=call, call_ref=call.external_id, value=value,
                    pipeline_value=pipeline, currency=currency,
                    agent=agents["Ben"] if by_ben else None,
                )  # fmt: skip
        for kind, first, lasts, currency, of in costs:
            whose = {"queue": {"queue": queues["Sales"]}, "agent": {"agent": agents["Ann"]}}
            a_cost(
                site, kind=kind, first_on=DAY + first * ONE, last_on=DAY + (first + lasts) * ONE,
                currency=currency, **whose.get(of, {}),
            )  # fmt: skip
        for name, day, value, currency in sold:
            if value is not None:
                a_sale(
                    site, call_ref="", agent=agents[name], sold_on=DAY + day * ONE, value=value,
                    currency=currency,
                )  # fmt: skip
        for name, day, minutes in paid:
            a_paid_time(agents[name], day=DAY + day * ONE, minutes=minutes)
        for name, state, begins, lasts, reason in spells:
            a_spell(agents[name], state, at(begins), at(begins + lasts), reason)
        for kpi, parameters in choices.items():
            KpiChoice.objects.create(kpi=kpi, valid_from=DAY - ONE, parameters=parameters)
        rollups.rebuild([site])
        with snapshot() as cursor:
            days = days_told(site)
            stretch = Stretch(site, DAY - ONE, DAY + 5 * ONE)
            found = check(cursor, stretch, [day for day in days if stretch.first <= day])
        assert not found.differences, "\n".join(map(str, found.differences))


WEEKS = 7


def team_of(site, *people):
    """A team in which each was hired on a day, left on one or not at all, and took calls of so
    many seconds each Monday: a list of means (None: no calls), and how many calls."""
    sales = a_queue(site, "Sales")
    agents, calls = [], []
    for number, (hired, left, means, many) in enumerate(people):
        agent = an_agent(site, str(number))
        Agent.objects.filter(pk=agent.pk).update(hired_on=hired, left_on=left)
        agents.append(agent)
        for week, mean in enumerate(means):
            for second in range(many) if mean else ():
                begins = NINE + timedelta(weeks=week, seconds=second)
                calls.append(unsaved_call(sales, begins, wait=0, talk=mean, agent=agent))
    many_calls(calls)
    a_team(site, None, *agents)
    rollups.rebuild([site])


def tenured(many=5, calls=10):
    """Of 100, 110, 120 s and so on; the first has so many calls a week, the others ten."""
    means = [[100 + 10 * number] * WEEKS for number in range(many)]
    return [
        (date(2020, 1, 1), None, one, 10 if number else calls) for number, one in enumerate(means)
    ]


def test_how_long_it_takes_to_work_as_the_tenured_by_hand():
    """The middle of five is from 100 to 140 s. Ann, hired on the Monday, was slower in her first
    week and then as they are: 7 days. Ben, hired that day too, left after 30. Half of two do."""
    site = a_site()
    ann = (DAY, None, [200, 120, 100, 140, 110, 130, 120], 10)
    ben = (DAY, DAY + 30 * ONE, [200, 300, 200, 300], 10)
    team_of(site, *tenured(), ann, ben)
    assert second_of(site, "ramp_time:aht") == Cell(7, 2, 7)
    assert differing(site, DAY, DAY) == []


@settings(max_examples=examples(3), phases=WITHOUT_SHRINKING)
@given(
    st.integers(4, 6),
    st.sampled_from((9, 10)),
    st.lists(
        st.tuples(
            st.sampled_from((0, 7)),  # a day without a call makes no row
            st.one_of(st.none(), st.integers(20, 50)),
            st.lists(
                st.sampled_from((None, 99, 100, 110, 140, 141)), min_size=WEEKS, max_size=WEEKS
            ),
        ),
        max_size=3,
    ),
)  # fmt: skip
def test_how_long_random_people_take_is_the_same_both_ways(many, calls, newcomers) -> None:
    with taken_back("UTC") as site:
        people = [
            (DAY + hired * ONE, None if left is None else DAY + left * ONE, means, 10)
            for hired, left, means in newcomers
        ]
        team_of(site, *tenured(many, calls), *people)
        assert second_of_days(site, "ramp_time") == of_days(site, "ramp_time")
