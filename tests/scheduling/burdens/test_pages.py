"""The pages of fairness."""

import pytest
import time_machine
from django.urls import reverse

from ccm.models import AuditEntry, TeamLead, TeamMembership
from scheduling.models import KeptWish
from tests.builders import a_site, a_team, a_user, an_agent
from tests.scheduling.burdens.test_book import NOW, a_night
from tests.scheduling.kept.builders import DAY, MONDAY, a_roster, a_shift, published
from tests.scheduling.terms.builders import a_contract, with_contract

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _then():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def roster(site):
    return published(a_roster(site))


@pytest.fixture
def planner(client, site):
    client.force_login(a_user("planner", site))
    return client


def page_of(client, query="?of=night"):
    return client.get(reverse("fairness") + query)


def rows_of(page):
    return [[str(cell) for cell in row.cells] for row in page.context["table"].rows]


def names_of(page):
    return [row.record.agent.name for row in page.context["table"].rows]


def six_nights(site, roster):
    """The example of docs/rostering.md: four nights at full time, two at half time."""
    ada, bea = an_agent(site, "Ada"), an_agent(site, "Bea")
    with_contract(ada, a_contract(site, week_minutes=2400))
    with_contract(bea, a_contract(site, "Half", is_full_time=False, week_minutes=1200))
    for day, agent in enumerate([ada, ada, ada, ada, bea, bea]):
        a_night(roster, agent, MONDAY + day * DAY)
    return ada, bea


def test_planners_see_who_bore_how_much_of_what_they_could_have(planner, site, roster):
    six_nights(site, roster)
    page = page_of(planner)
    assert [row[1:] for row in rows_of(page)] == [
        ["4", "0", "6", "66.7\xa0%", "4.0", "0.0", "66.7\xa0%"],
        ["2", "0", "3", "66.7\xa0%", "2.0", "0.0", "66.7\xa0%"],
    ]
    text = page.content.decode()
    assert "6 such shifts were borne" in text
    assert "28 Sep 2025" not in text
    assert "22 Sep 2025" in text  # 26 weeks that end on the 22nd of March


def test_the_table_is_sorted_as_asked(planner, site, roster):
    six_nights(site, roster)
    assert names_of(page_of(planner, "?of=night&sort=burden")) == ["Bea", "Ada"]
    assert names_of(page_of(planner, "?of=night&sort=-burden")) == ["Ada", "Bea"]


@pytest.mark.parametrize("query", ["?of=nonsense", "?sort=nonsense", "?of=wishes&page=99", ""])
def test_what_makes_no_sense_in_the_address_is_passed_over(planner, site, roster, query):
    six_nights(site, roster)
    assert page_of(planner, query).status_code == 200


def test_all_burdens_together_are_what_somebody_bore_beyond_their_fair_share(planner, site, roster):
    """Of four weekend shifts Ada bore three and Bea one, both at full time, so that two are fair;
    Ada's on Sunday was a night, too, of which half is fair."""
    ada, bea = an_agent(site, "Ada"), an_agent(site, "Bea")
    saturday, sunday = MONDAY + 5 * DAY, MONDAY + 6 * DAY
    a_night(roster, ada, sunday)
    earlier = published(a_roster(site, first_day=MONDAY - 7 * DAY))
    for agent, day in ((ada, saturday - 7 * DAY), (ada, sunday - 7 * DAY), (bea, sunday - 7 * DAY)):
        a_shift(earlier, agent, day)
    page = page_of(planner, "?of=all")
    names, cells = names_of(page), [row[1:] for row in rows_of(page)]
    assert dict(zip(names, cells, strict=True)) == {
        "Ada": ["+1.5", "+1.0", "+0.5", "0.0", "0.0", "0.0"],
        "Bea": ["−1.5", "−1.0", "−0.5", "0.0", "0.0", "0.0"],
    }
    file = planner.get(reverse("fairness_csv") + "?of=all")
    lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Site,Name,Beyond the fair share,Weekends,Nights")
    assert [line.split(",")[1:3] for line in lines[1:]] == [["Ada", "1.5"], ["Bea", "-1.5"]]


def test_refused_wishes_are_told_with_their_rules(planner, site, roster):
    ada = an_agent(site, "Ada")
    for day, rule in enumerate(["rest_minutes", "rest_minutes", "dearer", ""]):
        KeptWish.objects.create(
            roster=roster, agent=ada, day=MONDAY + day * DAY, wants=False,
            is_refused=bool(rule), rule=rule,
        )  # fmt: skip
    [row] = rows_of(page_of(planner, "?of=wishes"))
    assert row[1:] == [
        "4", "3", "75.0\xa0%", "Rest between shifts: 2; it would have cost more: 1",
    ]  # fmt: skip


def test_who_leads_a_team_sees_its_people_alone(client, site, roster):
    ada, _bea = six_nights(site, roster)
    team, lead = a_team(site), a_user("supervisor", site)
    TeamMembership.objects.create(agent=ada, team=team, starts_on=MONDAY)
    TeamLead.objects.create(team=team, supervisor=lead, starts_on=MONDAY)
    client.force_login(lead)
    page = page_of(client)
    assert names_of(page) == ["Ada"]
    assert "Bea" not in page.content.decode()
    file = b"".join(client.get(reverse("fairness_csv") + "?of=night").streaming_content).decode()
    assert "Ada" in file
    assert "Bea" not in file


def test_the_file_has_the_rows_of_the_page_and_is_noted(planner, site, roster):
    six_nights(site, roster)
    answer = planner.get(reverse("fairness_csv") + "?of=night&sort=-burden")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Site,Of what,Name,Borne,Wished for,Could have borne")
    assert [line.split(",")[1:6] for line in lines[1:]] == [
        ["Nights", "Ada", "4", "0", "6.0"], ["Nights", "Bea", "2", "0", "3.0"],
    ]  # fmt: skip
    assert AuditEntry.objects.filter(action=AuditEntry.Action.EXPORTED).count() == 1


def test_where_nobody_is_the_page_says_so(planner):
    assert "Nobody is there" in page_of(planner).content.decode()


@pytest.mark.parametrize("many", [1, 12])
def test_the_page_asks_the_same_of_one_as_of_many(
    planner, site, roster, many, django_assert_num_queries
):
    for number in range(many):
        agent = an_agent(site, f"Agent {number}")
        with_contract(agent, a_contract(site, f"Contract {number}"))
        a_night(roster, agent)
    page_of(planner)
    # Session, user, sites with rules, agents, wishes, shifts, what was asked for, who takes what,
    # and four of terms.
    with django_assert_num_queries(12):
        page_of(planner)


def own_page(client, agent):
    agent.user = a_user("agent", agent.site)
    agent.save()
    client.force_login(agent.user)
    return client.get(reverse("my_fairness"))


def test_somebody_sees_their_own_and_which_shifts_it_is_made_of(client, site, roster):
    ada, _bea = six_nights(site, roster)
    text = own_page(client, ada).content.decode()
    assert "66.7" in text
    assert text.count("22:00–06:00") == 4
    assert "Bea" not in text
    assert "not told: fewer than five" in text


def test_of_five_people_the_group_is_told_without_names(client, site, roster):
    """One night each for Ada to Dot and none for Eve, of the four that each could have had: of the
    ratios 0, 1/4, 1/4, 1/4, 1/4 all quartiles are a quarter."""
    people = [an_agent(site, name) for name in ("Ada", "Bea", "Cid", "Dot", "Eve")]
    for day, agent in enumerate(people[:4]):
        a_night(roster, agent, MONDAY + day * DAY)
    page = own_page(client, people[4])
    text = page.content.decode()
    assert "of 5 people a quarter bore at most 25.0" in text
    assert not any(name in text for name in ("Bea", "Cid", "Dot"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Ada", "More than your fair share: 2 borne, 1.0 would be fair"),
        ("Bea", "Just your fair share: 1 borne, 1.0 would be fair"),
        ("Eve", "Less than your fair share: 0 borne, 1.0 would be fair"),
    ],
)
def test_whether_it_is_fair_is_answered_first(client, site, roster, name, said):
    """Five nights of the week among five at full time, one each is fair: Ada had two, Eve none."""
    people = {one: an_agent(site, one) for one in ("Ada", "Bea", "Cid", "Dot", "Eve")}
    for day, one in enumerate(["Ada", "Ada", "Bea", "Cid", "Dot"]):
        a_night(roster, people[one], MONDAY + day * DAY)
    text = own_page(client, people[name]).content.decode()
    assert said in text
    assert text.index(said) < text.index("of 5 people a quarter bore")


def test_of_so_few_whether_it_is_fair_is_not_told(client, site, roster):
    ada, _bea = six_nights(site, roster)
    assert "fair share" not in own_page(client, ada).content.decode()


def test_wishes_of_which_nobody_knows_why_are_told_apart_from_the_rules(client, site, roster):
    ada = an_agent(site, "Ada")
    for day, rule in enumerate(["rest_minutes", "", ""]):
        KeptWish.objects.create(
            roster=roster, agent=ada, day=MONDAY + day * DAY, wants=False, is_refused=True,
            rule=rule,
        )  # fmt: skip
    text = own_page(client, ada).content.decode()
    assert "By Rest between shifts: 1." in text
    assert "By which rule 2 were refused, nobody has found out yet." in text


def test_who_nobody_has_confirmed_is_told_so(client, site):
    stranger = an_agent(site, "X1")
    stranger.is_new = True
    assert "Nothing is counted of you yet" in own_page(client, stranger).content.decode()


def test_ones_own_page_asks_as_little(client, site, roster, django_assert_num_queries):
    ada, _bea = six_nights(site, roster)
    own_page(client, ada)
    with django_assert_num_queries(12):
        client.get(reverse("my_fairness"))
