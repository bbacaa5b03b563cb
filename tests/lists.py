"""Lists for tests: guessed as the mapping page does, imported as a saved layout is."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

from ccm.imports import run
from ccm.imports.files import dialect as dialects
from ccm.imports.files import opening, rows, scratch
from ccm.imports.mapping import guess
from ccm.imports.mapping.profile import Profile
from ccm.imports.mapping.targets import Rows
from ccm.models import ImportBatch, ImportProfile, Site, User
from tests.logs import DATA


def guessed(text: str | bytes, kind: Rows | None = None) -> Profile:
    """The first profile of a file with this text, as the page shows it."""
    with scratch.folder() as folder:
        upload = folder / "upload"
        upload.write_bytes(text.encode() if isinstance(text, str) else text)
        plain = opening.plain_file(upload, folder)
        told = dialects.seen(upload, plain).dialect
        with rows.opened(plain, told) as table:
            frame = next(table.stretches(0, 2_000)).frame
        return guess.profile_of(told, frame, kind)[0]


def meaning(profile: Profile) -> dict[str, str]:
    """What each column was guessed to mean."""
    return {one.label: one.target for one in profile.columns}


def answered(profile: Profile, **columns: dict[str, Any]) -> Profile:
    """The profile with what a person says of its columns, by their targets."""
    for target, changes in columns.items():
        column = profile.column(target)
        assert column is not None, target
        profile = profile.with_column(replace(column, **changes))
    return profile


def an_import(
    site: Site,
    text: str | bytes,
    profile: Profile | None = None,
    user: User | None = None,
    **said: Any,
) -> ImportBatch:
    """An import of a list, done; by the profile guessed of it, if none is given."""
    mapping = (profile or guessed(text)).as_json()
    slug = f"list-{ImportProfile.objects.count()}"
    ImportProfile.objects.create(name=slug, slug=slug, mapping=mapping)
    data = text.encode() if isinstance(text, str) else text
    batch = run.start([("list.csv", io.BytesIO(data))], form=slug, site=site, user=user, **said)
    run.run(batch.job_id)
    batch.refresh_from_db()
    batch.job.refresh_from_db()
    return batch


def imported(
    site: Site,
    text: str | bytes,
    profile: Profile | None = None,
    user: User | None = None,
    **said: Any,
) -> ImportBatch:
    """As `an_import`, for one that comes to its end."""
    batch = an_import(site, text, profile, user, **said)
    assert batch.job.state == "done", batch.job.words
    return batch


def books(batch: ImportBatch) -> dict[str, int]:
    """Where the rows went, without the fates that none had."""
    names = ("read", "stored", "updated", "duplicate", "rejected", "ignored")
    told = {name: getattr(batch, name) for name in names}
    return {name: count for name, count in told.items() if count}


def reasons(batch: ImportBatch) -> list[tuple[int, str, str]]:
    """Line, column and rule of each row that was rejected, ignored or noted."""
    return [(one.line, one.column, one.rule) for one in batch.issues.order_by("line", "pk")]


def sample(name: str) -> bytes:
    """An invented list of tests/data."""
    return (Path(DATA) / name).read_bytes()
