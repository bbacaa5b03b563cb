"""Mails of what became of a review, each once."""

from collections.abc import Iterable

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm.models import User
from ccm.outgoing import outbox
from kpis.mailings.letters import address
from qa.after import words
from qa.models import Dispute, Evaluation


def released(evaluation: Evaluation) -> bool:
    """The agent is told that there is a review to read; what it says stands on its page alone."""
    site, until = evaluation.site, evaluation.dispute_until
    lines = [_("A review of one of your calls can be read now.")]
    if until is not None:
        day = words.until(until, site.calendar)
        lines.append(_("What you do not agree with you can dispute until %(day)s.") % {"day": day})
    key = f"review {evaluation.pk} released"
    subject = _("A review of your call from %(day)s") % {"day": _day(evaluation)}
    return _mail(key, evaluation.agent.user, evaluation, subject, lines)


def disputed(dispute: Dispute) -> bool:
    """The reviewer is told that there is something to answer."""
    evaluation = dispute.evaluation
    due = words.until(dispute.answer_due_at, evaluation.site.calendar)
    lines = [_("It waits for your answer until %(due)s.") % {"due": due}]
    subject = _("A review of yours is disputed")
    return _mail(f"dispute {dispute.pk} opened", evaluation.reviewer, evaluation, subject, lines,
                 page=("dispute", dispute.pk))  # fmt: skip


def answered(dispute: Dispute) -> bool:
    return _to_agent(dispute, "answered", _("Your dispute is answered"))


def decided(dispute: Dispute) -> bool:
    """Both are told."""
    reviewer = dispute.evaluation.reviewer
    key = f"dispute {dispute.pk} decided to reviewer"
    lines = [str(dispute.get_outcome_display())]
    subject = _("A dispute of a review of yours is decided")
    page = ("dispute", dispute.pk)
    _mail(key, reviewer, dispute.evaluation, subject, lines, page=page)
    return _to_agent(dispute, "decided", _("Your dispute is decided"))


def _to_agent(dispute: Dispute, what: str, subject: str) -> bool:
    evaluation = dispute.evaluation
    lines = [_("What was said to it stands on the page of the review.")]
    key = f"dispute {dispute.pk} {what}"
    return _mail(key, evaluation.agent.user, evaluation, subject, lines)


def _mail(
    key: str,
    user: User | None,
    evaluation: Evaluation,
    subject: str,
    lines: Iterable[str],
    page: tuple[str, int] | None = None,
) -> bool:
    """Whether it was put out now: who has no account or no address of mail has none."""
    if user is None or not _has_address(user):
        return False
    name, number = page or ("review_told", evaluation.pk)
    body = "\n".join([*lines, "", address(name, number)]) + "\n"
    return outbox.mail(key, user.email, subject, body, site=evaluation.site)


def is_mailed(user: User | None, reader: User) -> bool:
    """Whether a mail goes to somebody, so that it may be said to a reader: one that waits for a
    server of mail tells nobody."""
    return user is not None and _has_address(user) and not outbox.unsent(reader)


def _has_address(user: User) -> bool:
    return user.is_active and bool(user.email)


def _day(evaluation: Evaluation) -> str:
    zone = evaluation.site.calendar.zone
    return date_format(evaluation.called_at.astimezone(zone), "D j M")
