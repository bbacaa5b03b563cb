"""The doctor says what is wrong, how bad it is, and what to do; a broken check takes no other."""

import json
import smtplib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core import checks
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ccm import backups, database, lanes
from ccm.models import Backup, DirtyDay
from ccm.watching import alive
from ccm.watching.doctor import judged, machine, seen, worked
from ccm.watching.doctor.judged import Level
from ccm.watching.doctor.seen import Seen
from tests.builders import a_site, a_user

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
SERVER = {
    "ahead_seconds": 0.0, "version": 18, "version_words": "18.1", "follows": False,
    "most_connections": 100, "kept_back": 3, "connections": 12, "vacuums": True, "is_safe": True,
    "frozen_age": 5_000_000, "longest_seconds": 2.0, "size": 2e9, "invalid_indexes": [],
    "unattached": [],
}  # fmt: skip
RECORD = {
    "months": ["ccm_call_2026_11", "ccm_call_2026_12"], "dirty_since": None, "dirty": 0,
    "inbox_since": None, "outbox_due": None, "given_up": 0, "zones": ["Europe/London"],
    "strange_zones": [], "stale_jobs": 0, "copied_at": NOW - timedelta(hours=6),
    "copy_is_sealed": True, "sealed_under": "1f0e",
}  # fmt: skip
REDIS = {
    "ahead_seconds": 0.0, "used": 2e6, "most": 0, "policy": "noeviction",
    "lengths": dict.fromkeys(lanes.ALL, 0), "waited": dict.fromkeys(lanes.ALL),
}  # fmt: skip
LIVES = dict.fromkeys(alive.ALL, alive.Life(1, 3.0))
WELL = Seen(NOW, SERVER, RECORD, 0, REDIS, LIVES, [])


@pytest.fixture(autouse=True)
def exposed(settings):
    """Settings as they should be where others come."""
    settings.SECRET_KEY_IS_SET = True
    settings.SECRET_KEY, settings.CALLER_KEY = "s" * 50, "c" * 50
    settings.ADDRESS_KEYS = ["a" * 50]
    settings.METRICS_TOKEN = "m" * 40
    settings.ALLOWED_HOSTS = ["calls.example.org"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://calls.example.org"]
    settings.ADDRESS = "https://calls.example.org"
    settings.HTTPS = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.DEBUG = settings.MAIL_IS_SET = False
    settings.FACTOR_KEYS, settings.AUDIT_KEYS = ["f" * 50], []
    settings.MFA_ROLES = frozenset({"admin"})
    settings.FORWARDED_ALLOW_IPS, settings.HOST = "172.18.0.1", "0.0.0.0"
    settings.STREAM_CAP = 10
    return settings


@pytest.fixture(autouse=True)
def of_today(monkeypatch):
    monkeypatch.setattr(machine, "tzdata", lambda: "2026b")
    monkeypatch.setattr(machine, "is_kept", lambda: True)


def a_copy(at):
    return Backup.objects.create(
        made_at=at, name=f"{at:%d}.zip", bytes=1, seconds=1, is_sealed=True, version="0.9"
    )


def found(name, look=WELL):
    (one,) = [one for one in judged.judge(look) if one.check.name == name]
    return one.finding


def level(name, look=WELL):
    return found(name, look).level


def server(**other):
    return replace(WELL, server=SERVER | other)


def record(**other):
    return replace(WELL, record=RECORD | other)


def test_each_check_has_words_and_what_is_wrong_has_what_to_do():
    checks = judged.checks()
    assert len({one.name for one in checks}) == len(checks)
    for look in (WELL, Seen(NOW), server(version=17, vacuums=False, is_safe=False)):
        for one in judged.judge(look):
            assert one.check.words
            assert one.finding.words.rstrip(".")
            if one.finding.level in (Level.WARNING, Level.WRONG):
                assert one.finding.advice.endswith((".", "`")), one.check.name


def test_where_all_is_well_nothing_is_wrong():
    bad = {
        one.check.name: one.finding.words
        for one in judged.judge(WELL)
        if one.finding.level is not Level.WELL
    }
    # What Django's own checks say is of what the settings of tests leave out.
    assert set(bad) <= {"django", "mail"}
    assert not {"security.W005", "security.W008", "security.W021"} & _ids(bad.get("django", ""))


def _ids(words):
    return {one.split(":")[0] for one in words.split("; ")}


def test_of_djangos_own_checks_those_are_told_that_nobody_has_silenced(settings, monkeypatch):
    found = [checks.Warning("a", id="security.W005"), checks.Warning("b", id="security.W099")]
    monkeypatch.setattr(checks, "run_checks", lambda **_more: found)
    assert found_words("django") == "security.W099: b"
    found.pop()
    assert level("django") is Level.WELL
    # Another part has words of its own for it.
    found.append(checks.Warning("c", id="ccm.W010"))
    assert level("django") is Level.WELL
    found.append(checks.Error("d", id="ccm.E003"))
    assert level("django") is Level.WRONG


def found_words(name, look=WELL):
    return found(name, look).words


# Each row: what is changed, the check that sees it, how bad it is.
@pytest.mark.parametrize(
    ("changed", "name", "expected"),
    [
        ({"SECRET_KEY_IS_SET": False}, "secret-key", Level.WRONG),
        ({"SECRET_KEY": "short"}, "secret-key", Level.WARNING),
        ({"CALLER_KEY": "s" * 50}, "keys", Level.WARNING),
        ({"ADDRESS_KEYS": ["c" * 50]}, "keys", Level.WARNING),
        ({"FACTOR_KEYS": ["s" * 50]}, "keys", Level.WARNING),
        ({"FACTOR_KEYS": ["s" * 50 + "-factors"]}, "keys", Level.WARNING),
        ({"AUDIT_KEYS": ["f" * 50]}, "keys", Level.WARNING),
        ({"METRICS_TOKEN": "s" * 50}, "keys", Level.WRONG),
        ({"METRICS_TOKEN": "short"}, "watching", Level.WRONG),
        ({"METRICS_TOKEN": ""}, "watching", Level.WELL),
        ({"ALLOWED_HOSTS": ["*"]}, "hosts", Level.WRONG),
        ({"HTTPS": False}, "https", Level.WRONG),
        ({"CSRF_TRUSTED_ORIGINS": ["http://calls.example.org"]}, "https", Level.WARNING),
        ({"HTTPS": False, "ALLOWED_HOSTS": ["localhost"]}, "https", Level.WELL),
        ({"FORWARDED_ALLOW_IPS": "*"}, "proxies", Level.WARNING),
        ({"FORWARDED_ALLOW_IPS": "127.0.0.1,::1"}, "proxies", Level.WARNING),
        ({"FORWARDED_ALLOW_IPS": ""}, "proxies", Level.WARNING),
        ({"FORWARDED_ALLOW_IPS": "127.0.0.1", "HOST": "127.0.0.1"}, "proxies", Level.WELL),
        ({"FORWARDED_ALLOW_IPS": "", "ALLOWED_HOSTS": ["localhost"]}, "proxies", Level.WELL),
        ({"MFA_ROLES": frozenset()}, "second-factors", Level.WARNING),
        ({"MFA_ROLES": frozenset(), "PASSWORD_SIGN_IN": False}, "second-factors", Level.WELL),
        ({"MFA_ROLES": frozenset(), "ALLOWED_HOSTS": ["localhost"]}, "second-factors", Level.WELL),
        ({"ADDRESS": "http://localhost:8000"}, "address", Level.WARNING),
        ({"DEBUG": True}, "debug", Level.WRONG),
        ({"DEBUG": True, "ALLOWED_HOSTS": ["localhost"]}, "debug", Level.WARNING),
        ({"STREAM_CAP": 10_000_000}, "files", Level.WARNING),
        ({"WEB_THREADS": 500}, "connections", Level.WRONG),
    ],
)
def test_settings_that_do_not_fit(changed, name, expected, settings):
    for key, value in changed.items():
        setattr(settings, key, value)
    assert level(name) is expected


LONG_AGO = NOW - timedelta(hours=1)


def waited(queue, seconds):
    """A look at a queue of two tasks, the older of which has waited for so long."""
    told = {"lengths": REDIS["lengths"] | {queue: 2}, "waited": REDIS["waited"] | {queue: seconds}}
    return replace(WELL, redis=REDIS | told)


@pytest.mark.parametrize(
    ("look", "name", "expected"),
    [
        (server(ahead_seconds=1.9), "clock-database", Level.WELL),
        (server(ahead_seconds=-2.1), "clock-database", Level.WARNING),
        (server(ahead_seconds=31), "clock-database", Level.WRONG),
        (replace(WELL, redis=REDIS | {"ahead_seconds": 5}), "clock-redis", Level.WARNING),
        (record(strange_zones=["Europe/Atlantis"]), "zones", Level.WRONG),
        (record(zones=["Europe/Atlantis"]), "zones", Level.WRONG),
        (replace(WELL, now=datetime(2029, 1, 1, tzinfo=UTC)), "zones", Level.WARNING),
        (server(version=17), "database", Level.WRONG),
        (server(follows=True), "database", Level.WRONG),
        (replace(WELL, server=None), "database", Level.WRONG),
        (replace(WELL, pending=2), "migrations", Level.WRONG),
        (server(connections=80), "connections", Level.WARNING),
        (server(vacuums=False), "cleaning", Level.WRONG),
        (server(frozen_age=1_200_000_000), "cleaning", Level.WARNING),
        (server(frozen_age=1_700_000_000), "cleaning", Level.WRONG),
        (server(longest_seconds=7200), "cleaning", Level.WARNING),
        (server(is_safe=False), "power-cut", Level.WRONG),
        (server(unattached=["ccm_call_2020_01"]), "partitions", Level.WARNING),
        (record(months=["ccm_call_2026_11"]), "partitions", Level.WARNING),
        (server(invalid_indexes=["call_by_queue_ccnew"]), "indexes", Level.WARNING),
        (replace(WELL, redis=None), "redis", Level.WRONG),
        (replace(WELL, redis=REDIS | {"most": 9e6, "policy": "allkeys-lru"}), "redis", Level.WRONG),
        (replace(WELL, redis=REDIS | {"most": 2.1e6}), "redis", Level.WARNING),
        # What has no bound never runs out of it.
        (replace(WELL, redis=REDIS | {"policy": "allkeys-lru"}), "redis", Level.WELL),
        (replace(WELL, lives=LIVES | {"worker mail": alive.Life(0, 90)}), "workers", Level.WRONG),
        (replace(WELL, lives=LIVES | {"beat": alive.Life(0, None)}), "beat", Level.WRONG),
        (replace(WELL, lives=LIVES | {"beat": alive.Life(2, 1)}), "beat", Level.WARNING),
        (replace(WELL, lives=LIVES | {"walls": alive.Life(0, 90)}), "live", Level.WRONG),
        (replace(WELL, lives=None), "workers", Level.UNKNOWN),
        (
            replace(WELL, redis=REDIS | {"lengths": REDIS["lengths"] | {"mail": 1001}}),
            "queues",
            Level.WARNING,
        ),
        (waited("long", 3599), "queues", Level.WELL),
        (waited("long", 3660), "queues", Level.WARNING),
        (waited("mail", 660), "queues", Level.WARNING),
        (record(dirty_since=LONG_AGO), "counts", Level.WARNING),
        (record(inbox_since=LONG_AGO), "inbox", Level.WARNING),
        (record(outbox_due=LONG_AGO), "outbox", Level.WARNING),
        (record(given_up=1), "outbox", Level.WARNING),
        (record(stale_jobs=1), "jobs", Level.WARNING),
        (record(sealed_under=""), "audit-key", Level.WARNING),
        (record(sealed_under=None), "audit-key", Level.WARNING),
        (record(copy_is_sealed=False), "copy-key", Level.WARNING),
        (record(copy_is_sealed=None), "copy-key", Level.WARNING),
        (replace(WELL, proxies=["10.1.2.3"]), "proxies", Level.WARNING),
        (replace(WELL, proxies=None), "proxies", Level.WELL),
        (replace(WELL, record=None), "counts", Level.UNKNOWN),
    ],
)
def test_what_is_wrong_behind_it(look, name, expected):
    assert level(name, look) is expected


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("127.0.0.1,10.1.2.3", Level.WELL), ("127.0.0.1, 10.1.0.0/16", Level.WELL),
        ("10.2.0.0/16,nginx", Level.WARNING), ("::/0,10.1.2", Level.WARNING),
    ],
)  # fmt: skip
def test_a_proxy_that_was_named_since_is_well(settings, named, expected):
    settings.FORWARDED_ALLOW_IPS = named
    assert level("proxies", replace(WELL, proxies=["10.1.2.3"])) is expected


def test_keys_that_are_alike_are_told_together(settings):
    settings.CALLER_KEY = settings.SECRET_KEY
    settings.ADDRESS_KEYS, settings.FACTOR_KEYS = [settings.SECRET_KEY], ["f" * 50]
    settings.AUDIT_KEYS = ["f" * 50 + "-audit"]
    assert found("keys").words == (
        "The same: CCM_SECRET_KEY = CCM_CALLER_KEY = CCM_ADDRESS_KEYS;"
        " CCM_FACTOR_KEYS = CCM_AUDIT_KEY."
    )


def test_a_proxy_that_was_seen_is_named_with_what_to_set(settings):
    settings.FORWARDED_ALLOW_IPS = "127.0.0.1"
    told = found("proxies", replace(WELL, proxies=["10.1.2.3", "10.1.2.4"]))
    assert "10.1.2.3, 10.1.2.4" in told.words
    assert "FORWARDED_ALLOW_IPS=127.0.0.1,10.1.2.3,10.1.2.4" in told.advice


def test_keys_that_this_process_holds_will_do_until_they_are_used(settings, monkeypatch):
    settings.AUDIT_KEYS = ["k" * 32]
    monkeypatch.setenv("CCM_BACKUP_KEY", "b" * 32)
    assert level("audit-key", record(sealed_under=None)) is Level.WELL
    assert level("copy-key", record(copy_is_sealed=None)) is Level.WELL
    # What was done without counts for more.
    assert level("audit-key", record(sealed_under="")) is Level.WARNING
    assert level("copy-key", record(copy_is_sealed=False)) is Level.WARNING


def test_each_queue_says_how_many_wait_and_for_how_long_the_oldest_does():
    words = "import: 0, rollup: 0, mail: 0, default: 0, long: 2, the oldest for 42 minutes"
    assert found("queues", waited("long", 42 * 60 + 5)).words == words


def test_clocks_that_nobody_keeps_or_that_cannot_be_asked(monkeypatch):
    monkeypatch.setattr(machine, "is_kept", lambda: False)
    assert level("clock") is Level.WARNING
    monkeypatch.setattr(machine, "is_kept", lambda: None)
    assert level("clock") is Level.UNKNOWN


def test_a_disk_that_is_short_is_named(monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: (100 * 2**30, 0, 2**30))
    assert level("disk") is Level.WRONG
    assert "1.1 of 107.4 GB free" in found("disk").words


class Server:
    def __init__(self, fault=None):
        self.fault, self.closed = fault, False

    def open(self):
        if self.fault:
            raise self.fault

    def close(self):
        self.closed = True

    def send_messages(self, _messages):
        raise AssertionError("nothing is sent")


def test_the_mail_server_is_tried_and_nothing_is_sent(settings, monkeypatch):
    settings.MAIL_IS_SET = True
    refused = smtplib.SMTPAuthenticationError(535, b"jo@example.org: no such user")
    for fault, expected in ((None, Level.WELL), (OSError(), Level.WRONG), (refused, Level.WRONG)):
        line = Server(fault)
        monkeypatch.setattr(worked, "get_connection", lambda line=line: line)
        assert level("mail") is expected
        assert line.closed
    # What a server answers is not told on.
    assert "jo@example.org" not in found("mail").words
    settings.MAIL_IS_SET = False
    assert level("mail") is Level.WARNING


def test_one_that_breaks_is_not_known_and_takes_no_other_with_it(monkeypatch):
    def breaks(_seen):
        raise RuntimeError("db.internal")

    broken = judged.Check("broken", "Broken", breaks)
    monkeypatch.setitem(judged._checks, "broken", broken)
    assert level("broken") is Level.UNKNOWN
    assert "db.internal" not in found("broken").words
    assert level("power-cut") is Level.WELL


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([Level.WELL], Level.WELL),
        ([Level.WELL, Level.UNKNOWN], Level.WARNING),
        ([Level.WARNING, Level.UNKNOWN], Level.WARNING),
        ([Level.UNKNOWN, Level.WRONG, Level.WARNING], Level.WRONG),
    ],
)
def test_the_worst_counts_and_unknown_is_a_warning(levels, expected):
    check = judged.Check("x", "x", lambda _seen: judged.well(""))
    found = [judged.Judged(check, judged.Finding(one, "")) for one in levels]
    assert judged.worst(found) is expected


@pytest.mark.parametrize(
    ("hours", "hosts", "expected"),
    [
        (35, ["calls.example.org"], Level.WELL), (37, ["calls.example.org"], Level.WARNING),
        (37, ["localhost"], Level.WARNING), (None, ["calls.example.org"], Level.WARNING),
        # Somebody tries it on a laptop.
        (None, ["localhost"], Level.WELL),
    ],
)  # fmt: skip
def test_a_centre_without_a_copy_of_last_night_is_warned_of(hours, hosts, expected, settings):
    settings.ALLOWED_HOSTS = hosts
    made_at = None if hours is None else NOW - timedelta(hours=hours)
    assert level("copies", record(copied_at=made_at)) is expected
    if hours is not None:
        assert f"{hours} hours ago" in found("copies", record(copied_at=made_at)).words


# What is seen


@pytest.mark.django_db
def test_what_is_seen_has_what_the_checks_read():
    made = a_copy(timezone.now() - timedelta(hours=2))
    a_copy(timezone.now() - timedelta(days=2))
    look = seen.look(timezone.now())
    assert look.record["copied_at"] == made.made_at == backups.last().made_at
    assert set(look.server) >= set(SERVER)
    assert set(look.record) >= set(RECORD)
    assert set(look.redis) >= set(REDIS)
    assert look.pending == 0
    assert abs(look.server["ahead_seconds"]) < 60
    assert look.server["version"] >= database.MIN_VERSION


@pytest.mark.django_db
def test_a_month_that_belongs_to_nothing_and_an_index_that_is_not_whole_are_seen():
    mark = DirtyDay.objects.create(site=a_site(zone="Asia/Tokyo"), day=NOW.date())
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE ccm_call_1990_02 (id int)")
        cursor.execute("CREATE TABLE ccm_call_1990_02_kept (id int)")
        # As one is on a table of months until each of these has its part.
        cursor.execute("CREATE INDEX not_whole ON ONLY ccm_call (ended_by)")
    look = seen.look(timezone.now())
    assert look.server["unattached"] == ["ccm_call_1990_02"]
    assert look.server["invalid_indexes"] == ["not_whole"]
    assert look.record["dirty_since"] == mark.marked_at
    assert look.record["zones"] == ["Asia/Tokyo"]
    assert look.record["strange_zones"] == []


@pytest.mark.django_db
def test_while_the_database_is_away_it_says_so_and_no_more(monkeypatch):
    from django.db import OperationalError

    def away(*_args, **_more):
        raise OperationalError

    monkeypatch.setattr(connection, "cursor", away)
    look = seen.look(timezone.now())
    assert (look.server, look.record, look.pending) == (None, None, None)
    levels = {one.check.name: one.finding.level for one in judged.judge(look)}
    assert levels["database"] is Level.WRONG
    assert levels["counts"] is levels["migrations"] is Level.UNKNOWN


def test_the_rules_of_zones_say_of_which_year_they_are(monkeypatch):
    monkeypatch.undo()
    assert (told := machine.tzdata()) is None or 2000 < int(told[:4]) < 2100
    assert machine.is_kept() in (True, False, None)


# The command and the page


@pytest.fixture
def looked(monkeypatch):
    def at(look):
        monkeypatch.setattr(seen, "look", lambda _now: look)

    return at


def said(*words):
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", *words, stdout=out)
    return ended.value.code, out.getvalue()


def test_the_command_says_each_with_what_to_do_and_ends_by_how_bad_it_is(looked, monkeypatch):
    only = [one for one in judged.checks() if one.name in ("database", "counts", "redis")]
    monkeypatch.setattr(judged, "checks", lambda: only)
    looked(WELL)
    assert said()[0] == 0
    assert "All is well." in said()[1]
    looked(record(dirty_since=LONG_AGO))
    code, text = said()
    assert code == 1
    assert "warning  Counts: A day has waited for 60 minutes" in text
    assert "-> See that a worker takes `rollup`" in text
    looked(replace(WELL, redis=None))
    code, text = said("--json")
    told = json.loads(text)
    assert (code, told["worst"]) == (2, "wrong")
    assert [one["check"] for one in told["checks"]] == ["database", "redis", "counts"]
    assert told["checks"][1]["level"] == "wrong"
    assert told["checks"][1]["advice"]


@pytest.mark.django_db
def test_the_page_shows_the_worst_first_and_waits_for_no_mail_server(
    looked, django_assert_max_num_queries, settings
):
    settings.ALLOWED_HOSTS, settings.MFA_ROLES = ["localhost"], frozenset()
    settings.MAIL_IS_SET = True
    client = Client(headers={"Host": "localhost"})
    client.force_login(a_user("admin"))
    with django_assert_max_num_queries(12):
        assert client.get(reverse("system"), secure=True).status_code == 200
    looked(replace(WELL, redis=None, pending=1))
    answer = client.get(reverse("system"), secure=True)
    rows = answer.context["rows"]
    assert [str(row["what"]) for row in rows[:2]] == ["Tables", "Redis"]
    assert {str(row["state"]) for row in rows[:2]} == {"wrong"}
    assert "<code>callcenter migrate</code>" in answer.content.decode()
    assert "Mail server" not in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
