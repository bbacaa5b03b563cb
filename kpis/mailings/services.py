"""What people do with mailings."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from ccm.intervals import day_of
from ccm.models import User
from kpis.mailings.models import Mailing, MailingRun

# What makes moments that are past none of a mailing.
_TIMES = ("every", "weekday", "hour", "zone", "is_on")


@transaction.atomic
def keep(mailing: Mailing, told: Iterable[User], now: datetime) -> None:
    """Keep a mailing and whom it tells. Where its times changed, or it was off, it begins now; what
    was to be tried again is over."""
    before = Mailing.objects.filter(pk=mailing.pk).values(*_TIMES).first()
    if before != {name: getattr(mailing, name) for name in _TIMES}:
        mailing.since = now
        mailing.next_at = mailing.rhythm.next_after(now) if mailing.is_on else None
        MailingRun.objects.filter(mailing=mailing.pk, state=MailingRun.State.WAITING).delete()
    mailing.save()
    mailing.told.set(told)


def send_now(mailing: Mailing, user: User, now: datetime) -> bool:
    """Have it sent at once, whenever else it is due; whether that is not asked for already.

    What is tried again today is tried at once, too.
    """
    with transaction.atomic():
        held = Mailing.objects.select_for_update(of=("self",)).get(pk=mailing.pk)
        waiting = held.runs.filter(state=MailingRun.State.WAITING)
        if waiting.filter(is_asked=True).exists():
            return False
        if not waiting.update(due_at=now):
            held.runs.create(
                day=day_of(now, held.rhythm.calendar), is_asked=True, asked_by=user, due_at=now
            )
    return True


def leave(mailing: Mailing, reader: User) -> None:
    """Tell a reader no more."""
    mailing.told.remove(reader)
