"""Targets that people set are those that figures are held against."""

from datetime import date
from decimal import Decimal

import pytest

from kpis.choices import Choices
from kpis.definitions import KPIS, parse
from kpis.figures import Figure
from kpis.figures import figure as made_figure
from kpis.models import KpiChoice
from kpis.noise import Verdict
from kpis.passports.contents import target as passport_target
from kpis.reports.aimed import why_none
from kpis.standing import standing, target_words
from kpis.sums.counts import Counts
from tests.builders import a_queue, a_site, a_target, a_team, an_agent

pytestmark = pytest.mark.django_db

MAY = date(2026, 5, 1)


def target(asked, on=MAY, **scope):
    kpi, variant = parse(asked)
    parameters = Choices(on).aimed(kpi, variant, kpi.parameters, **scope)
    return parameters.target


def test_a_target_of_a_queue_goes_before_that_of_its_site_and_that_before_ours():
    site = a_site()
    sales, other = a_queue(site), a_queue(site)
    assert target("service_level", site=site.pk) == 0.8
    a_target(site, value=Decimal("0.91"))
    a_target(site, queue=sales, value=Decimal("0.5"))
    assert target("service_level", site=site.pk) == 0.91
    assert target("service_level", site=site.pk, queue=sales.pk) == 0.5
    assert target("service_level", site=site.pk, queue=other.pk) == 0.91
    assert target("service_level", site=a_site().pk) == 0.8


def test_a_target_holds_from_its_day_until_the_next_which_may_be_none_at_all():
    site = a_site()
    for month, value in ((2, "0.7"), (4, None)):
        a_target(site, value=value and Decimal(value), valid_from=date(2026, month, 1))
    held = [target("service_level", date(2026, month, 15), site=site.pk) for month in (1, 2, 3, 4)]
    assert held == [0.8, 0.7, 0.7, None]


def test_an_agent_is_held_against_the_own_target_then_the_teams_of_that_day_then_all_agents():
    site = a_site()
    red = a_team(site)
    ada, bob, eve = an_agent(site), an_agent(site), an_agent(site)
    for agent in (ada, bob):
        agent.memberships.create(team=red, starts_on=date(2026, 3, 1))
    for scope, value in (({}, 400), ({"role": "agent"}, 300), ({"team": red}, 250)):
        a_target(site, kpi="aht", value=value, **scope)
    a_target(site, kpi="aht", value=200, agent=ada)
    told = {name: target("aht", site=site.pk, agent=one.pk) for name, one in
            {"ada": ada, "bob": bob, "eve": eve}.items()}  # fmt: skip
    assert told == {"ada": 200, "bob": 250, "eve": 300}
    assert target("aht", date(2026, 2, 1), site=site.pk, agent=bob.pk) == 300  # not there yet
    assert target("aht", site=site.pk) == 400


def test_a_target_is_of_the_variants_of_its_unit():
    """A mean of 4.2 on a scale of 5 is no share of happy callers."""
    site = a_site()
    a_target(site, kpi="csat:C2", value=Decimal("4.2"))
    assert target("csat:C2", site=site.pk) == 4.2
    assert target("csat:C1", site=site.pk) is None


def test_a_target_of_what_calls_tell_is_not_held_against_what_callers_answered():
    """First contact resolution by calls (F3, F1) and by answers (F4) are two things; of no other
    KPI are there both."""
    site = a_site()
    a_target(site, kpi="fcr", value=Decimal("0.8"))
    told = {name: target(f"fcr:{name}", site=site.pk) for name in ("F3", "F1", "F4")}
    assert told == {"F3": 0.8, "F1": 0.8, "F4": None}
    by_answers = made_figure(
        Counts(), KPIS["fcr"], KPIS["fcr"].variant("F4"), Choices(MAY), site.pk
    )
    said = passport_target(by_answers, None)
    assert said.startswith("none is held against it: targets are of F3, which is chosen and made")
    assert why_none(by_answers).startswith("none is held against it")
    # From the day on which it is chosen it is the one that is aimed at.
    KpiChoice.objects.create(kpi="fcr", variant="F4", site=site, valid_from=date(2026, 4, 1))
    told = {name: target(f"fcr:{name}", site=site.pk) for name in ("F3", "F4")}
    assert told == {"F3": None, "F4": 0.8}
    assert target("fcr:F4", date(2026, 3, 31), site=site.pk) is None
    mixed = [
        kpi.id for kpi in KPIS.values() if len({one.is_of_answers for one in kpi.variants}) == 2
    ]
    assert mixed == ["fcr"]


def test_a_target_of_a_site_is_not_held_against_a_queue_that_is_told_by_answers():
    """The site by calls (F3), one of its queues by answers (F4)."""
    site = a_site()
    asks, calls = a_queue(site), a_queue(site)
    a_target(site, kpi="fcr", value=Decimal("0.8"))
    KpiChoice.objects.create(kpi="fcr", variant="F4", queue=asks, valid_from=date(2026, 4, 1))
    told = [target("fcr:F4", site=site.pk, queue=one.pk) for one in (asks, calls)]
    assert (told, target("fcr:F3", site=site.pk, queue=calls.pk)) == ([None, None], 0.8)
    kpi, variant = parse("fcr:F4")
    asked = (kpi, variant, site.pk, asks.pk)
    assert Choices(MAY).aim(*asked) is None
    assert made_figure(Counts(), kpi, variant, Choices(MAY), site.pk, asks.pk).aimed_as == "F3"
    a_target(site, queue=asks, kpi="fcr", value=Decimal("0.7"))
    assert target("fcr:F4", site=site.pk, queue=asks.pk) == 0.7
    assert Choices(MAY).aimed_as(*asked) is None


def figure(asked, value, aim, n=10):
    kpi, variant = parse(asked)
    parameters = type(kpi.parameters)(target=aim)
    return Figure(kpi, variant, parameters, value, n)


@pytest.mark.parametrize(
    ("asked", "value", "aim", "stands"),
    [
        ("service_level", 0.81, 0.8, ("ok", "on target")),
        ("service_level", 0.77, 0.8, ("warn", "near target")),
        ("abandon_rate", 0.09, 0.05, ("bad", "off target")),
        # Neither shorter nor longer is better.
        ("aht", 310.0, 300.0, ("none", "above target")),
        ("aht", 290.0, 300.0, ("none", "below target")),
        # Best within a band: of occupancy 75 to 85 % about 80 %.
        ("occupancy", 0.818, 0.8, ("ok", "on target")),
        ("occupancy", 0.75, 0.8, ("ok", "on target")),
        ("occupancy", 0.85, 0.8, ("ok", "on target")),
        ("occupancy", 0.851, 0.8, ("warn", "above target")),
        ("occupancy", 0.749, 0.8, ("warn", "below target")),
        ("utilisation:U2", 0.93, 0.9, ("ok", "on target")),
    ],
)
def test_a_figure_stands_against_its_target_as_its_direction_says(asked, value, aim, stands):
    assert standing(figure(asked, value, aim), Verdict()) == stands


@pytest.mark.parametrize(
    ("asked", "value", "aim", "n", "stands"),
    [
        ("service_level", 0.0, 0.8, 1, ("none", "too few to judge")),
        ("service_level", 1.0, 0.8, 9, ("none", "too few to judge")),
        ("service_level", 0.5, 0.8, 10, ("bad", "off target")),
        ("asa", 90.0, 20, 9, ("none", "too few to judge")),
        ("csat:C2", 1.0, 4.2, 3, ("none", "too few to judge")),
        ("nps", -100.0, 20, 9, ("none", "too few to judge")),
        # One call's, one of everybody, counted, money, and time, of which n is seconds.
        ("longest_wait", 900.0, 300, 1, ("bad", "off target")),
        ("turnover", 0.5, 0.1, 4, ("bad", "off target")),
        ("abandoned", 9, 5, 9, ("bad", "off target")),
        ("cost_per_call", 9.0, 5.0, 3, ("bad", "off target")),
        ("occupancy", 0.9, 0.8, 9, ("warn", "above target")),
        ("service_level", 0.0, None, 1, ("none", "")),
    ],
)
def test_a_share_or_a_mean_of_fewer_than_ten_is_not_judged_and_says_so(
    asked, value, aim, n, stands
):
    assert standing(figure(asked, value, aim, n), Verdict()) == stands


def test_of_too_few_what_is_unusual_is_not_said_either():
    unusual = Verdict(usual=0.9, low=0.7, high=1.0, unusual=True)
    assert standing(figure("service_level", 0.0, None, 9), unusual) == ("none", "too few to judge")
    assert standing(figure("service_level", 0.0, None, 10), unusual)[1] == "below usual"


def test_a_target_is_told_in_the_unit_of_its_figure():
    assert target_words(figure("service_level", 0.7, 0.91)) == "target 91\N{NO-BREAK SPACE}%"
    band = target_words(figure("occupancy", 0.8, 0.8))
    assert band == "target 80 ± 5\N{NO-BREAK SPACE}%"
    assert KPIS["aht"].direction == "none"
