"""Writes rules of badges, and whether somebody shows theirs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.models import Site, User
from coaching.models import Badge, BadgeRule

TWICE = timedelta(minutes=2)
MOST = 40
"""Rules of a site by which badges are given."""


@dataclass(frozen=True, slots=True)
class Asked:
    site: Site
    name: str
    kind: str
    number: int
    percent: int | None = None
    fewest: int | None = None


@transaction.atomic
def make(asked: Asked, who: User, now: datetime) -> BadgeRule:
    """Have badges be given by a rule from tonight on, for what was reached before, too. A post that
    comes twice makes one. Raises ValidationError where the site has too many."""
    Site.objects.select_for_update(no_key=True).get(pk=asked.site.pk)
    said = {name: getattr(asked, name) for name in Asked.__slots__}
    rows = BadgeRule.objects.filter(site=asked.site, ended_at=None)
    same: BadgeRule | None = rows.filter(made_by=who, made_at__gt=now - TWICE, **said).first()
    if same is not None:
        return same
    if rows.count() >= MOST:
        raise ValidationError(_("A site has at most %(n)d badges.") % {"n": MOST})
    made: BadgeRule = BadgeRule.objects.create(made_by=who, made_at=now, **said)
    audit.record(who, made, before=None, after=values(made), now=now)
    return made


@transaction.atomic
def end(pk: int, who: User, now: datetime) -> BadgeRule:
    """Give nobody a badge any more; who has it keeps it. Ended twice it ended first."""
    one: BadgeRule = BadgeRule.objects.select_for_update(of=("self",)).get(pk=pk)
    if one.ended_at is not None:
        return one
    before = values(one)
    one.ended_at = now
    one.save(update_fields=["ended_at"])
    audit.record(who, one, before=before, after=values(one), now=now)
    return one


@transaction.atomic
def show(pk: int, user: User, *, is_shown: bool) -> None:
    """Have a badge of the user's own be seen by others, or not. It is theirs, and in no log."""
    Badge.objects.filter(pk=pk, agent__user=user).update(is_shown=is_shown)


def values(one: BadgeRule) -> dict[str, Any]:
    return audit.values_of(one, ("id", "made_by", "made_at"))


def saw_own(agent: int, now: datetime) -> None:
    """Note that somebody read of the badges that they have."""
    Badge.objects.filter(agent=agent, seen_at=None).update(seen_at=now)
