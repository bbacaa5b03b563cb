"""Columns of text become numbers, clocks and moments; every cell that cannot is reported.

All of it is vectorised: looped over are distinct cells of unusual shape and rows that are wrong.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from django.utils.translation import gettext as _

from ccm.identity import MILLISECOND
from ccm.imports.cells import times
from ccm.imports.files.tables import VALUE_SHOWN, Rows, Table
from ccm.imports.records import CALLS, IGNORED, NOTED, REJECTED, Chunk, FileRefused, Issue

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
FUTURE = timedelta(days=1)
# The longest duration the record's 32-bit milliseconds hold: 24.8 days.
LONGEST_SECONDS = 2_147_483

# What spreadsheets and data tools write for "nothing" in a column of numbers.
NOTHING = ("nan", "null", "none", "nat", "n/a", "#n/a", "-")

_MIDNIGHT = r"(?:[T ]0?0:00(?::00(?:\.0+)?)?)?"
_YMD = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_MIDNIGHT}")
_YEAR_LAST = re.compile(rf"(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}){_MIDNIGHT}")
_YEAR_LAST_AND_CLOCK = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[T ].*)?")
_MONTH_NAMED = re.compile(r"(\d{1,2})[- ]([A-Za-z]{3})[a-z]*[- ](\d{4})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = re.compile(
    r"(\d{1,3}):([0-5]?\d)(?::([0-5]?\d)(?:\.0+)?)?(?: ?([ap])\.?m\.?)?", re.I | re.A
)
_INTEGER = re.compile(r"([+-]?\d{1,15})(?:\.0+)?", re.ASCII)


def clock_seconds(text: str) -> int | None:
    """Seconds of h:mm:ss or h:mm, also with am or pm; None for anything else."""
    hit = _CLOCK.fullmatch(text)
    if not hit:
        return None
    hours, minutes, seconds = int(hit[1]), int(hit[2]), int(hit[3] or 0)
    if hit[4]:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if hit[4].lower() == "p" else 0)
    return hours * 3600 + minutes * 60 + seconds


def date_of(text: str, order: str) -> date | None:
    """The date of year-month-day, day-MonthName-year, or year last in an order of `date_order`.

    None for anything else; a year of two digits is not guessed.
    """
    if not text.isascii():
        return None
    if hit := _YMD.fullmatch(text):
        year, month, day = int(hit[1]), int(hit[2]), int(hit[3])
    elif (hit := _YEAR_LAST.fullmatch(text)) and order:
        first, second, year = int(hit[1]), int(hit[2]), int(hit[3])
        day, month = (first, second) if order == "dmy" else (second, first)
    elif (hit := _MONTH_NAMED.fullmatch(text)) and hit[2].lower() in _MONTHS:
        day, month, year = int(hit[1]), _MONTHS.index(hit[2].lower()) + 1, int(hit[3])
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def date_order(table: Table, column: str, said: str) -> str:
    """ "dmy" or "mdy": the order of a column's year-last dates, told by the whole column.

    A first number above 12 must be a day, so must a second; `said` is used where neither
    occurs. Returns "" for a column without such dates.

    Raises FileRefused when the column tells both orders, or neither and nothing is said.
    """
    evidence: dict[str, str] = {}
    any_date = ""
    found_at: dict[str, int] = {}
    for rows in table.stretches(0, 200_000, column):
        texts = rows.frame[column]
        for text in texts.unique(maintain_order=True).drop_nulls():
            hit = _YEAR_LAST_AND_CLOCK.fullmatch(text)
            if not hit:
                continue
            for order, day, month in (("dmy", hit[1], hit[2]), ("mdy", hit[2], hit[1])):
                if 12 < int(day) <= 31 and int(month) <= 12:
                    evidence.setdefault(order, text)
            any_date = any_date or text
        for text in {any_date, *evidence.values()} - {"", *found_at}:
            found_at[text] = rows.frame.filter(texts == text)["line"][0]
    if len(evidence) == 2:
        day_first, month_first = evidence["dmy"], evidence["mdy"]
        raise FileRefused(
            _(
                "The dates are of two orders: %(day_first)s in line %(day_line)d has the day "
                "first, %(month_first)s in line %(month_line)d the month. Make them one."
            )
            % {
                "day_first": day_first,
                "day_line": found_at[day_first],
                "month_first": month_first,
                "month_line": found_at[month_first],
            }
        )
    if not any_date:
        return ""
    told = next(iter(evidence), said)
    if told not in ("dmy", "mdy"):
        raise FileRefused(
            _(
                "The order of the dates is ambiguous: in %(value)s of line %(line)d (column "
                "%(column)s) day and month could change places, and no date of the file tells. "
                "Say which it is, dmy or mdy."
            )
            % {"value": any_date, "line": found_at[any_date], "column": table.label(column)}
        )
    return told


def stamps(texts: pl.Series, order: str) -> pl.Series:
    """Naive moments (Datetime us) of cells that hold a date and a clock, null for any other.

    The year is first, or last in an `order` of `date_order`; without an order it is not.
    """
    plain = texts.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)
    if plain.null_count() == texts.null_count():
        return plain
    walls = []
    for spelling in (times.YMD, order) if order else (times.YMD,):
        read = times.moments(texts, spelling)
        naive = pl.col("has_clock") & pl.col("offset_s").is_null()
        walls.append(read.select(pl.when(naive).then("wall")).to_series())
    return pl.select(pl.coalesce(walls)).to_series()


def local_to_utc(wall: pl.Series, zone: ZoneInfo) -> tuple[pl.Series, pl.Series]:
    """UTC moments of naive local times, and which of them were told twice that night.

    Of the two moments of an hour told twice the earlier one is taken. A time that the clocks
    skipped has none: null.
    """
    # By Python's table of time zones, as site days are: polars brings one of its own.
    quarters = wall.dt.truncate("15m")
    told = {one: _offset_ms(one, zone) for one in quarters.drop_nulls().unique()}
    shifts = {one: shift for one, (shift, _twice) in told.items()}
    again = [one for one, (_shift, twice) in told.items() if twice]
    shift = quarters.replace_strict(shifts, default=None, return_dtype=pl.Int64)
    moments = wall.dt.replace_time_zone("UTC") - (shift * 1000).cast(pl.Duration("us"))
    return moments, quarters.is_in(again).fill_null(False)


def _offset_ms(wall: datetime, zone: ZoneInfo) -> tuple[int | None, bool]:
    """How far local time is ahead of UTC, in milliseconds (None: the clock skipped this time),
    and whether it was told twice."""
    first, second = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    ahead, later = first.utcoffset(), second.utcoffset()
    assert ahead is not None
    assert later is not None
    # In a gap the offset before it is the smaller one, in an hour told twice the larger.
    return (None if ahead < later else ahead // MILLISECOND), ahead > later


class Cells:
    """The cells of a stretch of a table, and what is wrong with them.

    Each reader returns a column aligned with `rows`, null where a cell is empty or wrong. A
    wrong cell makes its row `bad` and leaves an issue of its own; a note does not.
    """

    def __init__(self, rows: pl.DataFrame, table: Table) -> None:
        self.rows = rows
        self.table = table
        self.bad = pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True)
        self.issues: list[Issue] = []

    def text(self, column: str, *, limit: int = 120, required: bool = False) -> pl.Series:
        """Words of at most `limit` characters."""
        values = self._cells(column)
        long = values.str.len_chars() > limit
        self.reject(long, column, "too_long", _("It is longer than %d characters.") % limit)
        return self._required(column, values) if required else values

    def whole(self, column: str, low: int, high: int) -> pl.Series:
        """Whole numbers from `low` to `high` (Int64); "5.0" is one."""

        def slow(text: str) -> int | None:
            hit = _INTEGER.fullmatch(text)
            return int(hit[1]) if hit else None

        fast = self._cells(column).cast(pl.Int64, strict=False)
        value = self._parsed(column, fast, slow, "number", _("It is no whole number."))
        message = _("It is not between %(low)d and %(high)d.") % {"low": low, "high": high}
        self.reject(~value.is_between(low, high), column, "range", message)
        return value

    def clock(self, column: str, *, hours: int, required: bool = False) -> pl.Series:
        """Seconds (Int64) of h:mm:ss or h:mm, also with am or pm, below so many `hours`."""
        time = self._cells(column).str.to_time("%H:%M:%S", strict=False)
        fast = time.cast(pl.Int64) // 1_000_000_000
        message = _("It is no time written as h:mm:ss.")
        value = self._parsed(column, fast, clock_seconds, "clock", message)
        self.reject(value >= hours * 3600, column, "range", _("It is %d hours or more.") % hours)
        return self._required(column, value) if required else value

    def choice(
        self, column: str, meanings: Mapping[str, str | bool], *, required: bool = True
    ) -> pl.Series:
        """What a word stands for, whatever its case."""
        kind = pl.Boolean if isinstance(next(iter(meanings.values())), bool) else pl.String
        message = _("It is none of %s.") % ", ".join(meanings)
        none = pl.repeat(None, self.rows.height, dtype=kind, eager=True)
        value = self._parsed(
            column, none, lambda text: meanings.get(text.lower()), "choice", message
        )
        return self._required(column, value) if required else value

    def day(self, column: str, order: str) -> pl.Series:
        """Needed dates (Date) as `date_of` reads them, in the order that `date_order` told."""
        orders = {"dmy": _("day-month-year"), "mdy": _("month-day-year")}
        shapes = _("year-month-day") + (f", {orders[order]}" if order else "")
        message = _("It is no date written as %s.") % shapes
        return self._dates(column, lambda text: date_of(text, order), message)

    def stamp(self, column: str, order: str, *, required: bool = True) -> pl.Series:
        """Naive moments (Datetime us) of cells that hold a date and a clock (`stamps`)."""
        texts = self._cells(column)
        value = stamps(texts, order)
        unread = value.is_null() & texts.is_not_null() & ~texts.str.to_lowercase().is_in(NOTHING)
        self.reject(unread, column, "time", _("It is no date with a time of day."))
        return self._required(column, value) if required else value

    def day_of_1900s(self, column: str) -> pl.Series:
        """Needed dates (Date) written yymmdd, of a source known to be of the 20th century."""

        def slow(text: str) -> date | None:
            digits = text if text.isascii() and text.isdigit() and len(text) == 6 else ""
            return date_of(f"19{digits[:2]}-{digits[2:4]}-{digits[4:]}", "")

        return self._dates(column, slow, _("It is no date written as yymmdd."))

    def moments(self, column: str, spelling: str, *, required: bool = False) -> pl.DataFrame:
        """`times.said_moments` of a column; a cell that is no date in this spelling is refused."""
        given = self._cells(column)
        distinct = given.unique()
        if len(distinct) * 4 < len(given):
            # Days come again and again: each is read once.
            known = times.said_moments(distinct, spelling).with_columns(cell=distinct)
            read = given.alias("cell").to_frame().join(
                known, on="cell", how="left", nulls_equal=True, maintain_order="left"
            ).drop("cell")  # fmt: skip
        else:
            read = times.said_moments(given, spelling)
        wrong = read["wall"].is_null() & given.is_not_null()
        wrong &= ~given.str.to_lowercase().is_in(list(NOTHING))
        message = _("It is no date written as %s.") % times.words_for(spelling)
        self.reject(wrong, column, "date", message)
        if required:
            self._required(column, read["wall"])
        return read

    def clocks(self, column: str, *, required: bool = False) -> pl.Series:
        """Seconds after midnight (Int64) of a time of day, in any of the spellings of `times`."""
        value = times.clock_seconds(self._cells(column))
        given = self._cells(column)
        wrong = value.is_null() & given.is_not_null()
        wrong &= ~given.str.to_lowercase().is_in(list(NOTHING))
        self.reject(wrong, column, "clock", _("It is no time of day."))
        return self._required(column, value) if required else value

    def parsed(
        self,
        column: str,
        kind: type[pl.DataType],
        slow: Callable[[str], object],
        rule: str,
        message: str,
    ) -> pl.Series:
        """What `slow` makes of each distinct cell; None from it refuses the cell."""
        none = pl.repeat(None, self.rows.height, dtype=kind, eager=True)
        return self._parsed(column, none, slow, rule, message)

    def _dates(self, column: str, slow: Callable[[str], date | None], message: str) -> pl.Series:
        none = pl.repeat(None, self.rows.height, dtype=pl.Date, eager=True)
        return self._required(column, self._parsed(column, none, slow, "date", message))

    def _parsed(
        self,
        column: str,
        fast: pl.Series,
        slow: Callable[[str], object],
        rule: str,
        message: str,
    ) -> pl.Series:
        """`fast` where it has values; elsewhere each distinct cell once through `slow`.

        What neither reads is refused, but for the words tables write for "nothing".
        """
        text = self._cells(column)
        left = text.filter(fast.is_null()).drop_nulls().unique()
        if not left.len():
            return fast
        read = {word: slow(word) for word in left}
        known = {word: value for word, value in read.items() if value is not None}
        value = fast
        if known:
            slowly = text.replace_strict(
                list(known), list(known.values()), default=None, return_dtype=fast.dtype
            )
            value = (
                slowly if fast.null_count() == fast.len() else pick(fast.is_null(), slowly, fast)
            )
        if len(known) < len(read):
            unread = [w for w in read if w not in known and w.lower() not in NOTHING]
            self.reject(text.is_in(unread), column, rule, message)
        return value

    def joined(self, *names: str) -> pl.Series:
        """Several needed columns as one name."""
        parts = [self._required(name, self._cells(name)) for name in names]
        joined = pl.select(pl.concat_str(parts, separator="/")).to_series()
        longest = joined.str.len_chars() > 120
        if longest.any():
            self.reject(longest, names[:2][-1], "too_long", _("It is too long for a name."))
        return joined

    def moment(self, column: str, wall: pl.Series, zone: ZoneInfo, now: datetime) -> pl.Series:
        """UTC moments of local times; refused before 1990, after tomorrow and where skipped."""
        utc = self.local(column, wall, zone)
        self.bounded(column, utc, now)
        return utc

    def local(self, column: str, wall: pl.Series, zone: ZoneInfo) -> pl.Series:
        """UTC moments of local times; refused where the clocks skipped them."""
        utc, twice = local_to_utc(wall, zone)
        self.reject(
            wall.is_not_null() & utc.is_null(), column, "skipped_hour",
            _("The clocks of %s skipped this time.") % zone,
        )  # fmt: skip
        self.note(
            twice, column, "hour_told_twice",
            _("The clocks of %s told this hour twice: read as the first.") % zone,
        )  # fmt: skip
        return utc

    def bounded(self, column: str, utc: pl.Series, now: datetime) -> None:
        """Refuse moments before 1990 and after tomorrow."""
        self.reject(utc < EARLIEST, column, "too_early", _("It is before 1990."))
        self.reject(utc > now + FUTURE, column, "future", _("It lies in the future."))

    def reject(self, wrong: pl.Series, column: str, rule: str, message: str) -> None:
        """Refuse the rows where `wrong` is true (null is not)."""
        wrong = wrong.fill_null(False)
        if not wrong.any():
            return
        self.bad |= wrong
        self.issues += [
            Issue(line, self.table.label(column), (value or "")[:VALUE_SHOWN], rule, message)
            for line, value in self._lines_and_values(column, wrong)
        ]

    def note(
        self, which: pl.Series, column: str, rule: str, message: str, fate: str = NOTED
    ) -> int:
        """One issue for all rows where `which` is true; how many they are."""
        which = which.fill_null(False)
        if not which.any():
            return 0
        line, value = next(iter(self._lines_and_values(column, which)))
        label = self.table.label(column)
        count = int(which.sum())
        self.issues.append(Issue(line, label, value or "", rule, message, fate, count))
        return count

    def ignore(self, which: pl.Series, column: str, rule: str, message: str) -> int:
        """As `note`, for rows a rule leaves out."""
        return self.note(which, column, rule, message, IGNORED)

    def without(self, which: pl.Series) -> "Cells":
        """The same for the other rows; the issues are shared."""
        rest = Cells(self.rows.filter(~which), self.table)
        rest.bad, rest.issues = self.bad.filter(~which), self.issues
        return rest

    def kept(self, frame: pl.DataFrame, identity: list[str], column: str) -> pl.DataFrame:
        """The rows of an aligned frame that nothing is wrong with.

        Of rows that name one call but tell different things the first is kept: which is right
        cannot be known.
        """
        good = frame.with_row_index("place").filter(~self.bad)
        if good[identity[0]].n_unique() < good.height:
            again = ~good.select(pl.struct(identity).is_first_distinct()).to_series()
            places = pl.int_range(frame.height, dtype=pl.UInt32, eager=True)
            message = _("An earlier row tells of the same call, with other words.")
            later_ones = places.is_in(good.filter(again)["place"].implode())
            self.reject(later_ones, column, "conflict", message)
        return frame.filter(~self.bad)

    def unknown(self) -> list[pl.Series]:
        """Members of a JSON object (see `json_object`): the columns no layout knows."""
        names = [name for name in self.rows.columns if name.startswith("?")]
        return [json_member(name[1:], self.rows[name]) for name in names]

    def told(self) -> list[Issue]:
        """What is wrong: of a rejected row only that, without the notes."""
        bad = set(self.rows["line"].filter(self.bad))
        # One zone that is none makes every date of its row wrong: that is said once.
        said = dict.fromkeys(self.issues)
        return [one for one in said if one.fate != NOTED or one.line not in bad]

    def _lines_and_values(self, column: str, which: pl.Series) -> list[tuple[int, str | None]]:
        cells = self.rows["line"].to_frame().with_columns(value=self._cells(column))
        return cells.filter(which).rows()

    def _cells(self, column: str) -> pl.Series:
        if column in self.rows.columns:
            return self.rows[column]
        return pl.repeat(None, self.rows.height, dtype=pl.String, eager=True)

    def _required(self, column: str, value: pl.Series) -> pl.Series:
        if value.null_count():
            words = self._cells(column).str.to_lowercase()
            empty = value.is_null() & (words.is_null() | words.is_in(list(NOTHING)))
            self.reject(empty, column, "missing", _("It is empty."))
        return value


def pick(condition: pl.Series, chosen: pl.Series, other: pl.Series | None = None) -> pl.Series:
    """`chosen` where the condition holds, else `other` (null)."""
    return pl.select(pl.when(condition).then(chosen).otherwise(other)).to_series()


def json_member(key: str, value: pl.Series) -> pl.Series:
    """The text of a JSON object's member, null where the value is."""
    if value.dtype == pl.String and value.str.contains(r'["\\\x00-\x1f]').any():
        text = value.alias("_").to_frame().select(pl.struct("_").struct.json_encode())
        written = text.to_series().str.slice(len('{"_":')).str.strip_suffix("}")
    else:
        quote = '"' if value.dtype == pl.String else ""
        written = quote + value.cast(pl.String) + quote
    return pick(value.is_not_null(), f"{json.dumps(key)}: " + written)


def json_object(members: list[pl.Series], height: int) -> pl.Series:
    """JSON objects of their members, null where there are none."""
    if not any(member.null_count() < height for member in members):
        return pl.repeat(None, height, dtype=pl.String, eager=True)
    joined = pl.concat_str([pl.lit(m) for m in members], separator=", ", ignore_nulls=True)
    text = pl.select(joined).to_series()
    return pick(text != "", "{" + text + "}")


def completed(frame: pl.DataFrame, **same: str) -> pl.DataFrame:
    """A frame with all columns of CALLS, and any others it has.

    `same` are columns with one value. A call is of a row of its own, inbound and by voice, where
    the frame does not say otherwise; what neither has is null.
    """
    usual = {"lines": 1, "channel": "voice", "direction": "inbound", "entry_known": True}
    fixed = {name: one for name, one in usual.items() if name not in frame.columns} | same
    frame = frame.with_columns(**{name: pl.lit(value) for name, value in fixed.items()})
    if "linked_id" not in frame.columns:
        frame = frame.with_columns(linked_id=pl.col("external_id"))
    absent = [name for name in CALLS if name not in frame.columns]
    return frame.with_columns(pl.lit(None).alias(name) for name in absent).cast(CALLS)


def chunk(
    rows: Rows, cells: Cells, calls: pl.DataFrame, surveys: pl.DataFrame | None = None
) -> Chunk:
    """A table's stretch as a chunk: its records, and its books closed."""
    made = Chunk(
        position=rows.position,
        read=rows.read,
        duplicate=rows.duplicate,
        rejected=rows.rejected + int(cells.bad.sum()),
        ignored=rows.ignored,
        calls=calls.select(CALLS.names()),
        issues=sorted([*rows.issues, *cells.told()], key=lambda issue: issue.line),
    )
    wrong = (issue.line for issue in made.issues if issue.fate == REJECTED)
    made.rejected_rows, made.shape = rows.as_they_came(wrong), cells.table.shape
    if surveys is not None:
        made.surveys = surveys
    return made


def at(wall: pl.Series, day: pl.Series) -> pl.Series:
    """Naive moments (Datetime us) `wall` seconds after the beginning of each day."""
    return day.cast(pl.Datetime("us")) + (wall * 1_000_000).cast(pl.Duration("us"))


def wall_ms(moment: pl.Series) -> pl.Series:
    """A naive moment in milliseconds, read as if it were UTC: what identities are made of."""
    return moment.cast(pl.Datetime("us")).dt.epoch("ms")


def later(moment: pl.Expr, milliseconds: pl.Expr) -> pl.Expr:
    """Moments so much later; an unknown duration gives an unknown moment."""
    return moment + (milliseconds * 1000).cast(pl.Duration("us"))
