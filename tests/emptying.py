"""What tests have committed is taken out of the tables that have any of it.

Django's own way empties all tables there are, of which there are hundreds, and makes the names of
models and permissions anew: half a second after each such test.
"""

from django.db import connection, transaction
from psycopg2 import sql

# What the migrations put there and no test changes.
_LEFT = {"django_content_type", "auth_permission", "auth_group"}
# After so many rows that are gone a table is slow to look through.
_MANY = 1000


def empty(case: object) -> None:
    """As a test that commits finds the tables: of each role a group, and nothing else."""
    from django.contrib.auth.models import Group

    from ccm.access import ROLES

    names = set(connection.introspection.django_table_names(only_existing=True)) - _LEFT
    with connection.cursor() as cursor:
        # A table on which nothing ever was written has no pages; one in parts has none of its own.
        cursor.execute(
            "SELECT relname, EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid"
            " AND NOT tgisinternal) FROM pg_class AS c WHERE relname = ANY(%s)"
            " AND relnamespace = 'public'::regnamespace"
            " AND (relkind = 'p' OR pg_relation_size(c.oid) > 0)",
            [sorted(names)],
        )
        guarded = dict(cursor.fetchall())
        has_any = sql.SQL(", ").join(
            sql.SQL("EXISTS (SELECT FROM {})").format(sql.Identifier(name)) for name in guarded
        )
        cursor.execute(sql.SQL("SELECT {}").format(has_any))
        filled = [name for name, has in zip(guarded, cursor.fetchone(), strict=True) if has]
        grown = []
        with transaction.atomic():
            # What may only be added to, too. Who points at what is looked at when all is gone.
            _guard(cursor, "DISABLE", [name for name in filled if guarded[name]])
            for name in filled:
                cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
                if cursor.rowcount > _MANY:
                    grown.append(name)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            _guard(cursor, "ENABLE", [name for name in filled if guarded[name]])
            Group.objects.exclude(name__in=ROLES).delete()
            for role in ROLES:
                Group.objects.get_or_create(name=role)
        for name in grown:
            cursor.execute(sql.SQL("VACUUM {}").format(sql.Identifier(name)))


def _guard(cursor: object, how: str, names: list[str]) -> None:
    for name in names:
        cursor.execute(
            sql.SQL("ALTER TABLE {} {} TRIGGER USER").format(sql.Identifier(name), sql.SQL(how))
        )
