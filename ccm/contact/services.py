"""What people say of contact hours, numbers that are not called, and regions; the audit log has it,
numbers by their hash alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, TypeAlias

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm import audit
from ccm.callers import caller_hash, caller_masked
from ccm.contact.numbers import number_of
from ccm.models import ContactHours, DoNotCall, RecordingRegion, Site, User

Row: TypeAlias = ContactHours | DoNotCall | RecordingRegion
_UNSAID = ("id", "made_by", "made_at", "caller_masked")
_AT_ONCE = 2000
MOST_TOLD = 20


@transaction.atomic
def keep(row: Row, who: User, now: datetime) -> None:
    """Keep a row; of a number, whoever wrote it first made it. Raises ValidationError where the
    site has its hours, or the number, already."""
    rows = type(row)._default_manager
    there = rows.filter(pk=row.pk).first()
    if there is None:
        _refuse_second(row)
        if isinstance(row, DoNotCall):
            row.made_by = who
    before = None if there is None else values(there)
    row.save()
    if before != (after := values(row)):
        audit.record(who, row, before=before, after=after, now=now)


def _refuse_second(row: Row) -> None:
    if isinstance(row, ContactHours) and ContactHours.objects.filter(site=row.site_id).exists():
        raise ValidationError(_("The site keeps hours already: change those."))
    if isinstance(row, DoNotCall):
        same = DoNotCall.objects.filter(site=row.site_id, caller_hash=row.caller_hash).first()
        if same is not None:
            words = _("This number stands on the list of %(site)s since %(day)s already.")
            day = date_format(same.made_at.astimezone(row.site.tz), "j M Y")
            raise ValidationError({"number": words % {"site": row.site, "day": day}})


@transaction.atomic
def forget(row: Row, who: User, now: datetime) -> None:
    """Remove a row."""
    audit.record(who, row, before=values(row), after=None, now=now)
    row.delete()


def values(row: Row) -> dict[str, Any]:
    """What the log keeps of a row; that there is a note, not what it says."""
    found = audit.values_of(row, _UNSAID)
    if "note" in found:
        found["note"] = bool(found["note"])
    return found


@dataclass(slots=True)
class Added:
    """What became of the lines of a list: how many numbers were new, how many stood on it before,
    and which lines hold no number (the first of them), and how many those are."""

    new: int = 0
    known: int = 0
    unread: int = 0
    lines: list[int] = field(default_factory=list)


@transaction.atomic
def add_many(site: Site, lines: Iterable[str], reason: str, who: User, now: datetime) -> Added:
    """Put every number of a list on a site's, its first column where there are several; one that
    stands there stays as it is. Read twice, it adds nothing."""
    added = Added()
    counted = enumerate(lines, 1)
    while some := [*islice(counted, _AT_ONCE)]:
        _add(site, some, reason, who, added)
    if added.new:
        said = {"site": site.pk, "reason": reason, "numbers": added.new}
        audit.record(who, DoNotCall(pk=0), before=None, after=said, now=now)
    return added


def _add(
    site: Site, lines: Sequence[tuple[int, str]], reason: str, who: User, added: Added
) -> None:
    numbers: dict[str, str] = {}
    for line, text in lines:
        if not text.strip():
            continue
        number = number_of(text.replace(";", ",").partition(",")[0].strip().strip("\"'"))
        if not number:
            added.unread += 1
            if len(added.lines) < MOST_TOLD:
                added.lines.append(line)
            continue
        hashed = caller_hash(number)
        added.known += hashed in numbers
        numbers[hashed] = caller_masked(number)
    rows = [
        DoNotCall(
            site=site, caller_hash=hashed, caller_masked=masked, reason=reason, made_by=who
        )
        for hashed, masked in numbers.items()
    ]  # fmt: skip
    there = DoNotCall.objects.filter(site=site)
    before = there.count()
    DoNotCall.objects.bulk_create(rows, ignore_conflicts=True)
    new = there.count() - before
    added.new += new
    added.known += len(rows) - new
