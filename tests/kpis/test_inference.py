"""Intervals and changes of a report's figures, from what each day or agent brings to them."""

import math
from datetime import date, timedelta

import pytest

from ccm.models import Call, SurveyResponse
from kpis import inference, rollups
from kpis.noise import Change, Interval
from kpis.reads import reading
from kpis.reads.reading import Selection
from kpis.report import Question, answer
from tests import once
from tests.builders import NINE, a_call, a_queue, a_site, an_agent

pytestmark = pytest.mark.django_db

FIRST = NINE.date()
EIGHT_DAYS = (FIRST, FIRST + timedelta(days=7))
EIGHT_LATER = (FIRST + timedelta(days=8), FIRST + timedelta(days=15))


def served(queue, first, within, calls=10):
    """Eight days of ten calls each, of which in turn so many are answered within 20 s."""
    for number in range(8):
        day = NINE + timedelta(days=(first - FIRST).days + number)
        for call in range(calls):
            wait = 10 if call < within[number % 2] else 30
            a_call(queue, day + timedelta(minutes=call), wait=wait)


def asked(site, span, **more):
    return Question(sites=[site], first=span[0], last=span[1], **more)


@once.fixture
def queue():
    """A queue with 7 of 10 within 20 s for eight days, then 6 of 10, each day one call off."""
    queue = a_queue(a_site())
    served(queue, EIGHT_DAYS[0], (6, 8))
    served(queue, EIGHT_LATER[0], (5, 7))
    rollups.rebuild()
    return queue


# t(7) = 2.365, t(14) = 2.145: printed tables.
VARIANCE = 8 / 7 * 8 / 80**2


@pytest.mark.parametrize("by", ["total", "site", "queue"])
def test_a_service_levels_interval_has_the_day_as_its_cluster(queue, by):
    question = asked(queue.site, EIGHT_DAYS, by=by, kpis=["service_level"])
    ((_row, found),) = inference.intervals(question).items()
    reach = 2.365 * math.sqrt(VARIANCE)
    level = found["service_level"]
    assert (level.value, level.low, level.high) == (
        0.7, pytest.approx(0.7 - reach, abs=1e-4), pytest.approx(0.7 + reach, abs=1e-4),
    )  # fmt: skip


@pytest.mark.parametrize("by", ["total", "site", "queue"])
def test_a_change_of_the_service_level_is_told_from_noise(queue, by):
    question = asked(queue.site, EIGHT_LATER, by=by, kpis=["service_level", "offered"])
    ((_row, found),) = inference.compare(question, *EIGHT_DAYS).items()
    level = found["service_level"]
    reach = 2.145 * math.sqrt(2 * VARIANCE)
    assert (level.now, level.before, level.direction) == (0.6, 0.7, "noise")
    assert level.difference.low == pytest.approx(-0.1 - reach, abs=1e-4)
    assert 0.05 < level.p < 0.10
    # A count has no interval: 80 is 80.
    assert found["offered"] == Change(80, 80)


def test_a_week_is_too_short_to_tell(queue):
    question = asked(queue.site, (EIGHT_LATER[0], EIGHT_LATER[0] + timedelta(days=6)))
    found = inference.compare(question, *EIGHT_DAYS)[None]["service_level"]
    assert (found.direction, found.p) == ("unknown", None)
    assert found.now is not None


def test_a_row_of_one_span_alone_has_no_change(queue):
    new = a_queue(queue.site)
    served(new, EIGHT_LATER[0], (5, 7))
    rollups.rebuild()
    question = asked(queue.site, EIGHT_LATER, by="queue", kpis=["service_level"])
    found = inference.compare(question, *EIGHT_DAYS)
    assert found[new.pk]["service_level"] == Change(0.6, None)
    assert found[queue.pk]["service_level"].direction == "noise"


def test_rows_by_day_are_not_compared(queue):
    with pytest.raises(ValueError, match="by day"):
        inference.intervals(asked(queue.site, EIGHT_DAYS, by="day"))


def rated(queue, agent, scores, kind="csat", scale=(1, 5)):
    for number, score in enumerate(scores):
        call = a_call(queue, NINE + timedelta(minutes=number), agent=agent)
        SurveyResponse.objects.create(
            id=call.pk, source="test", call=call, site=queue.site, queue=queue, agent=agent,
            kind=kind, scale_min=scale[0], scale_max=scale[1], score=score, answered_at=NINE,
        )  # fmt: skip


def test_days_on_which_nobody_was_asked_are_in_the_interval_of_a_response_rate(queue):
    """Of ten a day one answered, but for the second and the last day: 6 of 80."""
    for number in (0, 2, 3, 4, 5, 6):
        call = Call.objects.filter(offered_at__date=FIRST + timedelta(days=number)).first()
        SurveyResponse.objects.create(
            id=call.pk, source="test", call=call, site=queue.site, queue=queue, kind="csat",
            scale_min=1, scale_max=5, score=5, answered_at=call.offered_at,
        )  # fmt: skip
    rollups.rebuild()
    question = asked(queue.site, EIGHT_DAYS, kpis=["csat_response"])
    ((_row, found),) = inference.intervals(question).items()
    # Six days 2.5 points above, two 7.5 below; t(7) = 2.365.
    reach = 2.365 * math.sqrt(8 / 7 * (6 * 0.25**2 + 2 * 0.75**2)) / 80
    level = found["csat_response"]
    assert (level.value, level.high) == (0.075, pytest.approx(0.075 + reach, abs=1e-4))


def test_satisfaction_pooled_over_agents_is_less_sure_than_that_of_one():
    """Ann has 10 good of 10, Bob none of 10: 20 answers that are worth one (test_changes)."""
    queue = a_queue(a_site())
    ann, bob = (an_agent(queue.site) for _ in range(2))
    rated(queue, ann, [5] * 10)
    rated(queue, bob, [1] * 10)
    rollups.rebuild()
    day = (FIRST, FIRST)
    pooled = inference.intervals(asked(queue.site, day, kpis=["csat"]))[None]["csat"]
    assert pooled.value == 0.5
    assert pooled.high - pooled.low == pytest.approx(0.997, abs=1e-3)
    own = inference.intervals(asked(queue.site, day, by="agent", kpis=["csat", "csat:C2"]))
    # Wilson for 10 of 10: 1 / (1 + 1.96 ** 2 / 10) = 0.7225 to 1.
    assert own[ann.pk]["csat"] == Interval(1.0, pytest.approx(0.7225, abs=1e-4), pytest.approx(1.0))
    assert own[ann.pk]["csat:C2"] is None


def test_a_net_scores_bad_answers_reach_its_interval():
    queue = a_queue(a_site())
    rated(queue, an_agent(queue.site), [10, 10, 10, 8, 0], kind="nps", scale=(0, 10))
    rollups.rebuild()
    found = inference.intervals(asked(queue.site, (FIRST, FIRST), kpis=["nps"]))[None]["nps"]
    # Three good, one bad of five: 3.75 / 8 and 1.75 / 8 (Bonett & Price 2012).
    middle = (3.75 - 1.75) / 8
    reach = 1.96 * math.sqrt((5.5 / 8 - middle**2) / 8)
    assert found.value == pytest.approx(0.4)
    assert found.low == pytest.approx(middle - reach, abs=1e-4)
    assert found.high == pytest.approx(middle + reach, abs=1e-4)


def test_occupancy_without_states_has_no_interval(queue):
    found = inference.intervals(asked(queue.site, EIGHT_DAYS, kpis=["occupancy"]))
    assert found == {None: {"occupancy": None}}


@pytest.mark.parametrize("by", ["total", "queue"])
@pytest.mark.parametrize("queues", [1, 6])
def test_comparing_asks_the_same_of_one_queue_as_of_six(django_assert_num_queries, by, queues):
    site = a_site()
    for _ in range(queues):
        queue = a_queue(site)
        for at in (NINE, NINE + timedelta(days=8)):
            a_call(queue, at)
    rollups.rebuild()
    question = asked(site, EIGHT_LATER, by=by, kpis=["service_level", "csat"])
    names = 0 if by == "total" else 2
    # Definitions and targets; of each span the figures, their days, their agents (and names).
    with django_assert_num_queries(2 + 2 * 3 + names):
        inference.compare(question, *EIGHT_DAYS)


def test_cells_add_up_to_the_counts_they_are_cells_of(queue):
    selection = Selection([queue.site_id], *EIGHT_DAYS, queues=[queue.pk])
    whole = reading.counts(selection, "total")[None]
    cells = reading.cells(selection, ("queue", "day"))
    assert set(cells) == {(queue.pk, FIRST + timedelta(days=number)) for number in range(8)}
    assert sum(one.offered for one in cells.values()) == whole.offered == 80
    some = reading.cells(selection, ("day",), only=("offered", "answered_wait_ms"))
    assert sum(one.answered_wait_ms for one in some.values()) == whole.answered_wait_ms
    assert some[(date(2026, 3, 2),)].answered == 0  # not asked for
    with pytest.raises(ValueError, match="no sums: wait_hist"):
        reading.cells(selection, ("day",), only=("wait_hist",))


def test_intervals_are_of_the_figures_that_the_report_answers_with(queue):
    """Of figures whose days differ: one caller gave up, another was passed on after longer talk."""
    for more in ({"outcome": "abandoned"}, {"talk": 300, "transfer_kind": "blind"}):
        a_call(queue, NINE, **more)
    rollups.rebuild()
    question = asked(queue.site, EIGHT_DAYS)
    (row,) = answer(question)
    found = inference.intervals(question)[None]
    told = {words: one for words, one in found.items() if one is not None}
    assert {"service_level", "abandon_rate", "asa", "aht", "talk", "transfer_rate"} <= set(told)
    for words, one in told.items():
        assert one.value == pytest.approx(row.figures[words].value), words
