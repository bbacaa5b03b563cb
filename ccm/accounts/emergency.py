"""Reach in an emergency: asked for with a reason, granted at once for an hour at most, told to
whoever answers for the site, and noted page by page.

It is for reading: figures, people and calls of the site. What is changed, planned, reviewed or
coached there stays out of reach, as does what nobody is to know the author of.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import IntegrityError, transaction
from django.db.models import DateTimeField, F, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ccm import audit, long_reads, unlogged
from ccm.access import ADMIN, MANAGER, SUPERVISOR, Emergency, scope_of
from ccm.audit import Names, Told
from ccm.kept import Late
from ccm.models import AuditEntry, EmergencyReach, Site, User
from ccm.names import visible
from ccm.outgoing import outbox
from ccm.watching import masked

MODEL = EmergencyReach._meta.label_lower
MINUTES = (15, 30, 60)
SHORTEST_REASON = 10
# What an address asks for and may be kept: ids, days, words of this program; not what was typed.
_KEPT = re.compile(r"[\w.:-]{1,60}")
_TYPED = frozenset({"q"})
_FILE = re.compile(r"\.(csv|xlsx|zip)$")


class Refused(ValueError):
    """It is not granted; the words say why."""


def may_ask(user: User) -> bool:
    """Managers and supervisors; an admin reaches every site already."""
    scope = scope_of(user)
    return not scope.everything and scope.has(MANAGER, SUPERVISOR)


def sites(user: User) -> QuerySet[Site]:
    """Sites of which somebody does not see everything that an emergency would show."""
    every = Site.objects.order_by("name")
    return every.exclude(pk__in=scope_of(user).managed_sites) if may_ask(user) else every.none()


def going_on(now: datetime) -> Q:
    return Q(ended_at=None, ends_at__gt=now)


@transaction.atomic
def begin(user: User, site: Site, reason: str, minutes: int, now: datetime) -> EmergencyReach:
    """Grant somebody reach to a site, and tell whoever answers for it.

    Raises Refused for who may not ask, a site that is theirs, a reason of a word or two, any other
    span than `MINUTES`, and while another one goes on.
    """
    reason = visible(reason)[:300]
    if not sites(user).filter(pk=site.pk).exists():
        raise Refused(_("There is no such site, or it is within your reach already."))
    if len(reason) < SHORTEST_REASON:
        raise Refused(_("Say why, so that others understand it."))
    if minutes not in MINUTES:
        raise Refused(_("An hour at most."))
    # What ended by itself makes room.
    EmergencyReach.objects.filter(user=user, ended_at=None, ends_at__lte=now).update(
        ended_at=F("ends_at")
    )
    ends_at = now + timedelta(minutes=minutes)
    row = EmergencyReach(user=user, site=site, reason=reason, begins_at=now, ends_at=ends_at)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as clash:
        raise Refused(_("Another one goes on: end it first.")) from clash
    audit.record(user, row, before=None, after=_values(row), now=now, why=reason)
    _tell(row)
    return row


@transaction.atomic
def end(number: int, who: User, now: datetime) -> None:
    """End it with the next request; one that is over stays as it is."""
    row = EmergencyReach.objects.select_for_update().get(pk=number)
    if row.ended_at is None and now < row.ends_at:
        before = _values(row)
        row.ended_by, row.ended_at = who, now
        row.save(update_fields=["ended_by", "ended_at"])
        audit.record(who, row, before=before, after=_values(row), now=now)


def note_view(user: User, emergency: Emergency, request: HttpRequest, now: datetime) -> None:
    """That somebody asked for a page while their reach went on, before it is answered: what cannot
    be noted is not shown. What is sent without a name is not noted, nor is what a worker does over.
    """
    if long_reads.is_rehearsal() or unlogged.is_kept_out(request.path):
        return
    asked = {
        name: value
        for name, value in request.GET.dict().items()
        if name not in _TYPED and _KEPT.fullmatch(name) and _KEPT.fullmatch(str(value))
    }
    page = {"method": request.method, "page": masked.path(request.path)[:300], "asked": asked}
    AuditEntry.objects.create(
        at=now, who=user, action=AuditEntry.Action.VIEWED, model=MODEL,
        object_id=str(emergency.number), before=None, after={"site": emergency.site, **page},
        names={"ccm.site": {str(emergency.site): emergency.site_name}},
    )  # fmt: skip


def is_for_a_file(request: HttpRequest) -> bool:
    """Whether a request asks for what is taken along, as its address says."""
    return bool(_FILE.search(request.path) or request.GET.get("export"))


def is_a_file(response: HttpResponseBase) -> bool:
    """Whether what is answered is to be kept by a browser."""
    return response.headers.get("Content-Disposition", "").startswith("attachment")


def no_file() -> str:
    """Why none is made meanwhile."""
    return _(
        "No file is made while you read at a site in an emergency: it would outlive that. End it"
        " first, also for a file of your own sites."
    )


def concerned(site: Site) -> QuerySet[User]:
    """Who answers for a site: its managers, and admins."""
    manages = Q(groups__name=MANAGER, sites=site)
    is_admin = Q(groups__name=ADMIN) | Q(is_superuser=True)
    return User.objects.filter(manages | is_admin, is_active=True).distinct().order_by("pk")


def _tell(row: EmergencyReach) -> None:
    """A mail to each of the concerned who has an address."""
    subject = _("%(user)s reaches %(site)s in an emergency")
    body = _(
        "%(user)s asked for reach to %(site)s until %(ends)s UTC, for this reason:"
        "\n\n%(reason)s\n\nIt was granted at once. Each page that is opened by it is in the"
        " audit log. Where it should not be, end it here:\n\n%(link)s\n"
    )
    said = {
        "user": row.user, "site": row.site, "reason": row.reason,
        "ends": f"{row.ends_at:%Y-%m-%d %H:%M}",
        "link": f"{settings.ADDRESS}{reverse('emergencies')}",
    }  # fmt: skip
    for one in concerned(row.site).exclude(pk=row.user_id).exclude(email=""):
        key = f"emergency {row.pk} {one.pk}"
        outbox.mail(key, one.email, subject % said, body % said, site=row.site)


def _values(row: EmergencyReach) -> dict[str, Any]:
    return {
        "user": row.user_id, "site": row.site_id, "ends_at": row.ends_at.isoformat(),
        "ended_at": row.ended_at and row.ended_at.isoformat(),
    }  # fmt: skip


def tell(entries: Sequence[AuditEntry], names: Names) -> dict[int, Told]:
    """Each as "Reach in an emergency, York". No query."""
    words = _("Reach in an emergency, %(site)s")
    return {
        one.pk: Told(
            words % {"site": names.site_of(one)},
            reverse("emergencies"),
        )
        for one in entries
    }


def write(_values: audit.Values, name: str, value: Any) -> tuple[str, str] | None:
    """The page that was asked for."""
    if name == "page":
        return _("Page"), str(value or "")
    if name == "method":
        return _("By"), str(value or "")
    return None


def facts() -> dict[str, Any]:
    """What goes on at sites, for the count beside the entry: as annotations of users."""
    return {"emergencies_about": ArraySubquery(_others().values(told=JSONObject(site="site")))}


def _others() -> QuerySet[EmergencyReach]:
    """Reach of others than the reader that goes on."""
    now = Late(timezone.now, DateTimeField())
    return EmergencyReach.objects.filter(ended_at=None, ends_at__gt=now).exclude(
        user=OuterRef("pk")
    )


def count(user: User) -> int:
    """How many of others go on at sites that the reader answers for."""
    scope = scope_of(user)
    at = getattr(user, "emergencies_about", None)
    if at is None:
        now = timezone.now()
        found = EmergencyReach.objects.filter(going_on(now)).exclude(user=user.pk)
        at = [{"site": one} for one in found.values_list("site", flat=True)]
    return sum(scope.everything or one["site"] in scope.managed_sites for one in at)
