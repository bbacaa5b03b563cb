"""How long callers' matters took, by site day; the days counted so far are marked for it."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

_MARKED = """
INSERT INTO kpis_repeatmark (site_id, first, last)
SELECT site_id, min(day), max(day) FROM kpis_daystat GROUP BY site_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("ccm", "0030_agent_left_reason"),
        ("kpis", "0010_mailed_reports"),
    ]

    operations = [
        migrations.CreateModel(
            name="MatterStat",
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
                ("untold", models.IntegerField(default=0)),
                (
                    "codes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), size=None
                    ),
                ),
                (
                    "counts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), size=None
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("site", "scope", "day", "queue", "channel"),
                        name="matters_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.RunSQL(_MARKED, migrations.RunSQL.noop),
    ]
