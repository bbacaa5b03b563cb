"""What pages of KPIs are told of quality, as far as their reader sees reviews."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Value
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm import periods
from ccm.access import scope_of
from ccm.filters import address
from ccm.intervals import day_of
from ccm.models import Agent, Team
from ccm.querysets import Viewer
from ccm.templatetags.figures import percent
from kpis.above import Cell, Column, Fact, Part
from qa.access import agents_told, reviewed_sites, sees_reviews_of
from qa.beside import reads
from qa.insight import words as of_means
from qa.sampling import FEWEST_REVIEWS, Lack, Score
from qa.scores import words

LATELY = "90d"
"""A period that can hold a score: reviews of a draw are done some weeks after its days."""


def of_agent(user: Viewer, agent: Agent, first: date, last: date) -> Part | None:
    """An agent's scores: for themselves of released reviews, for others who see their reviews of
    all that are finished; a planner sees none. Days that are too few for a score, as a single one
    always is, lead to the longer period up to their last."""
    if not (scope_of(user).agent == agent.pk or _sees(user, agent)):
        return None
    own = agent.user_id == user.pk
    # No draw is of one day.
    found = reads.of_agent(agent.site, agent.pk, first, last, released=own) if first < last else []
    nothing = _("No released review of a drawn call.") if own else _("No finished review.")
    return Part(
        title=_("Quality"),
        aside=_("of draws that ended in these days"),
        facts=_facts(found, agent, first, last),
        nothing=nothing if first < last else _("No draw is of one day."),
        more=() if any(one.score.pooled for one in found) else _longer(agent, first, last),
        how=words.how(own=own),
        url=reverse("my_reviews") if own else address(reverse("reviews"), _done_of(agent)),
        action=_("Reviews"),
    )


def of_oneself(user: Viewer, agent: Agent, now: datetime) -> Part | None:
    """An agent's own scores of the days that can hold one."""
    first, last = periods.named(LATELY, day_of(now, agent.site.calendar))
    part = of_agent(user, agent, first, last)
    if part is None or not part.facts:
        return None
    return replace(
        part,
        title=_("Your score"),
        aside=_("of draws that ended in the last 90 days"),
        url=address(reverse("agent", args=[agent.pk]), {"period": LATELY}),
        action=_("My results"),
    )


def _longer(agent: Agent, first: date, last: date) -> list[tuple[str, str]]:
    """Where the days that can hold a score are told; asked for there, as a page asks for few."""
    longer, _last = periods.named(LATELY, last)
    if longer >= first:
        return []
    days = {"period": periods.CUSTOM, "from": longer.isoformat(), "to": last.isoformat()}
    told = _("QA score of the 90 days to %(day)s") % {"day": date_format(last, "j M Y")}
    return [(told, address(reverse("agent", args=[agent.pk]), days))]


def _facts(found: Sequence[reads.CardScore], agent: Agent, first: date, last: date) -> list[Fact]:
    facts = []
    for card_id, card, score in found:
        url = words.passport_at(agent.pk, card_id, first, last)
        facts.append(Fact(card if len(found) > 1 else words.name(), *_score(score), url))
        if (failing := score.failing) is not None:
            few = _("%(n)s of %(of)s reviews") % {"n": failing.failed, "of": score.reviews}
            beside = f"{few}, {words.span(failing.interval)}"
            facts.append(Fact(_("Failed outright"), percent(failing.rate), beside))
    return facts


def _done_of(agent: Agent) -> dict[str, object]:
    """As the list of reviews is asked for those that a score is made of."""
    return {"agent": agent.pk, "state": "done"}


def team_facts(user: Viewer, team: Team, first: date, last: date) -> Mapping[str, Any]:
    """What the column is made of, where the reader sees the team's reviews."""
    scope = scope_of(user)
    sees = scope.everything or team.site_id in reviewed_sites(scope) or team.pk in scope.teams
    if not sees:
        return {}
    told = agents_told(user).filter(pk=OuterRef("pk"))
    return reads.facts(team, first, last) | {
        "scored_from": Value(first),
        "scored_to": Value(last),
        "score_is_told": Exists(told.order_by()),
    }


def of_team(user: Viewer, team: Team, people: Sequence[Any]) -> Column:
    """The QA score of a team and of each who was drawn in it, each with what explains it: of a
    person the score's own page, of the team what reviews tell. Nothing explains that of a person
    who was also drawn elsewhere in these days, or by several scorecards: each page has another
    score; nor that of one whose page the reader does not open."""
    own = {one.pk for one in people if one.user_id == user.pk}
    cells: dict[int | None, list[tuple[str, str, str]]] = {}
    found = reads.of_people(people)
    for one in found:
        whole = one.team
        beside = of_means.interval(whole) if whole.value is not None else ""
        cells.setdefault(None, []).append((one.card, of_means.score(whole), beside))
        for agent, score in one.agents.items():
            if agent not in own:  # of one's own a reader sees what an agent would
                cells.setdefault(agent, []).append((one.card, *_score(score, is_brief=True)))
    urls = _explained(team, people, found) if found else {}
    return Column(
        words.name(),
        {
            agent: replace(_cell(each, len(found) > 1), url=urls.get(agent, ""))
            for agent, each in cells.items()
        },
        " ".join(words.how()),
    )


def _explained(
    team: Team, people: Sequence[Any], found: Sequence[reads.TeamScores]
) -> dict[int | None, str]:
    """Where the score of the team, and of each of whom a page has the same one, explains itself."""
    days = (people[0].scored_from, people[0].scored_to)
    said = {"site": team.site.slug, "team": team.pk, **words.asked(*days)}
    urls: dict[int | None, str] = {None: address(reverse("quality_insight"), said)}
    if len(found) > 1:
        return urls
    alike = [one.pk for one in people if one.score_is_told and not one.drawn_elsewhere]
    return urls | {agent: words.passport_at(agent, found[0].card_id, *days) for agent in alike}


def _sees(user: Viewer, agent: Agent) -> bool:
    """Of who opened the page of the agent."""
    scope = scope_of(user)
    if scope.teams and agent.site_id not in scope.agent_sites:
        # Who leads teams and nothing more meets no other agent.
        return True
    return sees_reviews_of(user, agent)


def _score(one: Score, *, is_brief: bool = False) -> tuple[str, str]:
    """A score, and what is said beside it; `is_brief`: but not how many reviews failed."""
    if one.lack is Lack.TOO_FEW:
        of_few = {"n": one.reviews, "least": FEWEST_REVIEWS}
        return _("too few"), _("%(n)s of %(least)s reviews") % of_few
    if one.pooled is None:
        return _("none"), _("all %(n)s reviews failed") % {"n": one.reviews}
    failed = 0 if one.failing is None else one.failing.failed
    many = _("of %(n)s reviews") % {"n": one.reviews - failed}
    if failed and not is_brief:
        many = _("%(of)s, without %(n)s that failed") % {"of": many, "n": failed}
    if one.pooled.interval is None:
        return percent(one.pooled.value), f"{_('all alike')}, {many}"
    return percent(one.pooled.value), f"{words.span(one.pooled.interval)}, {many}"


def _cell(each: list[tuple[str, str, str]], has_several: bool) -> Cell:
    """One card's score, or those of several after each other."""
    if not has_several:
        (_card, value, beside), *_more = each
        return Cell(value, beside)
    return Cell("; ".join(f"{card} {value}" for card, value, _beside in each))
