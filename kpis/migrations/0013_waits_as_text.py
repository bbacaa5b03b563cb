"""Histograms of waits as texts of numbers: of arrays the database makes text for every reader."""

from django.db import migrations, models

_MODELS = ("intervalstat", "daystat")
_COLUMNS = ("hist_codes", "hist_counts")


def _as(kind: str, made: str) -> str:
    changes = {
        model: ", ".join(f"ALTER {one} TYPE {kind} USING {made.format(one)}" for one in _COLUMNS)
        for model in _MODELS
    }
    return ";".join(f"ALTER TABLE kpis_{model} {change}" for model, change in changes.items())


class Migration(migrations.Migration):
    dependencies = [("kpis", "0012_agents_on_any_queue")]

    operations = [
        migrations.RunSQL(
            _as("text", "array_to_string({}, ',')"),
            _as("integer[]", "('{{' || {} || '}}')::integer[]"),
            state_operations=[
                migrations.AlterField(model, column, models.TextField())
                for model in _MODELS
                for column in _COLUMNS
            ],
        )
    ]
