"""Teams with a rhythm for tests."""

from datetime import date, datetime, timedelta
from typing import Any

from ccm.models import Agent, Team
from coaching.models import Cadence, Participant, Session
from tests.builders import NINE
from tests.coaching.builders import Floor


def team_of(floor: Floor) -> Team:
    return Team.objects.get(memberships__agent=floor.agent)


def a_cadence(floor: Floor, days: int | None = 7, starts_on: date = date(2025, 1, 1)) -> Cadence:
    made: Cadence = Cadence.objects.create(
        team=team_of(floor), starts_on=starts_on, days=days, made_at=NINE
    )
    return made


def was_held(floor: Floor, at: datetime, agent: Agent | None = None, **more: Any) -> Session:
    """A one-to-one that was held, as rows alone."""
    said = {"kind": "one_to_one", "state": "held", "held_at": at + timedelta(hours=1)} | more
    made: Session = Session.objects.create(
        site=floor.site, coach=floor.lead, starts_at=at, made_at=at, **said
    )
    Participant.objects.create(session=made, agent=agent or floor.agent)
    return made
