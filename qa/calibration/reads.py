"""What pages tell of calibration sessions: how far they are, and, once they are open, the spread.

As long as a session is blind nothing of its answers is read here, for whoever asks.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, OuterRef, Prefetch, Q, Subquery

from ccm.access import scope_of
from ccm.models import User
from ccm.querysets import Viewer
from ccm.templatetags.figures import DASH
from qa import cards
from qa.access import reviewed_sites
from qa.after import answering, words
from qa.after.reach import review_url
from qa.cards import Card
from qa.models import (
    Answer,
    CalibrationAgreed,
    CalibrationCall,
    CalibrationNote,
    CalibrationRater,
    CalibrationSession,
    CardCriterion,
    Evaluation,
)
from qa.models.querysets import DONE, OPEN
from qa.reviews import answers
from qa.scoring import Kind, Value, shown

MOST = 100
State = CalibrationSession.State


@dataclass(frozen=True, slots=True)
class Line:
    """A session in a list: of its reviews `done` of `reviews` are finished; of the reader's own
    `mine_left` are to be done."""

    session: CalibrationSession
    calls: int
    raters: int
    done: int
    reviews: int
    mine_left: int
    is_overdue: bool


def listed(user: User, now: datetime) -> list[Line]:
    """The newest first."""
    seen = CalibrationSession.objects.visible_to(user).order_by().values("pk")
    state = "calls__evaluations__state"
    rows = (
        CalibrationSession.objects.filter(pk__in=seen)
        .select_related("site", "version__card", "expert", "made_by")
        .annotate(
            of_calls=Count("calls", distinct=True),
            of_raters=Subquery(
                CalibrationRater.objects.filter(session=OuterRef("pk"))
                .order_by()
                .values("session")
                .annotate(many=Count("pk"))
                .values("many")
            ),
            of_reviews=Count("calls__evaluations", distinct=True, filter=~Q(**{state: "dropped"})),
            of_done=Count("calls__evaluations", distinct=True, filter=Q(**{f"{state}__in": DONE})),
            of_mine=Count(
                "calls__evaluations",
                distinct=True,
                filter=Q(calls__evaluations__reviewer=user, **{f"{state}__in": OPEN}),
            ),
        )
        .order_by("-made_at", "-pk")[:MOST]
    )
    return [
        Line(
            one, one.of_calls, one.of_raters or 0, one.of_done, one.of_reviews, one.of_mine,
            one.state == State.BLIND and one.due_at < now,
        )
        for one in rows
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Progress:
    """How far somebody is; of the reader's own reviews where they are to be filled."""

    rater: User
    is_expert: bool
    done: int
    dropped: int
    of: int


@dataclass(frozen=True, slots=True)
class ToDo:
    """One of the reader's own reviews of a blind session."""

    evaluation: Evaluation
    url: str

    @property
    def is_done(self) -> bool:
        return bool(self.evaluation.is_done)


def progress(session: CalibrationSession) -> list[Progress]:
    """How many each has done: counts, and nothing of what was said."""
    counted = {
        one["reviewer"]: one
        for one in Evaluation.objects.filter(session_call__session=session)
        .order_by()
        .values("reviewer")
        .annotate(
            done=Count("pk", filter=Q(state__in=DONE)),
            dropped=Count("pk", filter=Q(state="dropped")),
            of=Count("pk"),
        )
    }
    none = {"done": 0, "dropped": 0, "of": 0}
    found = []
    for rater in session.raters.select_related("user").order_by("user__username"):
        one = counted.get(rater.user_id, none)
        is_expert = rater.user_id == session.expert_id
        found.append(Progress(rater.user, is_expert, one["done"], one["dropped"], one["of"]))
    return sorted(found, key=lambda one: not one.is_expert)


def own_work(session: CalibrationSession, user: User) -> list[ToDo]:
    rows = (
        Evaluation.objects.filter(session_call__session=session, reviewer=user)
        .exclude(state="dropped")
        .select_related("agent", "queue")
        .order_by("session_call")
    )
    return [ToDo(one, review_url(one)) for one in rows]


def own_reviews(sessions: Iterable[CalibrationSession], user: User) -> dict[int, list[int]]:
    """The user's reviews of sessions, by session. One query."""
    rows = Evaluation.objects.filter(session_call__session__in=sessions, reviewer=user)
    found: dict[int, list[int]] = {}
    told = rows.exclude(state="dropped").order_by("session_call")
    for pk, session in told.values_list("pk", "session_call__session"):
        found.setdefault(session, []).append(pk)
    return found


# The spread, once a session is open.


@dataclass(frozen=True, slots=True)
class Said:
    """What a rater said to a criterion: in words, whether most said something else, and with which
    comment. `is_said` is False where it was not asked of them or they did not finish."""

    rater: User
    is_expert: bool
    words: str
    comment: str
    is_said: bool
    is_apart: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A criterion of a call: what each said, how many different answers that makes, what was agreed
    on and noted. `choices` are what can be agreed on, (value, words); none: it is typed."""

    criterion: CardCriterion
    name: str
    why: str
    said: Sequence[Said]
    different: int
    agreed: CalibrationAgreed | None
    agreed_words: str
    notes: Sequence[CalibrationNote]
    choices: Sequence[tuple[str, str]]
    is_text: bool


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Spread:
    """One call of a session: criterion by criterion, each rater's score, and notes on the whole."""

    call: CalibrationCall
    number: int
    raters: Sequence[tuple[User, bool, Decimal | None, bool]]
    groups: Sequence[Group]
    notes: Sequence[CalibrationNote]

    @property
    def apart(self) -> int:
        """Criteria on which not all said the same."""
        return sum(row.different > 1 for group in self.groups for row in group.rows)


@dataclass(frozen=True, slots=True)
class Glance:
    """A call in the overview: how many `scored` it, of how many criteria all of them said the same,
    of how many not. `is_hidden`: its answers are not for the reader yet, and none are counted."""

    number: int
    call: CalibrationCall
    scored: int
    alike: int
    apart: int
    low: Decimal | None
    high: Decimal | None
    is_hidden: bool


def spread(
    session: CalibrationSession, number: int, user: Viewer
) -> tuple[list[Glance], Spread | None]:
    """All calls at a glance, and one of them (counted from 1) in full, unless it is hidden from the
    user: who is still to score a call by themselves, or took it, is told nothing. Raises ValueError
    for a session that is still blind: nobody sees the answers of others."""
    if session.state == State.BLIND:
        raise ValueError("a blind session shows nothing")
    card = cards.read(session.version.form)
    calls = list(session.calls.order_by("pk"))
    done = list(_finished(session).marked_for(user))
    hidden = {one.session_call_id for one in done if one.is_hidden}
    found: dict[int, list[Evaluation]] = defaultdict(list)
    for one in done:
        if one.session_call_id not in hidden:
            found[one.session_call_id].append(one)
    glances = []
    for place, call in enumerate(calls, 1):
        values = _values(card, found[call.pk])
        sets = [{said[key] for said in values.values() if key in said} for key in _keys(card)]
        shares = [one.share for one in found[call.pk] if one.share is not None]
        glances.append(
            Glance(
                place,
                call,
                len(found[call.pk]),
                sum(len(one) == 1 for one in sets),
                sum(len(one) > 1 for one in sets),
                min(shares, default=None),
                max(shares, default=None),
                call.pk in hidden,
            )
        )
    if not 1 <= number <= len(calls) or calls[number - 1].pk in hidden:
        return glances, None
    chosen = calls[number - 1]
    people = [one.user for one in session.raters.select_related("user")]
    people.sort(key=lambda one: (one.pk != session.expert_id, one.username))
    return glances, _spread(session, card, chosen, number, people, found[chosen.pk])


def _finished(session: CalibrationSession) -> Any:
    return (
        Evaluation.objects.done()
        .filter(session_call__session=session)
        .prefetch_related(
            Prefetch("answers", Answer.objects.select_related("criterion").order_by("pk"))
        )
        .order_by("pk")
    )


def _keys(card: Card) -> list[str]:
    """Of criteria whose answers can differ: not of texts."""
    return [one.id for one in card.form.criteria() if one.kind != Kind.TEXT]


def _values(card: Card, reviews: Sequence[Evaluation]) -> dict[int, Mapping[str, Value]]:
    """What each reviewer said, by criterion: of what was asked of them."""
    said: dict[int, Mapping[str, Value]] = {}
    for one in reviews:
        values = answers.values(card.form, one.answers.all())
        asked = {each.id for each in shown(card.form, values)}
        said[one.reviewer_id] = {key: value for key, value in values.items() if key in asked}
    return said


def _spread(
    session: CalibrationSession,
    card: Card,
    call: CalibrationCall,
    number: int,
    people: Sequence[User],
    reviews: Sequence[Evaluation],
) -> Spread:
    values = _values(card, reviews)
    by_person = {one.reviewer_id: one for one in reviews}
    kept = {
        (one.reviewer_id, each.criterion.key): each for one in reviews for each in one.answers.all()
    }
    agreed = {one.criterion_id: one for one in call.agreed.select_related("by")}
    notes: dict[int | None, list[CalibrationNote]] = defaultdict(list)
    for note in call.notes.select_related("by").order_by("at", "pk"):
        notes[note.criterion_id].append(note)
    rows = {one.key: one for one in CardCriterion.objects.filter(card=session.version.card_id)}

    def row(one: Any) -> Row:
        criterion = rows[one.id]
        given = [values[pk][one.id] for pk in values if one.id in values[pk]]
        most = max((given.count(each) for each in given), default=0)
        usual = {each for each in given if given.count(each) == most}
        is_text = one.kind == Kind.TEXT
        said = []
        for person in people:
            value = values.get(person.pk, {}).get(one.id)
            answer = kept.get((person.pk, one.id))
            told = (
                words.answer(card, one, answer.value, skipped=answer.skipped)
                if answer is not None and value is not None
                else DASH
            )
            # Where none is the usual answer, all stand apart.
            is_apart = (
                not is_text
                and value is not None
                and len(set(given)) > 1
                and (value not in usual or len(usual) > 1)
            )
            comment = "" if answer is None else answer.comment
            is_expert = person.pk == session.expert_id
            said.append(Said(person, is_expert, told, comment, value is not None, is_apart))
        there = agreed.get(criterion.pk)
        return Row(
            criterion,
            card.name(one.id),
            card.criteria[one.id].why,
            said,
            1 if is_text else len(set(given)),
            there,
            "" if there is None else words.answer(card, one, there.value, skipped=there.skipped),
            notes[criterion.pk],
            answering.choices(card, one),
            is_text,
        )

    groups = [
        Group(card.sections[section.id], [row(one) for one in section.criteria])
        for section in card.form.sections
    ]
    scores = [
        (
            person,
            person.pk == session.expert_id,
            by_person[person.pk].share if person.pk in by_person else None,
            bool(person.pk in by_person and by_person[person.pk].is_failed),
        )
        for person in people
    ]
    return Spread(call, number, scores, groups, notes[None])


def sees_agreement(user: Viewer) -> bool:
    """Whether there are sites all of whose reviews the user sees: agreement is of those."""
    scope = scope_of(user)
    return scope.everything or bool(reviewed_sites(scope))
