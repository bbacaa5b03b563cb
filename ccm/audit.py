"""The log of what people changed: adds to it, and says in words what its entries are about.

Whoever changes a row that the log is for records it in the same transaction. An app tells in its
`apps.py` how the rows of its models are called, and how their values are written.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ccm.models import Agent, AuditEntry, Site, User
from ccm.names import in_order
from ccm.templatetags.figures import DASH, yes_no

Values = Mapping[str, Any]


Member = Callable[[str, str], tuple[str, str]]
"""A member of a value, by its key: how it is called, and its own value in words."""


@dataclass(frozen=True, slots=True)
class Told:
    """What an entry is about: the row in words, and its page ("": none). Members of values whose
    keys people have chosen are named by the row alone: by `members` of it, of each such value.
    `withheld` are values that nobody is to read yet, and `until` says until when."""

    words: str
    url: str = ""
    members: Mapping[str, Member] = field(default_factory=dict)
    withheld: Collection[str] = ()
    until: str = ""


def said(entry: AuditEntry) -> Values:
    """What an entry says of its row: as it is after, or was before; nothing where it says nothing.
    Of what a value is named by there may be none: who tells it says nothing then."""
    return entry.after or entry.before or {}


class Change(NamedTuple):
    """A value that changed, in words; a dash where there is none."""

    name: str
    before: str
    after: str


# What an export or a report is of, also of rows that have none of their own: whose field it is.
_OF_OTHERS = {
    "site": "ccm.queue",
    "queue": "ccm.call",
    "agent": "ccm.call",
    "topic": "ccm.call",
    "disposition": "ccm.call",
    "team": "ccm.target",
    "supervisor": "ccm.teamlead",
}

# An entry keeps the names of what it names, but not of people.
_PEOPLE: tuple[type[models.Model], ...] = (User, Agent)


class Names:
    """How the rows that some entries name are called now, each kind of row read once; of what is
    gone how it was called last, as far as the entries tell."""

    def __init__(self, entries: Sequence[AuditEntry]) -> None:
        wanted: dict[type[models.Model], set[int]] = defaultdict(set)
        self._last: dict[tuple[str, str], str] = {}
        for entry in sorted(entries, key=lambda one: one.pk):
            for kind, ids in _named(entry.model, entry.before, entry.after).items():
                wanted[kind] |= ids
            for label, names in entry.names.items():
                self._last |= {(label, number): name for number, name in names.items()}
        self._known: dict[type[models.Model], dict[int, str]] = {
            kind: {**_namers[kind](ids)}
            if kind in _namers
            else {pk: str(row) for pk, row in kind._default_manager.in_bulk(ids).items()}
            for kind, ids in wanted.items()
        }

    def of(self, kind: type[models.Model], number: int) -> str:
        """The name of a row; of one that is gone, what it was and its number."""
        gone = self._last.get(
            (kind._meta.label_lower, str(number)), f"{kind._meta.verbose_name} {number}"
        )
        return self._known.get(kind, {}).get(number, gone)

    def site_of(self, entry: AuditEntry) -> str:
        """The site that an entry names; where it names none, as an export of all, all sites."""
        number = (entry.after or entry.before or {}).get("site")
        return _("all sites") if number is None else self.of(Site, number)


Teller = Callable[[Sequence[AuditEntry], Names], Mapping[int, Told]]
"""Tells what some entries of one model that name a row are about, by their ids; asks the same of
few as of many. Of any it may say nothing, whatever was done and whatever it says."""
Writer = Callable[[Values, str, Any], tuple[str, str] | None]
"""A value of a row with those values, by its name: how both are said; None: as of any row."""

Words = str | Promise
_tellers: dict[str, Teller] = {}
_writers: dict[str, Writer] = {}
_called: dict[str, tuple[Words, Words]] = {}
_values: dict[str, Callable[[str], str]] = {}
Namer = Callable[[Collection[int]], Mapping[int, str]]
"""How rows of a kind are called now, by their ids. One query."""
_namers: dict[type[models.Model], Namer] = {}


def register(model: str, teller: Teller, writer: Writer | None = None) -> None:
    """Have the entries of a model told by the app that knows it; or, by the name of an act, those
    of which it says nothing."""
    _tellers[model] = teller
    if writer is not None:
        _writers[model] = writer


def value(field: str, words: Callable[[str], str]) -> None:
    """Have the values of a field of this name, of whichever model, said in words where the app that
    knows the model says nothing of it."""
    _values[field] = words


def name(kind: type[models.Model], namer: Namer) -> None:
    """Have rows that entries name be called by what another row of theirs knows."""
    _namers[kind] = namer


def call(label: str, one: Words, many: Words) -> None:
    """Have entries of what is no model, or none of its own, called by words: one, and several."""
    _called[label] = one, many


def record(
    who: User | None,
    row: models.Model,
    *,
    before: Values | None,
    after: Values | None,
    now: datetime,
    why: str = "",
) -> AuditEntry:
    """Note that somebody changed a row, and what for. A row that is removed still has its id here.

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
        names=names_in(row._meta.label_lower, before, after),
        why=why,
    )
    return entry


def note(
    who: User | None,
    row: models.Model,
    action: AuditEntry.Action,
    *,
    after: Values,
    now: datetime,
) -> AuditEntry:
    """Note that somebody did something that changes no value of a row."""
    entry: AuditEntry = AuditEntry.objects.create(
        at=now,
        who=who,
        action=action,
        model=row._meta.label_lower,
        object_id=str(row.pk),
        after=after,
        names=names_in(row._meta.label_lower, after),
    )
    return entry


def values_of(row: models.Model, unsaid: Collection[str]) -> dict[str, Any]:
    """What the log keeps of a row: its fields but for those `unsaid`, as JSON has them."""
    return {
        field.name: _as_json(_as_kept(field, getattr(row, field.attname)))
        for field in row._meta.concrete_fields
        if field.name not in unsaid
    }


def _as_kept(field: "models.Field[Any, Any]", value: Any) -> Any:
    """A value as the database has it: of 1 with four places 1.0000."""
    if isinstance(field, models.DecimalField) and isinstance(value, int | Decimal):
        return round(Decimal(value), field.decimal_places)
    return value


def _as_json(value: Any) -> Any:
    """Days, amounts and lists of them as text; lists of words as they are."""
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return [*value]
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def _moment(value: Any) -> datetime | None:
    """A time as it is kept; None: it is none."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _as_done(entry: AuditEntry) -> tuple[str, ...]:
    """By what was done, whatever it was done to: how an export is told where the app that knows
    the rows says nothing of it."""
    return (str(entry.action),)


def names_in(model: str, *values: Values | None) -> dict[str, dict[str, str]]:
    """How what these values of a row name is called now, as `AuditEntry.names`. People are not
    among them."""
    found = _named(model, *values)
    called = {kind: _name_field(kind) for kind in found if kind not in _PEOPLE}
    return {
        kind._meta.label_lower: {
            str(pk): name
            for pk, name in kind._default_manager.filter(pk__in=found[kind]).values_list(
                "pk", field
            )
        }
        for kind, field in called.items()
        if field
    }


def _name_field(kind: type[models.Model]) -> str:
    """The field that a row is called by; "": it has none."""
    fields = {one.name for one in kind._meta.concrete_fields}
    return next((name for name in ("name", "title") if name in fields), "")


def _named(model: str, *values: Values | None) -> dict[type[models.Model], set[int]]:
    """The ids of the rows that values of a row name, by kind."""
    found: dict[type[models.Model], set[int]] = defaultdict(set)
    for said in values:
        for name, value in (said or {}).items():
            kind = _names_a(model, name)
            if kind is not None and value is not None:
                found[kind] |= {*value} if isinstance(value, list) else {value}
    return found


def told(entries: Sequence[AuditEntry], names: Names) -> dict[int, Told]:
    """What each entry is about, by its id."""
    found: dict[int, Told] = {}
    for model in dict.fromkeys(entry.model for entry in entries):
        of_it = [entry for entry in entries if entry.model == model]
        # Of no row, as what left as a file: told by what was done.
        of_rows = [entry for entry in of_it if entry.object_id]
        known = _tellers[model](of_rows, names) if of_rows and model in _tellers else {}
        for entry in of_it:
            by_act = next((_tellers[one] for one in _as_done(entry) if one in _tellers), None)
            about = known.get(entry.pk) or (by_act and by_act([entry], names).get(entry.pk))
            found[entry.pk] = about or Told(f"{model_words(model)} {entry.object_id}".strip())
    return found


def model_words(label: str) -> str:
    """A model as people call it; of one that is no more, its label."""
    if label in _called:
        return _capital(str(_called[label][0]))
    try:
        name = str(apps.get_model(label)._meta.verbose_name)
    except LookupError:
        return label
    return _capital(name)


def at_address(words: str, address: str) -> str:
    """A form or a page in an entry: what it is of, and the name of its address."""
    return f"{words} ({address})"


def models_words(label: str) -> str:
    """Rows of a model as people call them; of one that is no more, its label."""
    if label in _called:
        return _capital(str(_called[label][1]))
    try:
        return _capital(str(apps.get_model(label)._meta.verbose_name_plural))
    except LookupError:
        return label


def changes(entry: AuditEntry, names: Names, about: Told | None = None) -> list[Change]:
    """The values that changed in words: rows by their names, values as people write them, members
    that its row alone can name as `about` it is told. What is withheld is one line, with a why."""
    members = about.members if about is not None else {}
    withheld = about.withheld if about is not None else ()
    found = []
    is_withheld = False
    for name, before, after in differences(entry, members):
        if name.partition(".")[0] in withheld:
            is_withheld = True
            continue
        (label, was), (_label, became) = (
            _written(entry, values, name, value, names, members)
            for values, value in (
                (entry.before or entry.after or {}, before),
                (entry.after or entry.before or {}, after),
            )
        )
        found.append(Change(label, was, became))
    if about is not None and is_withheld:
        found.append(Change(_("Withheld"), DASH, about.until))
    return found


def differences(entry: AuditEntry, apart: Collection[str] = ()) -> list[tuple[str, Any, Any]]:
    """The values that changed, as (name, before, after), in the order of their names; members of
    a value each by itself, of one that is told `apart` as "answers.reason"."""
    before, after = _flat(entry.before or {}, apart), _flat(entry.after or {}, apart)
    names = sorted({*before, *after}, key=in_order)
    return [
        (name, before.get(name), after.get(name))
        for name in names
        if not _is_same(_field(entry.model, name), before.get(name), after.get(name))
    ]


def _is_same(field: "models.Field[Any, Any] | None", before: Any, after: Any) -> bool:
    if before == after or before is None or after is None:
        return bool(before == after)
    if not isinstance(field, models.DecimalField):
        return False
    try:
        return Decimal(before) == Decimal(after)
    except (InvalidOperation, TypeError, ValueError):
        return False


def _flat(values: Values, apart: Collection[str]) -> dict[str, Any]:
    return dict(_members(values, apart))


def _members(values: Values, apart: Collection[str]) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict) and name in apart:
            yield from ((f"{name}.{member}", each) for member, each in value.items())
        elif isinstance(value, dict):
            yield from _members(value, apart)
        else:
            yield name, value


def _written(
    entry: AuditEntry, values: Values, name: str, value: Any, names: Names,
    members: Mapping[str, Member],
) -> tuple[str, str]:  # fmt: skip
    """A value's name and the value in words."""
    model = entry.model
    of, _dot, member = name.partition(".")
    if member and of in members:
        called, words = members[of](member, "" if value is None else str(value))
        return called, words or DASH
    own = next(
        (
            said
            for one in (model, *_as_done(entry))
            if one in _writers and (said := _writers[one](values, name, value)) is not None
        ),
        None,
    )
    if own is not None:
        return own
    field = _field(model, name)
    label = name if field is None else _capital(str(field.verbose_name))
    if value in (None, "", []):
        return label, DASH
    if isinstance(value, bool):
        return label, yes_no(value)
    if isinstance(field, models.DateTimeField) and (moment := _moment(value)) is not None:
        return label, f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if name in _values and isinstance(value, str):
        return label, _values[name](value)
    # Of a list each has its words.
    choices = dict(getattr(field, "base_field", field).flatchoices) if field is not None else {}
    if choices:
        each = value if isinstance(value, list) else [value]
        return label, ", ".join(str(choices.get(one, one)) for one in each)
    kind = _names_a(model, name)
    several = value if isinstance(value, list) else [value]
    return label, ", ".join(str(one) if kind is None else names.of(kind, one) for one in several)


def _names_a(model: str, name: str) -> type[models.Model] | None:
    """The kind of row that a value names by its id, if it names one."""
    field = _field(model, name)
    related = None if field is None else field.related_model
    return related if isinstance(related, type) else None


def _field(model: str, name: str) -> "models.Field[Any, Any] | None":
    try:
        field = apps.get_model(model)._meta.get_field(name)
    except (LookupError, FieldDoesNotExist):
        owner = _OF_OTHERS.get(name)
        return None if owner is None else _field(owner, name)
    return field if isinstance(field, models.Field) else None


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
