"""How the audit log tells of remarks."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told
from ccm.models import AuditEntry
from coaching.models import Remark


def tell(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """By what they are on."""
    rows = Remark.objects.filter(pk__in={one.object_id for one in entries})
    about = {str(pk): words for pk, words in rows.values_list("pk", "about")}
    return {
        one.pk: Told(
            _("Question: %(about)s") % {"about": about[one.object_id]},
            reverse("remark", args=[one.object_id]),
        )
        for one in entries
        if one.object_id in about
    }
