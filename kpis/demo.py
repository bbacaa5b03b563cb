"""What a demo centre gains from `kpis`: its walls, and counts of all that was loaded."""

from ccm.models import Site
from kpis import boards, rollups


def counts_and_walls(**_: object) -> None:
    """Connected to `ccm.signals.demo_loaded`; safe to run twice."""
    for site in Site.objects.order_by("pk"):
        boards.first_board(site, created=True)
    rollups.rebuild()
