"""The two answers of a site's days: what pages show, and what SQL over the raw record says."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from ccm.database import WITHOUT_LOOPS
from ccm.dirty import CALLED_BACK
from ccm.identity import id_floor
from ccm.intervals import DAY, Span, day_of, site_days
from ccm.models import Site
from kpis import definitions, report
from kpis.choices import Choices
from kpis.declaration import PRIVATE
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
    without a call, or a count."""
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
    return sorted(found)


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


def second(cursor: CursorWrapper, stretch: Stretch) -> dict[date, Cells]:
    """What the SQL of each KPI says of what is laid out, by day."""
    found: dict[date, Cells] = defaultdict(dict)
    for kpi, one in statements.kpis().items():
        cursor.execute(
            "SELECT day, variant, queue_id, agent_id, value::float8, floor(denominator)::bigint,"
            f" numerator::float8 FROM ({one.sql}) AS answer WHERE day BETWEEN %s AND %s",
            [stretch.first, stretch.last],
        )
        for day, variant, queue, agent, value, n, numerator in cursor.fetchall():
            if statements.compared(kpi, variant):
                place = Place(day, f"{kpi}:{variant}", queue, agent)
                told = None if kpi in statements.N_APART else n
                found[day][place] = Cell(value, told, numerator)
    for day, cells in found.items():
        cells |= _of_teams(day, cells, _members(cursor, stretch.site, day))
    return found


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


def shown(site: Site, day: date) -> Cells:
    """What pages show of a day: of the site, of each queue, of each agent, in every variant; of
    each team, in those that are sums of its agents'."""
    asked = [
        f"{kpi}:{variant.id}"
        for kpi in statements.kpis()
        for variant in definitions.KPIS[kpi].variants
        if statements.compared(kpi, variant.id)
    ]
    of_teams = [name for name in asked if statements.adds_up(*name.split(":"))]
    choices = Choices(day)
    cells: Cells = {}
    for by in ("total", "queue", "agent", "team"):
        question = Question(
            sites=[site],
            first=day,
            last=day,
            by=by,
            kpis=of_teams if by == "team" else asked,
            knows=PRIVATE,
        )
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
