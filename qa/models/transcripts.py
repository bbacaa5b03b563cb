"""What was said on calls, and what rules and other scorers make of it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from ccm.models import Agent, Call, Queue, Site, User
from ccm.models.words import LineField
from qa.models.querysets import OfSitesQuerySet, SuggestionQuerySet, TranscriptQuerySet
from qa.models.scorecards import CardCriterion, Scorecard

_NOTHING = Value({}, models.JSONField())


def _some_line_lacks(member: str) -> models.GeneratedField:
    """Whether any line of a transcript is without a member, known without reading the lines."""
    path = Value(f"$[*] ? (!exists(@.{member}))")
    return models.GeneratedField(
        expression=Func(F("lines"), path, function="jsonb_path_exists"),
        output_field=models.BooleanField(),
        db_persist=True,
    )


class CallTranscript(models.Model):
    """What was said on a call: `lines` as `qa.transcripts` reads them, personal data masked before
    they are kept; `masked` counts by kind what was. One a call; a later import takes its place."""

    call = models.ForeignKey(Call, models.DO_NOTHING, related_name="+", db_constraint=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    queue = models.ForeignKey(Queue, models.PROTECT, null=True, related_name="+")
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    called_at = models.DateTimeField()
    language = models.CharField(max_length=12, blank=True)
    lines = models.JSONField()
    # Lines without times: rules that go by seconds cannot be judged over them.
    lacks_starts = _some_line_lacks("start_ms")
    lacks_ends = _some_line_lacks("end_ms")
    masked = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    # When rules were last judged over it; null: they are to be.
    checked_at = models.DateTimeField(null=True)

    objects = TranscriptQuerySet.as_manager()

    class Meta:
        verbose_name = _("transcript")
        verbose_name_plural = _("transcripts")
        ordering = ["-called_at"]
        constraints = [models.UniqueConstraint(fields=["call"], name="transcript_once_a_call")]
        indexes = [
            models.Index(fields=["site", "called_at"], name="transcript_by_site"),
            models.Index(fields=["id"], name="transcript_to_check", condition=Q(checked_at=None)),
        ]

    def __str__(self) -> str:
        return str(self.call_id)


class CheckRule(models.Model):
    """A rule over transcripts that suggests an answer to a criterion: `rule` as `qa.checks` reads
    it. No queues or languages: all. `prefills`: its answers stand in a new review before somebody
    looks; that takes measured agreement with people. `changed_at`: what it suggested before is
    not measured with it. `measured`: of each verdict how many people who did not see it answered
    so, and of how many; `is_doubtful`: they surely agree so little that it is shown beside no
    review."""

    site = models.ForeignKey(
        Site, models.PROTECT, related_name="check_rules", verbose_name=_("site")
    )
    name = LineField(_("name"), max_length=120)
    criterion = models.ForeignKey(
        CardCriterion, models.PROTECT, related_name="rules", verbose_name=_("criterion")
    )
    rule = models.JSONField()
    queues = models.ManyToManyField(Queue, blank=True, related_name="+", verbose_name=_("queues"))
    languages = ArrayField(
        models.CharField(max_length=12), default=list, blank=True, verbose_name=_("languages")
    )
    is_active = models.BooleanField(_("in use"), default=True)
    prefills = models.BooleanField(_("fills in answers"), default=False)
    measured = models.JSONField(default=dict, db_default=_NOTHING, blank=True)
    is_doubtful = models.BooleanField(default=False, db_default=False)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField()

    objects = OfSitesQuerySet.as_manager()

    class Meta:
        verbose_name = _("automatic check")
        verbose_name_plural = _("automatic checks")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "name"],
                name="check_rule_once_a_site",
                violation_error_message=_("There is another check of this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class LearnedScorer(models.Model):
    """A scorer that was trained on a site's own reviews for one criterion: `model` as
    `qa.checks.learned` writes it, and how it was trained. `measured` and `is_doubtful` as of a
    rule, by answer: whether people too saw points lost."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    criterion = models.ForeignKey(CardCriterion, models.PROTECT, related_name="+")
    model = models.JSONField()
    trained_on = models.PositiveIntegerField()
    trained_at = models.DateTimeField()
    trained_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    prefills = models.BooleanField(default=False)
    measured = models.JSONField(default=dict, db_default=_NOTHING, blank=True)
    is_doubtful = models.BooleanField(default=False, db_default=False)

    objects = OfSitesQuerySet.as_manager()

    class Meta:
        verbose_name = _("learned scorer")
        verbose_name_plural = _("learned scorers")
        ordering = ["criterion"]
        constraints = [
            models.UniqueConstraint(fields=["site", "criterion"], name="learned_scorer_once"),
        ]

    def __str__(self) -> str:
        return str(self.criterion)


class Suggestion(models.Model):
    """What a rule or a learned scorer makes of a call for a criterion, with its evidence (as
    `qa.checks` writes it). It is shown to a reviewer and is no answer.

    `verdict` is a rule's; one that suggests no answer for it has neither a value nor is it skipped.
    Those of a call that is `held_back` are shown to nobody before the review is done: what people
    say who did not see them is what they are measured by.
    """

    transcript = models.ForeignKey(CallTranscript, models.CASCADE, related_name="suggestions")
    rule = models.ForeignKey(CheckRule, models.CASCADE, null=True, related_name="suggestions")
    scorer = models.ForeignKey(LearnedScorer, models.CASCADE, null=True, related_name="suggestions")
    criterion = models.ForeignKey(CardCriterion, models.PROTECT, related_name="+")
    card = models.ForeignKey(Scorecard, models.CASCADE, related_name="+")
    verdict = LineField(max_length=12, blank=True)
    value = LineField(max_length=2000, blank=True)
    skipped = models.BooleanField(default=False)
    confidence = models.FloatField()
    evidence = models.JSONField(default=list)
    held_back = models.BooleanField(default=False, db_default=False)
    at = models.DateTimeField()

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        ordering = ["transcript", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["transcript", "rule"],
                condition=Q(rule__isnull=False),
                name="suggestion_once_a_rule",
            ),
            models.UniqueConstraint(
                fields=["transcript", "scorer"],
                condition=Q(scorer__isnull=False),
                name="suggestion_once_a_scorer",
            ),
            models.CheckConstraint(
                condition=Q(rule__isnull=False, scorer=None) | Q(rule=None, scorer__isnull=False),
                name="suggestion_of_a_rule_or_a_scorer",
            ),
        ]

    def __str__(self) -> str:
        return self.value
