"""What people say about a call, and where else it can be looked up."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.models.calls import Call, Disposition, Topic
from ccm.models.people import Site, User
from ccm.models.words import LineField
from ccm.querysets import LinkTemplateQuerySet, NoteQuerySet


class CallNote(models.Model):
    """What somebody wrote after a call. A new note supersedes the last; the last is kept.

    What a note says of disposition, topic and resolution is also set on the call, where it
    stands against later imports (`Call.noted`). Null: the note does not say. `standing` names
    what stands of this note and those before it: it outlives the call, which may be imported anew.
    `escalation` is to whom, or why.
    """

    call = models.ForeignKey(Call, models.DO_NOTHING, related_name="notes", db_constraint=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    is_current = models.BooleanField(default=True)
    disposition = models.ForeignKey(Disposition, models.PROTECT, null=True, related_name="+")
    topic = models.ForeignKey(Topic, models.PROTECT, null=True, related_name="+")
    resolved = models.BooleanField(null=True)
    resolvable = models.BooleanField(null=True)
    standing = ArrayField(models.CharField(max_length=20), null=True)
    escalation = models.CharField(max_length=160, blank=True)
    callback_due_at = models.DateTimeField(null=True)
    callback_done_at = models.DateTimeField(null=True)
    callback_done_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    words = models.TextField(blank=True)

    objects = NoteQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["call"], condition=Q(is_current=True), name="note_one_current_a_call"
            ),
            models.CheckConstraint(
                condition=Q(callback_done_at=None) | Q(callback_due_at__isnull=False),
                name="note_only_a_wanted_callback_is_done",
            ),
        ]
        # Who is to be called back: few of all notes.
        indexes = [
            models.Index(
                fields=["site", "callback_due_at"],
                name="note_callbacks",
                condition=Q(is_current=True, callback_due_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.author}: {self.words[:60]}"


class LinkTemplate(models.Model):
    """A link from a call to another system, as `https://crm.example/calls/{external_id}`.

    What may stand in braces is said in `ccm.links`. Without a site it is for all.
    """

    name = LineField(max_length=60)
    template = models.CharField(max_length=500)
    site = models.ForeignKey(Site, models.CASCADE, null=True, blank=True, related_name="+")

    objects = LinkTemplateQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("link to another system")
        constraints = [
            models.CheckConstraint(
                condition=Q(template__startswith="https://"), name="link_is_https"
            )
        ]

    def __str__(self) -> str:
        return self.name
