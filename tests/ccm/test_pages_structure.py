"""Sites, queues, teams and agents as pages: lists, forms, and what a change means for figures."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from ccm.imports import undo
from ccm.models import (
    Agent,
    Cost,
    DirtyDay,
    Headcount,
    Leave,
    Queue,
    QueueAlias,
    Sale,
    Site,
    Target,
    Team,
    TeamLead,
    TeamMembership,
    User,
)
from ccm.naming import services as naming
from kpis import rollups
from kpis.models import DayStat
from tests.builders import NINE, a_call, a_queue, a_site, a_team, a_user, an_agent
from tests.lists import books, imported, reasons
from tests.messages import told

pytestmark = pytest.mark.django_db

PARTS = ("site", "queue", "team", "agent")


@pytest.fixture
def site():
    return a_site("York", zone="Europe/London")


@pytest.fixture
def admin(client):
    user = a_user("admin")
    client.force_login(user)
    return user


def rows(page):
    return [row.record for row in page.context["table"].paginated_rows]


def sent(client, page, /, *args, **said):
    return client.post(reverse(page, args=args), said)


def errors(page):
    return {name: [str(one) for one in told] for name, told in page.context["form"].errors.items()}


# Sites


SITE = {"name": "York", "zone": "Europe/London", "country": "GB", "currency": "GBP"}


def test_a_site_is_made_with_its_hours_and_a_wall(client, admin):
    sent(client, "site_new", **SITE, day0="9-17:30", day5="10-12")
    site = Site.objects.get()
    assert (site.slug, site.currency) == ("york", "GBP")
    assert site.opening == {"0": [["09:00", "17:30"]], "5": [["10:00", "12:00"]]}
    assert site.boards.exists()
    sent(client, "site_edit", site.pk, **SITE)
    site.refresh_from_db()
    assert site.opening == {}


def test_codes_and_zones_are_understood_in_any_case(client, admin):
    said = {"zone": "europe/london", "country": "gb", "region": "sct", "currency": "gbp"}
    sent(client, "site_new", **SITE | said)
    site = Site.objects.get()
    assert (site.zone, site.country, site.region, site.currency) == (
        "Europe/London", "GB", "SCT", "GBP",
    )  # fmt: skip


def test_a_site_may_have_the_longest_name(client, admin):
    sent(client, "site_new", **SITE | {"name": "x" * 120})
    sent(client, "site_new", **SITE | {"name": "x" * 119 + "y"})
    first, second = Site.objects.order_by("name")
    assert (first.name, second.name) == ("x" * 120, "x" * 119 + "y")
    assert first.boards.get().slug != second.boards.get().slug


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "Leeds"}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"zone": "Middle/Earth"}, "zone"),
        ({"country": "ZZ"}, "country"),
        ({"country": "G1"}, "country"),
        ({"country": "GB\n"}, "country"),
        ({"region": "nö"}, "region"),
        ({"currency": "€"}, "currency"),
        ({"currency": "QQQ"}, "currency"),
        ({"day3": "17-9"}, "day3"),
    ],
)
def test_what_is_wrong_with_a_site_is_said_beside_its_field(client, admin, wrong, field):
    a_site("Leeds")
    page = sent(client, "site_new", **SITE | wrong)
    if wrong.get("country") == "GB\n":  # white space around a word is none of it
        assert Site.objects.filter(country="GB").exists()
        return
    assert list(errors(page)) == [field]
    assert not Site.objects.filter(name="York").exists()


def test_the_zone_of_a_site_with_calls_changes_only_when_said_twice_and_its_days_move(
    client, admin, site
):
    """23:30 UTC on 2 March is the 2nd in London and the 3rd in Berlin."""
    a_call(a_queue(site), NINE.replace(hour=23, minute=30))
    rollups.rebuild()
    assert DayStat.objects.filter(unit="c").get().day == date(2026, 3, 2)
    berlin = SITE | {"zone": "Europe/Berlin"}
    page = sent(client, "site_edit", site.pk, **berlin)
    assert "every figure by day changes" in errors(page)["days_move"][0]
    assert "Have days begin elsewhere" in page.content.decode()
    site.refresh_from_db()
    assert site.zone == "Europe/London"
    page = client.post(
        reverse("site_edit", args=[site.pk]), berlin | {"days_move": "on"}, follow=True
    )
    assert (
        "Its days are those of Europe/Berlin now: 3 days are being counted anew."
        in page.content.decode()
    )
    assert DirtyDay.objects.exists()
    while rollups.recount_dirty():
        pass
    assert DayStat.objects.filter(unit="c").get().day == date(2026, 3, 3)
    assert DayStat.objects.filter(unit="v", agent=None).get().day == date(2026, 3, 3)


def test_the_zone_of_a_site_without_calls_changes_at_once(client, admin, site):
    sent(client, "site_edit", site.pk, **SITE | {"zone": "Asia/Tokyo"})
    site.refresh_from_db()
    assert site.zone == "Asia/Tokyo"
    assert not DirtyDay.objects.exists()


# Queues, teams, agents


def test_a_queue_that_is_renamed_is_still_found_by_logs(client, admin, site):
    sent(client, "queue_new", name="sales", site=site.pk, channel="chat", day0="9-17")
    queue = Queue.objects.get()
    assert (queue.channel, queue.hours) == ("chat", {"0": [["09:00", "17:00"]]})
    sent(client, "queue_edit", queue.pk, name="Sales, York", channel="chat")
    queue.refresh_from_db()
    assert (queue.name, queue.hours) == ("Sales, York", {})
    assert QueueAlias.objects.get().raw_name == "sales"
    other = a_queue(site, "Support")
    page = sent(client, "queue_edit", other.pk, name="Sales, York", channel="voice")
    assert "merge the two" in errors(page)["name"][0]
    page = sent(client, "queue_new", name="Support", site=site.pk, channel="voice")
    assert errors(page)
    page = sent(client, "queue_new", name="New", site=site.pk, channel="telepathy")
    assert list(errors(page)) == ["channel"]


@pytest.mark.parametrize(("part", "more"), [("queue", {"channel": "voice"}), ("team", {})])
def test_a_name_that_differs_in_case_alone_is_refused_in_words(client, admin, site, part, more):
    model = {"queue": Queue, "team": Team}[part]
    there = model.objects.create(site=site, name="B Sales")
    page = sent(client, f"{part}_new", name="b  sales", site=site.pk, **more)
    assert "There is another one named B Sales already." in errors(page)["name"]
    other = model.objects.create(site=site, name="Other")
    page = sent(client, f"{part}_edit", other.pk, name="b sales", **more)
    assert "There is another one named B Sales" in errors(page)["name"][0]
    sent(client, f"{part}_new", name="b sales", site=a_site("Leeds").pk, **more)
    # Its own may change its case, and one that a log brought may stay.
    sent(client, f"{part}_edit", there.pk, name="B SALES", **more)
    model.objects.filter(pk=other.pk).update(name="b sales")
    assert sent(client, f"{part}_edit", other.pk, name="b sales", **more).status_code == 302
    names = model.objects.filter(site=site).values_list("name", flat=True)
    assert set(names) == {"B SALES", "b sales"}


@pytest.mark.parametrize("part", ["site", "queue", "team", "agent"])
def test_a_name_of_which_nobody_sees_anything_is_none(client, admin, site, part):
    said = {"site": site.pk, "channel": "voice", "zone": "UTC"}
    page = client.post(reverse(f"{part}_new"), said | {"name": "\u200b\u202e"})
    assert list(page.context["form"].errors) == ["name"]
    assert (
        client.post(reverse(f"{part}_new"), said | {"name": "\u2067Fr\u00fch\u2069"}).status_code
        == 302
    )
    model = {"site": Site, "queue": Queue, "team": Team, "agent": Agent}[part]
    assert model.objects.latest("pk").name == "Fr\u00fch"


def test_a_site_that_differs_in_case_alone_is_refused_in_words(client, admin, site):
    page = sent(client, "site_new", **SITE | {"name": "york"})
    assert "There is another one named York already." in errors(page)["name"]
    assert sent(client, "site_edit", site.pk, **SITE | {"name": "YORK"}).status_code == 302


def test_a_team_has_supervisors_of_the_site_by_the_day(client, site):
    boss, next_boss = a_user("supervisor", site), a_user("supervisor", site)
    far, clerk = a_user("supervisor", a_site()), a_user("agent", site)
    client.force_login(a_user("manager", site))
    sent(client, "team_new", name="Red", site=site.pk)
    team = Team.objects.get()
    sent(client, "team_edit", team.pk, name="Blue")
    team.refresh_from_db()
    assert team.name == "Blue"
    other = a_team(site)
    assert errors(sent(client, "team_edit", other.pk, name="Blue"))
    for person in (far, clerk):
        page = sent(client, "team_lead", team.pk, supervisor=person.pk, since="2026-01-01")
        assert "within your reach" in page.content.decode()
    sent(client, "team_lead", team.pk, supervisor=boss.pk, since="2026-01-01")
    page = sent(client, "team_lead", team.pk, supervisor=boss.pk, since="2026-02-01")
    assert "It is so already." in page.content.decode()
    sent(client, "team_lead", team.pk, supervisor=next_boss.pk, since="2026-03-01")
    page = sent(client, "team_lead", team.pk, supervisor="none", since="2026-03-01")
    assert "There is one from 1 Mar 2026 already" in page.content.decode()
    sent(client, "team_lead", team.pk, supervisor="none", since="2026-05-01")
    leads = TeamLead.objects.values_list("supervisor", "starts_on", "ends_on")
    assert list(leads) == [
        (boss.pk, date(2026, 1, 1), date(2026, 3, 1)),
        (next_boss.pk, date(2026, 3, 1), date(2026, 5, 1)),
    ]
    page = client.get(reverse("team_edit", args=[team.pk])).content.decode()
    assert "from 1 Jan 2026 until before 1 Mar 2026" in page
    sent(client, "lead_remove", TeamLead.objects.get(supervisor=boss).pk)
    assert TeamLead.objects.get().supervisor == next_boss


def test_whoever_changes_a_supervisor_is_told_what_is_so_from_when(client, site):
    ann, bob = a_user("supervisor", site, name="ann"), a_user("supervisor", site, name="bob")
    far = a_user("supervisor", a_site(), name="far")
    client.force_login(a_user("manager", site))
    team = Team.objects.create(site=site, name="Red")

    def lead(who, since):
        page = client.post(
            reverse("team_lead", args=[team.pk]), {"supervisor": who, "since": since}, follow=True
        )
        refused = page.context.get("spell_form")
        words = refused.errors.values() if refused and refused.is_bound else []
        return told(page) or [str(one) for errors in words for one in errors]

    assert lead(ann.pk, "2026-01-01") == [("info", "ann leads Red from 1 Jan 2026.")]
    assert lead(bob.pk, "2026-03-01") == [("info", "bob leads Red from 1 Mar 2026.")]
    # A day alone does not say that nobody leads it.
    assert lead("", "2026-05-01") == ["Choose a supervisor, or nobody."]
    assert lead("none", "2026-05-01") == [("info", "Nobody leads Red from 1 May 2026.")]
    # Refused, each in words and without a message that something was done.
    assert lead(ann.pk, "2026-02-01") == ["It is so already, until before 1 Mar 2026."]
    assert lead(bob.pk, "2026-03-01") == ["There is one from 1 Mar 2026 already: remove it first."]
    assert lead("none", "2026-05-02") == ["It is so already."]
    there = "There is no such person at this site within your reach."
    assert lead(far.pk, "2026-06-01") == [there]
    assert lead(ann.pk, "some day") == ["Write the day as YYYY-MM-DD."]
    assert lead(ann.pk, "") == ["This field is required."]
    assert TeamLead.objects.count() == 2
    assert lead(ann.pk, "2026-06-01") == [("info", "ann leads Red from 1 Jun 2026.")]
    assert lead(ann.pk, "2026-07-01") == ["It is so already."]


def test_whoever_forgets_a_supervisor_or_a_stay_is_told_what_that_leaves(client, site):
    ann = a_user("supervisor", site, name="ann")
    agent = an_agent(site, "Ada")
    team = a_team(site, ann, agent)
    Team.objects.filter(pk=team.pk).update(name="Red")
    client.force_login(a_user("manager", site))
    lead, stay = TeamLead.objects.get(), TeamMembership.objects.get()
    for page, row, words in (
        ("lead_remove", lead, "ann no longer leads Red for that time. The time before stays as it "
                              "is: say who leads the team since, or nobody does."),
        ("stay_remove", stay, "Ada is no longer in Red for that time; the time before stays as it "
                              "is."),
    ):  # fmt: skip
        path = reverse(page, args=[row.pk])
        assert told(client.post(path, follow=True)) == [("warning", words)]
        assert client.post(path).status_code == 404  # it is gone


def test_whoever_moves_an_agent_is_told_where_to(client, site):
    agent, team = an_agent(site, "Ada"), a_team(site)
    Team.objects.filter(pk=team.pk).update(name="Red")
    client.force_login(a_user("manager", site))

    def move(to, since):
        path = reverse("agent_move", args=[agent.pk])
        return told(client.post(path, {"team": to, "since": since}, follow=True))

    assert move(team.pk, "2026-01-01") == [("info", "Ada is in Red from 1 Jan 2026.")]
    assert move("", "2026-02-01") == []
    assert move("none", "2026-02-01") == [("info", "Ada is in no team from 1 Feb 2026.")]
    words = "Ada is in Red from 15 Dec 2025 until before 1 Jan 2026."
    assert move(team.pk, "2025-12-15") == [("info", words)]
    assert move(team.pk, "2026-01-01") == []
    assert move(a_team(a_site()).pk, "2026-03-01") == []


def test_a_team_is_its_supervisors_to_see_on_their_days_alone(site):
    """Days are the site's: at 23:30 UTC of 30 June it is 1 July in London."""
    first, second = a_user("supervisor", site), a_user("supervisor", site)
    agent = an_agent(site)
    team = a_team(site, None, agent)
    july = date(2026, 7, 1)
    TeamLead.objects.create(team=team, supervisor=first, ends_on=july)
    TeamLead.objects.create(team=team, supervisor=second, starts_on=july)
    for moment, who in (
        (datetime(2026, 6, 30, 22, 30, tzinfo=UTC), first),
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), second),
    ):
        with time_machine.travel(moment, tick=False):
            for user in (first, second):
                user = User.objects.get(pk=user.pk)
                seen = [agent] if user == who else []
                assert list(Agent.objects.visible_to(user)) == seen
                assert Team.objects.visible_to(user).exists() == bool(seen)
                assert Site.objects.visible_to(user).exists() == bool(seen)


def test_an_agent_has_a_login_skills_a_contract_and_dates(client, site):
    login, taken = a_user("agent", site), a_user("agent", site)
    an_agent(site, user=taken)
    client.force_login(a_user("manager", site))
    said = {
        "name": "Ada", "site": site.pk, "employee_id": "E-7", "user": login.pk,
        "skills": "sales, French, , sales",
        "contract_hours": "37.5", "hired_on": "2026-01-01", "left_on": "",
    }  # fmt: skip
    for wrong, field in (
        ({"user": taken.pk}, "user"),
        ({"contract_hours": "169"}, "contract_hours"),
        ({"contract_hours": "-1"}, "contract_hours"),
        ({"contract_hours": "NaN"}, "contract_hours"),
        ({"left_on": "2025-12-31"}, "left_on"),
        ({"left_reason": "voluntary"}, "left_on"),
        ({"hired_on": "01/02/2026"}, "hired_on"),
        ({"hired_on": "9999-12-31"}, "hired_on"),
        ({"skills": "x" * 61}, "skills"),
        ({"site": a_site().pk}, "site"),
        ({"site": "x"}, "site"),
    ):
        assert list(errors(sent(client, "agent_new", **said | wrong))) == [field], wrong
    sent(client, "agent_new", **said)
    ada = Agent.objects.get(name="Ada")
    assert (ada.user, ada.skills, str(ada.contract_hours)) == (login, ["sales", "French"], "37.5")
    assert ada.employee_id == "E-7"
    page = sent(client, "agent_new", **said | {"name": "Joan", "user": ""})
    assert "of this employee id" in errors(page)["__all__"][0]
    assert rows(client.get(reverse("agent_list"), {"q": "e-7"})) == [ada]
    del said["site"]
    joan = an_agent(site, "Joan")
    page = sent(client, "agent_edit", joan.pk, **said | {"name": "Joan", "user": ""})
    assert "of this employee id" in errors(page)["__all__"][0]
    sent(client, "agent_edit", ada.pk, **said | {
        "name": "Ada Lovelace", "left_on": "2026-02-01", "left_reason": "voluntary",
    })  # fmt: skip
    ada.refresh_from_db()
    assert (ada.name, ada.left_on) == ("Ada Lovelace", date(2026, 2, 1))
    assert ada.left_reason == "voluntary"


HR = "Employee ID,Name,Team,Team since,Contract hours\n7,Ada,Red,2026-01-05,20\n"


def test_what_a_person_corrects_outlives_the_list_that_wrote_it(client, admin, site):
    """Ada was there before, with ten hours; the list made the team and the stay in it."""
    ada = an_agent(site, "Ada")
    Agent.objects.filter(pk=ada.pk).update(contract_hours=10)
    sales = a_queue(site, "Sales")
    people = imported(site, HR)
    hours = imported(site, "Queue,Mon,Tue,Wed\nSales,9-17,9-17,9-17\nChat,9-17,9-17,9-17\n")
    team, chat = Team.objects.get(), Queue.objects.get(name="Chat")
    sent(client, "team_edit", team.pk, name="Crimson")
    sent(client, "agent_edit", ada.pk, name="Ada", employee_id="7", contract_hours="30")
    sent(client, "agent_move", ada.pk, team="none", since="2026-06-01")
    sent(client, "queue_edit", chat.pk, name="Chat", channel="chat", day0="10-12")
    for batch in (people, hours):
        undo.run(undo.start(batch).pk)
    ada.refresh_from_db()
    team.refresh_from_db()
    chat.refresh_from_db()
    sales.refresh_from_db()
    assert (ada.contract_hours, team.name) == (30, "Crimson")
    stay = TeamMembership.objects.get()
    assert (stay.team, stay.ends_on, stay.batch) == (team, date(2026, 6, 1), None)
    assert chat.hours == {"0": [["10:00", "12:00"]]}
    assert sales.hours == {}  # nobody corrected it: as before the list


def test_a_name_that_a_person_gave_outlives_the_list_that_gave_another(site):
    ada = an_agent(site, "Agent/1101")
    batch = imported(site, "Employee ID,Name,Extension\n7,Ada,1101\n")
    naming.rename(naming.AGENTS, ada, "Ada Lovelace")
    undo.run(undo.start(batch).pk)
    ada.refresh_from_db()
    assert ada.name == "Ada Lovelace"


def test_two_of_one_name_are_told_apart_by_an_employee_id(client, admin, site):
    an_agent(site, "George Whitaker")
    said = {"name": "george whitaker", "site": site.pk}
    words = "There is a George Whitaker already: give an employee id to tell them apart."
    assert errors(sent(client, "agent_new", **said)) == {"name": [words]}
    assert sent(client, "agent_new", **said, employee_id="E1").status_code == 302
    taken = "george whitaker has the employee id E1 already."
    other = {"name": "Ada", "site": site.pk, "employee_id": "e1"}
    assert errors(sent(client, "agent_new", **other)) == {"employee_id": [taken]}
    elsewhere = {"name": "George Whitaker", "site": a_site().pk}
    assert sent(client, "agent_new", **elsewhere).status_code == 302


def test_a_stay_is_put_before_a_later_one_and_ends_where_that_begins(client, admin, site):
    agent, red, blue = an_agent(site), a_team(site), a_team(site)
    sent(client, "agent_move", agent.pk, team=red.pk, since="2027-12-31")
    page = client.post(
        reverse("agent_move", args=[agent.pk]),
        {"team": blue.pk, "since": "2026-01-01"},
        follow=True,
    )
    words = f"{agent} is in {blue} from 1 Jan 2026 until before 31 Dec 2027."
    assert told(page)[-1] == ("info", words)
    stays = TeamMembership.objects.values_list("team", "starts_on", "ends_on")
    assert list(stays) == [
        (blue.pk, date(2026, 1, 1), date(2027, 12, 31)),
        (red.pk, date(2027, 12, 31), None),
    ]


def test_a_stay_put_into_one_that_was_told_to_end_ends_with_it(client, admin, site):
    agent, red, blue = an_agent(site), a_team(site), a_team(site)
    for team, since in ((blue.pk, "2026-01-01"), ("none", "2026-02-01"), (red.pk, "2026-01-15")):
        sent(client, "agent_move", agent.pk, team=team, since=since)
    stays = TeamMembership.objects.values_list("team", "starts_on", "ends_on")
    assert list(stays) == [
        (blue.pk, date(2026, 1, 1), date(2026, 1, 15)),
        (red.pk, date(2026, 1, 15), date(2026, 2, 1)),
    ]


def test_an_agent_goes_from_team_to_team_by_the_day(client, admin, site):
    agent, red, blue = an_agent(site), a_team(site), a_team(site)
    sent(client, "agent_move", agent.pk, team=red.pk, since="2026-01-01")
    sent(client, "agent_move", agent.pk, team=blue.pk, since="2026-03-01")
    stays = TeamMembership.objects.values_list("team", "starts_on", "ends_on")
    assert list(stays) == [
        (red.pk, date(2026, 1, 1), date(2026, 3, 1)),
        (blue.pk, date(2026, 3, 1), None),
    ]
    page = sent(client, "agent_move", agent.pk, team=red.pk, since="2026-03-01")
    assert "There is one from 1 Mar 2026 already" in page.content.decode()
    page = sent(client, "agent_move", agent.pk, team=blue.pk, since="2026-04-01")
    assert "It is so already." in page.content.decode()
    page = sent(client, "agent_move", agent.pk, team=a_team(a_site()).pk, since="2026-04-01")
    assert "no such team at this site" in page.content.decode()
    sent(client, "agent_move", agent.pk, team="none", since="2026-05-01")
    assert TeamMembership.objects.get(team=blue).ends_on == date(2026, 5, 1)
    words = client.get(reverse("agent_edit", args=[agent.pk])).content.decode()
    assert f"{agent} is in no team from 1 May 2026." in words
    sent(client, "stay_remove", TeamMembership.objects.get(team=red).pk)
    assert TeamMembership.objects.count() == 1


# Lists


def fill(site, many):
    for number in range(many):
        agent = an_agent(site, f"Agent {number:03}")
        a_queue(site, f"Queue {number:03}")
        a_team(site, a_user("supervisor"), agent)
        a_site(f"Site number {number:03}")


@pytest.mark.parametrize("part", PARTS)
def test_a_list_sorts_filters_and_exports_what_it_shows(client, admin, site, part):
    fill(site, 3)
    path = reverse(f"{part}_list")
    found = rows(client.get(path))
    assert [one.name for one in found] == sorted(one.name for one in found)
    table = client.get(path).context["table"]
    for column in table.columns:
        if column.orderable:
            for sort in (column.name, f"-{column.name}"):
                assert set(rows(client.get(path, {"sort": sort}))) == set(found)
    page = client.get(path, {"q": "002"})
    assert len(rows(page)) == (0 if part == "team" else 1)
    sent_file = client.get(reverse(f"{part}_csv"), {"sort": "-name"})
    text = b"".join(sent_file.streaming_content).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert [line[0] for line in lines[1:]] == [one.name for one in reversed(found)]
    nothing = client.get(path, {"q": "no such name"})
    assert "Nothing here fits these filters." in nothing.content.decode()


@pytest.mark.parametrize("many", [1, 60])
@pytest.mark.parametrize(
    ("part", "queries"), [("site", 4), ("queue", 5), ("team", 6), ("agent", 6)]
)
def test_a_list_asks_the_same_of_few_rows_as_of_many(
    client, admin, site, django_assert_num_queries, part, queries, many
):
    fill(site, many)
    with django_assert_num_queries(queries):
        assert client.get(reverse(f"{part}_list")).status_code == 200


@pytest.mark.parametrize("part", ["queue", "team", "agent"])
def test_what_is_exported_can_be_imported_and_changes_nothing(client, admin, site, part):
    eva, login = a_user("supervisor", site), a_user("agent", site)
    queue = a_queue(site, "Sales")
    queue.hours = {"0": [["09:00", "12:30"], ["13:30", "18:00"]], "5": [["10:00", "12:00"]]}
    queue.save()
    a_queue(site, "Support")
    for number in (7, 8):
        ada = an_agent(site, f"Ada {number}")
        a_team(site, eva, ada)
        Agent.objects.filter(pk=ada.pk).update(
            employee_id=number,
            user=login if number == 7 else None,
            skills=["en", "de"],
            contract_hours="38.5",
            hired_on="2020-01-01",
            left_on="2099-12-31",
        )
    text = b"".join(client.get(reverse(f"{part}_csv")).streaming_content)
    batch = imported(site, text)
    assert (books(batch), reasons(batch)) == ({"read": 2, "duplicate": 2}, [])
    told = text.decode("utf-8-sig").splitlines()
    words = {"queue": "09:00-12:30, 13:30-18:00", "team": eva.username, "agent": login.username}
    assert words[part] in told[1]
    assert len(told[1].split(",")) >= len(told[0].split(","))


def test_agents_are_listed_with_todays_team_and_by_whether_they_are_here(client, admin, site):
    today = timezone.now().date()
    ann, bob = an_agent(site, "Ann"), an_agent(site, "Bob")
    team = a_team(site, None, ann)
    TeamMembership.objects.create(
        agent=bob, team=team, starts_on=date(2020, 1, 1), ends_on=today - timedelta(days=2)
    )
    Agent.objects.filter(pk=bob.pk).update(left_on=today - timedelta(days=2))
    found = rows(client.get(reverse("agent_list")))
    assert [(one.name, one.team_name) for one in found] == [("Ann", team.name), ("Bob", None)]
    assert rows(client.get(reverse("agent_list"), {"only": "here"})) == [ann]
    assert rows(client.get(reverse("agent_list"), {"only": "left"})) == [bob]
    [listed] = rows(client.get(reverse("team_list")))
    assert listed.member_count == 1
    assert list(client.get(reverse("team_edit", args=[team.pk])).context["members"]) == [ann]


def test_a_manager_sees_and_makes_at_own_sites_alone(client, site):
    there = a_site("Leeds")
    mine, theirs = an_agent(site), an_agent(there)
    client.force_login(a_user("manager", site))
    assert rows(client.get(reverse("agent_list"))) == [mine]
    for path in (
        reverse("agent_edit", args=[theirs.pk]),
        reverse("site_list"),
        reverse("site_edit", args=[site.pk]),
        reverse("agent_list") + "?site=" + there.slug,
        reverse("agent_edit", args=[1 << 70]),
    ):
        assert client.get(path).status_code == 404, path
    page = sent(client, "queue_new", name="q", site=there.pk, channel="voice")
    assert "within your reach" in errors(page)["site"][0]


@pytest.mark.parametrize("part", PARTS)
def test_an_empty_list_says_so_and_nonsense_is_passed_over(client, admin, part):
    path = reverse(f"{part}_list")
    assert "None yet" in client.get(path).content.decode()
    for asked in ({"sort": "x"}, {"page": "0"}, {"q": "'%_"}, {"only": "?"}):
        assert client.get(path, asked).status_code == 200


def test_a_form_sent_empty_is_refused_in_words(client, admin):
    for part in PARTS:
        page = client.post(reverse(f"{part}_new"))
        assert page.status_code == 200
        assert "name" in errors(page)


@pytest.mark.parametrize("part", ["site", "queue", "team"])
def test_a_name_that_is_taken_is_refused_beside_it_in_words(client, admin, site, part):
    said = {"site": SITE, "queue": {"channel": "voice"}, "team": {}}[part] | {"name": "Red"}
    at = {} if part == "site" else {"site": site.pk}
    sent(client, f"{part}_new", **said | at)
    page = sent(client, f"{part}_new", **said | at)
    assert errors(page) == {"name": ["There is another one named Red already."]}


@pytest.mark.parametrize("model", [Queue, Team, Agent, Cost, Target, Headcount, Sale, Leave])
def test_what_must_never_be_false_is_said_in_words(model):
    for constraint in model._meta.constraints:
        assert constraint.violation_error_message != constraint.default_violation_error_message
