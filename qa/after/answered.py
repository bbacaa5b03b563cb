"""How each criterion of a finished review was answered, what that did to the score, and what became
of it since."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ccm.models import User
from qa import cards
from qa.after import reach, words
from qa.cards import Card
from qa.cards.card import Link
from qa.cards.words import anchor as described
from qa.models import (
    Answer,
    AnswerChange,
    CallTranscript,
    CardCriterion,
    Dispute,
    Evaluation,
    Evidence,
)
from qa.reviews import answers, worth
from qa.reviews.worth import Loss, Worth
from qa.scoring import Criterion, Kind, Score, Value, score, shown

_LONGEST_QUOTE = 300


@dataclass(frozen=True, slots=True)
class Place:
    """Evidence: a second of the call or a line of its transcript, counted from 1, with the words of
    the line and what is said of it; `url` is where it is heard or read. `is_heard`: it is heard in
    the player of the page."""

    evidence: Evidence
    url: str
    quote: str = ""
    is_heard: bool = False

    @property
    def seconds(self) -> float | None:
        at = self.evidence.at_ms
        return None if at is None else at / 1000


@dataclass(frozen=True, slots=True)
class CriterionTold:
    """A criterion that was asked: what was said to it (`answer`, which `anchor` describes), and
    what that did to the score."""

    row: CardCriterion | None
    name: str
    answer: str
    anchor: str
    is_text: bool
    worth: Worth
    critical: str
    comment: str
    why: str
    help: str
    good: str
    bad: str
    links: Sequence[Link]
    evidence: Sequence[Place]
    changes: Sequence[tuple[AnswerChange, str]]
    dispute: Dispute | None
    may_dispute: bool

    @property
    def at(self) -> str:
        """Its place on the page."""
        return "" if self.row is None else f"criterion-{self.row.pk}"

    @property
    def is_folded(self) -> bool:
        """Whether nothing of it has to be read: it lost nothing and added nothing, nobody wrote
        anything to it, and it is not disputed."""
        did = self.worth.has_lost or self.worth.has_added or self.worth.failed
        said = self.comment or self.changes or self.dispute or (self.is_text and self.row)
        return not (did or said)


@dataclass(frozen=True, slots=True)
class SectionTold:
    name: str
    share: Fraction | None
    weight: Fraction
    failed: bool
    criteria: Sequence[CriterionTold]

    @property
    def open(self) -> list[CriterionTold]:
        return [one for one in self.criteria if not one.is_folded]

    @property
    def folded(self) -> list[CriterionTold]:
        return [one for one in self.criteria if one.is_folded]


@dataclass(frozen=True, slots=True)
class Answered:
    """A review as it was answered: its answers by their criteria's keys, what they are worth, which
    criteria they ask for, and its disputes with what those changed."""

    card: Card
    answers: Mapping[str, Answer]
    values: Mapping[str, Value]
    score: Score
    asked: frozenset[str]
    disputes: Sequence[Dispute]
    changes: Sequence[AnswerChange]


def read(evaluation: Evaluation) -> Answered:
    """Three queries, however much was said."""
    card = cards.read(evaluation.version.form)
    kept = list(evaluation.answers.select_related("criterion"))
    values = answers.values(card.form, kept)
    disputes = list(
        evaluation.disputes.select_related("criterion", "answered_by", "decided_by", "opened_by")
    )
    for one in disputes:
        one.evaluation = evaluation
    changes = AnswerChange.objects.filter(answer__evaluation=evaluation)
    return Answered(
        card,
        {one.criterion.key: one for one in kept},
        values,
        score(card.form, values),
        frozenset(one.id for one in shown(card.form, values)),
        disputes,
        list(changes.select_related("who", "answer__criterion").order_by("at", "pk")),
    )


def sections(
    there: Answered, places: Sequence[Place], disputable: Collection[str]
) -> list[SectionTold]:
    """The sections of which something was asked; `disputable` are criteria that the reader may
    dispute."""
    form = there.card.form
    every = worth.of(form, there.values, there.score)
    scored = {one.section: one for one in there.score.sections}
    found = []
    for section in form.sections:
        told = [
            _criterion(there, one, every[one.id], places, may_dispute=one.id in disputable)
            for one in section.criteria
            # A text that nobody wrote says nothing.
            if one.id in there.asked and (one.kind != Kind.TEXT or one.id in there.values)
        ]
        if told:
            of_it = scored[section.id]
            name = there.card.sections[section.id]
            found.append(SectionTold(name, of_it.share, of_it.weight, bool(of_it.failed), told))
    return found


def _criterion(
    there: Answered, one: Criterion, of_it: Worth, places: Sequence[Place], *, may_dispute: bool
) -> CriterionTold:
    card, answer, called = there.card, there.answers.get(one.id), there.card.criteria[one.id]
    row = None if answer is None else answer.criterion
    value = "" if answer is None else answer.value
    return CriterionTold(
        row=row,
        name=called.name,
        answer=words.answer(card, one, value, skipped=of_it.is_skipped),
        anchor="" if of_it.is_skipped else described(one.kind, called, value),
        is_text=one.kind == Kind.TEXT,
        worth=of_it,
        critical=words.critical(one),
        comment="" if answer is None else answer.comment,
        why=called.why,
        help=called.help,
        good=called.good,
        bad=called.bad,
        links=called.links,
        evidence=[place for place in places if row and place.evidence.criterion_id == row.pk],
        changes=[
            (each, words.change(card, one.id, each))
            for each in there.changes
            if answer is not None and each.answer_id == answer.pk
        ],
        dispute=None if row is None else standing(there).get(row.pk),
        may_dispute=may_dispute and row is not None,
    )


def standing(there: Answered) -> dict[int | None, Dispute]:
    """Disputes that were not withdrawn, by the criterion that they are about; None: the whole."""
    withdrawn = Dispute.State.WITHDRAWN
    return {one.criterion_id: one for one in there.disputes if one.state != withdrawn}


def losses(told: Sequence[SectionTold]) -> Sequence[Loss]:
    """Where points were lost, the most first."""
    return worth.losses(
        Loss(one.at, one.name, one.answer, one.worth) for each in told for one in each.criteria
    )


def transcript(evaluation: Evaluation, user: User) -> CallTranscript | None:
    """What was said on a call, where the user may read it. One query."""
    rows = CallTranscript.objects.visible_to(user).heard().filter(call=evaluation.call_id)
    found: CallTranscript | None = rows.only("pk", "lines", "masked", "language").first()
    return found


def places(
    evaluation: Evaluation,
    user: User,
    recording: tuple[str, bool],
    rows: Sequence[Evidence],
    spoken: CallTranscript | None,
) -> list[Place]:
    """Where reviewers hear and read it; an agent hears the recording of their call from there, or
    reads the line. No query."""
    own = reach.is_own(evaluation, user)
    base = "" if own else reach.review_url(evaluation)

    def is_heard(one: Evidence) -> bool:
        return own and one.at_ms is not None and recording[1]

    def url(one: Evidence) -> str:
        if one.at_ms is not None and is_heard(one):
            return f"{recording[0]}#t={one.at_ms // 1000}"
        if own:
            return "" if spoken is None or not one.line else reach.line_url(spoken.pk, one.line)
        if not base:
            return ""
        return f"{base}?at={one.at_ms}" if one.at_ms is not None else f"{base}?line={one.line}"

    def quote(one: Evidence) -> str:
        if spoken is None or one.line is None or not 1 <= one.line <= len(spoken.lines):
            return ""
        return str(spoken.lines[one.line - 1].get("words") or "")[:_LONGEST_QUOTE]

    return [Place(one, url(one), quote(one), is_heard(one)) for one in rows]
