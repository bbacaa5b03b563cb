"""The lists of rules and of the alerts they raised."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ccm.plans import aims
from ccm.structure.tables import ListTable
from ccm.tables import WORDS, SortedColumn, tag
from kpis.alerts.models import AlertRule
from kpis.alerts.words import told

# Words that are read to their end, of which several stand side by side.
NARROW = {"th": {"class": "words"}, "td": {"class": "words why narrow"}}


def bound_words(rule: AlertRule) -> str:
    """ "Service level falls below 80.0 %": the bound as the KPI's figures are written."""
    aim = aims.known().get(rule.kpi)
    name = aim.name if aim else rule.kpi
    return f"{name} {rule.get_side_display()} {_written(rule, rule.raises_at)}"


def _written(rule: AlertRule, bound: Decimal) -> str:
    """A bound of a rule as its KPI's figures are written."""
    aim = aims.known().get(rule.kpi)
    return told(float(bound), aim.unit) if aim else aims.written(None, bound)


def quiet_words(rule: AlertRule) -> str:
    """ "quiet from 22:00 to 06:00": when nobody is told, by the site's clock."""
    if rule.quiet_from is None or rule.quiet_until is None:
        return ""
    words = gettext("quiet from %(first)s to %(last)s")
    return words % {"first": f"{rule.quiet_from:%H:%M}", "last": f"{rule.quiet_until:%H:%M}"}


class AlertRuleTable(ListTable):
    name = SortedColumn("name", verbose_name=_("Name"), attrs=WORDS)
    site = SortedColumn("site__name", verbose_name=_("Site"), attrs=WORDS)
    queue = SortedColumn("queue__name", verbose_name=_("Queue"), attrs=WORDS)
    bound = tables.Column(
        accessor="pk", verbose_name=_("Alert when"), attrs=NARROW, orderable=False
    )
    window = SortedColumn("window", verbose_name=_("Over the last"), attrs=WORDS)
    level = SortedColumn("level", verbose_name=_("Level"), attrs=WORDS)
    tells = tables.Column(accessor="pk", verbose_name=_("Tells"), attrs=NARROW, orderable=False)
    state = tables.Column(accessor="pk", verbose_name=_("Now"), attrs=NARROW, orderable=False)

    edit, label = "alert_rule_edit", _("Alert rules")

    class Meta(ListTable.Meta):
        order_by = "name"

    def render_name(self, record: AlertRule) -> SafeString:
        return self.link(record, record.name)

    def render_bound(self, record: AlertRule) -> SafeString | str:
        if record.clears_at == record.raises_at:
            return bound_words(record)
        words = gettext("over again at %(bound)s") % {"bound": _written(record, record.clears_at)}
        return format_html('{} <small class="mark">{}</small>', bound_words(record), words)

    def render_window(self, record: AlertRule) -> str:
        return record.get_window_display()

    def render_level(self, record: AlertRule) -> str:
        return record.get_level_display()

    def render_tells(self, record: AlertRule) -> SafeString | str:
        told = ", ".join(_told(record)) or str(_("nobody"))
        quiet = quiet_words(record)
        return format_html('{} <small class="mark">{}</small>', told, quiet) if quiet else told

    def render_state(self, record: AlertRule) -> SafeString | str:
        if not record.is_on:
            return str(_("switched off"))
        if record.is_raised:  # type: ignore[attr-defined]
            return tag(record.level, _("raised"))
        return record.unknown or str(_("quiet") if record.checked_at else _("not looked at yet"))


RULE_HEADER: list[Any] = [
    _("Site"), _("Name"), _("Queue"), _("KPI"), _("Side"), _("Bound"), _("Over again at"),
    _("Minutes"), _("Of at least"), _("Level"), _("Watched"), _("Tells"), _("Quiet from"),
    _("Quiet until"),
]  # fmt: skip


def rule_cells(rule: AlertRule) -> Sequence[object]:
    return (
        rule.site.name, rule.name, rule.queue, rule.kpi, rule.side, float(rule.raises_at),
        float(rule.clears_at), rule.window, rule.least_n, rule.level, rule.is_on,
        "; ".join(_told(rule)), *(
            "" if one is None else f"{one:%H:%M}" for one in (rule.quiet_from, rule.quiet_until)
        ),
    )  # fmt: skip


def _told(rule: AlertRule) -> list[str]:
    """Whom a rule tells: people, then webhooks."""
    return [str(one) for one in (*rule.told.all(), *rule.webhooks.all())]
