"""Bids in words: why somebody chose when they did, what became of their choices, and what speaks
against a line."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ccm.intervals import DAY
from scheduling.bids.awarding import Criterion, Why
from scheduling.burdens import words as of_burdens
from scheduling.models import Bid, BidRound
from scheduling.rosters import words
from scheduling.rules import Broken, Rule

CRITERIA: Mapping[str, Promise] = {
    Criterion.SENIORITY.value: gettext_lazy("seniority"),
    Criterion.TURN.value: gettext_lazy("turn"),
    Criterion.FAIRNESS.value: gettext_lazy("fairness"),
    Criterion.DRAW.value: gettext_lazy("draw"),
}
_BECAME: Mapping[str, Promise] = {
    Why.TAKEN.value: gettext_lazy("somebody who chose before has it"),
    Why.NEEDED.value: gettext_lazy("without it somebody would have no line that they can work"),
    Why.NOT_OPEN.value: gettext_lazy("not open to you"),
}


def when(shifts: Sequence[tuple[date, str]]) -> str:
    """When a line works, of its days and clocks; those in a row with one clock together: "Mon–Thu
    08:00–16:30, Sat 12:00–20:30", and by their dates where it is longer than a week."""
    runs: list[list[tuple[date, str]]] = []
    for day, clock in shifts:
        if runs and runs[-1][-1] == (day - DAY, clock):
            runs[-1].append((day, clock))
        else:
            runs.append([(day, clock)])
    if not runs:
        return _("no shifts")
    is_week = shifts[-1][0] - shifts[0][0] < 7 * DAY
    told = []
    for run in runs:
        (first, clock), (last, _clock) = run[0], run[-1]
        begins, ends = (
            formats.date_format(one, "D" if is_week else "D j M") for one in (first, last)
        )
        between = "–" if is_week else " – "
        told.append(f"{begins if first == last else between.join((begins, ends))} {clock}")
    return ", ".join(told)


def burdens(*, weekends: int, holidays: int, lates: int, nights: int, splits: int) -> str:
    """How many of a line's shifts are burdens: "2 on weekends, 1 late"; empty where none is."""
    told = (
        (weekends, ngettext("%(n)s on a weekend", "%(n)s on weekends", weekends)),
        (holidays, ngettext("%(n)s on a holiday", "%(n)s on holidays", holidays)),
        (lates, ngettext("%(n)s late", "%(n)s lates", lates)),
        (nights, ngettext("%(n)s night", "%(n)s nights", nights)),
        (splits, ngettext("%(n)s split", "%(n)s splits", splits)),
    )
    return ", ".join(said % {"n": many} for many, said in told if many)


def criteria(held: BidRound) -> str:
    """ "seniority, then draw"."""
    stated = dict.fromkeys((*held.criteria, Criterion.DRAW.value))
    return _(", then ").join(str(CRITERIA[one]) for one in stated)


def chosen_by(held: BidRound) -> str:
    """Whom a round is for."""
    parts = [one.name for one in (held.team, held.contract, held.queue) if one is not None]
    return ", ".join(parts) or _("everybody with shifts")


def place(bid: Bid, many: int) -> str:
    """ "Number 3 of 12, by seniority"."""
    by = _(", then ").join(str(CRITERIA[one]) for one in bid.by)
    said = {"place": bid.place, "many": many, "by": by}
    return _("Number %(place)s of %(many)s, by %(by)s") % said


def fairness(bid: Bid, held: BidRound) -> str:
    """What the ledger had said of somebody when they chose, where that was what said so: "burdens
    borne: 2.5 above the fair share, by the ledger to 14 Mar"; else empty."""
    if Criterion.FAIRNESS.value not in bid.by:
        return ""
    if bid.beyond is None:
        return _("not counted in the ledger: after all who are")
    to = formats.date_format(held.closes_at.astimezone(held.roster.site.tz), "j M")
    said = {"beyond": of_burdens.beyond(bid.beyond), "day": to}
    return _("burdens borne: %(beyond)s, by the ledger to %(day)s") % said


def own_fairness(bid: Bid, held: BidRound) -> str:
    """The same to whom it is about, without what would tell of the others in a small group."""
    if bid.beyond is None or held.is_told:
        return fairness(bid, held)
    if Criterion.FAIRNESS.value not in bid.by:
        return ""
    return _("the figure is not told: fewer than five could have borne the same")


def choices(bid: Bid, first_day: date) -> list[str]:
    """What became of each choice, the first one first; a line each."""
    told = []
    for number, (line, why) in enumerate(bid.choices, 1):
        if why == Why.GIVEN:
            became = _("given")
        elif why == Why.NOT_OPEN:
            reasons = "; ".join(against(bid.against.get(str(line), {}), first_day))
            became = f"{_BECAME[why]}: {reasons}" if reasons else str(_BECAME[why])
        else:
            became = str(_BECAME[why])
        said = {"number": number, "line": line, "became": became}
        told.append(_("Choice %(number)s, line %(line)s: %(became)s") % said)
    if bid.is_placed:
        told.append(
            _("None of these was left: what was left when all others had chosen.")
            if bid.choices
            else _("Nothing was chosen: what was left when all others had chosen.")
        )
    return told


def against(said: Mapping[str, Any], first_day: date) -> list[str]:
    """What speaks against a line, of `Bid.against`: of each rule the first day, and how many more
    there are."""
    told = []
    by_rule: dict[str, list[Mapping[str, Any]]] = {}
    for one in said.get("broken", ()):
        by_rule.setdefault(one["rule"], []).append(one)
    for first, *more in by_rule.values():
        [line] = _broken([first], {}, first_day)
        if more:
            line += ngettext(" (and %(n)s more time)", " (and %(n)s more times)", len(more)) % {
                "n": len(more)
            }
        told.append(line)
    if said.get("skills"):
        told.append(_("it takes contacts that are not all yours"))
    return told


def breaks(held: BidRound, names: words.Names) -> list[str]:
    """Rules between people that what is proposed would newly break."""
    return [*_broken(held.breaks, names, held.roster.first_day)]


def _broken(
    facts: Sequence[Mapping[str, Any]], names: words.Names, first_day: date
) -> Iterator[str]:
    for one in facts:
        person = one.get("person") if names else None
        days = () if one["day"] is None else (one["day"],)
        yield words.broken(
            Broken(
                rule=Rule(one["rule"]), person=person, day=one["day"], days=days, is_hard=True,
                weight=0, amount=one["amount"], limit=one["limit"], what=one.get("what", ""),
            ),
            names,
            first_day,
        )  # fmt: skip


def goes_with_it(held: BidRound, many_ranked: int, many: int) -> str:
    """What goes of a round when its draft is removed."""
    if held.is_over:
        return _("What a round of bids gave out goes with it, and who got what.")
    told = {"chosen": ranked(many_ranked, many)}
    return _("The round of bids on it goes with it, and its choices: %(chosen)s.") % told


def ranked(have: int, many: int) -> str:
    """ "3 of 12 have chosen"."""
    said = {"have": have, "many": many}
    return (
        ngettext("%(have)s of %(many)s has chosen", "%(have)s of %(many)s have chosen", have) % said
    )
