"""Words of a choice that nothing in the record is called by: perhaps a slip of the keys, perhaps
what only comes later. So they are no error, but are said before anything is kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _

from ccm.imports.facts.references import folded
from ccm.models import Cost
from ccm.names import in_order
from kpis.choosing.services import Draft

# So many of what is known are named.
_NAMED = 20


@dataclass(frozen=True, slots=True)
class Unheard:
    """Words that nothing is called by, and what there is instead."""

    words: list[str]
    known: list[str]

    def __str__(self) -> str:
        told = {"words": ", ".join(self.words), "known": ", ".join(self.known) or _("none so far")}
        return _("Nothing is called %(words)s. Known are: %(known)s.") % told


def of(draft: Draft) -> list[Unheard]:
    """What of a draft's words is not known at the sites that it reaches; one query for each
    parameter of words that it sets."""
    found = []
    for name, known in _KNOWN.items():
        said = [one.strip() for one in str(draft.parameters.get(name, "")).split(",")]
        if any(said):
            there = sorted(known(draft), key=in_order)
            heard = {folded(one) for one in there}
            strange = [one for one in said if one and folded(one) not in heard]
            if strange:
                found.append(Unheard(strange, there[:_NAMED]))
    return found


def _reasons(draft: Draft) -> set[str]:
    """Reasons of the pauses that were counted."""
    site, _queue = draft.scope.ids
    with connection.cursor() as cursor:
        cursor.execute(_REASONS, {"site": site})
        return {reason for (reason,) in cursor.fetchall() if reason}


def _kinds(draft: Draft) -> set[str]:
    """Kinds of costs."""
    site, _queue = draft.scope.ids
    rows = Cost.objects.all() if site is None else Cost.objects.filter(site=site)
    return set(rows.order_by().values_list("kind", flat=True).distinct())


_REASONS = """
SELECT DISTINCT jsonb_object_keys(paused) FROM kpis_agenttime
WHERE %(site)s::bigint IS NULL OR site_id = %(site)s
"""
_KNOWN: Mapping[str, Callable[[Draft], set[str]]] = {
    "productive_pauses": _reasons,
    "cost_kinds": _kinds,
}
