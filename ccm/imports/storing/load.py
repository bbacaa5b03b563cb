"""Writes what a format read: a chunk of records becomes rows, and the days it touched are marked.

The same chunk written twice is written once. A visit whose other half is already here, cut off
by a file's or a chunk's edge or posted live, completes that row instead of making a second.
One transaction writes a chunk; one lock a source keeps two writers of a source apart.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

import polars as pl
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from ccm import addresses, caller_keys, partitions
from ccm.callers import caller_hash, caller_masked
from ccm.dirty import beside, mark_days, mark_gained, touched
from ccm.identity import made_id
from ccm.imports.facts.storing import store_facts
from ccm.imports.records import Chunk
from ccm.imports.storing import journal, locks, names
from ccm.imports.storing.aged import hold_open_days, leave_closed
from ccm.imports.storing.answers import NEWEST_ANSWER, store_answers
from ccm.imports.storing.cutoffs import cut_off
from ccm.imports.storing.days import Days
from ccm.imports.storing.erased import AS_TOLD, hide_names, leave_erased
from ccm.imports.storing.links import link_waiting
from ccm.imports.storing.merge import (
    COLUMNS,
    all_new,
    around,
    copy_rows,
    insert_or_complete,
    merge,
    none_there,
)
from ccm.imports.storing.names import Agents
from ccm.imports.storing.noted import stand_again
from ccm.imports.storing.spells import store_spells
from ccm.imports.storing.target import Fates, Target, Told, looked_up
from ccm.imports.storing.totals import store_counts
from ccm.intervals import Calendar, day_of, site_day
from ccm.masking import masked_column, masked_json_column
from ccm.models import Precision, Site

_TEXTS = [
    "agent_name", "caller_hash", "caller_masked", "ended_by", "transfer_kind", "transfer_target",
    "recording", "transcript",
]  # fmt: skip
_MASKED = {
    "calls": ("topic", "disposition", "transfer_target"),
    "surveys": ("comment",),
    "states": ("reason",),
    "counts": (),
}


@transaction.atomic
def store(chunk: Chunk, target: Target) -> Fates:
    """Write a chunk's records; counts of source lines by what became of them.

    Marks the queue days that changed as dirty in the same transaction.
    """
    fates = Fates()
    # Days may have come to begin at another hour since the import began.
    hold_open_days(target.site)
    chunk.calls = on_their_days(chunk.calls, target.site)
    leave_closed(chunk, target, fates)
    leave_erased(chunk)
    hide_names(chunk, target.source)
    mask(chunk)
    alone = chunk.surveys.filter(pl.col("call").is_null())
    with connection.cursor() as cursor:
        locks.hold_source(cursor, target.source)
        if not target.tried:
            locks.hold_names(cursor)
            _keep_apart(cursor, chunk, alone, target)
        partitions.ensure_months(months(chunk.calls))
        agents = _agents(chunk, target)
        if not chunk.calls.is_empty():
            _store_calls(cursor, chunk, target, agents, fates)
        if not chunk.states.is_empty():
            store_spells(chunk.states, agents, target, fates)
        if not target.whole:
            cut_off(cursor, chunk, target)
        if not alone.is_empty():
            store_answers(cursor, alone, target, agents, fates)
        if not chunk.counts.is_empty():
            store_counts(cursor, chunk.counts, target, agents, fates)
        if chunk.facts is not None:
            store_facts(cursor, chunk.facts, target, fates)
    return fates


def _keep_apart(cursor: CursorWrapper, chunk: Chunk, alone: pl.DataFrame, target: Target) -> None:
    """Have files that name calls, and files of these calls, come one after the other: else each
    would look for the other in vain.

    Who posts answers is not kept waiting for that; posted again they find their calls.
    """
    names_calls = not alone.is_empty() or (chunk.facts is not None and chunk.facts.kind == "sales")
    if names_calls and target.batch_id is not None:
        locks.have_calls_alone(cursor, target.site.pk)
    elif not chunk.calls.is_empty():
        locks.hold_calls(cursor, target.site.pk)


def mask(chunk: Chunk) -> None:
    """Hide what is nobody's to read in all texts that are no identity."""
    for name, columns in _MASKED.items():
        frame = getattr(chunk, name)
        if not frame.is_empty():
            # A switch's own names of where calls go read as addresses: sip:sales@pbx.example.com.
            texts = [
                masked_column(frame[column], mails=column != "transfer_target")
                for column in columns
            ]
            texts.append(masked_json_column(frame["extra"]))
            setattr(chunk, name, frame.with_columns(texts))


def on_their_days(calls: pl.DataFrame, site: Site) -> pl.DataFrame:
    """Calls that tell their day alone, moved to where the site's day of their date begins."""
    if not site.day_begins:
        return calls
    of_day = pl.col("time_precision") == Precision.DAY
    moments = calls.filter(of_day)["offered_at"].unique()
    if moments.is_empty():
        return calls
    dates = Calendar(site.tz)
    by = [site_day(day_of(one, dates), site.calendar).start - one for one in moments]
    known = pl.DataFrame({"offered_at": moments, "by": pl.Series(by, dtype=pl.Duration("us"))})
    moved = calls.join(known, on="offered_at", how="left", maintain_order="left")
    return moved.with_columns(
        pl.when(of_day).then(pl.col(name) + pl.col("by")).otherwise(name).alias(name)
        for name in ("offered_at", "answered_at", "ended_at", "wrapup_ended_at")
    ).drop("by")


def months(calls: pl.DataFrame) -> list[date]:
    """First days of the months that these calls lie in."""
    births = pl.from_epoch("birth_ms", "ms").dt.date().dt.truncate("1mo")
    return calls.select(births).to_series().unique().to_list()


def _agents(chunk: Chunk, target: Target) -> Agents:
    raw = {
        name
        for frame in (
            chunk.calls,
            chunk.offers,
            chunk.states,
            chunk.surveys,
            chunk.counts,
            chunk.cutoffs,
        )
        for name in frame["agent"].drop_nulls().unique()
    }
    return names.agents(target.site, target.source, raw, target.batch_id) if raw else Agents({}, {})


def _store_calls(
    cursor: CursorWrapper, chunk: Chunk, target: Target, agents: Agents, fates: Fates
) -> None:
    calls = _table_rows(chunk.calls, target, agents)
    offers = _offer_rows(chunk, calls, target, agents)
    surveys = _survey_rows(chunk, calls, target)
    days_of = Days(calls, target)
    days_of.count_before(cursor)
    told = _named(surveys)
    fresh = not target.whole and all_new(cursor, calls)
    if (
        fresh
        and none_there(cursor, "ccm_offer", offers["id"])
        and none_there(cursor, "ccm_surveyresponse", told["id"])
    ):
        days = beside(cursor, target.site, calls, around(calls))
        copy_rows(cursor, "ccm_call", calls.select(COLUMNS))
        copy_rows(cursor, "ccm_offer", offers)
        copy_rows(cursor, "ccm_surveyresponse", told)
        fates.stored += int(calls["lines"].sum())
        days_of.add(cursor, calls.select(made="id", fate=pl.lit("stored"), lines="lines"))
        if target.by_record:
            fates.each |= {
                line: Told("stored", one) for line, one in calls.select("line", "id").iter_rows()
            }
        mark_days(cursor, target.site, days | touched(calls, target.site))
        _join_what_waited(cursor, calls, calls["id"], target)
        _keep_addresses(calls, calls["id"], target)
        return
    changed = merge(cursor, calls, target.site)
    offers = offers.with_columns(call_id=_final_ids(offers, changed))
    surveys = _named(surveys.with_columns(call_id=_final_ids(surveys, changed)))
    with_more = _store_offers(cursor, offers, whole=target.whole)
    with_more |= _store_surveys(cursor, surveys, whole=target.whole)
    if target.whole:
        entered = calls.filter("entry_known").select(call_id="id")
        visits = _final_ids(entered, changed).to_list()
        with_more |= _drop_others(cursor, "ccm_offer", offers, visits)
        with_more |= _drop_others(cursor, "ccm_surveyresponse", surveys, visits)
    journal.note_hung(cursor, target.batch_id, with_more)
    # A line that only added a ring or an answer to a known call changed that call.
    gained = (pl.col("fate") == "duplicate") & pl.col("id").is_in(list(with_more))
    changed = changed.with_columns(fate=pl.when(gained).then(pl.lit("updated")).otherwise("fate"))
    counted = dict(changed.group_by("fate").agg(pl.col("lines").sum()).iter_rows())
    fates.stored += counted.get("stored", 0)
    fates.updated += counted.get("updated", 0)
    fates.duplicate += counted.get("duplicate", 0)
    days_of.add(cursor, changed)
    if target.by_record:
        lines = calls["line"].to_list()
        fates.each |= {
            lines[place]: Told(fate, one)
            for place, one, fate in changed.select("place", "id", "fate").iter_rows()
        }
    extra = changed.filter(pl.col("id").is_in(list(with_more)))["id"].to_list()
    mark_gained(cursor, target.site, extra)
    _join_what_waited(cursor, calls, changed["id"], target)
    _keep_addresses(calls, _final_ids(calls.select(call_id="id"), changed), target)


def _keep_addresses(calls: pl.DataFrame, rows: pl.Series, target: Target) -> None:
    """Keep the mail addresses of callers beside the rows that their calls ended in, as far as they
    are wanted; of what is only tried, none."""
    if target.tried or calls["caller_email"].null_count() == len(calls):
        return
    told = zip(rows, calls["caller_email"], strict=True)
    addresses.keep(target.site, {UUID(row): said for row, said in told if said}, timezone.now())


def _join_what_waited(
    cursor: CursorWrapper, calls: pl.DataFrame, rows: pl.Series, target: Target
) -> None:
    """Give calls, and the rows they ended in, what was told of them before they came."""
    stand_again(cursor, rows)
    link_waiting(cursor, target.site, calls)


def _table_rows(frame: pl.DataFrame, target: Target, agents: Agents) -> pl.DataFrame:
    """The chunk's calls with ids in place of names, in the columns of the table."""
    batch = target.batch_id
    queues = names.queues(target.site, frame["queue"].drop_nulls().unique(), batch)
    topics = names.topics(frame["topic"].drop_nulls().unique(), batch)
    dispositions = names.dispositions(frame["disposition"].drop_nulls().unique(), batch)
    callers = frame["caller"].drop_nulls().unique().to_list()
    if callers:
        caller_keys.note(timezone.now())
    source = target.source
    ids = [
        made_id(birth, source, external, queue or "")
        for external, queue, birth in zip(
            frame["external_id"], frame["queue"], frame["birth_ms"], strict=True
        )
    ]
    return frame.with_columns(
        pl.Series("id", ids, pl.String),
        pl.lit(source).alias("source"),
        pl.lit(target.site.pk).alias("site_id"),
        pl.lit(target.batch_id, pl.Int64).alias("batch_id"),
        (~pl.col("entry_known")).alias("from_half"),
        pl.col("linked_id").fill_null(pl.col("external_id")),
        looked_up("queue", queues).alias("queue_id"),
        agents.ids("agent", "offered_at").alias("agent_id"),
        pl.col("agent").alias("agent_name"),
        looked_up("topic", topics).alias("topic_id"),
        looked_up("disposition", dispositions).alias("disposition_id"),
        looked_up("caller", {one: caller_hash(one) for one in callers}).alias("caller_hash"),
        looked_up("caller", {one: caller_masked(one) for one in callers}).alias("caller_masked"),
    ).with_columns(pl.col(_TEXTS).fill_null(""))


def _offer_rows(chunk: Chunk, calls: pl.DataFrame, target: Target, agents: Agents) -> pl.DataFrame:
    frame = _with_call(chunk.offers, calls)
    ids = [
        made_id(ended, target.source, external, queue or "", agent, outcome)
        for ended, external, queue, agent, outcome in frame.select(
            "ended_ms",
            "external_id",
            "queue",
            AS_TOLD if AS_TOLD in frame.columns else "agent",
            "outcome",
        ).iter_rows()
    ]
    return (
        frame.with_columns(
            pl.Series("id", ids, pl.String),
            # Whose ring it was goes by the day of the call.
            agents.ids("agent", "offered_at").alias("agent_id"),
            pl.col("agent").alias("agent_name"),
            pl.lit(target.batch_id, pl.Int64).alias("batch_id"),
        )
        .select(
            "id", "call_id", "agent_id", "agent_name", "starts_at", "ring_ms", "outcome", "batch_id"
        )
        .unique("id")
    )


def _survey_rows(chunk: Chunk, calls: pl.DataFrame, target: Target) -> pl.DataFrame:
    """The answers that the chunk's own calls tell, without their ids (`_named`)."""
    told = chunk.surveys.filter(pl.col("call").is_not_null())
    return (
        _with_call(told.drop("external_id", "birth_ms", "queue"), calls)
        .with_columns(
            pl.lit(target.source).alias("source"),
            pl.lit(target.site.pk).alias("site_id"),
            pl.lit(target.batch_id, pl.Int64).alias("batch_id"),
            pl.col("comment").fill_null(""),
            pl.lit("").alias("agent_name"),
            pl.lit("").alias("call_ref"),
        )
        .select(
            "source",
            "site_id",
            "queue_id",
            "batch_id",
            "call_id",
            "call_ref",
            "agent_id",
            "agent_name",
            "kind",
            "scale_min",
            "scale_max",
            "score",
            "comment",
            "answered_at",
        )
    )


def _named(surveys: pl.DataFrame) -> pl.DataFrame:
    """Surveys with ids made of the rows that their calls ended in: a call has one of a kind."""
    ids = [
        made_id(int(call[:12], 16), call, kind)
        for call, kind in surveys.select("call_id", "kind").iter_rows()
    ]
    return surveys.with_columns(pl.Series("id", ids, pl.String)).unique("id", keep="last")


def _with_call(frame: pl.DataFrame, calls: pl.DataFrame) -> pl.DataFrame:
    """Rows that name their call by its number in the chunk, with that call's own columns."""
    owners = calls.select(
        "external_id",
        "queue",
        "queue_id",
        "birth_ms",
        "offered_at",
        "agent_id",
        pl.col("id").alias("call_id"),
    ).with_row_index("call")
    return frame.join(owners, on="call", how="left", maintain_order="left")


def _final_ids(frame: pl.DataFrame, changed: pl.DataFrame) -> pl.Series:
    """The ids of the rows' calls after halves have joined the rows they belong to."""
    if frame.is_empty() or (changed["made"] == changed["id"]).all():
        return frame["call_id"]
    final = changed.select("made", "id").unique("made")
    joined = frame.join(
        final,
        left_on="call_id",
        right_on="made",
        how="left",
        maintain_order="left",
        suffix="_final",
    )
    return joined["id_final"] if "id_final" in joined.columns else joined["id"]


def _store_offers(cursor: CursorWrapper, offers: pl.DataFrame, *, whole: bool) -> set[str]:
    """Insert the rings that are not there yet, or complete those that are; their calls' ids."""
    rule = "n.{0}" if whole else "COALESCE(n.{0}, t.{0})"
    newest = {name: rule.format(name) for name in ("starts_at", "ring_ms")}
    return _calls_of(insert_or_complete(cursor, "ccm_offer", offers, newest))


def _store_surveys(cursor: CursorWrapper, surveys: pl.DataFrame, *, whole: bool) -> set[str]:
    """Insert answers, or correct those that changed; the ids of their calls. Where all that is
    known is told (`whole`) another answer may take the place of one that was laid to its call."""
    newest = dict(NEWEST_ANSWER)
    if whole:
        newest |= {name: f"n.{name}" for name in ("scale_min", "scale_max", "answered_at")}
    return _calls_of(insert_or_complete(cursor, "ccm_surveyresponse", surveys, newest))


def _calls_of(changed: Iterable[tuple[UUID]]) -> set[str]:
    return {call.hex for (call,) in changed}


def _drop_others(
    cursor: CursorWrapper, table: str, rows: pl.DataFrame, calls: list[str]
) -> set[str]:
    """Remove what these calls have in `table` beside `rows`; the ids of calls that had such."""
    cursor.execute(
        f"DELETE FROM {table} WHERE call_id = ANY(%s::uuid[]) AND id <> ALL(%s::uuid[])"
        " RETURNING call_id",
        [calls, rows["id"].to_list()],
    )
    return {row[0].hex for row in cursor.fetchall()}
