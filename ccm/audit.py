"""The log of what people changed: adds to it, and says in words what its entries are about.

Whoever changes a row that the log is for records it in the same transaction. An app tells in its
`apps.py` how the rows of its models are called.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models

from ccm.models import AuditEntry, User
from ccm.names import in_order

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What an entry is about: the row in words, and its page ("": none)."""

    words: str
    url: str = ""


Teller = Callable[[Sequence[AuditEntry]], Mapping[int, Told]]
"""Tells what some entries of one model are about, by their ids; asks the same of few as of many."""

_tellers: dict[str, Teller] = {}


def register(model: str, teller: Teller) -> None:
    """Have the entries of a model told by the app that knows it."""
    _tellers[model] = teller


def record(
    who: User | None,
    row: models.Model,
    *,
    before: Values | None,
    after: Values | None,
    now: datetime,
) -> AuditEntry:
    """Note that somebody changed a row. A row that is removed still has its id here.

    Raises ValueError where there is neither a before nor an after.
    """
    if before is None and after is None:
        raise ValueError("an entry says what was before, or what is after")
    action = AuditEntry.Action.CHANGED
    if before is None:
        action = AuditEntry.Action.CREATED
    elif after is None:
        action = AuditEntry.Action.REMOVED
    entry: AuditEntry = AuditEntry.objects.create(
        at=now,
        who=who,
        action=action,
        model=row._meta.label_lower,
        object_id=str(row.pk),
        before=before,
        after=after,
    )
    return entry


def told(entries: Sequence[AuditEntry]) -> dict[int, Told]:
    """What each entry is about, by its id."""
    found: dict[int, Told] = {}
    for model in dict.fromkeys(entry.model for entry in entries):
        of_it = [entry for entry in entries if entry.model == model]
        known = _tellers[model](of_it) if model in _tellers else {}
        for entry in of_it:
            found[entry.pk] = known.get(entry.pk) or Told(f"{model_words(model)} {entry.object_id}")
    return found


def model_words(label: str) -> str:
    """A model as people call it; of one that is no more, its label."""
    try:
        name = str(apps.get_model(label)._meta.verbose_name)
    except LookupError:
        return label
    return name[:1].upper() + name[1:]


def differences(entry: AuditEntry) -> list[tuple[str, Any, Any]]:
    """The values that changed, as (name, before, after), in the order of their names; members of
    a value each by itself."""
    before, after = _flat(entry.before or {}), _flat(entry.after or {})
    names = sorted({*before, *after}, key=in_order)
    return [
        (name, before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    ]


def _flat(values: Values) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        found |= _flat(value) if isinstance(value, dict) else {name: value}
    return found
