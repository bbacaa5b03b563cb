"""Checks are judged over transcripts once each, by the rules that there are, and anew when they
change; who is killed leaves what was not done."""

from datetime import timedelta

import pytest

from ccm.models import AgentState, AuditEntry, Call, RecordingRegion, Site
from qa.checking import holds, judging, kept, services
from qa.checking.judging import judge_due
from qa.models import CallTranscript, CheckRule, QualityRules, Suggestion
from tests.builders import NINE, a_call, a_queue, a_user, an_agent
from tests.qa.checking.builders import (
    POLITE,
    RUDE,
    a_check,
    an_answered_call,
    criterion,
    says,
    told,
    vtt,
)
from tests.threads import elsewhere

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue():
    return a_queue()


@pytest.fixture(autouse=True)
def nothing_held_back(monkeypatch):
    monkeypatch.setattr(judging, "HELD_BACK_EVERY", 10**12)


def said():
    return [
        (one.transcript.call_id, one.verdict, one.value, one.skipped)
        for one in Suggestion.objects.select_related("transcript").order_by("pk")
    ]


def test_a_rule_suggests_its_answer_with_the_line(queue):
    a_check(queue.site)
    polite, rude = an_answered_call(queue), an_answered_call(queue, at=NINE.replace(hour=10))
    told(polite, *POLITE)
    told(rude, *RUDE)
    assert judge_due(NINE) == 2
    assert said() == [(polite.pk, "met", "yes", False), (rude.pk, "broken", "no", False)]
    one = Suggestion.objects.get(verdict="met")
    assert one.evidence == [
        {"line": 1, "at_ms": None, "quote": "Thank you for calling, this is Ann."}
    ]
    assert not CallTranscript.objects.filter(checked_at=None).exists()
    # Twice is once: nothing is left to be done, and rows are the same ones.
    assert judge_due(NINE) == 0
    CallTranscript.objects.update(checked_at=None)
    pks = set(Suggestion.objects.values_list("pk", flat=True))
    assert judge_due(NINE + timedelta(days=1)) == 2
    assert set(Suggestion.objects.values_list("pk", flat=True)) == pks
    assert {one.at for one in Suggestion.objects.all()} == {NINE}


def test_a_rule_that_changes_is_judged_anew_and_what_it_said_is_gone(queue):
    row = a_check(queue.site)
    told(an_answered_call(queue), *POLITE)
    judge_due(NINE)
    services.keep(
        row, says("good bye", of=row.criterion), (), a_user("admin"), NINE,
        seen=services.mark(row),
    )  # fmt: skip
    assert not Suggestion.objects.exists()
    assert judge_due(NINE) == 1
    assert Suggestion.objects.get().verdict == "broken"


def test_rules_are_for_their_queues_languages_and_sites(queue):
    other = a_queue(queue.site)
    a_check(queue.site, queues=[queue])
    a_check(queue.site, name="German", languages=["de"])
    a_check(a_queue().site, name="Far")
    here = told(an_answered_call(queue), *POLITE)
    there = told(an_answered_call(other, at=NINE.replace(hour=11)), *POLITE, language="de-at")
    judge_due(NINE)
    found = set(Suggestion.objects.values_list("rule__name", "transcript"))
    assert found == {("Thanks", here.pk), ("German", there.pk)}


def test_rules_that_are_not_used_or_cannot_be_read_say_nothing(queue):
    row = a_check(queue.site)
    CheckRule.objects.create(
        site=queue.site, name="Odd", criterion=criterion(queue.site), rule={"kind": "?"},
        changed_at=NINE,
    )  # fmt: skip
    told(an_answered_call(queue), *POLITE)
    judge_due(NINE)
    assert [one.rule for one in Suggestion.objects.all()] == [row]
    who = a_user("admin")
    assert services.use(row, who, NINE, is_active=False)
    assert not services.use(row, who, NINE, is_active=False)
    assert not Suggestion.objects.exists()
    services.use(row, who, NINE, is_active=True)
    judge_due(NINE)
    assert Suggestion.objects.count() == 1


def test_a_transcript_that_cannot_be_read_holds_up_nothing(queue):
    a_check(queue.site)
    odd = told(an_answered_call(queue), *POLITE)
    CallTranscript.objects.filter(pk=odd.pk).update(lines=[{"no": "words"}])
    told(an_answered_call(queue, at=NINE.replace(hour=12)), *POLITE)
    assert judge_due(NINE) == 2
    assert Suggestion.objects.count() == 1
    assert judge_due(NINE) == 0


def test_one_call_in_five_is_held_back_and_always_the_same(queue, monkeypatch):
    monkeypatch.setattr(judging, "HELD_BACK_EVERY", 5)
    calls = [a_call(queue, external_id=f"h{n}", at=NINE + timedelta(minutes=n)) for n in range(400)]
    held = [judging.is_held_back(call.pk) for call in calls]
    # Four standard errors of 400 draws at one in five.
    assert 80 - 32 < sum(held) < 80 + 32
    assert held == [judging.is_held_back(call.pk) for call in calls]


def on_hold(agent, since, seconds, **more):
    begun = NINE + timedelta(seconds=since)
    AgentState.objects.create(
        agent=agent, source="t", state="hold", starts_at=begun,
        ends_at=begun + timedelta(seconds=seconds), **more,
    )  # fmt: skip


def test_holds_are_known_where_states_and_the_calls_sum_agree(queue):
    agent = an_agent(queue.site)
    # Answered ten seconds after nine, for two minutes.
    call = a_call(queue, agent=agent, hold_ms=30_000)
    on_hold(agent, 40, 20)
    assert holds.of_calls({call.pk: call})[call.pk] is None
    on_hold(agent, 100, 10)
    (first, second) = holds.of_calls({call.pk: call})[call.pk]
    assert (first.start_ms, first.ms, second.start_ms, second.ms) == (
        30_000,
        20_000,
        90_000,
        10_000,
    )
    none = a_call(queue, agent=agent, hold_ms=0, at=NINE.replace(hour=13))
    unknown = a_call(queue, agent=agent, hold_ms=None, at=NINE.replace(hour=14))
    found = holds.of_calls({one.pk: one for one in (none, unknown)})
    assert found == {none.pk: (), unknown.pk: None}


def test_a_hold_without_notice_breaks_its_rule(queue):
    of = criterion(queue.site)
    rule = says("one moment", of=of, kind="hold_notice", seconds=15)
    a_check(queue.site, rule)
    agent = an_agent(queue.site)
    silent = a_call(queue, agent=agent, hold_ms=20_000)
    on_hold(agent, 40, 20)
    told(silent, vtt((0, 5, "Agent", "Hello"), (60, 65, "Agent", "Back again")))
    unknown = a_call(queue, agent=agent, at=NINE.replace(hour=13))
    told(unknown, vtt((0, 5, "Agent", "Hello")))
    # Longer than the talk: it began in the queue, and nobody knows where the hold is in it.
    queued = a_call(queue, agent=an_agent(queue.site), hold_ms=20_000, at=NINE.replace(hour=15))
    told(queued, vtt((0, 5, "Agent", "Hello"), (170, 175, "Agent", "Bye")))
    judge_due(NINE)
    assert said() == [(silent.pk, "broken", "no", False)]


def test_every_change_is_in_the_log(queue):
    who = a_user("qa_analyst", queue.site)
    row = a_check(queue.site, who=who)
    services.use(row, who, NINE, is_active=False)
    services.remove(row, who, NINE)
    found = AuditEntry.objects.filter(model="qa.checkrule").order_by("pk")
    assert [(one.action, one.who) for one in found] == [
        ("created", who), ("changed", who), ("removed", who),
    ]  # fmt: skip
    assert found[0].after["said"] == "thank you for calling"


def test_of_two_who_change_a_rule_the_later_is_told(queue):
    row = a_check(queue.site)
    seen, who = services.mark(row), a_user("admin")
    services.keep(row, says("hello", of=row.criterion), (), who, NINE, seen=seen)
    row.name = "Later"
    with pytest.raises(services.Stale):
        services.keep(
            row, says("hi", of=row.criterion), (), who, NINE + timedelta(hours=1), seen="old"
        )


def test_a_new_name_alone_forgets_nothing(queue):
    row = a_check(queue.site)
    told(an_answered_call(queue), *POLITE)
    judge_due(NINE)
    CheckRule.objects.filter(pk=row.pk).update(prefills=True)
    row.refresh_from_db()
    seen = services.mark(row)
    row.name = "Greets"
    rule = kept.rule_of(row)
    services.keep(row, rule, (), a_user("admin"), NINE + timedelta(days=1), seen=seen)
    row.refresh_from_db()
    assert (row.name, row.prefills, row.changed_at) == ("Greets", True, NINE)
    assert Suggestion.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_work_and_judge_each_call_once():
    queue = a_queue()
    a_check(queue.site)
    for n in range(6):
        told(an_answered_call(queue, at=NINE + timedelta(minutes=n)), *POLITE)
    assert elsewhere(*[lambda: judge_due(NINE)] * 3) == ["done"] * 3
    assert Suggestion.objects.count() == 6


@pytest.mark.django_db(transaction=True)
def test_who_changes_a_rule_while_it_is_judged_has_all_judged_by_the_new_one():
    queue = a_queue()
    row = a_check(queue.site)
    for n in range(8):
        told(an_answered_call(queue, at=NINE + timedelta(minutes=n)), *POLITE)
    who = a_user("admin")
    new = says("never said", of=row.criterion)

    def change():
        services.keep(row, new, (), who, NINE + timedelta(days=1), seen=services.mark(row))

    assert elsewhere(lambda: judge_due(NINE), change, lambda: judge_due(NINE)) == ["done"] * 3
    judge_due(NINE)
    assert set(Suggestion.objects.values_list("verdict", flat=True)) == {"broken"}
    assert Suggestion.objects.count() == 8


def test_what_is_not_to_be_heard_is_judged_once_it_may_be(queue):
    a_check(queue.site)
    call = an_answered_call(queue)
    told(call, *RUDE)
    Site.objects.filter(pk=queue.site.pk).update(country="DE")
    region = RecordingRegion.objects.create(country="DE", why="The law")
    assert judge_due(NINE) == 0
    assert not said()
    # A part of the country that does not ask stands before it.
    part = RecordingRegion.objects.create(country="DE", region="BY", must_agree=False)
    Site.objects.filter(pk=queue.site.pk).update(region="BY")
    assert judge_due(NINE) == 1
    CallTranscript.objects.update(checked_at=None)
    part.delete()
    region.delete()
    rules = QualityRules.objects.create(site=queue.site, needs_consent=True)
    assert judge_due(NINE) == 0
    Call.objects.filter(pk=call.pk).update(consent=True)
    assert judge_due(NINE) == 1
    rules.delete()
    CallTranscript.objects.update(checked_at=None)
    Call.objects.filter(pk=call.pk).update(consent=False)
    assert judge_due(NINE) == 0
