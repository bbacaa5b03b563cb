"""Forecasts, what people work by, rosters, and how they were kept."""

from django.conf import settings
from django.db import migrations

from ccm.creation import CreateTables
from scheduling.migrations.initial import (
    adherence,
    bids,
    fairness,
    forecasts,
    intraday,
    mine,
    offers,
    plans,
    proofs,
    rosters,
    scenarios,
    sessions,
    terms,
    timeoff,
    trades,
    words,
)


class Migration(migrations.Migration):
    initial = True

    # A database that has had all of these has had this one, and is left alone.
    replaces = [
        ("scheduling", name)
        for name in (
            "0001_forecasts",
            "0002_terms",
            "0003_rosters",
            "0004_roster_edits",
            "0005_refused",
            "0006_timeoff",
            "0007_bids",
            "0008_adherence",
            "0009_my_schedule",
            "0010_fairness",
            "0011_intraday_actions",
            "0012_roster_repairs",
            "0013_offers",
            "0014_bids_by_fairness",
            "0015_away_unplanned",
            "0016_exceptions_asked",
            "0017_why_refused",
            "0018_day_known_until",
            "0019_why_decided",
            "0020_left_out_of_rosters",
        )
    ]

    dependencies = [
        ("ccm", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            [
                *adherence.TABLES,
                *bids.TABLES,
                *fairness.TABLES,
                *forecasts.TABLES,
                *intraday.TABLES,
                *mine.TABLES,
                *offers.TABLES,
                *plans.TABLES,
                *proofs.TABLES,
                *rosters.TABLES,
                *scenarios.TABLES,
                *sessions.TABLES,
                *terms.TABLES,
                *timeoff.TABLES,
                *trades.TABLES,
                *words.TABLES,
            ]
        ),
    ]
