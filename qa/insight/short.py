"""Insight in short: at most five sentences, what presses most first, each with where it leads."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm.filters import address
from ccm.templatetags.figures import grouped, percent
from qa.insight import words
from qa.insight.apart import Apart
from qa.insight.criteria import Judged as Criterion
from qa.insight.reviewers import Reviewer
from qa.insight.told import Insight

MOST = 5
_NAMED = 2


@dataclass(frozen=True, slots=True)
class Sentence:
    """A level with its word, who or what it is about, what is said of it, and where it leads.
    `session`: what a calibration session on it begins with, its name and its scorecard (None: any);
    None: no session answers it."""

    level: str
    word: str
    who: str
    said: str
    url: str
    link: str
    session: tuple[str, int | None] | None = None


def sentences(made: Insight, lost_url: Callable[[Criterion], str]) -> list[Sentence]:
    """At most five, what presses most first; `lost_url` is where the reviews behind a criterion
    are."""
    told = (
        _drift, _teams, _agents, _cost, _rewrite, _maybe_drift, _nobody_fails, _severity,
        _maybe_rewrite, _steady,
    )  # fmt: skip
    every = (one for say in told for one in say(made, lost_url))
    return list(islice(every, MOST))


_Lost = Callable[[Criterion], str]


def _drift(made: Insight, _url: _Lost) -> Iterator[Sentence]:
    if made.judged and (some := made.judged.drifting):
        said = _("drifts beside the others on the same calls: %(trend)s.")
        yield _of_reviewer(made, some, ("bad", _("drifts")), said)


def _maybe_drift(made: Insight, _url: _Lost) -> Iterator[Sentence]:
    if made.judged and (some := made.judged.maybe_drifting):
        said = _(
            "by themselves: %(trend)s. With all reviewers looked at, or without one of them, it "
            "may be chance."
        )
        yield _of_reviewer(made, some, ("warn", _("perhaps drifts")), said)


def _severity(made: Insight, _url: _Lost) -> Iterator[Sentence]:
    if made.judged and (some := made.judged.apart):
        said = _("on the same calls, in these days: %(severity)s.")
        yield _of_reviewer(made, some, ("warn", _("apart")), said)


def _of_reviewer(
    made: Insight, some: Sequence[Reviewer], tag: tuple[str, str], said: str
) -> Sentence:
    first = some[0]
    told = said % {"trend": words.trend(first.trend), "severity": words.severity(first.severity)}
    if more := len(some) - 1:
        told += " " + _("The table has %(n)s more.") % {"n": grouped(more)}
    name = _("How strictly we score")
    return Sentence(
        *tag, made.people.get(first.id, ""), told, "#reviewers", _("Reviewers"),
        (name, made.asked.card),
    )  # fmt: skip


def _steady(made: Insight, _url: _Lost) -> Iterator[Sentence]:
    judged = made.judged
    if judged is None or judged.drifting or judged.maybe_drifting:
        return
    if judged.is_told:
        said = ngettext(
            "No reviewer drifts, as far as %(n)s call that several scored blind tells.",
            "No reviewer drifts, as far as %(n)s calls that several scored blind tell.",
            judged.calls,
        ) % {"n": grouped(judged.calls)}
        yield Sentence("ok", _("steady"), "", said, "#reviewers", _("Reviewers"))
    else:
        said = _(
            "Whether a reviewer drifts is not known: it takes calls of three months or more that "
            "several score blind, and three reviewers."
        )
        yield Sentence("none", _("not known"), "", said, "#reviewers", _("Reviewers"))


def _teams(made: Insight, _url: _Lost) -> Iterator[Sentence]:
    if made.apart_teams:
        # Who sees all reviews of the site is told of reviewers, and others of those they see.
        said = {
            False: _("scores %(points)s points below the other teams together (%(ends)s)."),
            True: _("scores %(points)s points above the other teams together (%(ends)s)."),
        } if made.judged else {
            False: _(
                "scores %(points)s points below the other teams that you see, together (%(ends)s)."
            ),
            True: _(
                "scores %(points)s points above the other teams that you see, together (%(ends)s)."
            ),
        }  # fmt: skip
        yield _of_apart(made.apart_teams, said, _("team"), "#by-team", _("By team"))


def _agents(made: Insight, _url: _Lost) -> Iterator[Sentence]:
    if made.apart_agents:
        said = {
            False: _("scores %(points)s points below all other agents together (%(ends)s)."),
            True: _("scores %(points)s points above all other agents together (%(ends)s)."),
        } if made.judged else {
            False: _("scores %(points)s points below all other agents that you see (%(ends)s)."),
            True: _("scores %(points)s points above all other agents that you see (%(ends)s)."),
        }  # fmt: skip
        asked = {"agent": _first(made.apart_agents).id, "state": "done"}
        yield _of_apart(
            made.apart_agents, said, _("agent"), address(reverse("reviews"), asked), _("Reviews")
        )


def _of_apart(
    some: Sequence[Apart], said: Mapping[bool, str], word: str, url: str, link: str
) -> Sentence:
    first = _first(some)
    value, low, high = (100 * (one or 0) for one in _ends(first))
    told = said[value > 0] % {"points": words.points(value), "ends": words.ends(low, high)}
    if more := len(some) - 1:
        words_of = ngettext("%(n)s more stands apart.", "%(n)s more stand apart.", more)
        told += " " + words_of % {"n": grouped(more)}
    return Sentence("none" if value > 0 else "warn", word, first.name, told, url, link)


def _first(some: Sequence[Apart]) -> Apart:
    """The surest of those below, where something is to be done; where all are above, of those."""
    return next((one for one in some if (one.beside.value or 0) < 0), some[0])


def _ends(one: Apart) -> tuple[float | None, float | None, float | None]:
    """The difference with its ends, the nearer to 0 first."""
    beside = one.beside
    if (beside.value or 0) > 0:
        return beside.value, beside.low, beside.high
    return beside.value, -(beside.high or 0), -(beside.low or 0)


def _cost(made: Insight, url: _Lost) -> Iterator[Sentence]:
    if made.vital:
        first = made.vital[0]
        said = _("costs most: %(points)s points a call, %(share)s of all that is lost.") % {
            "points": words.points(100 * first.loss.lost),
            "share": percent(first.loss.share),
        }
        yield Sentence("none", _("lost"), first.name, said, url(first), _("Its reviews"))


def _rewrite(made: Insight, _url: _Lost) -> Iterator[Sentence]:
    if some := made.to_rewrite:
        said = ngettext(
            "Reviewers do not mean the same by %(n)s criterion: %(names)s.",
            "Reviewers do not mean the same by %(n)s criteria: %(names)s.",
            len(some),
        )
        yield _to_agree_on(_of_criteria(made, some, ("bad", _("rewrite me")), said), some)


def _maybe_rewrite(made: Insight, _url: _Lost) -> Iterator[Sentence]:
    if some := made.perhaps_to_rewrite:
        said = ngettext(
            "Reviewers seem not to mean the same by %(n)s criterion: %(names)s.",
            "Reviewers seem not to mean the same by %(n)s criteria: %(names)s.",
            len(some),
        )
        sentence = _of_criteria(made, some, ("warn", _("perhaps rewrite me")), said)
        yield _to_agree_on(sentence, some)


def _nobody_fails(made: Insight, _url: _Lost) -> Iterator[Sentence]:
    if some := made.never_failed:
        said = ngettext(
            "Nobody fails %(n)s criterion, or hardly anybody: %(names)s.",
            "Nobody fails %(n)s criteria, or hardly anybody: %(names)s.",
            len(some),
        )
        yield _of_criteria(made, some, ("warn", _("tells nothing")), said)


def _of_criteria(
    made: Insight, some: Sequence[Criterion], tag: tuple[str, str], said: str
) -> Sentence:
    """How many, and the first two by their names, those on which most is lost."""
    names = ", ".join(one.name for one in some[:_NAMED])
    if len(some) > _NAMED:
        names = _("%(names)s and others") % {"names": names}
    told = said % {"n": grouped(len(some)), "names": names}
    # Verdicts stand in a table for who sees all reviews of the site alone.
    return Sentence(*tag, "", told, "#same" if made.judged else "#lost", _("Which ones"))


def _to_agree_on(one: Sentence, some: Sequence[Criterion]) -> Sentence:
    """The same, with a session on the first of the criteria."""
    return replace(one, session=(_("What we mean by: %(name)s") % {"name": some[0].name},
                                 some[0].card))  # fmt: skip
