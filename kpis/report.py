"""A report: for a stretch of days, each KPI of each key. Pages, API, CSV and CLI all ask here."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm import dirty
from ccm.intervals import DAY, Calendar, day_of
from ccm.models import Agent, Direction, Queue, Site
from ccm.names import in_order
from kpis import dimensions
from kpis.choices import Choices
from kpis.choosing.words import Shorts
from kpis.declaration import PRIVATE, Need
from kpis.definitions import KPIS, parse, pinned
from kpis.dimensions import IN_DAYS, IN_TIME, MOMENTS, OF_DAYS, OF_IDS, OF_QUARTERS
from kpis.figures import Figure, Figures, Wanted, figure
from kpis.named import ROWS, names_of
from kpis.reads import ledger, matters, opening, ramp, reading, selling, timesheet
from kpis.reads import repeats as repeat_reads
from kpis.reads.reading import By, Record, Selection
from kpis.rollups import afresh
from kpis.sums.counts import FAMILIES, Counts, Family, of_days
from kpis.sums.money import Sold
from kpis.untold import of_most_days, why

# Those KPIs that need to know how many agents there were.
OF_AGENTS = ("calls_per_agent", "revenue")
# So many cells are more than anybody reads, and than a page can make.
MOST_CELLS = 50_000
# So many figures take a page or an answer of the API some 3 s to make.
MOST_FIGURES = 50_000
# More than there are variants, and few enough for an address of any words to be answered.
MOST_KPIS = 200

Cells = Mapping[tuple[Any, ...], Any]
"""What was read, by its keys."""
Reader = Callable[[Selection, Sequence[By]], Cells | None]

READERS: Mapping[Need, Reader] = {
    "time": timesheet.cells,
    "open": opening.open_cells,
    "outbound": reading.outbound,
    "repeats": repeat_reads.cells,
    "matters": matters.cells,
    "people": ledger.by_keys(ledger.people, ("site", "agent", *IN_DAYS)),
    "ramp": ledger.by_keys(ramp.ramp, ("site", "agent", *OF_DAYS)),
    "costs": ledger.by_keys(ledger.costs, ("site", "queue", "agent", *OF_DAYS)),
    "sales": selling.cells,
    "paid": ledger.by_keys(ledger.paid, ("site", "agent", "team", *OF_DAYS)),
    "worked": ledger.by_keys(ledger.worked, ("site", "agent", *OF_DAYS)),
}
"""Who reads what a variant needs beside counts of calls: one of it a cell, None where it cannot be
told by such keys."""
# What there is of every day, so that it alone makes no row of time, and none of a queue.
ALWAYS: frozenset[Need] = frozenset({"people", "ramp", "costs", "paid", "worked"})
# What of that agents and teams are told of, so that whoever was paid or there has a row of theirs.
OF_WHOM: frozenset[Need] = frozenset({"paid", "worked"})
# What days add up to without being read again; nothing has to be asked for the total of these.
ADD_UP: frozenset[Need] = frozenset({"open", "outbound", "repeats"})


class Unanswerable(Exception):
    """The question cannot be answered as it stands; the words say why."""


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one key, or of one key in one column. Names are for people, `key` for
    machines, ids are the keys that reading gives. `site` is the one that it is of, None where it
    is of several together."""

    key: dict[str, str]
    name: str
    id: Any
    counts: Counts
    figures: Mapping[str, Figure]
    column: str = ""
    column_id: Any = None
    column_place: Any = None
    """What columns are sorted by."""
    site: int | None = None
    scope: tuple[date, int | None, int | None] | None = None
    """The day, the site and the queue that the definitions of its figures were chosen for: rows of
    one scope are made by the same."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `kpis` are "id", "id:variant" or "id:variant@number" (`definitions.pinned`);
    none means all in their chosen variants.

    `by` says what rows are, `across` what columns are. `only` picks by keys of other dimensions.
    `direction` "": inbound, or each where rows or columns are directions. `names` are the names of
    the rows asked for, by id, where the asker has them.
    """

    sites: Sequence[Site]
    first: date
    last: date
    by: By = "total"
    across: By = "total"
    queues: Sequence[Queue] | None = None
    agents: Sequence[Agent] | None = None
    kpis: Sequence[str] = ()
    channel: str = ""
    direction: str = ""
    only: Mapping[By, Sequence[Any]] = field(default_factory=dict)
    names: Mapping[By, Mapping[int, str]] = field(default_factory=dict)
    knows: frozenset[Need] = frozenset()
    """What of `PRIVATE` the asker may know (`kpis.sight`); figures made of the rest have no
    value."""
    records: Mapping[int, Record] = field(default_factory=dict)
    """How far the sites' records go, where the asker has it: then each stretch of time that they
    reach has its row or column, though nothing was counted in it; else those with anything."""

    @property
    def selection(self) -> Selection:
        """What is read for it: one thing, whichever way its keys are told. Only what is on no
        queue, or nobody's, is picked as a key of another dimension."""
        calendars: dict[Calendar, list[int]] = {}
        for site in self.sites:
            calendars.setdefault(site.calendar, []).append(site.pk)
        only: dict[By, Sequence[Any]] = dict(self.only)
        by_direction = "direction" in (self.by, self.across)
        if self.direction not in ("", Direction.INBOUND) and not by_direction:
            only.setdefault("direction", [self.direction])
        direction = self.direction
        if not direction and not by_direction:
            (direction,) = only.get("direction", [Direction.INBOUND])
        channel = self.channel
        if not channel and len(only.get("channel", ())) == 1:
            (channel,) = only.pop("channel")
        return Selection(
            sites=[site.pk for site in self.sites],
            first=self.first,
            last=self.last,
            queues=_ids(self.queues, only, "queue"),
            agents=_ids(self.agents, only, "agent"),
            channel=channel,
            direction=direction,
            only=only,
            calendars=calendars,
        )

    @property
    def tz(self) -> ZoneInfo:
        """The zone that moments are told in: that of its sites, UTC where they have several."""
        zones = {site.zone for site in self.sites}
        return ZoneInfo(zones.pop()) if len(zones) == 1 else ZoneInfo("UTC")

    @property
    def calendar(self) -> Calendar:
        """How its sites tell their days; where they differ, by the dates of `tz`."""
        calendars = {site.calendar for site in self.sites}
        return calendars.pop() if len(calendars) == 1 else Calendar(self.tz)

    def days_of(self, row: Row) -> tuple[date, date]:
        """The first and the last day that a row of it is of; of a moment at several sites those
        of all of them."""
        first, last = self.first, self.last
        for by, key in ((self.by, row.id), (self.across, row.column_id)):
            if by in MOMENTS:
                here = [site for site in self.sites if row.site in (None, site.pk)]
                # A day of a site may begin within an hour of UTC.
                hour = dimensions.quarters(by, key) if self.selection.together else [key]
                days = [day_of(one, site.calendar) for site in here for one in (hour[0], hour[-1])]
                first, last = max(first, min(days)), min(last, max(days))
            elif by in OF_DAYS and by != "weekday":
                first, last = max(first, key), min(last, dimensions.last_day(by, key))
        return first, last

    @property
    def counts_contacts(self) -> bool:
        """Whether its units are contacts; else visits."""
        return self.selection.unit(self.by, self.across) == reading.Unit.CONTACT


def answer(
    question: Question,
    choices: Choices | None = None,
    read: Mapping[tuple[Any, Any], Counts] | None = None,
    is_bound: bool = True,
) -> list[Row]:
    """The rows of a question, in the order of their keys. `read` are the counts of its cells,
    where the asker has read them. `is_bound`: somebody waits for it, so that more than
    `MOST_FIGURES` are refused.

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
        _refuse_more_than_can_be_shown(question, figures_each)
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
            selection, (by, across), known, "waits" in families, families, _units(question), read
        )
    if by == across == "total" and not found:
        found = {(None, None): Counts()}
    _refuse_cells(len(found), figures_each)
    answering: Mapping[Any, tuple[int, int]] = {}
    of_too_many_days = False
    if any(one.kpi.id in OF_AGENTS for one in asked.values()):
        answering = reading.answering_agents(selection, (by, across))
        of_too_many_days = selection.by_quarter(by, across) and selection.is_long
    sites = _sites(question, found)
    calendars: dict[int | None, Calendar] = {site.pk: site.calendar for site in question.sites}
    by_agents = selection.of_agents(by, across)
    made_by = _without_agents if of_too_many_days else figure
    rows = []
    for ids, (key, name, column) in _names(question, found).items():
        counts = found[ids]
        if ids in answering:
            agents, answered = answering[ids]
            counts = replace(counts, agents=agents, answered_by_agents=answered)
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


def _without_agents(counts: Counts, **asked: Any) -> Figure:
    """A figure where it was not read who answered, for the days are too many."""
    one = figure(counts, **asked)
    if one.kpi.id != "calls_per_agent":
        return one
    return replace(one, value=None, left_out=(), reason=of_most_days(), is_untold=True)


_A_DAY: Mapping[By, int] = {"interval": 96, "half_hour": 48, "hour": 24, "day": 1}
"""How many there are of a stretch of time in a day; weeks and months of few years are few."""


def _refuse_more_than_can_be_shown(question: Question, figures_each: int) -> None:
    """Raises Unanswerable for more stretches of time, or sites, queues, teams or agents through
    them, than can be shown with so many figures each: reading them alone takes minutes."""
    sides = (question.by, question.across)
    a_day = max((_A_DAY[by] for by in sides if by in _A_DAY), default=0)
    if not a_day:
        return
    # The hours of a day, but not those of an hour.
    a_day *= 24 if a_day == 1 and "clock" in sides else 1
    units = _days_on_record(question) * a_day
    other = next((by for by in sides if by in OF_ONE_SITE), None)
    if other is None:
        _refuse_cells(units, figures_each)
        return
    try:
        _refuse_cells(units * _how_many(question, other), figures_each)
    except Unanswerable:
        # Not all of those that there are need have done anything in these days.
        found = reading.cells(question.selection, (other,), only=("answered",))
        _refuse_cells(units * len(found), figures_each)


def _refuse_cells(cells: int, figures_each: int) -> None:
    """Raises Unanswerable for more than can be shown with so many figures each."""
    if cells > MOST_CELLS:
        raise _too_many()
    if cells * figures_each > MOST_FIGURES:
        words = _(
            "These are more than %(count)s figures: ask for fewer KPIs, for fewer days, or for"
            " less apart."
        )
        raise Unanswerable(words % {"count": f"{MOST_FIGURES:,}"})


def _days_on_record(question: Question) -> int:
    """The days asked for that the records of its sites reach, at most; all where these are not
    known."""
    first, last = question.first, question.last
    records = [question.records.get(site.pk) for site in question.sites]
    known = [record for record in records if record is not None]
    if known and len(known) == len(records):
        first = max(first, min(record.first for record in known))
        # A day of a site may end within a day of UTC's.
        last = min(last, max(record.newest_at.date() for record in known) + DAY)
    return max(0, (last - first).days + 1)


def _how_many(question: Question, by: By) -> int:
    """How many sites, queues, teams or agents a question may be told by."""
    if by == "site":
        return len(question.sites)
    picked = {"queue": question.queues, "agent": question.agents}.get(by, question.only.get(by))
    if picked is not None:
        return len(picked)
    if by in question.names:
        return len(question.names[by])
    return ROWS[by].filter(site__in=[site.pk for site in question.sites]).count()


def _too_many() -> Unanswerable:
    words = _("These are more than %(count)s cells: ask for fewer days, or for less apart.")
    return Unanswerable(words % {"count": f"{MOST_CELLS:,}"})


def counted(selection: Selection, by: By, needs: Iterable[Need]) -> dict[Any, Counts]:
    """Counts by key, with what is needed beside them: a query more for each."""
    found, _untold = cells(selection, (by,), needs)
    return reading.days_of_spans(selection, by, {one: here for (one,), here in found.items()})


@dataclass(frozen=True, slots=True)
class Units:
    """The stretches of time that the key in a `place` has, by site: those its record reaches."""

    place: int
    by_site: Mapping[int, Sequence[Any]]

    @property
    def every(self) -> set[Any]:
        """Those of any site."""
        return {unit for units in self.by_site.values() for unit in units}


def _units(question: Question) -> Units | None:
    """The stretches of time that have their row or column whatever was counted in them: of the days
    asked for those that the record of a site reaches.

    None where the other side is told by time too, for by day and hour of the day not all go
    together; and where sites of several zones have other stretches than their queues and agents.
    """
    sides = (question.by, question.across)
    timed = [place for place, by in enumerate(sides) if by in IN_TIME]
    if not question.records or len(timed) != 1:
        return None
    (place,) = timed
    by, other = sides[place], sides[1 - place]
    selection = question.selection
    together = selection.together
    if other in ("clock", "weekday") or (together and other in ("queue", "team", "agent")):
        return None
    # Where all that is picked is of one site, the hours of another's days are none of its.
    picked = _site_of_picked(question) if together else None
    found = {}
    for calendar, sites in selection.calendars.items():
        for site in sites:
            record = question.records.get(site)
            if record is None or picked not in (None, site):
                continue
            first = max(question.first, record.first)
            last = min(question.last, day_of(record.newest_at, calendar))
            if first <= last:
                found[site] = dimensions.units(
                    by, first, last, calendar, record.newest_at, together
                )
    return Units(place, found)


def cells(
    selection: Selection,
    keys: Sequence[By],
    needs: Iterable[Need],
    waits: bool = True,
    families: Collection[Family] = FAMILIES,
    units: Units | None = None,
    read: Mapping[tuple[Any, Any], Counts] | None = None,
) -> tuple[dict[tuple[Any, ...], Counts], dict[Need, str]]:
    """Counts by several keys, `read` where they were, with what is needed beside them; and what of
    that cannot be told, with why.

    Each of the `units` of time has its cell, of nothing where nothing was counted.
    """
    if read is None:
        found = reading.cells(selection, keys, waits=waits, families=families)
    else:
        found = {**read}
    if units is not None and (found or not _tells_days_alone(selection, keys)):
        found = _with_each(found, keys, units)
    if not found and {*keys} == {"total"}:
        found = {(None,) * len(keys): Counts()}
    beside = {need: READERS[need](selection, keys) for need in sorted({*needs})}
    told = {need: read for need, read in beside.items() if read is not None}
    rows = {
        one: Counts() for need in told for one in _rows_of(need, told[need], selection, keys, units)
    }
    untold = {need: why(need, selection, keys) for need in beside if need not in told}
    return _with(rows | found, told), untold


def _rows_of(
    need: Need, read: Cells, selection: Selection, keys: Sequence[By], units: Units | None
) -> Iterable[tuple[Any, ...]]:
    """What of that which was read has its row although no call was counted."""
    if need not in ALWAYS:
        nothing = {one for one, what in read.items() if isinstance(what, Sold) and what.is_nothing}
        return read.keys() - nothing
    of_whom = need in OF_WHOM and selection.told_by(*keys) & {"agent", "team"}
    # A cost of no call is no figure.
    of_site = need != "costs" and "site" in keys and not {*keys} & {*OF_DAYS}
    if not of_whom and not of_site:
        return ()
    # Nobody was there yet on days that are still to come.
    every = None if units is None else units.every
    return [one for one in read if every is None or units is None or one[units.place] in every]


def _tells_days_alone(selection: Selection, keys: Sequence[By]) -> bool:
    """Whether there were calls in what was counted in no quarter hour: of none of these is known
    that it had no calls."""
    if not {*keys} & {*OF_QUARTERS}:
        return False
    return any(counts.offered for counts in _offered(selection, ("total",)).values())


def _offered(selection: Selection, keys: Sequence[By]) -> dict[tuple[Any, ...], Counts]:
    """How many were offered, by several keys."""
    return reading.cells(selection, keys, only=("offered",))


def _with_each(
    found: dict[tuple[Any, ...], Counts], keys: Sequence[By], units: Units
) -> dict[tuple[Any, ...], Counts]:
    """Counts by two keys with a cell for each unit, beside what there is of the other key."""
    other = keys[1 - units.place]
    others: set[Any] = {key[1 - units.place] for key in found} if other != "total" else {None}
    nothing, every = Counts(), units.every
    each: dict[tuple[Any, ...], Counts] = {}
    for key in others:
        for unit in units.by_site.get(key, ()) if other == "site" else every:
            each[(unit, key) if units.place == 0 else (key, unit)] = nothing
        if len(each) > MOST_CELLS:
            raise _too_many()
    return each | found


def _with(
    found: Mapping[tuple[Any, ...], Counts], told: Mapping[Need, Cells]
) -> dict[tuple[Any, ...], Counts]:
    """Counts with what was read beside them, each by its need."""
    if not told:
        return {**found}
    return {
        one: replace(counts, **{need: read[one] for need, read in told.items() if one in read})
        for one, counts in found.items()
    }


def total_of_days(
    question: Question, rows: Sequence[Row], choices: Choices
) -> Mapping[str, Figure]:
    """The figures of the whole of a question that was answered by day.

    Added up from what the days were made of, where that says it; else asked for.
    """
    asked = _asked(question)
    if _needs(asked, choices) - ADD_UP or any(one.kpi.id in OF_AGENTS for one in asked.values()):
        (row,) = answer(over_all(question), choices)
        return row.figures
    counts = of_days([row.counts for row in rows])
    site = _only(question.sites)
    queue, agent = _only(question.queues), _only(question.agents)
    by_agents = question.selection.of_agents(question.by)
    is_out = question.selection.direction == Direction.OUTBOUND
    return {
        words: figure(
            counts, kpi, variant, choices, site, queue, agent,
            of_agents=by_agents, at=at, is_out=is_out,
        )
        for words, (kpi, variant, at) in asked.items()
    }  # fmt: skip


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


def day_only(question: Question, rows: Sequence[Row]) -> int | None:
    """How many were offered, of which only the day is known: they are in no row by quarter hour,
    half hour or hour. None: not known, where a site is being counted anew."""
    if not {question.by, question.across} & {*OF_QUARTERS} or not question.sites:
        return 0
    # Like with like: of what stands beside the time the same units, of agents what they answered.
    beside = {question.by, question.across} - {"total", *OF_QUARTERS}
    whole = _offered(question.selection, tuple(beside) or ("total",))
    offered = sum(counts.offered for counts in whole.values())
    beyond = max(0, offered - sum(row.counts.offered for row in rows))
    # Days and quarter hours need not agree before all are counted.
    return None if beyond and dirty.waiting(question.sites) else beyond


def over_all(question: Question) -> Question:
    """The same question for the whole of it, in the same units."""
    return replace(question, by="total", across="total")


def _ids(
    rows: Sequence[Queue] | Sequence[Agent] | None, only: dict[By, Sequence[Any]], by: By
) -> list[int] | None:
    """The rows that are picked, or the keys by which they are, which are taken out of `only`."""
    if rows is not None:
        return [row.pk for row in rows]
    return [*only.pop(by)] if None not in only.get(by, [None]) else None


def _only(rows: Sequence[Any] | None) -> int | None:
    return rows[0].pk if rows is not None and len(rows) == 1 else None


OF_ONE_SITE: tuple[By, ...] = ("site", "queue", "team", "agent")
"""Dimensions each key of which is of one site, and so is whatever is counted for it."""


def _sites(question: Question, found: Collection[tuple[Any, Any]]) -> dict[tuple[Any, Any], int]:
    """The site that each cell is of, by its keys or by what is picked; none of a cell of several
    together."""
    if len(question.sites) == 1:
        return dict.fromkeys(found, question.sites[0].pk)
    by_key = [
        sites_of(by, {cell[side] for cell in found})
        for side, by in enumerate((question.by, question.across))
    ]
    picked = _site_of_picked(question)
    sites = {}
    for cell in found:
        told = [of[key] for of, key in zip(by_key, cell, strict=True) if key in of]
        one = told[0] if told else picked
        if one is not None:
            sites[cell] = one
    return sites


def sites_of(by: By, keys: Collection[Any]) -> dict[Any, int]:
    """The site of each key that is of one."""
    if by not in OF_ONE_SITE:
        return {}
    known = [key for key in keys if key is not None]
    if by == "site":
        return {key: key for key in known}
    return dict(ROWS[by].filter(pk__in=known).values_list("pk", "site_id"))


def _site_of_picked(question: Question) -> int | None:
    """The one site of all queues, of all agents or of all teams that are picked."""
    many = [{row.site_id for row in rows} for rows in (question.queues, question.agents) if rows]
    if (teams := question.only.get("team")) and None not in teams:
        many.append({*sites_of("team", teams).values()})
    return next((site for sites in many if len(sites) == 1 for site in sites if site), None)


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


def day_only_words(count: int) -> str:
    """What rows by interval do not show, for people."""
    return ngettext(
        "%(count)d call tells only its day: it counts there and in no interval.",
        "%(count)d calls tell only their day: they count there and in no interval.",
        count,
    ) % {"count": count}


def as_json(
    rows: Sequence[Row],
    day_only: int | None = 0,
    link: Callable[[Row, str], str] | None = None,
    partly: Sequence[str] = (),
) -> dict[str, Any]:
    """The report as the API and `callcenter report --json` print it. With a `link`, each figure
    says where it explains itself; `partly` is what of each row is not whole. A definition is in
    words, with what it reads."""
    short = Shorts()
    return {
        "rows": [
            {
                "key": row.key,
                "not_whole": partly[place] if partly else "",
                "kpis": {
                    words: {
                        "value": one.value,
                        "n": one.n,
                        "n_unit": one.variant.n_unit,
                        "unit": one.unit_told,
                        "variant": one.variant.id,
                        "definition": short(one.kpi, one.variant, one.parameters),
                        "precision": one.precision,
                        "reason": one.why_none,
                    }
                    | ({} if link is None else {"passport_url": link(row, words)})
                    for words, one in row.figures.items()
                },
            }
            for place, row in enumerate(rows)
        ],
        "day_only": day_only,
    }
