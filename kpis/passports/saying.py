"""Reasons (`predicates.REASONS`) in words, with what a single call lasted. Pure."""

from collections.abc import Collection, Mapping
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.templatetags.figures import clock
from kpis.figures import Figure
from kpis.passports.predicates import REASONS

_UNTOLD = "…"

Lasted = Mapping[str, int | None]
"""By the names of `behind.LENGTHS` milliseconds; `before` and `later` in days, of a
matter `later` in seconds; `rings` as many."""


class Saying:
    """The words of a figure's reasons: looked up once, filled in for each call."""

    def __init__(self, figure: Figure) -> None:
        self.figure = figure
        self._words: dict[str, tuple[str, str]] = {}

    def of(self, name: str, lasted: Lasted) -> str:
        """A reason; what a call lasted and is not told is left open."""
        if name not in self._words:
            reason = REASONS[name]
            self._words[name] = (str(reason.words), str(reason.untold))
        words, untold = self._words[name]
        if untold and lasted and lasted["wait_ms"] is None:
            words = untold
        said = words.format_map(_Known(self, lasted))
        rings = lasted.get("rings") or 0
        return said if rings < 2 else f"{said}: {_('%(n)d rings') % {'n': rings}}"

    @cached_property
    def parameters(self) -> dict[str, str]:
        """What a reason may say of the parameters."""
        parameters = self.figure.parameters
        words = parameters.placeholders()
        words["conversation"] = words.pop("talk")
        words["short"] = _("{seconds} s").format(seconds=parameters.short_abandon_seconds)
        if parameters.clock_start_seconds and "clock" in self.figure.variant.uses:
            later = _("{within} of the clock's start, which is {seconds} s after entry")
            for one in ("within", "short"):
                words[one] = later.format(within=words[one], seconds=parameters.clock_start_seconds)
        return words

    @cached_property
    def edges(self) -> set[int]:
        """Seconds that waits and talks are held against."""
        parameters = self.figure.parameters
        start = parameters.clock_start_seconds
        limits = (0, parameters.threshold_seconds, parameters.short_abandon_seconds)
        return {parameters.conversation_seconds, *(limit + start for limit in limits)}


class _Known(dict[str, str]):
    """The placeholders of one call's reason, each made when it is asked for."""

    def __init__(self, saying: Saying, lasted: Lasted) -> None:
        self.saying, self.lasted = saying, lasted

    def __missing__(self, name: str) -> str:
        if name in self.saying.parameters:
            return self.saying.parameters[name]
        if name in ("before", "later"):
            days = self.lasted.get(name)
            return _UNTOLD if days is None else _days(days)
        if name == "until":
            seconds = self.lasted.get("later")
            return _UNTOLD if seconds is None else clock(seconds)
        if name == "handling":
            parts = (self.lasted.get(f"{one}_ms") for one in ("talk", "hold", "acw"))
            known = [part for part in parts if part is not None]
            return clock(sum(known) / 1000) if known else _UNTOLD
        ms = self.lasted.get("return_ms" if name == "back" else f"{name}_ms")
        if ms is None:
            return _UNTOLD
        # What is held against no limit needs no fractions.
        return clock(ms / 1000) if name in ("hold", "acw") else _length(ms, self.saying.edges)


def _length(ms: int, edges: Collection[int]) -> str:
    """A length in seconds, as limits are told, never rounded to one of the `edges` that it is held
    against."""
    told = round(ms / 1000, 1)
    exact = told in edges and told * 1000 != ms
    seconds = ms / 1000 if exact else told
    # With as many digits as it has, and none for what it has not.
    return _("{seconds} s").format(seconds=f"{seconds:,.3f}".rstrip("0").rstrip("."))


def _days(count: int) -> str:
    return ngettext("%(n)d day", "%(n)d days", count) % {"n": count}
