"""How the log of changes tells of sessions and steps."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told
from ccm.models import Agent, AuditEntry
from coaching.models import Action, Participant, Session


def tell(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """With whom a session is, with its page."""
    ids = [int(one.object_id) for one in entries if one.object_id]
    people: dict[int, list[str]] = {}
    rows = Participant.objects.filter(session__in=ids).select_related("agent")
    for one in rows.order_by("agent__name"):
        people.setdefault(one.session_id, []).append(one.agent.name)
    there = set(Session.objects.filter(pk__in=ids).values_list("pk", flat=True))
    return {
        one.pk: Told(
            _("Coaching session with %(who)s") % {"who": ", ".join(people.get(pk, ()))},
            reverse("session", args=[pk]) if pk in there else "",
        )
        for one in entries
        if (pk := int(one.object_id or 0))
    }


def tell_actions(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """Whose step it is, with its page."""
    ids = [int(one.object_id) for one in entries if one.object_id]
    rows = Action.objects.in_bulk(ids)
    return {
        one.pk: Told(
            _("Step of %(who)s") % {"who": names.of(Agent, row.agent_id)},
            reverse("action_end", args=[row.pk]),
        )
        for one in entries
        if (row := rows.get(int(one.object_id or 0))) is not None
    }
