"""Links to callers can be withdrawn, and a call has one open link: of several the newest stays."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone


def withdraw_older(apps, schema_editor):
    """Withdraw all but the newest unused link of each call."""
    invitations = apps.get_model("ccm", "SurveyInvitation").objects
    unused = invitations.filter(used_at=None, call__isnull=False)
    newest = unused.order_by("call", "-created_at", "-pk").distinct("call")
    unused.exclude(pk__in=list(newest.values_list("pk", flat=True))).update(
        withdrawn_at=timezone.now()
    )


class Migration(migrations.Migration):
    dependencies = [
        ("ccm", "0021_constraints_in_words"),
    ]

    operations = [
        migrations.AddField(
            model_name="surveyinvitation",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="surveyinvitation",
            name="withdrawn_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(withdraw_older, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="surveyinvitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("used_at", None), ("withdrawn_at", None), _connector="OR"),
                name="invitation_used_or_withdrawn",
            ),
        ),
        migrations.AddConstraint(
            model_name="surveyinvitation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("used_at", None), ("withdrawn_at", None)),
                fields=("call",),
                name="invitation_one_open_a_call",
            ),
        ),
    ]
