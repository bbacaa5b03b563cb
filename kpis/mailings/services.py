"""What people do with mailings."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from ccm import audit
from ccm.audit import Names, Told, Values
from ccm.intervals import day_of
from ccm.models import AuditEntry, Site, User
from ccm.structure.forms import WEEKDAYS
from ccm.templatetags.figures import DASH
from kpis.mailings.models import Mailing, MailingRun
from kpis.models import SavedReport

# What makes moments that are past none of a mailing.
_TIMES = ("every", "weekday", "hour", "zone", "is_on")


@transaction.atomic
def keep(mailing: Mailing, told: Iterable[User], who: User, now: datetime) -> None:
    """Keep a mailing and whom it tells; the audit log has it. Where its times changed, or it was
    off, it begins now; what was to be tried again is over."""
    there = Mailing.objects.filter(pk=mailing.pk).first()
    was = None if there is None else values(there)
    before = Mailing.objects.filter(pk=mailing.pk).values(*_TIMES).first()
    if before != {name: getattr(mailing, name) for name in _TIMES}:
        mailing.since = now
        mailing.next_at = mailing.rhythm.next_after(now) if mailing.is_on else None
        MailingRun.objects.filter(mailing=mailing.pk, state=MailingRun.State.WAITING).delete()
    mailing.save()
    mailing.told.set(told)
    if was != (after := values(mailing)):
        audit.record(who, mailing, before=was, after=after, now=now)


@transaction.atomic
def remove(mailing: Mailing, who: User, now: datetime) -> None:
    """Have it sent no more; the audit log has it."""
    audit.record(who, mailing, before=values(mailing), after=None, now=now)
    mailing.delete()


def values(mailing: Mailing) -> dict[str, Any]:
    """What the audit log keeps of a mailing: what is sent, when, and to whom, by their ids."""
    told = sorted(mailing.told.values_list("pk", flat=True))
    return audit.values_of(mailing, ("id", "since", "next_at")) | {"told": told}


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Each as "Recap by mail, Leeds" or "Report by mail, Tuesdays". No query."""
    found = {}
    for one in entries:
        said = audit.said(one)
        if not said.keys() >= {"site", "report"}:
            continue
        if said["site"] is not None:
            words = _("Recap by mail, %(site)s") % {"site": names.of(Site, said["site"])}
        else:
            words = _("Report by mail, %(report)s") % {
                "report": names.of(SavedReport, said["report"])
            }
        found[one.pk] = Told(words, reverse("mailings"))
    return found


def write(_values: Values, name: str, value: Any) -> tuple[str, str] | None:
    """The weekday by its name, the hour as a clock shows it."""
    if name == "weekday":
        return _("Weekday"), DASH if value is None else str(WEEKDAYS[value])
    if name == "hour":
        return _("At"), DASH if value is None else f"{value:02d}:00"
    return None


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


@transaction.atomic
def leave(mailing: Mailing, reader: User, now: datetime) -> None:
    """Tell a reader no more; the audit log has it."""
    before = values(mailing)
    mailing.told.remove(reader)
    if before != (after := values(mailing)):
        audit.record(reader, mailing, before=before, after=after, now=now)


@transaction.atomic
def keep_address(user: User, now: datetime) -> None:
    """Keep where somebody's own mails go to; the audit log has it."""
    was = User.objects.values_list("email", flat=True).get(pk=user.pk)
    user.save(update_fields=["email"])
    if was != user.email:
        said = ({"email": _masked(one)} for one in (was, user.email))
        audit.record(user, user, before=next(said), after=next(said), now=now)


def _masked(address: str) -> str:
    """An address by where it is, with a mark that changes with the rest, which may be a name."""
    mark = hashlib.sha256(address.encode()).hexdigest()[:8]
    return f"…@{address.rpartition('@')[2]} ({mark})" if address else ""
