"""Reads badges: one's own, and what others show."""

from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from ccm.access import scope_of
from ccm.models import Site, User
from ccm.querysets import Viewer
from coaching.models import Badge, BadgeRule

_DAY = Coalesce("reached_on", "given_on")


def own(user: Viewer) -> QuerySet[Badge]:
    """What the user was given, the newest first; none for who takes no calls."""
    rows = Badge.objects.filter(agent=scope_of(user).agent or 0)
    return rows.select_related("rule").order_by(_DAY.desc(), "pk")


def facts() -> dict[str, Any]:
    """How many badges a reader has that they have not read of, to find with the user."""
    rows = _unseen().filter(agent__user=OuterRef("pk")).order_by()
    many = rows.values("agent__user").annotate(many=Count("pk")).values("many")
    return {"badges_unseen": Subquery(many)}


def count(user: User) -> int:
    """How many those are; no query where `facts` came with the user."""
    if hasattr(user, "badges_unseen"):
        return user.badges_unseen or 0
    return int(_unseen().filter(agent__user=user.pk).count())


def _unseen() -> QuerySet[Badge]:
    return Badge.objects.filter(seen_at=None)


def shown(user: Viewer, now: datetime) -> QuerySet[Badge]:
    """What others have agreed to show, the newest first."""
    rows: QuerySet[Badge] = Badge.objects.visible_to(user, now).filter(is_shown=True)
    rows = rows.exclude(agent=scope_of(user).agent or 0)
    return rows.select_related("rule__site", "agent").order_by(_DAY.desc(), "pk")


def rules(user: Viewer) -> QuerySet[BadgeRule]:
    """The rules of own sites by which badges are given."""
    rows = BadgeRule.objects.filter(
        site__in=Site.objects.visible_to(user).values("pk"), ended_at=None
    )
    return rows.select_related("site").order_by("site__name", "kind", "number", "pk")


def may_end(user: Viewer, one: BadgeRule) -> bool:
    scope = scope_of(user)
    return scope.everything or one.site_id in scope.managed_sites
