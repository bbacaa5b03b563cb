"""The ramp curve of a site: who sees whom, and what the page says."""

import csv
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from ccm.models import SurveyResponse
from coaching.ramp import reads, words
from kpis.rollups import rebuild
from tests.builders import NINE, a_queue, a_site, a_team, a_user, many_calls, unsaved_call
from tests.kpis.test_ramp import MONDAY, WEEK, someone, works

pytestmark = pytest.mark.django_db

# Fourteen weeks are whole.
NOW = "2026-04-13T09:00:00Z"
MINUTE = timedelta(minutes=1)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def lead():
    return a_user("supervisor")


@pytest.fixture
def team(lead):
    """Five tenured, whose calls take 100 to 140 s; two who are new, one of them of another team;
    and one who was hired half a year before, of whom no call is kept."""
    site = a_site()
    team = a_team(site, lead)
    for number in range(5):
        works(someone(team, date(2020, 1, 1)), [100 + 10 * number] * 15)
    works(someone(team, MONDAY), [300, 200, None, *[120] * 11])
    works(someone(a_team(site), MONDAY + WEEK), [None, 200, 180])
    someone(team, date(2025, 7, 1))
    return team


def test_the_curve_of_those_hired_and_how_long_it_took_each(team, lead):
    """Whoever came on 5 January: 300, 200, nothing, then 120 s from the fourth week on, 21 days
    after. A week later another: 200 and 180 s in their first two weeks, of a team without a band.
    Week 1: (300 + 200) / 2. Week 2: (200 + 180) / 2. Week 3: neither took calls."""
    now = datetime(2026, 4, 13, 9, tzinfo=UTC)
    shown = reads.shown(a_user("manager", team.site), team.site, MONDAY, date(2026, 2, 1), now)
    first, second, third, fourth = shown.new.points[:4]
    assert [(one.reached, one.n, one.middle) for one in (first, second, third)] == [
        (2, 2, 250), (2, 2, 190), (2, 0, None)
    ]  # fmt: skip
    assert (fourth.n, fourth.middle, fourth.low, fourth.high) == (1, 120, 100, 140)
    assert (first.low, first.high, first.is_inside) == (100, 140, False)
    assert fourth.is_inside
    mine, *_others = sorted(shown.people, key=lambda one: one.hired)
    assert (mine.reached, mine.weeks, mine.n) == (21, 14, 13)
    assert [one.untold for one in shown.people] == [  # the newest first
        "cannot be compared: fewer than five tenured in the team", ""
    ]  # fmt: skip
    assert (shown.earlier.many, shown.earlier.ramp.value) == (1, None)
    # Nobody was asked of.
    assert (shown.new.csat, mine.csat) == (None, None)
    # One of one that can be told of: the median of so few is the time of one of them.
    assert (shown.new.ramp.value, shown.new.ramp.n) == (21, 1)
    assert shown.new.time == "too few to tell: 1 person"


def test_ramp_time_is_told_of_five_people():
    assert words.told(25, 5) == "25 days of 5 people"
    assert words.told(25, 4) == "too few to tell: 4 people"
    assert words.told(None, 0) == words.told(None, 9) == ""


def test_what_callers_said_stands_beside_it(lead):
    """Of ten who answered eight were satisfied with one, six with the other: 14 of 20."""
    site = a_site()
    team, queue = a_team(site, lead), a_queue(site)
    for hired, good in ((date(2026, 3, 1), 8), (date(2026, 3, 2), 6)):
        agent = someone(team, hired)
        calls = [unsaved_call(queue, NINE + n * MINUTE, agent=agent) for n in range(10)]
        many_calls(calls)
        SurveyResponse.objects.bulk_create(
            SurveyResponse(
                id=one.pk, source="test", site=site, call_id=one.pk, agent=agent, queue=queue,
                kind="csat", scale_min=1, scale_max=5, score=5 if n < good else 2,
                answered_at=one.offered_at,
            )
            for n, one in enumerate(calls)
        )  # fmt: skip
    rebuild()
    now = NINE + timedelta(days=20)
    shown = reads.shown(lead, site, date(2026, 3, 1), date(2026, 3, 31), now)
    assert (shown.new.csat.value, shown.new.csat.n) == (pytest.approx(0.7), 20)
    assert [one.csat.value for one in shown.people] == [pytest.approx(0.6), pytest.approx(0.8)]
    assert shown.earlier.csat is None


def test_who_leads_sees_own_people_alone_and_the_curve_of_all(team, lead):
    site = team.site
    url = reverse("ramp") + f"?site={site.slug}&from=2026-01-05&to=2026-02-01"
    with time_machine.travel(NOW, tick=False):
        page = signed_in(lead).get(url)
        assert [one.hired for one in page.context["shown"].people] == [MONDAY]
        assert page.context["shown"].new.many == 2
        said = " ".join(page.content.decode().split())
        assert "after 21 days" in said
        assert "no figure" in said
        wrong = signed_in(lead).get(reverse("ramp") + "?from=never&to=2026-02-01")
        assert "no days of hire" in wrong.content.decode()
        other = signed_in(a_user("manager", a_site()))
        assert other.get(url).status_code == 404
        lines = list(csv.reader(signed_in(lead).get(
            reverse("ramp_csv") + f"?site={site.slug}&from=2026-01-05&to=2026-02-01"
        ).getvalue().decode("utf-8-sig").splitlines()))  # fmt: skip
    # One of the two is not theirs: 250 and their own one's 300 would give the other's.
    assert lines[1] == ["1", "2", "2", "", "1", "0", "", "", ""]
    assert lines[4] == ["4", "2", "1", "120.0", "1", "0", "", "100.0", "140.0"]
    assert "not told of so few" in said


def test_who_trains_sees_the_curve_of_all_and_nobody_alone(team):
    """Ten came on one day: their middle is told, whoever asks for other days gets the same ones,
    and of two alone nothing is."""
    site = team.site
    trainer = signed_in(a_user("trainer", site))
    url = reverse("ramp") + f"?site={site.slug}"
    with time_machine.travel(NOW, tick=False):
        first = trainer.get(url)
        assert "Nothing is told of so few" in first.content.decode()
        few = first.context["shown"]
        assert (few.new.many, few.people, few.new.ramp.value) == (2, [], None)
        assert all(one.is_hidden for one in few.new.points if one.n)
        for _ in range(8):
            works(someone(team, MONDAY), [200] * 14)
        page = trainer.get(url + "&from=2026-01-06&to=2026-02-01")
        assert trainer.get(reverse("ramp_csv") + f"?site={site.slug}").status_code == 200
    shown = page.context["shown"]
    assert (shown.new.many, shown.people) == (10, [])
    assert shown.new.points[0].middle == 200
    said = page.content.decode()
    assert "Who is new" not in said
    assert "Hired from" not in said


def test_a_site_where_nobody_was_hired_says_so(lead, django_assert_max_num_queries):
    site = a_site()
    a_team(site, lead)
    client = signed_in(lead)
    with django_assert_max_num_queries(12):
        said = client.get(reverse("ramp")).content.decode()
    assert "There is no week to show" in said


def test_it_asks_the_same_of_few_as_of_many(team, lead, django_assert_max_num_queries):
    for _ in range(6):
        works(someone(team, MONDAY), [200] * 14)
    client = signed_in(lead)
    with time_machine.travel(NOW, tick=False), django_assert_max_num_queries(12):
        client.get(reverse("ramp"))
