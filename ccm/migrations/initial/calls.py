"""The tables of `ccm.models.calls`."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from ccm.creation import table
from ccm.partitions import CreatePartitionedModel

TABLES = [
    table(
        "Queue",
        {
            "name": models.CharField(max_length=120),
            "channel": models.CharField(
                max_length=10,
                choices=[
                    ("voice", "Voice"),
                    ("chat", "Chat"),
                    ("email", "E-mail"),
                    ("other", "Other"),
                ],
                default="voice",
            ),
            "hours": models.JSONField(blank=True, default=dict),
            "is_new": models.BooleanField(default=False),
            "site": models.ForeignKey("ccm.site", models.PROTECT, related_name="queues"),
        },
        ordering=["name"],
        constraints=[
            models.UniqueConstraint(
                name="queue_once_a_site",
                fields=("site", "name"),
                violation_error_message="There is another queue of this name already.",
            ),
        ],
    ),
    table(
        "QueueAlias",
        {
            "raw_name": models.CharField(max_length=120),
            "queue": models.ForeignKey("ccm.queue", models.CASCADE, related_name="aliases"),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="+"),
        },
        ordering=["raw_name"],
        constraints=[
            models.UniqueConstraint(name="queue_alias_once_a_site", fields=("site", "raw_name")),
        ],
    ),
    table(
        "Topic",
        {
            "name": models.CharField(max_length=120, unique=True),
            "is_new": models.BooleanField(default=False),
        },
        ordering=["name"],
    ),
    table(
        "TopicAlias",
        {
            "raw_name": models.CharField(max_length=120, unique=True),
            "topic": models.ForeignKey("ccm.topic", models.CASCADE, related_name="aliases"),
        },
        ordering=["raw_name"],
    ),
    table(
        "Disposition",
        {
            "name": models.CharField(max_length=120, unique=True),
            "is_new": models.BooleanField(default=False),
        },
        ordering=["name"],
    ),
    table(
        "DispositionAlias",
        {
            "raw_name": models.CharField(max_length=120, unique=True),
            "disposition": models.ForeignKey(
                "ccm.disposition", models.CASCADE, related_name="aliases"
            ),
        },
        ordering=["raw_name"],
    ),
    table(
        "Call",
        {
            "id": models.UUIDField(primary_key=True, editable=False, serialize=False),
            "source": models.CharField(max_length=80),
            "external_id": models.CharField(max_length=120),
            "linked_id": models.CharField(max_length=120),
            "channel": models.CharField(
                max_length=10,
                choices=[
                    ("voice", "Voice"),
                    ("chat", "Chat"),
                    ("email", "E-mail"),
                    ("other", "Other"),
                ],
                default="voice",
            ),
            "direction": models.CharField(
                max_length=10,
                choices=[
                    ("inbound", "Inbound"),
                    ("outbound", "Outbound"),
                    ("internal", "Internal"),
                ],
                default="inbound",
            ),
            "caller_hash": models.CharField(max_length=32, blank=True),
            "caller_masked": models.CharField(max_length=40, blank=True),
            "offered_at": models.DateTimeField(),
            "answered_at": models.DateTimeField(null=True, blank=True),
            "ended_at": models.DateTimeField(null=True, blank=True),
            "wrapup_ended_at": models.DateTimeField(null=True, blank=True),
            "time_precision": models.CharField(
                max_length=8,
                choices=[
                    ("ms", "Millisecond"),
                    ("second", "Second"),
                    ("minute", "Minute"),
                    ("day", "Day"),
                ],
                default="second",
            ),
            "entry_known": models.BooleanField(default=True),
            "from_half": models.BooleanField(default=False),
            "ivr_ms": models.PositiveIntegerField(null=True, blank=True),
            "wait_ms": models.PositiveIntegerField(null=True, blank=True),
            "ring_ms": models.PositiveIntegerField(null=True, blank=True),
            "talk_ms": models.PositiveIntegerField(null=True, blank=True),
            "hold_ms": models.PositiveIntegerField(null=True, blank=True),
            "acw_ms": models.PositiveIntegerField(null=True, blank=True),
            "outcome": models.CharField(
                max_length=20,
                choices=[
                    ("answered", "Answered"),
                    ("abandoned", "Abandoned"),
                    ("timed_out", "Timed out"),
                    ("key_exit", "Left by key"),
                    ("callback_requested", "Call back asked for"),
                    ("voicemail", "Voicemail"),
                    ("failed", "Failed"),
                    ("other", "Other exit"),
                    ("refused", "Refused"),
                    ("busy", "Busy"),
                    ("left_ivr", "Left in the menu"),
                    ("in_progress", "Still waiting"),
                ],
            ),
            "ended_by": models.CharField(max_length=10, blank=True),
            "transfer_kind": models.CharField(max_length=10, blank=True),
            "transfer_target": models.CharField(max_length=120, blank=True),
            "resolved": models.BooleanField(null=True, blank=True),
            "resolvable": models.BooleanField(null=True, blank=True),
            "extra": models.JSONField(null=True, blank=True),
            "agent": models.ForeignKey(
                "ccm.agent", models.PROTECT, null=True, related_name="calls", db_index=False
            ),
            "batch": models.ForeignKey(
                "ccm.importbatch",
                models.PROTECT,
                null=True,
                related_name="+",
                db_index=False,
                db_constraint=False,
            ),
            "queue": models.ForeignKey(
                "ccm.queue", models.PROTECT, null=True, related_name="calls", db_index=False
            ),
            "site": models.ForeignKey("ccm.site", models.PROTECT, related_name="+", db_index=False),
            "topic": models.ForeignKey(
                "ccm.topic", models.PROTECT, null=True, related_name="+", db_index=False
            ),
            "consent": models.BooleanField(null=True, blank=True),
            "pipeline_value": models.DecimalField(
                max_digits=14, decimal_places=2, null=True, blank=True
            ),
            "recording": models.CharField(max_length=300, blank=True),
            "revision": models.BigIntegerField(null=True, blank=True),
            "sale_value": models.DecimalField(
                max_digits=14, decimal_places=2, null=True, blank=True
            ),
            "transcript": models.CharField(max_length=300, blank=True),
            "disposition": models.ForeignKey(
                "ccm.disposition", models.PROTECT, null=True, related_name="+", db_index=False
            ),
            "agent_name": models.CharField(max_length=160, blank=True),
            "noted": ArrayField(models.CharField(max_length=20), null=True, blank=True),
        },
        by=CreatePartitionedModel,
        constraints=[
            models.CheckConstraint(
                name="call_ends_after_offer",
                condition=Q(ended_at=None) | Q(ended_at__gte=F("offered_at")),
            ),
            models.CheckConstraint(
                name="call_answered_after_offer",
                condition=Q(answered_at=None) | Q(answered_at__gte=F("offered_at")),
            ),
            models.CheckConstraint(
                name="call_answered_has_a_time",
                condition=~Q(outcome="answered") | Q(answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="call_in_progress_is_open",
                condition=~Q(outcome="in_progress")
                | Q(answered_at__isnull=True, ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="call_outcome_is_known",
                condition=Q(
                    outcome__in=[
                        "answered",
                        "abandoned",
                        "timed_out",
                        "key_exit",
                        "callback_requested",
                        "voicemail",
                        "failed",
                        "other",
                        "refused",
                        "busy",
                        "left_ivr",
                        "in_progress",
                    ]
                ),
            ),
        ],
        indexes=[
            models.Index(name="call_by_queue", fields=["queue", "offered_at"]),
            models.Index(name="call_by_site", fields=["site", "offered_at"]),
            models.Index(
                name="call_by_agent",
                fields=["agent", "offered_at"],
                condition=Q(agent__isnull=False),
            ),
            models.Index(name="call_by_contact", fields=["linked_id"]),
            models.Index(
                name="call_open", fields=["site", "offered_at"], condition=Q(ended_at=None)
            ),
            models.Index(name="call_half", fields=["linked_id"], condition=Q(from_half=True)),
            models.Index(
                name="call_transfers", fields=["site", "offered_at"], condition=~Q(transfer_kind="")
            ),
            models.Index(
                name="call_sold",
                fields=["site", "offered_at"],
                condition=Q(sale_value__isnull=False) | Q(pipeline_value__isnull=False),
            ),
            models.Index(
                name="call_asked_back",
                fields=["site", "offered_at"],
                condition=Q(outcome="callback_requested"),
            ),
        ],
    ),
    table(
        "Offer",
        {
            "id": models.UUIDField(primary_key=True, editable=False, serialize=False),
            "starts_at": models.DateTimeField(null=True, blank=True),
            "ring_ms": models.PositiveIntegerField(null=True, blank=True),
            "outcome": models.CharField(
                max_length=12,
                choices=[
                    ("answered", "Answered"),
                    ("no_answer", "Rang, no answer"),
                    ("declined", "Declined"),
                    ("unreachable", "Unreachable"),
                    ("cancelled", "Cancelled"),
                ],
            ),
            "agent": models.ForeignKey(
                "ccm.agent", models.PROTECT, related_name="offers", db_index=False
            ),
            "call": models.ForeignKey(
                "ccm.call", models.DO_NOTHING, related_name="offers", db_constraint=False
            ),
            "batch": models.ForeignKey(
                "ccm.importbatch",
                models.PROTECT,
                null=True,
                related_name="+",
                db_index=False,
                db_constraint=False,
            ),
            "agent_name": models.CharField(max_length=160, blank=True),
        },
        ordering=["starts_at"],
        constraints=[
            models.CheckConstraint(
                name="offer_outcome_is_known",
                condition=Q(
                    outcome__in=["answered", "no_answer", "declined", "unreachable", "cancelled"]
                ),
            ),
        ],
    ),
    table(
        "Cutoff",
        {
            "source": models.CharField(max_length=80),
            "at": models.DateTimeField(),
            "batch": models.ForeignKey(
                "ccm.importbatch",
                models.PROTECT,
                null=True,
                related_name="+",
                db_index=False,
                db_constraint=False,
            ),
            "agent_name": models.CharField(max_length=160, blank=True),
        },
        constraints=[
            models.UniqueConstraint(name="cutoff_once", fields=("source", "agent_name", "at")),
        ],
    ),
    table(
        "AgentState",
        {
            "source": models.CharField(max_length=80),
            "state": models.CharField(
                max_length=20,
                choices=[
                    ("logged_in", "Logged in"),
                    ("available", "Available"),
                    ("ringing", "Ringing"),
                    ("on_call", "On a call"),
                    ("hold", "On hold"),
                    ("acw", "Wrap-up"),
                    ("paused", "Paused"),
                    ("offline", "Logged out"),
                    ("other", "Other"),
                ],
            ),
            "reason": models.CharField(max_length=80, blank=True),
            "starts_at": models.DateTimeField(null=True, blank=True),
            "ends_at": models.DateTimeField(null=True, blank=True),
            "agent": models.ForeignKey("ccm.agent", models.PROTECT, related_name="states"),
            "batch": models.ForeignKey(
                "ccm.importbatch",
                models.PROTECT,
                null=True,
                related_name="+",
                db_index=False,
                db_constraint=False,
            ),
            "cut_off": models.BooleanField(default=False, db_default=False),
            "extra": models.JSONField(null=True, blank=True),
            "agent_name": models.CharField(max_length=160, blank=True),
        },
        ordering=["starts_at"],
        constraints=[
            models.CheckConstraint(
                name="state_has_an_edge",
                condition=Q(starts_at__isnull=False) | Q(ends_at__isnull=False),
            ),
            models.CheckConstraint(
                name="state_ends_after_start",
                condition=Q(ends_at=None) | Q(starts_at=None) | Q(ends_at__gte=F("starts_at")),
            ),
            models.UniqueConstraint(
                name="state_starts_once",
                fields=("source", "agent_name", "state", "starts_at"),
                condition=Q(starts_at__isnull=False),
            ),
            models.UniqueConstraint(
                name="state_half_ends_once",
                fields=("source", "agent_name", "state", "ends_at"),
                condition=Q(starts_at__isnull=True),
            ),
            models.CheckConstraint(
                name="state_is_known",
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
            ),
        ],
        indexes=[
            models.Index(name="state_open", fields=["starts_at"], condition=Q(ends_at=None)),
            models.Index(
                name="state_ended", fields=["ends_at"], condition=Q(ends_at__isnull=False)
            ),
        ],
    ),
]
