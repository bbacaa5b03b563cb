"""What goes out: mails and webhooks on their way, and where webhooks lead."""

import secrets
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from ccm.models.people import Site, User
from ccm.models.words import LineField
from ccm.querysets import DeliveryQuerySet, WebhookQuerySet


def new_secret() -> str:
    """What a webhook's messages are signed with."""
    return secrets.token_urlsafe(32)


class Webhook(models.Model):
    """An address that is told of things by POST, each message signed with `secret`, and beside it
    with the secret before it, until that one's time is over.
    """

    site = models.ForeignKey(Site, models.CASCADE, related_name="webhooks")
    name = LineField(max_length=80)
    url = models.URLField(max_length=500)
    secret = models.CharField(max_length=64, default=new_secret, editable=False)
    old_secret = models.CharField(
        max_length=64, blank=True, default="", db_default="", editable=False
    )
    old_until = models.DateTimeField(null=True, editable=False)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "name"],
                name="webhook_once",
                violation_error_message=_("The site has a webhook of this name already."),
            ),
            models.CheckConstraint(
                condition=models.Q(old_secret="", old_until=None)
                | (~models.Q(old_secret="") & models.Q(old_until__isnull=False)),
                name="webhook_old_secret_ends",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def secrets_at(self, now: datetime) -> tuple[str, ...]:
        """What messages are signed with, the newest first."""
        old = self.old_until is not None and now < self.old_until
        return (self.secret, self.old_secret) if old else (self.secret,)


class Delivery(models.Model):
    """A message to one address. It is sent at least once, and then no more: `key` says what it is,
    so that whoever puts it out again puts out nothing.
    """

    class Way(models.TextChoices):
        MAIL = "mail", _("Mail")
        WEBHOOK = "webhook", _("Webhook")

    class State(models.TextChoices):
        WAITING = "waiting", _("On its way")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Given up")

    key = models.CharField(max_length=200, unique=True)
    way = models.CharField(max_length=10, choices=Way)
    # A mail's addressee. A webhook's address is its own: it may change while a message waits. Of a
    # webhook that was removed, its name and host.
    address = models.CharField(max_length=500, blank=True)
    webhook = models.ForeignKey(
        Webhook, models.SET_NULL, null=True, blank=True, related_name="deliveries"
    )
    site = models.ForeignKey(Site, models.CASCADE, null=True, related_name="+")
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    html = models.TextField(blank=True)
    payload = models.JSONField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    # When it is tried next.
    due_at = models.DateTimeField()
    made_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    # What went wrong the last time, in words.
    error = models.CharField(max_length=300, blank=True)
    # Which one this says again, and the key of the first that said it.
    repeats = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="repeated"
    )
    event = models.CharField(max_length=200, blank=True, default="", db_default="")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(
                fields=["due_at"], name="delivery_due", condition=models.Q(state="waiting")
            ),
            models.Index(fields=["state", "-made_at"], name="delivery_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"

    @property
    def to(self) -> str:
        return self.webhook.name if self.webhook is not None else self.address

    @property
    def event_key(self) -> str:
        """What is told: the same for all that say it again."""
        return self.event or self.key


class DeliveryTry(models.Model):
    """One try to send a message, written down before it begins: `took_ms` is null while it goes on,
    and for one whose sender did not live to say how it went."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempts")
    began_at = models.DateTimeField()
    took_ms = models.PositiveIntegerField(null=True)
    # Of an answer by HTTP.
    status = models.PositiveSmallIntegerField(null=True)
    # Why it did not arrive, in words; empty: it did.
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "delivery tries"

    def __str__(self) -> str:
        return f"{self.began_at:%Y-%m-%d %H:%M}"


class Attachment(models.Model):
    """A file that goes with a mail."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=160)
    media_type = models.CharField(max_length=120)
    data = models.BinaryField()

    def __str__(self) -> str:
        return self.name
