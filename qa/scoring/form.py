"""What a scorecard asks, and what is wrong with one that cannot be scored."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction


class Kind(StrEnum):
    """How a criterion is answered. A text is never scored."""

    YES_NO = "yes_no"
    SCALE = "scale"
    CHOICE = "choice"
    NUMBER = "number"
    TEXT = "text"


CHOSEN = frozenset({Kind.YES_NO, Kind.SCALE, Kind.CHOICE})


class Fails(StrEnum):
    """What an answer that fails takes with it: nothing but its own points, the section, or the
    whole form."""

    NOTHING = ""
    SECTION = "section"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class Option:
    """An answer to choose. `points` are its worth beside those of the other options of the
    criterion: the best has all of its weight, none has nothing. `fails`: where the criterion is
    critical, this answer fails it."""

    id: str
    points: int
    fails: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """A criterion is shown only where another one, before it, was answered by one of `options`."""

    criterion: str
    options: frozenset[str]


@dataclass(frozen=True, slots=True)
class Criterion:
    """A question of a form. `id` stays over versions of the form.

    `weight` are points beside those of its section's other criteria; 0: it is asked, not scored.
    Of a bonus they are hundredths of the whole score, which it adds at its best. Numbers are worth
    nothing at `worst` or beyond, all at `best` or beyond, and lie evenly between; `best` may be the
    smaller. `may_skip`: "not applicable" is an answer. Where the share of its points is less than
    `comment_below` (0 to 1), a comment has to say why.
    """

    id: str
    kind: Kind
    weight: int = 1
    options: tuple[Option, ...] = ()
    worst: Decimal | None = None
    best: Decimal | None = None
    may_skip: bool = False
    fails: Fails = Fails.NOTHING
    is_bonus: bool = False
    comment_below: Fraction | None = None
    shown_if: tuple[Condition, ...] = ()

    @property
    def is_scored(self) -> bool:
        return self.weight > 0 and self.kind != Kind.TEXT


@dataclass(frozen=True, slots=True)
class Section:
    """Criteria that are scored together. `weight` is beside those of the form's other sections;
    None: its criteria's own, so that in a form without weights of sections each criterion counts
    by its weight alone, wherever it stands."""

    id: str
    criteria: tuple[Criterion, ...]
    weight: int | None = None


@dataclass(frozen=True, slots=True)
class Form:
    sections: tuple[Section, ...]

    def criteria(self) -> Iterator[Criterion]:
        """All of them, in their order."""
        for section in self.sections:
            yield from section.criteria


class Fault(StrEnum):
    """What keeps a form from being published."""

    NOTHING_SCORED = "nothing_scored"
    TWICE = "twice"
    NO_CRITERIA = "no_criteria"
    FEW_OPTIONS = "few_options"
    OPTION_TWICE = "option_twice"
    NO_DIFFERENCE = "no_difference"
    NEGATIVE = "negative"
    BOUNDS = "bounds"
    NEVER_FAILS = "never_fails"
    CRITICAL_BONUS = "critical_bonus"
    CRITICAL_KIND = "critical_kind"
    SHOWN_BY_LATER = "shown_by_later"
    SHOWN_BY_NO_OPTION = "shown_by_no_option"
    SECTION_WEIGHTS = "section_weights"


@dataclass(frozen=True, slots=True)
class Faulty:
    """A fault and where it is: the id of a criterion or a section; empty: the whole form."""

    fault: Fault
    where: str = ""


def faults(form: Form) -> tuple[Faulty, ...]:
    """Everything that keeps a form from being published, in its order; of none it is sound."""
    return tuple(_faults(form))


def _faults(form: Form) -> Iterator[Faulty]:
    if not any(one.is_scored and not one.is_bonus for one in form.criteria()):
        yield Faulty(Fault.NOTHING_SCORED)
    weighted = [section.weight is not None for section in form.sections]
    if any(weighted) and not all(weighted):
        yield Faulty(Fault.SECTION_WEIGHTS)
    ids = [section.id for section in form.sections] + [one.id for one in form.criteria()]
    yield from (Faulty(Fault.TWICE, id) for id, many in Counter(ids).items() if many > 1)
    before: dict[str, Criterion] = {}
    for section in form.sections:
        if not section.criteria:
            yield Faulty(Fault.NO_CRITERIA, section.id)
        if section.weight is not None and section.weight < 0:
            yield Faulty(Fault.NEGATIVE, section.id)
        for one in section.criteria:
            yield from (Faulty(fault, one.id) for fault in _of_criterion(one, before))
            before[one.id] = one


def _of_criterion(one: Criterion, before: dict[str, Criterion]) -> Iterator[Fault]:
    if one.weight < 0 or any(option.points < 0 for option in one.options):
        yield Fault.NEGATIVE
    if one.kind in CHOSEN:
        yield from _of_options(one.options, one)
    elif (
        one.kind == Kind.NUMBER
        and one.is_scored
        and (one.worst is None or one.best is None or one.worst == one.best)
    ):
        yield Fault.BOUNDS
    if one.fails:
        if one.kind not in CHOSEN:
            yield Fault.CRITICAL_KIND
        elif not any(option.fails for option in one.options):
            yield Fault.NEVER_FAILS
        if one.is_bonus:
            yield Fault.CRITICAL_BONUS
    for condition in one.shown_if:
        other = before.get(condition.criterion)
        if other is None:
            yield Fault.SHOWN_BY_LATER
        elif not condition.options or not condition.options <= {each.id for each in other.options}:
            yield Fault.SHOWN_BY_NO_OPTION


def _of_options(options: Sequence[Option], one: Criterion) -> Iterator[Fault]:
    if len(options) < 2:
        yield Fault.FEW_OPTIONS
    if len({each.id for each in options}) < len(options):
        yield Fault.OPTION_TWICE
    if one.is_scored and len(options) > 1 and len({each.points for each in options}) < 2:
        yield Fault.NO_DIFFERENCE
