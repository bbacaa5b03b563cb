"""What reviews found that somebody should do something about."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.models import Agent, Queue, Site, User
from ccm.models.words import LineField, WordsField
from qa.models.evaluations import Evaluation
from qa.models.querysets import FindingQuerySet
from qa.models.scorecards import CardCriterion


class Finding(models.Model):
    """Something that a review, or many, showed, whose it is and how far it is. Who did what of it
    when is in its notes."""

    class Kind(models.TextChoices):
        TRAINING = "training", _("Training gap")
        SCRIPT = "script", _("Script")
        PRODUCT = "product", _("Product")
        PROCESS = "process", _("Process")
        PRAISE = "praise", _("Praise")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        DOING = "doing", _("Being worked on")
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Not to be done")

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.OPEN)
    title = LineField(_("what"), max_length=160)
    words = WordsField(_("in words"), max_length=3000, blank=True)
    evaluation = models.ForeignKey(
        Evaluation, models.PROTECT, null=True, blank=True, related_name="findings"
    )
    criterion = models.ForeignKey(
        CardCriterion, models.PROTECT, null=True, blank=True, related_name="findings"
    )
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    queue = models.ForeignKey(Queue, models.PROTECT, null=True, blank=True, related_name="+")
    owner = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+", verbose_name=_("owner")
    )
    due_on = models.DateField(_("due"), null=True, blank=True)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=0)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("open", "doing"), ended_at=None)
                | Q(state__in=("done", "dropped"), ended_at__isnull=False),
                name="finding_ended_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class FindingNote(models.Model):
    """What somebody said or did of a finding; `state`: what it became by it."""

    finding = models.ForeignKey(Finding, models.CASCADE, related_name="notes")
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    words = WordsField(max_length=2000, blank=True)
    state = models.CharField(max_length=7, choices=Finding.State, blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.words[:40]
