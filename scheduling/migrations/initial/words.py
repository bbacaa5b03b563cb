"""The tables of `scheduling.models.words`."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "KnownEvent",
        {
            "kind": models.CharField(max_length=60, verbose_name="kind"),
            "first": models.DateField(verbose_name="first day"),
            "last": models.DateField(verbose_name="last day"),
            "calls": models.FloatField(null=True, blank=True, verbose_name="calls more a day"),
            "keeps": models.FloatField(default=0, verbose_name="of which the next day keeps"),
            "factor": models.FloatField(null=True, blank=True, verbose_name="times as many"),
            "note": models.CharField(max_length=300, blank=True, verbose_name="note"),
            "made_at": models.DateTimeField(),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="known_events"),
            "queues": models.ManyToManyField(
                "ccm.queue", related_name="known_events", verbose_name="queues"
            ),
        },
        verbose_name="known event",
        ordering=["first", "pk"],
        constraints=[
            models.CheckConstraint(name="event_ends_after_it", condition=Q(last__gte=F("first"))),
            models.CheckConstraint(
                name="event_adds_or_multiplies", condition=Q(calls=None) | Q(factor=None)
            ),
            models.CheckConstraint(name="event_fades_away", condition=Q(keeps__gte=0, keeps__lt=1)),
            models.CheckConstraint(
                name="event_takes_no_more_than_all", condition=Q(factor=None) | Q(factor__gte=0)
            ),
        ],
    ),
    table(
        "Override",
        {
            "first": models.DateField(verbose_name="first day"),
            "last": models.DateField(verbose_name="last day"),
            "starts": models.TimeField(null=True, blank=True, verbose_name="from"),
            "ends": models.TimeField(null=True, blank=True, verbose_name="to"),
            "factor": models.FloatField(null=True, blank=True, verbose_name="times as many"),
            "calls": models.FloatField(null=True, blank=True, verbose_name="calls a day"),
            "reason": models.CharField(max_length=300, verbose_name="why"),
            "made_at": models.DateTimeField(),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "queue": models.ForeignKey(
                "ccm.queue", models.CASCADE, related_name="overrides", verbose_name="queue"
            ),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="+"),
        },
        verbose_name="override",
        ordering=["first", "pk"],
        constraints=[
            models.CheckConstraint(name="override_ends_after", condition=Q(last__gte=F("first"))),
            models.CheckConstraint(
                name="override_says_one_thing",
                condition=Q(calls=None, factor__gte=0) | Q(calls__gte=0, factor=None),
            ),
        ],
    ),
    table(
        "DayWord",
        {
            "day": models.DateField(),
            "is_kept": models.BooleanField(),
            "reason": models.CharField(max_length=300, blank=True),
            "said_at": models.DateTimeField(),
            "queue": models.ForeignKey("ccm.queue", models.CASCADE, related_name="day_words"),
            "said_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
        },
        verbose_name="word on a day",
        constraints=[
            models.UniqueConstraint(name="day_word_once", fields=("queue", "day")),
        ],
    ),
]
