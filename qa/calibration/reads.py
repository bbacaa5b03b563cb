"""What pages tell of calibration sessions: how far they are, and, once they are open, the spread.

As long as a session is blind nothing of its answers is read here, for whoever asks.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, OuterRef, Prefetch, Q, Subquery, prefetch_related_objects

from ccm.access import scope_of
from ccm.database import id_of
from ccm.models import Site, User
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
from qa.scoring import Criterion, Kind, Value, shown

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


def under_way(site: Site, card: str) -> CalibrationSession | None:
    """The newest session of a site by a scorecard, by the id that an address says, that is not
    closed. One query at most."""
    found = id_of(card)
    if found is None:
        return None
    rows = CalibrationSession.objects.filter(site=site, version__card=found)
    return rows.exclude(state=State.CLOSED).order_by("-made_at").first()


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


@dataclass(frozen=True, slots=True)
class Rating:
    """What one of those who score said to a criterion of a call, beside what was agreed on."""

    call: CalibrationCall
    row: Row
    said: Said


def spread(
    session: CalibrationSession, number: int, user: Viewer
) -> tuple[list[Glance], Spread | None]:
    """All calls at a glance, and one of them (counted from 1) in full, unless it is hidden from the
    user: who is still to score a call by themselves, or took it, is told nothing. Raises ValueError
    for a session that is still blind: nobody sees the answers of others."""
    told = _told(session, user)
    glances = [_glance(told, place, call) for place, call in enumerate(told.calls, 1)]
    if not 1 <= number <= len(told.calls) or told.calls[number - 1].pk in told.hidden:
        return glances, None
    return glances, _spread(told, number)


def ratings(session: CalibrationSession, user: Viewer) -> list[Rating]:
    """Everything that was said in a session, as far as its calls are not hidden from the user.
    As many queries for any number of calls. Raises ValueError as `spread`."""
    told = _told(session, user)
    return [
        Rating(call, row, said)
        for number, call in enumerate(told.calls, 1)
        if call.pk not in told.hidden
        for group in _spread(told, number).groups
        for row in group.rows
        for said in row.said
        if said.is_said
    ]


def notes(session: CalibrationSession, user: Viewer) -> list[CalibrationNote]:
    """What was noted of calls that are not hidden from the user, in its order; of a session that is
    still blind there is nothing. Two queries."""
    hidden = _hidden(_reviews(session, user))
    found = _notes(session).select_related("session_call", "criterion")
    return [one for one in found if one.session_call_id not in hidden]


def agreed(session: CalibrationSession, user: Viewer) -> list[CalibrationAgreed]:
    """What was agreed on of calls that are not hidden from the user; of a session that is still
    blind there is nothing. Two queries."""
    hidden = _hidden(_reviews(session, user))
    rows = CalibrationAgreed.objects.filter(session_call__session=session)
    found = rows.select_related("session_call", "criterion", "by")
    return [one for one in found if one.session_call_id not in hidden]


@dataclass(frozen=True, slots=True)
class _Told:
    """An open session as it is read for somebody: reviews, agreed answers and notes by call, people
    the expert first, and the scorecard's criteria by their keys."""

    session: CalibrationSession
    card: Card
    calls: Sequence[CalibrationCall]
    hidden: Collection[int]
    people: Sequence[User]
    criteria: Mapping[str, CardCriterion]
    reviews: Mapping[int, Sequence[Evaluation]]
    agreed: Mapping[int, Mapping[int, CalibrationAgreed]]
    notes: Mapping[int, Sequence[CalibrationNote]]


def _told(session: CalibrationSession, user: Viewer) -> _Told:
    """Seven queries for any number of calls."""
    if session.state == State.BLIND:
        raise ValueError("a blind session shows nothing")
    reviews = list(_reviews(session, user))
    done, hidden = [one for one in reviews if one.is_done], _hidden(reviews)
    prefetch_related_objects(done, _ANSWERS)
    people = [one.user for one in session.raters.select_related("user")]
    people.sort(key=lambda one: (one.pk != session.expert_id, one.username))
    agreed: dict[int, dict[int, CalibrationAgreed]] = defaultdict(dict)
    for one in CalibrationAgreed.objects.filter(session_call__session=session).select_related("by"):
        agreed[one.session_call_id][one.criterion_id] = one
    return _Told(
        session,
        cards.read(session.version.form),
        list(session.calls.order_by("pk")),
        hidden,
        people,
        {one.key: one for one in CardCriterion.objects.filter(card=session.version.card_id)},
        _by_call(one for one in done if one.session_call_id not in hidden),
        agreed,
        _by_call(_notes(session)),
    )


def _by_call(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for one in rows:
        found[one.session_call_id].append(one)
    return found


_ANSWERS = Prefetch("answers", Answer.objects.select_related("criterion").order_by("pk"))


def _reviews(session: CalibrationSession, user: Viewer) -> Any:
    """All of a session, whatever became of them, marked for the user."""
    rows = Evaluation.objects.filter(session_call__session=session)
    return rows.marked_for(user).order_by("pk")


def _hidden(reviews: Iterable[Any]) -> set[int]:
    """The calls of a session whose answers and notes are not for the user yet, whether or not
    anybody finished a review of them in it."""
    return {one.session_call_id for one in reviews if one.is_hidden}


def _notes(session: CalibrationSession) -> Any:
    rows = CalibrationNote.objects.filter(session_call__session=session)
    return rows.select_related("by").order_by("at", "pk")


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


def _glance(told: _Told, place: int, call: CalibrationCall) -> Glance:
    reviews = told.reviews.get(call.pk, ())
    values = _values(told.card, reviews)
    sets = [{said[key] for said in values.values() if key in said} for key in _keys(told.card)]
    shares = [one.share for one in reviews if one.share is not None]
    return Glance(
        place,
        call,
        len(reviews),
        sum(len(one) == 1 for one in sets),
        sum(len(one) > 1 for one in sets),
        min(shares, default=None),
        max(shares, default=None),
        call.pk in told.hidden,
    )


def _spread(told: _Told, number: int) -> Spread:
    call = told.calls[number - 1]
    reviews = told.reviews.get(call.pk, ())
    values = _values(told.card, reviews)
    kept = {
        (one.reviewer_id, each.criterion.key): each for one in reviews for each in one.answers.all()
    }
    notes: dict[int | None, list[CalibrationNote]] = defaultdict(list)
    for note in told.notes.get(call.pk, ()):
        notes[note.criterion_id].append(note)

    def row(asked: Criterion) -> Row:
        given = {pk: of[asked.id] for pk, of in values.items() if asked.id in of}
        answered = {one.pk: kept.get((one.pk, asked.id)) for one in told.people}
        pk = told.criteria[asked.id].pk
        return _row(told, asked, given, answered, told.agreed.get(call.pk, {}).get(pk), notes[pk])

    groups = [
        Group(told.card.sections[section.id], [row(one) for one in section.criteria])
        for section in told.card.form.sections
    ]
    return Spread(call, number, _scores(told, reviews), groups, notes[None])


def _row(
    told: _Told,
    asked: Criterion,
    given: Mapping[int, Value],
    answered: Mapping[int, Answer | None],
    agreed: CalibrationAgreed | None,
    noted: Sequence[CalibrationNote],
) -> Row:
    card, is_text = told.card, asked.kind == Kind.TEXT
    apart = set() if is_text else _apart(given)
    return Row(
        told.criteria[asked.id],
        card.name(asked.id),
        card.criteria[asked.id].why,
        [
            _said(told, asked, one, answered.get(one.pk), one.pk in given, one.pk in apart)
            for one in told.people
        ],
        1 if is_text else len(set(given.values())),
        agreed,
        "" if agreed is None else words.answer(card, asked, agreed.value, skipped=agreed.skipped),
        noted,
        answering.choices(card, asked),
        is_text,
    )


def _apart(given: Mapping[int, Value]) -> set[int]:
    """Who said something else than most. Where none is the usual answer, all stand apart."""
    many = Counter(given.values())
    most = max(many.values(), default=0)
    usual = {value for value, times in many.items() if times == most}
    if len(many) < 2:
        return set()
    return {pk for pk, value in given.items() if value not in usual or len(usual) > 1}


def _said(
    told: _Told, asked: Criterion, rater: User, answer: Answer | None, is_said: bool, is_apart: bool
) -> Said:
    shown_as = DASH
    if answer is not None and is_said:
        shown_as = words.answer(told.card, asked, answer.value, skipped=answer.skipped)
    comment = "" if answer is None else answer.comment
    return Said(rater, rater.pk == told.session.expert_id, shown_as, comment, is_said, is_apart)


def _scores(
    told: _Told, reviews: Sequence[Evaluation]
) -> list[tuple[User, bool, Decimal | None, bool]]:
    """Of each who scores whether they are the expert, their score, and whether the call fails."""
    by_person = {one.reviewer_id: one for one in reviews}
    found = []
    for person in told.people:
        one = by_person.get(person.pk)
        is_expert = person.pk == told.session.expert_id
        share = None if one is None else one.share
        found.append((person, is_expert, share, one is not None and bool(one.is_failed)))
    return found


def sees_agreement(user: Viewer) -> bool:
    """Whether there are sites all of whose reviews the user sees: agreement is of those."""
    scope = scope_of(user)
    return scope.everything or bool(reviewed_sites(scope))
