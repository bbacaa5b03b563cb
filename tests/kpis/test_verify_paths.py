"""The second path against what pages show, on small made-up centres."""

from datetime import date

import pytest
from django.db import connection
from hypothesis import given, settings

from kpis.second import compare, paths, views
from kpis.second.paths import Stretch
from tests.kpis.test_against_oracle import (
    WITHOUT_SHRINKING,
    Centre,
    centres,
    elsewhere,
    lose_waits,
    recount,
    taken_back,
    write,
)

pytestmark = pytest.mark.django_db
__all__ = ["elsewhere"]


def differing(site, first: date, last: date) -> list[compare.Difference]:
    stretch = Stretch(site, first, last)
    found = []
    with connection.cursor() as cursor:
        paths.lay_out(cursor, stretch)
        second = paths.second(cursor, stretch)
        for day in paths.days_told(site):
            if first <= day <= last:
                found += compare.differences(paths.shown(site, day), second.get(day, {}))
        paths.clear(cursor)
    return found


@settings(max_examples=25, phases=WITHOUT_SHRINKING)
@given(centres())
def test_every_cell_of_a_random_centre_is_the_same_both_ways(centre: Centre) -> None:
    with taken_back(centre.zone) as site:
        write(site, centre.visits, centre.alone)
        lose_waits(centre.visits)
        recount()
        assert differing(site, *centre.span()) == []


def test_views_are_there():
    assert views.there()
