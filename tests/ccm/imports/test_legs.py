"""Calls told by the rows of their legs: one row a call, whichever pieces come first."""

import random
from datetime import timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccm.imports.cells import legs
from ccm.imports.records import FileRefused
from ccm.imports.storing.load import store
from ccm.imports.storing.target import Fates, Target
from ccm.models import Call
from tests.builders import NINE, a_record, a_site, stored
from tests.examples import examples
from tests.logs import DATA, chunks_of, opened

SECOND = timedelta(seconds=1)
# Each format of legs, its log here, whether it begins with a header, and the zone of its times.
LOGS = [
    ("asterisk_cdr", "asterisk_cdr_master.csv", False, "UTC"),
    ("asterisk_cdr", "asterisk_cdr_pbxware.csv", True, "America/New_York"),
    ("freeswitch_cdr", "freeswitch_cdr.csv", False, "Europe/London"),
    ("cisco_cucm_cdr", "cisco_cucm_cdr.csv", True, ""),
]
ALL_LOGS = [
    *LOGS,
    ("asterisk_cdr", "asterisk_cdr_freepbx.csv", False, "Europe/London"),
    ("threecx_cdr", "threecx_cdr.csv", False, "Europe/London"),
]


def a_leg(**more):
    leg = {
        "line": 1, "external_id": "c1", "birth_ms": 0, "offered_at": NINE, "outcome": "answered",
        "agent": "Ann", "weight": 60, "key": 1, "leg": '{"n": 1}',
    }  # fmt: skip
    return leg | more


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"outcome": "answered", "agent": None, "weight": 1}, {"outcome": "voicemail"}),
        ({"weight": 1}, {"agent": None, "weight": 99}),  # who took it is known
        ({"weight": 61}, {}),  # the longer conversation
        ({"outcome": "voicemail", "weight": 1}, {"outcome": "abandoned", "weight": 99}),
        ({"outcome": "abandoned", "weight": 1}, {"outcome": "left_ivr", "weight": 99}),
        ({"outcome": "abandoned"}, {"outcome": "busy"}),  # one phone was busy, another rang
        ({"outcome": "busy"}, {"outcome": "failed"}),
        ({"key": 2}, {}),  # nothing else tells them apart
    ],
)
def test_the_leg_that_tells_most_tells_the_call(better, worse):
    one, other = a_leg(**better), a_leg(**({"key": 1} | worse))
    for rows in ([one, other], [other, one]):
        call = legs.one_each(pl.DataFrame(rows)).row(0, named=True)
        assert (call["outcome"], call["agent"]) == (one["outcome"], one["agent"])
        assert call["lines"] == 2


def test_each_leg_is_kept_once_under_a_name_of_its_own():
    rows = [a_leg(), a_leg(line=2), a_leg(line=3, key=7, leg='{"n": 2}', outcome="busy")]
    [call] = legs.one_each(pl.DataFrame(rows)).rows(named=True)
    assert call["extra"] == '{"legs": {"1": {"n": 1}, "7": {"n": 2}}}'
    assert (call["line"], call["lines"]) == (1, 3)


def test_a_leg_has_the_same_key_in_any_file():
    # CRC-32 of "c1|12|" and of "c1|12|x", as any tool for it says.
    keys = legs.leg_keys(pl.Series(["c1", "c1"]), pl.Series([12, 12]), pl.Series([None, "x"]))
    assert keys.to_list() == [0x1360B484, 0x661A310E]


def told():
    """All that the record knows of its calls, but which import told it."""
    names = [field.name for field in Call._meta.fields if field.name not in ("batch", "site")]
    return list(Call.objects.order_by("id").values_list(*names))


def imported(site, path, form, zone, size=1_000):
    fates = [
        store(chunk, Target(site, "switch"))
        for chunk in chunks_of(path, form, zone, chunk_lines=size)
    ]
    return sum(one.stored + one.updated + one.duplicate for one in fates)


@pytest.mark.django_db
@pytest.mark.parametrize(("form", "name", "header", "zone"), LOGS)
def test_pieces_in_any_order_end_in_the_same_rows(tmp_path, form, name, header, zone):
    site = a_site()
    imported(site, DATA / name, form, zone)
    whole = told()
    assert len({row[0] for row in whole}) == len(whole) > 1
    lines = (DATA / name).read_text().splitlines()
    top, rows = (lines[:1], lines[1:]) if header else ([], lines)
    for seed in range(6):
        Call.objects.all().delete()
        dice = random.Random(seed)
        mixed = rows * dice.randint(1, 2)
        dice.shuffle(mixed)
        cut = dice.randrange(1, len(mixed))
        for number, piece in enumerate([mixed[:cut], mixed[cut:]]):
            path = tmp_path / f"{seed}-{number}"
            path.write_text("\n".join([*top, *piece]) + "\n")
            imported(site, path, form, zone, size=dice.randint(1, 4))
        assert told() == whole, seed


@pytest.mark.django_db
@pytest.mark.parametrize(("form", "name", "header", "zone"), LOGS)
def test_the_same_log_again_changes_nothing(form, name, header, zone):
    site = a_site()
    [chunk] = chunks_of(DATA / name, form, zone)
    first, again = (store(chunk, Target(site, "switch")) for _ in range(2))
    assert first == Fates(stored=chunk.helped())
    assert again == Fates(duplicate=chunk.helped())


def leg_of(number, **more):
    return a_record(
        **{"lines": 1, "revision": number, "extra": f'{{"legs": {{"{number}": {{}}}}}}'} | more
    )


@pytest.mark.django_db
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (1, 0, 2)])
def test_an_answered_call_is_not_unanswered_by_its_other_legs(order):
    rang = leg_of(1, outcome="abandoned", wait_ms=30_000, ended_at=NINE + 30 * SECOND)
    taken = leg_of(
        3, outcome="answered", agent="Ann", talk_ms=60_000,
        answered_at=NINE + 31 * SECOND, ended_at=NINE + 91 * SECOND,
    )  # fmt: skip
    failed = leg_of(2, outcome="failed", agent="Bob", ring_ms=1_000, ended_at=NINE)
    site = a_site()
    for one in order:
        stored(site, (rang, taken, failed)[one])
    call = Call.objects.get()
    assert (call.outcome, call.agent.name, call.talk_ms) == ("answered", "Ann", 60_000)
    # Nothing of a leg that does not tell the call is mixed into it.
    assert (call.wait_ms, call.ring_ms) == (None, None)
    assert set(call.extra["legs"]) == {"1", "2", "3"}


@pytest.mark.django_db
def test_a_leg_that_adds_only_itself_updates_its_call():
    site = a_site()
    assert stored(site, leg_of(2)) == Fates(stored=1)
    assert stored(site, leg_of(1)) == Fates(updated=1)
    assert stored(site, leg_of(1)) == Fates(duplicate=1)


@pytest.mark.django_db
def test_of_two_versions_of_a_call_the_newer_stands_whole_in_either_order():
    older = a_record(lines=1, revision=1, outcome="abandoned", wait_ms=9_000, ended_at=NINE)
    newer = a_record(lines=1, revision=2, outcome="other", ended_at=NINE + SECOND)
    for first, second in ((older, newer), (newer, older)):
        site = a_site()
        source = f"switch-{site.pk}"
        stored(site, first, source=source)
        stored(site, second, source=source)
        call = Call.objects.get(source=source)
        assert (call.outcome, call.wait_ms, call.revision) == ("other", None, 2)
        assert call.ended_at == NINE + SECOND


@pytest.mark.parametrize(("form", "name", "header", "zone"), ALL_LOGS)
@settings(max_examples=examples(6), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_bytes_break_it_and_its_books_always_balance(tmp_path, form, name, header, zone, data):
    lines = (DATA / name).read_bytes().splitlines()
    a_line = st.sampled_from(lines)
    cells = st.sampled_from(
        [b"", b"-1", b"0", b"NULL", b"9" * 30, b"\xff", b'"', b'""', b"2021-01-04 09:00:00", b"x"]
    )
    foreign = st.one_of(
        st.binary(max_size=60),
        a_line,
        st.tuples(a_line, st.integers(0, 200)).map(lambda cut: cut[0][: cut[1]]),
        st.tuples(a_line, st.integers(0, 200)).map(lambda cut: cut[0][cut[1] :]),
        st.tuples(a_line, st.integers(0, 30), cells).map(
            lambda change: b",".join(
                change[2] if place == change[1] else cell
                for place, cell in enumerate(change[0].split(b","))
            )
        ),
    )
    rows = [*lines[header:], *data.draw(st.lists(foreign, max_size=20))]
    mixed = [*lines[:header], *data.draw(st.permutations(rows))]
    try:
        path = opened(tmp_path, b"\r\n".join(mixed))
        chunks_of(path, form, zone, chunk_lines=data.draw(st.integers(1, 30)))
    except FileRefused:
        return


@pytest.mark.parametrize(("form", "name", "header", "zone"), ALL_LOGS)
def test_a_log_cut_inside_a_line_is_read_but_for_that_line(tmp_path, form, name, header, zone):
    data = (DATA / name).read_bytes()
    start = data.index(b"\n") + 1 if header else 0
    middle = start + (len(data) - start) // 2
    middle += data[middle - 1 : middle + 1] == b"\n"
    for piece in (data[:middle], data[:start] + data[middle:]):
        chunks = chunks_of(opened(tmp_path, piece), form, zone)
        assert sum(chunk.rejected for chunk in chunks) <= 1
        assert sum(chunk.helped() for chunk in chunks) >= 1


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("name", "header", "zone"),
    [
        ("Master_2024-01.csv", False, "UTC"),
        ("freepbx_cdr_dmy_2017-09.csv", False, "Europe/London"),
        ("pbxware_cdr_to_2018-12-02.csv", True, "America/New_York"),
    ],
)
def test_the_real_logs_in_shuffled_pieces_end_in_the_same_rows(
    sample_data, tmp_path, name, header, zone, seed
):
    data = (sample_data / "calllogs" / "asterisk_cdr" / name).read_bytes()
    site = a_site()
    imported(site, opened(tmp_path, data), "asterisk_cdr", zone)
    whole = told()
    Call.objects.all().delete()
    lines = data.splitlines()
    top, rows = (lines[:1], lines[1:]) if header else ([], lines)
    dice = random.Random(seed)
    mixed = rows + dice.sample(rows, 40)
    dice.shuffle(mixed)
    cut = dice.randrange(1, len(mixed))
    for piece in (mixed[cut:], mixed[:cut]):
        path = opened(tmp_path, b"\n".join([*top, *piece]))
        imported(site, path, "asterisk_cdr", zone, size=dice.randint(50, 400))
    assert told() == whole
