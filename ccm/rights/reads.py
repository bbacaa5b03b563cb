"""What roles may do, as the admins' page and the audit log tell it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ccm.access import ADMIN, ROLES
from ccm.audit import Names, Told, Values
from ccm.models import AuditEntry, RoleRight, User
from ccm.navigation import ROLE_WORDS
from ccm.rights.actions import ACTIONS, GROUPS, Action
from ccm.rights.holding import Changed, holds

Words = str | Promise
OTHERS = tuple(one for one in ROLES if one != ADMIN)
"""The roles that rights are said of: admins have all."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A role and an action: whether it may hold it at all, does, and did as it came; `said` is what
    an admin said of it last, if anybody did."""

    role: str
    words: Words
    can: bool
    held: bool
    by_default: bool
    said: RoleRight | None

    @property
    def is_changed(self) -> bool:
        return self.held != self.by_default


@dataclass(frozen=True, slots=True)
class Row:
    action: Action
    cells: list[Cell]

    @property
    def changed(self) -> list[Cell]:
        return [one for one in self.cells if one.is_changed]


@dataclass(frozen=True, slots=True)
class Page:
    """The roles with how many people who may sign in have each, and groups of rows; `seen` is what
    was changed, as it stands, by which a form says what it was filled in over."""

    roles: list[tuple[str, Words, int]]
    groups: list[tuple[Words, list[Row]]]
    seen: str

    @property
    def changed(self) -> int:
        return sum(len(row.changed) for _words, rows in self.groups for row in rows)


def page() -> Page:
    """Two queries."""
    said = {(one.role, one.action): one for one in RoleRight.objects.select_related("changed_by")}
    rows = changed_of(said.values())
    many = people()
    groups = [
        (words, [Row(one, _cells(one, rows, said)) for one in actions]) for words, actions in GROUPS
    ]
    roles = [(one, ROLE_WORDS[one], many.get(one, 0)) for one in OTHERS]
    return Page(roles, groups, seen(rows))


def _cells(action: Action, rows: Changed, said: dict[tuple[str, str], RoleRight]) -> list[Cell]:
    return [
        Cell(
            role, ROLE_WORDS[role], action.can_hold(role), holds(role, action, rows),
            role in action.holders, said.get((role, action.id)),
        )
        for role in OTHERS
    ]  # fmt: skip


def changed_of(rows: Iterable[RoleRight]) -> frozenset[tuple[str, str, bool]]:
    return frozenset((one.role, one.action, one.held) for one in rows)


def seen(rows: Changed) -> str:
    """What was changed in one line, the same for the same."""
    known = (one for one in rows if one[1] in ACTIONS)
    return " ".join(f"{role}:{action}:{held:d}" for role, action, held in sorted(known))


def people() -> dict[str, int]:
    """How many people who may sign in have each role. One query."""
    rows = User.objects.filter(is_active=True, groups__name__in=ROLES)
    return dict(rows.values_list("groups__name").annotate(Count("pk", distinct=True)))


def tell(entries: Sequence[AuditEntry], _names: Names) -> dict[int, Told]:
    """Each as "Right of the role Manager: Import logs". No query."""
    words, url = _("Right of the role %(role)s: %(action)s"), reverse("rights")
    found = {}
    for one in entries:
        value = one.after or one.before or {}
        action = ACTIONS.get(value.get("action", ""))
        role = value.get("role", "")
        said = {
            "role": ROLE_WORDS.get(role, role),
            "action": action.words if action else value.get("action", ""),
        }
        found[one.pk] = Told(words % said, url)
    return found


def write(_values: Values, name: str, value: Any) -> tuple[str, str] | None:
    """Whether the role holds it."""
    if name == "held" and isinstance(value, bool):
        return _("Holds it"), _("yes") if value else _("no")
    return None
