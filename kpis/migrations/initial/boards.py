"""The tables of `kpis.models`."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from ccm.creation import table

TABLES = [
    table(
        "Board",
        {
            "slug": models.SlugField(max_length=60, unique=True),
            "title": models.CharField(max_length=120),
            "site": models.ForeignKey("ccm.site", models.CASCADE, related_name="boards"),
            "tiles": models.JSONField(blank=True, default=list),
            "columns": models.PositiveSmallIntegerField(default=4),
            "theme": models.CharField(
                max_length=8,
                choices=[("dark", "Dark"), ("light", "Light"), ("contrast", "High contrast")],
                default="dark",
            ),
            "size": models.CharField(
                max_length=1,
                choices=[
                    ("s", "S: to 3 metres"),
                    ("m", "M: to 6 metres"),
                    ("l", "L: 8 metres and more"),
                ],
                default="m",
            ),
            "names": models.BooleanField(default=False),
            "chime": models.BooleanField(default=False),
            "queues": models.ManyToManyField("ccm.queue", blank=True, related_name="+"),
        },
        ordering=["title"],
        constraints=[
            models.CheckConstraint(
                name="board_has_some_columns", condition=Q(columns__gte=1, columns__lte=6)
            ),
        ],
    ),
    table(
        "BoardTurn",
        {
            "seconds": models.PositiveSmallIntegerField(default=30),
            "place": models.PositiveSmallIntegerField(default=0),
            "board": models.ForeignKey("kpis.board", models.CASCADE, related_name="turns"),
            "shown": models.ForeignKey("kpis.board", models.CASCADE, related_name="+"),
        },
        ordering=["place", "pk"],
        constraints=[
            models.UniqueConstraint(name="board_turns_once_to_another", fields=("board", "shown")),
            models.CheckConstraint(
                name="board_turn_can_be_read", condition=Q(seconds__gte=5, seconds__lte=3600)
            ),
        ],
    ),
    table(
        "KioskLink",
        {
            "name": models.CharField(max_length=120, help_text="Where the screen hangs"),
            "hash": models.CharField(max_length=64, unique=True),
            "created_at": models.DateTimeField(auto_now_add=True),
            "expires_at": models.DateTimeField(),
            "revoked_at": models.DateTimeField(null=True, blank=True),
            "last_seen_at": models.DateTimeField(null=True, blank=True),
            "board": models.ForeignKey("kpis.board", models.CASCADE, related_name="kiosk_links"),
            "created_by": models.ForeignKey(
                settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
            ),
            "last_seen_address": models.CharField(max_length=49, blank=True),
            "networks": ArrayField(models.CharField(max_length=49), blank=True, default=list),
            "terms": models.PositiveIntegerField(default=0),
        },
        ordering=["-created_at"],
    ),
    table(
        "WaitingScreen",
        {
            "code": models.CharField(max_length=6, unique=True),
            "hash": models.CharField(max_length=64, unique=True),
            "address": models.CharField(max_length=49, blank=True),
            "browser": models.CharField(max_length=60, blank=True),
            "asked_at": models.DateTimeField(),
            "expires_at": models.DateTimeField(),
        },
        ordering=["asked_at"],
    ),
]
