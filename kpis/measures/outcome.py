"""What came of the answered, and what callers said."""

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from kpis import formulas
from kpis.measures import LeftOut, Measure, Value, noted, of_ratio
from kpis.parameters import Parameters
from kpis.sums.counts import Counts
from kpis.sums.surveys import ONE_SCALE, AskedSums, ScaleSums

_ANSWERS = ngettext_lazy("answer", "answers", "n")
_MORE = ngettext_lazy(
    "answer more, of the same calls or of none that is known",
    "answers more, of the same calls or of none that is known",
    "n",
)
# Where fewer tell, those who do may not be like the others.
FEW = 0.3


def resolved_rate(counts: Counts, parameters: Parameters) -> Value:
    unknown = counts.answered - counts.resolved_known
    return of_ratio(
        formulas.share(counts.resolved, counts.resolved_known),
        noted((_("answered, not known whether resolved"), unknown, ("resolved_unknown",))),
    )


def csat_c1(counts: Counts, parameters: Parameters) -> Value:
    return of_ratio(formulas.good_share(list(counts.scales("csat").values())))


def csat_c2(counts: Counts, parameters: Parameters) -> Value:
    return _mean_of_one_scale(list(counts.scales("csat").values()))


def csat_c3(counts: Counts, parameters: Parameters) -> Value:
    return _net(list(counts.scales("csat").values()))


def nps(counts: Counts, parameters: Parameters) -> Value:
    scale, left_out = _of_one_scale(counts, "nps")
    return replace(_net([scale]), left_out=left_out)


def ces_mean(counts: Counts, parameters: Parameters) -> Value:
    scale, left_out = _of_one_scale(counts, "ces")
    mean = of_ratio(formulas.score_mean(scale), left_out)
    if mean.value is None or parameters.effort == "easy":
        return mean
    return replace(mean, value=sum(ONE_SCALE["ces"]) - mean.value)


def ces_easy(counts: Counts, parameters: Parameters) -> Value:
    scale, left_out = _of_one_scale(counts, "ces")
    share = formulas.bad_share if parameters.effort == "hard" else formulas.good_share
    return of_ratio(share([scale]), left_out)


def _of_one_scale(counts: Counts, kind: str) -> tuple[ScaleSums, tuple[LeftOut, ...]]:
    """The scores of a kind on the one scale that its figures are of; those on others are left
    out."""
    low, high = ONE_SCALE[kind]
    scales = counts.scales(kind)
    mine = scales.pop(f"{low}-{high}", ScaleSums())
    elsewhere = sum(sums.n for sums in scales.values())
    words = ngettext(
        "score on another scale than %(low)d to %(high)d",
        "scores on another scale than %(low)d to %(high)d",
        elsewhere,
    ) % {"low": low, "high": high}
    return mine, noted((words, elsewhere, (f"{kind}_elsewhere",)))


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
        answers = sum(sums.n for sums in counts.scales(kind).values())
        alone = answers - asked.told
        if not (answers or asked.told or asked.invited) and counts.answered:
            return Value(None, counts.answered, reason=_("nobody is known to have been asked"))
        return of_ratio(
            formulas.share(asked.told, counts.answered),
            noted((_MORE, max(0, alone))),
        )

    return measure


def response_rate_of_invited(kind: str) -> Measure:
    """Those who answered a survey of the kind, of those who were sent a link to it."""

    def measure(counts: Counts, parameters: Parameters) -> Value:
        asked = counts.asked.get(kind, AskedSums())
        return of_ratio(formulas.share(asked.invited_told, asked.invited))

    return measure


def answers(value: Value) -> Value:
    """A figure of answers to surveys, which are what it counts."""
    nothing = _("no survey of this kind was answered on its scale") if not value.n else ""
    reason = value.reason or ("" if value.value is not None else nothing)
    return replace(value, of=_ANSWERS, reason=reason)


def told_by_few(kind: str, measure: Measure) -> Measure:
    """The figure, with a word where few of the answered told what it is made of."""

    def measured(counts: Counts, parameters: Parameters) -> Value:
        value = answers(measure(counts, parameters))
        told = counts.asked.get(kind, AskedSums()).told
        if value.value is None or not 0 < told < FEW * counts.answered:
            return value
        return replace(value, caution=_("few of the answered told: the others may think otherwise"))

    return measured
