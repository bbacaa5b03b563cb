"""Who may sign in to the demo centre: one person a role.

Their passwords are made of this installation's secret key: `up` can print them at every start,
no two installations share one, and they are in no file.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import get_user_model

from ccm.access import ADMIN, AGENT, MANAGER, PLANNER, QA_ANALYST, SUPERVISOR, TRAINER

# Role, username, given and family name. The supervisor leads and the agent works at Leeds.
PEOPLE = (
    (ADMIN, "admin", "Ada", "Quist"),
    (MANAGER, "manager", "Marta", "Oyelaran"),
    (PLANNER, "planner", "Piotr", "Lindqvist"),
    (SUPERVISOR, "supervisor", "", ""),
    (QA_ANALYST, "qa_analyst", "Quentin", "Abara"),
    (TRAINER, "trainer", "Tess", "Halloran"),
    (AGENT, "agent", "", ""),
)


class Login(NamedTuple):
    role: str
    username: str
    password: str


def one_a_role() -> list[Login]:
    """One login a role, in the order of the roles."""
    return [Login(role, name, password(name)) for role, name, _given, _family in PEOPLE]


def names() -> list[str]:
    """The user names of the demo."""
    return [name for _role, name, _given, _family in PEOPLE]


def working() -> list[Login]:
    """Those that still open the door."""
    known = one_a_role()
    people = get_user_model().objects.filter(is_active=True, username__in=names())
    users = {user.get_username(): user for user in people}
    return [
        login
        for login in known
        if login.username in users and users[login.username].check_password(login.password)
    ]


def lines_of(logins: Iterable[Login]) -> list[str]:
    """As they are told on a terminal."""
    return [f"  {role:<12} {username:<24} {password}" for role, username, password in logins]


def username(role: str) -> str:
    return next(name for known, name, _given, _family in PEOPLE if known == role)


def password(username: str) -> str:
    """A demo password: 60 bits of a keyed hash, in three groups that can be typed."""
    key = settings.SECRET_KEY.encode()
    digest = hmac.new(key, f"ccm.demo {username}".encode(), hashlib.sha256).digest()
    letters = base64.b32encode(digest).decode().lower()[:12]
    return "-".join((letters[:4], letters[4:8], letters[8:]))
