"""Wallboards: the list, and one board signed in."""

from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from ccm.access import MANAGER, scope_of
from ccm.live import tokens
from kpis import wallboard
from kpis.models import Board


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
        },
    )


@login_required
@never_cache
@require_GET
def board(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(_visible(request).prefetch_related("queues"), slug=slug)
    back_url = reverse("boards")
    explained = set(found.cells) if _sees_figures(request, found) else set()
    return wall_of(request, found, reverse("board_token", args=[slug]), back_url, explained)


@login_required
@never_cache
@require_GET
def board_passport(request: HttpRequest, slug: str, cell: str) -> HttpResponse:
    """Where a figure of a board explains itself, of the day that it is: a wall hangs for weeks."""
    found = get_object_or_404(_visible(request), slug=slug)
    url = wallboard.passport(found, cell, timezone.now())
    if not (url and _sees_figures(request, found)):
        raise Http404
    return redirect(url)


@login_required
@never_cache
@require_GET
def board_token(request: HttpRequest, slug: str) -> JsonResponse:
    """Where to open the board's stream within the next minute."""
    found = get_object_or_404(_visible(request), slug=slug)
    return stream_of(found, tokens.person(int(request.user.pk or 0)))


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
    explained: Collection[str] = (),
) -> HttpResponse:
    """A wall, the figures of whose `explained` cells open their passports."""
    now = timezone.now()
    frame = wallboard.shown(found, now)
    cells = [
        {**cell, "url": reverse("board_passport", args=[found.slug, cell["id"]])}
        if cell["id"] in explained and wallboard.passport(found, cell["id"], now)
        else cell
        for cell in frame["cells"]
    ]
    context = {
        "frame": frame,
        "cells": cells,
        "now": now,
        "token_url": token_url,
        "back_url": back_url,
    }
    return render(request, "kpis/wall.html", context)


def stream_of(found: Board, holder: str, until: datetime | None = None) -> JsonResponse:
    """Where to open a board's stream within the next minute; it ends at `until`."""
    url = tokens.stream_url(found.slug, holder, until)
    return JsonResponse({"url": url, "expires": tokens.SECONDS})
