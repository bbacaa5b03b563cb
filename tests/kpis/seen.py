"""Spells of agents that pages show, and what a reader sees of a page."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

from django.utils import timezone

from ccm.models import Agent, AgentState

MINUTE = timedelta(minutes=1)


def spell(
    agent: Agent, state: str, minutes: float, ended: float | None = None, reason: str = ""
) -> None:
    """An agent's, begun and ended so many minutes ago; without an end it goes on."""
    now = timezone.now()
    AgentState.objects.create(
        agent=agent, source="test", agent_name=agent.name, state=state, reason=reason,
        starts_at=now - minutes * MINUTE, ends_at=None if ended is None else now - ended * MINUTE,
    )  # fmt: skip


def text(page: Any) -> str:
    """The words of an answer, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page.content.decode())).split())
