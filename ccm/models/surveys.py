"""What callers said."""

from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ccm.models.calls import Call, Queue
from ccm.models.people import Agent, Site, User

# Comments are found by the English stems of their words; those of other languages as written.
CONFIG = "english"
COMMENT_WORDS = SearchVector("comment", config=CONFIG)


class SurveyResponse(models.Model):
    """One answered question, on its own scale, linked to its call where the source knows it.

    `site` and `queue` are those of its call; of an answer without one, those of the import.
    `call_ref` is the call's id at its source where the answer names one: its call may come later.
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
    call_ref = models.CharField(max_length=120, blank=True)
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
        # Answers that know no call are counted on the day they were given.
        indexes = [
            models.Index(
                fields=["site", "answered_at"], name="survey_alone", condition=Q(call=None)
            ),
            # Those that name a call look for it among the calls that come.
            models.Index(
                fields=["site", "call_ref"],
                name="survey_waits_for_call",
                condition=Q(call=None) & ~Q(call_ref=""),
            ),
            # What callers wrote, by when and by its words.
            models.Index(
                fields=["site", "answered_at"], name="survey_comments", condition=~Q(comment="")
            ),
            GinIndex(COMMENT_WORDS, name="survey_words", condition=~Q(comment="")),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.score:g}"


class SurveyInvitation(models.Model):
    """A link by which one caller answers once, without signing in.

    The link's words are stored as a hash; `questions` are kinds of `SurveyResponse`, in the order
    they are asked. Of a call, the site, queue and agent are the call's own, and of a call's links
    all but one were used or withdrawn, whether or not that one has expired.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ANSWERED = "answered", _("Answered")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        EXPIRED = "expired", _("Expired")

    hash = models.CharField(max_length=64, unique=True)
    call = models.ForeignKey(
        Call, models.DO_NOTHING, null=True, related_name="invitations", db_constraint=False
    )
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    queue = models.ForeignKey(Queue, models.PROTECT, null=True, related_name="+")
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    questions = ArrayField(models.CharField(max_length=4, choices=SurveyResponse.Kind))
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    # When its page was first opened, by the caller or by what looks at mails before them.
    opened_at = models.DateTimeField(null=True, blank=True)
    # When a person first touched an answer on it, or sent it: nothing else does.
    begun_at = models.DateTimeField(null=True, blank=True)
    # That of whom it was sent to by mail (`ccm.addresses`), so that they can say no.
    address_hash = models.CharField(max_length=32, blank=True, default="")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(questions__len__gt=0), name="invitation_asks_something"
            ),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(withdrawn_at=None),
                name="invitation_used_or_withdrawn",
            ),
            models.UniqueConstraint(
                fields=["call"],
                condition=Q(used_at=None, withdrawn_at=None),
                name="invitation_one_open_a_call",
            ),
        ]
        # Who was asked lately.
        indexes = [
            models.Index(
                fields=["address_hash"],
                name="invitation_by_address",
                condition=~Q(address_hash=""),
            ),
        ]

    def __str__(self) -> str:
        return f"Invitation {self.pk}"

    def state_at(self, now: datetime) -> State:
        """What became of the link. One that was replaced after it had expired has expired."""
        if self.used_at is not None:
            return self.State.ANSWERED
        if self.withdrawn_at is not None and self.withdrawn_at < self.expires_at:
            return self.State.WITHDRAWN
        return self.State.OPEN if now < self.expires_at else self.State.EXPIRED


class SurveyOptOut(models.Model):
    """That a caller is not to be asked any more, by the hash that tells them again: of their
    number, or of their mail address (`ccm.addresses`); no two of these are one."""

    caller_hash = models.CharField(max_length=32, unique=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(caller_hash=""), name="opt_out_is_somebodys"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}"


class CallAddress(models.Model):
    """The mail address of a call's caller, enciphered, until the caller is asked (`ccm.addresses`).

    `key` marks the key, `hash` tells the address again. It goes at `expires_at`, which is never
    more than 30 days after it was kept. The call may be gone with its month.
    """

    LONGEST = timedelta(days=30)

    call = models.OneToOneField(
        Call, models.DO_NOTHING, primary_key=True, related_name="+", db_constraint=False
    )
    site = models.ForeignKey(Site, models.CASCADE, related_name="+")
    sealed = models.TextField()
    key = models.CharField(max_length=8)
    hash = models.CharField(max_length=32)
    kept_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["expires_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    expires_at__gt=F("kept_at"),
                    expires_at__lte=F("kept_at") + timedelta(days=30),
                ),
                name="address_goes_in_time",
            ),
            models.CheckConstraint(
                condition=~Q(hash="") & ~Q(sealed__contains="@"), name="address_is_sealed"
            ),
        ]
        indexes = [models.Index(fields=["expires_at"], name="address_by_expiry")]

    def __str__(self) -> str:
        return f"{self.call_id}"
