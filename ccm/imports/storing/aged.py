"""What is told of days that retention has closed is left out: their calls went, and their counts
are never made anew, so what came now would be counted nowhere."""

from datetime import datetime

import polars as pl
from django.db import connection
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm.imports.records import IGNORED, Chunk, Issue
from ccm.imports.storing.target import Fates, Target, Told
from ccm.models import Site
from ccm.retention import closed


def hold_open_days(site: Site) -> None:
    """Read anew when the site's days begin and which are closed; none is closed until the
    transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM ccm_site WHERE id = %s FOR KEY SHARE", [site.pk])
    site.refresh_from_db(fields=["zone", "day_begins", "record_begins_on", "counts_closed_before"])


def leave_closed(chunk: Chunk, target: Target, fates: Fates) -> None:
    """Take what is of closed days out of a chunk; its lines are ignored, and it is said why."""
    opens, until = closed.opens_at(target.site), target.site.counts_closed_before
    if opens is None or until is None:
        return
    words = _("It is of a day before %(day)s: retention has closed these days.") % {
        "day": date_format(until, "j M Y")
    }
    aged = chunk.calls["offered_at"] < opens
    if aged.any():
        _say(chunk.calls.filter(aged), target, fates, words)
        _renumber(chunk, aged)
    for name, moment in (("states", "_last"), ("surveys", "answered_at")):
        frame: pl.DataFrame = getattr(chunk, name)
        if frame.is_empty():
            continue
        old = _is_aged(frame, moment, opens)
        if name == "surveys":
            old &= frame["call"].is_null()
        if old.any():
            _say(frame.filter(old), target, fates, words)
            setattr(chunk, name, frame.filter(~old))


def _is_aged(frame: pl.DataFrame, moment: str, opens: datetime) -> pl.Series:
    said = pl.coalesce("ends_at", "starts_at") if moment == "_last" else pl.col(moment)
    return frame.select((said < opens).fill_null(False)).to_series()


def _renumber(chunk: Chunk, aged: pl.Series) -> None:
    """Drop calls; rings and answers know theirs by its number in the chunk."""
    left = (~aged).cast(pl.Int64).cum_sum() - 1
    number = pl.DataFrame(
        {"call": pl.int_range(len(aged), eager=True), "_place": left, "_gone": aged}
    )
    chunk.calls = chunk.calls.filter(~aged)
    for name in ("offers", "surveys"):
        frame: pl.DataFrame = getattr(chunk, name)
        if frame.is_empty():
            continue
        kind = frame.schema["call"]
        joined = frame.join(
            number.with_columns(pl.col("call").cast(kind)), on="call", how="left",
            maintain_order="left",
        )  # fmt: skip
        kept = joined.filter(~pl.col("_gone").fill_null(False))
        setattr(
            chunk, name,
            kept.with_columns(pl.col("_place").cast(kind).alias("call")).select(frame.columns),
        )  # fmt: skip


def _say(gone: pl.DataFrame, target: Target, fates: Fates, words: str) -> None:
    lines = int(gone["lines"].sum())
    fates.ignored += lines
    first = gone["line"].min()
    assert isinstance(first, int)
    fates.issues.append(Issue(first, "", "", "closed", words, IGNORED, lines))
    if target.by_record:
        fates.each |= {line: Told("rejected", why=words) for line in gone["line"]}
