"""How the log of changes tells of sessions, what stands on their agendas, and steps."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told, Values
from ccm.models import Agent, AuditEntry
from ccm.templatetags.figures import DASH
from coaching.models import Action, Participant, Session


def tell(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """With whom a session is, with its page."""
    of_each = {one.pk: int(one.object_id) for one in entries if one.object_id}
    return _by_session(of_each, _("Coaching session with %(who)s"))


def tell_points(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """Of which session a point is, with its page."""
    return _by_session(_sessions(entries), _("Point of a coaching session with %(who)s"))


def tell_preparations(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """Which session was prepared, with its page."""
    return _by_session(_sessions(entries), _("Preparation of a coaching session with %(who)s"))


def write_preparations(_values: Values, name: str, value: Any) -> tuple[str, str] | None:
    """How many points it put on the agenda, made anew and took off."""
    words = {"added": _("Points added"), "renewed": _("Points renewed"), "gone": _("Points gone")}
    return (words[name], DASH if value is None else str(value)) if name in words else None


def _sessions(entries: Sequence[AuditEntry]) -> dict[int, int]:
    """Of which session each entry is: that it stands on, or stood on before."""
    found = {}
    for one in entries:
        after, before = one.after or {}, one.before or {}
        session = after.get("session") or before.get("session")
        if session is not None:
            found[one.pk] = int(session)
    return found


def _by_session(of_each: Mapping[int, int], words: str) -> Mapping[int, Told]:
    """Entries by the session that each is of: with whom that is, and its page. Two queries."""
    people, there = _people(of_each.values())
    return {
        entry: Told(
            words % {"who": ", ".join(people.get(pk, ()))},
            reverse("session", args=[pk]) if pk in there else "",
        )
        for entry, pk in of_each.items()
    }


def _people(sessions: Collection[int]) -> tuple[Mapping[int, Sequence[str]], Collection[int]]:
    """Who is in which session, and which of them are there."""
    people: dict[int, list[str]] = {}
    rows = Participant.objects.filter(session__in=sessions).select_related("agent")
    for one in rows.order_by("agent__name"):
        people.setdefault(one.session_id, []).append(one.agent.name)
    there = Session.objects.filter(pk__in=sessions).values_list("pk", flat=True)
    return people, frozenset(there)


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
