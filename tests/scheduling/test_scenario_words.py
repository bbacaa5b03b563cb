"""What stands in a field of a scenario that was left empty."""

import pytest

from scheduling.models import Scenario
from scheduling.scenarios.record import Record
from scheduling.views.scenarios import _known


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.005382, "known: 0.54"),
        (0.02, "known: 2"),
        (0.1, "known: 10"),
        (0.0000049, "known: 0"),
    ],
)
def test_a_share_that_is_known_is_rounded_as_people_type_it(share, words):
    assert _known(Scenario(is_base=True), None, Record(attrition=share))["attrition"] == words


def test_numbers_are_whole_where_they_are():
    known = _known(Scenario(is_base=True), None, Record(fte=1200.0, paid_hours=146.25))
    assert (known["fte"], known["paid_hours"]) == ("known: 1200", "known: 146.25")
