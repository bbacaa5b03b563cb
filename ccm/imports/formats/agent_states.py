"""What agents did when, one spell a row, in a csv of our own design.

    agent, state, reason, start, end, duration

Needed are agent, state, start, and either end or duration. `start` and `end` are dates with times;
`duration` is h:mm:ss, `duration seconds` a number. `state` is one of
`AgentState.State`, or a common word for one; logged out and offline are no state, and left out.
Without an end the spell is still going on, unless a later row of another file tells it. A state
that overlaps another is as the switch wrote it: sessions and pauses do.
"""

from ccm.imports.cells.times import H_MM_SS, SECONDS
from ccm.imports.files.dialect import Dialect
from ccm.imports.mapping.preset import Preset, Shape
from ccm.imports.mapping.profile import Column, Profile
from ccm.imports.mapping.targets import WORDS_OF_STATES, Rows

_COLUMNS = (
    Column("agent", "agent"),
    Column(
        "state",
        "state",
        meanings={word: state for state, words in WORDS_OF_STATES.items() for word in words},
    ),
    Column("reason", "reason"),
    Column("start", "moment"),
)
_END = Column("end", "ended_at")


def _shape(*columns: Column, optional: frozenset[str] = frozenset()) -> Shape:
    told = Profile(Dialect(), Rows.STATES, (*_COLUMNS, *columns))
    spellings = {"start": ("starts", "started at", "starts at"), "end": ("ends", "ended at")}
    return Shape(told, optional | {"reason"}, spellings)


FORMAT = Preset(
    "agent_states",
    "Agent states",
    _shape(Column("duration", "duration", unit=H_MM_SS), _END, optional=frozenset({"end"})),
    _shape(Column("duration seconds", "duration", unit=SECONDS), _END, optional=frozenset({"end"})),
    _shape(_END),
)
