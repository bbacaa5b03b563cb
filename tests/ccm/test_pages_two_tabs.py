"""Two people, or two tabs, with one row: nobody's change is lost without a word."""

from datetime import date

import pytest
from django.urls import reverse

from ccm.models import Target
from tests.builders import (
    a_cost,
    a_headcount,
    a_leave,
    a_queue,
    a_sale,
    a_site,
    a_target,
    a_team,
    a_user,
    an_agent,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    made = a_site("York", zone="Europe/London")
    made.currency = "GBP"
    made.save()
    return made


@pytest.fixture
def admin(client):
    user = a_user("admin")
    client.force_login(user)
    return user


def opened(client, page, row):
    """What the form of a row sends where nobody touches it."""
    form = client.get(reverse(page, args=[row.pk])).context["form"]
    return form.written | {"drawn": form.as_drawn}


def sent(client, page, row, said):
    return client.post(reverse(page, args=[row.pk]), said)


def test_two_tabs_that_change_two_fields_keep_both(client, admin, site):
    cost = a_cost(site, note="before")
    first, second = (opened(client, "cost_edit", cost) for _ in range(2))
    assert sent(client, "cost_edit", cost, first | {"amount": "7.50"}).status_code == 302
    assert sent(client, "cost_edit", cost, second | {"note": "after"}).status_code == 302
    cost.refresh_from_db()
    assert (str(cost.amount), cost.note) == ("7.50", "after")


def test_two_tabs_that_change_one_field_are_told_of_both_values(client, admin, site):
    ada = an_agent(site, "Ada")
    first, second = (opened(client, "agent_edit", ada) for _ in range(2))
    sent(client, "agent_edit", ada, first | {"contract_hours": "30", "employee_id": "7"})
    page = sent(client, "agent_edit", ada, second | {"contract_hours": "20", "skills": "chat"})
    [words] = page.context["form"].errors["contract_hours"]
    assert "it says “30.0” now, you wrote “20”" in words
    ada.refresh_from_db()
    assert (ada.contract_hours, ada.skills) == (30, [])
    # The page has what was meant; sent again it is kept, and so is what the other wrote beside.
    form = page.context["form"]
    again = {name: form[name].value() or "" for name in form.fields} | {"drawn": form.as_drawn}
    assert (again["contract_hours"], again["employee_id"]) == ("20", "7")
    assert sent(client, "agent_edit", ada, again).status_code == 302
    ada.refresh_from_db()
    assert (ada.contract_hours, ada.skills, ada.employee_id) == (20, ["chat"], "7")


def test_a_choice_that_clashes_is_told_by_its_words(client, admin, site):
    sales, support = a_queue(site, "Sales"), a_queue(site, "Support")
    target = a_target(site)
    first, second = (opened(client, "target_edit", target) for _ in range(2))
    sent(client, "target_edit", target, first | {"queue": sales.pk})
    page = sent(client, "target_edit", target, second | {"queue": support.pk})
    [words] = page.context["form"].errors["queue"]
    assert "“Sales" in words
    assert "“Support" in words
    page = sent(client, "target_edit", target, second | {"value": "90%"})
    assert page.status_code == 302
    assert Target.objects.get().queue == sales


def test_a_week_of_opening_hours_is_merged_day_by_day(client, admin, site):
    queue = a_queue(site, "Sales")
    first, second = (opened(client, "queue_edit", queue) for _ in range(2))
    sent(client, "queue_edit", queue, first | {"day0": "09:00-17:00"})
    sent(client, "queue_edit", queue, second | {"day1": "10:00-12:00", "channel": "chat"})
    queue.refresh_from_db()
    assert queue.hours == {"0": [["09:00", "17:00"]], "1": [["10:00", "12:00"]]}
    assert queue.channel == "chat"


@pytest.mark.parametrize(
    "part", ["site", "queue", "team", "agent", "cost", "target", "headcount", "sale", "leave"]
)
def test_a_form_that_nobody_touched_undoes_nothing(client, admin, site, part):
    """Sent as it was drawn, once as things are and once after the row changed."""
    agent = an_agent(site)
    row = {
        "site": lambda: site,
        "queue": lambda: a_queue(site),
        "team": lambda: a_team(site),
        "agent": lambda: agent,
        "cost": lambda: a_cost(site),
        "target": lambda: a_target(site),
        "headcount": lambda: a_headcount(site, planned_fte="3.50"),
        "sale": lambda: a_sale(site),
        "leave": lambda: a_leave(agent),
    }[part]()
    untouched = opened(client, f"{part}_edit", row)
    changes = {
        "site": {"region": "YK"},
        "queue": {"name": "Other"},
        "team": {"name": "Other"},
        "agent": {"left_on": date(2026, 3, 1)},
        "cost": {"reference": "F-1"},
        "target": {"role": "agent"},
        "headcount": {"actual_heads": 4},
        "sale": {"pipeline_value": 9},
        "leave": {"kind": "Illness"},
    }[part]
    for change in ({}, changes):
        if change:
            type(row).objects.filter(pk=row.pk).update(**change)
        before = type(row).objects.values().get(pk=row.pk)
        answer = sent(client, f"{part}_edit", row, untouched)
        assert answer.status_code == 302, answer.context["form"].errors
        assert type(row).objects.values().get(pk=row.pk) == before
