"""Rings of a team: those at whoever was in it on that day, with the calls they are of.

Ann is of Red on both days, Ben of Red on Monday and of Blue from Tuesday, Eve of no team:

    Monday   a  Ann no answer, Ann no answer, Ben declined, Eve answered
             b  Ben no answer, Ann answered
             c  Ben unreachable, Ann cancelled; the caller left
    Tuesday  d  Ben no answer, Ann answered
             e  Ben answered
             f  Eve declined; the caller left
"""

import csv
from collections import Counter
from datetime import date, timedelta
from html import unescape
from io import StringIO

import pytest
from django.urls import reverse

from ccm.models import Call, Site, TeamMembership
from kpis import rollups
from tests.builders import NINE, a_record, a_sale, a_site, a_team, a_user, an_agent, stored

pytestmark = pytest.mark.django_db

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
CALLS = {
    "a": ("Eve", [("Ann", "no_answer"), ("Ann", "no_answer"), ("Ben", "declined"),
                  ("Eve", "answered")]),
    "b": ("Ann", [("Ben", "no_answer"), ("Ann", "answered")]),
    "c": ("", [("Ben", "unreachable"), ("Ann", "cancelled")]),
    "d": ("Ann", [("Ben", "no_answer"), ("Ann", "answered")]),
    "e": ("Ben", [("Ben", "answered")]),
    "f": ("", [("Eve", "declined")]),
}  # fmt: skip
# By team the figure, over how many, and what each call of the numerator brings to it.
EXPECTED = {
    "missed_rate": {
        "Red": (5 / 7, 7, {"a": 3, "b": 1, "c": 1}),
        "Blue": (1 / 2, 2, {"d": 1}),
        "": (1 / 2, 2, {"f": 1}),
    },
    "ring_no_answer": {
        "Red": (4, 4, {"a": 2, "b": 1, "c": 1}),
        "Blue": (1, 1, {"d": 1}),
        "": (0, 0, {}),
    },
    "unreachable": {"Red": (1, 1, {"c": 1}), "Blue": (0, 0, {}), "": (0, 0, {})},
    "cancelled": {"Red": (1, 1, {"c": 1}), "Blue": (0, 0, {}), "": (0, 0, {})},
    "declined": {"Red": (1, 1, {"a": 1}), "Blue": (0, 0, {}), "": (1, 1, {"f": 1})},
}
# The calls of the denominator, where that is another side.
BELOW = {
    "missed_rate": {"Red": "abcd", "Blue": "de", "": "af"},
}


@pytest.fixture
def teams():
    """What rows of the teams are called."""
    site = a_site(name="Leeds")
    ann, ben, _eve = (an_agent(site, name) for name in ("Ann", "Ben", "Eve"))
    red, blue = a_team(site, None, ann), a_team(site)
    for team, first, end in ((red, date(2020, 1, 1), TUESDAY), (blue, TUESDAY, None)):
        TeamMembership.objects.create(agent=ben, team=team, starts_on=first, ends_on=end)
    records, offers = [], []
    for number, (name, (answered_by, rings)) in enumerate(CALLS.items()):
        at = NINE + timedelta(days=number // 3, minutes=number)
        known = {"external_id": name, "linked_id": name, "outcome": "abandoned"}
        if answered_by:
            known |= {"outcome": "answered", "agent": answered_by, "answered_at": at}
        offers += [
            {"call": number, "agent": agent, "ended_ms": len(offers) + one, "ring_ms": 2_000,
             "outcome": outcome}
            for one, (agent, outcome) in enumerate(rings, start=1)
        ]  # fmt: skip
        records.append(a_record(at, **known))
    stored(site, *records, offers=offers)
    while rollups.recount_dirty():
        continue
    return {red.name: "Red", blue.name: "Blue", "In no team": ""}


def report_of(client, **asked):
    told = {"period": "custom", "from": MONDAY, "to": TUESDAY, "by": "team", "kpi": [*EXPECTED]}
    return client.get(reverse("report"), told | asked)


def lines_of(page):
    sent = b"".join(page.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(sent)))


def listed(client, passport, side):
    """The calls on a side of the figure with this passport, as a file has them, with what they
    bring."""
    found = passport.replace(reverse("passport"), reverse("passport_calls"))
    lines = lines_of(client.get(f"{found}&side={side}&export=csv"))
    return Counter({one["Id at the source"]: int(one.get("Value, rings") or 0) for one in lines})


def test_each_figure_of_rings_by_team_leads_to_the_calls_that_rang_there_and_adds_up(
    client, teams, django_assert_max_num_queries
):
    client.force_login(a_user("manager", Site.objects.get()))
    page = report_of(client)
    assert not [note for note in page.context["notes"] if "passport" in note]
    rows = {teams[row["name"]]: row for row in page.context["tables"][0].data.data}
    for kpi, by_team in EXPECTED.items():
        for team, (value, n, brings) in by_team.items():
            row = rows[team]
            assert row["figures"][kpi].value == pytest.approx(value), (kpi, team)
            with django_assert_max_num_queries(12):
                made = client.get(unescape(row["url_of"](kpi)))
            assert made.context["passport"]["value"] == pytest.approx(value)
            if kpi.startswith("missed_rate"):
                assert row["figures"][kpi].n == n
            assert listed(client, row["url_of"](kpi), "numerator") == brings, (kpi, team)
            if kpi in BELOW:
                below = listed(client, row["url_of"](kpi), "denominator")
                assert {*below} == {*BELOW[kpi][team]}, (kpi, team)


def test_so_it_is_of_a_picked_team_in_files_and_of_several_agents_together(client, teams):
    """Of Red on Monday 5 of 6 rings, on Tuesday 0 of 1; what Ann and Ben missed, whatever team:
    2 + 1, 1, 1 and 1 of 9 rings."""
    site = Site.objects.get()
    client.force_login(a_user("manager", site))
    red = next(pk for pk, name in site.teams.values_list("pk", "name") if teams[name] == "Red")
    two = [site.agents.get(name=name).pk for name in ("Ann", "Ben")]
    days = {"by": "day", "kpi": "missed_rate", "export": "csv"}
    lines = lines_of(report_of(client, team=red, **days))
    assert [float(line["missed_rate (fraction)"]) for line in lines] == [pytest.approx(5 / 6), 0]
    monday, tuesday = (line["missed_rate passport_url"] for line in lines)
    assert listed(client, monday, "numerator") == {"a": 3, "b": 1, "c": 1}
    assert {*listed(client, monday, "denominator")} == {"a", "b", "c"}
    assert {*listed(client, tuesday, "denominator")} == {"d"}
    assert listed(client, tuesday, "numerator") == {}
    asked = {"by": "team", "kpi": "missed_rate", "first": MONDAY, "last": TUESDAY}
    rows = client.get(reverse("api_kpis"), asked | {"site": site.slug}).json()["rows"]
    found = {
        teams.get(row["key"]["team"], ""): row["kpis"]["missed_rate"]["passport_url"]
        for row in rows
    }
    told = {team: listed(client, one, "numerator") for team, one in found.items()}
    assert told == {team: brings for team, (*_, brings) in EXPECTED["missed_rate"].items()}
    page = report_of(client, agent=two, by="total", kpi="missed_rate")
    (row,) = page.context["tables"][0].data.data
    assert row["figures"]["missed_rate"].value == pytest.approx(6 / 9)
    assert listed(client, row["url_of"]("missed_rate"), "numerator") == {
        "a": 3, "b": 1, "c": 1, "d": 1,
    }  # fmt: skip
    # How often it rang is told of those picked alone: at Ben of Blue once.
    calls = client.get(
        row["url_of"]("missed_rate").replace(reverse("passport"), reverse("passport_calls"))
    )
    why = "rang at an agent who did not answer, or declined"
    assert [one["why"] for one in calls.context["calls"]] == [f"{why}: 3 rings", why, why, why]


def test_what_a_teams_agents_sold_is_told_of_each_call_and_adds_up(client, teams):
    """Ben sold for 7 on call a on Monday, when he was of Red, and on d on Tuesday for 4; Ann for 2
    on b."""
    site = Site.objects.get()
    Site.objects.update(currency="GBP")
    calls = {call.external_id: call for call in Call.objects.all()}
    for reference, (call, who, value) in enumerate(
        (("a", "Ben", 7), ("d", "Ben", 4), ("b", "Ann", 2))
    ):
        a_sale(
            site, call=calls[call], call_ref=call, reference=str(reference), value=value,
            agent=site.agents.get(name=who),
        )  # fmt: skip
    client.force_login(a_user("manager", site))
    page = report_of(client, kpi="revenue")
    sold = {}
    for row in page.context["tables"][0].data.data:
        found = row["url_of"]("revenue").replace(reverse("passport"), reverse("passport_calls"))
        lines = lines_of(client.get(f"{found}&side=numerator&export=csv"))
        of_calls = {one["Id at the source"]: float(one["Value, GBP"]) for one in lines}
        assert sum(of_calls.values()) == (row["figures"]["revenue"].value or 0)
        sold[teams[row["name"]]] = of_calls
    assert (sold["Red"], sold["Blue"]) == ({"a": 7, "b": 2}, {"d": 4})
