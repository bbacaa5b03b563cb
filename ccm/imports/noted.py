"""An import of a list in the audit log: one entry that says how many of its rows came and changed,
and one when it is taken back, as when a log is. What logs tell is not what somebody changed."""

from typing import Any

from django.utils import timezone

from ccm import audit
from ccm.imports.mapping.profile import Profile
from ccm.imports.mapping.targets import Rows
from ccm.models import AuditEntry, ImportBatch


def rows_of(batch: ImportBatch) -> Rows | None:
    """What the rows of a list are; None of a log."""
    rows = None if batch.mapping is None else Profile.from_json(batch.mapping).rows
    return rows if rows is not None and rows.is_list else None


def imported(batch: ImportBatch) -> None:
    """Note what a list brought, if anything; once, however often it is gone on with."""
    rows = rows_of(batch)
    if rows is None:
        return
    batch.refresh_from_db(fields=["stored", "updated"])
    if not batch.stored + batch.updated or _noted(batch).exists():
        return
    audit.record(
        batch.job.created_by, batch, before=None, after=_values(batch, rows), now=timezone.now()
    )


def taken_back(batch: ImportBatch) -> None:
    """Note that what an import brought is gone, or as it was before."""
    who = None if batch.undo is None else batch.undo.created_by
    before = _values(batch, rows_of(batch))
    audit.record(who, batch, before=before, after=None, now=timezone.now())


def _values(batch: ImportBatch, rows: Rows | None) -> dict[str, Any]:
    return {
        "site": batch.site_id,
        "rows": "log" if rows is None else rows.value,
        "stored": batch.stored,
        "updated": batch.updated,
    }


def _noted(batch: ImportBatch) -> Any:
    entries = AuditEntry.objects.filter(model=batch._meta.label_lower, object_id=str(batch.pk))
    return entries.exclude(action=AuditEntry.Action.EXPORTED)
