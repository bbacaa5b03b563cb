"""What else a finding stands on than a review: who keeps it tells it here, and the page of the
finding leads there."""

from collections.abc import Callable, Iterable

from ccm.call_acts import Act
from qa.models import Finding

Teller = Callable[[Finding], Iterable[Act]]
"""What a finding stands on; it asks the database once at most."""
_tellers: list[Teller] = []


def register(teller: Teller) -> None:
    """Have the page of a finding lead to what an app knows of it."""
    if teller not in _tellers:
        _tellers.append(teller)


def of_finding(finding: Finding) -> list[Act]:
    return [act for teller in _tellers for act in teller(finding)]
