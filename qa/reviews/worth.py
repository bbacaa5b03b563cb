"""What each answer did to the score of its review, in points of 100 and in words that are the same
on all pages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from ccm.templatetags import figures
from qa.scoring import NOT_APPLICABLE, Criterion, Form, Part, Score, Value, percent, shown
from qa.scoring.answers import fails


@dataclass(frozen=True, slots=True)
class Worth:
    """Of an answer: what the score lacks by it (`lost`) of what it can have by it (`weight`), both
    None where it does not count; `bonus` is what it added, as far as there was room, None: it
    earned none. A fail may lose more than its weight."""

    weight: Fraction | None
    lost: Fraction | None
    bonus: Fraction | None
    is_bonus: bool
    is_critical: bool
    is_skipped: bool
    failed: bool

    @property
    def words(self) -> str:
        """What it did to the score; "": it was never to do anything."""
        if self.is_bonus:
            return self._added()
        if lost := points(self.lost):
            if self.lost is None or self.weight is None or self.lost > self.weight:
                return _("−%(points)s points") % {"points": lost}
            return _("−%(points)s of %(of)s points") % {"points": lost, "of": points(self.weight)}
        if self.lost is not None:
            return _("nothing lost")
        return _("no points of its own") if self.is_critical and not self.is_skipped else ""

    def _added(self) -> str:
        if added := points(self.bonus):
            return _("+%(points)s points") % {"points": added}
        if self.bonus is not None:
            return _("a bonus, for which there is no room")
        return "" if self.is_skipped else _("a bonus, nothing added")

    @property
    def has_lost(self) -> bool:
        return bool(points(self.lost))

    @property
    def has_added(self) -> bool:
        return bool(points(self.bonus))


def points(share: Fraction | None) -> str:
    """A part of the score in points of 100; "": none."""
    of_100 = percent(share)
    return figures.grouped(of_100, 1) if of_100 else ""


def of(form: Form, said: Mapping[str, Value], scored: Score) -> dict[str, Worth]:
    """Of each criterion that is asked by what was said, by its id."""
    parts = {one.criterion: one for one in scored.parts}
    return {
        one.id: _of(one, said.get(one.id), parts.get(one.id), scored.earned.get(one.id))
        for one in shown(form, said)
    }


def _of(one: Criterion, value: Value | None, part: Part | None, bonus: Fraction | None) -> Worth:
    return Worth(
        weight=None if part is None else part.weight,
        lost=None if part is None else part.lost,
        bonus=bonus,
        is_bonus=one.is_bonus,
        is_critical=bool(one.fails),
        is_skipped=value == NOT_APPLICABLE,
        failed=value is not None and fails(one, value),
    )


@dataclass(frozen=True, slots=True)
class Loss:
    """A criterion that lost points: `at` is its place on the page, `said` what was answered."""

    at: str
    name: str
    said: str
    worth: Worth


def losses(every: Iterable[Loss]) -> Sequence[Loss]:
    """Those of criteria that lost points, the most first."""
    lost = [one for one in every if one.worth.has_lost]
    return sorted(lost, key=lambda one: -(one.worth.lost or 0))
