"""The terms of work in words: clocks, lengths, weekdays, starts, pauses, and what somebody said."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from ccm.structure.forms import WEEKDAYS
from ccm.structure.tables import WEEKDAYS as SHORT
from ccm.templatetags.figures import DASH
from scheduling.models import Availability, Contract, ShiftTemplate
from scheduling.shifts.days import MINUTES

EVERY_DAY = list(range(7))
_HOURS = re.compile(r"(\d{1,5})(?::([0-5]\d))?")
_DECIMAL = re.compile(r"\d{1,5}[.,]\d{1,2}")
_PAUSE = re.compile(
    r"(?P<name>.*?\S)\s+(?P<minutes>\d{1,3})\s*min\s+"
    r"(?P<earliest>\d{1,2}:[0-5]\d)\s*[-–]\s*(?P<latest>\d{1,2}:[0-5]\d)(?P<paid>\s+\S+)?"
)


def clock(minute: int) -> str:
    """A minute of the clock; of the next day, 24:00 but for the end of this one, with a mark."""
    ahead, rest = divmod(minute, MINUTES)
    if minute == MINUTES:
        return "24:00"
    told = f"{rest // 60:02}:{rest % 60:02}"
    return f"{told} (+{ahead})" if ahead else told


def hours(minutes: int) -> str:
    """So many minutes as hours: "7:30"."""
    return f"{minutes // 60}:{minutes % 60:02}"


def minutes_of(text: str) -> int:
    """Hours that a person typed, "7:30", "8" or "7.5", in minutes. Raises ValueError for others."""
    said = text.strip()
    if found := _HOURS.fullmatch(said):
        return int(found[1]) * 60 + int(found[2] or 0)
    if _DECIMAL.fullmatch(said):
        whole = float(said.replace(",", ".")) * 60
        if whole == round(whole):
            return round(whole)
    raise ValueError(said)


def weekdays(days: Iterable[int]) -> str:
    """Weekdays with neighbours together: "Mon–Fri", "Mon, Wed"."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    if runs == [EVERY_DAY]:
        return _("every day")
    return ", ".join(
        str(SHORT[run[0]]) if len(run) == 1 else f"{SHORT[run[0]]}–{SHORT[run[-1]]}" for run in runs
    )


def starts(one: ShiftTemplate) -> str:
    """ "06:00", or "06:00–09:00 every 0:30"."""
    if one.first_start == one.last_start:
        return clock(one.first_start)
    told = {
        "first": clock(one.first_start),
        "last": clock(one.last_start),
        "step": hours(one.step_minutes),
    }
    return _("%(first)s–%(last)s every %(step)s") % told


def lengths(one: ShiftTemplate) -> str:
    """ "8:00, 9:00", or of a split shift "4:00, off 2:00, 4:00"."""
    return spells(one.spells) if one.spells else ", ".join(map(hours, sorted(one.lengths)))


def spells(said: Sequence[Sequence[int]]) -> str:
    parts = [hours(to - since) for since, to in said[:1]]
    for (_since, over), (since, to) in pairwise(said):
        parts += [_("off %(hours)s") % {"hours": hours(since - over)}, hours(to - since)]
    return ", ".join(parts)


def pause(one: Mapping[str, Any]) -> str:
    """A pause as a person writes it, a line: "Lunch 30 min 3:00-5:00 paid"."""
    words = f"{one['name']} {one['minutes']} min {hours(one['earliest'])}-{hours(one['latest'])}"
    return f"{words} {pgettext('pause', 'paid')}" if one["is_paid"] else words


def pauses(said: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(map(pause, said))


def pauses_of(text: str) -> list[dict[str, Any]]:
    """Pauses that a person wrote, a line each. Raises ValueError with a line that is none."""
    found = []
    paid = {"paid", pgettext("pause", "paid").casefold()}
    for line in (one.strip() for one in re.split(r"[\n;]", text)):
        if not line:
            continue
        hit = _PAUSE.fullmatch(line)
        word = ((hit and hit["paid"]) or "").strip().casefold()
        if hit is None or word not in {"", *paid}:
            raise ValueError(line)
        found.append(
            {
                "name": hit["name"],
                "minutes": int(hit["minutes"]),
                "earliest": minutes_of(hit["earliest"]),
                "latest": minutes_of(hit["latest"]),
                "is_paid": bool(word),
            }
        )
    return found


def day(one: date) -> str:
    return date_format(one, "j M Y")


def spell(starts_on: date, ends_on: date | None) -> str:
    """The days that something holds on."""
    if ends_on is None:
        return _("since %(start)s") % {"start": day(starts_on)}
    told = {"start": day(starts_on), "end": day(ends_on)}
    return _("from %(start)s until before %(end)s") % told


def when(one: Availability) -> str:
    """When it is that somebody cannot, or would like to: "Mondays 14:00–18:00, from 1 Jan 2026"."""
    parts = []
    is_a_day = one.first_on is not None and one.first_on == one.last_on
    days = "" if is_a_day else _on_days(one)
    if one.first_on and one.last_on:
        told = {"first": day(one.first_on), "last": day(one.last_on)}
        parts.append(day(one.first_on) if is_a_day else _("%(first)s to %(last)s") % told)
    elif one.first_on:
        parts.append(_("from %(first)s") % {"first": day(one.first_on)})
    elif one.last_on:
        parts.append(_("to %(last)s") % {"last": day(one.last_on)})
    if days:
        parts.insert(0, days)
    if one.from_minute is not None and one.to_minute is not None:
        parts[0] += f" {clock(one.from_minute)}–{clock(one.to_minute)}"
    return ", ".join(parts)


def _on_days(one: Availability) -> str:
    if one.weekday is not None:
        return _("each %(weekday)s") % {"weekday": WEEKDAYS[one.weekday]}
    return _("every day")


def said(one: Availability) -> str:
    """What somebody says, in words: "would rather not work", "would like Early"."""
    shift = one.template.name if one.template else ""
    told = {
        Availability.Word.MUST_NOT: _("cannot work"),
        Availability.Word.RATHER_NOT: _("would rather not work %(shift)s"),
        Availability.Word.LIKES: _("would like to work %(shift)s"),
    }[Availability.Word(one.word)]
    return (told % {"shift": shift}).strip() if "%" in told else told


def rule(name: str) -> str:
    """A rule that rosters go by, as `scheduling.terms.limits.rules` names it."""
    own = {
        "mix": _("Mix of experienced and new people"),
        "pairing": _("Pairings"),
        "rotation": _("Rotations"),
    }
    if name in own:
        return own[name]
    told = str(Contract._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return told[:1].upper() + told[1:]


def share(filled: object) -> str:
    """A proficiency: "1", "0.8"."""
    return f"{float(str(filled)):g}"


def or_dash(text: str) -> str:
    return text or DASH
