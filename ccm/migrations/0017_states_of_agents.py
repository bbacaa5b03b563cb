"""One set of states of agents: words of before become one of them, or `other` with their word.

A word that is not in the list is kept as the reason. Spells that thereby become one (one name's,
begun or ended at one moment) are one spell from then on.
"""

from django.db import migrations, models
from django.db.models import Q

STATES = [
    ("logged_in", "Logged in"),
    ("available", "Available"),
    ("ringing", "Ringing"),
    ("on_call", "On a call"),
    ("hold", "On hold"),
    ("acw", "Wrap-up"),
    ("paused", "Paused"),
    ("offline", "Logged out"),
    ("other", "Other"),
]
KNOWN = [value for value, _words in STATES]
_TOLD = """
CREATE TEMPORARY TABLE told ON COMMIT DROP AS
SELECT s.id, n.state,
    CASE WHEN n.state = 'other' THEN left(concat_ws(': ', s.state, NULLIF(s.reason, '')), 80)
        ELSE s.reason END AS reason,
    row_number() OVER (
        PARTITION BY s.source, s.agent_name, n.state, s.starts_at,
            CASE WHEN s.starts_at IS NULL THEN s.ends_at END
        ORDER BY s.state = n.state DESC, s.id
    ) AS place,
    s.state <> n.state AS changed
FROM ccm_agentstate s, LATERAL (
    SELECT CASE WHEN s.state = ANY(%(known)s) THEN s.state
        WHEN s.state = 'talk' THEN 'on_call' ELSE 'other' END AS state
) AS n
"""
_FOUND = """
UPDATE ccm_importchange SET before = before || CASE WHEN before ->> 'state' = 'talk'
    THEN '{"state": "on_call"}'::jsonb
    ELSE jsonb_build_object('state', 'other', 'reason',
        left(concat_ws(': ', before ->> 'state', NULLIF(before ->> 'reason', '')), 80)) END
WHERE relation = 'ccm_agentstate' AND before ->> 'state' <> ALL(%(known)s)
"""


def use_one_set(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_TOLD, {"known": KNOWN})
        cursor.execute(
            "DELETE FROM ccm_agentstate s USING told t"
            " WHERE t.id = s.id AND t.changed AND t.place > 1"
        )
        cursor.execute(
            "UPDATE ccm_agentstate s SET state = t.state, reason = t.reason"
            " FROM told t WHERE t.id = s.id AND t.changed"
        )
        cursor.execute(_FOUND, {"known": KNOWN})


class Migration(migrations.Migration):
    dependencies = [("ccm", "0016_what_a_list_told")]

    operations = [
        migrations.RunPython(use_one_set, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="agentstate",
            name="state",
            field=models.CharField(choices=STATES, max_length=20),
        ),
        migrations.AddConstraint(
            model_name="agentstate",
            constraint=models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "logged_in",
                        "available",
                        "ringing",
                        "on_call",
                        "hold",
                        "acw",
                        "paused",
                        "offline",
                        "other",
                    ]
                ),
                name="state_is_known",
            ),
        ),
    ]
