"""A centre whose figures follow a rule that a reader can work out."""

from datetime import UTC, date, datetime
from typing import Any

from ccm.models import Agent, Site, Team, TeamLead, TeamMembership, User
from coaching.models import Participant, Session
from kpis.models import DayStat, FillMark
from tests.builders import NINE, a_queue, a_site, a_user

CALLS = 100
AFTER = 26416
"""The period from 2 February 2026 to 1 March, the last that is over at NINE."""
COACHED = 26415


class Centre:
    """A site with one queue whose agents have 100 calls on the first day of each four weeks.

    Number i has 300 + 4 (i mod 7) seconds each in the earlier periods, 300 + 6 (i mod 5) in the
    trigger, 300 between, and after it 75 + half the trigger's and a quarter of the earlier ones,
    and what was done to them.
    """

    def __init__(self, agents: int = 34, trigger: int = COACHED - 1, site: Site | None = None):
        self.site = site or a_site()
        self.queue = a_queue(self.site)
        self.manager: User = a_user("manager", self.site)
        self.lead: User = a_user("supervisor")
        self.other: User = a_user("supervisor")
        self.trigger = trigger
        self.agents = Agent.objects.bulk_create(
            Agent(site=self.site, name=f"Agent {number:02}") for number in range(agents)
        )
        FillMark.objects.create(site=self.site, counted_at=NINE, newest_at=NINE, past_at=NINE)

    def works(self, *effects: float, wobble: float = 0.0) -> "Centre":
        """What was done to the first of them, in seconds; with `wobble` each is off by up to three
        times that."""
        rows = []
        for number, agent in enumerate(self.agents):
            earlier, trigger = 300 + 4 * (number % 7), 300 + 6 * (number % 5)
            after = 75 + trigger / 2 + earlier / 4
            after += effects[number] if number < len(effects) else 0
            after += wobble * (number * 11 % 7 - 3)
            means = dict.fromkeys(range(self.trigger - 3, self.trigger), earlier)
            means |= {self.trigger: trigger, AFTER: after}
            means |= dict.fromkeys(range(self.trigger + 1, AFTER), 300)
            rows += [self._row(period, mean, agent=agent) for period, mean in means.items()]
        first = min(one.day for one in rows)
        rows.append(self._row(self.trigger - 3, 300, day=first, unit="c", queue=None))
        DayStat.objects.bulk_create(rows)
        return self

    def team(self, lead: User, agents: list[Agent]) -> Team:
        team: Team = Team.objects.create(site=self.site, name=f"Team of {lead}")
        TeamLead.objects.create(team=team, supervisor=lead, starts_on=date(2000, 1, 1))
        TeamMembership.objects.bulk_create(
            TeamMembership(agent=one, team=team, starts_on=date(2000, 1, 1)) for one in agents
        )
        return team

    def held(self, coach: User, agents: list[Agent], **more: Any) -> Session:
        """A session on Monday 12 January 2026, which lies in the period of talks."""
        at = datetime(2026, 1, 12, 10, tzinfo=UTC)
        said = {"kind": "one_to_one", "state": "held", "starts_at": at, "held_at": at} | more
        session: Session = Session.objects.create(
            site=self.site, coach=coach, made_at=said["starts_at"], **said
        )
        Participant.objects.bulk_create(Participant(session=session, agent=one) for one in agents)
        return session

    def _row(self, period: int, mean: float, **more: Any) -> DayStat:
        known = {
            "site": self.site, "queue": self.queue, "channel": "voice", "direction": "inbound",
            "unit": "v", "day": date.fromordinal(period * 28 + 1), "offered": CALLS,
            "answered": CALLS, "handle_n": [0, CALLS, *[0] * 6],
            "handle_ms": [0, round(CALLS * mean * 1000), *[0] * 6],
            "hist_codes": "", "hist_counts": "",
        }  # fmt: skip
        return DayStat(**known | more)
