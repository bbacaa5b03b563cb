"""Calls as pages: what is shown, to whom, at what cost; one call's course; the export."""

import csv
import io
from copy import copy
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.urls import reverse

from ccm.models import Call, Outcome, SurveyResponse
from kpis import rollups
from tests.builders import NINE, a_call, a_queue, a_site, a_team, a_user, an_agent

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
CALLS = "/calls/"
MARCH_2 = {"period": "custom", "from": "2026-03-02", "to": "2026-03-02"}


@pytest.fixture(autouse=True)
def noon():
    """It is noon of the Monday on which the builders' calls are."""
    with time_machine.travel(NINE + timedelta(hours=3), tick=False):
        yield


def signed_in(client, role, *sites, **more):
    user = a_user(role, *sites, **more)
    client.force_login(user)
    return user


def shown(client, **asked):
    """The calls in the table of the page, by their id at the source, in order."""
    page = client.get(CALLS, asked)
    assert page.status_code == 200
    return [row.record.external_id for row in page.context["table"].paginated_rows]


def exported(client, **asked):
    page = client.get("/calls/export.csv", asked)
    assert page.status_code == 200
    text = b"".join(page.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


# Who sees which calls


@pytest.mark.parametrize("role", ["planner", "trainer", ""])
@pytest.mark.parametrize("path", [CALLS, "/calls/export.csv"])
def test_who_has_no_right_to_calls_finds_no_such_page(client, role, path):
    site = a_site()
    signed_in(client, role, site)
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", [CALLS, "/calls/export.csv"])
def test_whoever_is_not_signed_in_is_asked_to(client, path):
    page = client.get(path)
    assert (page.status_code, page["Location"]) == (302, f"/accounts/login/?next={path}")


def test_a_manager_sees_the_calls_of_own_sites_and_of_no_other(client):
    here, there = a_site(), a_site()
    a_call(a_queue(here), external_id="mine")
    a_call(a_queue(there), external_id="theirs")
    signed_in(client, "manager", here)
    assert shown(client) == ["mine"]
    assert client.get(CALLS, {"site": there.slug}).status_code == 404


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("manager", ""),
        ("supervisor", "Listed are the calls that you may open: your teams"),
        ("agent", "Listed are the calls that you took yourself."),
    ],
)
def test_the_list_says_where_it_is_of_some_calls_alone(client, role, said):
    """Ann took one of two; her lead has her team's."""
    site = a_site()
    queue, ann, bob = a_queue(site), an_agent(site), an_agent(site)
    for agent in (ann, bob):
        a_call(queue, agent=agent)
    user = signed_in(client, role, site)
    if role == "supervisor":
        a_team(site, user, ann)
    if role == "agent":
        ann.user = user
        ann.save()
    page = client.get(CALLS)
    assert page.context["table"].paginator.count == (1 if said else 2)
    words = page.content.decode()
    assert said in words
    assert ("Listed are" in words) == bool(said)


def test_a_supervisor_sees_the_calls_of_own_teams_and_those_nobody_took(client):
    site = a_site()
    queue, ann, bob = a_queue(site), an_agent(site), an_agent(site)
    user = signed_in(client, "supervisor")
    a_team(site, user, ann)
    a_call(queue, external_id="of Ann", agent=ann)
    a_call(queue, external_id="of Bob", agent=bob)
    a_call(queue, external_id="of nobody", outcome="abandoned")
    assert sorted(shown(client)) == ["of Ann", "of nobody"]


def test_an_agent_sees_own_calls_and_no_list_of_colleagues(client):
    site = a_site()
    queue = a_queue(site)
    user = signed_in(client, "agent", site)
    me, other = an_agent(site, user=user), an_agent(site, name="Colleague")
    a_call(queue, external_id="mine", agent=me)
    a_call(queue, external_id="another's", agent=other)
    a_call(queue, external_id="nobody's", outcome="abandoned")
    assert shown(client) == ["mine"]
    assert b"Colleague" not in client.get(CALLS).content
    # Who took them need not be said either.
    assert b"?sort=agent" not in client.get(CALLS).content


# What is asked for


def test_the_newest_call_comes_first_and_another_day_is_another_page(client):
    queue = a_queue()
    signed_in(client, "admin")
    for name, at in (("a", NINE), ("c", NINE + 2 * SECOND), ("b", NINE + SECOND)):
        a_call(queue, at, external_id=name)
    a_call(queue, NINE - DAY, external_id="yesterday")
    assert shown(client) == ["c", "b", "a"]
    assert shown(client, period="yesterday") == ["yesterday"]
    assert shown(client, period="custom", **{"from": "2026-03-01", "to": "2026-03-01"}) == [
        "yesterday"
    ]


def test_a_day_is_the_sites_day(client):
    """23:30 on 1 March in New York is 04:30 on 2 March in UTC."""
    site = a_site(zone="America/New_York")
    a_call(a_queue(site), NINE - timedelta(hours=4, minutes=30), external_id="late")
    signed_in(client, "manager", site)
    assert shown(client) == []
    assert shown(client, period="yesterday") == ["late"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"outcome": "abandoned"}, ["gone"]),
        ({"direction": "outbound"}, ["back"]),
        ({"direction": "inbound", "outcome": "answered"}, ["slow", "fast"]),
        ({"wait": "30"}, ["slow", "gone"]),
        ({"wait": "31"}, ["gone"]),
        ({"q": "LOW"}, ["slow"]),
        ({"q": "%"}, []),  # no wildcard
        ({"outcome": "abandoned", "wait": "60"}, []),
    ],
)
def test_filters_narrow_what_is_shown_and_what_is_exported_alike(client, asked, expected):
    queue = a_queue()
    signed_in(client, "admin")
    a_call(queue, NINE, external_id="fast", wait=5)
    a_call(queue, NINE + SECOND, external_id="gone", wait=45, outcome="abandoned")
    a_call(queue, NINE + 2 * SECOND, external_id="slow", wait=30)
    a_call(queue, NINE + 3 * SECOND, external_id="unknown", wait=None, outcome="other")
    a_call(queue, NINE + 4 * SECOND, external_id="back", wait=1, direction="outbound")
    assert shown(client, **asked) == expected
    assert [row[9] for row in exported(client, **asked)[1:]] == expected


def test_the_queue_and_the_agent_narrow_too_and_stay_out_of_reach_for_others(client):
    here, there = a_site(), a_site()
    sales, support, far = a_queue(here), a_queue(here), a_queue(there)
    ann, bob, zoe = an_agent(here), an_agent(here), an_agent(there)
    a_call(sales, external_id="1", agent=ann)
    a_call(support, external_id="2", agent=ann)
    a_call(support, NINE + SECOND, external_id="3", agent=bob)
    signed_in(client, "manager", here)
    assert shown(client, queue=sales.pk) == ["1"]
    assert shown(client, agent=ann.pk, queue=support.pk) == ["2"]
    for asked in ({"queue": far.pk}, {"agent": zoe.pk}, {"queue": "x"}, {"agent": "x"}):
        assert client.get(CALLS, asked).status_code == 404


def test_another_site_lets_go_of_the_first_ones_queue_and_agent(client):
    here, there = a_site(), a_site()
    queue, agent = a_queue(here), an_agent(here)
    a_call(queue, external_id="here", agent=agent)
    a_call(a_queue(there), external_id="there")
    signed_in(client, "manager", here, there)
    assert shown(client, site=there.slug, queue=queue.pk, agent=agent.pk) == ["there"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"outcome": "eaten"}, "There is no such outcome."),
        ({"direction": "up"}, "There is no such direction."),
        ({"wait": "-1"}, "A wait is a number of seconds."),
        ({"wait": "9" * 40}, "A wait is a number of seconds."),
        ({"period": "custom", "from": "2026-02-30"}, "The dates could not be read"),
        ({"period": "never"}, "There is no such period. Shown instead: "),
        ({"sort": "--time"}, ""),
        ({"sort": "password"}, ""),
        ({"sort": ["wait", "-wait", "wait"]}, ""),
        ({"page": "0"}, ""),
        ({"page": "many"}, ""),
        ({"page": "99"}, ""),
        ({"per_page": "1000000"}, ""),
    ],
)
def test_what_makes_no_sense_is_said_and_the_rest_is_shown(client, asked, words):
    a_call(a_queue(), external_id="here")
    signed_in(client, "admin")
    page = client.get(CALLS, asked)
    assert page.status_code == 200
    assert words in page.content.decode()
    assert [row.record.external_id for row in page.context["table"].paginated_rows] == ["here"]


def test_unknown_lengths_come_last_whichever_way_they_are_sorted(client):
    queue = a_queue()
    signed_in(client, "admin")
    a_call(queue, external_id="long", wait=90)
    a_call(queue, external_id="unknown", wait=None, outcome="other")
    a_call(queue, external_id="short", wait=1)
    assert shown(client, sort="wait") == ["short", "long", "unknown"]
    assert shown(client, sort="-wait") == ["long", "short", "unknown"]
    assert [row[9] for row in exported(client, sort="-wait")[1:]] == ["long", "short", "unknown"]


def copies(call, number):
    """Calls like this one, under ids of their own."""
    made = [copy(call) for _ in range(number)]
    for n, one in enumerate(made):
        one.id, one.external_id = UUID(int=call.id.int + 1 + n), f"copy {n}"
    return Call.objects.bulk_create(made)


def test_every_column_sorts_and_ties_keep_one_order(client):
    copies(a_call(a_queue()), 59)  # more than a page, all alike
    signed_in(client, "admin")
    for column in (
        "time",
        "queue",
        "direction",
        "wait",
        "agent",
        "talk",
        "hold",
        "wrapup",
        "outcome",
    ):
        for sort, word in ((column, "ascending"), (f"-{column}", "descending")):
            pages = [shown(client, sort=sort, page=page) for page in (1, 2)]
            assert len({*pages[0], *pages[1]}) == 60, sort
            assert f'aria-sort="{word}"' in client.get(CALLS, {"sort": sort}).content.decode()


def test_calls_of_the_same_caller_are_found_by_a_call_of_theirs(client):
    site = a_site()
    queue = a_queue(site)
    first = a_call(queue, external_id="1", caller_hash="c" * 32, caller_masked="•••171")
    a_call(queue, NINE + SECOND, external_id="2", caller_hash="c" * 32)
    a_call(queue, external_id="3", caller_hash="d" * 32)
    nameless = a_call(queue, external_id="4")
    signed_in(client, "manager", site)
    assert shown(client, caller=first.pk) == ["2", "1"]
    assert "•••171" in client.get(CALLS, {"caller": first.pk}).content.decode()
    # A caller nobody knows is not the same as every other nobody.
    for word in (nameless.pk, "x"):
        assert client.get(CALLS, {"caller": word}).status_code == 404
    far = a_call(a_queue(), external_id="5", caller_hash="e" * 32)
    assert client.get(CALLS, {"caller": far.pk}).status_code == 404


def test_no_calls_today_says_where_the_newest_are(client):
    site = a_site(name="Leeds")
    a_call(a_queue(site), NINE - 40 * DAY)
    signed_in(client, "manager", site)
    page = client.get(CALLS)
    assert page.context["newest"].isoformat() == "2026-01-21"
    link = page.context["newest_url"]
    assert link.replace("&", "&amp;") in page.content.decode()
    assert len(client.get(link).context["table"].paginated_rows) == 1


# What it costs


@pytest.mark.parametrize("calls", [1, 1000])
def test_the_page_asks_the_same_of_one_call_as_of_a_thousand(
    client, django_assert_num_queries, calls
):
    site = a_site()
    agents = [an_agent(site) for _ in range(3)]
    for call in copies(a_call(a_queue(site), agent=agents[0]), calls - 1):
        call.agent = agents[call.id.int % 3]
        call.queue = a_queue(site) if call.id.int % 300 == 0 else call.queue
        call.save()
    user = signed_in(client, "supervisor")
    a_team(site, user, *agents)
    # Session, user, scope; sites, queues, agents; count, calls.
    with django_assert_num_queries(7):
        page = client.get(CALLS)
    assert len(page.context["table"].paginated_rows) == min(calls, 50)


def test_at_most_ten_thousand_are_counted_and_the_page_says_so(client, monkeypatch):
    monkeypatch.setattr("ccm.tables.MOST_COUNTED", 60)
    call = a_call(a_queue())
    copies(call, 59)
    signed_in(client, "admin")
    assert "60 calls" in client.get(CALLS).content.decode()
    a_call(call.queue)
    assert "60+ calls" in client.get(CALLS).content.decode()
    assert "more calls than can be paged through" in client.get(CALLS, {"page": 2}).content.decode()


# The export


def test_the_export_has_exact_lengths_site_times_and_nothing_for_the_unknown(client):
    site = a_site(zone="Europe/London")
    agent = an_agent(site, name="Ann")
    a_call(
        a_queue(site, name="Sales"),
        NINE,
        wait=12.345,
        talk=60,
        agent=agent,
        external_id="c1",
        hold_ms=0,
        caller_masked="•••171",
    )
    signed_in(client, "manager", site)
    header, row = exported(client)
    assert header[0] == "Time (Europe/London)"
    assert row == [
        "2026-03-02T09:00:00+00:00",
        "Sales",
        "•••171",
        "12.345",
        "Ann",
        "60.0",
        "0.0",
        "",
        "Answered",
        "c1",
        "test",
        "Inbound",
    ]


def test_a_cell_that_would_be_a_formula_is_text(client):
    a_call(a_queue(name='=HYPERLINK("x")'), external_id="+1")
    signed_in(client, "admin")
    _header, row = exported(client)
    assert (row[1], row[9]) == ('\'=HYPERLINK("x")', "'+1")


def test_an_export_that_is_cut_says_so(client, monkeypatch):
    monkeypatch.setattr("ccm.exports.MOST_ROWS", 2)
    queue = a_queue()
    signed_in(client, "admin")
    for n in range(3):
        a_call(queue, NINE + n * SECOND, external_id=str(n))
    rows = exported(client)
    assert [row[9] for row in rows[1:3]] == ["2", "1"]
    assert rows[3] == ["Cut after 2 rows. Choose a shorter period for the rest."]


# One call


def part_rows(page):
    parts = [*page.context["parts"], *page.context["rings"]]
    return [(part.words, part.who, part.seconds, part.going_on) for part in parts]


def a_ring(call, agent, starts, ring_ms, outcome):
    return call.offers.create(
        id=uuid4(), agent=agent, starts_at=starts, ring_ms=ring_ms, outcome=outcome
    )


def test_a_call_shows_its_course_part_by_part(client):
    site = a_site(zone="Europe/London")
    ann, bob = an_agent(site, name="Ann"), an_agent(site, name="Bob")
    call = a_call(
        a_queue(site, name="Sales"),
        wait=30,
        talk=95,
        agent=bob,
        ivr_ms=8000,
        hold_ms=25_000,
        acw_ms=None,
        ended_at=NINE + 150 * SECOND,
    )
    a_ring(call, ann, NINE + 5 * SECOND, 12_000, "no_answer")
    a_ring(call, bob, NINE + 22 * SECOND, 8000, "answered")
    signed_in(client, "manager", site)
    page = client.get(f"/calls/{call.pk}/")
    assert part_rows(page) == [
        ("Menu", "", 8.0, False),
        ("Waiting", "", 30.0, False),
        ("Talk", "Bob", 95.0, False),
        ("Hold", "Bob", 25.0, False),
        ("Wrap-up", "Bob", None, False),
        ("Rang, no answer", "Ann", 12.0, False),
        ("Answered", "Bob", 8.0, False),
    ]
    text = page.content.decode()
    assert "Call on Sales" in text
    assert "not known" in text  # its wrap-up
    assert 'title="Europe/London">08:59:52</time>' in text


def test_rings_of_agents_out_of_reach_are_another_agents(client):
    site = a_site()
    ann, secret = an_agent(site, name="Ann"), an_agent(site, name="Hidden Person")
    user = signed_in(client, "supervisor")
    a_team(site, user, ann)
    call = a_call(a_queue(site), outcome="abandoned", wait=40)
    a_ring(call, ann, NINE, 5000, "no_answer")
    a_ring(call, secret, NINE + 6 * SECOND, 5000, "no_answer")
    page = client.get(f"/calls/{call.pk}/")
    assert [row[1] for row in part_rows(page)[1:]] == ["Ann", "another agent"]
    assert b"Hidden Person" not in page.content


def test_a_call_out_of_reach_is_no_page_and_so_is_one_that_is_not(client):
    call = a_call(a_queue())
    signed_in(client, "manager", a_site())
    assert client.get(f"/calls/{call.pk}/").status_code == 404
    assert client.get("/calls/00000000-0000-7000-8000-000000000000/").status_code == 404


def test_an_agent_may_open_an_own_call_but_not_a_colleagues(client):
    site = a_site()
    user = signed_in(client, "agent", site)
    mine = a_call(a_queue(site), agent=an_agent(site, user=user))
    other = a_call(a_queue(site), agent=an_agent(site))
    assert client.get(f"/calls/{mine.pk}/").status_code == 200
    assert client.get(f"/calls/{other.pk}/").status_code == 404


def test_other_visits_of_the_contact_are_listed_in_order_as_far_as_they_are_in_reach(client):
    site = a_site()
    user = signed_in(client, "agent", site)
    me, other = an_agent(site, user=user), an_agent(site)
    queue = a_queue(site)
    middle = a_call(queue, NINE, agent=me, linked_id="L")
    last = a_call(queue, NINE + 300 * SECOND, agent=me, linked_id="L")
    first = a_call(queue, NINE - 300 * SECOND, agent=me, linked_id="L")
    hidden = a_call(queue, NINE + 600 * SECOND, agent=other, linked_id="L")
    a_call(queue, NINE, agent=me, linked_id="L", source="another switch")
    page = client.get(f"/calls/{middle.pk}/")
    assert [visit["call"] for visit in page.context["visits"]] == [first, last]
    assert str(hidden.pk) not in page.content.decode()


def test_what_the_caller_said_is_shown_on_its_own_scale(client):
    call = a_call(a_queue())
    SurveyResponse.objects.create(
        site=call.site,
        id=call.pk,
        source="test",
        call=call,
        kind="csat",
        scale_min=1,
        scale_max=5,
        score=4,
        comment="<b>kind</b>",
        answered_at=NINE,
    )
    signed_in(client, "admin")
    text = client.get(f"/calls/{call.pk}/").content.decode()
    assert "4 on a scale of 1 to 5" in text
    assert "&lt;b&gt;kind&lt;/b&gt;" in text


def test_what_the_source_told_beside_is_listed_escaped_and_cut(client):
    call = a_call(a_queue())
    call.extra = {"Notiz": "<b>x</b>", "long": "y" * 300, "n": 7, "legs": {"a": 1}}
    call.save()
    signed_in(client, "admin")
    page = client.get(reverse("call", args=[call.pk])).content.decode()
    assert "What its source told beside" in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "y" * 199 + "…" in page
    assert "y" * 201 not in page
    assert '<td class="words">7</td>' in page
    assert "legs" not in page
    told = client.get(f"/api/v1/calls/{call.pk}/").json()
    assert told["extra"] == {"Notiz": "<b>x</b>", "long": "y" * 300, "n": 7}


def test_a_call_still_waiting_says_so_far(client):
    call = a_call(
        a_queue(), NINE + timedelta(hours=2, minutes=58), outcome="in_progress", wait=None
    )
    signed_in(client, "admin")
    page = client.get(f"/calls/{call.pk}/")
    assert part_rows(page) == [("Waiting", "", 120.0, True)]
    assert "2:00 so far" in page.content.decode()


def test_every_outcome_has_a_page_with_its_word(client):
    queue = a_queue()
    signed_in(client, "admin")
    for n, outcome in enumerate(Outcome):
        call = a_call(
            queue,
            NINE + n * SECOND,
            outcome=outcome.value,
            wait=None,
            talk=None,
            ended_at=None,
        )
        text = client.get(reverse("call", args=[call.pk])).content.decode()
        assert str(outcome.label) in text
        assert "not known" in text


def test_a_day_without_times_is_drawn_by_its_lengths_and_tells_no_time(client):
    """Ten seconds of waiting and two minutes of talk."""
    call = a_call(a_queue(), time_precision="day")
    signed_in(client, "admin")
    page = client.get(f"/calls/{call.pk}/")
    picture = page.context["picture"]
    assert picture.ends_at - picture.starts_at == timedelta(seconds=130)
    assert "09:0" not in page.content.decode()


def test_the_pages_of_calls_change_nothing_and_take_no_post(client):
    call = a_call(a_queue())
    signed_in(client, "admin")
    for path in (CALLS, "/calls/export.csv", f"/calls/{call.pk}/"):
        assert client.post(path).status_code == 405
        assert client.head(path).status_code == 200


@pytest.mark.parametrize("rings", [1, 40])
def test_one_call_asks_the_same_however_often_it_rang(client, django_assert_num_queries, rings):
    site = a_site()
    user = a_user("supervisor")
    agents = [an_agent(site) for _ in range(rings)]
    a_team(site, user, *agents)
    call = a_call(a_queue(site), agent=agents[0], linked_id="L")
    for n, agent in enumerate(agents):
        a_ring(call, agent, NINE + n * SECOND, 1000, "no_answer")
        a_call(a_queue(site), NINE + n * SECOND, agent=agent, linked_id="L")
    client.force_login(user)
    # Session, user, scope; call, rings, visits, answers, names, links, who may write, note; links
    # that ask the caller; its reviews.
    with django_assert_num_queries(12):
        assert client.get(f"/calls/{call.pk}/").status_code == 200


def test_of_the_hour_that_comes_twice_lists_of_calls_say_which(client):
    """Clocks in London went back at 01:00 UTC of 26 October 2025."""
    site = a_site("Leeds", "Europe/London")
    queue = a_queue(site)
    for hour in (0, 1, 2):
        a_call(queue, datetime(2025, 10, 26, hour, 31, tzinfo=UTC), external_id=str(hour))
    rollups.rebuild()
    signed_in(client, "manager", site)
    day = {"from": "2025-10-26", "to": "2025-10-26", "site": site.slug}
    for name, of in (("calls", {}), ("passport_calls", {"kpi": "answered"})):
        page = client.get(reverse(name), day | of).content.decode()
        for told in ("01:31:00 BST<", "01:31:00 GMT<", "02:31:00<"):
            assert page.count(told) == 1, (name, told)
    times = [line[0] for line in exported(client, **day)[1:]]
    assert [one[-14:] for one in times] == ["02:31:00+00:00", "01:31:00+00:00", "01:31:00+01:00"]
