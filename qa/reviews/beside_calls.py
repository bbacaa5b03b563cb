"""What the page of a call offers of quality review."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm.call_acts import Act
from ccm.models import Call, User
from ccm.templatetags import figures
from qa.models import Evaluation
from qa.reviews.taking import seems_takable

_MOST = 5


def acts(user: User, call: Call) -> Iterator[Act]:
    """Its finished reviews, for who may read them, and that it is reviewed, by who may."""
    rows = Evaluation.objects.visible_to(user).done().exclude(kind=Evaluation.Kind.CALIBRATION)
    for one in rows.filter(call=call.pk).order_by("-finished_at", "-pk")[:_MOST]:
        yield Act(_words(one, call), reverse("review_told", args=[one.pk]))
    if seems_takable(user, call):
        yield Act(_("Review this call"), reverse("review_new", args=[call.pk]))


def _words(one: Evaluation, call: Call) -> str:
    """ "Review of 17 Nov: 94.3 %"."""
    at = one.finished_at or one.called_at
    day = date_format(at.astimezone(call.site.calendar.zone), "j M")
    if one.share is None:
        return _("Review of %(day)s") % {"day": day}
    said = {"day": day, "score": figures.percent(one.share)}
    return _("Review of %(day)s: %(score)s") % said
