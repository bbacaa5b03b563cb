"""Reviews of calls: answers, evidence, and what became of them afterwards."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.intervals import last_day
from ccm.models import Agent, Call, Queue, Site, Team, User
from ccm.models.words import LineField, WordsField
from qa.models.plans import DrawnCall
from qa.models.querysets import DONE, EvaluationQuerySet
from qa.models.scorecards import CardCriterion, CardVersion


class Evaluation(models.Model):
    """One person's review of one call by a version of a scorecard.

    A drawn call's review of rank 0 counts in the agent's score; a targeted one (a complaint, a low
    survey) serves coaching and a calibration serves agreement: neither ever counts. `facts` are the
    call's as they were when it was drawn or taken (`qa.reviews.facts`): it outlives the call.
    `revision` grows with each change of a draft, so that of two who change it one is told.
    `share` is the score, 0 to 1 (`qa.scoring`); null where nothing counts or nothing is answered.
    `release_at` is when the agent is shown it; null until it is known.
    """

    class Kind(models.TextChoices):
        DRAWN = "drawn", _("Drawn at random")
        TARGETED = "targeted", _("Targeted")
        CALIBRATION = "calibration", _("Calibration")

    class State(models.TextChoices):
        TODO = "todo", _("To do")
        DRAFT = "draft", _("Begun")
        FINISHED = "finished", _("Finished")
        RELEASED = "released", _("Released")
        # A drawn call was swapped before it was reviewed, or a session ended without it.
        DROPPED = "dropped", _("Dropped")

    class Reason(models.TextChoices):
        """Why a targeted call was taken."""

        COMPLAINT = "complaint", _("Complaint")
        LOW_SURVEY = "low_survey", _("Low survey")
        PRAISE = "praise", _("Praise")
        ASKED = "asked", _("The agent asked")
        COACHING = "coaching", _("Coaching")
        CHECK = "check", _("An automatic check")
        OTHER = "other", _("Something else")

    kind = models.CharField(max_length=11, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.TODO)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    call = models.ForeignKey(Call, models.DO_NOTHING, related_name="+", db_constraint=False)
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="evaluations")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    queue = models.ForeignKey(Queue, models.PROTECT, null=True, related_name="+")
    called_at = models.DateTimeField(_("call"))
    facts = models.JSONField(default=dict)
    version = models.ForeignKey(CardVersion, models.PROTECT, related_name="evaluations")
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="evaluations")
    drawn = models.ForeignKey(DrawnCall, models.PROTECT, null=True, related_name="evaluations")
    rank = models.PositiveSmallIntegerField(default=0)
    session_call = models.ForeignKey(
        "qa.CalibrationCall", models.CASCADE, null=True, related_name="evaluations"
    )
    reason = models.CharField(_("why"), max_length=10, choices=Reason, blank=True)
    reason_words = LineField(_("in words"), max_length=300, blank=True)
    revision = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(_("due"), null=True)
    begun_at = models.DateTimeField(null=True)
    saved_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    release_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(_("released"), null=True)
    released_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    share = models.DecimalField(max_digits=11, decimal_places=10, null=True)
    is_failed = models.BooleanField(default=False)
    comment = WordsField(_("comment"), blank=True, max_length=5000)
    # Feedback given face to face, and by whom: told apart from what is written.
    verbal_at = models.DateTimeField(null=True)
    verbal_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    verbal_words = LineField(max_length=500, blank=True)
    acknowledged_at = models.DateTimeField(null=True)
    dispute_until = models.DateTimeField(null=True)

    objects = EvaluationQuerySet.as_manager()
    # Whether its answers are told, of rows that are `told_to` somebody.
    is_told: bool
    # Whether their reader may release it, of rows `with_release`.
    may_be_released: bool
    # Whether its call may be swapped, of rows `with_swap`.
    may_be_swapped: bool

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["-called_at", "-pk"]
        constraints = [
            # One grade a reviewer, call and version, of each kind.
            models.UniqueConstraint(
                fields=["reviewer", "call", "version", "kind", "session_call"],
                condition=~Q(state="dropped"),
                nulls_distinct=False,
                name="evaluation_one_a_reviewer_and_call",
            ),
            models.UniqueConstraint(
                fields=["drawn", "rank"],
                condition=~Q(state="dropped") & Q(drawn__isnull=False),
                name="evaluation_one_first_of_a_drawn_call",
            ),
            models.CheckConstraint(
                condition=Q(kind="drawn", drawn__isnull=False, session_call=None)
                | Q(kind="targeted", drawn=None, session_call=None)
                | Q(kind="calibration", drawn=None, session_call__isnull=False),
                name="evaluation_of_its_kind",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=DONE) | Q(finished_at__isnull=False),
                name="evaluation_finished_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="released")
                | (Q(released_at__isnull=False) & ~Q(kind="calibration")),
                name="evaluation_released_has_a_time",
            ),
            # Of a call that several scored its agent is told one grade.
            models.CheckConstraint(
                condition=~Q(state="released") | Q(rank=0), name="evaluation_released_is_first"
            ),
            models.CheckConstraint(
                condition=Q(share=None) | Q(share__gte=0, share__lte=1),
                name="evaluation_share_of_all",
            ),
        ]
        indexes = [
            models.Index(fields=["site", "called_at"], name="evaluation_by_site"),
            models.Index(fields=["agent", "called_at"], name="evaluation_by_agent"),
            models.Index(fields=["reviewer", "state"], name="evaluation_by_reviewer"),
            models.Index(
                fields=["release_at"], name="evaluation_to_release", condition=Q(state="finished")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.call_id}"

    @property
    def due_day(self) -> date | None:
        """The day of the site by whose end it is due; None: there is no such day."""
        return None if self.due_at is None else last_day(self.due_at, self.site.calendar)

    @property
    def measures_reviewers(self) -> bool:
        """A calibration, or a further review of a drawn call: its agent is told one grade, and is
        never shown it."""
        return self.kind == self.Kind.CALIBRATION or self.rank > 0

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.TODO, self.State.DRAFT)

    @property
    def is_done(self) -> bool:
        return self.state in (self.State.FINISHED, self.State.RELEASED)

    @property
    def counts(self) -> bool:
        """Whether its agent's score is made of it, as `scored` asks it of rows."""
        if self.drawn is None or self.drawn.state != DrawnCall.State.STANDING:
            return False
        return self.is_done and self.rank == 0 and self.share is not None


class Answer(models.Model):
    """What was said to a criterion: the id of an option, a number as text, or a text; `skipped`:
    not applicable. `share` is what it has of its points and `lost` what the score lacks by it (both
    of 1, as of the review's last save); null where it does not count. `hint` says whether an
    automatic check was seen beside it, or has filled it in and nobody has changed it."""

    class Hint(models.TextChoices):
        NONE = "", _("Nothing was suggested")
        SHOWN = "shown", _("A check's suggestion was shown")
        FILLED = "filled", _("Filled in by a check")

    evaluation = models.ForeignKey(Evaluation, models.CASCADE, related_name="answers")
    criterion = models.ForeignKey(CardCriterion, models.PROTECT, related_name="answers")
    value = models.CharField(max_length=2000, blank=True)
    skipped = models.BooleanField(default=False)
    comment = WordsField(blank=True, max_length=2000)
    share = models.DecimalField(max_digits=11, decimal_places=10, null=True)
    lost = models.DecimalField(max_digits=11, decimal_places=10, null=True)
    hint = models.CharField(max_length=6, choices=Hint, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["evaluation", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "criterion"], name="answer_once"),
            models.CheckConstraint(
                condition=Q(skipped=False) | Q(value=""), name="answer_skipped_says_nothing"
            ),
        ]

    def __str__(self) -> str:
        return "-" if self.skipped else self.value


class Evidence(models.Model):
    """A place of the call that an answer rests on: a second of it, a line of its transcript, or
    both. No criterion: of the review as a whole."""

    evaluation = models.ForeignKey(Evaluation, models.CASCADE, related_name="evidence")
    criterion = models.ForeignKey(CardCriterion, models.PROTECT, null=True, related_name="+")
    at_ms = models.PositiveIntegerField(null=True)
    line = models.PositiveIntegerField(null=True)
    words = LineField(max_length=300, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["evaluation", "at_ms", "line", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(at_ms__isnull=False) | Q(line__isnull=False),
                name="evidence_is_somewhere",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at_ms}"
