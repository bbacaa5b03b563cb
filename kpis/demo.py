"""What a demo centre gains from `kpis`: its walls, and counts of all that was loaded."""

from ccm.demo.load import Loaded
from ccm.models import Site
from kpis import rollups
from kpis.models import Board
from kpis.wallboard import STANDARD


def boards(loaded: Loaded) -> None:
    """One board a site, and its counts. Safe to run twice."""
    for site in Site.objects.order_by("pk"):
        Board.objects.get_or_create(
            slug=site.slug,
            defaults={"title": f"{site.name} · All queues", "site": site, "cells": STANDARD},
        )
    if loaded.new:
        rollups.rebuild()
