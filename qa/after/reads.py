"""What pages tell of finished reviews: one with all that was said, an agent's own, and their past.

Whoever reads is handed rows that they may see (`qa.after.reach`); nothing here opens a door.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, Sum, When

from ccm.access import scope_of
from ccm.models import User
from ccm.rights import reach as rights
from qa import cards
from qa.after import answered, changing, disputing, reach, trend, words
from qa.after.answered import Answered, Place, SectionTold
from qa.cards import Card
from qa.models import (
    Answer,
    AnswerChange,
    CardCriterion,
    Dispute,
    Evaluation,
    ReviewEvent,
)
from qa.models.querysets import EvaluationQuerySet
from qa.reviews import answers
from qa.reviews import reads as of_reviews
from qa.reviews.reads import Spoken
from qa.reviews.worth import Loss, points
from qa.scoring import Score

MOST_OWN = 100
_AT_ONCE = 200
# What is older has no part in a trend.
_REMEMBERED = timedelta(days=730)


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
    # Where points were lost, the most first.
    lost: Sequence[Loss]
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
    # And what was said on it, with the lines that the review points at.
    spoken: Spoken | None

    def is_moot(self, dispute: Dispute) -> bool:
        """Whether it still goes on about an answer that is not asked any more."""
        about = dispute.criterion
        is_gone = about is not None and about.key not in self.asked
        return is_gone and dispute.state in Dispute.STANDING

    @property
    def bonus_points(self) -> str:
        """What bonuses added to the score, in points of 100; "": nothing."""
        return points(self.score.bonus)


def told(evaluation: Evaluation, user: User, now: datetime) -> Told:
    """A review for its reader. It asks the same however much was said."""
    there = answered.read(evaluation)
    own = reach.is_own(evaluation, user)
    url, is_file, may_read = reach.heard(evaluation) if own else ("", False, False)
    recording = (url, is_file) if rights.may(user, "recordings") else ("", False)
    pins = list(evaluation.evidence.all())
    spoken = None
    if may_read or any(one.line is not None for one in pins):
        spoken = answered.transcript(evaluation, user)
    places = answered.places(evaluation, user, recording, pins, spoken)
    disputable = _disputable(evaluation, there, now) if own else None
    sections = answered.sections(there, places, disputable or ())
    why_not_all = "" if disputable is None else disputing.why_never(there.disputes, None)
    until = evaluation.dispute_until
    return Told(
        evaluation=evaluation,
        card=there.card,
        sections=sections,
        lost=answered.losses(sections),
        score=there.score,
        evidence=[place for place in places if place.evidence.criterion_id is None],
        counts=words.counts(evaluation),
        facts=words.call_facts(evaluation),
        events=_events(evaluation, there.card),
        disputes=[_dispute(one, there.card, there.changes, user, now) for one in there.disputes],
        may_release=reach.may_release(evaluation, user),
        may_acknowledge=own and _waits_to_be_read(evaluation),
        may_comment=reach.may_comment(evaluation, user),
        may_dispute=disputable is not None,
        may_dispute_all=disputable is not None and not why_not_all and bool(there.answers),
        why_not_all=why_not_all,
        dispute_until="" if until is None else words.until(until, evaluation.site.calendar),
        is_over=until is not None and now >= until,
        review_url="" if own else reach.review_url(evaluation),
        asked=there.asked,
        recording=recording,
        spoken=of_reviews.spoken(spoken, pins) if spoken is not None and may_read else None,
    )


def _waits_to_be_read(evaluation: Evaluation) -> bool:
    return evaluation.state == Evaluation.State.RELEASED and evaluation.acknowledged_at is None


def _disputable(evaluation: Evaluation, there: Answered, now: datetime) -> frozenset[str] | None:
    """Criteria whose answers its agent may dispute; None: none of it, nor the whole."""
    standing = answered.standing(there)
    until = evaluation.dispute_until
    is_released = evaluation.state == Evaluation.State.RELEASED
    if not is_released or until is None or now >= until or None in standing:
        return None
    decided = changing.frozen(there.card, there.disputes, there.changes)
    return frozenset(
        key
        for key, answer in there.answers.items()
        if answer.criterion_id not in standing and key not in decided
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
        words.waits(one, now, for_agent=reach.is_own(one.evaluation, user)),
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


# An agent's own.


@dataclass(frozen=True, slots=True)
class Own:
    """A released review of one's own: whether it is still to be read, how its disputes stand (the
    level and words of tags), until when the agent may go on with an answer to a dispute (one for
    each that waits for them), and what bonuses added to its score."""

    evaluation: Evaluation
    is_unread: bool
    tags: Sequence[tuple[str, str]]
    your_turn: Sequence[datetime]
    counts: bool
    added: Fraction

    @property
    def bonus(self) -> str:
        """The same in points of 100; "": nothing."""
        return points(self.added)


def own(agent: int) -> list[Own]:
    """What is still to be read first, then what waits for the agent's word, each the newest
    first."""
    found = [_own(one) for one in _own_rows(agent)[:MOST_OWN]]
    return sorted(found, key=lambda one: (not one.is_unread, not one.your_turn))


def every_own(agent: int) -> Iterator[Own]:
    """All of them, what is still to be read first."""
    for one in _own_rows(agent).iterator(_AT_ONCE):
        yield _own(one)


def _own_rows(agent: int) -> QuerySet[Evaluation]:
    rows: QuerySet[Evaluation] = (
        Evaluation.objects.of_agent(agent)
        .select_related("version__card", "reviewer", "queue", "drawn", "site")
        .annotate(all_lost=Sum("answers__lost"))
        .prefetch_related("disputes")
        # The form of a version is long.
        .defer("version__form")
        .order_by(Case(When(acknowledged_at=None, then=0), default=1), "-released_at", "-pk")
    )
    return rows


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
        Fraction(answers.bonus_of(one.share, one.all_lost)),
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
    found = trends_in(Evaluation.objects.of_agent(agent), now)
    return [OwnTrend(one.name, one.section, one.card.name, told) for one, told in found]


def trends_in(
    reviews: EvaluationQuerySet, now: datetime
) -> list[tuple[CardCriterion, trend.Trend]]:
    """How marks went in those of some reviews that count in the score, by criterion with its card.
    Two queries."""
    rows = (
        Answer.objects.filter(
            evaluation__in=reviews.scored(),
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
    return [(one, found[one.pk]) for one in named.order_by("card__name", "pk")]


# What waits, beside entries of the sidebar.


def own_facts() -> dict[str, Any]:
    """How many released reviews of a reader's own they have not read, and how many answers to
    their disputes they may still go on with or decisions they have not read, to find with the
    user."""
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
    unread = Q(state=Dispute.State.DECIDED, decision_seen_at=None)
    return Dispute.objects.filter(Q(state=Dispute.State.ANSWERED) | unread)


def _unread() -> Any:
    rows = Evaluation.objects.filter(state=Evaluation.State.RELEASED, acknowledged_at=None)
    return rows.exclude(kind=Evaluation.Kind.CALIBRATION)
