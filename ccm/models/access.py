"""Keys for machines."""

import hashlib
import secrets
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from ccm.models.people import Site, User


def token_hash(token: str) -> str:
    """What is stored of a token. Tokens are long and random, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


class ApiToken(models.Model):
    """A machine's key: stored as a hash, for named scopes, until a date.

    A token acts for `user` and sees what that user sees; one that posts events belongs to
    `site` and writes as `source`. One that writes records and names them writes no others.
    """

    POST_EVENTS = "events:write"
    READ = "read"
    IMPORT = "imports:write"
    WRITE_RECORD = "record:write"

    name = models.CharField(max_length=120)
    hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    site = models.ForeignKey(Site, models.CASCADE, null=True, blank=True, related_name="tokens")
    source = models.CharField(max_length=80, blank=True)
    scopes = ArrayField(models.CharField(max_length=30))
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def issue(cls, **fields: object) -> tuple["ApiToken", str]:
        """A new token and its words, which are shown once and kept nowhere."""
        words = "ccm_" + secrets.token_urlsafe(32)
        return cls.objects.create(hash=token_hash(words), **fields), words

    def valid(self, now: datetime | None = None) -> bool:
        return self.revoked_at is None and self.expires_at > (now or timezone.now())
