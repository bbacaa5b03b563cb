"""What callers said."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ccm.models.calls import Call, Queue
from ccm.models.people import Agent, Site


class SurveyResponse(models.Model):
    """One answered question, on its own scale, linked to its call where the source knows it.

    `site` and `queue` are those of its call; of an answer without one, those of the import.
    """

    class Kind(models.TextChoices):
        CSAT = "csat", _("Satisfaction")
        NPS = "nps", _("Recommendation")
        CES = "ces", _("Effort")
        FCR = "fcr", _("Solved at first contact")

    id = models.UUIDField(primary_key=True, editable=False)
    source = models.CharField(max_length=80)
    call = models.ForeignKey(
        Call, models.DO_NOTHING, null=True, related_name="surveys", db_constraint=False
    )
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    queue = models.ForeignKey(Queue, models.PROTECT, null=True, related_name="+")
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="surveys")
    # The agent that the answer itself names; empty where it goes by its call.
    agent_name = models.CharField(max_length=160, blank=True)
    kind = models.CharField(max_length=4, choices=Kind)
    scale_min = models.IntegerField()
    scale_max = models.IntegerField()
    score = models.FloatField()
    comment = models.TextField(blank=True)
    answered_at = models.DateTimeField()
    extra = models.JSONField(null=True, blank=True)
    batch = models.ForeignKey(
        "ccm.ImportBatch",
        models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    class Meta:
        ordering = ["-answered_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(score__gte=F("scale_min"), score__lte=F("scale_max")),
                name="survey_score_on_scale",
            ),
            models.CheckConstraint(
                condition=Q(scale_max__gt=F("scale_min")), name="survey_scale_has_width"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.score:g}"
