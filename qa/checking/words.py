"""Checks in words: what each looks for, what is wrong with one, how far it agrees with people."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kpis.noise.intervals import Interval
from qa.checks import Fault, Faulty, Kind, Limits, Prefill
from qa.checks.learned import FEWEST_OF_EACH, FEWEST_REVIEWS, FOLDS
from qa.checks.patterns import LONGEST_PATTERN

if TYPE_CHECKING:
    from qa.checking.agreeing import Agreement, Waiting

Words = str | Promise
KINDS: Mapping[Kind, Words] = {
    Kind.SAY: gettext_lazy("Must be said"),
    Kind.NEVER_SAY: gettext_lazy("Must never be said"),
    Kind.SILENCE: gettext_lazy("Silence"),
    Kind.OVERTALK: gettext_lazy("Overtalk"),
    Kind.HOLD_NOTICE: gettext_lazy("Hold is announced"),
}
VERDICTS: Mapping[str, Words] = {
    "met": gettext_lazy("met"),
    "broken": gettext_lazy("broken"),
    "n/a": gettext_lazy("does not apply"),
}
_FAULTS: Mapping[Fault, Words] = {
    Fault.NO_NAME: gettext_lazy("It needs a name and a criterion."),
    Fault.TWICE: gettext_lazy("There is another of this name."),
    Fault.NOTHING_TO_FIND: gettext_lazy("Write at least one phrase."),
    Fault.TOO_MANY: gettext_lazy("At most 100 phrases."),
    Fault.NO_WORDS: gettext_lazy("“%(where)s” has no words."),
    Fault.NO_REGEX: gettext_lazy("“%(where)s” is no expression: %(why)s"),
    Fault.FINDS_NOTHING: gettext_lazy("“%(where)s” is found everywhere, also in nothing."),
    Fault.NO_REACH: gettext_lazy("Say within how many seconds or lines."),
    Fault.NO_LIMIT: gettext_lazy("Say from how many seconds on."),
    Fault.NOT_POSITIVE: gettext_lazy("It must be more than nothing."),
    Fault.SHARE: gettext_lazy("A share is from 0 to less than 100 %%."),
    Fault.LANGUAGE: gettext_lazy("“%(where)s” is no language: write en, or en-gb."),
    Fault.NO_ANSWER: gettext_lazy("Say what it answers when met, or when broken."),
    Fault.SAME_ANSWER: gettext_lazy("Met and broken are not the same answer."),
    Fault.WRONG_ANSWER: gettext_lazy("The criterion has no answer “%(where)s”."),
}


_NO_LIMIT: Mapping[Kind, Words] = {
    Kind.OVERTALK: gettext_lazy("Say from how many seconds on, or from what share of talk."),
    Kind.HOLD_NOTICE: gettext_lazy(
        "Say how many seconds before a hold it may have been announced at most."
    ),
}


def fault(one: Faulty, kind: Kind | None = None) -> str:
    """What is wrong with a rule, of a kind if it is known."""
    words = _FAULTS[one.fault]
    if one.fault is Fault.NO_LIMIT and kind is not None:
        words = _NO_LIMIT.get(kind, words)
    return str(words) % {"where": one.where[:80], "why": one.why}


def half_slashed(line: str) -> str:
    return _(
        "“%(line)s” has a slash at one end alone: an expression has one at both, a phrase at none."
    ) % {"line": line[:80]}


def share(one: Interval | None) -> str:
    """A share with its interval: "87 % (68 to 95)"."""
    if one is None:
        return "–"
    value, low, high = (round(100 * part) for part in (one.value, one.low, one.high))
    return _("%(value)s %% (%(low)s to %(high)s)") % {"value": value, "low": low, "high": high}


def kappa(one: Interval | None) -> str:
    """A coefficient with its interval: ".83 (.69 to .93)"."""
    if one is None:
        return "–"
    value, low, high = (_coefficient(part) for part in (one.value, one.low, one.high))
    return _("%(value)s (%(low)s to %(high)s)") % {"value": value, "low": low, "high": high}


def too_few(found: "Agreement", limits: Limits | None = None) -> str:
    """Of what there is too little, and how much it takes; empty: enough."""
    if found.may is not Prefill.TOO_FEW:
        return ""
    least, measure = limits or Limits(), found.measure
    lacking = []
    if measure.calls < least.calls:
        lacking.append(_("%(n)s of %(least)s calls") % {"n": measure.calls, "least": least.calls})
    if measure.broken < least.broken:
        lacking.append(
            _("%(n)s of %(least)s that people call broken")
            % {"n": measure.broken, "least": least.broken}
        )
    return _("too few: %(what)s") % {"what": ", ".join(lacking)}


def not_all_judged(one: "Waiting") -> str:
    """Why a measure is not final yet; empty: it is."""
    if not one.reviewed:
        return ""
    return ngettext(
        "%(n)s reviewed call is still to be judged: what is told is of %(judged)s of %(all)s"
        " transcripts, and not final.",
        "%(n)s reviewed calls are still to be judged: what is told is of %(judged)s of %(all)s"
        " transcripts, and not final.",
        one.reviewed,
    ) % {"n": one.reviewed, "judged": one.judged, "all": one.all}


def why_not_prefill(found: "Agreement", limits: Limits | None = None) -> str:
    """Why a check may not fill in answers; empty: it may."""
    least = limits or Limits()
    if found.may is Prefill.YES:
        return ""
    if found.may is Prefill.TOO_FEW:
        return _(
            "It fills in nothing before %(calls)s calls tell how far it agrees with people, and"
            " people call %(broken)s of them broken; %(lacking)s."
        ) % {
            "calls": least.calls, "broken": least.broken, "lacking": too_few(found, least),
        }  # fmt: skip
    measure = found.measure
    lacking = [
        _("%(name)s %(is)s, more than %(limit)s is needed")
        % {"name": name, "is": said(None if one is None else one.low), "limit": said(limit)}
        for name, one, limit, said in (
            (_("precision"), measure.precision, least.precision, _hundredths),
            (_("recall"), measure.recall, least.recall, _hundredths),
            (_("kappa"), measure.kappa, least.kappa, _coefficient),
        )
        if one is None or one.low <= limit
    ]
    return _("It does not agree with people well enough: by the lower ends %(what)s.") % {
        "what": "; ".join(lacking)
    }


def doubtful(found: "Agreement", limits: Limits | None = None) -> str:
    """Why a check is shown beside no review; empty: it is."""
    if not found.is_doubtful:
        return ""
    least = limits or Limits()
    if found.measure.kappa is None:
        return _("It says the same of every call, and people do not: no review shows it.")
    return _(
        "It surely agrees too little with people: kappa is at most %(high)s, and up to %(least)s no"
        " review shows what it says."
    ) % {"high": _coefficient(found.measure.kappa.high), "least": _coefficient(least.shown)}


def too_few_reviews(reviews: int, answers: int) -> str:
    """Why nothing was learned."""
    return _(
        "Too few: %(reviews)s reviews by %(answers)s answers that are there often enough. It takes"
        " %(fewest)s with a transcript and without a suggestion in view, of two answers that"
        " %(each)s have each, by calls of %(agents)s agents or more."
    ) % {
        "reviews": reviews, "answers": answers, "fewest": FEWEST_REVIEWS, "each": FEWEST_OF_EACH,
        "agents": FOLDS,
    }  # fmt: skip


def patterns_hint() -> str:
    return _(
        "One a line. Case, accents and the signs between words do not matter. A line in slashes,"
        " /thank(s| you)/, is a regular expression of at most %(n)s signs."
    ) % {"n": LONGEST_PATTERN}


def _hundredths(share: float | None) -> str:
    return _("has no value") if share is None else f"{round(100 * share)} %"


def _coefficient(value: float | None) -> str:
    if value is None:
        return _("has no value")
    return f"{value:.2f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.2f}"
