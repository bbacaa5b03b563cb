"""What walls show of recognition: what those who were given it want shown."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ccm.models import Site
from coaching.models import Kudos
from kpis.walls.others import Thanks

SHOWN = timedelta(days=14)
_MOST = 10
_LONGEST = 90


def thanks(site: Site, now: datetime) -> Sequence[Thanks]:
    """Those of the last two weeks; long words are cut."""
    rows = Kudos.objects.filter(site=site, is_on_walls=True, given_at__gt=now - SHOWN)
    found = rows.order_by("-given_at", "-pk").values_list("given_at", "agent__name", "words")
    return [Thanks(at, whose, _short(words)) for at, whose, words in found[:_MOST]]


def _short(words: str) -> str:
    plain = " ".join(words.split())
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1].rstrip()}…"
