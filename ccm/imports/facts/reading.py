"""Rows of a list become facts: dates, numbers and words, with every wrong cell reported."""

from collections.abc import Callable
from functools import partial

import polars as pl
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm.imports.cells import columns, times
from ccm.imports.cells.columns import Cells
from ccm.imports.facts import periods
from ccm.imports.facts.columns import LISTS, TOGETHER, WEEK
from ccm.imports.facts.money import MOST, is_code
from ccm.imports.files.tables import Rows as Stretch
from ccm.imports.mapping.meanings import Cell, Target
from ccm.imports.mapping.profile import Profile
from ccm.imports.records import CALLS, Chunk, Facts
from ccm.models.plans import MOST_MINUTES
from ccm.plans import aims
from ccm.structure import days, opening_hours

LONGEST = 300
SHORT = {"kind": 60, "name": 160, "employee_id": 40, "team": 120, "queue": 120, "reference": 80,
         "call_ref": 120, "agent": 160, "kpi": 60, "role": 20, "given_name": 80,
         "family_name": 79}  # fmt: skip
# Parts of several columns that mean one thing: no cell can have it.
PARTED = "\x1f"
# Ends that may be written as one that nobody knows.
_OPEN_ENDS = {("people", "left"), ("leave", "last")}
_HOURS_A_WEEK = 168
_OF_A_DAY = {"paid_hours": MOST_MINUTES / 60, "paid_minutes": MOST_MINUTES}
_MOST_HEADS = 1_000_000


def chunk(profile: Profile, cells: Cells, stretch: Stretch) -> Chunk:
    """A stretch of a list: one frame of facts, of the columns it maps, beside `line`.

    A date is a Date, a number a Float64, everything else a String. Of an amount the cell itself
    is kept beside it (`amount_text`), for it may name its currency; of a period its days
    (`month_first`, `month_last`); of a target the number (`value_number`) and what it was written
    as (`value_sign`: "%", "s", nothing, or `aims.NONE`). Null is an empty cell.
    """
    reader = _Reader(profile, cells)
    told = {name: reader.values(target) for name, target in profile.targets.items()
            if profile.has(name)}  # fmt: skip
    for name in ("amount", "sale_value", "pipeline_value"):
        if name in told:
            told[f"{name}_text"] = reader.raw(name)
    if "month" in told:
        told |= reader.period()
    if "value" in told:
        told |= reader.aim()
    frame = pl.DataFrame(
        {
            "line": cells.rows["line"],
            "lines": pl.repeat(1, cells.rows.height, dtype=pl.UInt32, eager=True),
            **told,
        }
    )
    reader.check(frame)
    made = columns.chunk(stretch, cells, pl.DataFrame(schema=CALLS))
    labels = {name: reader.label(name) for name in profile.targets if profile.has(name)}
    good = frame.filter(~cells.bad)
    made.facts = Facts(profile.rows.value, good, labels, stretch.as_they_came(good["line"]))
    return made


class _Reader:
    """The columns of a list as values."""

    def __init__(self, profile: Profile, cells: Cells) -> None:
        self.profile, self.cells = profile, cells
        self.today = timezone.now().date()

    def raw(self, target: str) -> pl.Series:
        """A column's cells as they are."""
        return self.cells.rows[self.label(target)]

    def values(self, target: Target) -> pl.Series:
        column = self.profile.column(target.name)
        assert column is not None
        match target.cell:
            case Cell.DATE:
                return self._days(target.name, column.label, column.spelling)
            case Cell.NUMBER | Cell.COUNT:
                return self._numbers(column.label, column.decimal, target)
        if target.name in TOGETHER:
            parts = [self.cells.text(one.label, limit=1_000)
                     for one in self.profile.every(target.name)]  # fmt: skip
            return pl.select(
                pl.concat_str(parts, separator=PARTED, ignore_nulls=True)
            ).to_series().replace("", None)  # fmt: skip
        words = self.cells.text(column.label, limit=SHORT.get(target.name, LONGEST))
        self._check_words(target.name, column.label, words)
        return words

    def _days(self, name: str, label: str, spelling: str) -> pl.Series:
        day = self.cells.moments(label, spelling)["wall"].dt.date()
        self._reject_far(day, label, may_be_open=(self.profile.rows.value, name) in _OPEN_ENDS)
        return day

    def _reject_far(self, day: pl.Series, label: str, *, may_be_open: bool = False) -> None:
        """Refuse days that cannot be meant."""
        first, last = days.reach(self.today, may_be_open=may_be_open)
        message = days.reach_words(self.today, may_be_open=may_be_open)
        self.cells.reject(~day.is_between(first, last), label, "range", message)

    def _numbers(self, label: str, decimal: str, target: Target) -> pl.Series:
        slow = partial(times.number, decimal=decimal)
        value = self.cells.parsed(label, pl.Float64, slow, "number", _("It is no number."))
        if target.cell == Cell.COUNT:
            wrong = (value < 0) | (value != value.floor()) | (value > _MOST_HEADS)
            self.cells.reject(wrong, label, "range", _("It is no count."))
        elif target.name == "contract_hours":
            message = _("A week has 168 hours.")
            self.cells.reject(~value.is_between(0, _HOURS_A_WEEK), label, "range", message)
        elif target.name in _OF_A_DAY:
            message = _("No day is so long.")
            self.cells.reject(~value.is_between(0, _OF_A_DAY[target.name]), label, "range", message)
        elif target.name in ("planned_fte", "actual_fte"):
            message = _("It is no number of people.")
            self.cells.reject(~value.is_between(0, _MOST_HEADS), label, "range", message)
        else:
            too_much = value.abs() >= float(MOST)
            self.cells.reject(too_much, label, "range", _("It is more than can be kept."))
        return value

    def _check_words(self, name: str, label: str, words: pl.Series) -> None:
        """Refuse words that are not what they are to be."""
        if name in WEEK:
            message = _("It is no opening hours. Write 09:00-12:30, 13:30-18:00.")
            self._each(label, words, _is_hours, "hours", message)
        elif name == "currency":
            message = _("It is no currency of ISO 4217, such as EUR.")
            self._each(label, words, lambda text: is_code(text.upper()), "currency", message)
        elif name == "month":
            message = _("It is no month, quarter or year, such as 2026-03, Q1 2026 or 2026.")
            self._each(label, words, _is_period, "period", message)

    def _each(
        self, label: str, words: pl.Series, good: Callable[[str], bool], rule: str, message: str
    ) -> None:
        wrong = [one for one in words.drop_nulls().unique() if not good(one)]
        self.cells.reject(words.is_in(wrong), label, rule, message)

    def period(self) -> dict[str, pl.Series]:
        """The first and the last day of the `month` column."""
        spans = [periods.period_of(one) if one else None for one in self.raw("month")]
        first = pl.Series([one and one[0] for one in spans], dtype=pl.Date)
        self._reject_far(first, self.label("month"))
        return {
            "month_first": first,
            "month_last": pl.Series([one and one[1] for one in spans], dtype=pl.Date),
        }

    def aim(self) -> dict[str, pl.Series]:
        """The numbers of the `value` column, and what they were written as."""
        column = self.profile.column("value")
        assert column is not None
        texts = self.raw("value")
        read: dict[str, tuple[float | None, str] | None] = {
            one: (None, aims.NONE) if aims.is_none(one) else aims.read(one, column.decimal)
            for one in texts.drop_nulls().unique()
        }
        wrong = [text for text, found in read.items() if found is None]
        message = _("It is no number, share or time.")
        self.cells.reject(texts.is_in(wrong), column.label, "number", message)
        found = [read[one] if one is not None else None for one in texts]
        return {
            "value_number": pl.Series([one and one[0] for one in found], dtype=pl.Float64),
            "value_sign": pl.Series([one and one[1] for one in found], dtype=pl.String),
        }

    def check(self, frame: pl.DataFrame) -> None:
        """Refuse rows that lack what such a row must have, and days in the wrong order."""
        for group in LISTS[self.profile.rows.value].needs:
            there = [name for name in group if name in frame.columns]
            empty = frame.select(pl.all_horizontal(pl.col(there).is_null())).to_series()
            # A cell that says something wrong has been told already.
            empty &= ~self.cells.bad
            self.cells.reject(empty, self.label(there[0]), "missing", _("It is empty."))
        if self.profile.rows == "costs" and "last" in frame.columns:
            empty = frame["last"].is_null() & ~self.cells.bad
            self.cells.reject(empty, self.label("last"), "missing", _("It is empty."))
        for first, last, message in (
            ("first", "last", str(days.ENDS_FIRST)),
            ("hired", "left", str(days.LEAVES_FIRST)),
        ):
            if first in frame.columns and last in frame.columns:
                wrong = frame[last] < frame[first]
                self.cells.reject(wrong, self.label(last), "order", message)

    def label(self, target: str) -> str:
        """What the file calls the column of a target."""
        column = self.profile.column(target)
        assert column is not None
        return column.label


def _is_period(text: str) -> bool:
    return periods.period_of(text) is not None


def _is_hours(text: str) -> bool:
    try:
        opening_hours.spells(text)
    except ValueError:
        return False
    return True
