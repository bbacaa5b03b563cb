"""How time off is told in words: days, hours, what rules said, and what became of a request."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.intervals import DAY
from ccm.templatetags.figures import grouped
from ccm.templatetags.figures import hours_minutes as hours
from scheduling.absences import kept
from scheduling.decided import by
from scheduling.models import LeaveKind, LeaveRequest
from scheduling.terms.words import clock
from scheduling.timeoff import Fact, Measure, Posting, Rule

State = LeaveRequest.State
LEVELS = {
    State.ASKED: "none",
    State.WAITING: "warn",
    State.APPROVED: "ok",
    State.REFUSED: "bad",
    State.WITHDRAWN: "none",
    State.CANCELLED: "none",
}


def day(one: date) -> str:
    return date_format(one, "D j M Y")


def days(first: date, last: date, part: tuple[int, int] | None = None) -> str:
    """ "Mon 5 Jan 2026", "Mon 5 Jan 2026 09:00–12:00", "Mon 5 Jan to Fri 9 Jan 2026"."""
    if part is not None:
        return f"{day(first)} {clock(part[0])}–{clock(part[1])}"
    if first == last:
        return day(first)
    begin = date_format(first, "D j M" if first.year == last.year else "D j M Y")
    return _("%(first)s to %(last)s") % {"first": begin, "last": day(last)}


def runs(every: Sequence[date]) -> str:
    """Days in their order, those in a row as one: "Mon 14 Dec to Wed 16 Dec 2026, Fri 18 Dec
    2026"."""
    found: list[list[date]] = []
    for one in every:
        if found and one - found[-1][-1] == DAY:
            found[-1].append(one)
        else:
            found.append([one])
    return ", ".join(days(one[0], one[-1]) for one in found)


def of_request(row: LeaveRequest) -> str:
    return days(row.first_on, row.last_on, row.part)


def amount(many: Fraction, measure: Measure) -> str:
    """Of an allowance: hours, or people."""
    if measure is Measure.MINUTES:
        return _("%(hours)s h") % {"hours": hours(round(many))}
    places = 0 if many.denominator == 1 else 1
    told = grouped(float(many), places)
    return ngettext("%(many)s person", "%(many)s people", 1 if many == 1 else 2) % {"many": told}


def kept_fact(said: Mapping[str, Any]) -> str:
    """What a rule said, as it is kept with a request, in a sentence."""
    return fact(kept.fact_of(said), kept.measure_of(said))


def fact(one: Fact, measure: Measure = Measure.MINUTES) -> str:
    """What a rule said, in a sentence."""
    found, allowed = round(one.found), None if one.allowed is None else round(one.allowed)
    told: dict[str, object] = {"day": day(one.day), "found": found, "allowed": allowed}
    if one.rule is Rule.PAST:
        return _("It is not over yet.") if one.holds else _("%(day)s is over.") % told
    if one.rule is Rule.NOTICE:
        return _notice(one.holds, found, allowed or 0)
    if one.rule is Rule.CLOSED:
        if one.holds:
            return _("No day of it is closed for time off.")
        return _("%(day)s is closed for time off.") % told
    if one.rule is Rule.BALANCE:
        if one.holds:
            return _("The balance is enough.")
        told |= {"hours": hours(found)}
        return _("On %(day)s the balance would be %(hours)s h short.") % told
    if one.rule is Rule.OVERLAP:
        return _("Not away already.") if one.holds else _("Away already on %(day)s.") % told
    if one.rule is Rule.LONGEST_RUN:
        return _run(one.holds, found) % told
    return _allowance(one, measure)


def _notice(holds: bool, found: int, allowed: int) -> str:
    told = {"found": max(found, 0), "allowed": allowed}
    if holds:
        return (
            ngettext(
                "Asked %(found)s day before; %(allowed)s are needed.",
                "Asked %(found)s days before; %(allowed)s are needed.",
                max(found, 0),
            )
            % told
        )
    return (
        ngettext(
            "Asked only %(found)s day before; %(allowed)s are needed.",
            "Asked only %(found)s days before; %(allowed)s are needed.",
            max(found, 0),
        )
        % told
    )


def _run(holds: bool, found: int) -> str:
    if holds:
        return ngettext(
            "%(found)s day away in a row from %(day)s on, of at most %(allowed)s.",
            "%(found)s days away in a row from %(day)s on, of at most %(allowed)s.",
            found,
        )
    return ngettext(
        "%(found)s day away in a row from %(day)s on: at most %(allowed)s.",
        "%(found)s days away in a row from %(day)s on: at most %(allowed)s.",
        found,
    )


def _allowance(one: Fact, measure: Measure) -> str:
    if one.allowed is None:
        return _("Nobody can say yet how many may be away on %(day)s.") % {"day": day(one.day)}
    told = {
        "day": day(one.day),
        "found": amount(one.found, measure),
        "allowed": amount(one.allowed, measure),
    }
    if one.holds:
        return _("There is room on %(day)s: with this, %(found)s of %(allowed)s are taken.") % told
    return _("No room on %(day)s: with this it would be %(found)s, of at most %(allowed)s.") % told


def broken(row: LeaveRequest) -> list[str]:
    """What rules speak against it, in words."""
    return [kept_fact(one) for one in row.facts if not one["holds"]]


def decided(row: LeaveRequest) -> str:
    """By whom, or by which rule, it was decided; empty where it is not."""
    if row.state == State.WAITING:
        against = broken(row)
        return against[0] if against else ""
    if row.state == State.ASKED:
        return ""
    if row.state == State.CANCELLED and row.decided_by is None:
        return _("Its absence was removed elsewhere.")
    if row.state == State.WITHDRAWN or row.decided_by is not None:
        return by(row.decided_by, row.reason)
    if row.state == State.APPROVED:
        return _("By the rules: all of them hold.")
    return " ".join(broken(row))


def posting(why: Posting) -> str:
    """What an entry of a balance is."""
    return {
        Posting.BEFORE: _("left from the year before"),
        Posting.OPENING: _("stood"),
        Posting.ACCRUED: _("accrued"),
        Posting.USED: _("taken or booked"),
        Posting.FORFEITED: _("forfeited: more than is carried over"),
        Posting.LAPSED: _("lapsed"),
    }[why]


def gives(kind: LeaveKind) -> str:
    """What a kind gives, in one line: "200:00 a year, by months, carries 40:00"."""
    if not kind.keeps_balance:
        return _("no balance is kept")
    parts = [_("%(hours)s a year") % {"hours": hours(kind.year_minutes)}]
    parts.append(str(kind.get_accrual_display()))
    if kind.in_arrears:
        parts.append(_("in arrears"))
    if kind.carries is None:
        parts.append(_("all is carried over"))
    elif kind.carries:
        parts.append(_("carries %(hours)s") % {"hours": hours(kind.carries)})
    return ", ".join(parts)
