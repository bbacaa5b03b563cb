"""Counts of calls and all that is read from them."""

from django.conf import settings
from django.db import migrations

from ccm.creation import CreateTables
from kpis.migrations.initial import (
    alerts,
    boards,
    choices,
    counts,
    floor,
    mailings,
    reports,
    verify,
    worklist,
)


class Migration(migrations.Migration):
    initial = True

    # A database that has had all of these has had this one, and is left alone.
    replaces = [
        ("kpis", name)
        for name in (
            "0001_counts_choices_boards",
            "0002_agent_time",
            "0003_surveys_of_every_kind",
            "0004_alerts",
            "0005_verify_runs",
            "0006_what_became_of_calls",
            "0007_why_a_definition_was_chosen",
            "0008_saved_reports",
            "0009_who_came_again",
            "0010_mailed_reports",
            "0011_how_long_matters_took",
            "0012_agents_on_any_queue",
            "0013_counts_as_text",
            "0014_alerts_that_a_changed_rule_ended",
            "0015_limits_of_the_floor",
            "0016_boards_of_tiles",
            "0017_screens_and_where_they_hang",
            "0018_who_calls_back",
            "0019_when_the_past_was_counted",
            "0020_who_was_called_back_by_word",
        )
    ]

    dependencies = [
        ("ccm", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            [
                *alerts.TABLES,
                *boards.TABLES,
                *choices.TABLES,
                *counts.TABLES,
                *floor.TABLES,
                *mailings.TABLES,
                *reports.TABLES,
                *verify.TABLES,
                *worklist.TABLES,
            ]
        ),
    ]
