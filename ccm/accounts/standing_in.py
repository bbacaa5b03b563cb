"""Who stands in for whom: said for some days, and ended before them or between."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm import audit
from ccm.access import SUPERVISOR, scope_of
from ccm.audit import Names, Told
from ccm.intervals import day_of
from ccm.models import AuditEntry, Site, Substitution, User

LONGEST = 92
"""Days, a quarter of a year: who is away for longer hands their teams over."""
AHEAD = timedelta(days=366)


class Refused(ValueError):
    """It cannot be so; the words say why."""


def supervisors(site: Site | int) -> QuerySet[User]:
    """Whoever may lead a team of a site, and so stand in for one who does."""
    return User.objects.filter(is_active=True, groups__name=SUPERVISOR, sites=site).distinct()


def led_sites(user: User) -> QuerySet[Site]:
    """Sites at which somebody leads a team today as their own, or will."""
    if not user.groups.filter(name=SUPERVISOR).exists():
        return Site.objects.none()
    return Site.objects.filter(_led(user.pk)).distinct().order_by("name")


def absents(who: User) -> QuerySet[User]:
    """For whom somebody may say who stands in: for themselves, and as the manager of a site for who
    leads teams there."""
    scope = scope_of(who)
    leads = User.objects.filter(is_active=True, groups__name=SUPERVISOR, leads__isnull=False)
    if not scope.everything:
        leads = leads.filter(Q(pk=who.pk) | Q(leads__team__site__in=scope.managed_sites))
    return User.objects.filter(pk__in=leads.values("pk")).order_by("username")


def sites(who: User) -> QuerySet[Site]:
    """At which sites somebody may say it."""
    scope = scope_of(who)
    every = Site.objects.order_by("name")
    if scope.everything:
        return every
    own = led_sites(who).values("pk")
    return every.filter(Q(pk__in=scope.managed_sites) | Q(pk__in=own))


def substitutes(who: User) -> QuerySet[User]:
    """Whom somebody may name: supervisors of those sites."""
    found = User.objects.filter(
        is_active=True, groups__name=SUPERVISOR, sites__in=sites(who).order_by().values("pk")
    )
    return User.objects.filter(pk__in=found.values("pk")).order_by("username")


def may_end(row: Substitution, who: User) -> bool:
    scope = scope_of(who)
    manages = scope.everything or row.site_id in scope.managed_sites
    return manages or who.pk in (row.absent_id, row.substitute_id)


@transaction.atomic
def begin(
    absent: User, substitute: User, site: Site, first_on: date, last_on: date,
    who: User, now: datetime,
) -> Substitution:  # fmt: skip
    """Have somebody stand in for another at a site, on these days of it.

    Raises Refused where the asker may not say it, where it is nobody to stand in for or to stand
    in, where the days are past, too many or far, or somebody stands in on one of them already.
    """
    scope = scope_of(who)
    if not (scope.everything or site.pk in scope.managed_sites or who.pk == absent.pk):
        raise Refused(_("Only who leads a team, or manages its site, says who stands in."))
    if absent.pk == substitute.pk:
        raise Refused(_("Nobody stands in for themselves."))
    if not absent.is_active or site not in led_sites(absent):
        raise Refused(_("This person leads no team there."))
    if not supervisors(site).filter(pk=substitute.pk).exists():
        raise Refused(_("Only a supervisor of the same site stands in."))
    today = day_of(now, site.calendar)
    if not today <= first_on <= last_on:
        raise Refused(_("It begins today at the earliest, and ends no earlier than it begins."))
    if (last_on - first_on).days >= LONGEST or first_on > today + AHEAD:
        words = _("At most %(days)d days, and within a year: who is away for longer hands over.")
        raise Refused(words % {"days": LONGEST})
    row = Substitution(
        absent=absent, substitute=substitute, site=site, first_on=first_on, last_on=last_on,
        made_by=who, made_at=now,
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
