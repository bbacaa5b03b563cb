"""What was said on a demo's calls, how it sounds, and what checks make of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from ccm.demo.centre import SOURCE
from ccm.intervals import DAY
from ccm.models import AgentAlias, AgentState, Call, User
from qa import cards
from qa.checking import services as checking
from qa.checks import By, Kind, Pattern, Rule, Where
from qa.checks.rules import Place
from qa.demo import talks
from qa.demo.minds import chance
from qa.demo.reviewed import Filler
from qa.demo.sounds import recording
from qa.models import CallTranscript, CardCriterion, CheckRule, Evaluation, Scorecard
from qa.scoring import NOT_APPLICABLE, Form, Value
from qa.scoring.answers import share_of
from qa.transcribed import services as transcribed
from qa.transcribed.sent import Given
from qa.transcripts import Form as Layout

# Of calls of so many days there are transcripts, and of so many that nobody reviewed.
_DAYS = 35
_BESIDE = 200
# Recordings are large: of so many calls that wait for somebody, and of so many of an agent's own.
_HEARD, _OWN = 10, 4
_LONGEST_MS = 12 * 60_000
_SPANISH = frozenset({"bogota"})
# Which beat of a talk each criterion of the demo's card is about.
_BEATS = {
    "greeting": "greeting", "verified": "verified", "cause": "probed", "hold": "announced",
    "resolved": "resolved", "manner": "kind", "next_step": "closed",
}  # fmt: skip


def write(filler: Filler, analyst: User, now: datetime) -> None:
    """Transcripts, recordings and checks. Safe to run twice."""
    card = Scorecard.objects.get(site=None, name="Support")
    form = cards.read(card.versions.published().latest("number").form).form
    calls = {one.pk: one for one in (*_reviewed(now), *_beside(now))}
    known = set(CallTranscript.objects.values_list("call_id", flat=True))
    new = [one for pk, one in sorted(calls.items()) if pk not in known]
    for start in range(0, len(new), 100):
        given = [_given(one, form, filler) for one in new[start : start + 100]]
        transcribed.keep(given, analyst, now)
    _hold(new, form, filler)
    _record(calls, form, filler, now)
    _checks(card, analyst, now)


def _calls(rows: Iterable[UUID]) -> Iterator[Call]:
    found = Call.objects.filter(pk__in=list(rows), agent__isnull=False, talk_ms__gte=30_000)
    yield from found.exclude(consent=False).select_related("agent", "queue", "site", "topic")


def _reviewed(now: datetime) -> Iterator[Call]:
    rows = Evaluation.objects.filter(called_at__gte=now - _DAYS * DAY)
    return _calls(rows.order_by().values_list("call_id", flat=True).distinct())


def _beside(now: datetime) -> Iterator[Call]:
    rows = Call.objects.offered_between(now - 7 * DAY, now).filter(outcome="answered")
    ids = sorted(
        rows.filter(direction="inbound")
        .order_by("pk")
        .values_list("pk", flat=True)[: 20 * _BESIDE],
        key=lambda pk: chance("transcribed", pk),
    )
    return _calls(ids[:_BESIDE])


def _lines(call: Call, form: Form, filler: Filler) -> list[talks.Line]:
    met = _met(form, filler.truth(form, call))
    topic = _("my policy") if call.topic is None else call.topic.name.lower()
    agent, queue = str(call.agent).split(" ")[0], str(call.queue or call.site)
    hold_ms = call.hold_ms or 0
    return talks.talk(
        str(call.pk),
        talks.Went(**met),
        "es" if call.site.slug in _SPANISH else "en",
        (call.talk_ms or 0) + hold_ms,
        hold_ms,
        {"name": agent, "queue": queue, "topic": topic},
    )


def _met(form: Form, said: dict[str, Value]) -> dict[str, bool]:
    """Which beats were met, by what a reviewer without errors would answer."""
    found = {}
    for one in form.criteria():
        if one.id in _BEATS and one.id in said:
            share = share_of(one, said[one.id])
            found[_BEATS[one.id]] = share is None or share >= Fraction(1, 2)
    return found


def _hold(calls: Sequence[Call], form: Form, filler: Filler) -> None:
    """Say when these calls were on hold, as their talks have it."""
    names = dict(
        AgentAlias.objects.filter(source=SOURCE).order_by("pk").values_list("agent", "raw_name")
    )
    made = []
    for one in calls:
        since = talks.held(_lines(one, form, filler), one.hold_ms or 0)
        if since is None or one.answered_at is None or one.agent is None:
            continue
        starts = one.answered_at + timedelta(milliseconds=since)
        made.append(
            AgentState(
                agent=one.agent, source=SOURCE, agent_name=names.get(one.agent.pk, one.agent.name),
                state=AgentState.State.HOLD, starts_at=starts,
                ends_at=starts + timedelta(milliseconds=one.hold_ms or 0),
            )
        )  # fmt: skip
    AgentState.objects.bulk_create(made, ignore_conflicts=True)


def _given(call: Call, form: Form, filler: Filler) -> Given:
    lines = [
        f"[{one.start_ms // 60_000:02d}:{one.start_ms // 1000 % 60:02d}]"
        f" {'Agent' if one.speaker == 'agent' else 'Caller'}: {one.words}"
        for one in _lines(call, form, filler)
    ]
    language = "es" if call.site.slug in _SPANISH else "en"
    return Given(str(call.pk), "\n".join(lines), Layout.TEXT, call=call.pk, language=language)


def _record(calls: dict[UUID, Call], form: Form, filler: Filler, now: datetime) -> None:
    """Recordings of calls that somebody is about to review, and of an agent's own, where there is a
    folder for them."""
    if not settings.RECORDINGS:
        return
    folder = Path(settings.RECORDINGS)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    waiting = Evaluation.objects.open().filter(called_at__gte=now - _DAYS * DAY)
    own = Evaluation.objects.filter(state="released", agent__user__username="agent")
    chosen: Sequence[UUID] = [
        *waiting.filter(reviewer__username="qa_analyst").order_by("due_at", "pk")
        .values_list("call_id", flat=True)[:_HEARD],
        *own.order_by("-called_at").values_list("call_id", flat=True)[:_OWN],
    ]  # fmt: skip
    for pk in dict.fromkeys(chosen):
        call = calls.get(pk)
        if call is None or call.recording:
            continue
        length = (call.talk_ms or 0) + (call.hold_ms or 0)
        if length > _LONGEST_MS:
            continue
        spoken = ((one.start_ms, one.end_ms, one.speaker) for one in _lines(call, form, filler))
        name = f"{call.pk}.wav"
        (folder / name).write_bytes(recording(spoken, length))
        Call.objects.filter(pk=pk).update(recording=name)


def _checks(card: Scorecard, analyst: User, now: datetime) -> None:
    """Four checks of the first site: a caller not verified, what is never to be said, callers who
    say that nothing is settled, and holds that nobody announced."""
    rules = {
        _("Caller verified"): Rule(
            id="verified", criterion="verified", kind=Kind.SAY, by=By.AGENT,
            said=_patterns("date of birth", "first line of your address"),
            where=Where(Place.START, seconds=240),
        ),
        _("Never: read the letter"): Rule(
            id="manner", criterion="manner", kind=Kind.NEVER_SAY, by=By.AGENT,
            said=_patterns("read the letter", "in the terms and conditions"),
        ),
        _("Has to call again"): Rule(
            id="resolved", criterion="resolved", kind=Kind.NEVER_SAY, by=By.CALLER,
            said=_patterns("have to call again", "told that last time"),
        ),
        _("Holds announced"): Rule(
            id="hold", criterion="hold", kind=Kind.HOLD_NOTICE, by=By.AGENT,
            said=_patterns("on hold"), seconds=45,
            not_applicable=NOT_APPLICABLE,
        ),
    }  # fmt: skip
    criteria = {one.key: one for one in CardCriterion.objects.filter(card=card)}
    site = Call.objects.filter(site__slug="leeds").first()
    if site is None:
        return
    for name, rule in rules.items():
        if CheckRule.objects.filter(site=site.site_id, name=name).exists():
            continue
        met, broken = _answers(card, rule.criterion)
        row = CheckRule(site_id=site.site_id, name=name, criterion=criteria[rule.criterion])
        checking.keep(row, replace(rule, id=name, met=met, broken=broken), (), analyst, now)


def _patterns(*said: str) -> tuple[Pattern, ...]:
    return tuple(map(Pattern, said))


def _answers(card: Scorecard, key: str) -> tuple[str, str]:
    """The best and the worst answer to a criterion."""
    found = cards.read(card.versions.published().latest("number").form).find(key)
    assert found is not None
    ranked = sorted(found.options, key=lambda each: each.points)
    return ranked[-1].id, ranked[0].id
