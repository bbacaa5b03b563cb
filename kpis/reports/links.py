"""Where each figure of a report explains itself: the address of its passport."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self
from urllib.parse import quote_plus, urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.models import Agent, Direction, Queue, Site
from kpis import dimensions
from kpis.choices import Choices
from kpis.dimensions import MOMENTS, OF_DAYS, By
from kpis.report import Question, Row
from kpis.report.sites import sites_of
from kpis.reports.comparing import Comparison
from kpis.reports.partial import Todays

Link = Callable[[Row, str], str]
"""Where the figure of a row explains itself, by the words of its KPI; empty: nowhere."""

# An address that names more rows than this is none that anybody can read or send.
MOST_NAMED = 20
MOST_SITES = 100
"""Nor is one that names more sites."""


def of(question: Question, base: str = "") -> Link:
    """The links of a question's figures: paths, or addresses where their `base` is known."""

    teams = question.only.get("team", ())
    sites = sites_of("team", teams) if len(question.sites) > 1 and len(teams) > 1 else {}

    last: list[tuple[Row, _Of]] = []

    def link(row: Row, words: str) -> str:
        # A row's figures are told one after the other.
        if not last or last[0][0] is not row:
            asked = question
            # Another site's teams have no part in it.
            if here := [one for one in teams if row.site in (None, sites.get(one, row.site))]:
                asked = replace(question, only={**question.only, "team": here})
            last[:] = [(row, _Of.row(asked, row))]
        path = last[0][1].path(words)
        return f"{base}{path}" if path else ""

    return link


def before(
    question: Question, compared: Comparison, todays: Todays, choices: Choices, base: str = ""
) -> Link:
    """The links of what the figures of a question are compared with: where that is a question of
    its own, of whole days before, by the definition of the figure."""

    def link(row: Row, words: str) -> str:
        first, last = compared.days(row.id)
        if not last or compared.get(row.id, words).value is None:
            return ""
        today = min(day for site, day in todays.items() if row.site in (None, site))
        _first, now = question.days_of(row)
        if now >= today or _is_made_anew(question, row, words, choices.at(now), last):
            return ""
        then = replace(question, first=date.fromisoformat(first), last=date.fromisoformat(last))
        was = replace(row, id=then.first) if question.by == "day" else row
        return of(then, base)(was, words)

    return link


def _is_made_anew(question: Question, row: Row, words: str, choices: Choices, since: str) -> bool:
    """Whether a row's KPI began after a day to be made otherwise."""
    queues = [row.id] if question.by == "queue" else [one.pk for one in question.queues or ()]
    queue = queues[0] if len(queues) == 1 else None
    kpi = row.figures[words].kpi
    return bool(choices.changes(kpi, date.fromisoformat(since), row.site, queue))


@dataclass(frozen=True, slots=True)
class _Of:
    """What all figures of a row are of: the path of their passports but for which it is. Without a
    page where no passport can tell its scope (`without`)."""

    page: str
    scope: str

    @classmethod
    def row(cls, question: Question, row: Row) -> Self:
        keys, sites = _keys(question, row), _sites(question, row)
        if _why_none(keys, sites):
            return cls("", "")
        first, last = question.days_of(row)
        said: list[tuple[str, Any]] = [
            ("from", first), ("to", last), *(("site", site.slug) for site in sites),
        ]  # fmt: skip
        page = reverse("passport" if len(sites) == 1 else "passport_sites")
        return cls(page, urlencode(said + _named(keys)))

    def path(self, words: str) -> str:
        """Empty where there is none."""
        return f"{self.page}?kpi={quote_plus(words)}&{self.scope}" if self.page else ""


def passport(question: Question, row: Row, words: str) -> str:
    """The path of the passport of a row's figure, asked for by `words`; of a figure of several
    sites together, of the page that has the figure of each with its passport. Empty where neither
    can tell its scope (`without`)."""
    return _Of.row(question, row).path(words)


def _why_none(keys: Mapping[By, Sequence[Any]], sites: Sequence[Site]) -> str:
    """Why figures explain themselves nowhere, in words; empty where they do."""
    if len(sites) > MOST_SITES or any(len(many) > MOST_NAMED for many in keys.values()):
        said = _("more than %(count)d are picked, which no address can name")
        return said % {"count": MOST_NAMED}
    if not all(keys.values()):
        return _("nothing is left of what is picked")
    return "" if sites else _("it is of no site")


def without(question: Question, rows: Sequence[Row]) -> list[str]:
    """Of which KPIs of a report figures explain themselves nowhere, and why, in words: where one
    row's do not, no row's do."""
    why = _why_none(_keys(question, rows[0]), _sites(question, rows[0])) if rows else ""
    if not why:
        return []
    kpis = ", ".join(str(rows[0].figures[words].kpi.name) for words in question.kpis)
    said = _("%(kpis)s: figures without a link have no passport, because %(why)s.")
    return [said % {"kpis": kpis, "why": why}]


def _sites(question: Question, row: Row) -> list[Site]:
    """The sites that a row is of."""
    return [site for site in question.sites if row.site in (None, site.pk)]


def _keys(question: Question, row: Row) -> dict[By, Sequence[Any]]:
    """What a row is of, but for its sites and days: keys by dimension."""
    keys: dict[By, Sequence[Any]] = dict(question.only)
    for by, key in ((question.by, row.id), (question.across, row.column_id)):
        if by in MOMENTS and question.together:
            # An hour of UTC is none of a site's clock, but its quarter hours are: of both sides
            # those that both have.
            quarters = dimensions.quarters(by, key)
            known = keys.get("interval", quarters)
            keys["interval"] = [one for one in quarters if one in known]
        elif by not in ("total", "site") and (by == "weekday" or by not in OF_DAYS):
            keys[by] = [key]
    if question.queues is not None and "queue" not in keys:
        keys["queue"] = _here(question.queues, row)
    if question.agents is not None and "agent" not in keys:
        keys["agent"] = _here(question.agents, row)
    if question.channel:
        keys["channel"] = [question.channel]
    # Inbound is what is not told apart: told as inbound, visits are counted and not contacts.
    if question.direction not in ("", Direction.INBOUND):
        keys["direction"] = [question.direction]
    return keys


def _here(picked: Sequence[Queue] | Sequence[Agent], row: Row) -> list[int]:
    """Those of a row's site: another's have no part in it."""
    here = [one.pk for one in picked if row.site in (None, one.site_id)]
    return here or [one.pk for one in picked]


def _named(keys: Mapping[By, Sequence[Any]]) -> list[tuple[str, Any]]:
    """A queue and an agent by their own names, all else as `only`: dimension and key."""
    said: list[tuple[str, Any]] = []
    for by, many in keys.items():
        if by in ("queue", "agent") and len(many) == 1 and many[0] is not None:
            said.append((by, many[0]))
        else:
            said += [("only", f"{by}:{dimensions.written(by, key)}") for key in many]
    return said
