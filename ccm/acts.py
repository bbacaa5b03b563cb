"""No write of a signed-in person is without an entry in the audit log.

Services tell the log what they change, with what it was before. Where a form wrote something and
nobody told the log of it, an entry of its own (`AuditEntry.Action.DID`) is added in the same
transaction, just before it commits: which form it was, of what, and which kinds of rows it wrote;
no values. What a request writes once it has told, as a job that it queues, is part of what was
told. So what a new page forgets to tell is known to have been done, by whom and when.

What is nobody's (`ccm.unlogged`) is not looked at, and what somebody named here with a reason.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch, resolve
from django.urls.exceptions import Resolver404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ccm import unlogged
from ccm.audit import Names, Told, at_address, models_words
from ccm.engine.base import listener
from ccm.models import AuditEntry

MODEL = "ccm.act"
"""What entries of it are of: no model."""
ENTRIES = AuditEntry._meta.db_table
_SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
_LONGEST = 40
# What a statement writes to. Not: FOR UPDATE, and DO UPDATE SET of an upsert.
_WRITES = re.compile(
    r'(?:\bINSERT\s+INTO|(?<!\bFOR\s)(?<!\bKEY\s)(?<!\bDO\s)\bUPDATE(?:\s+ONLY)?|\bDELETE\s+FROM)'
    r'\s+"?([a-z_][a-z0-9_]*)"?',
    re.IGNORECASE,
)  # fmt: skip
# The parts of a route, each with its kind.
_PARTS = re.compile(r"<(\w+):(\w+)>")
_BEGINS = re.compile(r"\s*(?:INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)
# When somebody last signed in: that they do, `ccm.entry.noted` tells.
_SIGNED_IN = re.compile(r'UPDATE "ccm_user" SET "last_login" = %s WHERE')

# Tables whose rows tell nothing that somebody did.
_ASIDE = {
    # Who is signed in where, and who could not be.
    "django_session",
    "ccm_browsersession",
    "usersessions_usersession",
    "axes_accessattempt",
    "axes_accessattemptexpiration",
    "axes_accessfailurelog",
    "axes_accesslog",
    "ccm_viewing",  # the log is told of these each hour
    "ccm_listviewing",
    "ccm_viewingmark",
    "ccm_auditwaiting",
    "ccm_auditseal",
    "ccm_auditcheck",
    "ccm_dirtyday",  # what is to be counted anew
}
Words = str | Promise
_left_out: dict[str, Words] = {}


def leave_out(address: str, why: Words) -> None:
    """Have what an address writes, by its name, be told by nobody but whoever it is for; the reason
    is for docs and tests."""
    _left_out[address] = why


def left_out() -> Mapping[str, Words]:
    """Addresses that are looked away from, with the reasons."""
    return dict(_left_out)


@dataclass
class _Act:
    """What a request wrote since its last commit, in order; whether it told the log of anything.
    `marks` are how much that was at each savepoint."""

    request: HttpRequest
    address: str
    of: Mapping[str, str]
    written: list[str] = field(default_factory=list)
    has_told: bool = False
    marks: dict[str, int] = field(default_factory=dict)

    def owes(self) -> bool:
        """Whether there is something that the log is to be told of."""
        return bool(self.written) and not (self.has_told or ENTRIES in self.written)


_current: ContextVar[_Act | None] = ContextVar("ccm.acts", default=None)


def tables_of(statement: str) -> list[str]:
    """The tables that a statement in SQL writes to, as far as its words tell."""
    if not _BEGINS.match(statement) or _SIGNED_IN.match(statement):
        return []
    return _WRITES.findall(statement)


def watched(respond: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """See that the log is told of what a request writes."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method in _SAFE or unlogged.is_kept_out(request.path):
            return respond(request)
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return respond(request)
        address = match.url_name or ""
        if address in _left_out:
            return respond(request)
        with _watching(_Act(request, address, _said(match))):
            answer = respond(request)
            _settle()
        return answer

    return middleware


@contextmanager
def _watching(act: _Act) -> Iterator[None]:
    before = _current.set(act)
    try:
        with connection.execute_wrapper(_look):
            yield
    finally:
        _current.reset(before)


def _look(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
    """Note what a statement writes to. One outside of a transaction has one of its own, so that it
    is not there without its entry."""
    act = _current.get()
    written = tables_of(sql) if act is not None and isinstance(sql, str) else []
    written = [table for table in written if table not in _ASIDE]
    if act is None or not written:
        return execute(sql, params, many, context)
    around: AbstractContextManager[Any] = (
        transaction.atomic() if connection.get_autocommit() else nullcontext()
    )
    with around:
        answer = execute(sql, params, many, context)
        # Where there was nothing to write; of many statements, and of one with parts, it is not
        # known.
        if many or context["cursor"].rowcount != 0 or sql.lstrip()[:4].upper() == "WITH":
            act.written += written
    return answer


def _settle() -> None:
    """Add the entry that is owed, if one is. Before a commit; and when a request is answered, for
    whoever had a transaction around it."""
    act = _current.get()
    if act is None:
        return
    if act.owes():
        _tell(act)


def _committed() -> None:
    """What was written is there, and the entry of it: only now. A commit that fails takes both
    back, and what is done again owes an entry again."""
    if (act := _current.get()) is None:
        return
    act.has_told = act.has_told or ENTRIES in act.written
    act.written.clear()
    act.marks.clear()


def _forget() -> None:
    """What was written since the last commit was taken back."""
    if (act := _current.get()) is not None:
        act.written.clear()
        act.marks.clear()


def _mark(savepoint: str) -> None:
    if (act := _current.get()) is not None:
        act.marks[savepoint] = len(act.written)


def _back_to(savepoint: str) -> None:
    """What was written since the savepoint was taken back."""
    if (act := _current.get()) is not None and savepoint in act.marks:
        del act.written[act.marks[savepoint] :]


def listen() -> None:
    """Hear of transactions from the engine."""
    listener.commits, listener.committed, listener.rolled_back = _settle, _committed, _forget
    listener.saved, listener.rolled_back_to = _mark, _back_to


# By hand: in the middle of a commit models have no transaction to save in.
_ENTRY = """
INSERT INTO ccm_auditentry (at, who_id, action, model, object_id, after, names, why)
VALUES (%s, %s, %s, %s, %s, %s, '{}', '')
"""


def _tell(act: _Act) -> None:
    user = getattr(act.request, "user", None)
    if user is None or not user.is_authenticated:
        return
    kinds = _kinds()
    after = {"of": dict(act.of), "rows": sorted({kinds.get(one, one) for one in act.written})}
    with connection.cursor() as cursor:
        cursor.execute(
            _ENTRY,
            [
                timezone.now(), user.pk, str(AuditEntry.Action.DID), MODEL,
                act.address[:_LONGEST], json.dumps(after),
            ],
        )  # fmt: skip


def _said(match: ResolverMatch) -> dict[str, str]:
    """What an address is of: ids and short names. Any other words in it may be a secret."""
    plain = {name for kind, name in _PARTS.findall(match.route) if kind in ("int", "uuid", "slug")}
    return {name: str(value) for name, value in match.kwargs.items() if name in plain}


def _kinds() -> dict[str, str]:
    return {
        model._meta.db_table: model._meta.label_lower
        for model in apps.get_models(include_auto_created=True)
    }


def tell(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """Each by the kinds of rows that were written, as people call them, and the form's name."""
    return {
        one.pk: Told(at_address(_kinds_told((one.after or {}).get("rows", [])), one.object_id))
        for one in entries
    }


def write(_values: Mapping[str, Any], name: str, value: object) -> tuple[str, str] | None:
    """What an act is of, by the parts of its address; and the rows that it wrote."""
    if name == "rows":
        return _("Wrote"), _kinds_told(value) if isinstance(value, list) else ""
    return name, str(value)


def _kinds_told(kinds: Sequence[str]) -> str:
    return ", ".join(models_words(kind) for kind in kinds)
