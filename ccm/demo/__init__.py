"""An invented call centre: people, months of calls and a simulator that plays on.

house, names, people   who and what there is
lessons                who was taught by whom, and what that truly changed
arrivals, temper       who rings, and what they bring along
rota, floor            who works when, and the game of waiting, answering and calling back
dialling               the calls out of those who call out for a week
asking                 what callers answer after their call
telling, centre        the game as a log; the whole centre for a seed
ledger                 what it spends, pays for, sells and plans, and who is away
truth                  its totals, counted without the loader
promises               whom an agent is to call again
load, simulate         into the record; and on, live, through the events API
after                  what other apps show of it, made by a worker
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from django.utils.functional import SimpleLazyObject

if TYPE_CHECKING:
    from ccm.demo.logins import Login


def _one_a_role() -> "list[Login]":
    # The rest of the package needs no Django set up, and so must this import not.
    from ccm.demo.logins import one_a_role

    return one_a_role()


# One login a role, for whoever shows the centre. Made when first asked for: the passwords
# come from this installation's secret key.
LOGINS = cast("Sequence[Login]", SimpleLazyObject(_one_a_role))

__all__ = ["LOGINS"]
