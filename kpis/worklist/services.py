"""Writes who calls somebody back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from ccm import audit
from ccm.audit import Names, Told
from ccm.models import AuditEntry, Call, User
from kpis.worklist.models import CallBackOwner


class Taken(Exception):
    """Whose it was has changed meanwhile; `owner` has it now, None: nobody."""

    def __init__(self, owner: User | None) -> None:
        super().__init__(str(owner))
        self.owner = owner


@transaction.atomic
def hand(call: Call, to: User | None, was: int | None, who: User, now: datetime) -> bool:
    """Give a call back to somebody, or to nobody; whether that is news. The audit log has it.

    `was` is whose it was on the page of who does so, by id; None: nobody's. Of two who take one at
    once the first has it. Raises Taken where it is somebody else's by now than it `was`.
    """
    known = CallBackOwner.objects.select_for_update(of=("self",)).select_related("owner")
    there = known.filter(call=call.pk).first()
    if there is None and was is None and to is not None:
        made = {"site_id": call.site_id, "owner": to, "at": now}
        # Whoever does the same at this moment is waited for.
        there, is_new = CallBackOwner.objects.get_or_create(call_id=call.pk, defaults=made)
        if is_new:
            _note(who, there, None, now)
            return True
    if there is not None and to is not None and there.owner_id == to.pk:
        return False
    if there is None and to is None:
        return False
    if (None if there is None else there.owner_id) != was:
        raise Taken(None if there is None else there.owner)
    assert there is not None  # else it would be nobody's, and was told above
    before = _values(there)
    if to is None:
        audit.record(who, there, before=before, after=None, now=now)
        there.delete()
        return True
    there.owner, there.at = to, now
    there.save(update_fields=["owner", "at"])
    _note(who, there, before, now)
    return True


@transaction.atomic
def say_made(call: Call, is_made: bool, who: User, now: datetime) -> bool:
    """Say that the caller was called back, or that it is still to be done; whether that is news.
    The audit log has it. Whoever says so of a call that is nobody's has it from then on."""
    known = CallBackOwner.objects.select_for_update()
    there = known.filter(call=call.pk).first()
    if there is None and not is_made:
        return False
    before = None if there is None else _values(there)
    if there is None:
        # Whoever takes it at this moment is waited for.
        made = {"site_id": call.site_id, "owner": who, "at": now}
        there, _is_new = known.get_or_create(call_id=call.pk, defaults=made)
    if (there.made_at is not None) == is_made:
        return False
    there.made_at = now if is_made else None
    there.save(update_fields=["made_at"])
    _note(who, there, before, now)
    return True


def _note(who: User, row: CallBackOwner, before: dict[str, Any] | None, now: datetime) -> None:
    audit.record(who, row, before=before, after=_values(row), now=now)


def _values(row: CallBackOwner) -> dict[str, Any]:
    made = None if row.made_at is None else row.made_at.isoformat()
    return {"call": str(row.call_id), "owner": row.owner_id, "made_at": made}


def tell(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """Each as "Who calls back", with the call."""
    return {
        one.pk: Told(_("Who calls back"), reverse("call", args=[said["call"]]))
        for one in entries
        if (said := audit.said(one)).get("call")
    }


def write(_values: Mapping[str, Any], name: str, value: Any) -> tuple[str, str] | None:
    """The call by its id: which it is, its page says."""
    return (_("Call"), str(value)) if name == "call" else None
