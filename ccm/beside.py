"""What the source of a call told that has no place of its own (`Call.extra`), as people see it."""

from typing import Any

from ccm.models import Call

# The bookkeeping of legs, and agents of other teams whom the reader may not know.
_NOT_SHOWN = {"legs", "named_agent"}


def told_beside(call: Call) -> dict[str, Any]:
    """By its name at the source."""
    return {name: value for name, value in (call.extra or {}).items() if name not in _NOT_SHOWN}
