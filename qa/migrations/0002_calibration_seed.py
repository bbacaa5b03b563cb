from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("qa", "0001_quality_record")]

    operations = [
        migrations.AddField(
            model_name="calibrationsession",
            name="seed",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="calibrationsession",
            name="how",
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
