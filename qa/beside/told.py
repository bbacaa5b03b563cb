"""What pages of KPIs are told of quality, as far as their reader sees reviews."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.access import scope_of
from ccm.filters import address
from ccm.models import Agent, Team
from ccm.querysets import Viewer
from ccm.templatetags.figures import percent
from kpis.above import Cell, Column, Fact, Part
from qa.access import reviewed_sites
from qa.beside import reads
from qa.insight import words
from qa.sampling import FEWEST_REVIEWS, Interval, Lack, Score


def of_agent(user: Viewer, agent: Agent, first: date, last: date) -> Part | None:
    """An agent's scores: for themselves of released reviews, for others who see their reviews of
    all that are finished. A planner sees none, and of a single day there is none."""
    scope = scope_of(user)
    own = scope.agent == agent.pk
    if first == last or not (own or _sees(user, agent)):
        return None
    found = reads.of_agent(agent.site, agent.pk, first, last, released=own)
    facts = []
    for card, score in found:
        name = card if len(found) > 1 else _("QA score")
        facts.append(Fact(name, *_score(score)))
        if score.failing is not None:
            beside = _span(score.failing.interval)
            facts.append(Fact(_("Failed outright"), percent(score.failing.rate), beside))
    url, action = reverse("my_reviews") if own else reverse("reviews"), _("Reviews")
    return Part(
        title=_("Quality"),
        aside=_("of draws that ended in these days"),
        facts=facts,
        nothing=_("No released review of a drawn call.") if own else _("No finished review."),
        how=_how(own),
        url=url if own or not url else address(url, {"agent": agent.pk}),
        action=action,
    )


def team_facts(user: Viewer, team: Team, first: date, last: date) -> Mapping[str, Any]:
    """What the column is made of, where the reader sees the team's reviews."""
    scope = scope_of(user)
    sees = scope.everything or team.site_id in reviewed_sites(scope) or team.pk in scope.teams
    return reads.facts(team, first, last) if sees else {}


def of_team(user: Viewer, _team: Team, people: Sequence[Agent]) -> Column:
    """The QA score of a team and of each who was drawn in it."""
    own = scope_of(user).agent
    cells: dict[int | None, list[tuple[str, str, str]]] = {}
    found = reads.of_people(people)
    for one in found:
        whole = one.team
        beside = words.interval(whole) if whole.value is not None else ""
        cells.setdefault(None, []).append((one.card, words.score(whole), beside))
        for agent, score in one.agents.items():
            if agent != own:  # of one's own a reader sees what an agent would
                cells.setdefault(agent, []).append((one.card, *_score(score)))
    return Column(
        _("QA score"),
        {agent: _cell(each, len(found) > 1) for agent, each in cells.items()},
        " ".join(_how(own=False)),
    )


def _sees(user: Viewer, agent: Agent) -> bool:
    scope = scope_of(user)
    if scope.everything or agent.site_id in reviewed_sites(scope):
        return True
    if not scope.teams or agent.site_id not in scope.agent_sites:
        # Who leads teams and nothing more meets no other agent.
        return bool(scope.teams)
    led = Agent.objects.answered_for_by(user).filter(pk=agent.pk)
    return bool(led.exists())


def _score(one: Score) -> tuple[str, str]:
    """A score, and what is said beside it."""
    if one.lack is Lack.TOO_FEW:
        of_few = {"n": one.reviews, "least": FEWEST_REVIEWS}
        return _("too few"), _("%(n)s of %(least)s reviews") % of_few
    if one.pooled is None:
        return _("none"), _("all %(n)s reviews failed") % {"n": one.reviews}
    many = _("of %(n)s reviews") % {"n": one.reviews}
    if one.pooled.interval is None:
        return percent(one.pooled.value), f"{_('all alike')}, {many}"
    return percent(one.pooled.value), f"{_span(one.pooled.interval)}, {many}"


def _span(interval: Interval) -> str:
    return f"{percent(interval.low)} – {percent(interval.high)}"


def _cell(each: list[tuple[str, str, str]], has_several: bool) -> Cell:
    """One card's score, or those of several after each other."""
    if not has_several:
        (_card, value, beside), *_more = each
        return Cell(value, beside)
    return Cell("; ".join(f"{card} {value}" for card, value, _beside in each))


def _how(own: bool) -> list[str]:
    first = _(
        "The score is made of first reviews of calls drawn at random, each for the calls that it"
        " stands for, and drawn to the team's as far as few reviews make it unsure; calls that"
        " failed by a critical criterion stand apart. Targeted reviews and calibration never count."
    )
    few = _("Of fewer than %(least)s reviews there is none.") % {"least": FEWEST_REVIEWS}
    released = _("Counted are reviews that are released to you.")
    return [first, few, released] if own else [first, few]
