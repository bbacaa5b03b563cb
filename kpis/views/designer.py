"""Boards made and changed: what each is of, how it looks, and its tiles one by one."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ccm.forms import zones
from ccm.models import Queue, Site
from ccm.views.lists import signed_in
from kpis.models import Board
from kpis.views.boards import may_link
from kpis.walls import frames, layout, services
from kpis.walls.forms import BoardForm, NewBoardForm, TileForm, kpi_choices
from kpis.walls.kinds import KINDS
from kpis.walls.layout import MOST_ROWS, MOST_TILES, Layout, Tile
from kpis.walls.starts import STARTS
from kpis.walls.told import name_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_board(request: HttpRequest) -> HttpResponse:
    """A board from one of the starts."""
    if not Site.objects.managed_by(request.user).exists():
        raise Http404
    form = NewBoardForm(request.POST or None, user=signed_in(request))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        made = services.make(
            said["title"], said["site"], start=said["start"], who=signed_in(request),
            now=timezone.now(),
        )  # fmt: skip
        messages.success(request, _("The board is made."))
        return redirect("design", made.slug)
    return render(request, "kpis/board_new.html", {"form": form, "starts": STARTS.values()})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def design(request: HttpRequest, slug: str) -> HttpResponse:
    """A board's tiles in their order, and how the whole is."""
    board = _managed(request, slug)
    form = BoardForm(request.POST or None, instance=board, user=signed_in(request))
    if request.method == "POST" and form.is_valid():
        services.change(
            form.save(commit=False), who=signed_in(request), now=timezone.now(),
            queues=form.cleaned_data["queues"], turns=form.turned(),
        )  # fmt: skip
        messages.success(request, _("The board is kept; its screens show it within a second."))
        return redirect("design", slug)
    shown = frames.shown(board, timezone.now())
    drawn = {one["id"]: one for one in shown["tiles"]}
    there = layout.read(board.tiles)
    tiles = there.tiles
    context = {
        "board": board,
        "may_link": may_link(request),
        "form": form,
        "tiles": [(one, _called(one, drawn), drawn.get(one.id)) for one in tiles],
        "kinds": KINDS.values(),
        "is_full": len(tiles) >= MOST_TILES,
        "most": MOST_TILES,
        "rows": there.rows(board.columns),
        "most_rows": MOST_ROWS[board.size],
    }
    return render(request, "kpis/design.html", context)


def _called(tile: Tile, drawn: Mapping[str, Mapping[str, Any]]) -> str:
    """What a tile is called where the board is seen: as on the wall."""
    seen = drawn.get(tile.id, {}).get("title", "")
    return str(seen) or name_of(tile)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_tile(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """A tile of a kind, at the end of a board."""
    board = _managed(request, slug)
    if kind not in KINDS:
        raise Http404
    there = layout.read(board.tiles)
    chosen = KINDS[kind]
    first = _first_kpi(kind) if "kpi" in chosen.settings else ""
    tile = Tile(
        there.new_id(), kind, kpi=first, width=min(chosen.width, board.columns),
        height=chosen.height,
    )  # fmt: skip
    heading = _("New tile: %(kind)s") % {"kind": chosen.name}
    return _edited(request, board, tile, heading, is_new=True)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tile(request: HttpRequest, slug: str, tile: str) -> HttpResponse:
    """One tile of a board."""
    board = _managed(request, slug)
    found = layout.read(board.tiles).get(tile)
    if found is None and request.method == "POST":
        messages.warning(request, _("This tile was removed meanwhile: nothing is kept of it."))
        return redirect("design", slug)
    if found is None:
        raise Http404
    return _edited(request, board, found, name_of(found))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove_tile(request: HttpRequest, slug: str, tile: str) -> HttpResponse:
    board = _managed(request, slug)
    found = layout.read(board.tiles).get(tile)
    if found is None:
        return redirect("design", slug)
    if request.method == "POST":
        _lay_out(request, board, lambda there: there.without(tile))
        messages.info(request, _("Removed: %(tile)s.") % {"tile": name_of(found)})
        return redirect("design", slug)
    context = {
        "named": name_of(found),
        "along": [
            _("It goes from every screen that shows %(board)s, with its bounds and its words.")
            % {"board": board.title}
        ],
        "keep_url": f"{reverse('design', args=[slug])}#tile-{tile}",
    }
    return render(request, "ccm/remove.html", context)


@login_required
@require_POST
def order_tiles(request: HttpRequest, slug: str) -> HttpResponse:
    """Another order: all ids as `order`, or one `tile` moved `by` so many places."""
    board = _managed(request, slug)
    order = request.POST.getlist("order")
    moved, by = request.POST.get("tile", ""), request.POST.get("by", "")
    if order:
        _lay_out(request, board, lambda there: there.in_order(order))
    elif by in ("-1", "1"):
        _lay_out(request, board, lambda there: there.moved(moved, int(by)))
    page = reverse("design", args=[slug])
    arrow = _next_arrow([one.id for one in layout.read(board.tiles).tiles], moved, by)
    return redirect(f"{page}#{arrow}" if arrow else page)


def _next_arrow(ids: list[str], moved: str, by: str) -> str:
    """The arrow that moves the same tile on, else back: a browser puts the keyboard where the
    address points, so that whoever moves a tile by its arrows goes on where they were."""
    if moved not in ids or len(ids) == 1:
        return ""
    is_later = (by == "1" and moved != ids[-1]) or moved == ids[0]
    return f"{'later' if is_later else 'earlier'}-{moved}"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove_board(request: HttpRequest, slug: str) -> HttpResponse:
    board = _managed(request, slug)
    if request.method == "POST":
        services.remove(board, who=signed_in(request), now=timezone.now())
        messages.info(request, _("Removed: %(board)s.") % {"board": board.title})
        return redirect("boards")
    context = {
        "named": board.title,
        "along": [_("Its links go with it, and the screens that show it go dark.")],
        "keep_url": reverse("design", args=[slug]),
    }
    return render(request, "ccm/remove.html", context)


def _managed(request: HttpRequest, slug: str) -> Board:
    """A board whose site the user manages; else 404."""
    found = Board.objects.managed_by(request.user).select_related("site")
    return get_object_or_404(found.prefetch_related("queues", "turns"), slug=slug)


def _edited(
    request: HttpRequest, board: Board, found: Tile, heading: str, *, is_new: bool = False
) -> HttpResponse:
    queues = dict(Queue.objects.filter(site=board.site_id).values_list("pk", "name"))
    form = TileForm(request.POST or None, tile=found, site=board.site, queues=queues, is_new=is_new)
    if request.method == "POST" and form.is_valid():
        try:
            made = form.made()
            _lay_out(
                request,
                board,
                # Somebody else may have added one meanwhile, under the same id.
                lambda there: there.with_tile(replace(made, id=there.new_id()) if is_new else made),
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect(f"{reverse('design', args=[board.slug])}#tile-{found.id}")
    context = {
        "board": board,
        "form": form,
        "heading": heading,
        "is_new": is_new,
        "kind": KINDS[found.kind],
        "zones": zones() if "zone" in form.fields else [],
    }
    return render(request, "kpis/tile_form.html", context)


def _first_kpi(kind: str) -> str:
    (_group, choices), *_others = kpi_choices(kind)
    return str(choices[0][0])


def _lay_out(request: HttpRequest, board: Board, how: Callable[[Layout], Layout]) -> None:
    services.lay_out(board, how, who=signed_in(request), now=timezone.now())
