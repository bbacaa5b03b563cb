"""What a killed import leaves behind is removed by the next, and nothing else is."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from ccm.imports.files import scratch

LONG_AGO = time.time() - 3600
KILLED = """
import os, signal
from ccm.imports.files import scratch
with scratch.folder() as place:
    (place / "upload").write_text("calls")
    print(place, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def aged(place: Path) -> Path:
    os.utime(place, (LONG_AGO, LONG_AGO))
    return place


def test_a_folder_lasts_as_long_as_its_block() -> None:
    with scratch.folder() as place:
        (place / "upload").write_text("calls")
    assert not place.exists()


def test_what_a_killed_process_left_is_removed() -> None:
    done = subprocess.run([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True)
    left = aged(Path(done.stdout.strip()))
    assert (left / "upload").exists()
    with scratch.folder():
        assert not left.exists()


def test_one_in_use_one_just_made_and_what_is_not_ours_to_judge_stay(elsewhere: Path) -> None:
    young = elsewhere / f"{scratch.PREFIX}young"
    young.mkdir()
    other = elsewhere / "other"
    other.mkdir()
    link = elsewhere / f"{scratch.PREFIX}link"
    link.symlink_to(other)
    with scratch.folder() as mine:
        aged(mine)
        with scratch.folder():
            assert all(one.exists() for one in (mine, young, aged(other)))
        assert link.is_symlink()
