"""Doors beside the upload: what machines posted, and folders that are watched."""

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
