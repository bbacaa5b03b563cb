"""How the audit log tells of onboarding."""

from collections.abc import Collection, Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told
from ccm.models import Agent, AuditEntry
from coaching.models import Newcomer, OnboardingPath, OnboardingStage


def newcomers(ids: Collection[int]) -> Mapping[int, str]:
    """Who they are. One query."""
    return dict(Newcomer.objects.filter(pk__in=ids).values_list("pk", "agent__name"))


def tell_paths(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    found = {}
    for one in entries:
        name = (one.after or one.before or {}).get("name")
        if name is not None:
            words = _("Onboarding path: %(name)s") % {"name": name}
            found[one.pk] = Told(words, reverse("onboarding_paths"))
    return found


def tell_stages(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    found = {}
    for one in entries:
        said = one.after or one.before or {}
        if "path" in said and "title" in said:
            told = {"name": names.of(OnboardingPath, said["path"]), "title": said["title"]}
            words = _("Onboarding path %(name)s: %(title)s") % told
            found[one.pk] = Told(words, reverse("onboarding_paths"))
    return found


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """By who goes through it."""
    found = {}
    for one in entries:
        said = one.after or one.before or {}
        if "agent" in said:
            words = _("Onboarding of %(who)s") % {"who": names.of(Agent, said["agent"])}
            url = reverse("onboarding_person", args=[int(one.object_id)]) if one.object_id else ""
            found[one.pk] = Told(words, url)
    return found


def tell_signs(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """By whose stage it is. One query."""
    wanted = [(one.after or one.before or {}).get("newcomer") for one in entries]
    rows = Newcomer.objects.filter(pk__in=[one for one in wanted if one is not None])
    known = rows.select_related("agent").in_bulk()
    found = {}
    for one in entries:
        said = one.after or one.before or {}
        newcomer = known.get(said.get("newcomer", 0))
        if newcomer is not None and "stage" in said:
            told = {
                "who": newcomer.agent.name, "stage": names.of(OnboardingStage, said["stage"])
            }  # fmt: skip
            words = _("Onboarding of %(who)s: %(stage)s") % told
            found[one.pk] = Told(words, reverse("onboarding_person", args=[newcomer.pk]))
    return found
