"""Five9's call log report, csv: one row a call, naive local times.

The columns of a report are chosen by whoever runs it: needed are those that tell a call; the
durations, the skill and the session are taken where they are there. The queue is the SKILL, or
the CAMPAIGN in a report without one. A row with an AGENT is an answered call; one with none, or
with "[None]", was abandoned, whatever its disposition says. A CALL TYPE of Manual was dialled by
an agent, and is outbound. Calls of one SESSION ID are visits of one contact. Without durations
wait and talk are unknown.
"""

from dataclasses import replace

from ccm.imports.cells.times import H_MM_SS
from ccm.imports.files.dialect import Dialect
from ccm.imports.mapping.preset import Preset, Shape
from ccm.imports.mapping.profile import BY_AGENT, Column, Profile
from ccm.imports.mapping.targets import Rows

_DIRECTIONS = {
    "inbound": (
        "inbound", "queue callback", "3rd party transfer", "3rd party conference",
        "inbound voicemail",
    ),
    "outbound": (
        "outbound", "manual", "autodial", "preview", "agent callback", "outbound voicemail",
        "outbound preview", "test",
    ),
    "internal": ("internal", "internal voicemail"),
}  # fmt: skip
_DURATIONS = (
    Column("IVR TIME", "ivr", unit=H_MM_SS),
    Column("QUEUE WAIT TIME", "wait", unit=H_MM_SS),
    Column("RING TIME", "ring", unit=H_MM_SS),
    Column("TALK TIME", "talk", unit=H_MM_SS),
    Column("HOLD TIME", "hold", unit=H_MM_SS),
    Column("AFTER CALL WORK TIME", "acw", unit=H_MM_SS),
)
_BY_SKILL = Profile(
    Dialect(),
    Rows.CALLS,
    (
        Column("CALL ID", "external_id"),
        Column("SESSION ID", "linked_id"),
        Column("TIMESTAMP", "moment"),
        Column("SKILL", "queue", nulls=("[None]",)),
        Column("CAMPAIGN"),
        Column(
            "CALL TYPE",
            "direction",
            meanings={word: way for way, words in _DIRECTIONS.items() for word in words},
        ),
        Column("AGENT", "agent", nulls=("[None]",)),
        Column("DISPOSITION", "disposition"),
        Column("ANI", "caller"),
        Column("DNIS"),
        *_DURATIONS,
    ),
    answered_by=BY_AGENT,
)
_BY_CAMPAIGN = replace(
    _BY_SKILL,
    columns=tuple(
        replace(one, target="queue") if one.label == "CAMPAIGN" else one
        for one in _BY_SKILL.columns
        if one.label != "SKILL"
    ),
)
_OPTIONAL = frozenset({"SESSION ID", *(one.label for one in _DURATIONS)})

FORMAT = Preset(
    "five9_call_log",
    "Five9 call log",
    Shape(_BY_SKILL, _OPTIONAL),
    Shape(_BY_CAMPAIGN, _OPTIONAL),
)
