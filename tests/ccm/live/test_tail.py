"""A log that grows, is rotated and emptied: each whole line once, in order."""

import os

import pytest

from ccm.imports.formats.asterisk_queue_log import begins_line
from ccm.live import tail
from ccm.live.tail import Place, Tail
from tests.ccm.live.follow_words import copy_and_truncate, rename


@pytest.fixture(autouse=True)
def no_silence(monkeypatch):
    monkeypatch.setattr(tail, "SILENCE_SECONDS", 0.0)


NOWHERE = Place()


def line(number):
    return f"{1_772_442_000 + number}|c{number}|sales|NONE|ENTERQUEUE||555|1\n".encode()


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "queue_log"
    path.write_bytes(line(1))
    return path


def reader(log, place=NOWHERE, read_ns=0, **more):
    return Tail(log, place, read_ns, begins_line, **more)


def read(reader):
    """All that is there now."""
    pieces = []
    while piece := reader.read():
        pieces.append(piece.data)
        reader.took(piece)
    return b"".join(pieces)


def write(path, *data):
    with path.open("ab") as file:
        file.write(b"".join(data))


def test_a_line_is_read_once_it_has_its_end(log):
    reads = reader(log)
    assert read(reads) == line(1)
    write(log, line(2)[:20])
    assert read(reads) == b""
    write(log, line(2)[20:], line(3)[:-1])
    assert read(reads) == line(2)
    write(log, b"\n")
    assert read(reads) == line(3)


def test_a_piece_that_was_not_stored_is_read_again(log):
    reads = reader(log)
    assert reads.read() == reads.read()
    assert read(reads) == line(1)


@pytest.mark.parametrize("rotate", [rename, copy_and_truncate])
@pytest.mark.parametrize("restarted", [False, True])
def test_what_came_before_a_rotation_is_read_before_what_came_after(log, rotate, restarted):
    reads = reader(log)
    read(reads)
    write(log, line(2))
    rotate(log)
    write(log, line(3))
    if restarted:
        reads = reader(log, reads.place)
    assert read(reads) == line(2) + line(3)
    assert not reads.lost


@pytest.mark.parametrize("rotate", [rename, copy_and_truncate])
@pytest.mark.parametrize("place", range(1, len(line(2))))
def test_a_line_cut_by_a_rotation_is_one_line(log, rotate, place):
    reads = reader(log)
    read(reads)
    write(log, line(2)[:place])
    rotate(log)
    assert read(reads) == b""
    write(log, line(2)[place:], line(3))
    assert read(reads) == line(2) + line(3)


def test_a_last_line_that_never_got_its_end_is_read_without_it(log):
    reads = reader(log)
    read(reads)
    write(log, line(2)[:-1])
    rename(log)
    write(log, line(3))
    assert read(reads) == line(2)[:-1] + line(3)


def test_a_last_line_has_some_seconds_for_its_end(log, monkeypatch):
    monkeypatch.setattr(tail, "SILENCE_SECONDS", 60.0)
    reads = reader(log)
    read(reads)
    write(log, line(2)[:20])
    rename(log)
    write(log, line(3))
    assert read(reads) == b""
    write(log.with_name("queue_log.1"), line(2)[20:])
    assert read(reads) == line(2) + line(3)


@pytest.mark.parametrize("rotate", [rename, copy_and_truncate])
def test_rotations_while_nobody_read_are_caught_up_with(log, rotate):
    reads = reader(log)
    read(reads)
    for number in (2, 3, 4):
        write(log, line(number))
        rotate(log)
    write(log, line(5))
    assert read(reader(log, reads.place)) == b"".join(map(line, range(2, 6)))


def test_a_log_that_was_emptied_is_read_from_its_beginning_and_its_loss_told(log):
    reads = reader(log)
    read(reads)
    os.truncate(log, 0)
    write(log, line(2))
    assert read(reads) == line(2)
    assert reads.lost


def test_another_log_in_the_same_file_is_no_part_of_the_first(log):
    """As long and longer: only its first bytes tell."""
    reads = reader(log)
    read(reads)
    log.write_bytes(line(2) + line(3))
    assert read(reads) == line(2) + line(3)
    assert read(reader(log, reads.place)) == b""


def test_files_of_other_names_are_left_alone(log):
    reads = reader(log)
    read(reads)
    for name in ("queue_log.bak", "queue_log.1.gz", "queue_log2.1"):
        log.with_name(name).write_bytes(line(9))
    rename_to = log.with_name("queue_log-20261127")
    write(log, line(2))
    log.rename(rename_to)
    write(log, line(3))
    assert read(reader(log, reads.place)) == line(2) + line(3)


def test_from_its_end_a_log_is_read_from_the_line_that_is_being_written(log):
    write(log, line(2)[:10])
    reads = reader(log, from_end=True)
    assert read(reads) == b""
    write(log, line(2)[10:])
    assert read(reads) == line(2)


def test_lines_before_the_place_are_found_over_a_rotation(log):
    reads = reader(log)
    write(log, line(2)[:30])
    read(reads)
    rename(log)
    write(log, line(2)[30:], line(3))
    read(reads)
    assert reader(log, reads.place).before(1000) == line(1) + line(2) + line(3)
    assert reader(log, reads.place).before(len(line(3)) + 5) == line(3)


def test_a_line_without_end_is_taken_in_parts(log, monkeypatch):
    monkeypatch.setattr(tail, "READ_BYTES", 100)
    write(log, b"x" * 250 + b"\n", line(2))
    reads = reader(log)
    pieces = []
    while piece := reads.read():
        pieces.append(len(piece.data))
        reads.took(piece)
    assert pieces[0] == len(line(1))
    assert sum(pieces) == log.stat().st_size


def test_a_log_that_is_away_is_an_error_and_read_when_it_is_back(log):
    log.unlink()
    reads = reader(log)
    with pytest.raises(FileNotFoundError):
        reads.read()
    write(log, line(2))
    assert read(reads) == line(2)


def test_a_pipe_is_refused(tmp_path):
    os.mkfifo(tmp_path / "queue_log")
    with pytest.raises(OSError, match="no file"):
        reader(tmp_path / "queue_log").read()
