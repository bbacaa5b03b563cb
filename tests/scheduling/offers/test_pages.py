"""The pages of offers: what could be offered for a gap, what was, and one's own."""

import re

import pytest
import time_machine
from django.urls import reverse

from scheduling.models import IntradayAction, ShiftOffer, ShiftOfferAnswer, SiteRules
from scheduling.offers import services
from tests.builders import a_site, a_team, a_user
from tests.scheduling.offers.builders import HOUR, NOW, Centre, at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]
AFTER_TWO = at(14, 5)


@pytest.fixture
def centre():
    return Centre(a_site(zone="UTC"))


@pytest.fixture
def planner(client, centre):
    client.force_login(centre.planner)
    return client


def page(client, name, now=NOW, **asked):
    with time_machine.travel(now, tick=False):
        return client.get(reverse(name), asked)


def post(client, url, now=NOW, **said):
    with time_machine.travel(now, tick=False):
        return client.post(url, said, follow=True)


def make(client, centre, now=AFTER_TWO, **more):
    said = {
        "kind": "overtime", "start": "960", "end": "1020", "many": "1", "minutes": "30",
    } | more  # fmt: skip
    url = f"{reverse('shift_offer_make')}?queue={centre.queue.pk}"
    return post(client, url, now, **said)


def four_of_six(centre):
    """From four to five four are there, and six are needed; Ada and Bob leave at four."""
    for name in ("One", "Two", "Three", "Four"):
        centre.person(name, 9, 18)
    return centre.person("Ada"), centre.person("Bob")


def gap_at_four(answer):
    """From four on, as the page has it."""
    return next(one for one in answer.context["gaps"] if one.start == at(16))


def test_a_gap_says_who_could_and_what_it_would_give(planner, centre):
    four_of_six(centre)
    told = page(planner, "intraday_people", AFTER_TWO, queue=centre.queue.pk)
    proposed = gap_at_four(told).proposed
    assert (proposed.kind, proposed.able, proposed.wanted) == ("overtime", 2, 2)
    before, after = proposed.effect.level
    assert before == pytest.approx(0, abs=1e-9)
    # Erlang C of six for four erlangs, 180 s each, within 20 s: 1 - 0.285 x exp(-2 x 20 / 180).
    assert after == pytest.approx(0.772, abs=0.005)
    # Four erlangs on six people.
    assert proposed.effect.occupancy[1] == pytest.approx(4 / 6, abs=0.01)
    assert "Offer overtime" in told.content.decode()


def test_what_is_made_on_the_page_is_offered_and_told(planner, centre):
    four_of_six(centre)
    told = make(planner, centre)
    assert "It is offered to 2 people: the first to accept has it." in told.content.decode()
    [one] = told.context["offers"]
    assert (one.said, one.is_live) == (
        "Wanted: 1. Asked: 2. Accepted: 0, declined: 0.", True,
    )  # fmt: skip
    assert {it.name for it in one.answers} == {"Ada", "Bob"}
    again = page(planner, "intraday_people", AFTER_TWO, queue=centre.queue.pk)
    assert gap_at_four(again).proposed is None


@pytest.mark.parametrize(
    "more",
    [
        {"kind": "x"}, {"kind": "time_off"}, {"start": ""}, {"start": "-1"}, {"start": "9999"},
        {"end": "9" * 300}, {"end": "960"}, {"many": "0"}, {"many": "x"}, {"minutes": "0"},
        {"minutes": "9999"}, {"many": "\0"}, {"start": "१२"}, {"start": "0", "end": "60"},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words(planner, centre, more):
    four_of_six(centre)
    answer = make(planner, centre, **more)
    assert answer.status_code == 200
    assert "look again" in answer.content.decode()
    assert not ShiftOffer.objects.exists()


def test_who_leads_a_team_sees_offers_and_names_of_its_people_and_makes_none(client, centre):
    ada, _bob = four_of_six(centre)
    centre.offer(now=AFTER_TWO)
    boss = a_user("supervisor", centre.site)
    a_team(centre.site, boss, ada)
    client.force_login(boss)
    [one] = page(client, "shift_offers", AFTER_TWO, queue=centre.queue.pk).context["offers"]
    assert "Asked: 2." in one.said
    assert [it.name for it in one.answers] == ["Ada"]
    url = f"{reverse('shift_offer_make')}?queue={centre.queue.pk}"
    assert post(client, url).status_code == 404
    assert post(client, reverse("shift_offer_withdraw", args=[one.offer.pk])).status_code == 404
    told = page(client, "intraday_people", AFTER_TWO, queue=centre.queue.pk)
    assert gap_at_four(told).proposed is None


def test_what_waits_is_decided_by_who_leads_and_by_nobody_else(client, centre):
    SiteRules.objects.update(trades_by_supervisor=True)
    ada, bob = four_of_six(centre)
    offer = centre.offer(many=2, now=AFTER_TWO)
    waiting = [centre.accept(offer, one, AFTER_TWO) for one in (ada, bob)]
    boss = a_user("supervisor", centre.site)
    a_team(centre.site, boss, ada)
    client.force_login(boss)
    urls = [reverse("shift_offer_decide", args=[one.pk]) for one in waiting]
    assert post(client, urls[1], AFTER_TWO, approves="yes").status_code == 404
    answer = post(client, urls[0], AFTER_TWO, approves="yes")
    assert "It is done" in answer.content.decode()
    assert (centre.hours(ada), centre.hours(bob)) == ("09:00–17:00", "09:00–16:00")
    assert post(client, urls[0], AFTER_TWO, approves="x").status_code == 404
    twice = post(client, urls[0], AFTER_TWO, approves="yes")
    assert "not there any more" in twice.content.decode()


def test_planner_and_agent_read_who_refused_an_acceptance_and_why(client, centre):
    SiteRules.objects.update(trades_by_supervisor=True)
    ada, _bob = four_of_six(centre)
    waiting = centre.accept(centre.offer(now=AFTER_TWO), ada, AFTER_TWO)
    client.force_login(centre.planner)
    url = reverse("shift_offer_decide", args=[waiting.pk])
    said = post(client, url, AFTER_TWO, approves="no").content.decode()
    assert "A refusal needs a reason" in said
    told = post(client, url, AFTER_TWO, approves="no", reason="Enough of hours")
    rules = {it.name: it.rule for it in told.context["offers"][0].answers}
    assert rules == {"Ada": "By planner: Enough of hours", "Bob": ""}
    client.force_login(ada.user)
    [mine] = page(client, "my_offers", AFTER_TWO).context["others"]
    assert (mine.state, mine.rule) == ("Refused", "By planner: Enough of hours")


def test_a_gap_says_what_is_offered_for_it_and_offers_only_what_that_leaves(planner, centre):
    """Six of four erlangs are not enough: three are wanted, of which two are offered."""
    four_of_six(centre)
    centre.offer(many=2, now=AFTER_TWO)
    centre.person("Cy")
    told = page(planner, "intraday_people", AFTER_TWO, queue=centre.queue.pk)
    proposed = gap_at_four(told).proposed
    assert (proposed.able, proposed.wanted) == (1, 1)
    said = " ".join(re.sub(r"<[^>]*>", "", told.content.decode()).split())
    assert "Overtime 16:00–17:00 is offered already: 0 of 2 places taken, open until 15:05" in said
    centre.offer(now=AFTER_TWO)
    centre.person("Dee")
    again = page(planner, "intraday_people", AFTER_TWO, queue=centre.queue.pk)
    assert gap_at_four(again).proposed is None


def test_the_log_has_what_was_offered_and_nobody_took(planner, centre):
    ada, bob = four_of_six(centre)
    offer = centre.offer(now=AFTER_TWO)
    told = page(planner, "intraday_actions", AFTER_TWO, queue=centre.queue.pk)
    assert told.context["offers"] == []
    for agent in (ada, bob):
        services.decline(offer.answers.get(agent=agent), agent.user, AFTER_TWO)
    told = page(planner, "intraday_actions", AFTER_TWO, queue=centre.queue.pk)
    said = " ".join(re.sub(r"<[^>]*>", " ", told.content.decode()).split())
    assert "Wanted: 1. Asked: 2. Accepted: 0, declined: 2." in said
    assert "Nobody left to answer" in said
    assert "Nothing was done today yet" not in said


def test_who_is_asked_sees_until_when_and_accepts(client, centre):
    ada, _bob = four_of_six(centre)
    centre.offer(now=AFTER_TWO)
    client.force_login(ada.user)
    told = page(client, "my_offers", AFTER_TWO)
    [one] = told.context["open"]
    assert (one.what, one.seconds) == ("09:00–16:00 → 09:00–17:00", 3600)
    assert 'data-left="3600"' in told.content.decode()
    assert re.search(r"until\s*<time[^>]*>15:05", told.content.decode())
    url = reverse("offer_answer", args=[one.answer.pk, "accept"])
    answer = post(client, url, AFTER_TWO)
    assert "your schedule has it" in answer.content.decode()
    assert answer.context["open"] == []
    assert centre.hours(ada) == "09:00–17:00"
    assert "not there any more" in post(client, url, AFTER_TWO).content.decode()


def test_who_accepted_lets_it_go_while_it_waits_and_another_has_the_place(client, centre):
    SiteRules.objects.update(trades_by_supervisor=True)
    ada, bob = four_of_six(centre)
    offer = centre.offer(now=AFTER_TWO)
    waiting = centre.accept(offer, ada, AFTER_TWO)
    client.force_login(ada.user)
    url = reverse("offer_answer", args=[waiting.pk, "let_go"])
    assert url in page(client, "my_offers", AFTER_TWO).content.decode()
    told = post(client, url, AFTER_TWO)
    assert "It is declined." in told.content.decode()
    assert url not in told.content.decode()
    assert "not there any more" in post(client, url, AFTER_TWO).content.decode()
    waiting.refresh_from_db()
    assert (waiting.state, centre.hours(ada)) == ("declined", "09:00–16:00")
    assert centre.accept(offer, bob, AFTER_TWO).state == "waiting"


def test_what_is_past_its_time_is_said_to_be_before_anybody_marked_it(client, centre):
    ada, _bob = four_of_six(centre)
    centre.offer(now=AFTER_TWO)
    client.force_login(ada.user)
    told = page(client, "my_offers", AFTER_TWO + HOUR)
    assert told.context["open"] == []
    assert [one.state for one in told.context["others"]] == ["Expired"]
    assert "Not answered, or not decided, in time." in told.content.decode()


def test_an_offer_to_another_is_not_there(client, centre):
    ada, bob = four_of_six(centre)
    offer = centre.offer(now=AFTER_TWO)
    client.force_login(ada.user)
    theirs = ShiftOfferAnswer.objects.get(offer=offer, agent=bob)
    for act in ("accept", "decline"):
        url = reverse("offer_answer", args=[theirs.pk, act])
        assert post(client, url, AFTER_TWO).status_code == 404


def test_the_log_says_what_was_accepted(planner, centre):
    ada, _bob = four_of_six(centre)
    centre.accept(centre.offer(now=AFTER_TWO), ada, AFTER_TWO)
    told = page(planner, "intraday_actions", AFTER_TWO, queue=centre.queue.pk).content.decode()
    assert "Ada: Overtime, 60 min, 16:00–17:00" in re.sub(r"<[^>]*>", "", told)
    assert IntradayAction.objects.get().day == AFTER_TWO.date()


def test_nothing_offered_says_where_it_is(planner, client, centre):
    told = page(planner, "shift_offers", queue=centre.queue.pk).content.decode()
    assert "Nothing was offered today yet" in told
    client.force_login(centre.person("Ada").user)
    assert "Nothing is offered" in page(client, "my_offers").content.decode()


@pytest.mark.parametrize("name", ["intraday_people", "shift_offers", "my_offers"])
def test_a_page_asks_as_much_of_many_offers_as_of_one(
    client, centre, name, django_assert_max_num_queries, django_assert_num_queries
):
    ada, _bob = four_of_six(centre)
    centre.offer(now=AFTER_TWO)
    client.force_login(ada.user if name == "my_offers" else centre.planner)
    page(client, name, AFTER_TWO)
    with django_assert_max_num_queries(12) as asked:
        page(client, name, AFTER_TWO)
    for number in range(4):
        ShiftOfferAnswer.objects.live(AFTER_TWO).update(state="declined")
        centre.person(f"More {number}")
        centre.offer(now=AFTER_TWO)
    with django_assert_num_queries(len(asked)):
        page(client, name, AFTER_TWO)


def test_the_sidebar_counts_what_waits_for_an_answer(client, centre):
    ada, _bob = four_of_six(centre)
    centre.offer(now=AFTER_TWO)
    client.force_login(ada.user)
    said = page(client, "my_schedule", AFTER_TWO).content.decode()
    entry = re.search(r'href="/my-schedule/offers/".*?</a>', said, re.DOTALL)
    assert entry is not None
    assert ">1<" in entry.group()


def test_the_audit_log_says_whose_it_is_and_of_which_day(client, centre):
    ada, _bob = four_of_six(centre)
    centre.accept(centre.offer(now=AFTER_TWO), ada, AFTER_TWO)
    client.force_login(a_user("admin"))
    said = client.get(reverse("audit")).content.decode().casefold()
    assert "answer to an offer of overtime or time off: ada, 16 mar 2026" in said
    assert f"offer of overtime or time off: {centre.site.name.casefold()}, 16 mar 2026" in said
