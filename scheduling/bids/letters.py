"""Tells those who take part by mail that a round opens, and what they got and why; each once."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm.models import Agent
from scheduling.bids import words
from scheduling.mine import notices
from scheduling.models import Bid, BidRound

_PAGE = "my_bids"


def tell_opened(held: BidRound) -> None:
    """That there are lines to be ranked, until when, and who chooses first."""
    closes = held.closes_at.astimezone(held.roster.site.tz)
    subject = _("Choose your shifts from %(day)s") % {"day": _day(held)}
    lines = [
        _("The rows of that roster can be chosen until %(moment)s.")
        % {"moment": date_format(closes, "D j M Y H:i")},
        _("Who chooses first: %(criteria)s.") % {"criteria": words.criteria(held)},
    ]
    if held.note:
        lines.append(held.note)
    people = Agent.objects.filter(bids__round=held).select_related("site", "user")
    for agent in people.order_by("pk"):
        notices.mail(f"bids {held.pk} open to {agent.pk}", agent, subject, lines, _PAGE)


def tell_given(held: BidRound) -> None:
    """Everybody's line, whether they had chosen it, when they chose, and what became of each of
    their choices."""
    bids = list(held.bids.select_related("agent__site", "agent__user", "line").order_by("pk"))
    for bid in bids:
        turn, fairness = words.place(bid, len(bids)), words.own_fairness(bid, held)
        lines = [
            f"{turn}: {fairness}." if fairness else f"{turn}.",
            *words.choices(bid, held.roster.first_day),
            _("It is in the draft: planners may still change it before it is published."),
        ]
        key = f"bids {held.pk} given to {bid.agent_id}"
        notices.mail(key, bid.agent, _won(bid, held), lines, _PAGE)


def _won(bid: Bid, held: BidRound) -> str:
    assert bid.line is not None  # a round that is given out gives each one
    said = {"line": bid.line.number, "day": _day(held)}
    if not bid.choices:
        return _("You had chosen none of the shifts from %(day)s, and got line %(line)s") % said
    if bid.is_placed:
        return _("No line that you chose of the shifts from %(day)s was left: line %(line)s") % said
    said["number"] = len(bid.choices)
    return _("You got line %(line)s of the shifts from %(day)s, your choice %(number)s") % said


def _day(held: BidRound) -> str:
    return date_format(held.roster.first_day, "j M")
