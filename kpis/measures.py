"""From counts to a figure that admits what it left out.

Each measure is a function of Counts and Parameters that `definitions` hangs on a variant.
It calls a formula and adds n, and in words what the formula had to leave out or assume.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

from kpis import formulas
from kpis.agent_time import AgentTime
from kpis.counts import ACW, HOLD, TALK, Counts, ScaleSums
from kpis.formulas import Ratio, Split
from kpis.histogram import WaitOutcome
from kpis.parameters import Parameters

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Words = str | _StrPromise


class LeftOut(NamedTuple):
    """Visits that a figure left out, or counted by a rule because something is unknown."""

    words: Words
    n: int


@dataclass(frozen=True, slots=True)
class Value:
    """A KPI's figure: seconds, a fraction, a score or a count; None = nothing to say."""

    value: float | int | None
    n: int
    """The denominator; for counts, the count; for shares of time, its seconds."""
    left_out: tuple[LeftOut, ...] = ()
    approximate: bool = False
    """The figure is known to within a second only."""
    reason: Words = ""
    """Why there is no figure although there was something to count."""


Measure = Callable[[Counts, Parameters], Value]
LevelFormula = Callable[[Split, Parameters], Ratio]

NPS_SCALE = "0-10"
PART_WORDS = {
    TALK: _("answered, their talk not known"),
    HOLD: _("answered, their hold not known"),
    ACW: _("answered, their wrap-up not known"),
}


def _noted(*notes: tuple[Words, int]) -> tuple[LeftOut, ...]:
    """The notes that concern anyone."""
    return tuple(LeftOut(words, n) for words, n in notes if n)


def _of_ratio(ratio: Ratio, left_out: tuple[LeftOut, ...] = (), reason: Words = "") -> Value:
    return Value(ratio.value, ratio.denominator, left_out, reason=reason)


# ---- counts


def count(field: str) -> Measure:
    """The count in one field of Counts."""

    def measure(counts: Counts, parameters: Parameters) -> Value:
        counted: int = getattr(counts, field)
        return Value(counted, counted)

    return measure


def calls_per_agent(counts: Counts, parameters: Parameters) -> Value:
    return _of_ratio(
        Ratio(counts.answered_by_agents, counts.agents),
        _noted(
            (
                _("answered by nobody the source names"),
                max(0, counts.answered - counts.answered_by_agents),
            )
        ),
    )


# ---- service level and abandon rate


def _outside(counts: Counts, visits: Split) -> tuple[LeftOut, ...]:
    """Visits that no rate of these parameters counts."""
    return _noted(
        (_("still waiting"), counts.in_progress),
        (_("left before the clock starts"), visits.before_clock),
        (_("transferred in"), visits.transferred_in),
    )


def service_level(
    formula: LevelFormula, *unserved: str, switches: bool = False, less: str = ""
) -> Measure:
    """A service level whose denominator holds the answered and the `unserved` groups.

    `unserved` names groups of a Split. With `switches` (SL1 to SL5) the parameters decide
    whether lost and call-back visits join them. `less` is what leaves the denominator
    again: the abandoned and lost "within" the threshold, or the "short" abandons.
    """

    def measure(counts: Counts, parameters: Parameters) -> Value:
        visits = formulas.split(counts, parameters)
        counted = set(unserved)
        if switches and "abandoned" in unserved and parameters.lost:
            counted.add("lost")
        if switches and parameters.callbacks == "success":
            counted.add("callback")
        left_out = _noted(
            (_("answered after an unknown wait"), visits.answered_unknown),
            (
                _("abandoned after an unknown wait: counted as longer than the threshold"),
                visits.abandoned_unknown if "abandoned" in counted else 0,
            ),
            (
                _("lost after an unknown wait: counted as longer than the threshold"),
                visits.lost_unknown if "lost" in counted else 0,
            ),
            (
                _(
                    "call back asked for after an unknown wait: counted as longer than"
                    " the threshold"
                ),
                visits.callback_unknown if "callback" in counted else 0,
            ),
            (
                _("abandoned within the threshold"),
                visits.abandoned_within if less == "within" else 0,
            ),
            (
                _("lost within the threshold"),
                visits.lost_within if less == "within" and "lost" in counted else 0,
            ),
            (_("short abandons"), visits.short if less == "short" else 0),
            (_("abandoned"), 0 if "abandoned" in counted else visits.abandoned),
            (_("timed out or left without service"), 0 if "lost" in counted else visits.lost),
            (_("asked for a call back"), 0 if "callback" in counted else visits.callback),
        ) + _outside(counts, visits)
        if visits.answered and not visits.answered_known:
            # Were the unserved counted alone, a source without waits would read 0 %.
            return Value(None, 0, left_out, reason=_("no wait of an answered visit is known"))
        return _of_ratio(formula(visits, parameters), left_out)

    return measure


def abandon_rate_a1(counts: Counts, parameters: Parameters) -> Value:
    visits = formulas.split(counts, parameters)
    left_out = _noted(
        (_("short abandons"), visits.short),
        (_("abandoned after an unknown wait: not short"), visits.abandoned_unknown),
    )
    return _of_ratio(formulas.abandon_rate_a1(visits), left_out + _outside(counts, visits))


def abandon_rate_a2(counts: Counts, parameters: Parameters) -> Value:
    visits = formulas.split(counts, parameters)
    return _of_ratio(formulas.abandon_rate_a2(visits), _outside(counts, visits))


def abandon_rate_a3(counts: Counts, parameters: Parameters) -> Value:
    visits = formulas.split(counts, parameters)
    ratio = formulas.abandon_rate_a3(visits, counts.refused, counts.left_ivr)
    return _of_ratio(ratio, _outside(counts, visits))


def abandon_rate_a4(counts: Counts, parameters: Parameters) -> Value:
    visits = formulas.split(counts, parameters)
    return _of_ratio(formulas.abandon_rate_a4(visits), _outside(counts, visits))


# ---- waits


def asa_of_answered(counts: Counts, parameters: Parameters) -> Value:
    ratio = formulas.mean_seconds(counts.answered_wait_ms, counts.answered_wait_n)
    unknown = counts.answered - counts.answered_wait_n
    return _of_ratio(ratio, _noted((_("answered after an unknown wait"), unknown)))


def asa_of_ended(counts: Counts, parameters: Parameters) -> Value:
    total_ms = (
        counts.answered_wait_ms
        + counts.abandoned_wait_ms
        + counts.lost_wait_ms
        + counts.callback_wait_ms
    )
    n = _known_waits(counts)
    unknown = _noted((_("ended after an unknown wait"), counts.ended - n))
    return _of_ratio(formulas.mean_seconds(total_ms, n), unknown)


def mean_time_to_abandon(counts: Counts, parameters: Parameters) -> Value:
    ratio = formulas.mean_seconds(counts.abandoned_wait_ms, counts.abandoned_wait_n)
    unknown = counts.abandoned - counts.abandoned_wait_n
    return _of_ratio(ratio, _noted((_("abandoned after an unknown wait"), unknown)))


def longest_of_ended(counts: Counts, parameters: Parameters) -> Value:
    n = _known_waits(counts)
    unknown = _noted((_("ended after an unknown wait"), counts.ended - n))
    return Value(_seconds(counts.max_wait_ms), n, unknown)


def longest_of_answered(counts: Counts, parameters: Parameters) -> Value:
    n = counts.answered_wait_n
    unknown = _noted((_("answered after an unknown wait"), counts.answered - n))
    return Value(_seconds(counts.max_answered_wait_ms), n, unknown)


def wait_percentile(percent: int, outcomes: Iterable[WaitOutcome]) -> Measure:
    """The wait at the nearest rank among visits with one of the `outcomes`."""
    outcomes = tuple(outcomes)

    def measure(counts: Counts, parameters: Parameters) -> Value:
        only_answered = outcomes == (WaitOutcome.ANSWERED,)
        n = sum(counts.wait_hist.count(outcome) for outcome in outcomes)
        left_out = (
            _noted((_("answered after an unknown wait"), counts.answered - n))
            if only_answered
            else _noted((_("ended after an unknown wait"), counts.ended - n))
        )
        found = counts.wait_hist.percentile(percent, outcomes)
        if found is None:
            return Value(None, n, left_out)
        seconds, approximate = found
        return Value(seconds, n, left_out, approximate)

    return measure


def _known_waits(counts: Counts) -> int:
    """Ended visits whose wait is known."""
    return (
        counts.answered_wait_n
        + counts.abandoned_wait_n
        + counts.lost_wait_n
        + counts.callback_wait_n
    )


def _seconds(wait_ms: int | None) -> float | None:
    return None if wait_ms is None else wait_ms / 1000


# ---- handling


def _handling_left_out(counts: Counts) -> tuple[LeftOut, ...]:
    """Parts that the AHT does not hold, and answered visits that are not in it."""
    parts = formulas.measured_parts(counts)
    if parts is None:
        return _noted((PART_WORDS[TALK], counts.handled))
    n = counts.handle_n[parts]
    nothing_known = counts.handle_n[0]
    return _noted(
        *((PART_WORDS[part], n) for part in formulas.missing_parts(parts)),
        (_("answered, measured in other parts"), counts.handled - n - nothing_known),
        (_("answered, handling not known"), nothing_known),
    )


def aht_h1(counts: Counts, parameters: Parameters) -> Value:
    return _of_ratio(formulas.aht_h1(counts), _handling_left_out(counts))


def aht_h2(counts: Counts, parameters: Parameters) -> Value:
    unserved = counts.ended - counts.answered + counts.refused + counts.busy + counts.left_ivr
    return _of_ratio(formulas.aht_over(counts, unserved), _handling_left_out(counts))


def aht_h3(counts: Counts, parameters: Parameters) -> Value:
    unserved = counts.ended - counts.answered
    return _of_ratio(formulas.aht_over(counts, unserved), _handling_left_out(counts))


def aht_h4(counts: Counts, parameters: Parameters) -> Value:
    left_out = _handling_left_out(counts)
    seconds = formulas.aht_h4(counts)
    if seconds is None:
        known = formulas.measured_parts(counts) is not None
        reason = _("not every answered call knows its wait and the same parts") if known else ""
        return Value(None, 0, left_out, reason=reason)
    return Value(seconds, formulas.aht_h1(counts).denominator, left_out)


def part_mean(part: int) -> Measure:
    """Mean of one part (TALK, HOLD, ACW) over the answered visits where it is known."""
    name = {TALK: "talk", HOLD: "hold", ACW: "acw"}[part]

    def measure(counts: Counts, parameters: Parameters) -> Value:
        n: int = getattr(counts, f"{name}_n")
        ratio = formulas.mean_seconds(getattr(counts, f"{name}_ms"), n)
        return _of_ratio(ratio, _noted((PART_WORDS[part], counts.handled - n)))

    return measure


# ---- agents' time


def of_time(formula: Callable[[AgentTime, Parameters], Ratio]) -> Measure:
    """A share of the time that agents' states tell."""

    def measure(counts: Counts, parameters: Parameters) -> Value:
        time = counts.time
        if time is None:
            return Value(None, 0, reason=_("agents' time is not kept by this"))
        left_out = _noted(
            (_("days of agents whom no state tells of"), time.untold_days),
            (_("days of agents who served other queues too"), time.shared_days),
            (_("spells without an end: up to the agent's last sign"), time.open_spells),
        )
        ratio = formula(time, parameters)
        if not ratio.denominator and (time.untold_days or time.untold_ms):
            return Value(None, 0, left_out, reason=_("no state tells when anybody was ready"))
        return Value(ratio.value, ratio.denominator // 1000, left_out)

    return measure


# ---- offers and transfers


def missed_per_offer(counts: Counts, parameters: Parameters) -> Value:
    missed = counts.ring_no_answer + counts.declined
    ratio = formulas.share(missed, counts.offers_answered + missed)
    return _of_ratio(ratio, _noted((_("rings that were cancelled"), counts.cancelled)))


def missed_per_call(counts: Counts, parameters: Parameters) -> Value:
    # A call can be missed more than once, so this is no share: it may pass 1.
    ratio = Ratio(counts.ring_no_answer + counts.declined, counts.ended)
    return _of_ratio(ratio, _noted((_("still waiting"), counts.in_progress)))


def transfer_rate(counts: Counts, parameters: Parameters) -> Value:
    return _of_ratio(formulas.share(counts.transferred_out, counts.answered))


# ---- outcome


def resolved_rate(counts: Counts, parameters: Parameters) -> Value:
    unknown = counts.answered - counts.resolved_known
    return _of_ratio(
        formulas.share(counts.resolved, counts.resolved_known),
        _noted((_("answered, not known whether resolved"), unknown)),
    )


def csat_c1(counts: Counts, parameters: Parameters) -> Value:
    return _of_ratio(formulas.good_share(list(counts.scales("csat").values())))


def csat_c2(counts: Counts, parameters: Parameters) -> Value:
    return _mean_of_one_scale(list(counts.scales("csat").values()))


def csat_c3(counts: Counts, parameters: Parameters) -> Value:
    return _of_ratio(formulas.net_share(list(counts.scales("csat").values())))


def nps(counts: Counts, parameters: Parameters) -> Value:
    scales = counts.scales("nps")
    on_others = sum(sums.n for scale, sums in scales.items() if scale != NPS_SCALE)
    return _of_ratio(
        formulas.net_share([scales.get(NPS_SCALE, ScaleSums())]),
        _noted((_("scores on another scale than 0 to 10"), on_others)),
    )


def ces_mean(counts: Counts, parameters: Parameters) -> Value:
    scales = counts.scales("ces")
    mean = _mean_of_one_scale(list(scales.values()))
    if mean.value is None or parameters.effort == "easy":
        return mean
    (scale,) = (scale for scale, sums in scales.items() if sums.n)
    return replace(mean, value=formulas.turned_round(mean.value, scale))


def ces_easy(counts: Counts, parameters: Parameters) -> Value:
    scales = list(counts.scales("ces").values())
    if parameters.effort == "hard":
        return _of_ratio(formulas.bad_share(scales))
    return _of_ratio(formulas.good_share(scales))


def _mean_of_one_scale(scales: Sequence[ScaleSums]) -> Value:
    given = [scale for scale in scales if scale.n]
    if len(given) > 1:
        surveys = sum(scale.n for scale in given)
        return Value(
            None,
            0,
            _noted((_("surveys on different scales"), surveys)),
            reason=_("scores on different scales have no common mean"),
        )
    return _of_ratio(formulas.score_mean(given[0])) if given else Value(None, 0)
