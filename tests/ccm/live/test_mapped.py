"""Events of any make, read as an admin said: what is said is read, and nothing is guessed."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccm.live import events
from ccm.live.events import Event, Survey
from ccm.live.shapes.mapped import Mapped, Pointer, Wrong

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
# A switch that writes German, local time, and wraps its events.
SAID = {
    "parts": "/ereignisse",
    "members": {
        "id": "/nr",
        "kind": ["/art", "/grund"],
        "at": ["/tag", "/uhr"],
        "call": "/anruf/id",
        "queue": "/anruf/gruppe",
        "agent": "/platz/0/name",
        "ended_by": "/wer",
        "outcome": "/grund",
        "state": "/zustand",
        "reason": "/zustand",
        "resolved": "/geklärt",
        "survey.score": "/note",
    },
    "constants": {"queue": "Zentrale", "survey.kind": "csat", "survey.min": 1, "survey.max": 5},
    "meanings": {
        "kind": {
            "Kommt": "call.offered",
            "nimmt an": "call.answered",
            "Ende aufgelegt": "call.ended",
            "Ende": "call.ended",
            "Zustand": "agent.state",
            "Takt": None,
        },
        "ended_by": {"Anrufer": "caller", "Platz": "agent", "?": ""},
        "outcome": {"aufgelegt": "abandoned"},
        "state": {"Mittag": "paused", "frei": "available"},
        "resolved": {"ja": True, "nein": False},
    },
    "spelling": "dmy",
    "zone": "Europe/Berlin",
    "extra": {"account": "/kunde"},
}
SHAPE = Mapped.from_json(SAID)
BASE = {
    "nr": 7,
    "tag": "04.05.2026",
    "uhr": "10:30:12",
    "anruf": {"id": "c~1", "gruppe": "Vertrieb"},
}


def read(more, shape=SHAPE, now=NOW):
    return shape.read({**BASE, **more}, now)


def an_event(**members):
    """The event as it is posted in our own shape."""
    found = events.read({"id": "7", "at": "2026-05-04T08:30:12+00:00", **members}, NOW)
    assert isinstance(found, Event), found
    return found


def faults(found):
    return {one.pointer: one.message for one in found}


def test_members_are_found_where_the_pointers_say_and_words_mean_what_is_said():
    assert read({"art": "Kommt", "kunde": "K-5"}) == an_event(
        kind="call.offered", call="c~1", queue="Vertrieb", account="K-5"
    )
    # Upper and lower case are one; a list is pointed into by number; the queue is a constant.
    answered = {"art": "NIMMT AN", "platz": [{"name": "Platz 9"}], "anruf": {"id": 55}}
    assert read(answered) == an_event(
        kind="call.answered", call="55", agent="Platz 9", queue="Zentrale"
    )


def test_kinds_may_hang_on_two_members_and_only_what_a_kind_has_is_read_of_it():
    over = {"art": "Ende", "grund": "aufgelegt", "wer": "Anrufer", "zustand": "sonstwas"}
    assert read(over) == an_event(
        kind="call.ended", call="c~1", queue="Vertrieb", outcome="abandoned", ended_by="caller"
    )
    lunch = {"art": "Zustand", "zustand": "Mittag", "platz": [{"name": "9"}], "wer": "niemand"}
    assert read(lunch) == an_event(kind="agent.state", agent="9", state="paused", reason="Mittag")


def test_an_answer_is_read_where_there_is_a_score_and_not_made_of_constants_alone():
    over = {"art": "Ende", "note": 4, "geklärt": "ja"}
    found = read(over)
    assert found.survey == Survey("csat", 4, 1, 5)
    assert found.resolved is True
    assert read({"art": "Ende"}).survey is None
    assert read({"art": "Ende", "note": "4.5"}).survey.score == 4.5
    assert faults(read({"art": "Ende", "note": 9})) == {"/note": "This is not on the scale."}


def test_what_means_nothing_here_is_ignored():
    assert read({"art": "Takt", "tag": "never"}) is None
    assert read({"art": "Ende", "wer": "?"}).ended_by == ""


NEEDED, MEANING = "This is needed.", "It is not said what this word means."
TIME = "This is no time as it is said to be written."
UNWRITABLE = "This holds characters that cannot be stored."
PLAIN = "This is not known here, and only plain values are kept of what is not."


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"art": "Fax"}, {"/art": MEANING}),
        ({}, {"/art": "This is needed."}),
        ({"art": ["Kommt"]}, {"/art": "This is not text."}),
        ({"art": 1.5}, {"/art": "This is not text."}),
        ({"art": "Kommt", "anruf": {}}, {"/anruf/id": "This is needed."}),
        ({"art": "Kommt", "anruf": 5, "nr": None}, {"/anruf/id": NEEDED, "/nr": NEEDED}),
        ({"art": "Kommt", "nr": "x" * 121}, {"/nr": "This is longer than 120 characters."}),
        ({"art": "Kommt", "nr": "a\x00"}, {"/nr": UNWRITABLE}),
        ({"art": "Kommt", "nr": "\ud800"}, {"/nr": UNWRITABLE}),
        ({"art": "Kommt", "kunde": {}}, {"/kunde": PLAIN}),
        ({"art": "Ende", "wer": "Hund"}, {"/wer": MEANING}),
        ({"art": "Ende", "geklärt": "vielleicht"}, {"/geklärt": MEANING}),
        ({"art": "Kommt", "uhr": None}, {"/tag": TIME}),
        ({"art": "Kommt", "tag": "05/13/2026"}, {"/tag": TIME}),
        ({"art": "Kommt", "tag": "31.12.9999"}, {"/tag": "This is more than a day in the future."}),
        ({"art": "Kommt", "tag": None, "uhr": None}, {"/tag": "This is needed."}),
        ({"art": "Kommt", "tag": "x" * 10**6}, {"/tag": TIME}),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_pointed_at_where_it_was_posted(more, expected):
    assert faults(read(more)) == expected


def test_what_is_no_object_is_no_event():
    for value in (None, 5, "x", [], True):
        assert faults(SHAPE.read(value, NOW)) == {"": "An event is a JSON object."}


def test_events_are_found_where_a_post_wraps_them():
    assert SHAPE.events_in({"ereignisse": [1, 2], "n": 2}) == [1, 2]
    assert SHAPE.events_in([1]) is None
    assert Mapped.from_json(SAID | {"parts": None}).events_in([1]) == [1]


# Times


def a_shape(spelling, zone=""):
    members = {"kind": "/k", "at": "/t", "agent": "/a", "id": "/id"}
    said = {"members": members, "spelling": spelling, "zone": zone}
    return Mapped.from_json(said | {"constants": {"kind": "agent.login"}})


def moment(value, spelling, zone="", now=NOW):
    found = a_shape(spelling, zone).read({"t": value, "a": "Ann", "id": "1"}, now)
    return found.at.isoformat() if isinstance(found, Event) else found[0].message


@pytest.mark.parametrize(
    ("value", "spelling", "zone", "expected"),
    [
        ("2026-05-04T09:30:00.250+02:00", "iso", "", "2026-05-04T07:30:00.250000+00:00"),
        ("2026-05-04 07:30:00Z", "iso", "Europe/Berlin", "2026-05-04T07:30:00+00:00"),
        ("2026-05-04T09:30:00", "iso", "Europe/Berlin", "2026-05-04T07:30:00+00:00"),
        (1777879800, "epoch", "", "2026-05-04T07:30:00+00:00"),
        ("1777879800.25", "epoch", "", "2026-05-04T07:30:00.250000+00:00"),
        (1777879800250, "epoch_ms", "", "2026-05-04T07:30:00.250000+00:00"),
        ("05/04/2026 9:30 AM", "mdy", "Europe/Berlin", "2026-05-04T07:30:00+00:00"),
        ("04.05.26 09:30:00", "dmy2", "Europe/Berlin", "2026-05-04T07:30:00+00:00"),
        ("20260504093000", "compact", "Europe/Berlin", "2026-05-04T07:30:00+00:00"),
    ],
)
def test_times_are_read_as_they_are_said_to_be_written(value, spelling, zone, expected):
    assert moment(value, spelling, zone) == expected


@pytest.mark.parametrize(
    ("value", "spelling"),
    [
        ("2026-05-04", "iso"), ("2026-W19-1", "iso"), ("noon", "iso"), (1777879800, "iso"),
        ("9999-12-31T23:59:59", "iso"), (True, "epoch"), (1e300, "epoch"), ([], "epoch"),
        (10**40, "epoch_ms"), ("-" * 80, "dmy"), ("\ud800 10:00", "dmy"),
        ("2026-05-04T09:30\ud800", "iso"), ("0001-01-01T00:00:00+14:00", "iso"),
        (-(10**17), "epoch"),
    ],
)  # fmt: skip
def test_what_is_no_such_time_is_refused_in_words(value, spelling):
    assert moment(value, spelling, "Asia/Tokyo").startswith("This is ")


def test_a_time_without_offset_needs_a_zone():
    assert moment("2026-05-04T09:30:00", "iso") == (
        "This time has no offset from UTC, and it is said in no zone."
    )


@pytest.mark.parametrize(("now", "expected"), [("00:31", "00:30:00"), ("01:31", "01:30:00")])
def test_in_the_hour_that_comes_twice_it_is_the_one_that_was_just_now(now, expected):
    # Clocks went back from 3:00 to 2:00 on 26 October 2025, at 1:00 UTC.
    received = datetime.fromisoformat(f"2025-10-26T{now}:00+00:00")
    found = moment("2025-10-26T02:30:00", "iso", "Europe/Berlin", received)
    assert found == f"2025-10-26T{expected}+00:00"


def test_a_time_that_the_clocks_skipped_is_refused():
    words = "The clocks of its zone skipped this time."
    assert moment("2026-03-29T02:30:00", "iso", "Europe/Berlin") == words


def test_without_a_pointer_to_an_id_the_same_event_has_the_same_one():
    shape = Mapped.from_json({"members": {"kind": "/k", "at": "/t", "agent": "/a"}})
    one = {"k": "agent.login", "t": "2026-05-04T08:00:00Z", "a": "Ann", "n": 1}
    first, again = shape.read(one, NOW), shape.read(dict(reversed(one.items())), NOW)
    assert first.id == again.id
    assert first.id != shape.read(one | {"n": 2}, NOW).id


# What is no shape

LEAST = {"members": {"kind": "/k", "at": "/t"}}


@pytest.mark.parametrize(
    ("said", "pointers"),
    [
        ([], {""}),
        ({}, {"/members/at", "/members/kind"}),
        ({"members": []}, {"/members", "/members/at", "/members/kind"}),
        ({"members": {"kind": "k", "at": "/t"}}, {"/members/kind"}),
        ({"members": {"kind": "/~k", "at": "/t"}}, {"/members/kind"}),
        ({"members": {"kind": "/k", "at": "/" * 21}}, {"/members/at"}),
        ({"members": {"kind": ["/k"] * 5, "at": "/t"}}, {"/members/kind"}),
        ({"members": {"kind": "/k", "at": "/\x00"}}, {"/members/at"}),
        ({"members": {"kind": "/k", "at": "/t", "colour": "/c"}}, {"/members/colour"}),
        ({**LEAST, "spelling": "%Y"}, {"/spelling"}),
        ({**LEAST, "spelling": {}}, {"/spelling"}),
        ({**LEAST, "zone": "Mars/Olympus"}, {"/zone"}),
        ({**LEAST, "zone": ["UTC"]}, {"/zone"}),
        ({**LEAST, "constants": {"id": "1"}}, {"/constants/id"}),
        ({**LEAST, "constants": {"queue": 1.5}}, {"/constants/queue"}),
        ({"members": {"at": "/t"}, "constants": {"kind": "call"}}, {"/constants/kind"}),
        ({**LEAST, "meanings": {"kind": {"x": "y"}}}, {"/meanings/kind/x"}),
        ({**LEAST, "meanings": {"kind": {"x": ["call.ended"]}}}, {"/meanings/kind/x"}),
        ({**LEAST, "meanings": {"queue": {}}}, {"/meanings/queue"}),
        (
            {**LEAST, "meanings": {"kind": {"A": "call.ended", "a": "call.held"}}},
            {"/meanings/kind/a"},
        ),
        ({**LEAST, "extra": {"queue": "/q"}}, {"/extra/queue"}),
        ({**LEAST, "extra": {str(n): "/q" for n in range(21)}}, {"/extra"}),
        ({**LEAST, "code": "import os"}, {"/code"}),
        ({**LEAST, "parts": 5}, {"/parts"}),
    ],
)  # fmt: skip
def test_what_is_no_shape_is_refused_with_all_that_is_wrong(said, pointers):
    with pytest.raises(Wrong) as refused:
        Mapped.from_json(said)
    assert {one.pointer for one in refused.value.faults} == pointers


def test_pointers_are_those_of_rfc_6901():
    # The examples of its section 5.
    document = {
        "foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5,
        'k"l': 6, " ": 7, "m~n": 8,
    }  # fmt: skip
    told = {
        "": document, "/foo": ["bar", "baz"], "/foo/0": "bar", "/": 0, "/a~1b": 1, "/c%d": 2,
        "/e^f": 3, "/g|h": 4, "/i\\j": 5, '/k"l': 6, "/ ": 7, "/m~0n": 8,
    }  # fmt: skip
    assert {text: Pointer.of(text).find(document) for text in told} == told
    for nowhere in ("/foo/2", "/foo/01", "/foo/-", "/foo/bar", "/foo/0/0", "/x/y", "/foo/９"):
        assert Pointer.of(nowhere).find(document) is None


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
words = st.sampled_from(
    ["Kommt", "Ende", "nimmt an", "Zustand", "Takt", "frei", "04.05.2026", "10:30"]
)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*BASE, "art", "grund", "wer", "zustand", "note", "geklärt", "kunde"]),
        values | words,
    )
)
def test_whatever_is_posted_is_an_event_or_refused_in_words(more):
    found = read(more)
    if isinstance(found, Event):
        assert json.loads(json.dumps(events.payload(found))) == events.payload(found)
        assert all(not events.text_fault(one, 200) for one in (found.id, found.call, found.agent))
    else:
        assert found is None or all(one.message for one in found)


@settings(max_examples=200, deadline=None)
@given(
    values
    | st.dictionaries(st.sampled_from(list(SAID)), values | st.sampled_from(list(SAID.values())))
)
def test_whatever_is_said_is_a_shape_or_refused_in_words(said):
    try:
        Mapped.from_json(said)
    except Wrong as refused:
        told = [one.message for one in refused.faults]
    else:
        told = ["It is a shape."]
    assert all(told)
