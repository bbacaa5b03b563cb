"""Scorecards as files: a document in JSON or in YAML, which say the same.

A file is anybody's: it is read up to a size, without tags and aliases (by which few lines unfold to
gigabytes), and no deeper than a scorecard can be.
"""

import json
import re
from typing import Any, ClassVar, NoReturn

import yaml
from yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

from qa.cards.card import Card
from qa.cards.document import Misread, Wrong, read, write

JSON, YAML = "json", "yaml"
LAYOUTS = (JSON, YAML)
MOST_BYTES = 2**20
_DEEPEST = 12
_MOST_EVENTS = 60_000
# Faster by far, where the library in C is there; both refuse whatever is no plain value.
_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Texts, but for these: "yes" and "no" are answers here, and a day is no value of a scorecard.
_PLAIN = (
    ("null", r"~|null|", ["~", "n", ""]),
    ("bool", r"true|false", ["t", "f"]),
    ("int", r"-?(0|[1-9][0-9]{0,17})", [*"-0123456789"]),
    ("float", r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,17}", [*"-0123456789"]),
)


class _Loader(_Parser):
    """Plain values, each name of an object once."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for key, value in node.value:
            # "1:" is a name to whoever writes it.
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            if name in found:
                raise _misread("", "member_twice", name, key.start_mark.line + 1)
            found[name] = self.construct_object(value, deep=True)
        return found


for _name, _pattern, _letters in _PLAIN:
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_name}", re.compile(f"(?:{_pattern})$"), _letters
    )


def load(raw: bytes) -> Card:
    """A scorecard from a file. Raises Misread for what is none."""
    return read(parsed(raw))


def parsed(raw: bytes) -> object:
    """What a file says, in JSON or in YAML. Raises Misread where it is neither, or too much."""
    if len(raw) > MOST_BYTES:
        raise _misread("", "too_large", "", MOST_BYTES // 1024)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as bad:
        raise _misread("", "encoding", "", bad.start) from None
    if not text.strip():
        raise _misread("", "empty", "")
    if text.lstrip()[:1] in ("{", "["):
        return _json(text)
    return _yaml(text)


def dumped(card: Card, layout: str) -> str:
    """A scorecard as a file's text."""
    document = write(card)
    if layout == JSON:
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=100)


def _json(text: str) -> object:
    try:
        return json.loads(text, parse_constant=_refuse, object_pairs_hook=_object)
    except json.JSONDecodeError as bad:
        raise _misread("", "json", bad.msg, bad.lineno) from None
    except (ValueError, RecursionError) as bad:
        if isinstance(bad, Misread):
            raise
        raise _misread("", "json", "") from None


def _yaml(text: str) -> object:
    try:
        depth = 0
        for number, event in enumerate(yaml.parse(text, _Parser)):
            if number > _MOST_EVENTS:
                raise _misread("", "too_large", "", MOST_BYTES // 1024)
            if isinstance(event, AliasEvent) or getattr(event, "tag", None):
                raise _misread("", "alias", "", _line(event))
            depth += isinstance(event, CollectionStartEvent)
            depth -= isinstance(event, CollectionEndEvent)
            if depth > _DEEPEST:
                raise _misread("", "deep", "", _line(event))
        return yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as bad:
        mark = bad.problem_mark or bad.context_mark
        line = None if mark is None else mark.line + 1
        raise _misread("", "yaml", str(bad.problem or ""), line) from None
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError) as bad:
        if isinstance(bad, Misread):
            raise
        raise _misread("", "yaml", "") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        raise _misread("", "member_twice", twice)
    return found


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _misread(where: str, code: str, value: str, limit: int | None = None) -> Misread:
    return Misread([Wrong(where, code, value[:80], limit)])


def _line(event: Any) -> int | None:
    """The line that an event begins on, as people count."""
    mark = event.start_mark
    return None if mark is None else int(mark.line) + 1
