from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ccm", "0038_events_set_aside_by_age"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="dirtyday", name="dirty_day_once"),
        migrations.AddIndex(
            model_name="dirtyday",
            index=models.Index(fields=["site", "day"], name="dirty_day_of_site"),
        ),
    ]
