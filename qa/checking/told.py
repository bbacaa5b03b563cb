"""How the log of changes tells of transcripts and checks."""

from collections.abc import Mapping, Sequence

from django.db import models
from django.urls import reverse

from ccm import audit
from ccm.audit import Names, Told, Values
from ccm.models import AuditEntry
from qa.models import CallTranscript, CardCriterion, CheckRule, LearnedScorer

MODELS: tuple[type[models.Model], ...] = (CallTranscript, CheckRule, LearnedScorer)


def tell(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Each by its name, its criterion or its call."""
    found = {}
    for entry in entries:
        said: Values = entry.after or entry.before or {}
        url = ""
        if entry.model == CallTranscript._meta.label_lower:
            name = str(said.get("call", ""))
        elif entry.model == LearnedScorer._meta.label_lower:
            name = names.of(CardCriterion, said["criterion"]) if said.get("criterion") else ""
        else:
            name = str(said.get("name", ""))
            url = reverse("check", args=[entry.object_id]) if entry.after else ""
        found[entry.pk] = Told(f"{audit.model_words(entry.model)}: {name}", url)
    return found
