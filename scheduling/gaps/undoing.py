"""Undoes a move of a pause or session during a day, as long as neither its old time nor its new one
is near, and nobody has changed the shift since."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm.models import User
from scheduling.gaps.movable import NOTICE
from scheduling.models import IntradayAction, KeptShift, RosterEdit
from scheduling.rosters import edits, given

# Roster, agent and day of a shift.
Key = tuple[int, int, date]
_OFFERED = frozenset(kind for kind, _words in IntradayAction.OFFERS)


def hindered(actions: Sequence[IntradayAction], now: datetime) -> Mapping[int, str]:
    """Why each of some actions of a day cannot be undone, in words, by its id; empty: it can. One
    query, beside what is prefetched of their edits: changes with agents, and what undid them with
    who did."""
    changes = [change for one in actions for change in one.edit.changes.all()]
    rows = KeptShift.objects.filter(
        agent__in={one.agent_id for one in changes}, day__in={one.day for one in changes}
    )
    there = {(one.roster_id, one.agent_id, one.day): given.of_row(one).values() for one in rows}
    return {one.pk: _hindered(one, there, now) for one in actions}


def undone(action: IntradayAction) -> RosterEdit | None:
    """What undid an action."""
    return next(iter(action.edit.undone_by.all()), None)


def undo(action: IntradayAction, who: User, now: datetime) -> RosterEdit:
    """Put a moved pause or session back to where it was; its person is told.

    Raises ValidationError where that cannot be any more (`hindered`), and for what `edits.apply`
    refuses.
    """
    why = hindered([action], now)[action.pk]
    if why:
        raise ValidationError(why)
    edit = edits.reverse(action.edit, who, now)
    if edit is None:
        raise ValidationError(_("It is undone already."))
    return edit


def _hindered(action: IntradayAction, there: Mapping[Key, Mapping[str, Any]], now: datetime) -> str:
    if undone(action) is not None:
        return _("It is undone already.")
    if action.kind in _OFFERED:
        return _("Its person has accepted it: change it on the roster, with their consent.")
    zone = action.edit.roster.site.tz
    for moment in sorted((action.now_at, action.was_at)):
        said = {"clock": date_format(moment.astimezone(zone), "H:i")}
        if moment <= now:
            return _("Not any more: %(clock)s is over.") % said
        if moment < now + NOTICE:
            said["n"] = str(NOTICE.seconds // 60)
            return _("Not any more: %(clock)s is less than %(n)s minutes away.") % said
    for change in action.edit.changes.all():
        key = (action.edit.roster_id, change.agent_id, change.day)
        if there.get(key) != change.after:
            return _("The shift was changed since: change it on the roster.")
    return ""
