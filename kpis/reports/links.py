"""Where each figure of a report explains itself: the address of its passport."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from kpis import dimensions
from kpis.dimensions import OF_DAYS, By
from kpis.report import Figure, Question, Row

Link = Callable[[Row, str], str]
"""Where the figure of a row explains itself, by the words of its KPI; empty: nowhere."""

# An address that names more rows than this is none that anybody can read or send.
_MOST_NAMED = 20
MOST_SITES = 100
"""Nor is one that names more sites."""


def of(question: Question, base: str = "") -> Link:
    """The links of a question's figures: paths, or addresses where their `base` is known."""

    def link(row: Row, words: str) -> str:
        path = passport(question, row, words)
        return f"{base}{path}" if path else ""

    return link


def passport(question: Question, row: Row, words: str) -> str:
    """The path of the passport of a row's figure, asked for by `words`; of a figure of several
    sites together, of the page that has the figure of each with its passport. Empty where neither
    can tell its scope: of more keys than an address names, and of what rang at a team's agents."""
    keys: dict[By, Sequence[Any]] = dict(question.only)
    first, last = question.days_of(row)
    for by, key in ((question.by, row.id), (question.across, row.column_id)):
        if by not in ("total", "site") and (by == "weekday" or by not in OF_DAYS):
            keys[by] = [key]
    for by, rows in (("queue", question.queues), ("agent", question.agents)):
        if rows is not None and by not in keys:
            keys[by] = [one.pk for one in rows]
    if question.channel:
        keys["channel"] = [question.channel]
    if question.direction:
        keys["direction"] = [question.direction]
    sites = [site for site in question.sites if row.site in (None, site.pk)]
    if not 0 < len(sites) <= MOST_SITES or any(len(many) > _MOST_NAMED for many in keys.values()):
        return ""
    if _rang(row.figures[words]) and ("team" in keys or len(keys.get("agent", [1])) != 1):
        return ""
    said: list[tuple[str, Any]] = [
        ("kpi", words), ("from", first), ("to", last), *(("site", site.slug) for site in sites),
    ]  # fmt: skip
    name = "passport" if len(sites) == 1 else "passport_sites"
    return f"{reverse(name)}?{urlencode(said + _named(keys))}"


def _named(keys: Mapping[By, Sequence[Any]]) -> list[tuple[str, Any]]:
    """A queue and an agent by their own names, all else as `only`: dimension and key."""
    said: list[tuple[str, Any]] = []
    for by, many in keys.items():
        if by in ("queue", "agent") and len(many) == 1 and many[0] is not None:
            said.append((by, many[0]))
        else:
            said += [("only", f"{by}:{dimensions.written(by, key)}") for key in many]
    return said


def _rang(figure: Figure) -> bool:
    """Whether it counts rings, which belong to whom they rang at and not to who answered."""
    behind = figure.variant.behind(figure.parameters)
    return any(name.startswith("rang") for name in (*behind.numerator, *behind.denominator))
