"""The tables of `kpis.mailings.models`."""

from django.conf import settings
from django.db import models
from django.db.models import Q

import ccm.models.people
from ccm.creation import table

TABLES = [
    table(
        "Mailing",
        {
            "every": models.CharField(
                max_length=5,
                choices=[
                    ("day", "Each day"),
                    ("week", "Each week"),
                    ("month", "On the first of the month"),
                ],
                default="day",
            ),
            "weekday": models.PositiveSmallIntegerField(default=0),
            "hour": models.PositiveSmallIntegerField(default=7),
            "zone": models.CharField(max_length=64, validators=[ccm.models.people.known_zone]),
            "attached": models.CharField(
                max_length=4,
                choices=[("", "Nothing"), ("csv", "CSV"), ("xlsx", "XLSX")],
                blank=True,
            ),
            "is_on": models.BooleanField(default=True),
            "since": models.DateTimeField(),
            "next_at": models.DateTimeField(null=True),
            "owner": models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+"),
            "report": models.ForeignKey(
                "kpis.savedreport", models.CASCADE, null=True, related_name="mailings"
            ),
            "site": models.ForeignKey("ccm.site", models.CASCADE, null=True, related_name="+"),
            "told": models.ManyToManyField(
                settings.AUTH_USER_MODEL, blank=True, related_name="mailings"
            ),
        },
        ordering=["pk"],
        constraints=[
            models.CheckConstraint(
                name="mailing_of_a_report_or_a_recap", condition=Q(report=None) ^ Q(site=None)
            ),
            models.CheckConstraint(
                name="mailing_at_an_hour_of_a_weekday", condition=Q(hour__lt=24, weekday__lt=7)
            ),
        ],
        indexes=[
            models.Index(name="mailing_due", fields=["next_at"]),
        ],
    ),
    table(
        "MailingRun",
        {
            "day": models.DateField(),
            "is_asked": models.BooleanField(default=False),
            "state": models.CharField(
                max_length=7,
                choices=[
                    ("waiting", "Tried again"),
                    ("sent", "Sent"),
                    ("failed", "Failed"),
                    ("skipped", "Left out"),
                ],
                default="waiting",
            ),
            "due_at": models.DateTimeField(),
            "tries": models.PositiveSmallIntegerField(default=0),
            "finished_at": models.DateTimeField(null=True),
            "error": models.CharField(max_length=300, blank=True),
            "left_out": models.TextField(blank=True),
            "refusal_told": models.BooleanField(default=False),
            "asked_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "mailing": models.ForeignKey("kpis.mailing", models.CASCADE, related_name="runs"),
            "mails": models.ManyToManyField("ccm.delivery", related_name="+"),
        },
        ordering=["-day", "-pk"],
        constraints=[
            models.UniqueConstraint(
                name="mailing_once_a_day", fields=("mailing", "day"), condition=Q(is_asked=False)
            ),
        ],
    ),
]
