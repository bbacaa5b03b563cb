"""Whoever was erased is not brought back by a log that is read again: what it tells of a time
before that comes in as somebody's."""

import polars as pl

from ccm.callers import erased_hash
from ccm.erasure.names import MARK, stand_in
from ccm.imports.records import Chunk
from ccm.models import AgentAlias, ErasedCaller

_NAMING = ("calls", "states", "surveys", "counts", "cutoffs")
AS_TOLD = "agent_as_told"
"""The column of rings that keeps the name as the log has it: their ids are made of it."""


def leave_erased(chunk: Chunk) -> None:
    """Take out of a chunk what tells of erased callers."""
    calls = chunk.calls
    if calls.is_empty() or not ErasedCaller.objects.exists():
        return
    told = calls["caller"].drop_nulls().unique().to_list()
    hashes = {one: erased_hash(one) for one in told}
    before = dict(
        ErasedCaller.objects.filter(hash__in=set(hashes.values())).values_list("hash", "before")
    )
    theirs = pl.lit(False)
    for one, hash_ in hashes.items():
        if hash_ in before:
            theirs |= (pl.col("caller") == one) & (pl.col("offered_at") < before[hash_])
    marked = calls.select(theirs.fill_null(False).alias("gone"))["gone"]
    if not marked.any():
        return
    chunk.calls = calls.with_columns(
        pl.when(theirs.fill_null(False)).then(None).otherwise(pl.col(name)).alias(name)
        for name in ("caller", "caller_email", "recording", "transcript", "extra")
    )
    places = {place for place, gone in enumerate(marked) if gone}
    if not chunk.surveys.is_empty():
        of_them = pl.col("call").is_in(sorted(places)).fill_null(False)
        chunk.surveys = chunk.surveys.with_columns(
            pl.when(of_them).then(None).otherwise(pl.col(name)).alias(name)
            for name in ("comment", "extra")
        )


def hide_names(chunk: Chunk, source: str) -> None:
    """Have what stands for names of erased agents stand in a chunk, too."""
    known = AgentAlias.objects.filter(source=source, raw_name__startswith=MARK)
    gone = set(known.values_list("raw_name", flat=True))
    if not gone:
        return
    frames = {name: getattr(chunk, name) for name in (*_NAMING, "offers")}
    told = {raw for frame in frames.values() for raw in frame["agent"].drop_nulls().unique()}
    hidden = {raw: its for raw in told if (its := stand_in(source, raw)) in gone}
    if not hidden:
        return
    for name, frame in frames.items():
        if name == "offers":
            frame = frame.with_columns(pl.col("agent").alias(AS_TOLD))
        setattr(chunk, name, frame.with_columns(pl.col("agent").replace(hidden)))
