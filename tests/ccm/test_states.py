"""States of agents: one list of them, for every door and in the database."""

import pytest
from django.db import IntegrityError, transaction

from ccm.imports.mapping.targets import LEFT_OUT, TARGETS, WORDS_OF_STATES, Rows
from ccm.live import events
from ccm.models import AgentState
from tests.builders import NINE, a_site, an_agent

STATES = set(AgentState.State.values)


def test_every_door_knows_the_same_states():
    assert set(TARGETS[Rows.STATES]["state"].choices) == STATES | {LEFT_OUT}
    assert set(WORDS_OF_STATES) <= STATES | {LEFT_OUT}
    assert set(events.STATES) <= STATES


@pytest.mark.django_db
def test_the_database_keeps_no_other_state():
    with pytest.raises(IntegrityError, match="state_is_known"), transaction.atomic():
        AgentState.objects.create(agent=an_agent(a_site()), state="talk", starts_at=NINE)
