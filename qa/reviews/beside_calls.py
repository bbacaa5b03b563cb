"""What the page of a call offers of quality review."""

from collections.abc import Iterator

from django.db.models import Exists
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm.call_acts import Act
from ccm.models import Call, User
from ccm.templatetags import figures
from qa.models import Evaluation
from qa.reviews.taking import cards_for, seems_takable

_MOST = 5


def acts(user: User, call: Call) -> Iterator[Act]:
    """Its finished reviews, for who may read them; the reader's own that is still to be done; and
    that it is reviewed, once more or by another scorecard, by who may. One query."""
    rows = Evaluation.objects.visible_to(user).filter(call=call.pk)
    rows = rows.exclude(kind=Evaluation.Kind.CALIBRATION).exclude(state=Evaluation.State.DROPPED)
    # A reviewer reviews a call once by each scorecard.
    had = Evaluation.objects.filter(call=call.pk, reviewer=user.pk)
    had = had.exclude(kind=Evaluation.Kind.CALIBRATION).exclude(state=Evaluation.State.DROPPED)
    other = cards_for(user, call).exclude(pk__in=had.values("version__card"))
    found = list(rows.annotate(has_other_card=Exists(other)).order_by("-finished_at", "-pk"))
    done = [one for one in found if one.is_done]
    mine = [one for one in found if one.reviewer_id == user.pk]
    for one in done[:_MOST]:
        yield Act(_words(one, call), reverse("review_told", args=[one.pk]))
    for one in mine:
        if one.is_open:
            yield Act(_("Go on with your review"), reverse("review", args=[one.pk]))
    if not seems_takable(user, call) or (mine and not mine[0].has_other_card):
        return
    words = _("Review this call")
    if mine:
        words = _("Review it by another scorecard")
    elif done:
        words = _("Review it again")
    yield Act(words, reverse("review_new", args=[call.pk]))


def _words(one: Evaluation, call: Call) -> str:
    """ "Review of 17 Nov: 94.3 %"."""
    at = one.finished_at or one.called_at
    day = date_format(at.astimezone(call.site.calendar.zone), "j M")
    if one.share is None:
        return _("Review of %(day)s") % {"day": day}
    said = {"day": day, "score": figures.percent(one.share)}
    return _("Review of %(day)s: %(score)s") % said
