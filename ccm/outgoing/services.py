"""What people do with webhooks; the audit log has it."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from ccm import audit
from ccm.audit import Names, Told
from ccm.models import AuditEntry, Delivery, User, Webhook
from ccm.models.outbox import new_secret

# For how many days the secret before a new one can stay good, and unless somebody says otherwise.
OLD_DAYS = (0, 1, 7, 30)
USUAL_DAYS = 7


@transaction.atomic
def keep(webhook: Webhook, who: User, now: datetime) -> None:
    """Keep a webhook; a new one is whose who made it."""
    there = Webhook.objects.filter(pk=webhook.pk).first()
    before = None if there is None else values(there)
    if there is None:
        webhook.made_by = who
    webhook.save()
    if before != (after := values(webhook)):
        audit.record(who, webhook, before=before, after=after, now=now)


@transaction.atomic
def remove(webhook: Webhook, who: User, now: datetime) -> None:
    """Remove a webhook. What it was told stays as long as other messages do, under its name and
    host; what waits is given up."""
    audit.record(who, webhook, before=values(webhook), after=None, now=now)
    its = Delivery.objects.filter(webhook=webhook)
    its.update(address=f"{webhook.name} ({host_of(webhook.url)})")
    its.filter(state=Delivery.State.WAITING).update(
        state=Delivery.State.FAILED, error=_("the webhook was removed")
    )
    webhook.delete()


@transaction.atomic
def renew_secret(webhook: Webhook, days: int, who: User, now: datetime) -> str:
    """Give a webhook a new secret, which is returned; the one before it signs beside it for so many
    days. One that was still good from before ends at once."""
    held: Webhook = Webhook.objects.select_for_update().get(pk=webhook.pk)
    before = values(held) | {"secret": _mark(held.secret)}
    old = held.secret if days else ""
    held.old_secret, held.old_until = old, now + timedelta(days=days) if days else None
    held.secret = new_secret()
    held.save(update_fields=["secret", "old_secret", "old_until"])
    after = values(held) | {"secret": _mark(held.secret)}
    audit.record(who, held, before=before, after=after, now=now)
    return held.secret


def host_of(url: str) -> str:
    return urlsplit(url).hostname or ""


def _mark(words: str) -> str:
    """What changes with what it is of, and says nothing of it."""
    return hashlib.sha256(words.encode()).hexdigest()[:8]


def values(webhook: Webhook) -> dict[str, Any]:
    """What the log keeps: of the address its host and a mark that changes with the rest, which may
    be a secret; and the secret never."""
    host = urlsplit(webhook.url).netloc.rpartition("@")[2]
    return {
        "site": webhook.site_id, "name": webhook.name, "url": f"{host}/… ({_mark(webhook.url)})",
    }  # fmt: skip


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Each as "Webhook, Leeds", with the list of them. No query."""
    words = _("Webhook, %(site)s")
    url = reverse("webhook_list")
    return {one.pk: Told(words % {"site": names.site_of(one)}, url) for one in entries}
