"""How long what is held of people is kept, and what went for it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ccm.models.intake import Job
from ccm.models.people import Site, User


class RetentionKind(models.TextChoices):
    """Classes of what is kept. Each is removed, or emptied, by `ccm.retention.parts`."""

    CALLS = "calls", _("Calls, with rings, answers and notes")
    STATES = "states", _("What agents did when")
    RECORDINGS = "recordings", _("Links to recordings")
    TRANSCRIPTS = "transcripts", _("Transcripts")
    COMMENTS = "comments", _("Comments of callers and words of notes")
    # Of all sites, and by a way of its own (`ccm.sealed.letting_go`).
    AUDIT = "audit", _("The audit log")


class RetentionRule(models.Model):
    """For so many days a class is kept from a day on, at a site or (no site) everywhere.

    Of the rules that have begun the last one holds, and one of a site before one of all. `days` of
    null: for ever.
    """

    kind = models.CharField(max_length=12, choices=RetentionKind)
    site = models.ForeignKey(Site, models.CASCADE, null=True, related_name="+")
    days = models.PositiveIntegerField(null=True)
    starts_on = models.DateField()
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["kind", "site", "starts_on"]
        verbose_name = _("retention rule")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "site", "starts_on"],
                nulls_distinct=False,
                name="retention_one_rule_a_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.days}"


class RetentionRun(models.Model):
    """One class of one site, one night: what of the days before `before` was there to go, what
    went, in rows by table, and which months of calls went whole ("2025-03")."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="+")
    site = models.ForeignKey(Site, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=RetentionKind)
    before = models.DateField()
    expected = models.JSONField(default=dict)
    gone = models.JSONField(default=dict)
    months = models.JSONField(default=list)
    waits_for = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["job", "site", "kind"], name="retention_run_once_a_job")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} before {self.before}"
