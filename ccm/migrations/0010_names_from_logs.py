import django.db.models.deletion
from django.db import migrations, models

# What rows of before say of the name their source wrote. Where an agent has several, a state,
# a total or a cutoff takes the first (it needs one to be told again), a call or a ring none.
_TOLD_OF_AGENT = """
UPDATE {table} r SET agent_name = a.raw_name
FROM (
    SELECT agent_id, source, (array_agg(raw_name ORDER BY id))[1] AS raw_name, count(*) AS n
    FROM ccm_agentalias GROUP BY agent_id, source
) AS a
WHERE a.agent_id = r.agent_id AND a.source = {row_source} {only_one}
"""
_ONLY_ONE = "AND a.n = 1"
_TOLD_OF_QUEUE = """
UPDATE ccm_intervalcount r SET queue_name = q.name FROM ccm_queue q WHERE q.id = r.queue_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("ccm", "0009_kept_beside_answers_and_states"),
    ]

    operations = [
        migrations.CreateModel(
            name="DispositionAlias",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("raw_name", models.CharField(max_length=120, unique=True)),
                (
                    "disposition",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="aliases",
                        to="ccm.disposition",
                    ),
                ),
            ],
            options={
                "ordering": ["raw_name"],
            },
        ),
        migrations.CreateModel(
            name="QueueAlias",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("raw_name", models.CharField(max_length=120)),
                (
                    "queue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="aliases",
                        to="ccm.queue",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="ccm.site"
                    ),
                ),
            ],
            options={
                "ordering": ["raw_name"],
            },
        ),
        migrations.CreateModel(
            name="TopicAlias",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("raw_name", models.CharField(max_length=120, unique=True)),
                (
                    "topic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="aliases",
                        to="ccm.topic",
                    ),
                ),
            ],
            options={
                "ordering": ["raw_name"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="agentstate",
            name="state_starts_once",
        ),
        migrations.RemoveConstraint(
            model_name="agentstate",
            name="state_half_ends_once",
        ),
        migrations.RemoveConstraint(
            model_name="intervalcount",
            name="count_once_a_span",
        ),
        migrations.RemoveConstraint(model_name="cutoff", name="cutoff_once"),
        migrations.AddField(
            model_name="cutoff",
            name="agent_name",
            field=models.CharField(blank=True, max_length=160),
        ),
        migrations.AddField(
            model_name="agentstate",
            name="agent_name",
            field=models.CharField(blank=True, max_length=160),
        ),
        migrations.AddField(
            model_name="call",
            name="agent_name",
            field=models.CharField(blank=True, max_length=160),
        ),
        migrations.AddField(
            model_name="intervalcount",
            name="agent_name",
            field=models.CharField(blank=True, max_length=160),
        ),
        migrations.AddField(
            model_name="intervalcount",
            name="queue_name",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="offer",
            name="agent_name",
            field=models.CharField(blank=True, max_length=160),
        ),
        migrations.AddField(
            model_name="site",
            name="currency",
            field=models.CharField(blank=True, help_text="ISO 4217, of its money", max_length=3),
        ),
        migrations.AddField(
            model_name="surveyresponse",
            name="agent_name",
            field=models.CharField(blank=True, max_length=160),
        ),
        migrations.RunSQL(
            [
                _TOLD_OF_AGENT.format(table=table, row_source=source, only_one=only_one)
                for table, source, only_one in (
                    ("ccm_call", "r.source", _ONLY_ONE),
                    (
                        "ccm_offer",
                        "(SELECT c.source FROM ccm_call c WHERE c.id = r.call_id)",
                        _ONLY_ONE,
                    ),
                    ("ccm_agentstate", "r.source", ""),
                    ("ccm_intervalcount", "r.source", ""),
                    ("ccm_cutoff", "r.source", ""),
                )
            ]
            + [_TOLD_OF_QUEUE],
            migrations.RunSQL.noop,
        ),
        migrations.RemoveField(model_name="cutoff", name="agent"),
        migrations.AddConstraint(
            model_name="cutoff",
            constraint=models.UniqueConstraint(
                fields=("source", "agent_name", "at"), name="cutoff_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="agentstate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("starts_at__isnull", False)),
                fields=("source", "agent_name", "state", "starts_at"),
                name="state_starts_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="agentstate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("starts_at__isnull", True)),
                fields=("source", "agent_name", "state", "ends_at"),
                name="state_half_ends_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="intervalcount",
            constraint=models.UniqueConstraint(
                fields=("source", "queue_name", "agent_name", "starts_at", "ends_at"),
                name="count_once_a_span",
            ),
        ),
        migrations.AddConstraint(
            model_name="queuealias",
            constraint=models.UniqueConstraint(
                fields=("site", "raw_name"), name="queue_alias_once_a_site"
            ),
        ),
    ]
