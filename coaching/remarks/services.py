"""Writes what agents say of figures and calls of their own, and what they are answered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.models import Agent, User
from coaching.models import Remark, RemarkAnswer

MOST_OPEN = 20
"""Questions of one agent that wait at a time."""
UNSAID = ("id", "words", "answer", "answer_seen_at", "revision")
"""What the audit log keeps nothing of: that something was asked and answered it does."""


@dataclass(frozen=True, slots=True)
class About:
    """What a remark is on, as it is read now, and the page that explains it."""

    words: str
    url: str
    kpi: str = ""
    first: date | None = None
    last: date | None = None
    call: UUID | None = None


class Stale(ValidationError):
    """Somebody else has answered it meanwhile."""

    def __init__(self) -> None:
        super().__init__(_("Somebody has answered it meanwhile: what they said is shown."))


@transaction.atomic
def say(agent: Agent, about: About, kind: str, words: str, who: User, now: datetime) -> Remark:
    """Keep a note or a question; the same words on the same thing twice are one.

    Raises ValidationError where as many questions wait already as one may have open.
    """
    Agent.objects.select_for_update(no_key=True).get(pk=agent.pk)
    its = Remark.objects.filter(agent=agent)
    same: Remark | None = its.filter(url=about.url, kind=kind, words=words).first()
    if same is not None:
        return same
    if kind == Remark.Kind.QUESTION and its.open().count() >= MOST_OPEN:
        said = _("%(n)d of your questions wait for an answer: wait for one before you ask more.")
        raise ValidationError(said % {"n": MOST_OPEN})
    made: Remark = Remark.objects.create(
        agent=agent, kind=kind, about=about.words[:300], url=about.url, kpi=about.kpi,
        first=about.first, last=about.last, call=about.call, words=words, made_at=now,
    )  # fmt: skip
    audit.record(who, made, before=None, after=_values(made), now=now)
    return made


@transaction.atomic
def answer(pk: int, outcome: str, words: str, revision: int, who: User, now: datetime) -> Remark:
    """Answer a question, or answer it otherwise: what was said before is kept beside it. The same
    answer twice is one.

    Raises Stale where it is not of that revision any more, and ValidationError for a note.
    """
    one: Remark = Remark.objects.select_for_update(of=("self",)).get(pk=pk)
    if (one.outcome, one.answer) == (outcome, words):
        return one
    if one.kind != Remark.Kind.QUESTION:
        raise ValidationError(_("A note has no answer."))
    if one.revision != revision:
        raise Stale
    before = _values(one)
    if one.answered_at is not None:
        RemarkAnswer.objects.create(
            remark=one, outcome=one.outcome, answer=one.answer, answered_by=one.answered_by,
            answered_at=one.answered_at,
        )  # fmt: skip
    one.answer_seen_at = None
    one.outcome, one.answer, one.answered_by, one.answered_at = outcome, words, who, now
    one.revision += 1
    one.save()
    audit.record(who, one, before=before, after=_values(one), now=now)
    return one


def saw_answers(shown: Iterable[Remark], now: datetime) -> None:
    """Note that their agent read the answers of those that are shown. No query where all were
    read."""
    unseen = [one.pk for one in shown if one.answered_at is not None and one.answer_seen_at is None]
    if unseen:
        rows = Remark.objects.filter(pk__in=unseen, answered_at__lte=now, answer_seen_at=None)
        rows.update(answer_seen_at=now)


def _values(one: Remark) -> dict[str, object]:
    return audit.values_of(one, UNSAID)
