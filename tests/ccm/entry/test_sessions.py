"""How long a session lasts, what keeps it open, what ends it, and what one is told then."""

import re
from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ccm.entry import lasting, rights
from ccm.entry.store import SessionStore
from ccm.models import BrowserSession, User
from ccm.tasks import forget_sessions
from tests.builders import NINE, PASSWORD, a_board, a_queue, a_site, a_user

pytestmark = pytest.mark.django_db
POLL = {"HTTP_CCM_BACKGROUND": "yes", "HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def as_delivered(settings):
    settings.SESSION_IDLE_MINUTES, settings.SESSION_HOURS = 30, 12


@pytest.fixture
def clock():
    with time_machine.travel(NINE, tick=False) as clock:
        yield clock


@pytest.fixture
def site():
    return a_site("Leeds", "Europe/London")


@pytest.fixture
def ada(site):
    return a_user("manager", site)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def status(client, name="imports", **headers):
    return client.get(reverse(name), **headers).status_code


IDLE, WHOLE = timedelta(minutes=30), timedelta(hours=12)


@pytest.mark.parametrize(
    ("seen_after", "until_after"),
    [
        (timedelta(0), timedelta(minutes=30)),
        (timedelta(hours=3), timedelta(hours=3, minutes=30)),
        (timedelta(hours=11, minutes=45), timedelta(hours=12)),
    ],
)
def test_until_when_pages_open(seen_after, until_after):
    found = lasting.Limits(IDLE, WHOLE).pages_until(NINE, NINE + seen_after)
    assert found == NINE + until_after


@pytest.mark.parametrize(
    ("now_after", "until_after"),
    [
        (timedelta(hours=20), timedelta(hours=20, minutes=30)),
        (timedelta(days=6, hours=23, minutes=50), timedelta(days=7)),
    ],
)
def test_until_when_a_wall_that_is_shown_stays_open(now_after, until_after):
    found = lasting.Limits(IDLE, WHOLE).walls_until(NINE, NINE + now_after)
    assert found == NINE + until_after


def test_a_session_ends_half_an_hour_after_the_last_act(clock, ada):
    client = signed_in(ada)
    for _ in range(5):
        clock.shift(timedelta(minutes=29))
        assert status(client) == 200
    clock.shift(timedelta(minutes=30))
    assert status(client) == 302


def test_a_session_ends_after_twelve_hours_of_work(clock, ada):
    client = signed_in(ada)
    for _ in range(35):
        clock.shift(timedelta(minutes=20))
        assert status(client) == 200
    clock.shift(timedelta(minutes=20))
    assert status(client) == 302


def test_what_a_page_asks_for_by_itself_keeps_nothing_open(clock, ada):
    client = signed_in(ada)
    codes = []
    for _ in range(7):
        clock.shift(timedelta(minutes=5))
        codes.append(status(client, "alerts", **POLL))
    assert codes == [200] * 5 + [401] * 2
    assert status(client) == 302


def test_an_act_is_written_once_a_minute_by_one_statement(clock, ada):
    client = signed_in(ada)

    def written():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            status(client)
        return [
            one for one in asked if "ccm_browsersession" in one["sql"] and "UPDATE" in one["sql"]
        ]

    assert written() == []
    clock.shift(timedelta(seconds=59))
    assert written() == []
    clock.shift(timedelta(seconds=1))
    assert len(written()) == 1
    assert written() == []
    row = BrowserSession.objects.get()
    assert (row.user, row.seen_at) == (ada, NINE + timedelta(minutes=1))


def test_a_poll_that_keeps_something_in_the_session_prolongs_nothing(clock, ada):
    client = signed_in(ada)
    until = BrowserSession.objects.get().expire_date
    clock.shift(timedelta(minutes=20))
    session = client.session
    session["kept"] = "by a poll"
    session.save()
    assert BrowserSession.objects.get().expire_date == until


def test_the_key_is_another_after_signing_in(ada):
    a_user("agent", name="bob", password=PASSWORD)
    client = Client()
    before = client.session
    before["planted"] = "by somebody else"
    before.save()
    client.cookies["sessionid"] = before.session_key
    said = {"username": "bob", "login": "bob", "password": PASSWORD}
    assert client.post(reverse("login"), said).status_code == 302
    assert client.cookies["sessionid"].value != before.session_key
    assert not SessionStore().exists(before.session_key)


def test_the_cookie_outlives_the_session_so_that_its_end_is_told(ada):
    a_user("agent", name="bob", password=PASSWORD)
    client = Client()
    said = {"username": "bob", "login": "bob", "password": PASSWORD}
    client.post(reverse("login"), said)
    cookie = client.cookies["sessionid"]
    assert cookie["max-age"] == 36 * 3600
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_at_the_end_the_sign_in_page_says_so_and_leads_back(clock, ada):
    client = signed_in(ada)
    clock.shift(timedelta(minutes=31))
    page = client.get(reverse("calls") + "?page=2", follow=True)
    assert page.redirect_chain == [("/accounts/login/?next=/calls/%3Fpage%3D2&ended=1", 302)]
    assert "Your session has ended" in page.content.decode()
    assert "/calls/?page=2" in page.content.decode()


def test_who_never_was_signed_in_is_told_of_no_end(site):
    assert Client().get(reverse("calls"))["Location"] == "/accounts/login/?next=/calls/"


def test_a_form_that_comes_too_late_is_not_lost_silently(clock, ada):
    client = signed_in(ada)
    clock.shift(timedelta(minutes=31))
    said = {
        "name": "Night <b>shift</b>",
        "note": "long\ntext",
        "password": "hidden-one",
        "empty": " ",
    }
    place = "http://testserver" + reverse("links") + "?page=3"
    answer = client.post(reverse("links"), said, HTTP_REFERER=place)
    page = answer.content.decode()
    assert answer.status_code == 401
    assert "Nothing of what you sent was done" in page
    assert "Night &lt;b&gt;shift&lt;/b&gt;" in page
    assert "long\ntext" in page
    assert "hidden-one" not in page
    # Without its secret it would be another form.
    assert "Send it again" not in page
    assert "/accounts/login/?next=%2Flinks%2F%3Fpage%3D3" in page


def test_a_form_that_came_too_late_can_be_sent_again_as_it_was(clock, ada):
    client = signed_in(ada)
    clock.shift(timedelta(minutes=31))
    said = {"name": "Night shift", "day": ["mon", "tue"], "note": "\nlong\ntext", "empty": ""}
    page = client.post(reverse("links"), said).content.decode()
    assert "Send it again" in page
    sent = re.findall(r'<textarea name="(\w+)" hidden[^>]*>\n([^<]*)</textarea>', page)
    again = [("name", "Night shift"), ("day", "mon"), ("day", "tue"), ("note", "\nlong\ntext")]
    assert sent == [*again, ("empty", "")]


def test_a_form_with_a_file_cannot_be_sent_again_by_the_page(clock, ada):
    client = signed_in(ada)
    clock.shift(timedelta(minutes=31))
    said = {"name": "Night shift", "file": SimpleUploadedFile("log.csv", b"a,b")}
    page = client.post(reverse("imports"), said).content.decode()
    assert "Night shift" in page
    assert "Send it again" not in page


def test_the_way_back_leads_nowhere_else(clock, ada):
    client = signed_in(ada)
    clock.shift(timedelta(minutes=31))
    answer = client.post(reverse("links"), {}, HTTP_REFERER="https://evil.example/links/")
    assert "evil" not in answer.content.decode()


def test_a_form_that_comes_after_a_poll_was_told_is_not_lost_either(clock, ada):
    client = signed_in(ada)
    clock.shift(timedelta(minutes=31))
    assert status(client, "alerts", **POLL) == 401
    assert client.post(reverse("links"), {"name": "Night shift"}).status_code == 401
    ada.sites.clear()
    client = signed_in(ada)
    client.cookies["csrftoken"] = "a" * 32
    _given_a_site(ada, None)
    assert status(client, "alerts", **POLL) == 401
    answer = client.post(reverse("links"), {"name": "Night shift"})
    assert (answer.status_code, "Night shift" in answer.content.decode()) == (401, True)


def test_a_form_that_a_script_sends_is_answered_by_its_status(clock, ada):
    client = signed_in(ada)
    clock.shift(timedelta(minutes=31))
    assert client.post(reverse("links"), {}, HTTP_HX_REQUEST="true").status_code == 401
    client = signed_in(ada)
    clock.shift(timedelta(minutes=31))
    answer = client.post(reverse("links"), {}, HTTP_SEC_FETCH_MODE="cors")
    assert answer.status_code == 401
    assert answer.json()["words"].startswith("You are signed out")


# Walls


@pytest.fixture
def board(site):
    a_queue(site=site)
    return a_board(site)


def test_a_wall_that_is_shown_keeps_itself_open_and_opens_nothing_else(clock, ada, board):
    client = signed_in(ada)
    token = reverse("board_token", args=[board.slug])
    for _ in range(7 * 24 * 60 // 25):
        clock.shift(timedelta(minutes=25))
        assert client.get(token).status_code == 200
    assert client.get(reverse("board", args=[board.slug])).status_code == 200
    clock.shift(timedelta(minutes=25))
    assert client.get(token).status_code == 302


def test_whoever_finds_the_screen_of_a_wall_opens_no_page(clock, ada, board):
    client = signed_in(ada)
    token = reverse("board_token", args=[board.slug])
    for _ in range(4):
        clock.shift(timedelta(minutes=10))
        client.get(token)
    assert client.get(token).status_code == 200
    assert client.post(token).status_code == 401
    assert signed_in(ada).get(reverse("boards")).status_code == 200
    assert client.get(reverse("boards")).status_code == 302


def test_a_wall_that_is_not_shown_ends_like_any_page(clock, ada, board):
    client = signed_in(ada)
    clock.shift(timedelta(minutes=31))
    assert client.get(reverse("board_token", args=[board.slug])).status_code == 302


# What ends it


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(ada):
    here, there = signed_in(ada), signed_in(ada)
    ada.set_password(PASSWORD)
    ada.save()
    request = RequestFactory().post("/")
    request.session, request.user = here.session, ada
    update_session_auth_hash(request, ada)
    request.session.save()
    here.cookies["sessionid"] = request.session.session_key
    assert (status(here), status(there)) == (200, 302)


def _given_a_role(user, _site):
    user.groups.add(Group.objects.get(name="planner"))


def _taken_a_role(user, _site):
    Group.objects.get(name="manager").user_set.remove(user)


def _given_a_site(user, _site):
    user.sites.add(a_site("York"))


def _taken_all_sites(user, _site):
    user.sites.clear()


def _by_sql(user, site):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ccm_user_sites WHERE user_id = %s", [user.pk])


def _made_superuser(user, _site):
    User.objects.filter(pk=user.pk).update(is_superuser=True)


def _made_inactive(user, _site):
    user.is_active = False
    user.save()


@pytest.mark.parametrize(
    "change",
    [
        _given_a_role,
        _taken_a_role,
        _given_a_site,
        _taken_all_sites,
        _by_sql,
        _made_superuser,
        _made_inactive,
    ],
)
def test_other_rights_end_every_session_at_once_however_they_were_changed(ada, site, change):
    here, there = signed_in(ada), signed_in(ada)
    change(ada, site)
    assert (status(here), status(there)) == (302, 302)


def test_rights_that_came_back_need_a_sign_in_no_more(ada, site):
    client = signed_in(ada)
    ada.sites.remove(site)
    ada.sites.add(site)
    assert status(client) == 200


@pytest.mark.parametrize(
    "change",
    [_given_a_role, _taken_a_role, _given_a_site, _taken_all_sites, _made_inactive],
)
def test_streams_of_walls_end_with_other_rights(
    ada, site, change, django_capture_on_commit_callbacks
):
    client, other = signed_in(ada), signed_in(a_user("manager", site))
    wanted = rights.holder(ada.pk, client.session.session_key)
    with patch("ccm.live.bus.revoke") as revoked, django_capture_on_commit_callbacks(execute=True):
        change(ada, site)
    assert {one.args[0] for one in revoked.call_args_list} == {wanted}
    assert other.session.session_key


def test_a_stream_ends_with_its_session(ada, board, django_capture_on_commit_callbacks):
    client = signed_in(ada)
    key = client.session.session_key
    with patch("ccm.live.bus.revoke") as revoked, django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("logout"))
    revoked.assert_called_once_with(rights.holder(ada.pk, key))
    assert key not in rights.holder(ada.pk, key)


def test_a_name_and_a_mail_address_are_no_rights(ada, django_capture_on_commit_callbacks):
    client = signed_in(ada)
    with patch("ccm.live.bus.revoke") as revoked, django_capture_on_commit_callbacks(execute=True):
        ada.first_name, ada.email = "Ada", "ada@example.org"
        ada.save()
    revoked.assert_not_called()
    assert status(client) == 200


def test_sessions_that_are_over_are_swept(clock, ada):
    over, lasts = signed_in(ada).session.session_key, None
    clock.shift(timedelta(minutes=31))
    lasts = signed_in(ada).session.session_key
    forget_sessions()
    forget_sessions()
    assert not SessionStore().exists(over)
    assert SessionStore().exists(lasts)


def test_what_is_kept_beside_sessions_goes_with_them(clock, ada):
    ada.set_password(PASSWORD)
    ada.save()
    said = {"username": ada.username, "password": PASSWORD}
    Client().post(reverse("login"), said)
    clock.shift(timedelta(minutes=31))
    lasts = signed_in(ada)
    UserSession.objects.create(
        user=ada, ip="192.0.2.1", session_key=lasts.session.session_key, user_agent=""
    )
    assert UserSession.objects.count() == 2
    forget_sessions()
    forget_sessions()
    assert UserSession.objects.get().session_key == lasts.session.session_key


def test_a_wall_is_among_the_sessions_that_end_everywhere_else(
    clock, ada, board, django_capture_on_commit_callbacks
):
    ada.set_password(PASSWORD)
    ada.save()
    said = {"username": ada.username, "password": PASSWORD}
    wall, here = Client(), Client()
    wall.post(reverse("login"), said)
    key = wall.session.session_key
    token = reverse("board_token", args=[board.slug])
    for _ in range(4):
        clock.shift(timedelta(minutes=10))
        assert wall.get(token).status_code == 200
    here.post(reverse("login"), said)
    assert here.get(reverse("security")).content.count(b"End the session of") == 1
    with patch("ccm.live.bus.revoke") as revoked, django_capture_on_commit_callbacks(execute=True):
        here.post(reverse("sessions_end"))
    revoked.assert_called_once_with(rights.holder(ada.pk, key))
    assert wall.get(token).status_code == 302
    assert status(here) == 200


def test_an_account_that_is_opened_again_has_no_session_left(ada):
    client, other = signed_in(ada), signed_in(a_user("manager"))
    for is_active in (False, True):
        ada.is_active = is_active
        ada.save(update_fields=["is_active"])
    assert (status(client), status(other)) == (302, 200)
    # Saved again as it was, it ends nothing.
    client = signed_in(ada)
    ada.save()
    assert status(client) == 200


def test_a_session_that_a_request_ends_meanwhile_is_written_no_more(clock, ada):
    client = signed_in(ada)
    session = SessionStore(client.session.session_key)
    session.get("_auth_user_id")
    BrowserSession.objects.all().delete()
    clock.shift(timedelta(minutes=2))
    session.touch(timezone.now())
    assert not BrowserSession.objects.exists()
