"""The tables of `coaching.models.pulse`."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ccm.creation import table

TABLES = [
    table(
        "PulseSurvey",
        {
            "kind": models.CharField(
                max_length=5,
                choices=[("pulse", "Pulse"), ("exit", "Exit")],
                default="pulse",
                verbose_name="kind",
            ),
            "title": models.CharField(max_length=120, verbose_name="title"),
            "opens_on": models.DateField(verbose_name="from"),
            "closes_on": models.DateField(verbose_name="until"),
            "made_at": models.DateTimeField(),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "site": models.ForeignKey(
                "ccm.site", models.PROTECT, related_name="+", verbose_name="site"
            ),
            "team": models.ForeignKey(
                "ccm.team",
                models.PROTECT,
                null=True,
                blank=True,
                related_name="+",
                verbose_name="team",
            ),
        },
        verbose_name="survey of people",
        verbose_name_plural="surveys of people",
        ordering=["-closes_on", "-pk"],
        constraints=[
            models.CheckConstraint(
                name="pulse_closes_after_it_opens", condition=Q(closes_on__gte=F("opens_on"))
            ),
            models.CheckConstraint(
                name="pulse_exit_is_of_a_site", condition=Q(kind="pulse") | Q(team=None)
            ),
        ],
        indexes=[
            models.Index(name="pulse_by_site", fields=["site", "-closes_on"]),
        ],
    ),
    table(
        "PulseQuestion",
        {
            "place": models.PositiveSmallIntegerField(),
            "text": models.CharField(max_length=200, verbose_name="question"),
            "scale": models.CharField(
                max_length=5,
                choices=[("ten", "0 to 10"), ("five", "1 to 5"), ("words", "in words")],
                verbose_name="answered",
            ),
            "survey": models.ForeignKey(
                "coaching.pulsesurvey", models.CASCADE, related_name="questions"
            ),
        },
        ordering=["survey", "place"],
        constraints=[
            models.UniqueConstraint(name="pulse_question_once", fields=("survey", "place")),
            models.CheckConstraint(
                name="pulse_question_has_a_scale", condition=Q(scale__in=("ten", "five", "words"))
            ),
        ],
    ),
    table(
        "PulseAnswer",
        {
            "id": models.UUIDField(
                primary_key=True, default=uuid4, editable=False, serialize=False
            ),
            "score": models.PositiveSmallIntegerField(null=True),
            "words": models.TextField(max_length=2000, blank=True),
            "question": models.ForeignKey(
                "coaching.pulsequestion", models.CASCADE, related_name="answers"
            ),
        },
        constraints=[
            models.CheckConstraint(
                name="pulse_answer_is_a_score_or_words", condition=Q(score=None) ^ Q(words="")
            ),
            models.CheckConstraint(
                name="pulse_answer_within_ten", condition=Q(score=None) | Q(score__lte=10)
            ),
        ],
    ),
    table(
        "PulseTurn",
        {
            "id": models.UUIDField(
                primary_key=True, default=uuid4, editable=False, serialize=False
            ),
            "mark": models.CharField(max_length=64),
            "survey": models.ForeignKey(
                "coaching.pulsesurvey", models.CASCADE, related_name="turns"
            ),
        },
        constraints=[
            models.UniqueConstraint(name="pulse_turn_once", fields=("survey", "mark")),
        ],
    ),
]
