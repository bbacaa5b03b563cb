"""Somebody's shifts and what changed of them, in words by the site's clock. Nobody else is named in
them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from scheduling.models import KeptShift
from scheduling.rosters import parts

Said = Mapping[str, Any] | None
"""A shift as changes keep it (`scheduling.rosters.given`); None: off."""


def clock(begins: datetime, ends: datetime, zone: ZoneInfo) -> str:
    """ "09:00–17:00"."""
    return f"{begins.astimezone(zone):%H:%M}–{ends.astimezone(zone):%H:%M}"


def part(one: parts.Part) -> str:
    """What a part of a shift is: as planners call it, else by its kind."""
    if one.kind == parts.ON_QUEUE:
        return _("On queue")
    if one.kind == parts.ON_CALL:
        return _("On call")
    return one.name or str(KeptShift.Activity(one.kind).label)


def change(before: Said, after: Said, zone: ZoneInfo) -> str:
    """What was and what is: "off → 09:00–17:00"."""
    was, becomes = _shift(before, zone), _shift(after, zone)
    if was == becomes:
        was_parts, parts_now = _activities(before, zone), _activities(after, zone)
        if was_parts == parts_now:
            return _("%(shift)s, of another kind") % {"shift": becomes}
        return f"{becomes}: {was_parts} → {parts_now}"
    return f"{was} → {becomes}"


def _shift(said: Said, zone: ZoneInfo) -> str:
    if said is None:
        return _("off")
    moment = datetime.fromisoformat
    told = ", ".join(clock(moment(begin), moment(end), zone) for begin, end in said["spells"])
    return told if said["worked_minutes"] else _("on call %(clock)s") % {"clock": told}


def _activities(said: Said, zone: ZoneInfo) -> str:
    moment = datetime.fromisoformat
    told = sorted(
        ((said or {}).get("activities") or []), key=lambda one: (moment(one["start"]), one["name"])
    )
    named = (
        f"{one['name'] or KeptShift.Activity(one['kind']).label}"
        f" {clock(moment(one['start']), moment(one['end']), zone)}"
        for one in told
    )
    return ", ".join(named) or _("no pauses")
