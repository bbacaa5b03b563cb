"""What a file is read as: a format that was named, a saved mapping, or what its content shows."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from ccm.imports import formats
from ccm.imports.files import dialect, opening, rows, scratch
from ccm.imports.mapping.mapped import Mapped
from ccm.imports.mapping.profile import Profile
from ccm.imports.records import FileRefused, Format, Unknown
from ccm.models import ImportBatch, ImportProfile

AUTO = "auto"
# The format of files whose columns somebody is yet to explain.
MAPPED = "mapped"


def recognised(path: Path) -> str:
    """The name of the format a local file is of. Raises FileRefused when that is unclear."""
    with scratch.folder() as folder:
        plain = opening.plain_file(path, folder)
        with mappable(path, plain):
            return formats.recognise(plain, path.name, saved_mappings()).name


@contextmanager
def mappable(upload: Path, plain: Path) -> Iterator[None]:
    """Refuse a file of no known format for what it is, where no mapping could take it either."""
    try:
        yield
    except Unknown:
        with rows.opened(plain, dialect.seen(upload, plain).dialect, twins=True, most=1):
            raise


def format_of(batch: ImportBatch, plain: Path, filename: str) -> Format:
    """What a file of the batch is read as. Raises FileRefused where that is unclear."""
    if batch.mapping is not None:
        label = batch.profile.name if batch.profile else batch.format
        return Mapped(_explained(batch.mapping), batch.format, label)
    if batch.format == AUTO:
        return formats.recognise(plain, filename, saved_mappings())
    return formats.FORMATS[batch.format]


def encoding_of(batch: ImportBatch) -> str:
    """The encoding that the mapping names, if any."""
    return _explained(batch.mapping).dialect.encoding if batch.mapping else ""


def profile_of(form: str, *, deleted: bool = False) -> ImportProfile | None:
    """The saved mapping of this name; None for a format. Raises FileRefused for no such name.

    With `deleted` one that reads no new files is found too.
    """
    if form in (AUTO, MAPPED, *formats.FORMATS):
        return None
    known = ImportProfile.every if deleted else ImportProfile.objects
    profile = known.filter(slug=form).first()
    if profile is None:
        raise FileRefused(_("There is no format named %(name)s.") % {"name": form})
    return profile


def check_queue(profile: ImportProfile) -> None:
    """Raise FileRefused where a queue was said of rows that cannot take it."""
    said = _explained(profile.mapping)
    if said.takes_queue:
        return
    if column := said.column("queue"):
        words = _("The mapping %(name)s reads the queue from %(column)s: name none beside it.")
        raise FileRefused(words % {"name": profile.name, "column": column.label})
    raise FileRefused(_("What the mapping %s reads is of no queue: name none.") % profile.name)


def saved_mappings() -> list[Format]:
    """The formats that people have described; one whose mapping no longer reads is none."""
    known: list[Format] = []
    for one in ImportProfile.objects.all():
        with suppress(ValueError):
            known.append(Mapped(Profile.from_json(one.mapping), one.slug, one.name))
    return known


def _explained(mapping: dict[str, Any]) -> Profile:
    try:
        return Profile.from_json(mapping)
    except ValueError as wrong:
        raise FileRefused(_("Its mapping can no longer be read: %s") % wrong) from wrong
