"""The tables of `ccm.models.surveys`."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "SurveyResponse",
        {
            "id": models.UUIDField(primary_key=True, editable=False, serialize=False),
            "source": models.CharField(max_length=80),
            "kind": models.CharField(
                max_length=4,
                choices=[
                    ("csat", "Satisfaction"),
                    ("nps", "Recommendation"),
                    ("ces", "Effort"),
                    ("fcr", "Solved at first contact"),
                ],
            ),
            "scale_min": models.IntegerField(),
            "scale_max": models.IntegerField(),
            "score": models.FloatField(),
            "comment": models.TextField(blank=True),
            "answered_at": models.DateTimeField(),
            "agent": models.ForeignKey(
                "ccm.agent", models.PROTECT, null=True, related_name="surveys"
            ),
            "call": models.ForeignKey(
                "ccm.call",
                models.DO_NOTHING,
                null=True,
                related_name="surveys",
                db_constraint=False,
            ),
            "batch": models.ForeignKey(
                "ccm.importbatch",
                models.PROTECT,
                null=True,
                related_name="+",
                db_index=False,
                db_constraint=False,
            ),
            "queue": models.ForeignKey("ccm.queue", models.PROTECT, null=True, related_name="+"),
            "site": models.ForeignKey("ccm.site", models.PROTECT, related_name="+"),
            "extra": models.JSONField(null=True, blank=True),
            "agent_name": models.CharField(max_length=160, blank=True),
            "call_ref": models.CharField(max_length=120, blank=True),
        },
        ordering=["-answered_at"],
        constraints=[
            models.CheckConstraint(
                name="survey_score_on_scale",
                condition=Q(score__gte=F("scale_min"), score__lte=F("scale_max")),
            ),
            models.CheckConstraint(
                name="survey_scale_has_width", condition=Q(scale_max__gt=F("scale_min"))
            ),
        ],
        indexes=[
            models.Index(
                name="survey_alone", fields=["site", "answered_at"], condition=Q(call=None)
            ),
            models.Index(
                name="survey_waits_for_call",
                fields=["site", "call_ref"],
                condition=Q(call=None) & ~Q(call_ref=""),
            ),
            models.Index(
                name="survey_comments", fields=["site", "answered_at"], condition=~Q(comment="")
            ),
            GinIndex(
                SearchVector("comment", config="english"),
                name="survey_words",
                condition=~Q(comment=""),
            ),
        ],
    ),
    table(
        "SurveyInvitation",
        {
            "hash": models.CharField(max_length=64, unique=True),
            "questions": ArrayField(
                models.CharField(
                    max_length=4,
                    choices=[
                        ("csat", "Satisfaction"),
                        ("nps", "Recommendation"),
                        ("ces", "Effort"),
                        ("fcr", "Solved at first contact"),
                    ],
                )
            ),
            "created_at": models.DateTimeField(auto_now_add=True),
            "expires_at": models.DateTimeField(),
            "used_at": models.DateTimeField(null=True, blank=True),
            "agent": models.ForeignKey("ccm.agent", models.PROTECT, null=True, related_name="+"),
            "call": models.ForeignKey(
                "ccm.call",
                models.DO_NOTHING,
                null=True,
                related_name="invitations",
                db_constraint=False,
            ),
            "created_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "queue": models.ForeignKey("ccm.queue", models.PROTECT, null=True, related_name="+"),
            "site": models.ForeignKey("ccm.site", models.PROTECT, related_name="+"),
            "withdrawn_at": models.DateTimeField(null=True, blank=True),
            "withdrawn_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "opened_at": models.DateTimeField(null=True, blank=True),
        },
        ordering=["-created_at"],
        constraints=[
            models.CheckConstraint(
                name="invitation_asks_something", condition=Q(questions__len__gt=0)
            ),
            models.CheckConstraint(
                name="invitation_used_or_withdrawn",
                condition=Q(used_at=None) | Q(withdrawn_at=None),
            ),
            models.UniqueConstraint(
                name="invitation_one_open_a_call",
                fields=("call",),
                condition=Q(used_at=None, withdrawn_at=None),
            ),
        ],
    ),
    table(
        "SurveyOptOut",
        {
            "caller_hash": models.CharField(max_length=32, unique=True),
            "at": models.DateTimeField(),
        },
        ordering=["-at", "-pk"],
        constraints=[
            models.CheckConstraint(name="opt_out_is_somebodys", condition=~Q(caller_hash="")),
        ],
    ),
]
