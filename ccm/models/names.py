"""What was remembered of names that became one, so that it can be taken back."""

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from ccm.models.people import Site, User


class NameMerge(models.Model):
    """Two names of one kind (`ccm.naming.services.KINDS`) that a person made one.

    `loser` and `keeper` are keys of that kind; the keeper changes where it is merged itself.
    `was` is what the loser was: "row" as Django serializes it, its "aliases" and "stays" in teams,
    whether it had the "login", earlier "merges" into it, and what else hung on it ("hanging", keys
    by table and column).
    """

    kind = models.CharField(max_length=20)
    loser = models.BigIntegerField()
    keeper = models.BigIntegerField()
    name = models.CharField(max_length=160)
    site = models.ForeignKey(Site, models.CASCADE, null=True, related_name="+")
    was = models.JSONField(encoder=DjangoJSONEncoder)
    merged_at = models.DateTimeField(auto_now_add=True)
    merged_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-merged_at", "-pk"]
        # Of what a name was made: asked for its page, and when it is merged.
        indexes = [
            models.Index(
                fields=["kind", "keeper"], name="merge_stands", condition=Q(taken_back_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} in {self.keeper}"


class MovedRows(models.Model):
    """Keys of rows of one table that a merge moved from its loser to its keeper."""

    merge = models.ForeignKey(NameMerge, models.CASCADE, related_name="moved")
    relation = models.CharField(max_length=40)
    rows = ArrayField(models.TextField())

    def __str__(self) -> str:
        return f"{len(self.rows)} of {self.relation}"
