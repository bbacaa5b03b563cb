from django.db import migrations

# A copy on purpose: a migration does not change when the code does.
ROLES = ("admin", "manager", "planner", "supervisor", "qa_analyst", "trainer", "agent")


def make_roles(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    for name in ROLES:
        group.objects.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [("ccm", "0001_the_record")]

    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
