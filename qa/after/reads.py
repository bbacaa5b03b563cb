"""What pages tell of finished reviews: one with all that was said, an agent's own, and their past.

Whoever reads is handed rows that they may see (`qa.after.reach`); nothing here opens a door.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from django.db.models import Case, Count, OuterRef, Subquery, Sum, When
from django.utils.translation import gettext as _

from ccm.access import scope_of
from ccm.models import User
from ccm.templatetags import figures
from qa import cards
from qa.after import changing, disputing, reach, trend, words
from qa.cards import Card
from qa.models import (
    Answer,
    AnswerChange,
    CallTranscript,
    CardCriterion,
    Dispute,
    Evaluation,
    Evidence,
    ReviewEvent,
)
from qa.reviews import answers
from qa.scoring import Kind, Score, percent, score, shown
from qa.scoring.answers import fails

MOST_OWN = 100
_LONGEST_QUOTE = 300
# What is older has no part in a trend.
_REMEMBERED = timedelta(days=730)


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
    """A criterion that was asked: what was said to it (`answer`, which `anchor` describes), how
    much of its points that has, and what the score lacks by it (both None: it does not count);
    `bonus` is what it added to the score, as far as there was room; None: it earned none."""

    row: CardCriterion | None
    name: str
    answer: str
    anchor: str
    share: Fraction | None
    lost: Fraction | None
    is_bonus: bool
    bonus: Fraction | None
    weight: Fraction | None
    failed: bool
    is_skipped: bool
    critical: str
    comment: str
    why: str
    help: str
    good: str
    evidence: Sequence[Place]
    changes: Sequence[tuple[AnswerChange, str]]
    dispute: Dispute | None
    may_dispute: bool

    @property
    def counts_for(self) -> str:
        """What it did to the score, in words; "": it was never to do anything."""
        if self.is_bonus:
            return self._added()
        if self.lost_points:
            return _("−%(points)s points") % {"points": self.lost_points}
        if self.share is not None:
            return _("nothing lost")
        return _("no points of its own") if self.critical and not self.is_skipped else ""

    def _added(self) -> str:
        if points := _points(self.bonus):
            return _("+%(points)s points") % {"points": points}
        if self.bonus is not None:
            return _("a bonus, for which there is no room")
        return "" if self.is_skipped else _("a bonus, nothing added")

    @property
    def lost_points(self) -> str:
        """What the score lacks by it, in points of 100; "": nothing."""
        return _points(self.lost)


def _points(share: Fraction | None) -> str:
    points = percent(share)
    return figures.grouped(points, 1) if points else ""


@dataclass(frozen=True, slots=True)
class SectionTold:
    name: str
    share: Fraction | None
    weight: Fraction
    failed: bool
    criteria: Sequence[CriterionTold]


@dataclass(frozen=True, slots=True)
class EventTold:
    """Something that happened; `about` says which answer it was of, and `score` is told where it
    became another one by it."""

    event: ReviewEvent
    about: str
    is_new_score: bool


@dataclass(frozen=True, slots=True)
class DisputeTold:
    """A dispute as it stands: what it is about, for whom it waits, what became of it, and what the
    reader may do with it."""

    dispute: Dispute
    about: str
    waits: str
    level: str
    became: str
    changes: Sequence[str]
    may: frozenset[str]
    # Deadlines in words; "": there is none.
    answer_until: str
    accepted_after: str


@dataclass(frozen=True, slots=True)
class Told:
    """A review with all that was said of it, for one reader."""

    evaluation: Evaluation
    card: Card
    sections: Sequence[SectionTold]
    score: Score
    evidence: Sequence[Place]
    counts: tuple[bool, str]
    facts: Sequence[tuple[str, str]]
    events: Sequence[EventTold]
    disputes: Sequence[DisputeTold]
    may_release: bool
    may_acknowledge: bool
    may_comment: bool
    may_dispute: bool
    may_dispute_all: bool
    # Why they may not, where they may dispute single answers; "" otherwise.
    why_not_all: str
    # Until when, in words, and whether that has passed.
    dispute_until: str
    is_over: bool
    review_url: str
    # Criteria that are asked by what was answered.
    asked: frozenset[str]
    # An agent's: where their call is heard, and whether that is a file of ours.
    recording: tuple[str, bool]

    def is_moot(self, dispute: Dispute) -> bool:
        """Whether it still goes on about an answer that is not asked any more."""
        about = dispute.criterion
        is_gone = about is not None and about.key not in self.asked
        return is_gone and dispute.state in Dispute.STANDING

    @property
    def bonus_points(self) -> str:
        """What bonuses added to the score, in points of 100; "": nothing."""
        return _points(self.score.bonus)


def told(evaluation: Evaluation, user: User, now: datetime) -> Told:
    """A review for its reader. It asks the same however much was said."""
    card = cards.read(evaluation.version.form)
    kept = list(evaluation.answers.select_related("criterion"))
    own = reach.is_own(evaluation, user)
    recording = reach.recording_of(evaluation) if own else ("", False)
    places = _evidence(evaluation, user, recording)
    disputes = list(
        evaluation.disputes.select_related("criterion", "answered_by", "decided_by", "opened_by")
    )
    changes = list(
        AnswerChange.objects.filter(answer__evaluation=evaluation)
        .select_related("who", "answer__criterion")
        .order_by("at", "pk")
    )
    for one in disputes:
        one.evaluation = evaluation
    values = answers.values(card.form, kept)
    scored = score(card.form, values)
    standing = {one.criterion_id: one for one in disputes if one.state != Dispute.State.WITHDRAWN}
    may_dispute = (
        evaluation.state == Evaluation.State.RELEASED
        and reach.is_own(evaluation, user)
        and evaluation.dispute_until is not None
        and now < evaluation.dispute_until
        and None not in standing
    )
    decided = changing.frozen(card, disputes, changes)
    asked = {one.id for one in shown(card.form, values)}
    parts = {one.criterion: one for one in scored.parts}
    by_key = {one.criterion.key: one for one in kept}
    of_section = {one.section: one for one in scored.sections}

    def criterion(one: Any) -> CriterionTold:
        answer = by_key.get(one.id)
        words_of = card.criteria[one.id]
        part = parts.get(one.id)
        row = None if answer is None else answer.criterion
        option = None if answer is None else words_of.options.get(answer.value)
        disputed = None if row is None else standing.get(row.pk)
        return CriterionTold(
            row=row,
            name=words_of.name,
            answer=words.answer(
                card, one, answer.value if answer else "", skipped=bool(answer and answer.skipped)
            ),
            anchor="" if option is None else option.anchor,
            share=None if part is None else part.share,
            lost=None if part is None else part.lost,
            is_bonus=one.is_bonus,
            bonus=scored.earned.get(one.id),
            weight=None if part is None else part.weight,
            failed=one.id in values and fails(one, values[one.id]),
            is_skipped=bool(answer and answer.skipped),
            critical=words.critical(one),
            comment="" if answer is None else answer.comment,
            why=words_of.why,
            help=words_of.help,
            good=words_of.good,
            evidence=[place for place in places if row and place.evidence.criterion_id == row.pk],
            changes=[
                (each, words.change(card, one.id, each))
                for each in changes
                if answer is not None and each.answer_id == answer.pk
            ],
            dispute=disputed,
            may_dispute=(
                may_dispute and row is not None and disputed is None and one.id not in decided
            ),
        )

    sections = [
        SectionTold(
            card.sections[section.id],
            of_section[section.id].share,
            of_section[section.id].weight,
            bool(of_section[section.id].failed),
            [
                criterion(one)
                for one in section.criteria
                # A text that nobody wrote says nothing.
                if one.id in asked and (one.kind != Kind.TEXT or one.id in values)
            ],
        )
        for section in card.form.sections
    ]
    why_not_all = disputing.why_never(disputes, None) if may_dispute else ""
    return Told(
        evaluation=evaluation,
        card=card,
        sections=[one for one in sections if one.criteria],
        score=scored,
        evidence=[place for place in places if place.evidence.criterion_id is None],
        counts=words.counts(evaluation),
        facts=words.call_facts(evaluation),
        events=_events(evaluation, card),
        disputes=[_dispute(one, card, changes, user, now) for one in disputes],
        may_release=reach.may_release(evaluation, user),
        may_acknowledge=(
            evaluation.state == Evaluation.State.RELEASED
            and evaluation.acknowledged_at is None
            and reach.is_own(evaluation, user)
        ),
        may_comment=reach.may_comment(evaluation, user),
        may_dispute=may_dispute,
        may_dispute_all=may_dispute and not why_not_all and bool(kept),
        why_not_all=why_not_all,
        dispute_until=(
            ""
            if evaluation.dispute_until is None
            else words.until(evaluation.dispute_until, evaluation.site.calendar)
        ),
        is_over=evaluation.dispute_until is not None and now >= evaluation.dispute_until,
        review_url="" if own else reach.review_url(evaluation),
        asked=frozenset(asked),
        recording=recording,
    )


def _events(evaluation: Evaluation, card: Card) -> list[EventTold]:
    """The history, from the first on."""
    found: list[EventTold] = []
    before: ReviewEvent | None = None
    for one in evaluation.events.select_related("who", "dispute__criterion"):
        about = "" if one.dispute is None else words.about(one.dispute, card)
        is_new = before is not None and (one.share, one.is_failed) != (
            before.share,
            before.is_failed,
        )
        found.append(EventTold(one, about, is_new))
        before = one
    return found


def of_dispute(dispute: Dispute, user: User, now: datetime) -> DisputeTold:
    """One dispute for its reader."""
    card = cards.read(dispute.evaluation.version.form)
    changes = dispute.changes.select_related("answer__criterion")
    return _dispute(dispute, card, list(changes), user, now)


def _dispute(
    one: Dispute, card: Card, changes: Sequence[AnswerChange], user: User, now: datetime
) -> DisputeTold:
    return DisputeTold(
        one,
        words.about(one, card),
        words.waits(one, now),
        words.level(one, now),
        words.became(one),
        [
            f"{card.name(each.answer.criterion.key)}: "
            f"{words.change(card, each.answer.criterion.key, each)}"
            for each in changes
            if each.dispute_id == one.pk
        ],
        acts(one, user, now),
        words.until(one.answer_due_at, one.evaluation.site.calendar),
        ""
        if one.escalate_until is None
        else words.until(one.escalate_until, one.evaluation.site.calendar),
    )


def acts(dispute: Dispute, user: User, now: datetime) -> frozenset[str]:
    """What the reader may do with a dispute now."""
    evaluation, state = dispute.evaluation, dispute.state
    may: set[str] = set()
    if reach.is_own(evaluation, user):
        if state in Dispute.STANDING and dispute.answer_outcome != Dispute.Outcome.CHANGED:
            may.add("withdraw")
        if state == Dispute.State.ANSWERED:
            may.add("accept")
            if dispute.escalate_until is not None and now < dispute.escalate_until:
                may.add("escalate")
        if state == Dispute.State.OPEN and now >= dispute.answer_due_at:
            may.add("escalate")
    elif state == Dispute.State.OPEN and evaluation.reviewer_id == user.pk:
        may.add("answer")
    if state == Dispute.State.ESCALATED and reach.may_decide(dispute, user):
        may.add("decide")
    return frozenset(may)


def _evidence(evaluation: Evaluation, user: User, recording: tuple[str, bool]) -> list[Place]:
    """Where reviewers hear and read it; an agent hears the recording of their call from there, or
    reads the line."""
    rows = list(evaluation.evidence.all())
    spoken = None
    if any(one.line is not None for one in rows):
        there = CallTranscript.objects.visible_to(user).filter(call=evaluation.call_id)
        spoken = there.only("pk", "lines").first()
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


# An agent's own.


@dataclass(frozen=True, slots=True)
class Own:
    """A released review of one's own: whether it is still to be read, how its disputes stand (the
    level and words of tags), until when the agent may go on with an answer to a dispute (one for
    each that waits for them), and what bonuses added to its score (in points; "": nothing)."""

    evaluation: Evaluation
    is_unread: bool
    tags: Sequence[tuple[str, str]]
    your_turn: Sequence[datetime]
    counts: bool
    bonus: str


def own(agent: int) -> list[Own]:
    """What is still to be read first, then what waits for the agent's word, each the newest
    first."""
    rows = (
        Evaluation.objects.of_agent(agent)
        .select_related("version__card", "reviewer", "queue", "drawn", "site")
        .annotate(all_lost=Sum("answers__lost"))
        .prefetch_related("disputes")
        .order_by(Case(When(acknowledged_at=None, then=0), default=1), "-released_at", "-pk")[
            :MOST_OWN
        ]
    )
    found = [_own(one) for one in rows]
    return sorted(found, key=lambda one: (not one.is_unread, not one.your_turn))


def _own(one: Any) -> Own:
    disputes = [each for each in one.disputes.all() if each.state != Dispute.State.WITHDRAWN]
    for each in disputes:
        each.evaluation = one
    return Own(
        one,
        one.acknowledged_at is None,
        # The newest stands first; of several that stand alike one tag is enough.
        [*dict.fromkeys(words.tag(each) for each in disputes)],
        [
            each.escalate_until
            for each in disputes
            if each.state == Dispute.State.ANSWERED and each.escalate_until is not None
        ],
        one.counts,
        _points(Fraction(answers.bonus_of(one.share, one.all_lost))),
    )


@dataclass(frozen=True, slots=True)
class OwnTrend:
    name: str
    section: str
    card: str
    trend: trend.Trend


def own_trends(agent: int, now: datetime) -> list[OwnTrend]:
    """How an agent's marks went, criterion by criterion, in reviews that count in the score: drawn
    ones that they have been shown. Nobody else's have a part in it."""
    rows = (
        Answer.objects.filter(
            evaluation__in=Evaluation.objects.of_agent(agent).scored(),
            evaluation__called_at__gte=now - _REMEMBERED,
            share__isnull=False,
        )
        .order_by("evaluation__called_at", "evaluation")
        .values_list("criterion", "share")
    )
    marks: dict[Any, list[float]] = defaultdict(list)
    for criterion, share in rows:
        if share is not None:
            marks[criterion].append(float(share))
    found = trend.trends(marks)
    named = CardCriterion.objects.filter(pk__in=marks).select_related("card")
    return [
        OwnTrend(one.name, one.section, one.card.name, found[one.pk])
        for one in named.order_by("card__name", "pk")
    ]


# What waits, beside entries of the sidebar.


def own_facts() -> dict[str, Any]:
    """How many released reviews of a reader's own they have not read, and how many answers to
    their disputes they may still go on with, to find with the user."""
    rows = _unread().filter(agent__user=OuterRef("pk")).order_by()
    many = rows.values("agent__user").annotate(many=Count("pk")).values("many")
    answered = _answered().filter(evaluation__agent__user=OuterRef("pk")).order_by()
    theirs = answered.values("evaluation__agent__user").annotate(many=Count("pk")).values("many")
    return {"reviews_to_read": Subquery(many), "disputes_answered": Subquery(theirs)}


def own_count(user: User) -> int:
    agent = scope_of(user).agent
    if agent is None:
        return 0
    if hasattr(user, "reviews_to_read"):
        return (user.reviews_to_read or 0) + (getattr(user, "disputes_answered", 0) or 0)
    return (
        _unread().filter(agent=agent).count() + _answered().filter(evaluation__agent=agent).count()
    )


def _answered() -> Any:
    return Dispute.objects.filter(state=Dispute.State.ANSWERED)


def _unread() -> Any:
    rows = Evaluation.objects.filter(state=Evaluation.State.RELEASED, acknowledged_at=None)
    return rows.exclude(kind=Evaluation.Kind.CALIBRATION)
