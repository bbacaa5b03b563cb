"""What the demo centre truly did, counted from its own log and without the loader.

Tests hold the record and every report against it. Days are the site's own.
"""

from dataclasses import dataclass

import polars as pl

from ccm.demo.asking import SCALES
from ccm.demo.centre import Centre
from ccm.demo.telling import LEFT_IVR, Record

THRESHOLD_MS = 20_000
# Scores that are counted apart: of which kind, from and to.
_COUNTED = {
    "csat_top2": ("csat", 4, 5),
    "nps_promoters": ("nps", 9, 10),
    "nps_detractors": ("nps", 0, 6),
    "ces_easy": ("ces", 5, 7),
}
_ENDS = ("answered", "abandoned", "timed_out", "key_exit", "callback_requested", "in_progress")


@dataclass(frozen=True, slots=True)
class Truth:
    """The totals of a centre.

    `queue_days`: one row a site, queue and site day of the visits' offer. Counts: offered
    (those who left in the menu are not) = answered + abandoned + timed_out + key_exit +
    callback_requested + other + in_progress; answered_in_20, left_ivr, ring_no_answer (with
    unreachable, which is also apart), declined, cancelled, resolved, resolved_known. Sums: wait_ms
    of the answered, talk_ms, hold_ms, acw_ms. Answers of each kind as csat_n and csat_sum, and
    those of `_COUNTED`.
    `agents`: one row an alias that answered anything: site, agent, answered, talk_ms.
    `contacts`: contacts offered, by the site's name.
    `dials`: one row an alias that called out, and queue: site, queue, agent, dials, reached,
    talk_ms. Calls out are in none of the others.
    """

    queue_days: pl.DataFrame
    agents: pl.DataFrame
    contacts: dict[str, int]
    dials: pl.DataFrame

    def total(self, column: str, **where: str) -> int:
        """The sum of a column over the queue days of a site or a queue."""
        return int(self.queue_days.filter(**where)[column].sum())


def truth_of(centre: Centre) -> Truth:
    records = list(centre.records.values())
    return Truth(
        pl.concat([_queue_days(record) for record in records]),
        pl.concat([_agents(record) for record in records]),
        {record.site.name: _contacts(record) for record in records},
        pl.concat([_dials(record) for record in records]),
    )


def _queue_days(record: Record) -> pl.DataFrame:
    calls = record.calls.with_row_index("call").with_columns(
        site=pl.lit(record.site.name),
        day=pl.col("offered_at").dt.convert_time_zone(record.site.zone).dt.date(),
    )
    key = ["site", "queue", "day"]
    answered = pl.col("outcome") == "answered"
    offered = pl.col("outcome") != LEFT_IVR
    known = pl.col("resolved").is_not_null()
    counted = calls.group_by(key).agg(
        offered.sum().alias("offered"),
        *((pl.col("outcome") == end).sum().alias(end) for end in _ENDS),
        (offered & ~pl.col("outcome").is_in(_ENDS)).sum().alias("other"),
        (pl.col("outcome") == LEFT_IVR).sum().alias("left_ivr"),
        (answered & (pl.col("wait_ms") <= THRESHOLD_MS)).sum().alias("answered_in_20"),
        pl.col("wait_ms").filter(answered).sum(),
        *(pl.col(name).filter(answered).sum() for name in ("talk_ms", "hold_ms", "acw_ms")),
        (answered & known & pl.col("resolved")).sum().alias("resolved"),
        (answered & known).sum().alias("resolved_known"),
    )
    owners = calls.select("call", *key)
    missed = pl.col("outcome").is_in(["no_answer", "unreachable"])
    rings = (
        record.offers.join(owners, on="call")
        .group_by(key)
        .agg(
            missed.sum().alias("ring_no_answer"),
            *(
                (pl.col("outcome") == how).sum().alias(how)
                for how in ("unreachable", "declined", "cancelled")
            ),
        )
    )
    kind, score = pl.col("kind"), pl.col("score")
    scores = (
        record.surveys.select("call", "kind", "score")
        .join(owners, on="call")
        .group_by(key)
        .agg(
            *((kind == one).sum().alias(f"{one}_n") for one in SCALES),
            *(score.filter(kind == one).sum().alias(f"{one}_sum") for one in SCALES),
            *(
                ((kind == one) & score.is_between(low, high)).sum().alias(name)
                for name, (one, low, high) in _COUNTED.items()
            ),
        )
    )
    return (
        counted.join(rings, on=key, how="left")
        .join(scores, on=key, how="left")
        .fill_null(0)
        .sort(key)
    )


def _agents(record: Record) -> pl.DataFrame:
    served = record.calls.filter(pl.col("outcome") == "answered")
    return (
        served.group_by("agent")
        .agg(pl.len().alias("answered"), pl.col("talk_ms").sum())
        .select(pl.lit(record.site.name).alias("site"), "agent", "answered", "talk_ms")
        .sort("agent")
    )


def _dials(record: Record) -> pl.DataFrame:
    return (
        record.dials.group_by("queue", "agent")
        .agg(
            pl.len().alias("dials"),
            (pl.col("outcome") == "answered").sum().alias("reached"),
            pl.col("talk_ms").sum(),
        )
        .select(
            pl.lit(record.site.name).alias("site"), "queue", "agent", "dials", "reached", "talk_ms"
        )
        .sort("queue", "agent")
    )


def _contacts(record: Record) -> int:
    return record.calls.filter(pl.col("outcome") != LEFT_IVR)["linked_id"].n_unique()
