"""Saved mappings by name, and as JSON that carries them to another installation."""

import dataclasses
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import polars as pl
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm import database
from ccm.imports import formats
from ccm.imports.cells import times
from ccm.imports.choosing import AUTO, MAPPED
from ccm.imports.facts.references import folded
from ccm.imports.files.dialect import JSON, SHEET, Dialect
from ccm.imports.mapping import noted
from ccm.imports.mapping.mapped import Mapped
from ccm.imports.mapping.profile import Profile
from ccm.imports.mapping.targets import DROP, KEEP, ROWS
from ccm.imports.records import FileRefused
from ccm.models import ImportProfile, User, WatchedFolder
from ccm.models.people import known_zone
from ccm.names import unlike

# What the JSON begins with, so that other JSON is not taken for it.
KEY = "ccm_import_profiles"
LONGEST_NAME = 80


class NameTaken(FileRefused):
    """A mapping of that name says something else; nobody said that it is to be replaced."""


class InUse(FileRefused):
    """A watched folder reads its files by this mapping."""


def named(word: str) -> ImportProfile:
    """The mapping of this name, else of this slug. Raises FileRefused, naming those there are."""
    found = of_name(word) or ImportProfile.objects.filter(slug=word).first()
    if found is not None:
        return found
    there = ", ".join(ImportProfile.objects.values_list("name", flat=True))
    if not there:
        raise FileRefused(_("No mapping has been saved yet: map a file's columns on a page."))
    raise FileRefused(
        _("There is no saved mapping named %(name)s, but %(there)s.")
        % {"name": word, "there": there}
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Fit:
    """A mapping that a file has every column of, what it says of the file, and a name for that.

    A file of another shape (a workbook of what the mapping knows as text) is read in its own shape,
    which is another mapping: `name` says so.
    """

    layout: ImportProfile
    profile: Profile
    name: str


def fitting(heads: Sequence[bytes], dialect: Dialect, frame: pl.DataFrame) -> list[Fit]:
    """The mappings that a file has every column of which begins like this, and has these rows (as
    text) where it is read as the dialect says."""
    found: list[Fit] = []
    of_other_shape: list[Fit] = []
    for one in ImportProfile.objects.select_related("created_by"):
        with suppress(ValueError):
            profile = Profile.from_json(one.mapping)
            form = Mapped(profile, one.slug)
            if any(form.recognises(head, "") for head in heads):
                found.append(Fit(one, profile, one.name))
            elif form.fits(frame.columns):
                shaped = _in_shape(profile, dialect, frame)
                of_other_shape.append(Fit(one, shaped, _shaped_name(one.name, dialect)))
    return found or of_other_shape


def _in_shape(profile: Profile, dialect: Dialect, frame: pl.DataFrame) -> Profile:
    """A mapping for rows that lie in another shape. Its dates are written anew there: a workbook
    has days where text had signs. Where no cell is as the mapping says, the cells tell."""
    for column in profile.columns:
        if column.spelling not in times.DATES or column.label not in frame.columns:
            continue
        given = frame[column.label].drop_nulls()
        if len(given) and times.moments(given, column.spelling)["wall"].null_count() == len(given):
            can_be = times.spelling_of(given).fitting
            spelling = can_be[0] if len(can_be) == 1 else ""
            profile = profile.with_column(dataclasses.replace(column, spelling=spelling))
    return dataclasses.replace(profile, dialect=dialect)


def _shaped_name(name: str, dialect: Dialect) -> str:
    shape = {SHEET: "xlsx", JSON: "JSON"}.get(dialect.kind, _("text"))
    return f"{name[: LONGEST_NAME - len(shape) - 3]} ({shape})"


def of_name(name: str, *, deleted: bool = False) -> ImportProfile | None:
    """The mapping that a name means: the one so written, else one that differs from it in case and
    space alone. No two such are saved, for nobody could tell them apart. With `deleted` one that
    reads no new files is found too."""
    wanted = folded(name)
    known = ImportProfile.every if deleted else ImportProfile.objects
    every = known.select_related("created_by")
    alike = [one for one in every if folded(one.name) == wanted]
    return next((one for one in alike if one.name == name), alike[0] if alike else None)


def other_of(name: str, profile: Profile) -> ImportProfile | None:
    """The mapping of this name, where there is one and it says something else."""
    saved = of_name(name)
    return saved if saved is not None and not _says(saved, profile) else None


@transaction.atomic
def save(
    name: str, profile: Profile, user: User | None = None, *, replace: bool = False
) -> ImportProfile:
    """The mapping of this name, made where there is none.

    One that says something else is changed only with `replace`, whoever made it. Raises NameTaken.
    One that was deleted stands again, and says this: its calls are of the same source.
    """
    # Two that save at once are one after the other, so that each sees the names there are.
    database.hold("import profiles")
    saved = of_name(name, deleted=True)
    mapping = profile.as_json()
    if saved is None:
        made: ImportProfile = ImportProfile.objects.create(
            name=name, slug=_free_slug(name), mapping=mapping, created_by=user
        )
        noted.changed(user, made, None, timezone.now())
        return made
    if saved.removed_at is not None:
        saved.mapping, saved.created_by, saved.removed_at = mapping, user, None
        saved.save()
        noted.changed(user, saved, None, timezone.now())
        return saved
    if not _says(saved, profile):
        if not replace:
            raise NameTaken(
                _("There is a mapping named %(name)s already, and it says something else.")
                % {"name": saved.name}
            )
        before = noted.values(saved)
        saved.mapping = mapping
        saved.save(update_fields=["mapping", "changed_at"])
        noted.changed(user, saved, before, timezone.now())
    return saved


@transaction.atomic
def rename(layout: ImportProfile, name: str, who: User | None = None) -> None:
    """Give a mapping another name, which every import done with it then says.

    Raises NameTaken where another has it, be it one that was deleted.
    """
    database.hold("import profiles")
    other = of_name(name, deleted=True)
    if other is not None and other.pk != layout.pk:
        words = _("There is a layout named %(name)s already.")
        if other.removed_at is not None:
            words = _("A layout named %(name)s was deleted, and its imports still say so.")
        raise NameTaken(words % {"name": name})
    before = noted.values(layout)
    layout.name = name
    layout.save(update_fields=["name"])
    noted.changed(who, layout, before, timezone.now())


@transaction.atomic
def remove(layout: ImportProfile, now: datetime, who: User | None = None) -> None:
    """Let no file be read by a mapping any more; what was read by it stays, and says its name.

    Raises InUse, naming the watched folders that read by it.
    """
    if folders := list(folders_of(layout).values_list("name", flat=True)):
        words = _("The watched folder %s reads its files by it: give it another format first.")
        raise InUse(words % ", ".join(folders))
    layout.removed_at = now
    layout.save(update_fields=["removed_at"])
    noted.removed(who, layout, now)


def folders_of(layout: ImportProfile) -> QuerySet[WatchedFolder]:
    """The watched folders whose files are read by a mapping unless told otherwise."""
    return WatchedFolder.objects.filter(format=layout.slug)


def words_of(layout: ImportProfile) -> str:
    """What a mapping reads, in a few words."""
    try:
        profile = Profile.from_json(layout.mapping)
    except ValueError:
        return _("nothing: it can no longer be read")
    meant = sum(one.target not in (KEEP, DROP) for one in profile.columns)
    return _("%(rows)s; %(count)d columns have a meaning") % {
        "rows": ROWS[profile.rows], "count": meant,
    }  # fmt: skip


def names() -> dict[str, str]:
    """What mappings are called, by slug; of those that were deleted too."""
    return dict(ImportProfile.every.values_list("slug", "name"))


def _says(saved: ImportProfile, profile: Profile) -> bool:
    """Whether a saved mapping says just this; one that reads no longer says nothing."""
    try:
        return Profile.from_json(saved.mapping) == profile
    except ValueError:
        return False


def _free_slug(name: str) -> str:
    """A slug for a new mapping, unlike those of others and the names of formats."""
    taken = set(ImportProfile.every.values_list("slug", flat=True))
    return unlike(name, taken | {AUTO, MAPPED, *formats.FORMATS}, 32, "layout")


def as_json(profiles: Iterable[ImportProfile]) -> dict[str, Any]:
    """Mappings to be taken in elsewhere (`take`): names and what they say, nothing of ids."""
    return {KEY: [{"name": one.name, "mapping": one.mapping} for one in profiles]}


@transaction.atomic
def take(said: Any, *, replace: bool = False) -> list[ImportProfile]:
    """Save the mappings that `as_json` made, all or none of them.

    One of a name that is there already stays as it is where it says the same, and is changed
    only with `replace`. Raises FileRefused, in words, for anything else.
    """
    given = said.get(KEY) if isinstance(said, dict) else None
    if not isinstance(given, list):
        raise FileRefused(_("It is no export of saved mappings."))
    return [_take_one(one, replace) for one in given]


def _take_one(said: Any, replace: bool) -> ImportProfile:
    name = said.get("name") if isinstance(said, dict) else None
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME or "\0" in name:
        raise FileRefused(_("A mapping has a name of at most %d characters.") % LONGEST_NAME)
    try:
        profile = Profile.from_json(said.get("mapping"))
        if profile.zone:
            known_zone(profile.zone)
    except ValidationError as wrong:
        raise FileRefused(f"{name}: {wrong.messages[0]}") from wrong
    except ValueError as wrong:
        raise FileRefused(f"{name}: {wrong}") from wrong
    if problems := profile.problems():
        raise FileRefused(f"{name}: {' '.join(problems)}")
    return save(name, profile, replace=replace)
