"""Pages of the record on which people are rows or choices among others: what each is of."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PAGES: Mapping[str, str | Promise] = {
    "agent_list": _("Agents"),
    "api_agents": _("Agents"),
    "team_edit": _("A team and its people"),
    "users": _("Users"),
    "emergencies": _("Reach in an emergency"),
    "substitutes": _("Substitutes"),
    "failed_sign_ins": _("Failed sign-ins"),
    "calls": _("Calls"),
    "api_calls": _("Calls"),
    "audit": _("Audit log"),
    "cost_list": _("Costs"),
    "cost_new": _("A cost"),
    "cost_edit": _("A cost"),
    "target_list": _("Targets"),
    "target_new": _("A target"),
    "target_edit": _("A target"),
    "sale_list": _("Sales"),
    "sale_new": _("A sale"),
    "sale_edit": _("A sale"),
    "leave_list": _("Absences"),
    "leave_new": _("An absence"),
    "paid_list": _("Paid time"),
    "paid_new": _("Paid time"),
}
