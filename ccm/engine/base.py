"""Connections that tell of their transactions: before one commits and once it has, and what of it
is taken back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.backends.postgresql import base


def _nobody(*_said: str) -> None:
    """Nobody wants to know."""


@dataclass
class _Listener:
    """Who is told, in the thread whose transaction it is. `commits` may still write."""

    commits: Callable[[], None] = _nobody
    committed: Callable[[], None] = _nobody
    rolled_back: Callable[[], None] = _nobody
    saved: Callable[[str], None] = _nobody
    rolled_back_to: Callable[[str], None] = _nobody


listener = _Listener()


# What a transaction goes through in the parent has no place in the stubs.
_Parent: Any = base.DatabaseWrapper


class DatabaseWrapper(_Parent):
    """As its parent; who listens hears of the default database alone."""

    def _commit(self) -> None:
        if self.alias == DEFAULT_DB_ALIAS and self.connection is not None:
            listener.commits()
        super()._commit()
        if self.alias == DEFAULT_DB_ALIAS and self.connection is not None:
            listener.committed()

    def _rollback(self) -> None:
        super()._rollback()
        if self.alias == DEFAULT_DB_ALIAS:
            listener.rolled_back()

    def _close(self) -> None:
        super()._close()
        if self.alias == DEFAULT_DB_ALIAS:
            listener.rolled_back()

    def _savepoint(self, sid: str) -> None:
        super()._savepoint(sid)
        if self.alias == DEFAULT_DB_ALIAS:
            listener.saved(sid)

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)
        if self.alias == DEFAULT_DB_ALIAS:
            listener.rolled_back_to(sid)
