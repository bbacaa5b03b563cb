"""Sessions that a roster is to plan, and who has none of theirs."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max, Min, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.intervals import DAY
from ccm.models import TeamMembership
from scheduling.models import KeptRoster, KeptShift, RosterSession
from scheduling.shifts import Kind, Problem, Roster, Session
from scheduling.shifts.days import MINUTES
from scheduling.terms import read, times

# Why somebody has none.
NO_SHIFT = "no_shift"
TOO_SHORT = "too_short"
APART = "apart"
NO_PLACE = "no_place"
_WHY: dict[str, Promise] = {
    NO_SHIFT: gettext_lazy("no shift of theirs has any of that time"),
    TOO_SHORT: gettext_lazy("no shift of theirs has so long a part of that time"),
    APART: gettext_lazy("they are not free when the others have it"),
    NO_PLACE: gettext_lazy("no place was found for it, or none was looked for since it changed"),
}


def of_roster(roster: KeptRoster, people: Collection[str]) -> tuple[Session, ...]:
    """The sessions of a roster's days, as it is solved, each for those of `people` who have not had
    it by another roster. What begins before the roster, or goes on after it, may be planned on its
    days. One query where there is none, four or five else."""
    first, last = roster.first_day, roster.last_day
    rows = RosterSession.objects.filter(site=roster.site_id, first_on__lte=last, last_on__gte=first)
    sessions = list(rows.order_by("-weight", "pk").prefetch_related("people"))
    if not sessions:
        return ()
    members = _members(sessions)
    had = _had(roster, rows, sessions)
    span = times.Span.of(first, roster.days, roster.site.zone)
    found = []
    for one in sessions:
        since, until = 0, span.moment(roster.days, 0)
        if one.first_on >= first:
            since = span.moment((one.first_on - first).days, one.from_minute or 0)
        if one.last_on <= last:
            until = span.moment((one.last_on - first).days, one.to_minute or MINUTES)
        theirs = {read.person_id(agent.pk) for agent in one.people.all()}
        theirs |= {
            person
            for person, begins, ends in members.get(one.team_id or 0, ())
            if begins <= one.last_on and (ends is None or ends > one.first_on)
        }
        still = tuple(sorted((theirs & {*people}) - had[one.pk], key=int))
        if still and until - since >= one.minutes:
            found.append(
                Session(
                    id=f"s{one.pk}", name=one.name, minutes=one.minutes, people=still, since=since,
                    until=until, together=one.together, weight=one.weight, kind=one.kind,
                )
            )  # fmt: skip
    return tuple(found)


def _members(
    sessions: Sequence[RosterSession],
) -> dict[int, list[tuple[str, date, date | None]]]:
    """Of teams that have sessions, who is in each, and from when until before when."""
    found: dict[int, list[tuple[str, date, date | None]]] = defaultdict(list)
    teams = {one.team_id for one in sessions if one.team_id is not None}
    rows = TeamMembership.objects.filter(team__in=teams) if teams else TeamMembership.objects.none()
    for team, agent, begins, ends in rows.values_list("team", "agent", "starts_on", "ends_on"):
        found[team].append((read.person_id(agent), begins, ends))
    return found


def _had(
    roster: KeptRoster, rows: QuerySet[Any], sessions: Sequence[RosterSession]
) -> Mapping[int, set[str]]:
    """Of each session, who has it by another roster that people work by."""
    days = rows.aggregate(first=Min("first_on"), last=Max("last_on"))
    zone = ZoneInfo(roster.site.zone)
    shifts = (
        KeptShift.objects.published()
        .filter(roster__site=roster.site_id, day__gte=days["first"] - DAY, day__lte=days["last"])
        .exclude(roster=roster.pk)
        .exclude(activities=[])
    )
    named: dict[tuple[str, str], list[tuple[str, datetime, datetime]]] = defaultdict(list)
    for agent, activities in shifts.values_list("agent", "activities"):
        for said in activities:
            if not said["is_pause"]:
                start, end = (datetime.fromisoformat(said[name]) for name in ("start", "end"))
                named[said["kind"], said["name"]].append((read.person_id(agent), start, end))
    found: dict[int, set[str]] = {}
    for one in sessions:
        since, until = _window(one, zone)
        found[one.pk] = {
            person
            for person, start, end in named.get((one.kind, one.name), ())
            if since <= start and end <= until
        }
    return found


def _window(one: RosterSession, zone: ZoneInfo) -> tuple[datetime, datetime]:
    since = datetime.combine(one.first_on, time(), zone) + timedelta(minutes=one.from_minute or 0)
    until = datetime.combine(one.last_on, time(), zone) + timedelta(
        minutes=one.to_minute or MINUTES
    )
    return since.astimezone(UTC), until.astimezone(UTC)


def missed(problem: Problem, made: Roster) -> Iterator[tuple[str, Session, str]]:
    """Who of a problem's sessions has none, and why."""
    for session in problem.sessions:
        with_it = {person for person in session.people if _has(made, person, session)}
        for person in session.people:
            if person not in with_it:
                yield person, session, _why(problem, made, person, session, bool(with_it))


def _has(made: Roster, person: str, session: Session) -> bool:
    return any(
        one.name == session.name
        and not one.is_pause
        and session.since <= one.start
        and one.end <= session.until
        for given in made.of.get(person, {}).values()
        for one in given.activities
    )


def _why(
    problem: Problem, made: Roster, person: str, session: Session, others_have_it: bool
) -> str:
    parts = [
        min(to, session.until) - max(since, session.since)
        for day, given in made.of.get(person, {}).items()
        if (shape := problem.shape.get(given.shape)) is not None and shape.kind is Kind.WORK
        for since, to in problem.spells(day, shape)
    ]
    longest = max(parts, default=0)
    if longest <= 0:
        return NO_SHIFT
    if longest < session.minutes:
        return TOO_SHORT
    return APART if session.together and others_have_it else NO_PLACE


def told(problem: Problem, made: Roster, names: Mapping[str, str]) -> list[str]:
    """The same in words, a line each."""
    return [
        _("%(name)s has no %(session)s: %(why)s")
        % {"name": names.get(person, person), "session": session.name, "why": _WHY[why]}
        for person, session, why in missed(problem, made)
    ]
