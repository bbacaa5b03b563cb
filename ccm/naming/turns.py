"""Whose one name in logs was when: its turns, where it was handed on."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm.models import AgentAlias

Name = tuple[str, str]  # the source and what it writes


def turns_of(aliases: Iterable[AgentAlias]) -> dict[Name, list[AgentAlias]]:
    """All turns, of whichever agents, of the names of these, the earliest first. One query."""
    names = {(one.source, one.raw_name) for one in aliases}
    if not names:
        return {}
    wanted = Q(pk__in=[])
    for source, raw_name in names:
        wanted |= Q(source=source, raw_name=raw_name)
    found: dict[Name, list[AgentAlias]] = defaultdict(list)
    every = AgentAlias.objects.filter(wanted).select_related("agent")
    for turn in every.order_by("valid_from"):
        found[turn.source, turn.raw_name].append(turn)
    for turns in found.values():
        # Whose it was before all days told comes first.
        turns.sort(key=lambda turn: turn.valid_from is not None)
    return found


def chain_words(turns: Sequence[AgentAlias]) -> str:
    """ "Ann until before 20 Nov 2026, then George"; empty for a name that was never handed on."""
    if len(turns) < 2 and not any(turn.valid_from for turn in turns):
        return ""
    told = [
        _("%(agent)s until before %(day)s") % {"agent": turn.agent, "day": _day(following)}
        for turn, following in pairwise(turns)
    ]
    words = _(", then ").join([*told, str(turns[-1].agent)])
    if turns[0].valid_from is None:
        return words
    return _("from %(day)s on %(rest)s") % {"day": _day(turns[0]), "rest": words}


def _day(turn: AgentAlias) -> str:
    return date_format(turn.valid_from, "j M Y") if turn.valid_from else ""
