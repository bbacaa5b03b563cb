"""Writes the totals of sources that tell no single calls: apart, never among counts of calls."""

import polars as pl
from django.db.backends.utils import CursorWrapper

from ccm.imports.storing import names
from ccm.imports.storing.merge import insert_or_complete
from ccm.imports.storing.names import Agents
from ccm.imports.storing.target import Fates, Target, looked_up

_FIGURES = (
    "offered", "answered", "abandoned", "wait_ms", "talk_ms", "handle_ms",
    "answered_within", "threshold_seconds", "extra",
)  # fmt: skip
_KEY = ("source", "queue_name", "agent_name", "starts_at", "ends_at")


def store_counts(
    cursor: CursorWrapper,
    counts: pl.DataFrame,
    target: Target,
    agents: Agents,
    fates: Fates,
) -> None:
    """Write totals; those of a span told again are corrected."""
    told_queues = counts["queue"].drop_nulls().unique()
    queues = names.queues(target.site, told_queues, target.batch_id)
    rows = counts.with_columns(
        pl.lit(target.source).alias("source"),
        pl.lit(target.site.pk).alias("site_id"),
        looked_up("queue", queues).alias("queue_id"),
        agents.ids("agent", "starts_at").alias("agent_id"),
        pl.col("queue").fill_null("").alias("queue_name"),
        pl.col("agent").fill_null("").alias("agent_name"),
        pl.lit(target.batch_id, pl.Int64).alias("batch_id"),
    ).drop("line", "queue", "agent")
    told = rows.unique(_KEY, keep="last", maintain_order=True)
    fates.duplicate += int(rows["lines"].sum()) - int(told["lines"].sum())
    # What is not told again stays known.
    newest = {name: f"COALESCE(n.{name}, t.{name})" for name in _FIGURES}
    changed = insert_or_complete(
        cursor, "ccm_intervalcount", told.drop("lines"), newest, returning=_KEY, key=_KEY
    )
    for *key, lines in told.select(*_KEY, "lines").iter_rows():
        fate = changed.get(tuple(key), "duplicate")
        setattr(fates, fate, getattr(fates, fate) + lines)
