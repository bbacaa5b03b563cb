"""Copies of the record that were made; and months of calls for whoever does not own the tables."""

from django.db import migrations, models
from django.db.migrations import RunSQL

# They work by the right of the tables' owner, and do nothing but what their names say: web and
# workers need no right to make or drop tables. Their names for tables leave no room for others of
# that name in a schema of the session. A month's rights are those of the table above it.
MONTHS = """
DO $do$ BEGIN EXECUTE format($function$
CREATE FUNCTION ccm_make_month(month date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    name text := 'ccm_call_' || to_char(month, 'YYYY_MM');
    made boolean := false;
    leaves boolean;
    after date := (month + interval '1 month')::date;
    one record;
BEGIN
    IF month IS NULL OR extract(day FROM month) <> 1 OR month < '1970-01-01' OR month > '2199-12-01'
    THEN
        RAISE EXCEPTION '%% is not the first day of a month of calls', month;
    END IF;
    -- Whoever makes months at once makes them one after the other.
    PERFORM pg_advisory_xact_lock(%2$s);
    IF to_regclass(format('%1$I.%%I', name)) IS NOT NULL THEN
        SELECT inhdetachpending INTO leaves FROM pg_inherits
        WHERE inhparent = '%1$I.ccm_call'::regclass
            AND inhrelid = to_regclass(format('%1$I.%%I', name));
        IF NOT leaves THEN
            RETURN;
        END IF;
        -- Somebody takes it out, or was cut off while they did: it is taken back in.
        IF leaves THEN
            EXECUTE format('ALTER TABLE %1$I.ccm_call DETACH PARTITION %1$I.%%I FINALIZE', name);
        END IF;
        made := true;
    END IF;
    -- Made apart and attached: PARTITION OF would shut out everybody who reads calls.
    IF NOT made THEN
        EXECUTE format('CREATE TABLE %1$I.%%I (LIKE %1$I.ccm_call INCLUDING ALL)', name);
    END IF;
    EXECUTE format('ALTER TABLE %1$I.ccm_call ATTACH PARTITION %1$I.%%I FOR VALUES FROM (%%L) TO (%%L)',
        name,
        lpad(to_hex((extract(epoch FROM month::timestamptz) * 1000)::bigint), 12, '0')
            || '70008000000000000000',
        lpad(to_hex((extract(epoch FROM after::timestamptz) * 1000)::bigint), 12, '0')
            || '70008000000000000000');
    FOR one IN
        SELECT privilege_type AS may, grantee::regrole AS who
        FROM pg_class, aclexplode(relacl)
        WHERE pg_class.oid = '%1$I.ccm_call'::regclass AND grantee <> relowner AND grantee <> 0
    LOOP
        EXECUTE format('GRANT %%s ON %1$I.%%I TO %%s', one.may, name, one.who);
    END LOOP;
END $$
$function$, current_schema(), 1667460353); END $do$;
REVOKE ALL ON FUNCTION ccm_make_month(date) FROM PUBLIC;

DO $do$ BEGIN EXECUTE format($function$
CREATE FUNCTION ccm_drop_month(month date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '5s' AS $$
DECLARE
    name text := 'ccm_call_' || to_char(month, 'YYYY_MM');
BEGIN
    IF month IS NULL OR extract(day FROM month) <> 1
        OR month + interval '1 month' > now() - interval '1 day'
    THEN
        RAISE EXCEPTION '%% is not the first day of a month that is over', month;
    END IF;
    -- Who reads calls waits meanwhile, which is a moment: rows are not looked at.
    EXECUTE format('DROP TABLE IF EXISTS %1$I.%%I', name);
END $$
$function$, current_schema()); END $do$;
REVOKE ALL ON FUNCTION ccm_drop_month(date) FROM PUBLIC;
"""
NO_MONTHS = """
DROP FUNCTION ccm_make_month(date);
DROP FUNCTION ccm_drop_month(date);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("ccm", "0007_personal_data"),
    ]

    operations = [
        migrations.CreateModel(
            name="Backup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("name", models.CharField(max_length=200)),
                ("bytes", models.PositiveBigIntegerField()),
                ("seconds", models.FloatField()),
                ("is_sealed", models.BooleanField()),
                ("version", models.CharField(max_length=40)),
            ],
            options={
                "verbose_name": "backup",
                "verbose_name_plural": "backups",
                "ordering": ["-made_at", "-pk"],
            },
        ),
        RunSQL(MONTHS, NO_MONTHS),
    ]
