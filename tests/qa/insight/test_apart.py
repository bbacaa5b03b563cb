"""Who stands apart from the others, and how often chance alone would have it."""

import numpy as np
import pytest

from qa.insight import apart
from qa.insight.reads import Review
from tests.builders import NINE

DAY = NINE.date()


def a_review(pk, agent, team, share, *, card=9, failed=False):
    return Review(
        pk, pk, NINE, DAY, DAY, agent, None, team, f"Team {team}", 1, "Billing", card, "Support", 2,
        share, failed, 10.0, None, f"Agent {agent}",
    )  # fmt: skip


def a_site(seed, *, teams=4, agents=8, many=12, lower_team=0.0, lower_agent=0.0, spread=0.04):
    """Teams of agents around .85; team 1 and agent 1 lie lower by so much."""
    random = np.random.default_rng(seed)
    found = []
    for place in range(teams * agents):
        team, agent = 1 + place // agents, 1 + place
        level = 0.85 + random.normal(0, spread) - lower_team * (team == 1)
        for share in random.normal(level - lower_agent * (agent == 1), 0.1, many):
            found.append(a_review(len(found), agent, team, float(np.clip(share, 0, 1))))
    return found


def test_a_team_that_lies_lower_is_named_with_its_interval():
    (one,) = apart.teams(a_site(1, lower_team=0.12))[:1]
    assert (one.id, one.name) == (1, "Team 1")
    assert one.beside.low < -0.12 < one.beside.high < 0


def test_where_no_team_differs_one_is_named_in_one_site_of_twenty_at_most():
    named = sum(bool(apart.teams(a_site(seed))) for seed in range(200))
    assert named <= 16  # of 200 at 5 % more than 16 are seen once in fifty


def test_an_agent_far_below_is_named_and_of_agents_who_are_alike_hardly_ever_one():
    found = apart.agents(a_site(1, lower_agent=0.2, spread=0.0))
    assert [one.id for one in found] == [1]
    assert found[0].beside.low < -0.2 < found[0].beside.high
    named = sum(bool(apart.agents(a_site(seed, spread=0.0))) for seed in range(200))
    assert named <= 16


def test_the_reader_is_never_named_to_themselves():
    some = a_site(1, lower_agent=0.2, spread=0.0)
    assert apart.agents([one._replace(is_own=one.agent == 1) for one in some]) == []


def test_of_an_agent_the_difference_is_that_of_means_and_its_t_that_of_their_reviews():
    # Ten reviews of .7 and .9, five each: mean .8, sd .1054; the three others all have .9, so that
    # nothing of theirs is unsure. -.1 +- 2.262 x .1054 / sqrt(10).
    some = [a_review(n, 1, 1, 0.7 if n % 2 else 0.9) for n in range(10)]
    some += [a_review(100 + n, 2 + n % 3, 1, 0.9) for n in range(12)]
    (one,) = apart.agents(some)
    assert one.beside.value == pytest.approx(-0.1)
    reach = 2.262 * 0.10541 / 10**0.5
    assert (one.beside.low, one.beside.high) == pytest.approx(
        (-0.1 - reach, -0.1 + reach), abs=1e-4
    )


def test_an_agent_whose_reviews_are_all_the_same_is_told_by_how_calls_vary_within_others():
    # Ten reviews of .2; three others have .8 and 1.0 twice each, .9 on average, so that nothing of
    # their means is unsure. Within agents 12 x .1^2 / (22 - 4) = .00667: -.7 +- 2.262 x
    # sqrt(.00667 / 10).
    some = [a_review(n, 1, 1, 0.2) for n in range(10)]
    some += [a_review(100 + n, 2 + n % 3, 1, 0.8 if n < 6 else 1.0) for n in range(12)]
    (one,) = apart.agents(some)
    assert (one.id, one.beside.value) == (1, pytest.approx(-0.7))
    assert (one.beside.low, one.beside.high) == pytest.approx((-0.7584, -0.6416), abs=1e-4)
    # Where nothing varies nobody can be told apart.
    alike = [a_review(200 + n, 2 + n % 3, 1, 0.9) for n in range(12)]
    assert apart.agents([*some[:10], *alike]) == []


def test_of_two_scorecards_of_few_reviews_and_of_one_team_nobody_is_named():
    lower = a_site(1, lower_team=0.3)
    other = [one._replace(card=8) for one in lower[:5]]
    assert apart.teams([*lower[5:], *other]) == []
    assert apart.agents([*lower[5:], *other]) == []
    assert apart.teams(a_site(1, teams=1)) == []
    assert apart.teams(a_site(1, lower_team=0.3, agents=2)) == []  # of fewer than three agents
    assert apart.teams([]) == []
