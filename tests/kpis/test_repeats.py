"""Who came again: counted from calls, read as first contact resolution."""

import threading
from collections import Counter, defaultdict
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from django.db import connection, transaction
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from ccm import work
from ccm.access import ADMIN, MANAGER
from ccm.intervals import DAY, day_of
from ccm.models import Call, SurveyResponse, Topic
from ccm.signals import names_merged, record_changed
from kpis import rollups
from kpis.models import KpiChoice, RepeatFill, RepeatMark, RepeatStat
from kpis.passports import listing, passport
from kpis.passports.listing import ALL, DENOMINATOR, NUMERATOR, Narrowed
from kpis.passports.passport import Scope
from kpis.reads.reading import Selection
from kpis.reads.repeats import repeats
from kpis.report import Question, answer
from kpis.rollups import repeats as counting
from kpis.sums.repeats import LONGEST, SCOPES, Repeats
from tests.builders import (
    NINE,
    a_call,
    a_queue,
    a_record,
    a_site,
    a_team,
    a_user,
    an_agent,
    stored,
)
from tests.examples import examples
from tests.threads import elsewhere

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
MARCH = date(2026, 3, 1)


def from_caller(queue, caller, at, **more):
    return a_call(queue, at, caller_hash=caller, **more)


def figures(site, first, last, *variants, **question):
    """FCR by key: value, n and what was left out."""
    asked = Question([site], first, last, kpis=[f"fcr:{one}" for one in variants], **question)
    return {
        row.name: {
            one.variant.id: (one.value, one.n, {str(w): n for w, n, *_ in one.left_out})
            for one in row.figures.values()
        }
        for row in answer(asked)
    }


def f3(site, first=MARCH, last=date(2026, 3, 31), **question):
    (row,) = figures(site, first, last, "F3", **question).values()
    return row["F3"]


def choose(**parameters):
    KpiChoice.objects.update_or_create(
        kpi="fcr", valid_from=date(2020, 1, 1), defaults={"parameters": parameters}
    )


NOT_YET = "not yet known: the window is not over"
AGAIN = "came after another of the caller's within the window"
WITHHELD = "caller whose number is withheld or not logged"
SHARED = "numbers shared by many: more than ten contacts on a day"
UNTOLD = "not known what they were about"


@pytest.fixture
def site(db):
    return a_site()


@pytest.fixture
def sales(site):
    return a_queue(site, "Sales")


def the_end(queue, at):
    """A call by which the record is known to reach there: the day before is its last whole day."""
    return from_caller(queue, "", at, outcome="abandoned")


def test_a_repeat_fails_the_first_contact_and_is_none_itself(site, sales):
    """Ann calls on the 2nd and again on the 5th; Bob once, on the 2nd. Ann's second contact belongs
    to the question of her first. One of two is settled."""
    from_caller(sales, "ann", NINE)
    from_caller(sales, "bob", NINE)
    from_caller(sales, "ann", NINE + 3 * DAY)
    the_end(sales, NINE + 40 * DAY)
    rollups.rebuild()
    assert f3(site) == (1 / 2, 2, {AGAIN: 1})


def test_a_passport_says_of_how_many_the_record_does_not_hold_the_window_before(site, sales):
    """The record begins on the 2nd: of a contact on the 8th it holds 6 days before it."""
    from_caller(sales, "ann", NINE)
    from_caller(sales, "bob", NINE + 6 * DAY)
    from_caller(sales, "cem", NINE + 7 * DAY)
    the_end(sales, NINE + 40 * DAY)
    rollups.rebuild()
    last = date(2026, 3, 31)
    said = passport.issue("fcr", Scope(site, MARCH, last)).figure.caution
    assert said.startswith("2 contacts came in the first 7 days of the record: ")
    assert passport.issue("fcr", Scope(site, date(2026, 3, 9), last)).figure.caution == ""


def test_a_repeat_need_not_be_answered_but_the_first_contact_must(site, sales):
    from_caller(sales, "ann", NINE)
    from_caller(sales, "ann", NINE + DAY, outcome="abandoned")
    from_caller(sales, "bob", NINE, outcome="abandoned")
    # Bob had a contact before, so his answered one is not the first.
    from_caller(sales, "bob", NINE + DAY)
    # Turned away before the queue: never offered, so no repeat.
    from_caller(sales, "cem", NINE)
    from_caller(sales, "cem", NINE + DAY, outcome="busy")
    the_end(sales, NINE + 40 * DAY)
    rollups.rebuild()
    assert f3(site) == (1 / 2, 2, {AGAIN: 1})


@pytest.mark.parametrize(
    ("later", "settled"), [(7 * DAY - SECOND, 0), (7 * DAY, 0), (7 * DAY + SECOND, 1)]
)
def test_seven_days_are_seven_times_24_hours_from_entry_to_entry(site, sales, later, settled):
    from_caller(sales, "ann", NINE)
    from_caller(sales, "ann", NINE + later)
    the_end(sales, NINE + 40 * DAY)
    rollups.rebuild()
    assert f3(site, last=NINE.date())[:2] == (settled, 1)


def test_a_transfer_or_a_call_back_of_the_same_contact_is_no_repeat(site, sales):
    help_ = a_queue(site, "Help")
    from_caller(sales, "ann", NINE, linked_id="1", transfer_kind="blind")
    from_caller(help_, "ann", NINE + HOUR, linked_id="1")
    from_caller(sales, "ann", NINE + 2 * DAY, linked_id="1", outcome="abandoned")
    the_end(sales, NINE + 40 * DAY)
    rollups.rebuild()
    # On the same queue: each visit is counted, and neither is the other's repeat.
    assert f3(site) == (1, 2, {})
    choose(matter="any")
    assert f3(site) == (1, 1, {})


def test_the_scope_says_what_is_the_same_matter_without_a_recount(site, sales):
    """Ann calls Sales about a bill, Help about her line, and Sales about the bill again: the three
    are 1, 2 and 1 of one queue or topic, and 3 of the site."""
    help_ = a_queue(site, "Help")
    bill, line = (Topic.objects.create(name=one) for one in ("Bill", "Line"))
    from_caller(sales, "ann", NINE, topic=bill)
    from_caller(help_, "ann", NINE + DAY, topic=line)
    from_caller(sales, "ann", NINE + 2 * DAY, topic=bill)
    from_caller(sales, "bob", NINE)
    the_end(sales, NINE + 40 * DAY)
    rollups.rebuild()
    assert f3(site) == (2 / 3, 3, {AGAIN: 1})
    choose(matter="any")
    assert f3(site) == (1 / 2, 2, {AGAIN: 2})
    choose(matter="topic")
    assert f3(site) == (1 / 2, 2, {AGAIN: 1, UNTOLD: 1})


def test_the_window_changes_without_a_recount(site, sales):
    from_caller(sales, "ann", NINE)
    from_caller(sales, "ann", NINE + 3 * DAY)
    from_caller(sales, "ann", NINE + 13 * DAY)
    the_end(sales, NINE + 60 * DAY)
    rollups.rebuild()
    counted = list(RepeatStat.objects.order_by("pk").values())
    found = {}
    for days in (1, 2, 3, 9, 10, 30):
        choose(window_days=days)
        found[days] = f3(site)[:2]
    assert found == {
        1: (1, 3),
        2: (1, 3),
        3: (1 / 2, 2),  # the second of the three is a repeat
        9: (1 / 2, 2),
        10: (0, 1),
        30: (0, 1),
    }
    assert list(RepeatStat.objects.order_by("pk").values()) == counted


def test_a_contact_answered_on_another_day_than_it_came_on_is_counted_when_it_came(site, sales):
    """Timed out ten minutes before midnight, answered ten minutes after it."""
    midnight = NINE + 15 * HOUR
    from_caller(sales, "ann", midnight - HOUR / 6, linked_id="1", outcome="timed_out")
    from_caller(sales, "ann", midnight + HOUR / 6, linked_id="1")
    the_end(sales, NINE + 40 * DAY)
    rollups.rebuild()
    before, after = NINE.date(), NINE.date() + DAY
    choose(matter="any")
    assert [f3(site, day, day)[:2] for day in (before, after)] == [(1, 1), (None, 0)]
    choose(matter="queue")
    assert [f3(site, day, day)[:2] for day in (before, after)] == [(None, 0), (1, 1)]


def a_true_80_percent(queue, first, days):
    """Ten callers a day, two of whom call again the next day: eight of ten are settled."""
    for number in range(days):
        at = first + number * DAY
        for caller in range(10):
            from_caller(queue, f"{number}-{caller}", at + caller * SECOND)
            if caller < 2 and number + 1 < days:
                from_caller(queue, f"{number}-{caller}", at + DAY + HOUR)


def test_a_true_80_percent_reads_80_percent_up_to_the_last_whole_week_and_then_not_at_all(
    site, sales
):
    """21 days, the last of which may not be over: days up to the 13th have 7 whole days after
    them. To take only those not yet known who did not call again would read 0 % for the last
    week."""
    a_true_80_percent(sales, NINE, 21)
    rollups.rebuild()
    by_day = figures(site, NINE.date(), NINE.date() + 20 * DAY, "F3", by="day")
    rows = [one["F3"] for one in by_day.values()]
    assert [value for value, _n, _left_out in rows[:13]] == [8 / 10] * 13
    assert [(value, n) for value, n, _left_out in rows[13:]] == [(None, 0)] * 8
    # Repeated or not: ten first contacts and two again on each of these days.
    assert [left_out for *_, left_out in rows[13:]] == [{NOT_YET: 12}] * 8
    assert f3(site)[:2] == (8 / 10, 130)
    assert f3(site)[2][NOT_YET] == 8 * 12


def test_withheld_and_shared_numbers_are_left_out_and_counted(site, sales):
    """A switchboard of eleven contacts on the 2nd is left out a month to either side; ten a day
    may be one caller."""
    for number in range(11):
        from_caller(sales, "switchboard", NINE + number * HOUR)
    from_caller(sales, "switchboard", NINE + LONGEST * DAY)
    from_caller(sales, "switchboard", NINE + (LONGEST + 1) * DAY)
    for number in range(10):
        from_caller(sales, "ann", NINE + number * HOUR)
    from_caller(sales, "", NINE)
    the_end(sales, NINE + 60 * DAY)
    rollups.rebuild()
    assert f3(site, last=NINE.date()) == (0, 1, {AGAIN: 9, SHARED: 11, WITHHELD: 1})
    (april,) = {date(2026, 4, 1), date(2026, 4, 2)} - {NINE.date() + LONGEST * DAY}
    assert f3(site, date(2026, 4, 1), date(2026, 4, 1))[2] == {SHARED: 1}
    # Its contact of the day before counts as one before it all the same.
    assert f3(site, april, april)[2] == {AGAIN: 1}


def test_gross_and_net_resolution_at_the_first_contact(site, sales):
    """Of six with a known answer four are resolved, one of them a repeat: 3 of 6. Four could be
    resolved: 2 of these 4."""
    said = [(True, True), (True, True), (True, None), (False, True), (False, False), (None, True)]
    for number, (resolved, resolvable) in enumerate(said):
        from_caller(sales, f"c{number}", NINE, resolved=resolved, resolvable=resolvable)
    from_caller(sales, "c3", NINE + DAY, resolved=True, resolvable=True)
    from_caller(sales, "", NINE, resolved=True)
    rollups.rebuild()
    (row,) = figures(site, MARCH, date(2026, 3, 31), "F1", "F2").values()
    unknown = "answered, not known whether resolved"
    assert row["F1"] == (3 / 6, 6, {unknown: 1, WITHHELD: 1})
    could_not = "could not be resolved, or nobody said that they could"
    assert row["F2"] == (2 / 4, 4, {unknown: 1, could_not: 2, WITHHELD: 1})


def test_resolution_as_callers_answer_it_in_surveys(site, sales):
    call = from_caller(sales, "ann", NINE)
    for number, score in enumerate((1, 1, 0)):
        SurveyResponse.objects.create(
            id=f"00000000-0000-7000-8000-{number:012}", call=call, site=site, queue=sales,
            source="test", kind="fcr", scale_min=0, scale_max=1, score=score, answered_at=NINE,
        )  # fmt: skip
    rollups.rebuild()
    (row,) = figures(site, MARCH, date(2026, 3, 31), "F4").values()
    assert row["F4"] == (2 / 3, 3, {})


def test_by_the_hour_it_is_read_from_the_calls(site, sales):
    """On the 2nd Ann takes x and y from 9 and z from 10, Ben v at 10. x calls again on the 4th at
    10, whom Ben takes. So of Ann's nine o'clock one of two is settled, of her ten o'clock the one,
    of Ben's ten o'clock v; x again is none. Of w, whose day alone is told, there is no hour."""
    ann, ben = an_agent(site, "Ann"), an_agent(site, "Ben")
    team = a_team(site, None, ann, ben)
    help_ = Topic.objects.create(name="Help")
    for caller, at, agent in (
        ("x", NINE, ann), ("y", NINE + HOUR / 2, ann), ("z", NINE + HOUR, ann),
        ("v", NINE + HOUR, ben), ("x", NINE + 2 * DAY + HOUR, ben),
    ):  # fmt: skip
        from_caller(sales, caller, at, agent=agent, topic=help_ if caller == "x" else None)
    from_caller(sales, "w", NINE, agent=ann, time_precision="day")
    the_end(sales, NINE + 40 * DAY)
    rollups.rebuild()
    of_ann, of_ben = (1 / 2, 2), (1, 1)
    assert crossed(site, "clock", "agent") == {
        ("09:00", "Ann"): of_ann, ("10:00", "Ann"): (1, 1), ("10:00", "Ben"): of_ben,
    }  # fmt: skip
    assert crossed(site, "clock", "team") == {
        ("09:00", team.name): of_ann, ("10:00", team.name): (1, 2),
    }  # fmt: skip
    assert crossed(site, "interval", "total", agents=[ann]) == {
        ("2 Mar 2026 09:00 UTC", ""): (0, 1), ("2 Mar 2026 09:30 UTC", ""): (1, 1),
        ("2 Mar 2026 10:00 UTC", ""): (1, 1),
    }  # fmt: skip
    # So of the site, of a queue and by topic.
    for more in ({}, {"queues": [sales]}):
        assert crossed(site, "clock", "total", **more) == {
            ("09:00", ""): of_ann, ("10:00", ""): (1, 2)
        }  # fmt: skip
    assert crossed(site, "topic", "total") == {("Help", ""): (0, 1), ("No topic", ""): (1, 4)}
    # Passports of such figures list their calls.
    for of, expected in (
        ({"agent": ann, "only": {"clock": [9]}}, (1, 2)),
        ({"only": {"clock": [10], "team": [team.pk]}}, (2, 2)),
        ({"only": {"topic": [help_.pk]}}, (0, 1)),
    ):
        made = passport.issue("fcr", Scope(site, MARCH, date(2026, 3, 31), **of))
        page = listing.page(made, a_user("admin"), Narrowed(), 0, 1)
        assert (page.on(NUMERATOR), page.on(DENOMINATOR)) == expected
        assert (made.figure.value, made.figure.n) == (expected[0] / expected[1], expected[1])
    # As a contact, whose caller came again on any queue.
    choose(matter="any")
    assert crossed(site, "clock", "total") == {("09:00", ""): of_ann, ("10:00", ""): (1, 2)}


def crossed(site, by, across, **more):
    """FCR and its n by row and column, of those that have any."""
    asked = Question([site], MARCH, date(2026, 3, 31), by, across, kpis=["fcr"], **more)
    figures = {(row.name, row.column): row.figures["fcr"] for row in answer(asked)}
    return {key: (one.value, one.n) for key, one in figures.items() if one.n}


def test_by_the_hour_of_more_days_than_are_read_from_calls_nothing_is_said_and_why(site, sales):
    from_caller(sales, "ann", NINE)
    rollups.rebuild()
    asked = Question([site], NINE.date(), NINE.date() + 92 * DAY, by="interval", kpis=["fcr"])
    (row,) = answer(asked)
    figure = row.figures["fcr"]
    assert (figure.value, figure.n) == (None, 0)
    assert figure.reason == (
        "by less than a day this is read from the calls themselves: of at most 92 days"
    )


def test_the_passport_lists_the_calls_that_were_counted(site, sales, client):
    help_ = a_queue(site, "Help")
    ann = an_agent(site, "Ann")
    for number in range(6):
        from_caller(sales, f"c{number}", NINE + number * HOUR, agent=ann, resolved=number < 4)
    again = from_caller(sales, "c0", NINE + DAY, agent=ann)
    from_caller(help_, "c1", NINE + DAY, linked_id="two")
    from_caller(sales, "c1", NINE + DAY + HOUR, linked_id="two")
    from_caller(sales, "", NINE, agent=ann)
    the_end(sales, NINE + 20 * DAY)
    rollups.rebuild()
    reader = a_user("admin")
    for scope in SCOPES:
        choose(matter=scope)
        for of in ({}, {"queue": sales}, {"queue": help_}, {"agent": ann}):
            for variant in ("F1", "F2", "F3"):
                where = Scope(site, MARCH, date(2026, 3, 31), **of)
                made = passport.issue(f"fcr:{variant}", where)
                figure = made.figure
                found = listing.page(made, reader, Narrowed(DENOMINATOR), 0, 100)
                expected = (round((figure.value or 0) * figure.n), figure.n)
                assert (found.on(NUMERATOR), found.on(DENOMINATOR)) == expected, (
                    scope,
                    of,
                    variant,
                )
                left_out = {one.reasons: one.n for one in figure.left_out}
                listed = {reasons: found.on(ALL, frozenset(reasons)) for reasons in left_out}
                assert listed == left_out, (scope, of, variant)
                assert again.pk not in {one.id for one in found.rows} or variant != "F3"
    client.force_login(a_user(MANAGER, site))
    asked = f"?kpi=fcr&site={site.slug}&from={MARCH}&to=2026-03-31"
    choose(matter="queue")
    page = client.get(reverse("passport") + asked).content.decode()
    assert "the same matter is the same queue" in page
    assert "7 days" in page
    assert WITHHELD in page
    # c0 and c1 came again on Sales; c1's contact on Help was the first there.
    assert f3(site)[:2] == (5 / 7, 7)
    assert "5 in the numerator" in page
    assert "7 in the denominator" in page


def test_the_passport_of_a_part_lists_the_calls_of_that_part(site, sales):
    """Ann and Bob call, Ann again by chat; Cem and Dan chat, Cem on another weekday."""
    team = a_team(site, None, an_agent(site, "Eve"))
    eve = site.agents.get()
    from_caller(sales, "ann", NINE, agent=eve)
    from_caller(sales, "bob", NINE)
    from_caller(sales, "ann", NINE + HOUR, channel="chat", agent=eve)
    from_caller(sales, "dan", NINE, channel="chat")
    from_caller(sales, "cem", NINE + DAY, channel="chat", agent=eve)
    the_end(sales, NINE + 20 * DAY)
    rollups.rebuild()
    reader = a_user("admin")
    found = {}
    for matter in ("queue", "any"):
        choose(matter=matter)
        for by, key in (("channel", "chat"), ("weekday", 1), ("team", team.pk)):
            where = Scope(site, MARCH, date(2026, 3, 31), only={by: [key]})
            made = passport.issue("fcr:F3", where)
            page = listing.page(made, reader, Narrowed(), 0, 1)
            found[matter, by] = (page.on(NUMERATOR), page.on(DENOMINATOR))
            assert made.figure.n == page.on(DENOMINATOR)
    of_each = {"channel": (2, 2), "weekday": (2, 3), "team": (1, 2)}
    assert found == {(matter, by): n for matter in ("queue", "any") for by, n in of_each.items()}


def test_the_page_of_its_definition_asks_for_window_and_matter(site, client):
    client.force_login(a_user(ADMIN))
    page = client.get(reverse("definition", args=["fcr"]), {"variant": "F3"})
    form = page.context["form"]
    assert [field.name for field in form.made] == ["variant", "window_days", "matter"]
    assert form["where"].value() == "all"  # for whom it is chosen


# What must hold however calls come in.


def table():
    """All that is counted, without its keys."""
    rows = RepeatStat.objects.values_list(
        "site__name", "queue__name", "agent__name", "day", "channel", "scope", "known", "again",
        "around", "told", "resolved", "resolved_again", "able", "able_resolved", "able_again",
        "withheld", "shared", "untold",
    )  # fmt: skip
    return sorted(rows, key=str), list(RepeatFill.objects.values_list("site__name", "last_whole"))


def count_all(site):
    while rollups.recount_dirty():
        continue
    counting.recount(site)


@pytest.mark.django_db
def test_calls_in_any_order_of_import_end_in_what_a_rebuild_counts():
    """Four logs over the year's end: a contact, its repeat 20 days on, one between them by which
    the caller is known to be a switchboard's, and the second visit of the first contact."""
    eve = datetime(2025, 12, 31, 22, 30, tzinfo=UTC)
    known = {"queue": "Sales", "agent": "Ann", "caller": "0123 456", "outcome": "answered"}

    def a_log(number, at, n=1, **more):
        return [
            a_record(
                at + k * SECOND,
                external_id=f"c{number}-{k}",
                **{"linked_id": f"c{number}-{k}"} | known | more,
                answered_at=at + k * SECOND,
                talk_ms=1000,
            )
            for k in range(n)
        ]

    logs = [
        a_log(0, eve, linked_id="one", transfer_kind="blind"),
        a_log(1, eve + 20 * DAY),
        a_log(2, eve + 8 * DAY, n=10),
        [
            *a_log(3, eve + HOUR, linked_id="one", queue="Help", agent="Bob"),
            *a_log(4, eve + 8 * DAY + HOUR, caller="0123456"),
        ],
    ]
    after = []
    # A third of all orders: each log comes first in two of them.
    for order in list(permutations(range(4)))[::3]:
        with transaction.atomic():
            site = a_site("Here", "Europe/Berlin")
            for number in order:
                stored(site, *logs[number])
                count_all(site)
            after.append(table())
            assert not RepeatMark.objects.exists()
            if len(after) == 1:
                RepeatStat.objects.all().delete()
                rollups.rebuild([site])
                assert table() == after[0]
            transaction.set_rollback(True)
    assert after == after[:1] * 8
    rows, filled = after[0]
    assert filled == [("Here", date(2026, 1, 19))]
    # Berlin's midnight lies between the two visits of the first contact.
    days = {(row[1], row[3]) for row in rows if row[5] == "queue"}
    assert ("Sales", date(2025, 12, 31)) in days
    assert ("Help", date(2026, 1, 1)) in days


@pytest.mark.django_db
def test_a_recount_that_is_killed_leaves_its_marks_and_the_next_ends_where_one_would(monkeypatch):
    queue = a_queue()
    for number in range(200):
        from_caller(queue, f"c{number % 3}", NINE + number * DAY)
    while rollups.recount_dirty():
        continue
    rollups.rebuild()
    whole = table()
    with connection.cursor() as cursor:
        counting.mark(cursor, queue.site, NINE.date(), NINE.date() + 200 * DAY)
    RepeatStat.objects.all().delete()
    refresh, calls = counting._refresh, []

    def killed(*args):
        if calls:
            raise KeyboardInterrupt
        calls.append(args)
        refresh(*args)

    monkeypatch.setattr(counting, "_refresh", killed)
    with pytest.raises(KeyboardInterrupt):
        counting.recount(queue.site)
    assert RepeatMark.objects.exists()
    assert table() != whole
    monkeypatch.setattr(counting, "_refresh", refresh)
    counting.recount(queue.site)
    assert table() == whole
    assert counting.recount(queue.site) == 0


@pytest.mark.django_db
def test_a_recount_tells_how_many_days_it_counted():
    """Of a first and a last call 199 days apart, which are counted in more stretches than one."""
    queue = a_queue()
    from_caller(queue, "ann", NINE)
    from_caller(queue, "ann", NINE + 199 * DAY)
    with connection.cursor() as cursor:
        counting.mark(cursor, queue.site, NINE.date(), NINE.date() + 199 * DAY)
    assert counting.recount(queue.site) == 200
    assert counting.recount(queue.site) == 0


@pytest.mark.django_db(transaction=True)
def test_a_recount_waits_for_the_one_before_it_and_does_what_came_since_or_leaves_it(monkeypatch):
    """A day is marked while another recount is at the site: of the two that come then, the one
    that is not to wait leaves it alone, and the other counts it."""
    queue = a_queue()
    from_caller(queue, "ann", NINE)
    begun, go_on = threading.Event(), threading.Event()
    refresh = counting._refresh

    def slow(*args):
        begun.set()
        assert go_on.wait(20)
        refresh(*args)

    def a_mark():
        with connection.cursor() as cursor:
            counting.mark(cursor, queue.site, NINE.date(), NINE.date())

    def others():
        assert begun.wait(10)
        a_mark()
        counted["leaves it"] = counting.recount(queue.site, wait=False)
        threading.Timer(0.5, go_on.set).start()
        counted["waits"] = counting.recount(queue.site)

    counted = {}
    a_mark()
    monkeypatch.setattr(counting, "_refresh", slow)
    assert elsewhere(lambda: counting.recount(queue.site), others) == ["done", "done"]
    assert counted == {"leaves it": 0, "waits": 1}
    assert not RepeatMark.objects.exists()


@pytest.mark.django_db
def test_calls_that_are_gone_are_counted_no_more():
    queue = a_queue()
    from_caller(queue, "ann", NINE)
    gone = from_caller(queue, "ann", NINE + 60 * DAY)
    rollups.rebuild()
    assert RepeatStat.objects.filter(day=gone.offered_at.date()).exists()
    gone.delete()
    rollups.rebuild()
    assert RepeatStat.objects.values_list("day", flat=True).distinct().get() == NINE.date()
    Call.objects.all().delete()
    rollups.rebuild()
    assert table() == ([], [])


@pytest.mark.django_db(transaction=True)
def test_old_calls_are_counted_as_soon_as_the_other_counts_are_and_todays_each_hour():
    site = a_site()
    old, today = NINE - 9 * DAY, datetime.now(UTC).replace(microsecond=0)
    record = {"queue": "Sales", "caller": "1", "outcome": "answered", "talk_ms": 0}
    with work.here():
        stored(site, a_record(old, external_id="1", answered_at=old, **record))
        record_changed.send(sender=None)
    assert RepeatStat.objects.filter(day=old.date()).exists()
    assert counting.due(today) == []
    with work.here():
        stored(site, a_record(today, external_id="2", answered_at=today, **record))
        record_changed.send(sender=None)
    assert not RepeatStat.objects.filter(day=today.date()).exists()
    assert counting.due(today + 2 * HOUR) == [site]


@pytest.mark.django_db
def test_a_site_that_was_never_counted_is_due_at_once_and_then_each_hour():
    """Its first calls are of today: nothing older was changed."""
    queue = a_queue()
    now = datetime.now(UTC)
    from_caller(queue, "ann", now)
    rollups.refresh(rollups.Stretch(queue.site, now.date(), now.date()))
    assert counting.due(now) == [queue.site]
    counting.recount(queue.site)
    rollups.refresh(rollups.Stretch(queue.site, now.date(), now.date()))
    assert counting.due(now) == []
    assert counting.due(now + 2 * HOUR) == [queue.site]


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "is_due"), [(0, False), (1, False), (2, True)])
def test_today_and_yesterday_wait_for_the_hour_to_be_over_and_older_days_do_not(days, is_due):
    """Of a site counted ten minutes ago, where it is the 3rd already and in UTC the 2nd."""
    site, now = a_site(zone="Pacific/Auckland"), NINE + 6 * HOUR
    changed = date(2026, 3, 3) - timedelta(days=days)
    counted_at = now - timedelta(minutes=10)
    RepeatFill.objects.create(site=site, last_whole=changed, counted_at=counted_at)
    RepeatMark.objects.create(site=site, first=changed, last=changed)
    assert counting.due(now) == [site] * is_due


@pytest.mark.django_db
def test_a_contact_that_began_before_the_longest_window_is_not_met_though_it_went_on_in_it():
    """Its second visit is a week after its first; the caller's next contact comes 30 days after
    the second, less an hour, and 37 after the first. The day of that one is then counted again as
    the first of many, for what changed 36 days later."""
    queue, begun = a_queue(), NINE + 14 * HOUR
    from_caller(queue, "ann", begun, linked_id="c", outcome="timed_out")
    again = begun + 7 * DAY - HOUR
    from_caller(queue, "ann", again, linked_id="c")
    later = again + LONGEST * DAY - HOUR
    from_caller(queue, "ann", later)
    from_caller(queue, "ben", later + 80 * DAY)
    rollups.rebuild()
    whole = table()
    told = RepeatStat.objects.filter(day=later.date(), agent=None, scope="any")
    assert [(one.known, one.again) for one in told] == [(1, [])] * 2  # the queue's, and the site's
    for days in range(30, 45):
        changed = later.date() + days * DAY
        with connection.cursor() as cursor:
            counting.mark(cursor, queue.site, changed, changed)
        counting.recount(queue.site)
        assert table() == whole, days


@pytest.mark.django_db
def test_of_callers_on_the_same_queue_a_site_has_no_row_beside_those_of_its_queues():
    queue = a_queue()
    from_caller(queue, "ann", NINE)
    rollups.rebuild()
    kept = RepeatStat.objects.filter(agent=None).values_list("scope", "queue")
    assert sorted(kept, key=str) == [
        ("any", queue.pk), ("any", None), ("queue", queue.pk), ("topic", queue.pk), ("topic", None)
    ]  # fmt: skip


@pytest.mark.parametrize("outcome", ["refused", "busy", "left_ivr"])
def test_a_call_that_never_entered_the_queue_is_no_contact_that_fails_another(site, sales, outcome):
    from_caller(sales, "ann", NINE)
    from_caller(sales, "ann", NINE + DAY, outcome=outcome, wait=None, talk=None)
    the_end(sales, NINE + 20 * DAY)
    rollups.rebuild()
    assert f3(site, last=date(2026, 3, 8))[:2] == (1, 1)


def test_a_caller_of_two_sites_is_met_at_each_alone(site, sales):
    """Twice here, two days apart, and between these once there."""
    there = a_queue()
    for queue, days in ((sales, 0), (there, 1), (sales, 2)):
        from_caller(queue, "ann", NINE + days * DAY)
    for queue in (sales, there):
        from_caller(queue, f"of {queue.name}", NINE + 20 * DAY)
    rollups.rebuild()
    assert f3(site, last=date(2026, 3, 8))[:2] == (0, 1)
    assert f3(there.site, last=date(2026, 3, 8))[:2] == (1, 1)


@pytest.mark.django_db
def test_topics_that_became_one_are_one_matter():
    queue = a_queue()
    bill, bills = (Topic.objects.create(name=one) for one in ("Bill", "Bills"))
    from_caller(queue, "ann", NINE, topic=bill)
    from_caller(queue, "ann", NINE + DAY, topic=bills)
    the_end(queue, NINE + 40 * DAY)
    rollups.rebuild()
    choose(matter="topic")
    assert f3(queue.site)[:2] == (1, 2)
    Call.objects.filter(topic=bills).update(topic=bill)
    names_merged.send(sender=Topic, loser=bills.pk, keeper=bill.pk)
    counting.recount(queue.site)
    assert f3(queue.site)[:2] == (0, 1)


# The same figures from the words of KPIS.md, by looking at each pair of calls.

CLOCKS = [
    ("UTC", datetime(2026, 2, 10, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 3, 10, 22, 59, tzinfo=UTC)),  # summer time on the 29th
    ("Australia/Lord_Howe", datetime(2026, 3, 20, 13, tzinfo=UTC)),  # half an hour on 5 April
    ("America/Havana", datetime(2025, 10, 20, 4, tzinfo=UTC)),  # midnight comes twice on 2 November
    ("Asia/Kathmandu", datetime(2025, 12, 12, 18, 15, tzinfo=UTC)),  # over the year's end
]
QUEUES, AGENTS, TOPICS = ("Sales", "Help"), ("Ann", "Bob"), ("Bill", "Line")
EXITS = ("answered", "answered", "answered", "abandoned", "timed_out", "in_progress", "busy")
BESIDE = (timedelta(0), SECOND, -SECOND, HOUR, timedelta(minutes=1), 12 * HOUR)
TOLD = (None, True, False)


@st.composite
def contacts(draw):
    """Visits of one contact: (days and time after the beginning, and what is told of each)."""
    at = draw(st.integers(0, 40)) * DAY + draw(st.sampled_from(BESIDE))
    caller = draw(st.sampled_from(("ann", "ann", "bob", "bob", "")))
    visits = []
    for _ in range(draw(st.sampled_from((1, 1, 1, 2, 3)))):
        outcome = draw(st.sampled_from(EXITS))
        answered = outcome == "answered"
        visits.append(
            {
                "at": at,
                "queue": draw(st.sampled_from(QUEUES)),
                "agent": draw(st.sampled_from((*AGENTS, None))) if answered else None,
                "topic": draw(st.sampled_from((*TOPICS, None))),
                # Passed on, it may show the number of who passed it on, or none.
                "caller": draw(st.sampled_from((caller, caller, "", "ann"))) if visits else caller,
                "outcome": outcome,
                "resolved": draw(st.sampled_from(TOLD)) if answered else None,
                "resolvable": draw(st.sampled_from(TOLD)) if answered else None,
            }
        )
        at += draw(st.sampled_from((SECOND, HOUR, DAY, 3 * DAY)))
    return visits


CROWDS = st.one_of(
    st.none(),
    st.tuples(st.sampled_from(("ann", "bob")), st.integers(0, 40), st.sampled_from((9, 11))),
)


def lay_down(site, begin, drawn, crowd):
    queues = {name: a_queue(site, name) for name in QUEUES}
    agents = {name: an_agent(site, name) for name in AGENTS} | {None: None}
    topics = {name: Topic.objects.get_or_create(name=name)[0] for name in TOPICS} | {None: None}
    if crowd is not None:
        caller, day, n = crowd
        one = {"at": day * DAY, "queue": "Sales", "agent": None, "topic": None, "caller": caller}
        rest = {"outcome": "abandoned", "resolved": None, "resolvable": None}
        drawn = [*drawn, *([one | rest] for _ in range(n))]
    for number, visits in enumerate(drawn):
        for visit in visits:
            a_call(
                queues[visit["queue"]],
                begin + visit["at"],
                wait=None if visit["outcome"] == "in_progress" else 0,
                agent=agents[visit["agent"]],
                outcome=visit["outcome"],
                topic=topics[visit["topic"]],
                caller_hash=visit["caller"],
                resolved=visit["resolved"],
                resolvable=visit["resolvable"],
                linked_id=f"contact {number}",
            )


def first_told(visits, name):
    return next((one[name] for one in visits if one[name]), None)


def by_hand(site, first, last, scope, window):
    """Counts of each key, from the words: units one by one, and for each all other contacts."""
    calendar = site.calendar
    rows = Call.objects.filter(site=site).order_by("offered_at", "id")
    every = rows.values(
        "id", "linked_id", "queue__name", "agent__name", "topic__name", "caller_hash",
        "offered_at", "outcome", "resolved", "resolvable",
    )  # fmt: skip
    by_contact = defaultdict(list)
    for one in every:
        by_contact[one["linked_id"]].append(one)
    end = day_of(max(one["offered_at"] for one in every), calendar) - DAY
    # A contact is of the day on which it came into a queue, if it ever did.
    begin = min(
        day_of(
            next((one for one in visits if one["outcome"] != "busy"), visits[0])["offered_at"],
            calendar,
        )
        for visits in by_contact.values()
    )
    entries, callers, abouts = {}, {}, {}
    for contact, visits in by_contact.items():
        entered = [one for one in visits if one["outcome"] != "busy"]
        if not entered:
            continue
        callers[contact] = first_told(visits, "caller_hash")
        abouts[contact] = first_told(visits, "topic__name")
        entries[contact] = {None: entered[0]["offered_at"]}
        for one in entered:
            entries[contact].setdefault(one["queue__name"], one["offered_at"])
    a_day = Counter(
        (callers[contact], day_of(moments[None], calendar)) for contact, moments in entries.items()
    )
    counted = defaultdict(Counter)
    for contact, visits in by_contact.items():
        answered = [one for one in visits if one["outcome"] == "answered"]
        if not answered:
            continue
        units = [
            (
                ("total",),
                entries[contact][None],
                any(one["resolved"] for one in visits)
                or (False if any(one["resolved"] is False for one in visits) else None),
                any(one["resolvable"] for one in visits),
                None,
            )
        ]
        if scope == "queue":
            units = []
        for one in answered:
            keys = [("queue", one["queue__name"])]
            if one["agent__name"]:
                keys.append(("agent", one["agent__name"]))
            if scope == "queue":
                keys.append(("total",))
            told = (one["offered_at"], one["resolved"], one["resolvable"], one["queue__name"])
            units += [(key, *told) for key in keys]
        for key, at, resolved, resolvable, queue in units:
            day = day_of(at, calendar)
            if not first <= day <= last:
                continue
            here = counted[key]
            caller, mine = callers[contact], entries[contact][None]
            own_day = day_of(mine, calendar)
            if not caller:
                here["withheld"] += 1
                continue
            if any(
                n > 10 and who == caller and abs((busy - own_day).days) <= 30
                for (who, busy), n in a_day.items()
            ):
                here["shared"] += 1
                continue
            if scope == "topic" and abouts[contact] is None:
                here["untold"] += 1
                continue
            place = queue if scope == "queue" else None
            mine = entries[contact][place]
            before = after = False
            for other, moments in entries.items():
                if other == contact or callers[other] != caller or place not in moments:
                    continue
                if scope == "topic" and abouts[other] != abouts[contact]:
                    continue
                order = (moments[place], by_contact[other][0]["id"])
                if abs(moments[place] - mine) <= window * DAY:
                    earlier = order < (mine, by_contact[contact][0]["id"])
                    before, after = before or earlier, after or not earlier
            is_early = day - window * DAY < begin
            if resolved is not None:
                here["told"] += 1
                here["told_first"] += resolved and not before
                here["early_told"] += is_early
                here["able"] += bool(resolvable)
                here["early_able"] += bool(resolvable) and is_early
                here["able_first"] += bool(resolvable) and resolved and not before
            if day + window * DAY > end:
                here["young"] += 1
            elif before:
                here["again"] += 1
            else:
                here["first"] += 1
                here["early"] += is_early
                here["settled"] += not after
    return {key: +counter for key, counter in counted.items() if +counter}


def counted(site, first, last, scope, window, **more):
    """The same from the table."""
    selection = Selection([site.pk], first, last, calendars={site.calendar: [site.pk]}, **more)
    names = {
        "queue": dict(site.queues.values_list("pk", "name")),
        "agent": dict(site.agents.values_list("pk", "name")),
    }
    (whole,) = repeats(selection, ("total",), scope, window).values() or [Repeats()]
    found = {("total",): whole}
    for by in ("queue", "agent"):
        by_key = {key: one for (key,), one in repeats(selection, (by,), scope, window).items()}
        found |= {(by, names[by][key]): one for key, one in by_key.items()}
    said = {key: +Counter(asdict(one)) for key, one in found.items()}
    return {key: counter for key, counter in said.items() if counter}


def told_in_sql(site, first, last, scope, window):
    """F1, F2 and F3 of the view: numerators and denominators by key, summed over days."""
    choose(matter=scope, window_days=window)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT queue, agent, variant, sum(numerator)::int, sum(denominator)::int FROM kpi.fcr"
            " WHERE site_id = %s AND day BETWEEN %s AND %s GROUP BY queue, agent, variant",
            [site.pk, first, last],
        )
        sums = defaultdict(Counter)
        for queue, agent, variant, above, below in cursor.fetchall():
            key = ("queue", queue) if queue else ("agent", agent) if agent else ("total",)
            sums[key] += Counter({variant: above, f"{variant} of": below})
    return {key: counter for key, counter in sums.items() if counter}


SIDES = {
    "F1": "told_first", "F1 of": "told", "F2": "able_first", "F2 of": "able", "F3": "settled",
    "F3 of": "first",
}  # fmt: skip


@pytest.mark.django_db
@settings(max_examples=examples(7), deadline=None)
@given(
    st.lists(contacts(), min_size=1, max_size=12),
    CROWDS,
    st.sampled_from(CLOCKS),
    st.booleans(),
    st.sampled_from(((1, 7), (3, 30))),
    st.sampled_from(SCOPES),
)
def test_every_count_is_what_looking_at_each_pair_of_calls_says(
    drawn, crowd, clock, by_days, windows, chosen
):
    zone, begin = clock
    with transaction.atomic():
        site = a_site(zone=zone)
        lay_down(site, begin, drawn, crowd)
        if by_days:
            # As the days come: marks of some, counted before the next come.
            days = sorted(
                {day_of(one.offered_at, site.calendar) for one in Call.objects.filter(site=site)}
            )
            third = len(days) // 3 + 1
            for lot in (days[:third], days[third : 2 * third], days[2 * third :]):
                if lot:
                    rollups.refresh(rollups.Stretch(site, lot[0], lot[-1]))
                    counting.recount(site)
        else:
            rollups.rebuild([site])
        first, last = (
            day_of(begin, site.calendar) - 2 * DAY,
            day_of(begin, site.calendar) + 60 * DAY,
        )
        for scope in SCOPES:
            for window in windows:
                whole = by_hand(site, first, last, scope, window)
                assert counted(site, first, last, scope, window) == whole, (scope, window)
                if scope == chosen:
                    days = (first + 5 * DAY, first + 20 * DAY)
                    part = by_hand(site, *days, scope, window)
                    assert counted(site, *days, scope, window) == part, (scope, window)
                    # Of all hours of the clock it is read from the calls.
                    hours = {"clock": range(24)}
                    assert counted(site, *days, scope, window, only=hours) == part, (scope, window)
                    sides = {
                        key: +Counter({side: counter[name] for side, name in SIDES.items()})
                        for key, counter in whole.items()
                    }
                    expected = {key: counter for key, counter in sides.items() if counter}
                    assert told_in_sql(site, first, last, scope, window) == expected
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_months_marked_one_by_one_are_counted_as_one_stretch_and_far_ones_apart(monkeypatch):
    """Three months in a row and, more than two reaches later, a day."""
    queue = a_queue()
    site, first = queue.site, NINE.date()
    for days in (0, 89, 300):
        from_caller(queue, "ann", NINE + days * DAY)
    for begin, end in ((0, 30), (31, 61), (62, 89), (300, 300)):
        RepeatMark.objects.create(site=site, first=first + begin * DAY, last=first + end * DAY)
    counted = []
    monkeypatch.setattr(counting, "_refresh", lambda site, *days: counted.append(days[:2]))
    counting.recount(site)
    around = counting.units.AROUND
    assert counted == [
        (first, first + 123 * DAY), (first + 124 * DAY, first + 89 * DAY + around),
        (first + 300 * DAY - around, first + 300 * DAY),
    ]  # fmt: skip
    assert not RepeatMark.objects.exists()
