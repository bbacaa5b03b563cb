import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ccm", "0040_own_calendar"),
        ("scheduling", "0008_adherence"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hash", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("fetched_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "calendar address",
                "verbose_name_plural": "calendar addresses",
            },
        ),
        migrations.CreateModel(
            name="RosterNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "notice of a roster",
                "verbose_name_plural": "notices of rosters",
            },
        ),
        migrations.CreateModel(
            name="Trade",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("cover", "Cover"),
                            ("swap", "Swap"),
                            ("give_up", "Give up"),
                            ("open", "Open shift"),
                        ],
                        max_length=7,
                        verbose_name="kind",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("offered", "Offered"),
                            ("answered", "Answered"),
                            ("waiting", "To be decided"),
                            ("done", "Done"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                            ("expired", "Expired"),
                        ],
                        default="offered",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                ("shift", models.JSONField()),
                ("back_day", models.DateField(null=True)),
                ("back", models.JSONField(null=True)),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
                ("until", models.DateTimeField()),
                ("asked_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("rule", models.CharField(blank=True, max_length=12)),
                ("facts", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "verbose_name": "trade of a shift",
                "verbose_name_plural": "trades of shifts",
                "ordering": ["-asked_at", "-pk"],
            },
        ),
        migrations.AddField(
            model_name="siterules",
            name="trade_short_hours",
            field=models.DecimalField(
                decimal_places=2,
                default=0,
                max_digits=5,
                validators=[django.core.validators.MinValueValidator(0)],
                verbose_name="hours of positions that a trade may leave short",
            ),
        ),
        migrations.AddField(
            model_name="siterules",
            name="trade_until_hours",
            field=models.PositiveSmallIntegerField(
                default=24,
                validators=[django.core.validators.MaxValueValidator(1344)],
                verbose_name="hours before a shift until which it is traded",
            ),
        ),
        migrations.AddField(
            model_name="siterules",
            name="trades_by_supervisor",
            field=models.BooleanField(
                default=True, verbose_name="trades are decided by a supervisor"
            ),
        ),
        migrations.AddConstraint(
            model_name="siterules",
            constraint=models.CheckConstraint(
                condition=models.Q(("trade_short_hours__gte", 0), ("trade_until_hours__lte", 1344)),
                name="rules_of_trades",
                violation_error_message="No shift is so many hours ahead.",
            ),
        ),
        migrations.AddField(
            model_name="calendarfeed",
            name="agent",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="calendar_feeds",
                to="ccm.agent",
            ),
        ),
        migrations.AddField(
            model_name="rosternotice",
            name="edit",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notices",
                to="scheduling.rosteredit",
            ),
        ),
        migrations.AddField(
            model_name="rosternotice",
            name="roster",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notices",
                to="scheduling.keptroster",
            ),
        ),
        migrations.AddField(
            model_name="trade",
            name="asked_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="trade",
            name="decided_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="trade",
            name="edit",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="scheduling.rosteredit",
            ),
        ),
        migrations.AddField(
            model_name="trade",
            name="giver",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="trades_given",
                to="ccm.agent",
            ),
        ),
        migrations.AddField(
            model_name="trade",
            name="roster",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="trades",
                to="scheduling.keptroster",
            ),
        ),
        migrations.AddField(
            model_name="trade",
            name="taker",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="trades_taken",
                to="ccm.agent",
            ),
        ),
        migrations.AddField(
            model_name="trade",
            name="to",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="trades_offered",
                to="ccm.agent",
            ),
        ),
        migrations.AddConstraint(
            model_name="calendarfeed",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at", None)),
                fields=("agent",),
                name="calendar_feed_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="rosternotice",
            constraint=models.UniqueConstraint(
                fields=("roster", "edit"), name="roster_notice_once", nulls_distinct=False
            ),
        ),
        migrations.AddIndex(
            model_name="trade",
            index=models.Index(
                condition=models.Q(("state__in", ("offered", "answered", "waiting"))),
                fields=["until"],
                name="trade_live",
            ),
        ),
        migrations.AddConstraint(
            model_name="trade",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("giver", None), ("kind", "open")),
                    models.Q(models.Q(("kind", "open"), _negated=True), ("giver__isnull", False)),
                    _connector="OR",
                ),
                name="trade_given_by_somebody_or_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="trade",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("back", None), ("back_day", None)),
                    models.Q(
                        ("back__isnull", False),
                        ("back_day__isnull", False),
                        ("kind", "swap"),
                        ("taker__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="trade_swaps_for_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="trade",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("offered", "answered", "waiting"))),
                fields=("roster", "giver", "day"),
                name="trade_of_a_shift_once_at_a_time",
            ),
        ),
    ]
