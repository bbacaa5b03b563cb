"""What became of calls: callers missed while a phone rang, called back, asked, handed on. What is
new is counted by a recount of every day, which this asks for."""

from django.db import migrations, models

_RECOUNT = """
INSERT INTO ccm_dirtyday (site_id, queue_id, day, marked_at)
SELECT DISTINCT site_id, queue_id, day, clock_timestamp() FROM kpis_daystat WHERE unit = 'v'
UNION SELECT DISTINCT site_id, NULL::bigint, day, clock_timestamp() FROM kpis_daystat
ON CONFLICT DO NOTHING
"""


def _count() -> models.IntegerField:
    return models.IntegerField(default=0)


def _sum() -> models.BigIntegerField:
    return models.BigIntegerField(default=0)


_COLUMNS = {
    "missed": _count,
    "called_back": _count,
    "called_back_ms": _sum,
    "called_back_n": _count,
    "before_ring_ms": _sum,
    "before_ring_n": _count,
    "transferred_blind": _count,
    "transferred_attended": _count,
    "several_agents": lambda: models.IntegerField(null=True),
    "noted": _count,
    "escalated": _count,
    "asked": lambda: models.JSONField(default=dict),
}


class Migration(migrations.Migration):
    dependencies = [
        ("kpis", "0005_verify_runs"),
    ]

    operations = [
        *(
            migrations.AddField(model, name, column())
            for model in ("intervalstat", "daystat")
            for name, column in _COLUMNS.items()
        ),
        migrations.RunSQL(_RECOUNT, migrations.RunSQL.noop),
    ]
