"""What people do with webhooks; the audit log has it."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from ccm import audit
from ccm.audit import Names, Told
from ccm.models import AuditEntry, User, Webhook


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
    """Remove a webhook, and its messages with it."""
    audit.record(who, webhook, before=values(webhook), after=None, now=now)
    webhook.delete()


def values(webhook: Webhook) -> dict[str, Any]:
    """What the log keeps: of the address its host and a mark that changes with the rest, which may
    be a secret; and the secret never."""
    mark = hashlib.sha256(webhook.url.encode()).hexdigest()[:8]
    host = urlsplit(webhook.url).netloc.rpartition("@")[2]
    return {"site": webhook.site_id, "name": webhook.name, "url": f"{host}/… ({mark})"}


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Each as "Webhook, Leeds", with the list of them. No query."""
    words = _("Webhook, %(site)s")
    url = reverse("webhook_list")
    return {one.pk: Told(words % {"site": names.site_of(one)}, url) for one in entries}
