"""docs/metrics.md, written from the definitions so that the two cannot differ."""

from collections.abc import Iterable

from kpis.definitions import KPIS, Kpi, passport
from kpis.live import LATELY, LIVE
from kpis.parameters import DEFAULTS
from kpis.passports.predicates import PREDICATES
from kpis.untold import of_minutes

_HEAD = """\
# Metrics

Made from `kpis/definitions/` by `python manage.py metrics_doc`; edit there.

## Units

A **visit** is one contact on one queue, a **contact** all visits that belong together. A queue,
a picked set of queues and an agent are counted in visits; a site and the house in contacts: a
contact is answered if any of its visits was, and its wait is the sum of its waits up to the first
answer, else that of its last visit. What its source gives one name belongs together, but a visit
more than seven days after the one before begins a contact of its own. Visits count in the interval
in which they entered the queue.
Calls on no queue, as plain call records have them, were never offered: they count in talk, hold,
wrap-up and handling time, in rings and in answers to surveys, of their agent and their contact.
Those of a source that tells no more than the day count in their day, and in no interval.

    offered = answered + abandoned + timed_out + key_exit + callback_requested + other + in_progress
    ended   = offered - in_progress
    lost    = timed_out + key_exit + other

`refused`, `busy` and `left_ivr` never entered the queue and are counted apart. Outbound is apart:
calls out enter no queue, so of them there is no figure that counts what callers met in one: offered
and its endings, waits, levels, abandon rates. Dials, who answered, talk and handling are told.

A call in that nobody answered is of its queue and of no agent. So of an agent or a team there is
no offered, no abandon rate, no service level but that of the answered (SL2): nothing that counts
calls which nobody answered; *not of agents* names these figures. Rings are of whom they rang at,
calls out of who called.

Seconds and fractions inside, `m:ss` and % on a page. Ratios are made from summed counts and never
averaged. A figure with nothing to divide by is no figure: an idle queue has no level. A percentile
is the nearest rank (`percentile_disc`).

Units of figures: *count*; *seconds*; *days*; *fraction*, 0 to 1; *score*, on the survey's own
scale; *points*, the difference of two fractions, -1 to 1; *money*, in the currency that the figure
names. *Better* says where a figure should go; none means that neither way is good by itself. Of a
*band*, a share is on target within 5 points of it on either side: occupancy from 75 to 85 % about
80 %.
*Interval* is the method used for comparison and trend, never for a closed span, whose figure is
exact.

## Noise

`cluster_ratio` takes the site day, not the call, as what was drawn: callers of one queue wait
together. At least 8 days, t with days - 1 (Cochran 1977, ch. 6); none where all days say the same,
as of 0 of n, for such days do not tell how far others may be. `wilson` is for shares of answers to
surveys and of contacts or calls out that sold, `adjusted_wald` for the good less the bad answers.
Those of one agent are independent; pooled over agents they are worth as many fewer as agents differ
(Korn & Graubard 1998), and one that names no agent stands for itself. Callers are not known by the
counts.

A *change* from another span: the two variances added up, Welch's t; for answers the interval of
Newcombe 1998, method 10. Its p is how often two spans of a steady centre differ as much. A span of
fewer than 8 days is held against what is usual instead. A list or a mail tells only of those that
Benjamini & Hochberg 1995 leave at 10 %.

*Usual* is the median of the same site, weekday and time over the last 8 weeks that were open and no
holiday; of fewer than 6 nothing is said. Today is compared up to the end of the last whole quarter
hour of which calls have come in, then as now. *Unusual* is outside median ± t(n - 1) s √(1 + 1/n),
on the logit of rates, the log of times and the root of counts. s is Qn (Rousseeuw & Croux 1993),
pooled with the quarter hours beside; a day so far has none, so its t has the fewer degrees that Qn
alone is worth.

A *rank* is a range within the team of the last day: 1 + those certainly better, to all - those
certainly worse (Mogstad, Romano, Shaikh & Wilhelm 2024). Agents are compared two by two on the
queues that both serve, queue by queue, weighted as Mantel & Haenszel do (Greenland & Robins 1985);
Holm's procedure holds all ranges of the team together at 95 %. Rates of calls are compared with the
day as cluster (8 days each), answers by the Mantel-Haenszel test. Over half the team, or fewer than
5 people: no rank.
"""


def render() -> str:
    """The whole document. Words come in the language that is active."""
    counts = [kpi for kpi in KPIS.values() if kpi.default.id == "count"]
    others = [kpi for kpi in KPIS.values() if kpi not in counts]
    parts = [_HEAD, _parameters(), _counts(counts), *map(_kpi, others), _live(), _predicates()]
    return "\n".join(parts)


def _parameters() -> str:
    rows = [
        ("T", f"{DEFAULTS.threshold_seconds} s", "threshold; service level target 80 %"),
        ("boundary", f"`{DEFAULTS.boundary}`", "whether a wait of exactly T is within it"),
        (
            "short",
            f"{DEFAULTS.short_abandon_seconds} s",
            "an abandon of at most this wait is short; 0: none is",
        ),
        (
            "lost",
            "on" if DEFAULTS.lost else "off",
            "time-outs and other exits without service count like abandons in SL1, SL3, SL4 and"
            " SL5, with the same split at T: a queue cannot look good by evicting its worst waits",
        ),
        (
            "clock start",
            f"{DEFAULTS.clock_start_seconds} s",
            "waits shrink by this, down to 0; who left unserved before it leaves both sides of"
            " service level and abandon rate",
        ),
        (
            "transfers in",
            "on" if DEFAULTS.transfers_in else "off",
            "off: visits that were transferred into the queue leave both sides",
        ),
        (
            "callbacks",
            f"`{DEFAULTS.callbacks}`",
            "`request`: asking for a call back ends the wait, neither success nor failure in SL1"
            " to SL5; `success`: it counts as an answer at that moment in SL1 to SL6; `return`: the"
            " wait goes on until an agent has the caller on the line again, by a call out of the"
            " same contact within seven days, and who was not called back yet is left out of SL1 to"
            " SL6 and counted",
        ),
        (
            "business hours",
            "on" if DEFAULTS.business_hours else "off",
            "on: only quarter hours that begin within the opening hours of the queue, else of the"
            " site; a site's contacts by those of the site. The quarter hour that opening or"
            " closing cuts counts whole if it begins within them, else not at all. What lies"
            " outside, or tells only its day, is left out and counted. Of agents, who are counted"
            " by day, there is no figure",
        ),
        (
            "ring",
            "on" if DEFAULTS.ring else "off",
            "on: the time a phone rings at an agent is handling; off: it is idle",
        ),
        (
            "productive pauses",
            "none",
            "reasons of pauses that are productive time in utilisation, as training",
        ),
        (
            "kinds of cost",
            "all",
            "only costs of the named kinds count: of salaries alone for a cost in wages; all: the"
            " loaded cost",
        ),
        (
            "conversation",
            f"{DEFAULTS.conversation_seconds} s",
            "an outbound call of at least so much talk is a conversation",
        ),
        (
            "W, window",
            f"{DEFAULTS.window_days} days",
            "a contact of the same caller within so many days, 1 to 30, is a repeat",
        ),
        (
            "matter",
            f"`{DEFAULTS.matter}`",
            "which contacts of a caller are of one matter: those on the same `queue`, `any` at the"
            " site, those about the same `topic`",
        ),
    ]
    return "## Parameters\n\n" + _table(("parameter", "default", "meaning"), rows)


def _counts(kpis: Iterable[Kpi]) -> str:
    rows = [
        (
            f"`{kpi.id}`",
            str(kpi.name),
            passport(kpi, kpi.default),
            kpi.direction,
            "yes" if kpi.default.is_of_agents(kpi.parameters) else "no",
            str(kpi.unknown),
        )
        for kpi in kpis
    ]
    return "## Counts\n\nUnit: count. Each has one variant, `count`. Interval: none.\n\n" + _table(
        ("id", "name", "in words", "better", "of agents", "unknown"), rows
    )


def _kpi(kpi: Kpi) -> str:
    units = _distinct(variant.unit for variant in kpi.variants)
    intervals = _distinct(variant.interval for variant in kpi.variants)
    facts = f"Unit: {units}. Better: {kpi.direction}. Interval: {intervals}.{_nobodys(kpi)}"
    rows = [
        (
            f"**{variant.id}**, default" if variant is kpi.default else variant.id,
            passport(kpi, variant),
            f"`{variant.formula}`",
            str(variant.source),
        )
        for variant in kpi.variants
    ]
    table = _table(("variant", "in words", "formula", "source"), rows)
    return f"## {kpi.name}\n\n`{kpi.id}`. {facts}\n\n{table}\nUnknown: {kpi.unknown}\n"


def _nobodys(kpi: Kpi) -> str:
    """Which variants count calls that nobody answered, under the default parameters."""
    others = [one.id for one in kpi.variants if not one.is_of_agents(kpi.parameters)]
    if not others:
        return ""
    return f" Not of agents: {'any' if len(others) == len(kpi.variants) else ', '.join(others)}."


def _live() -> str:
    rows = [
        (
            f"`{one.id}`",
            str(one.name),
            str(one.words),
            f"`{one.formula}`",
            one.unit,
            one.direction,
            str(one.unknown),
            f"`{one.listed_by}`" if one.listed_by else "",
        )
        for one in LIVE.values()
    ]
    head = ("id", "name", "in words", "formula", "unit", "better", "unknown", "calls listed by")
    return (
        "## Now\n\nFigures of this moment, on Home and on walls. No day has them, so they are in no"
        " report and have no interval. The first in line is caution once it has waited longer than"
        " the threshold of service level, and to act on at three times as long.\n\n"
        + _table(head, rows)
        + _lately()
    )


def _lately() -> str:
    choices = [
        (kpi, [one for one in kpi.variants if of_minutes().keys() & one.needs])
        for kpi in KPIS.values()
    ]
    never = _distinct(f"`{kpi.id}`" for kpi, no in choices if len(no) == len(kpi.variants))
    some = _distinct(
        f"`{kpi.id}:{one.id}`" for kpi, no in choices if len(no) < len(kpi.variants) for one in no
    )
    *shorter, longest = map(str, LATELY)
    return (
        f"\nA KPI of the last {', '.join(shorter)} or {longest} minutes is that KPI of the calls in"
        " that entered in them, to the second, by its definition of today: of a queue in visits, of"
        " a site in contacts, which enter with their first visit. A call belongs to the minutes it"
        " entered in, whenever it is answered; while it waits it is offered and in no rate, however"
        " long, so that a service level goes on changing until all of them have left the queue."
        " Calls that tell their day alone are in"
        f" none. Not told of minutes: {never}; of others {some}.\n"
    )


def _predicates() -> str:
    rows = [(f"`{name}`", str(words)) for name, words in PREDICATES.items()]
    return (
        "## Calls behind a figure\n\nA passport lists each call of its scope once: in the"
        " numerator, in the denominator alone or in neither, with the reason in words. Which call"
        " is on which side these names say. In the file of these calls *Value* is what a call in"
        " the numerator brings to it, where that is another number than one: seconds, the sum of"
        " its scores, an amount, how many rings or answers, of a net share the good less the bad;"
        " its heading says in what. These add up to the figure or, over what it is counted over,"
        " are it; of a percentile and of the longest wait the figure is one of them. Answers and"
        " sales of no call on record are in no file, and so in no such sum.\n\n"
        + _table(("name", "finds the visits that"), rows).rstrip()
        + "\n"
    )


def _distinct(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
