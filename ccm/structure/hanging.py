"""What hangs on a site, queue, team or agent, so that it cannot just be removed."""

from typing import Any

from django.db.models import PROTECT, Model
from django.utils.functional import Promise
from django.utils.translation import ngettext_lazy

from ccm.templatetags.figures import count

# What is told of each kind of row; what else is protected is told by its model's own name.
_WORDS: dict[str, str | Promise] = {
    "ccm.User": ngettext_lazy("%(many)s person who signs in", "%(many)s people who sign in", "n"),
    "ccm.Team": ngettext_lazy("%(many)s team", "%(many)s teams", "n"),
    "ccm.Agent": ngettext_lazy("%(many)s agent", "%(many)s agents", "n"),
    "ccm.Queue": ngettext_lazy("%(many)s queue", "%(many)s queues", "n"),
    "ccm.ApiToken": ngettext_lazy(
        "%(many)s token of a program", "%(many)s tokens of programs", "n"
    ),
    "ccm.ImportBatch": ngettext_lazy("%(many)s import", "%(many)s imports", "n"),
    "ccm.WatchedFolder": ngettext_lazy("%(many)s watched folder", "%(many)s watched folders", "n"),
    "ccm.FollowedLog": ngettext_lazy("%(many)s followed log", "%(many)s followed logs", "n"),
    "ccm.LiveEvent": ngettext_lazy("%(many)s live event", "%(many)s live events", "n"),
    "ccm.Call": ngettext_lazy("%(many)s call", "%(many)s calls", "n"),
    "ccm.Offer": ngettext_lazy("%(many)s ring", "%(many)s rings", "n"),
    "ccm.AgentState": ngettext_lazy("%(many)s state in a log", "%(many)s states in logs", "n"),
    "ccm.CallNote": ngettext_lazy("%(many)s note on a call", "%(many)s notes on calls", "n"),
    "ccm.SurveyResponse": ngettext_lazy("%(many)s answer", "%(many)s answers", "n"),
    "ccm.SurveyInvitation": ngettext_lazy(
        "%(many)s question to a caller", "%(many)s questions to callers", "n"
    ),
    "ccm.IntervalCount": ngettext_lazy(
        "%(many)s total of an interval", "%(many)s totals of intervals", "n"
    ),
    "ccm.TeamMembership": ngettext_lazy(
        "%(many)s stay in a team, now or before", "%(many)s stays in teams, now or before", "n"
    ),
    "ccm.TeamLead": ngettext_lazy(
        "%(many)s supervisor, now or before", "%(many)s supervisors, now or before", "n"
    ),
    "ccm.Cost": ngettext_lazy("%(many)s cost", "%(many)s costs", "n"),
    "ccm.Target": ngettext_lazy("%(many)s target", "%(many)s targets", "n"),
    "ccm.Headcount": ngettext_lazy("%(many)s headcount", "%(many)s headcounts", "n"),
    "ccm.Sale": ngettext_lazy("%(many)s sale", "%(many)s sales", "n"),
    "ccm.PaidTime": ngettext_lazy("%(many)s day's paid time", "%(many)s days' paid time", "n"),
    "ccm.Leave": ngettext_lazy("%(many)s absence", "%(many)s absences", "n"),
}


def hanging_on(row: Model) -> list[str]:
    """What hangs on a row and how many of each, in words: what is protected, and what people said
    of it. Names in logs, wallboards and figures go with it and are not told."""
    told = []
    relations: Any = row._meta.get_fields(include_hidden=True)
    for relation in relations:
        model: Any = relation.related_model
        if not relation.auto_created or relation.concrete or model._meta.auto_created:
            continue
        words = _WORDS.get(model._meta.label)
        if words is None and getattr(relation, "on_delete", None) is not PROTECT:
            continue
        many = model._base_manager.filter(**{relation.field.name: row.pk}).count()
        if many:
            words = words or f"%(many)s {model._meta.verbose_name_plural}"
            told.append(str(words % {"n": many, "many": count(many)}))
    return told
