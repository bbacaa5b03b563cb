"""What is said of a review after it, in words."""

from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm.intervals import Calendar, day_of, last_day, site_day
from ccm.templatetags import figures
from qa.cards import Card
from qa.models import Dispute, DrawnCall, Evaluation
from qa.scoring import Criterion, Fails, Kind

LEVELS = {
    Dispute.State.OPEN: "warn",
    Dispute.State.ANSWERED: "warn",
    Dispute.State.ESCALATED: "warn",
    Dispute.State.SETTLED: "none",
    Dispute.State.DECIDED: "none",
    Dispute.State.WITHDRAWN: "none",
}


def until(moment: datetime, calendar: Calendar, day: str = "D j M Y") -> str:
    """A deadline, after "until" or "by": one with which a day of the site begins as the end of the
    last day that counts."""
    if moment != site_day(day_of(moment, calendar), calendar).start:
        return date_format(moment.astimezone(calendar.zone), f"{day} H:i")
    return _("the end of %(day)s") % {"day": date_format(last_day(moment, calendar), day)}


def counts(evaluation: Evaluation) -> tuple[bool, str]:
    """Whether a review counts in its agent's score, and why."""
    if evaluation.kind == Evaluation.Kind.CALIBRATION:
        return False, _("A calibration never counts in a score: it shows how far reviewers agree.")
    if evaluation.kind == Evaluation.Kind.TARGETED:
        return False, _(
            "It does not count in a score: the call was chosen, and a score is made of calls that "
            "chance has drawn."
        )
    if evaluation.rank:
        return False, _(
            "It does not count in a score: it is a further review of a call, which shows how far "
            "reviewers agree. The first review counts."
        )
    drawn = evaluation.drawn
    assert drawn is not None  # the database holds it
    if drawn.state != DrawnCall.State.STANDING:
        return False, _("It does not count in a score: another call was taken in its place.")
    if not evaluation.counts:
        return False, _("It does not count in a score: nothing that was answered has points.")
    said = {"n": drawn.n, "of": drawn.of, "share": figures.percent(drawn.n / drawn.of)}
    if evaluation.is_failed:
        return True, (
            _(
                "It counts among the calls that failed, which stand apart from the score: chance "
                "drew %(n)s of %(of)s calls (%(share)s), this one too."
            )
            % said
        )
    return True, (
        _("It counts in the score: chance drew %(n)s of %(of)s calls (%(share)s), this one too.")
        % said
    )


def answer(card: Card, criterion: Criterion | None, value: str, *, skipped: bool) -> str:
    """What was said to a criterion, as the form calls it."""
    if skipped:
        return _("Not applicable")
    if not value:
        return figures.DASH
    if criterion is None or criterion.kind in (Kind.NUMBER, Kind.TEXT):
        words = card.criteria.get(criterion.id) if criterion is not None else None
        unit = words.unit if words is not None else ""
        return f"{value} {unit}".strip()
    return card.option(criterion.id, value)


def critical(criterion: Criterion) -> str:
    """What an answer that fails it takes with it."""
    if criterion.fails == Fails.FORM:
        return _("critical: a fail takes the whole score")
    if criterion.fails == Fails.SECTION:
        return _("critical: a fail takes its section")
    return ""


def waits(dispute: Dispute, now: datetime, *, for_agent: bool = False) -> str:
    """Who is to do what next, beside its state; "": nobody. `for_agent`: as its agent is told."""
    state = dispute.state
    if state == Dispute.State.OPEN:
        if now >= dispute.answer_due_at:
            return _("%(name)s is overdue") % {"name": dispute.evaluation.reviewer}
        return _("%(name)s answers it") % {"name": dispute.evaluation.reviewer}
    if state == Dispute.State.ANSWERED and for_agent and dispute.escalate_until is not None:
        when = until(dispute.escalate_until, dispute.evaluation.site.calendar, "D j M")
        return _("you accept it, or go on, until %(when)s") % {"when": when}
    if state == Dispute.State.ANSWERED:
        return _("the agent accepts it, or goes on")
    if state == Dispute.State.ESCALATED:
        return _("somebody else decides")
    return ""


def level(dispute: Dispute, now: datetime) -> str:
    if dispute.state == Dispute.State.OPEN and now >= dispute.answer_due_at:
        return "bad"
    return LEVELS[Dispute.State(dispute.state)]


def became(dispute: Dispute) -> str:
    """Whether answers were changed in the end, in words; "": that is not known yet."""
    found = outcome(dispute)
    return str(Dispute.Outcome(found).label) if found else ""


def outcome(dispute: Dispute) -> str:
    """The same, as it is kept."""
    if dispute.state not in Dispute.ENDED:
        return ""
    return dispute.outcome or dispute.answer_outcome


def about(dispute: Dispute, card: Card | None = None) -> str:
    if dispute.criterion is None:
        return _("All of the review")
    return card.name(dispute.criterion.key) if card is not None else dispute.criterion.name


def change(card: Card, key: str, one: Any) -> str:
    """A changed answer: "Not met -> Met"."""
    criterion = card.find(key)
    before = answer(card, criterion, one.before, skipped=one.skipped_before)
    after = answer(card, criterion, one.after, skipped=one.skipped_after)
    return _("%(before)s → %(after)s") % {"before": before, "after": after}


def call_facts(evaluation: Evaluation) -> list[tuple[str, str]]:
    """What a review keeps of its call, name by name; what is not known is left out."""
    kept = evaluation.facts
    seconds = [
        (_("Wait"), "wait_ms"), (_("Talk"), "talk_ms"), (_("Hold"), "hold_ms"),
        (_("After the call"), "acw_ms"),
    ]  # fmt: skip
    rows = [
        (_("Queue"), kept.get("queue")),
        (_("Topic"), kept.get("topic")),
        (_("Result"), kept.get("disposition")),
        (_("Caller"), kept.get("caller_masked")),
        *(
            (name, figures.clock(kept[key] / 1000))
            for name, key in seconds
            if kept.get(key) is not None
        ),
    ]
    return [(name, str(value)) for name, value in rows if value]


def tag(dispute: Dispute) -> tuple[str, str]:
    """How a dispute stands for its agent, as the level and words of a tag; words of whatever they
    may still do have its day."""
    state = Dispute.State(dispute.state)
    if state == Dispute.State.ANSWERED and dispute.escalate_until is not None:
        when = until(dispute.escalate_until, dispute.evaluation.site.calendar, "D j M")
        return LEVELS[state], _("Answered: your turn until %(when)s") % {"when": when}
    if words := became(dispute):
        return LEVELS[state], _("%(state)s: %(became)s") % {"state": state.label, "became": words}
    return "none", _("Disputed")
