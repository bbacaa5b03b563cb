"""Coaching for tests."""

from datetime import timedelta
from typing import Any

from ccm.models import Agent, Site, User
from coaching.following import services as following
from coaching.following.services import Step
from coaching.holding import services
from coaching.holding.services import Asked
from coaching.models import Action, Session
from tests.builders import NINE, a_queue, a_user
from tests.qa.builders import a_reviewed_agent


class Floor:
    """A site with an agent who signs in, who leads them, and a manager."""

    def __init__(self, site: Site | None = None) -> None:
        self.site = site or a_queue().site
        self.lead: User = a_user("supervisor")
        self.agent: Agent = a_reviewed_agent(self.site, self.lead)
        self.manager: User = a_user("manager", self.site)

    @property
    def me(self) -> User:
        assert self.agent.user is not None
        return self.agent.user

    def session(self, coach: User | None = None, **more: Any) -> Session:
        """A planned one-to-one, of two hours from nine on."""
        said = {"kind": "one_to_one", "agents": (self.agent,), "about": "March"} | more
        asked = Asked(
            site=self.site, coach=coach or self.lead,
            starts_at=said.pop("starts_at", NINE + timedelta(hours=2)), **said,
        )  # fmt: skip
        return services.plan(asked, asked.coach, NINE)

    def held(self, notes: str = "Greets by name now.", **more: Any) -> Session:
        made = self.session(**more)
        return services.hold(made, notes, made.revision, self.lead, NINE)

    def step(self, words: str = "Asks before a remedy", **more: Any) -> Action:
        step = Step(self.agent, words, (NINE + timedelta(days=14)).date(), **more)
        return following.agree(step, None, self.lead, NINE)
