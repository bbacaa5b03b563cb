"""Log files for tests, and what a format makes of them."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from ccm.imports.files import opening
from ccm.imports.formats import FORMATS
from ccm.imports.records import Chunk, Reading

DATA = Path(__file__).parent / "data"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def chunks_of(path: Path, form: str, zone: str = "", **reading) -> list[Chunk]:
    """What a format reads from a file, with the books of every chunk checked."""
    made = FORMATS[form]
    where = zone or made.zone
    asked = Reading(zone=ZoneInfo(where) if where else None, **({"now": NOW} | reading))
    chunks = list(made.read(path, asked))
    for chunk in chunks:
        books = chunk.helped() + chunk.duplicate + chunk.rejected + chunk.ignored
        assert chunk.read == books
        assert_holds(chunk)
    return chunks


def chunk_of(path: Path, form: str, zone: str = "", **reading) -> Chunk:
    """The only chunk of a small file."""
    [chunk] = chunks_of(path, form, zone, **reading)
    return chunk


def chunk_of_text(folder: Path, form: str, text: str, zone: str = "", **reading) -> Chunk:
    file = folder / "log"
    file.write_text(text, encoding="utf-8", newline="")
    return chunk_of(file, form, zone, **reading)


def opened(folder: Path, data: bytes) -> Path:
    """The plain file of an upload's bytes."""
    upload = folder / "upload"
    upload.write_bytes(data)
    return opening.plain_file(upload, folder)


def assert_holds(chunk: Chunk) -> None:
    """What the record's constraints will demand of the chunk's rows."""
    calls = chunk.calls
    answered = pl.col("outcome") == "answered"
    wrong = calls.filter(
        (pl.col("ended_at") < pl.col("offered_at"))
        | (pl.col("answered_at") < pl.col("offered_at"))
        | (answered & pl.col("answered_at").is_null())
        | (
            (pl.col("outcome") == "in_progress")
            & (pl.col("answered_at").is_not_null() | pl.col("ended_at").is_not_null())
        )
        | pl.any_horizontal(
            ~pl.col(part).is_between(0, 2**31 - 1)
            for part in ("ivr_ms", "wait_ms", "ring_ms", "talk_ms", "hold_ms", "acw_ms")
        )
        | (pl.col("external_id").str.len_chars() > 120)
        | pl.col("lines").is_null()
    )
    assert wrong.is_empty(), wrong
    identity = calls.select("external_id", "queue", "birth_ms")
    assert identity.is_unique().all(), calls.filter(~identity.is_unique())
    states = chunk.states
    assert states.filter(pl.col("ends_at") < pl.col("starts_at")).is_empty()
    assert states.filter(pl.col("ends_at").is_null() & pl.col("starts_at").is_null()).is_empty()
    for frame in (chunk.offers, chunk.surveys):
        # An answer told alone is of no call of the chunk.
        assert frame.filter(pl.col("call") >= calls.height).is_empty()


def told(chunk: Chunk) -> list[tuple[object, ...]]:
    """What a chunk tells, whatever lines it was told in."""
    calls = chunk.calls.drop("line", "lines").with_row_index("call")
    offers = chunk.offers.join(calls.select("call", "external_id", "queue"), on="call").drop("call")
    states = chunk.states.drop("line", "lines")
    return sorted(
        [*calls.drop("call").rows(), *offers.rows(), *states.rows()], key=lambda row: repr(row)
    )
