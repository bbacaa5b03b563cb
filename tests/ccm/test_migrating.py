"""Tables change while the centre works: in nobody's way, and by rules that a test can hold."""

from datetime import date

import psycopg2
import pytest
from django.db import OperationalError, connection, migrations, models
from django.db.migrations.state import ProjectState

from ccm import migrating, partitions
from ccm.migrating import AddPartitionedIndexConcurrently, in_batches, patiently
from ccm.models import Call
from tests import rules_of_migrations as rules
from tests.builders import NINE, a_record, a_site, stored


@pytest.fixture
def other():
    """A session beside this one, in a transaction."""
    there = psycopg2.connect(**connection.get_connection_params(), application_name="somebody")
    yield there
    there.close()


def lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ccm_site ADD COLUMN tried int")
        cursor.execute("ALTER TABLE ccm_site DROP COLUMN tried")


@pytest.mark.django_db(transaction=True)
def test_what_waits_for_a_lock_says_for_whom_and_is_tried_again(other, monkeypatch):
    monkeypatch.setattr(migrating, "LOCK_SECONDS", 1.5)
    with other.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ccm_site")
        said: list[str] = []

        def say(words: str) -> None:
            said.append(words)
            if "tried again" in words:
                other.rollback()

        patiently(lock, say, [0])
    assert len(said) == 2
    assert "ALTER TABLE ccm_site" in said[0]
    assert "waits for somebody (process " in said[0]
    assert "SELECT count(*) FROM ccm_site" in said[0]
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


@pytest.mark.django_db(transaction=True)
def test_when_all_tries_are_over_nothing_was_changed_and_who_was_in_the_way_is_told(
    other, monkeypatch
):
    monkeypatch.setattr(migrating, "LOCK_SECONDS", 1.5)
    with other.cursor() as cursor:
        cursor.execute("LOCK TABLE ccm_site IN SHARE MODE")
        said: list[str] = []
        with pytest.raises(OperationalError):
            patiently(lock, said.append, [])
    assert "LOCK TABLE ccm_site" in said[-1]


@pytest.mark.django_db(transaction=True)
def test_another_fault_is_raised_at_once():
    def broken() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(OperationalError):
        patiently(broken, pytest.fail, [0, 0])
    connection.close()


INDEX = models.Index(fields=["site", "outcome"], name="tried_by_outcome")
OPERATION = AddPartitionedIndexConcurrently("call", INDEX)


def made_index(operation=OPERATION) -> None:
    before = ProjectState.from_apps(__import__("django.apps").apps.apps)
    after = before.clone()
    operation.state_forwards("ccm", after)
    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("ccm", editor, before, after)


def dropped_index() -> None:
    state = ProjectState.from_apps(__import__("django.apps").apps.apps)
    with connection.schema_editor(atomic=False) as editor:
        OPERATION.database_backwards("ccm", editor, state, state)


def parts_of_index() -> tuple[bool, int]:
    """Whether the whole is used, and how many months have their part."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT x.indisvalid, (SELECT count(*) FROM pg_inherits i JOIN pg_index y"
            " ON y.indexrelid = i.inhrelid AND y.indisvalid WHERE i.inhparent = x.indexrelid)"
            " FROM pg_index x WHERE x.indexrelid = 'tried_by_outcome'::regclass"
        )
        return cursor.fetchone()


@pytest.mark.django_db(transaction=True)
def test_an_index_of_calls_is_made_month_by_month_while_they_are_written(other):
    site = a_site()
    stored(site, a_record(NINE, external_id="1"))
    partitions.ensure_months([date(2027, month, 1) for month in (1, 2)])
    months = len(partitions.names())
    try:
        with other.cursor() as cursor:  # somebody who reads calls, and stays in the transaction
            cursor.execute("SET default_transaction_isolation = 'read committed'")
            cursor.execute("SELECT count(*) FROM ccm_call_2027_01")
            other.commit()
            made_index()
        assert parts_of_index() == (True, months)
        stored(site, a_record(NINE.replace(year=2028), external_id="2"))
        assert parts_of_index() == (True, months + 1)  # a new month has it, too
        made_index()  # again is nothing
        assert Call.objects.count() == 2
    finally:
        dropped_index()


@pytest.mark.django_db(transaction=True)
def test_an_index_that_was_cut_off_goes_on_where_it_was():
    """One month has its part, one has half of one, and the others none."""
    partitions.ensure_months([date(2027, month, 1) for month in (1, 2, 3)])
    months = len(partitions.names())
    try:
        with connection.cursor() as cursor:
            cursor.execute('CREATE INDEX "tried_by_outcome" ON ONLY ccm_call (site_id, outcome)')
            cursor.execute(
                'CREATE INDEX "tried_by_outcome_2027_01" ON ccm_call_2027_01 (site_id, outcome)'
            )
            cursor.execute(
                'ALTER INDEX "tried_by_outcome" ATTACH PARTITION "tried_by_outcome_2027_01"'
            )
            cursor.execute('CREATE INDEX "tried_by_outcome_2027_02" ON ccm_call_2027_02 (site_id)')
        with superuser_of_tests() as cursor:
            cursor.execute(
                "UPDATE pg_index SET indisvalid = false"
                " WHERE indexrelid = 'tried_by_outcome_2027_02'::regclass"
            )
        made_index()
        assert parts_of_index() == (True, months)
    finally:
        dropped_index()


def superuser_of_tests():
    from tests.ccm.test_roles import superuser

    return superuser(connection.settings_dict["NAME"])


@pytest.mark.django_db(transaction=True)
def test_many_rows_are_changed_some_at_a_time():
    site = a_site()
    stored(site, *[a_record(NINE, external_id=str(n)) for n in range(25)])
    words = (
        "UPDATE ccm_call SET source = 'x' WHERE id IN"
        " (SELECT id FROM ccm_call WHERE source <> 'x' {some})"
    )
    assert in_batches(words, size=10, pause=0) == 25
    assert set(Call.objects.values_list("source", flat=True)) == {"x"}


@pytest.mark.django_db
def test_batches_in_one_transaction_are_refused():
    with pytest.raises(ValueError, match="one batch"):
        in_batches("UPDATE ccm_site SET name = name")


# The rules


def test_migrations_since_the_first_release_keep_the_rules():
    assert rules.broken_by_project() == {}


class Forward(migrations.RunPython):
    pass


def walk(apps, _editor):
    for call in apps.get_model("ccm", "Call").objects.all():
        call.save()


REFUSED = [
    (migrations.AddIndex("call", models.Index(fields=["site"], name="x")), "concurrently"),
    (migrations.AddField("call", "more", models.IntegerField(default=0)), "db_default"),
    (migrations.AddField("site", "more", models.IntegerField(default=0)), "db_default"),
    (migrations.AddField("call", "more", models.IntegerField(null=True, db_index=True)), "index"),
    (
        migrations.AddField("offer", "x", models.ForeignKey("ccm.Site", models.CASCADE, null=True)),
        "index",
    ),
    (migrations.AlterField("call", "source", models.TextField()), "anew"),
    (migrations.AlterField("call", "wait_ms", models.PositiveIntegerField()), "NOT NULL"),
    (
        migrations.AddConstraint(
            "call", models.CheckConstraint(condition=models.Q(wait_ms__gte=0), name="x")
        ),
        "NOT VALID",
    ),
    (
        migrations.AddConstraint("call", models.UniqueConstraint(fields=["source"], name="x")),
        "built",
    ),
    (migrations.RemoveField("site", "slug"), "older code"),
    (migrations.RenameField("site", "slug", "word"), "older code"),
    (migrations.RenameModel("Site", "Place"), "older code"),
    (migrations.DeleteModel("Site"), "older code"),
    (migrations.RunPython(walk), "batches"),
    (migrations.RunSQL("UPDATE ccm_call SET source = 'x'"), "batches"),
    (migrations.RunSQL("ALTER TABLE ccm_call ADD COLUMN x int"), "operation"),
    (migrations.RunSQL("CREATE INDEX x ON kpis_daystat (day)"), "concurrently"),
]


@pytest.mark.parametrize(("operation", "words"), REFUSED, ids=lambda one: type(one).__name__)
def test_what_would_be_in_the_way_is_refused(operation, words):
    [found] = rules.broken_by(one(operation))
    assert words in found


def one(*operations) -> migrations.Migration:
    migration = migrations.Migration("tried", "ccm")
    migration.operations = list(operations)
    return migration


KEPT = [
    migrations.AddIndex("site", models.Index(fields=["name"], name="x")),
    migrations.AddField("call", "more", models.IntegerField(null=True)),
    migrations.AddField("call", "more", models.IntegerField(db_default=0)),
    migrations.AlterField("call", "source", models.CharField(max_length=80)),  # longer
    migrations.AlterField("site", "name", models.TextField()),
    migrations.AddConstraint(
        "site", models.CheckConstraint(condition=models.Q(day_begins__gte=0), name="x")
    ),
    migrations.RunSQL("CREATE FUNCTION x() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
    migrations.CreateModel("New", [("id", models.BigAutoField(primary_key=True))]),
]


@pytest.mark.parametrize("operation", KEPT, ids=lambda one: type(one).__name__)
def test_what_is_in_nobodys_way_is_let_pass(operation):
    assert rules.broken_by(one(operation)) == []


def test_what_older_code_no_longer_reads_may_go_a_release_later():
    migration = one(migrations.RemoveField("site", "slug"))
    migration.unread_since = "0.1.0"
    assert rules.broken_by(migration, releases=("0.1.0",)) == []
    assert rules.broken_by(migration, releases=()) != []


def test_an_index_made_concurrently_needs_a_migration_that_is_not_atomic():
    migration = one(OPERATION)
    assert "atomic" in rules.broken_by(migration)[0]
    migration.atomic = False
    assert rules.broken_by(migration) == []
