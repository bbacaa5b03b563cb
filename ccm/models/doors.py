"""Doors beside the upload: what machines posted, watched folders, logs that are followed."""

from datetime import datetime, timedelta

from django.db import models

from ccm.models.people import Site, User


class Posted(models.Model):
    """A post that came with a key, and its answer: the same post again gets the same answer.

    `door` is the endpoint's name, `digest` that of the body as canonical JSON. Kept for some
    days (`ccm.api.posts`).
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    door = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    answer = models.JSONField()
    posted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["posted_at"]
        constraints = [
            models.UniqueConstraint(fields=["user", "door", "key"], name="posted_once_a_key")
        ]
        # Old ones are forgotten once an hour.
        indexes = [models.Index(fields=["posted_at"], name="posted_by_age")]

    def __str__(self) -> str:
        return f"{self.door} {self.key}"


class WatchedFolder(models.Model):
    """A folder whose files are imported as they come, and what is known of them beforehand.

    The folder is a path on the machine that runs `callcenter watch`.
    """

    name = models.CharField(max_length=120, unique=True)
    folder = models.CharField(max_length=500)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    format = models.CharField(max_length=40)
    zone = models.CharField(max_length=64, blank=True)
    queue_name = models.CharField(max_length=120, blank=True)
    date_order = models.CharField(max_length=3, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    looked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


# Who follows a log says twice a minute that it is looked at.
LOOKED_AT_WITHIN = timedelta(minutes=2)


class FollowedLog(models.Model):
    """A log that `callcenter follow` reads as it is written, and how far it is read.

    `file`, `offset`, `head_size` and `head` are a place in it (`ccm.live.tail.Place`); it moves in
    the transaction that stores what was read. `path` is one on the machine that follows. Of the
    lines `read`, `stored` tell of calls or agents, `rejected` could not be read and are kept as
    they came (`RawEvent`); the rest tell of the switch. `newest_at` is when the newest was written,
    by its own clock; `read_at` when the last came, `looked_at` when it was last looked for more.
    `trouble` is what last went wrong.
    """

    name = models.CharField(max_length=120, unique=True)
    path = models.CharField(max_length=500)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    source = models.CharField(max_length=80)
    file = models.CharField(max_length=60, blank=True)
    offset = models.BigIntegerField(default=0)
    head_size = models.PositiveIntegerField(default=0)
    head = models.CharField(max_length=64, blank=True)
    read = models.BigIntegerField(default=0)
    stored = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    newest_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=300, blank=True)
    trouble_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(read__gte=models.F("stored") + models.F("rejected")),
                name="followed_books_hold",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def is_looked_at(self, now: datetime) -> bool:
        """Whether a process follows it at this moment."""
        return self.looked_at is not None and now - self.looked_at < LOOKED_AT_WITHIN
