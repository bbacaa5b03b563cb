"""What people do about alerts."""

from datetime import datetime

from django.db import transaction

from ccm.models import User
from kpis.alerts.models import Alert, AlertRule


def acknowledge(alert: Alert, user: User, note: str, now: datetime) -> bool:
    """Note that somebody sees to a standing alert; whether nobody had before."""
    standing = Alert.objects.filter(pk=alert.pk, cleared_at=None, seen_at=None)
    return bool(standing.update(seen_by=user, seen_at=now, note=note[:300]))


@transaction.atomic
def keep(rule: AlertRule, now: datetime) -> None:
    """Keep a rule. What it raised under other bounds, or before it was switched off, is over."""
    rule.save()
    before = rule.alerts.filter(cleared_at=None)
    before.update(cleared_at=now)
    AlertRule.objects.filter(pk=rule.pk).update(checked_at=None, unknown="")
