"""How the audit log tells of surveys of people: that they were made, never of an answer."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told
from ccm.models import AuditEntry
from coaching.models import PulseSurvey


def tell(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    ids = {int(one.object_id) for one in entries if one.object_id}
    there = set(PulseSurvey.objects.filter(pk__in=ids).values_list("pk", flat=True))
    found = {}
    for one in entries:
        if not one.object_id:
            continue
        pk, said = int(one.object_id), one.after or one.before or {}
        words = _("Survey: %(title)s") % {"title": said.get("title", one.object_id)}
        found[one.pk] = Told(words, reverse("pulse_survey", args=[pk]) if pk in there else "")
    return found
