"""How far each queue is known: as far as the sources reach that tell of its calls."""

from datetime import UTC, datetime, timedelta

import pytest

from ccm.models import ImportBatch, Job, LiveSource
from kpis import rollups
from kpis.reads import reach
from kpis.reads.reach import Told
from tests.builders import a_call, a_queue, a_site

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def told(first, last):
    """From so many days before noon to so many."""
    return Told(NOON - first * DAY, NOON - last * DAY)


def known(told_of, **reaches):
    """How many days before noon a queue is known, of a site that is known to noon."""
    found = reach.until(told_of, {name: NOON - far * DAY for name, far in reaches.items()}, NOON)
    return (NOON - found) / DAY


def test_a_queue_is_known_as_far_as_its_source_reaches():
    assert known({"nightly": told(60, 3)}, nightly=3, live=0) == 3


def test_a_queue_without_calls_whose_source_goes_on_is_known():
    """Closed for two months, the switch tells of other queues."""
    assert known({"live": told(90, 60)}, live=0) == 0


def test_of_two_sources_side_by_side_the_one_that_lags_says_how_far():
    assert known({"live": told(70, 0), "weekly": told(70, 5)}, live=0, weekly=5) == 5


def test_a_source_that_another_followed_is_over():
    """The switch was changed twenty days ago, with two days of both."""
    assert known({"old": told(70, 20), "new": told(22, 1)}, old=20, new=1) == 1


def test_a_source_that_is_silent_for_nine_weeks_has_stopped_and_its_queue_has_no_calls():
    alone = {"old": told(140, 62)}
    assert known(alone, old=62, live=0) == 62
    assert known(alone, old=64, live=0) == 0


@pytest.mark.django_db
def test_sources_are_told_by_calls_imports_and_what_is_heard():
    site = a_site()
    live, nightly, shut, idle = (a_queue(site, one) for one in ("L", "N", "S", "I"))
    for queue, source, days in (
        (live, "pbx", 0.1), (nightly, "files", 2), (shut, "pbx", 40), (shut, "pbx", 45),
    ):  # fmt: skip
        a_call(queue, NOON - days * DAY, wait=0, talk=0, source=source)
    rollups.rebuild()
    found = reach.of_queues(site)
    assert idle.pk not in found
    assert found[live.pk] == found[shut.pk] == NOON - 0.1 * DAY
    assert found[nightly.pk] == NOON - 2 * DAY
    # A later import of the same source had calls on no queue of these.
    batch = ImportBatch.objects.create(
        job=Job.objects.create(kind="import"), site=site, format="x", source="files",
        last_at=NOON - 1 * DAY,
    )  # fmt: skip
    assert reach.of_queues(site)[nightly.pk] == NOON - 1 * DAY
    batch.undone_at = NOON
    batch.save()
    assert reach.of_queues(site)[nightly.pk] == NOON - 2 * DAY
    # The live one said something just now, though nobody called.
    LiveSource.objects.create(site=site, source="pbx", heard_at=NOON, newest_at=NOON)
    found = reach.of_queues(site)
    assert (found[live.pk], found[nightly.pk]) == (NOON, NOON - 2 * DAY)
    assert reach.of_sites([site.pk]) == {site.pk: NOON}


@pytest.mark.django_db
def test_of_a_site_without_a_record_nothing_is_told(django_assert_num_queries):
    site = a_site()
    a_queue(site)
    assert reach.of_queues(site) == {}
    assert reach.of_sites([site.pk]) == {}


@pytest.mark.django_db
@pytest.mark.parametrize("queues", [1, 8])
def test_it_is_two_queries_of_one_queue_as_of_eight(queues, django_assert_num_queries):
    site = a_site()
    for _number in range(queues):
        a_call(a_queue(site), NOON - DAY)
    rollups.rebuild()
    with django_assert_num_queries(2):
        assert len(reach.of_queues(site)) == queues
