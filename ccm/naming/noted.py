"""What the audit log keeps of the names that logs write, and how it is said: whose a name is, never
the name itself where it is a person's."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm import audit
from ccm.audit import Names, Told, Values
from ccm.models import Agent, AgentAlias, AuditEntry, Disposition, Topic, User
from ccm.templatetags.figures import DASH, yes_no

# As `ccm.structure.told` writes it.
_OTHERWISE = "name_otherwise"


def confirmed(user: User, row: models.Model) -> None:
    """Tell that a name is right as it is."""
    _record(user, row, {"is_new": True}, {"is_new": False})


def renamed(user: User, row: Any, name: str) -> None:
    """Tell what a name is from now on; before it is so. Of an agent only that it is another."""
    if isinstance(row, Agent):
        before: dict[str, Any] = {_OTHERWISE: False, "is_new": row.is_new}
        after: dict[str, Any] = {_OTHERWISE: name != row.name, "is_new": False}
    else:
        before = {"name": row.name, "is_new": row.is_new}
        after = {"name": name, "is_new": False}
    if before != after:
        _record(user, row, before, after)


def values(alias: AgentAlias) -> dict[str, Any]:
    """Whose an agent's name is, where and from when; not the name."""
    return audit.values_of(alias, ("id", "raw_name"))


def alias_changed(
    user: User | None, alias: AgentAlias, before: Values | None, after: Values | None
) -> None:
    """Tell whose a name was and is."""
    if before != after:
        _record(user, alias, before, after)


def _record(
    user: User | None, row: models.Model, before: Values | None, after: Values | None
) -> None:
    audit.record(user, row, before=before, after=after, now=timezone.now())


def tell_aliases(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Each as "A name in logs of asterisk: Ada", with the agent's page. No query."""
    found = {}
    for one in entries:
        said = audit.said(one)
        if not said.keys() >= {"source", "agent"}:
            continue
        words = _("A name in logs of %(source)s: %(agent)s") % {
            "source": said["source"], "agent": names.of(Agent, said["agent"]),
        }  # fmt: skip
        found[one.pk] = Told(words, reverse("name", args=["agents", said["agent"]]))
    return found


def tell_words(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """Topics and dispositions by the names that they have now, or had last. One query."""
    kind: Any = Topic if entries[0].model == Topic._meta.label_lower else Disposition
    page = "topics" if kind is Topic else "dispositions"
    known = dict(
        kind.objects.filter(pk__in={one.object_id for one in entries}).values_list("pk", "name")
    )
    found = {}
    for one in entries:
        number = int(one.object_id)
        last = (one.after or one.before or {}).get("name", number)
        words = f"{kind._meta.verbose_name}: {known.get(number, last)}"
        url = reverse("name", args=[page, number]) if number in known else ""
        found[one.pk] = Told(words[:1].upper() + words[1:], url)
    return found


def write(_values: Values, name: str, value: Any) -> tuple[str, str] | None:
    """What the names' pages call it."""
    if name == "is_new":
        return _("Confirmed"), yes_no(not value)
    if name == "valid_from":
        return _("From"), value or DASH
    return None


def register() -> None:
    audit.register("ccm.agentalias", tell_aliases, write)
    for kind in (Topic, Disposition):
        audit.register(kind._meta.label_lower, tell_words, write)
