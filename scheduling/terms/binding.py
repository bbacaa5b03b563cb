"""What binds people of one contract, rule by rule: by its own word, and by the law."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from scheduling.models import Contract
from scheduling.presets import Source
from scheduling.shifts import Limits
from scheduling.terms import law, limits, words


@dataclass(frozen=True, slots=True)
class Bound:
    """A rule in words, and what the contract and the law say of it (empty: nothing), and what
    holds; of the law where that is from."""

    rule: str
    own: str
    law: str
    holds: str
    source: Source | None


def bounds(contract: Contract) -> list[Bound]:
    """The rules of which the contract or its law says something."""
    return list(_bounds(contract))


def _bounds(contract: Contract) -> Iterator[Bound]:
    preset = law.preset(contract.law)
    theirs = Limits() if preset is None else preset.limits
    holds = limits.of_contract(contract)
    for name in limits.columns():
        own, said = getattr(contract, name), getattr(theirs, name)
        if own is not None or said is not None:
            # Of what the contract says more strictly it is the contract that holds.
            is_law = preset is not None and said is not None and getattr(holds, name) == said
            source = preset.said.get(name) if preset is not None and is_law else None
            yield Bound(
                rule=words.rule(name),
                own=_written(name, own),
                law=_written(name, said),
                holds=_written(name, getattr(holds, name)),
                source=source,
            )
    for beyond, minutes in holds.pause_after:
        told_so = _("%(hours)s in all") % {"hours": words.hours(minutes)}
        rule = _("Pauses of more than %(hours)s") % {"hours": words.hours(beyond)}
        source = None if preset is None else preset.said.get("pause_after")
        yield Bound(rule, "", told_so, told_so, source)


def _written(name: str, value: Any) -> str:
    if value is None:
        return ""
    return words.hours(value) if limits.is_minutes(name) else str(value)
