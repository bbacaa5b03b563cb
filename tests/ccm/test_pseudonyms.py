"""Calls for analysts: usable, nobody named, and no free text."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from ccm import exports, pseudonyms
from ccm.callers import caller_hash
from ccm.models import AuditEntry, Topic
from ccm.pseudonyms import Pseudonyms
from tests.builders import NINE, a_call, a_queue, a_site, a_user, an_agent

pytestmark = pytest.mark.django_db
DAY = NINE.date().isoformat()


@pytest.fixture
def site():
    return a_site("Leeds", "Europe/London")


def client_of(role, *sites):
    client = Client()
    client.force_login(a_user(role, *sites))
    return client


def asked(site, **more):
    return {"site": site.pk, "first": DAY, "last": DAY, "precision": "minute", "key": ""} | more


def file(client, site, **more):
    answer = client.post(reverse("analysts"), asked(site, file="1", **more))
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text))
    return [dict(zip(header, row, strict=True)) for row in rows]


def a_day(site):
    queue, ada, bob = a_queue(site, "=Sales"), an_agent(site, "Ada"), an_agent(site, "Bob")
    for n, (who, caller) in enumerate(((ada, "1"), (bob, "1"), (ada, "2"))):
        a_call(
            queue, NINE + timedelta(minutes=n, seconds=31), agent=who, wait=7.4,
            caller_hash=caller_hash(f"0113496012{caller}"), caller_masked="•••123",
            recording="rec/secret", transfer_target="Zoe's phone", extra={"account": "A-77"},
            external_id=f"ext-{n}", topic=Topic.objects.get_or_create(name="Bills")[0],
        )  # fmt: skip


def test_people_are_the_same_within_a_file_and_not_between_two(site):
    a_day(site)
    admin = client_of("admin")
    first, second = file(admin, site), file(admin, site)
    agents = [row["Agent"] for row in first]
    callers = [row["Caller"] for row in first]
    assert agents[0] == agents[2] != agents[1]
    assert callers[0] == callers[1] != callers[2]
    assert not {*agents, *callers} & {row[name] for row in second for name in ("Agent", "Caller")}
    assert len({row["Call"] for row in first}) == 3


def test_with_a_key_two_files_agree_and_another_key_tells_nothing(site):
    a_day(site)
    admin = client_of("admin")
    key = "a key of sixteen or more"
    one, two = (file(admin, site, key=key) for _ in range(2))
    assert one == two
    other = file(admin, site, key=key + "!")
    assert not {row["Agent"] for row in one} & {row["Agent"] for row in other}
    assert key not in str(list(AuditEntry.objects.values()))


def test_nothing_of_anybody_and_no_free_text_is_in_it(site):
    a_day(site)
    text = str(file(client_of("admin"), site))
    for said in ("Ada", "Bob", "•••", "rec/", "Zoe", "A-77", "ext-", caller_hash("01134960121")):
        assert said not in text
    row = file(client_of("admin"), site)[0]
    # 9:00:31 in UTC is so in London in March; a queue is called what it is called.
    assert row["Offered"] == "2026-03-02T09:00:00+00:00"
    assert row["Queue"] == "'=Sales"
    assert (row["Topic"], row["Outcome"], row["Wait (s)"], row["Talk (s)"]) == (
        "Bills", "answered", "7", "120"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("precision", "expected"),
    [("second", "09:00:31"), ("minute", "09:00:00"), ("hour", "09:00:00")],
)
def test_times_are_as_coarse_as_is_asked(site, precision, expected):
    a_day(site)
    rows = file(client_of("admin"), site, precision=precision)
    assert rows[0]["Offered"][11:19] == expected
    if precision == "hour":
        assert {row["Offered"][11:19] for row in rows} == {"09:00:00"}


def test_few_people_are_warned_of(site):
    a_day(site)
    day = NINE.date()
    said = pseudonyms.warnings(site, day, day)
    assert any("2 agents took all" in words for words in said)
    assert any("One queue had fewer than 5" in words for words in said)
    page = client_of("qa_analyst", site).post(reverse("analysts"), asked(site, look="1"))
    shown = page.content.decode()
    assert "3 calls." in shown
    assert "2 agents took all" in shown
    # Of five agents with five calls each on a queue, over two days, nothing is said.
    york = a_site("York")
    queue, agents = a_queue(york), [an_agent(york, f"York {n}", source="y") for n in range(5)]
    for agent in agents:
        for n in range(5):
            a_call(queue, NINE + timedelta(minutes=n), agent=agent)
    assert pseudonyms.warnings(york, day - timedelta(days=1), day) == []


def test_it_is_of_the_own_sites_and_in_the_log(site):
    a_day(site)
    other = a_site("York")
    a_day_there = a_queue(other)
    a_call(a_day_there, NINE)
    client = client_of("manager", site)
    assert len(file(client, site)) == 3
    entry = AuditEntry.objects.get(action="exported")
    assert (entry.after["site"], entry.after["file"]) == (site.pk, "pseudonyms")
    answer = client.post(reverse("analysts"), asked(other, file="1"))
    assert answer["Content-Type"].startswith("text/html")
    assert AuditEntry.objects.filter(action="exported").count() == 1
    for role in ("planner", "supervisor", "agent", "trainer"):
        assert client_of(role, site).get(reverse("analysts")).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first", ""), ("last", "x"), ("last", "2026-03-01"), ("first", "1900-01-01"),
        ("last", "2099-01-01"), ("precision", "year"), ("key", "short"), ("key", "x" * 201),
        ("site", "9" * 30), ("site", ""),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_beside_its_field(site, field, value):
    client = client_of("admin")
    answer = client.post(reverse("analysts"), asked(site, file="1") | {field: value})
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    assert not AuditEntry.objects.exists()


def test_pseudonyms_hold_their_kinds_apart_and_nobody_is_nobody():
    names = Pseudonyms("x" * 16)
    assert names.of("agent", 7) != names.of("person", 7)
    assert names.of("agent", None) == names.of("person", "") == ""
    made = {names.of("agent", n) for n in range(20_000)}
    assert len(made) == 20_000
    assert not any(exports.cell(one) != one for one in made)
