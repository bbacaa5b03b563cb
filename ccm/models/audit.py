"""What people changed or took along, as a log that is only ever added to."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from ccm.models.people import User


class AuditEntry(models.Model):
    """One change: who made it, when, of which row, and what that row said before and after. Or one
    export (`ccm.exported`): of no row, and `after` says of what. Or that pages about an agent were
    viewed (`ccm.viewed`), or a page by reach in an emergency (`ccm.accounts.emergency`). Or a
    sign-in or sign-out (`ccm.entry.noted`): of the account, and `after` says by which ways. Or what
    a form did, of which nobody told more (`ccm.acts`).

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
        DID = "did", _("Did")

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
        # And of one person, and of some days.
        indexes = [
            models.Index(fields=["model", "object_id"], name="audit_by_object"),
            models.Index(fields=["who", "id"], name="audit_by_person"),
            models.Index(fields=["at"], name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.model} {self.object_id}"


class AuditWaiting(models.Model):
    """An entry that is not sealed yet. The database puts it here in the transaction that adds the
    entry (a trigger), so that it is seen when the entry is, whichever of several commits first."""

    entry = models.BigIntegerField(primary_key=True)
    # By the clock of the database: an entry may tell of long ago.
    since = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return str(self.entry)


class AuditSeal(models.Model):
    """One entry's place in the chain: 1, 2, 3 and so on in the order of sealing.

    `hash` is made of the hash before it, this place, the time and all that the entry says
    (`ccm.sealed.chain`); `key` tells under which key, "" under none. Nothing refers to the entry: a
    seal stays to tell that there was one. None is changed or removed, as entries.
    """

    place = models.BigIntegerField(primary_key=True)
    entry = models.BigIntegerField(unique=True)
    sealed_at = models.DateTimeField()
    key = models.CharField(max_length=8, blank=True)
    hash = models.BinaryField()

    class Meta:
        ordering = ["place"]
        constraints = [
            models.CheckConstraint(condition=models.Q(place__gte=1), name="seal_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.entry}"


class AuditCheck(models.Model):
    """That the whole chain was verified: when, how far it goes, and what was wrong with it."""

    at = models.DateTimeField()
    entries = models.PositiveBigIntegerField()
    seals = models.PositiveBigIntegerField()
    head = models.CharField(max_length=64, blank=True)
    faults = models.PositiveBigIntegerField()
    first_fault = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.at} {self.faults}"


class AuditAnchor(models.Model):
    """That the oldest entries were let go of, with their seals: up to and with this `place`, whose
    `hash` the chain goes on from. `entries` is how many went this time.

    Made by `ccm_let_go_of_audit` alone, which removes what it tells of in the same transaction;
    none is changed or removed.
    """

    place = models.BigIntegerField(primary_key=True)
    hash = models.BinaryField()
    entries = models.PositiveBigIntegerField()
    let_go_at = models.DateTimeField()

    class Meta:
        ordering = ["place"]

    def __str__(self) -> str:
        return str(self.place)
