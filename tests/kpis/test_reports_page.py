"""Pages of reports: what they show, who sees it, what they are kept as."""

from datetime import timedelta

import pytest
from django.urls import reverse

from kpis import rollups
from tests.builders import NINE, a_call, a_queue, a_site, a_team, a_user, an_agent

pytestmark = pytest.mark.django_db

DAYS = {"period": "custom", "from": "2026-03-02", "to": "2026-03-08"}


@pytest.fixture
def site():
    return a_site("Leeds", "Europe/London")


def fill(site, queues=1, agents=1, calls=4):
    lines = [a_queue(site) for _ in range(queues)]
    people = [an_agent(site) for _ in range(agents)]
    a_team(site, None, *people)
    for number in range(calls):
        at = NINE + timedelta(days=number % 7, minutes=15 * (number % 9))
        a_call(lines[number % queues], at, wait=number % 40, talk=30, agent=people[number % agents])
    rollups.rebuild()
    return lines, people


@pytest.mark.parametrize(("queues", "agents", "calls"), [(1, 1, 2), (9, 20, 120)])
@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"by": "queue", "compare": "weekdays"},
        {"by": "queue", "compare": "usual"},
        {"by": "clock", "across": "weekday"},
        {"by": "team", "across": "week", "kpi": ["occupancy", "calls_per_agent"]},
        {"by": "agent", "across": "hour"},
        {"by": "topic"},
    ],
)
def test_a_report_asks_the_same_of_few_rows_as_of_many(
    client, site, django_assert_max_num_queries, asked, queues, agents, calls
):
    fill(site, queues, agents, calls)
    client.force_login(a_user("manager", site))
    with django_assert_max_num_queries(12):
        page = client.get(reverse("report"), DAYS | asked)
    assert page.status_code == 200
    assert page.context["problems"] == []
