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
from tests.messages import told
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


def a_link(call=None, questions=tuple(surveys.QUESTIONS), days=7, by=None, **more):
    call = call or a_call(a_queue(), agent=None)
    about = {"site": call.site, "call": call, "queue": call.queue, "agent": call.agent} | more
    now = timezone.now()
    return surveys.invite(
        questions, by or a_user("admin"), now + timedelta(days=days), now=now, **about
    )[1]


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
    assert set(DirtyDay.objects.values_list("day", flat=True)) == {date(2026, 3, 2)}
    recount_dirty()
    rows = rows_of(report(call.site, NINE.date(), NINE.date(), "queue", kpis=["csat:C2"]))
    assert rows == {"Sales": {"csat:C2": (2.0, 1)}}


def test_an_answer_about_no_call_counts_on_the_day_it_was_given():
    queue = a_queue(a_site(zone="Asia/Tokyo"), name="Sales")
    tomorrow = timezone.now() + timedelta(days=1)
    about = {"site": queue.site, "queue": queue}
    _made, words = surveys.invite(["csat"], a_user("admin"), tomorrow, now=timezone.now(), **about)
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


def test_of_used_withdrawn_expired_unknown_and_forged_links_the_same_is_told():
    used = a_link()
    Caller(used).send(csat=5)
    expired = a_link(days=-1)
    withdrawn = a_link()
    taken = SurveyInvitation.objects.get(hash=surveys.token_hash(withdrawn))
    assert surveys.withdraw(taken, a_user("admin"), timezone.now())
    unknown = a_link()
    SurveyInvitation.objects.filter(hash=surveys.token_hash(unknown)).delete()
    forged = a_link()[:-1] + "!"
    links = (used, withdrawn, expired, unknown, forged, "x")
    pages = {Caller(words).open().content.decode() for words in links}
    assert len(pages) == 1
    assert "This link is no longer valid" in pages.pop()
    assert {Caller(words).open().status_code for words in links} == {404}


def test_a_made_up_link_asks_the_database_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert Caller("guessed").open().status_code == 404
    words = a_link()
    # The invitation, the day of its call; at first that it was opened, too.
    for asked in (3, 2):
        with django_assert_num_queries(asked):
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


def test_what_is_none_of_the_answers_is_said_at_its_question():
    caller = Caller(a_link())
    page = caller.send(csat=99, fcr=7, nps=9).content.decode()
    assert page.count("This is none of the answers") == 2
    assert "choose from 1 to 5" in page
    assert "choose No or Yes" in page
    assert not SurveyResponse.objects.exists()


def test_its_title_is_of_the_centre_and_its_day_written_as_everywhere():
    site = a_site(name="Leeds", zone="UTC")
    caller = Caller(a_link(a_call(a_queue(site))))
    page = caller.open().content.decode()
    assert "<title>Your call · Leeds</title>" in page
    assert ">2 Mar 2026</time>" in page


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
        # The second takes the place of the first.
        for path, status in ((link, 404), (urlsplit(api.json()["url"]).path, 200)):
            assert Caller(path.split("/")[2]).open().status_code == status


# The links of a call


def test_a_new_link_takes_the_place_of_the_open_one():
    call = a_call(a_queue())
    first, second = a_link(call), a_link(call)
    other = a_link(a_call(call.queue, NINE + timedelta(hours=1)))
    opened = [Caller(words).open().status_code for words in (first, second, other)]
    assert opened == [404, 200, 200]
    gone = Caller(first).open().content.decode()
    assert "if you were sent a newer one, please use that" in gone
    assert SurveyInvitation.objects.filter(call=call, withdrawn_at=None).count() == 1


def test_what_is_sent_from_a_page_that_lay_open_while_its_link_was_replaced_is_not_taken():
    call = a_call(a_queue())
    caller = Caller(a_link(call))
    token = re.search(r'name="token" value="([^"]+)"', caller.open().content.decode())[1]
    a_link(call)
    told = caller.send(token, csat=5)
    assert told.status_code == 404
    assert "no longer valid" in told.content.decode()
    assert not SurveyResponse.objects.exists()


def test_a_link_asks_only_what_no_link_has_told_of_the_call():
    call = a_call(a_queue())
    Caller(a_link(call)).send(csat=5, nps=9)
    second = Caller(a_link(call))
    assert second.open().content.decode().count("<fieldset") == 2
    second.send(csat=1, ces=7, fcr=1)
    assert sorted(SurveyResponse.objects.values_list("kind", "score")) == [
        ("ces", 7), ("csat", 5), ("fcr", 1), ("nps", 9),
    ]  # fmt: skip
    with pytest.raises(surveys.CannotAsk, match="answered every question by a link already"):
        a_link(call)


def test_an_answer_by_another_way_does_not_count_as_one_by_a_link():
    call = a_call(a_queue())
    SurveyResponse.objects.create(
        id=call.pk, source="file", call=call, site=call.site, kind="csat", scale_min=1,
        scale_max=5, score=3, answered_at=NINE,
    )  # fmt: skip
    a_link(call, questions=["csat"])
    assert SurveyInvitation.objects.get().questions == ["csat"]


def test_a_refused_link_leaves_the_open_one_as_it_is():
    call = a_call(a_queue())
    Caller(a_link(call, questions=["csat"])).send(csat=5)
    still = a_link(call, questions=["nps"])
    with pytest.raises(surveys.CannotAsk):
        a_link(call, questions=["csat"])
    assert Caller(still).open().status_code == 200


GOING_ON = [
    {"outcome": "in_progress", "wait": None, "talk": None},
    {"outcome": "answered", "talk": None},
]


@pytest.mark.parametrize("how", GOING_ON)
def test_a_call_that_goes_on_has_no_link_and_the_pages_say_why(client, house, how):
    people, ended = house
    call = a_call(ended.queue, agent=ended.agent, **how)
    client.force_login(people["manager"])
    page = client.post(f"/calls/{call.pk}/survey/", follow=True).content.decode()
    words = "This call has no end yet: its caller can be asked once it is over."
    assert page.count(words) == 2  # as an answer, and where links are made
    assert "Make a link" not in page
    api = client.post(
        "/api/v1/survey-invitations/", {"call": str(call.pk)}, content_type="application/json"
    )
    assert api.status_code == 400
    assert api.json()["errors"] == [{"pointer": "/call", "message": words}]
    assert not SurveyInvitation.objects.exists()


@pytest.mark.parametrize("how", GOING_ON)
def test_of_a_call_whose_end_no_log_told_the_page_says_so(client, house, how):
    people, ended = house
    call = a_call(ended.queue, NINE - timedelta(hours=5), agent=ended.agent, **how)
    client.force_login(people["manager"])
    page = client.get(f"/calls/{call.pk}/").content.decode()
    assert "Its end was never told" in page
    assert "This call has no end yet" not in page
    assert "Still waiting" not in page
    made = client.post(f"/calls/{call.pk}/survey/", follow=True).content.decode()
    answered = how["outcome"] == "answered"
    assert ("Make a link" in page) == answered
    assert SurveyInvitation.objects.exists() == answered
    assert ("there is nothing to ask its caller about" in made) != answered


def test_a_call_of_a_source_that_tells_days_alone_is_over():
    call = a_call(a_queue(), talk=None, time_precision="day")
    assert Caller(a_link(call)).open().status_code == 200


@pytest.mark.parametrize("outcome", ["abandoned", "voicemail"])
def test_a_call_that_nobody_answered_and_whose_end_no_source_tells_is_over(outcome):
    call = a_call(a_queue(), wait=None, talk=None, outcome=outcome)
    assert Caller(a_link(call)).open().status_code == 200


def test_the_calls_page_lists_its_links_and_withdraws_the_open_one(client, house):
    people, call = house
    client.force_login(people["manager"])
    path = f"/calls/{call.pk}/"
    assert "Make a link" in client.get(path).content.decode()

    def states():
        text = client.get(path).content.decode()
        panel = text[text.index('id="asking"') :]
        return re.findall(r"<li><b>(Open|Answered|Withdrawn|Expired)</b>", panel)

    with time_machine.travel("2026-03-04T10:00Z", tick=False):
        answered = a_link(call, questions=["csat"])
        Caller(answered).send(csat=4)
    with time_machine.travel("2026-03-05T10:00Z", tick=False):
        a_link(call, days=1)
    # The one before had expired by then.
    with time_machine.travel("2026-03-08T10:00Z", tick=False):
        client.force_login(people["manager"])
        a_link(call, by=people["supervisor"])
        text = client.get(path).content.decode()
        for shown in ("4 Mar 2026 10:00", "8 Mar 2026 10:00", "15 Mar 2026 10:00"):
            assert shown in text
        assert str(people["supervisor"]) in text
        assert "Make a new link" in text
        assert states() == ["Open", "Expired", "Answered"]
        [withdraw] = re.findall(r'action="(/calls/[^"]+/withdraw/)"', text)
        page = client.post(withdraw, follow=True).content.decode()
        assert "The link is withdrawn: it takes no answer any more." in page
        assert states() == ["Withdrawn", "Expired", "Answered"]
        page = client.post(withdraw, follow=True).content.decode()
        assert "This link was not open any more" in page
    assert SurveyInvitation.objects.get(withdrawn_by=people["manager"])


@pytest.mark.parametrize(
    ("role", "may"), [("admin", True), ("manager", True), ("supervisor", True), ("agent", False)]
)
def test_who_sees_and_withdraws_a_calls_links(client, house, role, may):
    people, call = house
    a_link(call)
    made = SurveyInvitation.objects.get()
    client.force_login(people[role])
    assert ("Links that ask the caller" in client.get(f"/calls/{call.pk}/").content.decode()) is may
    answer = client.post(f"/calls/{call.pk}/survey/{made.pk}/withdraw/")
    assert answer.status_code == (302 if may else 404)
    made.refresh_from_db()
    assert (made.withdrawn_at is not None) is may


def test_whoever_makes_or_withdraws_a_link_is_told_what_came_of_it(client, house):
    people, call = house
    client.force_login(people["supervisor"])

    def make(of=call):
        return told(client.post(f"/calls/{of.pk}/survey/", follow=True))

    def withdraw(made):
        return told(client.post(f"/calls/{call.pk}/survey/{made.pk}/withdraw/", follow=True))

    def newest():
        return SurveyInvitation.objects.latest("pk")

    [(level, words)] = make()
    assert level == "info"
    link = re.fullmatch(
        r"Send this to the caller; it is shown once and good for 7 days: http://testserver(/s/\S+)",
        words,
    )[1]
    gone = ("info", "The link is withdrawn: it takes no answer any more.")
    late = (
        "warning", "This link was not open any more: it was answered, withdrawn, or has expired.",
    )  # fmt: skip
    assert withdraw(newest()) == [gone]
    assert withdraw(newest()) == [late]
    assert Caller(link.split("/")[2]).open().status_code == 404
    assert make()[0][0] == "info"
    SurveyInvitation.objects.update(expires_at=timezone.now())
    assert withdraw(newest()) == [late]
    Caller(a_link(call)).send(csat=5, nps=9, ces=7, fcr=1)
    assert withdraw(newest()) == [late]
    assert make() == [("warning", "The caller has answered every question by a link already.")]
    waiting = a_call(call.queue, agent=call.agent, outcome="in_progress", wait=None, talk=None)
    assert make(waiting) == [
        ("warning", "This call has no end yet: its caller can be asked once it is over.")
    ]
    assert SurveyInvitation.objects.count() == 3


def test_a_link_is_withdrawn_on_the_page_of_its_own_call_alone(client, house):
    people, call = house
    a_link(a_call(call.queue, NINE + timedelta(hours=1), agent=call.agent))
    made = SurveyInvitation.objects.get()
    client.force_login(people["admin"])
    assert client.post(f"/calls/{call.pk}/survey/{made.pk}/withdraw/").status_code == 404
    assert client.get(f"/calls/{call.pk}/survey/{made.pk}/withdraw/").status_code == 405


def test_the_api_tells_what_a_link_asks(client, house):
    people, call = house
    Caller(a_link(call, questions=["csat"])).send(csat=5)
    client.force_login(people["manager"])

    def post(*questions):
        return client.post(
            "/api/v1/survey-invitations/", {"call": str(call.pk), "questions": questions},
            content_type="application/json",
        )  # fmt: skip

    assert post("nps", "csat").json()["questions"] == ["nps"]
    refused = post("csat")
    assert refused.status_code == 400
    assert refused.json()["errors"] == [
        {"pointer": "/call", "message": "The caller has answered this by a link already."}
    ]


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
        ({"queue": None}, "/queue"),  # its answer would count nowhere
        ({"days": 3}, "/days"),
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
