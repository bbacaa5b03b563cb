"""How the log of changes tells of disputes."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told
from ccm.models import AuditEntry
from qa.models import Dispute
from qa.reviews.told import ANSWERS, OF_ANSWERS, answers_of, still_blind, until_scored


def tell(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """Whose call it is about, with its page; answers that it changed as the form calls them, once
    nobody is to score the same call without knowing them."""
    ids = [int(one.object_id) for one in entries if one.object_id]
    rows = Dispute.objects.select_related("evaluation__agent", "evaluation__version").in_bulk(ids)
    blind = still_blind(row.evaluation_id for row in rows.values())
    found = {}
    for one in entries:
        if (row := rows.get(int(one.object_id or 0))) is None:
            continue
        said = {"number": one.object_id, "agent": row.evaluation.agent.name}
        found[one.pk] = Told(
            _("Dispute %(number)s of a call of %(agent)s") % said,
            reverse("dispute", args=[row.pk]),
            {ANSWERS: answers_of(row.evaluation.version)},
            OF_ANSWERS if row.evaluation_id in blind else (),
            until_scored(),
        )
    return found
