"""Trades from offer to end: done at once or decided, one gets it, nothing is lost."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from ccm.models import AuditEntry, Delivery
from scheduling.models import RosterEdit, ShiftChange, SiteRules, Trade
from scheduling.trades import services
from scheduling.trades.services import Refused
from tests.builders import a_site, a_user, an_agent
from tests.scheduling.kept.builders import DAY, MONDAY, NOW
from tests.scheduling.trades.builders import HOUR, Centre
from tests.threads import elsewhere

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]


@pytest.fixture
def centre():
    return Centre(a_site())


@pytest.fixture
def ada(centre):
    return centre.person("Ada")


@pytest.fixture
def bob(centre):
    return centre.person("Bob")


def take(trade, agent, **more):
    return services.take(trade, agent, agent.user, NOW, **more)


def test_a_shift_that_is_taken_changes_hands_at_once_and_asks_nobody_to_acknowledge(
    centre, ada, bob
):
    trade = take(centre.offer(centre.gives(ada)), bob)
    assert centre.who_works() == {("Bob", 0): "09:00"}
    assert (trade.state, trade.rule, trade.facts) == ("done", "at_once", {"hours": 0.0})
    edit = RosterEdit.objects.get()
    assert (edit.why, trade.edit, edit.made_by) == ("cover", edit, bob.user)
    assert {one.is_short for one in ShiftChange.objects.all()} == {False}
    entries = AuditEntry.objects.filter(model="scheduling.trade").order_by("pk")
    assert [one.after["state"] for one in entries] == ["offered", "done"]


def test_where_a_supervisor_decides_nothing_changes_until_then(centre, ada, bob):
    SiteRules.objects.update(trades_by_supervisor=True)
    boss = a_user("supervisor")
    trade = take(centre.offer(centre.gives(ada)), bob)
    assert (trade.state, centre.who_works()) == ("waiting", {("Ada", 0): "09:00"})
    trade = services.decide(trade, boss, NOW, approves=True)
    assert (trade.state, trade.rule, trade.decided_by) == ("done", "decided", boss)
    assert centre.who_works() == {("Bob", 0): "09:00"}
    with pytest.raises(ValidationError, match="not there any more"):
        services.decide(trade, boss, NOW, approves=False, reason="Too late")


def test_what_a_supervisor_refuses_stays_as_it_is(centre, ada, bob):
    SiteRules.objects.update(trades_by_supervisor=True)
    trade = take(centre.offer(centre.gives(ada)), bob)
    boss = a_user("supervisor")
    with pytest.raises(ValidationError, match="say why"):
        services.decide(trade, boss, NOW, approves=False)
    trade = services.decide(trade, boss, NOW, approves=False, reason="Bob is new")
    assert (trade.state, trade.rule, trade.reason) == ("refused", "decided", "Bob is new")
    assert centre.who_works() == {("Ada", 0): "09:00"}
    entry = AuditEntry.objects.filter(model="scheduling.trade").latest("pk")
    assert entry.after["reason"] == "Bob is new"


def test_whom_it_concerns_reads_who_decided_and_why(centre, ada, bob):
    SiteRules.objects.update(trades_by_supervisor=True)
    for one in (ada, bob):
        one.user.email = f"{one.name.lower()}@example.com"
        one.user.save()
    trade = take(centre.offer(centre.gives(ada)), bob)
    boss = a_user("supervisor", name="Nathan")
    services.decide(trade, boss, NOW, approves=False, reason="Bob is new")
    mails = Delivery.objects.filter(subject="Your trade is refused")
    assert {one.address for one in mails} == {"ada@example.com", "bob@example.com"}
    assert all("By Nathan: Bob is new" in one.body for one in mails)


def test_who_took_a_shift_lets_it_go_again_until_it_is_decided(centre, ada, bob):
    SiteRules.objects.update(trades_by_supervisor=True)
    trade = take(centre.offer(centre.gives(ada)), bob)
    with pytest.raises(ValidationError, match="not there any more"):
        services.let_go(trade, ada, ada.user, NOW)
    trade = services.let_go(trade, bob, bob.user, NOW)
    assert (trade.state, trade.taker, trade.rule, trade.facts) == ("offered", None, "", {})
    cy = centre.person("Cy")
    services.decide(take(trade, cy), a_user("supervisor"), NOW, approves=True)
    assert centre.who_works() == {("Cy", 0): "09:00"}
    with pytest.raises(ValidationError, match="not there any more"):
        services.let_go(trade, cy, cy.user, NOW)


@pytest.mark.parametrize("is_agreed", [False, True])
def test_who_answered_a_swap_lets_it_go_again(centre, ada, bob, is_agreed):
    SiteRules.objects.update(trades_by_supervisor=True)
    trade = centre.offer(centre.gives(ada, 4), "swap")
    until = trade.until
    trade = take(trade, bob, back=centre.gives(bob, 2))
    if is_agreed:
        trade = services.agree(trade, ada.user, NOW)
    trade = services.let_go(trade, bob, bob.user, NOW)
    assert (trade.state, trade.taker, trade.back, trade.back_day) == ("offered", None, None, None)
    assert trade.until == until


def test_what_the_rules_do_not_allow_any_more_is_not_approved(centre, ada, bob):
    SiteRules.objects.update(trades_by_supervisor=True)
    trade = take(centre.offer(centre.gives(ada)), bob)
    centre.gives(bob, template=centre.late)
    with pytest.raises(Refused, match="Bob has a shift on Mon 16 Mar already"):
        services.decide(trade, a_user("supervisor"), NOW, approves=True)
    assert Trade.objects.get().state == "waiting"


def test_who_may_not_take_it_is_told_the_rule_and_it_stays_offered(centre, ada, bob):
    centre.gives(bob, 0, centre.late)
    trade = centre.offer(centre.gives(ada, 1))
    with pytest.raises(Refused, match="Bob rests too shortly"):
        take(trade, bob)
    assert (Trade.objects.get().state, Trade.objects.get().taker) == ("offered", None)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_the_same_shift_at_once_one_gets_it(centre, ada, bob):
    cy = centre.person("Cy")
    trade = centre.offer(centre.gives(ada))
    said = elsewhere(lambda: take(trade, bob), lambda: take(trade, cy))
    assert sorted(one == "done" for one in said) == [False, True]
    assert any("somebody else was quicker" in one for one in said)
    assert len(centre.who_works()) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_give_up_at_once_one_does_where_one_is_asked_for(centre, ada, bob):
    shifts = [centre.gives(ada), centre.gives(bob)]
    said = elsewhere(*(lambda one=one: centre.offer(one, "give_up") for one in shifts))
    assert sorted(one == "done" for one in said) == [False, True]
    assert any("hours short of people" in one for one in said)
    assert len(centre.who_works()) == 1


def test_a_shift_that_is_given_up_is_nobodys_and_one_that_is_needed_stays(centre, ada, bob):
    centre.gives(bob)
    trade = centre.offer(centre.gives(ada), "give_up")
    assert (trade.state, centre.who_works()) == ("done", {("Bob", 0): "09:00"})
    assert RosterEdit.objects.get().why == "given_up"
    with pytest.raises(Refused, match="It leaves 8:00 hours short of people, allowed 0:00"):
        centre.offer(centre.roster.shifts.get(), "give_up")
    assert Trade.objects.count() == 1


def test_where_nobody_knows_what_is_asked_for_a_supervisor_decides_what_is_given_up(centre, ada):
    centre.roster.asked = None
    centre.roster.save()
    trade = centre.offer(centre.gives(ada), "give_up")
    assert (trade.state, trade.rule) == ("waiting", "unknown")
    services.decide(trade, a_user("supervisor"), NOW, approves=True)
    assert centre.who_works() == {}


def test_a_swap_is_answered_with_a_shift_and_agreed_to(centre, ada, bob):
    theirs = centre.gives(bob, 2, centre.late)
    trade = take(centre.offer(centre.gives(ada), "swap"), bob, back=theirs)
    assert (trade.state, trade.back_day) == ("answered", MONDAY + 2 * DAY)
    assert centre.who_works() == {("Ada", 0): "09:00", ("Bob", 2): "16:00"}
    trade = services.agree(trade, ada.user, NOW)
    assert trade.state == "done"
    assert centre.who_works() == {("Bob", 0): "09:00", ("Ada", 2): "16:00"}
    assert RosterEdit.objects.get().why == "swap"


def test_shifts_of_one_day_change_places(centre, ada, bob):
    theirs = centre.gives(bob, 0, centre.late)
    trade = take(centre.offer(centre.gives(ada), "swap", to=bob), bob, back=theirs)
    services.agree(trade, ada.user, NOW)
    assert centre.who_works() == {("Bob", 0): "09:00", ("Ada", 0): "16:00"}


def test_what_is_given_in_exchange_may_be_declined_and_the_swap_goes_on(centre, ada, bob):
    cy = centre.person("Cy")
    trade = centre.offer(centre.gives(ada), "swap")
    until = trade.until
    take(trade, bob, back=centre.gives(bob, 2))
    with pytest.raises(ValidationError, match="not there any more"):
        take(trade, cy, back=centre.gives(cy, 3))
    trade = services.decline(trade, ada, ada.user, NOW)
    assert (trade.state, trade.taker, trade.back, trade.until) == ("offered", None, None, until)
    assert take(trade, cy, back=cy.shifts.get()).state == "answered"


def test_a_swap_for_a_shift_of_another_or_for_none_is_refused(centre, ada, bob):
    shift = centre.gives(ada)
    trade = centre.offer(shift, "swap")
    for back in (None, shift):
        with pytest.raises(ValidationError, match="which of your shifts"):
            take(trade, bob, back=back)


def test_a_swap_ends_by_the_shift_that_begins_first(centre, ada, bob):
    trade = centre.offer(centre.gives(ada, 4), "swap")
    trade = take(trade, bob, back=centre.gives(bob, 2))
    # Wednesday, nine o'clock, less 24 hours.
    assert f"{trade.until:%a %H:%M}" == "Tue 09:00"


def test_an_open_shift_is_taken_by_one_whose_rules_allow_it(centre, ada):
    trade = take(centre.open(2), ada)
    assert (trade.state, centre.who_works()) == ("done", {("Ada", 2): "09:00"})
    assert RosterEdit.objects.get().why == "open"


def test_an_open_shift_of_a_kind_that_is_gone_is_not_taken(centre, ada):
    trade = centre.open(2)
    centre.day.delete()
    with pytest.raises(Refused, match="has changed since it was offered"):
        take(trade, ada)


def test_a_shift_is_offered_once_at_a_time(centre, ada):
    shift = centre.gives(ada)
    trade = centre.offer(shift)
    with pytest.raises(ValidationError, match="offered already"):
        centre.offer(shift, "swap")
    services.withdraw(trade, ada.user, NOW)
    assert centre.offer(shift, "swap").state == "offered"


def test_what_is_offered_by_name_is_for_nobody_else_and_may_be_declined(centre, ada, bob):
    cy = centre.person("Cy")
    trade = centre.offer(centre.gives(ada), to=bob)
    with pytest.raises(ValidationError, match="not there any more"):
        take(trade, cy)
    with pytest.raises(ValidationError, match="not there any more"):
        services.decline(trade, cy, cy.user, NOW)
    trade = services.decline(trade, bob, bob.user, NOW)
    assert (trade.state, trade.rule) == ("refused", "declined")


def test_nobody_takes_their_own_shift_or_one_of_another_site(centre, ada):
    trade = centre.offer(centre.gives(ada))
    stranger = Centre(a_site()).person("Zoe")
    for agent in (ada, stranger):
        with pytest.raises(ValidationError, match="not there any more"):
            take(trade, agent)


def test_a_shift_is_not_offered_to_a_stranger_or_oneself(centre, ada):
    shift = centre.gives(ada)
    for to in (ada, an_agent(a_site())):
        with pytest.raises(ValidationError, match="a colleague of the same site"):
            centre.offer(shift, to=to)


def test_a_shift_that_begins_too_soon_or_is_of_a_draft_is_not_offered(centre, ada):
    shift = centre.gives(ada)
    with pytest.raises(ValidationError, match="until 24 hours before they begin"):
        services.offer(shift, "cover", ada.user, shift.begins_at - 24 * HOUR)
    centre.roster.state, centre.roster.published_at = "draft", None
    centre.roster.save()
    with pytest.raises(ValidationError, match="not there any more"):
        centre.offer(shift)


def test_an_offer_ends_by_itself_and_whoever_looks_knows_it_before_the_task(centre, ada, bob):
    trade = centre.offer(centre.gives(ada))
    over = trade.until
    assert not Trade.objects.open_to(bob, over).exists()
    with pytest.raises(ValidationError, match="not there any more"):
        services.take(trade, bob, bob.user, over)
    assert [services.end_due(over - timedelta(seconds=1)), services.end_due(over)] == [0, 1]
    trade.refresh_from_db()
    assert (trade.state, trade.rule, trade.decided_by) == ("expired", "expired", None)
    assert services.end_due(over) == 0


def test_whom_it_concerns_is_told_by_mail_once(centre, ada, bob):
    for one in (ada, bob):
        one.user.email = f"{one.name.lower()}@example.com"
        one.user.save()
    take(centre.offer(centre.gives(ada), to=bob), bob)
    mails = Delivery.objects.order_by("pk").values_list("address", "subject")
    assert [*mails] == [
        ("bob@example.com", "A shift is offered to you"),
        ("ada@example.com", "Your trade is done"),
        ("bob@example.com", "Your trade is done"),
    ]
    assert "Mon 16 Mar, 09:00–17:00" in Delivery.objects.latest("pk").body


def test_a_trade_goes_on_of_the_one_that_somebody_is_merged_into(centre, ada, bob):
    done = take(centre.offer(centre.gives(ada)), bob)
    offered = centre.offer(centre.gives(ada, 2))
    keeper = centre.person("Ada L.")
    services.follow_merged(type(ada), ada.pk, keeper.pk)
    done.refresh_from_db()
    offered.refresh_from_db()
    assert (done.giver, done.state) == (keeper, "done")
    assert (offered.giver, offered.state) == (keeper, "withdrawn")


def test_open_shifts_are_of_published_rosters_and_their_days(centre):
    planner = a_user("planner", centre.site)
    trade = centre.open()
    said = services.given.of_values(trade.shift)
    for day, many in ((MONDAY + 7 * DAY, 1), (MONDAY, 0), (MONDAY, 51)):
        with pytest.raises(ValidationError):
            services.post(centre.roster, day, said, many, planner, NOW)
    assert len(services.post(centre.roster, MONDAY, said, 3, planner, NOW)) == 3
