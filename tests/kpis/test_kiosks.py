"""Screens without a sign-in: where a link is good and until when, and how a screen gets a board."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from ccm import limits
from ccm.live import bus
from ccm.live.tokens import read_token
from ccm.models import AuditEntry, token_hash
from kpis.kiosks import links, networks, pairing
from kpis.models import Board, KioskLink, WaitingScreen
from kpis.tasks import forget_screens
from kpis.walls import services as walls
from tests.builders import NINE, a_site, a_user

pytestmark = pytest.mark.django_db

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def fresh():
    """What is counted by the minute begins and ends with a test."""

    def forget():
        for key in bus.client().scan_iter(bus.key("limit:*")):
            bus.client().delete(key)

    forget()
    yield
    forget()


@pytest.fixture
def board():
    site = a_site("York", zone="Europe/London")
    return Board.objects.get_or_create(
        slug=site.slug, defaults={"title": "York", "site": site, "tiles": []}
    )[0]


@pytest.fixture
def manager(board):
    return a_user("manager", board.site)


@pytest.fixture
def desk(manager):
    client = Client()
    client.force_login(manager)
    return client


def opened(words, address="127.0.0.1", **headers):
    return Client().get(reverse("kiosk", args=[words]), REMOTE_ADDR=address, **headers).status_code


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("", []),
        ("192.168.7.0/24", ["192.168.7.0/24"]),
        (" 192.168.7.20 \n2001:DB8::/48", ["192.168.7.20/32", "2001:db8::/48"]),
        ("10.0.0.5/8, 10.7.0.0/16", ["10.0.0.0/8", "10.7.0.0/16"]),
        ("10.0.0.0/8 10.1.2.3/8", ["10.0.0.0/8"]),
    ],
)  # fmt: skip
def test_networks_are_written_as_people_write_them(words, kept):
    assert networks.read(words) == kept


@pytest.mark.parametrize("words", ["office", "10.0.0.0/33", "300.1.1.1", "10.0.0.0/8/8", "::/129"])
def test_what_is_no_network_is_refused_by_name(words):
    with pytest.raises(ValueError, match=re.escape(words)):
        networks.read(words)
    with pytest.raises(ValueError, match="At most 20"):
        networks.read(" ".join(f"10.0.{n}.0/24" for n in range(21)))


@pytest.mark.parametrize(
    ("allowed", "address", "good"),
    [
        ([], "203.0.113.9", True),
        ([], "", True),  # a socket has none
        (["192.168.7.0/24"], "192.168.7.255", True),
        (["192.168.7.0/24"], "192.168.8.0", False),
        (["192.168.7.0/24"], "::ffff:192.168.7.9", True),  # as a socket for both tells it
        (["192.168.7.0/24"], "", False),
        (["192.168.7.0/24"], "unknown", False),
        (["2001:db8::/48", "10.0.0.0/8"], "2001:db8:0:9::1", True),
        (["2001:db8::/48", "10.0.0.0/8"], "2001:db8:1::1", False),
        (["2001:db8::/48", "10.0.0.0/8"], "10.9.9.9", True),
    ],
)
def test_a_link_is_good_in_its_networks_alone(allowed, address, good):
    assert networks.allow(allowed, address) is good


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("192.168.7.20", "192.168.7.20"),
        ("8.8.4.4", "8.8.4.0/24"),
        ("2a00:1450:4001:82a::200e", "2a00:1450:4001::/48"),
        ("nonsense", ""),
    ],
)
def test_an_address_from_outside_is_kept_without_its_end(address, kept):
    assert networks.masked(address) == kept


def test_page_and_token_are_for_the_networks_of_the_link(board, manager):
    _link, words = links.make_link(board, "Hall", manager, allowed=["192.168.7.0/24"])
    token = reverse("kiosk_token", args=[words])
    assert opened(words, "192.168.7.20") == 200
    assert Client().get(token, REMOTE_ADDR="192.168.7.20").status_code == 200
    assert opened(words, "203.0.113.9") == 404
    assert Client().get(token, REMOTE_ADDR="203.0.113.9").status_code == 404


def test_a_screen_cannot_say_itself_where_it_is(board, manager):
    _link, words = links.make_link(board, "Hall", manager, allowed=["192.168.7.0/24"])
    for header in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP"):
        assert opened(words, "203.0.113.9", headers={header: "192.168.7.20"}) == 404


@pytest.mark.parametrize(
    ("peer", "forwarded", "seen"),
    [
        ("203.0.113.9", "192.168.7.20", "203.0.113.9"),  # no proxy of ours
        ("127.0.0.1", "192.168.7.20", "192.168.7.20"),
        # The proxy adds whom it saw to what it was told.
        ("127.0.0.1", "192.168.7.20, 203.0.113.9", "203.0.113.9"),
    ],
)
def test_only_a_trusted_proxy_is_believed_and_only_what_it_saw_itself(peer, forwarded, seen, asgi):
    assert asgi(peer, forwarded) == seen


@pytest.fixture
def asgi():
    """The address that the web process goes by, of a request through its server's own door."""
    import asyncio

    def asked(peer, forwarded):
        found = []

        async def program(scope, receive, send):
            found.append(scope["client"][0])

        scope = {
            "type": "http", "scheme": "http", "client": (peer, 4711),
            "headers": [(b"x-forwarded-for", forwarded.encode())],
        }  # fmt: skip
        door = ProxyHeadersMiddleware(program, trusted_hosts="127.0.0.1")
        asyncio.run(door(scope, None, None))
        return found[0]

    return asked


def test_where_a_screen_was_last_seen_is_told(board, manager, desk):
    link, words = links.make_link(board, "Hall", manager)
    opened(words, "192.168.7.20")
    opened(words, "192.168.7.21")
    link.refresh_from_db()
    assert link.last_seen_address == "192.168.7.21"
    page = desk.get(reverse("kiosk_links", args=[board.slug])).content.decode()
    assert "192.168.7.21" in page
    assert "showing now" not in page
    bus.client().zadd(bus.looking_key(), {links.holder(link): timezone.now().timestamp()})
    assert "showing now" in desk.get(reverse("kiosk_links", args=[board.slug])).content.decode()


@pytest.mark.parametrize(
    ("said", "ends"),
    [
        ({"good_for": "7"}, NINE + timedelta(days=7)),
        ({"good_for": "365"}, NINE + timedelta(days=365)),
        # The whole of that day in York, where summer time holds by then.
        ({"good_for": "until", "until": "2026-06-01"}, datetime(2026, 6, 1, 23, tzinfo=UTC)),
    ],
)
def test_whoever_makes_a_link_says_until_when(board, desk, said, ends):
    with time_machine.travel(NINE, tick=False):
        desk.force_login(a_user("manager", board.site))
        desk.post(reverse("kiosk_links", args=[board.slug]), {"name": "Hall", **said})
    assert board.kiosk_links.get().expires_at == ends


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"good_for": "until"}, "Name the last day."),
        ({"good_for": "until", "until": "2026-03-01"}, "A day from today to 2027-03-01."),
        ({"good_for": "until", "until": "2027-03-02"}, "A day from today to 2027-03-01."),
        ({"good_for": "9999"}, "Select a valid choice."),
        ({"name": " "}, "Say where the screen hangs."),
        ({"networks": "office"}, "“office” is no network"),
    ],
)
def test_terms_that_cannot_be_are_refused_in_words(board, desk, said, words):
    with time_machine.travel(NINE, tick=False):
        desk.force_login(a_user("manager", board.site))
        url = reverse("kiosk_links", args=[board.slug])
        page = desk.post(url, {"name": "Hall", "good_for": "7", **said})
    assert words in unescape(page.content.decode())
    assert not board.kiosk_links.exists()


def test_terms_are_changed_and_who_looked_under_those_before_is_sent_away(board, manager, desk):
    link, words = links.make_link(board, "Hall", manager, until=timezone.now() + HOUR)
    token = reverse("kiosk_token", args=[words])
    before = read_token(stream_of(Client().get(token)))
    said = {"name": "Foyer", "good_for": "365", "networks": "10.0.0.0/8"}
    desk.post(reverse("kiosk_link", args=[link.pk]), said)
    assert before.holder.encode() in bus.client().smembers(bus.revoked_key())
    assert Client().get(token).status_code == 404
    after = read_token(stream_of(Client().get(token, REMOTE_ADDR="10.1.1.1")))
    assert after.holder.encode() not in bus.client().smembers(bus.revoked_key())
    assert (before.until, after.until) == (
        link.expires_at.timestamp(), KioskLink.objects.get().expires_at.timestamp()
    )  # fmt: skip
    assert KioskLink.objects.get().name == "Foyer"


@pytest.mark.parametrize(
    ("terms", "reason", "said"),
    [
        ({"revoked_at": NINE, "expires_at": NINE}, "revoked", "This link was revoked"),
        # Nine in the morning by UTC and by York's clock, in winter.
        ({"expires_at": NINE}, "expired", "This link ran out on 2 Mar 2026, 09:00"),
        ({"networks": ["10.0.0.0/8"]}, "elsewhere",
         "This link is not meant for the network that this screen is in"),
        ({"hash": "of other words"}, "unknown", "This link is not known"),
    ],
)  # fmt: skip
def test_a_screen_is_told_why_its_link_is_not_good_and_no_secret(
    board, manager, terms, reason, said
):
    link, words = links.make_link(board, "Hall", manager)
    KioskLink.objects.filter(pk=link.pk).update(**terms)
    there = Client(REMOTE_ADDR="8.8.4.4")
    page = there.get(reverse("kiosk", args=[words]))
    told = there.get(reverse("kiosk_token", args=[words]))
    assert (page.status_code, told.status_code) == (404, 404)
    assert (told.json()["reason"], told.json()["said"]) == (reason, said)
    assert said in page.content.decode()
    there.cookies["ccm_screen"] = words
    assert there.get(reverse("tv_token")).json() == told.json()
    tv = unescape(there.get(reverse("tv")).content.decode())
    # Of a secret that no link has any more a new screen is made.
    assert (f"{said}. {told.json()['hint']}" in tv) == (reason != "unknown")
    for secret in ("10.0.0.0", board.title, "Hall", manager.username):
        assert secret not in page.content.decode() + told.content.decode()


def stream_of(answer):
    return answer.json()["url"].partition("?t=")[2].replace("%3A", ":")


def test_a_link_keeps_its_end_unless_another_is_said(board, manager, desk):
    link, _words = links.make_link(board, "Hall", manager)
    desk.post(reverse("kiosk_link", args=[link.pk]), {"name": "Foyer", "good_for": "keep"})
    changed = KioskLink.objects.get()
    assert (changed.name, changed.expires_at) == ("Foyer", link.expires_at)


def test_a_revoked_link_is_not_changed(board, manager, desk):
    link, _words = links.make_link(board, "Hall", manager)
    links.revoke(link, who=manager, now=NINE)
    assert desk.get(reverse("kiosk_link", args=[link.pk])).status_code == 404


def a_screen(address="192.168.7.20"):
    """A browser that asked for a code, and the code."""
    screen = Client(REMOTE_ADDR=address, HTTP_USER_AGENT=CHROME)
    page = screen.post(reverse("tv"), follow=True).content.decode()
    return screen, "".join(re.findall(r"<span>(\d{3})</span>", page))


def paired(desk, board, code):
    """The code typed and confirmed at the desk."""
    confirm = desk.post(reverse("pair"), {"code": code})
    said = {
        "code": code, "screen": WaitingScreen.objects.get(code=code).pk, "board": board.pk,
        "name": "Foyer", "good_for": "30",
    }  # fmt: skip
    return confirm, desk.post(reverse("pair"), said)


def test_a_screen_gets_the_board_that_its_code_was_given(board, desk):
    screen, code = a_screen()
    assert re.fullmatch(r"\d{6}", code)
    assert screen.get(reverse("tv_state")).json() == {"state": "waiting"}
    confirm, _done = paired(desk, board, code)
    told = confirm.content.decode()
    assert "192.168.7.20" in told
    assert "Chrome · Linux" in told
    assert screen.get(reverse("tv_state")).json() == {"state": "paired"}
    wall = screen.get(reverse("tv"))
    assert f'data-token-url="{reverse("tv_token")}"' in wall.content.decode()
    assert read_token(stream_of(screen.get(reverse("tv_token")))).slug == board.slug
    link = board.kiosk_links.get()
    assert (link.name, link.created_by) == ("Foyer", desk.get("/").wsgi_request.user)
    assert not WaitingScreen.objects.exists()


def test_who_comes_from_the_screens_of_a_board_is_offered_that_one(board, desk):
    first = Board.objects.create(slug="a", title="Aaa, before it", site=board.site)
    _screen, code = a_screen()
    links_page = desk.get(reverse("kiosk_links", args=[board.slug])).content.decode()
    (asked,) = re.findall(rf'href="({reverse("pair")}[^"]*)"', links_page)
    for page, offered in ((asked, board), (reverse("pair") + "?board=a", first)):
        told = desk.post(page, {"code": code}).content.decode()
        assert f'<option value="{offered.pk}" selected>' in told


def test_the_code_alone_opens_nothing(board, desk):
    screen, code = a_screen()
    stranger = Client()
    stranger.cookies["ccm_screen"] = code
    paired(desk, board, code)
    for words in (code, token_hash(code)):
        assert opened(words) == 404
    assert stranger.get(reverse("tv_token")).status_code == 404
    secret = screen.cookies["ccm_screen"]
    assert (secret["httponly"], secret["samesite"], secret["path"]) == (True, "Strict", "/tv/")
    assert secret.value not in screen.get(reverse("tv")).content.decode()


def test_a_code_is_good_once(board, desk):
    _screen, code = a_screen()
    said = {
        "code": code, "screen": WaitingScreen.objects.get().pk, "board": board.pk,
        "name": "Foyer", "good_for": "30",
    }  # fmt: skip
    for _ in range(2):
        page = desk.post(reverse("pair"), said)
    assert "No screen shows this code" in page.content.decode()
    assert board.kiosk_links.count() == 1


def test_a_code_that_another_screen_shows_by_now_pairs_neither(board, desk):
    _screen, code = a_screen()
    said = {"code": code, "screen": 0, "board": board.pk, "name": "Foyer", "good_for": "30"}
    page = desk.post(reverse("pair"), said)
    assert "No screen shows this code" in page.content.decode()
    assert not board.kiosk_links.exists()


def test_a_code_runs_out_after_ten_minutes(board, manager):
    with time_machine.travel(NINE, tick=False):
        screen, code = a_screen()
    with time_machine.travel(NINE + timedelta(minutes=10), tick=False):
        assert pairing.shown_by(code, timezone.now()) is None
        assert screen.get(reverse("tv_state")).json() == {"state": "over"}
        _screen, again = a_screen()
        assert [one.code for one in WaitingScreen.objects.all()] == [again]


def test_screens_that_were_switched_off_are_forgotten_by_the_hour():
    with time_machine.travel(NINE, tick=False):
        a_screen()
        forget_screens()
        assert WaitingScreen.objects.count() == 1
    with time_machine.travel(NINE + timedelta(minutes=10), tick=False):
        forget_screens()
    assert not WaitingScreen.objects.exists()


def test_a_screen_keeps_its_code_and_its_board(board, desk):
    screen, code = a_screen()
    screen.post(reverse("tv"))
    assert [one.code for one in WaitingScreen.objects.all()] == [code]
    paired(desk, board, code)
    secret = screen.cookies["ccm_screen"].value
    screen.post(reverse("tv"))
    assert screen.cookies["ccm_screen"].value == secret
    assert board.title in screen.get(reverse("tv")).content.decode()


def test_who_pairs_a_screen_says_from_which_networks_it_is_good(board, manager, desk):
    screen, code = a_screen()
    waits = WaitingScreen.objects.get(code=code)
    said = {
        "screen": waits.pk, "code": code, "board": board.pk, "name": "Hall", "good_for": "7",
        "networks": "192.168.7.0/33",
    }  # fmt: skip
    assert list(desk.post(reverse("pair"), said).context["form"].errors) == ["networks"]
    desk.post(reverse("pair"), said | {"networks": "10.0.0.0/8"})
    assert board.kiosk_links.get().networks == ["10.0.0.0/8"]
    assert "not meant for the network" in unescape(screen.get(reverse("tv")).content.decode())


def test_a_screen_whose_link_ended_says_so_until_it_is_asked_for_a_code(board, manager, desk):
    screen, code = a_screen()
    paired(desk, board, code)
    links.revoke(board.kiosk_links.get(), who=manager, now=NINE)
    assert screen.get(reverse("tv_token")).status_code == 404
    page = screen.get(reverse("tv")).content.decode()
    assert "no longer good" in unescape(page)
    assert "data-ask" not in page, "no new code by itself"
    assert "data-code" in screen.post(reverse("tv"), follow=True).content.decode()


def test_a_browser_without_cookies_is_told_and_asks_no_more_by_itself(client):
    sent_on = client.post(reverse("tv"))
    client.cookies.clear()
    page = client.get(sent_on["Location"]).content.decode()
    assert "keeps no cookies" in page
    assert "data-ask" not in page


def test_codes_are_guessed_no_more_than_ten_times_a_minute(desk, monkeypatch):
    monkeypatch.setattr(limits.time, "time", lambda: 1_800_000_000.0)
    _screen, code = a_screen()
    wrong = str((int(code) + 1) % 10**6).zfill(6)
    for _ in range(10):
        assert desk.post(reverse("pair"), {"code": wrong}).status_code == 200
    late = desk.post(reverse("pair"), {"code": code})
    assert late.status_code == 429
    assert "Too many codes" in late.content.decode()
    other = Client(REMOTE_ADDR="127.0.0.1")
    other.force_login(a_user("admin"))
    for _ in range(10):
        other.post(reverse("pair"), {"code": wrong})
    for _ in range(10):
        third = Client()
        third.force_login(a_user("admin"))
        last = third.post(reverse("pair"), {"code": code})
    assert last.status_code == 429, "of one address thirty, whoever signs in there"


def test_codes_are_not_asked_for_without_end(monkeypatch):
    monkeypatch.setattr(limits.time, "time", lambda: 1_800_000_000.0)
    statuses = [Client().post(reverse("tv")).status_code for _ in range(21)]
    assert statuses == [*[302] * 20, 429]
    assert WaitingScreen.objects.count() == 20


def test_who_keeps_asking_keeps_nobody_else_from_a_code(monkeypatch):
    monkeypatch.setattr(pairing, "MOST_THERE", 2)
    asked = [Client(REMOTE_ADDR=f"8.8.4.{n}").post(reverse("tv")).status_code for n in range(3)]
    assert asked == [302, 302, 503]
    assert Client(REMOTE_ADDR="8.8.9.1").post(reverse("tv")).status_code == 302
    monkeypatch.setattr(pairing, "MOST_WAITING", 3)
    assert Client(REMOTE_ADDR="8.8.7.1").post(reverse("tv")).status_code == 503


@pytest.mark.parametrize("code", ["12345", "1234567", "12 34 5x", "١٢٣٤٥٦", ""])
def test_what_is_no_code_is_refused_in_words(desk, code):
    page = desk.post(reverse("pair"), {"code": code})
    assert page.context["form"].errors
    assert desk.post(reverse("pair"), {"code": " 123 456 "}).context["form"].errors["code"] == [
        "No screen shows this code, or no longer."
    ]


def test_a_manager_gives_only_boards_of_own_sites(board, desk):
    elsewhere = a_site("Hull")
    other = Board.objects.get(site=elsewhere)
    _screen, code = a_screen()
    _confirm, done = paired(desk, other, code)
    assert done.context["form"].errors["board"]
    assert not KioskLink.objects.exists()


@pytest.mark.parametrize("screens", [1, 20])
def test_the_screens_of_a_board_cost_the_same_however_many(
    board, manager, desk, django_assert_num_queries, screens
):
    for number in range(screens):
        links.make_link(board, f"Screen {number}", manager)
    with django_assert_num_queries(4):  # session, user and scope, board, links
        desk.get(reverse("kiosk_links", args=[board.slug]))


def test_a_waiting_screen_costs_one_query_a_look(django_assert_num_queries):
    screen, _code = a_screen()
    with django_assert_num_queries(1):
        screen.get(reverse("tv_state"))
    with django_assert_num_queries(2):
        screen.get(reverse("tv"))


def of_links():
    return list(AuditEntry.objects.filter(model="kpis.kiosklink").order_by("pk"))


def test_who_made_changed_and_ended_a_link_is_in_the_audit_log_without_its_words(
    client, board, manager, desk
):
    made_at = reverse("kiosk_links", args=[board.slug])
    said = {"name": "Hall", "good_for": "until", "until": "2026-06-01"}
    with time_machine.travel(NINE, tick=False):
        desk.force_login(manager)
        shown = desk.post(made_at, said, follow=True).content.decode()
        link = board.kiosk_links.get()
        terms = {"name": "Foyer", "good_for": "keep", "networks": "10.0.0.0/8"}
        for _ in range(2):  # the second changes nothing
            desk.post(reverse("kiosk_link", args=[link.pk]), terms)
        for _ in range(2):
            desk.post(reverse("revoke_link", args=[link.pk]))
    made, changed, ended = of_links()
    assert [one.action for one in (made, changed, ended)] == ["created", "changed", "removed"]
    assert {one.who for one in (made, changed, ended)} == {manager}
    # The whole first of June by York's clock.
    assert made.after == {
        "board": board.pk, "name": "Hall", "expires_at": "2026-06-02T00:00+01:00", "networks": [],
    }  # fmt: skip
    assert (changed.before, ended.before) == (made.after, changed.after)
    client.force_login(a_user("admin"))
    page = client.get(reverse("audit")).content.decode()
    assert f"Screen: Hall, of {board.title}" in page
    assert "Good until: 2026-06-02 00:00+01:00" in page
    assert "Only from: anywhere → 10.0.0.0/8" in page
    words = re.search(r"/kiosk/([-\w]{20,})/", shown)[1]
    assert words not in page
    assert token_hash(words) not in page


def test_which_screen_was_paired_and_which_links_ended_with_their_board_is_in_the_audit_log(
    client, board, manager, desk
):
    _screen, code = a_screen()
    paired(desk, board, code)
    links.revoke(links.make_link(board, "Hall", manager)[0], who=manager, now=NINE)
    title = board.title
    walls.remove(board, who=manager, now=NINE)
    made, _hall, _revoked, gone = of_links()
    assert (made.action, made.after["paired"]) == ("created", "Chrome · Linux, 192.168.7.20")
    assert (gone.action, gone.before["name"]) == ("removed", "Foyer")
    client.force_login(a_user("admin"))
    assert f"Screen: Foyer, of {title}" in client.get(reverse("audit")).content.decode()


def test_a_screen_that_meets_an_error_asks_again_by_itself(board, manager, monkeypatch):
    """Nobody stands there with a keyboard. Pages that people open do not."""
    link, words = links.make_link(board, "Hall", manager)
    page, screen = reverse("kiosk", args=[words]), Client(raise_request_exception=False)
    assert "Refresh" not in screen.get(page)
    assert screen.get(reverse("kiosk", args=["nothing"]))["Refresh"] == "30"
    KioskLink.objects.filter(pk=link.pk).update(networks=["10.1.0.0/16"])
    assert screen.get(page)["Refresh"] == "30"
    assert "Refresh" not in screen.get(reverse("kiosk_token", args=[words]))
    assert "Refresh" not in screen.get("/nowhere/")

    def broken(*_args):
        raise RuntimeError

    monkeypatch.setattr("kpis.views.kiosks.links.link_of", broken)
    screen.cookies["ccm_screen"] = words
    answer = screen.get(reverse("tv"))
    assert (answer.status_code, answer["Refresh"]) == (500, "30")


def test_a_paired_screen_whose_link_is_refused_looks_again_by_itself(board, manager):
    link, words = links.make_link(board, "Hall", manager)
    screen = Client()
    screen.cookies["ccm_screen"] = words
    KioskLink.objects.filter(pk=link.pk).update(networks=["10.1.0.0/16"])
    refused = screen.get(reverse("tv"))
    assert (refused.status_code, refused["Refresh"]) == (200, "30")
    KioskLink.objects.filter(pk=link.pk).update(networks=[])
    assert "Refresh" not in screen.get(reverse("tv"))
