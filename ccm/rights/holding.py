"""What an account may do by its roles and by what was changed of them. Pure."""

from collections import defaultdict
from collections.abc import Collection, Container, Mapping
from dataclasses import dataclass

from ccm.rights.actions import ACTIONS, Action

Changed = Collection[tuple[str, str, bool]]
"""What differs from the registry: a role, an action's id, whether the role holds it."""


@dataclass(frozen=True, slots=True)
class _At:
    """One address of an action: what is sent there alone (POST), or with a key in the query."""

    action: Action
    posted: bool
    key: str

    def is_meant(self, method: str, keys: Container[str]) -> bool:
        return (not self.posted or method == "POST") and (not self.key or self.key in keys)


def _by_name() -> Mapping[str, list[_At]]:
    found: dict[str, list[_At]] = defaultdict(list)
    for action in ACTIONS.values():
        for address in action.addresses:
            method, _space, rest = address.rpartition(" ")
            name, _mark, key = rest.partition("?")
            found[name].append(_At(action, method == "POST", key))
    return dict(found)


_AT = _by_name()
_BEGIN: Mapping[str, list[Action]] = {
    name: [one for one in ACTIONS.values() if name in one.begins_at]
    for known in ACTIONS.values()
    for name in known.begins_at
}


def actions_at(name: str, method: str, keys: Container[str]) -> list[Action]:
    """The actions that somebody does who asks for an address, by its name."""
    return [one.action for one in _AT.get(name, ()) if one.is_meant(method, keys)]


def holds(role: str, action: Action, changed: Changed) -> bool:
    """Whether a role holds an action. What it cannot hold it is never given."""
    if role in action.holders:
        return (role, action.id, False) not in changed
    return role in action.others and (role, action.id, True) in changed


def is_open(roles: Collection[str], action: Action, changed: Changed) -> bool:
    """Whether somebody of these roles comes to the addresses of an action as far as rights go; what
    is there for them is said by the views, as ever."""
    had = [one for one in roles if one in action.holders]
    if all(holds(one, action, changed) for one in had):
        return True
    return any(holds(one, action, changed) or one in action.besides for one in roles)


def begun_at(name: str) -> list[Action]:
    """The actions to which somebody finds the way at an address that is of none of them."""
    return _BEGIN.get(name, [])


def roles_given(
    roles: Collection[str], actions: Collection[Action], changed: Changed
) -> frozenset[str]:
    """The roles that somebody was given some actions like."""
    return frozenset(
        action.like
        for action in actions
        if any(one in action.others and holds(one, action, changed) for one in roles)
    )


def roles_at(
    roles: Collection[str], actions: Collection[Action], changed: Changed
) -> frozenset[str]:
    """As which roles somebody is met at the addresses of some actions: those from which none of
    them was taken, and those that they were given one like."""
    found = set(roles)
    for action in actions:
        found -= {one for one in roles if one in action.holders} - {
            one for one in roles if holds(one, action, changed)
        }
    return frozenset(found) | roles_given(roles, actions, changed)


def is_told_of(name: str) -> bool:
    """Whether an address, by its name, is one of any action, or leads to one."""
    return name in _AT or name in _BEGIN
