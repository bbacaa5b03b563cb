"""Who asked in a queue to be called back, as a list: as many as the KPIs count, and who."""

import csv
import re
from datetime import timedelta
from html import unescape
from io import StringIO

import pytest
from django.urls import reverse
from django.utils import timezone

from ccm.models import AuditEntry, CallNote
from kpis import rollups
from kpis.report import Question, answer
from tests.browser.centre import a_site_in_the_afternoon
from tests.builders import NINE, a_call, a_queue, a_site, a_team, a_user, an_agent

pytestmark = pytest.mark.django_db

DAY = NINE.date()
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
ON_THE_DAY = {"period": "custom", "from": DAY, "to": DAY}


def asked(queue, at=NINE, name="one", **more):
    known = {"outcome": "callback_requested", "external_id": name, "wait": 60, "talk": None}
    return a_call(queue, at, **known | more)


def called(request, after, outcome="answered", **more):
    """A call out of the same contact, on no queue."""
    at = request.offered_at + after
    known = {
        "linked_id": request.linked_id, "direction": "outbound", "outcome": outcome, "wait": 20,
    }  # fmt: skip
    made = a_call(request.queue, at, **known | more)
    type(made).objects.filter(pk=made.pk).update(queue=None)
    return made


def noted(request, **more):
    return CallNote.objects.create(call=request, site=request.site, at=request.offered_at, **more)


def page_of(client, user, **query):
    client.force_login(user)
    return client.get(reverse("callbacks_asked"), query)


def counts(page):
    return [side["count"] for side in page.context["sides"]]


def test_who_was_never_called_is_listed_with_queue_and_masked_number_and_who_was_reached_is_not(
    client,
):
    site = a_site()
    sales = a_queue(site, "Sales")
    asked(sales, caller_masked="•••• 4711")
    called(asked(sales, NINE + HOUR, "two", caller_masked="•••• 0815"), HOUR)
    page = page_of(client, a_user("manager", site), **ON_THE_DAY)
    assert counts(page) == [1, 0, 1, 2]
    words = page.content.decode()
    assert "•••• 4711" in words
    assert "Never called back" in words
    assert "•••• 0815" not in words
    reached = page_of(
        client, a_user("manager", site), **ON_THE_DAY, side="reached"
    ).content.decode()
    # Asked at 10:01, connected at 11:00:20.
    assert "•••• 0815" in reached
    assert "11:00</time> · after 59:20" in reached


def test_the_list_holds_as_many_as_the_kpis_count_of_each_queue_and_day(client):
    """Whatever is beside the rule: too late, in vain, called in again, of another contact."""
    site = a_site()
    sales, support = a_queue(site, "Sales"), a_queue(site, "Support")
    for number, back in enumerate((
        {"after": timedelta(days=6, hours=23)},
        {"after": timedelta(days=7)},
        {"after": HOUR, "outcome": "other"},
        {"after": -HOUR},
        {"after": HOUR, "direction": "inbound"},
        {"after": HOUR, "linked_id": "another"},
        {"after": HOUR, "time_precision": "day"},
        {"after": HOUR},
    )):  # fmt: skip
        called(asked(sales, NINE + number * MINUTE, f"sales {number}"), **back)
    called(asked(support, NINE, "support"), HOUR)
    asked(support, NINE + timedelta(days=1), "next day")
    asked(support, NINE, "of the day alone", time_precision="day")
    a_call(sales, NINE, outcome="abandoned")
    rollups.rebuild()
    manager = a_user("manager", site)
    for day in (DAY, DAY + timedelta(days=1)):
        kpis = ["callback_requested", "called_back"]
        question = Question(sites=[site], first=day, last=day, by="queue", kpis=kpis)
        told = {row.name: [row.figures[one].value for one in kpis] for row in answer(question)}
        for queue in (sales, support):
            period = {"period": "custom", "from": day, "to": day, "queue": queue.pk}
            still, by_hand, reached, in_all = counts(page_of(client, manager, **period))
            assert [in_all, reached] == told.get(queue.name, [0, 0]), (day, queue)
            assert still + by_hand + reached == in_all
    assert told == {"Support": [1, 0]}
    day_one = page_of(client, manager, **ON_THE_DAY, side="reached")
    assert day_one.context["table"].paginator.count == 3


def test_calls_out_in_vain_and_what_notes_say_stand_beside(client):
    site = a_site()
    sales = a_queue(site, "Sales")
    tried = asked(sales)
    called(tried, HOUR, "other")
    called(tried, 2 * HOUR, "busy")
    noted(tried, callback_due_at=NINE + 30 * HOUR)
    by_hand = asked(sales, NINE + HOUR, "two")
    noted(by_hand, callback_due_at=NINE + 5 * HOUR, callback_done_at=NINE + 6 * HOUR)
    page = page_of(client, a_user("manager", site), **ON_THE_DAY)
    assert counts(page) == [1, 1, 0, 2]
    words = page.content.decode()
    assert "2 tries in vain, the last" in words
    assert "promised for" in words
    assert "15:00" in words  # 09:00 and thirty hours
    assert "Overdue" in words
    by_hand_page = page_of(client, a_user("manager", site), **ON_THE_DAY, side="noted")
    assert "Noted as called back" in by_hand_page.content.decode()


def test_a_supervisor_can_write_the_note_that_promises_it_and_a_manager_only_reads(client):
    site = a_site_in_the_afternoon("Leeds")
    lead = a_user("supervisor", site)
    a_team(site, lead, an_agent(site))
    call = asked(a_queue(site), timezone.now() - HOUR)
    address = reverse("call_note", args=[call.pk])
    assert address in page_of(client, lead).content.decode()
    assert address not in page_of(client, a_user("manager", site)).content.decode()


def test_calls_out_of_reach_are_not_listed_and_the_page_says_so(client):
    site, elsewhere = a_site(), a_site()
    lead = a_user("supervisor", site)
    a_team(site, lead, an_agent(site))
    asked(a_queue(site))
    asked(a_queue(site), name="taken", agent=an_agent(site))
    asked(a_queue(elsewhere))
    rollups.rebuild()
    page = page_of(client, lead, **ON_THE_DAY)
    assert counts(page) == [1, 0, 0, 1]
    words = unescape(page.content.decode())
    assert "your teams' and those that nobody took" in words
    assert "2 asked, 0 called back" in words  # all of the site
    nothing = page_of(client, lead, **ON_THE_DAY, side="reached")
    assert "Nothing here fits these filters" in nothing.content.decode()
    assert page_of(client, lead, **ON_THE_DAY, site=elsewhere.slug).status_code == 404
    assert page_of(client, lead, **ON_THE_DAY, side="nonsense").status_code == 404


def test_of_a_contact_that_asked_twice_the_page_says_what_its_figure_counts_and_lists_visits(
    client,
):
    """One caller asks in Sales and, passed on, in Support, and is called back; another asks once
    and is not. A third asks, and is answered on the next visit of the contact: by that it ended."""
    site = a_site()
    sales, support = a_queue(site, "Sales"), a_queue(site, "Support")
    asked(sales, NINE, linked_id="twice")
    called(asked(support, NINE + 10 * MINUTE, "two", linked_id="twice"), HOUR)
    asked(sales, NINE, "alone")
    asked(sales, NINE, "three", linked_id="answered")
    a_call(support, NINE + 5 * MINUTE, linked_id="answered")
    rollups.rebuild()
    manager = a_user("manager", site)

    def told(**filters):
        page = page_of(client, manager, **ON_THE_DAY, **filters)
        drawn = client.get(page.context["passport_url"]).context["passport"]
        sides = [side["count"] for side in drawn["sides"][:2]]
        return counts(page), sides, unescape(page.content.decode())

    (_still, _noted, reached, in_all), sides, words = told()
    assert (in_all, reached) == (4, 2)
    assert sides == [1, 2]
    assert "counts contacts, each by how its last visit ended: 2 asked, 1 called back" in words
    for queue, both in ((sales, (3, 1)), (support, (1, 1))):
        (_still, _noted, reached, in_all), sides, words = told(queue=queue.pk)
        assert (in_all, reached) == both
        assert sides == [reached, in_all]
        assert f"counts all visits of the queue: {in_all} asked, {reached} called back" in words


def test_an_agent_is_told_of_own_calls_alone_and_of_no_team_and_no_figure(client):
    site = a_site()
    person, me = a_user("agent", site), an_agent(site)
    me.user = person
    me.save()
    asked(a_queue(site))
    page = page_of(client, person, **ON_THE_DAY)
    assert counts(page) == [0, 0, 0, 0]
    words = unescape(page.content.decode())
    assert "Listed are visits that you took yourself" in words
    assert "Of the calls that you may open none asked for a call back" in words
    for untrue in ("your teams'", "Nobody asked", "The figure"):
        assert untrue not in words


def test_rows_come_in_the_order_of_the_moments_they_show(client):
    """Who came first waited longest: asked at 09:30, after who came at 09:10 and asked at once."""
    queue = a_queue(a_site(zone="UTC"))
    asked(queue, NINE, "long", wait=1800)
    asked(queue, NINE + 10 * MINUTE, "at once", wait=0)
    ended = NINE + 20 * MINUTE
    asked(queue, NINE + 5 * MINUTE, "of no wait", wait=None, ended_at=ended)
    manager = a_user("manager", queue.site)
    for sort, expected in (
        ("asked", ["09:10", "09:20", "09:30"]), ("-asked", ["09:30", "09:20", "09:10"]),
    ):  # fmt: skip
        page = page_of(client, manager, **ON_THE_DAY, sort=sort).content.decode()
        assert re.findall(r"(09:\d\d)</time></a>", page) == expected
        file = client.get(reverse("callbacks_asked"), ON_THE_DAY | {"sort": sort, "export": "csv"})
        lines = b"".join(file.streaming_content).decode()
        assert re.findall(r"T(09:\d\d):00\+00:00,Queue", lines) == expected


def test_where_nobody_asked_the_list_says_so_and_where_all_were_called_too(client):
    site = a_site()
    manager = a_user("manager", site)
    assert "Nobody asked to be called back" in page_of(client, manager).content.decode()
    called(asked(a_queue(site)), HOUR)
    page = page_of(client, manager, **ON_THE_DAY).content.decode()
    assert "Everybody who asked was called back" in page


def test_the_file_holds_the_rows_that_are_shown_and_the_audit_log_that_it_was_taken(client):
    site = a_site(zone="Europe/London")
    sales = a_queue(site, "Sales")
    asked(sales, caller_masked="•••• 4711")
    called(asked(sales, NINE + HOUR, "two"), HOUR)
    manager = a_user("manager", site)
    page = page_of(client, manager, **ON_THE_DAY)
    answer = client.get(page.context["table"].export_url)
    lines = b"".join(answer.streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(StringIO(lines))
    assert row["Asked (Europe/London)"] == "2026-03-02T09:01:00+00:00"
    assert (row["Caller"], row["Called back"]) == ("•••• 4711", "Never called back")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.who) == ("exported", manager)
    assert entry.after == {
        "site": site.pk, "first": "2026-03-02", "last": "2026-03-02", "kpi": "callback_requested",
        "file": "csv",
    }  # fmt: skip
    unread = {"from": "2026-13-45", "export": "csv"}
    assert page_of(client, manager, **unread).status_code == 404


@pytest.mark.parametrize("requests", [1, 60])
def test_the_list_asks_the_same_of_one_request_as_of_sixty(
    client, django_assert_num_queries, requests
):
    site = a_site()
    lead = a_user("supervisor", site)
    a_team(site, lead, an_agent(site))
    sales = a_queue(site)
    for number in range(requests):
        asked(sales, NINE + number * MINUTE, f"c{number}")
    client.force_login(lead)
    with django_assert_num_queries(9):  # three for what the figure counts
        page = client.get(reverse("callbacks_asked"), ON_THE_DAY)
    assert counts(page) == [requests, 0, 0, requests]


def test_callbacks_leads_to_those_who_asked_in_a_queue(client):
    client.force_login(a_user("manager", a_site()))
    assert reverse("callbacks_asked") in client.get(reverse("callbacks")).content.decode()
