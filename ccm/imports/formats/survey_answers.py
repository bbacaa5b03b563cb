"""Answers to surveys, one a row, in a csv of our own design.

    date, time, call id, agent, queue, kind, score, scale, comment

Needed are date, kind, score and scale. A date may hold the time; without one the answer is of the
day. `kind` is csat, nps, ces or fcr, `scale` its ends, as 1-5; empty it is 0-10 of an nps and yes
or no of an fcr, which is what these are. An fcr may be written yes and no, or 1 and 0. An answer
belongs to the call that its call id names, if that was taken in the days before; otherwise it
stands alone. A row without a score is an unanswered question, and is left out. Without an answer id
rows are told apart by what they say.
"""

from dataclasses import replace

from ccm.imports.files.dialect import Dialect
from ccm.imports.mapping.preset import Preset, Shape
from ccm.imports.mapping.profile import Column, Profile
from ccm.imports.mapping.targets import Rows

_PAIR = Profile(
    Dialect(),
    Rows.ANSWERS,
    (
        Column("date", "date"),
        Column("time", "time"),
        Column("answer id", "external_id"),
        Column("call id", "call_ref"),
        Column("agent", "agent"),
        Column("queue", "queue"),
        Column("kind", "kind"),
        Column("score", "score"),
        Column("scale", "scale"),
        Column("comment", "comment"),
    ),
)
_ONE = replace(
    _PAIR,
    columns=tuple(
        replace(one, target="moment") if one.label == "date" else one
        for one in _PAIR.columns
        if one.label != "time"
    ),
)
_OPTIONAL = frozenset({"answer id", "call id", "agent", "queue", "comment"})

FORMAT = Preset("survey_answers", "Survey answers", Shape(_PAIR, _OPTIONAL), Shape(_ONE, _OPTIONAL))
