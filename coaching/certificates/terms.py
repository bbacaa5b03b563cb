"""Until when a certificate holds. Pure."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Term:
    """`expires_on` is the first day on which it holds no more, `warn_from` the first on which its
    end is told of; both null: it holds for good."""

    expires_on: date | None
    warn_from: date | None


def months_after(day: date, months: int) -> date:
    """The same day so many months later; of a month that has no such day, its last."""
    at = day.year * 12 + day.month - 1 + months
    year, month = divmod(at, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def term(given_on: date, valid_months: int | None, warn_days: int) -> Term:
    """The term of a certificate of a day. Its end is told of on the day on which it is given at the
    earliest. Raises ValueError for less than a month, or days below 0."""
    if valid_months is None:
        return Term(None, None)
    if valid_months < 1 or warn_days < 0:
        raise ValueError("a certificate holds for a month at least")
    end = months_after(given_on, valid_months)
    return Term(end, max(given_on, end - timedelta(days=warn_days)))
