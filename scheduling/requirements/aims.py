"""What a queue's people are reckoned by: how its service level is made and aimed at, its callers'
patience, and what its plan says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Sum, Value
from django.utils.translation import gettext as _

from ccm.intervals import site_days
from ccm.models import Channel, Direction, Queue
from kpis.choices import Choices, History
from kpis.definitions import KPIS
from kpis.models import IntervalStat, KpiChoice, Unit
from scheduling.calculator.asked import VARIANTS
from scheduling.models import Forecast, StaffingPlan
from scheduling.staffing.requirement import Aim
from scheduling.staffing.shrinkage import Shrinkage

# Callers of so many weeks tell how patient they are, where so many of them left.
WEEKS, FEWEST_LEFT = 8, 30
_USUAL_LEVEL = 0.8
DAYS_ON = timedelta(days=1)
Patience = tuple[float | None, int]
"""The mean patience in seconds, and of how many who left; None: too few."""
_NOT_KNOWN = (None, 0)
_WAITED = ("answered", "abandoned", "lost", "callback")


@dataclass(frozen=True, slots=True)
class Told:
    """An aim, and what is to be said of it."""

    aim: Aim
    chosen: str
    """The queue's own way to count service level, which no formula may tell; of several queues
    those of all."""
    patience_measured: bool
    left: int
    """Callers who left, of whom patience is told."""
    shrinkage: Shrinkage
    """The kinds that the aim's is of."""

    channels: frozenset[str]

    @property
    def not_voice(self) -> bool:
        return self.channels != {Channel.VOICE}

    @property
    def is_mixed(self) -> bool:
        """Whether only some of it is of calls on the line."""
        return len(self.channels) > 1

    @property
    def is_deferred(self) -> bool:
        """Whether contacts of it can be left for later."""
        return Channel.EMAIL in self.channels

    @property
    def is_near(self) -> bool:
        return self.chosen != self.aim.variant


def words(variant: str, level: float, seconds: float, limits: bool) -> str:
    """The service level that is asked for, as briefly as may be, and whether there are limits of
    something else beside it: SL4 80 % in 20 s, and limits."""
    told = {"level": f"{level * 100:.10g}", "seconds": f"{seconds:.10g}"}
    found = f"{variant} " + _("%(level)s %% in %(seconds)s s") % told
    return _("%(aim)s, and limits") % {"aim": found} if limits else found


def words_of(aim: Aim) -> str:
    return words(aim.variant, aim.service_level, aim.target_seconds, aim.has_limits)


def plan_of(queue: Queue) -> StaffingPlan:
    """How a queue is staffed; where nobody said so, as it comes, which is not kept."""
    known: StaffingPlan | None = getattr(queue, "staffing_plan", None)
    return known or StaffingPlan(queue=queue)


def choices_on(day: date) -> Choices:
    """What an aim goes by on a day: no target does it. One query."""
    rows = KpiChoice.objects.filter(kpi="service_level", valid_from__lte=day)
    return Choices(day, History(list(rows.order_by("valid_from")), []))


def of_queue(queue: Queue, forecast: Forecast, choices: Choices) -> Told:
    """By the choices of a day, and the callers up to the last day that a forecast knows. One
    query."""
    return of_queues([queue], forecast.known_until + DAYS_ON, choices)[queue.pk]


def of_queues(queues: Sequence[Queue], day: date, choices: Choices) -> dict[int, Told]:
    """Of queues of one site, by the choices of a day and its callers before it. One query."""
    known = patience(queues, day)
    return {
        queue.pk: by_patience(queue, choices, *known.get(queue.pk, _NOT_KNOWN)) for queue in queues
    }


def by_patience(queue: Queue, choices: Choices, seconds: float | None, left: int) -> Told:
    """The same where it is known how patient its callers are, of so many who left."""
    plan = plan_of(queue)
    variant, parameters = choices.of(KPIS["service_level"], queue.site_id, queue.pk)
    measured = plan.patience_seconds is None
    if not measured:
        seconds = float(plan.patience_seconds or 0)
    aim = Aim(
        service_level=parameters.target or _USUAL_LEVEL,
        target_seconds=parameters.threshold_seconds,
        variant=variant.id if variant.id in VARIANTS else VARIANTS[0],
        patience_seconds=seconds,
        asa_seconds=plan.asa_seconds,
        abandonment=_float(plan.abandonment),
        occupancy=_float(plan.occupancy),
        shrinkage=plan.shrinkage.share,
        slots=plan.slots,
        stretch=float(plan.stretch),
    )
    return Told(aim, variant.id, measured, left, plan.shrinkage, frozenset({queue.channel}))


def _float(said: Decimal | None) -> float | None:
    return None if said is None else float(said)


def of_group(queues: Sequence[Queue], last: date, choices: Choices) -> Told:
    """Of queues that the same people serve, as one: the strictest of what is asked of any of them,
    and the patience of all their callers. One query."""
    return as_one(queues, choices, patience(queues, last + DAYS_ON))


def as_one(queues: Sequence[Queue], choices: Choices, known: Mapping[int, Patience]) -> Told:
    """The same where it is known how patient the callers of each are, and how many left."""
    each = [by_patience(one, choices, None, 0) for one in queues]
    told = (known.get(one.pk, _NOT_KNOWN) for one in queues)
    waits = [(seconds, left) for seconds, left in told if seconds is not None]
    left = sum(many for _seconds, many in waits)
    seconds = sum(one * many for one, many in waits) / left if left else None
    most = max(each, key=lambda one: one.aim.shrinkage)
    variants = {one.aim.variant for one in each}
    variant = variants.pop() if len(variants) == 1 else VARIANTS[0]
    aim = Aim(
        service_level=max(one.aim.service_level for one in each),
        target_seconds=min(one.aim.target_seconds for one in each),
        variant=variant,
        patience_seconds=seconds,
        asa_seconds=_least(one.aim.asa_seconds for one in each),
        abandonment=_least(one.aim.abandonment for one in each),
        occupancy=_least(one.aim.occupancy for one in each),
        shrinkage=most.aim.shrinkage,
        slots=min(one.aim.slots for one in each),
        stretch=max(one.aim.stretch for one in each),
    )
    channels = frozenset(one.channel for one in queues)
    chosen = ", ".join(sorted({one.chosen for one in each}))
    return Told(aim, chosen, True, left, most.shrinkage, channels)


def _least(said: Iterable[float | None]) -> float | None:
    return min((one for one in said if one is not None), default=None)


def patience_of(queue: Queue, forecast: Forecast) -> Patience:
    """Of the callers up to the last day that a forecast knows. One query."""
    return patience([queue], forecast.known_until + DAYS_ON).get(queue.pk, _NOT_KNOWN)


def patience(queues: Sequence[Queue], day: date) -> dict[int, Patience]:
    """All time that callers of the weeks before a day waited by the number who left, and that
    number; None where too few left to tell. One query."""
    if not queues:
        return {}
    site = queues[0].site
    span = site_days(day - timedelta(weeks=WEEKS), day - DAYS_ON, site.calendar)
    rows = (
        IntervalStat.objects.filter(
            site=site,
            queue__in=queues,
            unit=Unit.VISIT,
            direction=Direction.INBOUND,
            start__gte=span.start,
            start__lt=span.end,
        )
        .values("queue")
        .annotate(
            # Who was taken out of the queue, or asked to be called back, had not left by then.
            waited=sum((Sum(f"{how}_wait_ms") for how in _WAITED), Value(0)),
            left=Sum("abandoned_wait_n"),
        )
        .order_by()
    )
    found: dict[int, Patience] = {}
    for row in rows:
        left, waited = row["left"] or 0, row["waited"] or 0
        enough = left >= FEWEST_LEFT and waited
        found[row["queue"]] = (waited / 1000 / left if enough else None), left
    return found
