"""What an agent says to a review, what is answered and decided. Nothing of it is edited."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.models import User
from ccm.models.words import LineField, WordsField
from qa.models.evaluations import Answer, Evaluation
from qa.models.querysets import DisputeQuerySet
from qa.models.scorecards import CardCriterion


class Dispute(models.Model):
    """An agent does not agree with one answer of a review, or (`criterion` null) with all of it.

    The reviewer answers and changes answers or not; the agent accepts, or escalates to somebody
    else, who decides. What was changed is kept with what it was (`AnswerChange`).
    """

    class State(models.TextChoices):
        OPEN = "open", _("Waits for the reviewer")
        ANSWERED = "answered", _("Answered")
        ESCALATED = "escalated", _("Escalated")
        SETTLED = "settled", _("Settled")
        DECIDED = "decided", _("Decided")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    STANDING = (State.OPEN, State.ANSWERED, State.ESCALATED)
    """Those that still go on, and those that are over whatever became of them; beside both is what
    was withdrawn."""
    ENDED = (State.SETTLED, State.DECIDED)

    class Outcome(models.TextChoices):
        UPHELD = "upheld", _("The review stands")
        CHANGED = "changed", _("Answers were changed")

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="disputes")
    criterion = models.ForeignKey(CardCriterion, models.PROTECT, null=True, related_name="disputes")
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    words = WordsField(_("why"), max_length=2000)
    opened_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    opened_at = models.DateTimeField()
    answer_due_at = models.DateTimeField()
    answer = WordsField(_("answer"), max_length=2000, blank=True)
    answered_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answer_outcome = models.CharField(max_length=7, choices=Outcome, blank=True)
    escalate_until = models.DateTimeField(null=True)
    escalation = WordsField(_("why it goes on"), max_length=2000, blank=True)
    escalated_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=7, choices=Outcome, blank=True)
    reason = WordsField(_("reason"), max_length=2000, blank=True)
    decision_seen_at = models.DateTimeField(null=True)
    """When the agent first read the decision."""

    objects = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["evaluation", "criterion"],
                condition=~Q(state="withdrawn"),
                nulls_distinct=False,
                name="dispute_once_an_answer",
            ),
            models.CheckConstraint(
                condition=~Q(state="decided")
                | (Q(decided_at__isnull=False) & ~Q(outcome="") & ~Q(reason="")),
                name="dispute_decided_for_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["state", "answer_due_at"], name="dispute_by_state")]

    def __str__(self) -> str:
        return f"{self.state} {self.pk}"


class AnswerChange(models.Model):
    """An answer that a dispute changed, with what it was; rows are only ever added (the database
    refuses, migration 0001)."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="changes")
    answer = models.ForeignKey(Answer, models.PROTECT, related_name="changes")
    at = models.DateTimeField()
    who = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    before = LineField(max_length=2000, blank=True)
    skipped_before = models.BooleanField()
    after = LineField(max_length=2000, blank=True)
    skipped_after = models.BooleanField()

    class Meta:
        verbose_name = _("changed answer")
        verbose_name_plural = _("changed answers")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.before} -> {self.after}"


class ReviewEvent(models.Model):
    """What happened to a review, in the order that it did: its history, which is only ever added to
    (the database refuses, migration 0001). `share` and `is_failed` are the score after it."""

    class What(models.TextChoices):
        FINISHED = "finished", _("Finished")
        REOPENED = "reopened", _("Opened again")
        RELEASED = "released", _("Released")
        ACKNOWLEDGED = "acknowledged", _("Read")
        COMMENTED = "commented", _("Comment")
        DISPUTED = "disputed", _("Disputed")
        ANSWERED = "answered", _("Answered")
        SETTLED = "settled", _("Accepted")
        ESCALATED = "escalated", _("Escalated")
        DECIDED = "decided", _("Decided")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        VERBAL = "verbal", _("Told face to face")

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="events")
    dispute = models.ForeignKey(Dispute, models.PROTECT, null=True, related_name="events")
    what = models.CharField(max_length=12, choices=What)
    at = models.DateTimeField()
    who = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    words = WordsField(blank=True, max_length=5000)
    share = models.DecimalField(max_digits=11, decimal_places=10, null=True)
    is_failed = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("event of a review")
        verbose_name_plural = _("events of reviews")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.what
