"""How a figure stands: against its target, else against what is usual. A word, and its colour."""

from collections.abc import Iterable
from typing import Literal, NamedTuple, get_args

from django.utils.translation import gettext as _

from ccm.templatetags.figures import count, parts, rounded
from kpis.figures import Figure
from kpis.measures import outcome
from kpis.noise import Verdict

Level = Literal["ok", "warn", "bad", "none"]
LEVELS: tuple[Level, ...] = get_args(Level)
# A share or a mean of fewer calls, callers or answers says little.
FEW = 10
# The longest wait is one call's, and who left is known of everybody: they are of no sample.
_OF_ANY = ("longest_wait", "turnover")
# Where more than this share of what a figure is to be of is not yet known, it says so.
MOST_NOT_YET = 0.05
# Short of the target by no more than this share of it: near it, not yet off.
NEAR = 0.06
# Of what is best within a band, how far a share may be from its target on either side: of
# occupancy, 75 to 85 % about 80 %.
BAND = 0.05
# What is too few to judge says less than what is on its target.
_WORST_FIRST: tuple[Level, ...] = ("bad", "warn", "ok", "none")


def standing(figure: Figure, verdict: Verdict) -> tuple[Level, str]:
    """Level and word of a figure. Without a target, and within what is usual, it is quiet; of too
    few it is held against neither."""
    target = figure.parameters.target
    if figure.value is None:
        return "none", ""
    if is_of_few(figure) and (target is not None or verdict.usual is not None):
        return "none", _("too few to judge")
    if target is not None and figure.kpi.direction in ("up", "down"):
        return against_target(figure.value, target, up=figure.kpi.direction == "up")
    if target is not None:
        # Neither more nor less of it is good by itself.
        over = _("above target") if figure.value > target else _("below target")
        if _has_band(figure):
            # Floats: 0.85 is more than 0.8 + 0.05 by nothing that anybody means.
            within = round(abs(figure.value - target), 9) <= BAND
            return ("ok", _("on target")) if within else ("warn", over)
        return "none", _("on target") if figure.value == target else over
    if verdict.usual is None:
        return "none", ""
    if not verdict.unusual:
        return "none", _("within usual")
    above = figure.value > verdict.usual
    word = _("above usual") if above else _("below usual")
    if figure.kpi.direction not in ("up", "down"):
        return "warn", word
    return ("ok" if above == (figure.kpi.direction == "up") else "warn"), word


class Against(NamedTuple):
    """A figure's target, and how it stands to that: a level and its word, "" of no value."""

    target: float
    level: Level
    word: str


def against(figure: Figure) -> Against | None:
    """How a figure stands to its target, for pages, files and machines; None: it has none."""
    target = figure.parameters.target
    return None if target is None else Against(target, *standing(figure, Verdict()))


def worst(figures: Iterable[Figure]) -> tuple[Level, str, list[Figure]]:
    """Level and word of the worst of some figures against their targets, and which stand so. Those
    without a target say nothing; of none with one nothing is said."""
    found: dict[tuple[Level, str], list[Figure]] = {}
    for one in figures:
        level, word = standing(one, Verdict())
        if word:
            found.setdefault((level, word), []).append(one)
    if not found:
        return "none", "", []
    level, word = min(found, key=lambda one: _WORST_FIRST.index(one[0]))
    return level, word, found[level, word]


def beside_value(figure: Figure, value: float | int | None) -> float | int | None:
    """What stands beside a figure: of counts a whole one, though their median may lie between."""
    return int(rounded(value)) if value is not None and isinstance(figure.value, int) else value


def is_of_few(figure: Figure) -> bool:
    """Whether it is a share, a mean or a percentile of so few that it says little. What is counted,
    money, and shares of time are not."""
    by_one = figure.variant.n_unit == "count" and figure.unit not in ("count", "money", "days")
    known = figure.value is not None and figure.kpi.id not in _OF_ANY
    return known and by_one and 0 < figure.n < FEW


def pending_words(figure: Figure) -> str:
    """ "137 pending": of how many more than it is of a figure is not yet known; "": of few or none.

    Of one without a value these are why it has none."""
    if figure.not_yet <= MOST_NOT_YET * (figure.n + figure.not_yet):
        return ""
    return any_pending_words(figure)


def any_pending_words(figure: Figure) -> str:
    """`pending_words` of however few."""
    return _("%(n)s pending") % {"n": count(figure.not_yet)} if figure.not_yet else ""


def band_of(direction: str, unit: str) -> float | None:
    """How far a figure may be from its target on either side; None: it has no band."""
    return BAND if direction == "band" and unit == "fraction" else None


def _has_band(figure: Figure) -> bool:
    return band_of(figure.kpi.direction, figure.unit) is not None


def target_words(figure: Figure) -> str:
    """ "target 80 %": no decimals where there are none; nothing without a target."""
    target = target_figure(figure)
    return _("target %(figure)s") % {"figure": target} if target else ""


def target_figure(figure: Figure) -> str:
    """ "80 %", of a band "80 ± 5 %": the target of a figure, as `target_words`."""
    target = figure.parameters.target
    if target is None:
        return ""
    whole = figure.unit == "fraction" and round(target * 100, 6) % 1 == 0
    number, sign = parts(target, figure.unit, 0 if whole else None)
    if _has_band(figure):
        number = f"{number} ± {BAND * 100:g}"
    return f"{number}\N{NO-BREAK SPACE}{sign}".strip()


def unaimed_words(figure: Figure) -> str:
    """Why a figure is held against no target, though its KPI may have one; "": it is not so."""
    if not figure.aimed_as:
        return ""
    words = _(
        "none is held against it: targets are of %(chosen)s, which is chosen and made of calls"
    )
    if not figure.variant.is_of_answers:
        words = _(
            "none is held against it: targets are of %(chosen)s, which is chosen and made of what"
            " callers answered"
        )
    return words % {"chosen": figure.aimed_as}


def response_words(response: Figure) -> str:
    """ "only 16 % answered": how many of those who could say what they think did, for people."""
    if response.value is None:
        return ""
    number, sign = parts(response.value, response.unit, 0)
    words = (
        _("only %(share)s answered") if response.value < outcome.FEW else _("%(share)s answered")
    )
    return words % {"share": f"{number}\N{NO-BREAK SPACE}{sign}"}


def against_target(value: float, target: float, *, up: bool) -> tuple[Level, str]:
    """Level and word of a value whose target is a floor (`up`) or a ceiling."""
    if value >= target if up else value <= target:
        return "ok", _("on target")
    near = value >= target * (1 - NEAR) if up else value <= target * (1 + NEAR)
    return ("warn", _("near target")) if near else ("bad", _("off target"))
