"""Counts of the last minutes: to the second, by the rules that quarter hours are counted by."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ccm.identity import EPOCH
from ccm.models import LiveEvent, LiveSource
from kpis.choices import Choices
from kpis.definitions import KPIS
from kpis.figures import figure
from kpis.models import KpiChoice
from kpis.reads import opening, reading
from kpis.reads.lately import WINDOWS, lately
from kpis.reads.reading import Selection, Span
from kpis.rollups import recount_dirty
from kpis.sums.counts import Counts
from kpis.untold import of_minutes
from tests.builders import NINE, a_call, a_queue, a_site, many_calls, unsaved_call
from tests.kpis.test_against_oracle import (
    WITHOUT_SHRINKING,
    Centre,
    centres,
    hang_on,
    lose_waits,
    taken_back,
    write,
)
from tests.kpis.visits import Visit, counts_of

pytestmark = pytest.mark.django_db

NOW = NINE + timedelta(minutes=7, seconds=3)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
READ = ("waits", "handling")


def a_clock(site, *changes, source="test"):
    """A source whose clock was found to be so far behind, each from a moment on."""
    LiveSource.objects.create(
        site=site, source=source, heard_at=NOW, newest_at=NOW,
        changes=[[(at - EPOCH) // SECOND, off // (SECOND / 1000)] for at, off in changes],
    )  # fmt: skip


@dataclass(frozen=True)
class Made:
    """A visit as the test made it up: when before now it entered, and what came of it."""

    before: timedelta
    queue: int
    outcome: str
    wait: int | None
    talk: int | None
    handed_on: bool


@st.composite
def contacts(draw: st.DrawFn) -> list[Made]:
    """The visits of a contact, the first of them often at the edge of a window."""
    edge = draw(st.sampled_from((0, 15, 30, 60, 61, 7 * 24 * 60)))
    beside = draw(st.sampled_from((-1000, -1, 0, 1, 999, 120_000)))
    before = timedelta(minutes=edge, milliseconds=beside)
    made = []
    for _ in range(draw(st.sampled_from((1, 1, 2, 3)))):
        outcome = draw(
            st.sampled_from(("answered", "answered", "abandoned", "timed_out", "in_progress"))
        )
        waits = outcome == "in_progress"
        made.append(
            Made(
                before,
                draw(st.integers(0, 1)),
                outcome,
                None if waits else draw(st.sampled_from((None, 0, 4, 20, 21, 900))),
                draw(st.sampled_from((None, 0, 90))) if outcome == "answered" else None,
                outcome == "answered" and draw(st.booleans()),
            )
        )
        before -= timedelta(seconds=draw(st.sampled_from((1, 60, 900))))
    return made


def reckoned(visits: Sequence[Made], came_in: Sequence[bool]) -> Counts:
    """The counts of visits, or of contacts, one by one."""
    plain = [
        Visit(one.outcome, None if one.wait is None else one.wait * 1000, transferred)
        for one, transferred in zip(visits, came_in, strict=True)
    ]
    talks = [one.talk for one in visits if one.outcome == "answered"]
    known = [talk * 1000 for talk in talks if talk is not None]
    parts = (len(talks) - len(known), len(known))
    return replace(
        counts_of(plain),
        open=None,
        talk_ms=sum(known),
        talk_n=len(known),
        handle_n=(*parts, *(0,) * 6),
        handle_ms=(0, sum(known), *(0,) * 6),
    )


def without_agents(counts: Counts) -> Counts:
    """But for how many agents answered, which is not asked for."""
    return replace(counts, several_agents=None)


def together(contact: Sequence[Made]) -> Made:
    """A contact as one visit: answered if any was, after all waits up to then; else its last."""
    answers = [one for one in contact if one.outcome == "answered"]
    if not answers:
        return replace(contact[-1], before=contact[0].before)
    until = contact[: contact.index(answers[0]) + 1]
    waits = [one.wait for one in until]
    talks = [one.talk for one in answers]
    return replace(
        answers[0],
        before=contact[0].before,
        wait=None if None in waits else sum(waits),
        talk=None if None in talks else sum(talks),
    )


# Handed on to another queue, where the caller still waits.
@example(
    many=[
        [
            Made(timedelta(minutes=5), 0, "answered", 4, 90, True),
            Made(timedelta(minutes=4), 1, "in_progress", None, None, False),
        ]
    ],
    behind=HOUR,
)
@given(
    many=st.lists(contacts(), max_size=6),
    behind=st.sampled_from([timedelta(hours=hours) for hours in (0, 1, -1, 14)]),
)
@settings(max_examples=25, phases=WITHOUT_SHRINKING)
def test_a_window_holds_what_entered_in_it_to_the_millisecond_whatever_its_clock(many, behind):
    if behind:
        # What a wrong clock cannot have told yet was told by another.
        until_now = [[one for one in contact if one.before >= -SECOND] for contact in many]
        many = [contact for contact in until_now if contact]
    with transaction.atomic():
        site = a_site()
        a_clock(site, (EPOCH, behind))
        queues = [a_queue(site), a_queue(site)]
        many_calls(
            [
                unsaved_call(
                    queues[one.queue],
                    NOW - one.before - behind,
                    outcome=one.outcome,
                    wait=one.wait,
                    talk=one.talk,
                    external_id=f"{number}-{place}",
                    linked_id=f"{number}",
                    transfer_kind="blind" if one.handed_on else "",
                )
                for number, contact in enumerate(many)
                for place, one in enumerate(contact)
            ]
        )
        read = lately([site.pk], NOW, READ)
        transaction.set_rollback(True)

    # Handed on by an earlier visit of the same contact, a visit came by a transfer.
    visits = [
        (one, any(earlier.handed_on for earlier in contact[:place]))
        for contact in many
        for place, one in enumerate(contact)
    ]
    wholes = [together(contact) for contact in many]
    for minutes in WINDOWS:
        window = timedelta(minutes=minutes)
        for number, queue in enumerate(queues):
            inside = [
                (one, transferred)
                for one, transferred in visits
                if timedelta() < one.before <= window and one.queue == number
            ]
            found = read.of(minutes, site.pk, [queue.pk])
            assert without_agents(found) == reckoned(
                [one for one, _ in inside], [came for _, came in inside]
            )
        begun = [one for one in wholes if timedelta() < one.before <= window]
        found = read.of(minutes, site.pk)
        assert without_agents(found) == reckoned(begun, [False] * len(begun))


@given(centre=centres(most_contacts=8), quarters=st.integers(1, 100))
@settings(max_examples=8, phases=WITHOUT_SHRINKING)
def test_whole_quarter_hours_are_what_a_report_tells_of_them(centre: Centre, quarters: int):
    with taken_back(centre.zone, centre.begins) as site:
        site.opening = centre.opening
        site.save()
        write(site, centre.visits, centre.alone)
        lose_waits(site, centre.visits)
        hang_on(site, centre.visits)
        recount_dirty()
        first = min((one.record["offered_at"] for one in centre.visits), default=NINE)
        now = quarter_of(first) + quarters % 9 * timedelta(minutes=15)
        read = lately([site.pk], now, needs=["open"])
        for minutes in WINDOWS:
            span = Span(now - timedelta(minutes=minutes), now)
            selection = Selection(sites=[site.pk], spans=[span])
            contacts_ = reading.counts(selection).get(None, Counts())
            assert replace(read.of(minutes, site.pk), open=None) == contacts_
            inside = opening.open_cells(selection, ("total",)) or {}
            assert (read.of(minutes, site.pk).open or Counts()) == inside.get((None,), Counts())
            by_queue = reading.counts(selection, "queue")
            for queue in site.queues.all():
                visits = replace(read.of(minutes, site.pk, [queue.pk]), open=None)
                assert visits == by_queue.get(queue.pk, Counts())


def quarter_of(moment: datetime) -> datetime:
    """The quarter hour that begins at or before a moment."""
    return moment - (moment - NINE) % timedelta(minutes=15)


def test_who_waits_is_offered_and_in_no_rate_however_long():
    queue = a_queue()
    a_call(queue, NOW - 5 * SECOND, wait=2)
    a_call(queue, NOW - 600 * SECOND, outcome="in_progress", wait=None)
    counts = lately([queue.site_id], NOW, READ).of(15, queue.site_id)
    level = figure(counts, KPIS["service_level"], None, Choices(NOW.date()), queue.site_id)
    assert (counts.offered, counts.in_progress) == (2, 1)
    assert (level.value, level.n) == (1.0, 1)


def test_a_level_now_is_made_as_was_chosen_for_its_queue():
    queue = a_queue()
    for wait in (10, 25, 40):
        a_call(queue, NOW - 300 * SECOND, wait=wait)
    KpiChoice.objects.create(
        kpi="service_level", queue=queue, variant="SL2", parameters={"threshold_seconds": 30},
        valid_from=date(2026, 1, 1),
    )  # fmt: skip
    counts = lately([queue.site_id], NOW, READ).of(30, queue.site_id, [queue.pk])
    choices = Choices(NOW.date())
    level = figure(counts, KPIS["service_level"], None, choices, queue.site_id, queue.pk)
    assert (level.variant.id, level.value, level.n) == ("SL2", pytest.approx(2 / 3), 3)


def test_sites_that_name_contacts_alike_keep_them_apart():
    here, there = a_queue(), a_queue()
    for queue in (here, there):
        a_call(queue, NOW - 60 * SECOND, external_id="c1", linked_id="c1")
    read = lately([here.site_id, there.site_id], NOW, READ)
    assert [read.of(15, queue.site_id).offered for queue in (here, there)] == [1, 1]
    assert read.of(15, here.site_id, [there.pk]) == Counts()


def test_picked_queues_are_counted_in_visits_together():
    site = a_site()
    first, second = a_queue(site), a_queue(site)
    a_call(first, NOW - 120 * SECOND, outcome="abandoned", external_id="a", linked_id="one")
    a_call(second, NOW - 60 * SECOND, external_id="b", linked_id="one")
    read = lately([site.pk], NOW, READ)
    assert read.of(15, site.pk).offered == 1
    assert read.of(15, site.pk, [first.pk, second.pk]).offered == 2


@pytest.mark.parametrize("sites", [1, 4])
def test_one_query_asks_for_all_sites(sites, django_assert_num_queries):
    queues = [a_queue() for _ in range(sites)]
    for queue in queues:
        a_clock(queue.site, (EPOCH, -HOUR))
        a_call(queue, NOW - SECOND + HOUR)
    with django_assert_num_queries(1):
        read = lately([queue.site_id for queue in queues], NOW)
    assert all(read.of(15, queue.site_id).offered == 1 for queue in queues)


def offered(queue, now, queues=None):
    read = lately([queue.site_id], now, READ)
    return [read.of(minutes, queue.site_id, queues).offered for minutes in WINDOWS]


def told(queue, at, wrote, came=None, **more):
    """A call at minutes past nine that its source wrote for `wrote`, and of which the event came
    at once or at `came`."""
    call = a_call(queue, NINE + wrote * MINUTE, **more)
    LiveEvent.objects.create(
        site=queue.site, source=call.source, event_id=str(call.pk), kind="call.offered",
        at=call.offered_at, call=call.external_id, payload={},
    )  # fmt: skip
    LiveEvent.objects.filter(event_id=str(call.pk)).update(
        received_at=NINE + (at if came is None else came) * MINUTE
    )


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_went_wrong_within_the_hour_is_put_right_for_what_it_told_since(hours):
    """Calls at 8:50, 8:58, 9:05, 9:30 and 9:45; the clock was wrong from 9:00 to 9:40. Set back, it
    told 8:05 and 8:30 a second time."""
    queue, off = a_queue(), hours * HOUR
    a_clock(queue.site, (EPOCH, 0 * HOUR), (NINE, off), (NINE + 40 * MINUTE, 0 * HOUR))
    for at in (-10, -2, 5, 30, 45):
        told(queue, at, at - 60 * hours * (0 <= at < 40))
    assert offered(queue, NINE + 46 * MINUTE) == [1, 2, 5]  # from 9:31, 9:16, 8:46
    assert offered(queue, NINE + 56 * MINUTE) == [1, 2, 4]  # from 9:41, 9:26, 8:56


def test_what_a_clock_told_before_it_was_set_back_is_not_taken_for_what_it_told_after():
    """At 9:56 the clock shows 8:56: what was written for 8:50 was told before, at 8:50."""
    queue = a_queue()
    a_clock(queue.site, (EPOCH, 0 * HOUR), (NINE, HOUR))
    told(queue, -10, -10)
    told(queue, 50, -10, external_id="since")
    assert offered(queue, NINE + 56 * MINUTE) == [1, 1, 1]


def test_each_source_of_a_site_is_put_right_by_its_own_clock():
    """Contacts of the two that are named alike are two."""
    queue = a_queue()
    a_clock(queue.site, (EPOCH, HOUR), source="slow")
    a_clock(queue.site, (EPOCH, timedelta(seconds=2)), source="right")
    for source, off in (("slow", HOUR), ("right", 0 * HOUR), ("never heard of", 0 * HOUR)):
        for minutes in (14, 16):
            a_call(
                queue, NOW - minutes * MINUTE - off, source=source,
                external_id=f"{source}-{minutes}", linked_id=f"{minutes}",
            )  # fmt: skip
    assert offered(queue, NOW) == offered(queue, NOW, [queue.pk]) == [3, 6, 6]


def test_in_the_first_hour_of_a_day_a_call_is_of_the_day_and_the_hours_that_it_came_in():
    """A quarter past midnight on Tuesday, when the site has just opened. The source's clock is an
    hour behind, so all it told is of Monday."""
    site = a_site(zone="Europe/London")
    site.opening = {"1": [["00:00", "12:00"]]}
    site.save()
    queue, midnight = a_queue(site), datetime(2026, 5, 4, 23, tzinfo=UTC)
    a_clock(site, (EPOCH, HOUR))
    for minutes in (-20, 2, 10):
        a_call(queue, midnight + minutes * MINUTE - HOUR)
    read = lately([site.pk], midnight + 15 * MINUTE, READ, ["open"])
    counts = [read.of(minutes, site.pk) for minutes in WINDOWS]
    assert [one.offered for one in counts] == [2, 2, 3]
    assert [one.open.offered for one in counts] == [2, 2, 2]


def test_there_is_no_window_but_those_of_the_walls():
    with pytest.raises(ValueError, match="no window of 45 minutes"):
        lately([], NOW).of(45, 1)


def test_every_kpi_is_told_of_the_last_minutes_or_says_why_not():
    queue = a_queue()
    a_call(queue, NOW - 60 * SECOND)
    counts = lately([queue.site_id], NOW).of(60, queue.site_id)
    choices = Choices(NOW.date())
    told = {
        name: figure(counts, kpi, None, choices, queue.site_id, untold=of_minutes())
        for name, kpi in KPIS.items()
    }
    assert {"service_level", "abandon_rate", "asa", "aht", "offered", "answered", "csat"} <= {
        name for name, one in told.items() if not one.is_untold
    }
    assert {"fcr", "occupancy", "cost_per_call"} <= {
        name for name, one in told.items() if one.is_untold
    }
    assert told["fcr"].reason == (
        "this is not told of the last minutes: who came again is known once days have passed"
    )
    assert all(one.reason for one in told.values() if one.is_untold)
