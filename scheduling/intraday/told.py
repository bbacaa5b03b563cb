"""How what was said of the rests of days did, and which way is to be believed when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.models import Queue
from scheduling.intraday.trials import HOURS, WORTH, Trial, believed_from
from scheduling.models import DayUpdate, Reforecast

_BEFORE = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Held:
    """Of what was said so many hours after days opened: by how much the whole rest was missed, in
    calls a day."""

    hours: int
    days: int
    rest: float
    """What came, a day."""
    morning: float
    updated: float
    trade: float


def said(queue: Queue, today: date) -> tuple[list[Reforecast], list[Held]]:
    """What was said today, in order, and how what was said on the last four weeks' days did. One
    query."""
    rows = Reforecast.objects.filter(queue=queue).filter(
        Q(day=today)
        | Q(
            day__lt=today,
            day__gte=today - _BEFORE,
            rest__isnull=False,
            minutes_open__in=[60 * one for one in HOURS],
        )
    )
    every = list(rows.order_by("day", "known"))
    return [one for one in every if one.day == today], held(one for one in every if one.day < today)


def held(rows: Iterable[Reforecast]) -> list[Held]:
    by_hours: dict[int, list[Reforecast]] = {}
    for row in rows:
        by_hours.setdefault(row.minutes_open // 60, []).append(row)
    return [
        Held(
            hours,
            len(every),
            *(
                sum(abs(value) for value in values) / len(every)
                for values in (
                    [row.rest or 0.0 for row in every],
                    [row.morning - (row.rest or 0.0) for row in every],
                    [row.updated - (row.rest or 0.0) for row in every],
                    [row.trade - (row.rest or 0.0) for row in every],
                )
            ),
        )
        for hours, every in sorted(by_hours.items())
    ]


def advice(learned: DayUpdate | None, trials: Sequence[Trial]) -> str:
    """Which way is to be believed, and when, in plain words."""
    if learned is None or not trials:
        return _(
            "Too few past days tell yet whether a day goes on as it began: believe the morning's"
            " forecast."
        )
    return f"{_of_update(learned, trials)} {_of_trade(trials)}".rstrip()


def _of_update(learned: DayUpdate, trials: Sequence[Trial]) -> str:
    if learned.way == "unmoved":
        return _(
            "On its past days the beginning told nothing of the rest: the update stays with the"
            " morning's forecast."
        )
    since = believed_from(trials)
    if since is None:
        return _(
            "On its past days the update was not nearer than the morning's forecast: believe the"
            " morning's."
        )
    if since == trials[0].hours:
        return _("Believe the update: on past days it was nearer all day than the morning's.")
    words = ngettext(
        "Believe the update from %(n)d hour after opening on, and the morning's forecast before.",
        "Believe the update from %(n)d hours after opening on, and the morning's forecast before.",
        since,
    )
    return words % {"n": since}


def _of_trade(trials: Sequence[Trial]) -> str:
    worse = [one.hours for one in trials if one.trade * WORTH > one.morning]
    if len(worse) == len(trials):
        return _("The full ratio was further off than no update at any hour.")
    if worse:
        words = ngettext(
            "The full ratio was further off than no update up to %(n)d hour after opening.",
            "The full ratio was further off than no update up to %(n)d hours after opening.",
            worse[-1],
        )
        return words % {"n": worse[-1]}
    return ""
