"""The tables of `coaching.models.recognition`."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from ccm.creation import table

TABLES = [
    table(
        "Kudos",
        {
            "words": models.CharField(max_length=500, verbose_name="what for"),
            "given_at": models.DateTimeField(verbose_name="given"),
            "agent": models.ForeignKey(
                "ccm.agent", models.PROTECT, related_name="kudos", verbose_name="agent"
            ),
            "call": models.ForeignKey(
                "ccm.call", models.DO_NOTHING, null=True, related_name="+", db_constraint=False
            ),
            "criterion": models.ForeignKey(
                "qa.cardcriterion",
                models.SET_NULL,
                null=True,
                related_name="+",
                verbose_name="criterion",
            ),
            "giver": models.ForeignKey(
                settings.AUTH_USER_MODEL,
                models.SET_NULL,
                null=True,
                related_name="+",
                verbose_name="from",
            ),
            "site": models.ForeignKey(
                "ccm.site", models.PROTECT, related_name="+", verbose_name="site"
            ),
            "survey": models.ForeignKey(
                "ccm.surveyresponse",
                models.DO_NOTHING,
                null=True,
                related_name="+",
                db_constraint=False,
            ),
            "is_on_walls": models.BooleanField(
                default=False, verbose_name="on walls", db_default=False
            ),
        },
        verbose_name="recognition",
        verbose_name_plural="recognition",
        ordering=["-given_at", "-pk"],
        constraints=[
            models.CheckConstraint(name="kudos_says_what_for", condition=~Q(words="")),
            models.CheckConstraint(
                name="kudos_survey_is_of_a_call", condition=Q(survey=None) | Q(call__isnull=False)
            ),
        ],
        indexes=[
            models.Index(name="kudos_by_site", fields=["site", "-given_at"]),
            models.Index(name="kudos_by_agent", fields=["agent", "-given_at"]),
        ],
    ),
]
