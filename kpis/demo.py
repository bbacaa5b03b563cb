"""What a demo centre gains from `kpis`: its walls, its targets, which of its pauses are productive,
and counts of all its calls."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from ccm.access import AGENT
from ccm.demo.rota import PRODUCTIVE
from ccm.models import Queue, Site, Target
from kpis import rollups
from kpis.choosing import services as choosing
from kpis.choosing.scopes import Scope
from kpis.choosing.services import Draft
from kpis.definitions import KPIS
from kpis.models import KpiChoice
from kpis.parameters import said
from kpis.walls import services as walls

# From before any day that a demo shows.
_SINCE = date(2020, 1, 1)
# Of every site; of its agents; of one queue by its name, which rescues people from the roadside.
_OF_SITES = {
    "abandon_rate": "0.05",
    "asa": "30",
    "csat": "0.80",
    "fcr": "0.80",
    "occupancy": "0.80",
}
_OF_AGENTS = {"csat": "0.80", "missed_rate": "0.04"}
_OF_QUEUES = {"Roadside": {"service_level": "0.85", "abandon_rate": "0.03"}}


def counts_and_walls(**_more: object) -> None:
    """Connected to `ccm.signals.demo_loaded`; safe to run twice."""
    for site in Site.objects.order_by("pk"):
        walls.first_board(site, created=True)
        Target.objects.bulk_create(_targets(site), ignore_conflicts=True)
    _choose_productive()
    rollups.rebuild()


def _choose_productive() -> None:
    """As somebody would under Definitions: with why, and with an entry in the audit log."""
    kpi = KPIS["utilisation"]
    if KpiChoice.objects.filter(kpi=kpi.id, site=None, queue=None, valid_from=_SINCE).exists():
        return
    made = replace(kpi.parameters, productive_pauses=", ".join(PRODUCTIVE))
    draft = Draft(
        kpi,
        Scope(),
        kpi.default.id,
        said(made, kpi.default.uses),
        _SINCE,
        _("The demo centre chose it: what nobody can ring is work here, too."),
    )
    choosing.keep(draft, who=None, now=timezone.now())


def _targets(site: Site) -> list[Target]:
    """What the site aims at; its other queues keep what is built in."""
    found = [_target(site, kpi, value) for kpi, value in _OF_SITES.items()]
    found += [_target(site, kpi, value, role=AGENT) for kpi, value in _OF_AGENTS.items()]
    for queue in Queue.objects.filter(site=site, name__in=_OF_QUEUES):
        aims = _OF_QUEUES[queue.name].items()
        found += [_target(site, kpi, value, queue=queue) for kpi, value in aims]
    return found


def _target(site: Site, kpi: str, value: str, **scope: object) -> Target:
    return Target(site=site, kpi=kpi, value=Decimal(value), valid_from=_SINCE, **scope)
