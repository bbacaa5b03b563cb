from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kpis", "0018_who_calls_back")]

    operations = [
        migrations.AddField(
            model_name="fillmark",
            name="past_at",
            field=models.DateTimeField(null=True),
        ),
    ]
