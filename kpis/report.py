"""A report: for a stretch of days, each KPI of each key. Pages, API, CSV and CLI all ask here."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.intervals import Span, day_of, site_days
from ccm.models import Agent, Queue, Site
from ccm.names import in_order
from kpis import opening, reading, repeat_reads, timesheet
from kpis.choices import Choices
from kpis.counts import Counts
from kpis.declaration import Need
from kpis.definitions import KPIS, Kpi, Unit, Variant, parse
from kpis.measures import LeftOut
from kpis.parameters import Parameters
from kpis.reading import By, Selection

# The one KPI that needs to know how many agents there were.
OF_AGENTS = "calls_per_agent"


READERS: Mapping[Need, Callable[[Selection, By], Mapping[Any, Any]]] = {
    "time": timesheet.agent_time,
    "open": opening.open_counts,
    "outbound": reading.outbound,
    "repeats": repeat_reads.ByKey,
}
"""Who reads what a variant needs beside counts of calls: one of it a key, none where it cannot be
told."""


class Unanswerable(Exception):
    """The question cannot be answered as it stands; the words say why."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One KPI of one key: its value in its unit (None: nothing to say) and how it came about."""

    kpi: Kpi
    variant: Variant
    parameters: Parameters
    value: float | int | None
    n: int
    left_out: tuple[LeftOut, ...] = ()
    approximate: bool = False
    reason: str = ""
    caution: str = ""

    @property
    def unit(self) -> Unit:
        return self.variant.unit


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one key. `name` is for people, `key` for machines, `id` for links."""

    key: dict[str, str]
    name: str
    id: Any
    counts: Counts
    figures: dict[str, Figure]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `kpis` are "id" or "id:variant"; none means all in their chosen variants.

    `names` are the names of the queues or agents asked for, by id, where the asker has them.
    """

    sites: Sequence[Site]
    first: date
    last: date
    by: By = "total"
    queues: Sequence[Queue] | None = None
    agents: Sequence[Agent] | None = None
    kpis: Sequence[str] = ()
    channel: str = ""
    names: Mapping[int, str] | None = None


def answer(question: Question, choices: Choices | None = None) -> list[Row]:
    """The rows of a question, in the order of their key.

    A row by day or quarter hour is made by the definitions of its own day; any other by those of
    the last day asked for, so that one row has one formula however often it changed meanwhile.

    Raises UnknownKpi for a KPI or variant that does not exist, Unanswerable for sites whose
    days are not the same days.
    """
    zones = {site.zone for site in question.sites}
    if len(zones) > 1:
        raise Unanswerable(
            _("These sites lie in several time zones, so their days differ: ask for one site.")
        )
    if not question.sites and question.by != "total":
        return []
    asked = {name: parse(name) for name in question.kpis or KPIS}
    selection = _selection(question)
    choices = choices or Choices(question.last)
    needs = {
        need
        for words, (kpi, variant) in asked.items()
        for need in choices.needs(kpi, variant if ":" in words else None)
    }
    found = counted(selection, question.by, needs)
    if question.by == "total" and not found:
        found = {None: Counts()}
    answering = {}
    if any(kpi.id == OF_AGENTS for kpi, _variant in asked.values()):
        answering = reading.answering_agents(selection, question.by)
    sites = _sites(question, found)
    rows = []
    for one, (key, name) in _names(question, found).items():
        agents, answered = answering.get(one, (0, 0))
        counts = replace(found[one], agents=agents, answered_by_agents=answered)
        queue = one if question.by == "queue" else _only(question.queues)
        agent = one if question.by == "agent" else _only(question.agents)
        then, site = _then(question, one, choices), sites.get(one)
        figures = {
            words: figure(counts, kpi, variant if ":" in words else None, then, site, queue, agent)
            for words, (kpi, variant) in asked.items()
        }
        rows.append(Row(key, name, one, counts, figures))
    return rows


def counted(selection: Selection, by: By, needs: Iterable[Need]) -> dict[Any, Counts]:
    """Counts by key, with what is needed beside them: a query more for each."""
    found = reading.counts(selection, by)
    for need in sorted(set(needs)):
        found = _with(found, need, READERS[need](selection, by))
    return found


def _with(found: dict[Any, Counts], need: Need, read: Mapping[Any, Any]) -> dict[Any, Counts]:
    """Counts with what was read beside them; there may be some where there was no call."""
    together = dict(found)
    for one, what in read.items():
        together[one] = replace(together.get(one, Counts()), **{need: what})
    return together


def day_only(question: Question, rows: Sequence[Row]) -> int:
    """How many were offered, of which only the day is known: they are in no row by interval."""
    if question.by != "interval" or not question.sites:
        return 0
    whole = reading.counts(_selection(over_all(question))).get(None, Counts())
    return whole.offered - sum(row.counts.offered for row in rows)


def over_all(question: Question) -> Question:
    """The same question for the whole of it."""
    return replace(question, by="total")


def figure(
    counts: Counts,
    kpi: Kpi,
    variant: Variant | None,
    choices: Choices,
    site: int | None = None,
    queue: int | None = None,
    agent: int | None = None,
) -> Figure:
    """One KPI of some counts, in the given variant or the chosen one."""
    chosen, parameters = choices.of(kpi, site, queue)
    variant = variant or chosen
    parameters = choices.aimed(kpi, variant, parameters, site, queue, agent)
    value = variant.measure(counts, parameters)
    return Figure(
        kpi=kpi,
        variant=variant,
        parameters=parameters,
        value=value.value,
        n=value.n,
        left_out=value.left_out,
        approximate=value.approximate,
        reason=str(value.reason),
        caution=str(value.caution),
    )


def _selection(question: Question) -> reading.Selection:
    spans: Sequence[Span] = ()
    if question.by == "interval" and question.sites:
        spans = (site_days(question.first, question.last, question.sites[0].tz),)
    return reading.Selection(
        sites=[site.pk for site in question.sites],
        first=question.first,
        last=question.last,
        spans=spans,
        queues=_ids(question.queues),
        agents=_ids(question.agents),
        channel=question.channel,
    )


def _ids(rows: Sequence[Queue] | Sequence[Agent] | None) -> list[int] | None:
    return None if rows is None else [row.pk for row in rows]


def _only(rows: Sequence[Queue] | Sequence[Agent] | None) -> int | None:
    return rows[0].pk if rows is not None and len(rows) == 1 else None


def _sites(question: Question, found: Iterable[Any]) -> dict[Any, int]:
    """The site that each row is of; none of a row of several together."""
    if len(question.sites) == 1:
        return dict.fromkeys(found, question.sites[0].pk)
    if question.by == "site":
        return {one: one for one in found}
    if question.by in ("queue", "agent"):
        rows: QuerySet[Any] = (Queue if question.by == "queue" else Agent)._default_manager.all()
        return dict(rows.filter(pk__in=list(found)).values_list("pk", "site_id"))
    return {}


def _then(question: Question, key: Any, choices: Choices) -> Choices:
    """The choices that a row is made by."""
    if question.by == "day":
        return choices.at(key)
    if question.by == "interval":
        return choices.at(day_of(key, question.sites[0].tz))
    return choices


def _names(question: Question, found: Iterable[Any]) -> dict[Any, tuple[dict[str, str], str]]:
    """Keys for machines and names for people, in order."""
    ids = list(found)
    if question.by == "total":
        return {one: ({}, _("Total")) for one in ids}
    if question.by in ("queue", "agent", "site"):
        names = question.names
        rows: QuerySet[Any] = {
            "queue": Queue.objects.all(),
            "agent": Agent.objects.all(),
            "site": Site.objects.all(),
        }[question.by]
        if names is None:
            names = dict(rows.filter(pk__in=ids).values_list("pk", "name"))
        ordered = sorted(ids, key=lambda one: (in_order(names[one]), one))
        return {one: ({question.by: names[one]}, names[one]) for one in ordered}
    if question.by == "day":
        return {day: ({"day": day.isoformat()}, day.isoformat()) for day in sorted(ids)}
    tz = question.sites[0].tz

    def local(start: datetime) -> str:
        return start.astimezone(tz).isoformat()

    return {start: ({"start": local(start)}, local(start)) for start in sorted(ids)}


def day_only_words(count: int) -> str:
    """What rows by interval do not show, for people."""
    return ngettext(
        "%(count)d call tells only its day: it counts there and in no interval.",
        "%(count)d calls tell only their day: they count there and in no interval.",
        count,
    ) % {"count": count}


def as_json(rows: Sequence[Row], day_only: int = 0) -> dict[str, Any]:
    """The report as the API and `callcenter report --json` print it."""
    return {
        "rows": [
            {
                "key": row.key,
                "kpis": {
                    words: {
                        "value": one.value,
                        "n": one.n,
                        "unit": one.unit,
                        "variant": one.variant.id,
                    }
                    for words, one in row.figures.items()
                },
            }
            for row in rows
        ],
        "day_only": day_only,
    }
