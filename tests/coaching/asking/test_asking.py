"""Asking callers: who is drawn, who is left alone, and how links are handed on once."""

import csv
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from ccm import surveys
from ccm.callers import caller_hash
from ccm.erasure import customers
from ccm.erasure import work as erasing
from ccm.intervals import Span
from ccm.models import (
    AuditEntry,
    ContactHours,
    DoNotCall,
    Queue,
    SurveyInvitation,
    SurveyOptOut,
    SurveyResponse,
)
from ccm.outgoing import outbox, webhooks
from ccm.signals import names_merged
from coaching.asking import handing, reads, services
from coaching.asking.drawing import is_drawn, is_within, number
from coaching.models import AskedCall, AskingRule
from coaching.tasks import ask_callers
from tests.builders import NINE, a_call, a_queue, a_site, a_user
from tests.coaching.asking.builders import a_rule, a_webhook, called
from tests.coaching.voice.builders import of_call

NOON = NINE + timedelta(hours=3)
DAY = timedelta(days=1)


@pytest.fixture
def posted(monkeypatch):
    """What webhooks were posted."""
    said = []

    def post(url, payload, secret, key, now):
        said.append((url, payload, key))

    monkeypatch.setattr(webhooks, "post", post)
    return said


def states():
    return {one.call.caller_hash[:1]: one.state for one in AskedCall.objects.select_related("call")}


def whys():
    return dict(AskedCall.objects.filter(state="left").values_list("call__caller_hash", "why"))


# Drawing, pure.


@given(st.uuids(), st.text(max_size=40))
def test_a_calls_number_is_the_same_each_time_and_below_one(call, seed):
    one = number(seed, call)
    assert 0 <= one < 1
    assert one == number(seed, call)
    assert is_drawn(seed, call, 1)
    assert not is_drawn(seed, call, 0)


@given(st.uuids(), st.floats(0, 1), st.floats(0, 1))
def test_who_is_drawn_of_fewer_is_drawn_of_more(call, one, other):
    low, high = sorted((one, other))
    assert is_drawn("s", call, low) <= is_drawn("s", call, high)


def test_a_share_is_drawn_and_another_seed_draws_others():
    calls = [UUID(int=n) for n in range(20_000)]
    first = {one for one in calls if is_drawn("a", one, 0.1)}
    other = {one for one in calls if is_drawn("b", one, 0.1)}
    # 2,000 with a standard deviation of 42: six of them away happens never.
    assert abs(len(first) - 2000) < 255
    assert abs(len(other) - 2000) < 255
    # Of those of one seed a tenth are of the other: 200, standard deviation 13.
    assert abs(len(first & other) - 200) < 80


def test_no_share_is_refused_and_hours_are_whole():
    with pytest.raises(ValueError, match="no share"):
        is_drawn("s", UUID(int=1), 1.1)
    assert [is_within(hour, 9, 17) for hour in (8, 9, 16, 17)] == [False, True, True, False]
    assert all(is_within(hour, 0, 24) for hour in range(24))


# Drawing, of calls.


@pytest.mark.django_db
def test_those_that_an_agent_took_and_that_are_over_are_asked_about_once():
    queue, other = a_queue(), a_queue()
    rule = a_rule(queue.site, queue)
    called(queue, "a")
    called(queue, "b", 5, outcome="abandoned")
    called(queue, "c", 10, talk=None)
    called(queue, "d", 15, direction="outbound")
    called(a_queue(queue.site), "e", 20)
    called(other, "f", 25)
    called(queue, "g", 30)
    AskingRule.objects.filter(pk=rule.pk).update(since=NINE + timedelta(minutes=1))
    rule.refresh_from_db()
    assert services.draw(rule, NOON) == 2
    assert services.draw(rule, NOON) == 0
    assert states() == {"a": "drawn", "g": "drawn"}
    one = AskedCall.objects.first()
    assert one.invitation.questions == ["csat"]
    assert one.invitation.expires_at == NOON + surveys.GOOD_FOR
    # What came in too late is asked about no more.
    called(queue, "h", -60 * 24 * 5)
    assert services.draw(rule, NOON + 3 * DAY) == 0


@pytest.mark.django_db
def test_nobody_is_asked_twice_within_the_days_of_rest_by_whatever_rule():
    queue, second = a_queue(), None
    second = a_queue(queue.site)
    rule, other = a_rule(queue.site, queue), a_rule(queue.site, second, name="Others")
    called(queue, "a")
    called(queue, "a", 10)
    called(second, "a", 20)
    called(queue, "", 30)
    with time_machine.travel(NOON, tick=False):
        assert services.draw_due(NOON) == 1
    said = {one.call.offered_at: (one.state, one.why) for one in AskedCall.objects.all()}
    assert said == {
        NINE: ("drawn", ""),
        NINE + timedelta(minutes=10): ("left", "resting"),
        NINE + timedelta(minutes=20): ("left", "resting"),
        NINE + timedelta(minutes=30): ("left", "withheld"),
    }
    assert SurveyInvitation.objects.count() == 1
    # Thirty days later they may be asked again.
    later = 60 * 24 * 31
    called(second, "a", later)
    assert services.draw(other, NINE + timedelta(minutes=later + 60)) == 1
    assert services.draw(rule, NINE + timedelta(minutes=later + 60)) == 0


@pytest.mark.django_db
def test_links_by_hand_and_answers_that_a_source_told_count_as_asked():
    queue = a_queue()
    rule = a_rule(queue.site)
    by_hand, told = called(queue, "a", -60 * 24 * 5), called(queue, "b", -60 * 24 * 5)
    with time_machine.travel(NINE - 4 * DAY, tick=False):
        surveys.invite(
            ["csat"], a_user("admin"), NINE, now=NINE - 4 * DAY, site=queue.site, call=by_hand
        )
    of_call(queue, told, "fine")
    called(queue, "a")
    called(queue, "b", 5)
    called(queue, "c", 10)
    assert services.draw(rule, NOON) == 1
    assert states() == {"a": "left", "b": "left", "c": "drawn"}


@pytest.mark.django_db
def test_who_does_not_want_to_be_asked_is_asked_no_more():
    queue = a_queue()
    rule = a_rule(queue.site)
    first = called(queue, "a")
    services.draw(rule, NOON)
    words = services.words_of(first.pk)
    caller = Client(REMOTE_ADDR="198.51.100.1")
    with time_machine.travel(NOON, tick=False):
        page = caller.get(f"/s/{words}/").content.decode()
        assert "Do not ask me any more" in page
        invitation = SurveyInvitation.objects.get()
        assert invitation.opened_at == NOON
        token = surveys.form_token(invitation)
        assert caller.post(f"/s/{words}/", {"never": "1", "token": "x"}).status_code == 200
        assert not SurveyOptOut.objects.exists()
        for _ in range(2):
            said = caller.post(f"/s/{words}/", {"never": "1", "token": token})
        assert "no longer valid" in said.content.decode()
        assert caller.get(f"/s/{words}/").status_code == 404
    assert SurveyOptOut.objects.get().caller_hash == first.caller_hash
    called(queue, "a", 60 * 24 * 60)
    assert services.draw(rule, NINE + 60 * DAY + timedelta(hours=1)) == 0
    assert whys() == {first.caller_hash: "never"}
    # By hand no more than by a rule.
    again = called(queue, "a", 60 * 24 * 61)
    with pytest.raises(surveys.CannotAsk, match="does not want"):
        surveys.invite(["csat"], None, NINE + 90 * DAY, now=NOON, site=queue.site, call=again)
    with pytest.raises(IntegrityError), transaction.atomic():
        SurveyOptOut.objects.create(caller_hash="", at=NINE)


@pytest.mark.django_db
def test_who_is_not_to_be_called_is_not_drawn_and_nothing_is_handed_on_outside_of_contact_hours(
    posted,
):
    queue = a_queue(a_site())
    rule = a_rule(queue.site, webhook=a_webhook(queue.site), first_hour=0, last_hour=24)
    listed, other = called(queue, "a"), called(queue, "b")
    DoNotCall.objects.create(site=a_site(), caller_hash=listed.caller_hash, caller_masked="•••")
    services.draw(rule, NOON)
    states = dict(AskedCall.objects.values_list("call", "state"))
    assert states == {listed.pk: "left", other.pk: "drawn"}
    assert AskedCall.objects.get(call=listed.pk).why == "never"
    # Another weekday alone: that of NOON has none.
    hours = {str((NOON.weekday() + 1) % 7): [["00:00", "24:00"]]}
    kept = ContactHours.objects.create(site=queue.site, hours=hours, on_holidays=True)
    assert handing.hand_due(NOON) == 0
    kept.delete()
    assert handing.hand_due(NOON) == 1


@pytest.mark.django_db
def test_a_link_is_handed_on_in_its_hours_by_the_sites_clock_and_never_twice(posted):
    queue = a_queue(a_site(zone="Asia/Tokyo"))
    rule = a_rule(queue.site, webhook=a_webhook(queue.site), first_hour=9, last_hour=20)
    call = called(queue, "a", agent=None)
    services.draw(rule, NOON)
    # 21:00 in Tokyo.
    assert handing.hand_due(NOON) == 0
    morning = datetime(2026, 3, 3, 0, 30, tzinfo=UTC)
    assert handing.hand_due(morning) == 1
    assert handing.hand_due(morning) == 0
    ((url, payload, key),) = posted
    assert url == "https://mailer.example/hook"
    assert payload["kind"] == "survey.asked"
    assert payload["call"]["external_id"] == call.external_id
    words = payload["link"].rstrip("/").rpartition("/")[2]
    assert surveys.invitation_of(words, morning) == SurveyInvitation.objects.get()
    one = AskedCall.objects.get()
    assert (one.state, one.handed_at, key) == ("handed", morning, f"asked:{one.pk}")
    # No number and nothing of the caller goes along.
    assert "caller" not in str(payload)


@pytest.mark.django_db
def test_a_post_that_is_refused_is_tried_later_with_the_same_link_and_then_given_up(monkeypatch):
    queue = a_queue()
    rule = a_rule(queue.site, webhook=a_webhook(queue.site), rest_days=1)
    called(queue, "a")
    services.draw(rule, NOON)
    said = []

    def post(_url, payload, _secret, key, _now):
        said.append((payload["link"], key))
        raise webhooks.Refused("500 down")

    monkeypatch.setattr(webhooks, "post", post)
    now = NOON
    for _try in range(len(outbox.MINUTES) + 1):
        assert handing.hand_due(now) == 1
        assert handing.hand_due(now) == 0
        now = AskedCall.objects.get().due_at
        assert reads.steps([rule], Span(NINE, NOON + DAY), NOON)[rule.pk].trouble == "500 down"
    one = AskedCall.objects.get()
    client = Client()
    client.force_login(a_user("manager", queue.site))
    with time_machine.travel(NOON, tick=False):
        page = client.get(reverse("asking"), {"site": queue.site.slug, "period": "today"})
    assert "What goes wrong on handing on: 500 down" in page.content.decode()
    assert "1 day of rest" in page.content.decode()
    assert (one.state, one.tries, one.error) == ("failed", len(outbox.MINUTES) + 1, "500 down")
    assert len(set(said)) == 1
    assert reads.troubles(rule) == ["500 down"]


@pytest.mark.django_db
def test_a_worker_that_dies_after_the_post_posts_the_same_again(monkeypatch):
    queue = a_queue()
    rule = a_rule(queue.site, webhook=a_webhook(queue.site))
    called(queue, "a")
    services.draw(rule, NOON)
    said = []

    class Killed(BaseException):
        pass

    def post(_url, payload, _secret, key, _now):
        said.append((payload["link"], key))
        if len(said) == 1:
            raise Killed

    monkeypatch.setattr(webhooks, "post", post)
    with pytest.raises(Killed):
        handing.hand_due(NOON)
    one = AskedCall.objects.get()
    assert (one.state, one.tries, one.due_at) == ("drawn", 1, NOON + outbox.HELD)
    assert handing.hand_due(NOON) == 0
    assert handing.hand_due(NOON + outbox.HELD) == 1
    # Twice the same, by the same key: whoever receives it knows that it is one.
    assert said[0] == said[1]
    assert SurveyInvitation.objects.count() == 1


@pytest.mark.django_db
def test_a_link_that_is_over_is_not_handed_on(posted):
    queue = a_queue()
    rule = a_rule(queue.site, webhook=a_webhook(queue.site))
    called(queue, "a")
    called(queue, "b", 5)
    services.draw(rule, NOON)
    SurveyOptOut.objects.create(caller_hash="b".ljust(32, "0"), at=NOON)
    SurveyInvitation.objects.filter(call__caller_hash__startswith="a").update(withdrawn_at=NOON)
    handing.hand_due(NOON)
    assert not posted
    # Who said no meanwhile is told of apart.
    assert whys() == {"a".ljust(32, "0"): "over", "b".ljust(32, "0"): "never"}


@pytest.mark.django_db
def test_a_list_is_taken_once_and_may_be_fetched_again():
    queue = a_queue()
    site = queue.site
    rule = a_rule(site)
    first = called(queue, "a", external_id="C-1")
    manager = a_user("manager", site)
    client = Client()
    client.force_login(manager)
    with time_machine.travel(NOON, tick=False) as clock:
        ask_callers()
        assert handing.hand_due(NOON) == 0  # there is no webhook
        page = client.get(reverse("asking_rule", args=[rule.pk]))
        assert page.context["waiting"] == 1
        client.post(reverse("asking_hand", args=[rule.pk]))
        clock.shift(timedelta(minutes=1))
        client.post(reverse("asking_hand", args=[rule.pk]))
        ((at, many, url),) = client.get(reverse("asking_rule", args=[rule.pk])).context["lists"]
        assert (at, many) == (NOON, 1)
        files = [client.get(url).getvalue().decode("utf-8-sig") for _ in range(2)]
    assert files[0] == files[1]
    _header, row = csv.reader(files[0].splitlines())
    assert row[:3] == [str(first.pk), "test", "C-1"]
    assert row[4].endswith(reverse("survey", args=[services.words_of(first.pk)]))
    assert AuditEntry.objects.filter(action="exported", who=manager).count() == 2
    assert client.get(reverse("asking_list", args=[rule.pk]), {"at": "x"}).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("many", [1, 12])
def test_a_list_asks_the_same_of_one_link_as_of_twelve(django_assert_num_queries, many):
    rule = a_rule((queue := a_queue()).site)
    for minute, caller in enumerate("abcdefghijkl"[:many]):
        called(queue, caller, minute)
    services.draw(rule, NOON)
    # Begun and kept, the rows, their calls, who opted out, handed.
    with django_assert_num_queries(6):
        assert handing.hand_list(rule, NOON) == many
    with django_assert_num_queries(5):  # the rule, the rows, their calls, who opted out, the site
        assert len([*handing.lines(AskingRule.objects.get(), NOON)]) == many


@pytest.mark.django_db
def test_what_became_of_those_drawn_is_told_by_step():
    queue = a_queue()
    site = queue.site
    rule = a_rule(site)
    for number_, caller in enumerate("abcd"):
        called(queue, caller, number_)
    called(queue, "a", 30)
    called(queue, "e", 31)
    SurveyOptOut.objects.create(caller_hash="e".ljust(32, "0"), at=NINE)
    services.draw(rule, NOON)
    handing.hand_list(rule, NOON)
    calls = {one.call.caller_hash[0]: one for one in AskedCall.objects.exclude(state="left")}
    # Two begin, and a third page is but opened.
    SurveyInvitation.objects.filter(pk=calls["b"].invitation_id).update(begun_at=NOON)
    SurveyInvitation.objects.filter(pk=calls["c"].invitation_id).update(opened_at=NOON)
    surveys.answer(calls["a"].invitation, {"csat": 5}, "", NOON)
    surveys.opt_out(calls["b"].invitation, NOON)
    told = reads.steps([rule], Span(NINE, NOON + DAY), NOON)[rule.pk]
    assert (told.drawn, told.handed, told.begun, told.answered) == (6, 4, 2, 1)
    assert told.left == {"resting": 1, "never": 1}
    assert (told.over, told.stopped) == (0, 1)
    # Of b the link ended by the caller's own word, c and d let it end.
    later = reads.steps([rule], Span(NINE, NOON + DAY), NOON + 8 * DAY)[rule.pk]
    assert (later.answered, later.over, later.stopped) == (1, 2, 1)
    assert told.rate == 0.25
    # Wilson 1927 of 1 of 4: 4.6 % to 69.9 %.
    assert told.interval.low == pytest.approx(0.0456, abs=0.001)
    assert told.interval.high == pytest.approx(0.6994, abs=0.001)
    assert SurveyResponse.objects.get().call.caller_hash[0] == "a"
    a_rule(site, name="Of later calls", since=NOON)
    client = Client()
    client.force_login(a_user("manager", site))
    with time_machine.travel(NOON, tick=False):
        said = " ".join(client.get(reverse("asking")).content.decode().split())
    assert "Of those handed on 25.0 % answered (4.6 % – 69.9 %)." in said
    for step in ("<b>1</b> asked lately", "<b>1</b> opted out", "<b>0</b> over unanswered"):
        assert step in said
    assert "1 of them said since that they are not to be asked any more." in said
    # Of the other it is said why.
    assert said.count("when the rule was switched on.") == 1


@pytest.mark.django_db
def test_rules_are_made_and_changed_by_who_manages_the_site():
    queue = a_queue()
    site = queue.site
    manager = a_user("manager", site)
    client = Client()
    client.force_login(manager)
    url = f"{reverse('asking_new')}?site={site.slug}"
    said = {
        "name": "After calls", "queues": [queue.pk], "questions": ["csat", "nps"],
        "percent": "12.5", "rest_days": 30, "first_hour": 9, "last_hour": 20, "is_on": "on",
    }  # fmt: skip
    with time_machine.travel(NOON, tick=False):
        client.post(url, said)
        client.post(url, said)
        rule = AskingRule.objects.get()
        assert (rule.share, rule.since, len(rule.seed)) == (Decimal("0.125"), NOON, 32)
        assert [*rule.queues.all()] == [queue]
        for wrong in (
            {"percent": "0"}, {"percent": "101"}, {"questions": []}, {"last_hour": "9"},
            {"rest_days": "0"}, {"webhook": a_webhook(a_site()).pk}, {"name": ""},
        ):  # fmt: skip
            answer = client.post(url, said | {"name": "Other"} | wrong)
            assert list(answer.context["form"].errors) == list(wrong)
        edit = reverse("asking_rule", args=[rule.pk])
        client.post(
            edit, {key: one for key, one in said.items() if key != "is_on"} | {"revision": 0}
        )
        rule.refresh_from_db()
        assert not rule.is_on
    called(queue, "a", 60)
    assert services.draw_due(NOON) == 0
    with time_machine.travel(NOON + DAY, tick=False):
        client.post(edit, said | {"revision": 0})
        rule.refresh_from_db()
        assert not rule.is_on  # it was drawn before somebody changed it
        client.post(edit, said | {"revision": 1})
        rule.refresh_from_db()
    # Of calls that end from then on.
    assert (rule.is_on, rule.since) == (True, NOON + DAY)
    assert AuditEntry.objects.filter(model="coaching.askingrule").count() == 3
    with pytest.raises(ValidationError, match="another site"):
        services.make(
            AskingRule(
                site=site, name="x", questions=["csat"], share=1, webhook=a_webhook(a_site())
            ), [], manager, NOON,
        )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [{"share": 0}, {"share": 2}, {"questions": []}, {"rest_days": 0}, {"last_hour": 25},
     {"first_hour": 24}],
)  # fmt: skip
def test_what_must_never_be_false_of_a_rule_is_refused(wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        a_rule(a_site(), **wrong)


@pytest.mark.django_db
def test_a_rule_of_a_queue_follows_it_into_another():
    queue, keeper = a_queue(), None
    keeper = a_queue(queue.site)
    rule = a_rule(queue.site, queue)
    names_merged.send(sender=Queue, loser=queue.pk, keeper=keeper.pk)
    assert [*rule.queues.all()] == [keeper]


@pytest.mark.django_db
@pytest.mark.parametrize("many", [1, 12])
def test_the_page_of_rules_asks_the_same_of_one_as_of_twelve(django_assert_max_num_queries, many):
    queue = a_queue()
    for number_ in range(many):
        rule = a_rule(queue.site, queue, name=f"Rule {number_}", webhook=a_webhook(queue.site)
                      if number_ == 0 else None)  # fmt: skip
        AskedCall.objects.create(
            rule=rule, call=a_call(queue, NINE + timedelta(minutes=number_)), state="left",
            why="withheld", drawn_at=NINE,
        )  # fmt: skip
    client = Client()
    client.force_login(a_user("manager", queue.site))
    with time_machine.travel(NOON, tick=False), django_assert_max_num_queries(9):
        client.get(reverse("asking"), {"site": queue.site.slug})


@pytest.mark.django_db
def test_who_is_erased_before_their_link_went_is_not_asked(posted):
    queue = a_queue()
    rule = a_rule(queue.site, webhook=a_webhook(queue.site))
    number, admin = "+49 151 2345 6789", a_user("admin")
    called(queue, caller=caller_hash(number))
    called(queue, caller="b", minutes=5)
    services.draw(rule, NOON)
    assert set(AskedCall.objects.values_list("state", flat=True)) == {"drawn"}
    one = customers.look_for(number, "Asked to", admin, NOON)
    erasing.run(one.job_id)
    one.refresh_from_db()
    customers.erase(one, admin, NOON)
    one.refresh_from_db()
    erasing.run(one.job_id)
    gone = AskedCall.objects.get(caller_hash="")
    assert (gone.state, gone.why) == ("left", "over")
    handing.hand_due(NOON)
    assert len(posted) == 1
    assert AskedCall.objects.exclude(pk=gone.pk).get().state == "handed"
