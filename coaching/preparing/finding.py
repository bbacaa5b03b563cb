"""Reads all that a session is prepared with, as far as its coach may read it.

What is found is facts: numbers, ids and days. `coaching.preparing.words` says them to a reader, in
their language; texts of callers and reviewers are read from where they are kept.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F

from ccm.intervals import DAY, Days, day_of, site_days
from ccm.models import Agent, Call, Queue, SurveyResponse, User
from ccm.models.calls import Direction, Outcome
from coaching.access import agents_coached
from coaching.following import progress
from coaching.measured import mates
from coaching.measured.alike import FEWEST_MATES
from coaching.measured.spans import Spans, since_last
from coaching.models import Action, AgendaItem, Session
from coaching.preparing import changes, criteria, examples
from coaching.preparing.changes import Against, Measured
from coaching.preparing.examples import Taken
from coaching.preparing.points import Found
from kpis import agent_days
from kpis.choices import Choices
from kpis.definitions import KPIS
from kpis.figures import Figure
from kpis.noise import Change, Part, change
from kpis.standing import is_of_few
from qa.after import reads as after
from qa.models import Answer, Evaluation
from scheduling.adherence import reads as adherence
from scheduling.adherence import rules as adherence_rules

SHOWN = (
    "csat", "nps", "fcr", "resolved_rate", "missed_rate", "transfer_rate", "aht", "occupancy",
)  # fmt: skip
"""The KPIs that a session looks at: what the caller got first, and how long it took last."""
MOST_CALLS = 2000
"""The newest calls of an agent, of which examples are chosen."""
MOST_COMMENTS, MOST_REVIEWS = 5, 3
EARLIER = timedelta(days=365)
"""A call that was on an agenda within so long is not chosen again."""

Source = AgendaItem.Source


@dataclass(slots=True)
class Prepared:
    """What was found, in the order of the agenda; what could not be told and why; of which days,
    None where nothing is counted."""

    found: list[Found] = field(default_factory=list)
    untold: list[dict[str, Any]] = field(default_factory=list)
    spans: Spans | None = None


def prepared(session: Session, agent: Agent, now: datetime) -> Prepared:
    """All that a session with an agent is prepared with: open steps first, then strengths, what
    else has changed, reviews, calls, answers, the schedule. About forty queries, the same for
    whatever there is."""
    coach = session.coach
    made = Prepared()
    made.found += _steps(agent, coach, now)
    if not agents_coached(coach).filter(pk=agent.pk).exists():
        made.untold.append({"why": "not_yours"})
        return made
    last = progress.last_day_known(agent, now)
    if last is None:
        made.untold.append({"why": "no_record"})
        return made
    made.spans = spans = since_last(_last_held(session, agent), last)
    strengths, others, concerns = _kpis(agent, spans, made.untold)
    rose, reviewed = _reviews(agent, coach, spans, now, made.untold)
    calls = _calls(session, agent, coach, spans, concerns, made.untold)
    made.found += [*strengths, *rose, *others, *reviewed, *calls]
    made.found += _answers(agent, coach, spans, made.untold)
    made.found += _schedule(agent, coach, spans, made.untold)
    return made


def _last_held(session: Session, agent: Agent) -> date | None:
    """The site day of the last session with the agent that is no word at the desk."""
    rows = (
        Session.objects.of_agent(agent.pk)
        .held()
        .filter(kind__in=Session.OF_ONE)
        .exclude(pk=session.pk)
    )
    held = rows.order_by("-held_at").values_list("held_at", flat=True).first()
    return None if held is None else day_of(held, session.site.calendar)


def _steps(agent: Agent, coach: User, now: datetime) -> list[Found]:
    """Open steps with what became of their measure."""
    rows = Action.objects.visible_to(coach).filter(agent=agent).standing()
    steps = list(rows.select_related("criterion"))
    told = progress.of_actions(steps, agent, coach, now)
    return [
        Found(
            f"action:{one.pk}",
            Source.ACTION,
            {
                "action": one.pk,
                "words": one.words,
                "due": one.due_on.isoformat(),
                "kpi": one.kpi,
                "criterion": "" if one.criterion is None else one.criterion.name,
                "progress": of_progress(told[one.pk]) if one.pk in told else None,
            },
        )
        for one in steps
    ]


def of_progress(one: progress.Progress) -> dict[str, Any]:
    """What became of a step's measure, as facts."""
    return {
        "unit": one.unit, "word": one.word, "why": one.why, "now": one.now, "n": one.n,
        "value": one.before, "n_before": one.n_before, **_apart(one.difference),
        **(_span(one.spans) if one.spans else {}),
    }  # fmt: skip


def _apart(difference: Any) -> dict[str, Any]:
    if difference is None:
        return {}
    return {"by": difference.value, "low": difference.low, "high": difference.high}


def _days(days: Days) -> dict[str, str]:
    return {"from": days.first.isoformat(), "to": days.last.isoformat()}


def _span(spans: Spans) -> dict[str, Any]:
    return _days(spans.now) | {"before": _days(spans.before)}


# Figures.


def _kpis(
    agent: Agent, spans: Spans, untold: list[dict[str, Any]]
) -> tuple[list[Found], list[Found], list[str]]:
    """Strengths, what else changed, and the KPIs that calls are looked for by."""
    choices = Choices(spans.now.last)
    read = agent_days.read(agent, spans.before.first, spans.now.last, SHOWN, choices)
    beside = mates.read(agent, spans.now, choices)
    told: dict[str, tuple[Figure, Mapping[Against, Change]]] = {}
    few, unaimed = [], []
    for kpi in SHOWN:
        figure, own = read.change(kpi, spans.now, spans.before)
        if figure.value is None or is_of_few(figure):
            few.append(kpi)
            continue
        if own.difference is None:
            few.append(kpi)
        if choices.aim(figure.kpi, figure.variant, agent.site_id, None, agent.pk) is None:
            unaimed.append(kpi)
        told[kpi] = figure, {"own": own, "team": beside.change(kpi)}
    chosen = changes.choose(
        [Measured(kpi, KPIS[kpi].direction, both) for kpi, (_one, both) in told.items()]
    )
    if few:
        untold.append({"why": "few", "kpis": few})
    if not beside.is_told:
        untold.append({"why": "mates", "n": FEWEST_MATES})
    if told and len(unaimed) == len(told):
        untold.append({"why": "no_targets"})
    if told and not chosen.shown:
        untold.append({"why": "no_change"})
    if chosen.more:
        untold.append({"why": "more", "n": chosen.more})
    found = {
        one.kpi: Found(
            f"kpi:{one.kpi}",
            Source.STRENGTH if one.is_strength else Source.CHANGE,
            _of_kpi(spans, *told[one.kpi], one, beside.many),
        )
        for one in chosen.shown
    }
    worse = [one.kpi for one in chosen.shown if not one.is_strength]
    strengths = [found[one.kpi] for one in chosen.shown if one.is_strength]
    return strengths, [found[kpi] for kpi in worse], worse


def _of_kpi(
    spans: Spans,
    figure: Figure,
    told: Mapping[Against, Change],
    shown: changes.Shown,
    many: int,
) -> dict[str, Any]:
    aim = figure.parameters.target
    facts: dict[str, Any] = {
        "kpi": shown.kpi, "unit": figure.unit, "now": figure.value, "n": figure.n,
        **_days(spans.now), **({} if aim is None else {"target": aim}),
    }  # fmt: skip
    for which, word in shown.words.items():
        one = told[which]
        facts[which] = {"word": word, "value": one.before, **_apart(one.difference)}
        if which == "own":
            facts[which] |= _days(spans.before)
        else:
            # Of the same queues, the agent's own figure may be another.
            facts[which] |= {"mates": many, "now": one.now}
    return facts


# Reviews.


def _reviews(
    agent: Agent, coach: User, spans: Spans, now: datetime, untold: list[dict[str, Any]]
) -> tuple[list[Found], list[Found]]:
    """Criteria that rose; then those that fell or cost most lately, and the latest reviews."""
    seen = Evaluation.objects.visible_to(coach).of_agent(agent.pk)
    trends = after.trends_in(seen, now)
    named = {one.pk: one for one, _trend in trends}
    begun = site_days(spans.now.first, spans.now.last, agent.site.calendar).start
    latest = list(
        seen.filter(released_at__gte=begun, released_at__lte=now)
        .select_related("version__card", "queue")
        .defer("version__form")
        .order_by("-released_at", "-pk")
    )
    shares: dict[int, list[float]] = defaultdict(list)
    answers = Answer.objects.filter(
        evaluation__in=[one.pk for one in latest], share__isnull=False
    ).select_related("criterion__card")
    for one in answers:
        named.setdefault(one.criterion_id, one.criterion)
        shares[one.criterion_id].append(float(one.share or 0))
    told = {one.pk: trend for one, trend in trends}
    chosen = criteria.choose(told, shares)

    def of_trend(pk: int, source: str) -> Found:
        one = told[pk]
        facts = {
            "criterion": named[pk].name, "card": named[pk].card.name, "now": one.mean, "n": one.n,
            "value": one.before, "n_before": one.n_before, "word": one.direction,
        }  # fmt: skip
        return Found(f"criterion:{pk}", source, facts)

    rose = [of_trend(pk, Source.STRENGTH) for pk in chosen.rose]
    found = [of_trend(pk, Source.REVIEW) for pk in chosen.fell]
    if chosen.lost is not None:
        lost = named[chosen.lost.criterion]
        facts = {
            "criterion": lost.name, "card": lost.card.name, "lost": chosen.lost.many,
            "of": chosen.lost.of,
        }  # fmt: skip
        found.append(Found(f"lost:{lost.pk}", Source.REVIEW, facts))
    if latest:
        found.append(Found("reviews", Source.REVIEW, _latest(latest)))
    else:
        untold.append({"why": "no_reviews"})
    return rose, found


def _latest(latest: Sequence[Evaluation]) -> dict[str, Any]:
    return {
        "n": len(latest),
        "latest": [of_review(one) for one in latest[:MOST_REVIEWS]],
    }


def of_review(one: Evaluation) -> dict[str, Any]:
    """A review, as facts; with its card and queue at hand, no query."""
    return {
        "review": one.pk, "card": one.version.card.name, "at": one.called_at.isoformat(),
        "queue": "" if one.queue is None else one.queue.name,
        "share": None if one.share is None else float(one.share),
        "failed": one.is_failed,
    }  # fmt: skip


# Calls.


def _calls(
    session: Session,
    agent: Agent,
    coach: User,
    spans: Spans,
    concerns: Sequence[str],
    untold: list[dict[str, Any]],
) -> list[Found]:
    """Two or three calls of the days, the good one first."""
    span = site_days(spans.now.first, spans.now.last, agent.site.calendar)
    rows = (
        Call.objects.visible_to(coach)
        .in_span(span)
        .filter(agent=agent, outcome=Outcome.ANSWERED, direction=Direction.INBOUND)
        .order_by("-offered_at")
        .values_list(
            "pk", "queue", "offered_at", "talk_ms", "hold_ms", "transfer_kind", "resolved"
        )[:MOST_CALLS]
    )
    calls = list(rows)
    said = _scores(agent, [one[0] for one in calls])
    blind = Evaluation.objects.open().filter(agent=agent, called_at__gte=span.start)
    hidden = set(blind.values_list("call", flat=True)) | set(
        Evaluation.objects.still_blind().filter(agent=agent).values_list("call", flat=True)
    )
    chosen = examples.choose(
        [_taken(*one, said.get(one[0])) for one in calls if one[0] not in hidden],
        concerns,
        _on_agendas(session, agent),
    )
    names = _queues({one[1] for one in calls})
    if not any(one.is_good for one in chosen):
        untold.append({"why": "no_good_call"})
    if all(one.is_good for one in chosen):
        untold.append({"why": "no_pattern", "n": len(calls)})
    return [
        Found(
            f"call:{one.call.id}",
            Source.CALL,
            {
                "reason": one.reason, "of": one.of, "rank": one.rank,
                "queue": names.get(one.queue, ""), "at": one.call.at.isoformat(),
                "value": one.value, "usual": one.usual, "score": one.call.score,
                "most": one.call.most,
            },
            one.call.id,
        )
        for one in chosen
    ]  # fmt: skip


def _taken(
    pk: UUID,
    queue: int | None,
    at: datetime,
    talk: int | None,
    hold: int | None,
    transfer: str,
    resolved: bool | None,
    said: SurveyResponse | None,
) -> Taken:
    one = Taken(
        pk, queue, at, None if talk is None else talk / 1000, None if hold is None else hold / 1000,
        bool(transfer), resolved,
    )  # fmt: skip
    if said is None:
        return one
    return replace(
        one, score=said.score, least=said.scale_min, most=said.scale_max,
        has_comment=bool(said.comment),
    )  # fmt: skip


def _scores(agent: Agent, calls: Sequence[UUID]) -> dict[UUID, SurveyResponse]:
    """What callers said of their satisfaction, by call; the last of several answers."""
    rows = SurveyResponse.objects.filter(
        call__in=calls, agent=agent, kind=SurveyResponse.Kind.CSAT
    ).order_by("answered_at")
    return {one.call_id: one for one in rows if one.call_id is not None}


def _on_agendas(session: Session, agent: Agent) -> set[UUID]:
    rows = AgendaItem.objects.filter(
        call__isnull=False, session__in=Session.objects.of_agent(agent.pk),
        session__starts_at__gte=session.starts_at - EARLIER,
    ).exclude(session=session)  # fmt: skip
    own = AgendaItem.objects.filter(session=session, source=Source.OWN, call__isnull=False)
    return set(rows.values_list("call", flat=True)) | set(own.values_list("call", flat=True))


def _queues(ids: set[int | None]) -> dict[int | None, str]:
    known = [pk for pk in ids if pk is not None]
    return dict(Queue.objects.filter(pk__in=known).values_list("pk", "name"))


# Answers and the schedule.


def _answers(agent: Agent, coach: User, spans: Spans, untold: list[dict[str, Any]]) -> list[Found]:
    """What callers wrote: the best answers first, the newest of them."""
    span = site_days(spans.now.first, spans.now.last, agent.site.calendar)
    rows = (
        SurveyResponse.objects.filter(
            agent=agent, answered_at__gte=span.start, answered_at__lt=span.end + DAY,
            call__in=Call.objects.visible_to(coach).filter(agent=agent).in_span(span).values("pk"),
        )
        .exclude(comment="")
        .annotate(share=(F("score") - F("scale_min")) / (F("scale_max") - F("scale_min")))
    )  # fmt: skip
    many = rows.count()
    if not many:
        untold.append({"why": "no_comments"})
        return []
    ordered = rows.order_by("-share", "-answered_at", "pk")
    ids = list(ordered.values_list("pk", flat=True))
    told = ids if many <= MOST_COMMENTS else [*ids[:2], *ids[2 - MOST_COMMENTS :]]
    return [
        Found(
            "survey",
            Source.SURVEY,
            {"n": many, "answers": [str(pk) for pk in told]} | _days(spans.now),
        )
    ]


def _schedule(agent: Agent, coach: User, spans: Spans, untold: list[dict[str, Any]]) -> list[Found]:
    """How the schedule was kept on the days that are known, and whether that differs from before by
    more than noise."""
    one = adherence.of_one(coach, agent, spans.now.first, spans.now.last)
    by = adherence_rules.of_site(agent.site, spans.now.last)
    value = None if one is None else by.adherence(one.kept).value
    if one is None or value is None:
        waiting = adherence.fresh(agent.site, spans.now.first, spans.now.last).waiting
        untold.append({"why": "not_counted" if waiting else "no_roster"})
        return []
    parts: list[list[Part]] = [[], []]
    told: list[list[date]] = [[], []]
    rows = adherence.days(coach, agent.site, spans.before.first, spans.now.last)
    for row in rows.filter(agent=agent, is_told=True):
        ratio, which = by.adherence(adherence.kept_of(row)), row.day in spans.now
        parts[which].append(Part(ratio.numerator, ratio.denominator))
        if ratio.denominator:
            told[which].append(row.day)
    changed = change("cluster_ratio", parts[1], parts[0])
    facts: dict[str, Any] = {
        "now": value, "shifts": one.shifts, "late": one.late, "absent": one.absent,
        "early": one.left_early, **_first_to_last(told[True], spans.now),
    }  # fmt: skip
    if changed.direction in ("up", "down"):
        word = "better" if changed.direction == "up" else "worse"
        facts["own"] = {
            "word": word, "value": changed.before, **_apart(changed.difference),
            **_first_to_last(told[False], spans.before),
        }  # fmt: skip
    return [Found("adherence", Source.ADHERENCE, facts)]


def _first_to_last(told: Sequence[date], looked_at: Days) -> dict[str, str]:
    """The days of which something is told, which may be fewer than those that are looked at."""
    return _days(Days(min(told), max(told)) if told else looked_at)
