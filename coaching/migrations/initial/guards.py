"""What the database itself refuses, by triggers."""

from django.db.migrations import RunSQL

# What was published stays as it was, whoever asks.
VERSIONS_ARE_FROZEN = RunSQL(
    """
CREATE FUNCTION coaching_version_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NULL THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' OR NEW.page_id IS DISTINCT FROM OLD.page_id
        OR NEW.number IS DISTINCT FROM OLD.number OR NEW.title IS DISTINCT FROM OLD.title
        OR NEW.why IS DISTINCT FROM OLD.why OR NEW.body IS DISTINCT FROM OLD.body
        OR NEW.plain IS DISTINCT FROM OLD.plain OR NEW.note IS DISTINCT FROM OLD.note
        OR NEW.must_from IS DISTINCT FROM OLD.must_from
        OR NEW.published_at IS DISTINCT FROM OLD.published_at
    THEN
        RAISE EXCEPTION 'a published version is frozen' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER coaching_version_frozen BEFORE UPDATE OR DELETE ON coaching_libraryversion
    FOR EACH ROW EXECUTE FUNCTION coaching_version_is_frozen();
""",
    """
DROP TRIGGER coaching_version_frozen ON coaching_libraryversion;
DROP FUNCTION coaching_version_is_frozen();
""",
)

# From its start on what was registered of a trial stays as it is, by the clock of the database.
TRIALS_ARE_LOCKED = RunSQL(
    """
CREATE FUNCTION coaching_trials_unlocked() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(current_setting('coaching.trials_unlocked', true), '') = 'on'
$$;
CREATE FUNCTION coaching_trial_is_locked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coaching_trials_unlocked() THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF OLD.begins_at <= now() THEN
            RAISE EXCEPTION 'a trial that has begun stays' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN OLD;
    END IF;
    IF NEW.site_id IS DISTINCT FROM OLD.site_id OR NEW.title IS DISTINCT FROM OLD.title
        OR NEW.words IS DISTINCT FROM OLD.words OR NEW.kpi IS DISTINCT FROM OLD.kpi
        OR NEW.hoped IS DISTINCT FROM OLD.hoped OR NEW.team_id IS DISTINCT FROM OLD.team_id
        OR NEW.starts_on IS DISTINCT FROM OLD.starts_on
        OR NEW.ends_on IS DISTINCT FROM OLD.ends_on
        OR NEW.begins_at IS DISTINCT FROM OLD.begins_at
        OR NEW.made_at IS DISTINCT FROM OLD.made_at
    THEN
        IF OLD.begins_at <= now() OR NEW.begins_at <= now() THEN
            RAISE EXCEPTION 'a trial is changed before it begins, and begins later than now'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    IF OLD.decision <> '' AND (
        NEW.decision IS DISTINCT FROM OLD.decision OR NEW.told IS DISTINCT FROM OLD.told
        OR NEW.decided_words IS DISTINCT FROM OLD.decided_words
    ) THEN
        RAISE EXCEPTION 'a trial is decided on once' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER coaching_trial_locked BEFORE UPDATE OR DELETE ON coaching_trial
    FOR EACH ROW EXECUTE FUNCTION coaching_trial_is_locked();

CREATE FUNCTION coaching_trial_agents_are_locked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT coaching_trials_unlocked() AND EXISTS (
        SELECT FROM coaching_trial
        WHERE id IN (
            CASE TG_OP WHEN 'DELETE' THEN OLD.trial_id ELSE NEW.trial_id END,
            CASE TG_OP WHEN 'INSERT' THEN NEW.trial_id ELSE OLD.trial_id END
        ) AND begins_at <= now()
    ) THEN
        RAISE EXCEPTION 'who takes part in a trial that has begun stays'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER coaching_trial_agents_locked BEFORE INSERT OR UPDATE OR DELETE
    ON coaching_trialagent FOR EACH ROW EXECUTE FUNCTION coaching_trial_agents_are_locked();

CREATE FUNCTION coaching_trial_changes_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT coaching_trials_unlocked() AND (
        TG_OP = 'DELETE' OR NEW.trial_id IS DISTINCT FROM OLD.trial_id
        OR NEW.said IS DISTINCT FROM OLD.said OR NEW.at IS DISTINCT FROM OLD.at
    ) THEN
        RAISE EXCEPTION 'what a trial said is only added to'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER coaching_trial_changes_only_added_to BEFORE UPDATE OR DELETE
    ON coaching_trialchange FOR EACH ROW EXECUTE FUNCTION coaching_trial_changes_stay();
""",
    """
DROP TRIGGER coaching_trial_changes_only_added_to ON coaching_trialchange;
DROP TRIGGER coaching_trial_agents_locked ON coaching_trialagent;
DROP TRIGGER coaching_trial_locked ON coaching_trial;
DROP FUNCTION coaching_trial_changes_stay();
DROP FUNCTION coaching_trial_agents_are_locked();
DROP FUNCTION coaching_trial_is_locked();
DROP FUNCTION coaching_trials_unlocked();
""",
)

# What a challenge asks for stays as it was registered, whoever asks.
CHALLENGES_STAY = RunSQL(
    """
CREATE FUNCTION coaching_challenge_is_locked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.team_id IS DISTINCT FROM OLD.team_id OR NEW.name IS DISTINCT FROM OLD.name
        OR NEW.kpi IS DISTINCT FROM OLD.kpi OR NEW.first_on IS DISTINCT FROM OLD.first_on
        OR NEW.last_on IS DISTINCT FROM OLD.last_on OR NEW.fewest IS DISTINCT FROM OLD.fewest
        OR NEW.reward IS DISTINCT FROM OLD.reward OR NEW.made_at IS DISTINCT FROM OLD.made_at
    THEN
        RAISE EXCEPTION 'a challenge stays as it was registered';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER coaching_challenge_is_locked BEFORE UPDATE ON coaching_challenge
    FOR EACH ROW EXECUTE FUNCTION coaching_challenge_is_locked();
""",
    """
DROP TRIGGER coaching_challenge_is_locked ON coaching_challenge;
DROP FUNCTION coaching_challenge_is_locked();
""",
)
