"""How the log of changes tells of transcripts and checks."""

from collections.abc import Mapping, Sequence

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _

from ccm import audit
from ccm.audit import Names, Told, Values
from ccm.models import AuditEntry
from ccm.templatetags.figures import DASH
from qa.checking.words import KINDS
from qa.models import CallTranscript, CardCriterion, CheckRule, LearnedScorer
from qa.reviews import told as of_reviews

MODELS: tuple[type[models.Model], ...] = (CallTranscript, CheckRule, LearnedScorer)


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Each by its name, its criterion or its call."""
    found = {}
    of_transcripts = [one for one in entries if one.model == CallTranscript._meta.label_lower]
    calls = of_reviews.calls_words((one.after or one.before or {}).get("call")
                                   for one in of_transcripts) if of_transcripts else {}  # fmt: skip
    for entry in entries:
        said: Values = entry.after or entry.before or {}
        url = ""
        if entry.model == CallTranscript._meta.label_lower:
            name = str(said.get("call", ""))
            name = calls.get(name, name)
        elif entry.model == LearnedScorer._meta.label_lower:
            name = names.of(CardCriterion, said["criterion"]) if said.get("criterion") else ""
        else:
            name = str(said.get("name", ""))
            url = reverse("check", args=[entry.object_id]) if entry.after else ""
        found[entry.pk] = Told(f"{audit.model_words(entry.model)}: {name}", url)
    return found


def write(_values: Values, name: str, value: object) -> tuple[str, str] | None:
    """What a check looks for, as its page says it."""
    if name == "kind":
        kinds = {kind.value: str(words) for kind, words in KINDS.items()}
        return _("Looks for"), kinds.get(str(value), str(value or "")) or DASH
    if name == "said":
        return _("Phrases"), str(value or "") or DASH
    return None
