"""Wallboards: the list, and one board signed in."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from ccm.access import MANAGER, scope_of
from ccm.entry import rights
from ccm.live import tokens
from kpis.models import Board
from kpis.walls import frames, layout, passports


@login_required
@require_GET
def boards(request: HttpRequest) -> HttpResponse:
    found = Board.objects.visible_to(request.user).select_related("site")
    return render(
        request,
        "kpis/boards.html",
        {
            "boards": found,
            "may_link": may_link(request),
            "managed": set(Board.objects.managed_by(request.user).values_list("pk", flat=True)),
        },
    )


@login_required
@never_cache
@require_GET
@gzip_page
def board(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(_visible(request).prefetch_related("queues"), slug=slug)
    back_url = reverse("boards")
    turns = [
        (reverse("board", args=[one.shown.slug]), one.seconds)
        for one in found.turns.select_related("shown")
    ]
    return wall_of(
        request, found, reverse("board_token", args=[slug]), back_url, turns,
        is_explained=_sees_figures(request, found),
    )  # fmt: skip


@login_required
@never_cache
@require_GET
def board_passport(request: HttpRequest, slug: str, tile: str) -> HttpResponse:
    """Where a figure of a board explains itself, of the day that it is: a wall hangs for weeks."""
    found = get_object_or_404(_visible(request), slug=slug)
    shown = layout.read(found.tiles).get(tile)
    if shown is None or not _sees_figures(request, found):
        raise Http404
    url = passports.of_tile(found, shown, timezone.now())
    if not url:
        raise Http404
    return redirect(url)


@login_required
@never_cache
@require_GET
def board_token(request: HttpRequest, slug: str) -> JsonResponse:
    """Where to open the board's stream within the next minute."""
    found = get_object_or_404(_visible(request), slug=slug)
    return stream_of(found, rights.holder(int(request.user.pk or 0), request.session.session_key))


def _visible(request: HttpRequest):  # type: ignore[no-untyped-def]
    return Board.objects.visible_to(request.user).select_related("site")


def _sees_figures(request: HttpRequest, found: Board) -> bool:
    scope = scope_of(request.user)
    return scope.everything or found.site_id in scope.figure_sites


def may_link(request: HttpRequest) -> bool:
    scope = scope_of(request.user)
    return scope.everything or scope.has(MANAGER)


def wall_of(
    request: HttpRequest,
    found: Board,
    token_url: str,
    back_url: str,
    turns: Sequence[tuple[str, int]] = (),
    *,
    is_explained: bool = False,
) -> HttpResponse:
    """A wall; where it `is_explained` its figures open their passports. `turns` are the pages of
    the boards that its screen shows in turn, and for how many seconds each."""
    now = timezone.now()
    frame = frames.shown(found, now)
    shown = layout.read(found.tiles) if is_explained else layout.Layout()
    explained = {one.id for one in shown.tiles if passports.has_page(one)}
    tiles = [
        {**tile, "url": reverse("board_passport", args=[found.slug, tile["id"]])}
        if tile["id"] in explained
        else tile
        for tile in frame["tiles"]
    ]
    context = {
        "frame": frame,
        "tiles": tiles,
        "now": now,
        "token_url": token_url,
        "back_url": back_url,
        "turns": turns,
        "seconds": turns[0][1] if turns else 0,
    }
    return render(request, "kpis/wall.html", context)


def stream_of(found: Board, holder: str, until: datetime | None = None) -> JsonResponse:
    """Where to open a board's stream within the next minute; it ends at `until`."""
    url = tokens.stream_url(found.slug, holder, until)
    return JsonResponse({"url": url, "expires": tokens.SECONDS})
