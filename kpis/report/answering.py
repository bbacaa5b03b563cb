"""The answer to a question: a row a key, each KPI by the definitions that were chosen for it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from ccm import dirty
from ccm.intervals import Calendar, day_of
from ccm.models import Direction
from ccm.names import in_order
from kpis import dimensions, recorded
from kpis.choices import Choices
from kpis.declaration import PRIVATE, Need
from kpis.definitions import KPIS, parse, pinned
from kpis.dimensions import MOMENTS, OF_DAYS, OF_IDS, OF_QUARTERS
from kpis.figures import Figure, Figures, Wanted, figure
from kpis.named import names_of
from kpis.reads.reading import By
from kpis.report.bounds import MOST_KPIS, refuse_cells, refuse_more_than_can_be_shown
from kpis.report.cells import cells, offered_by, units_of
from kpis.report.question import Question, Row, Unanswerable, over_all
from kpis.report.sites import sites_of_cells
from kpis.rollups import afresh
from kpis.sums.counts import Counts, of_days

# What days add up to without being read again; nothing has to be asked for the total of these.
ADD_UP: frozenset[Need] = frozenset({"open", "outbound", "repeats", "matters"})


def answer(
    question: Question,
    choices: Choices | None = None,
    read: Mapping[tuple[Any, Any], Counts] | None = None,
    is_bound: bool = True,
) -> list[Row]:
    """The rows of a question, in the order of their keys. `read` are the counts of its cells,
    where the asker has read them. `is_bound`: somebody waits for it, so that more than
    `bounds.MOST_FIGURES` are refused.

    A row by days, weeks or months, or by less than a day, is made by the definitions of its own
    last day; any other by those of the last day asked for, so that one row has one formula however
    often it changed meanwhile.

    Days are each site's own. Raises UnknownKpi for a KPI or variant that does not exist,
    Unanswerable for more than can be read or shown at once.
    """
    by, across = question.by, question.across
    if len(question.kpis) > MOST_KPIS:
        words = _("These are %(count)d KPIs and definitions of them: ask for at most %(most)d.")
        raise Unanswerable(words % {"count": len(question.kpis), "most": MOST_KPIS})
    asked = _asked(question)
    selection = question.selection
    if by == across != "total":
        raise Unanswerable(_("Rows and columns are the same: choose another for one of them."))
    if selection.of_calls(by, across) and (question.last - question.first).days >= afresh.MOST_DAYS:
        words = _("This is read from the calls themselves: ask for at most %(count)d days of it.")
        raise Unanswerable(words % {"count": afresh.MOST_DAYS})
    figures_each = len(asked) if is_bound else 0
    if read is None:
        refuse_more_than_can_be_shown(question, figures_each)
    choices = choices or Choices(question.last)
    needs = _needs(asked, choices)
    if not question.sites:
        if by != "total" or across != "total":
            return []
        found: dict[tuple[Any, ...], Counts] = {}
        untold: dict[Need, str] = {}
    else:
        families = {
            family
            for kpi, variant, _at in asked.values()
            for family in choices.families(kpi, variant)
        }
        known = needs - (PRIVATE - question.knows)
        found, untold = cells(
            selection, (by, across), known, "waits" in families, families, units_of(question), read
        )
    if by == across == "total" and not found:
        found = {(None, None): Counts()}
    refuse_cells(len(found), figures_each)
    sites = sites_of_cells(question, found)
    calendars: dict[int | None, Calendar] = {site.pk: site.calendar for site in question.sites}
    by_agents = selection.of_agents(by, across)
    unknown = recorded.why_none(question.records, question.sites, question.last)
    made_by = recorded.unless(unknown, figure)
    rows = []
    for ids, (key, name, column) in _names(question, found).items():
        counts = found[ids]
        keyed: dict[By, Any] = dict(zip((by, across), ids, strict=True))
        queue = keyed.get("queue", _only(question.queues))
        agent = keyed.get("agent", _only(question.agents))
        site = sites.get(ids)
        then = _then(question, keyed, choices, calendars.get(site, question.calendar))
        is_out = keyed.get("direction", selection.direction) == Direction.OUTBOUND
        make = partial(
            made_by, counts, choices=then, site=site, queue=queue, agent=agent, untold=untold,
            of_agents=by_agents, is_out=is_out,
        )  # fmt: skip
        rows.append(
            Row(
                key=key,
                name=name,
                id=ids[0],
                counts=counts,
                figures=Figures(asked, make),
                column=column,
                column_id=ids[1],
                column_place=dimensions.place(across, ids[1], column, in_order),
                site=site,
                scope=(then.on, site, queue),
            )
        )
    return rows


def total_of_days(
    question: Question, rows: Sequence[Row], choices: Choices
) -> Mapping[str, Figure]:
    """The figures of the whole of a question that was answered by day.

    Added up from what the days were made of, where that says it; the others are asked for.
    """
    asked = _asked(question)
    counts = of_days([row.counts for row in rows])
    others = [
        words
        for words, one in asked.items()
        if _needs({words: one}, choices) - ADD_UP
        or any(row.figures[words].is_untold for row in rows[:1])
    ]
    found: dict[str, Figure] = {}
    if others:
        whole = replace(over_all(question), kpis=others)
        (row,) = answer(whole, choices, {(None, None): counts})
        found |= row.figures
    site = _only(question.sites)
    queue, agent = _only(question.queues), _only(question.agents)
    by_agents = question.selection.of_agents(question.by)
    is_out = question.selection.direction == Direction.OUTBOUND
    for words, (kpi, variant, at) in asked.items():
        if words not in found:
            found[words] = figure(
                counts, kpi, variant, choices, site, queue, agent,
                of_agents=by_agents, at=at, is_out=is_out,
            )  # fmt: skip
    return {words: found[words] for words in asked}


def day_only(question: Question, rows: Sequence[Row]) -> int | None:
    """How many were offered, of which only the day is known: they are in no row by quarter hour,
    half hour or hour. None: not known, where a site is being counted anew."""
    if not {question.by, question.across} & {*OF_QUARTERS} or not question.sites:
        return 0
    # Like with like: of what stands beside the time the same units, of agents what they answered.
    beside = {question.by, question.across} - {"total", *OF_QUARTERS}
    whole = offered_by(question.selection, tuple(beside) or ("total",))
    offered = sum(counts.offered for counts in whole.values())
    beyond = max(0, offered - sum(row.counts.offered for row in rows))
    # Days and quarter hours need not agree before all are counted.
    return None if beyond and dirty.waiting(question.sites) else beyond


def _asked(question: Question) -> dict[str, Wanted]:
    """The KPIs of a question, by the words that they were asked for with."""
    found = {}
    for words in question.kpis or KPIS:
        kpi, variant = parse(words)
        found[words] = Wanted(kpi, variant if ":" in words else None, pinned(words))
    return found


def _needs(asked: Mapping[str, Wanted], choices: Choices) -> set[Need]:
    """What these are read from beside counts of calls."""
    return {need for one in asked.values() for need in choices.needs(one.kpi, one.variant)}


def _only(rows: Sequence[Any] | None) -> int | None:
    return rows[0].pk if rows is not None and len(rows) == 1 else None


def _then(
    question: Question, keyed: Mapping[By, Any], choices: Choices, calendar: Calendar
) -> Choices:
    """The choices that a cell is made by: those of its own last day, as its `calendar` has it."""
    last = choices.on
    for by, key in keyed.items():
        if by in MOMENTS:
            last = min(last, day_of(key, calendar))
        elif by in OF_DAYS and by != "weekday":
            last = min(last, dimensions.last_day(by, key), question.last)
    return choices.at(last)


def _names(
    question: Question, found: Iterable[tuple[Any, Any]]
) -> dict[tuple[Any, Any], tuple[dict[str, str], str, str]]:
    """Keys for machines and names for people of rows and columns, in order."""
    cells = list(found)
    sides = (question.by, question.across)
    said: list[dict[Any, tuple[str, str]]] = []
    for side, by in enumerate(sides):
        keys = {cell[side] for cell in cells}
        names = _names_of(question, by, keys) if by in OF_IDS else {}
        said.append({key: dimensions.word(by, key, question.tz, names) for key in keys})

    def place(cell: tuple[Any, Any]) -> tuple[Any, ...]:
        return tuple(
            dimensions.place(by, key, told[key][1], in_order)
            for by, key, told in zip(sides, cell, said, strict=True)
            if by != "total"
        )

    named = {}
    for cell in sorted(cells, key=place):
        (key, name), (other, column) = (told[one] for told, one in zip(said, cell, strict=True))
        keys_ = {
            dimensions.machine_name(by): word
            for by, word in zip(sides, (key, other), strict=True)
            if by != "total"
        }
        named[cell] = (keys_, name, column if question.across != "total" else "")
    return named


def _names_of(question: Question, by: By, keys: Collection[Any]) -> Mapping[int, str]:
    """Names by id, as the asker has them."""
    known = question.names.get(by)
    if known is not None and all(key is None or key in known for key in keys):
        return known
    return names_of(by, keys)
