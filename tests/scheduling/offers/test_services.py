"""Overtime and time off from offer to end: whom the rules let, the first who come, cover kept."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError

from ccm.models import AuditEntry, Delivery
from ccm.signals import names_merged
from scheduling.models import (
    Forecast,
    IntradayAction,
    KeptShift,
    RosterEdit,
    ShiftChange,
    ShiftOffer,
    ShiftOfferAnswer,
    SiteRules,
)
from scheduling.offers import services
from scheduling.rosters import edits, given
from tests.builders import a_queue, a_site, a_user, an_agent
from tests.scheduling.kept.builders import MONDAY
from tests.scheduling.offers.builders import HOUR, NOW, Centre, at
from tests.scheduling.terms.builders import a_contract
from tests.threads import elsewhere

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]


@pytest.fixture
def centre():
    return Centre(a_site(zone="UTC"))


def states(offer):
    rows = offer.answers.select_related("agent").order_by("agent__name")
    return {one.agent.name: one.state for one in rows}


def test_overtime_goes_to_those_whose_shift_ends_in_the_gap_or_begins_after(centre):
    """Four erlangs come from four to five: of four positions nobody is answered in time, of six
    most are."""
    centre.person("Early", 9, 16)
    centre.person("Late", 17, 18)
    for name in ("One", "Two", "Three", "Four"):
        centre.person(name, 9, 18)
    centre.person("Gone", 9, 15)
    offer = centre.offer(many=2)
    assert states(offer) == {"Early": "offered", "Late": "offered"}
    assert offer.level_with > offer.level_without


def test_who_accepts_stays_longer_at_once_and_acknowledges_nothing(centre):
    ada = centre.person("Ada")
    answer = centre.accept(centre.offer(), ada)
    assert centre.hours(ada) == "09:00–17:00"
    assert (answer.state, answer.rule, answer.offer.state) == ("accepted", "at_once", "filled")
    assert KeptShift.objects.get().worked_minutes == 8 * 60
    edit = RosterEdit.objects.get()
    assert (edit.why, edit.made_by) == ("overtime", ada.user)
    assert not ShiftChange.objects.get().is_short
    entries = AuditEntry.objects.filter(model="scheduling.shiftofferanswer").order_by("pk")
    assert [one.after["state"] for one in entries] == ["accepted"]


def test_the_log_of_the_day_has_what_was_accepted_and_its_effect(centre):
    """Nobody but Ada is there from four to five: of no position nobody is answered."""
    ada = centre.person("Ada")
    centre.accept(centre.offer(), ada)
    done = IntradayAction.objects.get()
    assert (done.kind, done.was_at, done.now_at, done.minutes) == ("overtime", at(16), at(17), 60)
    assert (done.relieves_from, done.relieves_to) == (at(16), at(17))
    assert done.level_without == pytest.approx(0)
    assert done.taken_by == centre.planner
    assert done.queues == [centre.queue.pk]


def test_whom_a_hard_rule_forbids_it_is_not_offered_to(centre):
    """Seven hours a day at most for Ada; for Bob no contract says so."""
    centre.person("Ada")
    centre.contract.most_day_minutes = 7 * 60
    centre.contract.save()
    centre.contract = a_contract(centre.site, "Longer")
    centre.person("Bob")
    assert states(centre.offer()) == {"Bob": "offered"}


def test_a_rule_that_is_broken_since_refuses_who_accepts(centre):
    """Ada rests eleven hours: not from five to one in the night, which she was given since."""
    ada = centre.person("Ada")
    offer = centre.offer()
    centre.gives(ada, 3, 9, n=1)
    with pytest.raises(services.Refused, match="Ada rests too shortly"):
        centre.accept(offer, ada)
    assert (states(offer), centre.hours(ada)) == ({"Ada": "offered"}, "09:00–16:00")


def test_a_shift_that_was_changed_since_is_left_as_it_is(centre):
    ada = centre.person("Ada")
    offer = centre.offer()
    KeptShift.objects.update(ends_at=at(15, 30))
    with pytest.raises(services.Refused, match="has changed since this was offered"):
        centre.accept(offer, ada)
    assert centre.hours(ada) == "09:00–15:30"


def test_the_first_who_accept_have_it_and_the_others_are_told(centre):
    ada, bob = centre.person("Ada"), centre.person("Bob")
    offer = centre.offer()
    centre.accept(offer, bob)
    with pytest.raises(ValidationError, match="not there any more"):
        centre.accept(offer, ada)
    assert states(offer) == {"Ada": "expired", "Bob": "accepted"}
    assert offer.answers.get(agent=ada).rule == "enough"
    assert centre.hours(ada) == "09:00–16:00"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_accept_the_last_place_at_once_one_has_it(centre):
    people = [centre.person("Ada"), centre.person("Bob")]
    offer = centre.offer()
    said = elsewhere(*(lambda one=one: centre.accept(offer, one) for one in people))
    assert sorted(one == "done" for one in said) == [False, True]
    assert any("not there any more" in one for one in said)
    assert sorted(centre.hours(one) for one in people) == ["09:00–16:00", "09:00–17:00"]


def four_where_three_are_needed(centre):
    """From one to two one erlang comes: three are asked for, and four are there; of them two
    leave at two, and could at one."""
    for name in ("There", "Too"):
        centre.person(name, 9, 18)
    return centre.person("Ada", 9, 14), centre.person("Bob", 9, 14)


def test_who_accepts_time_off_leaves_sooner(centre):
    ada, _bob = four_where_three_are_needed(centre)
    offer = centre.offer("time_off", at(13), at(14))
    assert states(offer) == {"Ada": "offered", "Bob": "offered"}
    centre.accept(offer, ada)
    assert centre.hours(ada) == "09:00–13:00"
    assert KeptShift.objects.get(agent=ada).worked_minutes == 4 * 60
    assert RosterEdit.objects.get().why == "time_off"
    done = IntradayAction.objects.get()
    assert (done.kind, done.was_at, done.now_at) == ("time_off", at(14), at(13))
    assert done.level_with < done.level_without


def test_time_off_that_leaves_more_short_than_the_site_allows_is_refused(centre):
    """Of four one may go; the second would leave an hour of a position short."""
    ada, bob = four_where_three_are_needed(centre)
    offer = centre.offer("time_off", at(13), at(14), many=2)
    centre.accept(offer, ada)
    with pytest.raises(services.Refused, match="leaves 1:00 hours short of people, allowed 0:00"):
        centre.accept(offer, bob)
    SiteRules.objects.update(trade_short_hours=1)
    centre.accept(offer, bob)
    assert centre.hours(bob) == "09:00–13:00"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_go_at_once_one_does_where_one_can_be_missed(centre):
    people = four_where_three_are_needed(centre)
    offer = centre.offer("time_off", at(13), at(14), many=2)
    said = elsewhere(*(lambda one=one: centre.accept(offer, one) for one in people))
    assert sorted(one == "done" for one in said) == [False, True]
    assert any("hours short of people" in one for one in said)


def test_nobody_goes_who_has_training_in_the_hours(centre):
    four_where_three_are_needed(centre)
    course = {
        "kind": "training", "name": "Course", "start": at(13, 30).isoformat(),
        "end": at(14).isoformat(), "is_pause": False, "is_paid": True,
    }  # fmt: skip
    KeptShift.objects.filter(agent__name="Ada").update(activities=[course])
    assert states(centre.offer("time_off", at(12), at(14))) == {"Bob": "offered"}


def test_overtime_is_offered_where_too_few_are_there_and_time_off_where_too_many(centre):
    four_where_three_are_needed(centre)
    with pytest.raises(ValidationError, match="look again"):
        centre.offer("time_off", at(16), at(17))
    with pytest.raises(ValidationError, match="look again"):
        centre.offer("overtime", at(13), at(14))
    assert not ShiftOffer.objects.exists()


@pytest.mark.parametrize("many", [0, 51])
def test_so_many_cannot_be_wanted(centre, many):
    centre.person("Ada")
    with pytest.raises(ValidationError, match="look again"):
        centre.offer(many=many)


def test_who_has_an_offer_already_gets_no_second(centre):
    centre.person("Ada")
    centre.offer()
    with pytest.raises(ValidationError, match="nobody whose rules allow it"):
        centre.offer()


def test_where_a_supervisor_decides_nothing_changes_until_then(centre):
    SiteRules.objects.update(trades_by_supervisor=True)
    boss = a_user("supervisor")
    ada, bob = centre.person("Ada"), centre.person("Bob")
    offer = centre.offer()
    answer = centre.accept(offer, ada)
    assert (answer.state, centre.hours(ada)) == ("waiting", "09:00–16:00")
    with pytest.raises(ValidationError, match="others were quicker"):
        centre.accept(offer, bob)
    answer = services.decide(answer, boss, NOW, approves=True)
    assert (answer.state, answer.rule, answer.decided_by) == ("accepted", "decided", boss)
    assert centre.hours(ada) == "09:00–17:00"


def test_what_is_refused_leaves_its_place_to_another(centre):
    SiteRules.objects.update(trades_by_supervisor=True)
    ada, bob = centre.person("Ada"), centre.person("Bob")
    offer = centre.offer()
    waiting, boss = centre.accept(offer, ada), a_user("supervisor")
    with pytest.raises(ValidationError, match="say why"):
        services.decide(waiting, boss, NOW, approves=False)
    answer = services.decide(waiting, boss, NOW, approves=False, reason="Too long a day")
    assert answer.reason == "Too long a day"
    assert centre.accept(offer, bob).state == "waiting"
    assert states(offer) == {"Ada": "refused", "Bob": "waiting"}


def test_what_is_not_answered_in_time_ends_and_is_not_accepted_any_more(centre):
    ada = centre.person("Ada")
    offer = centre.offer()
    late = NOW + HOUR
    with pytest.raises(ValidationError, match="its time is over"):
        centre.accept(offer, ada, now=late)
    assert services.end_due(late - timedelta(seconds=1)) == 0
    assert services.end_due(late) == 1
    assert services.end_due(late) == 0
    offer.refresh_from_db()
    assert (states(offer), offer.state) == ({"Ada": "expired"}, "expired")


def test_what_waits_is_decided_until_its_hours_begin_and_then_ends(centre):
    SiteRules.objects.update(trades_by_supervisor=True)
    ada = centre.person("Ada")
    offer = centre.offer()
    answer = centre.accept(offer, ada)
    assert services.end_due(at(15, 59)) == 0
    assert services.end_due(at(16)) == 1
    with pytest.raises(ValidationError, match="not there any more"):
        services.decide(answer, a_user("supervisor"), at(16), approves=True)
    offer.refresh_from_db()
    assert offer.state == "expired"


def test_what_is_taken_back_is_nobodys_and_what_was_accepted_stays(centre):
    ada, bob = centre.person("Ada"), centre.person("Bob")
    offer = centre.offer(many=2)
    centre.accept(offer, ada)
    services.withdraw(offer, centre.planner, NOW)
    with pytest.raises(ValidationError, match="not there any more"):
        centre.accept(offer, bob)
    assert states(offer) == {"Ada": "accepted", "Bob": "withdrawn"}
    assert centre.hours(ada) == "09:00–17:00"


def test_who_declines_is_asked_no_more_and_declines_once(centre):
    ada = centre.person("Ada")
    offer = centre.offer()
    answer = offer.answers.get()
    services.decline(answer, ada.user, NOW)
    for again in (services.decline, services.accept):
        with pytest.raises(ValidationError, match="not there any more"):
            again(answer, ada.user, NOW)
    assert states(offer) == {"Ada": "declined"}


def test_an_offer_that_all_decline_is_over(centre):
    ada, bob = centre.person("Ada"), centre.person("Bob")
    offer = centre.offer()
    for agent, state in ((ada, "open"), (bob, "answered")):
        services.decline(offer.answers.get(agent=agent), agent.user, NOW)
        offer.refresh_from_db()
        assert offer.state == state
    with pytest.raises(ValidationError, match="not there any more"):
        services.withdraw(offer, centre.planner, NOW)


def test_an_offer_of_which_the_last_to_answer_accepts_is_over(centre):
    """Two are wanted of two; the first declines."""
    ada, bob = centre.person("Ada"), centre.person("Bob")
    offer = centre.offer(many=2)
    services.decline(offer.answers.get(agent=bob), bob.user, NOW)
    assert centre.accept(offer, ada).offer.state == "answered"


def test_what_is_offered_for_a_shift_ends_when_the_shift_is_another(centre):
    """Ada is given coaching from three on; the offer to Bob goes on."""
    ada, bob = centre.person("Ada"), centre.person("Bob")
    offer = centre.offer()
    coaching = {
        "kind": "coaching", "name": "One to one", "start": at(15).isoformat(),
        "end": at(15, 30).isoformat(), "is_pause": False, "is_paid": True,
    }  # fmt: skip
    with time_machine.travel(NOW, tick=False):
        becomes = given.of_row(KeptShift.objects.get(agent=ada))
        becomes.activities.append(coaching)
        wanted = [edits.Wanted(ada.pk, MONDAY, becomes)]
        edits.apply(centre.roster, wanted, centre.planner, NOW, seen=centre.roster.revision)
    assert states(offer) == {"Ada": "withdrawn", "Bob": "offered"}
    assert offer.answers.get(agent=ada).rule == "changed"
    with time_machine.travel(NOW, tick=False):
        answer = centre.accept(offer, bob)
    assert (answer.state, answer.offer.state) == ("accepted", "filled")


def test_an_offer_follows_a_queue_and_somebody_who_are_merged(centre):
    ada = centre.person("Ada")
    offer = centre.offer()
    queue, keeper = a_queue(centre.site, "Orders"), an_agent(centre.site, "Ada B")
    names_merged.send(type(queue), loser=centre.queue.pk, keeper=queue.pk)
    names_merged.send(type(keeper), loser=ada.pk, keeper=keeper.pk)
    assert ShiftOffer.objects.get().queues == [queue.pk]
    answer = ShiftOfferAnswer.objects.get(offer=offer)
    assert (answer.agent, answer.state) == (keeper, "withdrawn")


def test_who_would_be_at_a_pause_in_the_hours_is_missed_only_after_it(centre):
    """Three are asked for, and three are there from one to half past, when Ada has her lunch."""
    for name in ("There", "Too", "Three"):
        centre.person(name, 9, 18)
    ada = centre.person("Ada", 9, 14)
    lunch = {
        "kind": "pause", "name": "Lunch", "start": at(13).isoformat(),
        "end": at(13, 30).isoformat(), "is_pause": True, "is_paid": True,
    }  # fmt: skip
    KeptShift.objects.filter(agent=ada).update(activities=[lunch])
    answer = centre.accept(centre.offer("time_off", at(13), at(14)), ada)
    assert (answer.state, answer.facts) == ("accepted", {"hours": 0.0})
    assert KeptShift.objects.get(agent=ada).activities == []


def test_where_nobody_knows_what_is_needed_any_more_a_supervisor_decides(centre):
    ada, _bob = four_where_three_are_needed(centre)
    offer = centre.offer("time_off", at(13), at(14))
    Forecast.objects.all().delete()
    answer = centre.accept(offer, ada)
    assert (answer.state, answer.rule) == ("waiting", "unknown")
    answer = services.decide(answer, a_user("supervisor"), NOW, approves=True)
    assert (answer.state, centre.hours(ada)) == ("accepted", "09:00–13:00")
    assert IntradayAction.objects.get().level_with is None


def test_whoever_is_asked_is_told_by_mail_until_when(centre):
    ada = centre.person("Ada")
    ada.user.email = "ada@example.org"
    ada.user.save()
    centre.offer()
    mail = Delivery.objects.get()
    assert (mail.address, mail.subject) == (
        "ada@example.org", "Overtime is offered: Mon 16 Mar, 16:00–17:00",
    )  # fmt: skip
    assert "09:00–16:00 → 09:00–17:00" in mail.body
    assert "Answer until 11:05." in mail.body
    assert "/my-schedule/offers/" in mail.body
