"""Who led a team gets days: supervisors of until now led for as long as anybody knows."""

import django.contrib.postgres.constraints
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ccm", "0013_calls_that_come_back"),
    ]

    operations = [
        migrations.CreateModel(
            name="TeamLead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("starts_on", models.DateField(blank=True, null=True)),
                ("ends_on", models.DateField(blank=True, null=True)),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ccm.importbatch",
                    ),
                ),
                (
                    "supervisor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="leads",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="leads",
                        to="ccm.team",
                    ),
                ),
            ],
            options={
                "ordering": ["starts_on"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (
                                models.Func(
                                    models.F("starts_on"),
                                    models.F("ends_on"),
                                    function="DATERANGE",
                                ),
                                "&&",
                            ),
                            ("team", "="),
                        ],
                        name="team_under_one_supervisor_at_a_time",
                    )
                ],
            },
        ),
        migrations.RunSQL(
            "INSERT INTO ccm_teamlead (team_id, supervisor_id)"
            " SELECT id, supervisor_id FROM ccm_team WHERE supervisor_id IS NOT NULL;"
            " SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED",
            "UPDATE ccm_team t SET supervisor_id = l.supervisor_id FROM ccm_teamlead l"
            " WHERE l.team_id = t.id AND l.ends_on IS NULL;"
            " SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED",
        ),
        migrations.RemoveField(model_name="team", name="supervisor"),
    ]
