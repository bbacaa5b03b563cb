"""Rows that tell of calls: what became of each, its moments and lengths, the answers beside it.

Durations stand as the file writes them; stamps fill what it does not.
"""

from dataclasses import replace
from functools import partial

import polars as pl
from django.utils.translation import gettext as _

from ccm import addresses
from ccm.imports.cells import columns
from ccm.imports.mapping import answers
from ccm.imports.mapping.cellwise import Read, span
from ccm.imports.mapping.profile import ALL, BY_AGENT, BY_COLUMN, BY_MOMENT, BY_TALK, BY_WAIT
from ccm.imports.records import CALLS, Chunk, Issue, whole


def chunk(read: Read) -> Chunk:
    """The calls of a stretch of rows, a row each, and the answers told beside them."""
    when = read.when()
    said_outcome, said_answered = read.choice("outcome"), read.yes_no("answered")
    agent, wait, talk = (
        read.words("agent", 160),
        read.duration("wait"),
        read.duration("talk"),
    )
    queued_at = read.later("queued_at", when)
    rang_at = read.later("rang_at", when)
    answered_at = read.later("answered_at", when)
    ended_at = read.later("ended_at", when)
    lasted = read.duration("duration")
    ended_at = columns.pick(ended_at.is_null(), when.utc + span(lasted), ended_at)
    outcome = _outcome(read, said_outcome, said_answered, answered_at, talk, wait, agent)
    was = (outcome == "answered").fill_null(False)
    said = answers.scores(read)
    frame = pl.DataFrame(
        {
            "line": read.cells.rows["line"],
            "external_id": read.ids("external_id"),
            "linked": read.linked(),
            "queue": read.queue(),
            "agent": agent,
            "was": was,
            "outcome": outcome,
            "topic": read.words("topic"),
            "disposition": read.words("disposition"),
            "caller": read.words("caller"),
            "caller_email": _addresses(read),
            "direction": read.choice("direction").fill_null("inbound"),
            "channel": read.choice("channel").fill_null("voice"),
            "birth_ms": columns.wall_ms(when.wall),
            "offered_at": columns.pick(
                (queued_at >= when.utc).fill_null(False), queued_at, when.utc
            ),
            "answered_at": answered_at,
            "ended_at": ended_at,
            "has_clock": when.has_clock,
            "has_seconds": when.has_seconds,
            "wait": wait,
            "talk": talk,
            **{f"{name}_ms": read.duration(name) for name in ("ivr", "ring", "hold", "acw")},
            "rang_at": rang_at,
            "resolved": read.yes_no("resolved"),
            "resolvable": read.yes_no("resolvable"),
            "consent": read.yes_no("consent"),
            "recording": read.words("recording", 300),
            "transcript": read.words("transcript", 300),
            "transfer_target": read.words("transfer_target"),
            "sale_value": read.number("sale_value"),
            "pipeline_value": read.number("pipeline_value"),
            "extra": read.extra(
                others=answers.unscored(read, said),
                named_agent=columns.pick(~was, agent),
                account=read.words("account"),
            ),
            **said,
        }
    )
    frame = read.cells.kept(frame, ["external_id", "queue", "birth_ms"], read.id_label())
    if read.profile.no_wait_left_menu:
        unmet = (pl.col("outcome") == "abandoned") & (pl.col("wait") == 0)
        frame = frame.with_columns(
            outcome=pl.when(unmet).then(pl.lit("left_ivr")).otherwise("outcome")
        )
    calls = _records(frame)
    surveys = answers.of_calls(read, calls, frame)
    return _without_addresses(read, columns.chunk(read.stretch, read.cells, calls, surveys))


def _addresses(read: Read) -> pl.Series:
    """Callers' mail addresses. What is none is noted, without what it says."""
    column = read.profile.column("caller_email")
    if column is None:
        return read.none(pl.String)
    said = read.cells.text(column.label, limit=10_000)
    said = columns.pick(said != addresses.HIDDEN, said)
    known = {one: plain for one in said.drop_nulls().unique() if (plain := addresses.plain(one))}
    read.cells.note(
        said.is_not_null() & ~said.is_in(list(known)), column.label, "address",
        _("It is no mail address: left out."),
    )  # fmt: skip
    return said.replace_strict(known, default=None, return_dtype=pl.String)


def _without_addresses(read: Read, made: Chunk) -> Chunk:
    """The chunk whose rejected rows and issues tell no address of a caller: they are kept as they
    came, to be corrected."""
    column = read.profile.column("caller_email")
    if column is None:
        return made
    said = dict(read.cells.rows.select("line", column.label).iter_rows())
    agents = read.profile.column("agent")
    others = dict(read.cells.rows.select("line", agents.label).iter_rows()) if agents else {}
    hide = partial(addresses.hidden, as_long=bool(made.shape.edges))
    made.rejected_rows = [
        replace(row, text=hide(row.text, said.get(row.line), others=others.get(row.line) or ""))
        for row in made.rejected_rows
    ]
    made.issues = [
        replace(
            one,
            value=_value(one, column.label, said.get(one.line), agents.label if agents else None),
        )
        for one in made.issues
    ]
    return made


def _value(issue: Issue, column: str, cell: str | None, agents: str | None) -> str:
    """What an issue says of a row, without the address that is in its `cell` of the column. In
    that of `agents` other addresses are theirs."""
    if issue.column == column:
        return ""
    if not issue.column:
        return addresses.hidden_start(issue.value)
    if issue.column == agents and not (cell and cell in issue.value):
        return issue.value
    return addresses.hidden(issue.value, cell)


def _outcome(
    read: Read,
    said: pl.Series,
    answered: pl.Series,
    answered_at: pl.Series,
    talk: pl.Series,
    wait: pl.Series,
    agent: pl.Series,
) -> pl.Series:
    """What became of each call, by what the profile says tells it."""
    by = read.profile.answered_by
    if by == BY_COLUMN:
        column = read.profile.column("outcome") or read.profile.column("answered")
        assert column is not None
        flags = columns.pick(
            answered.fill_null(False),
            pl.repeat("answered", len(answered), eager=True),
            pl.repeat("abandoned", len(answered), eager=True),
        )
        outcome = said.fill_null(columns.pick(answered.is_not_null(), flags))
        read.cells.reject(
            outcome.is_null() & ~read.cells.bad, column.label, "outcome",
            _("It does not tell what became of the call."),
        )  # fmt: skip
        return outcome
    evidence = {
        BY_MOMENT: answered_at.is_not_null(),
        BY_TALK: (talk > 0).fill_null(False),
        BY_WAIT: wait.is_not_null(),
        BY_AGENT: agent.is_not_null(),
        ALL: pl.repeat(True, len(agent), dtype=pl.Boolean, eager=True),
    }[by]
    answer = pl.repeat("answered", len(agent), eager=True)
    lost = said.fill_null("abandoned")
    return columns.pick(evidence, answer, columns.pick(lost != "answered", lost, said))


def _records(frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of CALLS. Durations stand as written; stamps fill the others' gaps."""
    was = pl.col("was")
    start = pl.col("offered_at")
    by_stamp = pl.when(pl.col("answered_at") >= start).then(
        (pl.col("answered_at") - start).dt.total_milliseconds()
    )
    gone = pl.when(pl.col("ended_at") >= start).then(
        (pl.col("ended_at") - start).dt.total_milliseconds()
    )
    rang = (pl.coalesce("answered_at", "ended_at") - pl.col("rang_at")).dt.total_milliseconds()
    frame = frame.with_columns(
        wait_ms=pl.coalesce("wait", pl.when(was).then(by_stamp).otherwise(gone)),
        ring_ms=pl.coalesce("ring_ms", pl.when(rang >= 0).then(rang)),
        stamped=pl.col("answered_at").is_not_null() | pl.col("wait").is_not_null(),
    ).with_columns(
        answered_at=pl.when(was).then(
            pl.max_horizontal(
                start,
                pl.coalesce("answered_at", _after(start, pl.col("wait_ms").fill_null(0))),
            )
        )
    )
    # Where nothing tells when it was answered, nothing tells how long it was talked.
    served = pl.when("stamped").then(
        (pl.col("ended_at") - pl.col("answered_at")).dt.total_milliseconds()
    )
    frame = frame.with_columns(
        talk_ms=pl.when(was).then(
            pl.coalesce("talk", pl.when(served >= 0).then(served - pl.col("hold_ms").fill_null(0)))
        )
    ).with_columns(talk_ms=pl.when(pl.col("talk_ms") >= 0).then("talk_ms"))
    handled = pl.col("talk_ms") + pl.col("hold_ms").fill_null(0)
    end = pl.coalesce(
        "ended_at",
        pl.when(was).then(_after(pl.col("answered_at"), handled)),
        pl.when(~was).then(_after(start, pl.col("wait_ms"))),
    )
    frame = frame.with_columns(
        # max_horizontal passes over null: an end that nothing tells stays unknown.
        ended_at=pl.when(end.is_not_null()).then(pl.max_horizontal(start, "answered_at", end))
    )
    precision = (
        pl.when(~pl.col("has_clock")).then(pl.lit("day"))
        .when(~pl.col("has_seconds")).then(pl.lit("minute"))
        .otherwise(pl.lit("second"))
    )  # fmt: skip
    left_menu = pl.col("outcome").is_in(["left_ivr", "refused", "busy"])
    return whole(
        frame.with_columns(
            lines=pl.lit(1),
            linked_id=pl.coalesce("linked", "external_id"),
            entry_known=pl.lit(True),
            agent=pl.when(was).then("agent"),
            wait_ms=pl.when(~left_menu).then("wait_ms"),
            hold_ms=pl.when(was).then("hold_ms"),
            acw_ms=pl.when(was).then("acw_ms"),
            wrapup_ended_at=pl.when(was, pl.col("acw_ms").is_not_null()).then(
                _after(pl.col("ended_at"), pl.col("acw_ms"))
            ),
            transfer_kind=pl.when(pl.col("transfer_target").is_not_null()).then(pl.lit("unknown")),
            time_precision=precision,
        ).drop("wait", "talk"),
        CALLS,
    )


def _after(moment: pl.Expr, ms: pl.Expr) -> pl.Expr:
    return moment + pl.duration(milliseconds=ms)
