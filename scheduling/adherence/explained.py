"""How figures of adherence come about: their formulas with the times in them, what is left out, and
the days behind them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.models import Site
from ccm.querysets import Viewer
from ccm.templatetags.figures import clock, count
from kpis.formulas.adherence import Kept, conformance
from scheduling.adherence import reads
from scheduling.adherence.reads import Totals
from scheduling.adherence.rules import Rules
from scheduling.models import AdherenceDay

# As many days behind a figure are listed, those first that cost it most.
MOST_DAYS = 200


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: its formula in words, and the same with its times. `value` None: there is none, for
    nothing was scheduled."""

    name: str
    variant: str
    words: str
    formula: str
    value: float | None


@dataclass(frozen=True, slots=True)
class Sum:
    """A time that figures are made of, in seconds: held against the schedule with exceptions in it,
    and without them. Shifts on leave are in neither."""

    words: str
    seconds: int
    before: int


@dataclass(frozen=True, slots=True)
class Explained:
    figures: Sequence[Figure]
    sums: Sequence[Sum]
    left_out: Sequence[str]


def of(totals: Totals, rules: Rules) -> Explained:
    """What the figures of some sums are made of."""
    return Explained(
        [
            _adherence(_("Adherence"), totals.kept, rules),
            _adherence(_("Before exceptions"), totals.before, rules),
            _conformance(totals.kept),
        ],
        _sums(totals.kept, totals.before),
        _left_out(totals, rules),
    )


def _adherence(name: str, kept: Kept, rules: Rules) -> Figure:
    value = rules.adherence(kept).value
    times = {
        "kept": _clock(kept.adherent),
        "scheduled": _clock(kept.scheduled),
        "missed": _clock(kept.missed),
        "outside": _clock(kept.outside),
    }
    if rules.variant == "AD2":
        words = _("1 − (missed + worked outside) / (scheduled + worked outside), not under 0")
        said = "1 − (%(missed)s + %(outside)s) / (%(scheduled)s + %(outside)s)"
    else:
        words = _("time in the scheduled activity / scheduled time")
        said = "%(kept)s / %(scheduled)s"
    return Figure(name, rules.variant, words, said % times, value)


def _conformance(kept: Kept) -> Figure:
    return Figure(
        _("Conformance"),
        "",
        _("time on the queue, whenever it was / time on the queue scheduled"),
        f"{_clock(kept.on_queue_worked)} / {_clock(kept.on_queue_scheduled)}",
        conformance(kept).value,
    )


def _sums(kept: Kept, before: Kept) -> list[Sum]:
    words = {
        "scheduled": _("Scheduled"),
        "adherent": _("In the scheduled activity"),
        "missed": _("Missed: in another activity, or away"),
        "outside": _("Worked outside of what was scheduled"),
        "on_queue_scheduled": _("On the queue, scheduled"),
        "on_queue_worked": _("On the queue, worked"),
    }
    return [
        Sum(said, _seconds(getattr(kept, name)), _seconds(getattr(before, name)))
        for name, said in words.items()
    ]


def _left_out(totals: Totals, rules: Rules) -> list[str]:
    found = []
    if totals.unpaid_judged_seconds:
        said = _("%(time)s of unpaid pauses: nothing is held against them")
        if rules.counts_outside:
            said = _("%(time)s of unpaid pauses: work in them is outside of what was scheduled")
        found.append(said % {"time": clock(totals.unpaid_judged_seconds)})
    if totals.leave:
        found.append(
            ngettext(
                "%(n)s day of shifts on leave: nothing is held against it",
                "%(n)s days of shifts on leave: nothing is held against them",
                totals.leave,
            )
            % {"n": count(totals.leave)}
        )
    if totals.untold:
        found.append(
            ngettext(
                "%(n)s day of shifts of which the site's log has nothing",
                "%(n)s days of shifts of which the site's log has nothing",
                totals.untold,
            )
            % {"n": count(totals.untold)}
        )
    if rules.forgiven:
        found.append(
            _("stretches away or outside that are shorter than %(time)s: they are forgiven")
            % {"time": _clock(rules.forgiven)}
        )
    return found


@dataclass(frozen=True, slots=True)
class Behind:
    """Somebody's day behind figures; seconds."""

    agent: int
    name: str
    day: date
    leave: str
    scheduled: int
    adherent: int
    missed: int
    outside: int
    on_queue_scheduled: int
    on_queue_worked: int
    adherence: float | None


def days_behind(
    user: Viewer, site: Site, first: date, last: date, agents: Collection[int], rules: Rules
) -> tuple[list[Behind], bool]:
    """The days of some people that figures are sums of, those first of which most was missed or
    outside, and whether there are more than are told. One query."""
    rows = (
        reads.days(user, site, first, last)
        .filter(agent__in=agents, is_told=True)
        .annotate(cost=F("missed") + F("outside"))
        .order_by("-cost", "-day", "agent__name", "pk")
        .select_related("agent")
    )
    found = [_behind(row, rules) for row in rows[: MOST_DAYS + 1]]
    return found[:MOST_DAYS], len(found) > MOST_DAYS


def _behind(row: AdherenceDay, rules: Rules) -> Behind:
    return Behind(
        row.agent_id, row.agent.name, row.day, row.leave, row.scheduled, row.adherent, row.missed,
        row.outside, row.on_queue_scheduled, row.on_queue_worked,
        rules.adherence(reads.kept_of(row)).value,
    )  # fmt: skip


def of_day(row: AdherenceDay, rules: Rules) -> Explained:
    """What the figures of somebody's day are made of."""
    totals = Totals(
        reads.kept_of(row),
        reads.kept_of(row, "before_"),
        unpaid_judged_seconds=row.unpaid_judged_seconds,
        leave=int(bool(row.shifts and row.leave)),
        untold=int(bool(row.shifts) and not row.is_told),
    )
    return of(totals, rules)


def _seconds(length: timedelta) -> int:
    return round(length.total_seconds())


def _clock(length: timedelta) -> str:
    return clock(_seconds(length))
