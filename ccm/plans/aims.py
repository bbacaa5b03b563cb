"""What can be aimed at: the KPIs that an app above provides, for targets and the lists of them.

`ccm` knows no figure. Whoever has figures registers a provider, in its `apps.py`.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from ccm.access import AGENT
from ccm.imports.cells import times
from ccm.templatetags.figures import figure

# A share or a difference of shares is written in percent by people, and kept as a share.
SHARES = ("fraction", "points")
MOST = 10**9
# How a list says so; an empty cell, or one with "none" in it, says nothing.
NONE = "none any more"
# No scale that callers answer on goes further.
_HIGHEST_SCORE = 100
_HUNDRED = Decimal(100)
_DIGITS = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Aim:
    """A KPI: its id, its words, its unit ("count", "seconds", "days", "fraction" from 0 to 1,
    "score", "points" from -1 to 1, "money") and which way is better ("up", "down", "band", "none").

    `rivals` are the ids under which the same KPI is measured in another unit. `built_in` is the
    target that holds where nobody set one, in its unit; None: none does. `of_agents`: agents and
    teams can have a figure of it. `band`: how far a figure may be from its target on either side;
    None: it is a floor or a ceiling, or is met alone.
    """

    id: str
    name: Any
    unit: str
    direction: str
    rivals: tuple[str, ...] = ()
    built_in: float | None = None
    of_agents: bool = True
    band: float | None = None

    @property
    def in_percent(self) -> bool:
        return self.unit in SHARES

    def fits(self, value: Decimal) -> bool:
        """Whether the KPI can ever be so."""
        if self.unit == "points":
            return -1 <= value <= 1
        if self.unit == "score":
            return 0 <= value <= _HIGHEST_SCORE
        return 0 <= value <= 1 if self.unit == "fraction" else value >= 0


class Misfit(ValueError):
    """No target of a KPI: by what rule ("unit", "range", "scope"), and why in words."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule, self.message = rule, message


Provider = Callable[[], Iterable[Aim]]
_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Have `provider` asked for the KPIs it has."""
    if provider not in _providers:
        _providers.append(provider)


def known() -> dict[str, Aim]:
    """Every KPI by its id."""
    return {aim.id: aim for provider in _providers for aim in provider()}


def called(words: str) -> Aim | None:
    """The KPI of this id or name, whatever its case, spaces and signs; None: there is none."""
    wanted = _plain(words)
    for aim in known().values():
        if wanted in (_plain(aim.id), _plain(str(aim.name))):
            return aim
    return None


def _plain(words: str) -> str:
    return re.sub(r"[^\w:]|_", "", words.casefold())


def is_none(text: str) -> bool:
    """Whether it says that there is no target any more."""
    return " ".join(text.split()).casefold() == NONE


def read(text: str, decimal: str = ".") -> tuple[float, str] | None:
    """A target's number as written, and its sign: "%", "s" for a time, or nothing; None: neither
    a number nor a time."""
    value = times.number(text, decimal)
    if value is not None:
        return value, "%" if "%" in text else ""
    ms = times.duration_ms(text, times.MM_SS, decimal)
    return None if ms is None else (ms / 1_000, "s")


def value_of(aim: Aim, number: float, sign: str) -> Decimal:
    """A target in its KPI's unit. A share is no more than 1, so a larger number is in percent,
    unless the KPI is measured in other units too: then it has to say so.

    Raises Misfit for what the KPI can never be, and for a time or a share where it is neither.
    """
    value = Decimal(repr(number))
    if aim.rivals and not sign and abs(value) > 1:
        message = _("In percent? Write the sign. Or else name the KPI as %s.")
        raise Misfit("unit", message % _(" or ").join(aim.rivals))
    if sign == "%" or (aim.in_percent and abs(value) > 1):
        value /= _HUNDRED
    if (sign == "%" and not aim.in_percent) or (sign == "s" and aim.unit != "seconds"):
        raise Misfit("unit", _("This KPI is not measured so."))
    if not aim.fits(value) or abs(value) >= MOST:
        raise Misfit("range", _("This KPI can never be so."))
    return value.quantize(_DIGITS)


def typed(aim: Aim, text: str) -> Decimal:
    """A target that a person typed, in its KPI's unit. A sheet that holds 0.8 holds a share; who
    types 1 or 0.8 may mean either that or percent, and is asked.

    Raises Misfit for what is no number, for what may be read in two ways, and as `value_of` does.
    """
    found = read(text)
    if found is None:
        raise Misfit("number", _("It is no number, share or time."))
    number, sign = found
    if aim.in_percent and not sign and 0 < abs(number) <= 1:
        percent = Decimal(repr(number))
        said = {"percent": _percent(percent), "share": _percent(percent * _HUNDRED)}
        raise Misfit("unit", _("Is that %(percent)s or %(share)s? Write the sign.") % said)
    return value_of(aim, number, sign)


def check_whose(aim: Aim, team: object, agent: object, role: str) -> None:
    """Raises Misfit where it is to be of agents, of whom the KPI has no figure."""
    of_agents = team is not None or agent is not None or role == AGENT
    if of_agents and not aim.of_agents:
        words = _("Of agents and teams %(kpi)s has no figure that could be held against a target.")
        raise Misfit("scope", words % {"kpi": aim.name})


def written(aim: Aim | None, value: Decimal | None) -> str:
    """A target as a person would write it, and a list reads it."""
    if value is None:
        return NONE
    if aim is not None and aim.in_percent:
        return _percent(value * _HUNDRED)
    return f"{value.normalize():f}"


def told(aim: Aim | None, value: Decimal | None) -> str:
    """A target as people read it: as it is written, times as everywhere, with the band that it is
    judged by: "0:30", "80 ± 5%"."""
    words = written(aim, value)
    if aim is None or value is None:
        return words
    if aim.unit in ("seconds", "days"):
        return figure(float(value), aim.unit)
    if aim.band is not None and aim.in_percent:
        return f"{words.removesuffix('%')} ± {_percent(Decimal(repr(aim.band)) * _HUNDRED)}"
    return words


def _percent(value: Decimal) -> str:
    return f"{value.normalize():f}%"
