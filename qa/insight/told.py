"""The page of insight: everything that the reviews of a site and a period tell."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from ccm.intervals import site_days
from ccm.models import Site
from ccm.names import in_order
from ccm.querysets import Viewer
from qa.access import sees_all_of
from qa.agreement import Rewrite
from qa.calibration import ratings
from qa.calibration.ratings import Blind
from qa.insight import apart, reads, reviewers
from qa.insight import criteria as of_criteria
from qa.insight.apart import Apart
from qa.insight.reads import Review
from qa.insight.weighted import Mean, Rate, mean, rate
from qa.sampling import FEWEST_REVIEWS

MONTHS = 12
"""So many months, the last that of the period's last day, make the trends."""
MOST_TEAMS_DRAWN = 8
"""A chart of more lines tells none apart."""

# Days employed up to which a band reaches, and its name.
_BANDS = ((91, "new"), (365, "year"), (730, "second"), (10**9, "longer"))
BANDS = (*(name for _days, name in _BANDS), "unknown")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page is narrowed to beside a period, a site and a queue; None: all."""

    card: int | None = None
    team: int | None = None
    reviewer: int | None = None

    def known(self, choices: Mapping[str, Sequence[tuple[int, str]]]) -> "Asked":
        """The same without what there is nothing of."""
        there = {name: {pk for pk, _words in some} for name, some in choices.items()}
        return Asked(
            **{
                name: pk if pk in some else None
                for name, some in there.items()
                for pk in [getattr(self, name)]
            }
        )

    def has(self, one: Review) -> bool:
        return (
            (self.card is None or one.card == self.card)
            and (self.team is None or one.team == self.team)
            and (self.reviewer is None or one.reviewer == self.reviewer)
        )


@dataclass(frozen=True, slots=True)
class Line:
    """The reviews of a team, a queue, a band of tenure, or all: the mean of those that did not fail
    by a critical criterion, and how many calls do."""

    id: int | str | None
    name: str
    score: Mean
    failing: Rate

    @property
    def reviews(self) -> int:
        return self.failing.n


@dataclass(frozen=True, slots=True)
class Month:
    """A team's months and its reviews of all of them; of a month without any there is no line."""

    id: int | None
    name: str
    reviews: int
    months: Mapping[date, Line]


@dataclass(frozen=True, slots=True)
class Insight:
    """`reviews` of the period and as it is narrowed to what was `asked`; `is_let_go`: something of
    that has no reviews here, and all is shown. `judged` is None where the reader does not see all
    reviews of the site: who is hard is told of all that somebody scored. `outcomes` are how many of
    the reviewed calls have an answer on satisfaction, and are known to be settled or not. `cards`:
    by how many scorecards they were made. `apart_teams` and `apart_agents` stand apart from the
    others beyond noise, the surest first; agents are those whose reviews the reader sees.
    """

    asked: Asked
    is_let_go: bool
    reviews: int
    whole: Line
    teams: Sequence[Line]
    queues: Sequence[Line]
    tenure: Sequence[Line]
    trend: Sequence[Month]
    months: Sequence[date]
    criteria: Sequence[of_criteria.Judged]
    lacking: of_criteria.Lacking
    judged: reviewers.Judged | None
    people: Mapping[int, str]
    outcomes: Mapping[str, int]
    cards: int
    choices: Mapping[str, Sequence[tuple[int, str]]]
    apart_teams: Sequence[Apart]
    apart_agents: Sequence[Apart]

    @property
    def vital(self) -> list[of_criteria.Judged]:
        """The few criteria that most of what is lost is lost on."""
        return [one for one in self.criteria if one.loss.is_vital]

    def judged_to(self, rewrite: Rewrite) -> list[of_criteria.Judged]:
        return [one for one in self.criteria if one.verdict.rewrite is rewrite]

    @property
    def to_rewrite(self) -> list[of_criteria.Judged]:
        """Criteria by which reviewers surely do not mean the same."""
        return self.judged_to(Rewrite.SURELY)

    @property
    def perhaps_to_rewrite(self) -> list[of_criteria.Judged]:
        return self.judged_to(Rewrite.SEEMS)

    @property
    def never_failed(self) -> list[of_criteria.Judged]:
        return [one for one in self.criteria if one.verdict.nobody_fails]


def of(
    user: Viewer,
    site: Site,
    first: date,
    last: date,
    *,
    queue: int | None = None,
    asked: Asked | None = None,
) -> Insight:
    """Everything of the days [first, last], of the site's reviews as far as sums of them are told
    to the reader. Eight queries."""
    asked = asked or Asked()
    begun = _months_before(last)
    since = min(begun, first)
    found = reads.reviews(user, site, since, last)
    within = [one for one in found if one.ended >= first]
    sees_all = sees_all_of(user, site.pk)
    blind = _blind(user, site, since, last) if sees_all else {}
    raters = {one.reviewer for of_card in blind.values() for one in of_card.given}
    people = reads.people({one.reviewer for one in within} | raters)
    choices = {
        "card": _choices((one.card, one.card_name) for one in within),
        "team": _choices((one.team, one.team_name) for one in within if one.team),
        "reviewer": _choices((one.reviewer, people[one.reviewer]) for one in within),
    }
    kept_asked = asked.known(choices)
    kept = [one for one in found if kept_asked.has(one) and queue in (None, one.queue)]
    shown = [one for one in kept if one.ended >= first]
    if kept_asked.card is not None:
        blind = {card: one for card, one in blind.items() if card == kept_asked.card}
    cards = {one.card for one in shown}
    outcomes = _outcomes(shown)
    judged = None
    if sees_all:
        counts = Counter(one.reviewer for one in shown)
        days = site_days(first, last, site.calendar)
        judged = reviewers.judge(blind.values(), counts, days, begun, site.calendar)
    # Of fewer it would be told what a single call got, which may be blind to its reader.
    counted = shown if len(shown) >= FEWEST_REVIEWS else []
    answers = reads.answers(counted, first, last, site)
    criteria = of_criteria.judge(reads.forms(cards), counted, answers, blind, outcomes)
    return Insight(
        asked=kept_asked,
        is_let_go=kept_asked != asked,
        reviews=len(shown),
        whole=line(None, "", shown),
        teams=_lines(shown, lambda one: one.team, lambda one: one.team_name or _("no team")),
        queues=_lines(shown, lambda one: one.queue, lambda one: one.queue_name or _("no queue")),
        tenure=_by_tenure(shown),
        trend=_trend([one for one in kept if one.ended >= begun]),
        months=_months(max(begun, min((one.ended for one in kept), default=begun)), last),
        criteria=criteria,
        lacking=of_criteria.lacking(counted, answers, criteria),
        judged=judged,
        people=people,
        outcomes={kind: len(calls) for kind, calls in outcomes.items()},
        cards=len(cards),
        choices=choices,
        apart_teams=apart.teams(shown),
        apart_agents=apart.agents(shown),
    )


def _blind(user: Viewer, site: Site, first: date, last: date) -> dict[int, Blind]:
    span = site_days(first, last, site.calendar)
    return ratings.blind(ratings.seen(user).filter(site=site), span.start, span.end)


def line(pk: int | str | None, name: str, some: Sequence[Review]) -> Line:
    """Some reviews together."""
    good = [one for one in some if not one.is_failed]
    return Line(
        pk,
        name,
        mean(
            [one.share for one in good],
            [one.weight for one in good],
            [one.agent for one in good],
        ),
        rate(
            [one.is_failed for one in some],
            [one.weight for one in some],
            [one.agent for one in some],
        ),
    )


def band(one: Review) -> str:
    """How long the agent had been there when they took the call."""
    if one.hired_on is None:
        return BANDS[-1]
    days = (one.day - one.hired_on).days
    return next(name for most, name in _BANDS if days < most)


def _lines(
    some: Sequence[Review],
    of_what: Callable[[Review], int | None],
    name: Callable[[Review], str],
) -> list[Line]:
    told = [line(pk, name(group[0]), group) for pk, group in _groups(some, of_what).items()]
    return sorted(told, key=lambda one: in_order(one.name))


def _groups(
    some: Sequence[Review], of_what: Callable[[Review], Hashable]
) -> dict[int | None, list[Review]]:
    groups: dict[int | None, list[Review]] = defaultdict(list)
    for one in some:
        groups[of_what(one)].append(one)  # type: ignore[index]
    return groups


def _by_tenure(some: Sequence[Review]) -> list[Line]:
    groups: dict[str, list[Review]] = defaultdict(list)
    for one in some:
        groups[band(one)].append(one)
    return [line(name, name, groups[name]) for name in BANDS if groups[name]]


def _trend(some: Sequence[Review]) -> list[Month]:
    told = []
    for pk, of_team in _groups(some, lambda one: one.team).items():
        by_month: dict[date, list[Review]] = defaultdict(list)
        for one in of_team:
            by_month[one.month].append(one)
        name = of_team[-1].team_name or _("no team")
        lines = {month: line(pk, name, group) for month, group in sorted(by_month.items())}
        told.append(Month(pk, name, len(of_team), lines))
    return sorted(told, key=lambda one: in_order(one.name))


def _outcomes(some: Sequence[Review]) -> dict[str, dict[object, float]]:
    """What callers made of reviewed calls, by kind. A matter is settled as the call's source has
    it, and where that says nothing as the caller answered."""
    told: dict[str, dict[object, float]] = dict(reads.surveyed(some))
    settled = {one.call: float(one.settled) for one in some if one.settled is not None}
    told["fcr"] = {**told.get("fcr", {}), **settled}
    return {kind: calls for kind, calls in told.items() if calls}


def _choices(some: object) -> list[tuple[int, str]]:
    found = dict(some)  # type: ignore[call-overload]
    return sorted(found.items(), key=lambda one: in_order(one[1]))


def _months_before(last: date) -> date:
    """The first day of the first of the months that make trends."""
    many = last.year * 12 + last.month - MONTHS
    return date(many // 12, many % 12 + 1, 1)


def _months(first: date, last: date) -> list[date]:
    """The months from that of a day to that of another, by their first days."""
    found = [first.replace(day=1)]
    while (later := _next(found[-1])) <= last:
        found.append(later)
    return found


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
