"""How effects are said."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import avoid_wrapping
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from ccm.templatetags.figures import DASH, MINUS, count, grouped
from coaching.effect.sources import Source
from coaching.effect.told import Line, NotTold, Told
from coaching.progress import FEWEST_COACHED, FEWEST_COMPARED, Estimate, Refused, Single, Why
from kpis import ranking
from kpis.standing import Level

_PASSED: Mapping[Why, Any] = {
    Why.SAME_PERIOD: ngettext_lazy(
        "%(n)d was a further one of the same agent in the same four weeks",
        "%(n)d were further ones of the same agents in the same four weeks",
        "n",
    ),
    Why.COACHED_BEFORE: ngettext_lazy(
        "%(n)d followed another within the sixteen weeks before",
        "%(n)d followed others within the sixteen weeks before",
        "n",
    ),
    Why.NO_AFTER: ngettext_lazy(
        "of %(n)d the agent has no figure in the four weeks after",
        "of %(n)d the agents have no figure in the four weeks after",
        "n",
    ),
    Why.NO_TRIGGER: ngettext_lazy(
        "of %(n)d the agent has no figure in the four weeks before",
        "of %(n)d the agents have no figure in the four weeks before",
        "n",
    ),
    Why.NO_EARLIER: ngettext_lazy(
        "of %(n)d the agent has fewer than two figures in the twelve weeks before those",
        "of %(n)d the agents have fewer than two figures in the twelve weeks before those",
        "n",
    ),
    Why.NO_COLLEAGUES: ngettext_lazy(
        "of %(n)d fewer than two colleagues of the same queue and tenure were not %(done)s",
        "of %(n)d fewer than two colleagues of the same queue and tenure were not %(done)s",
        "n",
    ),
}
_HELPS: Mapping[Why, str | Promise] = {
    Why.COACHED_BEFORE: gettext_lazy(
        "Most of them were %(done)s shortly before already: what %(one)s did is told of who was "
        "not."
    ),
    Why.NO_AFTER: gettext_lazy(
        "Most of them have too few calls after it: a figure takes ten of what it counts."
    ),
    Why.NO_TRIGGER: gettext_lazy(
        "Most of them have too few calls before it: a figure takes ten of what it counts."
    ),
    Why.NO_EARLIER: gettext_lazy(
        "Most of them have no earlier figures: it takes the sixteen weeks before %(one)s."
    ),
    Why.NO_COLLEAGUES: gettext_lazy(
        "Most of them have no colleagues of their queue and tenure who were not %(done)s: it takes "
        "some this month and some the next."
    ),
}


def change(value: float, unit: str, places: int | None = None) -> str:
    """How much more or less of a KPI, with its sign: "−12 s", "+1.4 pts"."""
    shown, sign = _scaled(unit)
    text = grouped(abs(value) * shown, _places(abs(value) * shown) if places is None else places)
    lead = "" if not text.strip("0.,") else MINUS if value < 0 else "+"
    return avoid_wrapping(f"{lead}{text} {sign}".strip())


def _scaled(unit: str) -> tuple[float, str]:
    """By how much a difference in a unit is multiplied to be written, and the sign behind it."""
    if unit in ("fraction", "points"):
        return 100.0, _("pts")
    return 1.0, {"seconds": _("s"), "days": _("d")}.get(unit, "")


def _places(size: float) -> int:
    """Decimals with which a number of this size says enough."""
    return 0 if size >= 3 else 1 if size >= 0.3 else 2


def estimate(one: Estimate, unit: str) -> str:
    """A change with the ends of its interval: "−12 s (−20 to −4)"."""
    return within(one.value, one.interval(), unit)


def within(value: float, ends: tuple[float, float], unit: str) -> str:
    """As `estimate`, all three with the decimals that its width is worth."""
    by, _sign = _scaled(unit)
    places = _places(by * (ends[1] - ends[0]) / 2)
    low, high = (_bare(end * by, places) for end in ends)
    said = {"change": change(value, unit, places), "low": low, "high": high}
    return avoid_wrapping(_("%(change)s (%(low)s to %(high)s)") % said)


def _bare(value: float, places: int) -> str:
    text = grouped(abs(value), places)
    return text if not text.strip("0.,") else f"{MINUS if value < 0 else '+'}{text}"


def single(one: Single, unit: str) -> str:
    if one.interval is None:
        return change(one.value, unit)
    return within(one.value, one.interval, unit)


def is_apart(one: Estimate) -> bool:
    """Whether its interval leaves out 0."""
    low, high = one.interval()
    return low > 0 or high < 0


def tag(value: float, more_is_better: bool | None) -> tuple[Level, str]:
    """Level and word of a change that is none of chance."""
    if more_is_better is None:
        return "none", _("more") if value > 0 else _("less")
    return ("ok", _("better")) if (value > 0) == more_is_better else ("bad", _("worse"))


def verdict(told: Told) -> tuple[Level, str, str]:
    """The one sentence: a level with its word, and what is said."""
    found = told.effect
    kpi = told.measure.kpi.name
    if found is None:
        return "none", _("cannot be told"), why_not(told)
    one = found.covariances
    words = {
        "what": told.source.happened,
        "kpi": kpi,
        "change": estimate(one, told.measure.variant.unit),
        "beside": beside(told.source, found.compared),
    }
    if not is_apart(one):
        said = _(
            "%(what)s: no effect on %(kpi)s can be told, %(change)s in the four weeks after, "
            "%(beside)s."
        )
        return "none", _("not told apart"), said % words
    said = _("%(what)s moved %(kpi)s by %(change)s in the four weeks after, %(beside)s.")
    return *tag(one.value, told.measure.more_is_better), said % words


def beside(source: Source, compared: int) -> str:
    words = ngettext(
        "beside %(n)s colleague who was not %(done)s",
        "beside %(n)s colleagues who were not %(done)s",
        compared,
    )
    return words % (_said(source) | {"n": count(compared)})


def _said(source: Source) -> dict[str, Any]:
    return {"one": source.said.one, "done": source.said.done}


def why_not(told: Told) -> str:
    """Why no effect is told."""
    if told.why is NotTold.NO_RECORD:
        said = _("Too little is counted: it takes sixteen weeks before %(one)s and eight after.")
        said %= _said(told.source)
        if told.record is None:
            return said
        first, last = told.record
        weeks = max(0, ((last - first).days + 1) // 7)
        words = ngettext(
            "Calls are counted from %(day)s on: %(n)s whole week so far.",
            "Calls are counted from %(day)s on: %(n)s whole weeks so far.",
            weeks,
        )
        return f"{said} " + words % {"day": date_format(first, "j M Y"), "n": count(weeks)}
    if told.why is NotTold.NOT_OF_AGENTS:
        said = _("%(kpi)s, as this site makes it (%(variant)s), is told of no single agent.")
        return said % {"kpi": told.measure.kpi.name, "variant": told.measure.variant.id}
    if told.why is NotTold.NOTHING_HAPPENED:
        return _("Nothing of what is chosen happened to anybody whom you coach in these months.")
    if told.found is Refused.FEW_COACHED:
        words = ngettext(
            "%(n)s %(done)s agent can be compared, %(least)s are needed.",
            "%(n)s %(done)s agents can be compared, %(least)s are needed.",
            told.coached,
        )
        many = {"n": count(told.coached), "least": FEWEST_COACHED}
        return words % (many | _said(told.source))
    if told.found is Refused.FEW_COMPARED:
        words = ngettext(
            "%(n)s colleague who was not %(done)s can be compared, %(least)s are needed.",
            "%(n)s colleagues who were not %(done)s can be compared, %(least)s are needed.",
            told.compared,
        )
        many = {"n": count(told.compared), "least": FEWEST_COMPARED}
        return words % (many | _said(told.source))
    return _("All of them have the same figures before: there is nothing to compare them by.")


def helps(told: Told) -> str:
    """What would help where no effect is told; empty: nothing is known that would."""
    if told.effect is not None or told.why is not None:
        return ""
    said = []
    why = next((one for one in told.passed if one in _HELPS), None)
    if why is not None:
        said.append(str(_HELPS[why]) % _said(told.source))
        if why is Why.COACHED_BEFORE and told.source.tells_about:
            said.append(_("Count only what was about this KPI."))
    if told.recent and told.later is not None:
        said.append(later(told))
    return " ".join(said)


def later(told: Told) -> str:
    """Which are still to be told, and when."""
    if told.later is None:
        return ""
    words = ngettext(
        "%(n)s is too recent; the first is told from %(day)s on.",
        "%(n)s are too recent; the first are told from %(day)s on.",
        told.recent,
    )
    day = date_format(told.later, "j M Y")
    return words % {"n": count(told.recent), "day": day}


def passed(told: Told) -> list[str]:
    """How many talks nothing is told of, each with its why."""
    said = _said(told.source)
    return [_PASSED[why] % (said | {"n": many}) for why, many in told.passed.items()]


def rank(one: Line) -> str:
    return DASH if one.rank is None else ranking.words(one.rank)


def order(told: Told) -> str:
    """What the first rank is."""
    if told.measure.more_is_better is None:
        return _("Rank 1 is where it rose most: neither more nor less of it is good by itself.")
    return _("Rank 1 is the best.")


def apart(lines: Sequence[Line], who: str) -> str:
    """That groups cannot be told apart; empty where some are, or fewer than two have a figure.
    `who` is what several of them are called."""
    known = [one for one in lines if one.estimate is not None]
    if len(known) < 2 or any(one.rank is not None for one in known):
        return ""
    return _("The %(n)s %(who)s that have a figure cannot be told apart.") % {
        "n": count(len(known)), "who": who,
    }  # fmt: skip
