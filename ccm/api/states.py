"""`POST /api/v1/agent-states/`: spells of agents in states, from a workforce system or a switch."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view

from ccm.api import posts
from ccm.api.fields import Member, Moment, Row, Text, object_schema
from ccm.imports.records import STATES, Chunk, extra_json
from ccm.imports.storing.target import Target
from ccm.live.events import Fault
from ccm.models import AgentState

STATE: dict[str, Member] = {
    "agent": Text(160, "The agent's name as the source writes it. Unknown names are made."),
    "state": Text(
        20,
        "What the agent was. logged_in is a session, and the others lie over it. A state that is "
        "none of these is other, with its name as the reason.",
        tuple(AgentState.State.values),
    ),
    "reason": Text(80, "Why, as lunch of a pause."),
    "starts_at": Moment("When it began; this or ends_at is needed."),
    "ends_at": Moment("When it ended; left out while it lasts."),
}
_KNOWN = frozenset({*STATE, *posts.PLACE})
_STATE_SCHEMA = object_schema(STATE, "agent", "state")


@extend_schema_view(
    post=extend_schema(
        operation_id="post_agent_states",
        summary="Post agents' states",
        description=(
            "One spell, or up to 10,000 in the member agent_states. A spell is known again by "
            "source, agent, state and start. One may come in halves, its start now and its end "
            "later, in either order: they become one."
        ),
        parameters=[posts.KEY_PARAMETER],
        request={"application/json": posts.one_or_many("agent_states", _STATE_SCHEMA)},
        responses={200: posts.RESULTS_SCHEMA, **posts.PROBLEMS},
    )
)
class AgentStatesView(posts.RecordsView):
    """Takes one spell or a list."""

    member = "agent_states"

    def reader(self, target: Target) -> posts.Reader:
        return read

    def chunk_of(self, good: dict[int, Any]) -> Chunk:
        return Chunk(position=len(good), read=len(good), states=posts.lined(good, STATES))


def read(said: object, now: datetime, at: str) -> dict[str, Any] | list[Fault]:
    """One posted spell as a row of STATES, or all that is wrong with it."""
    row = Row(said, STATE, now, at)
    row.needs("agent", "state")
    starts_at, ends_at = row["starts_at"], row["ends_at"]
    if row.is_object and not row.says("starts_at", "ends_at"):
        row.wrong("starts_at", _("This or ends_at is needed."))
    elif None not in (starts_at, ends_at) and ends_at < starts_at:
        row.wrong("ends_at", _("This is before starts_at."))
    extra = extra_json(**row.others(_KNOWN))
    return row.faults or {**row.values, "extra": extra}
