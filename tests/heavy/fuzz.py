"""Fuzzes the readers of log formats: `python -m tests.heavy.fuzz FORMAT --seconds 600`.

Needs atheris (`pip install atheris`). What it feeds is mutated from the small logs in tests/data.
A finding is anything but a chunk whose books balance and whose calls the record would hold, or
words that refuse the file. Inputs that found something new are kept in the folder of --corpus.
"""

import argparse
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import atheris  # type: ignore[import-not-found]

with atheris.instrument_imports(include=["ccm.imports"]):
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ccm.settings")
    os.environ.setdefault("CCM_SECRET_KEY", "fuzzing " * 8)
    os.environ.setdefault("DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing")
    os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:1/0")
    import django

    django.setup()
    from ccm.imports.files import dialect, opening, rows
    from ccm.imports.formats import FORMATS
    from ccm.imports.mapping import guess
    from ccm.imports.mapping.mapped import Mapped
    from ccm.imports.mapping.profile import ALL, NO_QUEUE, Profile
    from ccm.imports.records import FileRefused, Format, Reading
    from tests.logs import DATA, assert_holds

GUESSED = "guessed"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Target:
    """One reader, fed with bytes as if they had been uploaded."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        self.inputs = 0

    def __call__(self, data: bytes) -> None:
        self.inputs += 1
        upload = self.folder / "upload"
        upload.write_bytes(data)
        try:
            plain = opening.plain_file(upload, self.folder)
            form = self._form(upload, plain)
            zone = form.zone or "America/New_York"
            reading = Reading(ZoneInfo(zone), NOW, date_order="dmy", chunk_lines=7)
            for chunk in form.read(plain, reading):
                told = chunk.helped() + chunk.duplicate + chunk.rejected + chunk.ignored
                assert chunk.read == told, f"{chunk.read} read, {told} accounted for"
                assert_holds(chunk)
        except FileRefused:
            return

    def _form(self, upload: Path, plain: Path) -> Format:
        """The format; a mapping as a person would leave it who believes every guess."""
        if self.name != GUESSED:
            return FORMATS[self.name]
        found = dialect.seen(upload, plain).dialect
        with rows.opened(plain, found, twins=True) as table:
            stretch = next(table.stretches(0, 50), None)
            if stretch is None:
                raise FileRefused("nothing")
            guessed, _reasons = guess.profile_of(found, stretch.frame)
        said = guessed.as_json()
        said |= {"queue": NO_QUEUE, "minutes": 60, "threshold_seconds": 20}
        said["answered_by"] = said["answered_by"] or ALL
        for column in said["columns"]:
            column.setdefault("spelling", "dmy")
            column.setdefault("unit", "s")
            column.setdefault("scale", [1, 5])
        return Mapped(Profile.from_json(said), GUESSED)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("form", choices=[*FORMATS, GUESSED])
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--corpus", type=Path, required=True)
    asked = parser.parse_args()
    asked.corpus.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        dir="/dev/shm" if Path("/dev/shm").is_dir() else None
    ) as place:
        for log in DATA.iterdir():
            if log.is_file() and log.stat().st_size < 1 << 16:
                (asked.corpus / f"seed-{log.name}").write_bytes(log.read_bytes())
        target = Target(asked.form, Path(place))
        options = [
            sys.argv[0], str(asked.corpus), f"-max_total_time={asked.seconds}", "-max_len=16384",
            "-rss_limit_mb=4096", "-timeout=60", f"-artifact_prefix={asked.corpus}/",
            "-print_final_stats=1", "-close_fd_mask=0",
        ]  # fmt: skip
        atheris.Setup(options, target)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
