"""Burdens in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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
