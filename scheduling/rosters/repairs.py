"""A roster mended after an absence: who is away by now, changes that are asked for, and those that
a planner takes. They are looked for by `mending`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm import jobs
from ccm.intervals import day_of
from ccm.models import Agent, Job, Leave, User
from scheduling.models import KeptRoster, KeptShift, RosterEdit, RosterRepair
from scheduling.rosters import edits, given, services
from scheduling.rosters.edits import Wanted

KIND = "roster_repair"
# At most: it ends as soon as no changes can be better. In five seconds on a worker that has other
# work, nobody may be found yet who fills in. A planner who cannot wait stops it, and has what was
# found until then.
SECONDS = 30


@dataclass(frozen=True, slots=True)
class Mended:
    """What somebody has on a day, and would have: clocks, or empty where they are off; and why that
    is another, in words."""

    name: str
    day: date
    before: str
    after: str
    is_away: bool
    why: str


def away(roster: KeptRoster, now: datetime) -> list[KeptShift]:
    """Shifts from today on of people who are absent on their days by now. Two queries."""
    today = day_of(now, roster.site.calendar)
    rows = (
        roster.shifts.filter(day__gte=today).select_related("agent").order_by("day", "agent__name")
    )
    leaves = Leave.objects.filter(
        agent__site=roster.site_id, first_on__lte=roster.last_day
    ).exclude(last_on__lt=today)
    gone = [(one.agent_id, one.first_on, one.last_on or date.max) for one in leaves]
    return [
        one
        for one in rows
        if any(who == one.agent_id and first <= one.day <= last for who, first, last in gone)
    ]


@transaction.atomic
def ask(roster: KeptRoster, who: User, seconds: int = SECONDS) -> RosterRepair:
    """Have changes looked for; those that are looked for already where there are some. What is sent
    to a worker is `scheduling.tasks.repair_roster`, after the commit. What was proposed before goes
    with it. Raises ValidationError where the roster is being made."""
    locked = KeptRoster.objects.select_for_update(no_key=True).get(pk=roster.pk)
    if services.working(locked) is not None:
        raise ValidationError(_("It is being made: wait until that is over, or stop it."))
    there = last(locked)
    if there is not None and not there.job.finished:
        return there
    Job.objects.filter(roster_repair__roster=locked).delete()
    job = Job.objects.create(kind=KIND, created_by=who, total=seconds)
    return RosterRepair.objects.create(roster=locked, job=job)


def last(roster: KeptRoster) -> RosterRepair | None:
    """The newest proposal of a roster, found or being looked for. One query."""
    found: RosterRepair | None = (
        RosterRepair.objects.filter(roster=roster.pk).select_related("job").order_by("-pk").first()
    )
    return found


def stop(roster: KeptRoster) -> None:
    """Have what is looked for end; the best changes that are found until then are proposed."""
    found = last(roster)
    if found is not None and not found.job.finished:
        jobs.ask_to_stop(found.job)


def told(roster: KeptRoster, found: RosterRepair) -> Sequence[Mended]:
    """What a proposal would change, in the site's clock. One query."""
    agents = Agent.objects.filter(pk__in={one["agent"] for one in found.changes})
    names = dict(agents.values_list("pk", "name"))
    return [
        Mended(
            names.get(one["agent"], ""),
            date.fromisoformat(one["day"]),
            _clock(roster, one["before"]),
            _clock(roster, one["after"]),
            one["is_away"],
            _why(one),
        )
        for one in found.changes
    ]


def _why(one: Mapping[str, Any]) -> str:
    if one["is_away"]:
        return _("absent")
    if one.get("fills", one["after"] is not None):
        return _("fills in")
    if one["after"] is None:
        return _("off instead: the rules do not allow both")
    return _("at another time: the rules do not allow both")


@transaction.atomic
def take(roster: KeptRoster, number: int, who: User, now: datetime) -> RosterEdit | None:
    """Make the changes of a proposal, which goes with it: they are made once. Raises
    ValidationError where it is none of this roster, or is not there any more, where a shift of it
    has begun since, and as `edits.apply`: where somebody has changed the same days since it was
    thought of."""
    rows = RosterRepair.objects.select_for_update(of=("self",)).filter(roster=roster.pk)
    found = rows.filter(pk=number).first()
    if found is None or found.revision is None:
        raise ValidationError(_("This proposal is too old: ask for another."))
    wanted = [
        Wanted(
            one["agent"],
            date.fromisoformat(one["day"]),
            one["after"] and given.of_values(one["after"]),
        )
        for one in found.changes
    ]
    if any(one.given is not None and one.given.begins_at < now for one in wanted):
        raise ValidationError(_("Some of these shifts have begun meanwhile: ask for another."))
    why = RosterEdit.Why.REPAIR
    edit = edits.apply(roster, wanted, who, now, seen=found.revision, why=why)
    Job.objects.filter(roster_repair=found).delete()
    return edit


def _clock(roster: KeptRoster, said: Any) -> str:
    if said is None:
        return ""
    one, zone = given.of_values(said), roster.site.calendar.zone
    return f"{one.begins_at.astimezone(zone):%H:%M}–{one.ends_at.astimezone(zone):%H:%M}"


def words_of(one: KeptShift) -> str:
    """Whose shift of which day it is."""
    told = {"name": one.agent.name, "day": date_format(one.day, "D j M")}
    return _("%(name)s, %(day)s") % told
