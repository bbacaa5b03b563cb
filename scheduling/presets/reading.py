"""A preset's file: TOML, with a table for each value.

    country = "DE"
    title = "Germany"
    binds = "whom it binds"
    left_out = ["what is not said here, and why"]

    [laws.ArbZG]
    text = "the law's name"
    url = "https://..."
    as_of = 2025-01-01

    [rest_minutes]
    value = "11:00"
    law = "ArbZG"
    article = "s. 5(1)"
    note = "what to know of it"

Values of minutes are written as hours, "11:00", those that count as numbers. `pause_after` is a
list of pairs, [longer than, pauses in all]; `night` a pair of the clock, the second of the next day
where it is not after the first.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from scheduling.presets.preset import Preset, Source
from scheduling.shifts import Limits

_DAY = 24 * 60
_HOURS = re.compile(r"(\d{1,3}):([0-5]\d)")

# Templates are a centre's own: no law knows them.
LIMITS = frozenset(one.name for one in fields(Limits)) - {"most_of_template"}
BESIDE = frozenset(one.name for one in fields(Preset)) - {
    "country", "region", "title", "binds", "limits", "said", "left_out",
}  # fmt: skip
_HEAD = frozenset({"country", "region", "title", "binds", "left_out", "laws"})
_OF_VALUE = frozenset({"value", "law", "article", "url", "note"})


def preset(file: str, text: str) -> Preset:
    """The preset that a file's text is. Raises ValueError that names the file and the key of what
    it does not understand, or misses."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{file}: {error}") from error
    values: dict[str, Any] = {}
    said: dict[str, Source] = {}
    laws = {
        key: _table(file, f"laws.{key}", law, {"text", "url", "as_of"})
        for key, law in told.get("laws", {}).items()
    }
    for key in told.keys() - _HEAD:
        if key not in LIMITS | BESIDE:
            raise ValueError(f"{file}: {key}: no such field")
        table = _table(file, key, told[key], {"value", "law", "article"})
        values[key] = _value(file, key, table["value"])
        said[key] = _source(file, key, table, laws)
    made = Preset(
        country=_words(file, "country", told),
        region=_words(file, "region", told, ""),
        title=_words(file, "title", told),
        binds=_words(file, "binds", told),
        limits=Limits(**{key: value for key, value in values.items() if key in LIMITS}),
        said=dict(sorted(said.items())),
        left_out=tuple(told.get("left_out", ())),
        **{key: value for key, value in values.items() if key in BESIDE},
    )
    if (made.average_week_minutes is None) != (made.average_weeks is None):
        raise ValueError(f"{file}: average_weeks: goes with average_week_minutes")
    if file != f"{'-'.join(filter(None, (made.country, made.region))).lower()}.toml":
        raise ValueError(f"{file}: country: is not that of the file's name")
    return made


def _table(file: str, key: str, table: object, needed: set[str]) -> Mapping[str, Any]:
    if not isinstance(table, dict):
        raise ValueError(f"{file}: {key}: has to be a table")
    if missing := needed - table.keys():
        raise ValueError(f"{file}: {key}: misses {', '.join(sorted(missing))}")
    if more := table.keys() - needed - _OF_VALUE:
        raise ValueError(f"{file}: {key}: does not know {', '.join(sorted(more))}")
    return table


def _words(file: str, key: str, told: Mapping[str, Any], otherwise: str | None = None) -> str:
    word = told.get(key, otherwise)
    if not isinstance(word, str):
        raise ValueError(f"{file}: {key}: has to be words")
    return word


def _source(
    file: str, key: str, table: Mapping[str, Any], laws: Mapping[str, Mapping[str, Any]]
) -> Source:
    if table["law"] not in laws:
        raise ValueError(f"{file}: {key}: no law {table['law']!r}")
    law = laws[table["law"]]
    if type(law["as_of"]) is not date:
        raise ValueError(f"{file}: laws.{table['law']}: as_of has to be a date")
    return Source(
        text=_words(file, "text", law),
        article=_words(file, "article", table),
        url=_words(file, "url", {**law, **table}),
        as_of=law["as_of"],
        note=_words(file, "note", table, ""),
    )


def _value(file: str, key: str, value: object) -> Any:
    if key == "on_call":
        return _words(file, key, {key: value})
    if key == "pause_after":
        return tuple(sorted(_pair(file, key, one) for one in _list(file, key, value)))
    if key == "night":
        begin, end = _pair(file, key, value)
        return begin, end if end > begin else end + _DAY
    if key.endswith("_minutes") or key == "longest_without_pause":
        return _minutes(file, key, value)
    if type(value) is not int or value < 0:
        raise ValueError(f"{file}: {key}: has to be a whole number")
    return value


def _list(file: str, key: str, value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"{file}: {key}: has to be a list")
    return value


def _pair(file: str, key: str, value: object) -> tuple[int, int]:
    pair = _list(file, key, value)
    if len(pair) != 2:
        raise ValueError(f"{file}: {key}: has to be pairs")
    return _minutes(file, key, pair[0]), _minutes(file, key, pair[1])


def _minutes(file: str, key: str, value: object) -> int:
    found = _HOURS.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError(f'{file}: {key}: {value!r} are no hours as "11:00"')
    return int(found[1]) * 60 + int(found[2])
