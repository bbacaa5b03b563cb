from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("qa", "0002_calibration_seed")]

    operations = [
        migrations.AddField(
            model_name="answer",
            name="hint",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "Nothing was suggested"),
                    ("shown", "A check's suggestion was shown"),
                    ("filled", "Filled in by a check"),
                ],
                db_default="",
                default="",
                max_length=6,
            ),
        ),
        migrations.AddField(
            model_name="suggestion",
            name="held_back",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
