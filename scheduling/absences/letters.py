"""Tells people by mail what becomes of their request for time off while it waits for room."""

from django.utils.translation import gettext as _

from scheduling.absences import words
from scheduling.mine import notices
from scheduling.models import LeaveRequest

_PAGE = "my_time_off"


def tell_place(row: LeaveRequest) -> None:
    """That it has moved up the waitlist; of each place once."""
    said = {"place": row.position, "what": words.of_request(row)}
    subject = _("Your time off is number %(place)s of those that wait now: %(what)s") % said
    key = f"leave request {row.pk} waits at {row.position}"
    notices.mail(key, row.agent, subject, [words.decided(row)], _PAGE)


def tell_decided(row: LeaveRequest) -> None:
    """That it waits no more: there was room, or it is refused, and by whom or what."""
    said = {"what": words.of_request(row)}
    if row.state == LeaveRequest.State.APPROVED:
        subject = _("Your time off that waited is approved: %(what)s") % said
    else:
        subject = _("Your time off that waited is refused: %(what)s") % said
    key = f"leave request {row.pk} waited and is {row.state}"
    notices.mail(key, row.agent, subject, [words.decided(row)], _PAGE)
