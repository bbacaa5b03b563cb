"""Looks for the fewest changes that mend a roster after an absence: who is away by now goes out of
it, and others fill what that leaves. A worker does it, for it takes a solver."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from ccm import jobs
from scheduling.models import KeptRoster, KeptShift, RosterRepair, ShiftTemplate
from scheduling.roster.grid import Grid
from scheduling.roster.ready import ready
from scheduling.roster.repair import repaired
from scheduling.roster.search import Progress
from scheduling.rosters import asked, given, kept, repairs
from scheduling.rosters.edits import Key, Wanted
from scheduling.rosters.given import Given
from scheduling.rosters.watch import watched
from scheduling.rules import check
from scheduling.shifts import Assignment, Person, Problem, Roster
from scheduling.terms.shapes import template_of

# Somebody's day is changed where that fills ten slots that are short of somebody.
PRICE = 100


def run(job_id: int) -> None:
    """Find the changes of a job and keep them as a proposal, or do nothing where it is over already
    or looked for elsewhere. Once somebody asks it to stop, the best so far is proposed. Safe to run
    twice: cut off at any moment it begins anew, and the roster itself stays as it is until a
    planner takes the proposal."""
    with jobs.running(job_id) as job:
        if job is None:
            return
        found = RosterRepair.objects.select_related("roster__site").filter(job=job).first()
        if found is None:
            raise jobs.Refused(_("The roster is gone."))
        job.done, job.words = 0, _("Reading what binds people")
        jobs.beat(job, 0)
        # What is compiled once after an installation would take all the time that there is.
        ready()
        now, revision = timezone.now(), found.roster.revision
        with watched(job, now) as watch:
            changes = propose(
                found.roster, now, float(job.total), tell=watch.tell, stop=watch.stop.is_set
            )
        found.revision, found.changes = revision, changes
        found.save(update_fields=["revision", "changes"])
        if watch.stop.is_set():
            job.words = _("Stopped: the best that was found until then is proposed.")
            raise jobs.Cancelled
        job.done, job.words = job.total, _("Found.")


def propose(
    roster: KeptRoster,
    now: datetime,
    seconds: float,
    *,
    tell: Callable[[Progress, Grid], None] = lambda _progress, _grid: None,
    stop: Callable[[], bool] = lambda: False,
) -> list[dict[str, Any]]:
    """The fewest changes that are found within some seconds, as `RosterRepair.changes`: who is away
    goes, others fill in for them, and nothing else is changed than what that takes. Days before
    today stay, and so does what has begun: nobody is given a shift that begins before now."""
    shifts = list(roster.shifts.all())
    opened = repairs.away(roster, now)
    gone = {(one.agent_id, one.day) for one in opened}
    said = asked.kept(roster) or asked.by_now(roster, now)
    problem = kept.problem_of(roster, said.demand, shifts)
    if not problem.people or not problem.shapes:
        raise jobs.Refused(_("Nobody is there on these days who can be given shifts."))
    before = kept.roster_of(roster, shifts)
    minute = int((now - kept.begin_of(roster.site, roster.first_day)).total_seconds()) // 60
    problem = replace(
        problem,
        people=tuple(
            _held(problem, one, before.of.get(one.id, {}), minute, gone) for one in problem.people
        ),
    )
    solved = repaired(problem, before, PRICE, seconds, tell=tell, stop=stop)
    there = {(one.agent_id, one.day): one for one in shifts}
    templates = ShiftTemplate.objects.filter(site=roster.site_id).in_bulk()
    begin = kept.begin_of(roster.site, roster.first_day)

    def made(number: int, has: Assignment) -> Given:
        template = template_of(has.shape)
        return given.of_shape(
            problem, begin, number, has, template if template in templates else None
        )

    wanted: list[Wanted] = []
    fills: set[Key] = set()
    for person in problem.people:
        agent = int(person.id)
        mine = before.of.get(person.id, {})
        away = {n for n, day in enumerate(problem.days) if (agent, day.date) in gone}
        left = {n: one for n, one in mine.items() if n not in away}
        # Of whom the rules contradict each other only what they are away from goes.
        found = left if person.id in solved.without else solved.roster.of.get(person.id, {})
        values = {n: made(n, found[n]) for n in _others(mine, found) if n in found}
        helps = {
            n for n, one in values.items()
            if _within(one, opened) > _within(there.get((agent, problem.days[n].date)), opened)
        }  # fmt: skip
        found = _needed(problem, person, left, found, helps)
        for n in sorted(_others(mine, found)):
            key = (agent, problem.days[n].date)
            wanted.append(Wanted(*key, values[n] if n in found else None))
            fills |= {key} if n in helps else set()
    changes = [
        {
            "agent": one.agent,
            "day": one.day.isoformat(),
            "before": given.of_row(there[key]).values() if key in there else None,
            "after": one.given and one.given.values(),
            "is_away": key in gone,
            "fills": key in fills,
        }
        for one in wanted
        for key in [(one.agent, one.day)]
    ]
    return sorted(changes, key=lambda one: (not one["is_away"], one["day"]))


def _others(before: Mapping[int, Assignment], after: Mapping[int, Assignment]) -> set[int]:
    """Days on which somebody has another shift than before, one more, or none any more."""
    return {
        n for n in {*before, *after}
        if n not in before or n not in after or before[n].shape != after[n].shape
    }  # fmt: skip


def _within(one: Given | KeptShift | None, opened: Iterable[KeptShift]) -> timedelta:
    """How much of some shifts another one is there for."""
    if one is None:
        return timedelta(0)
    spans = (
        min(one.ends_at, gap.ends_at) - max(one.begins_at, gap.begins_at) for gap in opened
    )  # fmt: skip
    return sum((max(span, timedelta(0)) for span in spans), timedelta(0))


def _needed(
    problem: Problem,
    person: Person,
    before: Mapping[int, Assignment],
    after: Mapping[int, Assignment],
    helps: Collection[int],
) -> Mapping[int, Assignment]:
    """What somebody is to have: of what a solver would change what fills in, and what the rules
    that bind them take for that. It keeps all rules, so that it also mends what was broken before,
    and it finds what is cheaper: nobody asked for either."""
    if not helps:
        return before
    alone = replace(problem, people=(person,), pairings=(), mix=None)

    def broken(of: Mapping[int, Assignment]) -> set[tuple[str, tuple[int, ...]]]:
        found = check(alone, Roster({person.id: of}))
        return {(one.rule, one.days) for one in found if one.is_hard}

    known = broken(before)
    kept_on = dict(after)
    for n in sorted(_others(before, after) - {*helps}):
        tried = {day: one for day, one in kept_on.items() if day != n}
        if n in before:
            tried[n] = before[n]
        if broken(tried) <= known:
            kept_on = tried
    return kept_on


def _held(
    problem: Problem, person: Person, mine: Mapping[int, Assignment], now: int, gone: set[Key]
) -> Person:
    """With what has begun by a minute of the roster as it was, nothing more before it, and free of
    what was to stay where they are away."""
    away = {n for n, day in enumerate(problem.days) if (int(person.id), day.date) in gone}
    fixed = {number: shape for number, shape in person.fixed.items() if number not in away}
    until = [0]
    for number, day in enumerate(problem.days):
        if day.start > now:
            break
        has = mine.get(number)
        spells = problem.spells(number, problem.shape[has.shape]) if has is not None else ()
        is_over = day.start + day.minutes <= now
        if is_over or (spells and spells[0][0] < now and number not in away):
            fixed[number] = None if has is None else has.shape
            until += [end for _begin, end in spells]
    # What they have begun reaches to its end, and from there on nothing is theirs before now.
    closed = person.closed
    if max(until) < now:
        closed = tuple(sorted((*closed, (max(until), now))))
    return replace(person, fixed=fixed, closed=closed)
