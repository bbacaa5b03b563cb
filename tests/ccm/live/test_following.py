"""A followed log: the rows of an import, however it is cut, rotated, and read again."""

import threading
import time
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccm.imports.storing.load import store
from ccm.live.following import Follower
from ccm.models import Call, FollowedLog, ImportBatch, Job, LiveSource, RawEvent
from tests.builders import a_site
from tests.ccm.live.follow_words import (
    copy_and_truncate,
    followed,
    imported,
    record,
    rename,
)

# In one transaction the many small tables of many reads would be too many for the database.
pytestmark = pytest.mark.django_db(transaction=True)

BEGIN = 1_772_442_000


def reading(log):
    """A follower as it is when it has just been started."""
    return Follower(FollowedLog.objects.get(pk=log.pk), threading.Event())


@pytest.fixture(autouse=True)
def no_silence(monkeypatch):
    """Nobody writes to a file that another has followed."""
    monkeypatch.setattr("ccm.live.tail.SILENCE_SECONDS", 0.0)


def read(follower):
    while follower.turn():
        pass


def until(holds):
    give_up = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def place_of(log):
    told = ("file", "offset", "head_size", "head", "looked_at")
    return FollowedLog.objects.values(*told).get(pk=log.pk)


CALL = (
    b"1772442000|c|sales|NONE|ENTERQUEUE||5550123|1\n"
    b"1772442012|c|sales|Ann|CONNECT|12|c.1|3\n"
    b"1772442102|c|sales|Ann|COMPLETECALLER|12|90|1\n"
)


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "queue_log"
    path.write_bytes(CALL)
    return path


def follow(log, site, *more):
    call_command("follow", "queue_log", str(log), "--site", site.name, "--once", *more)
    return FollowedLog.objects.get()


def test_what_is_there_is_read_at_once_and_the_rest_the_next_time(log):
    site = a_site()
    known = follow(log, site)
    assert known.source == f"asterisk_queue_log@{site.slug}"
    assert (known.read, known.stored, known.rejected) == (3, 3, 0)
    assert known.newest_at == datetime(2026, 3, 2, 9, 1, 42, tzinfo=UTC)
    with log.open("ab") as file:
        file.write(CALL.replace(b"|c|", b"|d|"))
    assert follow(log, site).read == 6
    assert sorted(Call.objects.values_list("external_id", flat=True)) == ["c", "d"]


def test_the_calls_are_those_that_an_import_makes(log, no_worker):
    site = a_site()
    follow(log, site)
    call_command("import_log", str(log), "--site", site.name, stdout=StringIO())
    batch = ImportBatch.objects.get()
    assert (batch.read, batch.duplicate, Call.objects.count()) == (3, 3, 1)


def test_a_followed_log_is_a_source_that_can_fall_silent(log):
    site = a_site()
    follow(log, site)
    source = LiveSource.objects.get(site=site)
    assert source.source == f"asterisk_queue_log@{site.slug}"
    assert source.newest_at == datetime(2026, 3, 2, 9, 1, 42, tzinfo=UTC)
    # Lines of long ago tell of no wrong clock.
    assert source.behind is None


def test_a_place_that_was_lost_changes_no_row(log):
    site = a_site()
    follow(log, site)
    before = record(site)
    FollowedLog.objects.update(file="", offset=0, head_size=0, head="")
    assert follow(log, site).read == 6
    assert record(site) == before


def test_a_line_that_cannot_be_read_is_kept_once_and_stops_nothing(log):
    site = a_site()
    with log.open("ab") as file:
        file.write(b"0|c|sales|Ann|CONNECT|1|2|3\nno \0 line\n")
        file.write(b"1772442200|x|sales|NONE|SOMEEVENT|1\n" + CALL.replace(b"|c|", b"|d|"))
    known = follow(log, site)
    assert (known.read, known.stored, known.rejected) == (9, 6, 2)
    FollowedLog.objects.update(file="", offset=0, head_size=0, head="")
    follow(log, site)
    kept = RawEvent.objects.values_list("source", "text", "reason")
    assert sorted(kept) == [
        (known.source, "0|c|sales|Ann|CONNECT|1|2|3", "It is before 1990."),
        (known.source, "1772442200|x|sales|NONE|SOMEEVENT|1", "No rule knows the event SOMEEVENT."),
        (
            known.source,
            "no \N{REPLACEMENT CHARACTER} line",
            "It has fewer than five parts between bars.",
        ),
    ]
    assert Call.objects.count() == 2


def test_a_line_that_the_record_does_not_take_is_set_aside_alone(log, monkeypatch):
    site = a_site()
    with log.open("ab") as file:
        file.write(CALL.replace(b"|c|", b"|d|") + CALL.replace(b"|c|", b"|e|"))

    def picky(chunk, target):
        if "d" in chunk.calls["external_id"]:
            raise ValueError("not that one")
        return store(chunk, target)

    monkeypatch.setattr("ccm.live.following.store", picky)
    known = follow(log, site)
    assert (known.read, known.stored, known.rejected) == (9, 6, 3)
    assert set(RawEvent.objects.values_list("reason", flat=True)) == {"not that one"}
    assert sorted(Call.objects.values_list("external_id", flat=True)) == ["c", "e"]


def test_from_the_end_only_what_comes_is_read_and_calls_that_go_on_are_whole(log):
    site = a_site()
    lines = CALL.splitlines(keepends=True)
    log.write_bytes(CALL.replace(b"|c|", b"|a|") + b"".join(lines[:2]))
    assert follow(log, site, "--from-end").read == 0
    assert not Call.objects.exists()
    with log.open("ab") as file:
        file.write(lines[2])
    known = follow(log, site, "--from-end")
    assert known.read == 1
    call = Call.objects.get()
    assert (call.external_id, call.entry_known, call.talk_ms) == ("c", True, 90_000)


def test_nothing_is_written_while_an_import_of_the_site_is_taken_back(log):
    site = a_site()
    job = Job.objects.create(kind="undo", state=Job.State.RUNNING)
    ImportBatch.objects.create(
        job=Job.objects.create(kind="import"), site=site, format="x", source="x", undo=job
    )
    assert follow(log, site).read == 0
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE)
    assert follow(log, site).read == 3


def test_a_log_is_followed_by_one_process_at_a_time(log):
    site = a_site()
    follow(log, site)
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            name = f"follow:{FollowedLog.objects.get().name}"
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
        with pytest.raises(CommandError, match="Another process follows this log"):
            follow(log, site)
    finally:
        other.close()
    follow(log, site)


def test_a_log_of_one_site_is_not_read_into_another(log):
    site, other = a_site(), a_site()
    follow(log, site)
    with pytest.raises(CommandError, match="another --name"):
        follow(log, other)


def test_a_log_that_is_away_is_said_once_and_waited_for(log, caplog):
    site = a_site()
    known = follow(log, site)
    log.unlink()
    with pytest.raises(CommandError, match="No such file"):
        follow(log, site)
    stopping = threading.Event()
    follower = Follower(known, stopping)
    thread = threading.Thread(target=follower.run, args=(0.01,))
    thread.start()
    try:
        until(lambda: FollowedLog.objects.exclude(trouble="").exists())
        log.write_bytes(CALL.replace(b"|c|", b"|d|"))
        until(lambda: FollowedLog.objects.get().read == 6)
    finally:
        stopping.set()
        thread.join(10)
    assert caplog.text.count("No such file") == 1


def test_walls_and_counts_are_told_after_the_commit(log, monkeypatch):
    told = []
    monkeypatch.setattr("ccm.live.bus.figures_changed", lambda: told.append(Call.objects.count()))
    follow(log, a_site())
    assert told == [1]


@st.composite
def a_call(draw, number):
    """The lines of one call, as (second, words)."""
    at = BEGIN + draw(st.integers(0, 40))
    call, queue = f"{at}.{number}", draw(st.sampled_from(["sales", "support"]))
    agent = draw(st.sampled_from(["Agent/1", "Agent/2", "Ada"]))
    lines = []

    def say(words):
        lines.append((at, f"{call}|{words}"))

    if draw(st.booleans()):
        say("NONE|NONE|DID|+15550100001")
    say(f"{queue}|NONE|ENTERQUEUE||5550{number}|1")
    for _ in range(draw(st.integers(0, 2))):
        at += draw(st.integers(0, 3))
        say(f"{queue}|{agent}|RINGNOANSWER|{draw(st.sampled_from([0, 1000, 2000]))}")
    wait = at - lines[0][0] + (step := draw(st.integers(0, 5)))
    at += step
    how = draw(st.sampled_from(["ABANDON", "EXITWITHTIMEOUT", "answered", "answered", "open"]))
    if how == "open":
        return lines
    if how != "answered":
        say(f"{queue}|NONE|{how}|1|1|{wait}")
        if draw(st.booleans()):
            at += draw(st.integers(0, 2))
            say(f"overflow|NONE|ENTERQUEUE||5550{number}|1")
        return lines
    ring = draw(st.integers(0, 1))
    say(f"{queue}|{agent}|CONNECT|{wait}|{call}.1|{min(ring, wait)}")
    talk = draw(st.integers(0, 20))
    at += talk
    end = draw(st.sampled_from(["COMPLETECALLER", "COMPLETEAGENT", "BLINDTRANSFER", "open"]))
    if end == "BLINDTRANSFER":
        say(f"{queue}|{agent}|BLINDTRANSFER|900|internal|{wait}|{talk}|1")
    if end != "open":
        name = "COMPLETEAGENT" if end == "BLINDTRANSFER" else end
        at += draw(st.integers(0, 1))
        say(f"{queue}|{agent}|{name}|{wait}|{talk}|1")
        if draw(st.booleans()):
            say(f"{queue}|{agent}|{name}|{wait}|{talk}|2")
    return lines


@st.composite
def a_shift(draw, number):
    """The lines of one agent's time."""
    at = BEGIN + draw(st.integers(0, 30))
    agent, began = f"Agent/{number}", at
    lines = [(at, f"{at}.9|NONE|{agent}|AGENTLOGIN|SIP/{number}")]
    for _ in range(draw(st.integers(0, 3))):
        at += draw(st.integers(1, 6))
        reason = draw(st.sampled_from(["", "lunch", "email"]))
        for queue in draw(st.sampled_from([["sales"], ["NONE", "sales"], ["sales", "support"]])):
            lines.append((at, f"NONE|{queue}|{agent}|PAUSE|{reason}"))
        if not reason and draw(st.booleans()):
            lines.append((at, f"NONE|NONE|{agent}|PAUSEREASON|coffee"))
        if draw(st.booleans()):
            at += draw(st.integers(0, 6))
            lines.append((at, f"NONE|sales|{agent}|UNPAUSE|{reason}"))
    if draw(st.booleans()):
        at += draw(st.integers(0, 4))
        lasted = at - began + draw(st.integers(0, 1))
        lines.append((at, f"{began}.9|NONE|{agent}|AGENTLOGOFF|SIP/{number}|{lasted}"))
    return lines


@st.composite
def a_log(draw):
    """Lines of a queue_log in the order of their seconds, those of one second in any order."""
    lines = []
    for number in range(draw(st.integers(1, 4))):
        lines += draw(a_call(number))
    for number in range(draw(st.integers(0, 2))):
        lines += draw(a_shift(number))
    if draw(st.booleans()):
        lines.append((BEGIN + draw(st.integers(0, 60)), "NONE|NONE|NONE|QUEUESTART|"))
    if draw(st.booleans()):
        lines.append((BEGIN + 5, "what|is|this"))
    lines.sort(key=lambda one: one[0])
    return "".join(f"{at}|{words}\n" for at, words in lines).encode()


def test_a_transfer_told_twice_is_one_visit_wherever_the_log_is_cut(tmp_path):
    text = (
        b"1772442000|a|sales|NONE|ENTERQUEUE||55500|1\n"
        b"1772442000|a|sales|NONE|ABANDON|1|1|0\n"
        b"1772442000|c|sales|NONE|ENTERQUEUE||55502|1\n"
        b"1772442000|c|sales|Agent/1|CONNECT|0|c.1|0\n"
        b"1772442000|c|sales|Agent/1|BLINDTRANSFER|900|internal|0|0|1\n"
        b"1772442001|c|sales|Agent/1|COMPLETEAGENT|0|0|1\n"
    )
    cuts = [place + 1 for place, byte in enumerate(text) if byte == ord("\n")][:-1]
    assert len(cuts) == 5
    for cut in cuts:
        site, log = a_site(), tmp_path / f"queue_log_{cut}"
        whole = imported(site, tmp_path, text)
        assert len(whole[0]) == 2
        follower = reading(followed(log, site))
        for some in (text[:cut], text[cut:]):
            with log.open("ab") as file:
                file.write(some)
            read(follower)
        assert record(site) == whole


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_log_cut_rotated_and_read_again_anywhere_gives_the_rows_of_one_import(tmp_path, data):
    text = data.draw(a_log())
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=8).map(sorted))
    for one in tmp_path.iterdir():
        one.unlink()
    log = tmp_path / "queue_log"
    log.touch()
    FollowedLog.objects.all().delete()
    site = a_site()
    whole = imported(site, tmp_path, text)
    known = followed(log, site)
    follower = reading(known)
    read(follower)
    places = [place_of(known)]
    for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        with log.open("ab") as file:
            file.write(text[begin:end])
        match data.draw(st.sampled_from(["", "", "rename", "copy", "restart", "again"])):
            case "rename":
                rename(log)
                log.touch()
            case "copy":
                copy_and_truncate(log)
            case "restart":
                follower = reading(known)
            case "again":
                FollowedLog.objects.update(**data.draw(st.sampled_from(places)))
                follower = reading(known)
        read(follower)
        places.append(place_of(known))
    read(follower)
    for told, expected in zip(record(site), whole, strict=True):
        assert told == expected
