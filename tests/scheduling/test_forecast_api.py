"""Forecasts and requirements over the API: what the pages show, and what is refused where."""

import pytest
from django.urls import reverse

from scheduling.made import ledger, making
from scheduling.models import Forecast, StaffingPlan
from tests import once
from tests.builders import a_queue, a_site, a_user, an_override
from tests.scheduling.centre import a_centre
from tests.scheduling.test_making import NOW, WEEKS

pytestmark = pytest.mark.django_db


@once.fixture
def forecast():
    site, queue = a_centre(WEEKS * 7)
    making.make_site(site, NOW)
    return site, queue


@pytest.fixture
def centre(client, forecast):
    client.force_login(a_user("planner", forecast[0]))
    return forecast


def asked(client, name, **query):
    return client.get(reverse(name), query)


def test_a_days_intervals_add_up_to_it_and_are_those_of_the_page(client, centre):
    _site, queue = centre
    an_override(queue, first="2026-03-17", last="2026-03-17", factor=2.0)
    found = asked(client, "api_forecast", queue=queue.pk, first="2026-03-16", last="2026-03-17")
    monday, tuesday = found.json()["days"]
    assert sum(one["calls"] for one in monday["intervals"]) == pytest.approx(monday["calls"], 0.01)
    assert [one["starts"] for one in monday["intervals"]][:2] == ["09:00", "09:30"]
    assert monday["intervals"][0]["planned"] is None
    assert monday["planned"] is None
    assert tuesday["planned"] == pytest.approx(2 * tuesday["calls"], abs=0.1)
    doubled = [one["planned"] / one["calls"] for one in tuesday["intervals"]]
    assert doubled == pytest.approx([2.0] * 16, rel=0.01)
    page = client.get(reverse("forecast", args=[queue.pk]), {"day": "2026-03-16"})
    assert [one["calls"] for one in page.context["intervals"]] == [
        one["calls"] for one in monday["intervals"]
    ]


def test_weeks_have_their_own_bands_and_are_those_of_the_page(client, centre):
    _site, queue = centre
    an_override(queue, first="2026-03-24", last="2026-03-24", factor=2.0)
    told = Forecast.objects.get(queue=queue)
    told.weeks[0][2:] = [140, 161, 130, 175]
    told.save()
    every = asked(client, "api_forecast", queue=queue.pk).json()
    assert (len(every["weeks"]), every["weeks"][0]["first"]) == (13, "2026-03-16")
    page = client.get(reverse("forecast", args=[queue.pk])).context["weeks"]
    names = ("calls", "low80", "high80", "low95", "high95")
    for found, shown in zip(every["weeks"], page, strict=True):
        assert [found[one] for one in names] == [getattr(shown.told, one) for one in names]
    first, second = every["weeks"][:2]
    assert [first[one] for one in names[1:]] == [140, 161, 130, 175]
    days = every["days"]
    assert first["calls"] == pytest.approx(sum(one["calls"] for one in days[:7]), abs=0.01)
    assert first["planned"] is None
    tuesday = days[8]["calls"]
    assert second["planned"] == pytest.approx(second["calls"] + tuesday, abs=0.1)
    # Of weeks of which not all days are asked for nothing is told.
    some = asked(client, "api_forecast", queue=queue.pk, first="2026-03-18", last="2026-04-01")
    assert [one["first"] for one in some.json()["weeks"]] == ["2026-03-23"]


def test_a_requirement_is_that_of_the_page_and_names_its_service_level(client, centre):
    _site, queue = centre
    StaffingPlan.objects.create(queue=queue, shrinkage_kinds=[["", "0.3"]])
    found = asked(
        client, "api_requirement", queue=queue.pk, first="2026-03-16", last="2026-03-20"
    ).json()
    assert (found["variant"], found["shrinkage"]) == ("SL4", 0.3)
    positions = [one["positions"] for one in found["days"][0]["intervals"]]
    page = client.get(reverse("requirements"), {"week": "2026-03-14"})
    assert positions == [cells[2].told.positions for _clock, cells in page.context["shown"].rows]
    # Half hours of so many positions, of which 70 % are for calls.
    assert found["days"][0]["paid_hours"] == pytest.approx(sum(positions) / 2 / 0.7)


def test_a_version_is_asked_for_by_its_number(client, centre):
    site, queue = centre
    ledger.publish(queue, a_user("planner", site), "", NOW)
    making.make_site(site, NOW)
    assert asked(client, "api_forecast", queue=queue.pk).json()["version"] is None
    assert asked(client, "api_forecast", queue=queue.pk, version=1).json()["version"] == 1
    assert asked(client, "api_forecast", queue=queue.pk, version=2).status_code == 404


def test_a_version_answers_what_was_planned_when_it_was_published(client, centre):
    """Published with twice as many calls on Monday; since then five times as many are said."""
    site, queue = centre
    one = an_override(queue, first="2026-03-16", last="2026-03-16", factor=2.0)
    ledger.publish(queue, a_user("planner", site), "", NOW)
    one.factor = 5.0
    one.save()
    making.make_site(site, NOW)

    def monday(name, **query):
        found = asked(client, name, queue=queue.pk, first="2026-03-16", last="2026-03-16", **query)
        return found.json()["days"][0]

    for query, times in (({}, 5), ({"version": 1}, 2)):
        day = monday("api_forecast", **query)
        assert day["planned"] == pytest.approx(times * day["calls"], abs=0.2)
        staffed = monday("api_requirement", **query)
        calls = sum(one["calls"] for one in staffed["intervals"])
        assert calls == pytest.approx(times * day["calls"], abs=0.2)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 400),
        ({"queue": "x"}, 400),
        ({"queue": 10**20}, 400),
        ({"queue": -1}, 400),
        ({"first": "soon"}, 400),
        ({"first": "2026-03-20", "last": "2026-03-16"}, 400),
        ({"version": 0}, 400),
        ({"hour": 9}, 400),
        ({"first": "2031-01-01"}, 200),
    ],
)
def test_what_cannot_be_answered_is_refused_by_its_field(client, centre, query, status):
    _site, queue = centre
    for name in ("api_forecast", "api_requirement"):
        said = query if not query or "queue" in query else {"queue": queue.pk, **query}
        assert asked(client, name, **said).status_code == status


def test_a_queue_of_another_site_is_not_there(client, centre):
    other = a_queue(a_site())
    for name in ("api_forecast", "api_requirement"):
        assert asked(client, name, queue=other.pk).status_code == 404
