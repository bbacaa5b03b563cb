"""How well an invented call went, and how each invented reviewer sees it.

Pure. A criterion of a call has a merit, a standard normal or so: the agent's, the call's and its
own. A reviewer sees it less their severity, with an error. Chance is a keyed hash of who and what
it is of, so that the same demo is always told the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from statistics import NormalDist

from qa.scoring import (
    CHOSEN,
    NOT_APPLICABLE,
    Criterion,
    Fails,
    Form,
    Kind,
    Option,
    Value,
    shown,
)

_NORMAL = NormalDist()
_OF_AGENT, _OF_CALL, _OF_ITSELF = 0.5, 0.45, 0.75
_STEP = 0.55
# A critical answer fails where the merit is less than this: one call in thirty or so.
_FAILS_BELOW = -2.2
_APPLIES = 0.93


@dataclass(frozen=True, slots=True)
class Mind:
    """A reviewer: by how much they see less merit than there is, how much more of that each month,
    and how far off they are on a criterion."""

    severity: float = 0.0
    drift: float = 0.0
    error: float = 0.35

    def hard(self, months: float) -> float:
        return self.severity + self.drift * months


@dataclass(frozen=True, slots=True)
class Asked:
    """How a criterion behaves: the merit from which on its best answer is given, and by how much
    more than usual reviewers differ on it."""

    best_from: float
    vague: float = 1.0


def chance(*of: object) -> float:
    """A number between 0 and 1, the same for the same."""
    digest = blake2b("\x1f".join(map(str, of)).encode(), digest_size=8).digest()
    return (int.from_bytes(digest) + 0.5) / 2**64


def normal(*of: object) -> float:
    """A standard normal number, the same for the same."""
    return _NORMAL.inv_cdf(chance(*of))


def merit(call: str, criterion: str, skill: float) -> float:
    """How well a call went by a criterion; `skill` is the agent's, a standard normal or so."""
    return (
        _OF_AGENT * skill
        + _OF_CALL * normal("call", call)
        + _OF_ITSELF * normal("merit", call, criterion)
    )


def answers(
    form: Form,
    ways: Mapping[str, Asked],
    call: str,
    skill: float,
    reviewer: str,
    mind: Mind,
    months: float,
    applies: Mapping[str, bool] | None = None,
) -> dict[str, Value]:
    """What a reviewer answers to a form, `months` after the history begins: every criterion that is
    shown but texts. `ways` are those of criteria that are not as most are; `applies` says of which
    criteria it is known whether they apply to the call, others do by chance."""
    said: dict[str, Value] = {}
    for one in form.criteria():
        if one.kind == Kind.TEXT or one not in shown(form, said):
            continue
        known = (applies or {}).get(one.id)
        by_chance = chance("applies", call, one.id) <= _APPLIES
        if one.may_skip and not (by_chance if known is None else known):
            said[one.id] = NOT_APPLICABLE
            continue
        way = ways.get(one.id) or usual(one)
        seen = merit(call, one.id, skill) - mind.hard(months)
        seen += way.vague * mind.error * normal("error", reviewer, call, one.id)
        said[one.id] = answer(one, seen, way)
    return said


def usual(criterion: Criterion) -> Asked:
    """How a criterion behaves of which nothing else is said: its id makes it easier or harder."""
    return Asked(-1.2 + 0.9 * chance("best", criterion.id))


def answer(criterion: Criterion, seen: float, way: Asked) -> Value:
    """The answer that somebody gives who sees so much merit."""
    if criterion.kind not in CHOSEN:
        worst, best = criterion.worst or Decimal(0), criterion.best or Decimal(10)
        part = Decimal(round(_NORMAL.cdf(seen - way.best_from), 2))
        return (worst + (best - worst) * part).quantize(Decimal(1))
    ranked = sorted(criterion.options, key=lambda each: -each.points)
    if criterion.fails != Fails.NOTHING:
        good = [each for each in ranked if not each.fails]
        bad = [each for each in ranked if each.fails]
        if seen < _FAILS_BELOW and bad:
            return bad[0].id
        ranked = good or ranked
    return _ranked(ranked, seen, way).id


def _ranked(options: list[Option], seen: float, way: Asked) -> Option:
    """The best from its merit on, and each other one a step below."""
    for place, one in enumerate(options):
        if seen >= way.best_from - _STEP * place:
            return one
    return options[-1]
