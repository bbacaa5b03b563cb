"""What is said of trades: of shifts, and of the rule by which one came to its state.

Whoever takes part in a trade is told the rules that they themselves would break, and of the other
only that there is one; who decides it is told all.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.templatetags.figures import hours_minutes, percent
from scheduling.decided import by
from scheduling.mine import words as mine
from scheduling.models import SiteRules, Trade
from scheduling.models.trades import LIVE
from scheduling.rosters import words as rosters
from scheduling.rules import Broken, Rule
from scheduling.trades import judging
from scheduling.trades.hours import WeekHours

AT_ONCE, DECIDED, DECLINED, TAKEN_BACK, EXPIRED = (
    "at_once", "decided", "declined", "taken_back", "expired",
)  # fmt: skip
_SAID: dict[str, Promise] = {
    "": gettext_lazy("Nobody has taken it yet."),
    AT_ONCE: gettext_lazy("Done at once: it breaks no rule, and cover stays within the limit."),
    DECLINED: gettext_lazy("Whom it was offered to does not want it."),
    TAKEN_BACK: gettext_lazy("Who offered it has taken it back."),
    EXPIRED: gettext_lazy("Nobody took it, or decided it, before its time was over."),
    judging.LATE: gettext_lazy("It is too late: the shift begins too soon."),
    judging.CHANGED: gettext_lazy("One of its shifts has changed since it was offered."),
    judging.PARTS: gettext_lazy(
        "There is training, coaching or a meeting in it, which another cannot take."
    ),
    judging.UNKNOWN: gettext_lazy(
        "Nobody knows how many are needed on this day: a supervisor or planner decides."
    ),
}


def shift(said: Mapping[str, Any], day: date, zone: ZoneInfo) -> str:
    """ "Mon 16 Mar, 09:00–17:00"."""
    moment = datetime.fromisoformat
    clock = mine.clock(moment(said["begins_at"]), moment(said["ends_at"]), zone)
    return f"{date_format(day, 'D j M')}, {clock}"


def rule(
    code: str,
    facts: Mapping[str, Any],
    names: Mapping[int, str],
    first_day: date,
    reader: int | None = None,
) -> str:
    """A code with its facts, in a line; `reader` is the agent who reads it, None who decides."""
    if code == judging.BREAKS:
        told = dict.fromkeys(
            _broken(one, names, first_day, reader) for one in facts.get("broken", [])
        )
        return "; ".join(told)
    if code == judging.SHORT:
        said = {"hours": hours(facts["hours"]), "limit": hours(facts["limit"])}
        return _("It leaves %(hours)s hours short of people, allowed %(limit)s.") % said
    if code == judging.AWAY:
        day = date_format(date.fromisoformat(facts["day"]), "D j M")
        if reader is not None and facts["person"] == reader:
            return _("You are away on %(day)s.") % {"day": day}
        if reader is not None:
            return _("The other is away on %(day)s.") % {"day": day}
        name = names.get(facts["person"], "")
        return _("%(name)s is away on %(day)s.") % {"name": name, "day": day}
    if code == judging.HAS_SHIFT:
        day = date_format(date.fromisoformat(facts["day"]), "D j M")
        if reader is not None and facts["person"] == reader:
            return _("You have a shift on %(day)s already.") % {"day": day}
        if reader is not None:
            return _("The other has a shift on that day already.")
        name = names.get(facts["person"], "")
        return _("%(name)s has a shift on %(day)s already.") % {"name": name, "day": day}
    return str(_SAID[code])


def hours(many: float) -> str:
    """Hours that were reckoned, as all others are told: 66.35 is "66:21"."""
    return hours_minutes(round(many * 60))


def cover(trade: Trade) -> str:
    """What the day of a trade that waits needed and lacked when it came to wait, and with it; and
    how much more that is, beside what the site allows. Empty where that is not known."""
    facts = {name: many for name, many in trade.facts.items() if name != "soft"}
    said = {name: hours(many) for name, many in facts.items()}
    if not said:
        return ""
    parts = []
    if "asked" in facts:
        told = said | {"day": date_format(trade.day, "D j M")}
        if not facts["asked"]:
            parts.append(_("Nobody is needed on %(day)s.") % told)
        else:
            told["now"], told["then"] = (
                percent(facts[name] / facts["asked"], 0) for name in ("short", "after")
            )
            line = _(
                "%(day)s needs %(asked)s hours of people: %(short)s are short (%(now)s), with this"
                " %(after)s (%(then)s)."
            )
            parts.append(line % told)
    if not facts.get("hours"):
        parts.append(_("It leaves no more hours short of people."))
    elif "limit" in facts:
        line = _("It leaves %(hours)s more hours short of people; the site allows %(limit)s.")
        parts.append(line % said)
    else:
        parts.append(_("It leaves %(hours)s more hours short of people.") % said)
    return " ".join(parts)


def week(one: WeekHours, reader: int | None = None) -> str:
    """ "Your week from Mon 7 Dec: 39:30 → 47:30 of 40:00, at most 48:00 (7:30 over the contract)";
    of anybody else with their name."""
    told = {
        "name": one.agent.name,
        "day": date_format(one.monday, "D j M"),
        "before": hours_minutes(one.before),
        "after": hours_minutes(one.after),
    }
    if one.agent.pk == reader:
        line = _("Your week from %(day)s: %(before)s → %(after)s") % told
    else:
        line = _("%(name)s, week from %(day)s: %(before)s → %(after)s") % told
    if one.paid is not None:
        line += " " + _("of %(paid)s") % {"paid": hours_minutes(one.paid)}
    if one.most is not None:
        line += ", " + _("at most %(most)s") % {"most": hours_minutes(one.most)}
    if one.over:
        line += " " + _("(%(over)s over the contract)") % {"over": hours_minutes(one.over)}
    return line


def became(trade: Trade) -> str:
    """By what it came to its state: of one that somebody decided who did, and why."""
    if trade.rule == DECIDED:
        return by(trade.decided_by, trade.reason)
    return rule(trade.rule, {}, {}, trade.roster.first_day)


def say_why() -> str:
    """What a refusal without a reason is told."""
    return _("A refusal needs a reason, which is told to them: say why.")


def approving(trade: Trade) -> str:
    """What comes of it when a trade is approved, in a few words."""
    names = {"giver": trade.giver, "taker": trade.taker}
    if trade.kind == Trade.Kind.GIVE_UP:
        return _("Take it from %(giver)s") % names
    if trade.kind == Trade.Kind.SWAP:
        return _("Let them swap")
    return _("Give it to %(taker)s") % names


def refusing(trade: Trade) -> str:
    """What comes of it when a trade is refused, in a few words."""
    if trade.kind == Trade.Kind.OPEN:
        return _("Do not give it to %(taker)s") % {"taker": trade.taker}
    if trade.kind == Trade.Kind.SWAP:
        return _("Each keeps theirs")
    return _("%(giver)s keeps it") % {"giver": trade.giver}


def only_given_up() -> str:
    """What may become of a shift with training or a meeting in it."""
    return _("There is training, coaching or a meeting in it: it can only be given up.")


def too_late(rules: SiteRules) -> str:
    """Until when shifts are traded."""
    said = _("Shifts are traded until %(hours)s hours before they begin.")
    return said % {"hours": rules.trade_until_hours}


def state(trade: Trade, now: datetime) -> str:
    """Its state in a word; past its time it is over, whether or not it was marked so already."""
    if trade.state in LIVE and not trade.is_live(now):
        return str(Trade.State.EXPIRED.label)
    return str(trade.get_state_display())


def bends(
    soft: Sequence[Mapping[str, Any]],
    names: Mapping[int, str],
    first_day: date,
    reader: int | None = None,
) -> list[str]:
    """Rules that may be broken and newly would be, of a `reader` alone or (None) of all."""
    told = (
        _broken(one, names, first_day, reader)
        for one in soft
        if reader is None or one["person"] == reader
    )
    return list(dict.fromkeys(told))


def _broken(
    one: Mapping[str, Any], names: Mapping[int, str], first_day: date, reader: int | None
) -> str:
    person = one["person"]
    if reader is not None and person != reader:
        return (
            _("It would break a rule of the other.")
            if person is not None
            else _("It would break a rule of all together.")
        )
    day = None if one["day"] is None else (date.fromisoformat(one["day"]) - first_day).days
    found = Broken(
        rule=Rule(one["rule"]),
        person=None if person is None else str(person),
        day=day,
        days=(),
        is_hard=True,
        weight=0,
        amount=one["amount"],
        limit=one["limit"],
    )
    return rosters.broken(found, {str(pk): name for pk, name in names.items()}, first_day)
