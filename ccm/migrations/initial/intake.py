"""The tables of `ccm.models.intake`."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "Job",
        {
            "kind": models.CharField(max_length=40),
            "state": models.CharField(
                max_length=10,
                choices=[
                    ("draft", "Being prepared"),
                    ("queued", "Waiting"),
                    ("running", "Running"),
                    ("done", "Done"),
                    ("failed", "Failed"),
                    ("cancelled", "Cancelled"),
                ],
                default="queued",
            ),
            "done": models.BigIntegerField(default=0),
            "total": models.BigIntegerField(default=0),
            "words": models.CharField(max_length=300, blank=True),
            "payload": models.JSONField(blank=True, default=dict),
            "attempts": models.PositiveIntegerField(default=0),
            "cancel_requested": models.BooleanField(default=False),
            "created_at": models.DateTimeField(auto_now_add=True),
            "started_at": models.DateTimeField(null=True, blank=True),
            "heartbeat_at": models.DateTimeField(null=True, blank=True),
            "finished_at": models.DateTimeField(null=True, blank=True),
            "created_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="jobs"
            ),
        },
        ordering=["-created_at"],
        indexes=[
            models.Index(name="job_by_state", fields=["state", "heartbeat_at"]),
        ],
    ),
    table(
        "ImportProfile",
        {
            "name": models.CharField(max_length=80, unique=True),
            "slug": models.SlugField(max_length=40, unique=True),
            "mapping": models.JSONField(),
            "created_at": models.DateTimeField(auto_now_add=True),
            "changed_at": models.DateTimeField(auto_now=True),
            "created_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "removed_at": models.DateTimeField(null=True, blank=True),
        },
        ordering=["name"],
    ),
    table(
        "ImportBatch",
        {
            "format": models.CharField(max_length=40),
            "source": models.CharField(max_length=80),
            "zone": models.CharField(max_length=64, blank=True),
            "queue_name": models.CharField(max_length=120, blank=True),
            "date_order": models.CharField(
                max_length=3, choices=[("dmy", "dmy"), ("mdy", "mdy")], blank=True
            ),
            "dry_run": models.BooleanField(default=False),
            "read": models.BigIntegerField(default=0),
            "stored": models.BigIntegerField(default=0),
            "updated": models.BigIntegerField(default=0),
            "duplicate": models.BigIntegerField(default=0),
            "rejected": models.BigIntegerField(default=0),
            "ignored": models.BigIntegerField(default=0),
            "created_at": models.DateTimeField(auto_now_add=True),
            "job": models.OneToOneField("ccm.job", models.CASCADE, related_name="batch"),
            "site": models.ForeignKey("ccm.site", models.PROTECT, related_name="batches"),
            "first_at": models.DateTimeField(null=True, blank=True),
            "last_at": models.DateTimeField(null=True, blank=True),
            "mapping": models.JSONField(null=True, blank=True),
            "profile": models.ForeignKey(
                "ccm.importprofile", models.SET_NULL, null=True, blank=True, related_name="batches"
            ),
            "all_or_nothing": models.BooleanField(default=False),
            "corrects": models.ForeignKey(
                "ccm.importbatch", models.SET_NULL, null=True, related_name="corrections"
            ),
            "keeps": models.BooleanField(null=True),
            "undo": models.OneToOneField(
                "ccm.job", models.SET_NULL, null=True, related_name="undoes"
            ),
            "undone_at": models.DateTimeField(null=True),
            "again": models.BooleanField(null=True),
        },
        ordering=["-created_at"],
        constraints=[
            models.CheckConstraint(
                name="batch_books_balance",
                condition=Q(
                    read=F("stored") + F("updated") + F("duplicate") + F("rejected") + F("ignored")
                ),
            ),
        ],
    ),
    table(
        "ImportFile",
        {
            "name": models.CharField(max_length=255),
            "size": models.BigIntegerField(),
            "sha256": models.CharField(max_length=64),
            "position": models.BigIntegerField(default=0),
            "finished": models.BooleanField(default=False),
            "batch": models.ForeignKey("ccm.importbatch", models.CASCADE, related_name="files"),
            "format": models.CharField(max_length=40, blank=True),
            "checked": models.BigIntegerField(default=0),
            "delimiter": models.CharField(max_length=1, blank=True),
            "header": models.TextField(blank=True),
            "shape": models.CharField(max_length=10, blank=True),
        },
        ordering=["pk"],
    ),
    table(
        "ImportPiece",
        {
            "number": models.PositiveIntegerField(),
            "data": models.BinaryField(),
            "file": models.ForeignKey("ccm.importfile", models.CASCADE, related_name="pieces"),
        },
        ordering=["number"],
        constraints=[
            models.UniqueConstraint(name="piece_once_a_file", fields=("file", "number")),
        ],
    ),
    table(
        "ImportIssue",
        {
            "line": models.BigIntegerField(),
            "column": models.CharField(max_length=120, blank=True),
            "value": models.CharField(max_length=300, blank=True),
            "rule": models.CharField(max_length=60),
            "message": models.CharField(max_length=500),
            "fate": models.CharField(max_length=10),
            "count": models.BigIntegerField(default=1),
            "batch": models.ForeignKey("ccm.importbatch", models.CASCADE, related_name="issues"),
            "file": models.ForeignKey("ccm.importfile", models.CASCADE, related_name="issues"),
            "origin": models.BigIntegerField(null=True),
        },
        ordering=["file", "line"],
        indexes=[
            models.Index(name="issue_by_fate", fields=["batch", "fate"]),
        ],
    ),
    table(
        "RejectedRow",
        {
            "line": models.BigIntegerField(),
            "text": models.TextField(),
            "batch": models.ForeignKey(
                "ccm.importbatch", models.CASCADE, related_name="rejected_rows"
            ),
            "file": models.ForeignKey(
                "ccm.importfile", models.CASCADE, related_name="rejected_rows"
            ),
            "origin": models.BigIntegerField(null=True),
        },
        ordering=["file", "line"],
    ),
    table(
        "CorrectedRow",
        {
            "line": models.BigIntegerField(),
            "batch": models.ForeignKey(
                "ccm.importbatch", models.CASCADE, related_name="corrected_rows"
            ),
            "of": models.ForeignKey(
                "ccm.importbatch", models.CASCADE, related_name="rows_corrected"
            ),
        },
        indexes=[
            models.Index(name="corrected_by_line", fields=["of", "line"]),
        ],
    ),
    table(
        "ImportChange",
        {
            "relation": models.CharField(max_length=40),
            "row": models.CharField(max_length=36),
            "owner": models.BigIntegerField(null=True),
            "before": models.JSONField(null=True),
            "batch": models.ForeignKey("ccm.importbatch", models.CASCADE, related_name="changes"),
        },
        ordering=["pk"],
        constraints=[
            models.UniqueConstraint(name="change_once_a_row", fields=("batch", "relation", "row")),
        ],
        indexes=[
            models.Index(name="change_by_row", fields=["row"]),
            models.Index(
                name="change_by_owner", fields=["owner"], condition=Q(owner__isnull=False)
            ),
        ],
    ),
    table(
        "ImportDay",
        {
            "queue": models.CharField(max_length=120, blank=True),
            "day": models.DateField(),
            "stored": models.BigIntegerField(default=0),
            "updated": models.BigIntegerField(default=0),
            "duplicate": models.BigIntegerField(default=0),
            "before": models.BigIntegerField(default=0),
            "made": models.BigIntegerField(default=0),
            "batch": models.ForeignKey("ccm.importbatch", models.CASCADE, related_name="days"),
        },
        ordering=["day", "queue"],
        constraints=[
            models.UniqueConstraint(name="day_once_an_import", fields=("batch", "queue", "day")),
        ],
    ),
    table(
        "RawEvent",
        {
            "source": models.CharField(max_length=80),
            "line": models.BigIntegerField(null=True),
            "text": models.TextField(),
            "reason": models.CharField(max_length=200),
            "received_at": models.DateTimeField(auto_now_add=True),
            "batch": models.ForeignKey(
                "ccm.importbatch", models.CASCADE, null=True, related_name="raw_events"
            ),
        },
        ordering=["pk"],
        indexes=[
            models.Index(
                name="raw_event_aside_by_age", fields=["received_at"], condition=Q(batch=None)
            ),
        ],
    ),
    table(
        "LiveEvent",
        {
            "source": models.CharField(max_length=80),
            "event_id": models.CharField(max_length=120),
            "kind": models.CharField(max_length=20),
            "at": models.DateTimeField(),
            "call": models.CharField(max_length=120, blank=True),
            "agent": models.CharField(max_length=160, blank=True),
            "payload": models.JSONField(),
            "received_at": models.DateTimeField(auto_now_add=True),
            "folded_at": models.DateTimeField(null=True),
            "site": models.ForeignKey("ccm.site", models.PROTECT, related_name="+"),
        },
        ordering=["pk"],
        constraints=[
            models.UniqueConstraint(name="event_once_a_source", fields=("source", "event_id")),
        ],
        indexes=[
            models.Index(name="event_by_call", fields=["source", "call"]),
            models.Index(name="event_by_agent", fields=["source", "agent", "at"]),
            models.Index(name="event_to_fold", fields=["id"], condition=Q(folded_at=None)),
        ],
    ),
    table(
        "EventShape",
        {
            "name": models.CharField(max_length=80, unique=True),
            "slug": models.SlugField(max_length=40, unique=True),
            "mapping": models.JSONField(),
            "created_at": models.DateTimeField(auto_now_add=True),
            "changed_at": models.DateTimeField(auto_now=True),
            "created_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
        },
        ordering=["name"],
    ),
    table(
        "LiveSource",
        {
            "source": models.CharField(max_length=80),
            "heard_at": models.DateTimeField(),
            "newest_at": models.DateTimeField(),
            "readings": models.JSONField(default=list),
            "behind": models.DurationField(null=True),
            "changes": models.JSONField(default=list),
            "usual_pause": models.DurationField(null=True),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="+"),
        },
        ordering=["site__name", "source"],
        constraints=[
            models.UniqueConstraint(name="live_source_once_a_site", fields=("site", "source")),
        ],
    ),
    table(
        "DirtyDay",
        {
            "day": models.DateField(),
            "marked_at": models.DateTimeField(auto_now_add=True),
            "queue": models.ForeignKey("ccm.queue", models.CASCADE, null=True, related_name="+"),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="+"),
        },
        ordering=["day"],
        indexes=[
            models.Index(name="dirty_day_of_site", fields=["site", "day"]),
        ],
    ),
]
