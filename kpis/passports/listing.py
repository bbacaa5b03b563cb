"""The calls of a figure's scope, each with the side it is on and the reason in words.

One statement tells how many there are for each reason and gives a page of them, so that what a
passport counts and what it lists are the same rows.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, OuterRef, Value

from ccm import long_reads
from ccm.access import scope_of
from ccm.database import WITHOUT_LOOPS, without_loops
from ccm.identity import id_floor
from ccm.intervals import DAY, Span, site_days
from ccm.models import Call, Outcome
from ccm.querysets import Viewer
from kpis.declaration import Need
from kpis.passports import behind, behind_repeats, bringing
from kpis.passports.behind import ABOVE, BELOW, LENGTHS, Units, Whose
from kpis.passports.passport import Passport
from kpis.passports.predicates import RINGS
from kpis.passports.saying import Saying
from kpis.reads import repeats
from kpis.rollups.units import ENDINGS, TALKED, reaching

NUMERATOR, DENOMINATOR, REST = "numerator", "denominator", "rest"
LEFT_OUT, ALL = "left_out", "all"
FIRST_WITH_ANY = ""
"""The first side of a figure that any call is on."""

_ON_SIDE = {
    NUMERATOR: {ABOVE, ABOVE | BELOW},
    DENOMINATOR: {BELOW, ABOVE | BELOW},
    REST: {BELOW},
    LEFT_OUT: {0},
    ALL: {0, ABOVE, BELOW, ABOVE | BELOW},
}
"""The values of the column `counted` (`behind.Units`) that are on a side."""
_OUTCOMES = {number: name for name, number in ENDINGS.items()} | {TALKED: Outcome.ANSWERED.value}
OF_CALLERS: tuple[Need, ...] = ("repeats", "matters")
"""What the calls around those of a figure are walked for."""
# So many rows of an export are read at once.
_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which calls of a scope are listed; empty or None: no matter. FIRST_WITH_ANY is a side of a
    page alone. `outcome` is one of ENDINGS,
    `text` a part of the source's own id."""

    side: str = ALL
    reasons: frozenset[str] = frozenset()
    outcome: str = ""
    queue: int | None = None
    agent: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A call of a scope: of contacts the first visit stands for all, and what it lasted is theirs.

    `queue` is a name, or empty; `agent` is who answered; `on` is where it counts: NUMERATOR (there
    alone or on both sides), REST or LEFT_OUT; `why`, the reason in words; `value`, what it brings
    to the numerator (`bringing`), None where that is one or nothing. `opens`: the reader may open
    it; of others, which rang at the agent and were taken by others or nobody, little more is told.
    """

    id: UUID
    offered_at: datetime
    time_precision: str
    external_id: str
    outcome: str
    wait_ms: int | None
    talk_ms: int | None
    hold_ms: int | None
    acw_ms: int | None
    visits: int
    queue: str
    agent: int | None
    on: str
    why: str
    value: float | Decimal | None = None
    opens: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the calls that were asked for, and how many of the scope there are in all, by reason
    and side (without regard to which reasons and which side were asked for)."""

    rows: Sequence[Listed]
    tally: Mapping[tuple[str, int], int] = field(default_factory=dict)

    def on(self, side: str, reasons: frozenset[str] = frozenset()) -> int:
        """How many are on a side, for these reasons or whichever."""
        return sum(
            n
            for (reason, counted), n in self.tally.items()
            if counted in _ON_SIDE[side] and (not reasons or reason in reasons)
        )

    def reasons(self, side: str) -> dict[str, int]:
        """How many are on a side, for each reason, the most first."""
        found: Counter[str] = Counter()
        for (reason, counted), n in self.tally.items():
            if counted in _ON_SIDE[side]:
                found[reason] += n
        return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def sides_of(made: Passport) -> tuple[str, ...]:
    """The sides a figure has; none where no calls are behind it. One whose numerator is its
    denominator has no denominator apart: what it is made of is counted once. None too of sales
    where none is told, or not to the reader, of hours where none are, of who came again and
    of matters where these are not counted, and of what is never told of such calls."""
    above, below = made.figure.variant.behind(made.figure.parameters)
    needs = made.figure.variant.needs
    untold = made.figure.is_untold or ("sales" in needs and made.counts.sales is None)
    untold |= "worked" in needs and made.counts.worked is None
    untold |= "repeats" in needs and not repeats.told(made.scope.question.selection)
    untold |= "matters" in needs and made.counts.matters is None
    if untold or (not above and not below):
        return ()
    if not above:
        return DENOMINATOR, LEFT_OUT, ALL
    if not below or {*above} == {*below}:
        return NUMERATOR, LEFT_OUT, ALL
    return NUMERATOR, DENOMINATOR, REST, LEFT_OUT, ALL


def page(made: Passport, user: Viewer, narrowed: Narrowed, first: int, most: int) -> Page:
    """Up to `most` calls that `user` may open, from the one at place `first` on, as they came; of a
    longest wait the longest first. None of a figure behind which no calls are (`sides_of`)."""
    if not sides_of(made):
        return Page(())
    units = _units(made)
    found = _found(units, made, user, narrowed)
    if found is None:
        return Page(())
    sql, values = found
    on, on_values = _asked_for(made, units, narrowed)
    agent, bounds = _who(made)
    brings = _brings(made)
    statement = (
        f"WITH found AS MATERIALIZED ({sql}), told AS ("
        " SELECT reason, counted, count(*) AS n FROM found GROUP BY reason, counted"
        f"), listed AS (SELECT * FROM found WHERE {on} ORDER BY {_order(made)} LIMIT %s OFFSET %s)"
        " SELECT (SELECT jsonb_agg(jsonb_build_array(reason, counted, n)) FROM told)::text,"
        f" {_COLUMNS}, {agent}, {behind.rings(units.reasons, _whose(made))}, {brings.sql}"
        f" FROM (SELECT 1) AS one LEFT JOIN listed ON true ORDER BY {_order(made)}"
    )
    rows = long_reads.rows(
        WITHOUT_LOOPS + statement, [*values, *on_values, most, first, *bounds, *brings.values]
    )
    tally = {
        (units.reasons[reason], counted): n for reason, counted, n in json.loads(rows[0][0] or "[]")
    }
    tell = _teller(made, units)
    return Page([tell(row) for _tally, *row in rows if row[0] is not None], tally)


def every(made: Passport, user: Viewer, narrowed: Narrowed) -> Iterator[Listed]:
    """All calls that were asked for, in the order of `page`, read while they are taken."""
    if not sides_of(made):
        return
    units = _units(made)
    found = _found(units, made, user, narrowed)
    if found is None:
        return
    sql, values = found
    on, on_values = _asked_for(made, units, narrowed)
    agent, bounds = _who(made)
    brings = _brings(made)
    tell = _teller(made, units)
    with connection.chunked_cursor() as cursor:
        with without_loops():
            cursor.execute(
                f"SELECT {_COLUMNS}, {agent}, {behind.rings(units.reasons, _whose(made))},"
                f" {brings.sql} FROM ({sql}) AS listed WHERE {on} ORDER BY {_order(made)}",
                [*bounds, *brings.values, *values, *on_values],
            )
        while rows := cursor.fetchmany(_CHUNK):
            yield from map(tell, rows)


def reason_words(name: str, made: Passport) -> str:
    """A reason without what a single call lasted, as a filter says it."""
    return Saying(made.figure).of(name, {})


def _units(made: Passport) -> Units:
    figure, scope = made.figure, made.scope
    selection = scope.question.selection
    if {*OF_CALLERS} & {*figure.variant.needs}:
        callers = behind_repeats.Asked(
            scope.site,
            scope.first,
            scope.last,
            scope.queue,
            scope.agent,
            selection,
            scope.whole_until,
        )
        of = behind_repeats.begun if "matters" in figure.variant.needs else behind_repeats.answered
        return of(figure.variant, figure.parameters, callers)
    sold = made.counts.sales if "sales" in figure.variant.needs else None
    told = None if sold is None else sold.days.get(scope.site.pk)
    span = site_days(scope.first, scope.last, scope.site.calendar)
    asked = behind.Asked(scope.site, span, scope.queue, scope.agent, made.parts, selection, told)
    return behind.units(figure.variant, figure.parameters, asked)


def _found(
    units: Units, made: Passport, user: Viewer, narrowed: Narrowed
) -> tuple[str, list[Any]] | None:
    """The units of a scope with their calls, as far as `user` may open them, or they rang at the
    agent whose figure it is, and the filters but for side and reason go; None where the user may
    open none at all."""
    reach = _reach(made)
    opened = Call.objects.visible_to(user).in_span(reach)
    sees_all = scope_of(user).calls_seen(made.scope.site.pk) == "all"
    # What is looked for by what is not told of a call would tell it.
    if _of_rings(made) and not sees_all and not narrowed.text and narrowed.agent is None:
        calls = Call.objects.in_span(reach)
        calls = calls.annotate(opens=Exists(opened.filter(pk=OuterRef("pk"))))
    else:
        calls = opened.annotate(opens=Value(True))
    if narrowed.queue is not None:
        calls = calls.filter(queue=narrowed.queue)
    if narrowed.text:
        calls = calls.filter(external_id__icontains=narrowed.text)
    columns = ("pk", "offered_at", "time_precision", "queue_id", "external_id", *_TOLD, "opens")
    try:
        visible, seen = calls.order_by().values_list(*columns).query.sql_with_params()
    except EmptyResultSet:
        return None
    visible = f"({visible}) AS c (id, {', '.join(columns[1:])})"
    joined, of = f"JOIN {visible} ON c.id = u.id", "u"
    if {*OF_CALLERS} & {*made.figure.variant.needs}:
        # Each by its own id: of these rows the planner knows nothing, and else it compares all.
        one = f"SELECT * FROM {visible} WHERE c.id = u.id OFFSET 0"
        joined, of = f"JOIN LATERAL ({one}) AS c ON true", "c"
    rows, values = _positional(units)
    where, more = ["true"], list[Any]()
    if narrowed.outcome:
        where.append("u.ending = ANY(%s)")
        more.append([one for one, name in _OUTCOMES.items() if name == narrowed.outcome])
    if narrowed.agent is not None:
        where.append(
            "EXISTS (SELECT FROM ccm_call a WHERE a.id = ANY(u.visit_ids || u.id)"
            " AND a.id >= %s AND a.id < %s AND a.agent_id = %s)"
        )
        more += [*_ids(made), narrowed.agent]
    lengths = ", ".join(f"{of if one in _TOLD else 'u'}.{one}" for one in LENGTHS)
    sql = (
        "SELECT u.id, u.visit_ids, u.day, u.reason, u.counted, u.ending, u.before, u.later,"
        f" c.offered_at, c.time_precision, c.queue_id, c.external_id, c.opens, {lengths}"
        f" FROM ({rows}) AS u {joined} WHERE {' AND '.join(where)}"
    )
    return sql, [*values, *seen, *more]


# What is told of a call as of a contact.
_TOLD = ("wait_ms", "talk_ms", "hold_ms", "acw_ms")
_COLUMNS = ", ".join(
    f"listed.{one}"
    for one in ("id", "reason", "counted", "ending", "before", "later", "offered_at",
                "time_precision", "external_id", "opens", *LENGTHS)
) + (
    ", GREATEST(cardinality(listed.visit_ids), 1),"
    " COALESCE((SELECT q.name FROM ccm_queue q WHERE q.id = listed.queue_id), '')"
)  # fmt: skip


def _positional(units: Units) -> tuple[str, list[Any]]:
    """Units whose values are named, as a statement that takes them in order."""
    order: list[str] = []

    class _Names(dict[str, Any]):
        def __getitem__(self, name: str) -> str:
            order.append(name)
            return "%s"

    return units.sql % _Names(), [units.values[name] for name in order]


def _asked_for(made: Passport, units: Units, narrowed: Narrowed) -> tuple[str, list[Any]]:
    """The condition of a side and of reasons, beside the relation `told` of what there is."""
    where, values = "counted = ANY(%s)", list[Any]()
    if narrowed.side == FIRST_WITH_ANY:
        there = "WHEN EXISTS (SELECT FROM told WHERE counted = ANY(%s)) THEN counted = ANY(%s)"
        sides = sides_of(made)
        where = f"CASE {' '.join([there] * len(sides))} END"
        values += [sorted(_ON_SIDE[side]) for side in sides for _ in range(2)]
    else:
        values.append(sorted(_ON_SIDE[narrowed.side]))
    if narrowed.reasons:
        where += " AND reason = ANY(%s)"
        named = enumerate(units.reasons)
        values.append([number for number, name in named if name in narrowed.reasons])
    return where, values


def _of_rings(made: Passport) -> bool:
    """Whether it is of what rang at an agent, whoever took the calls."""
    sides = made.figure.variant.behind(made.figure.parameters)
    names = {*sides.numerator, *sides.denominator}
    return made.scope.agent is not None and not RINGS.isdisjoint(names)


def _order(made: Passport) -> str:
    longest = "wait_ms DESC NULLS LAST, " if made.figure.kpi.id == "longest_wait" else ""
    return f"{longest}offered_at, id"


def _reach(made: Passport) -> Span:
    """Where all visits of the scope's contacts are."""
    scope = made.scope
    return reaching(site_days(scope.first, scope.last, scope.site.calendar))


def _ids(made: Passport) -> list[UUID]:
    """The ids between which these are."""
    reach = _reach(made)
    return [id_floor(reach.start - DAY), id_floor(reach.end + DAY)]


def _who(made: Passport) -> tuple[str, list[UUID]]:
    """Who answered a call, or the first who answered a visit of a contact, as SQL."""
    return (
        "(SELECT a.agent_id FROM ccm_call a WHERE a.id = ANY(listed.visit_ids || listed.id)"
        " AND a.id >= %s AND a.id < %s AND a.agent_id IS NOT NULL"
        " ORDER BY a.outcome = 'answered' DESC, a.offered_at, a.id LIMIT 1)"
    ), _ids(made)


def _whose(made: Passport) -> Whose:
    return behind.whose(made.scope.question.selection)


def _brings(made: Passport) -> bringing.Brought:
    """What each call brings to the figure, as SQL on a row of `listed`."""
    low, high = _ids(made)
    return bringing.brought(made.figure.variant, made.figure.parameters, _whose(made), (low, high))


def _teller(made: Passport, units: Units) -> Callable[[Sequence[Any]], Listed]:
    """Makes a listed call of a row of `_COLUMNS`, the agent, the number of rings and what it
    brings."""
    saying = Saying(made.figure)
    unit = bringing.unit_of(made.figure.variant, made.figure.parameters)

    def tell(row: Sequence[Any]) -> Listed:
        id_, reason, counted, ending, before, later, at, precision, external, opens = row[:10]
        lasted = dict(zip(LENGTHS, row[10:-5], strict=True))
        visits, queue, agent, rings, brought = row[-5:]
        lasted |= {"before": before, "later": later, "rings": rings}
        wait_ms, talk_ms, hold_ms, acw_ms = (lasted[one] if opens else None for one in _TOLD)
        return Listed(
            id_, at, precision, external if opens else "", _OUTCOMES.get(ending, ""), wait_ms,
            talk_ms, hold_ms, acw_ms, visits, queue, agent,
            on=NUMERATOR if counted & ABOVE else REST if counted else LEFT_OUT,
            why=saying.of(units.reasons[reason], lasted),
            value=bringing.of_row(brought, unit) if counted & ABOVE else None,
            opens=opens,
        )  # fmt: skip

    return tell
