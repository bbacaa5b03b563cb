"""Onboarding for tests."""

from typing import Any

from ccm.models import Agent, Site
from coaching.models import Newcomer, OnboardingPath, OnboardingStage
from tests.builders import NINE

# Shadowing, a role-play and then live calls: the first two are gates.
STAGES: tuple[dict[str, Any], ...] = (
    {"kind": "shadow", "title": "Sit in", "amount": 10, "unit": "calls", "signer": "supervisor"},
    {"kind": "roleplay", "title": "Role-play", "signer": "trainer"},
    {"kind": "live", "title": "First calls", "signer": "supervisor", "is_gate": False},
)


def a_path(site: Site, name: str = "Newcomers", stages: Any = STAGES) -> OnboardingPath:
    made: OnboardingPath = OnboardingPath.objects.create(site=site, name=name, made_at=NINE)
    for place, said in enumerate(stages, start=1):
        OnboardingStage.objects.create(path=made, place=place, **said)
    return made


def a_newcomer(agent: Agent, path: OnboardingPath | None = None, **more: Any) -> Newcomer:
    said = {"starts_on": NINE.date(), "made_at": NINE, **more}
    made: Newcomer = Newcomer.objects.create(
        agent=agent, path=path or a_path(agent.site, f"Path of {agent.pk}"), **said
    )
    return made
