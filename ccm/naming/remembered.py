"""What a merge of two names needs to know to be taken back, noted before it changes anything.

The rows that it moves are noted by the job that moves them (`reattribution`).
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core import serializers
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _

from ccm import audit
from ccm.audit import Names, Told, Values
from ccm.models import (
    Agent,
    AgentAlias,
    AuditEntry,
    Call,
    MovedRows,
    NameMerge,
    Site,
    TeamMembership,
    User,
)

if TYPE_CHECKING:
    from ccm.naming.services import Kind

# Of agents' time in teams, what makes a stay.
_STAY = ("pk", "team_id", "starts_on", "ends_on")


def remember(kind: "Kind", loser: Any, keeper: Any, user: User | None) -> NameMerge:
    """Note what `loser` is, before it becomes `keeper`."""
    aliases = kind.alias._default_manager.filter(**{kind.owner: loser})
    confirmed = "confirmed" if kind.alias is AgentAlias else "pk"
    earlier = NameMerge.objects.filter(kind=kind.slug, keeper=loser.pk, taken_back_at=None)
    was: dict[str, Any] = {
        "row": serializers.serialize("python", [loser])[0],
        "aliases": [[pk, bool(sure)] for pk, sure in aliases.values_list("pk", confirmed)],
        "merges": list(earlier.values_list("pk", flat=True)),
    }
    if isinstance(loser, Agent):
        stays = TeamMembership.objects.filter(agent=loser)
        was["stays"] = list(stays.values(*_STAY))
        was["login"] = loser.user_id
    merge: NameMerge = NameMerge.objects.create(
        kind=kind.slug,
        loser=loser.pk,
        keeper=keeper.pk,
        name=loser.name,
        site=loser.site if kind.of_a_site else None,
        was=was,
        merged_by=user,
    )
    earlier.update(keeper=keeper.pk)
    audit.record(user, merge, before=None, after=values(merge), now=merge.merged_at)
    return merge


def values(merge: NameMerge) -> dict[str, Any]:
    """What the audit log keeps of a merge; of an agent not the name."""
    said = {"kind": merge.kind, "loser": merge.loser, "keeper": merge.keeper, "site": merge.site_id}
    return said if merge.kind == "agents" else said | {"name": merge.name}


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Each as "Names merged: queues, Leeds", with the page of the name that stands. No query."""
    found = {}
    for one in entries:
        said = audit.said(one)
        if not said.keys() >= {"site", "kind", "keeper"}:
            continue
        where = "" if said["site"] is None else f", {names.of(Site, said['site'])}"
        words = _("Names merged: %(kind)s") % {"kind": _kind_words(said["kind"])}
        url = reverse("name", args=[said["kind"], said["keeper"]])
        found[one.pk] = Told(f"{words}{where}", url)
    return found


def write(_values: Values, name: str, value: Any) -> tuple[str, str] | None:
    """Both by their numbers: who an agent was is asked of the record, not of the log."""
    if name == "kind":
        return _("Kind"), _kind_words(value)
    labels = {"loser": _("Was number"), "keeper": _("Is number")}
    return (labels[name], str(value)) if name in labels else None


def _kind_words(kind: str) -> str:
    words = {
        "agents": _("agents"), "queues": _("queues"), "topics": _("topics"),
        "dispositions": _("dispositions"),
    }  # fmt: skip
    return words.get(kind, kind)


def note_hanging(merge: NameMerge, model: type[models.Model], moved: set[str]) -> None:
    """Note what still hangs on the loser when its records (tables `moved`) are gone from it."""
    hanging: dict[str, list[int]] = {}
    for told in model._meta.get_fields(include_hidden=True):
        if not isinstance(told, models.ManyToOneRel) or told.related_model in (Call, "self"):
            continue
        user, column = told.related_model, told.field.attname
        assert isinstance(user, type)
        table = user._meta.db_table
        if table in moved or getattr(user, "derived", False) or user is TeamMembership:
            continue
        keys = user._base_manager.filter(**{column: merge.loser}).values_list("pk", flat=True)
        if keys:
            hanging[f"{table}.{column}"] = list(keys)
    NameMerge.objects.filter(pk=merge.pk).update(was=merge.was | {"hanging": hanging})


def of(kind: "Kind", keeper: int) -> models.QuerySet[NameMerge]:
    """The merges that made a name what it is, the last first."""
    found = NameMerge.objects.filter(kind=kind.slug, keeper=keeper, taken_back_at=None)
    return found.select_related("merged_by")


def becomes(kind: "Kind", named: Any) -> Any | None:
    """The name that this one is being merged into, while its calls are on their way."""
    merges = NameMerge.objects.filter(kind=kind.slug, loser=named.pk, taken_back_at=None)
    keeper = merges.values_list("keeper", flat=True).first()
    return None if keeper is None else kind.rows.filter(pk=keeper).first()


def forget(merge: int) -> None:
    """Forget which rows a merge moved, that have gone back."""
    MovedRows.objects.filter(merge=merge).delete()
