"""Saved reports: made, changed, copied; and asked again by whoever may read them."""

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ccm.access import ADMIN, MANAGER, PLANNER, QA_ANALYST, ROLES, SUPERVISOR
from ccm.models import User
from ccm.names import visible
from ccm.querysets import Viewer
from kpis.models import SavedReport
from kpis.reports import reach
from kpis.reports.asked import FORMAT, Asked
from kpis.reports.reach import Answerable

SHARED_WITH = (ADMIN, MANAGER, PLANNER, SUPERVISOR, QA_ANALYST)
"""Roles that see figures, so that a report tells them something."""


def save(owner: User, name: str, asked: Asked, roles: Collection[str] = ()) -> SavedReport:
    """A new report. Raises ValidationError for a name that is empty or taken."""
    made = SavedReport(owner=owner, question=asked.parameters(), form=FORMAT)
    change(made, name, roles)
    return made


def change(
    saved: SavedReport, name: str, roles: Collection[str], asked: Asked | None = None
) -> None:
    """Another name, other readers, another question. Raises ValidationError as `save`."""
    saved.name = visible(name.replace("\0", "")).strip()[:120]
    if not saved.name:
        raise ValidationError(_("Give the report a name."))
    saved.roles = [role for role in ROLES if role in roles and role in SHARED_WITH]
    if asked is not None:
        saved.question, saved.form = asked.parameters(), FORMAT
    saved.validate_constraints()
    saved.save()


def copy(saved: SavedReport, owner: User) -> SavedReport:
    """The report as somebody's own, which nobody else reads, under a name that is free."""
    taken = set(SavedReport.objects.filter(owner=owner).values_list("name", flat=True))
    name = saved.name
    number = 2
    while name in taken:
        name = f"{saved.name[:110]} ({number})"
        number += 1
    made: SavedReport = SavedReport.objects.create(
        owner=owner, name=name, question=saved.question, form=saved.form
    )
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
