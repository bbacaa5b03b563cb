"""The tables of the page as files."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.models import Site
from coaching.effect import periods
from coaching.effect.told import Line, Told
from coaching.progress import Estimate

Rows = Iterator[Sequence[object]]
_ENDS = (gettext_lazy("From"), gettext_lazy("To"), gettext_lazy("Unit"))
AGENTS = (
    gettext_lazy("Agent"), gettext_lazy("Four weeks from"), gettext_lazy("Kind"),
    gettext_lazy("By"), gettext_lazy("KPI"), gettext_lazy("Beyond what was foretold"), *_ENDS,
    gettext_lazy("Share of colleagues as far off"),
)  # fmt: skip
EFFECTS = (
    gettext_lazy("Of"), gettext_lazy("Which"), gettext_lazy("KPI"), gettext_lazy("Coached agents"),
    gettext_lazy("Effect"), *_ENDS, gettext_lazy("Best rank"), gettext_lazy("Worst rank"),
    gettext_lazy("Ranked"),
)  # fmt: skip


def agents(told: Told, site: Site) -> Rows:
    """Every coached agent that was compared."""
    kinds = told.source.kinds(site)
    for one in told.rows:
        low, high = one.single.interval or (None, None)
        yield (
            one.name, periods.first_day(one.period), kinds.get(one.kind, one.kind),
            told.people.get(one.by or 0), told.measure.kpi.id, one.single.value, low, high,
            told.measure.variant.unit, one.single.p,
        )  # fmt: skip


def effects(told: Told, site: Site) -> Rows:
    """All of it, by both estimators, each kind and each coach."""
    found = told.effect
    if found is None:
        return
    for name, one in (
        (_("all, by covariances"), found.covariances), (_("all, by differences"), found.differences)
    ):  # fmt: skip
        yield (name, None, told.measure.kpi.id, found.coached, *_told(one, told), None, None, None)
    kinds = told.source.kinds(site)
    for line in told.kinds:
        yield _line(_("kind"), str(kinds.get(str(line.id), line.id)), line, told)
    for line in told.coaches:
        yield _line(_("coach"), told.people.get(_id(line), ""), line, told)


def _id(line: Line) -> int:
    return line.id if isinstance(line.id, int) else 0


def _line(of: str, name: str, line: Line, told: Told) -> Sequence[object]:
    ends = (None, None, None, None) if line.estimate is None else _told(line.estimate, told)
    ranks = (None, None, None) if line.rank is None else tuple(line.rank)
    return (of, name, told.measure.kpi.id, line.agents, *ends, *ranks)


def _told(one: Estimate, told: Told) -> tuple[float, float, float, str]:
    return one.value, *one.interval(), told.measure.variant.unit


OF: Mapping[str, tuple[Sequence[str | Promise], Callable[[Told, Site], Rows]]] = {
    "agents": (AGENTS, agents),
    "effects": (EFFECTS, effects),
}
"""What there are files of: the heading, and the rows."""
