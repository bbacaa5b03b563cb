import django.db.models.deletion
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


def tiles_of_cells(apps, _schema_editor):
    """Each cell becomes a tile of the same figure, under the same id."""
    for board in apps.get_model("kpis", "Board").objects.all():
        ids = dict.fromkeys(board.cells)
        board.tiles = [{"id": one, "kind": "figure", "kpi": one} for one in ids]
        board.save(update_fields=["tiles"])


def cells_of_tiles(apps, _schema_editor):
    for board in apps.get_model("kpis", "Board").objects.all():
        board.cells = [one["kpi"] for one in board.tiles if one.get("kind") == "figure"]
        board.save(update_fields=["cells"])


class Migration(migrations.Migration):
    dependencies = [("kpis", "0015_limits_of_the_floor")]

    operations = [
        migrations.AddField("board", "tiles", models.JSONField(blank=True, default=list)),
        migrations.AddField("board", "columns", models.PositiveSmallIntegerField(default=4)),
        migrations.AddField(
            "board",
            "theme",
            models.CharField(
                choices=[("dark", "Dark"), ("light", "Light"), ("contrast", "High contrast")],
                default="dark",
                max_length=8,
            ),
        ),
        migrations.AddField(
            "board",
            "size",
            models.CharField(
                choices=[
                    ("s", "S: to 3 metres"),
                    ("m", "M: to 6 metres"),
                    ("l", "L: 8 metres and more"),
                ],
                default="m",
                max_length=1,
            ),
        ),
        migrations.AddField("board", "names", models.BooleanField(default=False)),
        migrations.AddField("board", "chime", models.BooleanField(default=False)),
        migrations.AlterField(
            "board",
            "cells",
            # With a default, so that the way back can add it to boards that are there.
            ArrayField(models.CharField(max_length=40), default=list),
        ),
        migrations.RunPython(tiles_of_cells, cells_of_tiles, elidable=True),
        migrations.RemoveField("board", "cells"),
        migrations.AddConstraint(
            "board",
            models.CheckConstraint(
                condition=models.Q(("columns__gte", 1), ("columns__lte", 6)),
                name="board_has_some_columns",
            ),
        ),
        migrations.CreateModel(
            name="BoardTurn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seconds", models.PositiveSmallIntegerField(default=30)),
                ("place", models.PositiveSmallIntegerField(default=0)),
                (
                    "board",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="turns",
                        to="kpis.board",
                    ),
                ),
                (
                    "shown",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="kpis.board",
                    ),
                ),
            ],
            options={
                "ordering": ["place", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("board", "shown"), name="board_turns_once_to_another"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("seconds__gte", 5), ("seconds__lte", 3600)),
                        name="board_turn_can_be_read",
                    ),
                ],
            },
        ),
    ]
