"""Reads huddles: those of a team, and one as its reader sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from ccm.access import scope_of
from ccm.models import Agent, Team
from ccm.querysets import Viewer
from coaching.access import stays_on
from coaching.models import Action, Huddle, HuddlePoint, HuddleStep


@dataclass(frozen=True, slots=True)
class Seen:
    """A huddle as its reader sees it. `points` are those kept; for who prepares it, all. `steps`
    are those agreed on in it, and, until it is held, those of earlier ones that are open still.
    `own` are the ids of the steps that the reader may end."""

    huddle: Huddle
    points: Sequence[HuddlePoint]
    steps: Sequence[Action]
    own: frozenset[int]
    changes: bool


def teams(user: Viewer) -> QuerySet[Team]:
    """Teams whose huddles the user prepares."""
    scope = scope_of(user)
    rows = Team.objects.select_related("site").order_by("site__name", "name")
    if scope.everything:
        return rows
    return rows.filter(Q(pk__in=scope.teams) | Q(site__in=scope.managed_sites))


def listed(user: Viewer, now: datetime) -> QuerySet[Huddle]:
    """Those that the user sees, the newest first."""
    rows: QuerySet[Huddle] = Huddle.objects.visible_to(user, now)
    return rows.select_related("team__site").order_by("-day", "team__name", "-pk")


def members(huddle: Huddle) -> QuerySet[Agent]:
    """Who is in the team on the day of a huddle."""
    stays = stays_on(huddle.day).filter(team=huddle.team_id)
    return Agent.objects.filter(pk__in=stays.values("agent")).order_by("name", "pk")


def seen(huddle: Huddle, user: Viewer) -> Seen:
    """Four queries."""
    changes = Huddle.objects.changed_by(user).filter(pk=huddle.pk).exists()
    points = huddle.points.all()
    if not changes or huddle.held_at is not None:
        points = points.filter(is_kept=True)
    agreed = Q(pk__in=HuddleStep.objects.filter(huddle=huddle).values("action"))
    if huddle.held_at is None:
        before = HuddleStep.objects.filter(
            huddle__team=huddle.team_id, huddle__day__lt=huddle.day, action__state="open"
        )
        agreed |= Q(pk__in=before.values("action"))
    steps = Action.objects.filter(agreed).select_related("agent__site", "criterion")
    shown = list(steps.order_by("due_on", "pk"))
    mine = Action.objects.visible_to(user).filter(pk__in=[one.pk for one in shown])
    return Seen(huddle, list(points), shown, frozenset(mine.values_list("pk", flat=True)), changes)
