"""What `tests.heavy.oracle` has pytest run, which brings servers and a database."""

import os
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ccm.demo import load
from ccm.models import Site
from kpis.models import KpiChoice
from tests.kpis.test_against_oracle import Centre, centres, elsewhere
from tests.kpis.test_against_polars import (
    BOOKS,
    CALLERS,
    MATTERS,
    PAUSES,
    SWITCHES,
    Books,
    compared,
    compared_books,
    compared_callers,
    compared_time,
    open_centres,
    recount,
)
from tests.oracle.polars_against import (
    Compared,
    TimeScope,
    compare,
    compare_matters,
    compare_money,
    compare_people,
    compare_repeats,
    compare_time,
)
from tests.oracle.polars_oracle import Scope, Switches, Time
from tests.oracle.polars_repeats import Matter
from tests.oracle.polars_rows import raw

pytestmark = pytest.mark.django_db
__all__ = ["elsewhere"]

NOW = datetime(2026, 6, 10, 15, 0, tzinfo=UTC)
MOST_SHOWN, SHOWN_OF_A_PART = 200, 20


def finish(done: Compared, what: str) -> None:
    print(f"\n{what}: {done.cells:,} cells, {len(done.found)} differ; {done.open:,} left open")
    print(*done.found[:MOST_SHOWN], sep="\n")
    assert done.found == []


def test_made_up_centres(elsewhere: None) -> None:
    done, number = Compared(), int(os.environ["ORACLE_CENTRES"])

    @settings(
        max_examples=number, phases=(Phase.generate,), deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(open_centres(), SWITCHES)
    def one(centre: Centre, switches: Switches) -> None:
        done.add(compared(centre, switches))

    one()
    finish(done, f"{number} centres")


def test_who_came_again(elsewhere: None) -> None:
    done, number = Compared(), int(os.environ["ORACLE_CENTRES"])

    @settings(
        max_examples=number, phases=(Phase.generate,), deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(centres(), CALLERS, MATTERS, st.integers(1, 2))
    def one(centre: Centre, callers: list[int], matter: Matter, days: int) -> None:
        done.add(compared_callers(centre, callers, matter, days))

    one()
    finish(done, f"{number} centres with callers")


def test_agents_time(elsewhere: None) -> None:
    done, number = Compared(), int(os.environ["ORACLE_CENTRES"])

    @settings(
        max_examples=number, phases=(Phase.generate,), deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(centres(), PAUSES)
    def one(centre: Centre, pauses: list[tuple[int, int]]) -> None:
        done.add(compared_time(centre, pauses))

    one()
    finish(done, f"{number} centres with agents' time")


def test_money_and_people(elsewhere: None) -> None:
    done, number = Compared(), int(os.environ["ORACLE_CENTRES"])

    @settings(
        max_examples=number, phases=(Phase.generate,), deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(centres(), BOOKS)
    def one(centre: Centre, books: Books) -> None:
        done.add(compared_books(centre, books))

    one()
    finish(done, f"{number} centres with money and people")


# As `callcenter demo` makes it: all there is of its days and agents.
WHOLE = load.Wanted(seed=1, days=90, agents=120)
DAY = timedelta(days=1)
# Quarter hours are compared so many days at a time, and those of agents on the last of them.
DAYS_AT_A_TIME, DAYS_OF_AGENTS = 15, 3
WINDOW_DAYS = 7
WATCHED = timedelta(days=31)
BY_DAYS: list[tuple[Scope, Time]] = [
    (scope, time) for scope in ("site", "queue", "agent") for time in ("total", "day")
]


@pytest.mark.usefixtures("nothing_sent")
def test_the_demo_centre() -> None:
    asked = os.environ["ORACLE_DEMO_DAYS"]
    wanted = WHOLE if asked == "whole" else load.Wanted(seed=1, days=int(asked), agents=60)
    load.load(wanted, NOW)
    recount()
    done = Compared()
    for site in Site.objects.filter(slug__in=[one.slug for one in load.SITES]):
        done.add(of_demo(site, wanted.days))
    # Of a site, any contact of a caller is of the same matter where that is chosen.
    choose_any_matter()
    for site in Site.objects.filter(slug__in=[one.slug for one in load.SITES]):
        first, last = days_of(site, wanted.days)
        part = compare_repeats(site, first, last, "any", WINDOW_DAYS)
        tell(site, "who came again, any matter", part)
        done.add(part)
    finish(done, f"{asked} days of the demo centre")


def days_of(site: Site, days: int) -> tuple[date, date]:
    today = NOW.astimezone(site.tz).date()
    return today - days * DAY, today


def of_demo(site: Site, days: int) -> Compared:
    """All there is of a site of the demo. Agents' time is told of whole days that are over."""
    first, today = days_of(site, days)
    rows, yesterday = raw(site), today - DAY
    few = max(first, today - (DAYS_OF_AGENTS - 1) * DAY)
    done = Compared()

    def add(what: str, part: Compared) -> None:
        tell(site, what, part)
        done.add(part)

    add("calls by day", compare(site, first, today, views=BY_DAYS, rows=rows))
    quarters = Compared()
    for n in range(0, days + 1, DAYS_AT_A_TIME):
        begin = first + n * DAY
        end = min(begin + (DAYS_AT_A_TIME - 1) * DAY, today)
        views: list[tuple[Scope, Time]] = [("site", "quarter"), ("queue", "quarter")]
        quarters.add(compare(site, begin, end, views=views, rows=rows))
    add("calls by quarter hour", quarters)
    add(
        "calls of agents by quarter hour",
        compare(site, few, today, views=[("agent", "quarter")], rows=rows),
    )
    add(
        "who came again, on a queue",
        compare_repeats(site, first, today, "queue", WINDOW_DAYS, rows=rows),
    )
    # Whether a matter was resolved is known of all that were watched as long as any.
    watched = max(first, today - WATCHED)
    matters = compare_matters(site, watched, today, "queue", rows=rows)
    if first < watched:
        matters.add(compare_matters(site, first, watched - DAY, "queue", rows=rows))
    add("matters of a queue", matters)
    # What is paid is known once a day is over.
    money = compare_money(site, first, yesterday, rows=rows)
    money.add(compare_money(site, today, today, rows=rows))
    add("money", money)
    add("people", compare_people(site, first, today, rows=rows))
    choice = KpiChoice.objects.filter(kpi="utilisation").last()
    productive = tuple(choice.parameters["productive_pauses"].split(", ")) if choice else ()
    time_views: list[tuple[TimeScope, Time]] = [
        ("site", "total"), ("site", "day"), ("site", "quarter"), ("agent", "total"),
        ("agent", "day"),
    ]  # fmt: skip
    of_time = partial(compare_time, site, last=yesterday, productive=productive, rows=rows)
    add("agents' time", of_time(first=first, views=time_views))
    add(
        "agents' time by quarter hour",
        of_time(first=min(few, yesterday), views=[("agent", "quarter")]),
    )
    return done


def choose_any_matter() -> None:
    parameters = {"window_days": WINDOW_DAYS, "matter": "any"}
    KpiChoice.objects.create(kpi="fcr", parameters=parameters, valid_from=date(2000, 1, 1))


def tell(site: Site, what: str, part: Compared) -> None:
    """One part as soon as it is done: a run of the whole takes long."""
    found = f"{len(part.found):,} differ; {part.open:,} left open"
    print(f"\n{site.name}, {what}: {part.cells:,} cells, {found}", flush=True)
    print(*part.found[:SHOWN_OF_A_PART], sep="\n", flush=True)
