"""The tables of `qa.models.calibration`."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from ccm.creation import table

TABLES = [
    table(
        "CalibrationSession",
        {
            "name": models.CharField(max_length=120, verbose_name="name"),
            "state": models.CharField(
                max_length=6,
                choices=[
                    ("blind", "Being scored"),
                    ("open", "Being discussed"),
                    ("closed", "Closed"),
                ],
                default="blind",
            ),
            "due_at": models.DateTimeField(verbose_name="due"),
            "made_at": models.DateTimeField(),
            "opened_at": models.DateTimeField(null=True),
            "closed_at": models.DateTimeField(null=True),
            "expert": models.ForeignKey(
                settings.AUTH_USER_MODEL,
                models.PROTECT,
                null=True,
                blank=True,
                related_name="+",
                verbose_name="expert",
            ),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "opened_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "site": models.ForeignKey("ccm.site", models.PROTECT, related_name="calibrations"),
            "version": models.ForeignKey(
                "qa.cardversion", models.PROTECT, related_name="calibrations"
            ),
            "seed": models.CharField(max_length=64, blank=True),
            "how": models.JSONField(blank=True, default=dict),
        },
        verbose_name="calibration session",
        verbose_name_plural="calibration sessions",
        ordering=["-made_at"],
        constraints=[
            models.CheckConstraint(
                name="calibration_opened_has_a_time",
                condition=Q(opened_at=None, state="blind")
                | (~Q(state="blind") & Q(opened_at__isnull=False)),
            ),
        ],
    ),
    table(
        "CalibrationRater",
        {
            "user": models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"),
            "session": models.ForeignKey(
                "qa.calibrationsession", models.CASCADE, related_name="raters"
            ),
        },
        ordering=["user__username"],
        constraints=[
            models.UniqueConstraint(name="calibration_rater_once", fields=("session", "user")),
        ],
    ),
    table(
        "CalibrationCall",
        {
            "facts": models.JSONField(default=dict),
            "call": models.ForeignKey(
                "ccm.call", models.DO_NOTHING, related_name="+", db_constraint=False
            ),
            "session": models.ForeignKey(
                "qa.calibrationsession", models.CASCADE, related_name="calls"
            ),
        },
        ordering=["session", "pk"],
        constraints=[
            models.UniqueConstraint(name="calibration_call_once", fields=("session", "call")),
        ],
    ),
    table(
        "CalibrationAgreed",
        {
            "value": models.CharField(max_length=2000, blank=True),
            "skipped": models.BooleanField(default=False),
            "words": models.TextField(max_length=2000, blank=True),
            "at": models.DateTimeField(),
            "by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "session_call": models.ForeignKey(
                "qa.calibrationcall", models.CASCADE, related_name="agreed"
            ),
            "criterion": models.ForeignKey("qa.cardcriterion", models.PROTECT, related_name="+"),
        },
        ordering=["session_call", "pk"],
        constraints=[
            models.UniqueConstraint(
                name="calibration_agreed_once", fields=("session_call", "criterion")
            ),
        ],
    ),
    table(
        "CalibrationNote",
        {
            "words": models.TextField(max_length=2000),
            "at": models.DateTimeField(),
            "by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "session_call": models.ForeignKey(
                "qa.calibrationcall", models.CASCADE, related_name="notes"
            ),
            "criterion": models.ForeignKey(
                "qa.cardcriterion", models.PROTECT, null=True, related_name="+"
            ),
        },
        ordering=["at", "pk"],
    ),
]
