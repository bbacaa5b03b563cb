from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("coaching", "0006_courses_of_paths"),
    ]

    operations = [
        migrations.AddField(
            model_name="libraryversion",
            name="written_by",
            field=models.GeneratedField(
                db_persist=True,
                expression=SearchVector("title", config="simple", weight="A")
                + SearchVector("why", config="simple", weight="B")
                + SearchVector("plain", config="simple", weight="C"),
                output_field=SearchVectorField(),
            ),
        ),
        migrations.AddIndex(
            model_name="libraryversion",
            index=GinIndex(
                fields=["written_by"],
                condition=models.Q(is_current=True),
                name="library_phrases",
            ),
        ),
        migrations.AlterField(
            model_name="askedcall",
            name="why",
            field=models.CharField(
                blank=True,
                choices=[
                    ("withheld", "nobody knows who called"),
                    ("never", "does not want to be asked"),
                    ("resting", "was asked lately"),
                    ("over", "the link was over before it could be handed on"),
                    ("cannot", "the call cannot be asked about"),
                    ("nowhere", "no mail address came with the call"),
                    ("expired", "its mail address is kept no more"),
                    ("gone", "its call was taken back"),
                    ("sealed", "the mail address cannot be read: its key is gone"),
                ],
                max_length=8,
            ),
        ),
    ]
