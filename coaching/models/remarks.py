"""What agents say of figures and calls of their own: notes that stay beside them, and questions."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.models import Agent, User
from ccm.models.words import LineField, WordsField
from coaching.models.querysets import RemarkQuerySet


class Remark(models.Model):
    """A note of an agent on something that is told of them, or a question which whoever leads them
    answers.

    `about` says what it is on as it was read then ("AHT 312 s, 1 to 30 Nov 2026"), `url` is the
    page that explains it. A figure is of a `kpi` and the days [first, last]; a call has its id.
    """

    class Kind(models.TextChoices):
        NOTE = "note", _("Note")
        QUESTION = "question", _("Question")

    class Outcome(models.TextChoices):
        OPEN = "", _("Open")
        STANDS = "stands", _("It is right")
        CORRECTED = "corrected", _("It was put right")
        LATER = "later", _("It is being looked into")

    agent = models.ForeignKey(Agent, models.PROTECT, related_name="remarks")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    about = LineField(_("about"), max_length=300)
    url = LineField(max_length=1000)
    kpi = models.CharField(_("KPI"), max_length=40, blank=True)
    first = models.DateField(_("from"), null=True)
    last = models.DateField(_("to"), null=True)
    call = models.UUIDField(_("call"), null=True)
    words = WordsField(_("in your words"), max_length=2000)
    made_at = models.DateTimeField(_("when"))
    outcome = models.CharField(
        _("outcome"), max_length=9, choices=Outcome, blank=True, default=Outcome.OPEN
    )
    answer = WordsField(_("answer"), blank=True, max_length=2000)
    answered_by = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered"), null=True)
    answer_seen_at = models.DateTimeField(null=True)
    """When the agent first read the answer as it is."""
    revision = models.PositiveIntegerField(default=0)

    objects = RemarkQuerySet.as_manager()

    class Meta:
        verbose_name = _("question about a figure")
        verbose_name_plural = _("questions about figures")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", answer="", answered_at=None)
                | (~Q(outcome="") & ~Q(answer="") & Q(answered_at__isnull=False)),
                name="remark_answered_in_words",
            ),
            models.CheckConstraint(
                condition=Q(kind="question") | Q(outcome=""), name="remark_note_has_no_answer"
            ),
            models.CheckConstraint(
                condition=Q(kpi="", first=None, last=None)
                | (~Q(kpi="") & Q(first__isnull=False, last__gte=models.F("first"))),
                name="remark_figure_is_of_days",
            ),
        ]
        indexes = [
            models.Index(fields=["agent", "kpi"], name="remark_by_figure"),
            models.Index(
                fields=["agent"], condition=Q(kind="question", outcome=""), name="remark_open"
            ),
            models.Index(
                fields=["agent"],
                condition=Q(answered_at__isnull=False, answer_seen_at=None),
                name="remark_answer_unseen",
            ),
        ]

    def __str__(self) -> str:
        return self.about


class RemarkAnswer(models.Model):
    """What a question was answered before it was answered otherwise; it stays as it was."""

    remark = models.ForeignKey(Remark, models.CASCADE, related_name="earlier")
    outcome = models.CharField(_("outcome"), max_length=9, choices=Remark.Outcome)
    answer = WordsField(_("answer"), max_length=2000)
    answered_by = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered"))

    class Meta:
        verbose_name = _("earlier answer")
        verbose_name_plural = _("earlier answers")
        ordering = ["answered_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome="") & ~Q(answer=""),
                name="remark_earlier_answer_says_something",
            ),
        ]

    def __str__(self) -> str:
        return self.answer[:40]
