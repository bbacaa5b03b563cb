"""Short ways to say what happened, for tests of the live side."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from ccm.live.events import Event

NINE = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
_numbers = count()


def at(seconds: float) -> datetime:
    """`seconds` after nine o'clock."""
    return NINE + timedelta(seconds=seconds)


def call(what: str, seconds: float, **said: Any) -> Event:
    """An event of call "c1": `call("answered", 12, agent="Ann")`."""
    return Event(
        **{"id": f"e{next(_numbers)}", "call": "c1"} | said, kind=f"call.{what}", at=at(seconds)
    )


def agent(what: str, seconds: float, **said: Any) -> Event:
    """An event of agent "Ann": `agent("state", 60, state="paused")`."""
    return Event(
        **{"id": f"e{next(_numbers)}", "agent": "Ann"} | said, kind=f"agent.{what}", at=at(seconds)
    )


def posted(what: str, seconds: float, number: str = "1", **said: Any) -> dict[str, Any]:
    """The same as a source posts it: `posted("call.offered", 0, call="c1", queue="Sales")`."""
    return {"id": number, "kind": what, "at": at(seconds).isoformat()} | said
