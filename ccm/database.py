"""Is the database one that the code can work with, and does it hold today's tables?"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

from django.core.management import call_command
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm import roles
from ccm.stack import processes

P = ParamSpec("P")
R = TypeVar("R")

MIN_VERSION = 18
# Any number will do, so long as nothing else in this database locks the same one.
MIGRATION_LOCK = 0x63636D00
# A table that is there while a copy is being restored, and stays where that was cut off.
UNFINISHED = "ccm_restore_unfinished"
# The largest id that a row can have; what is asked for beyond it is a fault of the database.
MOST_ID = (1 << 63) - 1
_MOST_DIGITS = len(str(MOST_ID))

# Before a statement that joins calls in many ways: of what comes out of several conditions the
# planner expects one row, and would look through all rings or notes once for each of thousands. In
# a transaction it holds to its end, else for the statement that it stands before.
WITHOUT_LOOPS = "SET LOCAL enable_nestloop = off; "

# Ended because it took too long, or because somebody ended it.
_ENDED = "57014"
# Classes of errors: the connection broke, too few resources, an operator's word (but not that which
# ends a statement).
_AWAY = ("08", "53", "57P")
# How often a transaction is tried that the database ended to free others.
TRIES = 4
_TRY_AGAIN = {"40001", "40P01"}  # serialization failure, deadlock


def id_of(word: str) -> int | None:
    """The id that an address or a form says; None: none that a row could have. Digits without end
    are none, either: Python refuses to read them."""
    if not (word.isascii() and word.isdecimal() and len(word) <= _MOST_DIGITS):
        return None
    number = int(word)
    return number if number <= MOST_ID else None


class NotReady(Exception):
    """The database cannot be used as it is; the words are for whoever typed the command."""


def check_server() -> None:
    """Raise NotReady unless a PostgreSQL of at least MIN_VERSION answers."""
    try:
        connection.ensure_connection()
    except OperationalError as refused:
        reason = str(refused).strip()
        raise NotReady(_("The database does not answer: %(reason)s") % {"reason": reason}) from None
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        found = int(cursor.fetchone()[0]) // 10_000
    if found < MIN_VERSION:
        raise NotReady(
            _("The database is PostgreSQL %(found)s, and %(needed)s or newer is needed.")
            % {"found": found, "needed": MIN_VERSION}
        )


def hold(name: str) -> None:
    """Wait until nobody else holds what goes by this name, and hold it until the transaction ends.

    Only within a transaction: outside of one it is let go of at once.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


@contextmanager
def alone(name: str, wait: bool = False) -> Iterator[bool]:
    """Hold what goes by this name until the block ends, or say that somebody else does. With `wait`
    it is had for certain, once nobody else holds it. It goes with a process that dies."""
    lock = "hashtextextended(%s, 0)"
    with connection.cursor() as cursor:
        if wait:
            cursor.execute(f"SELECT pg_advisory_lock({lock})", [name])
        else:
            cursor.execute(f"SELECT pg_try_advisory_lock({lock})", [name])
            if not cursor.fetchone()[0]:
                yield False
                return
    try:
        yield True
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_unlock({lock})", [name])


@contextmanager
def without_loops() -> Iterator[None]:
    """As `WITHOUT_LOOPS`, for what is begun in the block: a cursor on the server takes no statement
    before its own."""
    with connection.cursor() as cursor:
        cursor.execute("SET enable_nestloop = off")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET enable_nestloop")


def limit_statements(seconds: int) -> None:
    """Have the database end every statement of this process that takes longer; 0: none.

    For processes that serve pages alone. It holds for connections that are made from now on.
    """

    def limit(connection: BaseDatabaseWrapper, **_more: Any) -> None:
        _allow(connection, f"{seconds}s")

    if seconds:
        connection_created.connect(limit, weak=False, dispatch_uid="ccm.limit_statements")


def go_after_others(niceness: int) -> None:
    """Have this process, and the database's sessions that serve it, give way to others that want
    the processor.

    Sessions that are not reached through a socket of this machine, and those that are not ours to
    slow, stay as they are. It holds for connections that are made from now on: a present one ends.
    """
    connection.close()
    processes.slow(os.getpid(), niceness)

    def slow(connection: BaseDatabaseWrapper, **_more: Any) -> None:
        session = connection.connection.info
        if _is_here(session.host, session.backend_pid):
            processes.slow(session.backend_pid, niceness)

    connection_created.connect(slow, weak=False, dispatch_uid="ccm.go_after_others")


def _is_here(host: str, pid: int) -> bool:
    """Whether a session is a process of this machine. Of one elsewhere the number may be that of
    any program here."""
    return host.startswith("/") and processes.command_of(pid).startswith("postgres: ")


@contextmanager
def allowed(seconds: int) -> Iterator[None]:
    """Other seconds for statements in the block, where they are limited at all."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        usual = cursor.fetchone()[0]
    if usual == "0":
        yield
        return
    _allow(connection, f"{seconds}s")
    try:
        yield
    finally:
        # One that broke is made anew, and limited then.
        if connection.connection is not None and connection.is_usable():
            _allow(connection, usual)


def _allow(connection: BaseDatabaseWrapper, length: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = %s", [length])


def was_ended(fault: BaseException) -> bool:
    """Whether the database ended a statement that took too long."""
    return isinstance(fault, OperationalError) and (
        getattr(fault.__cause__, "pgcode", None) == _ENDED
    )


def is_away(fault: BaseException | None) -> bool:
    """Whether there is no server, it is ending or beginning, or has no room: what is asked of it
    may be asked again."""
    # A server that is just going down leaves some statements with an error of no kind.
    if (
        not isinstance(fault, OperationalError | InterfaceError)
        and type(fault) is not DatabaseError
    ):
        return False
    code = getattr(fault.__cause__, "pgcode", None)
    return code is None or code.startswith(_AWAY)


@contextmanager
def migrating() -> Iterator[None]:
    """Alone with the tables: two commands that start at once migrate one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
    try:
        yield
    finally:
        if connection.connection is not None:  # else the lock went with the session
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])


def make_ready(*, ours: bool) -> None:
    """Bring the tables up to date where that is safe to do unasked.

    It is for embedded servers (`ours`) and for an empty database. Raises NotReady for any other
    whose tables are behind: when to change a shared database is its keeper's choice; and for one
    that stands where no migration begins.
    """
    check_server()
    check_whole()
    check_history()
    if not pending():
        return
    with migrating():
        behind = pending()
        if behind and not ours and MigrationRecorder(connection).has_table():
            raise NotReady(
                ngettext(
                    "The database is %(count)d migration behind: run `callcenter migrate`.",
                    "The database is %(count)d migrations behind: run `callcenter migrate`.",
                    behind,
                )
                % {"count": behind}
            )
        if not _may_make_tables():
            raise NotReady(
                _(
                    "The database is empty, and the role of DATABASE_URL may make no tables: run"
                    " `callcenter migrate` as its owner."
                )
            )
        call_command("migrate", interactive=False, verbosity=0)
        roles.grant()


def _may_make_tables() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_schema_privilege(current_schema(), 'CREATE')")
        return bool(cursor.fetchone()[0])


def is_unfinished() -> bool:
    """Whether a restore into this database is going on, or was cut off."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [UNFINISHED])
        return bool(cursor.fetchone()[0])


def check_whole() -> None:
    """Raise NotReady where only a part of a copy was restored."""
    if is_unfinished():
        raise NotReady(
            _(
                "A copy is being restored into this database, or that was cut off: run"
                " `callcenter restore` again."
            )
        )


def check_history() -> None:
    """Raise NotReady where the database has had some of what one migration replaces, and not all.

    The steps from there are no longer part of the program. Django would take such an app for one
    that has no migrations, and say that there is nothing to do.
    """
    loader = MigrationLoader(connection)
    for migration in loader.replacements.values():
        had = sum(one in loader.applied_migrations for one in migration.replaces)
        if 0 < had < len(migration.replaces):
            raise NotReady(
                _(
                    "The database was made by an older version, and the steps from there are no"
                    " longer part of this one: see Upgrade in docs/operating.md."
                )
            )


def pending() -> int:
    """Number of migrations that the database has not had."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def retried(work: Callable[P, R], *args: P.args, **more: P.kwargs) -> R:
    """Do a transaction, again where the database ended it for a deadlock. Not inside another."""
    for _try in range(TRIES - 1):
        try:
            return work(*args, **more)
        except OperationalError as ended:
            if getattr(ended.__cause__, "pgcode", None) not in _TRY_AGAIN:
                raise
    return work(*args, **more)
