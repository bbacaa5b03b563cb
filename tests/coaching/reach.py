"""The pages of coaching: their rows of the matrix of access, and which of them are looked at.

Each package of `tests/coaching` with pages has a `reach.py` of its own that tells ROWS, PAGES and
OTHERS.
"""

from types import ModuleType

from tests.coaching.agreed import reach as agreed
from tests.coaching.asking import reach as asking
from tests.coaching.badges import reach as badges
from tests.coaching.certificates import reach as certificates
from tests.coaching.challenges import reach as challenges
from tests.coaching.courses import reach as courses
from tests.coaching.effect import reach as effect
from tests.coaching.holding import reach as holding
from tests.coaching.huddles import reach as huddles
from tests.coaching.leaderboards import reach as leaderboards
from tests.coaching.library import reach as library
from tests.coaching.months import reach as months
from tests.coaching.onboarding import reach as onboarding
from tests.coaching.plans import reach as plans
from tests.coaching.points import reach as points
from tests.coaching.preparing import reach as preparing
from tests.coaching.public import reach as public
from tests.coaching.pulse import reach as pulse
from tests.coaching.ramp import reach as ramp
from tests.coaching.recognition import reach as recognition
from tests.coaching.recruiting import reach as recruiting
from tests.coaching.remarks import reach as remarks
from tests.coaching.rhythm import reach as rhythm
from tests.coaching.suggestions import reach as suggestions
from tests.coaching.trials import reach as trials
from tests.coaching.triggers import reach as triggers
from tests.coaching.voice import reach as voice
from tests.coaching.wellbeing import reach as wellbeing
from tests.reach import Row

PARTS: tuple[ModuleType, ...] = (
    agreed,
    asking,
    badges,
    certificates,
    challenges,
    courses,
    effect,
    holding,
    huddles,
    leaderboards,
    library,
    months,
    onboarding,
    plans,
    points,
    preparing,
    public,
    pulse,
    ramp,
    recognition,
    recruiting,
    remarks,
    rhythm,
    suggestions,
    trials,
    triggers,
    voice,
    wellbeing,
)

ROWS: dict[str, list[Row]] = {name: rows for part in PARTS for name, rows in part.ROWS.items()}
# Those that are looked at in a browser, and what is fetched, posted or for machines.
PAGES: tuple[str, ...] = tuple(name for part in PARTS for name in part.PAGES)
OTHERS: frozenset[str] = frozenset(name for part in PARTS for name in part.OTHERS)
