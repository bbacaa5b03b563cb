"""Sums of kept days for pages: of each person, and of all; ratios are made of sums."""

from datetime import timedelta

from kpis.formulas.adherence import Kept
from scheduling.models import AdherenceDay

_NAMES = (
    "scheduled", "adherent", "missed", "outside", "on_queue_scheduled", "on_queue_worked",
)  # fmt: skip


def kept_of(row: AdherenceDay, prefix: str = "") -> Kept:
    """A row's sums; `prefix` "before_": before exceptions."""
    return Kept(*(timedelta(seconds=getattr(row, prefix + name)) for name in _NAMES))
