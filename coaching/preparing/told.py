"""Reads an agenda as its reader is told of it: what was found in words, with where it leads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ccm.access import scope_of
from ccm.models import Agent, Call, SurveyResponse, User
from ccm.navigation import may_open
from coaching.following import progress
from coaching.models import Action, AgendaItem, Preparation, Proposal, Session
from coaching.preparing import finding, words
from coaching.preparing.words import About, Line

LISTS = ("reviews", "my_reviews", "voice")
"""Pages with more of what points name some of."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point of an agenda as it is shown. `is_new`: the last preparation added it to others;
    `is_found`: it is as it was found; `ended`: how and when its step was closed before the talk;
    `earlier`: what it is of, where the last preparation did not find it any more; `is_reworded`:
    somebody gave it its title before its figures became others."""

    item: AgendaItem
    title: str
    lines: Sequence[Line]
    is_found: bool
    is_new: bool
    is_call: bool
    ended: tuple[str, datetime] | None = None
    earlier: str = ""
    is_reworded: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a preparation: how the days were chosen, what could not be told, and what
    became of the agenda when it was last done again."""

    preparation: Preparation
    why: str
    untold: Sequence[str]
    added: int
    renewed: int
    gone: Sequence[str]
    left: int

    @property
    def is_again(self) -> bool:
        return bool(self.preparation.changed)


def points(
    session: Session, items: Sequence[AgendaItem], agent: Agent | None, user: User
) -> list[Point]:
    """The points of an agenda, in their order; `agent` is whom it is prepared about. Three queries
    at most, however many they are. That steps are closed is told of points `with_steps`."""
    about = _about(session, items, agent, user)
    changed = _changed(session)
    new = set(changed.get("added", ()))
    told = [(one, words.said(one, about), _ended(session, one)) for one in items]
    return [
        Point(
            item=one,
            title=said.title,
            lines=said.lines,
            is_found=bool(one.found_as) and ended is None,
            is_new=bool(one.found_as) and one.found_as in new,
            is_call=one.call_id is not None,
            ended=ended,
            earlier=words.earlier(one.facts, _days(session)),
            is_reworded=bool(one.title) and one.found_as in changed.get("renewed", ()),
        )
        for one, said, ended in told
    ]


def of_preparation(session: Session, agent: Agent | None) -> Told | None:
    """None: it was never prepared. No query."""
    one: Preparation | None = getattr(session, "preparation", None)
    if one is None:
        return None
    nothing = About(session.site, agent, False, {}, {})
    days = {} if one.first is None else {"from": str(one.first), "to": str(one.last)}
    changed = _changed(session)
    return Told(
        one,
        words.why_these(one.why),
        [words.untold(days | each) for each in one.untold],
        len(changed.get("added", ())),
        len(changed.get("renewed", ())),
        [words.title(each["source"], each["facts"], nothing) for each in changed.get("gone", ())],
        len(changed.get("left", ())),
    )


def of_steps(steps: Sequence[Action], agent: Agent, user: User, now: datetime) -> dict[int, str]:
    """What became of the measures of an agent's steps, in words, by their ids. Ten queries at
    most; none where none has a measure."""
    told = progress.of_actions(steps, agent, user, now)
    return {pk: words.progress(finding.of_progress(one)) for pk, one in told.items()}


def _ended(session: Session, item: AgendaItem) -> tuple[str, datetime] | None:
    """How and when a point's step was closed, where that was before the talk."""
    at: datetime | None = getattr(item, "step_ended_at", None)
    if at is None or (session.held_at is not None and at > session.held_at):
        return None
    return str(dict(Action.State.choices)[item.step_state]), at


def _changed(session: Session) -> dict[str, list[Any]]:
    one: Preparation | None = getattr(session, "preparation", None)
    return {} if one is None else one.changed


def _days(session: Session) -> tuple[date, date] | None:
    """Of which days a session is prepared; None: of none."""
    one: Preparation | None = getattr(session, "preparation", None)
    if one is None or one.first is None or one.last is None:
        return None
    return one.first, one.last


def _about(session: Session, items: Sequence[AgendaItem], agent: Agent | None, user: User) -> About:
    answers = {UUID(pk) for one in items for pk in one.facts.get("answers", ())}
    said = SurveyResponse.objects.in_bulk(answers) if answers else {}
    wanted = {one.call_id for one in items if one.call_id is not None}
    wanted |= {one.call_id for one in said.values() if one.call_id is not None}
    calls: Mapping[UUID, datetime] = {}
    if wanted:
        there = Call.objects.visible_to(user).filter(pk__in=wanted)
        calls = dict(there.values_list("pk", "offered_at"))
    own = agent is not None and scope_of(user).agent == agent.pk
    proposed = {one.facts["proposal"] for one in items if "proposal" in one.facts}
    found = Proposal.objects.visible_to(user).filter(pk__in=proposed) if proposed else ()
    return About(
        session.site,
        agent,
        own,
        calls,
        {pk: one for pk, one in said.items() if one.call_id in calls},
        frozenset(one.pk for one in found),
        frozenset(name for name in LISTS if may_open(name, user)),
    )
