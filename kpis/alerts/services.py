"""What people do about alerts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from ccm import audit
from ccm.audit import Names, Told, Values
from ccm.models import AuditEntry, User, Webhook
from ccm.templatetags.figures import DASH
from kpis.alerts.models import Alert, AlertRule
from kpis.definitions import UnknownKpi, parse

# What an alert is of: with another of these it would be another alert.
_WATCHED = (
    "site", "queue", "kpi", "side", "raises_at", "clears_at", "window", "least_n", "level", "is_on",
)  # fmt: skip


def acknowledge(alert: Alert, user: User, note: str, now: datetime) -> bool:
    """Note that somebody sees to a standing alert; whether nobody had before. The note has at most
    `LONGEST_NOTE` characters."""
    standing = Alert.objects.filter(pk=alert.pk, cleared_at=None, seen_at=None)
    with transaction.atomic():
        if not standing.update(seen_by=user, seen_at=now, note=note):
            return False
        of = {"rule": alert.rule_id, "raised_at": str(alert.raised_at)}
        audit.record(
            user, alert, before=of | {"seen_at": None}, after=of | {"seen_at": str(now)}, now=now
        )
    return True


@transaction.atomic
def keep(
    rule: AlertRule,
    who: User,
    now: datetime,
    *,
    told: Iterable[User] = (),
    webhooks: Iterable[Webhook] = (),
) -> None:
    """Keep a rule and whom it tells; the audit log has it. What it raised under other bounds, or
    before it was switched off, is over, and says that this is why."""
    there = AlertRule.objects.filter(pk=rule.pk).first()
    before = None if there is None else values(there)
    if there is None:
        rule.made_by = who
    rule.save()
    rule.told.set(told)
    rule.webhooks.set(webhooks)
    AlertRule.objects.filter(pk=rule.pk).update(checked_at=None, unknown="")
    # Bounds as they are kept, with all their digits.
    after = values(AlertRule.objects.get(pk=rule.pk))
    if before is not None and any(before[name] != after[name] for name in _WATCHED):
        standing = rule.alerts.filter(cleared_at=None)
        standing.update(cleared_at=now, ended_by_change=True)
    if before != after:
        audit.record(who, rule, before=before, after=after, now=now)


@transaction.atomic
def remove(rule: AlertRule, who: User, now: datetime) -> None:
    """Remove a rule and the alerts that it raised; the audit log has it."""
    audit.record(who, rule, before=values(rule), after=None, now=now)
    rule.delete()


def values(rule: AlertRule) -> dict[str, Any]:
    """What the audit log keeps of a rule: what a person can say of it, and whom it tells by ids."""
    return audit.values_of(rule, ("id", "made_by", "checked_at", "unknown")) | {
        name: sorted(getattr(rule, name).values_list("pk", flat=True))
        for name in ("told", "webhooks")
    }


def tell(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """Each as "Alert rule: Level", with the list of them. No query."""
    words, url = _("Alert rule: %(name)s"), reverse("alert_rule_list")
    return {
        one.pk: Told(words % {"name": said["name"]}, url)
        for one in entries
        if (said := audit.said(one)).get("name")
    }


def tell_alerts(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Each as "Alert: Level", by its rule, with the list of them. No query."""
    words, url = _("Alert: %(name)s"), reverse("alerts")
    return {
        one.pk: Told(words % {"name": names.of(AlertRule, said["rule"])}, url)
        for one in entries
        if (said := audit.said(one)).get("rule")
    }


def write(_values: Values, name: str, value: Any) -> tuple[str, str] | None:
    """A KPI by its name, a definition of it with its id."""
    if name != "kpi":
        return None
    try:
        kpi, variant = parse(value or "")
    except UnknownKpi:
        return _("KPI"), value or DASH
    return _("KPI"), f"{kpi.name} ({variant.id})" if ":" in value else str(kpi.name)
