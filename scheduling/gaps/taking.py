"""Takes a proposal: moves an activity of somebody's shift, and keeps what that was predicted to
do."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm.models import User
from scheduling.gaps import movable, moving
from scheduling.gaps.moving import Effect, Proposal
from scheduling.gaps.reads import Running
from scheduling.models import IntradayAction, RosterEdit
from scheduling.rosters import edits
from scheduling.rosters.edits import Wanted


@transaction.atomic
def take(
    running: Running, agent: int, start: int, to: int, seen: int, who: User, now: datetime
) -> IntradayAction:
    """Have an activity of somebody, which is to begin so many minutes after the day's beginning,
    begin at `to`; `seen` is the revision of the roster at which that was thought of.

    Raises ValidationError where there is none any more, where it cannot begin then, and for what
    `edits.apply` refuses.
    """
    there = [
        one
        for one in movable.pieces(running, now)
        if (one.piece.person, one.piece.start) == (agent, start)
    ]
    if not there:
        raise ValidationError(_("It was changed since, or has begun: look again."))
    one = there[0]
    at = running.moment(to)
    if to not in one.piece.starts or one.breaks(at):
        raise ValidationError(_("It cannot begin then: look again."))
    try:
        told = moving.told(running.outlook, running.clock, one.piece, to)
    except ValueError:
        raise ValidationError(_("That helps nobody: look again.")) from None
    shift = one.shift
    edit = edits.apply(
        shift.roster,
        [Wanted(shift.agent_id, shift.day, one.moved(at))],
        who,
        now,
        seen=seen,
        why=RosterEdit.Why.INTRADAY,
    )
    if edit is None:
        raise ValidationError(_("It was changed since, or has begun: look again."))
    action = IntradayAction(
        edit=edit,
        day=running.today.day,
        queues=[queue.pk for queue in running.queues],
        kind=one.said["kind"],
        name=one.said["name"],
        was_at=running.moment(start),
        now_at=at,
        minutes=one.piece.minutes,
        calls=round(told.calls, 3),
        taken_by=who,
        taken_at=now,
        **_predicted(running, told),
    )
    action.save()
    return action


def _predicted(running: Running, told: Proposal) -> dict[str, datetime | float | None]:
    relieved = _of(running, told.relieves)
    found = {
        "relieves_from": relieved[0], "relieves_to": relieved[1],
        "level_without": relieved[2], "level_with": relieved[3],
        "occupancy_without": relieved[4], "occupancy_with": relieved[5],
    }  # fmt: skip
    if told.takes_from is not None:
        taken = _of(running, told.takes_from)
        found |= {
            "takes_from": taken[0], "takes_to": taken[1],
            "taken_level_without": taken[2], "taken_level_with": taken[3],
            "taken_occupancy_without": taken[4], "taken_occupancy_with": taken[5],
        }  # fmt: skip
    return found


def _of(running: Running, effect: Effect) -> tuple[datetime | float | None, ...]:
    span = running.begins(effect.first), running.ends(effect.last)
    return (*span, *effect.level, *effect.occupancy)
