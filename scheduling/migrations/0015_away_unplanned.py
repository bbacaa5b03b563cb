import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0014_bids_by_fairness"),
    ]

    operations = [
        migrations.AddField(
            model_name="siterules",
            name="away_percent",
            field=models.DecimalField(
                decimal_places=1,
                default=0,
                max_digits=3,
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(50),
                ],
                verbose_name="away unplanned, in percent",
            ),
        ),
        migrations.AddConstraint(
            model_name="siterules",
            constraint=models.CheckConstraint(
                condition=models.Q(away_percent__gte=0, away_percent__lte=50),
                name="rules_of_away",
            ),
        ),
    ]
