"""What pages tell of offers of overtime and time off: one's own, and those of a day with what
became of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Prefetch, Q
from django.utils import timezone

from ccm.access import scope_of
from ccm.models import Agent, Queue, User
from scheduling.gaps.reads import Running
from scheduling.models import ShiftOffer, ShiftOfferAnswer
from scheduling.models.offers_querysets import LIVE
from scheduling.offers import words

MOST = 50
_Answer = ShiftOfferAnswer.State


@dataclass(frozen=True, slots=True)
class Mine:
    """An offer as the one reads it whom it is made to. `seconds` are left to answer it."""

    answer: ShiftOfferAnswer
    hours: str
    what: str
    state: str
    rule: str
    is_open: bool
    is_waiting: bool
    seconds: int


@dataclass(frozen=True, slots=True)
class Answered:
    """What somebody answered. `name` is empty where the reader may not know it; `may_decide`
    whether it waits for the reader."""

    answer: ShiftOfferAnswer
    name: str
    what: str
    state: str
    rule: str
    may_decide: bool


@dataclass(frozen=True, slots=True)
class Told:
    """An offer of a day: how many were asked, accepted, wait and declined, in words; `answers` are
    those that the reader may know."""

    offer: ShiftOffer
    is_live: bool
    state: str
    seconds: int
    said: str
    answers: Sequence[Answered]


def mine(agent: Agent, now: datetime) -> list[Mine]:
    """What was offered to somebody, the newest first; what can be answered before all else. One
    query."""
    rows = ShiftOfferAnswer.objects.filter(agent=agent)
    rows = rows.select_related("offer", "roster", "decided_by").order_by("-pk")[:MOST]
    zone = agent.site.calendar.zone
    found = []
    for one in rows:
        is_live = one.is_live(now)
        is_open = is_live and one.state == _Answer.OFFERED
        found.append(
            Mine(
                one,
                words.hours(one.starts_at, one.ends_at, one.day, zone),
                words.what(one, zone),
                words.state(one, now),
                _rule(one, now, {}, agent.pk),
                is_open,
                is_live and one.state == _Answer.WAITING,
                _seconds(one.until, now),
            )
        )
    return sorted(found, key=lambda one: not one.is_open)


def told(user: User, queue: Queue, day: date, now: datetime) -> list[Told]:
    """Offers of a day for a queue, the newest first. Three queries."""
    theirs = ShiftOfferAnswer.objects.select_related("agent", "roster", "decided_by")
    offers = list(
        ShiftOffer.objects.visible_to(user)
        .on(queue.site, day)
        .filter(queues__contains=[queue.pk])
        .select_related("asked_by")
        .prefetch_related(Prefetch("answers", theirs))[:MOST]
    )
    seen: set[int] = set()
    if offers:
        rows = ShiftOfferAnswer.objects.visible_to(user).filter(offer__in=offers)
        seen = {*rows.values_list("pk", flat=True)}
    return [_told(one, seen, queue, now) for one in offers]


@dataclass(frozen=True, slots=True)
class Open:
    """An offer that can still be accepted until a moment, for [start, end): how many of those that
    are `wanted` have accepted, or wait to be decided."""

    kind: str
    start: datetime
    end: datetime
    until: datetime
    wanted: int
    taken: int

    @property
    def words(self) -> str:
        return str(ShiftOffer.Kind(self.kind).label)

    @property
    def left(self) -> int:
        return max(0, self.wanted - self.taken)

    def is_for(self, kind: str, start: datetime, end: datetime) -> bool:
        return self.kind == kind and self.start < end and start < self.end


def open_now(running: Running, now: datetime) -> list[Open]:
    """Offers that are open to people of a pool, the soonest first; no query, as their shifts tell
    of them."""
    every: Sequence[Any] = running.shifts
    told = {
        one["offer"]: one
        for shift in every
        if shift.agent_id in running.pool.people
        for one in shift.said_offers
    }
    moment = datetime.fromisoformat
    found = [
        Open(
            one["kind"],
            moment(one["starts_at"]),
            moment(one["ends_at"]),
            moment(one["until"]),
            one["wanted"],
            one["taken"],
        )
        for one in told.values()
        if one["state"] == ShiftOffer.State.OPEN and moment(one["until"]) > now
    ]
    return sorted(found, key=lambda one: (one.start, one.until))


def ended(user: User, queue: Queue, day: date, now: datetime) -> list[tuple[ShiftOffer, str, str]]:
    """Offers of a day for a queue that are over, the newest first, whether anybody took them or
    not: each with its state and what was answered, in words. One query."""
    rows = ShiftOffer.objects.visible_to(user).on(queue.site, day)
    rows = rows.filter(queues__contains=[queue.pk]).select_related("asked_by")
    rows = rows.annotate(
        asked=Count("answers"),
        accepted=_many(_Answer.ACCEPTED),
        waiting=_many(_Answer.WAITING),
        declined=_many(_Answer.DECLINED),
    )
    return [
        (
            one,
            _state(one, now),
            words.answers(one, one.asked, one.accepted, one.waiting, one.declined),
        )
        for one in rows[:MOST]
        if not one.is_live(now)
    ]


def _many(*states: str) -> Count:
    return Count("answers", filter=Q(answers__state__in=states))


def _state(offer: ShiftOffer, now: datetime) -> str:
    """In a word; past its time it is over, whether or not it was marked so already."""
    is_over = offer.state == ShiftOffer.State.OPEN and not offer.is_live(now)
    return str(ShiftOffer.State.EXPIRED.label if is_over else offer.get_state_display())


def _told(offer: ShiftOffer, seen: set[int], queue: Queue, now: datetime) -> Told:
    answers: list[ShiftOfferAnswer] = list(offer.answers.all())
    many = Counter(one.state for one in answers)
    zone = queue.site.calendar.zone
    accepted, waiting = many[_Answer.ACCEPTED], many[_Answer.WAITING]
    return Told(
        offer,
        offer.is_live(now),
        _state(offer, now),
        _seconds(offer.until, now),
        words.answers(offer, len(answers), accepted, waiting, many[_Answer.DECLINED]),
        [
            Answered(
                one,
                one.agent.name,
                words.what(one, zone),
                words.state(one, now),
                _rule(one, now, {one.agent_id: one.agent.name}, None),
                one.state == _Answer.WAITING and one.is_live(now),
            )
            for one in answers
            if one.pk in seen
        ],
    )


def _rule(
    one: ShiftOfferAnswer, now: datetime, names: Mapping[int, str], reader: int | None
) -> str:
    if one.state in LIVE and not one.is_live(now):
        return words.rule(words.EXPIRED, {}, names, one.roster.first_day, reader)
    return words.became(one, names, reader)


def _seconds(until: datetime, now: datetime) -> int:
    return max(0, int((until - now).total_seconds()))


def facts() -> dict[str, Any]:
    """When each offer ends that waits for a reader's answer, to find with the user."""
    return {"offers_for_me": ArraySubquery(_for(OuterRef("pk")).values("until"))}


def count(user: User) -> int:
    """How many offers wait for the reader's answer; no query where `facts` came with them."""
    if scope_of(user).agent is None:
        return 0
    known: list[datetime] | None = getattr(user, "offers_for_me", None)
    if known is None:
        known = list(_for(user.pk).values_list("until", flat=True))
    now = timezone.now()
    return sum(one > now for one in known)


def _for(user: Any) -> Any:
    return ShiftOfferAnswer.objects.filter(state=_Answer.OFFERED, agent__user=user).order_by("pk")
