"""States of agents: one list of them, for every door and in the database."""

import importlib

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from ccm.imports.mapping.targets import LEFT_OUT, TARGETS, WORDS_OF_STATES, Rows
from ccm.live import events
from ccm.models import AgentState, ImportBatch, ImportChange, Job
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


@pytest.mark.django_db
def test_words_of_before_become_one_of_the_list_and_lose_nothing():
    ann = an_agent(a_site(), "Ann")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ccm_agentstate DROP CONSTRAINT state_is_known")
    for state, reason in (("talk", "inbound"), ("smoking", "roof"), ("paused", "Lunch")):
        AgentState.objects.create(
            agent=ann, source="s", agent_name="Ann", state=state, reason=reason, starts_at=NINE
        )
    job = Job.objects.create(kind="import")
    batch = ImportBatch.objects.create(site=ann.site, source="s", job=job)
    ImportChange.objects.create(
        batch=batch, relation="ccm_agentstate", row="1", before={"state": "smoking", "reason": ""}
    )
    migration = importlib.import_module("ccm.migrations.0017_states_of_agents")
    with connection.schema_editor() as editor:
        migration.use_one_set(apps, editor)
    told = AgentState.objects.order_by("pk").values_list("state", "reason")
    assert list(told) == [
        ("on_call", "inbound"), ("other", "smoking: roof"), ("paused", "Lunch"),
    ]  # fmt: skip
    assert ImportChange.objects.get().before == {"state": "other", "reason": "smoking"}
