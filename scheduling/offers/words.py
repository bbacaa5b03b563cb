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

from scheduling.decided import by
from scheduling.mine import words as mine
from scheduling.models import ShiftOffer, ShiftOfferAnswer
from scheduling.trades import judging
from scheduling.trades import words as trades

AT_ONCE, DECIDED, TAKEN_BACK, EXPIRED, ENOUGH, BY_RULE, MERGED = (
    "at_once", "decided", "taken_back", "expired", "enough", "by_rule", "merged",
)  # fmt: skip
_SAID: dict[str, Promise] = {
    AT_ONCE: gettext_lazy("Done at once: it breaks no rule, and cover stays within the limit."),
    TAKEN_BACK: gettext_lazy("Who offered it has taken it back."),
    EXPIRED: gettext_lazy("Not answered, or not decided, in time."),
    ENOUGH: gettext_lazy("As many as were wanted have accepted."),
    BY_RULE: gettext_lazy("At your site a supervisor or planner decides it."),
    MERGED: gettext_lazy("Withdrawn, as two people of the lists became one."),
    judging.CHANGED: gettext_lazy("The shift has changed since this was offered."),
    judging.UNKNOWN: gettext_lazy(
        "Nobody knows how many are needed in these hours: a supervisor or planner decides."
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


def became(answer: ShiftOfferAnswer, names: Mapping[int, str], reader: int | None) -> str:
    """By what an answer came to its state: of one that somebody decided who did, and why."""
    if answer.rule == DECIDED:
        return by(answer.decided_by, answer.reason)
    return rule(answer.rule, answer.facts, names, answer.roster.first_day, reader)


def hours(start: datetime, end: datetime, day: date, zone: ZoneInfo) -> str:
    """ "Mon 16 Mar, 17:00–19:00"."""
    return f"{date_format(day, 'D j M')}, {mine.clock(start, end, zone)}"


def what(answer: ShiftOfferAnswer, zone: ZoneInfo) -> str:
    """ "09:00–17:00 → 09:00–19:00"."""
    return mine.change(answer.before, answer.after, zone)


def answers(offer: ShiftOffer, asked: int, accepted: int, waiting: int, declined: int) -> str:
    """What was answered to an offer, as figures."""
    told = {"asked": asked, "wanted": offer.wanted, "accepted": accepted, "declined": declined}
    said = _("Wanted: %(wanted)s. Asked: %(asked)s. Accepted: %(accepted)s, declined: %(declined)s")
    said %= told
    if waiting:
        said += _(", to be decided: %(waiting)s") % {"waiting": waiting}
    return f"{said}."


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
