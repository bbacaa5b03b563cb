"""Writes the totals of sources that tell no single calls: apart, never among counts of calls."""

import polars as pl
from django.db.backends.utils import CursorWrapper

from ccm.imports.storing import journal, names
from ccm.imports.storing.merge import copy_rows
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
    columns = [name for name in told.columns if name != "lines"]
    cursor.execute(
        "CREATE TEMP TABLE staged_counts ON COMMIT DROP AS"
        f" SELECT {', '.join(columns)}, 0 AS lines FROM ccm_intervalcount WITH NO DATA"
    )
    copy_rows(cursor, "staged_counts", told.select(*columns, "lines"))
    same = " AND ".join(f"c.{name} IS NOT DISTINCT FROM s.{name}" for name in _KEY)
    # What is not told again stays known.
    differs = " OR ".join(
        f"c.{name} IS DISTINCT FROM COALESCE(s.{name}, c.{name})" for name in _FIGURES
    )
    cursor.execute(
        "SELECT CASE WHEN c.id IS NULL THEN 'stored'"
        f" WHEN {differs} THEN 'updated' ELSE 'duplicate' END AS fate, sum(s.lines)"
        f" FROM staged_counts s LEFT JOIN ccm_intervalcount c ON {same} GROUP BY 1"
    )
    for fate, lines in cursor.fetchall():
        setattr(fates, fate, getattr(fates, fate) + lines)
    cursor.execute(
        f"SELECT c.id FROM staged_counts s JOIN ccm_intervalcount c ON {same} WHERE {differs}"
    )
    journal.note_found(
        cursor, "ccm_intervalcount", target.batch_id, [row[0] for row in cursor.fetchall()]
    )
    setting = ", ".join(f"{name} = COALESCE(excluded.{name}, c.{name})" for name in _FIGURES)
    cursor.execute(
        f"INSERT INTO ccm_intervalcount AS c ({', '.join(columns)})"
        f" SELECT {', '.join(columns)} FROM staged_counts"
        f" ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET {setting}"
        f" WHERE {differs.replace('s.', 'excluded.')}"
    )
    cursor.execute("DROP TABLE staged_counts")
