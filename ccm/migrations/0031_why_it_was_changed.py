from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ccm", "0030_agent_left_reason"),
    ]

    operations = [
        migrations.AddField(
            model_name="auditentry",
            name="why",
            field=models.CharField(blank=True, max_length=300),
        ),
    ]
