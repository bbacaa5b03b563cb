"""Reads a team's month: whatever is known of it, of the days on which people were in the team."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    CharField,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, JSONObject, RowNumber

from ccm import stays as in_it
from ccm.intervals import DAY, site_days
from ccm.models import Agent, SurveyResponse, Team, TeamMembership
from ccm.querysets import Viewer
from coaching.holding.reads import of_team_days
from coaching.models import (
    Action,
    Badge,
    Certificate,
    Challenge,
    CourseAssignment,
    Kudos,
    Newcomer,
    Proposal,
    Remark,
    Session,
)
from coaching.rhythm import reads as rhythm
from coaching.rhythm.reads import OfMonth
from coaching.voice import month as voice
from coaching.voice import reads as comments
from kpis import above, evaluation
from kpis.above import Column
from kpis.evaluation import Evaluation
from kpis.reads.reading import Record
from qa.beside import told as quality
from qa.models import Dispute
from scheduling.adherence import beside, shrunk
from scheduling.adherence.reads import Totals
from scheduling.adherence.rules import Rules
from scheduling.adherence.shrunk import Shrunk
from scheduling.models import AdherenceException, LeaveRequest, ShiftOfferAnswer, Trade

NEW = timedelta(days=180)
"""So long after they were hired people are new."""
MOST_COMMENTS: Mapping[str, int] = {comments.BAD: 3, comments.GOOD: 2}

# What is counted of each agent: of the month, summed over all who were in the team, and as it is
# now, over those who are.
_OF_MONTH = ("agreed", "reached", "dropped", "due", "passed", "thanks", "badges", "challenges")
_NOW = (
    "overdue", "late", "expired", "expiring", "questions", "disputes", "proposals", "exceptions",
    "leave_requests",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sums:
    """How many there were in the month, and how many wait now, of who is still in the team."""

    agreed: int = 0
    reached: int = 0
    dropped: int = 0
    due: int = 0
    passed: int = 0
    thanks: int = 0
    badges: int = 0
    challenges: int = 0
    overdue: int = 0
    late: int = 0
    expired: int = 0
    expiring: int = 0
    questions: int = 0
    disputes: int = 0
    proposals: int = 0
    exceptions: int = 0
    leave_requests: int = 0


@dataclass(frozen=True, slots=True)
class People:
    """Who was in the team: on its last day, who came and who went within the month, whoever of
    these left the centre, and who is new."""

    at_end: Sequence[Agent] = ()
    joined: Sequence[Agent] = ()
    went: Sequence[Agent] = ()
    left: Sequence[Agent] = ()
    new: Sequence[Agent] = ()
    on_path: Sequence[Agent] = ()


@dataclass(frozen=True, slots=True)
class Month:
    """All that is known. `last` is the last day that is over; `is_recent`: what waits now may be
    told beside it, for no whole month lies between; `sessions` counts each person in one, `held`
    each session once."""

    team: Team
    first: date
    last: date
    is_running: bool
    is_recent: bool
    made: Evaluation
    kept: Totals | None
    rules: Rules
    shrunk: Shrunk
    columns: Mapping[str, Column]
    rhythm: OfMonth
    sums: Sums
    people: People
    sessions: int
    held: int
    thanked: int
    overtime_hours: float
    voluntary_hours: float
    open_posted: int
    open_taken: int
    said: Sequence[SurveyResponse] = field(default_factory=list)


def of(
    user: Viewer,
    team: Team,
    first: date,
    last: date,
    today: date,
    record: Record | None,
) -> tuple[list[Agent], Month]:
    """A month of a team that the user answers for, up to `last`, and its people. Nine queries, and
    one more where a target is of a team."""
    facts = {
        **above.team_facts(user, team, first, last),
        **shrunk.facts(user, team, first, last),
        **rhythm.facts(team, first),
        **_facts(user, team, first, last, today),
    }
    people: list[Any] = list(evaluation.members(team, first, last).annotate(**facts))
    kept, there = beside.of_people(people), _people(people, first, last)
    return people, Month(
        team=team,
        first=first,
        last=last,
        is_running=evaluation.month_of(first)[1] > last,
        is_recent=evaluation.months_before(evaluation.month_of(today)[0], 1)[0][0] <= first,
        made=evaluation.of(team, people, first, last, record, ranked=False),
        kept=sum(kept.values(), Totals()) if kept else None,
        rules=beside.rules_of(people),
        shrunk=shrunk.of_team(team, people, first, last),
        columns={
            "quality": quality.of_team(user, team, people),
            "comments": voice.comments(user, team, people),
            "coached": voice.coached(user, team, people),
            "adherence": beside.adherence(user, team, people),
            "hours": beside.hours(user, team, people),
        },
        rhythm=rhythm.of_month(people, first, last),
        sums=Sums(**_summed(_OF_MONTH, people), **_summed(_NOW, there.at_end)),
        people=there,
        sessions=sum(getattr(one, "sessions_held", 0) for one in people),
        held=people[0].m_held if people else 0,
        thanked=sum(one.m_thanks > 0 for one in people),
        overtime_hours=_hours(people, "m_overtime"),
        voluntary_hours=_hours(people, "m_voluntary"),
        open_posted=people[0].m_open_posted if people else 0,
        open_taken=people[0].m_open_taken if people else 0,
        said=_said(user, team, people, first, last),
    )


def _facts(user: Viewer, team: Team, first: date, last: date, today: date) -> dict[str, Any]:
    """What is counted of each, as annotations of agents."""
    span = site_days(first, last, team.site.calendar)
    in_month = {"gte": span.start, "lt": span.end}
    mine = {"agent": OuterRef("pk")}
    own = {"user": OuterRef("user")}
    steps = Action.objects.filter(**mine)
    ended = in_it.in_team_at(steps.filter(**_within("ended_at", in_month)), team, "ended_at")
    thanks = Kudos.objects.filter(**mine, **_within("given_at", in_month))
    # By the day that their page tells.
    badges: Any = Badge.objects.annotate(told_on=Coalesce("reached_on", "given_on"))
    shown = badges.filter(is_shown=True, told_on__gte=first, told_on__lte=last, **mine)
    taken = CourseAssignment.objects.filter(**own)
    ending = Certificate.objects.warned_of(today).filter(**own)
    stays = TeamMembership.objects.filter(team=team, **mine).order_by("starts_on")
    posted = Trade.objects.filter(
        kind=Trade.Kind.OPEN, roster__site=team.site_id, day__gte=first, day__lte=last
    )
    overtime, voluntary = (
        in_it.in_team(
            ShiftOfferAnswer.objects.visible_to(user).filter(
                state=ShiftOfferAnswer.State.ACCEPTED, offer__kind=kind,
                day__gte=first, day__lte=last, **mine,
            ),
            team, OuterRef("day"),
        )
        for kind in ("overtime", "time_off")
    )  # fmt: skip
    counted: dict[str, QuerySet[Any]] = {
        "agreed": in_it.in_team_at(steps.filter(**_within("made_at", in_month)), team, "made_at"),
        "reached": ended.filter(state=Action.State.DONE),
        "dropped": ended.filter(state=Action.State.DROPPED),
        "overdue": steps.filter(state=Action.State.OPEN, due_on__lt=today),
        "due": in_it.in_team(
            taken.filter(due_on__gte=first, due_on__lte=last).exclude(state="dropped"),
            team,
            OuterRef("due_on"),
            agent="user__agent",
        ),
        "passed": in_it.in_team_at(
            taken.filter(state="done", **_within("ended_at", in_month)),
            team,
            "ended_at",
            agent="user__agent",
        ),
        "late": taken.overdue(today),
        "expired": ending.filter(expires_on__lte=today),
        "expiring": ending.filter(expires_on__gt=today),
        "thanks": in_it.in_team_at(thanks, team, "given_at"),
        "badges": in_it.in_team(shown, team, OuterRef("told_on")),
        "challenges": Challenge.objects.filter(
            winner=OuterRef("pk"), team=team, last_on__gte=first, last_on__lte=last
        ),
        "questions": Remark.objects.filter(kind=Remark.Kind.QUESTION, outcome="", **mine),
        "disputes": Dispute.objects.standing().filter(evaluation__agent=OuterRef("pk")),
        "proposals": Proposal.objects.waiting(today).filter(**mine),
        "exceptions": AdherenceException.objects.visible_to(user).asked().filter(**mine),
        "leave_requests": LeaveRequest.objects.filter(state="asked", **mine),
    }
    return {
        **{f"m_{name}": _many(rows) for name, rows in counted.items()},
        "m_overtime": _lasting(overtime),
        "m_voluntary": _lasting(voluntary),
        "m_held": _many(of_team_days(Session.objects.filter(state="held"), team, first, last)),
        "m_open_posted": _many(posted),
        "m_open_taken": _many(posted.filter(state=Trade.State.DONE)),
        "m_stays": ArraySubquery(
            stays.values(told=JSONObject(since=F("starts_on"), until=F("ends_on")))
        ),
        "m_on_path": Exists(Newcomer.objects.standing().filter(**mine)),
    }


def _summed(names: Sequence[str], people: Sequence[Any]) -> dict[str, int]:
    return {name: sum(getattr(one, f"m_{name}") for one in people) for name in names}


def _within(name: str, ends: Mapping[str, datetime]) -> dict[str, datetime]:
    return {f"{name}__{lookup}": at for lookup, at in ends.items()}


def _many(rows: QuerySet[Any]) -> Coalesce:
    one = rows.order_by().annotate(one=Value(1)).values("one")
    counted = one.annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _lasting(rows: QuerySet[Any]) -> Subquery:
    lasts = ExpressionWrapper(F("ends_at") - F("starts_at"), output_field=DurationField())
    one = rows.order_by().annotate(one=Value(1)).values("one")
    return Subquery(one.annotate(n=Sum(lasts)).values("n"), output_field=DurationField())


def _hours(people: Sequence[Any], name: str) -> float:
    told = (getattr(one, name) or timedelta() for one in people)
    return sum(told, timedelta()).total_seconds() / 3600


def _people(people: Sequence[Any], first: date, last: date) -> People:
    spans = {
        one.pk: [(date.fromisoformat(at["since"]), at["until"]) for at in one.m_stays]
        for one in people
    }

    def is_in(one: Any, day: date) -> bool:
        gone = one.left_on is not None and one.left_on <= day
        return not gone and any(
            since <= day and (until is None or day < date.fromisoformat(until))
            for since, until in spans[one.pk]
        )

    left = [one for one in people if one.left_on is not None and first <= one.left_on <= last]
    return People(
        at_end=[one for one in people if is_in(one, last)],
        joined=[one for one in people if not is_in(one, first - DAY) and is_in(one, last)],
        went=[
            one
            for one in people
            if one not in left and is_in(one, first - DAY) and not is_in(one, last)
        ],
        left=left,
        new=[
            one
            for one in people
            if is_in(one, last) and one.hired_on is not None and one.hired_on > last - NEW
        ],
        on_path=[one for one in people if one.m_on_path],
    )


def _said(
    user: Viewer, team: Team, people: Sequence[Agent], first: date, last: date
) -> list[SurveyResponse]:
    """The newest comments on them with bad scores, and with good ones, of those that the user reads
    on their own page: of who went to another team its lead reads them. One query."""
    if not people:
        return []
    span = site_days(first, last, team.site.calendar)
    which = Case(
        *(When(comments.scored(one), then=Value(one)) for one in MOST_COMMENTS),
        default=Value(""), output_field=CharField(),
    )  # fmt: skip
    rows: Any = comments.comments(user, team.site, span)
    rows = in_it.in_team_at(rows.filter(agent__in=[one.pk for one in people]), team, "answered_at")
    rows = rows.annotate(which=which).annotate(
        place=Window(
            RowNumber(), partition_by=[F("which")], order_by=[F("answered_at").desc(), F("id")]
        )
    )
    wanted = Q(pk__in=[])
    for name, most in MOST_COMMENTS.items():
        wanted |= Q(which=name, place__lte=most)
    return list(rows.filter(wanted).select_related("agent", "queue").order_by("which", "place"))
