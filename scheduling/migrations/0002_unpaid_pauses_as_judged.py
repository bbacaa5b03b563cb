"""Unpaid pauses as far as a day is judged. Days that are over are judged whole; the one under way is
counted again within a minute."""

from django.db import migrations, models
from django.db.models import F


def tell(apps, _editor):
    days = apps.get_model("scheduling", "AdherenceDay").objects.filter(is_told=True, leave="")
    days.exclude(unpaid_seconds=0).update(unpaid_judged_seconds=F("unpaid_seconds"))


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0001_initial")]

    operations = [
        migrations.AddField(
            "adherenceday", "unpaid_judged_seconds", models.PositiveIntegerField(default=0)
        ),
        migrations.RunPython(tell, migrations.RunPython.noop),
    ]
