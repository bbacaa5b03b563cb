"""The pages of quality: their rows of the matrix of access, and which of them are looked at.

Each package of `tests/qa` with pages has a `reach.py` of its own that tells ROWS, PAGES and OTHERS.
"""

from types import ModuleType

from tests.qa.after import reach as after
from tests.qa.calibration import reach as calibration
from tests.qa.cards import reach as cards
from tests.qa.checking import reach as checking
from tests.qa.findings import reach as findings
from tests.qa.insight import reach as insight
from tests.qa.plans import reach as plans
from tests.qa.reviews import reach as reviews
from tests.reach import Row

PARTS: tuple[ModuleType, ...] = (
    after,
    calibration,
    cards,
    checking,
    findings,
    insight,
    plans,
    reviews,
)

ROWS: dict[str, list[Row]] = {name: rows for part in PARTS for name, rows in part.ROWS.items()}
# Those that are looked at in a browser, and what is fetched, posted or for machines.
PAGES: tuple[str, ...] = tuple(name for part in PARTS for name in part.PAGES)
OTHERS: frozenset[str] = frozenset(name for part in PARTS for name in part.OTHERS)
