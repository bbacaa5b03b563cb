"""Reads suggestions, and who may answer them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import DateField, QuerySet
from django.utils import timezone

from ccm.access import scope_of
from ccm.kept import Late
from ccm.models import Site, User
from ccm.querysets import Viewer
from coaching.models import Suggestion
from coaching.models.suggestions import last_day_out


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is narrowed to: "" is all."""

    site: str = ""
    state: str = ""
    is_mine: bool = False


def sites(user: Viewer) -> QuerySet[Site]:
    """Sites to whose box the user may put something."""
    found: QuerySet[Site] = Site.objects.visible_to(user).order_by("name")
    return found


def seen(user: Viewer, now: datetime) -> QuerySet[Suggestion]:
    """Those that the user reads by now, in the order that tells nothing of when one came in."""
    rows: QuerySet[Suggestion] = Suggestion.objects.visible_to(user).out(now)
    return rows.select_related("site", "by", "answered_by").order_by("-day", "pk")


def found(user: Viewer, asked: Asked, now: datetime) -> QuerySet[Suggestion]:
    """Those of a list, with all that it tells of them."""
    rows = seen(user, now)
    if asked.site:
        rows = rows.filter(site__slug=asked.site)
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.is_mine:
        rows = rows.filter(by=user.pk)
    return rows


def answers(user: Viewer, site: int) -> bool:
    """Whether the user answers the suggestions of a site."""
    scope = scope_of(user)
    return scope.everything or site in scope.managed_sites


def reads_name(user: Viewer, one: Suggestion) -> bool:
    """Whether the user reads who put their name to it: who answers it, and themselves."""
    return one.by_id is not None and (one.by_id == user.pk or answers(user, one.site_id))


def facts() -> dict[str, Any]:
    """The sites of suggestions that nobody has looked at, to find with a user."""
    last = Late(lambda: last_day_out(timezone.now()), DateField())
    waiting = Suggestion.objects.filter(state=Suggestion.State.NEW).out_until(last)
    return {"suggestions_waiting": ArraySubquery(waiting.order_by().values("site"))}


def count(user: User) -> int:
    """How many suggestions wait for a user; no query where `facts` came with them, nor of who
    answers none."""
    scope = scope_of(user)
    if not scope.everything and not scope.managed_sites:
        return 0
    known: list[int] | None = getattr(user, "suggestions_waiting", None)
    if known is None:
        rows = Suggestion.objects.managed_by(user).filter(state=Suggestion.State.NEW)
        return rows.out(timezone.now()).count()
    return sum(1 for site in known if answers(user, site))
