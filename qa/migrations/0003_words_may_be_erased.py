"""What happened to reviews is only added to, and its words alone may be hidden where somebody is
erased (`ccm.erasure`). Jobs that looked for topics keep no words of a call."""

from typing import Any

from django.db import migrations

_GUARD = """
CREATE OR REPLACE FUNCTION qa_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {erasing}
    RAISE EXCEPTION '% is only added to', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
"""
_ERASING = """IF TG_OP = 'UPDATE' AND coalesce(current_setting('ccm.erasing', true), '') = 'on'
        AND to_jsonb(NEW) - ARRAY['words', 'before', 'after']
          = to_jsonb(OLD) - ARRAY['words', 'before', 'after'] THEN
        RETURN NEW;
    END IF;"""


def _let_quotes_go(apps: Any, _schema_editor: Any) -> None:
    jobs = apps.get_model("ccm", "Job").objects.filter(kind="check_topics")
    for job in jobs.filter(payload__has_key="queues").iterator(20):
        for queue in job.payload["queues"]:
            for phrase in queue["phrases"]:
                for example in phrase["examples"]:
                    example.pop("quote", None)
        job.save(update_fields=["payload"])


class Migration(migrations.Migration):
    dependencies = [("qa", "0002_decision_seen")]
    operations = [
        migrations.RunSQL(_GUARD.format(erasing=_ERASING), _GUARD.format(erasing="")),
        migrations.RunPython(_let_quotes_go, migrations.RunPython.noop),
    ]
