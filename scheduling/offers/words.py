"""What is said of offers of overtime and time off, and of the rule by which an answer came to its
state."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scheduling.mine import words as mine
from scheduling.models import ShiftOffer, ShiftOfferAnswer
from scheduling.trades import judging
from scheduling.trades import words as trades

AT_ONCE, DECIDED, TAKEN_BACK, EXPIRED, ENOUGH, BY_RULE, MERGED = (
    "at_once", "decided", "taken_back", "expired", "enough", "by_rule", "merged",
)  # fmt: skip
_SAID: dict[str, Promise] = {
    AT_ONCE: gettext_lazy("Done at once: it breaks no rule, and cover stays within the limit."),
    DECIDED: gettext_lazy("Decided by a supervisor."),
    TAKEN_BACK: gettext_lazy("Withdrawn by who offered it."),
    EXPIRED: gettext_lazy("Not answered, or not decided, in time."),
    ENOUGH: gettext_lazy("As many as were wanted have accepted."),
    BY_RULE: gettext_lazy("At your site a supervisor decides it."),
    MERGED: gettext_lazy("Withdrawn, as two people of the lists became one."),
    judging.CHANGED: gettext_lazy("The shift has changed since this was offered."),
    judging.UNKNOWN: gettext_lazy(
        "Nobody knows how many are needed in these hours: a supervisor decides."
    ),
}


def rule(
    code: str,
    facts: Mapping[str, Any],
    names: Mapping[int, str],
    first_day: date,
    reader: int | None,
) -> str:
    """A code with its facts, in a line; `reader` is the agent who reads it, None who decides."""
    if not code:
        return ""
    if code in (judging.BREAKS, judging.SHORT):
        return trades.rule(code, facts, names, first_day, reader)
    return str(_SAID[code])


def hours(start: datetime, end: datetime, day: date, zone: ZoneInfo) -> str:
    """ "Mon 16 Mar, 17:00–19:00"."""
    return f"{date_format(day, 'D j M')}, {mine.clock(start, end, zone)}"


def what(answer: ShiftOfferAnswer, zone: ZoneInfo) -> str:
    """ "09:00–17:00 → 09:00–19:00"."""
    return mine.change(answer.before, answer.after, zone)


def subject(offer: ShiftOffer, zone: ZoneInfo) -> str:
    said = {"hours": hours(offer.starts_at, offer.ends_at, offer.day, zone)}
    if offer.kind == ShiftOffer.Kind.OVERTIME:
        return _("Overtime is offered: %(hours)s") % said
    return _("Time off is offered: %(hours)s") % said


def state(answer: ShiftOfferAnswer, now: datetime) -> str:
    """In a word; past its time it is over, whether or not it was marked so already."""
    if answer.state in ("offered", "waiting") and not answer.is_live(now):
        return str(ShiftOfferAnswer.State.EXPIRED.label)
    return str(answer.get_state_display())
