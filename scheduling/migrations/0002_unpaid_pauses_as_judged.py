"""Unpaid pauses as far as a day is judged: the column alone, which waits for nothing long."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0001_initial")]

    operations = [
        migrations.AddField(
            "adherenceday", "unpaid_judged_seconds", models.PositiveIntegerField(default=0)
        ),
    ]
