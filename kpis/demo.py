"""What a demo centre gains from `kpis`: its walls, and counts of all that was loaded."""

from ccm.models import Site
from kpis import rollups
from kpis.models import Board
from kpis.wallboard import STANDARD


def boards(**_: object) -> None:
    """One board a site, and the counts; connected to `ccm.signals.demo_loaded`."""
    for site in Site.objects.order_by("pk"):
        Board.objects.get_or_create(
            slug=site.slug,
            defaults={"title": f"{site.name} · All queues", "site": site, "cells": STANDARD},
        )
    rollups.rebuild()
