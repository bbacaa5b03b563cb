"""What came of the answered, and what callers said."""

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from kpis import formulas
from kpis.measures import Measure, Value, noted, of_ratio
from kpis.parameters import Parameters
from kpis.sums.counts import AskedSums, Counts, ScaleSums

NPS_SCALE = "0-10"
# Where fewer tell, those who do may not be like the others.
FEW = 0.3


def resolved_rate(counts: Counts, parameters: Parameters) -> Value:
    unknown = counts.answered - counts.resolved_known
    return of_ratio(
        formulas.share(counts.resolved, counts.resolved_known),
        noted((_("answered, not known whether resolved"), unknown)),
    )


def csat_c1(counts: Counts, parameters: Parameters) -> Value:
    return of_ratio(formulas.good_share(list(counts.scales("csat").values())))


def csat_c2(counts: Counts, parameters: Parameters) -> Value:
    return _mean_of_one_scale(list(counts.scales("csat").values()))


def csat_c3(counts: Counts, parameters: Parameters) -> Value:
    return _net(list(counts.scales("csat").values()))


def nps(counts: Counts, parameters: Parameters) -> Value:
    scales = counts.scales("nps")
    on_others = sum(sums.n for scale, sums in scales.items() if scale != NPS_SCALE)
    left_out = noted((_("scores on another scale than 0 to 10"), on_others))
    return replace(_net([scales.get(NPS_SCALE, ScaleSums())]), left_out=left_out)


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
        return of_ratio(formulas.bad_share(scales))
    return of_ratio(formulas.good_share(scales))


def _net(scales: Sequence[ScaleSums]) -> Value:
    bad = sum(scale.bottom for scale in scales)
    return replace(of_ratio(formulas.net_share(scales)), bad=bad)


def _mean_of_one_scale(scales: Sequence[ScaleSums]) -> Value:
    given = [scale for scale in scales if scale.n]
    if len(given) > 1:
        surveys = sum(scale.n for scale in given)
        return Value(
            None,
            0,
            noted((_("surveys on different scales"), surveys)),
            reason=_("scores on different scales have no common mean"),
        )
    return of_ratio(formulas.score_mean(given[0])) if given else Value(None, 0)


def response_rate(kind: str) -> Measure:
    """Those who answered a survey of the kind, of the answered contacts."""

    def measure(counts: Counts, parameters: Parameters) -> Value:
        asked = counts.asked.get(kind, AskedSums())
        alone = sum(sums.n for sums in counts.scales(kind).values()) - asked.told
        return of_ratio(
            formulas.share(asked.told, counts.answered),
            noted((_("answers more, of the same calls or of none that is known"), max(0, alone))),
        )

    return measure


def response_rate_of_invited(kind: str) -> Measure:
    """Those who answered a survey of the kind, of those who were sent a link to it."""

    def measure(counts: Counts, parameters: Parameters) -> Value:
        asked = counts.asked.get(kind, AskedSums())
        return of_ratio(formulas.share(asked.invited_told, asked.invited))

    return measure


def told_by_few(kind: str, measure: Measure) -> Measure:
    """The figure, with a word where few of the answered told what it is made of."""

    def measured(counts: Counts, parameters: Parameters) -> Value:
        value = measure(counts, parameters)
        told = counts.asked.get(kind, AskedSums()).told
        if value.value is None or not 0 < told < FEW * counts.answered:
            return value
        return replace(value, caution=_("few of the answered told: the others may think otherwise"))

    return measured
