"""Rows of legs become calls: the leg that tells most stands for its call, with the others beside.

A switch writes a row for each leg: the menu that took the call, each phone that rang, the one
that answered. The rows of one call lie apart, in any order, in several files. So a call is told
whole by one of its legs, the one of the highest rank, and never mixed from several: whichever
pieces come in whichever order, the same leg ends up telling it, and a call that was answered is
not unanswered by the phones that rang beside it. `extra.legs` keeps what each leg was, under a
name made of the leg itself, so that pieces add up to the same.
"""

import zlib

import polars as pl

from ccm.imports.cells.columns import completed
from ccm.imports.records import CALLS

# How a leg ended, from the least to the most that a call can be told by.
FAILED, MENU, BUSY, UNANSWERED, VOICEMAIL, ANSWERED, ANSWERED_BY_AGENT = range(7)
STANDINGS = {
    "failed": FAILED, "refused": FAILED, "other": FAILED, "left_ivr": MENU, "busy": BUSY,
    "abandoned": UNANSWERED, "timed_out": UNANSWERED, "voicemail": VOICEMAIL, "answered": ANSWERED,
}  # fmt: skip

_WEIGHT_BITS, _KEY_BITS = 22, 32
# A call and its birth may not lie further apart than a day, whatever the zone.
_SHARED_BIRTH_MS = 8 * 3_600_000


def leg_keys(*parts: pl.Series) -> pl.Series:
    """A number (Int64, 32 bits) for each leg, made of what its row tells, the same in any file."""
    cells = [pl.lit(part).cast(pl.String).fill_null("") for part in parts]
    texts = pl.select(pl.concat_str(cells, separator="|")).to_series()
    return pl.Series([zlib.crc32(text.encode()) for text in texts], dtype=pl.Int64)


def shared_birth(wall_ms: pl.Series) -> pl.Series:
    """A birth for all legs of a call whose rows do not tell when the call itself began.

    It is the third of a day that the leg began in; legs on both sides of its edge are two calls.
    """
    return wall_ms // _SHARED_BIRTH_MS * _SHARED_BIRTH_MS


def one_each(legs: pl.DataFrame) -> pl.DataFrame:
    """The calls that some legs belong to, in the columns of CALLS.

    `legs` has the columns of CALLS that the format knows, and of each leg its `weight` (seconds
    of talk, else of ringing), `key` (`leg_keys`) and `leg` (a JSON object).
    """
    by_agent = (pl.col("outcome") == "answered") & pl.col("agent").is_not_null()
    standing = pl.col("outcome").replace_strict(STANDINGS, return_dtype=pl.Int64) + by_agent
    rank = (
        standing * (1 << (_WEIGHT_BITS + _KEY_BITS))
        + pl.col("weight").fill_null(0).clip(0, (1 << _WEIGHT_BITS) - 1) * (1 << _KEY_BITS)
        + pl.col("key")
    )
    calls = (
        legs.with_columns(revision=rank, named=pl.format('"{}": {}', "key", "leg"))
        .sort("revision", "line", descending=[True, False])
        .group_by("external_id", "birth_ms", maintain_order=True)
        .agg(
            pl.all().exclude("line", "named").first(),
            pl.col("line").min(),
            pl.len().alias("lines"),
            pl.col("named").unique().sort().str.join(", "),
        )
        .sort("line")
    )
    extra = pl.concat_str(pl.lit('{"legs": {'), "named", pl.lit("}}"))
    return completed(calls.with_columns(extra=extra)).select(CALLS.names())
