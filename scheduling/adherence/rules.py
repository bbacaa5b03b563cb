"""By which rules a site's adherence is told, and when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from ccm.models import Site
from kpis.formulas.adherence import Kept, adherence_ad1, adherence_ad2
from kpis.formulas.ratios import Ratio
from scheduling.models import AdherenceRules


@dataclass(frozen=True, slots=True)
class Rules:
    variant: str = "AD1"
    forgiven: timedelta = timedelta(0)
    late: timedelta = timedelta(0)

    @property
    def counts_outside(self) -> bool:
        """Whether work outside of what was scheduled lowers adherence."""
        return self.variant == "AD2"

    def adherence(self, kept: Kept) -> Ratio:
        return adherence_ad2(kept) if self.variant == "AD2" else adherence_ad1(kept)


def on(day: date, rows: Iterable[AdherenceRules]) -> Rules:
    """Those that hold on a day, of rows of a site."""
    begun = [one for one in rows if one.starts_on <= day]
    if not begun:
        return Rules()
    row = max(begun, key=lambda one: one.starts_on)
    return Rules(
        row.variant,
        timedelta(seconds=row.forgiven_seconds),
        timedelta(seconds=row.late_seconds),
    )


def of_site(site: Site, day: date) -> Rules:
    """One query."""
    return on(day, AdherenceRules.objects.filter(site=site, starts_on__lte=day))
