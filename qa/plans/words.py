"""Strata, reasons and plans in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.models import Disposition, Queue, Site
from ccm.templatetags.figures import clock
from qa.models import SamplingPlan
from qa.plans import eligible, strata
from qa.sampling.scores import Lack

LEFT_OUT = {
    eligible.UNANSWERED: gettext_lazy("Nobody answered, or nobody knows who"),
    eligible.GOING_ON: gettext_lazy("Not over yet"),
    eligible.NO_CONSENT: gettext_lazy("The caller did not agree to be recorded"),
    eligible.CONSENT_UNKNOWN: gettext_lazy("Nobody knows whether the caller agreed"),
    eligible.LENGTH_UNKNOWN: gettext_lazy("Nobody knows how long it was"),
    eligible.SHORT: gettext_lazy("Too short"),
    eligible.NO_RECORD: gettext_lazy("Neither a recording nor a transcript"),
}
MISSING = {
    "capacity": gettext_lazy("those who may have no time left"),
    "conflicts": gettext_lazy("nobody else may review them"),
}
STATES = {
    "done": gettext_lazy("Reviewed"),
    "open": gettext_lazy("To be reviewed"),
    "overdue": gettext_lazy("Overdue"),
    "nobody": gettext_lazy("Nobody reviews it"),
    "swapped": gettext_lazy("Swapped"),
}
"""How far a drawn call is, as `reads.OfCall.state` has it."""
LEVELS = {"done": "ok", "overdue": "bad", "nobody": "warn"}
LACKS = {
    Lack.TOO_FEW: gettext_lazy("too few reviews"),
    Lack.ALL_FAILED: gettext_lazy("all failed"),
    Lack.ALL_ALIKE: gettext_lazy("all alike"),
}
"""Why there is no score."""
_PARTS_OF_DAY = {
    strata.NIGHT: gettext_lazy("night"),
    strata.MORNING: gettext_lazy("morning"),
    strata.AFTERNOON: gettext_lazy("afternoon"),
    strata.EVENING: gettext_lazy("evening"),
}
# What the two values of a dimension are called: yes, no.
_EITHER = {
    strata.NEW_HIRE: (gettext_lazy("new hire"), gettext_lazy("not a new hire")),
    strata.LOW_CSAT: (gettext_lazy("low survey"), gettext_lazy("no low survey")),
    strata.TRANSFER: (gettext_lazy("transferred"), gettext_lazy("not transferred")),
    strata.REPEAT: (gettext_lazy("repeat caller"), gettext_lazy("no repeat caller")),
}


@dataclass(frozen=True, slots=True)
class Names:
    """Names of queues and dispositions by their ids as text, to write labels with."""

    queues: Mapping[str, str] = field(default_factory=dict)
    dispositions: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, labels: Iterable[str]) -> "Names":
        """Those that some labels name; a query for each kind that they do."""
        ids: dict[str, set[int]] = {strata.QUEUE: set(), strata.DISPOSITION: set()}
        for label in set(labels):
            for dimension, value in strata.parts(label):
                if dimension in ids and value.isdecimal():
                    ids[dimension].add(int(value))
        queues, dispositions = ids[strata.QUEUE], ids[strata.DISPOSITION]
        return cls(
            {str(pk): name for pk, name in Queue.objects.filter(pk__in=queues).values_list(
                "pk", "name")} if queues else {},
            {str(pk): name for pk, name in Disposition.objects.filter(
                pk__in=dispositions).values_list("pk", "name")} if dispositions else {},
        )  # fmt: skip


def stratum(label: str, names: Names) -> str:
    """A label in words, as "Technical · 2:00 to 10:00"; where calls are not told apart, empty."""
    return " · ".join(value(one, said, names) for one, said in strata.parts(label))


def value(dimension: str, said: str, names: Names) -> str:
    """A value of a dimension in words."""
    if dimension == strata.QUEUE:
        none = _("no queue")
        return none if said == strata.NONE else names.queues.get(said, f"{_('Queue')} {said}")
    if dimension == strata.DISPOSITION:
        if said == strata.NONE:
            return _("no disposition")
        return names.dispositions.get(said, f"{_('Disposition')} {said}")
    if dimension == strata.LENGTH:
        return _length(said)
    if dimension == strata.TIME:
        return str(_PARTS_OF_DAY.get(said, _("time not known")))
    either = _EITHER.get(dimension)
    if either is None:
        return said
    return str(either[0] if said == strata.YES else either[1])


def _length(said: str) -> str:
    low, dash, high = said.partition("-")
    if not dash:
        return _("length not known")
    if not high:
        return _("from %(low)s") % {"low": clock(int(low))}
    return _("%(low)s to %(high)s") % {"low": clock(int(low)), "high": clock(int(high))}


def values_of(dimension: str, site: Site, bands: Sequence[int]) -> list[tuple[str, str]]:
    """The (label, words) of all values that a dimension has at a site."""
    if dimension == strata.QUEUE:
        found = list(Queue.objects.filter(site=site).values_list("pk", "name"))
        return [(strata.part(dimension, pk), name) for pk, name in found]
    if dimension == strata.DISPOSITION:
        found = list(Disposition.objects.values_list("pk", "name"))
        return [(strata.part(dimension, pk), name) for pk, name in found]
    if dimension == strata.LENGTH:
        return [(strata.part(dimension, one), _length(one)) for one in strata.bands(bands)]
    if dimension == strata.TIME:
        return [(strata.part(dimension, one), str(said)) for one, said in _PARTS_OF_DAY.items()]
    yes, no = _EITHER[dimension]
    return [
        (strata.part(dimension, strata.YES), str(yes)),
        (strata.part(dimension, strata.NO), str(no)),
    ]


def told_apart(plan_strata: Iterable[str]) -> str:
    """What a plan tells calls apart by, in words; empty: nothing."""
    named = dict(SamplingPlan.Stratum.choices)
    return ", ".join(str(named.get(one, one)) for one in plan_strata)


def left_out(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """(why, how many) of calls that were left out before the draw, the most first."""
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return [(str(LEFT_OUT.get(why, why)), many) for why, many in ordered]


def missing(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """(why, how many) of reviews that have nobody."""
    return [(str(MISSING.get(why, why)), many) for why, many in sorted(counts.items())]


def facts_of(plan: SamplingPlan) -> list[tuple[str, str]]:
    """How a plan draws, in words. Three queries at most."""
    teams = ", ".join(one.name for one in plan.teams.all())
    queues = ", ".join(one.name for one in plan.queues.all())
    of = plan.get_direction_display() if plan.direction else _("in any direction")
    which = [
        teams or _("all teams"),
        queues or _("all queues"),
        str(of),
        _("from %(s)d s of talk") % {"s": plan.shortest_s},
    ]
    if plan.needs_record:
        which.append(_("with a recording or a transcript"))
    found = [
        (_("Scorecard"), plan.card.name),
        (_("How often"), str(plan.get_cadence_display())),
        (_("Calls of each agent"), str(plan.per_agent)),
        (_("Which calls"), " · ".join(which)),
    ]
    if plan.strata:
        told = told_apart(plan.strata)
        found.append((_("Told apart by"), f"{told} · {plan.get_allocation_display()}"))
    if plan.parts:
        names = Names.of(plan.parts)
        unit = "" if plan.allocation == SamplingPlan.Allocation.FIXED else " %"
        found.append(
            (
                _("How much of which"),
                ", ".join(
                    f"{stratum(label, names)}: {part}{unit}" for label, part in plan.parts.items()
                ),
            )
        )
    several = int(plan.several_share * 100)
    if several:
        found.append(
            (
                _("Reviewed by several"),
                _("%(share)d of 100 calls, by %(n)d") % {"share": several, "n": plan.several},
            )
        )
    found.append((_("To be reviewed within"), _("%(n)d days of the draw") % {"n": plan.due_days}))
    released = str(plan.get_release_display())
    if plan.release == SamplingPlan.Release.AT_DAY:
        released = f"{released}: {plan.release_days}"
    found.append((_("Released"), released))
    return found
