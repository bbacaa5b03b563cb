"""Entries of the audit log wait for a seal from the moment they are there, and what is sealed
stays."""

from django.db import migrations, models
from django.db.migrations import RunSQL

# An entry and its waiting are one transaction's: no commit can come in between, and none is missed
# whichever order they come in. The function works by the right of whoever owns the tables, so that
# who adds entries needs none to those that wait. Its name for the table leaves no room for another
# of that name in a schema of the session.
WAITING = """
DO $do$ BEGIN EXECUTE format($function$
CREATE FUNCTION ccm_audit_waits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO %1$I.ccm_auditwaiting (entry) SELECT id FROM added;
    RETURN NULL;
END $$
$function$, current_schema()); END $do$;
-- Nobody else hangs it on a table of theirs; a trigger that is there needs no right.
REVOKE ALL ON FUNCTION ccm_audit_waits() FROM PUBLIC;
CREATE TRIGGER audit_waits AFTER INSERT ON ccm_auditentry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ccm_audit_waits();
INSERT INTO ccm_auditwaiting (entry) SELECT id FROM ccm_auditentry;
"""
NOT_WAITING = """
DROP TRIGGER audit_waits ON ccm_auditentry;
DROP FUNCTION ccm_audit_waits();
"""

SEALS_ARE_ONLY_ADDED_TO = """
CREATE TRIGGER seal_only_added_to BEFORE UPDATE OR DELETE ON ccm_auditseal
    FOR EACH ROW EXECUTE FUNCTION ccm_audit_refuses();
"""
SEALS_ARE_ADDED_TO = "DROP TRIGGER seal_only_added_to ON ccm_auditseal;"


class Migration(migrations.Migration):
    dependencies = [
        ("ccm", "0005_standing_in_and_emergencies"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("entries", models.PositiveBigIntegerField()),
                ("seals", models.PositiveBigIntegerField()),
                ("head", models.CharField(blank=True, max_length=64)),
                ("faults", models.PositiveBigIntegerField()),
                ("first_fault", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("place", models.BigIntegerField(primary_key=True, serialize=False)),
                ("entry", models.BigIntegerField(unique=True)),
                ("sealed_at", models.DateTimeField()),
                ("key", models.CharField(blank=True, max_length=8)),
                ("hash", models.BinaryField()),
            ],
            options={
                "ordering": ["place"],
            },
        ),
        migrations.CreateModel(
            name="AuditWaiting",
            fields=[
                ("entry", models.BigIntegerField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.AddField(
            model_name="viewing",
            name="logged",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="viewing",
            name="what",
            field=models.CharField(
                choices=[
                    ("figures", "Figures"),
                    ("call", "A call"),
                    ("evaluation", "Team's month"),
                    ("day", "Day and adherence"),
                    ("terms", "Terms of work"),
                    ("time_off", "Time off"),
                    ("review", "A review"),
                    ("coaching", "Coaching"),
                    ("record", "Record"),
                ],
                max_length=12,
                verbose_name="what",
            ),
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="action",
            field=models.CharField(
                choices=[
                    ("created", "Created"),
                    ("changed", "Changed"),
                    ("removed", "Removed"),
                    ("exported", "Exported"),
                    ("viewed", "Viewed"),
                    ("did", "Did"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["who", "id"], name="audit_by_person"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["at"], name="audit_by_time"),
        ),
        migrations.AddIndex(
            model_name="viewing",
            index=models.Index(
                condition=models.Q(("logged__lt", models.F("times"))),
                fields=["id"],
                name="viewing_to_be_logged",
            ),
        ),
        migrations.AddConstraint(
            model_name="auditseal",
            constraint=models.CheckConstraint(
                condition=models.Q(("place__gte", 1)), name="seal_from_one"
            ),
        ),
        RunSQL(WAITING, NOT_WAITING),
        RunSQL(SEALS_ARE_ONLY_ADDED_TO, SEALS_ARE_ADDED_TO),
    ]
