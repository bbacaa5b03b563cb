"""What an agent did on any queue, kept beside what was done on each. It is counted by a recount of
every day, which this asks for."""

from django.db import migrations, models

_UNITS = [("v", "Visits"), ("c", "Contacts"), ("a", "Visits on any queue")]
_RECOUNT = """
INSERT INTO ccm_dirtyday (site_id, queue_id, day, marked_at)
SELECT DISTINCT site_id, queue_id, day, clock_timestamp() FROM kpis_daystat WHERE unit = 'v'
UNION SELECT DISTINCT site_id, NULL::bigint, day, clock_timestamp() FROM kpis_daystat
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("kpis", "0011_how_long_matters_took")]

    operations = [
        *(
            migrations.AlterField(model, "unit", models.CharField(choices=_UNITS, max_length=1))
            for model in ("daystat", "intervalstat")
        ),
        migrations.RunSQL(_RECOUNT, migrations.RunSQL.noop),
    ]
