"""Nobody empties the audit log by one statement; what waits for a seal is known by since when."""

from django.db import migrations, models
from django.db.migrations import RunSQL
from django.db.models.functions import Now

# Whoever owns the tables can drop a trigger, and then do this. What stands here is for one role
# that owns them and does all else: a statement of the program's, or one that was slipped in, is
# refused as an UPDATE is.
TABLES = ("ccm_auditentry", "ccm_auditseal", "ccm_auditwaiting", "ccm_auditanchor")
NOT_EMPTIED = "".join(
    f"CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON {table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION ccm_audit_refuses();\n"
    for table in TABLES
)
EMPTIED = "".join(f"DROP TRIGGER audit_not_emptied ON {table};\n" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [
        ("ccm", "0014_webhooks_told_by_tries"),
    ]

    operations = [
        migrations.AddField(
            model_name="auditwaiting",
            name="since",
            field=models.DateTimeField(db_default=Now()),
        ),
        RunSQL(NOT_EMPTIED, EMPTIED),
    ]
