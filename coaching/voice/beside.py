"""What the pages of findings and of calls lead to of callers."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.call_acts import Act
from ccm.models import Call, User
from coaching.models import Complaint
from qa.models import Finding


def evidence(finding: Finding) -> Iterator[Act]:
    """The comments of a complaint that returned, where the finding is one. One query."""
    pk = Complaint.objects.filter(finding=finding.pk).values_list("pk", flat=True).first()
    if pk is not None:
        yield Act(_("What callers say of it"), reverse("voice_item", args=[pk]))


def acts(_user: User, call: Call) -> Iterator[Act]:
    """What else the caller met, by who may open their call. No query."""
    if call.caller_hash:
        yield Act(_("What this caller met"), reverse("voice_caller", args=[call.pk]))
