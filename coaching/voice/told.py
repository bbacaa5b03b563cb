"""How the audit log tells of tags of comments, and of items made of what returns."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told
from ccm.models import AuditEntry
from coaching.models import Complaint, VoiceTag


def tell(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """Tags by what they are called now. One query."""
    ids = [int(one.object_id) for one in entries if one.object_id]
    names = dict(VoiceTag.objects.filter(pk__in=ids).values_list("pk", "name"))
    found = {}
    for one in entries:
        if one.object_id:
            name = names.get(int(one.object_id), one.object_id)
            found[one.pk] = Told(_("Tag of comments: %(name)s") % {"name": name}, "")
    return found


def tell_complaints(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """Complaints by what their findings are called now. One query."""
    ids = [int(one.object_id) for one in entries if one.object_id]
    rows = Complaint.objects.filter(pk__in=ids).values_list("pk", "finding__title")
    titles = dict(rows)
    found = {}
    for one in entries:
        if one.object_id:
            pk = int(one.object_id)
            url = reverse("voice_item", args=[pk]) if pk in titles else ""
            words = _("Complaint: %(title)s") % {"title": titles.get(pk, one.object_id)}
            found[one.pk] = Told(words, url)
    return found
