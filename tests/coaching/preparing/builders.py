"""A desk where much has happened since the last session, for preparations of the next."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from ccm.models import Agent, Call, Queue, SurveyResponse, TeamMembership
from coaching.models import Session
from kpis.rollups import rebuild
from scheduling.models import AdherenceDay
from tests.builders import a_queue, an_agent, many_calls, unsaved_call
from tests.coaching.builders import Floor

# The last session was on Monday 2 February; the record ends on Friday 27 February.
LAST_TALK = datetime(2026, 2, 2, 9, tzinfo=UTC)
SINCE = date(2026, 2, 2)


def weekdays(first: date, many: int = 28) -> Iterator[date]:
    """Those of so many days: 20 of 28."""
    for n in range(many):
        day = first + timedelta(days=n)
        if day.weekday() < 5:
            yield day


class Desk(Floor):
    """A floor whose agent took six calls on each weekday of eight weeks, two of them answered in a
    survey: in the first four of 40 answers 20 are good, in the last four 38; talks took four
    minutes, then five. Four of a team take calls beside them. The schedule was kept for 80 % of the
    time, then for 95 %. `since` is the day of the last session."""

    def __init__(self, mates: int = 4, since: date = SINCE) -> None:
        super().__init__()
        self.since, before = since, since - timedelta(days=28)
        self.queue: Queue = a_queue(self.site, "Billing")
        team = TeamMembership.objects.get(agent=self.agent).team
        self.mates = [an_agent(self.site, f"Mate {n}") for n in range(mates)]
        for one in self.mates:
            TeamMembership.objects.create(team=team, agent=one, starts_on=before)
        TeamMembership.objects.update(starts_on=before)
        talk = datetime(since.year, since.month, since.day, 9, tzinfo=UTC)
        self.last: Session = self.held(starts_at=talk)
        Session.objects.filter(pk=self.last.pk).update(held_at=talk)
        self.calls: list[Call] = []
        self.answers: list[SurveyResponse] = []
        for n, day in enumerate(weekdays(before)):
            self.work(day, 240 + n % 5, [5, 5] if n % 2 else [3, 3])
        for n, day in enumerate(weekdays(since)):
            self.work(day, 300 + n % 5, [1, 2] if n == 9 else [5, 5])
        many_calls(self.calls)
        SurveyResponse.objects.bulk_create(self.answers)
        self.keep_schedule()
        rebuild()

    def work(self, day: date, talk: int, scores: list[int]) -> None:
        at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        for n in range(6):
            call = self.take(self.agent, at + timedelta(minutes=10 * n), talk=talk + n)
            if n < len(scores):
                self.answers.append(an_answer(call, scores[n]))
        for n, mate in enumerate(self.mates):
            for again in range(2):
                self.take(mate, at + timedelta(minutes=7 * n + 60 * again), talk=240 + day.day)

    def take(self, agent: Agent, at: datetime, **more: Any) -> Call:
        transferred = agent == self.agent and at.date() == self.since + timedelta(days=2)
        call = unsaved_call(
            self.queue, at, agent=agent, transfer_kind="blind" if transferred else "", **more
        )
        self.calls.append(call)
        return call

    def keep_schedule(self) -> None:
        for first, share in ((self.since - timedelta(days=28), 0.8), (self.since, 0.95)):
            for n, day in enumerate(weekdays(first)):
                kept = round(28_800 * share) + 600 * (n % 3 - 1)
                AdherenceDay.objects.create(
                    site=self.site, agent=self.agent, day=day, is_told=True, scheduled=28_800,
                    adherent=kept, missed=28_800 - kept, before_scheduled=28_800,
                    before_adherent=kept, before_missed=28_800 - kept, shifts=1, late=n == 3,
                )  # fmt: skip


def an_answer(call: Call, score: int, comment: str = "") -> SurveyResponse:
    return SurveyResponse(
        id=uuid4(), source="test", call=call, site=call.site, queue=call.queue, agent=call.agent,
        kind="csat", scale_min=1, scale_max=5, score=score,
        comment=comment or ("Cut off twice" if score == 1 else ""),
        answered_at=call.offered_at + timedelta(minutes=30),
    )  # fmt: skip
