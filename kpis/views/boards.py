"""Wallboards: the list, one board signed in, and one by kiosk link."""

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from redis.exceptions import RedisError

from ccm.access import MANAGER, scope_of
from ccm.live import tokens
from kpis import boards as kiosks
from kpis.models import Board, KioskLink
from kpis.walls import frames, layout, passports


@login_required
@require_GET
def boards(request: HttpRequest) -> HttpResponse:
    found = Board.objects.visible_to(request.user).select_related("site")
    return render(
        request,
        "kpis/boards.html",
        {
            "boards": found.prefetch_related("kiosk_links") if _may_link(request) else found,
            "may_link": _may_link(request),
            "may_make": _may_link(request),
            "managed": set(Board.objects.managed_by(request.user).values_list("pk", flat=True)),
            "now": timezone.now(),
            "life_days": kiosks.LIFE.days,
        },
    )


@login_required
@never_cache
@require_GET
def board(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(_visible(request).prefetch_related("queues"), slug=slug)
    back_url = reverse("boards")
    turns = [
        (reverse("board", args=[one.shown.slug]), one.seconds)
        for one in found.turns.select_related("shown")
    ]
    return _wall(
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
    return _stream(found, tokens.person(int(request.user.pk or 0)))


@never_cache
@require_GET
def kiosk(request: HttpRequest, words: str) -> HttpResponse:
    """A wall by link: no sign-in, nothing else behind it."""
    link = kiosks.link_of(words, timezone.now())
    if link is None:
        return render(request, "kpis/kiosk_gone.html", status=404)
    # A screen shows what its own board shows in turn, and nothing else.
    wanted = request.GET.get("board", "")
    turns = list(link.board.turns.select_related("shown__site"))
    boards_ = {one.shown.slug: one.shown for one in turns} | {link.board.slug: link.board}
    found = boards_.get(wanted or link.board.slug)
    if found is None:
        raise Http404
    page, asked = reverse("kiosk", args=[words]), f"?board={found.slug}"
    token_url = reverse("kiosk_token", args=[words]) + (asked if found != link.board else "")
    addresses = [(f"{page}?board={one.shown.slug}", one.seconds) for one in turns]
    return _wall(request, found, token_url, "", addresses if found == link.board else ())


@never_cache
@require_GET
def kiosk_token(request: HttpRequest, words: str) -> JsonResponse:
    link = _link(words)
    wanted = request.GET.get("board", link.board.slug)
    shown = link.board
    if wanted != shown.slug:
        turn = link.board.turns.select_related("shown").filter(shown__slug=wanted).first()
        if turn is None:
            raise Http404
        shown = turn.shown
    return _stream(shown, tokens.kiosk(link.pk))


@login_required
@require_POST
def make_link(request: HttpRequest, slug: str) -> HttpResponse:
    if not _may_link(request):
        raise Http404
    found = get_object_or_404(_visible(request), slug=slug)
    name = request.POST.get("name", "").replace("\0", "").strip()[:120]
    if not name:
        messages.error(request, _("Say where the screen hangs, to tell the link apart."))
        return redirect("boards")
    _made, words = kiosks.make_link(found, name, request.user)  # type: ignore[arg-type]
    url = request.build_absolute_uri(reverse("kiosk", args=[words]))
    messages.info(
        request,
        _("Open this on the screen; it is shown once: %(url)s") % {"url": url},
    )
    return redirect("boards")


@login_required
@require_POST
def revoke_link(request: HttpRequest, pk: int) -> HttpResponse:
    if not _may_link(request):
        raise Http404
    links = KioskLink.objects.filter(board__in=_visible(request))
    try:
        kiosks.revoke(get_object_or_404(links, pk=pk))
        messages.info(request, _("The link is revoked; its screens go dark."))
    except RedisError:
        messages.warning(
            request, _("The link is revoked, but open screens show on until the broker is back.")
        )
    return redirect("boards")


def _visible(request: HttpRequest):  # type: ignore[no-untyped-def]
    return Board.objects.visible_to(request.user).select_related("site")


def _sees_figures(request: HttpRequest, found: Board) -> bool:
    scope = scope_of(request.user)
    return scope.everything or found.site_id in scope.figure_sites


def _may_link(request: HttpRequest) -> bool:
    scope = scope_of(request.user)
    return scope.everything or scope.has(MANAGER)


def _link(words: str) -> KioskLink:
    link = kiosks.link_of(words, timezone.now())
    if link is None:
        raise Http404
    return link


def _wall(
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
    explained = {one.id for one in shown.tiles if passports.asked_of(one)}
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


def _stream(found: Board, holder: str) -> JsonResponse:
    return JsonResponse({"url": tokens.stream_url(found.slug, holder), "expires": tokens.SECONDS})
