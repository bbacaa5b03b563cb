"""What happened: queues, calls, the rings each call made, and what agents were doing."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ccm.models.people import Agent, Site
from ccm.querysets import CallQuerySet, OfferQuerySet, QueueQuerySet, WordQuerySet


class Channel(models.TextChoices):
    VOICE = "voice", _("Voice")
    CHAT = "chat", _("Chat")
    EMAIL = "email", _("E-mail")
    OTHER = "other", _("Other")


class Direction(models.TextChoices):
    INBOUND = "inbound", _("Inbound")
    OUTBOUND = "outbound", _("Outbound")
    INTERNAL = "internal", _("Internal")


class Outcome(models.TextChoices):
    ANSWERED = "answered", _("Answered")
    ABANDONED = "abandoned", _("Abandoned")
    TIMED_OUT = "timed_out", _("Timed out")
    KEY_EXIT = "key_exit", _("Left by key")
    CALLBACK_REQUESTED = "callback_requested", _("Call back asked for")
    VOICEMAIL = "voicemail", _("Voicemail")
    FAILED = "failed", _("Failed")
    OTHER = "other", _("Other exit")
    REFUSED = "refused", _("Refused")
    BUSY = "busy", _("Busy")
    LEFT_IVR = "left_ivr", _("Left in the menu")
    IN_PROGRESS = "in_progress", _("Still waiting")


class Precision(models.TextChoices):
    MILLISECOND = "ms", _("Millisecond")
    SECOND = "second", _("Second")
    MINUTE = "minute", _("Minute")
    DAY = "day", _("Day")


class Queue(models.Model):
    """A line callers wait in. `hours` as `Site.opening`; empty means the site's."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="queues")
    name = models.CharField(max_length=120)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.VOICE)
    hours = models.JSONField(default=dict, blank=True)
    is_new = models.BooleanField(default=False)

    objects = QueueQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "name"],
                name="queue_once_a_site",
                violation_error_message=_("There is another queue of this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class QueueAlias(models.Model):
    """The name that logs of a site write for a queue.

    Every name that a log ever told has one, so that a queue may be renamed or merged and the
    same log read again still finds it. Ids of calls are made of the log's own name.
    """

    site = models.ForeignKey(Site, models.CASCADE, related_name="+")
    raw_name = models.CharField(max_length=120)
    queue = models.ForeignKey(Queue, models.CASCADE, related_name="aliases")

    # A name is not in use because a log once told it.
    derived = True

    class Meta:
        ordering = ["raw_name"]
        constraints = [
            models.UniqueConstraint(fields=["site", "raw_name"], name="queue_alias_once_a_site")
        ]

    def __str__(self) -> str:
        return self.raw_name


class Topic(models.Model):
    """What a call was about, in the words of its source."""

    name = models.CharField(max_length=120, unique=True)
    is_new = models.BooleanField(default=False)

    objects = WordQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class TopicAlias(models.Model):
    """The words that logs write for a topic."""

    raw_name = models.CharField(max_length=120, unique=True)
    topic = models.ForeignKey(Topic, models.CASCADE, related_name="aliases")

    # A name is not in use because a log once told it.
    derived = True

    class Meta:
        ordering = ["raw_name"]

    def __str__(self) -> str:
        return self.raw_name


class Disposition(models.Model):
    """How a call was closed, in the words of its source or of the agent who took it."""

    name = models.CharField(max_length=120, unique=True)
    is_new = models.BooleanField(default=False)

    objects = WordQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class DispositionAlias(models.Model):
    """The words that logs write for a disposition."""

    raw_name = models.CharField(max_length=120, unique=True)
    disposition = models.ForeignKey(Disposition, models.CASCADE, related_name="aliases")

    # A name is not in use because a log once told it.
    derived = True

    class Meta:
        ordering = ["raw_name"]

    def __str__(self) -> str:
        return self.raw_name


class Call(models.Model):
    """One visit: one contact on one queue, however many lines the switch logged for it.

    Visits of one contact share `linked_id`. Times are UTC. Durations are what the source
    wrote (stamps only fill gaps) in milliseconds; null is unknown, never 0. The id is made
    from when and what the call is (`identity.call_id`), so a call read twice is one row,
    ids sort by time, and months are cut from the id range (`ccm.partitions`).
    """

    id = models.UUIDField(primary_key=True, editable=False)
    source = models.CharField(max_length=80)
    external_id = models.CharField(max_length=120)
    linked_id = models.CharField(max_length=120)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    queue = models.ForeignKey(
        Queue, models.PROTECT, null=True, related_name="calls", db_index=False
    )
    agent = models.ForeignKey(
        Agent, models.PROTECT, null=True, related_name="calls", db_index=False
    )
    # The agent as the source wrote it: whose name that is may be told later, from a date.
    agent_name = models.CharField(max_length=160, blank=True)
    topic = models.ForeignKey(Topic, models.PROTECT, null=True, related_name="+", db_index=False)
    disposition = models.ForeignKey(
        Disposition, models.PROTECT, null=True, related_name="+", db_index=False
    )
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.VOICE)
    direction = models.CharField(max_length=10, choices=Direction, default=Direction.INBOUND)
    caller_hash = models.CharField(max_length=32, blank=True)
    caller_masked = models.CharField(max_length=40, blank=True)
    offered_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    wrapup_ended_at = models.DateTimeField(null=True, blank=True)
    time_precision = models.CharField(max_length=8, choices=Precision, default=Precision.SECOND)
    # False for a half whose queue entry no log has shown yet: its entry is reckoned back.
    entry_known = models.BooleanField(default=True)
    # The id was made from such a reckoned entry, so the entry itself would make another.
    from_half = models.BooleanField(default=False)
    ivr_ms = models.PositiveIntegerField(null=True, blank=True)
    wait_ms = models.PositiveIntegerField(null=True, blank=True)
    ring_ms = models.PositiveIntegerField(null=True, blank=True)
    talk_ms = models.PositiveIntegerField(null=True, blank=True)
    hold_ms = models.PositiveIntegerField(null=True, blank=True)
    acw_ms = models.PositiveIntegerField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome)
    ended_by = models.CharField(max_length=10, blank=True)
    transfer_kind = models.CharField(max_length=10, blank=True)
    transfer_target = models.CharField(max_length=120, blank=True)
    resolved = models.BooleanField(null=True, blank=True)
    resolvable = models.BooleanField(null=True, blank=True)
    # Whether the caller agreed to be recorded.
    consent = models.BooleanField(null=True, blank=True)
    recording = models.CharField(max_length=300, blank=True)
    transcript = models.CharField(max_length=300, blank=True)
    # In the site's currency.
    sale_value = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    pipeline_value = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    # Grows with each version of the call that its source exports again.
    revision = models.BigIntegerField(null=True, blank=True)
    extra = models.JSONField(null=True, blank=True)
    # Columns that a person's note has set: an import leaves them alone. Null: none.
    noted = ArrayField(models.CharField(max_length=20), null=True, blank=True)
    batch = models.ForeignKey(
        "ccm.ImportBatch",
        models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    objects = CallQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("offered_at")),
                name="call_ends_after_offer",
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None) | Q(answered_at__gte=F("offered_at")),
                name="call_answered_after_offer",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="answered") | Q(answered_at__isnull=False),
                name="call_answered_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="in_progress")
                | Q(answered_at__isnull=True, ended_at__isnull=True),
                name="call_in_progress_is_open",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values), name="call_outcome_is_known"
            ),
        ]
        indexes = [
            # Every rollup walks one queue through time.
            models.Index(fields=["queue", "offered_at"], name="call_by_queue"),
            # The list of calls, newest first, and how far a site's days reach.
            models.Index(fields=["site", "offered_at"], name="call_by_site"),
            # An agent's own calls, and the agent's side of a passport.
            models.Index(
                fields=["agent", "offered_at"],
                name="call_by_agent",
                condition=Q(agent__isnull=False),
            ),
            # Visits of one contact, and the other half of a call cut by a file's edge.
            models.Index(fields=["linked_id"], name="call_by_contact"),
            # What is going on now: waiting and talking. Few calls are open at a time.
            models.Index(
                fields=["site", "offered_at"], name="call_open", condition=Q(ended_at=None)
            ),
            # Rows made of a half are few, and every import looks for them.
            models.Index(fields=["linked_id"], name="call_half", condition=Q(from_half=True)),
            # Few visits end in a transfer; those that follow one are told apart by them.
            models.Index(
                fields=["site", "offered_at"],
                name="call_transfers",
                condition=~Q(transfer_kind=""),
            ),
            # Who is to be called back is asked for again and again, and few are.
            models.Index(
                fields=["site", "offered_at"],
                name="call_asked_back",
                condition=Q(outcome="callback_requested"),
            ),
            # Few calls tell what was sold on them, and a period's sales are summed from those.
            models.Index(
                fields=["site", "offered_at"],
                name="call_sold",
                condition=Q(sale_value__isnull=False) | Q(pipeline_value__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} at {self.offered_at:%Y-%m-%d %H:%M:%S}"


class Offer(models.Model):
    """One ring of one call at one agent.

    The call may be dropped with its month, so the reference has no database constraint.
    """

    class Result(models.TextChoices):
        ANSWERED = "answered", _("Answered")
        NO_ANSWER = "no_answer", _("Rang, no answer")
        DECLINED = "declined", _("Declined")
        UNREACHABLE = "unreachable", _("Unreachable")
        CANCELLED = "cancelled", _("Cancelled")

    id = models.UUIDField(primary_key=True, editable=False)
    call = models.ForeignKey(Call, models.DO_NOTHING, related_name="offers", db_constraint=False)
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="offers", db_index=False)
    agent_name = models.CharField(max_length=160, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    ring_ms = models.PositiveIntegerField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=Result)
    # The import that made it, which taking that back removes; no index, for it is asked for rarely.
    batch = models.ForeignKey(
        "ccm.ImportBatch",
        models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    outcome__in=["answered", "no_answer", "declined", "unreachable", "cancelled"]
                ),
                name="offer_outcome_is_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent}: {self.get_outcome_display()}"


class Cutoff(models.Model):
    """A moment by which what its source still shows as open is over.

    The switch started anew (no name: all its calls, sessions and pauses), or an agent left (the
    pauses under that name of the source's). Kept because the log that shows what was open may
    come later.
    """

    source = models.CharField(max_length=80)
    agent_name = models.CharField(max_length=160, blank=True)
    at = models.DateTimeField()
    batch = models.ForeignKey(
        "ccm.ImportBatch",
        models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "agent_name", "at"], name="cutoff_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source} until {self.at:%Y-%m-%d %H:%M:%S}"


class AgentState(models.Model):
    """A spell of an agent in one state, [starts_at, ends_at).

    Spells overlay each other: a session is `logged_in` from its login to its logout, and what
    the agent did meanwhile lies over it. Open at the end while it lasts, open at the start where
    a log began too late to show it. `cut_off` says that no line tells its end: it was over by
    `ends_at`, perhaps earlier.
    """

    class State(models.TextChoices):
        LOGGED_IN = "logged_in", _("Logged in")
        AVAILABLE = "available", _("Available")
        RINGING = "ringing", _("Ringing")
        ON_CALL = "on_call", _("On a call")
        HOLD = "hold", _("On hold")
        ACW = "acw", _("Wrap-up")
        # Not ready: `reason` says why.
        PAUSED = "paused", _("Paused")
        OFFLINE = "offline", _("Logged out")
        # One that has no place here: `reason` has its source's word for it.
        OTHER = "other", _("Other")

    agent = models.ForeignKey(Agent, models.PROTECT, related_name="states")
    source = models.CharField(max_length=80)
    # As the source wrote it: that name starts a state once, whoever it is taken for.
    agent_name = models.CharField(max_length=160, blank=True)
    state = models.CharField(max_length=20, choices=State)
    reason = models.CharField(max_length=80, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    cut_off = models.BooleanField(default=False, db_default=False)
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
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_at__isnull=False) | Q(ends_at__isnull=False),
                name="state_has_an_edge",
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(starts_at=None) | Q(ends_at__gte=F("starts_at")),
                name="state_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["source", "agent_name", "state", "starts_at"],
                condition=Q(starts_at__isnull=False),
                name="state_starts_once",
            ),
            models.UniqueConstraint(
                fields=["source", "agent_name", "state", "ends_at"],
                condition=Q(starts_at__isnull=True),
                name="state_half_ends_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "logged_in",
                        "available",
                        "ringing",
                        "on_call",
                        "hold",
                        "acw",
                        "paused",
                        "offline",
                        "other",
                    ]
                ),
                name="state_is_known",
            ),
        ]
        indexes = [
            # Who is here now: asked each second.
            models.Index(fields=["starts_at"], name="state_open", condition=Q(ends_at=None)),
            # And what they did before that.
            models.Index(
                fields=["ends_at"], name="state_ended", condition=Q(ends_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent}: {self.get_state_display()}"
