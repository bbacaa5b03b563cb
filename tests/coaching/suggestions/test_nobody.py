"""A suggestion without a name is nobody's: not in the database, not in a log, not in Redis, and not
by the order or the moment in which it came."""

import http.client
import logging
import threading
import uuid
from datetime import timedelta

import pytest
import structlog
import time_machine
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from ccm import serve, unlogged
from ccm.models import AuditEntry, BrowserSession, User
from ccm.watching import logs
from coaching import suggestions
from coaching.models import Suggestion
from coaching.suggestions import mixing, services
from coaching.tasks import mix_suggestions
from tests.builders import NINE, a_site, a_user, an_agent
from tests.coaching.suggestions import kept
from tests.coaching.suggestions.builders import MONDAY, a_suggestion

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
# An id and a name that nothing else has, to look for in what is kept.
NUMBER, NAME = 918_273_645, "wanda-the-whistle"
WORDS = {"title": "Two screens at each desk", "words": "They tile badly on one."}
NAMELESS, NAMED = WORDS | {"name": "nameless"}, WORDS | {"name": "named"}


@pytest.fixture
def wanda():
    """An agent who is signed in, and whom nothing else is called like."""
    site = a_site()
    user = User.objects.create_user(NAME, id=NUMBER, email=f"{NAME}@example.com")
    user.groups.add(Group.objects.get(name="agent"))
    an_agent(site, "Wanda", user=user)
    client = Client()
    client.force_login(user)
    return client


def names_her(text):
    found = [NAME, str(NUMBER), "Wanda"]
    return any(one in text for one in found)


def test_after_it_no_table_holds_who_sent_it_beside_it(wanda):
    before, counted = kept.rows(), kept.counters()
    with time_machine.travel(NINE, tick=False):
        answer = wanda.post(reverse("suggestion_new"), NAMELESS)
        assert wanda.get(answer.url).status_code == 200
    after = kept.rows()
    # One row came, in one table; nothing else changed, not even a session or a count of ids.
    new = kept.came(before, after)
    assert list(new) == ["public.coaching_suggestion"]
    assert kept.gone(before, after) == {}
    assert kept.counters() == counted
    (row,) = new["public.coaching_suggestion"]
    assert not names_her(row)
    one = Suggestion.objects.get()
    values = {field.name: getattr(one, field.attname) for field in one._meta.concrete_fields}
    assert values == {
        "id": one.pk, "site": one.site_id, "day": MONDAY, "is_anonymous": True, "by": None,
        "title": WORDS["title"], "words": WORDS["words"], "state": "new", "answer": "",
        "answered_by": None, "answered_at": None, "is_published": False, "revision": 0,
    }  # fmt: skip


def test_after_one_with_a_name_the_same_look_finds_it(wanda):
    """What the test above looks for is found where it is."""
    before = kept.rows()
    wanda.post(reverse("suggestion_new"), NAMED)
    new = kept.came(before, kept.rows())
    assert set(new) == {
        "public.coaching_suggestion", "public.ccm_auditentry", "public.ccm_auditwaiting",
    }  # fmt: skip
    del new["public.ccm_auditwaiting"]  # that the entry waits for its seal
    assert all(names_her(row) for rows in new.values() for row in rows)


def test_it_adds_nothing_to_the_audit_log_and_no_page_of_it_names_anybody(wanda):
    wanda.post(reverse("suggestion_new"), NAMELESS)
    assert not AuditEntry.objects.exists()
    Suggestion.objects.update(day=MONDAY)
    admin = Client()
    admin.force_login(a_user("admin"))
    one = Suggestion.objects.get()
    for url in (reverse("suggestions"), reverse("suggestion", args=[one.pk]), reverse("audit")):
        assert not names_her(admin.get(url).content.decode())
    # What becomes of it is in the log, of who answered it.
    said = {"state": "seen", "answer": "", "revision": "0"}
    admin.post(reverse("suggestion", args=[one.pk]), said)
    entry = AuditEntry.objects.get()
    assert entry.who_id != NUMBER
    assert "by" not in entry.before


def test_its_session_is_as_it_was(wanda):
    before = [*BrowserSession.objects.values_list()]
    answer = wanda.post(reverse("suggestion_new"), NAMELESS)
    assert [*BrowserSession.objects.values_list()] == before
    # Not a message either, which a browser would bring along with whatever is opened next.
    assert set(answer.cookies) <= {settings.CSRF_COOKIE_NAME}


def test_no_line_of_any_log_names_who_sent_it(wanda, caplog, monkeypatch):
    lines = structlog.stdlib.ProcessorFormatter(
        processor=structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
    )

    def said():
        return [lines.format(record) for record in caplog.records]

    with caplog.at_level(logging.DEBUG):
        wanda.get(reverse("suggestion_new"))
        wanda.post(reverse("suggestion_new"), NAMELESS)
        wanda.get(reverse("suggestion_kept"))
        assert [one for one in said() if names_her(one)] == []
        # Nor where it is refused, comes too often, or something breaks.
        wanda.post(reverse("suggestion_new"), NAMELESS | {"title": ""})
        monkeypatch.setattr("ccm.limits.too_often", lambda what, most: True)
        assert wanda.post(reverse("suggestion_new"), NAMELESS).status_code == 429

        def breaks(*_args):
            raise RuntimeError("the disk is full")

        monkeypatch.setattr("ccm.limits.too_often", lambda what, most: False)
        monkeypatch.setattr("coaching.suggestions.services.suggest", breaks)
        wanda.raise_request_exception = False
        assert wanda.post(reverse("suggestion_new"), NAMELESS).status_code == 500
    assert any("the disk is full" in one for one in said())
    assert [one for one in said() if names_her(one)] == []


async def answered(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"x"})


def asked_of(server, listener, asked):
    """The headers of the answers of a server to (method, path) pairs."""
    port = listener.getsockname()[1]
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    heads = []
    try:
        for method, path in asked:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            line.request(method, path, headers={"X-Request-ID": "one-of-the-proxy"})
            answer = line.getresponse()
            assert answer.read() == b"x"
            heads.append(answer.headers)
            line.close()
    finally:
        server.should_exit = True
        thread.join(timeout=15)
    return heads


def test_the_web_server_says_nothing_of_the_page_that_takes_it_and_gives_it_no_id(caplog):
    """As the web process has it, at its most talkative."""
    for name in ("suggestions", "suggestion_new", "suggestion_kept"):
        assert reverse(name).startswith(suggestions.UNLOGGED)
    config = serve.Config(answered, log_config=None, log_level="info", lifespan="off")
    server = serve.Server(config, threading.Event())
    nobodys = [
        ("POST", "/coaching/suggestions/new/"),
        ("GET", "/coaching/suggestions/new/?x=1"),
        ("GET", "/coaching/suggestions/%6eew/kept/"),
        ("GET", "/coaching/suggestions/new"),
        # Nor of the list, which everybody comes by who puts something into the box.
        ("GET", "/coaching/suggestions/?page=2"),
    ]
    asked = [*nobodys, ("GET", "/coaching/recognition/?page=2"), ("GET", "/live/york?t=secret")]
    with caplog.at_level(logging.INFO):
        heads = asked_of(server, serve.listen("127.0.0.1", 0), asked)
    lines = [one.getMessage() for one in caplog.records]
    assert [one for one in lines if "coaching" in one] == []
    # Of a stream, which is beside Django, it is the server that tells.
    (stream,) = [one for one in lines if "/live/" in one]
    assert "'path': '/live/york'" in stream
    assert "secret" not in stream
    assert [one.get("X-Request-ID") for one in heads[: len(nobodys)]] == [None] * len(nobodys)
    assert [one.get("X-Request-ID") for one in heads[len(nobodys) :]] == ["one-of-the-proxy"] * 2


def test_no_line_of_the_requests_and_no_count_has_the_page_that_takes_it(
    wanda, caplog, settings, monkeypatch
):
    """A count that grows tells the moment as well as a line does."""
    settings.METRICS_TOKEN = "t" * 20
    counted = []
    monkeypatch.setattr("ccm.watching.counted.request", lambda view, *more: counted.append(view))
    with caplog.at_level(logging.DEBUG):
        wanda.get(reverse("suggestion_new"))
        answer = wanda.post(reverse("suggestion_new"), NAMELESS)
        assert answer.status_code == 302
        assert "X-Request-ID" not in answer.headers
        wanda.get(answer.url)
        # Django's own warning of what is refused names the path, and so would tell the moment.
        monkeypatch.setattr("ccm.limits.too_often", lambda what, most: True)
        assert wanda.post(reverse("suggestion_new"), NAMELESS).status_code == 429
        assert "X-Request-ID" in wanda.get(reverse("my_data")).headers
    kept = [one for one in caplog.records if logs.WithoutNobodys().filter(one)]
    lines = [one.getMessage() for one in kept if one.name in ("ccm.requests", "django.request")]
    assert len(lines) == 1
    assert "'path': '/my-data/'" in lines[0]
    assert counted == ["my_data"]


def test_only_what_asks_for_it_is_kept_out_of_the_log():
    for path in ("/coaching/suggestions/new/", "/coaching/suggestions", "/coaching/pulse?page=2"):
        assert unlogged.is_kept_out(path)
    for path in ("/coaching/suggestionsx/", "/coaching/", "/calls/?next=/coaching/pulse/", "/"):
        assert not unlogged.is_kept_out(path)


def test_how_often_is_counted_of_the_box_and_of_nobody(wanda):
    """Who sent many is told the same as who sent one, and Redis has the count alone."""
    # Not where a minute ends: the counts begin anew there.
    with time_machine.travel(NINE + timedelta(seconds=5), tick=False):
        before = kept.hints()
        site = User.objects.get(pk=NUMBER).agent.site
        posts = [
            wanda.post(reverse("suggestion_new"), NAMELESS | {"title": f"No. {n}"})
            for n in range(11)
        ]
        assert [one.status_code for one in posts] == [302] * 10 + [429]
        assert "Send it again in a minute" in posts[-1].content.decode()
        assert 'value="No. 10"' in posts[-1].content.decode()
        new = {key: value for key, value in kept.hints().items() if key not in before}
        (key,) = [one for one in new if "suggestions" in one]
        assert f"suggestions:{site.pk}:" in key
        assert new[key] == "11"
        assert not any(names_her(f"{one}{said}") for one, said in new.items())
        # Somebody else there is refused as well, and with a name nobody is.
        other = Client()
        other.force_login(a_user("planner", site))
        assert other.post(reverse("suggestion_new"), NAMELESS).status_code == 429
        assert other.post(reverse("suggestion_new"), NAMED).status_code == 302
    assert Suggestion.objects.filter(is_anonymous=True).count() == 10


def test_a_box_takes_so_many_a_day(monkeypatch):
    monkeypatch.setattr(services, "MOST_A_DAY", 3)
    site, other = a_site(), a_site()
    for n in range(3):
        services.suggest(site, f"No. {n}", "", None, NINE)
    with pytest.raises(services.Full):
        services.suggest(site, "One more", "", None, NINE)
    services.suggest(site, "With a name", "", a_user("agent"), NINE)
    services.suggest(other, "In another box", "", None, NINE)
    services.suggest(site, "The next day", "", None, NINE + DAY)


def test_sent_twice_it_is_one_whoever_sent_it():
    site = a_site()
    first = services.suggest(site, "More light", "", None, NINE)
    again = services.suggest(site, "More light", "", None, NINE + timedelta(hours=3))
    assert first.pk == again.pk
    # With a name, at another site or on another day it is another.
    services.suggest(site, "More light", "", a_user("agent"), NINE)
    services.suggest(a_site(), "More light", "", None, NINE)
    services.suggest(site, "More light", "", None, NINE + DAY)
    assert Suggestion.objects.count() == 4


def test_no_user_stands_beside_one_without_a_name_whatever_writes_it():
    with (
        pytest.raises(IntegrityError, match="suggestion_without_name_of_none"),
        transaction.atomic(),
    ):
        a_suggestion(a_site(), is_anonymous=True, by=a_user("agent"))


def test_it_is_kept_with_the_day_at_its_site_and_no_moment():
    # Half past eleven at night in Los Angeles, where it is still Sunday.
    site = a_site(zone="America/Los_Angeles")
    one = services.suggest(site, "x", "", None, NINE - timedelta(hours=1, minutes=30))
    assert str(one.day) == "2026-03-01"
    moments = {
        field.name
        for field in Suggestion._meta.concrete_fields
        if field.get_internal_type() in ("DateTimeField", "TimeField")
    }
    assert moments == {"answered_at"}


def test_ids_are_random_and_rows_of_a_day_stand_in_their_order():
    site = a_site()
    client = Client()
    client.force_login(a_user("manager", site))
    made = [services.suggest(site, f"No. {n}", "", None, NINE) for n in range(12)]
    assert {one.pk.version for one in made} == {4}
    assert all(one.pk.variant == uuid.RFC_4122 for one in made)
    with time_machine.travel(NINE + 2 * DAY, tick=False):
        rows = client.get(reverse("suggestions")).context["rows"]
    shown = [row["one"].pk for row in rows]
    assert shown == sorted(one.pk for one in made)
    # Twelve random ids in the order of writing: once in 479,001,600.
    assert shown != [one.pk for one in made]


def marks():
    """What the database itself notes of rows: (where, by which transaction) by id."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, ctid::text, xmin::text FROM coaching_suggestion")
        return {pk: (where, by) for pk, where, by in cursor.fetchall()}


def site_marks():
    with connection.cursor() as cursor:
        cursor.execute("SELECT xmax::text FROM ccm_site")
        return {row[0] for row in cursor.fetchall()}


def place(where):
    page, number = where.strip("()").split(",")
    return int(page), int(number)


@pytest.mark.django_db(transaction=True)
def test_the_database_itself_tells_neither_order_nor_moment():
    site, other = a_site(), a_site()
    made = [services.suggest(site, f"No. {n}", "", None, NINE) for n in range(5)]
    services.suggest(other, "Elsewhere", "", None, NINE)
    # With each that comes in those of the day are written anew, all at once.
    its = {pk: mark for pk, mark in marks().items() if pk in {one.pk for one in made}}
    assert len({by for _where, by in its.values()}) == 1
    assert sorted(its, key=lambda pk: place(its[pk][0])) == sorted(its)
    # And every hour, with those of all sites: the moment of the last is gone, too.
    old, locked = marks(), site_marks()
    with time_machine.travel(NINE + timedelta(hours=1), tick=False):
        mix_suggestions()
    new = marks()
    assert len({by for _where, by in new.values()}) == 1
    assert not {by for _where, by in new.values()} & {by for _where, by in old.values()}
    assert sorted(new, key=lambda pk: place(new[pk][0])) == sorted(new)
    assert not site_marks() & locked
    # What all have read for a day stays as it is.
    assert mixing.mix(NINE + 3 * DAY) == 6
    assert mixing.mix(NINE + 4 * DAY) == 0


def test_nobody_reads_it_before_its_day_is_over_everywhere(wanda):
    site = User.objects.get(pk=NUMBER).agent.site
    manager = a_user("manager", site)
    client = Client()

    def seen(moment, pk):
        """Whether the list, the page and the sidebar have it."""
        with time_machine.travel(moment, tick=False):
            client.force_login(manager)
            page = client.get(reverse("suggestions"))
            counts = {
                str(entry["words"]): entry["count"]
                for group in page.context["navigation"]
                for entry in group["entries"]
            }
            one = client.get(reverse("suggestion", args=[pk])).status_code == 200
            return len(page.context["rows"]), one, counts["Suggestions"]

    with time_machine.travel(NINE, tick=False):
        wanda.post(reverse("suggestion_new"), NAMELESS)
    pk = Suggestion.objects.get().pk
    assert seen(NINE + timedelta(hours=1), pk) == (0, False, 0)
    # The last minute of Tuesday, and the first of Wednesday.
    assert seen(NINE + timedelta(days=1, hours=14, minutes=59), pk) == (0, False, 0)
    assert seen(NINE + timedelta(days=1, hours=15), pk) == (1, True, 1)
    # One with a name at once.
    with time_machine.travel(NINE, tick=False):
        wanda.post(reverse("suggestion_new"), NAMED)
    named = Suggestion.objects.get(is_anonymous=False).pk
    assert seen(NINE + timedelta(hours=1), named) == (1, True, 1)


def test_the_form_says_in_words_what_is_kept_and_what_is_not(wanda):
    said = " ".join(wanda.get(reverse("suggestion_new")).content.decode().split())
    for words in (
        "Kept are your words, the site, and the day. Nothing else.",
        "Not kept: who you are, the time, your address on the network.",
        "There is no entry in the audit log",
        "request log leaves this page out",
        "What you write may tell who you are",
        "your employer&#x27;s network" if "&#x27;" in said else "your employer's network",
        "Your name is read by who manages the site and by admins.",
    ):
        assert words in said
    # Neither is chosen for them, and it is not kept by the browser.
    assert "checked" not in said
    assert wanda.get(reverse("suggestion_new"))["Cache-Control"].count("no-store") == 1
    answer = wanda.post(reverse("suggestion_new"), WORDS)
    assert list(answer.context["form"].errors) == ["name"]
    assert not Suggestion.objects.exists()
