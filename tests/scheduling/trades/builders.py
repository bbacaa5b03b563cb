"""A published week in which shifts are traded."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from ccm.models import Agent, Queue, Site
from scheduling.models import KeptRoster, KeptShift, SiteRules, Trade
from scheduling.rosters import given
from scheduling.terms.skills import of_queue
from scheduling.trades import services
from tests.builders import a_queue, a_user, an_agent
from tests.scheduling.kept.builders import DAY, MONDAY, NOW, a_roster, a_shift, published
from tests.scheduling.terms.builders import a_contract, a_template, skilled, with_contract

HOUR = timedelta(hours=1)


class Centre:
    """A site with a queue that asks for one position from nine to five on each day of a week, a
    kind of shift that is of these hours, and people who take the queue and rest eleven hours."""

    def __init__(self, site: Site, required: float = 1.0, **rules: Any) -> None:
        self.site, self.queue = site, a_queue(site)
        self.day = a_template(site, "Day", first_start=540, last_start=540, lengths=[480])
        self.late = a_template(site, "Late", first_start=960, last_start=960, lengths=[480])
        self.contract = a_contract(site)
        hours = [required if 9 <= slot % 24 < 17 else 0.0 for slot in range(7 * 24)]
        asked = {
            "slot_minutes": 60, "slots": len(hours), "skills": [of_queue(self.queue.pk)],
            "required": [hours], "left_out": [],
        }  # fmt: skip
        self.roster: KeptRoster = published(a_roster(site, asked=asked, asked_at=NOW))
        said = {"trades_by_supervisor": False} | rules
        SiteRules.objects.create(site=site, **said)

    def person(self, name: str, *, takes: Queue | None = None) -> Agent:
        agent = an_agent(self.site, name, user=a_user("agent", name=name.lower()))
        with_contract(agent, self.contract)
        skilled(agent, takes or self.queue)
        return agent

    def gives(self, agent: Agent, n: int = 0, template: Any = None, **more: Any) -> KeptShift:
        """Somebody a shift of nine to five, or a late one of four to midnight, on the n-th day."""
        template = template or self.day
        day = MONDAY + n * DAY
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        begins = start + timedelta(minutes=template.first_start)
        said = {
            "shape": f"{template.pk}-{template.first_start}-480", "template": template,
            "begins_at": begins, "ends_at": begins + 8 * HOUR,
        } | more  # fmt: skip
        return a_shift(self.roster, agent, day, **said)

    def offer(self, shift: KeptShift, kind: str = "cover", **more: Any) -> Trade:
        return services.offer(shift, kind, shift.agent.user, NOW, **more)

    def open(self, n: int = 0, template: Any = None) -> Trade:
        template = template or self.day
        day = MONDAY + n * DAY
        begins = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(
            minutes=template.first_start
        )
        said = given.Given(
            f"{template.pk}-{template.first_start}-480", template.pk, begins, begins + 8 * HOUR,
            480, False, [(begins, begins + 8 * HOUR)],
        )  # fmt: skip
        [trade] = services.post(self.roster, day, said, 1, a_user("planner", self.site), NOW)
        return trade

    def who_works(self) -> dict[tuple[str, int], str]:
        """{(name, n-th day): when it begins}."""
        return {
            (one.agent.name, (one.day - MONDAY).days): f"{one.begins_at:%H:%M}"
            for one in self.roster.shifts.select_related("agent")
        }


def a_trade(agent: Agent) -> Trade:
    """Somebody's shift of tomorrow week, which they offer to anybody."""
    day = timezone.now().date() + 8 * DAY
    roster = KeptRoster.objects.filter(
        site=agent.site, first_day=day, state=KeptRoster.State.PUBLISHED
    ).first()
    roster = roster or published(a_roster(agent.site, first_day=day))
    there = roster.shifts.filter(agent=agent).first()
    shift = there or a_shift(roster, agent, day)
    offered = Trade.objects.filter(roster=roster, giver=agent, state=Trade.State.OFFERED).first()
    return offered or services.offer(shift, "cover", agent.user, timezone.now())


def an_open_shift(site: Site) -> Trade:
    """An open shift of tomorrow week."""
    day = timezone.now().date() + 8 * DAY
    roster = published(a_roster(site, first_day=day))
    begins = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    said = given.Given("0-540-480", None, begins, begins + 8 * HOUR, 480, False,
                       [(begins, begins + 8 * HOUR)])  # fmt: skip
    [trade] = services.post(roster, day, said, 1, a_user("planner", site), timezone.now())
    return trade
