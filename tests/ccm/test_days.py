"""Days that a list or a form can mean, and absences that meet: by forms and by imports alike."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from ccm.models import Agent, Cost, Leave, Target
from ccm.plans.absences import Away, refusal
from ccm.structure import days
from tests.builders import a_leave, a_site, a_user, an_agent
from tests.lists import books, imported, reasons

TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("day", "begins", "ends"),
    [
        (date(1949, 12, 31), False, False),
        (date(1950, 1, 1), True, True),
        (date(2036, 12, 31), True, True),
        (date(2037, 1, 1), False, True),
        (date(2099, 12, 31), False, True),  # nobody knows when it ends
        (date(2100, 1, 1), False, False),
        (date(2190, 1, 1), False, False),
    ],
)
def test_a_year_that_cannot_be_is_a_slip_of_the_keys(day, begins, ends):
    first, last = days.reach(TODAY)
    assert (first <= day <= last) == begins
    first, last = days.reach(TODAY, may_be_open=True)
    assert (first <= day <= last) == ends


MAY = [date(2026, 5, day) for day in range(1, 32)]


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (MAY[0], MAY[3], ""),
        (MAY[0], MAY[4], "Holiday from 5 May 2026 to 9 May 2026"),  # its first day
        (MAY[8], MAY[8], "Holiday from 5 May 2026 to 9 May 2026"),  # its last day
        (MAY[9], MAY[18], ""),  # between the two
        (MAY[9], None, "Illness from 20 May 2026. Say first when that ends"),
        (MAY[30], MAY[30], "Illness from 20 May 2026"),  # while nobody knows
        (MAY[0], None, "Holiday"),
    ],
)
def test_nobody_is_away_twice_on_one_day(first, last, words):
    others = [Away("Holiday", MAY[4], MAY[8]), Away("Illness", MAY[19], None)]
    told = refusal(Away("Training", first, last), others)
    assert words in told
    assert bool(told) == bool(words)


@pytest.fixture
def site(db):
    made = a_site("York", zone="Europe/London")
    made.currency = "GBP"
    made.save()
    return made


@pytest.fixture
def admin(client, site):
    user = a_user("admin")
    client.force_login(user)
    return user


def errors(page):
    return {name: str(told[0]) for name, told in page.context["form"].errors.items()}


@time_machine.travel(TODAY, tick=False)
@pytest.mark.parametrize(
    ("part", "said", "field"),
    [
        ("cost", {"kind": "Rent", "amount": 1, "first_on": "2190-01-01", "last_on": "2026-01-31"},
         "first_on"),
        ("cost", {"kind": "Rent", "amount": 1, "first_on": "2026-01-01", "last_on": "2099-12-31"},
         "last_on"),
        ("target", {"kpi": "asa", "value": "20", "valid_from": "2190-01-01"}, "valid_from"),
        ("headcount", {"period": "day", "actual_heads": 3, "starts_on": "1900-01-01"}, "starts_on"),
        ("sale", {"call_ref": "1", "value": 3, "sold_on": "2190-01-01", "sure": "yes"}, "sold_on"),
        ("agent", {"name": "Ada", "hired_on": "2190-01-01"}, "hired_on"),
        ("agent", {"name": "Ada", "left_on": "2190-01-01"}, "left_on"),
    ],
)  # fmt: skip
def test_a_form_refuses_a_day_out_of_reach(client, admin, site, part, said, field):
    page = client.post(reverse(f"{part}_new"), said | {"site": site.pk})
    open_end = 2099 if field == "left_on" else 2036
    assert errors(page) == {field: f"It lies before 1950 or after {open_end}."}


@time_machine.travel(TODAY, tick=False)
@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("Kind of cost,First day,Last day,Amount\nRent,2190-01-01,2190-01-31,1\n", "First day"),
        ("Kind of cost,Month,Amount\nRent,2190-01,1\n", "Month"),
        ("KPI,Target,From\nasa,20,2190-01-01\n", "From"),
        ("Day,Planned heads\n1900-01-01,3\n", "Day"),
        ("Call id,Sale value,Day\nC-1,120,2190-01-01\n", "Day"),
        ("Employee ID,Name,Hired on\n7,Ada,2190-01-01\n", "Hired on"),
        ("Employee ID,Name,Left on\n7,Ada,2190-01-01\n", "Left on"),
        ("Agent,Absence,First day,Last day\nBob,Holiday,2190-01-01,\n", "First day"),
    ],
)
def test_a_list_refuses_a_day_out_of_reach(site, text, column):
    an_agent(site, "Bob")
    batch = imported(site, text)
    assert books(batch) == {"read": 1, "rejected": 1}
    assert (2, column, "range") in reasons(batch)
    assert not any(one.objects.exists() for one in (Cost, Target, Leave))
    assert Agent.objects.get().name == "Bob"


@time_machine.travel(TODAY, tick=False)
def test_an_end_that_nobody_knows_may_be_written_as_2099(client, admin, site):
    batch = imported(site, "Employee ID,Name,Hired on,Left on\n7,Ada,2020-01-01,2099-12-31\n")
    assert books(batch) == {"read": 1, "stored": 1}
    said = {"agent": Agent.objects.get().pk, "kind": "Care", "first_on": "2026-01-01"}
    answer = client.post(reverse("leave_new"), said | {"last_on": "2099-12-31"})
    assert answer.status_code == 302


def test_a_hire_after_the_day_of_leaving_is_refused_by_the_list_too(site):
    imported(site, "Employee ID,Name,Left on\n7,Ada,2025-03-31\n")
    batch = imported(site, "Employee ID,Name,Hired on\n7,Ada,2026-01-01\n")
    assert reasons(batch) == [(2, "Hired on", "order")]


def test_a_form_refuses_a_second_absence_on_the_same_days(client, admin, site):
    ada, bob = an_agent(site, "Ada"), an_agent(site, "Bob")
    leave = a_leave(ada, kind="Holiday", first_on=date(2026, 5, 5), last_on=date(2026, 5, 9))
    said = {"kind": "Illness", "first_on": "2026-05-09", "last_on": "2026-05-12"}
    page = client.post(reverse("leave_new"), said | {"agent": ada.pk})
    words = "Away already: Holiday from 5 May 2026 to 9 May 2026."
    assert errors(page) == {"first_on": words}
    assert client.post(reverse("leave_new"), said | {"agent": bob.pk}).status_code == 302
    # Its own days may move.
    moved = {"agent": ada.pk, "kind": "Holiday", "first_on": "2026-05-06", "last_on": "2026-05-10"}
    assert client.post(reverse("leave_edit", args=[leave.pk]), moved).status_code == 302


ABSENCES = "Agent,Absence,First day,Last day\n"


def test_a_list_refuses_a_second_absence_on_the_same_days(site):
    a_leave(an_agent(site, "Ada"), kind="Illness", first_on=date(2026, 5, 5), last_on=None)
    text = ABSENCES + "Ada,Holiday,2026-05-20,2026-05-24\n"
    assert reasons(imported(site, text)) == [(2, "First day", "overlap")]
    # The list that says when the illness ends may tell of the holiday, in whatever order.
    batch = imported(site, text + "Ada,Illness,2026-05-05,2026-05-08\n")
    assert books(batch) == {"read": 2, "stored": 1, "updated": 1}
    again = imported(site, text + "Ada,Illness,2026-05-05,2026-05-08\n")
    assert books(again) == {"read": 2, "duplicate": 2}
    # A correction that would run into the other one.
    batch = imported(site, ABSENCES + "Ada,Illness,2026-05-05,2026-05-20\n")
    assert reasons(batch) == [(2, "First day", "overlap")]
