"""Pages of figures on which people are rows or choices among others: what each is of."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PAGES: Mapping[str, str | Promise] = {
    "agents": _("Figures of agents"),
    "floor": _("Floor"),
    "report": _("A report"),
    "passport_calls": _("Calls of a figure"),
    "api_kpis": _("Figures of agents"),
    "worklist": _("Callbacks"),
    "callbacks": _("Callbacks"),
    "callbacks_asked": _("Callbacks"),
    "call_back_owner": _("Who calls back"),
    "mailing_new": _("A mailing"),
    "mailing_edit": _("A mailing"),
}
