from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0015_away_unplanned"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="adherenceexception",
            index=models.Index(
                condition=models.Q(("state", "asked")), fields=["agent"], name="exception_asked"
            ),
        ),
    ]
