"""What a passport says beside formula and calls: what was counted over, target, interval, switches.

Pure: a figure in, words out. Lengths of time are told in hours, counts as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Literal

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ccm.models import Target
from ccm.templatetags.figures import count
from kpis import definitions
from kpis.choosing.words import short
from kpis.declaration import Direction, IntervalMethod, Variant
from kpis.figures import Figure
from kpis.noise import FEWEST_DAYS
from kpis.parameters import Parameter, Parameters
from kpis.passports.predicates import ANSWERS, RINGS, SALES
from kpis.standing import target_figure, unaimed_words

if TYPE_CHECKING:
    from kpis.inference import Told
    from kpis.measures import Words
    from kpis.sums.money import Sold

_OF_TIME: Mapping[str, Words] = {
    "time": gettext_lazy("of agents' time"),
    "paid": gettext_lazy("of paid time"),
}

DIRECTIONS: Mapping[Direction, Words] = {
    "up": gettext_lazy("the more the better"),
    "down": gettext_lazy("the less the better"),
    "band": gettext_lazy("best within a band: neither much nor little of it is good"),
    "none": gettext_lazy("more of it is neither better nor worse"),
}

METHODS: Mapping[IntervalMethod, Words] = {
    "cluster_ratio": gettext_lazy(
        "a ratio of sums whose site days are what was drawn, for calls of one day are not"
        " independent of each other; of at least {days} days"
    ),
    "wilson": gettext_lazy(
        "Wilson's, for a share of {units}; where agents differ, the {units} are worth fewer"
    ),
    "adjusted_wald": gettext_lazy(
        "adjusted Wald, for a difference of two shares of answers; where agents differ, the answers"
        " are worth fewer"
    ),
    "none": gettext_lazy("none is drawn of such a figure"),
}


def facts(
    figure: Figure,
    unit_words: Words,
    told: Told,
    aim: Target | None = None,
    part: Literal["", "queue", "agent"] = "",
) -> dict[str, object]:
    """What a passport's page says of a figure, of one site or of several, beside its calls and
    where they are (`_partials/passport_facts.html`): arguments as those of the functions below."""
    return {
        "unit": figure.unit,
        "variant": figure.variant.id,
        "source": figure.variant.source,
        "counted_over": counted_over(figure, unit_words),
        "precision": figure.precision,
        "target": target(figure, aim),
        "interval": told.interval,
        "method": method(figure, unit_words),
        "no_interval": told.why,
        "switches": switches(figure.variant, figure.parameters, part),
    }


def beside(figures: Iterable[Figure]) -> list[dict[str, object]]:
    """A figure's other definitions as its passport's page shows them."""
    return [
        {
            "id": short(one.kpi, one.variant, one.parameters),
            "value": one.value,
            "unit": one.unit,
            "words": definitions.passport(one.kpi, one.variant, one.parameters),
        }
        for one in figures
    ]


def with_it(figures: Iterable[tuple[Figure, str]]) -> list[dict[str, object]]:
    """What a figure is never shown without, each with where it explains itself, as its passport's
    page shows it."""
    return [
        {
            "name": one.kpi.name,
            "value": one.value,
            "unit": one.unit,
            "reason": one.why_none,
            "url": url,
        }
        for one, url in figures
    ]


def counted_over(figure: Figure, unit_words: Words) -> str:
    """ "8,531 rings", "1 ring", "41.5 h of paid time"; `unit_words` are contacts, visits or calls
    out, for any number. Empty where there is no figure and nothing was counted."""
    if figure.value is None and not figure.n:
        return ""
    for need, words in _OF_TIME.items():
        if need in figure.variant.needs and figure.unit == "fraction":
            return f"{figure.n_words} {words}"
    return f"{figure.n_words} {figure.of or unit_words % {'n': figure.n}}"


def on_sides(figure: Figure, above: int, below: int) -> tuple[str, str]:
    """What stands on the two sides of a figure of rings or answers, of which a call may have
    several: "892 calls with 1,750 rings". `above` and `below` are how many calls are listed
    there; empty where a side is of calls, or of less than it was made of."""
    numerator, denominator = figure.variant.behind(figure.parameters)
    if figure.value is None:
        return "", ""
    whole = {*numerator} == {*denominator} or not denominator
    counted = figure.n if whole else round(figure.value * figure.n)
    return (
        _several(numerator, above, counted) if whole or figure.unit == "fraction" else "",
        _several(denominator, below, figure.n),
    )


def _several(names: tuple[str, ...], calls: int, counted: int) -> str:
    of_calls = ngettext("%(n)s call", "%(n)s calls", calls) % {"n": count(calls)}
    if names and RINGS.issuperset(names):
        rings = ngettext("%(n)s ring", "%(n)s rings", counted) % {"n": count(counted)}
        return _("%(calls)s with %(rings)s") % {"calls": of_calls, "rings": rings}
    if names and ANSWERS.issuperset(names):
        answers = ngettext("%(n)s answer", "%(n)s answers", counted) % {"n": count(counted)}
        return f"{of_calls}, {answers}"
    return ""


def unlisted(figure: Figure, sold: Sold | None) -> list[str]:
    """What of a figure of sales no call of its list tells of; `sold` is what it was made of."""
    names = {*figure.variant.numerator}
    if sold is None or SALES.isdisjoint(names):
        return []
    said = []
    unlinked = sold.perhaps_unlinked if "sold_perhaps" in names else sold.unlinked
    if unlinked and not figure.variant.of_outbound:
        words = ngettext(
            "%(n)s sale is of no call on record: it is in the figure, and not in the list.",
            "%(n)s sales are of no call on record: they are in the figure, and not in the list.",
            unlinked,
        )
        said.append(words % {"n": count(unlinked)})
    if sold.outbound and "sold" in names and figure.unit == "money":
        words = ngettext(
            "%(n)s call out that sold is in the figure, and not in the list.",
            "%(n)s calls out that sold are in the figure, and not in the list.",
            sold.outbound,
        )
        said.append(words % {"n": count(sold.outbound)})
    return said


def silence(figure: Figure) -> str:
    """Why there is no figure, where its measure knows no better."""
    if figure.value is not None:
        return ""
    return _("There was nothing to count in these days.") if not figure.n else ""


def target(figure: Figure, aim: Target | None) -> str:
    """ "80 %, the more the better; set for the queue, since 2 Mar 2026". `aim` is what somebody
    set for this scope; None: nobody did."""
    words = unaimed_words(figure) or target_figure(figure) or _("none")
    direction = DIRECTIONS[figure.kpi.direction]
    if aim is not None:
        whose = _whose(aim) % {"day": date_format(aim.valid_from, "j M Y")}
    elif figure.parameters.target is not None:
        whose = _("it came with the program, and nobody set another")
    else:
        return f"{words}; {direction}"
    return f"{words}, {direction}; {whose}"


def _whose(aim: Target) -> str:
    if aim.agent_id is not None:
        return _("set for the agent, since %(day)s")
    if aim.team_id is not None:
        return _("set for the agent's team, since %(day)s")
    if aim.role:
        return _("set for all agents of the site, since %(day)s")
    if aim.queue_id is not None:
        return _("set for the queue, since %(day)s")
    return _("set for the site, since %(day)s")


def method(figure: Figure, unit_words: Words) -> str:
    """How the interval of such a figure is drawn; `unit_words` as for `counted_over`."""
    of_answers = ANSWERS.issuperset(figure.variant.numerator)
    units = _("answers") if of_answers else unit_words % {"n": 2}
    return str(METHODS[figure.variant.interval]).format(days=FEWEST_DAYS, units=units)


def switches(
    variant: Variant, parameters: Parameters, part: Literal["", "queue", "agent"] = ""
) -> list[tuple[str, str]]:
    """What is switched how, of what the variant reads: (what, how). `part` is what of a site the
    figure is of; empty: of all of it."""
    said = [_SWITCHES[one](parameters) for one in variant.uses]
    if part and "costs" in variant.needs:
        said.append((_("Costs of the site"), str(_NOT_ITS_COSTS[part])))
    if "open" in variant.needs:
        said.append((_("Hours"), _("opening hours alone, as this formula has it")))
    return said


_NOT_ITS_COSTS: Mapping[str, Words] = {
    "queue": gettext_lazy("those that name no queue, as rent or licences, are not in it"),
    "agent": gettext_lazy("those that name no agent, as rent or licences, are not in it"),
}


def _threshold(parameters: Parameters) -> tuple[str, str]:
    words = (
        _("%(seconds)d s; a wait of exactly that is within it")
        if parameters.boundary == "<="
        else _("%(seconds)d s; a wait of exactly that is beyond it")
    )
    return _("Threshold"), words % {"seconds": parameters.threshold_seconds}


def _short(parameters: Parameters) -> tuple[str, str]:
    words = _("callers who left within %(seconds)d s") % {
        "seconds": parameters.short_abandon_seconds
    }
    return _("Short abandons"), words if parameters.short_abandon_seconds else _("none is short")


def _clock(parameters: Parameters) -> tuple[str, str]:
    words = _("%(seconds)d s after entry; who left unserved before is left out") % {
        "seconds": parameters.clock_start_seconds
    }
    return _("Clock starts"), words if parameters.clock_start_seconds else _("at entry")


def _callbacks(parameters: Parameters) -> tuple[str, str]:
    return _("Call backs"), {
        "request": _("asking for one ends the wait, and is neither success nor failure"),
        "success": _("asking for one is as good as an answer"),
        "return": _("the wait goes on until an agent has the caller on the line again"),
    }[parameters.callbacks]


def _matter(parameters: Parameters) -> tuple[str, str]:
    return _("The same matter"), {
        "queue": _("the caller's calls on the same queue"),
        "any": _("all calls of the caller at the site"),
        "topic": _("the caller's calls on the same topic"),
    }[parameters.matter]


def _listed(words: list[str], nothing: str) -> str:
    return ", ".join(words) or nothing


_SWITCHES: Mapping[Parameter, Callable[[Parameters], tuple[str, str]]] = {
    "threshold": _threshold,
    "short": _short,
    "clock": _clock,
    "callbacks": _callbacks,
    "matter": _matter,
    "lost": lambda parameters: (
        _("Time-outs and other exits"),
        _("count as abandons do") if parameters.lost else _("are left out"),
    ),
    "entry": lambda parameters: (
        _("Transferred in"),
        _("count") if parameters.transfers_in else _("are left out"),
    ),
    "hours": lambda parameters: (
        _("Hours"),
        _("opening hours alone") if parameters.business_hours else _("all, open or not"),
    ),
    "ring": lambda parameters: (
        _("Ringing at the agent"),
        _("is handling") if parameters.ring else _("is idle time"),
    ),
    "effort": lambda parameters: (
        _("A high effort score"),
        _("says that it was easy")
        if parameters.effort == "easy"
        else _("says that it was hard: scores are turned round"),
    ),
    "conversation": lambda parameters: (
        _("A conversation"),
        _("at least %(seconds)d s of talk") % {"seconds": parameters.conversation_seconds},
    ),
    "window": lambda parameters: (_("Window"), parameters.placeholders()["window"]),
    "kinds": lambda parameters: (_("Kinds of cost"), _listed(parameters.kinds, _("all"))),
    "productive": lambda parameters: (
        _("Productive pauses"),
        _listed(parameters.productive, _("none")),
    ),
}
