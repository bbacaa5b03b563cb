"""What the database itself refuses, by triggers."""

from django.db.migrations import RunSQL

# What was written stays as it was written, whoever asks. (TRUNCATE is the table owner's own affair:
# tests empty the database by it.)
AUDIT_IS_ONLY_ADDED_TO = RunSQL(
    """
CREATE FUNCTION ccm_audit_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only added to' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_only_added_to BEFORE UPDATE OR DELETE ON ccm_auditentry
    FOR EACH ROW EXECUTE FUNCTION ccm_audit_refuses();
""",
    """
DROP TRIGGER audit_only_added_to ON ccm_auditentry;
DROP FUNCTION ccm_audit_refuses();
""",
)
