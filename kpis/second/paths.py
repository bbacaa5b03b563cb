"""The two answers of a site's days: what pages show, and what SQL over the raw record says."""

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.backends.utils import CursorWrapper

from ccm.database import WITHOUT_LOOPS
from ccm.dirty import CALLED_BACK
from ccm.identity import id_floor
from ccm.intervals import DAY, Span, day_of, site_days
from ccm.models import Agent, Queue, Site
from ccm.retention import closed
from kpis import definitions, report
from kpis.choices import Choices
from kpis.declaration import PRIVATE
from kpis.models import DayStat, KpiChoice
from kpis.reads.reading import By
from kpis.report import Question
from kpis.second import statements
from kpis.second.compare import Cell, Place
from kpis.second.within import AROUND, REACH, which

Cells = dict[Place, Cell]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Site days [first, last] of one site."""

    site: Site
    first: date
    last: date

    @property
    def span(self) -> Span:
        return site_days(self.first, self.last, self.site.calendar)

    @property
    def values(self) -> dict[str, Any]:
        span = self.span
        early, late = span.start - REACH, span.end + REACH
        around = site_days(self.first - AROUND, self.last + AROUND, self.site.calendar)
        return {
            "site": self.site.pk,
            "first": self.first,
            "last": self.last,
            "early": early,
            "late": late,
            "low": id_floor(early - DAY),
            # Who asked for a call back may get it so much later.
            "high": id_floor(late + CALLED_BACK + DAY),
            "near_low": id_floor(span.start - DAY),
            "near_high": id_floor(span.end + DAY),
            "around_low": id_floor(around.start - DAY),
            "around_high": id_floor(around.end + DAY),
        }


def days_told(site: Site) -> list[date]:
    """The site days of which there is a call, an answer, a state of an agent, paid time, a sale
    without a call, or a count, and that are not closed."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT kpi.day_of(moment, %(zone)s, %(begins)s) FROM (
                SELECT DISTINCT date_bin('15 min', offered_at, '2000-01-01Z') AS moment
                FROM ccm_call WHERE site_id = %(site)s
                UNION SELECT answered_at FROM ccm_surveyresponse
                WHERE site_id = %(site)s AND call_id IS NULL
                UNION SELECT unnest(ARRAY[starts_at, ends_at])
                FROM ccm_agentstate s JOIN ccm_agent a ON a.id = s.agent_id
                WHERE a.site_id = %(site)s
            ) AS told WHERE moment IS NOT NULL
            UNION SELECT day FROM ccm_paidtime p JOIN ccm_agent a ON a.id = p.agent_id
            WHERE a.site_id = %(site)s
            UNION SELECT sold_on FROM ccm_sale
            WHERE site_id = %(site)s AND call_id IS NULL AND sold_on IS NOT NULL
            UNION SELECT day FROM kpis_daystat WHERE site_id = %(site)s
            UNION SELECT day FROM kpis_agenttime WHERE site_id = %(site)s""",
            {"site": site.pk, "zone": site.zone, "begins": site.day_begins},
        )
        found = {day for (day,) in cursor.fetchall()}
        cursor.execute(
            "SELECT DISTINCT start FROM kpis_intervalstat WHERE site_id = %(site)s"
            " UNION SELECT start FROM kpis_sitetime WHERE site_id = %(site)s",
            {"site": site.pk},
        )
        found |= {day_of(start, site.calendar) for (start,) in cursor.fetchall()}
    # Of closed days there is no second path: what they were counted from is gone.
    return sorted(day for day in found if not closed.is_closed(site, day))


def stretches(site: Site, days: Collection[date], longest: timedelta) -> list[Stretch]:
    """Days in runs of at most `longest`; days of which nothing is told are in none that they
    would begin or end."""
    found: list[Stretch] = []
    for day in sorted(days):
        if found and day - found[-1].first < longest:
            found[-1] = Stretch(site, found[-1].first, day)
        else:
            found.append(Stretch(site, day, day))
    return found


def lay_out(cursor: CursorWrapper, stretch: Stretch) -> None:
    """The relations of `sql/base` as temporary tables that hold the stretch. `clear` lets go."""
    # As for a recount: what the planner takes for one call it would look through all others for.
    cursor.execute(WITHOUT_LOOPS)
    for one in statements.base():
        cursor.execute(
            f"CREATE TEMP TABLE {one.name} ON COMMIT DROP AS"
            f" SELECT * FROM ({one.sql}) AS whole WHERE {which(one.name)}",
            stretch.values,
        )
        cursor.execute(f"ANALYZE {one.name}")
    cursor.execute("SET LOCAL enable_nestloop = DEFAULT")


def clear(cursor: CursorWrapper) -> None:
    names = ", ".join(f"pg_temp.{one.name}" for one in statements.base())
    cursor.execute(f"DROP TABLE {names}")


class Answer(NamedTuple):
    """What the SQL of a KPI says of a day of a site, a queue or an agent."""

    numerator: float | None
    denominator: float | None
    value: float | None


def answers(cursor: CursorWrapper, stretch: Stretch) -> dict[Place, Answer]:
    """What the SQL of each KPI says of the days that are laid out."""
    found = {}
    for kpi, one in statements.kpis().items():
        cursor.execute(
            "SELECT day, variant, queue_id, agent_id, numerator::float8, denominator::float8,"
            f" value::float8 FROM ({one.sql}) AS answer WHERE day BETWEEN %s AND %s",
            [stretch.first, stretch.last],
        )
        for day, variant, queue, agent, *told in cursor.fetchall():
            if statements.compared(kpi, variant):
                found[Place(day, f"{kpi}:{variant}", queue, agent)] = Answer(*told)
    return found


def second(cursor: CursorWrapper, stretch: Stretch) -> dict[date, Cells]:
    """What the SQL of each KPI says of what is laid out, by day."""
    return by_day(cursor, stretch, answers(cursor, stretch))


def by_day(
    cursor: CursorWrapper, stretch: Stretch, told: Mapping[Place, Answer]
) -> dict[date, Cells]:
    """The cells of each day, with those of teams."""
    found: dict[date, Cells] = defaultdict(dict)
    for place, one in told.items():
        found[place.day][place] = Cell(one.value, _n(place.kpi, one.denominator), one.numerator)
    for day, cells in found.items():
        cells |= _of_teams(day, cells, _members(cursor, stretch.site, day))
    return found


def _n(name: str, denominator: float | None) -> int | None:
    if denominator is None or name.partition(":")[0] in statements.N_APART:
        return None
    return math.floor(denominator)


def together(
    cursor: CursorWrapper, stretch: Stretch, told: Mapping[Place, Answer]
) -> tuple[Cells, Cells]:
    """What pages show of all days of a stretch together, and what the rows of the second path add
    up to. A level is no sum where on one of the days there is none."""
    shown = _shown_together(stretch)
    kpis = {place.kpi for place in shown}
    rows: dict[Place, list[Answer]] = defaultdict(list)
    for place, one in told.items():
        if place.kpi in kpis:
            rows[place._replace(day=stretch.last, since=stretch.first)].append(one)
    for place in [*rows]:
        is_level = place.kpi.startswith("service_level:")
        if is_level and not all(one.denominator for one in rows[place]):
            del rows[place]
            shown.pop(place, None)
    mixed = _mixed(cursor, stretch)
    return to_compare(shown, {one: _whole(one, rows[one], mixed) for one in rows})


def _whole(
    place: Place, those: Collection[Answer], mixed: Collection[tuple[str, int | None, int | None]]
) -> Cell:
    """Rows of days summed. Of money in several currencies, and with a day of which nobody knows,
    there is no sum."""
    is_known = not any(one.numerator is None and one.denominator is None for one in those)
    if not is_known or (place.kpi.partition(":")[0], place.queue, place.agent) in mixed:
        return Cell(None, None)
    numerator = sum(one.numerator or 0 for one in those)
    if all(one.denominator is None for one in those):
        return Cell(numerator, None, numerator)
    denominator = sum(one.denominator or 0 for one in those)
    # Of a response rate no numerator says that nobody is known to have been asked.
    told = denominator and any(one.numerator is not None for one in those)
    value = numerator / denominator if told else None
    return Cell(value, _n(place.kpi, denominator), numerator)


def _mixed(cursor: CursorWrapper, stretch: Stretch) -> set[tuple[str, int | None, int | None]]:
    """Of which KPIs of money, by queue and agent, a stretch is in several currencies."""
    cursor.execute(
        """SELECT c.kpi, c.queue_id, c.agent_id FROM (
            SELECT 'cost_per_call' AS kpi, site_id, queue_id, agent_id, day, kind, currency
            FROM cost
            UNION ALL SELECT 'revenue', site_id, queue_id, agent_id, day, NULL, currency
            FROM sale WHERE value IS NOT NULL
            UNION ALL SELECT 'pipeline', site_id, queue_id, agent_id, day, NULL, currency
            FROM sale WHERE pipeline IS NOT NULL
        ) AS c LEFT JOIN parameter p ON p.kpi = c.kpi AND p.site_id = c.site_id
            AND COALESCE(p.queue_id, 0) = COALESCE(c.queue_id, 0)
            AND c.day >= p.valid_from AND c.day < p.valid_until
        WHERE c.day BETWEEN %s AND %s
          AND (kind IS NULL OR p.kinds = '{}' OR lower(kind) = ANY (p.kinds))
        GROUP BY c.kpi, c.queue_id, c.agent_id HAVING count(DISTINCT currency) > 1""",
        [stretch.first, stretch.last],
    )
    return {*cursor.fetchall()}


def _members(cursor: CursorWrapper, site: Site, day: date) -> dict[int, int]:
    """The team that each agent of a site was in on a day."""
    cursor.execute(
        "SELECT m.agent_id, m.team_id FROM ccm_teammembership m JOIN ccm_agent a"
        " ON a.id = m.agent_id WHERE a.site_id = %(site)s AND m.starts_on <= %(day)s"
        " AND (m.ends_on IS NULL OR m.ends_on > %(day)s)",
        {"site": site.pk, "day": day},
    )
    return dict(cursor.fetchall())


def _of_teams(day: date, cells: Cells, members: Mapping[int, int]) -> Cells:
    """The cells of teams that are sums of their agents'. Where an agent's calls tell no level, for
    none of the waits is known, the team's is no sum of levels."""
    sums: dict[tuple[int, str], list[Cell]] = defaultdict(list)
    for place, cell in cells.items():
        if place.agent is None or place.agent not in members:
            continue
        if statements.adds_up(*place.kpi.split(":")):
            sums[members[place.agent], place.kpi].append(cell)
    found = {}
    for (team, kpi), those in sums.items():
        if kpi.startswith("service_level:") and not all(one.n for one in those):
            continue
        numerator = sum(one.numerator or 0 for one in those)
        n = sum(one.n or 0 for one in those)
        # Of a response rate no numerator says that nobody is known to have been asked.
        told = n and any(one.numerator is not None for one in those)
        cell = Cell(numerator / n if told else None, n, numerator)
        if kpi.endswith(":count"):
            cell = Cell(numerator, None, numerator)
        found[Place(day, kpi, team=team)] = cell
    return found


def to_compare(shown: Cells, second: Cells) -> tuple[Cells, Cells]:
    """Both without what only one of them tells by its nature.

    Pages have no row for a day's part of a cost of what had no calls; the second path has none of
    teams' figures that are no sums.
    """
    rows = {place[2:] for place in shown}
    return (
        {place: cell for place, cell in shown.items() if place.team is None or place in second},
        {
            place: cell
            for place, cell in second.items()
            if place[2:] in rows or place.kpi.partition(":")[0] not in statements.OF_EVERY_DAY
        },
    )


def _shown_together(stretch: Stretch) -> Cells:
    """What pages show of the days of a stretch together, in those variants that days add up to and
    that have one definition on all of them: of the site, of each queue and of each agent."""
    begun = KpiChoice.objects.filter(valid_from__gt=stretch.first, valid_from__lte=stretch.last)
    changed = {*begun.values_list("kpi", flat=True)}
    asked = [
        name
        for name in _asked()
        if statements.adds_up_over_days(*name.split(":")) and name.split(":")[0] not in changed
    ]
    choices, cells = Choices(stretch.last), Cells()
    for by in ("total", "queue", "agent"):
        question = Question(
            sites=[stretch.site],
            first=stretch.first,
            last=stretch.last,
            by=by,
            kpis=asked,
            knows=PRIVATE,
        )
        for row in report.answer(question, choices, is_bound=False):
            where = {} if by == "total" else {by: row.id}
            for words, one in row.figures.items():
                n = None if one.kpi.id in statements.N_APART else one.n
                cells[Place(stretch.last, words, **where, since=stretch.first)] = Cell(one.value, n)
    return cells


def shown(site: Site, day: date) -> Cells:
    """What pages show of a day: of the site, of each queue, of each agent, in every variant; of
    each team, in those that are sums of its agents'.

    Raises ValueError where what is kept of it contradicts itself: `contradicted` says of whom.
    """
    asked = _asked()
    of_teams = [name for name in asked if statements.adds_up(*name.split(":"))]
    choices = Choices(day)
    cells: Cells = {}
    for by in ("total", "queue", "agent", "team"):
        question = _of_day(site, day, by, of_teams if by == "team" else asked)
        for row in report.answer(question, choices, is_bound=False):
            if by == "team" and row.id is None:
                continue
            where = {} if by == "total" else {by: row.id}
            for words, one in row.figures.items():
                n = None if one.kpi.id in statements.N_APART else one.n
                cells[Place(day, words, **where)] = Cell(
                    one.value, n, approximate=bool(one.precision)
                )
    return cells


def contradicted(site: Site, day: date) -> Iterator[tuple[int | None, int | None, str]]:
    """Of whom what is kept of a day contradicts itself, and how: a queue, an agent, or the site,
    which is neither."""
    counted = DayStat.objects.filter(site=site, day=day)
    whole, choices = _of_day(site, day, "total", _asked()), Choices(day)
    if (why := _contradiction(whole, choices)) is not None:
        yield None, None, why
    queues = list(Queue.objects.filter(pk__in=counted.values("queue")).order_by("pk"))
    for queue, why in _which(queues, lambda some: replace(whole, by="queue", queues=some), choices):
        yield queue, None, why
    agents = list(Agent.objects.filter(pk__in=counted.values("agent")).order_by("pk"))
    for agent, why in _which(agents, lambda some: replace(whole, by="agent", agents=some), choices):
        yield None, agent, why


def _which(
    those: Sequence[Any], asking: Callable[[Sequence[Any]], Question], choices: Choices
) -> Iterator[tuple[int, str]]:
    """Whose counts contradict themselves of queues or agents, and how: half of them are asked for
    at a time, as long as it is so of any."""
    why = _contradiction(asking(those), choices) if those else None
    if why is None:
        return
    if len(those) == 1:
        yield those[0].pk, why
        return
    half = len(those) // 2
    for some in (those[:half], those[half:]):
        yield from _which(some, asking, choices)


def _contradiction(question: Question, choices: Choices) -> str | None:
    try:
        for row in report.answer(question, choices, is_bound=False):
            dict(row.figures)  # each is reckoned when it is read
    except ValueError as why:
        return str(why)
    return None


def _asked() -> list[str]:
    """Every variant that has a second path."""
    return [
        f"{kpi}:{variant.id}"
        for kpi in statements.kpis()
        for variant in definitions.KPIS[kpi].variants
        if statements.compared(kpi, variant.id)
    ]


def _of_day(site: Site, day: date, by: By, kpis: Sequence[str]) -> Question:
    return Question(sites=[site], first=day, last=day, by=by, kpis=kpis, knows=PRIVATE)
