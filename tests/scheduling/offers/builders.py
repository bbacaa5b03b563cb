"""A day of which overtime and time off are offered."""

from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from django.utils import timezone

from ccm.models import Agent, LiveSource, Queue, Site, User
from kpis import rollups
from scheduling.gaps import reads
from scheduling.gaps.reads import Running
from scheduling.intraday import reads as of_calls
from scheduling.models import ShiftOffer, ShiftOfferAnswer, SiteRules
from scheduling.offers import services
from tests.builders import a_queue, a_user, an_agent, many_calls, unsaved_call
from tests.scheduling.kept.builders import DAY, MONDAY, a_forecast, a_roster, a_shift, published
from tests.scheduling.terms.builders import a_contract, a_template, with_contract

HOUR = timedelta(hours=1)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 16, hour, minute, tzinfo=UTC)


NOW, FOUR, FIVE = at(10, 5), at(16), at(17)


class Centre:
    """Calls of 180 s, from nine to six: ten in each half hour are one erlang, of which three
    positions answer 92 % within 20 s, and two 70 %. Forty, from four to five, are four."""

    def __init__(self, site: Site, **rules: Any) -> None:
        self.site = site
        site.opening = {str(day): [["09:00", "18:00"]] for day in range(7)}
        site.save()
        SiteRules.objects.create(site=site, **{"trades_by_supervisor": False} | rules)
        self.queue: Queue = a_queue(site, "Sales")
        calls = {place: 40.0 if place in (32, 33) else 10.0 for place in range(18, 36)}
        a_forecast(self.queue, calls)
        self.day = a_template(site, "Day", first_start=540, last_start=540, lengths=[420])
        self.contract = a_contract(site)
        self.roster = published(a_roster(site))
        self.planner: User = a_user("planner", site, name="planner")
        many_calls([unsaved_call(self.queue, at(9), wait=5, talk=100)])
        LiveSource.objects.create(site=site, source="test", heard_at=NOW, newest_at=NOW)
        rollups.rebuild()

    def person(self, name: str, begins: int = 9, ends: int = 16, n: int = 0) -> Agent:
        """Somebody who works from an hour to another, on the n-th day."""
        agent = an_agent(self.site, name, user=a_user("agent", name=name.lower()))
        with_contract(agent, self.contract)
        self.gives(agent, begins, ends, n)
        return agent

    def gives(self, agent: Agent, begins: int, ends: int, n: int = 0, **more: Any) -> Any:
        minutes = (ends - begins) * 60
        said = {
            "shape": f"{self.day.pk}-{begins * 60}-{minutes}", "template": self.day,
            "begins_at": at(begins % 24) + begins // 24 * DAY + n * DAY,
            "worked_minutes": minutes,
        }  # fmt: skip
        said["ends_at"] = said["begins_at"] + (ends - begins) * HOUR
        return a_shift(self.roster, agent, MONDAY + n * DAY, **said | more)

    def running(self, now: datetime = NOW) -> Running:
        found = reads.running(self.queue, [self.queue], of_calls.reach(self.site, now))
        assert found is not None
        return found

    def offer(
        self,
        kind: str = "overtime",
        start: datetime = FOUR,
        end: datetime = FIVE,
        many: int = 1,
        now: datetime = NOW,
    ) -> ShiftOffer:
        with time_machine.travel(now, tick=False):
            return services.make(self.running(now), kind, start, end, many, 60, self.planner, now)

    def accept(self, offer: ShiftOffer, agent: Agent, now: datetime = NOW) -> ShiftOfferAnswer:
        answer = ShiftOfferAnswer.objects.get(offer=offer, agent=agent)
        return services.accept(answer, agent.user, now)

    def hours(self, agent: Agent) -> str:
        shift = self.roster.shifts.get(agent=agent, day=MONDAY)
        return f"{shift.begins_at:%H:%M}–{shift.ends_at:%H:%M}"


def offered_to(agent: Agent) -> ShiftOfferAnswer:
    """Overtime that is offered to somebody, and still can be answered."""
    now = timezone.now()
    there = ShiftOfferAnswer.objects.live(now).filter(agent=agent).first()
    if there is not None:
        return there
    queue = Queue.objects.filter(site=agent.site).order_by("pk").first()
    assert queue is not None
    roster = published(a_roster(agent.site, first_day=now.date(), days=1))
    offer = ShiftOffer.objects.create(
        site=agent.site, kind="overtime", day=now.date(), queues=[queue.pk], starts_at=now + HOUR,
        ends_at=now + 2 * HOUR, wanted=1, until=now + HOUR, asked_at=now,
    )  # fmt: skip
    shift = {"spells": [[now.isoformat(), (now + HOUR).isoformat()]], "worked_minutes": 60}
    return ShiftOfferAnswer.objects.create(
        offer=offer, agent=agent, roster=roster, day=now.date(), before=shift, after=shift,
        starts_at=now + HOUR, ends_at=now + 2 * HOUR, until=now + HOUR,
    )  # fmt: skip
