"""The formulas of the KPIs: counts in, ratios and seconds out.

A formula never sees a clock, a record or a setting. It returns a `Ratio`, whose value is
None where nothing was counted: an idle queue has no level. Sum the counts of intervals
first; ratios do not average. Sources: docs/metrics.md.
"""

from kpis.formulas.handling import aht_h1, aht_h4, aht_over, measured_parts, missing_parts
from kpis.formulas.levels import (
    Split,
    abandon_rate_a1,
    abandon_rate_a2,
    abandon_rate_a3,
    abandon_rate_a4,
    service_level_sl1,
    service_level_sl2,
    service_level_sl3,
    service_level_sl4,
    service_level_sl5,
    service_level_sl6,
    service_level_sl7,
    service_level_sl7b,
    service_level_sl8,
    split,
)
from kpis.formulas.money import money_per
from kpis.formulas.outcome import bad_share, good_share, net_share, score_mean
from kpis.formulas.people import annualised, turnover, turnover_of_opening
from kpis.formulas.presence import (
    occupancy_o1,
    occupancy_o2,
    per_hour,
    shrinkage_product,
    shrinkage_sum,
    utilisation_u1,
    utilisation_u2,
)
from kpis.formulas.ratios import Ratio, mean_seconds, share
from kpis.formulas.repeats import fcr_f1, fcr_f2, fcr_f3

__all__ = [
    "Ratio",
    "Split",
    "abandon_rate_a1",
    "abandon_rate_a2",
    "abandon_rate_a3",
    "abandon_rate_a4",
    "aht_h1",
    "aht_h4",
    "aht_over",
    "annualised",
    "bad_share",
    "fcr_f1",
    "fcr_f2",
    "fcr_f3",
    "good_share",
    "mean_seconds",
    "measured_parts",
    "missing_parts",
    "money_per",
    "net_share",
    "occupancy_o1",
    "occupancy_o2",
    "per_hour",
    "score_mean",
    "service_level_sl1",
    "service_level_sl2",
    "service_level_sl3",
    "service_level_sl4",
    "service_level_sl5",
    "service_level_sl6",
    "service_level_sl7",
    "service_level_sl7b",
    "service_level_sl8",
    "share",
    "shrinkage_product",
    "shrinkage_sum",
    "split",
    "turnover",
    "turnover_of_opening",
    "utilisation_u1",
    "utilisation_u2",
]
