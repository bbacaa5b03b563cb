"""Coaching and the agent's side: sessions, learning, belonging, what callers say."""

from django.conf import settings
from django.db import migrations

from ccm.creation import CreateTables
from coaching.migrations.initial import (
    asking,
    badges,
    certificates,
    challenges,
    courses,
    guards,
    huddles,
    leaderboards,
    library,
    onboarding,
    plans,
    preparations,
    public,
    pulse,
    recognition,
    remarks,
    rhythm,
    sessions,
    suggestions,
    trials,
    triggers,
    voice,
    wellbeing,
)


class Migration(migrations.Migration):
    initial = True

    # A database that has had all of these has had this one, and is left alone.
    replaces = [
        ("coaching", name)
        for name in (
            "0001_sessions",
            "0002_recognition_and_suggestions",
            "0003_library",
            "0004_remarks",
            "0005_preparations",
            "0006_trials",
            "0007_belonging",
            "0008_voice_and_asking",
            "0009_rhythm_plans_and_proposals",
            "0010_courses_certificates_and_onboarding",
            "0011_thanks_on_walls",
        )
    ]

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("ccm", "0001_initial"),
        ("qa", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateTables(
            [
                *asking.TABLES,
                *badges.TABLES,
                *certificates.TABLES,
                *challenges.TABLES,
                *courses.TABLES,
                *huddles.TABLES,
                *leaderboards.TABLES,
                *library.TABLES,
                *onboarding.TABLES,
                *plans.TABLES,
                *preparations.TABLES,
                *public.TABLES,
                *pulse.TABLES,
                *recognition.TABLES,
                *remarks.TABLES,
                *rhythm.TABLES,
                *sessions.TABLES,
                *suggestions.TABLES,
                *trials.TABLES,
                *triggers.TABLES,
                *voice.TABLES,
                *wellbeing.TABLES,
            ]
        ),
        guards.VERSIONS_ARE_FROZEN,
        guards.TRIALS_ARE_LOCKED,
        guards.CHALLENGES_STAY,
    ]
