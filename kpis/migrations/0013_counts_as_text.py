"""What rows of counts hold of waits and surveys as texts of numbers: of arrays the database makes
text for every reader, and objects of names take it long to add up."""

from django.db import migrations, models

_TABLES = ("kpis_intervalstat", "kpis_daystat")
_TO_TEXT = r"""
CREATE FUNCTION pg_temp.kind(name text) RETURNS int LANGUAGE sql AS $$
    SELECT array_position(ARRAY['csat', 'nps', 'ces', 'fcr'], name) - 1
$$;
CREATE FUNCTION pg_temp.scales(told jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT COALESCE(string_agg(concat_ws(',', pg_temp.kind(split_part(key, ' ', 1)),
        substring(key FROM ' (-?\d+)-'), substring(key FROM '-(-?\d+)$'),
        value->>0, value->>1, value->>2, value->>3), ';'), '')
    FROM jsonb_each(told)
$$;
CREATE FUNCTION pg_temp.kinds(told jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT COALESCE(string_agg(concat_ws(',', pg_temp.kind(key),
        value->>0, value->>1, value->>2), ';'), '')
    FROM jsonb_each(told)
$$;
"""
_TO_OBJECTS = """
CREATE FUNCTION pg_temp.kind(place text) RETURNS text LANGUAGE sql AS $$
    SELECT (ARRAY['csat', 'nps', 'ces', 'fcr'])[place::int + 1]
$$;
CREATE FUNCTION pg_temp.scales(told text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT COALESCE(jsonb_object_agg(pg_temp.kind(v[1]) || ' ' || v[2] || '-' || v[3],
        jsonb_build_array(v[4]::numeric, v[5]::numeric, v[6]::numeric, v[7]::numeric)), '{}')
    FROM (SELECT string_to_array(one, ',') AS v FROM string_to_table(told, ';') AS t(one)) AS parts
$$;
CREATE FUNCTION pg_temp.kinds(told text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT COALESCE(jsonb_object_agg(pg_temp.kind(v[1]),
        jsonb_build_array(v[2]::numeric, v[3]::numeric, v[4]::numeric)), '{}')
    FROM (SELECT string_to_array(one, ',') AS v FROM string_to_table(told, ';') AS t(one)) AS parts
$$;
"""


def _altered(numbers: str, told: str, made: str) -> str:
    changes = ", ".join(
        (
            f"ALTER hist_codes TYPE {numbers} USING {made.format('hist_codes')}",
            f"ALTER hist_counts TYPE {numbers} USING {made.format('hist_counts')}",
            f"ALTER surveys TYPE {told} USING pg_temp.scales(surveys)",
            f"ALTER asked TYPE {told} USING pg_temp.kinds(asked)",
        )
    )
    dropped = "".join(f"; DROP FUNCTION pg_temp.{one}" for one in ("scales", "kinds", "kind"))
    return "; ".join(f"ALTER TABLE {table} {changes}" for table in _TABLES) + dropped


class Migration(migrations.Migration):
    dependencies = [("kpis", "0012_agents_on_any_queue")]

    operations = [
        migrations.RunSQL(
            _TO_TEXT + _altered("text", "text", "array_to_string({}, ',')"),
            _TO_OBJECTS + _altered("integer[]", "jsonb", "string_to_array({}, ',')::integer[]"),
            state_operations=[
                migrations.AlterField(model, name, field)
                for model in ("intervalstat", "daystat")
                for name, field in (
                    ("hist_codes", models.TextField()),
                    ("hist_counts", models.TextField()),
                    ("surveys", models.TextField(default="")),
                    ("asked", models.TextField(default="")),
                )
            ],
        )
    ]
