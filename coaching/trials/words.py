"""How trials are said."""

from collections.abc import Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from ccm.templatetags.figures import count
from coaching.effect import words as of_effects
from coaching.models import Trial
from coaching.progress import FEWEST_COACHED, FEWEST_COMPARED, Refused, Why
from coaching.trials.reads import State
from coaching.trials.verdicts import Verdict
from kpis.definitions import KPIS
from kpis.standing import Level

STATES: Mapping[State, tuple[Level, str | Promise]] = {
    State.PLANNED: ("none", gettext_lazy("registered")),
    State.RUNNING: ("none", gettext_lazy("running")),
    State.WAITING: ("none", gettext_lazy("over, not yet told")),
    State.OVER: ("warn", gettext_lazy("to be decided")),
    State.DECIDED: ("ok", gettext_lazy("decided")),
    State.STOPPED: ("none", gettext_lazy("stopped")),
}
_PASSED: Mapping[Why, Any] = {
    Why.NO_AFTER: ngettext_lazy(
        "%(n)d who takes part has no figure in its days",
        "%(n)d who take part have no figure in its days",
        "n",
    ),
    Why.NO_TRIGGER: ngettext_lazy(
        "%(n)d who takes part has no figure in the four weeks before",
        "%(n)d who take part have no figure in the four weeks before",
        "n",
    ),
    Why.NO_EARLIER: ngettext_lazy(
        "%(n)d who takes part has fewer than two figures in the twelve weeks before those",
        "%(n)d who take part have fewer than two figures in the twelve weeks before those",
        "n",
    ),
    Why.NO_COLLEAGUES: ngettext_lazy(
        "%(n)d who takes part has fewer than two colleagues of the same queue and tenure",
        "%(n)d who take part have fewer than two colleagues of the same queue and tenure",
        "n",
    ),
}


def kpi(trial: Trial) -> str:
    one = KPIS.get(trial.kpi)
    return trial.kpi if one is None else str(one.name)


def hoped(trial: Trial) -> str:
    """What is hoped for: "less Average handling time"."""
    less = trial.hoped == Trial.Hoped.LESS
    said = _("less %(kpi)s") if less else _("more %(kpi)s")
    return said % {"kpi": kpi(trial)}


def verdict(trial: Trial, one: Verdict) -> tuple[Level, str, str]:
    """The one sentence of a trial that is over: a level with its word, and what is said."""
    found = one.effect
    if found is None:
        return "none", _("cannot be told"), why_not(trial, one)
    estimate = found.covariances
    said = {
        "kpi": kpi(trial),
        "change": of_effects.estimate(estimate, one.measure.variant.unit),
        "beside": beside(one.compared),
    }
    if not of_effects.is_apart(estimate):
        words = _("It ran as registered: no effect on %(kpi)s can be told, %(change)s, %(beside)s.")
        return "none", _("not told apart"), words % said
    words = _("It ran as registered and moved %(kpi)s by %(change)s, %(beside)s.")
    return *as_hoped(trial, estimate.value), words % said


def verdict_then(trial: Trial) -> tuple[Level, str, str]:
    """The same of a trial that was decided on, as it is kept with the decision."""
    told: dict[str, Any] = trial.told
    if "value" not in told:
        return "none", _("could not be told"), _why_not_then(told)
    value, ends = told["value"], (told["low"], told["high"])
    said = {
        "kpi": kpi(trial),
        "change": of_effects.within(value, ends, told["unit"]),
        "beside": beside(told["compared"]),
    }
    if ends[0] <= 0 <= ends[1]:
        words = _("It ran as registered: no effect on %(kpi)s can be told, %(change)s, %(beside)s.")
        return "none", _("not told apart"), words % said
    words = _("It ran as registered and moved %(kpi)s by %(change)s, %(beside)s.")
    return *as_hoped(trial, value), words % said


def _why_not_then(told: Mapping[str, Any]) -> str:
    if told.get("refused") in (Refused.FEW_COACHED, Refused.FEW_COMPARED):
        return _few(Refused(told["refused"]), told.get("coached", 0), told.get("compared", 0))
    return _("No effect could be told when it was decided on.")


def as_hoped(trial: Trial, value: float) -> tuple[Level, str]:
    if (value > 0) == (trial.hoped == Trial.Hoped.MORE):
        return "ok", _("as hoped")
    return "bad", _("against what was hoped")


def beside(compared: int) -> str:
    words = ngettext(
        "beside %(n)s colleague who was not in it",
        "beside %(n)s colleagues who were not in it",
        compared,
    )
    return words % {"n": count(compared)}


def why_not(trial: Trial, one: Verdict) -> str:
    if one.found in (Refused.FEW_COACHED, Refused.FEW_COMPARED):
        return _few(Refused(one.found), one.coached, one.compared)
    if one.found is Refused.ALIKE:
        return _("All of them have the same figures before: there is nothing to compare them by.")
    if not one.measure.is_told:
        said = _("%(kpi)s, as this site makes it by now (%(variant)s), is told of no single agent.")
        return said % {"kpi": kpi(trial), "variant": one.measure.variant.id}
    if one.reaches_to is None:
        return _("Nothing is counted at this site.")
    said = _("The record is whole up to %(day)s: it is told once it holds %(last)s.")
    last = one.whole_on or trial.ends_on
    return said % {"day": date_format(one.reaches_to, "j M Y"), "last": date_format(last, "j M Y")}


def _few(why: Refused, coached: int, compared: int) -> str:
    if why is Refused.FEW_COACHED:
        words = ngettext(
            "It ran as registered: %(n)s who takes part can be compared, %(least)s are needed.",
            "It ran as registered: %(n)s who take part can be compared, %(least)s are needed.",
            coached,
        )
        return words % {"n": count(coached), "least": FEWEST_COACHED}
    words = ngettext(
        "It ran as registered: %(n)s colleague can be compared, %(least)s are needed.",
        "It ran as registered: %(n)s colleagues can be compared, %(least)s are needed.",
        compared,
    )
    return words % {"n": count(compared), "least": FEWEST_COMPARED}


def passed(one: Verdict) -> list[str]:
    """Who is left out, and why."""
    said = [_PASSED[why] % {"n": many} for why, many in one.passed.items() if why in _PASSED]
    if one.apart:
        words = ngettext(
            "%(n)s colleague is none to compare with: in another trial on its days, or of its team",
            "%(n)s colleagues are none to compare with: in another trial on its days, or of its "
            "team",
            one.apart,
        )
        said.append(words % {"n": count(one.apart)})
    return said


def told_then(trial: Trial) -> str:
    """What was told of it when it was decided on."""
    told: dict[str, Any] = trial.told
    if "value" not in told:
        return _("no effect could be told")
    ends = (told["low"], told["high"])
    words = _("%(change)s, %(beside)s")
    change = of_effects.within(told["value"], ends, told["unit"])
    return words % {"change": change, "beside": beside(told["compared"])}


def history(said: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What a change of a trial changed: what it is called, before, and after."""
    names = {
        "title": _("Idea"), "words": _("What is done otherwise"), "kpi": _("KPI"),
        "hoped": _("Hoped for"), "starts_on": _("First day"), "ends_on": _("Last day"),
    }  # fmt: skip
    found = [
        (words, _value(name, said[name]), _value(name, after[name]))
        for name, words in names.items()
        if said[name] != after[name]
    ]
    if (was := {*said["agents"]}) != (now := {*after["agents"]}):
        change = _("%(more)s more, %(fewer)s fewer")
        found.append(
            (_("Agents"), count(len(was)),
             f"{count(len(now))} ({change % {'more': len(now - was), 'fewer': len(was - now)}})")
        )  # fmt: skip
    return found


def _value(name: str, value: Any) -> str:
    if name == "kpi":
        return str(KPIS[value].name) if value in KPIS else str(value)
    if name == "hoped":
        return str(dict(Trial.Hoped.choices).get(value, value))
    return str(value)
