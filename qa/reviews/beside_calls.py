"""What the page of a call offers of quality review."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.call_acts import Act
from ccm.models import Call, User
from qa.reviews.taking import seems_takable


def acts(user: User, call: Call) -> Iterator[Act]:
    """That it is reviewed, by who may."""
    if seems_takable(user, call):
        yield Act(_("Review this call"), reverse("review_new", args=[call.pk]))
