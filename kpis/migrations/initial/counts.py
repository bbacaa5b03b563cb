"""The tables of `kpis.models`."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "IntervalStat",
        {
            "channel": models.CharField(
                max_length=10,
                choices=[
                    ("voice", "Voice"),
                    ("chat", "Chat"),
                    ("email", "E-mail"),
                    ("other", "Other"),
                ],
            ),
            "direction": models.CharField(
                max_length=10,
                choices=[
                    ("inbound", "Inbound"),
                    ("outbound", "Outbound"),
                    ("internal", "Internal"),
                ],
            ),
            "unit": models.CharField(
                max_length=1,
                choices=[("v", "Visits"), ("c", "Contacts"), ("a", "Visits on any queue")],
            ),
            "offered": models.IntegerField(default=0),
            "answered": models.IntegerField(default=0),
            "abandoned": models.IntegerField(default=0),
            "timed_out": models.IntegerField(default=0),
            "key_exit": models.IntegerField(default=0),
            "callback_requested": models.IntegerField(default=0),
            "other": models.IntegerField(default=0),
            "in_progress": models.IntegerField(default=0),
            "refused": models.IntegerField(default=0),
            "busy": models.IntegerField(default=0),
            "left_ivr": models.IntegerField(default=0),
            "answered_wait_ms": models.BigIntegerField(default=0),
            "answered_wait_n": models.IntegerField(default=0),
            "abandoned_wait_ms": models.BigIntegerField(default=0),
            "abandoned_wait_n": models.IntegerField(default=0),
            "lost_wait_ms": models.BigIntegerField(default=0),
            "lost_wait_n": models.IntegerField(default=0),
            "callback_wait_ms": models.BigIntegerField(default=0),
            "callback_wait_n": models.IntegerField(default=0),
            "max_wait_ms": models.BigIntegerField(null=True),
            "max_answered_wait_ms": models.BigIntegerField(null=True),
            "talk_ms": models.BigIntegerField(default=0),
            "talk_n": models.IntegerField(default=0),
            "hold_ms": models.BigIntegerField(default=0),
            "hold_n": models.IntegerField(default=0),
            "acw_ms": models.BigIntegerField(default=0),
            "acw_n": models.IntegerField(default=0),
            "handle_n": ArrayField(models.IntegerField(), size=8),
            "handle_ms": ArrayField(models.BigIntegerField(), size=8),
            "ring_no_answer": models.IntegerField(default=0),
            "unreachable": models.IntegerField(default=0),
            "declined": models.IntegerField(default=0),
            "cancelled": models.IntegerField(default=0),
            "offers_answered": models.IntegerField(default=0),
            "transferred_out": models.IntegerField(default=0),
            "resolved": models.IntegerField(default=0),
            "resolved_known": models.IntegerField(default=0),
            "resolvable_known": models.IntegerField(default=0),
            "surveys": models.TextField(default=""),
            "hist_codes": models.TextField(),
            "hist_counts": models.TextField(),
            "start": models.DateTimeField(),
            "queue": models.ForeignKey(
                "ccm.queue", models.CASCADE, null=True, related_name="+", db_index=False
            ),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="+", db_index=False),
            "missed": models.IntegerField(default=0),
            "called_back": models.IntegerField(default=0),
            "called_back_ms": models.BigIntegerField(default=0),
            "called_back_n": models.IntegerField(default=0),
            "before_ring_ms": models.BigIntegerField(default=0),
            "before_ring_n": models.IntegerField(default=0),
            "transferred_blind": models.IntegerField(default=0),
            "transferred_attended": models.IntegerField(default=0),
            "several_agents": models.IntegerField(null=True),
            "noted": models.IntegerField(default=0),
            "escalated": models.IntegerField(default=0),
            "asked": models.TextField(default=""),
        },
        constraints=[
            models.CheckConstraint(
                name="intervalstat_books_balance",
                condition=Q(
                    offered=F("answered")
                    + F("abandoned")
                    + F("timed_out")
                    + F("key_exit")
                    + F("callback_requested")
                    + F("other")
                    + F("in_progress")
                ),
            ),
            models.UniqueConstraint(
                name="interval_once",
                fields=("site", "queue", "start", "channel", "direction", "unit"),
                nulls_distinct=False,
            ),
        ],
    ),
    table(
        "DayStat",
        {
            "channel": models.CharField(
                max_length=10,
                choices=[
                    ("voice", "Voice"),
                    ("chat", "Chat"),
                    ("email", "E-mail"),
                    ("other", "Other"),
                ],
            ),
            "direction": models.CharField(
                max_length=10,
                choices=[
                    ("inbound", "Inbound"),
                    ("outbound", "Outbound"),
                    ("internal", "Internal"),
                ],
            ),
            "unit": models.CharField(
                max_length=1,
                choices=[("v", "Visits"), ("c", "Contacts"), ("a", "Visits on any queue")],
            ),
            "offered": models.IntegerField(default=0),
            "answered": models.IntegerField(default=0),
            "abandoned": models.IntegerField(default=0),
            "timed_out": models.IntegerField(default=0),
            "key_exit": models.IntegerField(default=0),
            "callback_requested": models.IntegerField(default=0),
            "other": models.IntegerField(default=0),
            "in_progress": models.IntegerField(default=0),
            "refused": models.IntegerField(default=0),
            "busy": models.IntegerField(default=0),
            "left_ivr": models.IntegerField(default=0),
            "answered_wait_ms": models.BigIntegerField(default=0),
            "answered_wait_n": models.IntegerField(default=0),
            "abandoned_wait_ms": models.BigIntegerField(default=0),
            "abandoned_wait_n": models.IntegerField(default=0),
            "lost_wait_ms": models.BigIntegerField(default=0),
            "lost_wait_n": models.IntegerField(default=0),
            "callback_wait_ms": models.BigIntegerField(default=0),
            "callback_wait_n": models.IntegerField(default=0),
            "max_wait_ms": models.BigIntegerField(null=True),
            "max_answered_wait_ms": models.BigIntegerField(null=True),
            "talk_ms": models.BigIntegerField(default=0),
            "talk_n": models.IntegerField(default=0),
            "hold_ms": models.BigIntegerField(default=0),
            "hold_n": models.IntegerField(default=0),
            "acw_ms": models.BigIntegerField(default=0),
            "acw_n": models.IntegerField(default=0),
            "handle_n": ArrayField(models.IntegerField(), size=8),
            "handle_ms": ArrayField(models.BigIntegerField(), size=8),
            "ring_no_answer": models.IntegerField(default=0),
            "unreachable": models.IntegerField(default=0),
            "declined": models.IntegerField(default=0),
            "cancelled": models.IntegerField(default=0),
            "offers_answered": models.IntegerField(default=0),
            "transferred_out": models.IntegerField(default=0),
            "resolved": models.IntegerField(default=0),
            "resolved_known": models.IntegerField(default=0),
            "resolvable_known": models.IntegerField(default=0),
            "surveys": models.TextField(default=""),
            "hist_codes": models.TextField(),
            "hist_counts": models.TextField(),
            "day": models.DateField(),
            "agent": models.ForeignKey(
                "ccm.agent", models.CASCADE, null=True, related_name="+", db_index=False
            ),
            "queue": models.ForeignKey(
                "ccm.queue", models.CASCADE, null=True, related_name="+", db_index=False
            ),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="+", db_index=False),
            "missed": models.IntegerField(default=0),
            "called_back": models.IntegerField(default=0),
            "called_back_ms": models.BigIntegerField(default=0),
            "called_back_n": models.IntegerField(default=0),
            "before_ring_ms": models.BigIntegerField(default=0),
            "before_ring_n": models.IntegerField(default=0),
            "transferred_blind": models.IntegerField(default=0),
            "transferred_attended": models.IntegerField(default=0),
            "several_agents": models.IntegerField(null=True),
            "noted": models.IntegerField(default=0),
            "escalated": models.IntegerField(default=0),
            "asked": models.TextField(default=""),
        },
        constraints=[
            models.CheckConstraint(
                name="daystat_books_balance",
                condition=Q(
                    offered=F("answered")
                    + F("abandoned")
                    + F("timed_out")
                    + F("key_exit")
                    + F("callback_requested")
                    + F("other")
                    + F("in_progress")
                ),
            ),
            models.UniqueConstraint(
                name="day_once",
                fields=("site", "queue", "day", "agent", "channel", "direction", "unit"),
                nulls_distinct=False,
            ),
        ],
        indexes=[
            models.Index(
                name="day_by_agent", fields=["agent", "day"], condition=Q(agent__isnull=False)
            ),
        ],
    ),
    table(
        "AgentTimeStat",
        {
            "handling_ms": models.BigIntegerField(default=0),
            "ringing_ms": models.BigIntegerField(default=0),
            "paused_ms": models.BigIntegerField(default=0),
            "other_ms": models.BigIntegerField(default=0),
            "ready_ms": models.BigIntegerField(default=0),
            "untold_ms": models.BigIntegerField(default=0),
            "day": models.DateField(),
            "paused": models.JSONField(default=dict),
            "open_spells": models.IntegerField(default=0),
            "agent": models.ForeignKey(
                "ccm.agent", models.CASCADE, related_name="+", db_index=False
            ),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="+", db_index=False),
        },
        db_table="kpis_agenttime",
        constraints=[
            models.UniqueConstraint(name="agent_time_once", fields=("agent", "day")),
        ],
        indexes=[
            models.Index(name="agent_time_by_site", fields=["site", "day"]),
        ],
    ),
    table(
        "SiteTimeStat",
        {
            "handling_ms": models.BigIntegerField(default=0),
            "ringing_ms": models.BigIntegerField(default=0),
            "paused_ms": models.BigIntegerField(default=0),
            "other_ms": models.BigIntegerField(default=0),
            "ready_ms": models.BigIntegerField(default=0),
            "untold_ms": models.BigIntegerField(default=0),
            "start": models.DateTimeField(),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="+", db_index=False),
        },
        db_table="kpis_sitetime",
        constraints=[
            models.UniqueConstraint(name="site_time_once", fields=("site", "start")),
        ],
    ),
    table(
        "RepeatStat",
        {
            "day": models.DateField(),
            "channel": models.CharField(
                max_length=10,
                choices=[
                    ("voice", "Voice"),
                    ("chat", "Chat"),
                    ("email", "E-mail"),
                    ("other", "Other"),
                ],
            ),
            "scope": models.CharField(
                max_length=5,
                choices=[
                    ("queue", "The same queue"),
                    ("any", "Any queue of the site"),
                    ("topic", "The same topic"),
                ],
            ),
            "known": models.IntegerField(default=0),
            "again": ArrayField(models.IntegerField(), default=list),
            "around": ArrayField(models.IntegerField(), default=list),
            "told": models.IntegerField(default=0),
            "resolved": models.IntegerField(default=0),
            "resolved_again": ArrayField(models.IntegerField(), default=list),
            "able": models.IntegerField(default=0),
            "able_resolved": models.IntegerField(default=0),
            "able_again": ArrayField(models.IntegerField(), default=list),
            "withheld": models.IntegerField(default=0),
            "shared": models.IntegerField(default=0),
            "untold": models.IntegerField(default=0),
            "agent": models.ForeignKey(
                "ccm.agent", models.CASCADE, null=True, related_name="+", db_index=False
            ),
            "queue": models.ForeignKey(
                "ccm.queue", models.CASCADE, null=True, related_name="+", db_index=False
            ),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="+", db_index=False),
        },
        constraints=[
            models.UniqueConstraint(
                name="repeats_once",
                fields=("site", "queue", "day", "agent", "channel", "scope"),
                nulls_distinct=False,
            ),
        ],
        indexes=[
            models.Index(
                name="repeats_by_agent", fields=["agent", "day"], condition=Q(agent__isnull=False)
            ),
        ],
    ),
    table(
        "MatterStat",
        {
            "day": models.DateField(),
            "channel": models.CharField(
                max_length=10,
                choices=[
                    ("voice", "Voice"),
                    ("chat", "Chat"),
                    ("email", "E-mail"),
                    ("other", "Other"),
                ],
            ),
            "scope": models.CharField(
                max_length=5,
                choices=[
                    ("queue", "The same queue"),
                    ("any", "Any queue of the site"),
                    ("topic", "The same topic"),
                ],
            ),
            "untold": models.IntegerField(default=0),
            "codes": ArrayField(models.IntegerField()),
            "counts": ArrayField(models.IntegerField()),
            "queue": models.ForeignKey(
                "ccm.queue", models.CASCADE, null=True, related_name="+", db_index=False
            ),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="+", db_index=False),
        },
        constraints=[
            models.UniqueConstraint(
                name="matters_once",
                fields=("site", "scope", "day", "queue", "channel"),
                nulls_distinct=False,
            ),
        ],
    ),
    table(
        "RepeatMark",
        {
            "first": models.DateField(),
            "last": models.DateField(),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="+"),
        },
        constraints=[
            models.CheckConstraint(name="mark_has_days", condition=Q(last__gte=F("first"))),
        ],
    ),
    table(
        "RepeatFill",
        {
            "site": models.OneToOneField(
                "ccm.site", models.CASCADE, primary_key=True, related_name="+", serialize=False
            ),
            "counted_at": models.DateTimeField(),
            "last_whole": models.DateField(),
        },
    ),
    table(
        "FillMark",
        {
            "counted_at": models.DateTimeField(),
            "newest_at": models.DateTimeField(null=True),
            "queue": models.ForeignKey("ccm.queue", models.CASCADE, null=True, related_name="+"),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="+"),
            "past_at": models.DateTimeField(null=True),
        },
        constraints=[
            models.UniqueConstraint(
                name="fill_mark_once", fields=("site", "queue"), nulls_distinct=False
            ),
        ],
    ),
]
