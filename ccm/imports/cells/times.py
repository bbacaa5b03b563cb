"""Dates, clocks and durations in the spellings of many systems: which one a column is in, and
what its cells then mean. Pure: whole columns of text in, columns of values out.

A spelling is told from all cells of a column, never from one, and never guessed: what a column
leaves open (is 03/04 in March or in April? 5:30 minutes or hours?) is for a person to say.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

import polars as pl
from django.utils.translation import gettext as _

# Spellings of a date, alone or before a clock. `dmy2`: a year of two digits, of this century.
YMD, DMY, MDY = "ymd", "dmy", "mdy"
DMY_SHORT, MDY_SHORT, YMD_SHORT = "dmy2", "mdy2", "ymd2"
COMPACT, EPOCH, EPOCH_MS, SERIAL = "compact", "epoch", "epoch_ms", "serial"
YYMMDD_1900, YYMMDD_2000 = "yymmdd19", "yymmdd20"
SHORT = (DMY_SHORT, MDY_SHORT, YMD_SHORT, YYMMDD_1900, YYMMDD_2000)
# Of these the same cells can be a spelling with day and month in the other order.
_PAIRED = (MDY, MDY_SHORT)
DATES = (YMD, DMY, MDY, COMPACT, EPOCH, EPOCH_MS, SERIAL, *SHORT)
CLOCK = "clock"
# So rare a cell may be wrong in a column that is otherwise of one kind: of all, or of the unlike.
ODD_ONE_IN = 5


def words_for(spelling: str) -> str:
    """A spelling, for people."""
    return {
        YMD: _("year-month-day"),
        DMY: _("day-month-year"),
        MDY: _("month-day-year"),
        YMD_SHORT: _("year-month-day, the year as 21 for 2021"),
        DMY_SHORT: _("day-month-year, the year as 21 for 2021"),
        MDY_SHORT: _("month-day-year, the year as 21 for 2021"),
        COMPACT: _("yyyymmdd, perhaps with hhmmss"),
        YYMMDD_1900: _("yymmdd, of the 1900s"),
        YYMMDD_2000: _("yymmdd, of the 2000s"),
        EPOCH: _("seconds since 1970"),
        EPOCH_MS: _("milliseconds since 1970"),
        SERIAL: _("days of a spreadsheet"),
        CLOCK: _("a time of day alone"),
    }[spelling]


# Units of a duration.
SECONDS, MILLISECONDS, MINUTES, HOURS = "s", "ms", "min", "h"
MM_SS, H_MM_SS, DAYS = "mm:ss", "h:mm:ss", "days"
UNITS = (SECONDS, MILLISECONDS, MINUTES, HOURS, MM_SS, H_MM_SS, DAYS)
_UNIT_MS = {SECONDS: 1_000, MILLISECONDS: 1, MINUTES: 60_000, HOURS: 3_600_000, DAYS: 86_400_000}


def unit_words() -> dict[str, str]:
    """The units, for people."""
    return {
        SECONDS: _("seconds"),
        MILLISECONDS: _("milliseconds"),
        MINUTES: _("minutes"),
        HOURS: _("hours"),
        MM_SS: _("mm:ss"),
        H_MM_SS: _("h:mm:ss"),
        DAYS: _("parts of a day, as spreadsheets have it"),
    }


# Months as English, French, German, Spanish, Italian, Portuguese and Dutch begin them.
_MONTHS = {
    1: "jan january janv janvier januar januari enero ene gennaio gen janeiro",
    2: "feb february fev fevr fevrier februar februari febrero febbraio fevereiro",
    3: "mar march mars marz maerz mrz maart mrt marzo marco",
    4: "apr april avr avril abril abr aprile",
    5: "may mai mei mayo maggio mag maio",
    6: "jun june juin juni junio giugno giu junho",
    7: "jul july juil juillet juli julio luglio lug julho",
    8: "aug august aout augustus agosto ago",
    9: "sep sept september septembre septiembre settembre set setembro",
    10: "oct october octobre oktober okt octubre ottobre ott outubro out",
    11: "nov november novembre noviembre novembro",
    12: "dec december decembre dezember dez diciembre dic dicembre dezembro",
}
MONTHS = {word: month for month, words in _MONTHS.items() for word in words.split()}
_ACCENTS = str.maketrans("àâáãäéèêëíîïóôõöúùûüçñ", "aaaaaeeeeiiioooouuuucn")

# Digits are named one by one: \d would take those of every script, which no cast below reads.
_DATE = (
    r"([0-9]{1,4}|[a-z]{3,10})\.?,?[-/. ]\s*(?:de\s+)?"
    r"([0-9]{1,2}|[a-z]{3,10})\.?,?(?:[-/. ]|,)\s*(?:del?\s+)?([0-9]{1,4})"
)
_TIME = (
    r"([0-9]{1,2})(?:[:h.]([0-9]{1,2})(?:[:m.]([0-9]{1,2})(?:[.,]([0-9]{1,9}))?)?)?s?"
    r"(?:\s*([ap])\.?\s?m?\.?|\s*(?:h|uhr))?"
)
_OFFSET = r"(z|utc|gmt|(?:gmt|utc)?[+-][0-9]{2}:?(?:[0-9]{2})?)?"
_WHOLE = rf"^(?:[a-z]{{2,9}}\.?,?\s+)?{_DATE}(?:(?:t|,|\s|\s-\s)+{_TIME}\s*{_OFFSET})?$"
_COMPACT = (
    r"^([0-9]{4})([0-9]{2})([0-9]{2})"
    r"(?:[t\s_-]?([0-9]{2}):?([0-9]{2}):?([0-9]{2})?(?:[.,]([0-9]{1,9}))?"
    r"(z|[+-][0-9]{2}:?[0-9]{2})?)?$"
)
_NUMBER = r"^[0-9]+(?:[.,][0-9]+)?$"
# What a true date cell of a workbook is written as (`files.tables`).
_TYPED = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?: [0-9]{2}:[0-9]{2}:[0-9]{2})?$"
# No clock is further ahead of UTC than Kiritimati's, nor further behind than Baker Island's.
_FURTHEST_OFFSET = 14 * 3600
# 1990 to 2100 as seconds since 1970, and as days of a spreadsheet since the end of 1899.
_EPOCHS = (631_152_000, 4_102_444_800)
_SERIALS = (32_874, 73_051)
_SERIAL_ZERO = date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a column of dates is written, as far as its cells tell.

    `fitting` are the spellings that read every cell but the odd wrong one. With one it is known;
    with several it is ambiguous and `example` a cell that reads differently; with none `example`
    is a cell that no spelling reads, or one that contradicts the others.
    """

    fitting: tuple[str, ...]
    example: str = ""
    has_clock: bool = False
    has_offset: bool = False


def folded(text: pl.Series) -> pl.Series:
    """Lower case, without accents and space around."""
    plain = text.str.strip_chars().str.to_lowercase()
    if plain.str.contains(r"[^\x00-\x7f]").any():
        marks = {chr(mark): chr(plain_one) for mark, plain_one in _ACCENTS.items()}
        plain = plain.str.replace_many(list(marks), list(marks.values()))
    return plain


def spelling_of(cells: pl.Series) -> Spelling:
    """How the cells of a column (text, null where empty) spell dates."""
    given = folded(cells.drop_nulls())
    texts, counts = given.unique(maintain_order=True), given.unique_counts()
    if texts.is_empty():
        return Spelling(())
    shapes = [shape for shape in DATES if shape not in SHORT]
    read = {shape: moments(texts, shape) for shape in shapes}
    fitting = _fitting(read, counts)
    if not fitting:
        read |= {shape: moments(texts, shape) for shape in SHORT}
        fitting = _fitting(read, counts)
    if not fitting and (typed := texts.str.contains(_TYPED)).any() and not typed.all():
        # A true date cell of a workbook tells nothing of how the others are written.
        rest = spelling_of(given.filter(~given.str.contains(_TYPED)))
        clock = rest.has_clock or bool(read[YMD]["has_clock"].any())
        return replace(rest, has_clock=clock, has_offset=False)
    if not fitting:
        best = min(read.values(), key=lambda found: found["wall"].null_count())
        return Spelling((), texts.filter(best["wall"].is_null())[0])
    first = read[fitting[0]]
    # Spellings that read every cell alike are one, unless it is only that 1/1 and 2/2 happen to.
    open_order = _without_month_names(texts)
    differs = {
        one: first["wall"].ne_missing(read[one]["wall"]) | (open_order if one in _PAIRED else False)
        for one in fitting[1:]
    }
    others = [one for one, where in differs.items() if where.any()]
    example = ""
    if others:
        truly = first["wall"].ne_missing(read[others[0]]["wall"])
        example = texts.filter(truly if truly.any() else differs[others[0]])[0]
    return Spelling(
        (fitting[0], *others),
        example,
        has_clock=bool(first["has_clock"].any()),
        has_offset=first["offset_s"].null_count() <= first["wall"].null_count(),
    )


def _without_month_names(texts: pl.Series) -> pl.Series:
    """Which texts are dates of numbers alone."""
    parts = texts.str.extract_groups(_WHOLE).struct.unnest()
    first, second = (parts.to_series(place).str.contains("[a-z]") for place in (0, 1))
    return ~(first | second).fill_null(False)


def _fitting(read: Mapping[str, pl.DataFrame], counts: pl.Series) -> tuple[str, ...]:
    """The spellings that read most of the texts there are so many of, if all but the odd one."""
    unread = {shape: found["wall"].is_null() for shape, found in read.items()}
    best = min(unread, key=lambda shape: unread[shape].sum())
    fewest = int(unread[best].sum())
    cells = int(counts.filter(unread[best]).sum())
    if not (_is_odd(fewest, len(counts)) or _is_odd(cells, int(counts.sum()))):
        return ()
    return tuple(shape for shape, nulls in unread.items() if nulls.sum() == fewest)


def _is_odd(wrong: int, of: int) -> bool:
    return wrong <= of // ODD_ONE_IN


def said_moments(cells: pl.Series, shape: str) -> pl.DataFrame:
    """`moments` of a column that somebody said the spelling of: a true date cell of a workbook is
    read as it is, for it has none."""
    read = moments(cells, shape)
    typed = cells.str.contains(_TYPED) & read["wall"].is_null()
    # Epochs are of UTC, and such a cell is not: it has no place beside them.
    if shape in (YMD, EPOCH, EPOCH_MS) or not typed.any():
        return read
    as_it_is = moments(cells, YMD)
    return pl.select(
        pl.when(typed).then(as_it_is[name]).otherwise(read[name]).alias(name)
        for name in read.columns
    )


def moments(cells: pl.Series, shape: str) -> pl.DataFrame:
    """What a column of dates means: a row a cell, aligned.

    `wall` is the naive date and time as written (null: not readable), `offset_s` what the cell
    itself says it is ahead of UTC (null: nothing), `has_clock` whether it told a time of day and
    `has_seconds` whether to the second. Epochs are of UTC: offset 0.
    """
    text = folded(cells)
    if shape in (EPOCH, EPOCH_MS, SERIAL):
        return _counted(text, shape)
    if shape in (COMPACT, YYMMDD_1900, YYMMDD_2000):
        if shape != COMPACT:
            century = "19" if shape == YYMMDD_1900 else "20"
            text = century + text.str.extract(r"^([0-9]{6})$", 1)
        parts = text.str.extract_groups(_COMPACT).struct.unnest()
        parts.columns = ["y", "m", "d", "hour", "minute", "second", "fraction", "offset"]
        parts = parts.with_columns(half=pl.lit(None, pl.String))
    else:
        parts = _dated(text, shape)
    return _moments(parts)


def _dated(text: pl.Series, shape: str) -> pl.DataFrame:
    """The parts of dates written with signs between them."""
    parts = text.str.extract_groups(_WHOLE).struct.unnest()
    parts.columns = ["a", "b", "c", "hour", "minute", "second", "fraction", "half", "offset"]
    named = {name: str(month) for name, month in MONTHS.items()}
    words = parts.select(
        a_word=pl.col("a").str.contains("[a-z]"), b_word=pl.col("b").str.contains("[a-z]")
    )
    if words["a_word"].any() or words["b_word"].any():
        parts = parts.with_columns(
            pl.when(pl.col(name).str.contains("[a-z]"))
            .then(pl.col(name).replace_strict(named, default=None, return_dtype=pl.String))
            .otherwise(pl.col(name))
            .alias(name)
            for name in ("a", "b")
        )
    short = shape.endswith("2")
    order = shape.removesuffix("2")
    # A month's name leaves nothing open: only where it stands is to be seen.
    month_first = words["a_word"].fill_null(False)
    day_first = words["b_word"].fill_null(False)
    if order == YMD:
        y, m, d = (pl.col(one) for one in "abc")
        parts = parts.with_columns(y=y, m=m, d=d)
    else:
        first_is_month = month_first | (pl.lit(order == MDY) & ~day_first)
        a, b = pl.col("a"), pl.col("b")
        parts = parts.with_columns(
            y=pl.col("c"),
            m=pl.when(first_is_month).then(a).otherwise(b),
            d=pl.when(first_is_month).then(b).otherwise(a),
        )
    year = pl.col("y")
    good = year.str.len_chars() == (2 if short else 4)
    return parts.with_columns(
        y=pl.when(good).then((pl.lit("20") + year) if short else year),
    )


def _moments(parts: pl.DataFrame) -> pl.DataFrame:
    two = {name: pl.col(name).str.zfill(2) for name in ("m", "d", "minute", "second")}
    hours = pl.col("hour").cast(pl.Int64, strict=False)
    half = pl.col("half")
    in_halves = half.is_not_null()
    hours = (
        pl.when(~in_halves).then(hours)
        .when(hours.is_between(1, 12)).then(hours % 12 + pl.when(half == "p").then(12).otherwise(0))
    )  # fmt: skip
    clock_ms = (
        hours * 3_600_000
        + pl.col("minute").fill_null("0").cast(pl.Int64, strict=False) * 60_000
        + pl.col("second").fill_null("0").cast(pl.Int64, strict=False) * 1_000
        + pl.col("fraction").fill_null("0").str.pad_end(3, "0").str.slice(0, 3).cast(pl.Int64)
    )
    told = pl.col("hour").is_not_null()
    sound = (
        hours.is_between(0, 23)
        & pl.col("minute").fill_null("0").cast(pl.Int64, strict=False).is_between(0, 59)
        & pl.col("second").fill_null("0").cast(pl.Int64, strict=False).is_between(0, 59)
        # A lone number after a date is an hour only with am or pm.
        & (pl.col("minute").is_not_null() | in_halves)
    )
    days = pl.concat_str(pl.col("y"), two["m"], two["d"], separator="-").str.to_date(
        "%Y-%m-%d", strict=False
    )
    wall = days.cast(pl.Datetime("us")) + pl.duration(
        milliseconds=pl.when(told).then(clock_ms).otherwise(0)
    )
    digits = pl.col("offset").str.extract(r"([+-][0-9]{2}):?([0-9]{2})?$", 1)
    minutes = pl.col("offset").str.extract(r"[+-][0-9]{2}:?([0-9]{2})$", 1).fill_null("0")
    size = digits.str.slice(1).cast(pl.Int64) * 3600 + minutes.cast(pl.Int64) * 60
    ahead = pl.when(digits.str.starts_with("-")).then(-size).otherwise(size)
    return parts.select(
        wall=pl.when(~told | sound, ahead.is_null() | (size <= _FURTHEST_OFFSET)).then(wall),
        offset_s=pl.when(pl.col("offset").is_not_null()).then(ahead.fill_null(0)),
        has_clock=told,
        has_seconds=pl.col("second").is_not_null(),
    )


def _counted(text: pl.Series, shape: str) -> pl.DataFrame:
    """Dates counted from a day: seconds, milliseconds, or a spreadsheet's days."""
    plain = text.str.extract(f"({_NUMBER})", 1).str.replace(",", ".", literal=True)
    number = plain.cast(pl.Float64, strict=False)
    if shape == SERIAL:
        known = number.is_between(*_SERIALS)
        ms = (number * 86_400).round(0).cast(pl.Int64, strict=False) * 1_000
        zero = datetime(_SERIAL_ZERO.year, _SERIAL_ZERO.month, _SERIAL_ZERO.day)  # noqa: DTZ001
        has_clock = number != number.floor()
        offset = pl.repeat(None, len(text), dtype=pl.Int64, eager=True)
    else:
        scale = 1 if shape == EPOCH_MS else 1_000
        low, high = (1_000 // scale * one for one in _EPOCHS)
        known = number.is_between(low, high)
        # Whole numbers are not passed through fractions, which would cost their last digits.
        whole = text.str.extract(r"^([0-9]+)$", 1).cast(pl.Int64, strict=False) * scale
        ms = whole.fill_null((number * scale).round(0).cast(pl.Int64, strict=False))
        zero = datetime(1970, 1, 1)  # noqa: DTZ001
        has_clock = number.is_not_null()
        offset = pl.repeat(0, len(text), dtype=pl.Int64, eager=True)
    frame = pl.DataFrame({"ms": ms, "known": known, "offset_s": offset, "has_clock": has_clock})
    return frame.select(
        wall=pl.when("known").then(pl.lit(zero) + pl.duration(milliseconds="ms")),
        offset_s="offset_s",
        has_clock="has_clock",
        has_seconds="has_clock",
    )  # fmt: skip


# Browsers and Spanish put a no-break space before and inside "a. m.".
_CLOCK_PARTS = re.compile(
    r"([0-9]{1,2})(?:[:h.]([0-9]{1,2})(?:[:m.]([0-9]{1,2})(?:[.,][0-9]{1,9})?s?)?)?"
    r"(?:\s*([ap])\.?\s?m?\.?|\s*(?:h|uhr))?"
)


def clock_seconds(cells: pl.Series) -> pl.Series:
    """Seconds after midnight (Int64) of clocks: 14:05, 14:05:06, 2:05 pm, 14h05; null: no clock."""
    text = folded(cells)
    usual = text.str.to_time("%H:%M:%S", strict=False).cast(pl.Int64) // 1_000_000_000
    # A leap second, which that reads, is none of a log's.
    usual = usual.set(text.str.ends_with(":60").fill_null(False), None)
    words = text.filter(usual.is_null()).drop_nulls().unique()
    known = {one: seconds for one in words if (seconds := _clock(one)) is not None}
    if not known:
        return usual
    return usual.fill_null(text.replace_strict(known, default=None, return_dtype=pl.Int64))


def _clock(text: str) -> int | None:
    hit = _CLOCK_PARTS.fullmatch(text)
    if not hit or (hit[2] is None and hit[4] is None):
        return None
    hours, minutes, seconds = int(hit[1]), int(hit[2] or 0), int(hit[3] or 0)
    if hit[4]:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if hit[4] == "p" else 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    return hours * 3600 + minutes * 60 + seconds


# No number of a log of calls is larger, and beyond it whole numbers are no longer told apart.
_LARGEST = 2**53


def number(text: str, decimal: str = ".") -> float | None:
    """A number with this decimal sign, in groups of three or not, with a currency or % or not."""
    plain = _MONEY.sub(r"\1", text.strip().replace("\N{MINUS SIGN}", "-"))
    hit = _NUMBERS[decimal].fullmatch(plain)
    if not hit:
        return None
    whole = re.sub(r"[^0-9]", "", hit["whole"] or "")
    value = float(f"{hit['sign']}{whole or 0}.{hit['rest'] or 0}")
    return value if abs(value) <= _LARGEST else None


_MONEY = re.compile(r"^([+-]?)(?:[A-Z]{3}|[%€$£¥])\s*|\s*(?:[A-Z]{3}|[%€$£¥])$")
_NUMBERS = {
    decimal: re.compile(
        rf"(?P<sign>[+-]?)(?=[{decimal}]?[0-9])"
        rf"(?P<whole>[1-9][0-9]{{0,2}}(?:[\s'’{other}][0-9]{{3}})+|[0-9]*)"
        rf"(?:[{decimal}](?P<rest>[0-9]*))?"
    )
    for decimal, other in ((".", ","), (",", "."))
}
_SPAN = re.compile(
    r"(?P<sign>-?)(?:(?P<days>\d{1,4})\s*d(?:ays?)?,?\s+)?"
    r"(?P<first>\d{1,6}):(?P<second>[0-5]?\d)(?::(?P<third>[0-5]?\d))?(?:[.,](?P<part>\d{1,3})\d*)?",
    re.A,
)
# "1 h 2 min 3 s" in several languages, and PT1H2M3S.
_WORDED = re.compile(
    r"(?:p?(\d{1,4})\s*d(?:ays?)?,?\s*|p)?t?(?:(\d{1,6})\s*h(?:ours?|eures?|rs?)?\s*)?"
    r"(?:(\d{1,9})\s*m(?:in(?:utes?|s)?)?\s*)?"
    r"(?:(\d{1,9})(?:[.,](\d{1,3})\d*)?\s*s(?:ec(?:onds?|ondes?|s)?)?)?",
    re.A,
)


def duration_ms(text: str, unit: str, decimal: str = ".") -> int | None:
    """Milliseconds of a duration in a unit; None: not readable. Below 0 where it says so."""
    plain = text.strip().lower()
    if unit in (MM_SS, H_MM_SS):
        return _span_ms(plain, unit)
    value = number(plain, decimal)
    if value is None:
        return None
    return max(-_LARGEST, min(_LARGEST, round(value * _UNIT_MS[unit])))


def _span_ms(text: str, unit: str) -> int | None:
    if hit := _SPAN.fullmatch(text):
        first, second, third = int(hit["first"]), int(hit["second"]), hit["third"]
        if third is not None:
            seconds = first * 3600 + second * 60 + int(third)
        else:
            seconds = first * 60 + second if unit == MM_SS else first * 3600 + second * 60
        seconds += int(hit["days"] or 0) * 86_400
        ms = seconds * 1_000 + _part_ms(hit["part"])
        return -ms if hit["sign"] else ms
    hit = _WORDED.fullmatch(text)
    if hit and any(hit.groups()):
        days, hours, minutes, seconds = (int(one or 0) for one in hit.groups()[:4])
        seconds += days * 86_400 + hours * 3_600 + minutes * 60
        return seconds * 1_000 + _part_ms(hit[5])
    return None


def _part_ms(digits: str | None) -> int:
    """Milliseconds of the digits behind a second's point."""
    return int((digits or "0").ljust(3, "0"))


def units_of(cells: pl.Series, decimal: str = ".") -> tuple[str, ...]:
    """The units that a column of durations could be in, by its cells alone; empty: none."""
    counts = Counter(one.strip().lower() for one in cells.drop_nulls())
    if not counts:
        return ()

    def most_are(good: list[str]) -> bool:
        rows = sum(counts[one] for one in good)
        return _is_odd(len(counts) - len(good), len(counts)) or _is_odd(
            counts.total() - rows, counts.total()
        )

    words = [one for one in counts if _span_ms(one, H_MM_SS) is not None]
    if not most_are(words):
        words = [one for one in counts if number(one, decimal) is not None]
    if not most_are(words):
        return ()
    spans = [_SPAN.fullmatch(one) for one in words]
    if all(spans):
        if any(hit and (hit["third"] or hit["days"]) is not None for hit in spans):
            return (H_MM_SS,)
        # Of two numbers, over 23 first are no hours of a call.
        longest = max(int(hit["first"]) for hit in spans if hit)
        return (MM_SS,) if longest > 23 else (MM_SS, H_MM_SS)
    if all(_span_ms(one, H_MM_SS) is not None for one in words):
        return (H_MM_SS,)
    known = [value for one in words if (value := number(one, decimal)) is not None]
    if all(0 <= value < 1 for value in known) and any(value > 0 for value in known):
        return (DAYS, MINUTES, HOURS)
    if any(value != int(value) for value in known):
        return (SECONDS, MINUTES, HOURS)
    return (SECONDS, MILLISECONDS, MINUTES)
