"""The tables of `coaching.models.sessions`."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from ccm.creation import table

TABLES = [
    table(
        "Session",
        {
            "kind": models.CharField(
                max_length=12,
                choices=[
                    ("one_to_one", "One-to-one"),
                    ("side_by_side", "Side-by-side"),
                    ("group", "Group"),
                    ("quick_note", "Quick note"),
                    ("verbal", "Verbal"),
                    ("peer", "Peer"),
                ],
                default="one_to_one",
                verbose_name="kind",
            ),
            "state": models.CharField(
                max_length=9,
                choices=[("planned", "Planned"), ("held", "Held"), ("cancelled", "Called off")],
                default="planned",
                verbose_name="state",
            ),
            "about": models.CharField(max_length=160, blank=True, verbose_name="about"),
            "starts_at": models.DateTimeField(verbose_name="when"),
            "minutes": models.PositiveSmallIntegerField(default=30, verbose_name="minutes"),
            "place": models.CharField(max_length=160, blank=True, verbose_name="where"),
            "shared_at": models.DateTimeField(null=True),
            "held_at": models.DateTimeField(null=True, verbose_name="held"),
            "shared_notes": models.TextField(
                max_length=10000, blank=True, verbose_name="shared notes"
            ),
            "why_cancelled": models.CharField(
                max_length=300, blank=True, verbose_name="why it was called off"
            ),
            "signed_at": models.DateTimeField(null=True),
            "made_at": models.DateTimeField(),
            "revision": models.PositiveIntegerField(default=0),
            "coach": models.ForeignKey(
                settings.AUTH_USER_MODEL,
                models.PROTECT,
                related_name="coached_sessions",
                verbose_name="coach",
            ),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "site": models.ForeignKey(
                "ccm.site", models.PROTECT, related_name="+", verbose_name="site"
            ),
        },
        verbose_name="coaching session",
        verbose_name_plural="coaching sessions",
        ordering=["-starts_at", "-pk"],
        constraints=[
            models.CheckConstraint(
                name="session_held_has_a_time",
                condition=Q(held_at__isnull=False, state="held")
                | (~Q(state="held") & Q(held_at=None)),
            ),
            models.CheckConstraint(
                name="session_signed_was_held", condition=Q(signed_at=None) | Q(state="held")
            ),
            models.CheckConstraint(
                name="session_is_of_a_day", condition=Q(minutes__gte=1, minutes__lte=480)
            ),
        ],
        indexes=[
            models.Index(name="session_by_coach", fields=["coach", "starts_at"]),
            models.Index(name="session_by_site", fields=["site", "starts_at"]),
        ],
    ),
    table(
        "Participant",
        {
            "mood": models.PositiveSmallIntegerField(null=True, blank=True, verbose_name="mood"),
            "energy": models.PositiveSmallIntegerField(
                null=True, blank=True, verbose_name="energy"
            ),
            "words": models.TextField(max_length=3000, blank=True, verbose_name="in your words"),
            "signed_at": models.DateTimeField(null=True),
            "agent": models.ForeignKey("ccm.agent", models.PROTECT, related_name="coaching"),
            "session": models.ForeignKey(
                "coaching.session", models.CASCADE, related_name="participants"
            ),
        },
        ordering=["session", "pk"],
        constraints=[
            models.UniqueConstraint(name="participant_once", fields=("session", "agent")),
            models.CheckConstraint(
                name="participant_of_five",
                condition=(Q(mood=None) | Q(mood__gte=1, mood__lte=5))
                & (Q(energy=None) | Q(energy__gte=1, energy__lte=5)),
            ),
        ],
    ),
    table(
        "AgendaItem",
        {
            "source": models.CharField(
                max_length=9,
                choices=[
                    ("strength", "Strength"),
                    ("change", "Change"),
                    ("action", "Open action"),
                    ("review", "Review"),
                    ("call", "Call"),
                    ("survey", "Survey"),
                    ("adherence", "Schedule"),
                    ("coach", "Coach"),
                    ("own", "Agent"),
                ],
            ),
            "title": models.CharField(max_length=200, blank=True, verbose_name="what"),
            "words": models.TextField(max_length=3000, blank=True, verbose_name="in words"),
            "facts": models.JSONField(blank=True, default=dict),
            "played_at": models.DateTimeField(null=True),
            "place": models.PositiveSmallIntegerField(default=0),
            "is_kept": models.BooleanField(default=True),
            "made_at": models.DateTimeField(),
            "agent": models.ForeignKey("ccm.agent", models.PROTECT, null=True, related_name="+"),
            "by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "call": models.ForeignKey(
                "ccm.call", models.DO_NOTHING, null=True, related_name="+", db_constraint=False
            ),
            "session": models.ForeignKey("coaching.session", models.CASCADE, related_name="agenda"),
            "edited_at": models.DateTimeField(null=True),
            "found_as": models.CharField(max_length=80, blank=True),
            "otherwise": models.TextField(max_length=3000, blank=True, verbose_name="otherwise"),
        },
        ordering=["session", "place", "pk"],
        constraints=[
            models.UniqueConstraint(
                name="agenda_found_once", fields=("session", "found_as"), condition=~Q(found_as="")
            ),
            models.CheckConstraint(
                name="agenda_says_what", condition=~Q(title="") | ~Q(found_as="")
            ),
        ],
    ),
    table(
        "PrivateNote",
        {
            "words": models.TextField(max_length=10000),
            "saved_at": models.DateTimeField(),
            "author": models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+"),
            "session": models.ForeignKey(
                "coaching.session", models.CASCADE, related_name="private_notes"
            ),
        },
        constraints=[
            models.UniqueConstraint(name="private_note_once", fields=("session", "author")),
        ],
    ),
    table(
        "Action",
        {
            "words": models.CharField(max_length=300, verbose_name="what"),
            "due_on": models.DateField(verbose_name="by"),
            "kpi": models.CharField(max_length=40, blank=True, verbose_name="KPI"),
            "state": models.CharField(
                max_length=7,
                choices=[("open", "Open"), ("done", "Done"), ("dropped", "Dropped")],
                default="open",
                verbose_name="state",
            ),
            "made_at": models.DateTimeField(),
            "ended_at": models.DateTimeField(null=True),
            "ended_words": models.CharField(max_length=500, blank=True, verbose_name="how it went"),
            "revision": models.PositiveIntegerField(default=0),
            "agent": models.ForeignKey("ccm.agent", models.PROTECT, related_name="actions"),
            "criterion": models.ForeignKey(
                "qa.cardcriterion",
                models.PROTECT,
                null=True,
                blank=True,
                related_name="+",
                verbose_name="criterion",
            ),
            "made_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "session": models.ForeignKey(
                "coaching.session", models.PROTECT, null=True, related_name="actions"
            ),
        },
        verbose_name="action",
        verbose_name_plural="actions",
        ordering=["due_on", "pk"],
        constraints=[
            models.CheckConstraint(
                name="action_of_one_measure", condition=Q(kpi="") | Q(criterion=None)
            ),
            models.CheckConstraint(
                name="action_ended_has_a_time",
                condition=Q(ended_at=None, state="open")
                | (~Q(state="open") & Q(ended_at__isnull=False)),
            ),
        ],
        indexes=[
            models.Index(name="action_by_agent", fields=["agent", "state"]),
        ],
    ),
]
