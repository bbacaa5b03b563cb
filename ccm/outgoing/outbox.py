"""Messages on their way out: put into the database with what they are about, sent by a task.

A message is sent at least once. One that does not arrive is tried again, each time later, for
about a day; then it is given up, and the page of deliveries and whoever it was for say so.

A try is counted, and when the next one is due is written down, before anything is sent: whoever
dies over it leaves a message that comes later, and is given up in the end. Nothing of the database
is held meanwhile. One run at a time sends, for a while and no longer, to each receiver in its turn;
whom it did not reach it leaves for the next run. So a receiver that does not answer takes one place
of a worker, and no other receiver's time.
"""

import logging
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from smtplib import SMTPConnectError, SMTPException, SMTPServerDisconnected
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm import database
from ccm.access import scope_of
from ccm.models import Attachment, Delivery, DeliveryTry, Site, Webhook
from ccm.outgoing import webhooks
from ccm.querysets import Viewer
from ccm.signals import message_put

log = logging.getLogger(__name__)

# How long after a failed try the next one comes; after the last of these it is given up.
MINUTES = (1, 5, 15, 60, 180, 360, 720)
# A message on its way is nobody else's for so long, whatever becomes of who sends it.
HELD = timedelta(minutes=5)
# For so long a run begins to send, and goes on with one receiver before it is another's turn.
RUN_SECONDS = 20.0
TURN_SECONDS = 5.0
_LOCK = "ccm.outgoing"
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
    """Send what is due; how many were tried. Where another run is at it, none: that one finds them.

    Ends `RUN_SECONDS` after it began and one message more, with whatever is left for the next run.
    """
    with database.alone(_LOCK) as alone:
        return _send_in_turn(now, most) if alone else 0


def _send_in_turn(now: datetime, most: int) -> int:
    ends = time.monotonic() + RUN_SECONDS
    tried, done = 0, set[int | None]()
    while waiting := [one for one in _receivers(now) if one not in done]:
        for receiver in waiting:
            turn_ends = time.monotonic() + TURN_SECONDS
            while time.monotonic() < turn_ends:
                if tried >= most or time.monotonic() >= ends:
                    return tried
                attempt = _claimed(receiver, now)
                if attempt is None:
                    done.add(receiver)
                    break
                tried += 1
                if not _is_reached(attempt, now):
                    done.add(receiver)
                    break
    return tried


def _due(now: datetime) -> Any:
    return Delivery.objects.filter(state=Delivery.State.WAITING, due_at__lte=now)


def _receivers(now: datetime) -> list[int | None]:
    """The webhooks that something is due for, the one that was tried longest ago first; before
    them None, the mail server, if mails are due."""
    hooks = (
        Webhook.objects.filter(Exists(_due(now).filter(webhook=OuterRef("pk"))))
        .annotate(last=Max("deliveries__attempts"))
        .order_by(F("last").asc(nulls_first=True), "pk")
    )
    mails: list[int | None] = [None] if _due(now).filter(webhook=None).exists() else []
    return [*mails, *hooks.values_list("pk", flat=True)]


@transaction.atomic
def _claimed(receiver: int | None, now: datetime) -> DeliveryTry | None:
    """A try to send the next message to a receiver, counted already; None: nothing is due."""
    due = _due(now).filter(webhook=receiver).order_by("due_at", "pk")
    rows = due.select_for_update(skip_locked=True, of=("self",)).select_related("webhook")
    while (one := rows.first()) is not None:
        if one.tries <= len(MINUTES):
            one.tries += 1
            one.due_at = now + max(HELD, wait(one.tries))
            one.save(update_fields=["tries", "due_at"])
            return DeliveryTry.objects.create(delivery=one, began_at=now)
        # Whoever tried it for the last time did not live to say how it went.
        one.state, one.error = Delivery.State.FAILED, one.error or _("its sending was cut off")
        one.save(update_fields=["state", "error"])
    return None


def wait(tries: int) -> timedelta:
    """How long after so many tries the next one comes; after the last: no time at all."""
    return timedelta(minutes=MINUTES[tries - 1]) if tries <= len(MINUTES) else timedelta()


def _is_reached(attempt: DeliveryTry, now: datetime) -> bool:
    """Send a message, and write down how it went; whether its receiver may be told more now."""
    one = attempt.delivery
    began, reached = time.monotonic(), True
    try:
        attempt.status = _send(one, now)
    except (webhooks.Refused, SMTPException, OSError, ValueError) as trouble:
        attempt.status = getattr(trouble, "status", None)
        attempt.error = (str(trouble) or type(trouble).__name__)[:300]
        log.warning("%s not sent: %s", one.key, attempt.error)
        # What a mail server says of one mail holds no other.
        gone = isinstance(trouble, (SMTPConnectError, SMTPServerDisconnected))
        about_one = isinstance(trouble, (SMTPException, ValueError)) and not gone
        reached = one.webhook is None and about_one
    attempt.took_ms = round((time.monotonic() - began) * 1000)
    _write_down(attempt, one, now)
    return reached


@transaction.atomic
def _write_down(attempt: DeliveryTry, one: Delivery, now: datetime) -> None:
    attempt.save(update_fields=["took_ms", "status", "error"])
    row = Delivery.objects.filter(pk=one.pk, state=Delivery.State.WAITING)
    if not attempt.error:
        row.update(state=Delivery.State.SENT, sent_at=now, error="")
        return
    # One that somebody has tried anew meanwhile is no longer this try's.
    row = row.filter(tries=one.tries)
    if one.tries > len(MINUTES):
        row.update(state=Delivery.State.FAILED, error=attempt.error)
    else:
        row.update(due_at=now + wait(one.tries), error=attempt.error)


def _send(one: Delivery, now: datetime) -> int | None:
    """Send a message; what was answered, if that has a number."""
    if (hook := one.webhook) is not None:
        more = {"Ccm-Delivery": str(one.pk)}
        if one.repeats_id is not None:
            more["Ccm-Repeats"] = str(one.repeats_id)
        signed_by = hook.secrets_at(now)
        return webhooks.post(hook.url, one.payload or {}, signed_by, one.event_key, now, more)
    if one.way == Delivery.Way.WEBHOOK:
        raise webhooks.Refused(_("the webhook was removed"))
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
    return None


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


def repeat(one: Delivery) -> Delivery:
    """Say again what a webhook was told: a message of its own, signed anew when it goes out, whose
    event is that of the first."""
    assert one.webhook is not None  # nobody else is told again
    made = _put(
        f"again {secrets.token_hex(16)}",
        way=one.way,
        webhook=one.webhook,
        site=one.site,
        subject=one.subject,
        payload=one.payload,
        repeats=one,
        event=one.event_key,
    )
    assert made is not None  # no other has its key
    return made


def forget(now: datetime) -> int:
    """Remove what was sent or given up long ago, and secrets whose time is over; how many
    messages."""
    over = Webhook.objects.filter(old_until__lte=now)
    over.update(old_secret="", old_until=None)
    old = Delivery.objects.exclude(state=Delivery.State.WAITING).filter(made_at__lt=now - KEPT)
    _rows, by_model = old.delete()
    return by_model.get(Delivery._meta.label, 0)
