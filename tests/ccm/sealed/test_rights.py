"""Roles that do not own the audit log can add to it, and nothing else, whatever they try."""

import json
import os
from contextlib import closing

import psycopg2
import pytest
from django.db import connection
from psycopg2 import sql
from psycopg2.errors import InsufficientPrivilege

from ccm.models import AuditEntry, AuditSeal, AuditWaiting
from ccm.sealed import rights, sealing, verifying
from ccm.stack import places
from tests.builders import NINE

pytestmark = pytest.mark.django_db(transaction=True)


def an_entry():
    return AuditEntry.objects.create(at=NINE, action="changed", model="ccm.site", object_id="1")


@pytest.fixture
def superuser():
    """Makes roles; the tables are the application's."""
    kept = places.data_dir(os.environ) / "servers" / "test" / "passwords.json"
    said = connection.get_connection_params()
    password = json.loads(kept.read_text())["postgres"]
    with closing(
        psycopg2.connect(
            host=said["host"], dbname=said["dbname"], user="postgres", password=password
        )
    ) as session:
        session.autocommit = True
        yield session


@pytest.fixture
def as_role(superuser):
    """A session of a role with some rights to the log's tables."""
    name = f"ccm_rights_{os.getpid()}"
    role = sql.Identifier(name)
    with superuser.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(role))

        def become(granted):
            for table, may in granted.items():
                words = sql.SQL(", ").join(map(sql.SQL, may))
                cursor.execute(
                    sql.SQL("GRANT {} ON {} TO {}").format(words, sql.Identifier(table), role)
                )
            for sequence in rights.SEQUENCES:
                cursor.execute(
                    sql.SQL("GRANT USAGE ON {} TO {}").format(sql.Identifier(sequence), role)
                )
            cursor.execute(sql.SQL("SET SESSION AUTHORIZATION {}").format(role))
            return cursor

        yield become
        cursor.execute("RESET SESSION AUTHORIZATION")
        cursor.execute(sql.SQL("DROP OWNED BY {}").format(role))
        cursor.execute(sql.SQL("DROP ROLE {}").format(role))


ATTEMPTS = [
    "UPDATE ccm_auditentry SET why = 'x'",
    "DELETE FROM ccm_auditentry",
    "TRUNCATE ccm_auditentry",
    "ALTER TABLE ccm_auditentry DISABLE TRIGGER ALL",
    "DROP TRIGGER audit_only_added_to ON ccm_auditentry",
    "ALTER TABLE ccm_auditentry RENAME TO gone",
    "DROP TABLE ccm_auditentry",
    "CREATE OR REPLACE FUNCTION ccm_audit_refuses() RETURNS trigger LANGUAGE plpgsql AS"
    " 'BEGIN RETURN NEW; END'",
    "ALTER FUNCTION ccm_audit_waits() RENAME TO gone",
    "SET session_replication_role = replica",
    "UPDATE ccm_auditseal SET place = 9",
    "DELETE FROM ccm_auditseal",
    "TRUNCATE ccm_auditseal",
    "ALTER TABLE ccm_auditseal DISABLE TRIGGER ALL",
    "UPDATE ccm_auditwaiting SET entry = 9",
    "TRUNCATE ccm_auditwaiting",
    "DELETE FROM ccm_auditcheck",
    "INSERT INTO ccm_auditanchor VALUES (9, '', 9, now())",
    "DELETE FROM ccm_auditanchor",
    "SELECT ccm_let_go_of_audit(365)",
]
OF_SEALING = [
    "DELETE FROM ccm_auditwaiting",
    "INSERT INTO ccm_auditseal (place, entry, sealed_at, key, hash) VALUES (9, 9, now(), '', '')",
]
ADD = (
    "INSERT INTO ccm_auditentry (at, action, model, object_id, names, why)"
    " VALUES (now(), 'changed', 'ccm.site', '1', '{}', '')"
)


@pytest.mark.parametrize(
    ("granted", "refused"),
    [(rights.APPLICATION, ATTEMPTS + OF_SEALING), (rights.SEALING, ATTEMPTS)],
    ids=["application", "sealing"],
)
def test_whoever_does_not_own_the_log_adds_to_it_and_can_do_nothing_else(as_role, granted, refused):
    an_entry()
    sealing.seal_waiting(NINE)
    cursor = as_role(granted)
    for attempt in refused:
        with pytest.raises(InsufficientPrivilege):
            cursor.execute(attempt)
    cursor.execute(ADD)
    cursor.execute("SELECT count(*) FROM ccm_auditwaiting")
    assert cursor.fetchone() == (1,)  # put there by the right of the tables' owner
    assert sealing.seal_waiting(NINE) == 1
    assert verifying.verify(NINE).wrong == 0


def test_a_table_of_the_sessions_own_catches_no_entry(as_role):
    cursor = as_role(rights.APPLICATION)
    cursor.execute("SET search_path = pg_temp, public")
    cursor.execute("CREATE TEMP TABLE ccm_auditwaiting (entry bigint)")
    cursor.execute(ADD)
    assert AuditWaiting.objects.count() == 1


def test_rights_are_told_of_every_table_of_the_log():
    of_it = {
        f"ccm_{name}"
        for name in ("auditentry", "auditwaiting", "auditseal", "auditcheck", "auditanchor")
    }
    assert set(rights.TABLES) == set(rights.SEALING) == of_it
    assert AuditSeal._meta.db_table in of_it
