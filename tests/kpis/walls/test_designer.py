"""Boards as people make, change, order and remove them."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from ccm.models import AuditEntry
from kpis import kiosks
from kpis.models import Board
from kpis.walls import frames, layout, services
from kpis.walls.layout import MOST_TILES, Tile
from tests.builders import a_board, a_queue, a_site, a_user

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def site():
    return a_site("Leeds", zone="Europe/London")


@pytest.fixture
def manager(client, site):
    user = a_user("manager", site)
    client.force_login(user)
    return user


def tiles(board):
    board.refresh_from_db()
    return layout.read(board.tiles).tiles


def test_a_board_is_made_from_a_start_under_an_address_that_is_free(client, site, manager):
    said = {"title": "Sales floor", "site": site.pk, "start": "sales"}
    first = client.post(reverse("new_board"), said)
    assert first.url == reverse("design", args=["sales-floor"])
    assert client.post(reverse("new_board"), said).url == reverse("design", args=["sales-floor-2"])
    board = Board.objects.get(slug="sales-floor")
    assert [one.kpi for one in tiles(board)][:2] == ["conversations", "connect_rate"]
    assert client.get(first.url).status_code == 200
    entry = AuditEntry.objects.filter(model="kpis.board").latest("pk")
    assert (entry.action, entry.who) == ("created", manager)


def test_a_board_without_a_title_is_refused_in_words(client, site, manager):
    page = client.post(reverse("new_board"), {"title": " ", "site": site.pk, "start": "sales"})
    assert page.status_code == 200
    assert page.context["form"].errors["title"]


def test_a_tile_is_added_with_bounds_as_people_write_them(client, site, manager):
    board = a_board(site, "waiting")
    said = {
        "kpi": "service_level", "queue": "", "window": "today", "caution": "80%",
        "critical": "70 %", "back": "2%", "title": "", "width": "2", "height": "1",
    }  # fmt: skip
    page = client.post(reverse("new_tile", args=[board.slug, "figure"]), said)
    assert page.url == reverse("design", args=[board.slug]) + "#tile-t1"
    made = tiles(board)[-1]
    assert (made.kpi, made.caution, made.critical, made.back, made.width) == (
        "service_level", 0.8, 0.7, 0.02, 2,
    )  # fmt: skip
    shown = client.get(reverse("tile", args=[board.slug, "t1"])).context["form"]
    assert [shown[name].value() for name in ("caution", "critical", "back")] == ["80%", "70%", "2%"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"caution": "soon"}, "caution"),
        ({"caution": "1:30"}, "caution"),  # a share is no time
        ({"critical": "180%"}, "critical"),
        ({"back": "-2%"}, "back"),
        ({"kpi": "revenue"}, "kpi"),
        ({"queue": "999999"}, "queue"),
        ({"window": "yesterday"}, "window"),
        ({"width": "9"}, "width"),
        ({"title": "x" * 61}, "title"),
    ],
)
def test_what_makes_no_sense_is_said_beside_its_field(client, site, manager, wrong, field):
    board = a_board(site, "waiting")
    said = {"kpi": "service_level", "window": "today", "width": "1", "height": "1"}
    page = client.post(reverse("new_tile", args=[board.slug, "figure"]), said | wrong)
    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert len(tiles(board)) == 1


@pytest.mark.parametrize(
    ("kpi", "caution", "critical", "words"),
    [
        ("service_level", "80%", "90%", "For Service level critical lies below caution."),
        ("waiting", "15", "13", "For Waiting now critical lies above caution."),
        ("available", "3", "5", None),
        ("available", "5", "3", None),
    ],
)
def test_bounds_in_the_wrong_order_are_refused_in_words(
    client, site, manager, kpi, caution, critical, words
):
    board = a_board(site)
    said = {
        "kpi": kpi, "window": "today", "caution": caution, "critical": critical, "width": "1",
        "height": "1",
    }  # fmt: skip
    page = client.post(reverse("new_tile", args=[board.slug, "figure"]), said)
    if words is None:
        assert len(tiles(board)) == 1
    else:
        assert page.context["form"].errors == {"critical": [words]}


def test_a_tile_of_another_sites_queue_is_refused(client, site, manager):
    board = a_board(site, "waiting")
    said = {"kpi": "waiting", "queue": a_queue(a_site()).pk, "width": "1", "height": "1"}
    page = client.post(reverse("new_tile", args=[board.slug, "figure"]), said)
    assert list(page.context["form"].errors) == ["queue"]


def test_a_message_ends_by_the_clock_of_its_site(client, site, manager):
    """14:30 in Kolkata is 9:00 UTC."""
    board = a_board(a_site_in_kolkata := a_site(zone="Asia/Kolkata"))
    manager.sites.add(a_site_in_kolkata)
    client.force_login(manager)  # other sites end a session
    said = {
        "text": "Down\r\nat noon", "level": "warn", "until": "2096-03-04T14:30", "width": "2",
        "height": "1",
    }  # fmt: skip
    client.post(reverse("new_tile", args=[board.slug, "message"]), said)
    (made,) = tiles(board)
    assert (made.text, made.until) == ("Down\nat noon", "2096-03-04T09:00:00+00:00")
    shown = client.get(reverse("tile", args=[board.slug, made.id])).context["form"]
    assert shown["until"].value() == "2096-03-04T14:30"


def test_tiles_are_dragged_moved_by_arrows_and_removed(client, site, manager):
    board = a_board(site, "waiting", "answered", "asa")
    order = reverse("order_tiles", args=[board.slug])

    def ids():
        return [one.id for one in tiles(board)]

    client.post(order, {"order": ["asa", "waiting", "answered"]})
    assert ids() == ["asa", "waiting", "answered"]
    moved = client.post(order, {"tile": "answered", "by": "-1"})
    assert ids() == ["asa", "answered", "waiting"]
    assert moved["Location"].endswith("#earlier-answered"), "the keyboard goes on where it was"
    moved = client.post(order, {"tile": "asa", "by": "-1"})
    assert ids() == ["asa", "answered", "waiting"], "the first stays the first"
    assert moved["Location"].endswith("#later-asa"), "of the first no arrow leads further"
    client.post(order, {"order": ["nobody", "waiting"]})
    assert ids() == ["waiting", "asa", "answered"], "none is lost"
    client.post(reverse("remove_tile", args=[board.slug, "asa"]))
    assert ids() == ["waiting", "answered"]


def test_it_is_asked_before_a_tile_goes_or_a_link_is_revoked(client, site, manager):
    board = a_board(site, "waiting")
    link, _words = kiosks.make_link(board, "Hall", manager)
    design = client.get(reverse("design", args=[board.slug])).content.decode()
    screens = client.get(reverse("kiosk_links", args=[board.slug])).content.decode()
    for shown, name, args in (
        (design, "remove_tile", [board.slug, "waiting"]),
        (screens, "revoke_link", [link.pk]),
    ):
        address = reverse(name, args=args)
        assert f'href="{address}"' in shown
        assert f'action="{address}"' not in shown
        assert "What this does" in client.get(address).content.decode()
    link.refresh_from_db()
    assert (len(tiles(board)), link.revoked_at) == (1, None)


def test_two_who_change_a_board_at_once_lose_no_tile_of_each_other(client, site, manager):
    """Each adds a tile to the board as it is now, not as it was when the form was opened."""
    board = a_board(site, "waiting")
    add = reverse("new_tile", args=[board.slug, "text"])
    for text in ("one", "two"):
        client.post(add, {"text": text, "width": "1", "height": "1"})
    assert [one.text for one in tiles(board)] == ["", "one", "two"]


def test_a_full_board_takes_no_more_tiles(client, site, manager):
    board = a_board(site)
    board.tiles = [{"id": f"t{number}", "kind": "clock"} for number in range(MOST_TILES)]
    board.save()
    said = {"text": "one more", "width": "1", "height": "1"}
    page = client.post(reverse("new_tile", args=[board.slug, "text"]), said)
    assert "at most" in str(page.context["form"].non_field_errors())
    assert len(tiles(board)) == MOST_TILES


def test_a_board_of_more_rows_than_its_size_shows_says_so(client, site, manager):
    """Eight clocks in two columns are four rows: M shows four whole, L three."""
    board = a_board(site)
    board.tiles = [{"id": f"t{number}", "kind": "clock"} for number in range(8)]
    board.columns, board.size = 2, "m"
    board.save()
    page = reverse("design", args=[board.slug])
    assert "take 4 rows" not in client.get(page).content.decode()
    Board.objects.filter(pk=board.pk).update(size="l")
    said = client.get(page).content.decode()
    assert "take 4 rows, and a wall of size L: 8 metres and more shows 3 whole" in said


def test_how_a_board_looks_and_what_it_shows_in_turn_is_kept_and_in_the_log(client, site, manager):
    board, other = a_board(site, "waiting"), a_board(site, "asa")
    queue = a_queue(site, "Sales")
    said = {
        "title": "Floor", "queues": [queue.pk], "columns": "3", "theme": "contrast", "size": "l",
        "chime": "on", "turns": [other.pk], "seconds": "20",
    }  # fmt: skip
    client.post(reverse("design", args=[board.slug]), said)
    board.refresh_from_db()
    assert (board.title, board.columns, board.theme, board.size) == ("Floor", 3, "contrast", "l")
    assert (board.names, board.chime) == (False, True)
    assert list(board.turns.values_list("shown", "seconds")) == [(other.pk, 20)]
    entry = AuditEntry.objects.filter(model="kpis.board").latest("pk")
    assert entry.before["theme"] == "dark"
    assert entry.after["queues"] == [queue.pk]
    wall = client.get(reverse("board", args=[board.slug])).content.decode()
    assert f'href="{reverse("board", args=[other.slug])}" data-seconds="20"' in wall
    client.force_login(a_user("admin"))
    assert "In turn with" in client.get(reverse("audit")).content.decode()


def test_a_board_of_another_site_is_shown_in_turn_only_to_who_manages_both(client, site, manager):
    board, foreign = a_board(site, "waiting"), a_board(a_site(), "asa")
    said = {"title": "Floor", "columns": "4", "theme": "dark", "size": "m", "seconds": "30"}
    page = client.post(reverse("design", args=[board.slug]), said | {"turns": [foreign.pk]})
    assert list(page.context["form"].errors) == ["turns"]


def test_a_removed_board_is_gone_and_says_so_to_its_screens(client, site, manager):
    board = a_board(site, "waiting")
    assert client.get(reverse("remove_board", args=[board.slug])).status_code == 200
    client.post(reverse("remove_board", args=[board.slug]))
    assert client.get(reverse("board_token", args=[board.slug])).status_code == 404


def test_a_queue_that_is_merged_into_another_is_followed_by_tiles(site):
    loser, keeper = a_queue(site, "Sales"), a_queue(site, "Verkauf")
    board = a_board(site)
    board.tiles = [Tile("t1", "figure", kpi="waiting", queue=loser.pk).kept()]
    board.save()
    services.follow_queue(loser.pk, keeper.pk)
    assert [one.queue for one in tiles(board)] == [keeper.pk]


def test_a_wall_is_as_its_board_is_laid_out(client, site, manager):
    board = a_board(site, "waiting")
    Board.objects.filter(pk=board.pk).update(theme="light", size="l", columns=5, chime=True)
    frame = frames.frame(Board.objects.get(pk=board.pk), NOON)
    assert frame["board"] == {
        "slug": board.slug, "title": "Wall", "zone": "Europe/London", "columns": 5,
        "theme": "light", "size": "l", "chime": True,
    }  # fmt: skip


def test_a_screen_by_link_shows_the_boards_in_turn_and_no_other(client, site, manager):
    board, turned, other = (a_board(site, "waiting") for _ in range(3))
    board.turns.create(shown=turned, seconds=20)
    _link, words = kiosks.make_link(board, "Hall", manager)
    client.logout()
    page, token = reverse("kiosk", args=[words]), reverse("kiosk_token", args=[words])
    wall = client.get(page).content.decode()
    assert f'href="{page}?board={turned.slug}" data-seconds="20"' in wall
    by_itself = client.get(page, {"board": turned.slug}).content.decode()
    assert f'data-token-url="{token}?board={turned.slug}"' in by_itself
    assert "/login/" not in by_itself
    assert f"/live/{turned.slug}?" in client.get(token, {"board": turned.slug}).json()["url"]
    for address in (page, token):
        assert client.get(address, {"board": other.slug}).status_code == 404


def test_two_tabs_that_change_a_board_or_a_tile_keep_both_changes(client, site, manager):
    board = a_board(site, "waiting")
    design = reverse("design", args=[board.slug])
    tile = reverse("tile", args=[board.slug, tiles(board)[0].id])

    def opened(page):
        form = client.get(page).context["form"]
        return form.written | {"drawn": form.as_drawn}

    first, second = opened(design), opened(design)
    assert client.post(design, first | {"title": "Floor"}).status_code == 302
    assert client.post(design, second | {"theme": "light"}).status_code == 302
    board.refresh_from_db()
    assert (board.title, board.theme) == ("Floor", "light")
    first, second = opened(tile), opened(tile)
    assert client.post(tile, first | {"title": "In line"}).status_code == 302
    assert client.post(tile, second | {"caution": "5"}).status_code == 302
    board.refresh_from_db()
    assert (tiles(board)[0].title, tiles(board)[0].caution) == ("In line", 5.0)
    # Of one thing that both changed, both are told.
    page = client.post(tile, second | {"title": "Queue"})
    said = page.context["form"].errors["title"][0]
    assert "it says “In line” now, you wrote “Queue”" in said


def test_a_tile_that_another_tab_removed_says_so(client, site, manager):
    board = a_board(site, "waiting")
    page = reverse("tile", args=[board.slug, tiles(board)[0].id])
    form = client.get(page).context["form"]
    client.post(reverse("remove_tile", args=[board.slug, tiles(board)[0].id]))
    answer = client.post(page, form.written, follow=True)
    assert "removed meanwhile" in answer.content.decode()
    assert tiles(board) == []


def test_a_message_that_is_over_before_it_is_kept_is_refused(client, site, manager):
    board = a_board(site)
    said = {
        "text": "Fire drill", "level": "warn", "until": "2020-01-01T10:00",
        "width": "2", "height": "1",
    }  # fmt: skip
    page = client.post(reverse("new_tile", args=[board.slug, "message"]), said)
    assert list(page.context["form"].errors) == ["until"]
    assert client.post(page.request["PATH_INFO"], said | {"until": ""}).status_code == 302
