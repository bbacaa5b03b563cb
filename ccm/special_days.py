"""A site's own calendar: days that are special there whatever its country's holidays say.

`Site.special_days` keeps them as dicts with `day` (ISO), `name`, `kind` (of `Kind`) and `yearly`:
whether it is special on that date of each year from that one on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

Rows = Sequence[dict[str, Any]]
MOST = 400
LONGEST_NAME = 60


class Kind(TextChoices):
    HOLIDAY = "holiday", _("holiday")
    CLOSED = "closed", _("closed all day")
    PLAIN = "plain", _("ordinary day")


@dataclass(frozen=True, slots=True, order=True)
class SpecialDay:
    day: date
    name: str
    kind: str
    yearly: bool = False

    @property
    def row(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self) | {"day": self.day.isoformat()}

    @property
    def words(self) -> str:
        return str(Kind(self.kind).label)


def read(rows: Rows) -> list[SpecialDay]:
    """What is kept, by day."""
    return sorted(
        SpecialDay(date.fromisoformat(one["day"]), one["name"], one["kind"], one["yearly"])
        for one in rows
    )


def on(rows: Rows, day: date) -> SpecialDay | None:
    """What is said of a day: of itself, else of its date in an earlier year, the latest first."""
    text = day.isoformat()
    found = [
        one
        for one in rows
        if one["day"] == text
        or (one["yearly"] and one["day"] < text and one["day"][5:] == text[5:])
    ]
    if not found:
        return None
    last = max(found, key=lambda one: str(one["day"]))
    return SpecialDay(day, last["name"], last["kind"], last["yearly"])


def closed(rows: Rows, days: Iterable[date]) -> frozenset[date]:
    """Those of the days on which nothing is open."""
    if not any(one["kind"] == Kind.CLOSED for one in rows):
        return frozenset()
    told = ((day, on(rows, day)) for day in days)
    return frozenset(day for day, one in told if one is not None and one.kind == Kind.CLOSED)
