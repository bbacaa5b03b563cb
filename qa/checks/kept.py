"""Rules and evidence as they are kept in JSON, and read again."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from qa.checks.patterns import Pattern
from qa.checks.rules import By, Kind, Place, Rule, Where
from qa.checks.scorer import Evidence
from qa.scoring import NOT_APPLICABLE, Value

_ANSWERS = ("met", "broken", "not_applicable")


def rule_as_json(rule: Rule) -> dict[str, Any]:
    """What a rule looks for and suggests; its id, its criterion, its queues and its languages are
    kept beside it. An answer is {"value": an option or a text}, {"number": its text} or
    {"skipped": true}; what is not said is left out."""
    where = rule.where
    return _said(
        kind=rule.kind.value,
        said=_patterns(rule.said),
        by=rule.by.value,
        where=_said(
            place=where.place.value,
            seconds=where.seconds,
            lines=where.lines,
            after=_patterns(where.after),
            after_by=where.after_by.value,
        ),
        seconds=rule.seconds,
        share=None if rule.share is None else str(rule.share),
        **{name: _answer(getattr(rule, name)) for name in _ANSWERS},
    )


def rule_from_json(
    kept: Mapping[str, Any],
    *,
    id: str,
    criterion: str,
    queues: Iterable[Hashable] = (),
    languages: Iterable[str] = (),
) -> Rule:
    """The rule again. It can be read and yet have faults (`rules.faults`). Raises ValueError for
    what `rule_as_json` did not make."""
    try:
        where = kept.get("where", {})
        share = kept.get("share")
        return Rule(
            id,
            criterion,
            Kind(kept["kind"]),
            _patterns_from(kept.get("said", ())),
            By(kept.get("by", By.AGENT)),
            Where(
                Place(where.get("place", Place.ANYWHERE)),
                _whole(where.get("seconds")),
                _whole(where.get("lines")),
                _patterns_from(where.get("after", ())),
                By(where.get("after_by", By.ANYBODY)),
            ),
            _whole(kept.get("seconds")),
            None if share is None else Fraction(_text(share)),
            frozenset(queues),
            frozenset(languages),
            **{name: _answer_from(kept.get(name)) for name in _ANSWERS},
        )
    except (KeyError, TypeError, AttributeError, ZeroDivisionError, InvalidOperation) as wrong:
        raise ValueError("this is no rule") from wrong


def evidence_as_json(evidence: Iterable[Evidence]) -> list[dict[str, Any]]:
    """Evidence as objects of `line`, `at_ms` (null: not known) and `quote`."""
    return [one._asdict() for one in evidence]


def evidence_from_json(kept: Sequence[Any]) -> tuple[Evidence, ...]:
    """The same again. Raises ValueError for what `evidence_as_json` did not make."""
    try:
        return tuple(Evidence(one["line"], one["at_ms"], _text(one["quote"])) for one in kept)
    except (KeyError, TypeError) as wrong:
        raise ValueError("this is no evidence") from wrong


def _said(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, [])}


def _patterns(patterns: Iterable[Pattern]) -> list[dict[str, Any]]:
    return [{"text": one.text, "is_regex": one.is_regex} for one in patterns]


def _patterns_from(kept: Sequence[Any]) -> tuple[Pattern, ...]:
    return tuple(Pattern(_text(one["text"]), bool(one.get("is_regex", False))) for one in kept)


def _answer(value: Value | None) -> dict[str, Any] | None:
    if value is None:
        return None
    if value is NOT_APPLICABLE:
        return {"skipped": True}
    return {"number": str(value)} if isinstance(value, Decimal) else {"value": value}


def _answer_from(kept: Mapping[str, Any] | None) -> Value | None:
    if kept is None:
        return None
    if kept.get("skipped"):
        return NOT_APPLICABLE
    return Decimal(_text(kept["number"])) if "number" in kept else _text(kept["value"])


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _whole(value: Any) -> int | None:
    if type(value) not in (int, type(None)):
        raise TypeError(value)
    return None if value is None else int(value)
