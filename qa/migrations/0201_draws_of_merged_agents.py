"""Two names may have been drawn of in one period that turn out to be one agent's."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("qa", "0001_quality_record")]

    operations = [
        migrations.RemoveConstraint(model_name="agentdraw", name="agent_draw_once"),
    ]
