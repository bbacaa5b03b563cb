"""What becomes of time off when two names become one."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from ccm.models import Agent, Leave
from scheduling.models import LeaveOpening, LeaveRequest

State = LeaveRequest.State


@transaction.atomic
def follow_merged(sender: type[Any], loser: int, keeper: int, **_more: object) -> None:
    """What somebody asked for who is merged goes on of the one they become; receiver of
    `names_merged`. Where both ask for the same days, and where both have a balance told of the same
    day, the keeper's stands."""
    if sender is not Agent:
        return
    told = {*LeaveOpening.objects.filter(agent=keeper).values_list("kind_id", "day")}
    for opening in LeaveOpening.objects.filter(agent=loser):
        if (opening.kind_id, opening.day) in told:
            opening.delete()
    LeaveOpening.objects.filter(agent=loser).update(agent=keeper)
    there = {_days(one) for one in LeaveRequest.objects.standing().filter(agent=keeper)}
    rows = LeaveRequest.objects.filter(agent=loser)
    for row in rows.standing():
        if _days(row) in there:
            row.state, row.position, row.decided_at = State.CANCELLED, None, timezone.now()
            row.decided_by, leave, row.leave = None, row.leave, None
            row.save()
            if leave is not None:
                leave.delete()  # the keeper's is of the same days
    rows.update(agent=keeper)
    _find_absences(keeper)


def _days(row: LeaveRequest) -> tuple[object, ...]:
    return row.first_on, row.last_on, row.from_minute, row.to_minute


def _find_absences(keeper: int) -> None:
    """An absence that both had stands once: the request is of that one."""
    free = {
        (one.kind.casefold(), one.first_on, one.last_on): one
        for one in Leave.objects.filter(agent=keeper, leave_request=None)
    }
    rows = LeaveRequest.objects.approved().filter(agent=keeper, leave=None, from_minute=None)
    for row in rows.select_related("kind"):
        found = free.pop((row.kind.name.casefold(), row.first_on, row.last_on), None)
        if found is not None:
            row.leave = found
            row.save(update_fields=["leave"])
