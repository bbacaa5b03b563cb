"""A figure of several sites together: what it is at each of them, where it explains itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from ccm import days_asked
from ccm.models import Site
from kpis import definitions, dimensions, inference, report
from kpis.choices import Choices
from kpis.choosing import beside, words
from kpis.dimensions import OF_IDS, By
from kpis.figures import Figure
from kpis.report import Question
from kpis.reports import links, partial
from kpis.reports.asked import with_good
from kpis.reports.reach import Reach, question


@dataclass(frozen=True, slots=True)
class AtSite:
    """The figure of one site, its definition in few words, and the path of its passport."""

    name: str
    figure: Figure
    definition: str
    url: str
    mark: str = ""
    """What of the days is not on record there, in words."""


@dataclass(frozen=True, slots=True)
class Across:
    """A figure of several sites together, and that of each. `keys` are words for what else it is
    of; `others` are its figures by other definitions that were asked for."""

    figure: Figure
    definition: str
    in_full: str
    keys: str
    sites: list[AtSite]
    others: list[Figure]
    with_it: list[tuple[Figure, str]]
    """What it is never shown without, each with the path of where it explains itself."""
    interval: inference.Told
    notes: list[str]
    """What is to be known of its days."""


def asked(given: Mapping[str, Sequence[str]], reach: Reach, now: datetime) -> Question:
    """The question by site of an address as `links.passport` makes it, for a reader: its first KPI
    is the figure, the others are definitions beside it.

    Raises LookupError for what is out of the reader's reach or no KPI, Misdated for days that
    cannot be, ValueError and OverflowError for what else makes no sense.
    """
    kpi, first, last = ((given.get(name) or [""])[-1] for name in ("kpi", "from", "to"))
    of, _variant = definitions.parse(kpi)
    others = beside.read((given.get("definition") or [""])[-1])
    kpis = dict.fromkeys([kpi, *(one for one in others if definitions.parse(one)[0] is of)])
    slugs = {*given.get("site", ())}
    sites = [site for site in reach.sites if site.slug in slugs]
    if not sites or len(sites) < len(slugs):
        raise LookupError("a site is out of reach")
    keys = _keys(given)
    for by in OF_IDS:
        _refuse_out_of_reach(reach, sites, by, keys.get(by, ()))
    begin, end = days_asked.both(first, last)
    days_asked.refuse_to_come(begin, end, partial.todays_of(sites, now).values())
    if len(keys.get("direction", ())) > 1:
        raise ValueError("several directions")
    return question(reach, sites, begin, end, "site", "total", keys, kpis=[*kpis])


def _keys(given: Mapping[str, Sequence[str]]) -> dict[By, list[Any]]:
    """The keys of other dimensions: those of a queue and an agent by their own names."""
    named = [f"{by}:{key}" for by in ("queue", "agent") for key in given.get(by, ())]
    keys: dict[By, list[Any]] = {}
    for one in (*given.get("only", ()), *named)[: links.MOST_SITES]:
        name, _colon, key = one.partition(":")
        if name not in dimensions.NAMES:
            raise ValueError(f"no dimension: {name!r}")
        by = cast(By, name)
        keys.setdefault(by, []).append(dimensions.read(by, key))
    return keys


def _refuse_out_of_reach(reach: Reach, sites: Sequence[Site], by: By, keys: Sequence[Any]) -> None:
    """What nobody did, and no team, is for those who see every agent of the sites."""
    known: set[int | None] = {one.id for one in reach.among(by, sites)}
    if by not in ("team", "agent") or all(site.pk in reach.whole for site in sites):
        known.add(None)
    if not known >= {*keys}:
        raise LookupError(f"out of reach: {by}")


def of(question: Question) -> Across:
    """The figure of a question by site, and of all its sites together.

    Raises Unanswerable as `report.answer` does.
    """
    asked, *beside_it = question.kpis
    choices = Choices(question.last)
    whole = report.over_all(question)
    good = with_good([asked])[1]
    (together,) = report.answer(replace(whole, kpis=[*question.kpis, *good]), choices)
    figure = together.figures[asked]
    short, link, of_whole = words.Shorts(), links.of(question), links.of(whole)
    by_site = replace(question, kpis=[asked])
    return Across(
        figure=figure,
        definition=short(figure.kpi, figure.variant, figure.parameters),
        in_full=definitions.passport(figure.kpi, figure.variant, figure.parameters),
        keys=_key_words(question),
        sites=[
            AtSite(
                row.name, one, short(one.kpi, one.variant, one.parameters), link(row, asked), mark
            )
            for row in report.answer(by_site, choices)
            for mark in [partial.on_record(by_site, row)]
            for one in [row.figures[asked]]
        ],
        others=[together.figures[one] for one in beside_it],
        with_it=[(together.figures[one], of_whole(together, one)) for one in good],
        interval=inference.of_figure(figure, whole, together.counts),
        notes=partial.record_words(question.records, question.sites, question.first, question.last),
    )


def _key_words(question: Question) -> str:
    """The keys that a question is of, for people."""
    keys: dict[By, Sequence[Any]] = dict(question.only)
    if question.queues is not None:
        keys["queue"] = [one.pk for one in question.queues]
    if question.agents is not None:
        keys["agent"] = [one.pk for one in question.agents]
    if question.direction:
        keys["direction"] = [question.direction]
    return ", ".join(
        dimensions.word(by, key, question.tz, question.names.get(by, {}))[1]
        for by, many in keys.items()
        for key in many
    )
