"""Every cell of small made-up centres, as the program reports it and as the polars oracle says."""

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from ccm.models import Agent, AgentState, Call, Cost, PaidTime, Queue, Sale, Site
from kpis import rollups
from kpis.definitions import KPIS
from kpis.inference import intervals
from kpis.models import KpiChoice
from kpis.report import Question, answer
from kpis.rollups import repeats
from tests.builders import NINE, a_record, a_sale, a_site, stored
from tests.examples import examples
from tests.kpis.test_against_oracle import (
    MS,
    WITHOUT_SHRINKING,
    Centre,
    centres,
    elsewhere,  # noqa: F401  a fixture
    found,
    hang_on,
    lose_waits,
    recount,
    taken_back,
    write,
)
from tests.oracle.polars_against import (
    DAY,
    KNOWS,
    NAMES,
    NOT_COMPARED,
    Compared,
    compare,
    compare_matters,
    compare_money,
    compare_people,
    compare_repeats,
    compare_time,
    day_start,
    there,
)
from tests.oracle.polars_intervals import of_days
from tests.oracle.polars_oracle import PLAIN, Exact, Switches, cells
from tests.oracle.polars_repeats import Matter
from tests.oracle.polars_rows import raw

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("elsewhere")]
# The program's names of the switches.
PARAMETERS = {
    "threshold": "threshold_seconds",
    "boundary": "boundary",
    "short": "short_abandon_seconds",
    "lost": "lost",
    "clock_start": "clock_start_seconds",
    "transfers_in": "transfers_in",
    "business_hours": "business_hours",
    "callbacks": "callbacks",
    "effort": "effort",
}
SWITCHED = ("service_level", "abandon_rate", "ces")
SWITCHES = st.builds(
    Switches,
    threshold=st.sampled_from((1, 10, 20, 60, 600)),
    boundary=st.sampled_from(("<=", "<")),
    short=st.sampled_from((0, 1, 5, 20)),
    lost=st.booleans(),
    clock_start=st.sampled_from((0, 0, 1, 5, 20)),
    transfers_in=st.booleans(),
    business_hours=st.booleans(),
    callbacks=st.sampled_from(("request", "success", "return")),
    effort=st.sampled_from(("easy", "hard")),
)


def choose(switches: Switches) -> None:
    """Have the program use these, for all sites and all days."""
    parameters = {PARAMETERS[one]: getattr(switches, one) for one in PARAMETERS}
    for kpi in SWITCHED:
        KpiChoice.objects.create(kpi=kpi, parameters=parameters, valid_from=date(2000, 1, 1))


def told_of(site: Site, *kpis: str, **only: Any) -> list[float | int | None]:
    """What the program says of the day of NINE."""
    day = NINE.date()
    (row,) = answer(Question([site], day, day, kpis=kpis, **only))
    return [row.figures[one].value for one in kpis]


# Opening hours that no quarter hour lies across: whether it is open is not said.
HOURS = st.one_of(
    st.just({}),
    st.dictionaries(
        st.sampled_from([str(weekday) for weekday in range(7)]),
        st.sampled_from(
            (
                [["00:00", "24:00"]],
                [["00:15", "02:30"], ["03:00", "22:00"]],
                [["01:30", "12:00"]],
                [],
            )
        ),
    ),
)


@st.composite
def open_centres(draw: st.DrawFn) -> Centre:
    centre = with_starts(draw(centres()))
    return replace(centre, opening=draw(HOURS), queue_hours=draw(HOURS))


def with_starts(centre: Centre) -> Centre:
    """The centre with the start of every ring told: one began with the visit, the next ended with
    its wait, and so on."""
    visits = []
    for visit in centre.visits:
        at, wait = visit.record["offered_at"], visit.record["wait_ms"] or 0
        before_ms = [(wait - one["ring_ms"]) * (n % 2) for n, one in enumerate(visit.offers)]
        offers = tuple(
            one | {"starts_at": at + max(0, late) * MS}
            for one, late in zip(visit.offers, before_ms, strict=True)
        )
        visits.append(replace(visit, offers=offers))
    return replace(centre, visits=tuple(visits))


def compared(centre: Centre, switches: Switches) -> Compared:
    """A centre's figures on both paths: all as they are, and those with switches switched."""
    with taken_back(centre.zone) as site:
        write(site, centre.visits, centre.alone)
        lose_waits(site, centre.visits)
        hang_on(site, centre.visits)
        Site.objects.filter(pk=site.pk).update(opening=centre.opening)
        Queue.objects.filter(site=site, name="Sales").update(hours=centre.queue_hours)
        site.refresh_from_db()
        recount()
        done = compare(site, *centre.span())
        if switches != PLAIN:
            choose(switches)
            names = [name for name in NAMES if name.split(":")[0] in SWITCHED and name in there()]
            done.add(compare(site, *centre.span(), switches, names=names))
        return done


@settings(max_examples=examples(3), phases=WITHOUT_SHRINKING)
@given(open_centres(), SWITCHES)
def test_every_cell_is_what_the_definitions_say_of_the_raw_rows(
    centre: Centre, switches: Switches
) -> None:
    assert compared(centre, switches).found == []


def compared_callers(centre: Centre, callers: list[int], matter: Matter, days: int) -> Compared:
    """The centre's contacts with queues as made by three callers, each settled or not; none calls
    who rang no queue, or of whom only a day is told."""
    with taken_back(centre.zone) as site:
        write(site, centre.visits, centre.alone)
        with connection.cursor() as cursor:
            for number, caller in enumerate(callers):
                cursor.execute(
                    "UPDATE ccm_call SET caller_hash = %s, resolvable = %s WHERE site_id = %s"
                    " AND linked_id = %s AND direction = 'inbound' AND queue_id IS NOT NULL"
                    " AND NOT EXISTS (SELECT FROM ccm_call o WHERE o.site_id = ccm_call.site_id"
                    " AND o.linked_id = ccm_call.linked_id AND o.time_precision = 'day')",
                    [
                        f"caller {caller % 3}",
                        (True, None, False)[caller // 3],
                        site.pk,
                        f"c{number}",
                    ],
                )
        recount()
        repeats.recount(site)
        KpiChoice.objects.create(
            kpi="fcr",
            parameters={"window_days": days, "matter": matter},
            valid_from=date(2000, 1, 1),
        )
        KpiChoice.objects.create(
            kpi="resolution_time", parameters={"matter": matter}, valid_from=date(2000, 1, 1)
        )
        done = compare_repeats(site, *centre.span(), matter, days)
        done.add(compare_matters(site, *centre.span(), matter))
        return done


CALLERS = st.lists(st.integers(0, 8), min_size=12, max_size=12)
MATTERS: st.SearchStrategy[Matter] = st.sampled_from(("queue", "any"))


@settings(max_examples=5, phases=WITHOUT_SHRINKING)
@given(centres(), CALLERS, MATTERS, st.integers(1, 2))
def test_who_came_again_is_what_the_definition_says_of_the_raw_rows(
    centre: Centre, callers: list[int], matter: Matter, days: int
) -> None:
    assert compared_callers(centre, callers, matter, days).found == []


def compared_time(centre: Centre, pauses: list[tuple[int, int]]) -> Compared:
    """The centre's calls whose times are told, by agents who are there day and night and tell when
    they pause: each agent some minutes later than the one before."""
    visits = tuple(
        one
        for one in with_starts(centre).visits
        if one.record["time_precision"] == "ms"
        and one.record["direction"] != "internal"
        and (one.record["outcome"] != "answered" or one.record["talk_ms"] is not None)
    )
    first, last = centre.span()
    with taken_back(centre.zone) as site:
        write(site, visits)
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        for late, agent in enumerate(Agent.objects.filter(site=site).order_by("name")):
            PaidTime.objects.bulk_create(
                PaidTime(agent=agent, day=day, minutes=1440) for day in days
            )
            edges = [day_start(first - DAY, site.tz), day_start(last + 2 * DAY, site.tz)]
            told = [("logged_in", edges[0], edges[1])]
            free = edges[0]
            for starts, lasts in sorted(pauses):
                begin = edges[0] + timedelta(minutes=starts + 7 * late)
                if free < begin:
                    told.append(("available", free, begin))
                    told.append(("paused", begin, begin + timedelta(minutes=lasts)))
                    free = begin + timedelta(minutes=lasts)
            told.append(("available", free, edges[1]))
            AgentState.objects.bulk_create(
                AgentState(
                    agent=agent, source="test", agent_name=agent.name, state=state,
                    starts_at=starts, ends_at=ends,
                )
                for state, starts, ends in told
            )  # fmt: skip
        rollups.rebuild([site])
        return compare_time(site, first, last)


PAUSES = st.lists(st.tuples(st.integers(1, 4 * 1440), st.integers(1, 300)), max_size=8)


@settings(max_examples=4, phases=WITHOUT_SHRINKING)
@given(centres(), PAUSES)
def test_the_time_of_agents_is_what_the_definitions_say_of_the_raw_rows(
    centre: Centre, pauses: list[tuple[int, int]]
) -> None:
    assert compared_time(centre, pauses).found == []


@dataclass(frozen=True)
class Sold:
    """A sale of one of the centre's visits, of a call that is not there (-1), or of none (None)."""

    visit: int | None
    agent: int | None
    day: int
    value: str | None
    pipeline: str | None
    currency: str


@dataclass(frozen=True)
class Spent:
    kind: str
    queue: int | None
    agent: int | None
    day: int
    days: int
    amount: str
    currency: str


@dataclass(frozen=True)
class Worked:
    """Days from the centre's, None: not known."""

    hired: int | None
    left: int | None
    reason: str


@dataclass(frozen=True)
class Books:
    """What lists tell of a centre beside its calls, and the values that its calls tell."""

    sales: tuple[Sold, ...]
    values: tuple[tuple[int, str | None, str | None], ...]
    costs: tuple[Spent, ...]
    paid: tuple[tuple[int, int, int], ...]  # agent, day, minutes
    people: tuple[Worked, ...]
    kinds: tuple[str, ...]


VALUES = st.sampled_from((None, None, "0", *["120.50", "33.33"] * 4, "-20"))
CURRENCIES = st.sampled_from((*["EUR"] * 9, "GBP"))
SOLD = st.builds(
    Sold,
    visit=st.one_of(st.none(), st.integers(-1, 12), st.integers(0, 4)),
    agent=st.one_of(st.none(), st.none(), st.none(), st.integers(0, 2)),
    day=st.integers(-2, 2),
    value=VALUES,
    pipeline=VALUES,
    currency=CURRENCIES,
).filter(
    lambda one: (
        (one.value or one.pipeline) is not None and (one.visit is not None or one.agent is not None)
    )
)
OWNERS = st.sampled_from(((None, None), (None, None), (0, None), (1, None), (None, 0), (None, 1)))
SPENT = st.builds(
    lambda kind, owner, *rest: Spent(kind, *owner, *rest),
    st.sampled_from(("Rent", "Salaries")),
    OWNERS,
    st.integers(-4, 1),
    st.integers(1, 7),
    st.sampled_from(("0", "100", "700", "1000.01", "-50")),
    CURRENCIES,
)
WORKED = st.builds(
    lambda hired, stays, known, reason: Worked(
        hired if known else None,
        None if stays is None else hired + stays,
        reason if stays is not None else "",
    ),
    st.integers(-200, 1),
    st.one_of(st.none(), st.sampled_from((0, 30, 89, 90, 91)), st.integers(0, 200)),
    st.sampled_from((True, True, True, False)),
    st.sampled_from(("", "voluntary", "involuntary")),
)
BOOKS = st.builds(
    Books,
    sales=st.lists(SOLD, max_size=6).map(tuple),
    values=st.lists(st.tuples(st.integers(0, 5), VALUES, VALUES), max_size=3).map(tuple),
    costs=st.lists(SPENT, max_size=5).map(tuple),
    paid=st.lists(
        st.tuples(st.integers(0, 2), st.integers(-1, 1), st.sampled_from((0, 60, 475))),
        max_size=9,
        unique_by=lambda one: one[:2],
    ).map(tuple),
    people=st.lists(WORKED, max_size=8).map(tuple),
    kinds=st.sampled_from(((), (), ("Salaries",))),
)
# A rate of a year is told of 90 days at least.
LONG = 100


def keep(site: Site, centre: Centre, books: Books) -> None:
    """Write the books of a centre whose visits are stored."""
    called = [one for one in centre.visits if one.record["direction"] != "internal"]
    # Those come first that are likely to sell.
    there = sorted(called, key=lambda one: one.record["outcome"] != "answered")
    queues = list(Queue.objects.filter(site=site).order_by("name"))
    agents = list(Agent.objects.filter(site=site).order_by("name"))

    def of(rows: list[Any], number: int | None) -> Any:
        return rows[number] if number is not None and number < len(rows) else None

    def on(days: int) -> date:
        return centre.day + timedelta(days=days)

    for number, one in enumerate(books.sales):
        visit = of(there, one.visit) if one.visit != -1 else None
        agent = of(agents, one.agent)
        if one.visit is None and agent is None:
            continue
        Sale.objects.create(
            site=site, reference=f"R{number}",
            call=found(site, visit) if visit else None,
            # One whose call is not there may name no day, and is then in no figure.
            call_ref="" if one.visit is None else f"call {one.visit}", agent=agent,
            sold_on=None if visit or (one.visit == -1 and one.day == -2) else on(one.day),
            value=one.value,
            pipeline_value=one.pipeline, currency=one.currency,
        )  # fmt: skip
    for number, value, pipeline in books.values:
        if number < len(there):
            call = found(site, there[number])
            Call.objects.filter(pk=call.pk).update(sale_value=value, pipeline_value=pipeline)
    for number, cost in enumerate(books.costs):
        Cost.objects.create(
            site=site, kind=cost.kind, reference=f"R{number}", queue=of(queues, cost.queue),
            agent=of(agents, cost.agent), first_on=on(cost.day),
            last_on=on(cost.day + cost.days - 1), amount=cost.amount, currency=cost.currency,
        )  # fmt: skip
    for number, day, minutes in books.paid:
        if number < len(agents):
            PaidTime.objects.create(agent=agents[number], day=on(day), minutes=minutes)
    Agent.objects.bulk_create(
        Agent(
            site=site, name=f"Worked {number}",
            hired_on=None if one.hired is None else on(one.hired),
            left_on=None if one.left is None else on(one.left), left_reason=one.reason,
        )
        for number, one in enumerate(books.people)
    )  # fmt: skip


def compared_books(centre: Centre, books: Books) -> Compared:
    """What a centre's calls cost and sold, and who came and went."""
    with taken_back(centre.zone) as site:
        Site.objects.filter(pk=site.pk).update(currency="EUR")
        write(site, centre.visits, centre.alone)
        site.refresh_from_db()
        keep(site, centre, books)
        recount()
        if books.kinds:
            KpiChoice.objects.create(
                kpi="cost_per_call",
                parameters={"cost_kinds": ", ".join(books.kinds)},
                valid_from=date(2000, 1, 1),
            )
        first, last = centre.span()
        done = compare_money(site, first, last, books.kinds)
        done.add(compare_people(site, first, last))
        done.add(compare_people(site, last - timedelta(days=LONG), last))
        return done


@settings(max_examples=examples(3), phases=WITHOUT_SHRINKING)
@given(centres(), BOOKS)
def test_money_and_people_are_what_the_definitions_say_of_the_raw_rows(
    centre: Centre, books: Books
) -> None:
    assert compared_books(centre, books).found == []


# Of a day: the first call is answered, of each further one whether it is; waits and talks in s.
A_CALL = st.tuples(st.booleans(), st.integers(0, 60), st.integers(0, 600))
DAYS_OF_CALLS = st.lists(st.lists(A_CALL, min_size=1, max_size=4), min_size=7, max_size=12)


@settings(max_examples=examples(3), phases=WITHOUT_SHRINKING)
@given(DAYS_OF_CALLS)
def test_the_interval_of_a_ratio_of_sums_takes_the_day_as_its_cluster(
    days: list[list[tuple[bool, int, int]]],
) -> None:
    calls = []
    for day, of_day in enumerate(days):
        for n, (answered, wait, talk) in enumerate(of_day):
            at = NINE + day * DAY + n * timedelta(minutes=20)
            left = at + timedelta(seconds=wait)
            known = {"wait_ms": wait * 1000, "external_id": f"c{day} {n}"}
            if answered or not n:
                known |= {
                    "outcome": "answered", "answered_at": left, "talk_ms": talk * 1000,
                    "ended_at": left + timedelta(seconds=talk),
                }  # fmt: skip
            else:
                known |= {"outcome": "abandoned", "ended_at": left}
            calls.append(a_record(at, **known))
    first, last = NINE.date(), NINE.date() + (len(days) - 1) * DAY
    names = ("service_level:SL3", "abandon_rate:A2", "asa:W1", "aht:H1")
    with taken_back("UTC") as site:
        stored(site, *calls)
        recount()
        told = intervals(Question([site], first, last, kpis=names))[None]
        by_day = cells(raw(site), "site", "day", PLAIN, first, last)
    for name in names:
        exact = [figures[NAMES[name]] for figures in by_day.values()]
        ends, found = of_days([one for one in exact if isinstance(one, Exact)]), told[name]
        assert (ends is None) == (found is None)
        if ends is not None and found is not None:
            most = 1 if name in ("service_level:SL3", "abandon_rate:A2") else ends[1]
            assert found.low == pytest.approx(max(0, ends[0]), rel=1e-4, abs=1e-4)
            assert found.high == pytest.approx(min(most, ends[1]), rel=1e-4, abs=1e-4)


def test_every_figure_of_the_program_is_compared_or_said_why_not() -> None:
    assert there() == NAMES.keys() | NOT_COMPARED.keys()
    assert not NAMES.keys() & NOT_COMPARED.keys()


def test_every_switch_of_the_oracle_has_its_name_in_the_program() -> None:
    assert {one.name for one in fields(Switches)} == PARAMETERS.keys()


def test_a_site_counts_talk_rings_and_answers_of_no_queue() -> None:
    """Visits without a queue "are never offered; they count in talk, agents and outbound", and
    nothing leaves an answer or a ring out."""
    site = a_site()
    end = NINE + timedelta(seconds=60)
    call = a_record(
        queue=None, outcome="answered", answered_at=NINE, ended_at=end, wait_ms=0, talk_ms=60_000
    )
    said = {"kind": "csat", "scale_min": 1, "scale_max": 5, "answered_at": NINE}
    alone = said | {"score": 1.0, "line": 2, "lines": 1, "external_id": "a1", "birth_ms": 1}
    ring = {"call": 0, "agent": "Ann", "ended_ms": 1, "ring_ms": 9, "outcome": "no_answer"}
    stored(site, call, offers=[ring], surveys=[said | {"call": 0, "score": 5.0}, alone])
    recount()
    asked = ("offered", "answered", "talk", "aht:H1", "ring_no_answer", "csat:C1")
    assert told_of(site, *asked) == [0, 0, 60, 60, 1, 0.5]


def test_a_contact_that_no_queue_answered_keeps_its_outcome_and_has_its_talk() -> None:
    """The caller gave up on the queue and was reached without one, by two agents in turn: one
    contact, abandoned, with a talk of 60 + 30 s."""
    site = a_site()

    def talked(after: int, seconds: int) -> dict[str, Any]:
        at = NINE + timedelta(seconds=after)
        return a_record(
            at, queue=None, outcome="answered", answered_at=at, talk_ms=seconds * 1000,
            linked_id="c", external_id=f"c{after}",
        )  # fmt: skip

    given_up = a_record(outcome="abandoned", wait_ms=40_000, linked_id="c", external_id="c0")
    stored(site, given_up, talked(60, 60), talked(200, 30))
    recount()
    assert told_of(site, "offered", "abandoned", "answered", "talk") == [1, 1, 0, 90]


def test_a_contact_of_two_agents_touched_both_though_the_second_had_no_queue() -> None:
    site = a_site()
    later = NINE + timedelta(minutes=5)
    first, second = (
        a_record(
            at, queue=queue, agent=agent, outcome="answered", answered_at=at, wait_ms=0,
            talk_ms=60_000, linked_id="c", external_id=agent,
        )
        for at, queue, agent in ((NINE, "Sales", "Ann"), (later, None, "Ben"))
    )  # fmt: skip
    stored(site, first, second)
    recount()
    assert told_of(site, "transfer_rate:contacts", "talk") == [1, 120]


def test_a_visit_of_unknown_wait_leaves_with_the_others_that_a_transfer_brought() -> None:
    """With transfers in off "those visits leave both sides": of two visits on queues, one of them
    brought, one abandoned; it alone was."""
    site = a_site()
    answer = {"outcome": "answered", "answered_at": NINE, "ended_at": NINE, "wait_ms": 0}
    later = NINE + timedelta(seconds=30)
    stored(
        site,
        a_record(transfer_kind="blind", **answer),
        a_record(later, outcome="abandoned"),
    )
    recount()
    queue = Queue.objects.get(site=site)
    asked = ("abandon_rate:A2", "service_level:SL3")
    assert told_of(site, *asked, queues=[queue]) == [0.5, 0.5]
    choose(Switches(transfers_in=False))
    assert told_of(site, *asked, queues=[queue]) == [0, 1]


def test_effort_is_told_from_1_to_7_alone() -> None:
    """ "Mean of 1-7 (direction stored); share 5-7": 6 and 3, while 5 of 5 is on another scale."""
    site = a_site()
    said = enumerate([(7, 6.0), (7, 3.0), (5, 5.0)], start=1)
    stored(
        site,
        a_record(outcome="abandoned"),
        surveys=[
            {
                "kind": "ces", "scale_min": 1, "scale_max": high, "score": score,
                "answered_at": NINE, "line": line, "lines": 1, "external_id": f"a{line}",
                "birth_ms": line,
            }
            for line, (high, score) in said
        ],
    )  # fmt: skip
    recount()
    assert told_of(site, "ces:E1", "ces:E2") == [4.5, 0.5]
    choose(Switches(effort="hard"))
    assert told_of(site, "ces:E1", "ces:E2") == [3.5, 0.5]


def test_a_sale_of_no_call_converts_as_well_and_the_words_say_so() -> None:
    """ "Sales / contacts": of three answered one sold, and an agent sold without a call."""
    site = a_site()
    answered = {"outcome": "answered", "answered_at": NINE, "ended_at": NINE, "wait_ms": 0}
    stored(site, *(a_record(agent="Ann", external_id=f"c{n}", **answered) for n in range(3)))
    recount()
    call, agent = Call.objects.filter(site=site).first(), Agent.objects.get(site=site)
    a_sale(site, call=call, call_ref="c")
    a_sale(site, call_ref="", agent=agent, sold_on=NINE.date())
    asked = ("conversion:contacts", "conversion:answered")
    assert told_of(site, *asked, knows=KNOWS) == [2 / 3, 2 / 3]
    for one in KPIS["conversion"].variants[:2]:
        assert "sales of no call" in str(one.words)
        assert "sales of no call" in one.formula
