"""The pages of coaching: their rows of the matrix of access, and which of them are looked at.

Each package of `tests/coaching` with pages has a `reach.py` of its own that tells ROWS, PAGES and
OTHERS.
"""

from types import ModuleType

from tests.coaching.certificates import reach as certificates
from tests.coaching.courses import reach as courses
from tests.coaching.holding import reach as holding
from tests.coaching.library import reach as library
from tests.coaching.onboarding import reach as onboarding
from tests.coaching.ramp import reach as ramp
from tests.coaching.recognition import reach as recognition
from tests.coaching.suggestions import reach as suggestions
from tests.reach import Row

PARTS: tuple[ModuleType, ...] = (
    certificates,
    courses,
    holding,
    library,
    onboarding,
    ramp,
    recognition,
    suggestions,
)

ROWS: dict[str, list[Row]] = {name: rows for part in PARTS for name, rows in part.ROWS.items()}
# Those that are looked at in a browser, and what is fetched, posted or for machines.
PAGES: tuple[str, ...] = tuple(name for part in PARTS for name in part.PAGES)
OTHERS: frozenset[str] = frozenset(name for part in PARTS for name in part.OTHERS)
