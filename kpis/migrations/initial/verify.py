"""The tables of `kpis.models`."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from ccm.creation import table

TABLES = [
    table(
        "VerifyRun",
        {
            "started_at": models.DateTimeField(),
            "finished_at": models.DateTimeField(null=True),
            "first": models.DateField(null=True),
            "through": models.DateField(null=True),
            "days": models.IntegerField(default=0),
            "cells": models.BigIntegerField(default=0),
            "differing": models.BigIntegerField(default=0),
            "counting": ArrayField(models.DateField(), default=list),
            "books": models.JSONField(default=dict),
            "job": models.ForeignKey("ccm.job", models.CASCADE, null=True, related_name="+"),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="+"),
        },
        ordering=["-started_at", "-pk"],
        constraints=[
            models.UniqueConstraint(name="verify_run_once_a_job", fields=("job", "site")),
        ],
        indexes=[
            models.Index(name="verify_run_by_site", fields=["site", "finished_at"]),
        ],
    ),
    table(
        "VerifyDifference",
        {
            "name": models.CharField(max_length=80),
            "day": models.DateField(null=True),
            "shown": models.FloatField(null=True),
            "shown_n": models.BigIntegerField(null=True),
            "second": models.FloatField(null=True),
            "second_n": models.BigIntegerField(null=True),
            "what": models.CharField(max_length=200, blank=True),
            "agent": models.ForeignKey("ccm.agent", models.CASCADE, null=True, related_name="+"),
            "queue": models.ForeignKey("ccm.queue", models.CASCADE, null=True, related_name="+"),
            "run": models.ForeignKey("kpis.verifyrun", models.CASCADE, related_name="differences"),
        },
        ordering=["pk"],
    ),
]
