"""What was changed of a roster lately, by whom, and who is still to acknowledge it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scheduling.models import KeptRoster, RosterEdit, ShiftChange

MOST = 20
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Change:
    """An edit in words: "3 shifts: Ada, Ben"."""

    number: int
    who: str
    at: datetime
    why: str
    words: str


def changes(roster: KeptRoster, since: int = -1) -> list[Change]:
    """The last edits after a revision, the newest first. One query."""
    rows = (
        RosterEdit.objects.filter(roster=roster.pk, number__gt=since)
        .select_related("made_by")
        .annotate(
            names=ArrayAgg("changes__agent__name", distinct=True, default=[]),
            many=Count("changes", distinct=True),
        )
        .order_by("-number")[:MOST]
    )
    return [
        Change(
            one.number, str(one.made_by or _("Somebody")), one.made_at,
            str(one.get_why_display()), _words(one.many, one.names),
        )
        for one in rows
    ]  # fmt: skip


def _words(many: int, names: Sequence[str]) -> str:
    named = ", ".join(names[:_MOST_NAMED])
    if len(names) > _MOST_NAMED:
        named = _("%(names)s and others") % {"names": named}
    said = ngettext("%(n)s shift: %(names)s", "%(n)s shifts: %(names)s", many)
    return said % {"n": many, "names": named}


def not_acknowledged(roster: KeptRoster) -> list[tuple[str, int]]:
    """Who has changes that came shortly and are not acknowledged yet, and how many. One query."""
    rows = ShiftChange.objects.filter(
        edit__roster=roster.pk, is_short=True, acknowledged_at=None
    ).order_by("agent__name", "agent")
    found = rows.values("agent").annotate(many=Count("pk"))
    return [*found.values_list("agent__name", "many")]
