from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0018_day_known_until"),
    ]

    operations = [
        migrations.AddField(
            model_name="shiftofferanswer",
            name="reason",
            field=models.CharField(blank=True, max_length=300, verbose_name="why"),
        ),
        migrations.AddField(
            model_name="trade",
            name="reason",
            field=models.CharField(blank=True, max_length=300, verbose_name="why"),
        ),
        migrations.AlterField(
            model_name="shiftoffer",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "Open"),
                    ("filled", "As many as wanted"),
                    ("answered", "Nobody left to answer"),
                    ("withdrawn", "Withdrawn"),
                    ("expired", "Expired"),
                ],
                default="open",
                max_length=9,
                verbose_name="state",
            ),
        ),
    ]
