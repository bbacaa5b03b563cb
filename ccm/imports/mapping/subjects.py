"""The choices of the mapping page by subject, so that forty of them can be looked through.

Subjects, and the choices of each, stand with what most files have first.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from ccm.imports.mapping.targets import ROWS, Rows, Target

# Choices of one subject: its words, and each choice's value and words.
Group = tuple[Any, list[tuple[str, Any]]]

# The targets of logs.
_SUBJECTS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_("When"), ("date", "time", "moment", "answered_at", "ended_at", "queued_at", "rang_at",
                 "zone")),
    (_("Who and where"), ("agent", "queue", "caller", "caller_email", "direction", "channel",
                          "transfer_target", "account")),
    (_("What became of it"), ("outcome", "answered", "state", "reason", "resolved", "topic",
                              "disposition", "resolvable")),
    (_("Waits and talk"), ("wait", "talk", "duration", "ring", "hold", "acw", "ivr")),
    (_("Counts"), ("offered", "answered_count", "abandoned_count")),
    (_("Averages and shares"), ("wait_mean", "talk_mean", "handle_mean", "service_level")),
    (_("Ids"), ("external_id", "linked_id", "call_ref")),
    (_("Survey"), ("csat", "nps", "ces", "fcr", "kind", "score", "scale", "comment")),
    (_("Money"), ("sale_value", "pipeline_value")),
    (_("Recording"), ("recording", "transcript", "consent")),
)  # fmt: skip
_KINDS: tuple[tuple[Any, tuple[Rows, ...]], ...] = (
    (_("Calls and work"), (Rows.CALLS, Rows.TOTALS, Rows.STATES, Rows.ANSWERS)),
    (_("People and structure"), (Rows.PEOPLE, Rows.TEAMS, Rows.QUEUES, Rows.LEAVE, Rows.PAID)),
    (_("Money and aims"), (Rows.COSTS, Rows.SALES, Rows.TARGETS, Rows.HEADCOUNT)),
)


def of_targets(rows: Rows, targets: Mapping[str, Target]) -> list[Group]:
    """What a column can mean. Of a list that is little and about one thing: one group."""
    if rows.is_list:
        return [(ROWS[rows], _drawn(targets.values()))]
    groups = (
        (words, _drawn(targets[name] for name in names if name in targets))
        for words, names in _SUBJECTS
    )
    return [group for group in groups if group[1]]


def of_kinds() -> list[Group]:
    """What a row can be."""
    return [(words, [(kind.value, ROWS[kind]) for kind in kinds]) for words, kinds in _KINDS]


def _drawn(targets: Iterable[Target]) -> list[tuple[str, Any]]:
    return [(one.name, one.label) for one in targets]
