"""Reads badges: one's own, and what others show."""

from datetime import datetime

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from ccm.access import scope_of
from ccm.models import Site
from ccm.querysets import Viewer
from coaching.models import Badge, BadgeRule

_DAY = Coalesce("reached_on", "given_on")


def own(user: Viewer) -> QuerySet[Badge]:
    """What the user was given, the newest first; none for who takes no calls."""
    rows = Badge.objects.filter(agent=scope_of(user).agent or 0)
    return rows.select_related("rule").order_by(_DAY.desc(), "pk")


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
