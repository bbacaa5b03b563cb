"""Burdens in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ccm.templatetags.figures import count, grouped
from scheduling.burdens.beyond import Beyond
from scheduling.fairness import Burden

BURDENS: dict[Burden, Promise] = {
    Burden.WEEKEND: _("Weekends"),
    Burden.NIGHT: _("Nights"),
    Burden.LATE: _("Lates"),
    Burden.SPLIT: _("Split shifts"),
    Burden.HOLIDAY: _("Holidays"),
}
# One shift of each.
ONE: dict[Burden, Promise] = {
    Burden.WEEKEND: _("weekend"),
    Burden.NIGHT: _("night"),
    Burden.LATE: _("late"),
    Burden.SPLIT: _("split"),
    Burden.HOLIDAY: _("holiday"),
}


def is_it_fair(theirs: Beyond) -> str:
    """The answer to whether it is fair to somebody, of all burdens together, in tenths: "Less than
    your fair share: 1 borne, 3.1 would be fair"."""
    total = theirs.total
    said = {"borne": count(theirs.borne), "fair": grouped(theirs.borne - total, 1)}
    if not total:
        return gettext("Just your fair share: %(borne)s borne, %(fair)s would be fair") % said
    if total > 0:
        return gettext("More than your fair share: %(borne)s borne, %(fair)s would be fair") % said
    return gettext("Less than your fair share: %(borne)s borne, %(fair)s would be fair") % said


def beyond(total: float) -> str:
    """What was borne beyond the fair share, in tenths: "2.5 above the fair share"."""
    said = {"figure": grouped(abs(total), 1)}
    if not total:
        return gettext("just the fair share")
    if total > 0:
        return gettext("%(figure)s above the fair share") % said
    return gettext("%(figure)s below the fair share") % said
