from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ccm", "0031_why_it_was_changed"),
    ]

    operations = [
        migrations.AlterField(
            model_name="auditentry",
            name="action",
            field=models.CharField(
                choices=[
                    ("created", "Created"),
                    ("changed", "Changed"),
                    ("removed", "Removed"),
                    ("exported", "Exported"),
                ],
                max_length=10,
            ),
        ),
    ]
