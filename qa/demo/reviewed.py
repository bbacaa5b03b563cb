"""Reviews of an invented centre filled in, many at a time: answers, scores, when they were done and
read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from ccm.models import Call
from qa import cards
from qa.after import releasing
from qa.demo.minds import Asked, Mind, answers, chance
from qa.models import (
    Answer,
    CardCriterion,
    CardVersion,
    Evaluation,
    Evidence,
    QualityRules,
    ReviewEvent,
)
from qa.reviews import facts
from qa.reviews.answers import as_decimal
from qa.scoring import NOT_APPLICABLE, Form, Score, Value, score
from qa.scoring.answers import share_of

What, State = ReviewEvent.What, Evaluation.State
ROWS = 2_000
_MONTH = timedelta(days=30.44)
_READ = 0.75
_LATE = 0.05


@dataclass
class Rows:
    """What is written of reviews, kept together until it is."""

    evaluations: list[Evaluation] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    events: list[ReviewEvent] = field(default_factory=list)


class Filler:
    """Fills in reviews. `first` is when the history begins; `minds` are those of reviewers by their
    ids, `skills` of agents, `ways` those of criteria by their keys."""

    def __init__(
        self,
        first: datetime,
        now: datetime,
        minds: Mapping[int, Mind],
        skills: Mapping[int, float],
        ways: Mapping[str, Asked],
    ) -> None:
        self._first, self._now = first, now
        self._minds, self._skills, self._ways = minds, skills, ways
        self._forms: dict[int, Form] = {}
        self._criteria: dict[int, dict[str, int]] = {}
        self._rules: dict[int, QualityRules] = {}

    def fill(self, evaluations: Iterable[Evaluation], *, open_from: datetime | None = None) -> int:
        """Answer these reviews and keep them; how many. Those that are due after `open_from` stay
        to be done, but for one in three."""
        rows = Rows()
        for one in evaluations:
            is_open = open_from is not None and one.due_at is not None and one.due_at > open_from
            if not is_open or chance("early", one.call_id, one.reviewer_id) < 1 / 3:
                self._fill(one, rows)
        _keep(rows)
        return len(rows.evaluations)

    def form(self, version: CardVersion) -> Form:
        if version.pk not in self._forms:
            self._forms[version.pk] = cards.read(version.form).form
            keys = CardCriterion.objects.filter(card=version.card_id)
            self._criteria[version.pk] = dict(keys.values_list("key", "pk"))
        return self._forms[version.pk]

    def _rules_of(self, site: int) -> QualityRules:
        if site not in self._rules:
            self._rules[site] = facts.rules_of(site)
        return self._rules[site]

    def said(self, one: Evaluation) -> dict[str, Value]:
        """What the reviewer of a call answers."""
        return answers(
            self.form(one.version),
            self._ways,
            str(one.call_id),
            self._skills.get(one.agent_id, 0.0),
            str(one.reviewer_id),
            self._minds.get(one.reviewer_id, Mind()),
            (one.called_at - self._first) / _MONTH,
            _applies(one.facts.get("hold_ms")),
        )

    def truth(self, form: Form, call: Call) -> dict[str, Value]:
        """What somebody without errors would answer of a call."""
        skill = self._skills.get(call.agent_id or 0, 0.0)
        applies = _applies(call.hold_ms)
        mind = Mind(error=0.0)
        return answers(form, self._ways, str(call.pk), skill, "truth", mind, 0.0, applies)

    def _fill(self, one: Evaluation, rows: Rows) -> None:
        form = self.form(one.version)
        said = self.said(one)
        scored = score(form, said)
        done = self._done_at(one)
        one.state = State.FINISHED
        one.begun_at, one.saved_at, one.finished_at = done - timedelta(minutes=11), done, done
        one.share, one.is_failed = as_decimal(scored.share), scored.is_failed
        one.revision = len(said)
        rows.evaluations.append(one)
        rows.events.append(_event(one, What.FINISHED, done, one.reviewer_id))
        self._answers(one, form, said, scored, done, rows)
        if not one.measures_reviewers:
            self._release(one, done, rows)

    def _done_at(self, one: Evaluation) -> datetime:
        """Some time between when it was asked for and when it is due; of a few, after that."""
        due = one.due_at or one.made_at + timedelta(days=7)
        part = chance("done", one.call_id, one.reviewer_id)
        if part > 1 - _LATE:
            part = 1 + (part - 1 + _LATE) / _LATE * 0.4
        return min(one.made_at + (due - one.made_at) * part, self._now - timedelta(hours=1))

    def _answers(
        self,
        one: Evaluation,
        form: Form,
        said: Mapping[str, Value],
        scored: Score,
        done: datetime,
        rows: Rows,
    ) -> None:
        parts = {part.criterion: part for part in scored.parts}
        talk_ms = one.facts.get("talk_ms") or 0
        for each in form.criteria():
            if each.id not in said:
                continue
            value = said[each.id]
            part = parts.get(each.id)
            share = share_of(each, value)
            is_low = share is not None and share < (each.comment_below or 0)
            criterion = self._criteria[one.version_id][each.id]
            rows.answers.append(
                Answer(
                    evaluation=one,
                    criterion_id=criterion,
                    value="" if value is NOT_APPLICABLE else str(value),
                    skipped=value is NOT_APPLICABLE,
                    comment=_reason(one, each.id) if is_low else "",
                    share=None if part is None else as_decimal(part.share),
                    lost=None if part is None else as_decimal(part.lost),
                )
            )
            if is_low and talk_ms:
                at = int(talk_ms * chance("evidence", one.call_id, each.id))
                rows.evidence.append(
                    Evidence(evaluation=one, criterion_id=criterion, at_ms=at, made_at=done)
                )

    def _release(self, one: Evaluation, done: datetime, rows: Rows) -> None:
        one.state = State.RELEASED
        one.release_at = one.released_at = done
        site = one.site
        one.dispute_until = releasing.end_of(site, done, self._rules_of(site.pk).dispute_days)
        rows.events.append(_event(one, What.RELEASED, done, one.reviewer_id))
        read = done + timedelta(hours=2 + 40 * chance("read", one.call_id, one.reviewer_id))
        if read < self._now and chance("reads", one.call_id) < _READ:
            one.acknowledged_at = read
            rows.events.append(_event(one, What.ACKNOWLEDGED, read, one.agent.user_id))


def _applies(hold_ms: int | None) -> dict[str, bool]:
    """Which criteria are known to apply to a call: holds are announced where there is one."""
    return {"hold": bool(hold_ms)}


def _reason(one: Evaluation, criterion: str) -> str:
    """Why so little was given."""
    wordings = (
        _("See the evidence: it begins well and is not kept up."),
        _("The caller had to ask twice."),
        _("Said, but so fast that the caller could not follow."),
        _("This was left to the caller to find out."),
    )
    return wordings[int(chance("reason", one.call_id, criterion) * len(wordings))]


def _event(one: Evaluation, what: str, at: datetime, who: int | None) -> ReviewEvent:
    share: Decimal | None = one.share
    return ReviewEvent(
        evaluation=one, what=what, at=at, who_id=who, share=share, is_failed=one.is_failed
    )


@transaction.atomic
def _keep(rows: Rows) -> None:
    changed = [
        "state", "begun_at", "saved_at", "finished_at", "share", "is_failed", "revision",
        "release_at", "released_at", "dispute_until", "acknowledged_at",
    ]  # fmt: skip
    Evaluation.objects.bulk_update(rows.evaluations, changed, batch_size=ROWS)
    Answer.objects.bulk_create(rows.answers, batch_size=ROWS)
    Evidence.objects.bulk_create(rows.evidence, batch_size=ROWS)
    ReviewEvent.objects.bulk_create(rows.events, batch_size=ROWS)
