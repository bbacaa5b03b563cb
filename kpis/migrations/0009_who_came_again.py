"""Who came again, by site day; the days counted so far are marked to be counted for it."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

_MARKED = """
INSERT INTO kpis_repeatmark (site_id, first, last)
SELECT site_id, min(day), max(day) FROM kpis_daystat GROUP BY site_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("ccm", "0024_calls_again"),
        ("kpis", "0008_saved_reports"),
    ]

    operations = [
        migrations.CreateModel(
            name="RepeatFill",
            fields=[
                (
                    "site",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="ccm.site",
                    ),
                ),
                ("counted_at", models.DateTimeField()),
                ("last_whole", models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name="RepeatMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first", models.DateField()),
                ("last", models.DateField()),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="ccm.site"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last__gte", models.F("first"))), name="mark_has_days"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RepeatStat",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("voice", "Voice"),
                            ("chat", "Chat"),
                            ("email", "E-mail"),
                            ("other", "Other"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("queue", "The same queue"),
                            ("any", "Any queue of the site"),
                            ("topic", "The same topic"),
                        ],
                        max_length=5,
                    ),
                ),
                ("known", models.IntegerField(default=0)),
                (
                    "again",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), default=list, size=None
                    ),
                ),
                (
                    "around",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), default=list, size=None
                    ),
                ),
                ("told", models.IntegerField(default=0)),
                ("resolved", models.IntegerField(default=0)),
                (
                    "resolved_again",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), default=list, size=None
                    ),
                ),
                ("able", models.IntegerField(default=0)),
                ("able_resolved", models.IntegerField(default=0)),
                (
                    "able_again",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), default=list, size=None
                    ),
                ),
                ("withheld", models.IntegerField(default=0)),
                ("shared", models.IntegerField(default=0)),
                ("untold", models.IntegerField(default=0)),
                (
                    "agent",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="ccm.agent",
                    ),
                ),
                (
                    "queue",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="ccm.queue",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="ccm.site",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("agent__isnull", False)),
                        fields=["agent", "day"],
                        name="repeats_by_agent",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("site", "queue", "day", "agent", "channel", "scope"),
                        name="repeats_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.RunSQL(_MARKED, migrations.RunSQL.noop),
    ]
