"""Answers to surveys: rows of their own, or columns beside those of a call."""

from collections.abc import Mapping

import polars as pl
from django.utils.translation import gettext as _

from ccm.imports.cells import columns, times
from ccm.imports.mapping.cellwise import Read
from ccm.imports.mapping.scales import BY_KIND
from ccm.imports.mapping.targets import SURVEY_KINDS, Cell
from ccm.imports.mapping.words import NO, YES
from ccm.imports.records import CALLS, SURVEYS, Chunk, whole

# From what to what an answer may go.
_SCALE = r"^(-?\d{1,9})\s*(?:-|–|\.\.|/|to)\s*(-?\d{1,9})$"


def chunk(read: Read) -> Chunk:
    """The answers of a stretch of rows that tell of nothing else."""
    when = read.when()
    answers = _scores_of_rows(read) if read.profile.has("score") else scores(read)
    kinds = [name for name in answers if name in (*SURVEY_KINDS, "score")]
    empty = pl.DataFrame(answers).select(pl.all_horizontal(pl.col(kinds).is_null())).to_series()
    column = next(one for one in map(read.profile.column, kinds) if one)
    frame = pl.DataFrame(
        {
            "line": read.cells.rows["line"],
            "external_id": read.ids("external_id"),
            "birth_ms": columns.wall_ms(when.wall),
            "call_ref": read.words("call_ref"),
            "agent": read.words("agent", 160),
            "queue": read.queue(),
            "answered_at": when.utc,
            "extra": read.extra(),
            **answers,
        }
    )
    identity = ["external_id", "birth_ms", *(["kind"] if "kind" in answers else [])]
    # What else is wrong with a row was told before: a row has one fate.
    empty &= ~read.cells.bad
    message = _("No answer was given.")
    read.stretch.ignored += read.cells.ignore(empty, column.label, "no_answer", message)
    read.cells, frame = read.cells.without(empty), frame.filter(~empty)
    frame = read.cells.kept(frame, identity, read.id_label())
    if "kind" in answers:
        frame = frame.with_columns(lines=pl.lit(1))
    else:
        frame = _in_rows(read, frame, kinds)
    made = columns.chunk(read.stretch, read.cells, pl.DataFrame(schema=CALLS))
    made.surveys = whole(frame, SURVEYS)
    return made


def scores(read: Read) -> dict[str, pl.Series]:
    """The score of each kind that has a column, and the comment."""
    made = {kind: _score(read, kind) for kind in SURVEY_KINDS}
    return made | {"comment": read.words("comment", 4_000)}


def unscored(read: Read, said: Mapping[str, pl.Series]) -> dict[str, pl.Series]:
    """The comments of calls without a score, by their column: no answer can hold them."""
    column = read.profile.column("comment")
    if column is None:
        return {}
    kinds = pl.DataFrame({kind: said[kind] for kind in SURVEY_KINDS})
    alone = kinds.select(pl.all_horizontal(pl.all().is_null())).to_series()
    return {column.label: columns.pick(alone, said["comment"])}


def _score(read: Read, kind: str) -> pl.Series:
    column = read.profile.column(kind)
    if column is None:
        return read.none(pl.Float64)
    if read.profile.targets[kind].cell == Cell.YES_NO:
        return read.yes_no(kind).cast(pl.Float64)
    value = read.number(kind)
    low, high = column.scale or (0, 0)
    # A 0 below the scale is how some tables write that no answer was given.
    value = columns.pick((value != 0) | pl.Series([low <= 0]), value)
    message = _("It is not on the scale from %(low)d to %(high)d.") % {"low": low, "high": high}
    read.cells.reject(~value.is_between(low, high), column.label, "range", message)
    return value


def _scale(read: Read, kind: str) -> tuple[int, int]:
    column = read.profile.column(kind)
    return (column and column.scale) or (0, 1)


def of_calls(read: Read, calls: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
    """The answers that calls' own rows tell."""
    given = calls.select("answered_at", "ended_at", "offered_at").with_row_index("call")
    given = given.with_columns(frame.select(*SURVEY_KINDS, "comment"))
    parts = [
        given.filter(pl.col(kind).is_not_null()).select(
            "call",
            kind=pl.lit(kind),
            scale_min=pl.lit(_scale(read, kind)[0]),
            scale_max=pl.lit(_scale(read, kind)[1]),
            score=kind,
            comment="comment",
            answered_at=pl.coalesce("ended_at", "answered_at", "offered_at"),
        )
        for kind in SURVEY_KINDS
        if read.profile.has(kind)
    ]
    return whole(pl.concat(parts), SURVEYS) if parts else pl.DataFrame(schema=SURVEYS)


def _in_rows(read: Read, frame: pl.DataFrame, kinds: list[str]) -> pl.DataFrame:
    """Answers that stood in columns beside each other, a row each."""
    parts: list[pl.DataFrame] = []
    told = pl.lit(0)
    for kind in kinds:
        low, high = _scale(read, kind)
        parts.append(
            frame.filter(pl.col(kind).is_not_null()).with_columns(
                kind=pl.lit(kind), scale_min=low, scale_max=high, score=pl.col(kind),
                # A row is counted once, with the first of its answers.
                lines=pl.when(told == 0).then(1).otherwise(0),
                told=told,
            )
        )  # fmt: skip
        told = told + pl.col(kind).is_not_null().cast(pl.Int32)
    return pl.concat(parts, how="diagonal_relaxed")


def _scores_of_rows(read: Read) -> dict[str, pl.Series]:
    """The score of each row, whose cells say what was asked and on which scale.

    Without a scale an answer to NPS lies on 0 to 10 and one to FCR is yes or no: that is what
    these measures are. Other answers without one are refused.
    """
    column = read.profile.column("score")
    assert column is not None
    kind = read.choice("kind", required=True)
    low, high = _scales_of_rows(read, kind)
    yes_no = dict.fromkeys(NO, 0.0) | dict.fromkeys(YES, 1.0)

    def slow(text: str) -> float | None:
        value = times.number(text, column.decimal)
        return yes_no.get(text.lower()) if value is None else value

    score = read.cells.parsed(
        column.label, pl.Float64, slow, "number", _("It is neither a number nor yes or no.")
    )
    given = read.cells.rows[column.label]
    worded = given.str.to_lowercase().is_in([one for one in yes_no if not one.isdigit()])
    read.cells.reject(worded & (kind != "fcr"), column.label, "number", _("It is no number."))
    # What has no answer needs no scale.
    told = score.is_not_null()
    read.cells.reject(
        told & low.is_null(), column.label, "scale",
        _("It does not say from what to what its scale goes."),
    )  # fmt: skip
    read.cells.reject(
        (score < low) | (score > high), column.label, "range", _("It is not on its scale.")
    )
    return {
        "kind": kind, "score": score, "scale_min": low, "scale_max": high,
        "comment": read.words("comment", 4_000),
    }  # fmt: skip


def _scales_of_rows(read: Read, kind: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Where the scale of each row's answer begins and where it ends."""
    column = read.profile.column("score")
    said = read.profile.column("scale")
    fixed = (column and column.scale) or (None, None)
    ends = []
    cells = read.words("scale")
    for place in (0, 1):
        known = {name: scale[place] for name, scale in BY_KIND.items()}
        by_kind = kind.replace_strict(known, default=fixed[place], return_dtype=pl.Int64)
        ends.append(cells.str.extract(_SCALE, place + 1).cast(pl.Int64, strict=False))
        ends[place] = columns.pick(cells.is_null(), by_kind, ends[place])
    low, high = ends
    if said is not None:
        read.cells.reject(
            cells.is_not_null() & ~((low < high) & (high < 2**31)).fill_null(False),
            said.label, "scale", _("It is no scale written as 1-5."),
        )  # fmt: skip
    return low, high
