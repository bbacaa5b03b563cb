"""Files that nobody has described before, for tests: looked at, guessed, answered, read."""

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from ccm.imports.files import dialect as dialects
from ccm.imports.files import opening, rows
from ccm.imports.files.dialect import Dialect, Seen
from ccm.imports.mapping import guess
from ccm.imports.mapping.mapped import Mapped
from ccm.imports.mapping.profile import Column, Profile
from ccm.imports.mapping.targets import Rows
from ccm.imports.records import Chunk, Reading
from tests.logs import NOW, assert_holds


def plain(folder: Path, data: str | bytes, encoding: str = "") -> Path:
    """The plain file of an upload's bytes."""
    upload = folder / "upload"
    upload.write_bytes(data.encode() if isinstance(data, str) else data)
    return opening.plain_file(upload, folder, encoding)


def seen(folder: Path, data: str | bytes, encoding: str = "") -> Seen:
    path = plain(folder, data, encoding)
    return dialects.seen(folder / "upload", path)


def sample(path: Path, dialect: Dialect, most: int = 2_000) -> pl.DataFrame:
    with rows.opened(path, dialect, twins=True) as table:
        return next(table.stretches(0, most)).frame


def guessed(upload: Path, folder: Path, kind: Rows | None = None) -> tuple[Path, Profile]:
    """The plain file of an upload and the first profile made of it, as the page shows it."""
    path = opening.plain_file(upload, folder)
    told = dialects.seen(upload, path).dialect
    profile, _reasons = guess.profile_of(told, sample(path, told), kind)
    return path, profile


def guessed_of_text(folder: Path, text: str | bytes, kind: Rows | None = None):
    upload = folder / "upload"
    upload.write_bytes(text.encode() if isinstance(text, str) else text)
    return guessed(upload, folder, kind)


def answered(profile: Profile, columns: dict[str, dict] | None = None, **said) -> Profile:
    """The profile with what a person says of it: of columns by their labels, and of the rest."""
    for label, changes in (columns or {}).items():
        [old] = [one for one in profile.columns if one.label == label]
        profile = profile.with_column(replace(old, **changes))
    return replace(profile, **said)


def a_profile(kind: Rows, columns: list[Column], dialect: Dialect | None = None, **said) -> Profile:
    profile = Profile(dialect or Dialect(), kind, tuple(columns))
    return replace(profile, **said)


def mapped(path: Path, profile: Profile, zone: str = "UTC", **reading) -> list[Chunk]:
    """What a profile makes of a plain file, with the books of every chunk checked. Times are of the
    profile's zone, else of `zone`."""
    where = profile.zone or zone
    asked = Reading(ZoneInfo(where) if where else None, **({"now": NOW} | reading))
    chunks = list(Mapped(profile, "layout").read(path, asked))
    for chunk in chunks:
        books = chunk.helped() + chunk.duplicate + chunk.rejected + chunk.ignored
        assert chunk.read == books
        assert_holds(chunk)
        assert_others_hold(chunk)
    return chunks


def assert_others_hold(chunk: Chunk) -> None:
    """What the record's constraints will demand of totals and answers."""
    counts = chunk.counts
    assert counts.filter(pl.col("ends_at") <= pl.col("starts_at")).is_empty()
    assert counts.filter(pl.any_horizontal(pl.col("starts_at", "ends_at").is_null())).is_empty()
    answers = chunk.surveys
    outside = (pl.col("score") < pl.col("scale_min")) | (pl.col("score") > pl.col("scale_max"))
    assert answers.filter(outside).is_empty()


def mapped_text(folder: Path, text: str | bytes, profile: Profile, **reading) -> Chunk:
    """The only chunk of a small file."""
    [chunk] = mapped(plain(folder, text), profile, **reading)
    return chunk
