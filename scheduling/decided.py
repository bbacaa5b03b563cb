"""Who decided what somebody asked for, and why: the same words wherever it is."""

from django.utils.translation import gettext as _

from ccm.models import User


def by(who: User | None, reason: str) -> str:
    """ "By Nathan Crossley: too many are away". Nobody is named whose account is gone."""
    told = {"who": who or _("somebody"), "reason": reason}
    return _("By %(who)s: %(reason)s") % told if reason else _("By %(who)s.") % told
