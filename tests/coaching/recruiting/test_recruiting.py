"""What a recruiter is told of a site, and that nothing is told of few people."""

import re
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from ccm.models import Agent
from ccm.templatetags.figures import percent
from coaching.recruiting import reads
from coaching.recruiting.starters import FEWEST, Starter, profile
from kpis import rollups
from kpis.choices import Choices
from scheduling.scenarios.capacity import Staff
from scheduling.scenarios.shown import recruiting
from tests.builders import NINE, a_call, a_queue, a_site, a_user, an_agent
from tests.coaching.voice.builders import of_call

TODAY = NINE.date()
DAY = timedelta(days=1)


def starters(well, others):
    """So many of each who have the trait, of so many."""
    return [
        *(Starter(1.0, frozenset({"a"} if n < well[0] else ())) for n in range(well[1])),
        *(Starter(0.0, frozenset({"a"} if n < others[0] else ())) for n in range(others[1])),
    ]


def test_a_trait_that_those_have_who_began_well_is_told_beyond_chance():
    made = profile(starters((18, 20), (4, 20)))
    (one,) = made.traits
    assert (made.well, made.others) == (20, 20)
    assert (one.change.now, one.change.before) == (0.9, 0.2)
    assert one.is_told
    assert one.change.direction == "up"
    (one,) = profile(starters((10, 20), (9, 20))).traits
    assert not one.is_told


@pytest.mark.parametrize(
    ("well", "others"),
    [
        ((4, 4), (0, 20)),  # four began well
        ((4, 20), (0, 20)),  # four have it
        ((20, 20), (16, 20)),  # four have it not
    ],
)
def test_nothing_is_told_of_fewer_than_five(well, others):
    assert profile(starters(well, others)).traits == ()


def test_whoever_a_trait_is_unknown_of_is_on_neither_side():
    """18 of 20 have it and 4 of 20; of ten more who began well nobody knows."""
    unknown = [Starter(1.0, frozenset(), frozenset("a"))] * 10
    made = profile([*starters((18, 20), (4, 20)), *unknown, *[Starter(0.0, frozenset("b"))] * 10])
    (one,) = [each for each in made.traits if each.name == "a"]
    assert (one.change.now, round(one.change.before, 4)) == (0.9, round(4 / 30, 4))
    few = [Starter(1.0, frozenset(), frozenset("a"))] * 16
    assert profile([*starters((4, 4), (0, 20)), *few]).traits == ()


def test_of_nobody_nothing_is_told():
    assert profile(()) == profile([])
    assert profile([Starter(0.5, frozenset("a"))] * 40).traits == ()


someone = st.builds(Starter, st.floats(0, 1), st.frozensets(st.sampled_from("abc")))


@given(st.lists(someone, max_size=40), st.randoms())
def test_groups_of_few_are_never_told_and_the_order_does_not_matter(people, chance):
    made = profile(people)
    assert made.well + made.others == len(people)
    for one in made.traits:
        having = sum(one.name in each.traits for each in people)
        assert min(made.well, made.others, having, len(people) - having) >= FEWEST
    mixed = [*people]
    chance.shuffle(mixed)
    assert profile(mixed) == made


@pytest.mark.django_db
def test_who_began_well_is_told_by_what_callers_said_in_the_first_90_days():
    queue = a_queue()
    site = queue.site
    hired = TODAY - 200 * DAY
    for number in range(12):
        agent = an_agent(site)
        agent.hired_on = hired + (number % 2) * DAY
        agent.contract_hours = 40 if number < 6 else 20
        agent.save()
        # The first six have satisfied callers; what is said after 90 days does not count.
        for turn in range(20):
            at = NINE - 190 * DAY + timedelta(hours=turn, minutes=number)
            call = a_call(queue, at, agent=agent)
            of_call(queue, call, "", score=5 if number < 6 else 1)
        later = a_call(queue, NINE - 50 * DAY + timedelta(minutes=number), agent=agent)
        of_call(queue, later, "", score=1 if number < 6 else 5)
    few = an_agent(site)
    few.hired_on = hired
    few.save()
    of_call(queue, a_call(queue, NINE - 180 * DAY, agent=few), "", score=5)
    rollups.rebuild()
    made = reads.began(site, TODAY, Choices(TODAY))
    assert (made.well, made.others) == (6, 6)
    (one,) = [each for each in made.traits if each.name == "full_time"]
    assert (one.change.now, one.change.before) == (1.0, 0.0)
    # All began with others, so that this tells nobody apart.
    assert [each.name for each in made.traits] == ["full_time"]
    client = Client()
    client.force_login(a_user("planner", site))
    with time_machine.travel(NINE, tick=False):
        said = " ".join(client.get(reverse("recruiting_began")).content.decode().split())
    assert "6 who began well, 6 others" in said
    assert "beyond chance" in said
    for agent in site.agents.all():
        assert agent.name not in said


def told_of(need, people, training):
    """What a recruiter is told of four months, of which the last two take more people."""
    staff = Staff(people=people, paid_hours=100, training_months=training)
    firsts = [date(2026, month, 1) for month in (4, 5, 6, 7)]
    column = SimpleNamespace(
        people=SimpleNamespace(staff=staff, lead_weeks=0), hires=[0] * 4, today=TODAY,
        rows=[SimpleNamespace(first=first) for first in firsts],
    )  # fmt: skip
    return recruiting(column, [5000, 5000, need * 100, need * 100])


@pytest.mark.parametrize(
    ("need", "without", "hire", "told"),
    [
        (50.53, 50.48, 1, ("50.53", "50.48", "0.95")),  # to a tenth both are 50.5
        (50.503, 50.497, 1, ("50.503", "50.497", "0.994")),  # and to a hundredth 50.50
        (51.34, 50.48, 1, ("51.3", "50.5", "0.2")),
        (50.48, 50.53, 0, ("50.5", "50.5", "0.0")),
    ],
)
def test_that_somebody_is_missing_is_seen_in_the_month_that_lacks_them(need, without, hire, told):
    """Whoever is trained two months begins in April, and June lacks them."""
    april, _may, june, _july = told_of(need, without, 2).steps
    assert (april.hire, april.need_words, june.hire) == (hire, "50.0", 0)
    assert (june.need_words, june.without_words, june.gap_words) == told
    assert not june.is_late


def test_that_a_month_comes_too_soon_is_seen_where_less_than_a_tenth_of_somebody_is_missing():
    """After three months of training nobody is ready in June."""
    made = told_of(50.53, 50.48, 3)
    april, _may, june, july = made.steps
    assert (april.hire, july.is_late, made.late) == (1, False, [june])
    assert (june.there_words, june.gap_words) == ("50.48", "\N{MINUS SIGN}0.05")


@pytest.mark.django_db
def test_the_page_says_by_what_rule_people_are_hired(monkeypatch):
    site = a_site()
    made = told_of(50.53, 50.48, 2)
    monkeypatch.setattr(reads, "need", lambda *_said: reads.Need(None, made))
    client = Client()
    client.force_login(a_user("planner", site))
    with time_machine.travel(NINE, tick=False):
        said = " ".join(client.get(reverse("recruiting")).content.decode().split())
    shown = [(">50.0</td>", ">50.5</td>")] * 2 + [(">50.53</td>", ">50.48</td>")] * 2
    assert re.findall(r">50\.\d+</td>", said) == [one for month in shown for one in month]
    assert "so that no month has fewer people than it needs" in said
    assert "does all that others do 2 months later" in said


@pytest.mark.django_db
def test_how_many_days_are_on_record_is_said_beside_who_left():
    queue = a_queue()
    a_call(queue, NINE - 50 * DAY, agent=an_agent(queue.site))
    for number in range(4):
        Agent.objects.create(site=queue.site, name=f"Old {number}", hired_on=TODAY - 900 * DAY)
    Agent.objects.filter(name="Old 0").update(left_on=TODAY - 10 * DAY)
    rollups.rebuild()
    client = Client()
    client.force_login(a_user("planner", queue.site))
    with time_machine.travel(NINE, tick=False):
        page = client.get(reverse("recruiting_began"))
    # One of the mean of four and three; 50 of 365 days are known.
    assert str(page.context["figures"][0][1]) == percent(1 / 3.5)
    assert "315 days of which nobody knows who left" in page.content.decode()


@pytest.mark.django_db
def test_the_page_says_what_cannot_be_told_and_asks_few_queries(django_assert_max_num_queries):
    site = a_site()
    client = Client()
    client.force_login(a_user("manager", site))
    for name, words in (
        ("recruiting", "It cannot be told yet"),
        ("recruiting_began", "Too few people to tell anything of"),
    ):
        with django_assert_max_num_queries(12):
            said = client.get(reverse(name), {"site": site.slug}).content.decode()
        assert words in said
