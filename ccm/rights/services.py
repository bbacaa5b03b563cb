"""Writes what roles may do. The audit log has each change, with what was before."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.models import RoleRight, User
from ccm.rights import reads
from ccm.rights.actions import ACTIONS, Action
from ccm.rights.holding import holds

_LOCK = 0x72696768  # of the database: one changes rights at a time


class Refused(ValueError):
    """It cannot be so; the words say why."""


@dataclass(frozen=True, slots=True)
class Said:
    """That a role holds an action now, or does not any more."""

    role: str
    action: Action
    held: bool


@transaction.atomic
def change(held: Collection[tuple[str, str]], seen: str, who: User, now: datetime) -> list[Said]:
    """Have roles hold these actions (a role, an action's id), and no others that they could hold;
    what changed. A role that cannot hold an action is left out, and so are words nobody knows.

    `seen` is `reads.seen` of what the page showed. Raises Refused where that is no more so.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    there = {(one.role, one.action): one for one in RoleRight.objects.all()}
    rows = reads.changed_of(there.values())
    if reads.seen(rows) != seen:
        raise Refused(
            _("Rights were changed meanwhile, and nothing of this is kept: look at them again.")
        )
    done = []
    for action in ACTIONS.values():
        for role in reads.OTHERS:
            wanted = (role, action.id) in held
            if action.can_hold(role) and wanted != holds(role, action, rows):
                _say(there.get((role, action.id)), Said(role, action, wanted), who, now)
                done.append(Said(role, action, wanted))
    return done


def _say(row: RoleRight | None, said: Said, who: User, now: datetime) -> None:
    """Keep a change: as a row, or, where it is as it came again, as none."""
    if row is None:
        row = RoleRight(role=said.role, action=said.action.id)
    row.held, row.changed_by, row.changed_at = said.held, who, now
    row.save()
    about = {"role": said.role, "action": said.action.id}
    before, after = about | {"held": not said.held}, about | {"held": said.held}
    audit.record(who, row, before=before, after=after, now=now)
    if said.held == (said.role in said.action.holders):
        row.delete()
