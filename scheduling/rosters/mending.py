"""Looks for the fewest changes that mend a roster after an absence: who is away by now goes out of
it, and others fill what that leaves. A worker does it, for it takes a solver."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from ccm import jobs
from ccm.intervals import day_of
from scheduling.models import KeptRoster, RosterRepair, ShiftTemplate
from scheduling.roster.grid import Grid
from scheduling.roster.ready import ready
from scheduling.roster.repair import repaired
from scheduling.roster.search import Progress
from scheduling.rosters import asked, demand, given, kept, repairs
from scheduling.rosters.edits import Key, Wanted
from scheduling.rosters.watch import watched
from scheduling.shifts import Person
from scheduling.terms import read
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
    """The fewest changes that are found within some seconds, as `RosterRepair.changes`. Days before
    today stay."""
    shifts = list(roster.shifts.all())
    gone = {(one.agent_id, one.day) for one in repairs.away(roster, now)}
    said = asked.kept(roster) or demand.of_roster(roster, read.rules(roster.site), now)
    problem = kept.problem_of(roster, said.demand, shifts)
    if not problem.people or not problem.shapes:
        raise jobs.Refused(_("Nobody is there on these days who can be given shifts."))
    before = kept.roster_of(roster, shifts)
    past = (day_of(now, roster.site.calendar) - roster.first_day).days
    problem = replace(
        problem,
        people=tuple(
            _held(roster, one, before.of.get(one.id, {}), past, gone) for one in problem.people
        ),
    )
    solved = repaired(problem, before, PRICE, seconds, tell=tell, stop=stop)
    there = {(one.agent_id, one.day): one for one in shifts}
    templates = ShiftTemplate.objects.filter(site=roster.site_id).in_bulk()
    begin = kept.begin_of(roster.site, roster.first_day)
    wanted: list[Wanted] = []
    for person in problem.people:
        agent = int(person.id)
        for number, day in enumerate(problem.days):
            had, has = before.on(person.id, number), solved.roster.on(person.id, number)
            key = (agent, day.date)
            # Of whom the rules contradict each other only what they are away from goes.
            if person.id in solved.without:
                has = None if key in gone else had
            if (had and had.shape) == (has and has.shape):
                continue
            made = None
            if has is not None:
                template = template_of(has.shape)
                made = given.of_shape(
                    problem, begin, number, has, template if template in templates else None
                )
            wanted.append(Wanted(agent, day.date, made))
    changes = [
        {
            "agent": one.agent,
            "day": one.day.isoformat(),
            "before": given.of_row(there[key]).values() if key in there else None,
            "after": one.given and one.given.values(),
            "is_away": key in gone,
        }
        for one in wanted
        for key in [(one.agent, one.day)]
    ]
    return sorted(changes, key=lambda one: (not one["is_away"], one["day"]))


def _held(
    roster: KeptRoster, person: Person, mine: Mapping[int, Any], past: int, gone: set[Key]
) -> Person:
    """With days gone by as they were, and free of what was to stay where they are away."""
    first = roster.first_day
    fixed = {
        number: shape
        for number, shape in person.fixed.items()
        if (int(person.id), date.fromordinal(first.toordinal() + number)) not in gone
    }
    for number in range(min(max(past, 0), roster.days)):
        fixed[number] = mine[number].shape if number in mine else None
    return replace(person, fixed=fixed)
