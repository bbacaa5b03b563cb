"""The tables of `coaching.models.voice`."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from ccm.creation import table

TABLES = [
    table(
        "VoiceTag",
        {
            "name": models.CharField(max_length=60, verbose_name="name"),
            "words": models.CharField(max_length=200, blank=True, verbose_name="words"),
            "made_at": models.DateTimeField(),
            "retired_at": models.DateTimeField(null=True, verbose_name="retired"),
            "revision": models.PositiveIntegerField(default=0),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "site": models.ForeignKey(
                "ccm.site", models.PROTECT, related_name="+", verbose_name="site"
            ),
        },
        verbose_name="tag of comments",
        verbose_name_plural="tags of comments",
        ordering=["name", "pk"],
        constraints=[
            models.CheckConstraint(name="voice_tag_has_a_name", condition=~Q(name="")),
            models.UniqueConstraint(
                F("site"),
                Lower("name"),
                name="voice_tag_once_a_site",
                condition=Q(retired_at=None),
                violation_error_message="There is another tag of this name already.",
            ),
        ],
    ),
    table(
        "VoiceMark",
        {
            "is_on": models.BooleanField(),
            "at": models.DateTimeField(),
            "by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "survey": models.ForeignKey(
                "ccm.surveyresponse", models.DO_NOTHING, related_name="+", db_constraint=False
            ),
            "tag": models.ForeignKey("coaching.voicetag", models.CASCADE, related_name="marks"),
        },
        ordering=["pk"],
        constraints=[
            models.UniqueConstraint(name="voice_mark_once", fields=("tag", "survey")),
        ],
    ),
    table(
        "Complaint",
        {
            "first": models.DateField(),
            "last": models.DateField(),
            "comments": models.PositiveIntegerField(),
            "many": models.PositiveIntegerField(),
            "finding": models.OneToOneField("qa.finding", models.CASCADE, related_name="+"),
            "queue": models.ForeignKey("ccm.queue", models.PROTECT, null=True, related_name="+"),
            "tag": models.ForeignKey(
                "coaching.voicetag", models.PROTECT, related_name="complaints"
            ),
        },
        verbose_name="complaint",
        verbose_name_plural="complaints",
        ordering=["-pk"],
        constraints=[
            models.CheckConstraint(name="complaint_days", condition=Q(last__gte=F("first"))),
            models.CheckConstraint(
                name="complaint_of_some", condition=Q(comments__gt=0, comments__lte=F("many"))
            ),
        ],
    ),
]
