"""Reads certificates: the register, and whose end is near of whom the reader leads or trains."""

from datetime import date, datetime
from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    CharField,
    DateField,
    DateTimeField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from ccm.access import scope_of
from ccm.intervals import UTC_DAYS, day_of
from ccm.kept import Late
from ccm.models import Agent, Site, TeamLead, TeamMembership, User
from ccm.querysets import Viewer
from coaching.access import course_sites
from coaching.library.reading import of_today
from coaching.models import Certificate, CertificateKind

STATES = ("near", "valid", "over", "withdrawn", "all")


def sites(user: Viewer) -> QuerySet[Site]:
    """Sites of whose people the reader is told what they have."""
    scope = scope_of(user)
    rows: QuerySet[Site] = Site.objects.order_by("name")
    if scope.everything:
        return rows
    return rows.filter(pk__in=course_sites(scope) | scope.team_sites)


def keeps(user: Viewer, site: int) -> bool:
    """Whether the user makes kinds of a site and withdraws certificates of it."""
    scope = scope_of(user)
    return scope.everything or site in course_sites(scope)


def told(user: Viewer) -> Q:
    """Certificates of whom the user is told: of own sites, and of agents of teams led."""
    scope = scope_of(user)
    if scope.everything:
        return Q()
    led = Agent.objects.answered_for_by(user).filter(user__isnull=False).exclude(user=user.pk)
    return Q(kind__site__in=course_sites(scope)) | Q(user__in=led.values("user"))


def register(
    user: Viewer, chosen: list[Site], now: datetime, *, state: str, kind: int | None = None
) -> QuerySet[Certificate]:
    """Certificates of some sites, each with its `stand` ("near", "valid", "over", "withdrawn", or
    "renewed": another has taken its place) and `team_names` of today. What ends, or holds, is told
    of who is there still."""
    stay = TeamMembership.objects.filter(of_today(now), agent__user=OuterRef("user"))
    names = stay.order_by().values("agent__user").annotate(all=StringAgg("team__name", ", "))
    held = Certificate.objects.all()
    if state in ("near", "valid", "over"):
        held = held.of_who_is_there(day_of(now, UTC_DAYS))
    rows: QuerySet[Any] = held.filter(
        told(user), kind__site__in=[one.pk for one in chosen]
    ).annotate(
        team_names=Coalesce(Subquery(names.values("all")), Value(""), output_field=TextField()),
        stand=Case(
            When(withdrawn_at__isnull=False, then=Value("withdrawn")),
            When(is_current=False, then=Value("renewed")),
            When(_of_days(chosen, now, "expires_on"), then=Value("over")),
            When(_of_days(chosen, now, "warn_from"), then=Value("near")),
            default=Value("valid"),
            output_field=CharField(),
        ),
    )
    if kind is not None:
        rows = rows.filter(kind=kind)
    if state == "near":
        rows = rows.filter(stand__in=("near", "over"))
    elif state == "valid":
        rows = rows.filter(stand__in=("near", "valid"))
    elif state != "all":
        rows = rows.filter(stand=state)
    return rows.select_related("kind__site", "user", "course", "withdrawn_by")


def kinds(chosen: list[Site]) -> QuerySet[CertificateKind]:
    rows = CertificateKind.objects.filter(site__in=[one.pk for one in chosen])
    return rows.select_related("site").order_by("name", "pk")


def _of_days(chosen: list[Site], now: datetime, field: str) -> Q:
    """Those of which a day has come at their site."""
    found = Q(pk__in=[])
    for site in chosen:
        today = day_of(now, site.calendar)
        found |= Q(**{"kind__site": site, f"{field}__lte": today})
    return found


def facts() -> dict[str, Any]:
    """What ends soon or is over, to find with a user: the site of each, and those of who is in a
    team that the user leads."""
    now = Late(timezone.now, DateTimeField())
    near = Certificate.objects.warned_of(Late(_today, DateField())).order_by()
    me = OuterRef(OuterRef(OuterRef("pk")))
    leads = TeamLead.objects.filter(of_today(now), supervisor=me)
    stays = TeamMembership.objects.filter(of_today(now), team__in=leads.values("team"))
    led = near.filter(user__in=stays.values("agent__user")).exclude(user=OuterRef("pk"))
    return {
        "certificates_near": ArraySubquery(near.values("kind__site")),
        "certificates_led": ArraySubquery(led.values("kind__site")),
    }


def count(user: User) -> int:
    """How many certificates of people that the user leads or trains end soon, or are over; no query
    where `facts` came with them."""
    scope = scope_of(user)
    own = course_sites(scope)
    if not scope.everything and not own and not scope.teams:
        return 0
    near: list[int] | None = getattr(user, "certificates_near", None)
    led: list[int] | None = getattr(user, "certificates_led", None)
    if near is None or led is None:
        return Certificate.objects.warned_of(_today()).filter(told(user)).count()
    if scope.everything:
        return len(near)
    of_teams = [site for site in led if site not in own] if scope.teams else []
    return sum(site in own for site in near) + len(of_teams)


def _today() -> date:
    """The day of UTC: an hour more or less tells nobody later of what ends in weeks."""
    return day_of(timezone.now(), UTC_DAYS)


def is_near(one: Certificate, today: date) -> bool:
    begins: date | None = one.warn_from
    return begins is not None and begins <= today
