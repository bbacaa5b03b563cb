"""The map of what is held: each table, of whom it tells, why, for how long, and what of it goes
when somebody is erased. Made from the models and from what each app says of its own.

docs/data-map.md is this as a page (`python manage.py data_map`), and admins read it under
*Personal data*.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db.models import (
    BinaryField,
    CharField,
    GeneratedField,
    JSONField,
    Model,
    TextField,
)
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm import personal
from ccm.models import Agent, Call, User
from ccm.personal import Kept, Told, Words

_TEXTS = (CharField, TextField, JSONField, BinaryField, SearchVectorField)
NOBODY = gettext_lazy("nobody")
# Models of libraries of which no app of ours says what for.
_OF_LIBRARIES = {
    "account.emailconfirmation": gettext_lazy("for mail addresses that are proved; none is here"),
    "axes.accesslog": gettext_lazy("for who came in; nothing is kept in it"),
    "axes.accessattemptexpiration": gettext_lazy("until when a pause is; not used"),
    "socialaccount.socialapp": gettext_lazy("for directories that pages make; settings name ours"),
    "socialaccount.socialtoken": gettext_lazy("for what a directory lends; none is kept"),
}
HEADER = (
    gettext_lazy("Table"),
    gettext_lazy("Of whom"),
    gettext_lazy("What for"),
    gettext_lazy("Columns that may tell of callers"),
    gettext_lazy("Columns that may tell of people who work here"),
    gettext_lazy("Leads to"),
    gettext_lazy("Kept"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A table of the map. `leads_to` are its columns that are keys of people or of calls."""

    app: Words
    model: type[Model]
    why: Words
    """What it is for: why people see their rows, or why nobody is shown them."""
    kept: Kept
    leads_to: tuple[str, ...]
    is_told: bool
    """Whether people see their rows under *My data*."""

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def callers(self) -> list[str]:
        return self.kept.callers.split()

    @property
    def staff(self) -> list[str]:
        return self.kept.staff.split()

    @property
    def is_of_callers(self) -> bool:
        return bool(self.callers) or any(_leads(self.model, name, Call) for name in self.leads_to)

    @property
    def is_of_staff(self) -> bool:
        return bool(self.staff or self.is_told) or any(
            _leads(self.model, name, Agent, User) for name in self.leads_to
        )

    @property
    def whom(self) -> list[Words]:
        """Of whom it tells; empty: of nobody."""
        found: list[Words] = []
        if self.is_of_callers:
            found.append(_("callers"))
        if self.is_of_staff:
            found.append(_("people who work here"))
        return found

    @property
    def words(self) -> str:
        """What its rows are, and what for."""
        name = str(self.model._meta.verbose_name)
        # What people are told of their rows is said to them: "that you wrote".
        own = said_of(self.model) if self.is_told or not self.why else ""
        why = own or self.why or _OF_LIBRARIES.get(self.model._meta.label_lower)
        return f"{name}: {why}" if why else name

    def has(self, asked: str) -> bool:
        """Whether what is said of it has each of these words, in any case."""
        said = " ".join([*self.cells(), str(self.app)]).casefold()
        return all(word in said for word in asked.casefold().split())

    def cells(self) -> list[str]:
        """As a row below HEADER."""
        return [
            self.table,
            ", ".join(map(str, self.whom)) or str(NOBODY),
            self.words,
            ", ".join(self.callers),
            ", ".join(self.staff),
            ", ".join(self.leads_to),
            str(self.kept.lasts.label),
        ]


def entries() -> Iterator[Entry]:
    """Every table of every app that says what it holds, app by app. Raises KeyError for a model of
    which nothing is said."""
    for one in personal.told():
        held = {kind.name: kind for kind in one.held}
        for label in one.kept:
            model = apps.get_model(label)
            kind = held.get(label)
            why = one.kept_back.get(label, "") if kind is None else kind.why
            yield Entry(
                one.title, model, why, one.kept[label], tuple(_keys(model)), kind is not None
            )


# What tells who reads the code where something is.
_POINTED = re.compile(r" \([^()]*`[^()]*\)|`")
_SENTENCE = re.compile(r"(?<=\.)\s")


def said_of(model: type[Model]) -> str:
    """What a model says of itself: the first sentence of it, without an end; "" of one of which
    only Django says what it is made of."""
    said = " ".join((model.__doc__ or "").split())
    if said.startswith(f"{model.__name__}("):
        return ""
    first = _POINTED.sub("", _SENTENCE.split(said, maxsplit=1)[0]).rstrip(".:")
    return first[:1].lower() + first[1:]


def texts(model: type[Model]) -> Iterator[str]:
    """The names of a model's columns that may hold anything: text that is no choice of a list,
    binaries, and values with parts."""
    for field in model._meta.concrete_fields:
        holds: Any = field
        if isinstance(field, ArrayField):
            holds = field.base_field
        elif isinstance(field, GeneratedField):
            holds = field.output_field
        if isinstance(holds, _TEXTS) and not getattr(holds, "flatchoices", None):
            yield field.name


def _keys(model: type[Model]) -> Iterator[str]:
    for field in model._meta.concrete_fields:
        if field.related_model in (Agent, User, Call):
            yield field.name


def _leads(model: type[Model], name: str, *to: type[Model]) -> bool:
    return model._meta.get_field(name).related_model in to


def unsaid() -> list[str]:
    """What nothing, or too much, is said of: models and columns. Empty where the map is whole."""
    apart: list[str] = []
    for one in personal.told():
        labels = [*{held.name for held in one.held}, *one.of_nobody, *one.kept_back]
        apart += sorted(set(labels) ^ set(one.kept))
        for label in set(labels) & set(one.kept):
            apart += [f"{label}.{name}" for name in _ill_said(one, label)]
    return apart


def _ill_said(one: Told, label: str) -> list[str]:
    kept = one.kept[label]
    people = {*kept.callers.split(), *kept.staff.split()}
    plain = set(kept.plain.split())
    there = set(texts(apps.get_model(label)))
    return sorted((there ^ (people | plain)) | (people & plain))


def render() -> str:
    """docs/data-map.md."""
    lines = [
        "# The data map",
        "",
        "Made from the models by `python manage.py data_map`; a test fails when it is not what they"
        " say.",
        "What the words mean, and how retention and erasure work: [personal-data.md]"
        "(personal-data.md).",
        "",
        "Columns are named that may tell of somebody: texts, binaries, values with parts. Numbers,"
        " moments and",
        "choices tell of whom the row leads to. Tables of nobody have neither.",
        "",
    ]
    app: Words = ""
    nobodys: list[str] = []
    for one in entries():
        if one.app != app:
            lines += _of_nobody(nobodys)
            app, nobodys = one.app, []
            lines += [f"## {app}", ""]
        if not one.whom:
            nobodys.append(one.table)
            continue
        lines += [f"**{one.table}**: {one.words}", ""]
        titles = [str(title) for title in HEADER]
        for title, cell in list(zip(titles, one.cells(), strict=True))[1:]:
            if cell and title != str(HEADER[2]):
                lines.append(f"- {title.lower()}: {cell}")
        lines.append("")
    return "\n".join([*lines, *_of_nobody(nobodys)]).rstrip() + "\n"


def _of_nobody(tables: list[str]) -> list[str]:
    """The tables of an app that tell of nobody, a line each: so that none is passed over."""
    if not tables:
        return []
    return ["Of nobody:", "", *(f"- {table}" for table in tables), ""]
