"""Calibration in a demo centre: a session each month, and one that waits for who looks."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from django.db.models import Count
from django.utils.translation import gettext as _

from ccm.intervals import DAY
from ccm.models import Call, Site, User
from qa.after.releasing import end_of
from qa.calibration import services
from qa.demo import house
from qa.demo.minds import chance
from qa.demo.reviewed import Filler
from qa.models import (
    Answer,
    CalibrationCall,
    CalibrationSession,
    CardVersion,
    Evaluation,
    SamplingPlan,
)
from qa.reviews import facts

_CALLS = 4
_EVERY = 30 * DAY


def write(analysts: Mapping[str, User], filler: Filler, first: datetime, now: datetime) -> None:
    """A session of the first site each month, and one that is still blind. Safe to run twice."""
    site = Site.objects.get(slug="leeds")
    plan = SamplingPlan.objects.filter(site=site).order_by("pk").first()
    if plan is None:
        return
    version: CardVersion = plan.card.versions.published().latest("number")
    expert = analysts[house.ANALYSTS[0].username]
    known = set(CalibrationSession.objects.filter(site=site).values_list("made_at", flat=True))
    for start in _starts(first, now):
        at = start + _EVERY - 3 * DAY
        if at in known:
            continue
        name = named(at)
        calls = _calls(site, plan, start)
        if len(calls) < _CALLS:
            continue
        due = end_of(site, at, 7)
        asked = services.Asked(site, name, version, list(analysts.values()), expert, due, calls)
        session = services.make(asked, expert, at)
        if due < now:
            _hold(session, filler, expert, at + 5 * DAY)
        else:
            own = Evaluation.objects.filter(session_call__session=session)
            filler.fill(own.exclude(reviewer=expert).select_related("version", "agent"))


def named(at: datetime) -> str:
    """By the day: of two sessions of one month, as every 30 days has them, each by its own name."""
    return _("Calibration of %(day)s") % {"day": at.strftime("%Y-%m-%d")}


def _starts(first: datetime, now: datetime) -> Iterator[datetime]:
    start = first
    while start + _EVERY - 3 * DAY < now:
        yield start
        start += _EVERY


def _calls(site: Site, plan: SamplingPlan, start: datetime) -> list[Call]:
    rows = (
        Call.objects.offered_between(start, start + _EVERY)
        .filter(
            site=site, queue__in=plan.queues.all(), agent__isnull=False, outcome="answered",
            direction="inbound", talk_ms__gte=120_000, talk_ms__lte=600_000,
        )
        .exclude(consent=False)
        .select_related("agent", "site", "queue")
        .order_by("pk")[:400]
    )  # fmt: skip
    rules = facts.rules_of(site.pk)
    found = [one for one in rows if not facts.why_not_heard(one, rules)]
    return sorted(found, key=lambda one: chance("calibrated", one.pk))[:_CALLS]


def _hold(session: CalibrationSession, filler: Filler, expert: User, at: datetime) -> None:
    """Scored by all, opened, talked about where they differ most, agreed on and closed."""
    reviews = Evaluation.objects.filter(session_call__session=session)
    filler.fill(reviews.select_related("version", "agent"))
    session.refresh_from_db()
    if session.state == CalibrationSession.State.BLIND:
        services.open_session(session, expert, at)
    for call in session.calls.select_related("session__version"):
        _talk(call, expert, at + timedelta(hours=1))
    services.close(session, expert, at + timedelta(hours=2))


def _talk(call: CalibrationCall, expert: User, at: datetime) -> None:
    of_call = Answer.objects.filter(evaluation__session_call=call, skipped=False)
    worst = (
        of_call.values("criterion")
        .annotate(values=Count("value", distinct=True))
        .filter(values__gt=1)
        .order_by("-values", "criterion")
        .first()
    )
    if worst is None:
        return
    by_expert = of_call.filter(criterion=worst["criterion"], evaluation__reviewer=expert).first()
    if by_expert is None:
        return
    criterion = by_expert.criterion
    words = _("What counts is what the caller could have known after it.")
    services.note(call, criterion, words, expert, at)
    services.agree(call, criterion, by_expert.value, words, expert, at, revision=0)
