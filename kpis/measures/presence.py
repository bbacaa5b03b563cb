"""Shares of agents' time, logged in or paid, with what no state and no list tells."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from kpis import formulas
from kpis.formulas import Ratio
from kpis.measures import Measure, Part, Value, noted
from kpis.parameters import Parameters
from kpis.sums.agent_time import AgentTime
from kpis.sums.counts import Counts
from kpis.sums.staff import Paid

NO_HOURS = _("no agent's hours are known")
_UNSTATED = ngettext_lazy(
    "day of an agent whom no state tells of", "days of agents whom no state tells of", "n"
)
_SHARED = ngettext_lazy(
    "day of an agent who served other queues too", "days of agents who served other queues too", "n"
)
_OPEN_SPELLS = ngettext_lazy(
    "spell without an end: up to the agent's last sign",
    "spells without an end: up to the agent's last sign",
    "n",
)
_PAID_UNSTATED = ngettext_lazy(
    "paid day of an agent whom no state tells of", "paid days of agents whom no state tells of", "n"
)
UNPAID = ngettext_lazy(
    "day of an agent of which nobody tells what was paid",
    "days of agents of which nobody tells what was paid",
    "n",
)


def of_time(formula: Callable[[AgentTime, Parameters], Ratio]) -> Measure:
    """A share of the time that agents' states tell."""

    def measure(counts: Counts, parameters: Parameters) -> Value:
        time = counts.time
        if time is None:
            return Value(None, 0, reason=_("agents' time is not kept by this"))
        left_out = noted(
            (
                _UNSTATED,
                time.untold_days,
            ),
            (
                _SHARED,
                time.shared_days,
            ),
            (
                _OPEN_SPELLS,
                time.open_spells,
            ),
        )
        ratio = formula(time, parameters)
        if not ratio.denominator and (time.untold_days or time.untold_ms):
            return Value(None, 0, left_out, reason=_("no state tells when anybody was ready"))
        return Value(ratio.value, ratio.denominator // 1000, left_out)

    return measure


def of_paid(formula: Callable[[Paid, Parameters], float | None]) -> Measure:
    """A share of the time that agents were paid for."""

    def measure(counts: Counts, parameters: Parameters) -> Value:
        paid = counts.paid
        if paid is None:
            return Value(None, 0, reason=_("no paid time is known"))
        left_out = noted(
            (
                _PAID_UNSTATED,
                paid.untold_days,
            ),
            (UNPAID, paid.unpaid_days),
        )
        if not paid.paid_ms:
            return Value(None, 0, left_out, reason=_("no paid time is known"))
        made_of = (
            Part(_("paid"), paid.paid_ms / 1000, "seconds"),
            Part(_("logged in"), paid.logged_in_ms / 1000, "seconds"),
            Part(_("handling"), paid.handling_ms / 1000, "seconds"),
            Part(_("ringing"), paid.ringing_ms / 1000, "seconds"),
            Part(_("ready"), paid.ready_ms / 1000, "seconds"),
            *(
                Part(reason or _("paused, no reason told"), ms / 1000, "seconds")
                for reason, ms in sorted(paid.paused.items())
            ),
            Part(_("paid and not logged in"), paid.absent_ms / 1000, "seconds"),
            Part(_("paid and logged in, not on queue"), paid.off_queue_ms / 1000, "seconds"),
        )
        return Value(
            formula(paid, parameters),
            paid.paid_ms // 1000,
            left_out,
            made_of=made_of,
            of=_("paid seconds"),
        )

    return measure


utilisation_u1 = of_paid(
    lambda paid, parameters: formulas.utilisation_u1(paid, parameters.productive).value
)
utilisation_u2 = of_paid(lambda paid, _parameters: formulas.utilisation_u2(paid).value)


def _shares(paid: Paid) -> list[float]:
    return [paid.absent_ms / paid.paid_ms, paid.off_queue_ms / paid.paid_ms]


shrinkage_sum = of_paid(lambda paid, _parameters: formulas.shrinkage_sum(_shares(paid)))
shrinkage_product = of_paid(lambda paid, _parameters: formulas.shrinkage_product(_shares(paid)))
