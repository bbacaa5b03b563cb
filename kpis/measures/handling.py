"""How long the answered were handled, with what their sources do not measure."""

from django.utils.translation import gettext_lazy as _

from kpis import formulas
from kpis.measures import LeftOut, Measure, Value, noted, of_ratio
from kpis.parameters import Parameters
from kpis.sums.counts import ACW, HOLD, TALK, Counts

PART_WORDS = {
    TALK: _("answered, their talk not known"),
    HOLD: _("answered, their hold not known"),
    ACW: _("answered, their wrap-up not known"),
}
_WITHOUT = {
    TALK: _("counted without their talk, which is not known"),
    HOLD: _("counted without their hold, which is not known"),
    ACW: _("counted without their wrap-up, which is not known"),
}


def _handling_left_out(counts: Counts) -> tuple[LeftOut, ...]:
    """Parts that the AHT does not hold, and answered visits that are not in it."""
    parts = formulas.measured_parts(counts)
    if parts is None:
        return noted((PART_WORDS[TALK], counts.handled, ("handling_unknown", "handling_other")))
    n = counts.handle_n[parts]
    nothing_known = counts.handle_n[0]
    return noted(
        *((_WITHOUT[part], n, ("handling_known",)) for part in formulas.missing_parts(parts)),
        (
            _("answered, measured in other parts"),
            counts.handled - n - nothing_known,
            ("handling_other",),
        ),
        (_("answered, handling not known"), nothing_known, ("handling_unknown",)),
    )


def aht_h1(counts: Counts, parameters: Parameters) -> Value:
    return of_ratio(formulas.aht_h1(counts), _handling_left_out(counts))


def aht_h2(counts: Counts, parameters: Parameters) -> Value:
    unserved = counts.ended - counts.answered + counts.refused + counts.busy + counts.left_ivr
    return of_ratio(formulas.aht_over(counts, unserved), _handling_left_out(counts))


def aht_h3(counts: Counts, parameters: Parameters) -> Value:
    unserved = counts.offered - counts.answered
    return of_ratio(formulas.aht_over(counts, unserved), _handling_left_out(counts))


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
        return of_ratio(ratio, noted((PART_WORDS[part], counts.handled - n, (f"{name}_unknown",))))

    return measure
