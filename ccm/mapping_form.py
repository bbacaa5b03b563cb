"""The mapping page's form: what was posted becomes a profile, a profile becomes its fields.

Fields are named by the column's place, whatever it is called: column 3's target is `c3-target`, the
meaning of its second word `c3-m2` beside the word itself in `c3-w2`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from typing import Any
from zoneinfo import available_timezones

import polars as pl
from django.utils.translation import gettext as _

from ccm import addresses
from ccm.imports.cells import times
from ccm.imports.files.dialect import DELIMITED, FIXED, JSON, SHEET, Dialect
from ccm.imports.mapping import guess, subjects
from ccm.imports.mapping.drafts import Look
from ccm.imports.mapping.mapped import says_zone
from ccm.imports.mapping.preview import MAIL
from ccm.imports.mapping.profile import (
    ALL,
    BY_AGENT,
    BY_COLUMN,
    BY_MOMENT,
    BY_TALK,
    BY_WAIT,
    NO_QUEUE,
    Column,
    Profile,
)
from ccm.imports.mapping.targets import DROP, KEEP, TARGETS, Cell, Rows, Target
from ccm.imports.mapping.words import NO, YES

MOST_WORDS = 40
EXAMPLES = 3
# Of a line as it is.
MOST_SHOWN = 400


def answers() -> dict[str, str]:
    """How an answer can be known, in words."""
    return {
        BY_COLUMN: _("A column says so"),
        BY_MOMENT: _("It has a time of answer"),
        BY_TALK: _("It was talked"),
        BY_WAIT: _("It has a wait"),
        BY_AGENT: _("It names an agent"),
        ALL: _("All of them were answered"),
    }


def delimiters() -> dict[str, str]:
    return {
        ",": _("comma ,"),
        ";": _("semicolon ;"),
        "tab": _("tab"),
        "|": _("bar |"),
        ":": _("colon :"),
        "~": _("tilde ~"),
    }


def spans() -> dict[int, str]:
    return {
        15: _("15 minutes"), 30: _("30 minutes"), 60: _("1 hour"), 1440: _("1 day"),
        10080: _("1 week"),
    }  # fmt: skip


def words_of_dialect(dialect: Dialect) -> list[tuple[str, str]]:
    """How a mapping's files are cut into cells: pairs of name and value."""
    said = []
    if dialect.kind == JSON:
        return [(_("Kind of file"), _("JSON objects, one a line"))]
    if dialect.kind == SHEET:
        said = [(_("Kind of file"), _("workbook")), (_("Sheet"), dialect.sheet or _("the first"))]
    elif dialect.kind == FIXED:
        said = [(_("Columns begin at"), ", ".join(map(str, dialect.edges)))]
    else:
        sign = "tab" if dialect.delimiter == "\t" else dialect.delimiter
        said = [(_("Between two cells stands"), delimiters().get(sign, sign))]
    if dialect.kind != SHEET:
        said.append((_("Encoding"), dialect.encoding or _("found out from each file")))
    header = _("line %d") % dialect.header if dialect.header else _("nowhere")
    return [*said, (_("Names of the columns"), header)]


def words_of_answers(profile: Profile) -> list[tuple[str, str]]:
    """What a mapping says of its rows as a whole, beside zone and queue."""
    said = [
        (_("A call was answered when"), answers().get(profile.answered_by, "")),
        (_("A row tells of"), spans().get(profile.minutes, "")),
        (
            _("Service level within"),
            _("%d seconds") % profile.threshold_seconds if profile.threshold_seconds else "",
        ),
        (
            _("Callers lost without any wait"),
            _("left in the menu, not abandoned") if profile.no_wait_left_menu else "",
        ),
    ]
    return [(name, value) for name, value in said if value]


def words_of_column(column: Column, target: Target) -> list[str]:
    """How the cells of a column are read."""
    said = []
    if column.spelling:
        said.append(_("written %s") % times.words_for(column.spelling))
    if column.unit:
        said.append(_("in %s") % times.unit_words().get(column.unit, column.unit))
    if column.scale:
        said.append(_("from %d to %d") % column.scale)
    if has_decimal(column, target):
        said.append(_("decimal sign: comma") if column.decimal == "," else _("decimal sign: point"))
    choices = dict(target.choices or {})
    said += [f"“{word}”: {choices.get(one, one)}" for word, one in column.meanings.items()]
    if column.nulls:
        said.append(_("taken for empty: %s") % "; ".join(column.nulls))
    return said


def has_decimal(column: Column, target: Target) -> bool:
    """Whether the cells of a column can be numbers with a fraction."""
    kinds = (Cell.NUMBER, Cell.COUNT, Cell.PERCENT, Cell.SCORE)
    return target.cell in kinds or (
        target.cell == Cell.DURATION and column.unit not in (times.MM_SS, times.H_MM_SS)
    )


def said_dialect(before: Dialect, data: Mapping[str, Any]) -> Dialect:
    """The dialect as posted. Raises ValueError where it is none."""
    edges = before.edges
    if data.get("edges"):
        words = str(data["edges"]).replace(",", " ").split()
        edges = tuple(sorted({_whole(one) for one in words}))
    kind = before.kind
    if kind in (DELIMITED, FIXED):
        kind = FIXED if data.get("kind") == FIXED else DELIMITED
    delimiter = {"tab": "\t"}.get(str(data.get("delimiter")), str(data.get("delimiter") or ""))
    made = replace(
        before,
        kind=kind,
        encoding=str(data.get("encoding", before.encoding)),
        delimiter=delimiter or before.delimiter,
        header=_whole(data.get("header", before.header)),
        types="types" in data,
        sheet=str(data.get("sheet", before.sheet)),
        edges=edges if edges or kind != FIXED else (1,),
    )
    return Dialect.from_json(made.as_json())


def said_profile(before: Profile, data: Mapping[str, Any], frame: pl.DataFrame) -> Profile:
    """The profile as posted for a file with these rows.

    A column that was given another meaning takes what its cells tell of the rest. Raises
    ValueError where something posted means nothing.
    """
    columns = [
        _said_column(one, number, data, frame, before.rows)
        for number, one in enumerate(before.columns)
    ]
    zone = str(data.get("zone") or "").strip()
    if zone and zone not in available_timezones():
        raise ValueError(
            _("%s is no time zone of the IANA list, such as Europe/Paris.") % zone[:64]
        )
    return replace(
        before,
        columns=tuple(columns),
        queue=_said_queue(data),
        answered_by=_one_of(data.get("answered_by", ""), answers()),
        zone=zone,
        minutes=_whole(data.get("minutes")),
        threshold_seconds=_whole(data.get("threshold_seconds")),
        no_wait_left_menu="no_wait_left_menu" in data,
    )


def fingerprint(profile: Profile) -> str:
    """What a form's numbered fields are about: they mean nothing to other rows and columns."""
    about = [profile.rows.value, *(one.label for one in profile.columns)]
    return blake2b("\0".join(about).encode(), digest_size=8).hexdigest()


def _said_queue(data: Mapping[str, Any]) -> str:
    if "no_queue" in data:
        return NO_QUEUE
    return str(data.get("queue") or "").strip()[:120]


def _whole(text: Any) -> int:
    plain = str(text or "0").strip()
    if not plain.isascii() or not plain.isdigit() or len(plain) > 6:
        raise ValueError(_("%s is no number.") % plain[:40])
    return int(plain)


def _one_of(value: Any, known: Mapping[str, Any]) -> str:
    return str(value) if value in known else ""


def _said_column(
    before: Column, number: int, data: Mapping[str, Any], frame: pl.DataFrame, rows: Rows
) -> Column:
    target = str(data.get(f"c{number}-target", before.target))
    if target not in (KEEP, DROP, *TARGETS[rows]):
        raise ValueError(_("%s: such rows have no such meaning.") % before.label)
    if target != before.target:
        changed = guess.with_target(before, target, frame[before.label], rows)
        return _with_said(changed, before, number, data, rows)
    choices = TARGETS[rows][target].choices if target in TARGETS[rows] else None
    words = {
        str(data[f"c{number}-w{at}"]).lower(): _one_of(
            data.get(f"c{number}-m{at}") or "", choices or {}
        )
        for at in range(MOST_WORDS)
        if f"c{number}-w{at}" in data
    }
    scale = before.scale
    if f"c{number}-low" in data:
        low, high = data.get(f"c{number}-low"), data.get(f"c{number}-high")
        scale = (_whole(low), _whole(high)) if str(high or "").strip() else None
    nulls = before.nulls
    if f"c{number}-nulls" in data:
        said = str(data[f"c{number}-nulls"]).split(";")
        nulls = tuple(one.strip() for one in said if one.strip())
    kept = {word: meaning for word, meaning in before.meanings.items() if word not in words}
    return Column.from_json(
        {
            "label": before.label,
            "target": target,
            "spelling": data.get(f"c{number}-spelling", before.spelling),
            "unit": data.get(f"c{number}-unit", before.unit),
            "decimal": data.get(f"c{number}-decimal", before.decimal),
            "meanings": kept | {word: meaning for word, meaning in words.items() if meaning},
            "nulls": nulls,
            "scale": scale,
        }
    )


def _with_said(
    changed: Column, before: Column, number: int, data: Mapping[str, Any], rows: Rows
) -> Column:
    """A column of another meaning with what was said of it that is as true of the new one."""
    known = TARGETS[rows]
    if before.target not in known or changed.target not in known:
        return changed
    cells = {known[before.target].cell, known[changed.target].cell}
    said = {
        name: str(data.get(f"c{number}-{name}") or getattr(before, name))
        for name in ("unit", "spelling", "decimal")
    }
    if cells == {Cell.DURATION} and said["unit"]:
        changed = replace(changed, unit=said["unit"], decimal=said["decimal"])
    elif cells <= {Cell.MOMENT, Cell.DATE} and said["spelling"]:
        changed = replace(changed, spelling=said["spelling"])
    return Column.from_json(asdict(changed))


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a column, how often the sample has it, and what it means ("" : not said)."""

    text: str
    rows: int
    meaning: str


@dataclass(frozen=True, slots=True)
class Field:
    """A column's part of the page."""

    number: int
    column: Column
    examples: list[str]
    empty: int
    reason: str
    target: Target | None
    spellings: list[tuple[str, str]]
    units: list[tuple[str, str]]
    words: list[Word]
    asks: str
    """What must still be said of it, or nothing."""

    @property
    def has_decimal(self) -> bool:
        return self.target is not None and has_decimal(self.column, self.target)

    @property
    def choices(self) -> list[tuple[str, Any]]:
        return list((self.target.choices or {}).items()) if self.target else []


def fields(profile: Profile, look: Look, reasons: Mapping[str, str]) -> list[Field]:
    """Every column of the file as the page draws it."""
    return [
        _field(number, one, look.frame[one.label], profile, reasons.get(one.label, ""))
        for number, one in enumerate(profile.columns)
        if one.label in look.frame.columns
    ]


def _field(number: int, column: Column, cells: pl.Series, profile: Profile, reason: str) -> Field:
    target = profile.targets.get(column.target)
    given = cells.drop_nulls()
    given = given.filter(~given.is_in(list(column.nulls))) if column.nulls else given
    examples = given.unique(maintain_order=True).head(EXAMPLES).to_list()
    if column.target == MAIL:
        examples = list(dict.fromkeys(addresses.hidden(one, one) for one in examples))
    words = list(_words(column, given, target)) if target else []
    spellings: list[tuple[str, str]] = []
    asks = ""
    if target and target.cell in (Cell.MOMENT, Cell.DATE):
        spellings, asks = _spellings(column, given)
    elif target and target.cell == Cell.DURATION and not column.unit:
        asks = _("What is it measured in?")
    elif target and target.cell == Cell.SCORE and not column.scale:
        asks = _("From what to what does its scale go?")
    elif unsaid := [one.text for one in words if not one.meaning]:
        asks = _("What does “%s” mean?") % unsaid[0]
    return Field(
        number=number,
        column=column,
        examples=examples,
        empty=len(cells) - len(given),
        reason=reason,
        target=target,
        spellings=spellings,
        units=list(times.unit_words().items()) if target and target.cell == Cell.DURATION else [],
        words=words,
        asks=asks,
    )


def _words(column: Column, given: pl.Series, target: Target) -> Iterator[Word]:
    """The words of a column whose words have meanings, the usual ones first."""
    if target.cell not in (Cell.YES_NO, Cell.CHOICE):
        return
    counted = given.str.to_lowercase().value_counts(sort=True).head(MOST_WORDS)
    known: dict[str, str] = {}
    if target.cell == Cell.YES_NO:
        known = dict.fromkeys(NO, "no") | dict.fromkeys(YES, "yes")
    else:
        known = {name: name for name in target.choices or {}}
    for text, rows in counted.iter_rows():
        yield Word(text, rows, column.meanings.get(text) or known.get(text, ""))


def _spellings(column: Column, given: pl.Series) -> tuple[list[tuple[str, str]], str]:
    """The spellings a column's dates can be in, and the question where that is open."""
    found = times.spelling_of(given)
    can_be = list(found.fitting)
    if column.target not in ("moment", "date") and not can_be:
        can_be = [times.CLOCK]
    if column.spelling and column.spelling not in can_be:
        can_be.append(column.spelling)
    others = [one for one in times.DATES if one not in can_be]
    listed = [(one, times.words_for(one)) for one in (*can_be, *others)]
    if column.spelling:
        timeless = column.target == "moment" and found.fitting and not found.has_clock
        return listed, _("No cell has a time of day: is it a date?") if timeless else ""
    if len(found.fitting) > 1:
        return listed, _ambiguous(found)
    return listed, _("How are its dates written?")


def _ambiguous(found: times.Spelling) -> str:
    """Why the cells do not tell how they are to be read."""
    readings = [
        times.moments(pl.Series([found.example]), one)["wall"][0] for one in found.fitting[:2]
    ]
    if None in readings:
        return _("How are its dates written?")
    first, second = (f"{one.day} {one:%B %Y}" for one in readings)
    if first == second:
        return _("No date of the file tells whether the day or the month comes first.")
    return _("No date of the file tells: is %(example)s %(first)s or %(second)s?") % {
        "example": found.example.upper(), "first": first, "second": second,
    }  # fmt: skip


def zones_by_region(names: Iterable[str], chosen: str, near: str) -> list[tuple[str, list[str]]]:
    """Zones to choose from, by region: first the region of `near`, and `chosen` among them."""
    regions: dict[str, list[str]] = {near.split("/")[0]: []}
    for name in sorted({*names, chosen} - {""}):
        regions.setdefault(name.split("/")[0], []).append(name)
    return [(region, listed) for region, listed in regions.items() if listed]


def zone_told(profile: Profile) -> str:
    """How the file itself tells the zone of its times; empty where it does not."""
    if by_row := profile.column("zone"):
        return _("each row's own, in %s") % by_row.label
    if says_zone(profile):
        return _("none needed: its times are counted from 1970, the same everywhere")
    return ""


def _ruler(lines: tuple[str, ...]) -> str:
    """The places of signs in lines: each number ends where it says."""
    longest = min(max(map(len, lines), default=0), MOST_SHOWN)
    return "".join(f"{place:>10}" for place in range(10, longest + 1, 10))


def _places(asked: list[str], listed: list[Field], general: list[str]) -> list[tuple[str, str]]:
    """Each open question and the part of the page that answers it: a column's, or the rows'."""
    columns = [f"c{one.number}" for one in listed if one.asks]
    for words in general:
        named = (one for one in listed if words.startswith(f"{one.column.label}: "))
        columns.append(next((f"c{one.number}" for one in named), "whole"))
    return list(zip(asked, columns, strict=True))


def _top(profile: Profile, look: Look) -> list[str]:
    """The first lines of the file, without callers' mail addresses."""
    if not profile.has(MAIL):
        return [*look.seen.top]
    as_long = look.dialect.kind == FIXED
    return [addresses.hidden(one, None, as_long=as_long) for one in look.seen.top]


def page(profile: Profile, look: Look, reasons: Mapping[str, str]) -> dict[str, Any]:
    """The words and choices of the whole page beside its rows."""
    listed = fields(profile, look, reasons)
    asked = [f"{one.column.label}: {one.asks}" for one in listed if one.asks]
    shapes = {Cell.MOMENT, Cell.DATE, Cell.DURATION, Cell.SCORE}
    general = [
        words
        for words in profile.problems()
        if not any(
            words.startswith(f"{one.column.label}: ") and one.target and one.target.cell in shapes
            for one in listed
        )
    ]
    dialect = look.dialect
    return {
        "fields": listed,
        "open": _places(asked + general, listed, general),
        "ruler": _ruler(look.seen.top) if dialect.kind == FIXED else "",
        "asked": asked + general,
        "profile": profile,
        "look": look,
        "top": _top(profile, look),
        "kinds": subjects.of_kinds(),
        "targets": subjects.of_targets(profile.rows, profile.targets),
        "answers": list(answers().items()),
        "delimiters": list(delimiters().items()),
        "the_delimiter": "tab" if dialect.delimiter == "\t" else dialect.delimiter,
        "spans": list(spans().items()),
        "no_queue": profile.queue == NO_QUEUE,
        "names_queue": profile.has("queue") or profile.rows.is_list,
        "is_list": profile.rows.is_list,
        "is_text": dialect.kind in (DELIMITED, FIXED),
        "is_fixed": dialect.kind == FIXED,
        "is_sheet": dialect.kind == SHEET,
        "edges": " ".join(map(str, dialect.edges)),
        "of": fingerprint(profile),
        "zone_told": zone_told(profile),
        "is_calls": profile.rows == Rows.CALLS,
        "is_totals": profile.rows == Rows.TOTALS,
    }
