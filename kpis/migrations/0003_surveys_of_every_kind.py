"""Scores of all kinds of surveys beside those of satisfaction; what is new is counted by a recount
of every day, which this asks for."""

from django.db import migrations

# Keys of `Counts.surveys` begin with the kind.
_KINDS = """
UPDATE {} SET surveys = (
    SELECT jsonb_object_agg('csat ' || key, value) FROM jsonb_each(surveys)
) WHERE surveys <> '{{}}'
"""
_RECOUNT = """
INSERT INTO ccm_dirtyday (site_id, queue_id, day, marked_at)
SELECT DISTINCT site_id, queue_id, day, clock_timestamp() FROM kpis_daystat WHERE unit = 'v'
UNION SELECT DISTINCT site_id, NULL::bigint, day, clock_timestamp() FROM kpis_daystat
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [
        ("kpis", "0002_agent_time"),
    ]

    operations = [
        migrations.RenameField("intervalstat", "csat", "surveys"),
        migrations.RenameField("daystat", "csat", "surveys"),
        migrations.RunSQL(
            [_KINDS.format("kpis_intervalstat"), _KINDS.format("kpis_daystat"), _RECOUNT],
            migrations.RunSQL.noop,
        ),
    ]
