"""Callers answer by link: once, without signing in, and the figures follow."""

import re
from datetime import UTC, date, datetime, timedelta
from itertools import count
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisAway

from ccm import limits, surveys
from ccm.live import bus
from ccm.models import ApiToken, DirtyDay, SurveyInvitation, SurveyResponse
from kpis.rollups import recount_dirty
from tests.builders import NINE, a_call, a_queue, a_site, a_team, a_user, an_agent
from tests.oracle.oracle import report, rows_of

pytestmark = pytest.mark.django_db
_caller = count(1)


class Caller:
    """Somebody with a link, at an address of their own, whom cookies do not follow."""

    def __init__(self, words: str) -> None:
        self.path = f"/s/{words}/"
        number = next(_caller)
        self.client = Client(REMOTE_ADDR=f"198.51.{number // 250}.{number % 250}")

    def open(self):
        return self.client.get(self.path)

    def send(self, token=None, **said):
        if token is None:
            found = re.search(r'name="token" value="([^"]+)"', self.open().content.decode())
            token = found[1] if found else ""
        return self.client.post(self.path, {"token": token, **said})


def a_link(call=None, questions=tuple(surveys.QUESTIONS), days=7, **more):
    call = call or a_call(a_queue(), agent=None)
    about = {"site": call.site, "call": call, "queue": call.queue, "agent": call.agent} | more
    expires = timezone.now() + timedelta(days=days)
    return surveys.invite(questions, a_user("admin"), expires, **about)[1]


def test_an_answer_is_kept_with_its_call_once():
    site = a_site()
    call = a_call(a_queue(site), agent=an_agent(site))
    caller = Caller(a_link(call))
    page = caller.open()
    assert page.status_code == 200
    assert page.content.decode().count("<fieldset") == 4
    with time_machine.travel("2026-03-04T10:00Z", tick=False):
        assert (
            "Thank you" in caller.send(csat=5, nps=0, fcr=1, comment="Well\ndone").content.decode()
        )
    given = {
        one.kind: (one.score, one.scale_min, one.scale_max, one.comment)
        for one in SurveyResponse.objects.all()
    }
    assert given == {
        "csat": (5, 1, 5, "Well\ndone"), "nps": (0, 0, 10, ""), "fcr": (1, 0, 1, ""),
    }  # fmt: skip
    for one in SurveyResponse.objects.all():
        assert (one.call, one.queue, one.agent, one.site) == (call, call.queue, call.agent, site)
        assert one.source == "survey"
        assert one.answered_at == datetime(2026, 3, 4, 10, tzinfo=UTC)


def test_the_satisfaction_of_the_calls_day_follows():
    call = a_call(a_queue(name="Sales"), NINE)
    Caller(a_link(call)).send(csat=2)
    assert DirtyDay.objects.get().day == date(2026, 3, 2)
    recount_dirty()
    rows = rows_of(report(call.site, NINE.date(), NINE.date(), "queue", kpis=["csat:C2"]))
    assert rows == {"Sales": {"csat:C2": (2.0, 1)}}


def test_an_answer_about_no_call_counts_on_the_day_it_was_given():
    queue = a_queue(a_site(zone="Asia/Tokyo"), name="Sales")
    tomorrow = timezone.now() + timedelta(days=1)
    about = {"site": queue.site, "queue": queue}
    _made, words = surveys.invite(["csat"], a_user("admin"), tomorrow, **about)
    caller = Caller(words)
    evening = timezone.now().replace(hour=16)
    SurveyInvitation.objects.update(expires_at=evening + timedelta(days=1))
    with time_machine.travel(evening, tick=False):
        token = surveys.form_token(SurveyInvitation.objects.get())
        caller.send(token, csat=4)
        day = evening.date() + timedelta(days=1)  # one in the morning, in Tokyo
    recount_dirty()
    rows = rows_of(report(queue.site, day, day, "queue", kpis=["csat:C2"]))
    assert rows == {"Sales": {"csat:C2": (4.0, 1)}}


def test_a_link_takes_one_answer_and_a_second_one_is_met_kindly():
    caller = Caller(a_link())
    token = re.search(r'name="token" value="([^"]+)"', caller.open().content.decode())[1]
    caller.send(token, csat=5)
    again = caller.send(token, csat=1)  # as by a double click on Send
    assert again.status_code == 200
    assert "It was sent more than once; the first one counts." in again.content.decode()
    assert SurveyResponse.objects.get().score == 5
    # Without the page's own token nothing more is told than of any link.
    for forged in ("x", surveys.form_token(surveys.invitation_of(a_link(), timezone.now()))):
        told = caller.send(forged, csat=1)
        assert told.status_code == 404
        assert "thank you, your answer has arrived" in told.content.decode()


def test_what_is_sent_after_the_link_expired_is_not_taken():
    words = a_link()
    caller = Caller(words)
    token = surveys.form_token(surveys.invitation_of(words, timezone.now()))
    SurveyInvitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert caller.send(token, csat=5).status_code == 404
    assert not SurveyResponse.objects.exists()


def test_of_used_expired_unknown_and_forged_links_the_same_is_told():
    used = a_link()
    Caller(used).send(csat=5)
    expired = a_link(days=-1)
    unknown = a_link()
    SurveyInvitation.objects.filter(hash=surveys.token_hash(unknown)).delete()
    forged = a_link()[:-1] + "!"
    pages = {Caller(words).open().content for words in (used, expired, unknown, forged, "x")}
    assert len(pages) == 1
    assert {Caller(words).open().status_code for words in (used, unknown, "x")} == {404}


def test_a_made_up_link_asks_the_database_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert Caller("guessed").open().status_code == 404
    words = a_link()
    with django_assert_num_queries(2):  # the invitation, the day of its call
        assert Caller(words).open().status_code == 200


def test_two_answers_at_once_are_one():
    invitation = surveys.invitation_of(a_link(), timezone.now())
    now = timezone.now()
    assert surveys.answer(invitation, {"csat": 5}, "", now)
    assert not surveys.answer(invitation, {"csat": 1}, "", now)
    assert SurveyResponse.objects.count() == 1


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"comment": "only words"},
        {"csat": 6},
        {"csat": "5;"},
        {"csat": 5, "comment": "x" * 2001},
    ],
)
def test_what_is_no_answer_uses_nothing_up(said):
    caller = Caller(a_link())
    assert caller.send(**said).status_code == 200
    assert not SurveyResponse.objects.exists()
    assert "Thank you" in caller.send(csat=5).content.decode()


def test_only_what_was_asked_is_taken():
    caller = Caller(a_link(questions=["nps"]))
    assert caller.open().content.decode().count("<fieldset") == 1
    caller.send(nps=9, csat=1)
    assert [one.kind for one in SurveyResponse.objects.all()] == ["nps"]


def test_another_page_cannot_answer():
    mine, other = a_link(), a_link()
    caller = Caller(mine)
    of_other = re.search(r'name="token" value="([^"]+)"', Caller(other).open().content.decode())[1]
    for token in ("", "x", of_other):
        assert "send it once more" in caller.send(token, csat=5).content.decode()
    good = re.search(r'name="token" value="([^"]+)"', caller.open().content.decode())[1]
    late = {"token": good, "csat": 5}
    headers = {"sec-fetch-site": "cross-site"}
    assert "once more" in caller.client.post(caller.path, late, headers=headers).content.decode()
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=False):
        assert "once more" in caller.send(good, csat=5).content.decode()
    assert not SurveyResponse.objects.exists()


def test_the_page_is_a_secret_and_sets_no_cookie():
    page = Caller(a_link()).open()
    assert page["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page["X-Robots-Tag"]
    assert "no-store" in page["Cache-Control"]
    assert not page.cookies
    text = page.content.decode()
    assert "<nav" not in text
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', text)


def test_a_link_and_an_address_ask_only_so_often():
    # Not where a minute ends: the counts begin anew there.
    with time_machine.travel(NINE + timedelta(seconds=5), tick=False):
        words = a_link()
        answers = [Caller(words).open().status_code for _ in range(21)]
        assert answers == [200] * 20 + [429]
        curious = Caller("guess")
        answers = [curious.client.get(f"/s/{n}/").status_code for n in range(61)]
        assert answers == [404] * 60 + [429]
        assert curious.client.get("/s/more/")["Retry-After"] == "60"
    with time_machine.travel(NINE + timedelta(seconds=65), tick=False):
        assert Caller(words).open().status_code == 200


def test_without_redis_callers_are_heard(monkeypatch):
    def away():
        raise RedisAway

    monkeypatch.setattr(bus, "client", away)
    assert "Thank you" in Caller(a_link()).send(csat=5).content.decode()


def test_addresses_of_one_ipv6_network_are_one_and_none_is_kept():
    one, same, other = (
        limits.address_key(a) for a in ("2001:db8::1", "2001:db8::f:2", "2001:db8:0:1::1")
    )
    assert one == same != other
    assert "2001" not in one
    assert limits.address_key("198.51.100.7") != limits.address_key("198.51.100.8")


@pytest.fixture
def house():
    site = a_site()
    people = {
        role: a_user(role, site)
        for role in ("admin", "manager", "planner", "supervisor", "qa_analyst", "trainer", "agent")
    }
    agent = an_agent(site, name="Ann", user=people["agent"])
    a_team(site, people["supervisor"], agent)
    return people, a_call(a_queue(site, "Sales"), agent=agent)


@pytest.mark.parametrize(
    ("role", "may"),
    [("admin", True), ("manager", True), ("supervisor", True), ("agent", False),
     ("qa_analyst", False), ("planner", False), ("trainer", False)],
)  # fmt: skip
def test_who_may_ask_a_caller(client, house, role, may):
    people, call = house
    client.force_login(people[role])
    page = client.post(f"/calls/{call.pk}/survey/", follow=may)
    api = client.post(
        "/api/v1/survey-invitations/", {"call": str(call.pk)}, content_type="application/json"
    )
    assert (page.status_code, api.status_code) == ((200, 201) if may else (404, 400))
    assert SurveyInvitation.objects.count() == (2 if may else 0)
    if may:
        link = re.search(r"http://testserver(/s/[^\s<]+/)", page.content.decode())[1]
        for path in (link, urlsplit(api.json()["url"]).path):
            assert Caller(path.split("/")[2]).open().status_code == 200


def test_an_invitation_about_no_call_names_what_is_known(house):
    people, call = house
    _token, words = ApiToken.issue(
        name="crm", user=people["manager"], scopes=[ApiToken.WRITE_RECORD],
        expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    client = Client(headers={"authorization": f"Bearer {words}"})

    def post(**body):
        return client.post("/api/v1/survey-invitations/", body, content_type="application/json")

    about = {"site": call.site.slug, "queue": "Sales", "agent": "Ann"}
    assert post(**about, questions=["nps", "csat"]).status_code == 201
    made = SurveyInvitation.objects.get()
    assert (made.call, made.queue, made.agent, made.questions) == (
        None, call.queue, call.agent, ["nps", "csat"],
    )  # fmt: skip
    for wrong, pointer in (
        ({"site": "nowhere"}, "/site"),
        ({"site": None}, "/site"),
        ({"queue": "Selas"}, "/queue"),
        ({"agent": "Bob"}, "/agent"),
        ({"questions": ["mood"]}, "/questions"),
        ({"questions": 5}, "/questions"),
        ({"expires_at": "2020-01-01T00:00Z"}, "/expires_at"),
        ({"expires_at": "2199-01-01T00:00Z"}, "/expires_at"),
        ({"call": "x"}, "/call"),
    ):
        answer = post(**about | wrong)
        assert answer.status_code == 400
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
