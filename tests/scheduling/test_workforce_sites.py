"""The site chosen on one page of Workforce is that of the next; one out of reach is not found."""

import pytest
from django.urls import reverse

from tests.builders import a_queue, a_site, a_team, a_user

pytestmark = pytest.mark.django_db

PAGES = ("forecasts", "requirements", "intraday", "proofs")
PLANNED = ("scenarios", "queue_group_list", "known_event_list", "override_list")


@pytest.fixture
def sites():
    """Two sites, each with two queues; the second is not the first by name."""
    made = a_site("Aberdeen"), a_site("York")
    for site in made:
        a_queue(site, f"{site.name} billing")
        a_queue(site, f"{site.name} claims")
    return made


@pytest.fixture
def planner(client, sites):
    client.force_login(a_user("planner", *sites))
    return client


def leads_to(page):
    """Where the sidebar leads, by the path."""
    groups = page.context["navigation"]
    urls = (entry["url"] for group in groups for entry in group["entries"])
    return dict(url.partition("?")[::2] for url in urls)


@pytest.mark.parametrize("name", [*PAGES, *PLANNED])
def test_a_site_that_is_chosen_goes_along_to_every_page_of_workforce(planner, sites, name):
    york = sites[1]
    leads = leads_to(planner.get(reverse(name), {"site": york.slug}))
    for other in (*PAGES, *PLANNED, "home"):
        assert leads[reverse(other)] == f"site={york.slug}", other


def test_so_does_that_of_a_queue_whose_page_it_is(planner, sites):
    queue = sites[1].queues.first()
    for page in (
        planner.get(reverse("forecast", args=[queue.pk])),
        planner.get(reverse("proof", args=[queue.pk])),
        planner.get(reverse("queue_plan", args=[queue.pk])),
        planner.get(reverse("requirements"), {"queue": queue.pk}),
        planner.get(reverse("intraday"), {"queue": queue.pk}),
    ):
        assert leads_to(page)[reverse("scenarios")] == f"site={sites[1].slug}"


@pytest.mark.parametrize("name", [*PAGES, *PLANNED])
def test_a_site_that_is_none_or_out_of_reach_is_not_found(planner, name):
    for asked in ("junk", a_site().slug, "x" * 500):
        assert planner.get(reverse(name), {"site": asked}).status_code == 404, asked


@pytest.mark.parametrize("name", ["requirements", "intraday"])
def test_a_page_of_a_queue_shows_the_first_of_the_site(planner, sites, name):
    aberdeen, york = sites
    asked = {"": "Aberdeen billing", aberdeen.slug: "Aberdeen billing", york.slug: "York billing"}
    for slug, queue in asked.items():
        page = planner.get(reverse(name), {"site": slug})
        assert page.context["queue"].name == queue
        assert len(page.context["picked"].queues) == 2
    # Whoever changes the site has not changed the queue yet.
    one = page.context["queue"]
    page = planner.get(reverse(name), {"site": aberdeen.slug, "queue": one.pk})
    assert page.context["queue"].name == "Aberdeen billing"
    page = planner.get(reverse(name), {"site": york.slug, "queue": one.pk})
    assert page.context["queue"] == one


@pytest.mark.parametrize("name", ["requirements", "intraday"])
def test_a_site_without_a_queue_says_so_and_another_can_be_chosen(client, sites, name):
    empty = a_site("Zennor")
    client.force_login(a_user("planner", *sites, empty))
    page = client.get(reverse(name), {"site": empty.slug})
    assert page.context["queue"] is None
    assert page.context["picked"].sites == [*sites, empty]
    text = page.content.decode()
    assert "There is no queue yet" in text
    assert f'value="{sites[0].slug}"' in text


def test_who_plans_some_of_the_sites_is_not_led_to_one_that_is_not_planned(client, sites):
    aberdeen, york = sites
    both = a_user("planner", aberdeen)
    a_team(york, both)
    both.groups.add(a_user("supervisor").groups.get())
    client.force_login(both)
    leads = leads_to(client.get(reverse("forecasts"), {"site": york.slug}))
    assert leads[reverse("requirements")] == f"site={york.slug}"
    assert leads[reverse("scenarios")] == ""
