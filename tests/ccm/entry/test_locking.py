"""Wrong passwords and tokens: who is stopped, for how long, and what is kept of it."""

import asyncio
from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine
from axes.models import AccessAttempt, AccessFailureLog
from django.core.management import CommandError, call_command
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from redis.exceptions import RedisError

from ccm import limits
from ccm.entry import locking, slowing
from ccm.models import ApiToken, AuditEntry
from tests.builders import NINE, PASSWORD, a_user
from tests.hashing import Counted, quick_hashes  # noqa: F401

pytestmark = pytest.mark.django_db
HERE, THERE = "198.51.100.7", "203.0.113.9"


def tried(name, password="wrong", address=HERE, **headers):
    client = Client(REMOTE_ADDR=address)
    said = {"username": name, "login": name, "password": password}
    return client.post(reverse("login"), said, **headers)


def is_in(answer):
    return answer.status_code == 302


def test_after_ten_wrong_passwords_the_right_one_waits_a_quarter_of_an_hour():
    a_user("agent", name="ada", password=PASSWORD)
    with time_machine.travel(NINE, tick=False) as clock:
        assert [tried("ada").status_code for _ in range(10)] == [200] * 9 + [429]
        locked = tried("ada", PASSWORD)
        assert locked.status_code == 429
        assert locked["Retry-After"] == "900"
        assert "in 15 minutes" in locked.content.decode()
        clock.shift(timedelta(minutes=14))
        assert "in a minute" in tried("ada", PASSWORD).content.decode()
        clock.shift(timedelta(minutes=1))
        assert is_in(tried("ada", PASSWORD))


def test_nobody_is_locked_out_from_elsewhere():
    a_user("agent", name="ada", password=PASSWORD)
    for _ in range(12):
        tried("ada", address=THERE)
    assert is_in(tried("ada", PASSWORD, HERE))
    assert tried("ada", PASSWORD, THERE).status_code == 429


def test_a_household_of_ipv6_is_one_address_however_many_it_uses():
    a_user("agent", name="ada", password=PASSWORD)
    for number in range(10):
        tried("ada", address=f"2001:db8::{number:x}")
    assert tried("ada", PASSWORD, "2001:db8::ffff").status_code == 429
    assert is_in(tried("ada", PASSWORD, "2001:db8:0:1::1"))


def test_what_a_request_says_of_its_own_address_is_not_believed():
    a_user("agent", name="ada", password=PASSWORD)
    for number in range(10):
        tried("ada", HTTP_X_FORWARDED_FOR=f"10.0.0.{number}", HTTP_X_REAL_IP=f"10.0.0.{number}")
    assert tried("ada", PASSWORD, HTTP_X_FORWARDED_FOR="10.0.0.99").status_code == 429


def test_another_spelling_and_another_browser_are_no_way_around():
    a_user("agent", name="ada", password=PASSWORD)
    for number, name in enumerate(("ada", "Ada", "ADA", "aDa", "adA") * 2):
        tried(name, HTTP_USER_AGENT=f"Browser {number}")
    assert tried("ada", PASSWORD).status_code == 429
    assert AccessAttempt.objects.count() == 1


def test_whoever_gets_in_begins_anew():
    a_user("agent", name="ada", password=PASSWORD)
    for _ in range(9):
        tried("ada")
    assert is_in(tried("ada", PASSWORD))
    assert [tried("ada").status_code for _ in range(9)] == [200] * 9


def test_a_name_that_there_is_not_is_answered_as_one_that_there_is():
    a_user("agent", name="ada", password=PASSWORD)
    gone = a_user("agent", name="gil", password=PASSWORD)
    gone.is_active = False
    gone.save()
    with time_machine.travel(NINE, tick=False):
        answers, hashes = {}, {}
        # Each from another place, that the places are not what is stopped.
        wheres = {"ada": "198.51.100.1", "bob": "198.51.100.2", "gil": "198.51.100.3"}
        for name in ("ada", "bob", "gil"):
            answers[name], hashes[name] = [], []
            for _ in range(12):
                Counted.hashed = 0
                # Of who left also the right password.
                answer = tried(name, PASSWORD if name == "gil" else "wrong", wheres[name])
                page = answer.content.decode().replace(name, "NAME")
                answers[name].append((answer.status_code, _without_tokens(page)))
                hashes[name].append(Counted.hashed)
    assert answers["ada"] == answers["bob"] == answers["gil"]
    # One hash each until the pause, none in it.
    assert hashes["ada"] == hashes["bob"] == hashes["gil"] == [hashes["ada"][0]] * 10 + [0, 0]
    assert hashes["ada"][0] > 0


def _without_tokens(page):
    return [line for line in page.splitlines() if "csrfmiddlewaretoken" not in line]


def test_an_address_that_guesses_at_many_accounts_is_stopped_at_a_hundred(settings):
    settings.ADDRESS_GUESSES = 20
    a_user("agent", name="ada", password=PASSWORD)
    codes = [tried(f"somebody{number}").status_code for number in range(21)]
    assert codes == [200] * 20 + [429]
    assert tried("ada", PASSWORD).status_code == 429
    assert is_in(tried("ada", PASSWORD, THERE))


def proxied(name, password="wrong", proxy="10.244.1.7", **headers):
    """A try that a proxy brings whose word on who asks is not taken."""
    scope = {limits.UNNAMED_PROXY: proxy}
    return tried(name, password, proxy, **{"asgi.scope": scope}, **headers)


def test_guesses_through_a_proxy_that_nobody_has_named_slow_all_and_stop_nobody(settings):
    settings.ADDRESS_GUESSES = 20
    a_user("agent", name="ada", password=PASSWORD)
    codes = {proxied(f"somebody{number}").status_code for number in range(21)}
    assert codes == {200}
    late = proxied("ada", PASSWORD)
    assert is_in(late)
    assert late["Ccm-Wait"] == "1"
    for number in range(90):
        proxied(f"another{number}")
    assert proxied("ada", PASSWORD)["Ccm-Wait"] == "8"
    # The ten of an account at the address are counted as ever.
    assert [proxied("bob").status_code for _ in range(10)][-1] == 429


def test_whoever_adds_the_header_from_elsewhere_is_stopped_all_the_same(settings):
    settings.ADDRESS_GUESSES = 20
    codes = [proxied(f"somebody{number}", proxy="8.8.8.8").status_code for number in range(21)]
    assert codes == [200] * 20 + [429]


def test_guesses_at_one_account_from_everywhere_slow_it_and_never_lock_it():
    a_user("agent", name="ada", password=PASSWORD)
    assert "Ccm-Wait" not in tried("ada", PASSWORD, THERE)
    for number in range(30):
        tried("ada", address=f"10.0.{number}.1")
    slow = tried("ada", PASSWORD, THERE)
    assert is_in(slow)
    assert slow["Ccm-Wait"] == "1"
    for number in range(100):
        tried("ada", address=f"10.1.{number}.1")
    assert tried("ada", PASSWORD, THERE)["Ccm-Wait"] == "8"


def test_the_answer_that_waits_holds_no_thread_and_tells_nobody_why():
    sent, slept = [], []

    async def send(message):
        sent.append(message)

    async def sleep(seconds):
        slept.append(seconds)

    start = {"type": "http.response.start", "status": 200}
    with patch("asyncio.sleep", sleep):
        told = {**start, "headers": [(b"ccm-wait", b"3"), (b"x", b"y")]}
        asyncio.run(slowing.later(send)(told))
        asyncio.run(slowing.later(send)({**start, "headers": [(b"x", b"y")]}))
    assert slept == [3]
    assert [one["headers"] for one in sent] == [[(b"x", b"y")]] * 2


def test_what_was_typed_is_kept_nowhere():
    a_user("agent", name="ada", password=PASSWORD)
    secret = "my-passphrase-in-the-wrong-box"
    tried(secret, "ada", HTTP_USER_AGENT="A telling browser")
    tried("ada", secret)
    kept = [*AccessAttempt.objects.values_list(), *AccessFailureLog.objects.values_list()]
    assert len(kept) == 4
    assert secret not in repr(kept)
    assert "telling" not in repr(kept)


@pytest.mark.parametrize("name", ["\0", "x" * 100_000, "\ud800", "Ünï", "' OR 1=1 --"])
def test_any_name_is_counted(name):
    assert locking.key_of_name(name).startswith("none:")
    assert len(locking.key_of_name(name)) < 40


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:db8::1:2:3:4", "2001:db8::"),
        ("", "0.0.0.0"),
        ("unix:/run/ccm.sock", "0.0.0.0"),
        ("fe80::1%eth0", "fe80::"),
    ],
)
def test_where_an_attempt_is_counted(address, counted):
    assert locking.address(RequestFactory().get("/", REMOTE_ADDR=address)) == counted


def test_an_admin_sees_who_failed_and_ends_a_pause():
    ada = a_user("agent", name="ada", password=PASSWORD)
    for _ in range(10):
        tried("ada")
    tried("nobody-of-this-name")
    admin = Client()
    admin.force_login(a_user("admin"))
    page = admin.get(reverse("failed_sign_ins")).content.decode()
    assert "Paused: ada from 198.51.100.7." in page
    assert "a name that there is not" in page
    row = AccessAttempt.objects.get(username=locking.user_key(ada.pk))
    unlock = reverse("sign_in_unlock", args=[row.pk])
    assert "The pause has ended" in admin.post(unlock, follow=True).content.decode()
    assert "was over already" in admin.post(unlock, follow=True).content.decode()
    assert is_in(tried("ada", PASSWORD))
    entry = AuditEntry.objects.get(model="axes.accessattempt")
    assert entry.before == {"failures_since_start": 10}
    assert "Pause after wrong passwords" in admin.get(reverse("audit")).content.decode()


@pytest.mark.parametrize("rows", [1, 300])
def test_the_page_asks_the_same_of_one_failure_as_of_many(rows, django_assert_max_num_queries):
    users = [a_user("agent") for _ in range(20)]
    AccessFailureLog.objects.bulk_create(
        AccessFailureLog(username=locking.user_key(users[one % 20].pk), ip_address=HERE)
        for one in range(rows)
    )
    admin = Client()
    admin.force_login(a_user("admin"))
    with django_assert_max_num_queries(6):
        admin.get(reverse("failed_sign_ins"))


def test_the_command_lists_pauses_and_ends_them(capsys):
    a_user("agent", name="ada", password=PASSWORD)
    for _ in range(10):
        tried("ada")
    call_command("unlock")
    assert "ada  198.51.100.7  in 15 minutes" in capsys.readouterr().out
    call_command("unlock", "ADA")
    assert "Ended: 1" in capsys.readouterr().out
    assert is_in(tried("ada", PASSWORD))
    call_command("unlock")
    assert "Nobody is in a pause." in capsys.readouterr().out


def test_the_command_lets_an_address_try_again_and_refuses_what_is_none(settings):
    settings.ADDRESS_GUESSES = 5
    for number in range(6):
        tried(f"somebody{number}")
    assert tried("x").status_code == 429
    call_command("unlock", address=HERE)
    assert tried("x").status_code == 200
    with pytest.raises(CommandError, match="no address"):
        call_command("unlock", address="here")
    with pytest.raises(CommandError, match="no user"):
        call_command("unlock", "nobody-at-all")


def test_attempts_are_dropped_after_thirty_days():
    with time_machine.travel(NINE, tick=False) as clock:
        tried("ada")
        clock.shift(timedelta(days=29))
        locking.forget(timezone.now())
        assert (AccessAttempt.objects.count(), AccessFailureLog.objects.count()) == (0, 1)
        clock.shift(timedelta(days=1))
        assert locking.forget(timezone.now()) == 1


def test_of_an_account_the_newest_failures_are_kept():
    ada = a_user("agent", name="ada")
    for minutes in range(6):
        with time_machine.travel(NINE + timedelta(minutes=minutes), tick=False):
            tried("ada")
    locking.Handler().remove_out_of_limit_failure_logs(username=locking.user_key(ada.pk), limit=2)
    kept = AccessFailureLog.objects.order_by("attempt_time").values_list("attempt_time", flat=True)
    assert [*kept] == [NINE + timedelta(minutes=4), NINE + timedelta(minutes=5)]


def with_token(words, address=HERE):
    client = Client(REMOTE_ADDR=address)
    return client.get(reverse("api_queues"), HTTP_AUTHORIZATION=f"Bearer {words}").status_code


def a_token(**said):
    until = timezone.now() + timedelta(days=1)
    said = {"expires_at": until, "scopes": [ApiToken.READ], **said}
    return ApiToken.issue(name="t", user=a_user("admin"), **said)[1]


def test_whoever_tries_many_tokens_from_an_address_is_stopped_there(settings):
    settings.ADDRESS_GUESSES = 20
    good = a_token()
    codes = [with_token(f"ccm_guess{number}") for number in range(22)]
    assert codes == [401] * 20 + [429] * 2
    assert with_token(good) == 429
    assert with_token(good, THERE) == 200


def test_tokens_through_a_proxy_that_nobody_has_named_stop_nobody(settings):
    settings.ADDRESS_GUESSES = 5
    good = a_token()
    client = Client(
        REMOTE_ADDR="10.244.1.7", **{"asgi.scope": {limits.UNNAMED_PROXY: "10.244.1.7"}}
    )

    def answer(words):
        said = {"HTTP_AUTHORIZATION": f"Bearer {words}"}
        return client.get(reverse("api_queues"), **said).status_code

    assert {answer(f"ccm_guess{number}") for number in range(12)} == {401}
    assert answer(good) == 200


def test_a_machine_with_one_wrong_token_stops_none_beside_it(settings):
    settings.ADDRESS_GUESSES = 5
    good, over = a_token(), a_token(expires_at=timezone.now() - timedelta(days=1))
    assert {with_token("ccm_mistyped") for _ in range(20)} == {401}
    assert {with_token(over) for _ in range(20)} == {401}
    assert with_token(good) == 200
    assert AccessFailureLog.objects.count() == 1


def test_tokens_and_passwords_are_counted_apart(settings):
    settings.ADDRESS_GUESSES = 5
    a_user("agent", name="ada", password=PASSWORD)
    for number in range(10):
        with_token(f"ccm_guess{number}")
    assert is_in(tried("ada", PASSWORD))


def test_without_redis_it_counts_all_the_same():
    a_user("agent", name="ada", password=PASSWORD)
    with patch("redis.Redis.execute_command", side_effect=RedisError("away")):
        assert [tried("ada").status_code for _ in range(10)][-1] == 429
        assert tried("ada", PASSWORD).status_code == 429
        assert is_in(tried("ada", PASSWORD, THERE))


def test_a_program_signs_in_without_a_request():
    from django.contrib.auth import authenticate

    ada = a_user("agent", name="ada", password=PASSWORD)
    assert authenticate(username="ada", password=PASSWORD) == ada
    assert authenticate(username="ada", password="wrong") is None
