"""Who stands in for whom: said for some days, and ended before them or between."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm import audit
from ccm.access import HANDED_ON, ROLES, SUPERVISOR, scope_of
from ccm.audit import Names, Told
from ccm.intervals import day_of
from ccm.models import AuditEntry, Site, Substitution, User

LONGEST = 92
"""Days, a quarter of a year: who is away for longer hands over for good."""
AHEAD = timedelta(days=366)


class Refused(ValueError):
    """It cannot be so; the words say why."""


def sites_of(user: User, role: str) -> QuerySet[Site]:
    """Sites of somebody's own at which they have a role to hand on: those where they lead a team
    today or will, and by another role all of theirs."""
    if not user.groups.filter(name=role).exists():
        return Site.objects.none()
    if role == SUPERVISOR:
        return Site.objects.filter(_led(user.pk)).distinct().order_by("name")
    return Site.objects.filter(pk__in=user.sites.values("pk")).order_by("name")


def those_of(role: str, site: Site) -> QuerySet[User]:
    """Who may stand in for somebody in a role at a site: a supervisor of the site; in another role
    whoever has it elsewhere, and no other beside it, which would hold there, too."""
    if role == SUPERVISOR:
        return User.objects.filter(is_active=True, groups__name=role, sites=site).distinct()
    return _with_one_role().filter(groups__name=role).exclude(sites=site)


def absents(who: User) -> QuerySet[User]:
    """For whom somebody may say who stands in: for themselves, and as the manager of a site for
    those who lead teams or have a role there."""
    scope = scope_of(who)
    leads = User.objects.filter(is_active=True, groups__name=SUPERVISOR, leads__isnull=False)
    others = User.objects.filter(
        is_active=True, groups__name__in=set(HANDED_ON) - {SUPERVISOR}, sites__isnull=False
    )
    if not scope.everything:
        managed = _managed(who)
        leads = leads.filter(Q(pk=who.pk) | Q(leads__team__site__in=managed))
        others = others.filter(Q(pk=who.pk) | Q(sites__in=managed))
    found = Q(pk__in=leads.values("pk")) | Q(pk__in=others.values("pk"))
    return User.objects.filter(found).order_by("username")


def sites(who: User) -> QuerySet[Site]:
    """At which sites somebody may say it."""
    every = Site.objects.order_by("name")
    if scope_of(who).everything:
        return every
    own = Q(pk__in=_managed(who))
    held = set(_own_roles(who))
    if SUPERVISOR in held:
        own |= Q(pk__in=Site.objects.filter(_led(who.pk)).values("pk"))
    if held - {SUPERVISOR}:
        own |= Q(pk__in=who.sites.values("pk"))
    return every.filter(own)


def roles(who: User) -> list[str]:
    """In which roles somebody may say it: in their own; for those of a site managed, in all."""
    is_for_others = scope_of(who).everything or _managed(who)
    return list(HANDED_ON) if is_for_others else _own_roles(who)


def substitutes(who: User) -> QuerySet[User]:
    """Whom somebody may name: supervisors of those sites, and of other roles those who share a site
    with who names them. Admins name anybody of the role."""
    leads = User.objects.filter(
        is_active=True, groups__name=SUPERVISOR, sites__in=sites(who).order_by().values("pk")
    )
    others = _with_one_role().filter(groups__name__in=set(roles(who)) - {SUPERVISOR})
    if not scope_of(who).everything:
        others = others.filter(sites__in=who.sites.values("pk"))
    found = Q(pk__in=leads.values("pk")) | Q(pk__in=others.values("pk"))
    return User.objects.filter(found).order_by("username")


def may_end(row: Substitution, who: User) -> bool:
    scope = scope_of(who)
    manages = scope.everything or row.site_id in scope.managed_sites
    return manages or who.pk in (row.absent_id, row.substitute_id)


def _managed(who: User) -> frozenset[int]:
    """Sites whose manager somebody is, not only as a substitute: else one would be one for ever."""
    scope = scope_of(who)
    return scope.managed_sites - scope.lent_sites


def _own_roles(who: User) -> list[str]:
    return [role for role in HANDED_ON if scope_of(who).has(role)]


def _with_one_role() -> QuerySet[User]:
    counted = Count("groups", filter=Q(groups__name__in=ROLES), distinct=True)
    alone = User.objects.filter(is_active=True, is_superuser=False).annotate(roles=counted)
    return User.objects.filter(pk__in=alone.filter(roles=1).values("pk"))


@transaction.atomic
def begin(
    absent: User, substitute: User, site: Site, first_on: date, last_on: date,
    who: User, now: datetime, role: str = SUPERVISOR,
) -> Substitution:  # fmt: skip
    """Have somebody stand in for another in a role at a site, on these days of it.

    Raises Refused where the asker may not say it, where it is nobody to stand in for or to stand
    in, where the days are past, too many or far, or somebody stands in on one of them already.
    """
    scope = scope_of(who)
    if not (scope.everything or site.pk in _managed(who) or who.pk == absent.pk):
        raise Refused(_("Only who is away, or manages the site, says who stands in."))
    if absent.pk == substitute.pk:
        raise Refused(_("Nobody stands in for themselves."))
    if role not in HANDED_ON or not absent.is_active or site not in sites_of(absent, role):
        if role == SUPERVISOR:
            raise Refused(_("This person leads no team there."))
        raise Refused(_("This person does not have this role there."))
    named = those_of(role, site)
    if role != SUPERVISOR and not scope.everything:
        named = named.filter(pk__in=substitutes(who).order_by().values("pk"))
    if not named.filter(pk=substitute.pk).exists():
        if role == SUPERVISOR:
            raise Refused(_("Only a supervisor of the same site stands in."))
        raise Refused(_("Only who has this role, and no other, elsewhere stands in."))
    today = day_of(now, site.calendar)
    if not today <= first_on <= last_on:
        raise Refused(_("It begins today at the earliest, and ends no earlier than it begins."))
    if (last_on - first_on).days >= LONGEST or first_on > today + AHEAD:
        words = _("At most %(days)d days, and within a year: who is away for longer hands over.")
        raise Refused(words % {"days": LONGEST})
    row = Substitution(
        absent=absent, substitute=substitute, site=site, role=role, first_on=first_on,
        last_on=last_on, made_by=who, made_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as clash:
        raise Refused(_("Somebody stands in for them on one of these days already.")) from clash
    audit.record(who, row, before=None, after=values_of(row), now=now)
    return row


@transaction.atomic
def end(number: int, who: User, now: datetime) -> None:
    """End it with the next request; one that was ended stays as it is."""
    row = Substitution.objects.select_for_update().get(pk=number)
    if row.ended_at is None:
        before = values_of(row)
        row.ended_by, row.ended_at = who, now
        row.save(update_fields=["ended_by", "ended_at"])
        audit.record(who, row, before=before, after=values_of(row), now=now)


def values_of(row: Substitution) -> dict[str, Any]:
    """What the log keeps: ids and days."""
    return audit.values_of(row, unsaid=("id", "made_at", "made_by", "ended_by"))


def tell(entries: Sequence[AuditEntry], names: Names) -> dict[int, Told]:
    """Each as "Standing in at York". No query."""
    words = _("Standing in at %(site)s")
    return {
        one.pk: Told(
            words % {"site": names.site_of(one)},
            reverse("substitutes"),
        )
        for one in entries
    }


def _led(user: int) -> Q:
    """Sites of teams that somebody leads, without those that they lead no more: a day's slack is
    left for the clocks of sites."""
    yesterday = timezone.now().date() - timedelta(days=1)
    until = Q(teams__leads__ends_on=None) | Q(teams__leads__ends_on__gte=yesterday)
    return Q(teams__leads__supervisor=user) & until
