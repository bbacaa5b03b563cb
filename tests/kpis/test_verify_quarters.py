"""Verifying quarter hours: one cell that is altered is one line, which says what it is, when, and
both answers. Of the others none does."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from random import Random
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Concat
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from ccm.models import Call, CallNote, Site, SurveyInvitation
from ccm.models import SurveyResponse as Response
from kpis import rollups
from kpis.models import DayStat, IntervalStat, VerifyRun
from kpis.second import books, paths, quarters
from kpis.second.columns import words_of
from kpis.second.paths import Stretch
from kpis.sums.counts import ADDITIVE, PART_SETS
from tests import once
from tests.builders import a_call, a_queue, a_site, a_user, an_agent
from tests.examples import examples
from tests.kpis.test_against_oracle import (
    WITHOUT_SHRINKING,
    Centre,
    centres,
    elsewhere,
    hang_on,
    lose_waits,
    recount,
    taken_back,
    write,
)
from tests.kpis.test_presence import a_ring

pytestmark = pytest.mark.django_db
__all__ = ["elsewhere"]

DAY = date(2025, 10, 26)
# A quarter past two comes twice: an hour later again.
FIRST = datetime(2025, 10, 26, 0, 15, tzinfo=UTC)
AGAIN = datetime(2025, 10, 26, 1, 15, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)

Told = list[tuple[str, Any, Any]]


@once.fixture
def berlin() -> Site:
    """The night that is an hour longer. At the second quarter past two there is of everything what
    `VISITS`, `CONTACTS`, `OUT` and `NO_QUEUE` say; at the first, one call."""
    site = a_site("Berlin", "Europe/Berlin")
    sales = a_queue(site, "Sales")
    ann, ben = an_agent(site, "Ann"), an_agent(site, "Ben")
    a_call(sales, FIRST, wait=4, talk=50, agent=ann)
    one = a_call(
        sales, AGAIN, wait=30, talk=60, hold_ms=5000, acw_ms=9000, agent=ann, linked_id="one",
        transfer_kind="blind", resolved=True, resolvable=True,
    )  # fmt: skip
    a_ring(one, ben, AGAIN, 3, "no_answer")
    a_ring(one, ben, AGAIN + 4 * SECOND, 0, "unreachable")
    a_ring(one, ben, AGAIN + 5 * SECOND, 2, "declined")
    a_ring(one, ann, AGAIN + 24 * SECOND, 6, "answered")
    CallNote.objects.create(call=one, site=site, at=AGAIN, escalation="second line")
    SurveyInvitation.objects.create(
        call=one, site=site, hash="h", questions=["csat"], expires_at=AGAIN
    )
    Response.objects.create(
        id=one.pk, source="test", site=site, call=one, kind="csat", scale_min=1, scale_max=5,
        score=4, answered_at=AGAIN,
    )  # fmt: skip
    a_call(
        sales, AGAIN + 5 * MINUTE, wait=None, talk=40, agent=ben, linked_id="one",
        transfer_kind="attended",
    )  # fmt: skip
    left = a_call(
        sales, AGAIN + MINUTE, wait=12.5, outcome="abandoned",
        ended_at=AGAIN + MINUTE + 12.5 * SECOND,
    )  # fmt: skip
    a_ring(left, ben, AGAIN + MINUTE + 10 * SECOND, 3, "cancelled")
    for outcome, wait in (
        ("timed_out", 100), ("key_exit", 50), ("other", 7), ("in_progress", None), ("refused", 0),
        ("busy", 0), ("left_ivr", 0),
    ):  # fmt: skip
        a_call(sales, AGAIN + 2 * MINUTE, wait=wait, outcome=outcome)
    # Asked 20 s after the entry; had the caller on the line at 2:40.
    asks = a_call(sales, AGAIN + 6 * MINUTE, wait=20, outcome="callback_requested")
    a_call(
        sales, AGAIN + 24 * MINUTE, wait=60, talk=10, agent=ann, direction="outbound",
        linked_id=asks.linked_id,
    )  # fmt: skip
    a_call(sales, AGAIN + MINUTE, wait=8, talk=33, agent=ann, direction="outbound")
    a_call(sales, AGAIN + MINUTE, wait=None, outcome="busy", direction="outbound")
    nowhere = a_call(sales, AGAIN, wait=None, talk=15, agent=ben)
    Call.objects.filter(pk=nowhere.pk).update(queue=None)
    a_call(sales, AGAIN, wait=3, outcome="abandoned", channel="chat")
    rollups.rebuild()
    return site


Hand = dict[str, int]
VISITS: Hand = {
    "offered": 8, "answered": 2, "abandoned": 1, "timed_out": 1, "key_exit": 1, "other": 1,
    "callback_requested": 1, "in_progress": 1, "refused": 1, "busy": 1, "left_ivr": 1, "missed": 1,
    "called_back": 1, "answered_wait_ms": 30_000, "answered_wait_n": 1, "abandoned_wait_ms": 12_500,
    "abandoned_wait_n": 1, "lost_wait_ms": 157_000, "lost_wait_n": 3, "callback_wait_ms": 20_000,
    "callback_wait_n": 1, "called_back_ms": 1_120_000, "called_back_n": 1,
    "before_ring_ms": 24_000, "before_ring_n": 1, "talk_ms": 100_000, "talk_n": 2, "hold_ms": 5000,
    "hold_n": 1, "acw_ms": 9000, "acw_n": 1, "ring_no_answer": 2, "unreachable": 1, "declined": 1,
    "cancelled": 1, "offers_answered": 1, "transferred_out": 2, "transferred_blind": 1,
    "transferred_attended": 1, "noted": 1, "escalated": 1, "resolved": 1, "resolved_known": 1,
    "resolvable_known": 1, "handle_2_n": 1, "handle_2_ms": 40_000, "handle_8_n": 1,
    "handle_8_ms": 74_000, "max_wait_ms": 100_000, "max_answered_wait_ms": 30_000,
}  # fmt: skip
# The two that were answered are one contact, of whose hold and wrap-up not all is known; beside it
# stands what was talked on no queue.
CONTACTS: Hand = VISITS | {
    "offered": 7, "answered": 1, "talk_ms": 115_000, "talk_n": 2, "hold_ms": 0, "hold_n": 0,
    "acw_ms": 0, "acw_n": 0, "handle_2_n": 2, "handle_2_ms": 115_000, "handle_8_n": 0,
    "handle_8_ms": 0, "transferred_out": 1, "several_agents": 1,
}  # fmt: skip
OUT: Hand = {
    "offered": 1, "answered": 1, "busy": 1, "answered_wait_ms": 8000, "answered_wait_n": 1,
    "talk_ms": 33_000, "talk_n": 1, "handle_2_n": 1, "handle_2_ms": 33_000, "max_wait_ms": 8000,
    "max_answered_wait_ms": 8000,
}  # fmt: skip
NO_QUEUE: Hand = {"talk_ms": 15_000, "talk_n": 1, "handle_2_n": 1, "handle_2_ms": 15_000}
ROWS: dict[str, tuple[dict[str, Any], str, Hand]] = {
    "visits": ({"unit": "v", "queue__name": "Sales", "direction": "inbound"}, "", VISITS),
    "contacts": ({"unit": "c"}, " contacts", CONTACTS),
    "outbound": ({"unit": "v", "direction": "outbound"}, " outbound", OUT),
    "no_queue": ({"unit": "v", "queue": None}, " no_queue", NO_QUEUE),
}


@pytest.fixture
def told(berlin: Site) -> Iterator[Callable[[], Told]]:
    """What is told of the night's quarter hours; one may write into them what cannot be."""
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("ALTER TABLE kpis_intervalstat DROP CONSTRAINT intervalstat_books_balance")
    with connection.cursor() as cursor:
        stretch = Stretch(berlin, DAY, DAY)
        paths.lay_out(cursor, stretch)
        yield lambda: of_quarters(cursor, stretch)


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def of_quarters(cursor: Any, stretch: Stretch) -> Told:
    lines = [one for one in books.of_days(cursor, stretch) if one.book == "quarters"]
    assert sum(line.times for line in lines if line.balances) > 0
    return [(line.what, line.one, line.other) for line in lines if not line.balances]


def a_row(start: datetime = AGAIN, channel: str = "voice", **which: Any) -> IntervalStat:
    return IntervalStat.objects.get(start=start, channel=channel, **which)


def altered(row: IntervalStat, told: Callable[[], Told], **values: Any) -> Told:
    """What is told once a row has these values; then it has its own again."""
    with transaction.atomic():
        IntervalStat.objects.filter(pk=row.pk).update(**values)
        found = told()
        transaction.set_rollback(True)
    return found


def test_what_is_held_against_the_record_is_every_column():
    stored = {field.attname for field in IntervalStat._meta.fields}
    keys = {"id", "site_id", "queue_id", "channel", "direction", "unit", "start"}
    apart = {"hist_codes", "hist_counts", "surveys", "asked"}
    sets = {f"handle_{n}_{what}" for n in range(1, PART_SETS + 1) for what in ("n", "ms")}
    assert {*quarters.COLUMNS} == stored - keys - apart - {"handle_n", "handle_ms"} | sets
    assert {*quarters.COLUMNS} >= {*ADDITIVE}
    assert [one for one in quarters.COLUMNS if "_" in words_of(one)] == []


@pytest.mark.parametrize("of", ROWS)
def test_a_column_of_a_quarter_hour_that_is_altered_is_one_line_with_both_answers(told, of):
    which, whose, by_hand = ROWS[of]
    row = a_row(**which)
    assert told() == []
    for column in quarters.COLUMNS:
        right = by_hand.get(column, 0)
        wrong = right + 1000 if column.startswith("max_") else right + 1
        if column.startswith("handle_"):
            _handle, place, what = column.split("_")
            name = f"handle_{what}"
            before = list(getattr(row, name))
            values = {name: [*before[: int(place) - 1], wrong, *before[int(place) :]]}
        else:
            values = {column: wrong}
        answer = right if right or not column.startswith("max_") else None
        assert altered(row, told, **values) == [(f"{column} 02:15+01:00{whose}", wrong, answer)]


@pytest.mark.parametrize(
    ("of", "cells"),
    [
        (
            "visits",
            {
                # Answered after 30 s; abandoned between 12 and 13; lost after 7, 50 and 100; asked
                # to be called back after 20. One left while it rang; one waited 19 minutes until
                # the call back. One came by a transfer, and nobody knows how long it waited.
                "hist.0.0.60": 1, "hist.1.0.25": 1, "hist.2.0.14": 1, "hist.2.0.100": 1,
                "hist.2.0.200": 1, "hist.3.0.40": 1, "hist.4.0.25": 1, "hist.5.0.2280": 1,
                "hist.7.1.0": 1,
            },
        ),
        (
            "contacts",
            {
                "hist.0.0.60": 1, "hist.1.0.25": 1, "hist.2.0.14": 1, "hist.2.0.100": 1,
                "hist.2.0.200": 1, "hist.3.0.40": 1, "hist.4.0.25": 1, "hist.5.0.2280": 1,
            },
        ),
        ("outbound", {"hist.0.0.16": 1, "hist.6.0.66": 1}),
    ],
)  # fmt: skip
def test_a_wait_too_many_of_one_length_is_one_line(told, of, cells):
    which, whose, _by_hand = ROWS[of]
    row = a_row(**which)
    codes, counts = ([int(one) for one in text.split(",")] for text in _hist(row))
    names = {name: _code(name) for name in cells}
    assert sorted(names.values()) == codes
    for name, n in cells.items():
        wrong = [
            one + 2 if code == names[name] else one for code, one in zip(codes, counts, strict=True)
        ]
        found = altered(row, told, hist_counts=_text(wrong))
        assert found == [(f"{name} 02:15+01:00{whose}", n + 2, n)]
    # One that is not in the record, and one that is there and was forgotten.
    more = altered(row, told, hist_codes=_text([*codes, 5]), hist_counts=_text([*counts, 3]))
    assert more == [(f"hist.0.0.5 02:15+01:00{whose}", 3, 0)]
    less = altered(row, told, hist_codes=_text(codes[1:]), hist_counts=_text(counts[1:]))
    (first,) = (name for name in cells if names[name] == codes[0])
    assert less == [(f"{first} 02:15+01:00{whose}", 0, cells[first])]


def _hist(row: IntervalStat) -> tuple[str, str]:
    return row.hist_codes, row.hist_counts


def _text(numbers: Sequence[int]) -> str:
    return ",".join(map(str, numbers))


def _code(name: str) -> int:
    """The number that stands for a length: its class, twice, and whether a transfer brought it,
    above 20 bits of its bin."""
    _hist, class_, transferred, bin_ = name.split(".")
    return (int(class_) * 2 + int(transferred)) * 2**20 + int(bin_)


@pytest.mark.parametrize("of", ["visits", "contacts"])
@pytest.mark.parametrize(
    ("column", "text", "told_of", "wrong", "right"),
    [
        # One answer on a scale of 1 to 5: a 4, which is good.
        ("surveys", "0,1,5,2,4,1,0", "surveys.csat.1.5.n", 2, 1),
        ("surveys", "0,1,5,1,3,1,0", "surveys.csat.1.5.total", 3, 4),
        ("surveys", "0,1,5,1,4,0,0", "surveys.csat.1.5.top", 0, 1),
        ("surveys", "0,1,5,1,4,1,1", "surveys.csat.1.5.bottom", 1, 0),
        ("asked", "0,3,1,1", "asked.csat.told", 3, 1),
        ("asked", "0,1,0,1", "asked.csat.invited", 0, 1),
        ("asked", "0,1,1,2", "asked.csat.invited_told", 2, 1),
        ("asked", "0,1,1,1;1,1,0,0", "asked.nps.told", 1, 0),
        ("asked", "0,1,1,1;9,1,0,0", "asked.?.told", 1, 0),
    ],
)
def test_what_callers_said_and_were_asked_is_told_by_kind(
    told, of, column, text, told_of, wrong, right
):
    which, whose, _by_hand = ROWS[of]
    found = altered(a_row(**which), told, **{column: text})
    assert found == [(f"{told_of} 02:15+01:00{whose}", wrong, right)]


def test_the_quarter_hour_that_comes_twice_is_told_apart(told):
    """Of one call each: 50 s of talk at the first."""
    row = a_row(FIRST, unit="v")
    assert altered(row, told, talk_ms=51_000) == [("talk_ms 02:15+02:00", 51_000, 50_000)]
    assert words_of("talk_ms 02:15+02:00") == "talk, time, 02:15 +02:00"


def test_a_channel_is_told_where_it_is_no_call(told):
    """One hung up a chat after 3 s; as a call it would be one of voice too many."""
    row = a_row(channel="chat", unit="v")
    assert altered(row, told, abandoned_wait_ms=4000) == [
        ("abandoned_wait_ms 02:15+01:00 chat", 4000, 3000)
    ]
    found = altered(row, told, channel="email")
    assert ("offered 02:15+01:00 chat", 0, 1) in found
    assert ("offered 02:15+01:00 email", 1, 0) in found


def test_a_row_of_no_call_and_one_that_is_missing_are_told_by_what_is_in_them(told):
    row = a_row(FIRST, unit="v")
    cells = {
        "offered": 1, "answered": 1, "answered_wait_ms": 4000, "answered_wait_n": 1,
        "max_wait_ms": 4000, "max_answered_wait_ms": 4000, "talk_ms": 50_000, "talk_n": 1,
        "handle_2_n": 1, "handle_2_ms": 50_000, "hist.0.0.8": 1,
    }  # fmt: skip
    found = {(what, one or 0, other or 0) for what, one, other in told_without(row, told)}
    assert found == {(f"{name} 02:15+02:00", 0, n) for name, n in cells.items()}
    moved = altered(row, told, start=FIRST - 15 * MINUTE)
    assert {what for what, *_ in moved} == {
        f"{name} {clock}+02:00" for name in cells for clock in ("02:00", "02:15")
    }


def told_without(row: IntervalStat, told: Callable[[], Told]) -> Told:
    with transaction.atomic():
        IntervalStat.objects.filter(pk=row.pk).delete()
        found = told()
        transaction.set_rollback(True)
    return found


def test_of_a_whole_wrong_day_the_first_are_told_and_how_many_more_there_are():
    """Fourteen quarter hours of a call each, all of whose talk is a second too long: ten of a
    day and column are told. What is checked is all of them."""
    site = a_site("Leeds", "Europe/London")
    sales = a_queue(site, "Sales")
    for number in range(14):
        a_call(sales, datetime(2026, 7, 1, 8, tzinfo=UTC) + number * 15 * MINUTE, talk=60)
    rollups.rebuild()
    day = date(2026, 7, 1)
    with connection.cursor() as cursor:
        stretch = Stretch(site, day, day)
        paths.lay_out(cursor, stretch)
        clean = [one for one in books.of_days(cursor, stretch) if one.book == "quarters"]
        IntervalStat.objects.filter(unit="v").update(talk_ms=61_000)
        lines = [one for one in books.of_days(cursor, stretch) if one.book == "quarters"]
    told = [(one.what, one.one, one.other) for one in lines if not one.balances]
    clocks = [f"{9 + number // 4:02}:{number % 4 * 15:02}" for number in range(10)]
    assert told == [
        *((f"talk_ms {clock}+01:00", 61_000, 60_000) for clock in clocks),
        ("talk_ms more", 4, 0),
    ]
    assert sum(one.times for one in lines) == sum(one.times for one in clean)
    assert words_of("talk_ms more") == "talk, time, how many more differ"


def test_both_answers_of_a_quarter_hour_are_on_the_page_and_printed(client, berlin):
    """Every cell is in words: what, when, whose."""
    IntervalStat.objects.filter(unit="c", start=AGAIN, channel="voice").update(talk_ms=116_000)
    IntervalStat.objects.filter(direction="outbound", start=AGAIN).update(hist_counts="1,4")
    out = StringIO()
    with suppress(CommandError):
        call_command("verify", stdout=out)
    printed = [one for one in out.getvalue().splitlines() if "Each cell" in one and "≠" in one]
    book = "Each cell of each quarter hour = what the record tells of it"
    assert printed == [
        f"2025-10-26 Sales {book}: talk, 33 s, 02:15 +01:00, Outbound 4 ≠ 1",
        f"2025-10-26 Berlin {book}: talk, time, 02:15 +01:00, contacts 1:56 ≠ 1:55",
    ]
    client.force_login(a_user("manager", berlin))
    (site,) = client.get(reverse("books")).context["shown"]
    rows = [row for row in site["rows"] if row.name == book]
    assert [(row.what, row.where, row.shown, row.second) for row in rows] == [
        ("talk, 33 s, 02:15 +01:00, Outbound", "Sales", "4", "1"),
        ("talk, time, 02:15 +01:00, contacts", "Berlin", "1:56", "1:55"),
    ]
    checked, wrong = VerifyRun.objects.get(site=berlin).books["quarters"]
    assert wrong == 2
    # Rows: visits, outbound, no queue, contacts, and chats in both; of the call at the first
    # quarter past two and of the call back two more each.
    assert checked > len(quarters.COLUMNS) * 8


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("hist.1.0.25 02:15+01:00", "waits of the abandoned, between 12 and 13 s, 02:15 +01:00"),
        ("hist.7.1.0", "unknown waits of the answered, transferred to the queue"),
        ("handle_6_ms", "handling of which is known: talk, after-call work; time"),
        ("handle_1_n", "handling of which is known: nothing; how many"),
        ("surveys.csat.1.5.total", "scores of surveys (Satisfaction 1–5)"),
        ("asked.?.told", "answered, with an answer to a survey (?)"),
        ("asked.nps.invited", "sent a link to a survey (Recommendation)"),
        ("hist more", "waits by their length, how many more differ"),
        ("offered 09:00+00:00 no_queue chat", "offered, 09:00 +00:00, calls on no queue, Chat"),
        ("ccm_offer 7: 9", "ccm_offer 7: 9"),
    ],
)
def test_a_cell_is_said_in_words(what, words):
    assert words_of(what) == words


@pytest.mark.parametrize("of", ["queue", "agent", "site"])
def test_counts_that_contradict_themselves_are_told_of_whose_they_are(berlin, of):
    """Ten times as many waits as calls, of a queue, of an agent, of the site in contacts."""
    rows = DayStat.objects.filter(site=berlin, direction="inbound").exclude(hist_counts="")
    whose = {
        "queue": rows.filter(agent=None, unit="v", queue__name="Sales"),
        "agent": rows.filter(agent__name="Ann", unit="a"),
        "site": rows.filter(unit="c"),
    }[of]
    assert whose.update(hist_counts=Concat(Value("9"), "hist_counts")) > 0
    out = StringIO()
    with suppress(CommandError):
        call_command("verify", stdout=out)
    (line,) = [one for one in out.getvalue().splitlines() if "contradict itself:" in one]
    name = {"queue": "Sales", "agent": "Ann", "site": "Berlin"}[of]
    assert line.startswith(f"2025-10-26 {name} What is kept of a day does not contradict itself: ")


@settings(max_examples=examples(8), phases=WITHOUT_SHRINKING)
@given(centres(most_contacts=20), st.randoms(use_true_random=False))
def test_of_a_random_centre_only_the_one_cell_that_is_altered_is_told(
    centre: Centre, chance: Random
) -> None:
    with taken_back(centre.zone, centre.begins) as site, connection.cursor() as cursor:
        write(site, centre.visits, centre.alone)
        lose_waits(site, centre.visits)
        hang_on(site, centre.visits)
        recount()
        rows = list(IntervalStat.objects.filter(site=site).order_by("pk"))
        if not rows:
            return
        days = paths.days_told(site)
        stretch = Stretch(site, days[0], days[-1])
        paths.lay_out(cursor, stretch)
        assert of_quarters(cursor, stretch) == []
        row = chance.choice(rows)
        # Endings have to add up, so that none of them is altered alone.
        column = chance.choice([one for one in ADDITIVE if one not in ENDINGS])
        right = getattr(row, column)
        IntervalStat.objects.filter(pk=row.pk).update(**{column: right + 3})
        ((what, one, other),) = of_quarters(cursor, stretch)
        assert (what.split()[0], one, other) == (column, right + 3, right)
        moment = row.start.astimezone(site.tz)
        assert what.split()[1] == f"{moment:%H:%M}{moment.isoformat()[-6:]}"


ENDINGS = {
    "offered", "answered", "abandoned", "timed_out", "key_exit", "callback_requested", "other",
    "in_progress",
}  # fmt: skip
