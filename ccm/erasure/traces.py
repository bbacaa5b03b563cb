"""What becomes of rows about a customer's calls when the customer is erased: removed, or emptied of
these columns. `ccm` says it of the record; apps above add their own tables.

Whatever is said nowhere is looked through for the number, text by text (`texts`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import BinaryField, Case, GeneratedField, Model, Q, When
from django.db.models.functions import Least, Now

from ccm.contact.reads import is_listed_of
from ccm.models import (
    ApiToken,
    CallAddress,
    CallNote,
    NameMerge,
    SurveyInvitation,
    SurveyResponse,
)
from ccm.personal import About, data_map, of_user

Clear = Mapping[str, Any | Callable[[Any], Any]]


@dataclass(frozen=True, slots=True)
class Trace:
    """Rows of a model by their call: removed, or (`clear`) with these columns set to a value, to
    an expression of the database, or to what a function makes of the one that was."""

    model: type[Model]
    clear: Clear | None
    field: str = "call"


_traces: list[Trace] = []


def register(*traces: Trace) -> None:
    _traces.extend(one for one in traces if one not in _traces)


def of_calls() -> Iterator[Trace]:
    return iter(_traces)


# Whoever is not to be called stays so: once the hash is gone nobody could tell, so what was
# promised them before is promised no more.
_PROMISED = Case(
    When(is_listed_of("call_id"), callback_done_at=None, then=None), default="callback_due_at"
)
# Nobody is asked who is erased. A link that ends counts as it did; one withdrawn would not.
_ENDED = Case(
    When(used_at=None, withdrawn_at=None, then=Least("expires_at", Now())), default="expires_at"
)
register(
    Trace(CallNote, {"words": "", "escalation": "", "callback_due_at": _PROMISED}),
    Trace(SurveyResponse, {"comment": "", "extra": None}),
    Trace(SurveyInvitation, {"address_hash": "", "expires_at": _ENDED}),
    Trace(CallAddress, None),
)
# Ids of the source's, by which rows are the same when they are read again; secrets; and entries
# that the database lets nobody change.
_LEFT = frozenset(
    {
        "external_id", "linked_id", "call_ref", "hash", "caller_hash", "address_hash", "digest",
        "password", "sealed", "key", "secret", "event_id", "row", "object_id", "relation",
    }
)  # fmt: skip
_TABLES_LEFT = frozenset(
    {
        "ccm.auditentry", "ccm.erasure", "ccm.erasedcaller", "ccm.viewingmark",
        # What was published, or said before a trial began, is frozen.
        "coaching.trial", "coaching.libraryversion", "qa.cardversion",
    }
)  # fmt: skip


# By which rows are told from each other, or their people sign in: another word there would be
# another's, or nobody's.
_IDENTITIES = {
    ("ccm.user", "username"), ("ccm.user", "email"), ("ccm.agent", "employee_id"),
    ("ccm.agentalias", "raw_name"), ("ccm.sale", "reference"),
}  # fmt: skip
_NAMES_OF_LOGS = "agent_name"


def texts() -> Iterator[tuple[type[Model], list[str]]]:
    """The columns of every table that may tell of anybody in words, but names that rows are known
    by (`identities`)."""
    return _columns(are_identities=False)


def identities() -> Iterator[tuple[type[Model], list[str]]]:
    """Columns of names that rows are known by: what stands there is told of, and stays."""
    return _columns(are_identities=True)


def _columns(*, are_identities: bool) -> Iterator[tuple[type[Model], list[str]]]:
    for one in data_map.entries():
        label = one.model._meta.label_lower
        if label in _TABLES_LEFT:
            continue
        names = [
            name
            for name in dict.fromkeys((*one.callers, *one.staff))
            if name not in _LEFT
            and ((label, name) in _IDENTITIES or name == _NAMES_OF_LOGS) == are_identities
            and not isinstance(one.model._meta.get_field(name), BinaryField | GeneratedField)
        ]
        if names:
            yield one.model, names


@dataclass(frozen=True, slots=True)
class AgentTrace:
    """Rows about an agent: removed (`clear` of None), or with these columns of text hidden where
    they say anything."""

    model: type[Model]
    about: About
    clear: tuple[str, ...] | None


_of_agents: list[AgentTrace] = []


def register_agents(*traces: AgentTrace) -> None:
    _of_agents.extend(one for one in traces if one not in _of_agents)


def of_agents() -> Iterator[AgentTrace]:
    return iter(_of_agents)


register_agents(
    AgentTrace(NameMerge, lambda agent: Q(kind="agents", keeper=agent.pk), None),
    AgentTrace(ApiToken, of_user("user"), None),
)
