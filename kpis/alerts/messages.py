"""What is sent of an alert: a mail to each who is told, a message to each webhook."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from ccm.outgoing import outbox
from kpis.alerts.models import Alert, AlertRule


def put(alert: Alert, rule: AlertRule) -> None:
    """Put out that the alert began, or that it is over. Each goes out once."""
    is_over = alert.cleared_at is not None
    key = f"alert {alert.pk} {'over' if is_over else 'raised'}"
    subject = subject_of(alert, rule)
    body = body_of(alert, rule)
    for user in rule.told.filter(is_active=True).exclude(email=""):
        outbox.mail(f"{key} mail {user.pk}", user.email, subject, body, site=rule.site)
    for webhook in rule.webhooks.all():
        outbox.tell(f"{key} hook {webhook.pk}", webhook, subject, payload_of(alert, rule))


def subject_of(alert: Alert, rule: AlertRule) -> str:
    if alert.cleared_at is not None:
        return _("Over: %(rule)s (%(site)s)") % {"rule": rule.name, "site": rule.site}
    level = AlertRule.Level(alert.level).label
    return f"{level}: {rule.name} ({rule.site})"


def body_of(alert: Alert, rule: AlertRule) -> str:
    lines = [alert.words, _("Since %(time)s") % {"time": _time(alert.raised_at, rule)}]
    if alert.cleared_at is not None:
        lines.append(_("Over at %(time)s") % {"time": _time(alert.cleared_at, rule)})
    return "\n".join(lines) + "\n"


def payload_of(alert: Alert, rule: AlertRule) -> dict[str, Any]:
    """The message a webhook gets; times are UTC, the figure in the KPI's unit."""
    return {
        "type": "alert",
        "state": "raised" if alert.cleared_at is None else "over",
        "alert": alert.pk,
        "rule": rule.name,
        "level": alert.level,
        "site": rule.site.slug,
        "queue": None if rule.queue is None else rule.queue.name,
        "kpi": rule.kpi,
        "bound": float(rule.raises_at),
        "value": alert.value,
        "n": alert.n,
        "words": alert.words,
        "raised_at": alert.raised_at.isoformat(),
        "over_at": None if alert.cleared_at is None else alert.cleared_at.isoformat(),
    }


def _time(moment: datetime, rule: AlertRule) -> str:
    return f"{moment.astimezone(rule.site.tz):%Y-%m-%d %H:%M} ({rule.site.zone})"
