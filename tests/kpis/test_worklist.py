"""Call backs to be made: which, by when, by whom, and whether they were kept."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from ccm.models import AuditEntry, CallNote
from kpis.floor.models import FloorRules
from kpis.worklist import reads
from kpis.worklist.due import Due, late_words, together
from kpis.worklist.models import CallBackOwner
from kpis.worklist.services import Taken, hand
from tests.browser.centre import a_site_in_the_afternoon
from tests.builders import NINE, a_call, a_queue, a_site, a_team, a_user, an_agent
from tests.kpis.seen import text
from tests.messages import told
from tests.threads import elsewhere

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def asked(queue, at, **more):
    """Somebody who asked after a minute in the queue."""
    known = {"outcome": "callback_requested", "wait": 60, "talk": None}
    return a_call(queue, at, **known | more)


def promised(call, due_at, **more):
    known = {"at": call.offered_at + 5 * MINUTE, "callback_due_at": due_at}
    return CallNote.objects.create(call=call, site=call.site, **known | more)


def called(call, after, outcome="answered"):
    """A call out of the same contact; an answered one reaches the caller 20 s later."""
    made = a_call(
        call.queue, call.offered_at + after, linked_id=call.linked_id, direction="outbound",
        outcome=outcome, wait=20,
    )  # fmt: skip
    type(made).objects.filter(pk=made.pk).update(queue=None)


def row_of(call, now=NINE + 2 * HOUR, user=None):
    return reads.of_site(user or a_user("admin"), call.site, now).get(pk=call.pk)


def test_a_request_is_due_some_hours_after_the_caller_asked_and_a_promise_at_its_time():
    queue = a_queue()
    request = asked(queue, NINE)
    assert row_of(request).due_at == NINE + MINUTE + 4 * HOUR
    FloorRules.objects.create(site=queue.site, callback_minutes=30)
    assert row_of(request).due_at == NINE + MINUTE + 30 * MINUTE
    promised(request, NINE + 3 * HOUR)
    assert row_of(request).due_at == NINE + 3 * HOUR


def test_of_the_time_to_call_back_only_opening_hours_count():
    # NINE is on a Monday. A site with hours of its own, and one without any.
    week = {str(day): [["08:00", "20:00"]] for day in range(5)} | {"5": [["09:00", "11:00"]]}
    site, other = a_site(), a_site()
    site.opening = week
    site.save()
    queue, friday, midnight = a_queue(site), NINE + 4 * DAY, NINE + 15 * HOUR
    evening = asked(queue, NINE + 9 * HOUR)  # 18:01: 1:59 today, 2:01 tomorrow
    closing = asked(queue, NINE + 7 * HOUR - MINUTE)  # 16:00: at eight, as it closes
    night = asked(queue, midnight)
    weekend = asked(queue, friday + 9 * HOUR + 29 * MINUTE)  # 18:30: 1:30, 2:00, Monday 0:30
    promise = asked(queue, NINE + 9 * HOUR)
    promised(promise, midnight)
    elsewhere = asked(a_queue(other), NINE + 9 * HOUR)
    now = friday + 10 * HOUR
    for call, due_at in [
        (evening, NINE + DAY + HOUR + MINUTE),
        (closing, NINE + 11 * HOUR),
        (night, NINE + DAY + 3 * HOUR),
        (weekend, NINE + 7 * DAY - 30 * MINUTE),
        (promise, midnight),
        (elsewhere, NINE + 13 * HOUR + MINUTE),
    ]:
        assert row_of(call, now).due_at == due_at
    assert reads.standing(row_of(evening, midnight), midnight) == "open"
    due = reads.due(NINE + 14 * HOUR)  # 23:00
    assert due[site.pk] == {queue.pk: Due(2, 1, NINE + 11 * HOUR)}
    assert due[other.pk] == {elsewhere.queue_id: Due(1, 1, NINE + 13 * HOUR + MINUTE)}


def test_an_answered_call_on_which_a_note_promises_a_call_back_is_among_them():
    queue = a_queue()
    call = a_call(queue, NINE)
    a_call(queue, NINE + MINUTE)
    promised(call, NINE + HOUR, words="About the invoice")
    [row] = reads.of_site(a_user("admin"), queue.site, NINE + 2 * HOUR)
    assert (row.pk, row.words) == (call.pk, "About the invoice")
    assert reads.standing(row, NINE + 2 * HOUR) == "overdue"


@pytest.mark.parametrize(
    ("after", "side"),
    [
        (None, "open"),
        (3 * HOUR, "kept"),
        (HOUR, "kept"),
        (5 * HOUR, "late"),
    ],
)
def test_a_request_is_kept_by_a_call_out_that_reached_the_caller_in_time(after, side):
    request = asked(a_queue(), NINE)  # due 13:01
    if after is not None:
        called(request, after)
    now = NINE + (2 * HOUR if after is None else 6 * HOUR)
    assert reads.standing(row_of(request, now), now) == side


def test_a_promise_is_kept_by_a_call_out_after_its_call_or_by_a_word_on_the_note():
    queue = a_queue()
    now = NINE + 3 * HOUR
    reached, noted, late, before = (a_call(queue, NINE) for _ in range(4))
    for call in (reached, noted, late, before):
        promised(call, NINE + HOUR)
    called(reached, 50 * MINUTE)
    CallNote.objects.filter(call=noted).update(callback_done_at=NINE + 40 * MINUTE)
    called(late, 90 * MINUTE)
    called(before, timedelta())  # the call itself was one half of that contact
    sides = {call: reads.standing(row_of(call, now), now) for call in (reached, noted, late)}
    assert sides == {reached: "kept", noted: "kept", late: "late"}
    assert reads.standing(row_of(before, now), now) == "overdue"


def test_a_promise_on_a_call_out_is_not_kept_by_that_call_itself():
    call = a_call(a_queue(), NINE, direction="outbound")
    promised(call, NINE + HOUR)
    now = NINE + 2 * HOUR
    assert reads.standing(row_of(call, now), now) == "overdue"


def test_tries_are_calls_out_in_vain_and_the_last_of_them():
    request = asked(a_queue(), NINE)
    called(request, 20 * MINUTE, "abandoned")
    called(request, 40 * MINUTE, "busy")
    row = row_of(request)
    assert (row.tries, row.tried_at, row.done_at) == (2, NINE + 40 * MINUTE, None)


def test_a_request_of_more_than_a_week_ago_is_no_longer_to_be_made_and_a_promise_is():
    queue = a_queue()
    old = NINE - timedelta(days=8)
    asked(queue, old)
    call = a_call(queue, old)
    promised(call, old + HOUR)
    assert [row.pk for row in reads.of_site(a_user("admin"), queue.site, NINE)] == [call.pk]


# Who takes it.


@pytest.fixture
def house():
    """A request at a site with a supervisor and two agents, of whom the supervisor leads one."""
    site = a_site_in_the_afternoon("Leeds")
    queue = a_queue(site)
    people = {
        name: a_user("agent", name=name) for name in ("ann", "bea")
    } | {"chief": a_user("supervisor", site, name="chief")}  # fmt: skip
    ann, bea = (an_agent(site, one, user=people[one]) for one in ("ann", "bea"))
    a_team(site, people["chief"], ann)
    a_team(site, None, bea)
    return people, asked(queue, timezone.now() - HOUR)


def post(client, user, call, **said):
    client.force_login(user)
    return client.post(reverse("call_back_owner", args=[call.pk]), said, follow=True)


def owner(call):
    row = CallBackOwner.objects.filter(call=call.pk).first()
    return None if row is None else row.owner.username


def test_of_two_who_take_one_the_first_has_it_and_the_other_is_told(client, house):
    people, call = house
    page = post(client, people["ann"], call, owner=people["ann"].pk, was="")
    assert told(page) == [("info", "You call a caller without a number.")]
    page = post(client, people["bea"], call, owner=people["bea"].pk, was="")
    assert told(page) == [("warning", "ann has it meanwhile. Nothing is changed.")]
    assert owner(call) == "ann"
    entries = AuditEntry.objects.filter(model="kpis.callbackowner")
    assert [(one.who, one.after["owner"]) for one in entries] == [(people["ann"], people["ann"].pk)]


@pytest.mark.django_db(transaction=True)
def test_two_who_take_one_at_the_same_moment_do_not_both_have_it():
    call = asked(a_queue(), NINE)
    users = [a_user("agent") for _ in range(4)]
    works = [lambda one=one: hand(call, one, None, one, NINE) for one in users]
    said = elsewhere(*works)
    assert said.count("done") == 1
    assert sum("Taken" in one for one in said) == 3
    assert CallBackOwner.objects.count() == 1
    assert AuditEntry.objects.filter(model="kpis.callbackowner").count() == 1


def test_who_has_one_hands_it_back_and_nobody_else_does(client, house):
    people, call = house
    hand(call, people["ann"], None, people["ann"], NINE)
    page = post(client, people["bea"], call, owner="", was=people["ann"].pk)
    assert page.status_code == 404
    page = post(client, people["ann"], call, owner="", was=people["ann"].pk)
    assert told(page) == [("info", "It is handed back: anybody can take it.")]
    assert owner(call) is None
    last = AuditEntry.objects.filter(model="kpis.callbackowner").latest("pk")
    assert (last.action, last.before["owner"]) == ("removed", people["ann"].pk)


def test_a_supervisor_gives_it_to_own_people_and_to_nobody_elses(client, house):
    people, call = house
    client.force_login(people["chief"])
    page = client.get(reverse("call_back_owner", args=[call.pk]))
    assert [one.name for one in page.context["people"]] == ["ann", "chief"]
    assert post(client, people["chief"], call, owner=people["ann"].pk, was="").status_code == 200
    assert owner(call) == "ann"
    page = post(client, people["chief"], call, owner=people["bea"].pk, was=people["ann"].pk)
    assert page.status_code == 404
    assert owner(call) == "ann"
    # What was somebody else's when the page was drawn is not given away unawares.
    page = post(client, people["chief"], call, owner=people["chief"].pk, was="")
    assert told(page) == [("warning", "ann has it meanwhile. Nothing is changed.")]


def test_whoever_calls_says_that_it_is_made_and_takes_that_back(client, house):
    """A switch may tell of no call out: without their word it would be overdue for ever."""
    people, call = house
    hand(call, people["ann"], None, people["ann"], timezone.now())
    client.force_login(people["ann"])
    page = client.get(reverse("worklist"))
    # Where the number is known it is found by the call.
    assert f"call {call.external_id} at test" in text(page)
    page = post(client, people["ann"], call, made="yes")
    assert told(page) == [("info", "A caller without a number was called back.")]
    row = row_of(call, timezone.now())
    assert row.done_at == row.said_at
    assert reads.standing(row, timezone.now()) == reads.KEPT
    assert "Not yet" in text(client.get(reverse("worklist"), {"side": "kept"}))
    entry = AuditEntry.objects.filter(model="kpis.callbackowner").latest("pk")
    assert (entry.before["made_at"], bool(entry.after["made_at"])) == (None, True)
    page = post(client, people["ann"], call, made="no")
    assert told(page) == [("info", "A caller without a number is still to be called.")]
    assert row_of(call, timezone.now()).done_at is None


def test_nobody_else_says_that_it_is_made_but_who_answers_for_them(client, house):
    people, call = house
    assert post(client, people["ann"], call, made="yes").status_code == 404  # nobody's yet
    hand(call, people["ann"], None, people["ann"], timezone.now())
    assert post(client, people["bea"], call, made="yes").status_code == 404
    assert f"call {call.external_id}" not in text(client.get(reverse("worklist")))
    assert post(client, people["chief"], call, made="yes").status_code == 200
    assert row_of(call, timezone.now()).said_at is not None
    assert owner(call) == "ann"


def test_a_call_out_that_reached_the_caller_is_taken_back_by_no_word(client, house):
    people, call = house
    hand(call, people["ann"], None, people["ann"], timezone.now())
    called(call, 20 * MINUTE)
    client.force_login(people["ann"])
    page = text(client.get(reverse("worklist"), {"side": "kept"}))
    assert "Not yet" not in page
    assert "ann" in page


def test_an_agent_gives_it_to_nobody_else_and_has_no_form_for_that(client, house):
    people, call = house
    assert post(client, people["ann"], call, owner=people["bea"].pk, was="").status_code == 404
    assert client.get(reverse("call_back_owner", args=[call.pk])).status_code == 404
    assert owner(call) is None


def test_calls_of_another_site_or_that_ask_for_nothing_are_out_of_reach(client, house):
    people, call = house
    other = asked(a_queue(a_site()), timezone.now() - HOUR)
    plain = a_call(call.queue, timezone.now() - HOUR)
    for one in (other, plain):
        page = post(client, people["ann"], one, owner=people["ann"].pk, was="")
        assert page.status_code == 404


def test_it_comes_back_to_a_page_of_ours_alone(client, house):
    people, call = house
    client.force_login(people["ann"])
    url = reverse("call_back_owner", args=[call.pk])
    for back, expected in (
        ("/callbacks/?who=mine", "/callbacks/?who=mine"),
        ("https://example.com/", "/callbacks/"),
        ("//example.com/", "/callbacks/"),
    ):
        said = {"owner": people["ann"].pk, "was": "", "back": back}
        # At the row that they were in: whoever goes by keyboard goes on there.
        assert client.post(url, said).url == f"{expected}#who-{call.pk}"
        assert f'id="who-{call.pk}"' in client.get(expected).content.decode()


def test_an_empty_list_says_what_it_is_empty_of(client, house):
    people, _call = house
    client.force_login(people["ann"])
    for asked_for, words, is_narrowed in (
        ({"side": "kept"}, "No call back was kept", False),
        ({"who": "mine"}, "Nobody is to be called back", True),
        ({"who": "mine", "side": "late"}, "Nobody was called back late", True),
    ):
        page = unescape(client.get(reverse("worklist"), asked_for).content.decode())
        assert words in page
        assert ("Of those that you picked" in page) is is_narrowed


def test_giving_it_to_who_has_it_is_no_news():
    call = asked(a_queue(), NINE)
    user = a_user("agent")
    assert hand(call, user, None, user, NINE)
    assert not hand(call, user, None, user, NINE)
    with pytest.raises(Taken):
        hand(call, None, None, user, NINE) or hand(call, a_user("agent"), None, user, NINE)


# The page.


def page_of(client, user, **query):
    client.force_login(user)
    return client.get(reverse("worklist"), query)


def shown(page):
    return [one.record.pk for one in page.context["table"].paginated_rows]


def test_the_overdue_come_first_and_the_sides_count_all(client):
    site = a_site_in_the_afternoon("Leeds")
    queue, now = a_queue(site), timezone.now()
    later, overdue = asked(queue, now - HOUR), asked(queue, now - 6 * HOUR)
    kept, late = asked(queue, now - 5 * HOUR), asked(queue, now - 7 * HOUR)
    called(kept, HOUR)
    called(late, 5 * HOUR)
    user = a_user("manager", site)
    page = page_of(client, user)
    assert shown(page) == [overdue.pk, later.pk]
    assert [one["count"] for one in page.context["sides"]] == [2, 1, 1, 1, 4]
    assert shown(page_of(client, user, side="kept")) == [kept.pk]
    assert "Missed: called back late" in text(page_of(client, user, side="late"))
    assert page_of(client, user, side="no such").status_code == 404


def test_an_agent_sees_what_nobody_took_at_the_own_site_and_what_is_theirs(client, house):
    people, call = house
    mine = a_call(call.queue, call.offered_at, agent=people["ann"].agent)
    promised(mine, timezone.now() + HOUR)
    theirs = a_call(call.queue, call.offered_at, agent=people["bea"].agent)
    promised(theirs, timezone.now() + HOUR)
    asked(a_queue(a_site()), timezone.now() - HOUR)
    assert set(shown(page_of(client, people["ann"]))) == {call.pk, mine.pk}
    hand(theirs, people["ann"], None, people["chief"], timezone.now())
    assert shown(page_of(client, people["ann"], who="mine")) == [theirs.pk]


def test_it_is_filtered_by_who_calls(client, house):
    people, call = house
    other = asked(call.queue, timezone.now() - HOUR)
    hand(call, people["ann"], None, people["ann"], timezone.now())
    chief, ann = people["chief"], people["ann"]
    assert shown(page_of(client, chief, who=ann.pk)) == [call.pk]
    assert shown(page_of(client, chief, who="nobodys")) == [other.pk]
    assert shown(page_of(client, chief, who="mine")) == []
    assert "ann" in text(page_of(client, chief))


@pytest.mark.parametrize("requests", [1, 40])
def test_the_page_asks_the_same_of_one_as_of_forty(client, django_assert_num_queries, requests):
    site = a_site_in_the_afternoon("Leeds")
    queue = a_queue(site)
    chief = a_user("supervisor", site)
    a_team(site, chief, an_agent(site, user=a_user("agent")))
    for number in range(requests):
        call = asked(queue, timezone.now() - HOUR)
        if number % 2:
            hand(call, chief, None, chief, NINE)
    client.force_login(chief)
    # session, user, sites, queues, owners, counts, the rows
    with django_assert_num_queries(7):
        assert client.get(reverse("worklist")).status_code == 200


@pytest.mark.parametrize(
    ("late", "words"),
    [
        (timedelta(seconds=59), "0 min"),
        (59 * MINUTE, "59 min"),
        (65 * MINUTE, "1:05 h"),
        (24 * HOUR - MINUTE, "23:59 h"),
        (24 * HOUR, "1 day"),
        (6 * 24 * HOUR + HOUR, "6 days"),
    ],
)
def test_how_late_it_is_is_said_no_finer_than_it_matters(late, words):
    assert late_words(late) == words


# How many are due, for walls and the floor.


def test_due_are_those_within_the_hour_and_overdue_by_site_and_queue():
    site = a_site()
    sales, support = a_queue(site), a_queue(site)
    now = NINE + 5 * HOUR
    overdue = asked(sales, NINE)  # due 13:01
    asked(sales, NINE + HOUR + 30 * MINUTE)  # due 14:31
    asked(sales, NINE + 3 * HOUR)  # due 16:01: not yet
    promised(a_call(support, NINE), now + 59 * MINUTE)
    done = asked(support, NINE)
    called(done, HOUR)
    other = asked(a_queue(), NINE)
    first = NINE + MINUTE + 4 * HOUR
    found = reads.due(now)
    assert found[site.pk] == {
        sales.pk: Due(2, 1, first), support.pk: Due(1, 0, now + 59 * MINUTE)
    }  # fmt: skip
    assert found[other.site_id] == {other.queue_id: Due(1, 1, first)}
    assert together(found[site.pk].values()) == Due(3, 1, first)
    # Whose it is makes no difference: it is due until it is made.
    user = a_user("agent")
    hand(overdue, user, None, user, now)
    assert reads.due(now, site) == {site.pk: found[site.pk]}


@pytest.mark.parametrize("sites", [1, 5])
def test_how_many_are_due_takes_one_query_and_one_for_the_hours_of_sites(
    django_assert_num_queries, sites
):
    for _ in range(sites):
        asked(a_queue(), NINE)
    with django_assert_num_queries(2):
        assert len(reads.due(NINE + 4 * HOUR)) == sites


def test_call_backs_that_are_overdue_are_told_on_the_floor(client):
    site = a_site_in_the_afternoon("Leeds")
    asked(a_queue(site), timezone.now() - 5 * HOUR - MINUTE)
    client.force_login(a_user("manager", site))
    [(need, url)] = client.get(reverse("floor")).context["needs"]
    assert need.words == "1 call back is overdue"
    assert need.why == "the first by 1:00 h"
    assert url == f"/callbacks/?site={site.slug}&side=overdue"
