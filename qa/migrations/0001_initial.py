"""Scorecards, reviews and what becomes of them."""

from django.conf import settings
from django.db import migrations

from ccm.creation import CreateTables
from qa.migrations.initial import (
    calibration,
    disputes,
    evaluations,
    findings,
    guards,
    plans,
    scorecards,
    transcripts,
)


class Migration(migrations.Migration):
    initial = True

    # A database that has had all of these has had this one, and is left alone.
    replaces = [
        ("qa", name)
        for name in (
            "0001_quality_record",
            "0002_calibration_seed",
            "0003_what_checks_showed",
            "0004_transcript_times",
            "0005_doubtful_checks",
            "0006_plan_needs_record",
            "0007_second_reviews_stay",
        )
    ]

    dependencies = [
        ("ccm", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            [
                *calibration.TABLES,
                *disputes.TABLES,
                *evaluations.TABLES,
                *findings.TABLES,
                *plans.TABLES,
                *scorecards.TABLES,
                *transcripts.TABLES,
            ]
        ),
        guards.ONLY_ADDED_TO,
        guards.VERSIONS_ARE_FROZEN,
    ]
