"""Sessions that a roster is to plan, and who has none of theirs."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import DateField, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm import together
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
    days. One query."""
    first, last = roster.first_day, roster.last_day
    rows = RosterSession.objects.filter(site=roster.site_id, first_on__lte=last, last_on__gte=first)
    told = together.read(_wanted(roster, rows))
    invited: dict[int, set[str]] = defaultdict(set)
    for each in told["invited"]:
        invited[each.rostersession_id].add(read.person_id(each.agent_id))
    members: dict[int, list[TeamMembership]] = defaultdict(list)
    for each in told["members"]:
        members[each.team_id].append(each)
    had = _had(told["sessions"], told["shifts"], ZoneInfo(roster.site.zone))
    span = times.Span.of(first, roster.days, roster.site.zone)
    found = []
    for one in told["sessions"]:
        since, until = 0, span.moment(roster.days, 0)
        if one.first_on >= first:
            since = span.moment((one.first_on - first).days, one.from_minute or 0)
        if one.last_on <= last:
            until = span.moment((one.last_on - first).days, one.to_minute or MINUTES)
        theirs = invited[one.pk] | {
            read.person_id(each.agent_id)
            for each in members.get(one.team_id or 0, ())
            if each.starts_on <= one.last_on
            and (each.ends_on is None or each.ends_on > one.first_on)
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


def _wanted(roster: KeptRoster, rows: QuerySet[Any]) -> dict[str, QuerySet[Any]]:
    """Sessions, who is asked to them by name or by team, and shifts by other rosters, that people
    work by, in which they may have had them."""
    earliest, latest = (
        Subquery(rows.order_by(field).values(field.lstrip("-"))[:1], output_field=DateField())
        for field in ("first_on", "-last_on")
    )
    shifts = KeptShift.objects.published().filter(
        roster__site=roster.site_id,
        day__gte=earliest - DAY,
        day__lte=latest,
        activities__contains=[{"is_pause": False}],
    )
    return {
        "sessions": rows.order_by("-weight", "pk"),
        "invited": RosterSession.people.through._default_manager.filter(rostersession__in=rows),
        "members": TeamMembership.objects.filter(team__in=rows.values("team")),
        "shifts": shifts.exclude(roster=roster.pk),
    }


def _had(
    sessions: Sequence[RosterSession], shifts: Iterable[KeptShift], zone: ZoneInfo
) -> Mapping[int, set[str]]:
    """Of each session, who has it in some shifts."""
    named: dict[tuple[str, str], list[tuple[str, datetime, datetime]]] = defaultdict(list)
    for shift in shifts:
        for said in shift.activities:
            if not said["is_pause"]:
                start, end = (datetime.fromisoformat(said[name]) for name in ("start", "end"))
                named[said["kind"], said["name"]].append(
                    (read.person_id(shift.agent_id), start, end)
                )
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
