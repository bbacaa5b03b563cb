"""What a queue_log leaves in the record, cut and mixed in any way: pauses, sessions, restarts."""

from datetime import UTC
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccm.imports.formats import FORMATS
from ccm.imports.records import Reading
from ccm.imports.storing.load import store
from ccm.imports.storing.target import Target, source_name
from ccm.models import AgentState, Call, Cutoff, DirtyDay, Offer
from tests.builders import a_site
from tests.logs import DATA, NOW, opened

pytestmark = pytest.mark.django_db

FORM = FORMATS["asterisk_queue_log"]
PAUSES, CALLS = (
    (DATA / name).read_text(encoding="utf-8").splitlines()
    for name in ("queue_log_pauses", "queue_log")
)
_number = count()


def imported(tmp_path, *pieces, site=None):
    """A site with the lines of each piece imported, one after the other."""
    site = site or a_site()
    target = Target(site, source_name(FORM.name, site))
    for lines in pieces:
        folder = tmp_path / str(next(_number))
        folder.mkdir()
        path = opened(folder, b"\n".join([*map(as_bytes, lines), b""]))
        for chunk in FORM.read(path, Reading(zone=None, now=NOW)):
            store(chunk, target)
    return site


def as_bytes(line):
    return line if isinstance(line, bytes) else line.encode()


def record(site):
    """All that the record holds of a site, but for ids."""
    calls = Call.objects.filter(site=site)
    told = ("external_id", "queue__name", "agent__name", "direction", "offered_at", "answered_at",
            "ended_at", "entry_known", "wait_ms", "ring_ms", "talk_ms", "outcome", "ended_by",
            "transfer_kind", "transfer_target", "extra")  # fmt: skip
    rings = Offer.objects.filter(call__in=calls.values("id"))
    states = AgentState.objects.filter(agent__site=site)
    rows = (
        calls.values_list(*told),
        rings.values_list("call__external_id", "agent__name", "starts_at", "ring_ms", "outcome"),
        states.values_list("agent__name", "state", "reason", "starts_at", "ends_at", "cut_off"),
    )
    return [sorted(map(repr, some)) for some in rows]


def clock(moment):
    return None if moment is None else f"{moment.astimezone(UTC):%H:%M:%S}"


def spells(site, state="paused"):
    return [
        (agent, reason, clock(starts), clock(ends), cut)
        for agent, reason, starts, ends, cut in AgentState.objects.filter(
            agent__site=site, state=state
        )
        .order_by("agent__name", "starts_at")
        .values_list("agent__name", "reason", "starts_at", "ends_at", "cut_off")
    ]


def calls(site):
    return {
        row["external_id"]: (row["outcome"], row["ended_by"], clock(row["ended_at"]))
        for row in Call.objects.filter(site=site).values("external_id", "outcome", "ended_by",
                                                         "ended_at")
    }  # fmt: skip


def test_pauses_have_their_reasons_and_end_where_the_log_says_or_at_the_latest(tmp_path):
    site = imported(tmp_path, PAUSES)
    assert spells(site) == [
        # Added paused, and removed: no longer paused then.
        ("Ada König", "", "11:06:00", "11:10:00", True),
        # On two queues and all at once: paused once.
        ("Agent/201", "lunch", "09:30:00", "10:00:00", False),
        # Logged off while paused.
        ("Agent/201", "toilet", "11:00:00", "11:05:00", True),
        # Another reason took over.
        ("Agent/202", "coaching", "10:15:00", "10:25:00", True),
        ("Agent/202", "email", "10:25:00", "10:40:00", False),
        # The switch started anew.
        ("Agent/202", "meeting", "12:00:00", "12:12:00", True),
    ]
    assert spells(site, "logged_in") == [
        ("Agent/201", "", "09:00:10", "11:05:00", False),
        ("Agent/202", "", "09:00:20", "12:12:00", True),
    ]


def test_calls_that_a_restart_cut_off_are_over_and_how_long_they_were_is_unknown(tmp_path):
    site = imported(tmp_path, PAUSES)
    assert calls(site) == {
        "1609502999.4": ("failed", "restart", "12:12:00"),
        "1609503004.5": ("answered", "restart", "12:12:00"),
        "1609503599.7": ("answered", "agent", "12:21:08"),
    }
    waiting = Call.objects.get(external_id="1609502999.4")
    assert (waiting.wait_ms, waiting.talk_ms) == (None, None)
    talking = Call.objects.get(external_id="1609503004.5")
    assert (talking.wait_ms, talking.talk_ms) == (10_000, None)


def test_a_log_cut_anywhere_tells_the_same_in_either_order(tmp_path):
    whole = record(imported(tmp_path, PAUSES))
    for place in range(1, len(PAUSES)):
        pieces = PAUSES[:place], PAUSES[place:]
        assert record(imported(tmp_path, *pieces)) == whole, place
        assert record(imported(tmp_path, *reversed(pieces))) == whole, place


TRIES = [
    "1609502400|1609502400.1|NONE|Agent/201|OUTDIAL|5551234",
    "1609502403|1609502400.1|NONE|Agent/201|OUTCONGESTION|5551234|3",
    "1609502403|1609502400.1|NONE|Agent/201|OUTDIAL|5551234",
    "1609502407|1609502400.1|NONE|Agent/201|OUTCHANUNAVAIL|5551234|4",
    "1609502407|1609502400.1|NONE|Agent/201|OUTDIAL|5551234",
    "1609502467|1609502400.1|NONE|Agent/201|OUTANSWER|5551234|COMPLETEAGENT|5|55",
]


# In one second no carrier took it and then the line was busy: whichever is written first.
AT_ONCE = [
    "1609502400|1609502400.1|NONE|Agent/201|OUTDIAL|5551234",
    "1609502406|1609502400.1|NONE|Agent/201|OUTCHANUNAVAIL|5551234|6",
    "1609502406|1609502400.1|NONE|Agent/201|OUTDIAL|5551234",
    "1609502406|1609502400.1|NONE|Agent/201|OUTCONGESTION|5551234|0",
]
TWICE_ALIKE = [*AT_ONCE[:3], AT_ONCE[1].replace("|6", "|0")]


def test_tries_of_a_dialled_call_are_one_call_wherever_a_file_ends_between_them(tmp_path):
    for lines, outcome in ((TRIES, "answered"), (TRIES[:4], "failed"), (AT_ONCE, "congestion"),
                           (TWICE_ALIKE, "unavailable")):  # fmt: skip
        whole = record(imported(tmp_path, lines))
        assert len(whole[0]) == 1
        assert f"'{outcome}'" in whole[0][0]
        for place in range(1, len(lines)):
            pieces = lines[:place], lines[place:]
            assert record(imported(tmp_path, *pieces)) == whole, place
            assert record(imported(tmp_path, *reversed(pieces))) == whole, place
            assert record(imported(tmp_path, *pieces, lines)) == whole, place


def test_a_restart_in_a_later_file_marks_the_days_of_the_calls_it_ends(tmp_path):
    site = imported(tmp_path, PAUSES[:22])
    assert calls(site)["1609502999.4"] == ("in_progress", "", None)
    DirtyDay.objects.all().delete()
    imported(tmp_path, PAUSES[22:23], site=site)
    assert calls(site)["1609502999.4"] == ("failed", "restart", "12:12:00")
    assert {day.day.isoformat() for day in DirtyDay.objects.filter(site=site)} == {"2021-01-01"}


def test_a_line_that_tells_the_end_knows_better_than_a_restart(tmp_path):
    """The middle of a log comes last: what the restart was taken to have ended was over before."""
    entry, middle, restart = (
        [
            "1609503000|c|sales|NONE|ENTERQUEUE||1|1",
            "1609503000|NONE|NONE|A|AGENTLOGIN|x",
            "1609503000|NONE|sales|A|PAUSE|",
        ],
        [
            "1609503010|c|sales|A|CONNECT|10|x|4",
            "1609503040|c|sales|A|COMPLETECALLER|10|30|1",
            "1609503050|NONE|sales|A|UNPAUSE|",
            "1609503060|NONE|NONE|A|AGENTLOGOFF|x|60",
        ],
        ["1609503120|NONE|NONE|NONE|QUEUESTART|"],
    )
    whole = record(imported(tmp_path, [*entry, *middle, *restart]))
    site = imported(tmp_path, entry, restart)
    assert calls(site) == {"c": ("failed", "restart", "12:12:00")}
    assert [cut for *_rest, cut in spells(site)] == [True]
    imported(tmp_path, middle, site=site)
    assert record(site) == whole
    assert calls(site) == {"c": ("answered", "caller", "12:10:40")}
    assert spells(site) == [("A", "", "12:10:00", "12:10:50", False)]
    assert spells(site, "logged_in") == [("A", "", "12:10:00", "12:11:00", False)]


def test_a_session_that_a_logoff_tells_to_have_gone_on_over_a_restart_did(tmp_path):
    """As callback agents do, who are members of their queues and no calls of the switch."""
    lines = [
        "1609491600|NONE|NONE|A|AGENTCALLBACKLOGIN|1@x",
        "1609503120|NONE|NONE|NONE|QUEUESTART|",
        "1609513200|NONE|NONE|A|AGENTCALLBACKLOGOFF|1@x|21600",
    ]
    assert spells(imported(tmp_path, lines[:2]), "logged_in") == [
        ("A", "", "09:00:00", "12:12:00", True)
    ]
    told = [("A", "", "09:00:00", "15:00:00", False)]
    assert spells(imported(tmp_path, lines), "logged_in") == told
    assert spells(imported(tmp_path, lines[:2], lines[2:]), "logged_in") == told
    assert spells(imported(tmp_path, lines[2:], lines[:2]), "logged_in") == told


def test_the_first_of_two_restarts_ends_a_call_whichever_is_read_first(tmp_path):
    entry = ["1609503000|c|sales|NONE|ENTERQUEUE||1|1"]
    first, second = ([f"{at}|NONE|NONE|NONE|QUEUESTART|"] for at in (1609503120, 1609506000))
    for order in ([entry, first, second], [second, entry, first], [second, first, entry]):
        assert calls(imported(tmp_path, *order)) == {"c": ("failed", "restart", "12:12:00")}


def test_a_restart_ends_no_call_of_another_switch_nor_one_of_another_day(tmp_path):
    entry = ["1609416000|c|sales|NONE|ENTERQUEUE||1|1"]
    restart = ["1609503120|NONE|NONE|NONE|QUEUESTART|"]
    assert calls(imported(tmp_path, entry, restart)) == {"c": ("in_progress", "", None)}
    site = imported(tmp_path, ["1609503000|c|sales|NONE|ENTERQUEUE||1|1"])
    imported(tmp_path, restart)
    assert calls(site) == {"c": ("in_progress", "", None)}


def test_an_unpause_that_is_missing_leaves_the_pause_open_until_the_next(tmp_path):
    lines = ["1609493400|NONE|q|A|PAUSE|lunch", "1609495200|NONE|q|A|PAUSE|lunch"]
    site = imported(tmp_path, lines)
    assert spells(site) == [
        ("A", "lunch", "09:30:00", "10:00:00", True),
        ("A", "lunch", "10:00:00", None, False),
    ]
    # Two days later is not "by then": nobody knows when it ended.
    late = f"{1609495200 + 2 * 86_400}|NONE|q|A|PAUSE|lunch"
    assert spells(imported(tmp_path, [*lines, late]))[1][3:] == (None, False)


def test_pauses_within_two_seconds_are_told_apart_wherever_a_file_ends(tmp_path):
    lines = [
        "1609493400|NONE|q|A|PAUSE|lunch",
        "1609493401|NONE|q|A|UNPAUSE|lunch",
        "1609493402|NONE|q|A|PAUSE|lunch",
    ]
    told = [
        ("A", "lunch", "09:30:00", "09:30:01", False),
        ("A", "lunch", "09:30:02", None, False),
    ]
    for pieces in ([lines], [lines[:1], lines[1:]], [lines[:1], lines], [lines[:2], lines]):
        assert spells(imported(tmp_path, *pieces)) == told


def test_a_log_read_again_keeps_no_second_cutoff(tmp_path):
    site = imported(tmp_path, PAUSES)
    before = record(site), Cutoff.objects.count()
    imported(tmp_path, PAUSES, site=site)
    assert (record(site), Cutoff.objects.count()) == before
    assert Cutoff.objects.count() == 3  # two starts of the switch, one removal


FOREIGN = [b"", b"x\xff\xfe|x", b"no line", b"1609491600|c", "٣|c|q|A|CONNECT".encode(),
           b"1609503000|x|sales|A|SOMEEVENT|1", b"0|c|sales|A|CONNECT|1|2|3"]  # fmt: skip


def test_any_order_any_repeats_any_cut_and_foreign_bytes_give_the_same_record(tmp_path):
    # Other agents, so that nobody is paused twice at a time; no DID, which needs its call beside.
    calls = [line.replace("Agent/2", "Agent/3") for line in CALLS if "|DID|" not in line]
    lines = calls + PAUSES
    whole = record(imported(tmp_path, lines))

    @settings(max_examples=15, deadline=None)
    @given(st.data())
    def mixed(data):
        place = data.draw(st.integers(0, len(lines)))
        pieces = [list(lines[:place]), list(lines[place:])]
        for piece in filter(None, pieces):
            piece += data.draw(st.lists(st.sampled_from(piece), max_size=5))
            piece += data.draw(st.lists(st.sampled_from(FOREIGN), max_size=3))
        shuffled = [data.draw(st.permutations(piece)) for piece in pieces if piece]
        assert record(imported(tmp_path, *data.draw(st.permutations(shuffled)))) == whole

    mixed()
