"""The oldest entries of the audit log may go by a rule of retention; the chain goes on from an
anchor."""

from django.db import migrations, models
from django.db.migrations import RunSQL

# It works by the right of the tables' owner, removes the oldest entries that are sealed, in order
# and whole, a piece at a time, and leaves the last of them all; nothing of the last year, whoever
# asks. What it removes has its anchor first: the triggers let go of that alone.
LETS_GO = """
DO $do$ BEGIN EXECUTE format($function$
CREATE OR REPLACE FUNCTION ccm_audit_refuses() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'ccm_auditentry' THEN
        IF EXISTS (
            SELECT FROM %1$I.ccm_auditseal seal JOIN %1$I.ccm_auditanchor anchor
            ON anchor.place >= seal.place WHERE seal.entry = OLD.id
        ) THEN
            RETURN OLD;
        END IF;
    ELSIF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'ccm_auditseal' THEN
        IF EXISTS (SELECT FROM %1$I.ccm_auditanchor anchor WHERE anchor.place >= OLD.place) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit log is only added to' USING ERRCODE = 'insufficient_privilege';
END $$
$function$, current_schema());
EXECUTE format($function$
CREATE FUNCTION ccm_let_go_of_audit(kept integer) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    begins bigint;
    newest bigint;
    until bigint;
    many bigint;
BEGIN
    IF kept IS NULL OR kept < 365 THEN
        RAISE EXCEPTION 'the audit log is kept for 365 days or more';
    END IF;
    PERFORM pg_advisory_xact_lock(%2$s);
    SELECT coalesce(max(place), 0) INTO begins FROM %1$I.ccm_auditanchor;
    SELECT max(place) INTO newest FROM %1$I.ccm_auditseal;
    SELECT max(place) INTO until FROM (
        SELECT seal.place, bool_and(
            seal.place = begins + seal.number AND seal.place < newest
            AND coalesce(entry.at < now() - make_interval(days => kept), false)
        ) OVER (ORDER BY seal.place) AS goes
        FROM (
            SELECT place, entry, row_number() OVER (ORDER BY place) AS number
            FROM %1$I.ccm_auditseal ORDER BY place LIMIT 5000
        ) AS seal
        LEFT JOIN %1$I.ccm_auditentry entry ON entry.id = seal.entry
    ) AS walked WHERE goes;
    IF until IS NULL THEN
        RETURN 0;
    END IF;
    INSERT INTO %1$I.ccm_auditanchor (place, hash, entries, let_go_at)
        SELECT place, hash, until - begins, now() FROM %1$I.ccm_auditseal WHERE place = until;
    DELETE FROM %1$I.ccm_auditentry entry USING %1$I.ccm_auditseal seal
        WHERE seal.entry = entry.id AND seal.place <= until;
    GET DIAGNOSTICS many = ROW_COUNT;
    DELETE FROM %1$I.ccm_auditseal WHERE place <= until;
    RETURN many;
END $$
$function$, current_schema(), 1667460354); END $do$;
REVOKE ALL ON FUNCTION ccm_let_go_of_audit(integer) FROM PUBLIC;
CREATE TRIGGER anchor_only_added_to BEFORE UPDATE OR DELETE ON ccm_auditanchor
    FOR EACH ROW EXECUTE FUNCTION ccm_audit_refuses();
"""
KEEPS = """
DROP TRIGGER anchor_only_added_to ON ccm_auditanchor;
DROP FUNCTION ccm_let_go_of_audit(integer);
CREATE OR REPLACE FUNCTION ccm_audit_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only added to' USING ERRCODE = 'insufficient_privilege';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("ccm", "0011_rights_of_roles"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditAnchor",
            fields=[
                ("place", models.BigIntegerField(primary_key=True, serialize=False)),
                ("hash", models.BinaryField()),
                ("entries", models.PositiveBigIntegerField()),
                ("let_go_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["place"],
            },
        ),
        migrations.AlterField(
            model_name="retentionrule",
            name="kind",
            field=models.CharField(
                choices=[
                    ("calls", "Calls, with rings, answers and notes"),
                    ("states", "What agents did when"),
                    ("recordings", "Links to recordings"),
                    ("transcripts", "Transcripts"),
                    ("comments", "Comments of callers and words of notes"),
                    ("audit", "The audit log"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="retentionrun",
            name="kind",
            field=models.CharField(
                choices=[
                    ("calls", "Calls, with rings, answers and notes"),
                    ("states", "What agents did when"),
                    ("recordings", "Links to recordings"),
                    ("transcripts", "Transcripts"),
                    ("comments", "Comments of callers and words of notes"),
                    ("audit", "The audit log"),
                ],
                max_length=12,
            ),
        ),
        RunSQL(LETS_GO, KEEPS),
    ]
