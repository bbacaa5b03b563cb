"""Contacts that settled it, by whether their callers came again."""

from kpis.formulas.ratios import Ratio, share
from kpis.sums.repeats import Repeats


def fcr_f1(repeats: Repeats) -> Ratio:
    """resolved and first / answered with resolved known."""
    return share(repeats.told_first, repeats.told)


def fcr_f2(repeats: Repeats) -> Ratio:
    """The same over those that could be resolved."""
    return share(repeats.able_first, repeats.able)


def fcr_f3(repeats: Repeats) -> Ratio:
    """First contacts without another within the window / first contacts whose window is over."""
    return share(repeats.settled, repeats.first)
