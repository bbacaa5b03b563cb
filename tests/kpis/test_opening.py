"""Figures of opening hours alone: which quarter hours those are, and where they are shown."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from kpis import rollups
from kpis.choices import Choices
from kpis.models import KpiChoice
from kpis.passports import listing, passport
from kpis.passports.listing import ALL, DENOMINATOR, LEFT_OUT, Narrowed
from kpis.passports.passport import Scope
from kpis.report import Question, answer
from kpis.walls.frames import frame
from tests.builders import a_board, a_record, a_site, a_user, stored

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 3, 2)
SUNDAY = date(2026, 3, 1)
BERLIN = ZoneInfo("Europe/Berlin")
OPENING = {str(weekday): [["09:10", "12:00"], ["13:00", "17:10"]] for weekday in range(5)}
OUTSIDE = "outside opening hours, or counted by the day alone"


def at(clock, day=MONDAY):
    hour, minute = map(int, clock.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BERLIN)


def a_week(*calls):
    """A site open on weekdays, whose queue Night is open from eight in the evening, and calls:
    (clock, wait in seconds[, queue[, day]])."""
    site = a_site(zone="Europe/Berlin")
    records = []
    for number, (clock, wait, *more) in enumerate(calls):
        queue, day = (*more, *("Sales", MONDAY)[len(more) :])
        begins = at(clock, day)
        records.append(
            a_record(
                begins,
                external_id=f"c{number}",
                linked_id=f"c{number}",
                queue=queue,
                outcome="answered",
                agent="Ann",
                answered_at=begins + timedelta(seconds=wait),
                wait_ms=wait * 1000,
                talk_ms=1000,
            )
        )
    stored(site, *records)
    site.opening = OPENING
    site.save()
    site.queues.filter(name="Night").update(hours={"0": [["20:00", "24:00"]]})
    rollups.rebuild()
    return site


def in_hours(kpi="asa", **scope):
    KpiChoice.objects.create(
        kpi=kpi, parameters={"business_hours": True}, valid_from=SUNDAY, **scope
    )


def told(site, by="total", asked="asa", **more):
    question = Question(sites=[site], first=SUNDAY, last=MONDAY, by=by, kpis=[asked], **more)
    return {row.name: (row.figures[asked].value, row.figures[asked].n) for row in answer(question)}


EDGES = (
    ("09:05", 1),
    ("09:14", 2),  # open since 9:10, but its quarter hour began before
    ("09:15", 4),
    ("12:00", 8),
    ("13:00", 16),
    ("17:14", 32),  # closed since 17:10, but its quarter hour began before
    ("17:15", 64),
    ("10:00", 128, "Sales", SUNDAY),
)


def test_a_quarter_hour_counts_where_it_begins_within_the_hours():
    site = a_week(*EDGES)
    assert told(site) == {"Total": (255 / 8, 8)}
    in_hours()
    assert told(site) == {"Total": (52 / 3, 3)}
    assert told(site, "day") == {"2026-03-01": (None, 0), "2026-03-02": (52 / 3, 3)}
    by_quarter = told(site, "interval")
    assert {start: n for start, (_, n) in by_quarter.items() if n} == {
        "2 Mar 2026 09:15": 1,
        "2 Mar 2026 13:00": 1,
        "2 Mar 2026 17:00": 1,
    }
    assert len(by_quarter) == 7  # of nine o'clock two


def test_a_queue_has_hours_of_its_own_and_the_contacts_of_a_site_have_the_sites():
    site = a_week(("10:00", 10), ("10:01", 50, "Night"), ("21:00", 20, "Night"), ("21:01", 70))
    in_hours()
    assert told(site) == {"Total": (30, 2)}
    assert told(site, "queue") == {"Night": (20, 1), "Sales": (10, 1)}
    assert told(site, queues=list(site.queues.all())) == {"Total": (15, 2)}
    assert told(site, "agent") == {"Ann": (None, 0)}


def test_without_any_hours_it_is_always_open():
    site = a_week(*EDGES)
    site.opening = {}
    site.save()
    in_hours()
    assert told(site) == {"Total": (255 / 8, 8)}


def test_a_clock_that_changes_takes_the_hours_with_it():
    """Nine on the wall is eight in UTC in winter, seven in summer."""
    friday, after = date(2026, 3, 27), date(2026, 3, 30)
    site = a_week(
        ("09:15", 10, "Sales", friday),
        ("08:59", 20, "Sales", friday),
        ("09:15", 30, "Sales", after),
        ("08:59", 40, "Sales", after),
    )
    in_hours()
    question = Question(sites=[site], first=friday, last=after, by="day", kpis=["asa"])
    assert [row.figures["asa"].value for row in answer(question)] == [10, 30]


def test_the_passport_counts_what_lay_outside_and_lists_the_rest():
    site, reader = a_week(*EDGES), a_user("admin")
    in_hours()
    for queue in (None, site.queues.get()):
        made = passport.issue("asa", Scope(site, SUNDAY, MONDAY, queue=queue))
        assert {str(words): n for words, n, *_ in made.figure.left_out} == {OUTSIDE: 5}
        found = listing.page(made, reader, Narrowed(), 0, 10)
        assert found.on(DENOMINATOR) == made.figure.n == 3
        assert found.on(ALL, frozenset(["outside"])) == found.on(LEFT_OUT) == 5
        assert "only quarter hours that begin within opening hours" in made.words


def test_missed_calls_are_measured_in_opening_hours_always():
    site = a_week(*EDGES)
    # 4 and 16 s, of 4, 16 and 32.
    assert told(site, asked="service_level:SL8") == {"Total": (2 / 3, 3)}
    assert told(site, asked="service_level") == {"Total": (5 / 8, 8)}


def test_hours_are_read_only_where_somebody_chose_them(django_assert_num_queries):
    site = a_week(*EDGES)
    question = Question(sites=[site], first=MONDAY, last=MONDAY, kpis=["asa", "service_level"])
    choices = Choices(MONDAY)
    with django_assert_num_queries(1):
        answer(question, choices)
    in_hours()
    choices = Choices(MONDAY)
    with django_assert_num_queries(2):
        answer(question, choices)


def test_home_and_a_wall_show_the_same_as_a_report(client):
    site = a_week(*EDGES)
    in_hours(site=site)
    board = a_board(site, "asa", slug="wall")
    (cell,) = frame(board, at("18:00"))["tiles"]
    assert (cell["figure"], cell["left"]) == ("0:17", "of 3")
    client.force_login(a_user("admin"))
    page = client.get(reverse("home"), {"site": site.slug, "from": SUNDAY, "to": MONDAY})
    assert page.status_code == 200
    (tile,) = [one for one in page.context["tiles"] if one.id == "asa"]
    assert (tile.value, tile.left) == (52 / 3, "of 3")
