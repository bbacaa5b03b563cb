"""Makes a roster: from what binds people and what is asked for to shifts that are kept."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm import jobs
from scheduling import burdens
from scheduling.models import KeptRoster, KeptShift, RosterRun, ShiftTemplate
from scheduling.roster.conflicts import Conflict
from scheduling.roster.ready import ready
from scheduling.roster.solve import Solved, solve
from scheduling.rosters import asked, kept, sessions, wishes
from scheduling.rosters.watch import watched
from scheduling.rules.costs import cost
from scheduling.shifts import Problem, Roster


def run(job_id: int) -> None:
    """Make the roster of a job, or do nothing where it is over already or made elsewhere.

    Once somebody asks it to stop, the best so far is kept. What is fixed stays; all other shifts
    are replaced at once. Safe to run twice: cut off at any moment it begins anew.
    """
    with jobs.running(job_id) as job:
        if job is None:
            return
        run = RosterRun.objects.select_related("roster__site").filter(job=job).first()
        if run is None:
            raise jobs.Refused(_("The roster is gone."))
        roster = run.roster
        _draft_still(roster)
        job.total, job.done, job.words = run.seconds, 0, _("Reading what binds people")
        jobs.beat(job, 0)
        now = timezone.now()
        there = list(roster.shifts.order_by("day", "pk"))
        said = asked.by_now(roster, now)
        problem = kept.problem_of(roster, said.demand, there)
        problem = burdens.priced(problem, roster.site, roster.first_day)
        _possible(problem)
        ready()
        known = _start(roster, problem, there)
        with watched(job, timezone.now()) as watch:
            solved = solve(
                problem,
                run.seconds,
                seed=run.seed,
                start=known,
                tell=watch.tell,
                stop=watch.stop.is_set,
            )
            if known is not None:
                solved = _no_dearer(problem, known, solved)
            watch.explains = True
            refused = wishes.refused(problem, solved.roster, watch.stop.is_set)
            is_told = wishes.is_whole(problem, solved.roster, refused)
        _keep(
            run,
            problem,
            solved,
            refused,
            is_told=is_told,
            is_cancelled=watch.stop.is_set(),
        )
        job.done = job.total
        if watch.stop.is_set():
            job.words = _("Stopped: the best that was found until then is kept.")
            raise jobs.Cancelled
        job.words = _("Made.")


def _no_dearer(problem: Problem, had: Roster, solved: Solved) -> Solved:
    """What there was, where that keeps every hard rule and session and costs less with its pauses
    than what was found: a search tells what shifts cost before pauses are placed."""
    before, after = cost(problem, had), cost(problem, solved.roster)
    held = [len(sessions.told(problem, one, {})) for one in (had, solved.roster)]
    if before.is_kept and before.total < after.total and held[0] <= held[1]:
        return replace(solved, roster=had)
    return solved


def _draft_still(roster: KeptRoster) -> None:
    """Raises Refused where it has been published meanwhile."""
    if not roster.is_draft:
        raise jobs.Refused(_("It was published meanwhile: its shifts stay as they are."))


def _possible(problem: Problem) -> None:
    """Raises Refused where there is nothing to make a roster of."""
    if not problem.people:
        raise jobs.Refused(_("Nobody is there on these days who can be given shifts."))
    if not problem.shapes:
        raise jobs.Refused(_("There is no shift template in use at this site."))
    gone = {
        shape
        for one in problem.people
        for shape in one.fixed.values()
        if shape is not None and shape not in problem.shape
    }
    if gone:
        raise jobs.Refused(_("Shifts that are to stay are of templates that changed since."))


def _start(roster: KeptRoster, problem: Problem, there: Sequence[KeptShift]) -> Roster | None:
    """What there is already, to go on from; of a new draft, what people had on the same weekdays of
    the weeks before. None: nothing."""
    known = [one for one in there if one.shape in problem.shape]
    if known:
        return kept.roster_of(roster, known)
    had = kept.weeks_before(roster)
    return had if had.of else None


@transaction.atomic
def _keep(
    run: RosterRun,
    problem: Problem,
    solved: Solved,
    refused: Sequence[dict[str, Any]],
    *,
    is_told: bool,
    is_cancelled: bool,
) -> None:
    """Put what was found in the place of what there was, and what is to be said of it."""
    roster = (
        KeptRoster.objects.select_for_update(of=("self",))
        .select_related("site")
        .get(pk=run.roster_id)
    )
    _draft_still(roster)
    roster.shifts.filter(is_fixed=False).delete()
    stays = {*roster.shifts.values_list("agent_id", "day")}
    templates = frozenset(
        ShiftTemplate.objects.filter(site=roster.site_id).values_list("pk", flat=True)
    )
    KeptShift.objects.bulk_create(
        one
        for one in kept.shifts_of(roster, problem, solved.roster, templates)
        if (one.agent_id, one.day) not in stays
    )
    roster.revision += 1
    roster.made_revision = roster.revision
    # What was not found out in time a worker finds out.
    roster.refused = refused
    roster.refused_revision = roster.revision if is_told else None
    roster.save(update_fields=["revision", "made_revision", "refused", "refused_revision"])
    run.cost, run.bound, run.took_seconds = solved.cost, solved.bound, solved.seconds
    run.is_cancelled = is_cancelled
    run.without = [int(one) for one in solved.without]
    run.conflicts = [_told(problem, one) for one in solved.conflicts]
    run.save()


def _told(problem: Problem, one: Conflict) -> dict[str, Any]:
    """Rules that contradict each other, with how much each asks for: contracts may say something
    else by the time that somebody reads it."""
    limits = {person.id: person.limits for person in problem.people}
    said = asdict(one)
    for rule in (*said["rules"], *(rule for way in said["ways"] for rule in way)):
        limit = getattr(limits.get(rule["person"]), rule["name"], None)
        if isinstance(limit, int):
            rule["limit"] = limit
    return said
