"""What people changed or took along, as a log that is only ever added to."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ccm.models.people import User


class AuditEntry(models.Model):
    """One change: who made it, when, of which row, and what that row said before and after. Or one
    export (`ccm.exported`): of no row, and `after` says of what. Or one page that was viewed by
    reach in an emergency (`ccm.accounts.emergency`). Or one sign-in or sign-out
    (`ccm.entry.noted`): of the account, and `after` says by which ways.

    `before` and `after` hold ids and values, never a person's name; null: it was not there yet, or
    is no more. `names` tell how what they name, but people, was called then, by the
    label of their kind and their id: {"ccm.queue": {"9": "Sales"}}. `why` is the reason that was
    given, where one was asked for. Entries outlive the rows and people they name, so nothing refers
    to them and nothing follows. None is changed or removed: the database refuses it (migration
    `a_log_of_changes`). `who` is null for what the program did by itself.
    """

    class Action(models.TextChoices):
        CREATED = "created", _("Created")
        CHANGED = "changed", _("Changed")
        REMOVED = "removed", _("Removed")
        EXPORTED = "exported", _("Exported")
        VIEWED = "viewed", _("Viewed")
        SIGNED_IN = "signed_in", _("Signed in")
        SIGNED_OUT = "signed_out", _("Signed out")

    at = models.DateTimeField()
    who = models.ForeignKey(User, models.DO_NOTHING, null=True, db_constraint=False, db_index=False,
                            related_name="+")  # fmt: skip
    action = models.CharField(max_length=10, choices=Action)
    model = models.CharField(max_length=60)
    """As Django labels it: "kpis.kpichoice"."""
    object_id = models.CharField(max_length=40)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    names = models.JSONField(default=dict)
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-pk"]
        # The page shows the newest, of all or of one model; a row's page shows what became of it.
        indexes = [models.Index(fields=["model", "object_id"], name="audit_by_object")]

    def __str__(self) -> str:
        return f"{self.action} {self.model} {self.object_id}"
