"""The sidebar lists what its reader may open and nothing else; signing in and out."""

import re

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.template.loader import get_template
from django.urls import path, reverse

from ccm import navigation
from ccm.access import ROLES
from tests.builders import PASSWORD, a_site, a_team, a_user, an_agent

pytestmark = pytest.mark.django_db


def entries(page):
    groups = page.context["navigation"]
    return {str(entry["words"]): entry for group in groups for entry in group["entries"]}


def a_person(role):
    """A user of the role with all that makes it useful: a site, a team, an own agent."""
    site = a_site()
    user = a_user(role, site)
    agent = an_agent(site, user=user)
    if role == "supervisor":
        a_team(site, user, agent)
    return user


EVERYTHING = {
    "Home",
    "Wallboards",
    "Alerts",
    "Reports",
    "Queues",
    "Agents",
    "Calls",
    "Callbacks",
    "Forecasts",
    "Queue groups",
    "Events",
    "Overrides",
    "Special days",
    "Requirements",
    "Intraday",
    "Proof",
    "Calculator",
    "Imports",
    "Gaps",
    "Library",
}
ADMIN = {
    "Team evaluation",
    "Names",
    "Books",
    "Definitions",
    "Queue settings",
    "Teams",
    "People",
    "Costs",
    "Targets",
    "Headcount",
    "Sales",
    "Absences",
    "Paid time",
    "Alert rules",
    "Webhooks",
    "Messages",
    "Substitutes",
    "Emergencies",
    "Contact hours",
    "Do not call",
}


# Of whoever sees reviews of others.
QUALITY = {"Reviews", "Scorecards", "Disputes", "Insight", "Findings", "Voice of the customer"}
# Of whoever sees all those of a site.
SITES_QUALITY = QUALITY | {"Sampling", "Calibration", "Checks"}
# Of whoever coaches.
COACHES = {
    "Ramp curve",
    "Courses",
    "Certificates",
    "Onboarding",
    "Sessions",
    "Rhythm",
    "Proposals",
    "Plans of agents",
    "Questions",
    "Coaching effect",
    "Trials",
    "Wellbeing",
    "Huddles",
    "Leaderboard",
    "Challenges",
    "Badges",
}
# Of whoever belongs to a site.
COACHING = {"Recognition", "Suggestions", "Pulse"}
# Of whoever plans a site.
PLANNED = {
    "Floor",
    "Scenarios",
    "Recruiting",
    "Rosters",
    "Fairness",
    "Bids",
    "Adherence",
    "Shrinkage",
    "Terms of work",
    "Time off",
    "Trades",
}


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (
            "admin",
            EVERYTHING
            | ADMIN
            | PLANNED
            | SITES_QUALITY
            | {"Sites", "Links", "Messages", "Audit log", "Failed sign-ins"}
            | {"Sites", "Users", "Roles and rights", "API tokens", "Links", "Messages", "Audit log"}
            | {"Sites", "Links", "Messages", "Audit log", "System"}
            | {"Sites", "Links", "Messages", "Audit log", "Consent by region"}
            | {"Retention", "Erasure", "Data map", "For analysts"}
            | COACHES,
        ),
        ("manager", EVERYTHING | ADMIN | PLANNED | SITES_QUALITY | COACHES | {"For analysts"}),
        (
            "planner",
            EVERYTHING - {"Calls", "Callbacks", "Imports", "Gaps"}
            | PLANNED
            | {"Definitions", "Targets", "Headcount", "Absences", "Paid time", "Substitutes"},
        ),
        (
            "supervisor",
            EVERYTHING - {"Imports", "Gaps"}
            | PLANNED - {"Scenarios", "Recruiting", "Bids"}
            | QUALITY
            | {"Definitions", "Team evaluation", "Targets", "Sales", "Absences", "Paid time"}
            | {"Substitutes", "Emergencies"}
            | COACHES,
        ),
        (
            "qa_analyst",
            EVERYTHING - {"Imports", "Gaps"}
            | SITES_QUALITY
            | {"Definitions", "Targets", "Sales", "For analysts", "Substitutes"},
        ),
        (
            "trainer",
            {
                "Substitutes",
                "Home",
                "Calculator",
                "Definitions",
                "Targets",
                "Scorecards",
                "Findings",
                "Library",
                "Courses",
                "Certificates",
                "Onboarding",
                "Ramp curve",
                "Coaching effect",
            },
        ),
        (
            "agent",
            {
                "My results",
                "Wallboards",
                "My availability",
                "My fairness",
                "My time off",
                "My schedule",
                "My trades",
                "My offers",
                "My bids",
                "My day",
                "My coaching",
                "My data",
                "Questions",
                "My wellbeing",
                "Huddles",
                "Leaderboard",
                "Challenges",
                "Badges",
                "My reviews",
                "Library",
                "Calculator",
                "Calls",
                "Callbacks",
                "Targets",
                "Sales",
                "Absences",
                "Paid time",
            },
        ),
        ("", set()),
    ],
)
def test_each_role_is_offered_what_it_may_open(rf, role, expected):
    request = rf.get("/")
    request.user = a_person(role)
    words = {
        str(entry["words"])
        for group in navigation.navigation(request)
        for entry in group["entries"]
    }
    own = {"My learning"} if role not in ("", "admin") else set()
    assert words == expected | own | (COACHING if role else set())


@pytest.mark.parametrize("role", ROLES)
def test_every_entry_offered_opens(client, role):
    user = a_person(role)
    client.force_login(user)
    request = type("Request", (), {"user": user, "path": "/", "GET": {}})
    for group in navigation.navigation(request):
        for entry in group["entries"]:
            assert client.get(entry["url"], follow=True).status_code == 200, entry["url"]


@pytest.mark.parametrize("role", ROLES)
def test_what_is_a_roles_own_stands_first_and_open_and_no_entry_is_there_twice(rf, role):
    """Of one entry alone no group is made; who has no other role but agent has what is theirs in
    two groups."""
    request = rf.get("/")
    request.user = a_person(role)
    first, *groups = navigation.navigation(request)
    assert (first["name"], first["title"]) == ("", "")
    own = {
        "admin": ["performance"],
        "manager": ["performance"],
        "planner": ["workforce", "schedules"],
        "supervisor": ["performance", "coaching"],
        "qa_analyst": ["quality"],
        "trainer": ["learning"],
        "agent": ["work", "hours"],
    }[role]
    names = [group["name"] for group in groups]
    assert names[: len(own)] == [group["name"] for group in groups if group["open"]] == own
    assert "more" not in names[:-1]
    assert all(len(group["entries"]) > 1 for group in groups if group["name"] != "more")
    words = [entry["words"] for group in (first, *groups) for entry in group["entries"]]
    assert len(words) == len(set(words))
    sprite = get_template("_partials/icons.html").render()
    for group in (first, *groups):  # neighbours look different
        icons = {entry["icon"] for entry in group["entries"]}
        assert len(icons) == len(group["entries"]), group["name"]
        assert all(f'id="i-{icon}"' in sprite for icon in icons), group["name"]


def test_only_what_is_there_is_called_otherwise():
    assert set(navigation.CALLED) <= {e.name for group in navigation.GROUPS for e in group.entries}


def test_the_group_of_the_page_is_open_and_each_says_what_waits_in_it(rf, monkeypatch):
    monkeypatch.setitem(navigation._counters, "reviews", (dict, lambda user: 2))
    monkeypatch.setitem(navigation._counters, "disputes", (dict, lambda user: 3))
    request = rf.get("/imports/7/")
    request.user = a_person("admin")
    groups = {group["name"]: group for group in navigation.navigation(request)}
    assert [name for name, group in groups.items() if group["here"]] == ["data"]
    assert [name for name, group in groups.items() if group["open"]] == ["performance", "data"]
    waits = sum(entry["count"] for entry in groups["quality"]["entries"])
    assert groups["quality"]["count"] == waits >= 5


def test_the_page_one_is_on_is_marked_and_so_is_the_entry_above_a_page_below(client, rf):
    client.force_login(a_user("admin"))
    now = {word for word, entry in entries(client.get("/calls/")).items() if entry["current"]}
    assert now == {"Calls"}
    request = rf.get("/imports/7/")
    request.user = a_user("admin")
    assert marked(request) == ["Imports"]


def marked(request):
    return [
        str(entry["words"])
        for group in navigation.navigation(request)
        for entry in group["entries"]
        if entry["current"]
    ]


def test_so_is_the_entry_of_a_page_whose_address_is_elsewhere(rf):
    admin = a_user("admin")
    for path_of_it, words in (
        ("/pair/", "Wallboards"),
        ("/screens/7/", "Wallboards"),
        ("/new-board/", "Wallboards"),
        ("/admin/leads/7/remove/", "Teams"),
        ("/admin/stays/7/remove/", "People"),
        ("/rostering/people/7/", "Terms of work"),
        ("/rostering/rosters/7/", "Rosters"),
        ("/rostering/rosters/acknowledgements/", "Rosters"),
        ("/rostering/bids/7/", "Bids"),
        ("/rostering/adherence/people/7/", "Adherence"),
        ("/rostering/rules/", "Terms of work"),
        ("/time-off/kinds/7/", "Time off"),
        ("/time-off/requests/7/", "Time off"),
    ):
        request = rf.get(path_of_it)
        request.user = admin
        assert marked(request) == [words], path_of_it


def test_a_page_below_two_entries_is_of_the_nearer_one(rf):
    request = rf.get("/my-schedule/trades/7/")
    request.user = a_user("agent")
    an_agent(a_site(), user=request.user)
    assert marked(request) == ["My trades"]


def test_an_agents_own_page_is_their_home(client):
    site = a_site()
    me = an_agent(site, user=a_user("agent"))
    client.force_login(me.user)
    page = client.get("/", follow=True)
    assert page.redirect_chain == [(f"/agents/{me.pk}/", 302)]
    assert {word for word, entry in entries(page).items() if entry["current"]} == {"My results"}


urlpatterns = [path("calls/", HttpResponse, name="calls")]


@pytest.mark.urls(__name__)
def test_an_entry_whose_page_does_not_exist_is_left_out(rf):
    request = rf.get("/")
    request.user = a_person("admin")
    groups = navigation.navigation(request)
    assert [str(entry["words"]) for group in groups for entry in group["entries"]] == ["Calls"]
    assert [group["name"] for group in groups] == ["more"]


def test_roles_are_said_in_words_the_widest_first(rf):
    request = rf.get("/")
    request.user = a_user("agent")
    request.user.groups.add(Group.objects.get(name="supervisor"))
    assert navigation.role_words(request) == "Supervisor, Agent"


def test_the_sidebar_costs_nothing_until_it_is_drawn(rf, django_assert_num_queries):
    request = rf.get("/")
    request.user = a_user("manager")
    with django_assert_num_queries(0):
        navigation.sidebar(request)


def test_a_request_that_failed_before_its_user_was_known_has_no_sidebar(rf):
    request = rf.get("/")
    assert navigation.navigation(request) == []
    assert navigation.role_words(request) == ""


def test_signing_in_leads_to_where_one_was_going(client):
    user = a_user("admin", password=PASSWORD)
    page = client.post(
        "/accounts/login/?next=/calls/",
        {"username": user.username, "password": PASSWORD, "next": "/calls/"},
    )
    assert (page.status_code, page["Location"]) == (302, "/calls/")


def test_a_wrong_password_is_said_and_nobody_is_let_in(client):
    user = a_user("admin", password=PASSWORD)
    page = client.post("/accounts/login/", {"username": user.username, "password": "guess"})
    assert page.status_code == 200
    assert b'role="alert"' in page.content
    assert client.get("/calls/").status_code == 302


def test_signing_in_never_leads_to_another_host(client):
    user = a_user("admin", password=PASSWORD)
    page = client.post(
        "/accounts/login/",
        {"username": user.username, "password": PASSWORD, "next": "https://elsewhere.example/"},
    )
    assert page["Location"] == "/"


def test_signing_out_takes_a_post(client):
    client.force_login(a_user("admin"))
    assert client.get("/accounts/logout/").status_code == 405
    kept = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert client.post("/accounts/logout/")["Location"] == "/accounts/login/"
    assert client.get("/calls/").status_code == 302
    # Nor is it good for a browser that has kept its cookie.
    client.cookies[settings.SESSION_COOKIE_NAME] = kept
    assert client.get("/calls/").status_code == 302


def test_before_there_is_a_site_nothing_in_the_sidebar_leads_nowhere(client):
    client.force_login(a_user("admin"))
    links = re.findall(r'<a [^>]*href="(/[^"#]*)"', client.get("/").content.decode())
    assert len(set(links)) > 60
    assert {link: answer.status_code for link in set(links)
            if (answer := client.get(link)).status_code != 200} == {}  # fmt: skip


@pytest.mark.parametrize("name", ["queues", "agents", "calls", "worklist"])
def test_a_page_of_figures_says_then_what_brings_a_site(client, name):
    client.force_login(a_user("admin"))
    page = client.get(reverse(name)).content.decode()
    assert "There is no site yet" in page
    assert f'href="{reverse("imports")}"' in page
