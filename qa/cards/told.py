"""How the log of changes tells of scorecards."""

from collections.abc import Mapping, Sequence

from ccm import audit
from ccm.audit import Names, Told, Values
from ccm.models import AuditEntry
from qa.models import CardVersion, Scorecard

MODELS = (Scorecard, CardVersion)


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Which scorecard, and which version of it."""
    found = {}
    for entry in entries:
        said: Values = entry.after or entry.before or {}
        card = said.get("card")
        name = said.get("name") if card is None else names.of(Scorecard, card)
        number = said.get("number")
        version = "" if number is None else f" v{number}"
        found[entry.pk] = Told(f"{audit.model_words(entry.model)}: {name}{version}")
    return found
