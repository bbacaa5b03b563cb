"""Calibration: several people score the same calls without seeing each other, then talk."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.intervals import last_day
from ccm.models import Call, Site, User
from ccm.models.words import LineField, WordsField
from qa.models.querysets import SessionQuerySet
from qa.models.scorecards import CardCriterion, CardVersion


class CalibrationSession(models.Model):
    """Calls that some raters and an expert score by one version of a scorecard, each for themselves
    (blind); then the spread is shown and talked about, and an answer agreed on.

    Calls that chance has drawn were drawn by `seed` (empty: they were named by hand); `how` says
    of what: days, queue, how many calls there were, and the digest of their ids.
    """

    class State(models.TextChoices):
        BLIND = "blind", _("Being scored")
        OPEN = "open", _("Being discussed")
        CLOSED = "closed", _("Closed")

    site = models.ForeignKey(Site, models.PROTECT, related_name="calibrations")
    name = LineField(_("name"), max_length=120)
    version = models.ForeignKey(CardVersion, models.PROTECT, related_name="calibrations")
    expert = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("expert")
    )
    state = models.CharField(max_length=6, choices=State, default=State.BLIND)
    due_at = models.DateTimeField(_("due"))
    seed = models.CharField(max_length=64, blank=True)
    how = models.JSONField(default=dict, blank=True)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    opened_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("calibration session")
        verbose_name_plural = _("calibration sessions")
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="blind", opened_at=None)
                | (~Q(state="blind") & Q(opened_at__isnull=False)),
                name="calibration_opened_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def due_day(self) -> date:
        """The day of the site by whose end its reviews are due."""
        return last_day(self.due_at, self.site.calendar)


class CalibrationRater(models.Model):
    """Somebody who scores a session's calls; the expert is one of them."""

    session = models.ForeignKey(CalibrationSession, models.CASCADE, related_name="raters")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["user__username"]
        constraints = [
            models.UniqueConstraint(fields=["session", "user"], name="calibration_rater_once"),
        ]

    def __str__(self) -> str:
        return str(self.user)


class CalibrationCall(models.Model):
    """A call of a session; `facts` as `Evaluation.facts`."""

    session = models.ForeignKey(CalibrationSession, models.CASCADE, related_name="calls")
    call = models.ForeignKey(Call, models.DO_NOTHING, related_name="+", db_constraint=False)
    facts = models.JSONField(default=dict)

    class Meta:
        ordering = ["session", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "call"], name="calibration_call_once"),
        ]

    def __str__(self) -> str:
        return str(self.call_id)


class CalibrationAgreed(models.Model):
    """What a session agreed on for a criterion of a call, as `Answer.value`, and why. It is no
    rating: it measures nobody."""

    session_call = models.ForeignKey(CalibrationCall, models.CASCADE, related_name="agreed")
    criterion = models.ForeignKey(CardCriterion, models.PROTECT, related_name="+")
    value = LineField(max_length=2000, blank=True)
    skipped = models.BooleanField(default=False)
    words = WordsField(blank=True, max_length=2000)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1, db_default=1)
    """Grows each time that another answer takes its place; where none is kept it is 0."""

    class Meta:
        ordering = ["session_call", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["session_call", "criterion"], name="calibration_agreed_once"
            ),
        ]

    def __str__(self) -> str:
        return self.value


class CalibrationNote(models.Model):
    """What somebody said in a session's discussion; no criterion: of the call as a whole."""

    session_call = models.ForeignKey(CalibrationCall, models.CASCADE, related_name="notes")
    criterion = models.ForeignKey(CardCriterion, models.PROTECT, null=True, related_name="+")
    words = WordsField(max_length=2000)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.words[:40]
