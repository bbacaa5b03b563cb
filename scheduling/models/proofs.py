"""How models of queues did on weeks that were."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ccm.models import Queue


class QueueProof(models.Model):
    """Models of a queue held against its last weeks; made anew each night.

    `held` are the models that were, the nearest first, as `scheduling.proving.reckoning.Proof`
    says: each of level, asa and abandonment is null or (actual, predicted, low, high), these two of
    the error. `by_day` are the days with calls: what came, the hours of people that were there
    (null: not known), the level that was and what each model says. Why nothing is said of models is
    in `why`.

    `patience` and `handling` are as `scheduling.proving.fitted` says, empty where nothing is known.
    """

    # It is made of the record, and no use of what it names.
    derived = True

    class Why(models.TextChoices):
        NO_RECORD = "no_record", _("Nothing was counted yet.")
        NOT_VOICE = "not_voice", _("Of chats and letters several are served at once.")
        NO_CALLS = "no_calls", _("No calls came in these weeks.")
        NO_STATES = "no_states", _("No states of agents tell who was there.")
        TOO_FEW_STATES = "few_states", _("States tell of too few of its agents who was there.")
        NO_TIMES = "no_times", _("It is not known how long its calls took.")
        FEW_DAYS = "few_days", _("Too few days tell both what came and who was there.")

    queue = models.OneToOneField(Queue, models.CASCADE, related_name="proof")
    made_at = models.DateTimeField()
    why = models.CharField(max_length=12, choices=Why, blank=True)
    first = models.DateField(null=True)
    last = models.DateField(null=True)
    interval_minutes = models.PositiveSmallIntegerField()

    # The service level that was predicted, and the queue's own way to count it.
    variant = models.CharField(max_length=8)
    chosen = models.CharField(max_length=8)
    target_seconds = models.PositiveIntegerField()
    # As Erlang A took it; null: too few left to tell.
    patience_seconds = models.FloatField(null=True)
    patience_is_measured = models.BooleanField(default=True)

    days = models.PositiveSmallIntegerField(default=0)
    days_known = models.PositiveSmallIntegerField(default=0)
    # Of the time of people who were there, that of those who did other work that day, too.
    shared = models.FloatField(null=True)
    held = models.JSONField(default=list)
    by_day = models.JSONField(default=list)
    patience = models.JSONField(default=dict)
    handling = models.JSONField(default=dict)
    day_to_day = models.FloatField(null=True)
    day_to_day_days = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("proof of models")
        constraints = [
            models.CheckConstraint(
                condition=Q(days_known__lte=F("days")), name="proof_knows_days_of_its_own"
            ),
            models.CheckConstraint(
                condition=Q(first=None, last=None) | Q(first__lte=F("last")),
                name="proof_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.queue}, {self.last}"
