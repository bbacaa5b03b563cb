"""Writes what planners do with rosters; each time the audit log has it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from ccm import audit, jobs
from ccm.models import Agent, Job, User
from scheduling.models import KeptRoster, KeptShift, RosterRun, RosterSession
from scheduling.rosters import wishes
from scheduling.rosters.changed import shifts_changed

KIND = "roster"
_UNSAID = ("id", "made_by", "made_at", "published_by", "refused", "refused_revision")
_OVER = (Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED)


class Breaks(Exception):
    """A roster that breaks hard rules, which nobody has said to be known."""


def values(roster: KeptRoster) -> dict[str, Any]:
    """What the audit log keeps of a roster."""
    return audit.values_of(roster, _UNSAID)


@transaction.atomic
def begin(roster: KeptRoster, who: User, now: datetime) -> None:
    """Keep a new draft, without shifts. Raises ValidationError for a group of another site."""
    if roster.group is not None and roster.group.site_id != roster.site_id:
        raise ValidationError(_("This queue group is of another site."))
    roster.made_by, roster.made_at = who, now
    roster.save()
    audit.record(who, roster, before=None, after=values(roster), now=now)


@transaction.atomic
def make(roster: KeptRoster, seconds: int, who: User) -> RosterRun | None:
    """Have a draft made within so many seconds; None where it is being made already, or is
    published. What is sent to a worker is `scheduling.tasks.make_roster`, after the commit."""
    locked = KeptRoster.objects.select_for_update(no_key=True).get(pk=roster.pk)
    if not locked.is_draft or working(locked) is not None:
        return None
    job = Job.objects.create(kind=KIND, created_by=who, total=seconds)
    run = RosterRun(roster=locked, job=job, seconds=seconds, seed=locked.revision + 1)
    run.save()
    return run


def working(roster: KeptRoster) -> RosterRun | None:
    """The making of a roster that is not over."""
    runs: Any = roster.runs.exclude(job__state__in=_OVER)
    found: RosterRun | None = runs.select_related("job").first()
    return found


def stop(roster: KeptRoster) -> None:
    """Have the making of a roster stop: the best that is found until then is kept."""
    run = working(roster)
    if run is not None:
        jobs.ask_to_stop(run.job)


@transaction.atomic
def remove(roster: KeptRoster, who: User, now: datetime) -> bool:
    """Remove a draft with its shifts; False where it is published or is being made."""
    locked = KeptRoster.objects.select_for_update(of=("self",)).get(pk=roster.pk)
    if not locked.is_draft or working(locked) is not None:
        return False
    audit.record(who, locked, before=values(locked), after=None, now=now)
    Job.objects.filter(Q(roster_run__roster=locked) | Q(roster_repair__roster=locked)).delete()
    locked.delete()
    return True


@transaction.atomic
def publish(
    roster: KeptRoster,
    who: User,
    now: datetime,
    *,
    revision: int,
    hard: Sequence[str] = (),
    is_confirmed: bool = False,
) -> None:
    """Publish a draft as it was at a revision. `hard` are the hard rules that it breaks, in words:
    the audit log has them.

    Raises Breaks where it breaks some and that was not confirmed, and ValidationError where it is
    none to publish: it has no shifts, changed since, is being made, or has somebody on a day that
    has a published shift already.
    """
    # Of two rosters of a site one is published after the other: their people may be the same.
    locked = (
        KeptRoster.objects.select_for_update(of=("self",)).select_related("site").get(pk=roster.pk)
    )
    type(locked.site)._default_manager.select_for_update(no_key=True).get(pk=locked.site_id)
    if not locked.is_draft:
        raise ValidationError(_("It is published already."))
    if working(locked) is not None:
        raise ValidationError(_("It is being made: wait until that is over."))
    if locked.revision != revision:
        raise ValidationError(_("It was changed since you looked at it: look again."))
    mine = locked.shifts.values_list("agent_id", "day")
    if not mine:
        raise ValidationError(_("It has no shifts yet."))
    others = KeptShift.objects.published().filter(
        roster__site=locked.site_id, day__gte=locked.first_day, day__lte=locked.last_day
    )
    twice = {*mine} & {*others.values_list("agent_id", "day")}
    if twice:
        names = Agent.objects.filter(pk__in={agent for agent, _day in twice}).order_by("name")
        named = ", ".join(names.values_list("name", flat=True)[:5])
        raise ValidationError(
            _("Another roster has been published that gives shifts on the same days to: %(names)s")
            % {"names": named}
        )
    if hard and not is_confirmed:
        raise Breaks
    before = values(locked)
    locked.state = KeptRoster.State.PUBLISHED
    locked.published_by, locked.published_at = who, now
    locked.save(update_fields=["state", "published_by", "published_at"])
    wishes.keep(locked)
    after = values(locked) | ({"breaks": list(hard)} if hard else {})
    audit.record(who, locked, before=before, after=after, now=now)
    days = {day for _agent, day in mine}
    shifts_changed.send(sender=KeptShift, site=locked.site_id, wanted=days)


@transaction.atomic
def follow_merged(sender: type[Any], loser: int, keeper: int, **_more: object) -> None:
    """Shifts of somebody who is merged go on of the one they become; where both have one on a day
    of a roster, the keeper's stands. Receiver of `names_merged`."""
    if sender is not Agent:
        return
    rows = KeptShift.objects.filter(agent=loser)
    there = {*KeptShift.objects.filter(agent=keeper).values_list("roster_id", "day")}
    twice = [one.pk for one in rows if (one.roster_id, one.day) in there]
    KeptShift.objects.filter(pk__in=twice).delete()
    rows.update(agent=keeper)
    wishes.follow_merged(loser, keeper)
    for session in RosterSession.objects.filter(people=loser):
        session.people.add(keeper)
        session.people.remove(loser)
