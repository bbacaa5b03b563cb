"""What `tests.heavy.oracle` has pytest run, which brings servers and a database."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ccm.demo import load
from ccm.models import Site
from tests.kpis.test_against_oracle import Centre, centres, elsewhere
from tests.kpis.test_against_polars import (
    CALLERS,
    MATTERS,
    PAUSES,
    SWITCHES,
    compared,
    compared_callers,
    compared_time,
    open_centres,
    recount,
)
from tests.oracle.polars_against import Compared, compare
from tests.oracle.polars_oracle import Switches
from tests.oracle.polars_repeats import Matter

pytestmark = pytest.mark.django_db
__all__ = ["elsewhere"]

NOW = datetime(2026, 6, 10, 15, 0, tzinfo=UTC)
MOST_SHOWN = 200


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


@pytest.mark.usefixtures("nothing_sent")
def test_the_demo_centre() -> None:
    days = int(os.environ["ORACLE_DEMO_DAYS"])
    load.load(load.Wanted(seed=1, days=days, agents=60), NOW)
    recount()
    done = Compared()
    for site in Site.objects.filter(slug__in=[one.slug for one in load.SITES]):
        done.add(compare(site, (NOW - timedelta(days=days)).date(), NOW.date()))
    finish(done, f"{days} days of the demo centre")
