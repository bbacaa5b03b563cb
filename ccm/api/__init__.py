"""The REST API's base: who may call it, and how it says no. `settings` names what is here."""

from ccm.api.auth import ReadOnly, TokenAuthentication, TokenScope
from ccm.api.problems import AGAIN_SECONDS, plain_problem, problem, refuse_unread

__all__ = [
    "AGAIN_SECONDS",
    "ReadOnly",
    "TokenAuthentication",
    "TokenScope",
    "plain_problem",
    "problem",
    "refuse_unread",
]
