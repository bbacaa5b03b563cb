"""What an alert says: what was seen when it was raised, what is there now, and who sees to it."""

from django.utils.translation import gettext as _

from ccm.templatetags.figures import count, figure
from kpis.alerts.models import Alert, AlertRule
from kpis.alerts.watchable import can_be_watched
from kpis.definitions import parse
from kpis.figures import Figure


def raised_words(rule: AlertRule, one: Figure) -> str:
    """ "Service level of Sales below 80 %: 71.4 % of 52 in 30 minutes"."""
    words = (
        _("%(kpi)s of %(whose)s below %(bound)s: %(value)s of %(n)d, %(window)s")
        if rule.side == AlertRule.Side.BELOW
        else _("%(kpi)s of %(whose)s above %(bound)s: %(value)s of %(n)d, %(window)s")
    )
    return words % {
        "kpi": one.kpi.name,
        "whose": rule.queue or rule.site,
        "bound": told(float(rule.raises_at), one.unit),
        "value": told(one.value, one.unit),
        "n": one.n,
        "window": rule.get_window_display(),
    }


def now_words(alert: Alert) -> str:
    """ "70.1 % of 47": the figure of an alert that stands, as it was last looked at; empty: it had
    none."""
    if alert.value is None or not can_be_watched(alert.rule.kpi):
        return ""
    _kpi, variant = parse(alert.rule.kpi)
    value = told(alert.value, variant.unit)
    if variant.unit == "count":
        return value
    return _("%(value)s of %(n)s") % {"value": value, "n": count(alert.n)}


def changed_words(alert: Alert) -> str:
    """`now_words`, where it is another figure than the one that the alert was raised by."""
    now = now_words(alert)
    is_told = any(f": {now}{end}" in alert.words for end in (", ", _(" of ")))
    return "" if is_told else now


def told(value: float | int | None, unit: str) -> str:
    """A figure or a bound, of counts a whole one where it is, though they are kept as fractions."""
    if unit == "count" and value is not None and value == int(value):
        return figure(int(value), unit)
    return figure(value, unit)
