"""How a score is made, in words: the one place that says it, for pages, passports and the
definition."""

from datetime import date

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from ccm import periods
from ccm.filters import address
from ccm.templatetags.figures import percent
from kpis.above import Asked, Definition
from qa.sampling import FEWEST_REVIEWS, Interval
from qa.scores.passport import Passport

SCORE = "qa_score"
"""What the figure is called where KPIs are told."""
RULE = "Q1"
"""The rule by which scores are made; another way to make them has another name."""
SOURCE = "docs/quality-sampling.md"

_NOT_RELEASED = ngettext_lazy(
    "%(n)d drawn call of which no review is released to you",
    "%(n)d drawn calls of which no review is released to you",
    "n",
)
_NOT_REVIEWED = ngettext_lazy(
    "%(n)d drawn call that is not reviewed yet",
    "%(n)d drawn calls that are not reviewed yet",
    "n",
)
_SWAPPED = ngettext_lazy(
    "%(n)d call that was swapped for the next: %(why)s",
    "%(n)d calls that were swapped for the next: %(why)s",
    "n",
)
_UNSCORED = ngettext_lazy(
    "%(n)d review in which nothing counts", "%(n)d reviews in which nothing counts", "n"
)
_TWICE = ngettext_lazy(
    "%(n)d review of a call that was drawn twice: its first one counts",
    "%(n)d reviews of calls that were drawn twice: the first of each counts",
    "n",
)
_FURTHER = ngettext_lazy(
    "%(n)d further review of a call: it shows how far reviewers agree",
    "%(n)d further reviews of calls: they show how far reviewers agree",
    "n",
)
_TARGETED = ngettext_lazy(
    "%(n)d targeted review of the same days: chance has not drawn its call",
    "%(n)d targeted reviews of the same days: chance has not drawn their calls",
    "n",
)


def name() -> str:
    return _("QA score")


def how(*, own: bool = False) -> list[str]:
    """How a score is made; `own`, for the agent whose it is."""
    first = _(
        "The score is made of first reviews of calls drawn at random, each for the calls that it"
        " stands for, and drawn to the team's as far as few reviews make it unsure; calls that"
        " failed by a critical criterion stand apart. Targeted reviews and calibration never count."
    )
    few = _("Of fewer than %(least)s reviews there is none.") % {"least": FEWEST_REVIEWS}
    released = _("Counted are reviews that are released to you.")
    return [first, few, released] if own else [first, few]


def disputed() -> str:
    return _("A review that is disputed counts as it stands until answers of it are changed.")


def weighing() -> str:
    return _(
        "Each review stands for as many calls of its layer as there are for each that is reviewed"
        " of it: the mean is Hajek's, weighted by one over the inclusion probability."
    )


def reaching() -> str:
    """How the interval comes about."""
    return _(
        "95 %: t, by how much calls differ within agents of the team, with the finite number of"
        " calls; partly pooled with the team's, where four agents have a score"
    )


def definition() -> Definition:
    """As it stands among definitions."""
    return Definition(
        SCORE,
        name(),
        _("per cent of the points that could be had, 0 to 100; by scorecard"),
        RULE,
        " ".join(how()),
        [
            (_("Calls"), _("those that chance has drawn, each with its inclusion probability")),
            (_("Weights"), weighing()),
            (_("Interval"), reaching()),
            (
                _("Automatic fails"),
                _(
                    "a rate of its own, by the same weights, with the interval that is exact for"
                    " so many calls"
                ),
            ),
            (
                _("Left out"),
                _(
                    "targeted reviews, further reviews of a call, calibration, calls that were"
                    " swapped, reviews in which nothing counts; for agents of their own also what"
                    " is not released to them"
                ),
            ),
            (_("Disputes"), disputed()),
            (_("Days"), _("those of draws whose last day is in the period")),
        ],
        SOURCE,
    )


def left_out(one: Passport) -> list[str]:
    """What was left out of a score and why, so many of each."""
    outstanding = _NOT_RELEASED if one.own else _NOT_REVIEWED
    return [
        *_many(outstanding, one.outstanding),
        *(words for why, n in one.swapped for words in _many(_SWAPPED, n, why=why)),
        *_many(_UNSCORED, one.unscored),
        *_many(_TWICE, one.twice),
        *_many(_FURTHER, one.further),
        *_many(_TARGETED, one.told.targeted),
    ]


def _many(words: Promise, n: int, **more: str) -> list[str]:
    """Nothing is said of none."""
    return [str(words % {"n": n, **more})] if n else []


def asked(first: date, last: date, plan: int | None = None) -> dict[str, object]:
    """How a passport is asked for the days of a score, and the plan that it is of."""
    days: dict[str, object] = {"period": periods.CUSTOM, "from": first, "to": last}
    return days if plan is None else days | {"plan": plan}


def asked_about(agent: int, card: int, first: date, last: date) -> Asked:
    """The score, as what is said of it names it."""
    days = [("from", first.isoformat()), ("to", last.isoformat())]
    return Asked(SCORE, agent, first, last, [("score", str(card)), *days])


def passport_at(agent: int, card: int, first: date, last: date) -> str:
    """Where a score of all draws of some days explains itself."""
    return address(reverse("score_passport", args=[agent, card]), asked(first, last))


def span(interval: Interval) -> str:
    return f"{percent(interval.low)} – {percent(interval.high)}"
