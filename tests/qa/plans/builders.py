"""A small centre whose calls of a week are drawn."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from ccm.models import Agent, Call, Queue, Site, User
from qa.models import PlanReviewer
from qa.plans import drawing
from tests.builders import NINE, a_queue, a_site, a_team, a_user, an_agent, many_calls, unsaved_call
from tests.qa.builders import a_plan

MONDAY = date(2026, 3, 2)
# The plan's first week is over, and the record goes beyond it.
NEXT = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)


class Centre:
    """Agents of one team with so many calls each, a plan of five of each a week, two analysts."""

    def __init__(
        self, agents: int = 2, calls: int = 12, site: Site | None = None, **plan: Any
    ) -> None:
        self.site = site or a_site()
        self.queue = self.site.queues.filter(name="Technical").first() or a_queue(
            self.site, "Technical"
        )
        self.lead = a_user("supervisor", name="")
        self.agents = [an_agent(self.site) for _ in range(agents)]
        self.team = a_team(self.site, self.lead, *self.agents)
        self.calls = {
            one.pk: [
                unsaved_call(self.queue, NINE + timedelta(hours=n), agent=one, talk=60 + 30 * n)
                for n in range(calls)
            ]
            for one in self.agents
        }
        many_calls([call for theirs in self.calls.values() for call in theirs])
        self.analysts = [a_user("qa_analyst", self.site) for _ in range(2)]
        self.plan = a_plan(self.site, **{"several_share": 0, **plan})
        self.reviewed_by(*self.analysts)

    def reviewed_by(self, *users: User, capacity: int | None = None) -> None:
        self.plan.reviewers.all().delete()
        for one in users:
            PlanReviewer.objects.create(plan=self.plan, user=one, capacity=capacity)

    def draw(self, now: datetime = NEXT, who: User | None = None) -> Any:
        return drawing.make(self.plan, self.plan.starts_on, who, now).draw


def a_late_call(queue: Queue, agent: Agent | None = None, **more: Any) -> Call:
    """A call of the week after: the record goes beyond the plan's first one."""
    call = unsaved_call(queue, NEXT - timedelta(hours=1), agent=agent, **more)
    many_calls([call])
    return call
