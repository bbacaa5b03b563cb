"""What somebody may do by the rights of their roles, and as whom they are met at an address."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import Http404
from django.urls import Resolver404, resolve

from ccm.access import Scope, acting_as, scope_as, scope_of
from ccm.models import User
from ccm.querysets import Viewer
from ccm.rights import holding
from ccm.rights.actions import ACTIONS


def may(user: Viewer, action: str) -> bool:
    """Whether somebody has a role that holds an action, or never had one of those that do: what
    there is for them then is said by the views. Raises KeyError for no such action."""
    scope = scope_of(user)
    return scope.everything or holding.is_open(scope.roles, ACTIONS[action], scope.rights)


def scope_for(user: Viewer, action: str) -> Scope:
    """The scope of a user as far as an action goes: of the roles that hold it, and of those that
    never did. Nothing where there is none. Raises KeyError for no such action."""
    scope = scope_of(user)
    if not scope.rights or not isinstance(user, User):
        return scope
    told = ACTIONS[action]
    if not holding.is_open(scope.roles, told, scope.rights):
        return Scope()
    return scope_as(user, holding.roles_at(scope.roles, [told], scope.rights))


def scope_at(user: Viewer, name: str, method: str = "GET", keys: Any = ()) -> Scope | None:
    """The scope with which somebody is met at an address, by its name; None: it is closed to them.
    No query where the user's scope is known."""
    scope = scope_of(user)
    if not scope.rights or not isinstance(user, User):
        return scope
    actions = holding.actions_at(name, method, keys)
    if not all(holding.is_open(scope.roles, one, scope.rights) for one in actions):
        return None
    roles = holding.roles_at(scope.roles, actions, scope.rights)
    begun = holding.begun_at(name)
    return scope_as(user, roles | holding.roles_given(scope.roles, begun, scope.rights))


def heed(user: User, name: str, method: str, keys: Any) -> None:
    """Meet somebody at an address as their rights have it: from now on their scope is that one.
    Raises Http404 where it is closed to them."""
    whole: Scope | None = getattr(user, "_ccm_whole", None)
    if whole is not None:  # who asks for several, as a worker does
        user._ccm_scope = whole  # type: ignore[attr-defined]
    if not holding.is_told_of(name):
        return
    here = scope_at(user, name, method, keys)
    if here is None:
        raise Http404
    user._ccm_whole = scope_of(user)  # type: ignore[attr-defined]
    user._ccm_scope = here  # type: ignore[attr-defined]


def whole_scope_of(user: Viewer) -> Scope:
    """The scope of somebody wherever they are met: what the sidebar asks."""
    scope: Scope | None = getattr(user, "_ccm_whole", None)
    return scope_of(user) if scope is None else scope


@contextmanager
def everywhere(user: Viewer) -> Iterator[None]:
    """Meanwhile somebody is met as wherever no action is done."""
    whole: Scope | None = getattr(user, "_ccm_whole", None)
    if whole is None or not isinstance(user, User):
        yield
        return
    with acting_as(user, whole):
        yield


def is_closed(user: User, path: str, method: str, keys: Any) -> bool:
    """Whether what a path leads to is closed to somebody by rights. What leads nowhere is not."""
    try:
        name = resolve(path).url_name or ""
    except Resolver404:
        return False
    return scope_at(user, name, method, keys) is None
