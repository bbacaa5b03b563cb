"""Every KPI of small made-up centres, as the program reports it and as plain SQL says."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ccm import identity, partitions
from ccm.intervals import day_of
from ccm.models import Call, CallNote, Queue, Site, SurveyInvitation
from ccm.models import SurveyResponse as Response
from kpis.definitions import KPIS, parse
from kpis.rollups import recount_dirty
from tests.builders import a_record, a_site, stored
from tests.examples import examples
from tests.oracle.oracle import EVERY_KPI, Oracle, disagreements, report, rows_of

pytestmark = pytest.mark.django_db

# A failure names the row and the KPI; shrinking its centre takes minutes and says little more.
WITHOUT_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)

WAYS = ("total", "interval", "day", "queue", "agent")
# An agent's calls on no queue are talk, but their waits are not counted: then there is no H4.
NOT_COMPARED = dict.fromkeys(WAYS, ()) | {"agent": ("aht:H4",)}

# Days on which clocks change (at midnight itself in Cairo and Havana), and zones off the hour.
DAYS = [
    ("UTC", date(2026, 3, 2)),
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2025, 10, 26)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2025, 10, 5)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("America/Havana", date(2025, 11, 2)),
    ("Asia/Kolkata", date(2026, 3, 2)),
    ("Asia/Kathmandu", date(2025, 12, 31)),
]
QUEUES = ("Sales", "Service", "Störung")
AGENTS = ("Ann", "Ben", "Çelik, Deniz")
EXITS = (
    "abandoned",
    "timed_out",
    "key_exit",
    "callback_requested",
    "voicemail",
    "failed",
    "other",
    "refused",
    "busy",
    "left_ivr",
    "in_progress",
)
SCALES = ((1, 5), (0, 10), (1, 7), (1, 10))
APART = ("refused", "busy", "left_ivr")
OFFERED = (
    "answered",
    "abandoned",
    "timed_out",
    "key_exit",
    "callback_requested",
    "other",
    "in_progress",
)
MS = timedelta(milliseconds=1)

# At and just beside the short-abandon limit, the threshold and ten minutes; whole and broken.
WAITS = st.one_of(
    st.sampled_from(
        (0, 1, 999, 1000, 4999, 5000, 5001, 19_999, 20_000, 20_001, 599_999, 600_000, 600_001)
    ),
    st.integers(0, 90).map(lambda seconds: seconds * 1000),
    st.integers(0, 5_000_000),
)
TALKS = st.one_of(st.sampled_from((0, 1, 60_000)), st.integers(0, 900_000))
GAPS = st.sampled_from((1, 1000, 60_000, 900_000, 10_800_000, 86_400_000))


Hours = dict[str, list[list[str]]]
# Always open, closed on some days, with edges on a quarter hour and beside.
OPENING: st.SearchStrategy[Hours] = st.dictionaries(
    st.sampled_from([str(weekday) for weekday in range(7)]),
    st.sampled_from(
        ([["00:00", "24:00"]], [["00:10", "02:20"], ["03:00", "22:05"]], [["01:30", "12:00"]], [])
    ),
)


@dataclass(frozen=True)
class Visit:
    """A row for the loader, with what belongs to it; `wait_lost` wipes the wait once stored."""

    record: dict[str, Any]
    offers: tuple[dict[str, Any], ...] = ()
    surveys: tuple[dict[str, Any], ...] = ()
    wait_lost: bool = False
    escalation: str | None = None  # of a note; None: there is none
    asked: tuple[str, ...] = ()  # by a link
    withdrawn: int | None = None  # hours after the link ran out


@dataclass(frozen=True)
class Centre:
    zone: str
    begins: int  # the hour that its days begin at
    day: date
    visits: tuple[Visit, ...]
    alone: tuple[dict[str, Any], ...] = ()  # answers that know no call
    opening: Hours = field(default_factory=dict)
    queue_hours: Hours = field(default_factory=dict)  # of the queue Sales

    def span(self, alone: bool = False) -> tuple[date, date]:
        """The day itself, or it and its neighbours: calls of a centre also fall on these."""
        beside = timedelta(days=0 if alone else 1)
        return self.day - beside, self.day + beside


@st.composite
def rings(draw: st.DrawFn, at: datetime) -> tuple[dict[str, Any], ...]:
    results = draw(
        st.lists(
            st.sampled_from(("answered", "no_answer", "declined", "unreachable", "cancelled")),
            max_size=3,
        )
    )
    return tuple(
        {
            "agent": draw(st.sampled_from(AGENTS)),
            "ended_ms": identity.milliseconds(at) + number,
            "ring_ms": 0 if result == "unreachable" else draw(st.integers(1, 30_000)),
            "outcome": result,
        }
        for number, result in enumerate(results)
    )


@st.composite
def opinions(draw: st.DrawFn, at: datetime) -> tuple[dict[str, Any], ...]:
    kind = draw(st.sampled_from(("", "", "csat", "csat", "nps", "ces", "fcr")))
    if not kind:
        return ()
    low, high = (0, 1) if kind == "fcr" else draw(st.sampled_from(SCALES))
    return (
        {
            "kind": kind,
            "scale_min": low,
            "scale_max": high,
            "score": float(draw(st.integers(low, high))),
            "answered_at": at,
        },
    )


@st.composite
def visits(draw: st.DrawFn, contact: str, direction: str, at: datetime) -> tuple[Visit, datetime]:
    """A visit that begins at `at`, and when it was over."""
    queue = draw(st.sampled_from((*QUEUES, *QUEUES, *QUEUES, None)))
    answered = draw(st.booleans())
    wait = draw(st.one_of(WAITS, st.none()))
    known = {
        "external_id": contact,
        "linked_id": contact,
        "direction": direction,
        "queue": queue,
        "wait_ms": wait,
        # Some sources tell no more than the day.
        "time_precision": draw(st.sampled_from((*["ms"] * 7, "day"))),
    }
    left = at + (wait or 0) * MS
    if not answered:
        outcome = draw(st.sampled_from(EXITS))
        # Where the source gives no wait, it would be filled from when the visit ended.
        ended = None if wait is None or outcome == "in_progress" else left
        if outcome == "in_progress":
            known["wait_ms"] = None
        # What never entered the queue rang at nobody.
        rang = () if outcome in APART else draw(rings(at))
        return Visit(a_record(at, outcome=outcome, ended_at=ended, **known), rang), left
    talk = draw(st.one_of(TALKS, st.none()))
    record = a_record(
        at,
        outcome="answered",
        agent=draw(st.sampled_from((*AGENTS, None))),
        answered_at=left,
        ended_at=None if talk is None else left + talk * MS,
        talk_ms=talk,
        hold_ms=draw(st.one_of(st.none(), TALKS)),
        acw_ms=draw(st.one_of(st.none(), TALKS)),
        resolved=draw(st.sampled_from((None, True, False))),
        transfer_kind=draw(st.sampled_from(("", "", "blind", "attended"))),
        **known,
    )
    visit = Visit(
        record,
        draw(rings(at)),
        draw(opinions(left)),
        wait_lost=wait is None,
        escalation=draw(st.sampled_from((None, "", "second line"))),
        asked=draw(st.sampled_from(((), ("csat",), ("csat", "nps", "ces")))),
        withdrawn=draw(st.sampled_from((None, None, None, -1, 0, 1))),
    )
    return visit, left + (talk or 0) * MS


@st.composite
def answers_alone(draw: st.DrawFn, begin: datetime) -> dict[str, Any]:
    """An answer of a row of its own, on the day or near its edges, perhaps of no queue."""
    at = begin + draw(st.sampled_from((-1, 0, 1, 30, 95, 96))) * timedelta(minutes=15)
    at += draw(st.sampled_from((0, -1, 1))) * MS
    low, high = draw(st.sampled_from(SCALES))
    number = draw(st.integers(1, 1000))
    return {
        "kind": draw(st.sampled_from(("csat", "csat", "nps", "ces"))),
        "scale_min": low,
        "scale_max": high,
        "score": float(draw(st.integers(low, high))),
        "answered_at": at,
        "line": number,
        "lines": 1,
        "external_id": f"a{number}",
        "birth_ms": identity.milliseconds(at),
        "queue": draw(st.sampled_from((*QUEUES, None))),
        "agent": draw(st.sampled_from((*AGENTS, None))),
    }


@st.composite
def centres(draw: st.DrawFn, most_contacts: int = 12) -> Centre:
    """A day of a small centre, with the evening before and the night after."""
    zone, day = draw(st.sampled_from(DAYS))
    begins = draw(st.sampled_from((0, 0, 0, 2, 6, 12)))
    begin = datetime.combine(day, time(begins), ZoneInfo(zone)).astimezone(UTC)
    made: list[Visit] = []
    for number in range(draw(st.integers(0, most_contacts))):
        direction = draw(st.sampled_from((*["inbound"] * 12, "outbound", "outbound", "internal")))
        # Often at an edge of the day or of a quarter hour, or in the hours of the clock change.
        quarter = draw(st.one_of(st.sampled_from((-1, 0, 4, 7, 8, 96)), st.integers(-6, 102)))
        beside = draw(st.one_of(st.sampled_from((0, -1, 1)), st.integers(0, 899_999)))
        at = begin + quarter * timedelta(minutes=15) + beside * MS
        for _ in range(draw(st.sampled_from((1, 1, 1, 2, 3)))):
            visit, over = draw(visits(f"c{number}", direction, at))
            made.append(visit)
            at = over + draw(GAPS) * MS
            if visit.record["outcome"] == "callback_requested" and draw(st.booleans()):
                # Called back, perhaps on another day, perhaps in vain.
                visit, over = draw(visits(f"c{number}", "outbound", at))
                made.append(visit)
                at = over + MS
    alone = draw(st.lists(answers_alone(begin), max_size=4, unique_by=lambda one: one["line"]))
    hours = draw(OPENING), draw(st.one_of(st.just({}), OPENING))
    return Centre(zone, begins, day, tuple(made), tuple(alone), *hours)


def write(site: Site, some: tuple[Visit, ...], alone: tuple[dict[str, Any], ...] = ()) -> None:
    """Store visits, and answers that know none, through the loader, as one chunk."""
    if not some and not alone:
        return

    def of_all(part: Callable[[Visit], tuple[dict[str, Any], ...]]) -> list[dict[str, Any]]:
        return [{"call": row} | one for row, visit in enumerate(some) for one in part(visit)]

    stored(
        site,
        *(one.record for one in some),
        offers=of_all(lambda one: one.offers),
        surveys=[*of_all(lambda one: one.surveys), *alone],
    )


def found(site: Site, one: Visit) -> Call:
    """The row of a visit: what tells its day alone lies where that begins."""
    at = one.record["offered_at"]
    which = {
        "source": "test",
        "external_id": one.record["external_id"],
        "site": site,
        # Another visit may have come just when the day begins.
        "time_precision": one.record["time_precision"],
    }
    if one.record["time_precision"] == "day" and site.day_begins:
        born = identity.id_floor(one.record["offered_at"])
        return Call.objects.get(**which, id__gte=born, id__lt=identity.id_floor(at + MS))
    return Call.objects.get(**which, offered_at=at)


def lose_waits(site: Site, some: tuple[Visit, ...]) -> None:
    """Forget the waits that no source gave: the loader reckons an answered one from its stamps."""
    lost = [found(site, one).pk for one in some if one.wait_lost]
    Call.objects.filter(pk__in=lost).update(wait_ms=None)


def hang_on(site: Site, some: tuple[Visit, ...]) -> None:
    """Write the notes and make the links of visits that are stored."""
    for one in some:
        if one.escalation is None and not one.asked:
            continue
        call, at = found(site, one), one.record["offered_at"]
        if one.escalation is not None:
            CallNote.objects.create(call=call, site=site, at=at, escalation=one.escalation)
        if one.asked:
            ran_out = at + timedelta(days=7)
            withdrawn = None
            if one.withdrawn is not None:
                withdrawn = ran_out + timedelta(hours=one.withdrawn)
            SurveyInvitation.objects.create(
                hash=call.pk.hex, call=call, site=site, questions=one.asked, expires_at=ran_out,
                withdrawn_at=withdrawn,
            )  # fmt: skip


def entry_of(visit: Visit) -> Visit:
    """What a log says of a visit that it ends too early to see through."""
    if visit.record["outcome"] in APART:
        return visit
    seen = ("external_id", "linked_id", "direction", "queue", "time_precision")
    return Visit(
        a_record(visit.record["offered_at"], **{name: visit.record[name] for name in seen})
    )


def recount() -> None:
    while recount_dirty():
        pass


@contextmanager
def taken_back(zone: str, begins: int = 0) -> Iterator[Site]:
    """A site of its own for one example; nothing of it stays."""
    with transaction.atomic():
        yield a_site("Here", zone, begins)
        transaction.set_rollback(True)


def everything(site: Site, centre: Centre) -> list[str]:
    """All that the program reports of a centre, to the byte, but for addresses, which have ids, and
    for what is still being counted: who came again is, by itself and later."""
    told = (report(site, *centre.span(), way) for way in WAYS)
    return [re.sub(r'"passport_url": "[^"]*"|"counting": \[[^]]*\]', "", one) for one in told]


@pytest.fixture(autouse=True)
def elsewhere(db: None) -> None:
    """Another site with queues, agents and contacts of the same names, which must not mix in."""
    # September to May
    partitions.ensure_months(date(2025 + n // 12, n % 12 + 1, 1) for n in range(8, 17))
    at = datetime(2026, 3, 29, 1, tzinfo=UTC)
    answered = {"outcome": "answered", "answered_at": at + 7000 * MS, "talk_ms": 1000}
    stored(
        a_site("Elsewhere"),
        a_record(at, external_id="c0", linked_id="c0", agent="Ann", **answered),
        source="test elsewhere",
    )
    recount()


# KPIs with a second path of their own: a minute at a time (tests/kpis/test_presence.py), each pair
# of calls (test_repeats.py, test_matters.py), and what lists tell, by hand (test_money.py,
# test_people.py, test_ramp.py).
ELSEWHERE = {
    "occupancy", "fcr", "resolution_time", "turnover", "ramp_time", "cost_per_call", "conversion",
    "revenue", "pipeline", "utilisation", "shrinkage", "calls_per_hour",
    "contacts_per_hour", "dials_per_hour", "conversations_per_hour",
}  # fmt: skip


def test_every_kpi_in_every_variant_has_a_second_path() -> None:
    declared = {(kpi.id, one.id) for kpi in KPIS.values() for one in kpi.variants}
    told = {(kpi.id, one.id) for kpi, one in map(parse, EVERY_KPI)}
    assert {kpi for kpi, _variant in declared - told} == ELSEWHERE


@settings(max_examples=examples(5), phases=WITHOUT_SHRINKING)
@given(centres(), st.booleans())
def test_every_kpi_of_every_row_is_what_sql_over_the_raw_calls_says(
    centre: Centre, alone: bool
) -> None:
    first, last = centre.span(alone)
    with taken_back(centre.zone, centre.begins) as site:
        write(site, centre.visits, centre.alone)
        lose_waits(site, centre.visits)
        hang_on(site, centre.visits)
        Site.objects.filter(pk=site.pk).update(opening=centre.opening)
        Queue.objects.filter(site=site, name="Sales").update(hours=centre.queue_hours)
        site.refresh_from_db()
        recount()
        asked = [(way, "") for way in WAYS]
        named = [one.record["queue"] for one in centre.visits if one.record["queue"]]
        asked += [(way, named[0]) for way in ("total", "interval", "agent") if named]
        wrong = []
        is_before = before_the_record(site, last)
        for way, queue in asked:
            printed = report(site, first, last, way, queue)
            if is_before:
                # Of days before the first of the record nothing is known, and that is no 0.
                told = [figure for row in rows_of(printed).values() for figure in row.values()]
                assert {value for value, _n in told} <= {None}
                continue
            oracle = Oracle(site, first, last, queue)
            wrong += disagreements(oracle, way, printed, NOT_COMPARED.get(way, ()))
            assert_books_balance(printed)
        assert not wrong, "\n".join(wrong)


def before_the_record(site: Site, last: date) -> bool:
    """Whether the first that is told of a site is of a day after `last`."""
    calls = Call.objects.filter(site=site).values_list("offered_at", flat=True)
    answers = Response.objects.filter(site=site, call=None).values_list("answered_at", flat=True)
    moments = [*calls, *answers]
    return bool(moments) and day_of(min(moments), site.calendar) > last


def assert_books_balance(printed: str) -> None:
    for key, figures in rows_of(printed).items():
        count = {name: figures[name][0] for name in ("offered", *OFFERED)}
        if count["offered"] is None:
            continue  # an agent's
        assert count["offered"] == sum(count[name] for name in OFFERED), key


@settings(max_examples=examples(2), phases=WITHOUT_SHRINKING)
@given(centres(most_contacts=8), st.randoms(use_true_random=False))
def test_the_same_calls_in_any_order_twice_or_in_pieces_give_the_same_report(
    centre: Centre, chance: Random
) -> None:
    shuffled = list(centre.visits)
    chance.shuffle(shuffled)
    somewhere = chance.randint(0, len(shuffled))
    one_piece, other_piece = tuple(shuffled[:somewhere]), tuple(shuffled[somewhere:])
    whole = centre.visits
    entries = tuple(entry_of(one) for one in whole)
    ways: dict[str, list[tuple[Visit, ...]]] = {
        "as it was": [whole],
        "shuffled": [tuple(shuffled)],
        "twice": [whole, whole],
        "in two pieces": [one_piece, other_piece],
        "the pieces the other way round": [other_piece, one_piece],
        "entries first": [entries, whole],
        "entries last": [whole, entries],
    }
    told = {}
    for name, pieces in ways.items():
        with taken_back(centre.zone, centre.begins) as site:
            for piece in pieces:
                write(site, piece, centre.alone)
                recount()
            told[name] = everything(site, centre)
            if name == "as it was":
                call_command("rebuild", stdout=StringIO())
                told["counted anew"] = everything(site, centre)
    expected = told.pop("as it was")
    assert {name: told[name] == expected for name in told} == dict.fromkeys(told, True)


def test_a_contact_is_counted_once_at_its_first_entry_with_its_waits_up_to_the_answer() -> None:
    site = a_site(zone="Europe/Berlin")
    day = date(2026, 3, 2)
    at = datetime(2026, 3, 2, 22, 50, tzinfo=UTC)  # 23:50 in Berlin
    contact = {"linked_id": "c", "external_id": "c"}
    again = at + timedelta(minutes=15)
    stored(
        site,
        a_record(at, outcome="timed_out", wait_ms=600_000, ended_at=at + 600_000 * MS, **contact),
        # Five past midnight: the next day, another queue.
        a_record(
            again,
            queue="Service",
            agent="Ann",
            outcome="answered",
            wait_ms=15_000,
            talk_ms=90_000,
            answered_at=again + 15_000 * MS,
            **contact,
        ),
        offers=[{"call": 1, "agent": "Ben", "ended_ms": 1, "ring_ms": 0, "outcome": "unreachable"}],
    )
    recount()
    kpis = ["offered", "answered", "timed_out", "asa", "service_level", "talk", "ring_no_answer"]

    def told(first: date, last: date, by: str = "total") -> dict[Any, list[float | None]]:
        rows = rows_of(report(site, first, last, by, kpis=kpis))
        return {key: [figures[one][0] for one in kpis] for key, figures in rows.items()}

    next_day = day + timedelta(days=1)
    assert told(day, day) == {"": [1, 1, 0, 615.0, 0.0, 90.0, 1]}
    assert told(next_day, next_day) == {"": [0, 0, 0, None, None, None, 0]}
    assert told(day, next_day, "queue") == {
        "Sales": [1, 0, 1, None, 0.0, None, 0],
        "Service": [1, 1, 0, 15.0, 1.0, 90.0, 1],
    }
    assert told(next_day, next_day, "agent") == {
        "Ann": [None, 1, None, 15.0, None, 90.0, 0],
        "Ben": [None, 0, None, None, None, None, 1],
    }


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("hours", [1, 30, 72])
def test_a_contact_of_several_days_is_one_in_whatever_order_its_visits_come(
    hours: int, backwards: bool
) -> None:
    site = a_site()
    at = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    both = [
        a_record(moment, outcome="abandoned", wait_ms=1, linked_id="c")
        for moment in (at, at + timedelta(hours=hours))
    ]
    for one in reversed(both) if backwards else both:
        stored(site, one)
        recount()
    days = rows_of(report(site, date(2026, 3, 1), date(2026, 3, 9), "day", kpis=["offered"]))
    assert {day: row["offered"][0] for day, row in days.items() if row["offered"][0]} == {
        date(2026, 3, 2): 1
    }


def test_contacts_over_two_midnights_are_counted_on_their_own_first_day() -> None:
    site = a_site()
    visits_at = [
        ("a", "Sales", datetime(2026, 3, 2, 2, 0, tzinfo=UTC)),
        ("a", "Sales", datetime(2026, 3, 3, 2, 1, tzinfo=UTC)),
        ("b", "Service", datetime(2026, 3, 3, 12, 0, tzinfo=UTC)),
        ("b", "Service", datetime(2026, 3, 4, 0, 3, tzinfo=UTC)),
    ]
    stored(
        site,
        *(
            a_record(at, queue=queue, outcome="abandoned", external_id=name, linked_id=name)
            for name, queue, at in visits_at
        ),
    )
    recount()
    days = rows_of(report(site, date(2026, 3, 1), date(2026, 3, 9), "day", kpis=["offered"]))
    assert {day: row["offered"][0] for day, row in days.items() if row["offered"][0]} == {
        date(2026, 3, 2): 1,
        date(2026, 3, 3): 1,
    }


def test_the_hour_that_comes_twice_is_two_rows() -> None:
    site = a_site(zone="Europe/Berlin")
    day = date(2025, 10, 26)
    for hour in (0, 1):
        at = datetime(2025, 10, 26, hour, 40, tzinfo=UTC)
        stored(site, a_record(at, outcome="abandoned", wait_ms=1, external_id=f"at {hour}"))
    recount()
    rows = json.loads(report(site, day, day, "interval", kpis=["abandoned"]))["rows"]
    told = [(row["key"]["start"], row["kpis"]["abandoned"]["value"]) for row in rows]
    assert [one for one in told if one[1]] == [
        ("2025-10-26T02:30:00+02:00", 1),
        ("2025-10-26T02:30:00+01:00", 1),
    ]


def test_linked_ids_of_two_systems_are_two_contacts() -> None:
    site = a_site()
    day = date(2026, 3, 2)
    for source in ("one switch", "another"):
        stored(site, a_record(external_id="1", linked_id="1", wait_ms=None), source=source)
    recount()
    assert rows_of(report(site, day, day, "total", kpis=["offered"])) == {"": {"offered": (2, 2)}}
