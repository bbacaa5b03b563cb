"""Somebody stands in for who is away in any role of a site, not as a supervisor alone."""

import django.contrib.postgres.constraints
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ccm", "0015_the_audit_log_is_not_emptied"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="substitution",
            name="one_stands_in_for_one_at_a_time",
        ),
        migrations.AddField(
            model_name="substitution",
            name="role",
            field=models.CharField(
                choices=[
                    ("manager", "manager"),
                    ("planner", "planner"),
                    ("supervisor", "supervisor"),
                    ("qa_analyst", "QA analyst"),
                    ("trainer", "trainer"),
                ],
                db_default="supervisor",
                default="supervisor",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="substitution",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("ended_at", None)),
                expressions=[
                    (
                        models.Func(
                            models.F("first_on"),
                            models.F("last_on"),
                            models.Value("[]"),
                            function="DATERANGE",
                        ),
                        "&&",
                    ),
                    ("absent", "="),
                    ("site", "="),
                    ("role", "="),
                ],
                name="one_stands_in_for_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="substitution",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("role__in", ["manager", "planner", "supervisor", "qa_analyst", "trainer"])
                ),
                name="substitution_of_a_role_that_is_handed_on",
            ),
        ),
    ]
