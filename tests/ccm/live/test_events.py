"""What a source may post, and what it is told when it may not."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm.live.events import KINDS, TEXTS, Event, Survey, json_schema, payload, read, restored
from tests.ccm.live.words import NINE, posted


def pointers(value):
    found = read(value, NINE)
    assert isinstance(found, list), found
    return [fault.pointer for fault in found]


def test_an_event_is_read_with_its_moment_in_utc():
    event = read(
        {
            "id": "17", "kind": "call.offered", "at": "2026-05-04T14:30:00.250+05:30",
            "call": "c1", "queue": " Sales ", "caller": "+441134960123", "linked": "k1",
        },
        NINE,
    )  # fmt: skip
    assert event == Event(
        id="17", kind="call.offered", at=datetime(2026, 5, 4, 9, 0, 0, 250_000, tzinfo=UTC),
        call="c1", queue="Sales", caller="+441134960123", linked="k1",
    )  # fmt: skip


def test_members_that_are_not_known_are_kept_where_they_are_plain():
    event = read(
        posted("call.ended", 5, call="c1", line=3, vip=True, campaign="May", nothing=None), NINE
    )
    assert event.extra == {"line": 3, "vip": True, "campaign": "May"}
    assert pointers(posted("call.ended", 5, call="c1", tree={"a": 1})) == ["/tree"]
    assert pointers(posted("call.ended", 5, call="c1", **{"a/b~c": [1]})) == ["/a~1b~0c"]


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ([], [""]),
        (7, [""]),
        ({}, ["/id", "/kind", "/at"]),
        (posted("call.sung", 0, call="c1"), ["/kind"]),
        (posted("call.offered", 0), ["/call", "/queue"]),
        (posted("call.answered", 0, call="c1"), ["/agent"]),
        (posted("agent.state", 0, agent="Ann"), ["/state"]),
        (posted("agent.state", 0, agent="Ann", state="asleep"), ["/state"]),
        (posted("agent.login", 0, agent="   "), ["/agent"]),
        (posted("agent.login", 0, agent="A" * 161), ["/agent"]),
        (posted("agent.login", 0, agent="nul\0"), ["/agent"]),
        (posted("agent.login", 0, agent="half \ud83d"), ["/agent"]),
        (posted("agent.login", 0, agent="two\nlines"), ["/agent"]),
        (posted("call.ended", 0, call=7), ["/call"]),
        (posted("call.ended", 0, call="c1", outcome="answered"), ["/outcome"]),
        (posted("call.ended", 0, call="c1", resolved="yes"), ["/resolved"]),
        (posted("call.ended", 0, call="c1", weight=float("inf")), ["/weight"]),
        (posted("call.ended", 0, call="c1", weight=10**400), ["/weight"]),
        (posted("call.ended", 0, call="c1", **{f"m{n}": n for n in range(21)}), [""]),
    ],
)
def test_what_is_wrong_is_pointed_at(value, wrong):
    assert pointers(value) == wrong


@pytest.mark.parametrize(
    "at",
    [
        None, 1777885200, "", "yesterday", "2026-05-04", "2026-05-04T09:00:00",
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00",
        "1989-12-31T23:59:59+00:00",
    ],
)  # fmt: skip
def test_a_moment_needs_its_offset_and_a_plausible_year(at):
    assert pointers(posted("agent.login", 0, agent="Ann") | {"at": at}) == ["/at"]


@pytest.mark.parametrize(("hours", "good"), [(24, True), (24.1, False)])
def test_a_clock_may_be_a_day_ahead_and_no_more(hours, good):
    found = read(posted("agent.login", hours * 3600, agent="Ann"), NINE)
    assert isinstance(found, Event) == good


@pytest.mark.parametrize(
    ("survey", "wrong"),
    [
        ("good", ["/survey"]),
        ({}, ["/survey/kind", "/survey/min", "/survey/max", "/survey/score"]),
        ({"kind": "csat", "score": 6, "min": 1, "max": 5}, ["/survey/score"]),
        ({"kind": "csat", "score": float("nan"), "min": 1, "max": 5}, ["/survey/score"]),
        ({"kind": "csat", "score": True, "min": 1, "max": 5}, ["/survey/score"]),
        ({"kind": "csat", "score": 10**400, "min": 1, "max": 5}, ["/survey/score"]),
        ({"kind": "csat", "score": 5, "min": 5, "max": 5}, ["/survey/max"]),
        ({"kind": "csat", "score": 5, "min": 1, "max": 10**9}, ["/survey/max"]),
        ({"kind": [], "score": 5, "min": 1, "max": 5}, ["/survey/kind"]),
        ({"kind": "csat", "score": 5, "min": 1, "max": 5, "comment": 5}, ["/survey/comment"]),
    ],
)
def test_an_answer_is_on_its_scale(survey, wrong):
    assert pointers(posted("call.ended", 0, call="c1", survey=survey)) == wrong


def test_an_answer_is_read():
    said = {"kind": "csat", "score": 4, "min": 1, "max": 5, "comment": "Kind.\r\nQuick."}
    event = read(posted("call.wrapped_up", 0, call="c1", survey=said), NINE)
    assert event.survey == Survey("csat", 4.0, 1, 5, "Kind. Quick.")


moments = st.datetimes(
    datetime(1990, 1, 2), datetime(2026, 5, 4), timezones=st.just(timezone(timedelta(hours=2)))
)
names = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=20).map(str.strip)


@given(
    st.fixed_dictionaries(
        {
            "id": names.filter(bool),
            "kind": st.sampled_from(KINDS),
            "at": moments.map(datetime.isoformat),
            "call": names.filter(bool),
            "agent": names.filter(bool),
            "queue": names.filter(bool),
            "state": st.sampled_from(["available", "paused", "acw"]),
            "resolved": st.sampled_from([None, True, False]),
            "survey": st.sampled_from([None, {"kind": "nps", "score": 9, "min": 0, "max": 10}]),
            "own": names,
        }
    )
)
def test_what_is_kept_of_an_event_gives_the_event_back(value):
    event = read(value, NINE)
    kept = json.loads(json.dumps(payload(event)))
    assert restored(event.id, event.kind, event.at, event.call, event.agent, kept) == event


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner),
    max_leaves=8,
)
members = st.sampled_from([*TEXTS, "at", "resolved", "survey", "own"])


@given(st.dictionaries(members, json_values | st.sampled_from(KINDS)) | json_values)
def test_no_json_breaks_the_reading(value):
    found = read(value, NINE)
    kept = payload(found) if isinstance(found, Event) else [f.pointer for f in found]
    json.dumps(kept, ensure_ascii=False, allow_nan=False).encode()


def test_the_schema_names_what_the_reading_knows():
    described = set(json_schema()["properties"])
    # What a snapshot of another shape tells at once, nobody posts as such.
    assert described == {*Event.__slots__} - {"extra", "session", "shown"}


@pytest.mark.parametrize("name", ["\u200b", "\u202e\u200b", " \u2060 "])
def test_a_name_of_which_nobody_sees_anything_is_refused(name):
    said = {"id": "1", "kind": "agent.login", "at": NINE.isoformat(), "agent": name}
    assert pointers(said) == ["/agent"]
