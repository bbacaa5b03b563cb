from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("qa", "0003_what_checks_showed"),
    ]

    operations = [
        migrations.AddField(
            model_name="calltranscript",
            name="lacks_ends",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("lines"),
                    models.Value("$[*] ? (!exists(@.end_ms))"),
                    function="jsonb_path_exists",
                ),
                output_field=models.BooleanField(),
            ),
        ),
        migrations.AddField(
            model_name="calltranscript",
            name="lacks_starts",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.F("lines"),
                    models.Value("$[*] ? (!exists(@.start_ms))"),
                    function="jsonb_path_exists",
                ),
                output_field=models.BooleanField(),
            ),
        ),
    ]
