"""Messages on their way out: put into the database with what they are about, sent by a task.

A message is sent at least once. One that does not arrive is tried again, each time later, for
about a day; then it is given up, and the page of deliveries and whoever it was for say so.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm.access import scope_of
from ccm.models import Attachment, Delivery, Site, Webhook
from ccm.outgoing import webhooks
from ccm.querysets import Viewer
from ccm.signals import message_put

log = logging.getLogger(__name__)

# How long after a failed try the next one comes; after the last of these it is given up.
MINUTES = (1, 5, 15, 60, 180, 360, 720)
# How long sent messages are kept.
KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class File:
    """What goes along with a mail."""

    name: str
    media_type: str
    data: bytes


@transaction.atomic
def mail(
    key: str,
    address: str,
    subject: str,
    body: str,
    *,
    html: str = "",
    site: Site | None = None,
    files: Sequence[File] = (),
) -> bool:
    """Put out a mail, unless one of this key was; whether it was put out now."""
    delivery = _put(
        key,
        way=Delivery.Way.MAIL,
        address=address,
        site=site,
        subject=subject,
        body=body,
        html=html,
    )
    if delivery is None:
        return False
    Attachment.objects.bulk_create(
        Attachment(delivery=delivery, name=one.name, media_type=one.media_type, data=one.data)
        for one in files
    )
    return True


def tell(key: str, webhook: Webhook, subject: str, payload: dict[str, Any]) -> bool:
    """Put out a message to a webhook, unless one of this key was; whether it was put out now."""
    made = _put(
        key,
        way=Delivery.Way.WEBHOOK,
        webhook=webhook,
        site=webhook.site,
        subject=subject,
        payload=payload,
    )
    return made is not None


def _put(key: str, **said: Any) -> Delivery | None:
    said["subject"] = " ".join(said["subject"].split())[:200]
    delivery, made = Delivery.objects.get_or_create(
        key=key, defaults={"due_at": timezone.now(), **said}
    )
    if made:
        transaction.on_commit(lambda: message_put.send(sender=None))
    return delivery if made else None


def send_due(now: datetime, most: int = 100) -> int:
    """Send what is due; how many were tried. Beside other senders each takes its own."""
    tried = 0
    while tried < most and _send_next(now):
        tried += 1
    return tried


@transaction.atomic
def _send_next(now: datetime) -> bool:
    due = Delivery.objects.filter(state=Delivery.State.WAITING, due_at__lte=now)
    one = (
        due.select_for_update(skip_locked=True, of=("self",))
        .select_related("webhook")
        .order_by("due_at", "pk")
        .first()
    )
    if one is None:
        return False
    one.tries += 1
    try:
        _send(one, now)
    except (webhooks.Refused, SMTPException, OSError, ValueError) as trouble:
        one.error = (str(trouble) or type(trouble).__name__)[:300]
        log.warning("%s not sent: %s", one.key, one.error)
        if one.tries > len(MINUTES):
            one.state = Delivery.State.FAILED
        else:
            one.due_at = now + timedelta(minutes=MINUTES[one.tries - 1])
    else:
        one.state, one.sent_at, one.error = Delivery.State.SENT, now, ""
    one.save()
    return True


def _send(one: Delivery, now: datetime) -> None:
    if one.webhook is not None:
        webhooks.post(one.webhook.url, one.payload or {}, one.webhook.secret, one.key, now)
        return
    if not settings.MAIL_IS_SET:
        raise ValueError(_("no mail server is set up"))
    # The same message sent again is known by its id.
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(">") or "localhost"
    headers = {
        "Message-ID": f"<{sha256(one.key.encode()).hexdigest()[:40]}@{domain}>",
        "Auto-Submitted": "auto-generated",
    }
    message = EmailMultiAlternatives(one.subject, one.body, to=[one.address], headers=headers)
    if one.html:
        message.attach_alternative(one.html, "text/html")
    for file in one.attachments.all():
        message.attach(file.name, bytes(file.data), file.media_type)
    message.send()


def unsent(user: Viewer) -> str:
    """Why no mail goes out, in words for a reader; empty: mails do."""
    if settings.MAIL_IS_SET:
        return ""
    if scope_of(user).everything:
        return _("No mail server is set up: mails wait until CCM_MAIL_URL names one.")
    return _("No mail server is set up, so mails wait: ask your administrator.")


def try_again(one: Delivery, now: datetime) -> None:
    """Try a message that was given up from the beginning, or one that waits at once."""
    Delivery.objects.filter(pk=one.pk).exclude(state=Delivery.State.SENT).update(
        state=Delivery.State.WAITING, tries=0, due_at=now
    )
    message_put.send(sender=None)


def forget(now: datetime) -> int:
    """Remove what was sent or given up long ago; how many messages."""
    old = Delivery.objects.exclude(state=Delivery.State.WAITING).filter(made_at__lt=now - KEPT)
    _rows, by_model = old.delete()
    return by_model.get(Delivery._meta.label, 0)
