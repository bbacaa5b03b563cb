from django.db import migrations, models

# A further review of a call shows how far reviewers agree: its agent is told one grade.
UNRELEASE = """
UPDATE qa_evaluation
   SET state = 'finished', release_at = NULL, released_at = NULL, released_by_id = NULL
 WHERE state = 'released' AND rank > 0
"""


class Migration(migrations.Migration):
    dependencies = [("qa", "0006_plan_needs_record")]

    operations = [
        migrations.RunSQL(UNRELEASE, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="evaluation",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "released"), _negated=True) | models.Q(("rank", 0)),
                name="evaluation_released_is_first",
            ),
        ),
    ]
