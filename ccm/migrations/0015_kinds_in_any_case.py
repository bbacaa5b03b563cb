"""Costs and absences whose kinds differ in case alone are of one kind.

Of two such absences the first stands; of two such costs the later is told apart by its number,
for money is never dropped.
"""

import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ccm", "0014_supervisors_by_the_day"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="cost",
            name="cost_once",
        ),
        migrations.RemoveConstraint(
            model_name="leave",
            name="leave_once",
        ),
        migrations.AlterField(
            model_name="leave",
            name="first_on",
            field=models.DateField(verbose_name="first day"),
        ),
        migrations.AlterField(
            model_name="leave",
            name="kind",
            field=models.CharField(max_length=60, verbose_name="kind"),
        ),
        migrations.AlterField(
            model_name="leave",
            name="last_on",
            field=models.DateField(blank=True, null=True, verbose_name="last day"),
        ),
        migrations.AlterField(
            model_name="sale",
            name="agent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sales",
                to="ccm.agent",
            ),
        ),
        migrations.AlterField(
            model_name="sale",
            name="call",
            field=models.ForeignKey(
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="sales",
                to="ccm.call",
            ),
        ),
        migrations.AlterField(
            model_name="sale",
            name="call_ref",
            field=models.CharField(blank=True, max_length=120, verbose_name="id of the call"),
        ),
        migrations.AlterField(
            model_name="sale",
            name="currency",
            field=models.CharField(max_length=3, verbose_name="currency"),
        ),
        migrations.AlterField(
            model_name="sale",
            name="pipeline_value",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                max_digits=14,
                null=True,
                verbose_name="pipeline value",
            ),
        ),
        migrations.AlterField(
            model_name="sale",
            name="reference",
            field=models.CharField(blank=True, max_length=80, verbose_name="reference"),
        ),
        migrations.AlterField(
            model_name="sale",
            name="sold_on",
            field=models.DateField(blank=True, null=True, verbose_name="day"),
        ),
        migrations.AlterField(
            model_name="sale",
            name="value",
            field=models.DecimalField(
                blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="sale"
            ),
        ),
        migrations.RunSQL(
            "UPDATE ccm_cost c SET reference = ltrim(left(c.reference, 50) || ' no. ' || c.id)"
            " FROM ccm_cost o WHERE o.id < c.id AND o.site_id = c.site_id"
            " AND lower(o.kind) = lower(c.kind) AND o.first_on = c.first_on"
            " AND o.last_on = c.last_on AND o.reference = c.reference"
            " AND o.queue_id IS NOT DISTINCT FROM c.queue_id"
            " AND o.agent_id IS NOT DISTINCT FROM c.agent_id;"
            "DELETE FROM ccm_leave l USING ccm_leave o WHERE o.id < l.id"
            " AND o.agent_id = l.agent_id AND lower(o.kind) = lower(l.kind)"
            " AND o.first_on = l.first_on;"
            "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="cost",
            constraint=models.UniqueConstraint(
                models.F("site"),
                django.db.models.functions.text.Lower("kind"),
                models.F("queue"),
                models.F("agent"),
                models.F("first_on"),
                models.F("last_on"),
                models.F("reference"),
                name="cost_once",
                nulls_distinct=False,
                violation_error_message="There is this cost already: correct it, or give this one a reference.",
            ),
        ),
        migrations.AddConstraint(
            model_name="leave",
            constraint=models.UniqueConstraint(
                models.F("agent"),
                django.db.models.functions.text.Lower("kind"),
                models.F("first_on"),
                name="leave_once",
                violation_error_message="There is this absence already: correct it.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="leave",
            name="leave_ends_after_start",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("last_on", None), ("last_on__gte", models.F("first_on")), _connector="OR"
                ),
                name="leave_ends_after_start",
                violation_error_message="It ends before it starts.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="sale",
            name="sale_of_a_call_or_a_day",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("call_ref", ""), _negated=True),
                    models.Q(("agent__isnull", False), ("sold_on__isnull", False)),
                    _connector="OR",
                ),
                name="sale_of_a_call_or_a_day",
                violation_error_message="Of which call, or of which agent on which day?",
            ),
        ),
        migrations.AlterConstraint(
            model_name="sale",
            name="sale_says_a_value",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("value__isnull", False), ("pipeline_value__isnull", False), _connector="OR"
                ),
                name="sale_says_a_value",
                violation_error_message="Say a sale, a pipeline value, or both.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="sale",
            name="sale_once",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reference", ""), _negated=True),
                fields=("site", "reference"),
                name="sale_once",
                violation_error_message="There is a sale of this reference already.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="sale",
            name="sale_once_without_reference",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reference", "")),
                fields=("site", "call_ref", "agent", "sold_on"),
                name="sale_once_without_reference",
                nulls_distinct=False,
                violation_error_message="There is this sale already: correct it, or give this one a reference.",
            ),
        ),
    ]
