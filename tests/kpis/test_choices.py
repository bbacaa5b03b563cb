"""Which definition holds: the narrowest scope, then the newest date; each day by its own.

One morning of a queue, T = 20 s: 8 answered after 10 s, 2 answered after 25 s, 2 given up after
15 s and 3 after 30 s. SL2 = 8 / 10, SL3 = 8 / 15, SL4 = 8 / 13; with T = 30 s SL3 = 10 / 15.
"""

from datetime import date, timedelta

import pytest

from kpis import report, rollups
from kpis.choices import Choices
from kpis.definitions import KPIS
from kpis.models import KpiChoice
from kpis.report import Question
from tests.builders import NINE, a_call, a_queue, a_site

pytestmark = pytest.mark.django_db

LEVEL = KPIS["service_level"]
MONDAY = NINE.date()


def chosen(variant="", on=date(2026, 1, 1), site=None, queue=None, **parameters):
    return KpiChoice.objects.create(
        kpi="service_level", variant=variant, parameters=parameters, valid_from=on,
        site=site or (queue and queue.site), queue=queue,
    )  # fmt: skip


def in_force(day, site=None, queue=None):
    """Variant and threshold in force on a day."""
    variant, parameters = Choices(day).of(
        LEVEL, None if site is None else site.pk, None if queue is None else queue.pk
    )
    return variant.id, parameters.threshold_seconds


def a_morning(queue, at=NINE):
    for wait in (10,) * 8 + (25,) * 2:
        a_call(queue, at, wait=wait)
    for wait in (15,) * 2 + (30,) * 3:
        a_call(queue, at, wait=wait, outcome="abandoned")


def test_the_narrowest_scope_wins_and_there_the_newest_date():
    site, other = a_site(), a_site()
    sales = a_queue(site)
    day = date(2026, 3, 2)
    assert in_force(day, site, sales) == ("SL4", 20)  # nobody chose
    chosen("SL1", threshold_seconds=30)
    chosen("SL2", date(2026, 3, 1), site=site)
    chosen("SL3", date(2026, 2, 1), queue=sales, threshold_seconds=60)
    chosen("SL5", date(2026, 3, 2), queue=sales, threshold_seconds=10)
    chosen("SL7", date(2026, 3, 3), queue=sales)
    assert in_force(day) == ("SL1", 30)
    assert in_force(day, other) == ("SL1", 30)
    assert in_force(day, site) == ("SL2", 30)  # which says no threshold: that of all
    assert in_force(day, site, a_queue(site)) == ("SL2", 30)
    assert in_force(day, site, sales) == ("SL5", 10)
    assert in_force(date(2026, 3, 1), site, sales) == ("SL3", 60)
    assert in_force(date(2026, 3, 3), site, sales) == ("SL7", 30)
    assert in_force(date(2025, 12, 31), site, sales) == ("SL4", 20)


def test_a_choice_that_says_nothing_ends_the_one_before_it():
    site = a_site()
    chosen("SL2")
    chosen("SL3", date(2026, 2, 1), site=site, threshold_seconds=60)
    chosen("", date(2026, 3, 1), site=site)
    assert in_force(date(2026, 2, 28), site) == ("SL3", 60)
    assert in_force(date(2026, 3, 1), site) == ("SL2", 20)


def test_earlier_days_are_known_without_another_query(django_assert_num_queries):
    site = a_site()
    chosen("SL2", date(2026, 2, 1))
    with django_assert_num_queries(2):
        choices = Choices(date(2026, 3, 2))
        days = [date(2026, 1, 31), date(2026, 2, 1), date(2026, 3, 9)]
        assert [choices.at(day).of(LEVEL, site.pk)[0].id for day in days] == ["SL4", "SL2", "SL2"]


def test_a_change_is_a_day_from_which_this_scope_is_made_otherwise():
    site = a_site()
    sales, support = a_queue(site), a_queue(site)
    chosen("SL3", date(2026, 2, 1))
    chosen("SL3", date(2026, 2, 10), site=site)  # the same as for all
    chosen("SL2", date(2026, 2, 15), queue=sales)
    chosen("SL2", date(2026, 2, 20), queue=sales, short_abandon_seconds=9)  # SL2 reads no such
    chosen("SL3", date(2026, 3, 1), threshold_seconds=30)
    choices = Choices(date(2026, 3, 2))

    def days(first, *scope):
        return [
            (one.day.isoformat()[5:], one.variant.id)
            for one in choices.changes(LEVEL, first, *scope)
        ]

    january = date(2026, 1, 1)
    assert days(january) == [("02-01", "SL3"), ("03-01", "SL3")]
    assert days(january, site.pk, support.pk) == [("02-01", "SL3"), ("03-01", "SL3")]
    assert days(january, site.pk, sales.pk) == [
        ("02-01", "SL3"), ("02-15", "SL2"), ("03-01", "SL2"),
    ]  # fmt: skip
    # A period that begins with the change shows no other definition: there is nothing to mark.
    assert days(date(2026, 3, 1)) == []


def level(site, by, first, last, asked="service_level"):
    question = Question(sites=[site], first=first, last=last, by=by, kpis=[asked])
    return [
        (row.figures[asked].variant.id, row.figures[asked].value) for row in report.answer(question)
    ]


def test_each_day_is_by_its_own_definition_and_a_span_by_that_of_its_last_day():
    site = a_site()
    queue = a_queue(site)
    tuesday = MONDAY + timedelta(days=1)
    a_morning(queue)
    a_morning(queue, NINE + timedelta(days=1))
    rollups.rebuild()
    chosen("SL3", tuesday, threshold_seconds=30)
    days = [("SL4", 8 / 13), ("SL3", 10 / 15)]
    assert level(site, "day", MONDAY, tuesday) == days
    assert level(site, "interval", MONDAY, tuesday) == days
    assert level(site, "total", MONDAY, tuesday) == [("SL3", 20 / 30)]
    assert level(site, "queue", MONDAY, tuesday) == [("SL3", 20 / 30)]
    assert level(site, "total", MONDAY, MONDAY) == [("SL4", 8 / 13)]
    # Asked for by its name, it is that one on each day, with the parameters of the day.
    assert level(site, "day", MONDAY, tuesday, "service_level:SL2") == [
        ("SL2", 8 / 10), ("SL2", 10 / 10),
    ]  # fmt: skip


def test_queues_of_several_sites_are_each_by_what_holds_at_its_own():
    leeds, york = a_site(), a_site()
    sales, claims, renewals = a_queue(leeds, "Sales"), a_queue(york, "A"), a_queue(york, "B")
    for queue in (sales, claims, renewals):
        a_morning(queue)
    rollups.rebuild()
    chosen("SL3", site=york)
    chosen("SL2", queue=renewals)

    def by(what):
        question = Question([leeds, york], MONDAY, MONDAY, what, kpis=["service_level"])
        rows = report.answer(question)
        return {row.name: row.figures["service_level"].variant.id for row in rows}

    assert by("queue") == {"Sales": "SL4", "A": "SL3", "B": "SL2"}
    assert by("site") == {leeds.name: "SL4", york.name: "SL3"}
    assert by("total") == {"Total": "SL4"}


def test_a_quarter_hour_is_of_the_day_at_the_site():
    """Of 23:30 UTC on Monday, half past eight on Tuesday morning in Tokyo."""
    site = a_site(zone="Asia/Tokyo")
    a_morning(a_queue(site), NINE.replace(hour=23, minute=30))
    rollups.rebuild()
    tuesday = MONDAY + timedelta(days=1)
    chosen("SL2", tuesday)
    assert level(site, "interval", tuesday, tuesday) == [("SL2", 8 / 10)]


def test_what_is_chosen_for_a_day_long_past_is_so_at_once():
    site = a_site()
    a_morning(a_queue(site))
    rollups.rebuild()
    assert level(site, "day", MONDAY, MONDAY) == [("SL4", 8 / 13)]
    chosen("SL3", MONDAY - timedelta(days=400))
    assert level(site, "day", MONDAY, MONDAY) == [("SL3", 8 / 15)]
