"""Plans, a draw and the scores of agents as files."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo

from django.utils.translation import gettext_lazy

from ccm.intervals import DAY
from qa.cells import CALL, estimate, hundredths, interval, when
from qa.plans import words
from qa.plans.reads import OfCall, PlanRow
from qa.scores import reads as scores

PLANS_HEADER = [
    gettext_lazy("Plan"), gettext_lazy("Site"), gettext_lazy("Scorecard"),
    gettext_lazy("How often"), gettext_lazy("Calls of each"), gettext_lazy("Reviewers"),
    gettext_lazy("Newest draw from"), gettext_lazy("Newest draw to"), gettext_lazy("Drawn"),
    gettext_lazy("Reviewed"), gettext_lazy("Reviewed late"), gettext_lazy("Overdue"),
    gettext_lazy("Swapped"), gettext_lazy("Next draw"), gettext_lazy("Ended"),
]  # fmt: skip


def plan_cells(one: PlanRow) -> list[object]:
    """A plan as a row under `PLANS_HEADER`; what it has drawn is that of its newest draw."""
    plan, newest, of_it = one.plan, one.newest, one.coverage
    return [
        plan.name, plan.site.name, plan.card.name, plan.get_cadence_display(), plan.per_agent,
        one.reviewers, newest and newest.first_day, newest and newest.next_day - DAY,
        of_it and of_it.drawn, of_it and of_it.reviewed, of_it and of_it.late,
        of_it and of_it.overdue, None if of_it is None else one.swapped,
        one.next and one.next.next, plan.ended_on,
    ]  # fmt: skip


DRAW_HEADER = [
    gettext_lazy("Agent"), gettext_lazy("Team"), *CALL,
    gettext_lazy("Queue"), gettext_lazy("Talk, seconds"), gettext_lazy("Stratum"),
    gettext_lazy("Layer"), gettext_lazy("Strata of the layer"), gettext_lazy("Drawn of the layer"),
    gettext_lazy("Calls of the layer"), gettext_lazy("Inclusion probability"),
    gettext_lazy("State"), gettext_lazy("Reason of a swap"), gettext_lazy("In words"),
]  # fmt: skip


def draw_lines(calls: Iterable[OfCall], zone: tzinfo) -> Iterator[Sequence[object]]:
    """Drawn calls as rows under `DRAW_HEADER`, their times by their site's clock."""
    for one in calls:
        drawn = one.drawn
        yield [
            drawn.drawn.agent.name, drawn.drawn.team and drawn.drawn.team.name, drawn.call_id,
            when(one.at, zone), one.queue, one.talk_s, one.stratum,
            drawn.layer + 1, "; ".join(one.drawn_from), drawn.n, drawn.of, one.probability,
            one.word, drawn.get_swap_reason_display() if drawn.swap_reason else None,
            drawn.swap_words,
        ]  # fmt: skip


SCORES_HEADER = [
    gettext_lazy("Scorecard"), gettext_lazy("Agent"), gettext_lazy("Team"),
    gettext_lazy("Eligible calls"), gettext_lazy("Drawn"), gettext_lazy("Reviewed"),
    gettext_lazy("Score, %"), gettext_lazy("Score from, %"), gettext_lazy("Score to, %"),
    gettext_lazy("Own mean, %"), gettext_lazy("Own mean from, %"),
    gettext_lazy("Own mean to, %"), gettext_lazy("Drawn to the team, %"), gettext_lazy("Failed"),
    gettext_lazy("Failing, %"), gettext_lazy("Failing from, %"), gettext_lazy("Failing to, %"),
    gettext_lazy("Best rank"), gettext_lazy("Worst rank"),
    gettext_lazy("More reviews to halve the interval"),
    gettext_lazy("Targeted reviews, not counted"),
    gettext_lazy("Why there is no score"),
]  # fmt: skip


def score_cells(card: str, one: scores.AgentScore) -> list[object]:
    """A score as a row under `SCORES_HEADER`."""
    score = one.score
    failing = score.failing
    return [
        card, one.agent.name, one.team and one.team.name, one.eligible, one.drawn, one.reviews,
        *estimate(score.pooled), *estimate(score.own),
        hundredths(score.drawn_in) if score.pooled else None,
        *(
            [failing.failed, hundredths(failing.rate), *interval(failing.interval)]
            if failing
            else [None] * 4
        ),
        *([one.rank.best, one.rank.worst] if one.rank else [None] * 2),
        one.more, one.targeted, words.LACKS[score.lack] if score.lack else None,
    ]  # fmt: skip
