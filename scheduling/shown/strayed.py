"""Alerts of queues whose days left their bands: what the alerts' page and the sidebar tell."""

from collections.abc import Iterator
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm.access import scope_of
from ccm.models import User
from kpis.alerts.others import Other
from scheduling.forecast.straying import LOOKED_AT
from scheduling.models import DayAhead, Strayed


def facts() -> dict[str, Any]:
    """The sites of all that stand, to find with the user of a request."""
    return {"strayed_sites": ArraySubquery(Strayed.objects.standing().values("queue__site"))}


def count(user: User) -> int:
    """How many stand that the user may see; no query where `facts` came with the user."""
    sites: list[int] | None = getattr(user, "strayed_sites", None)
    if sites is None:
        return Strayed.objects.standing().visible_to(user).count()
    scope = scope_of(user)
    return len([site for site in sites if scope.sees_figures_of(site)])


def standing(user: User) -> Iterator[Other]:
    """With how many of a queue's last days lie outside now: when it was raised it may have been
    more or fewer. One query."""
    judged = DayAhead.objects.judged().filter(queue=OuterRef("queue"))
    recent = ArraySubquery(judged.values("is_outside")[:LOOKED_AT])
    rows = Strayed.objects.standing().visible_to(user).select_related("queue__site")
    words = _(
        "%(queue)s: %(days)d of the last %(of)d days outside the band that 95 of 100 were to keep"
        " to, as it was told the night before"
    )
    then = _(
        "%(queue)s: on %(day)s %(days)d of the last %(of)d days outside the band that 95 of 100"
        " were to keep to"
    )
    for one in rows.annotate(recent=recent):
        if one.recent:
            said = words % {"queue": one.queue, "days": sum(one.recent), "of": len(one.recent)}
        else:
            day = date_format(one.raised_at.astimezone(one.queue.site.tz), "j M")
            said = then % {"queue": one.queue, "day": day, "days": one.days, "of": one.of}
        url = reverse("forecast", args=[one.queue_id])
        yield Other("warn", _("Forecast"), said, one.queue.site, one.raised_at, url)
