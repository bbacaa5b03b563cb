"""What the database itself refuses, by triggers."""

from django.db.migrations import RunSQL

# What happened and what was changed stay as they were, whoever asks. (TRUNCATE is the table owner's
# own affair: tests empty the database by it.)
ONLY_ADDED_TO = RunSQL(
    """
CREATE FUNCTION qa_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only added to', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER qa_events_only_added_to BEFORE UPDATE OR DELETE ON qa_reviewevent
    FOR EACH ROW EXECUTE FUNCTION qa_only_added_to();
CREATE TRIGGER qa_changes_only_added_to BEFORE UPDATE OR DELETE ON qa_answerchange
    FOR EACH ROW EXECUTE FUNCTION qa_only_added_to();
""",
    """
DROP TRIGGER qa_changes_only_added_to ON qa_answerchange;
DROP TRIGGER qa_events_only_added_to ON qa_reviewevent;
DROP FUNCTION qa_only_added_to();
""",
)

# What was published stays as it was, whoever asks.
VERSIONS_ARE_FROZEN = RunSQL(
    """
CREATE FUNCTION qa_version_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'published' AND (
        NEW.form IS DISTINCT FROM OLD.form OR NEW.state IS DISTINCT FROM OLD.state
        OR NEW.number IS DISTINCT FROM OLD.number OR NEW.card_id IS DISTINCT FROM OLD.card_id
        OR NEW.published_at IS DISTINCT FROM OLD.published_at
    ) THEN
        RAISE EXCEPTION 'a published version is frozen' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER qa_version_frozen BEFORE UPDATE ON qa_cardversion
    FOR EACH ROW EXECUTE FUNCTION qa_version_is_frozen();
""",
    """
DROP TRIGGER qa_version_frozen ON qa_cardversion;
DROP FUNCTION qa_version_is_frozen();
""",
)
