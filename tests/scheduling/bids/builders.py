"""Rounds of bids that tests begin with."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import timezone

from ccm.models import Agent, Site
from scheduling.bids import services
from scheduling.models import BidRound, KeptRoster, KeptShift, ShiftTemplate
from tests.builders import a_user, an_agent
from tests.scheduling.kept.builders import MONDAY, NOW, a_roster, a_shift, published
from tests.scheduling.terms.builders import a_template

CLOSES = NOW + timedelta(days=2)
AFTER = CLOSES + timedelta(minutes=1)


def a_day(site: Site) -> ShiftTemplate:
    """Eight hours from six, nine or two o'clock on."""
    there = ShiftTemplate.objects.filter(site=site, name="Day").first()
    put = {"first_start": 360, "last_start": 840, "step_minutes": 60, "lengths": [480]}
    return there or a_template(site, "Day", **put)


def at(
    roster: KeptRoster, agent: Agent, template: ShiftTemplate, hour: int, *days: int, **more: Any
) -> list[KeptShift]:
    """Shifts of eight hours from an hour, UTC, on some days of the roster."""
    made = []
    for number in days or (0,):
        day = MONDAY + timedelta(days=number)
        begins = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=hour)
        made.append(
            a_shift(
                roster, agent, day, template=template, shape=f"{template.pk}-{hour * 60}-480",
                begins_at=begins, ends_at=begins + timedelta(hours=8), **more,
            )
        )  # fmt: skip
    return made


def three(site: Site) -> tuple[KeptRoster, list[Agent]]:
    """A draft in which Ann begins on Monday at six, Bob at nine and Cid at two; Ann was hired
    first, and Cid last."""
    roster, day = a_roster(site), a_day(site)
    agents = []
    for year, (name, hour) in enumerate({"Ann": 6, "Bob": 9, "Cid": 14}.items(), 2020):
        agent = an_agent(site, name)
        agent.hired_on = date(year, 1, 1)
        agent.save()
        at(roster, agent, day, hour)
        agents.append(agent)
    return roster, agents


def weekends_borne(site: Site, agents: list[Agent]) -> KeptRoster:
    """Of the weekend of 7 March, before `NOW`: nobody wished for it, Bob had its Saturday and
    Cid both its days. Of three people each would bear one of the three shifts: Cid bore 1 more,
    Ann 1 less. Of five the fair share is 0.6."""
    _ann, bob, cid = agents
    before, day = a_roster(site, first_day=MONDAY - timedelta(days=14)), a_day(site)
    for agent, number in ((bob, -9), (cid, -9), (cid, -8)):
        at(before, agent, day, 9, number)
    return published(before)


def a_round(roster: KeptRoster, **more: Any) -> BidRound:
    """One by seniority that closes in two days."""
    said = {"criteria": ["seniority"], "closes_at": CLOSES} | more
    held = BidRound(roster=roster, **said)
    services.begin(held, a_user("planner", roster.site), NOW)
    return held


def line_of(held: BidRound, holder: Agent) -> int:
    return held.lines.get(holder=holder).number


def chosen(held: BidRound, agent: Agent, *holders: Agent, now: datetime = NOW) -> None:
    """Somebody ranks the lines that the roster had given these."""
    bid = held.bids.get(agent=agent)
    ranked = [line_of(held, one) for one in holders]
    services.rank(bid, ranked, a_user("agent"), now, seen=bid.changes)


def an_open_round(site: Site, agent: Agent) -> BidRound:
    """One of somebody and another one on a draft of next week, open by the clock of the test."""
    there = BidRound.objects.filter(roster__site=site, bids__agent=agent).first()
    if there is not None:
        return there
    now = timezone.now()
    first = now.date() + timedelta(days=7)
    roster, day = a_roster(site, first_day=first, made_at=now), a_day(site)
    other = Agent.objects.create(site=site, name="Another")
    for who, hour in ((agent, 6), (other, 14)):
        begins = datetime.combine(first, datetime.min.time(), site.tz) + timedelta(hours=hour)
        a_shift(
            roster, who, first, template=day, shape=f"{day.pk}-{hour * 60}-480", begins_at=begins,
            ends_at=begins + timedelta(hours=8),
        )  # fmt: skip
    held = BidRound(roster=roster, criteria=["seniority"], closes_at=now + timedelta(days=2))
    services.begin(held, a_user("planner", site), now)
    return held
