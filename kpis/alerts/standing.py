"""Alerts that stand, as a reader meets them away from their own page: in the list on Home, and
counted in the sidebar. Neither asks a query of its own: they come with the reader and the sites."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from ccm.access import scope_of
from ccm.intervals import day_of
from ccm.models import Site, User
from kpis import tiles
from kpis.alerts.models import Alert, AlertRule
from kpis.alerts.watchable import can_be_watched
from kpis.alerts.words import changed_words

MOST = 5
"""So many of a site are listed on Home, the worst first."""
_TOLD = ("pk", "level", "words", "raised_at", "value", "n", "seen_at")
_OF_RULE = {"kpi": "rule__kpi", "queue": "rule__queue", "window": "rule__window"}


class Opened(NamedTuple):
    """Where an alert's figure opens: the passport of the day, at its own scope. `is_same`: it is of
    the day so far, as the figure of now is; a trailing window has no passport. Empty: the KPI has
    none any more."""

    url: str
    is_same: bool
    window: str


class Standing(NamedTuple):
    """An alert on Home. `now` is its figure of now in words, where it is another than then."""

    pk: int
    words: str
    now: str
    level: str
    word: str
    since: datetime
    site: Site
    opened: Opened
    is_seen: bool


def opened(alert: Alert, site: Site, now: datetime) -> Opened:
    """Where the figure of an alert opens: of one that stands on the day of now, of one that is over
    on the day on which it began."""
    rule, is_over = alert.rule, alert.cleared_at is not None
    day = day_of(alert.raised_at if is_over else now, site.calendar)
    url = ""
    if can_be_watched(rule.kpi):
        url = tiles.passport_of(rule.kpi, site, day, day, rule.queue_id)
    is_same = rule.window == AlertRule.Window.DAY and not is_over
    return Opened(url, is_same, rule.get_window_display())


def one_zone(sites: Iterable[Site]) -> str:
    """The zone of all of these sites; "": of several, whose times have to say of which they are."""
    zones = {site.zone for site in sites}
    return zones.pop() if len(zones) == 1 else ""


def facts() -> dict[str, Any]:
    """The sites of all alerts that stand, to find with the user of a request."""
    found = Alert.objects.standing().order_by("pk")
    return {"standing_alerts": ArraySubquery(found.values("rule__site"))}


def count(user: User) -> int:
    """How many alerts stand that the user may see; no query where `facts` came with the user."""
    sites: list[int] | None = getattr(user, "standing_alerts", None)
    if sites is None:
        return Alert.objects.standing().visible_to(user).count()
    scope = scope_of(user)
    return len([site for site in sites if scope.sees_figures_of(site)])


def with_alerts(sites: QuerySet[Site]) -> QuerySet[Site]:
    """Sites with what `of_sites` tells of their alerts."""
    here = Alert.objects.standing().filter(rule__site=OuterRef("pk"))
    told = JSONObject(**_OF_RULE, **{name: name for name in _TOLD})
    alerts = ArraySubquery(here.order_by("level", "-raised_at").values_list(told)[:MOST])
    return sites.annotate(alerts=alerts)


def of_sites(sites: Iterable[Any], now: datetime) -> list[Standing]:
    """The alerts that stand at sites found `with_alerts`; those first that nobody sees to."""
    every = [(site, _made(told)) for site in sites for told in site.alerts]
    every.sort(
        key=lambda one: (one[1].seen_at is not None, one[1].level, -one[1].raised_at.timestamp())
    )
    return [
        Standing(
            one.pk,
            one.words,
            changed_words(one),
            "none" if one.seen_at else one.level,
            _("seen to") if one.seen_at else one.get_level_display(),
            one.raised_at,
            site,
            opened(one, site, now),
            one.seen_at is not None,
        )
        for site, one in every
    ]


def _made(told: dict[str, Any]) -> Alert:
    """An alert of which no more is known than a site's row tells."""
    moments = {
        name: told[name] and datetime.fromisoformat(told[name]) for name in ("raised_at", "seen_at")
    }
    rule = AlertRule(kpi=told["kpi"], queue_id=told["queue"], window=told["window"])
    return Alert(rule=rule, **{name: told[name] for name in _TOLD} | moments)
