"""Saved reports: made, changed, copied; and asked again by whoever may read them."""

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.access import ADMIN, MANAGER, PLANNER, QA_ANALYST, ROLES, SUPERVISOR
from ccm.models import User
from ccm.names import visible
from ccm.querysets import Viewer
from kpis.mailings import services as mailings
from kpis.models import SavedReport
from kpis.reports import reach, told
from kpis.reports.asked import FORMAT, Asked
from kpis.reports.reach import Answerable

SHARED_WITH = (ADMIN, MANAGER, PLANNER, SUPERVISOR, QA_ANALYST)
"""Roles that see figures, so that a report tells them something."""


def save(
    owner: User, name: str, asked: Asked, roles: Collection[str] = (), *, now: datetime
) -> SavedReport:
    """A new report. Raises ValidationError for a name that is empty or taken."""
    made = SavedReport(owner=owner, question=asked.parameters(), form=FORMAT)
    change(made, name, roles, now=now)
    return made


@transaction.atomic
def change(
    saved: SavedReport,
    name: str,
    roles: Collection[str],
    asked: Asked | None = None,
    *,
    now: datetime,
) -> None:
    """Another name, other readers, another question; by its owner, and the audit log has it. Raises
    ValidationError as `save`."""
    before = told.values(saved) if saved.pk else None
    saved.name = visible(name.replace("\0", "")).strip()[:120]
    if not saved.name:
        raise ValidationError(_("Give the report a name."))
    saved.roles = [role for role in ROLES if role in roles and role in SHARED_WITH]
    if asked is not None:
        saved.question, saved.form = asked.parameters(), FORMAT
    saved.validate_constraints()
    saved.save()
    if before != (after := told.values(saved)):
        audit.record(saved.owner, saved, before=before, after=after, now=now)


@transaction.atomic
def remove(saved: SavedReport, now: datetime) -> None:
    """Delete a report, by its owner, and what of it goes out by mail; the audit log has both."""
    for mailing in saved.mailings.all():
        mailings.remove(mailing, saved.owner, now)
    audit.record(saved.owner, saved, before=told.values(saved), after=None, now=now)
    saved.delete()


@transaction.atomic
def copy(saved: SavedReport, owner: User, now: datetime) -> SavedReport:
    """The report as somebody's own, which nobody else reads, under a name that is free; the audit
    log has it."""
    taken = set(SavedReport.objects.filter(owner=owner).values_list("name", flat=True))
    name = saved.name
    number = 2
    while name in taken:
        name = f"{saved.name[:110]} ({number})"
        number += 1
    made: SavedReport = SavedReport.objects.create(
        owner=owner, name=name, question=saved.question, form=saved.form
    )
    audit.record(owner, made, before=None, after=told.values(made), now=now)
    return made


def question_of(saved: SavedReport) -> Asked:
    """What a saved report asks."""
    kept = saved.question if isinstance(saved.question, dict) else {}
    return Asked.of(
        {
            str(name): [str(one) for one in many]
            for name, many in kept.items()
            if isinstance(many, list)
        }
    )


def for_reader(saved: SavedReport, reader: Viewer, now: datetime) -> Answerable:
    """What a saved report asks for a reader, with the rights of the reader, on the day of `now`.

    Raises LookupError where the reader sees no site's figures.
    """
    return reach.answerable(question_of(saved), reach.of(reader), now)
