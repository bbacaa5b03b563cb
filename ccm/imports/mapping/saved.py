"""Saved mappings by name, and as JSON that carries them to another installation."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import database
from ccm.imports import formats
from ccm.imports.facts.references import folded
from ccm.imports.mapping.profile import Profile
from ccm.imports.records import FileRefused
from ccm.imports.run import AUTO, MAPPED
from ccm.models import ImportProfile, User
from ccm.models.people import known_zone
from ccm.names import unlike

# What the JSON begins with, so that other JSON is not taken for it.
KEY = "ccm_import_profiles"
LONGEST_NAME = 80


class NameTaken(FileRefused):
    """A mapping of that name says something else; nobody said that it is to be replaced."""


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


def of_name(name: str) -> ImportProfile | None:
    """The mapping that a name means: the one so written, else one that differs from it in case and
    space alone. No two such are saved, for nobody could tell them apart."""
    wanted = folded(name)
    every = ImportProfile.objects.select_related("created_by")
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
    """
    # Two that save at once are one after the other, so that each sees the names there are.
    database.hold("import profiles")
    saved = of_name(name)
    mapping = profile.as_json()
    if saved is None:
        return ImportProfile.objects.create(
            name=name, slug=_free_slug(name), mapping=mapping, created_by=user
        )
    if not _says(saved, profile):
        if not replace:
            raise NameTaken(
                _("There is a mapping named %(name)s already, and it says something else.")
                % {"name": saved.name}
            )
        saved.mapping = mapping
        saved.save(update_fields=["mapping", "changed_at"])
    return saved


def _says(saved: ImportProfile, profile: Profile) -> bool:
    """Whether a saved mapping says just this; one that reads no longer says nothing."""
    try:
        return Profile.from_json(saved.mapping) == profile
    except ValueError:
        return False


def _free_slug(name: str) -> str:
    """A slug for a new mapping, unlike those of others and the names of formats."""
    taken = set(ImportProfile.objects.values_list("slug", flat=True))
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
