"""Guesses what the columns of a file mean, each with its reason, for a person to confirm.

By the column's name (`words`: in seven languages) and by what its cells look like. What cells
leave open is left open: see `Profile.problems`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import polars as pl
from django.utils.translation import gettext as _

from ccm.imports.cells import times
from ccm.imports.facts import labels as lists
from ccm.imports.facts.columns import TOGETHER
from ccm.imports.files.dialect import Dialect
from ccm.imports.files.rows import LINE, REST
from ccm.imports.mapping import scales
from ccm.imports.mapping.profile import BY_COLUMN, BY_MOMENT, Column, Profile
from ccm.imports.mapping.targets import DROP, KEEP, SURVEY_KINDS, TARGETS, Cell, Rows
from ccm.imports.mapping.words import (
    CHANNELS,
    DIRECTIONS,
    HUNG_UP,
    KINDS,
    NO,
    NOT,
    NULLS,
    OUTCOMES,
    STATES,
    YES,
    by_name,
    plain_words,
)


@dataclass(frozen=True, slots=True)
class Guess:
    """A column as guessed, and why, in words."""

    column: Column
    reason: str


# Moments of a call after its start, whose cells may be clocks alone.
_LATER = ("queued_at", "rang_at", "answered_at", "ended_at")
# A name of these words alone does not tell what lasted so long.
_LENGTHS = {
    "tps", "temps", "duree", "duration", "length", "dauer", "duracion", "durata", "duracao", "duur",
    "s", "sec", "seconds", "min", "minutes", "h", "hours", "ms",
}  # fmt: skip
# More than one call in so many is not answered on the stroke of midnight.
ODD_MIDNIGHTS = 50
# So rare a cell may be wrong in a column that is told by its cells alone.
ODD_UNNAMED = 10


def rows_of(labels: Iterable[str]) -> Rows:
    """What the rows of a file with these columns tell of."""
    labels = list(labels)
    named = {
        rows: {target for label in labels for target, _word in by_name(label, rows)[:1]}
        for rows in Rows
    }
    if told := lists.list_of(
        [plain_words(label) for label in labels], any(_is_of_calls(label) for label in labels)
    ):
        return Rows(told)
    totals = {"offered", "answered_count", "abandoned_count", "handle_mean", "wait_mean"}
    if len(named[Rows.TOTALS] & totals) >= 2:
        return Rows.TOTALS
    if "state" in named[Rows.STATES] and not named[Rows.CALLS] & {
        "wait",
        "talk",
        "csat",
        "channel",
    }:
        return Rows.STATES
    scores = {"csat", "nps", "ces", "fcr"}
    about_calls = {"wait", "talk", "outcome", "answered", "duration", "answered_at"}
    answers = named[Rows.ANSWERS]
    if (answers & scores or answers >= {"kind", "score"}) and not named[Rows.CALLS] & about_calls:
        return Rows.ANSWERS
    return Rows.CALLS


def _is_of_calls(label: str) -> bool:
    """Whether only a log has such a column: a length of time, a caller's number, an event's."""
    if {"timestamp", "event"} & set(plain_words(label)):
        return True
    named = dict(by_name(label, Rows.CALLS))
    lengths = {"wait", "talk", "ring", "hold", "acw", "duration"}
    return "queue" not in named and (
        not lengths.isdisjoint(named) or named.get("caller", "from") != "from"
    )


def profile_of(
    dialect: Dialect, frame: pl.DataFrame, rows: Rows | None = None
) -> tuple[Profile, dict[str, str]]:
    """A first profile for a file with these rows (columns as text), and the reason by column."""
    labels = [name for name in frame.columns if name != LINE and name != REST]
    rows = rows or rows_of(labels)
    taken: set[str] = set()
    guesses: dict[str, Guess] = {}
    for label in labels:
        guess = guess_of(label, frame[label], rows, taken)
        taken.add(guess.column.target)
        guesses[label] = guess
    made = Profile(dialect, rows, tuple(one.column for one in guesses.values()))
    made, why = _of_calls(_settled(made, frame), frame)
    if not dialect.header and rows == Rows.CALLS:
        made, told_by_cells = _without_names(made, frame)
        why |= told_by_cells
    reasons = {label: one.reason for label, one in guesses.items()}
    made, more = _asked(made, frame)
    more |= why
    told = made.column("service_level")
    within = re.search(r"\b(\d{1,3}) ?s", told.label.lower()) if told else None
    made = replace(
        made,
        answered_by=answered_by(made),
        threshold_seconds=int(within[1]) if within else 0,
    )
    return made, reasons | more


def _settled(profile: Profile, frame: pl.DataFrame) -> Profile:
    """A date that tells its time needs no column for it, and one that does not may have one."""
    if profile.rows.is_list:
        name = profile.column("name")
        if name and profile.has("given_name") and not profile.has("family_name"):
            # Beside a given name the name is the rest of it.
            profile = profile.with_column(replace(name, target="family_name"))
        return profile
    moment, day, clock = (profile.column(one) for one in ("moment", "date", "time"))
    if clock is None and (beside := _clock_beside(profile, moment or day, frame)):
        clock = replace(beside, target="time")
        profile = profile.with_column(clock)
    if moment and day:
        # A date beside a clock is the older pair; a lone moment stands alone.
        spare = moment if clock else day
        profile = profile.with_column(replace(spare, target=KEEP))
        moment, day = profile.column("moment"), profile.column("date")
    ended = profile.column("ended_at")
    if not moment and not day and ended and ended.spelling != times.CLOCK:
        # The only date there is says when the call was, be it when it ended.
        told = times.spelling_of(frame[ended.label])
        return profile.with_column(replace(ended, target="moment" if told.has_clock else "date"))
    if moment and not times.spelling_of(frame[moment.label]).has_clock:
        return profile.with_column(replace(moment, target="date"))
    if day and not clock and times.spelling_of(frame[day.label]).has_clock:
        return profile.with_column(replace(day, target="moment"))
    return profile


def _clock_beside(profile: Profile, day: Column | None, frame: pl.DataFrame) -> Column | None:
    """The column of clocks behind one of days, where it has no name of its own."""
    if day is None or times.spelling_of(frame[day.label]).has_clock:
        return None
    place = [one.label for one in profile.columns].index(day.label) + 1
    beside = profile.columns[place] if place < len(profile.columns) else None
    if beside is None or beside.target != KEEP or beside.label != _("column %d") % (place + 1):
        return None
    given = frame[beside.label].drop_nulls()
    return beside if len(given) and _all_clocks(given) else None


def _of_calls(profile: Profile, frame: pl.DataFrame) -> tuple[Profile, dict[str, str]]:
    """What the rows of calls together tell of a column whose name does not; and why, by column."""
    why: dict[str, str] = {}
    if profile.rows != Rows.CALLS:
        return profile, why
    linked = profile.every("linked_id")
    if len(linked) == 1 and not profile.has("external_id"):
        ids = frame[linked[0].label]
        if len(ids) > 1 and not ids.null_count() and ids.n_unique() == len(ids):
            profile = profile.with_column(replace(linked[0], target="external_id"))
            why[linked[0].label] = _("Each row has one of its own.")
    lasted = profile.column("duration")
    if lasted and not profile.has("talk") and {*plain_words(lasted.label)} <= _LENGTHS:
        lost = _lost(profile, frame)
        given = ~frame[lasted.label].is_in(["0", "0:00", "00:00", "0:00:00", "00:00:00"])
        given = given.fill_null(False)
        if lost is not None and lost.any() and not given.filter(lost).any() and given.any():
            profile = profile.with_column(replace(lasted, target="talk"))
            why[lasted.label] = _("It has a length only where somebody answered.")
    comment = profile.column("comment")
    if comment and not profile.has(*SURVEY_KINDS):
        profile = profile.with_column(replace(comment, target=KEEP))
        why[comment.label] = _("There is no score that it could be about: kept with the call.")
    return profile, why


def _without_names(profile: Profile, frame: pl.DataFrame) -> tuple[Profile, dict[str, str]]:
    """What cells tell of columns without names, beside when a call was; and why, by column."""
    why: dict[str, str] = {}
    lengths: list[Column] = []
    for one in profile.columns:
        given = frame[one.label].drop_nulls()
        given = given.filter(~given.is_in(list(one.nulls)))
        if one.target != KEEP or given.is_empty():
            continue
        ended = with_settings(replace(one, target="outcome"), given, Rows.CALLS)
        if not profile.has("outcome") and ended and _says_outcomes(ended, given):
            profile = profile.with_column(ended)
            why[one.label] = _("Its cells are words for how a call ended.")
        elif times.units_of(given) == (times.H_MM_SS,):
            lengths.append(one)
            why[one.label] = _("Its cells are lengths of time: say of what.")
    if len(lengths) == 1:
        lasted = replace(lengths[0], target="duration", unit=times.H_MM_SS)
        profile = profile.with_column(lasted)
        why[lasted.label] = _("Its cells are lengths of time.")
    return profile, why


def _says_outcomes(column: Column, given: pl.Series) -> bool:
    """Whether every cell is a word for how a call ended, some of them for the usual two ends."""
    ends = {column.meanings.get(one, one) for one in given.str.to_lowercase().unique()}
    return _misfits(column, given, Rows.CALLS).is_empty() and bool(ends & {"answered", "abandoned"})


def _lost(profile: Profile, frame: pl.DataFrame) -> pl.Series | None:
    """Which calls nobody answered, as a column says it; None where none does."""
    if column := profile.column("outcome"):
        words = [word for word, meaning in column.meanings.items() if meaning == "abandoned"]
        return frame[column.label].str.to_lowercase().is_in(["abandoned", *words]).fill_null(False)
    if column := profile.column("answered"):
        words = [word for word, meaning in column.meanings.items() if meaning == "no"]
        return frame[column.label].str.to_lowercase().is_in([*NO, *words]).fill_null(False)
    return None


def _asked(profile: Profile, frame: pl.DataFrame) -> tuple[Profile, dict[str, str]]:
    """Where rows name what was asked, the answer and its scale are of that; and why, by column."""
    kind = profile.column("kind")
    if profile.rows != Rows.ANSWERS or kind is None:
        return profile, {}
    rated = [one for one in profile.columns if one.target in ("csat", "nps", "ces")]
    if len(rated) == 1 and not profile.has("score"):
        profile = profile.with_column(replace(rated[0], target="score"))
    score = profile.column("score")
    if score is None or profile.has("scale"):
        return profile, {}
    meanings = {one: one for one in SURVEY_KINDS} | dict(kind.meanings)
    asked = frame[kind.label].str.to_lowercase().replace_strict(
        meanings, default=None, return_dtype=pl.String
    )  # fmt: skip
    told = {}
    for one in ("csat", "ces"):
        given = frame[score.label].filter(asked == one).drop_nulls()
        given = given.filter(~given.is_in(list(score.nulls)))
        if len(given):
            told[one] = _scale_told(score, given)
    found = {one.scale for one in told.values()}
    if not told and not asked.is_in([*scales.BY_KIND]).any():
        return profile, {}
    # What none of its answers is of may be anything.
    scale = found.pop() if len(found) == 1 else None if found else scales.BY_KIND["nps"]
    why = " ".join(f"{one.upper()}: {each.reason}" for one, each in told.items())
    why = why or _("NPS goes from 0 to 10, and FCR is yes or no.")
    return profile.with_column(replace(score, scale=scale)), {score.label: why}


def answered_by(profile: Profile) -> str:
    """How an answer is most surely known; empty where a person must say."""
    if profile.rows != Rows.CALLS:
        return ""
    if profile.has("outcome", "answered"):
        return BY_COLUMN
    if profile.has("answered_at"):
        return BY_MOMENT
    return ""


def guess_of(label: str, cells: pl.Series, rows: Rows, taken: set[str]) -> Guess:
    """What one column means; targets already `taken` are not guessed twice."""
    given = cells.drop_nulls()
    nulls = tuple(one for one in NULLS if (given == one).any())
    given = given.filter(~given.is_in(list(nulls))) if nulls else given
    if none := _no_clock(label, given, rows):
        nulls, given = (*nulls, none), given.filter(given != none)
    if given.is_empty():
        # Further down there may be something in it.
        target = DROP if rows.is_list else KEEP
        return Guess(Column(label, target, nulls=nulls), _("Every cell looked at is empty."))
    unfit = ""
    for target, word in [*by_name(label, rows), *_also(label, rows)]:
        if target in taken and target not in TOGETHER:
            continue
        column = with_settings(Column(label, target, nulls=nulls), given, rows)
        if column is not None:
            reason = _("Its name has “%s” in it.") % word
            if not (column.target in TARGETS[rows] and TARGETS[rows][column.target].choices):
                # Of words each is asked about that means nothing yet.
                reason = " ".join([reason, *_but(column, given, rows)])
            if target in TARGETS[rows] and TARGETS[rows][target].cell == Cell.SCORE:
                reason = f"{reason} {_scale_told(column, given).reason}"
            return Guess(column, reason)
        other = Column(label, target, decimal=decimal_of(given))
        unfit = unfit or _("Its name has “%(word)s” in it. %(but)s") % {
            "word": word, "but": " ".join(_but(other, given, rows)),
        }  # fmt: skip
    guess = _by_cells(label, given, rows, taken, nulls)
    return replace(guess, reason=unfit) if unfit and guess.column.target in (KEEP, DROP) else guess


def _no_clock(label: str, given: pl.Series, rows: Rows) -> str:
    """How a column of clocks writes that there was none: midnight, so often that it cannot be."""
    if not {*_LATER} & {one for one, _word in by_name(label, rows)}:
        return ""
    midnights = given.filter(given.is_in(["0:00:00", "00:00:00", "0:00", "00:00"]))
    if len(midnights) * ODD_MIDNIGHTS < len(given) or midnights.is_empty():
        return ""
    return str(midnights.mode()[0]) if _all_clocks(given) else ""


def _also(label: str, rows: Rows) -> list[tuple[str, str]]:
    """What a name of a time may mean beside, where the cells do not fit its first meaning."""
    named = dict(by_name(label, rows))
    pairs = (
        ("moment", "time"),
        ("time", "moment"),
        ("date", "moment"),
        ("answered", "answered_at"),
    )
    return [(other, named[one]) for one, other in pairs if one in named and other not in named]


def _by_cells(
    label: str, given: pl.Series, rows: Rows, taken: set[str], nulls: tuple[str, ...]
) -> Guess:
    kept = Guess(
        Column(label, KEEP, nulls=nulls),
        _("Nothing known by this name: kept with the call as it is."),
    )
    if rows.is_list:
        return Guess(Column(label, DROP, nulls=nulls), _("Nothing known by this name: left out."))
    if rows == Rows.ANSWERS and "kind" not in taken and _are_kinds(given):
        column = with_settings(Column(label, "kind", nulls=nulls), given, rows)
        assert column is not None  # words fit where words are asked for
        return Guess(column, _("Its cells name what was asked."))
    if {"moment", "date"} & taken:
        return kept
    column = with_settings(Column(label, "moment", nulls=nulls), given, rows)
    if (
        column is None
        or column.spelling in (times.EPOCH, times.SERIAL, times.EPOCH_MS)
        or len(_misfits(column, given, rows)) * ODD_UNNAMED > len(given)
    ):
        return kept
    return Guess(column, " ".join([_("Its cells are dates."), *_but(column, given, rows)]))


def _but(column: Column, given: pl.Series, rows: Rows) -> Iterator[str]:
    """That some cells are not what a column is to mean, with one of them; nothing if all are."""
    wrong = _misfits(column, given, rows)
    if len(wrong):
        yield _("%(good)d of %(all)d cells fit, “%(cell)s” does not.") % {
            "good": len(given) - len(wrong), "all": len(given), "cell": str(wrong[0])[:40],
        }  # fmt: skip


def _misfits(column: Column, given: pl.Series, rows: Rows) -> pl.Series:
    """The cells that are not what a column is to mean, read the way that most fit."""
    match TARGETS[rows][column.target].cell:
        case Cell.MOMENT | Cell.DATE if column.spelling != times.CLOCK:
            shapes = [column.spelling] if column.spelling else times.DATES
            read = [times.said_moments(given, one)["wall"].is_null() for one in shapes]
        case Cell.MOMENT | Cell.DATE | Cell.CLOCK:
            read = [times.clock_seconds(given).is_null()]
        case Cell.DURATION:
            units = [column.unit] if column.unit else [times.H_MM_SS, times.SECONDS]
            read = [_unread(given, partial(times.duration_ms, unit=one, decimal=column.decimal))
                    for one in units]  # fmt: skip
        case Cell.NUMBER | Cell.COUNT | Cell.PERCENT:
            read = [_unread(given, partial(times.number, decimal=column.decimal))]
        case Cell.SCORE:
            worded = (*YES, *NO) if column.target == "score" else ()
            numbers = _unread(given, partial(times.number, decimal=column.decimal))
            read = [numbers & ~given.str.to_lowercase().is_in(list(worded))]
        case Cell.WORDS if column.target == "caller":
            read = [given.str.count_matches("[0-9]") < 5]
        case Cell.WORDS if column.target == "caller_email":
            read = [~given.str.contains("@", literal=True)]
        case Cell.YES_NO:
            known = [*YES, *NO, *column.meanings]
            read = [~given.str.to_lowercase().is_in(known)]
        case Cell.CHOICE:
            known = [*(TARGETS[rows][column.target].choices or ()), *column.meanings]
            read = [~given.str.to_lowercase().is_in(known)]
        case _:
            return given.clear()
    return given.filter(min(read, key=lambda wrong: wrong.sum()))


def _unread(given: pl.Series, read: Callable[[str], object]) -> pl.Series:
    known = [one for one in given.unique() if read(one) is not None]
    return ~given.is_in(known)


def with_settings(column: Column, given: pl.Series, rows: Rows) -> Column | None:
    """The column with what its cells tell of unit, spelling and meanings; None: it does not fit.

    What they leave open (two spellings fit) stays empty.
    """
    target = TARGETS[rows].get(column.target)
    if target is None:
        return column
    column = replace(column, decimal=decimal_of(given))
    match target.cell:
        case Cell.MOMENT | Cell.DATE:
            spelling = times.spelling_of(given)
            if not spelling.fitting:
                if column.target in _LATER and _all_clocks(given):
                    return replace(column, spelling=times.CLOCK)
                # A list is short, so one wrong cell is much of it: its name is believed.
                return column if rows.is_list else None
            # A year of two digits leaves its century open, however the rest is read.
            known = len(spelling.fitting) == 1 and spelling.fitting[0] not in times.SHORT
            one = spelling.fitting[0] if known else ""
            return replace(column, spelling=one)
        case Cell.CLOCK:
            return column if _all_clocks(given) else None
        case Cell.DURATION:
            return _with_unit(column, given)
        case Cell.NUMBER | Cell.COUNT | Cell.PERCENT:
            wrong = len(_misfits(column, given, rows))
            if wrong * (2 if rows.is_list else times.ODD_ONE_IN) > len(given):
                return None
            if target.cell == Cell.PERCENT:
                whole = given.str.contains("%").any() or any(
                    (times.number(one, column.decimal) or 0) > 1 for one in given.unique()
                )
                column = replace(column, scale=(0, 100 if whole else 1))
            return column
        case Cell.WORDS if column.target == "caller":
            return column if _are_numbers(given) else None
        case Cell.WORDS if column.target == "caller_email":
            return column if int(given.str.contains("@").sum()) * 2 >= len(given) else None
        case Cell.SCORE:
            if len(_misfits(column, given, rows)) * times.ODD_ONE_IN > len(given):
                return None
            return replace(column, scale=_scale_told(column, given).scale)
        case Cell.YES_NO:
            return _with_yes_no(column, given)
        case Cell.CHOICE:
            return _with_choice(column, given, target.choices or {})
    return column


def decimal_of(given: pl.Series) -> str:
    """The decimal sign of a column of numbers, where it has one."""
    words = given.unique()
    comma = words.str.contains(
        r"^[+-]?\d+(?:[\s.]\d{3})*,\d{1,2}\D*$|,\d{4,}\D*$|^[+-]?0,\d|\d\.\d{3}\.\d{3}"
    ).any()
    point = words.str.contains(r"\d,\d{3}(?:,\d{3})*\.\d|^[+-]?\d+\.(?:\d{1,2}|\d{4,})\D*$").any()
    return "," if comma and not point else "."


def _are_kinds(given: pl.Series) -> bool:
    """Whether every cell names a question of a survey."""
    return all({*plain_words(one)} & {*KINDS} for one in given.unique())


def _are_numbers(given: pl.Series) -> bool:
    """Whether cells could be telephone numbers: most of at least five digits."""
    return int((given.str.count_matches("[0-9]") >= 5).sum()) * 2 >= len(given)


def _all_clocks(given: pl.Series) -> bool:
    return times.clock_seconds(given).null_count() <= len(given) // times.ODD_ONE_IN


def _with_unit(column: Column, given: pl.Series) -> Column | None:
    fitting = times.units_of(given, column.decimal)
    if not fitting:
        return None
    named = _unit_named(column.label)
    if named in fitting:
        return replace(column, unit=named)
    if len(fitting) == 1:
        return replace(column, unit=fitting[0])
    # A number without a unit could be seconds, minutes or milliseconds: a person must say.
    return column


def _unit_named(label: str) -> str:
    words = plain_words(label)
    if {"ms", "msec", "milliseconds", "millis", "millisekunden"} & set(words):
        return times.MILLISECONDS
    if any(one.startswith(("sec", "sek", "seg")) or one == "s" for one in words):
        return times.SECONDS
    if any(one.startswith("min") and one != "minimum" for one in words):
        return times.MINUTES
    if {"hour", "hours", "h", "heures", "stunden", "horas"} & set(words):
        return times.HOURS
    # Switches and data tools write whole seconds under these names.
    if {"billsec", "q", "vru", "ser"} & set(words):
        return times.SECONDS
    return ""


def _scale_told(column: Column, given: pl.Series) -> scales.Told:
    """What the name and cells of a column of answers tell of their scale."""
    numbers = [times.number(one, column.decimal) for one in given]
    values = [one for one in numbers if one is not None]
    percent = bool(given.str.contains("%", literal=True).any())
    return scales.told(column.label, column.target, values, percent)


def _with_yes_no(column: Column, given: pl.Series) -> Column | None:
    words = [one.lower() for one in given.unique()]
    unknown = [one for one in words if one not in (*YES, *NO)]
    if not unknown:
        return column
    told = {one: "yes" if outcome == "answered" else "no" for one in unknown
            if (outcome := OUTCOMES.get("".join(plain_words(one))))}  # fmt: skip
    if len(told) < len(unknown) or column.target != "answered":
        return None
    return replace(column, meanings=told)


def _with_choice(column: Column, given: pl.Series, choices: Mapping[str, object]) -> Column | None:
    words = [one.lower() for one in given.unique()]
    if len(words) > 60:
        return None
    known = {
        "outcome": OUTCOMES,
        "direction": DIRECTIONS,
        "channel": CHANNELS,
        "state": STATES,
        "kind": KINDS,
    }.get(column.target, {})
    meanings: dict[str, str] = {}
    for one in words:
        if one in choices:
            continue
        parts = plain_words(one)
        # "Not ready - lunch" is not ready: what two words say together goes before each alone.
        pairs = [first + second for first, second in pairwise(parts)]
        within = [] if HUNG_UP.intersection(parts) else [*pairs, *parts]
        meaning = next((known[said] for said in ("".join(parts), *within) if said in known), "")
        if column.target == "outcome" and NOT.intersection(parts[:1]):
            meaning = "abandoned" if meaning in ("answered", "abandoned") else meaning
        if meaning:
            meanings[one] = meaning
    if not meanings and not any(one in choices for one in words):
        return None
    return replace(column, meanings=meanings)


def with_target(column: Column, target: str, cells: pl.Series, rows: Rows) -> Column:
    """The column with another meaning, its settings told by its cells as far as they go."""
    changed = Column(column.label, target, nulls=column.nulls)
    given = cells.drop_nulls()
    given = given.filter(~given.is_in(list(column.nulls))) if column.nulls else given
    if target in (KEEP, DROP) or given.is_empty():
        return changed
    return with_settings(changed, given, rows) or changed
