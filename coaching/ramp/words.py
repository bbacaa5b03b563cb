"""Ramp time in words. Of fewer than five people it is not told, as no median here is: it would be
the time of one of them."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.templatetags.figures import count
from coaching.ramp.curve import FEW


def told(days: float | None, n: int) -> str:
    """ "25 days of 12 people", or of how few they are too few; "" where there is none."""
    if 0 < n < FEW:
        said = ngettext("too few to tell: %(n)s person", "too few to tell: %(n)s people", n)
        return said % {"n": count(n)}
    if days is None:
        return ""
    said = ngettext("%(days)s day", "%(days)s days", round(days)) % {"days": count(round(days))}
    return _("%(days)s of %(n)s people") % {"days": said, "n": count(n)}
