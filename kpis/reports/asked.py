"""What a report asks for, as words of an address: read from one, written into one, and kept.

Nothing of it is looked up: a name may be gone, an id out of reach. `reach` says what is left of it
for a reader on a day.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self, cast
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from ccm import periods
from ccm.days_asked import MOST_TOLD
from ccm.models import Channel, Direction
from kpis.choosing import beside
from kpis.definitions import KPIS, UnknownKpi, parse
from kpis.dimensions import NAMES, By

FORMAT = 1
"""The version of what `parameters` gives: kept beside a saved question, so that a later one can
read it."""
DEFAULT_KPIS = ("offered", "answered", "service_level", "abandon_rate", "asa")
DEFAULT_OF_AGENTS = ("answered", "aht", "fcr", "csat", "transfer_rate", "missed_rate")
"""Of agents nothing is told that counts calls which nobody answered."""
FAST = ("aht", "calls_per_hour", "contacts_per_hour")
GOOD = ("fcr", "csat")
"""How fast is never shown without how good: where none of these is asked for, both are, for one
may not be known yet or nobody was asked."""
COMPARISONS = ("", "previous", "weekdays", "usual", "target")
DIMENSIONS: tuple[By, ...] = (*NAMES,)
PICKED: tuple[By, ...] = ("queue", "team", "agent", "topic", "disposition")
"""Dimensions whose rows are picked by id."""
PARAMETERS = frozenset(
    ("kpi", "definition", "number", "by", "across", "period", "from", "to", "site", "channel",
     "direction", "compare", "like", *PICKED)
)  # fmt: skip
"""The names of what an address says of a question."""
# More than is told again of what is no day.
_MOST_TYPED = MOST_TOLD + 1
_MOST_IDS = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in words. `sites` are slugs, none: all in reach; `picked` ids by dimension.
    `start` and `end` are days, of the period `custom` alone, and so is `like`: the period that they
    were named by, and are compared as. `misread` are words that say
    nothing, `added` a KPI that nobody asked for but that has to stand beside another."""

    kpis: tuple[str, ...] = DEFAULT_KPIS
    by: By = "day"
    across: By = "total"
    period: str = periods.DEFAULT
    start: str = ""
    end: str = ""
    like: str = ""
    sites: tuple[str, ...] = ()
    picked: Mapping[By, tuple[int, ...]] | None = None
    channel: str = ""
    direction: str = ""
    compare: str = ""
    misread: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    @classmethod
    def of(cls, given: Mapping[str, Sequence[str]]) -> Self:
        """The question of an address's parameters, each with its values. What makes no sense is
        left out and named in `misread`; what is not said is as by default."""
        plain = cls()
        default: Sequence[str] = plain.kpis
        sides = {*given.get("by", ()), *given.get("across", ())}
        if any(by in sides or any(map(_is_id, given.get(by, ()))) for by in ("agent", "team")):
            default = DEFAULT_OF_AGENTS
        wrong: list[str] = []

        def one(name: str, among: Iterable[str], otherwise: str) -> str:
            word = (given.get(name) or [otherwise])[-1]
            if word not in among:
                wrong.append(word)
                return otherwise
            return word

        kpis = tuple(dict.fromkeys(given.get("kpi", ())))
        known: list[str] = []
        unknown: list[str] = []
        others: list[str] = []
        for word in kpis:
            try:
                parse(word)
            except UnknownKpi as why:
                # Of a KPI that is none the reason would name all that there are.
                if re.split("[:@]", word)[0] in KPIS:
                    unknown.append(f"{word[:60]} ({why})")
                else:
                    wrong.append(word)
            else:
                known.append(word)
        number = (given.get("number") or [""])[-1].strip()
        others_asked = [beside.numbered(word, number) for word in given.get("definition", ())]
        if number and not any("@" in word for word in others_asked):
            unknown.append(f"{number[:60]} ({_('no definition beside reads a number')})")
        for word in others_asked:
            found, misread = beside.known(word)
            others += found
            unknown += misread
        shown, added = columns(known or default, others)
        picked: dict[By, tuple[int, ...]] = {}
        for by in PICKED:
            words = [word for word in given.get(by, ()) if word][:_MOST_IDS]
            ids = [int(word) for word in words if _is_id(word)]
            wrong += [word for word in words if not _is_id(word)]
            # Where all of them make no sense it is as if none were asked for.
            if ids:
                picked[by] = tuple(dict.fromkeys(ids))
        period = one("period", periods.PERIODS, plain.period)
        if "period" not in given and (given.get("from") or given.get("to")):
            period = periods.CUSTOM
        custom = period == periods.CUSTOM
        start, end = ((given.get(one) or [""])[-1][:_MOST_TYPED] for one in ("from", "to"))
        return cls(
            kpis=shown,
            by=cast(By, one("by", DIMENSIONS, plain.by)),
            across=cast(By, one("across", DIMENSIONS, plain.across)),
            period=period,
            start=start if custom else "",
            end=(end or start) if custom else "",
            like=one("like", ("", *periods.PERIODS), "") if custom else "",
            sites=tuple(dict.fromkeys(word for word in given.get("site", ()) if word)),
            picked=picked,
            channel=one("channel", ("", *Channel.values), ""),
            direction=one("direction", ("", *Direction.values), ""),
            compare=one("compare", COMPARISONS, ""),
            misread=(*(word[:60] for word in wrong if word), *unknown),
            added=added,
        )

    def parameters(self) -> dict[str, list[str]]:
        """The parameters that `of` reads it from again: what a saved report keeps."""
        said: dict[str, Sequence[Any]] = {
            "kpi": self.kpis,
            "by": [self.by],
            "across": [self.across],
            "period": [self.period],
            "from": [self.start],
            "to": [self.end],
            "like": [self.like],
            "site": self.sites,
            **{str(by): ids for by, ids in (self.picked or {}).items()},
            "channel": [self.channel],
            "direction": [self.direction],
            "compare": [self.compare],
        }
        kept = {name: [str(one) for one in many if one != ""] for name, many in said.items()}
        return {name: many for name, many in kept.items() if many}

    @property
    def query(self) -> str:
        """It as a query string."""
        return urlencode(self.parameters(), doseq=True)

    def on(self, start: str, end: str) -> Self:
        """The same of the days that its period is of on some day."""
        like = self.like if self.period == periods.CUSTOM else self.period
        return replace(self, period=periods.CUSTOM, start=start, end=end, like=like)


def columns(
    kpis: Sequence[str], others: Sequence[str] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns of a question about KPIs, each followed by the `others` of its definitions that
    are asked for; and what stands among them that nobody asked for (`with_good`)."""
    shown, added = with_good(kpis)
    return beside.columns(shown, others), added


def with_good(kpis: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """KPIs with what has to stand beside how fast calls are handled, and that; none: it is there,
    or nothing is told of it."""
    names = [word.partition(":")[0] for word in kpis]
    fast = next((place for place, name in enumerate(names) if name in FAST), None)
    if fast is None or {*names} & {*GOOD}:
        return list(kpis), ()
    return [*kpis[: fast + 1], *GOOD, *kpis[fast + 1 :]], GOOD


def _is_id(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) <= 18
