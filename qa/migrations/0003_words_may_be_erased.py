"""What happened to reviews is only added to, and its words alone may be hidden where somebody is
erased (`ccm.erasure`)."""

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


class Migration(migrations.Migration):
    dependencies = [("qa", "0002_decision_seen")]
    operations = [
        migrations.RunSQL(_GUARD.format(erasing=_ERASING), _GUARD.format(erasing="")),
    ]
