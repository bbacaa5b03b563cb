"""The tables of `kpis.worklist.models`."""

from django.conf import settings
from django.db import models

from ccm.creation import table

TABLES = [
    table(
        "CallBackOwner",
        {
            "at": models.DateTimeField(),
            "call": models.OneToOneField(
                "ccm.call", models.DO_NOTHING, related_name="call_back_owner", db_constraint=False
            ),
            "owner": models.ForeignKey(
                settings.AUTH_USER_MODEL,
                models.CASCADE,
                related_name="call_backs",
                verbose_name="Owner",
            ),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="+"),
            "made_at": models.DateTimeField(null=True, blank=True, verbose_name="Called back"),
        },
        verbose_name="call back",
        ordering=["at"],
    ),
]
