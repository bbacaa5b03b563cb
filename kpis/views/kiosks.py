"""Screens without a sign-in: a board's links, the wall that one opens, and pairing a screen."""

from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_http_methods
from redis.exceptions import RedisError

from ccm import limits
from ccm.live import bus
from ccm.models import User
from kpis.kiosks import links, pairing, refusals
from kpis.kiosks.forms import CodeForm, LinkForm, PairForm
from kpis.kiosks.refusals import Refusal
from kpis.middleware import COME_BACK_SECONDS
from kpis.models import Board, KioskLink
from kpis.views.boards import may_link, stream_of, wall_of
from kpis.walls import turns

# Of its own path alone, so that the prefix of the other cookies is none for it.
COOKIE = "__Secure-ccm_screen" if settings.HTTPS else "ccm_screen"
# As it was called with HTTPS, too: a screen that was paired then is so still.
_BEFORE = "ccm_screen"
# As long as browsers keep any; each look at the wall begins it anew.
_COOKIE_SECONDS = 400 * 24 * 3600
# In a minute: of codes typed by one person, and from one address; of codes asked for from one.
_CODES_TYPED, _CODES_TYPED_THERE, _CODES_ASKED = 10, 30, 20


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def kiosk_links(request: HttpRequest, slug: str) -> HttpResponse:
    """The screens of a board; makes a link for one more."""
    board = _board(request, slug)
    now = timezone.now()
    form = LinkForm(_said(request), site=board.site, now=now)
    if form.is_valid():
        _made, words = links.make_link(
            board,
            form.cleaned_data["name"],
            _who(request),
            until=form.expires_at,
            allowed=form.cleaned_data["networks"],
        )
        url = request.build_absolute_uri(reverse("kiosk", args=[words]))
        said = _("Open this on the screen; it is shown once: %(url)s") % {"url": url}
        messages.info(request, said)
        return redirect("kiosk_links", slug)
    looking = bus.looking()
    screens = [(link, links.holder(link) in looking) for link in board.kiosk_links.all()]
    context = {"board": board, "screens": screens, "form": form, "now": now}
    return render(request, "kpis/kiosk_links.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def kiosk_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Gives a link another name, end or networks."""
    link = get_object_or_404(_links(request).select_related("board__site"), pk=pk, revoked_at=None)
    now = timezone.now()
    form = LinkForm(_said(request), site=link.board.site, now=now, link=link)
    if form.is_valid():
        said = form.cleaned_data
        try:
            links.change(
                link,
                said["name"],
                form.expires_at,
                said["networks"],
                who=_who(request),
                now=now,
            )
            messages.info(request, _("The screen's link is changed; its screens ask anew."))
        except RedisError:
            messages.warning(
                request,
                _("The link is changed, but open screens go by what was said before for up to ten"
                  " minutes: the broker is away."),
            )  # fmt: skip
        return redirect("kiosk_links", link.board.slug)
    return render(request, "kpis/kiosk_link.html", {"form": form, "link": link})


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def revoke_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends a link for good, once asked."""
    link = get_object_or_404(_links(request).select_related("board"), pk=pk)
    if request.method != "POST":
        return render(request, "kpis/kiosk_link_revoke.html", {"link": link})
    try:
        links.revoke(link, who=_who(request), now=timezone.now())
        messages.info(request, _("The link is revoked; its screens go dark."))
    except RedisError:
        messages.warning(
            request, _("The link is revoked, but open screens show on until the broker is back.")
        )
    return redirect("kiosk_links", link.board.slug)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def pair(request: HttpRequest) -> HttpResponse:
    """Gives a board to the screen that shows a code: first which screen that is, then the board."""
    if not may_link(request):
        raise Http404
    user, now = _who(request), timezone.now()
    code = CodeForm(_said(request))
    if request.method != "POST":
        return render(request, "kpis/pair.html", {"form": code})
    if _typed_too_often(request, user):
        code.add_error("code", _("Too many codes. Wait a minute, then type it again."))
        return render(request, "kpis/pair.html", {"form": code}, status=429)
    screen = pairing.shown_by(code.cleaned_data["code"], now) if code.is_valid() else None
    if screen is None:
        if not code.errors:
            code.add_error("code", _("No screen shows this code, or no longer."))
        return render(request, "kpis/pair.html", {"form": code})
    is_told = "board" in request.POST
    # Whoever comes from the screens of a board means that one.
    meant = Board.objects.managed_by(user).filter(slug=request.GET.get("board", "")).first()
    form = PairForm(
        request.POST if is_told else None,
        user=user,
        initial={"screen": screen.pk, "code": screen.code, "board": meant},
    )
    if is_told and form.is_valid():
        said = form.cleaned_data
        until = now + timedelta(days=int(said["good_for"]))
        link = pairing.pair(
            said["screen"], said["code"], said["board"], said["name"], user, until, now,
            said["networks"],
        )  # fmt: skip
        if link is not None:
            messages.info(request, _("The screen shows %(board)s.") % {"board": link.board})
            return redirect("kiosk_links", link.board.slug)
        code.add_error("code", _("No screen shows this code, or no longer."))
        return render(request, "kpis/pair.html", {"form": code})
    context = {"form": form, "screen": screen, "now": now}
    return render(request, "kpis/pair_confirm.html", context)


@never_cache
@require_GET
@gzip_page
def kiosk(request: HttpRequest, words: str) -> HttpResponse:
    """A wall by link: no sign-in, nothing else behind it."""
    link = _link_of(request, words)
    if link is None:
        context = {"refusal": _refusal(request, words)}
        return render(request, "kpis/kiosk_gone.html", context, status=HTTPStatus.NOT_FOUND)
    page, token = reverse("kiosk", args=[words]), reverse("kiosk_token", args=[words])
    return _wall_by(request, link, page, token)


@never_cache
@require_GET
def kiosk_token(request: HttpRequest, words: str) -> JsonResponse:
    return _stream_by(request, words)


@never_cache
@require_http_methods(["GET", "POST"])
@gzip_page
def tv(request: HttpRequest) -> HttpResponse:
    """A screen's own page for ever: its board, else a code by which it is given one."""
    if request.method == "POST":
        return _new_code(request)
    secret = _secret_of(request)
    if secret and (link := _link_of(request, secret)):
        return _kept(_wall_by(request, link, reverse("tv"), reverse("tv_token")), secret)
    screen = pairing.waiting(secret, timezone.now()) if secret else None
    ended = None if screen else _refusal(request, secret)
    context = {
        "screen": screen,
        "refusal": ended if ended and ended.reason != refusals.UNKNOWN else None,
        "is_refused": screen is None and "asked" in request.GET,
        "pair_url": request.build_absolute_uri(reverse("pair")).partition("://")[2],
    }
    response = render(request, "kpis/tv.html", context)
    if ended and ended.reason != refusals.UNKNOWN:
        # Prolonged, or allowed here, it is there again.
        response["Refresh"] = str(COME_BACK_SECONDS)
    return response


@never_cache
@require_GET
def tv_state(request: HttpRequest) -> JsonResponse:
    """What has become of the code that a screen shows."""
    secret = _secret_of(request)
    if secret and pairing.waiting(secret, timezone.now()):
        return JsonResponse({"state": "waiting"})
    paired = bool(secret) and _link_of(request, secret) is not None
    return JsonResponse({"state": "paired" if paired else "over"})


@never_cache
@require_GET
def tv_token(request: HttpRequest) -> JsonResponse:
    return _stream_by(request, _secret_of(request))


def _secret_of(request: HttpRequest) -> str:
    """What a screen is known by; "": nothing."""
    return request.COOKIES.get(COOKIE) or request.COOKIES.get(_BEFORE, "")


def _new_code(request: HttpRequest) -> HttpResponse:
    """A code for a screen that has none; one that has a board or a code keeps it."""
    secret, now = _secret_of(request), timezone.now()
    if secret and (_link_of(request, secret) or pairing.waiting(secret, now)):
        return redirect("tv")
    address = limits.address_of(request)
    refusal = {"screen": None, "refusal": None, "is_refused": False, "is_busy": True}
    if limits.too_often(f"tv:{limits.address_key(address)}", _CODES_ASKED):
        return render(request, "kpis/tv.html", refusal, status=HTTPStatus.TOO_MANY_REQUESTS)
    try:
        _screen, secret = pairing.wait(address, request.META.get("HTTP_USER_AGENT", ""), now)
    except pairing.TooManyWait:
        return render(request, "kpis/tv.html", refusal, status=HTTPStatus.SERVICE_UNAVAILABLE)
    return _kept(redirect(reverse("tv") + "?asked"), secret)


def _kept(response: HttpResponse, secret: str) -> HttpResponse:
    """An answer with which a screen keeps its secret, where no script can read it."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=_COOKIE_SECONDS,
        path=reverse("tv"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response


def _typed_too_often(request: HttpRequest, user: User) -> bool:
    address = limits.address_key(limits.address_of(request))
    # Both are counted, whichever is too much.
    often = [
        limits.too_often(f"pair:user:{user.pk}", _CODES_TYPED),
        limits.too_often(f"pair:address:{address}", _CODES_TYPED_THERE),
    ]
    return any(often)


def _link_of(request: HttpRequest, words: str) -> KioskLink | None:
    # The server has put there whom it believes a trusted proxy to speak for, and nobody else.
    return links.link_of(words, timezone.now(), limits.address_of(request))


def _refusal(request: HttpRequest, words: str) -> Refusal | None:
    return links.refusal(words, timezone.now(), limits.address_of(request))


def _stream_by(request: HttpRequest, words: str) -> JsonResponse:
    """Where the stream of a link's board, or of one in turn, is as long as the link is good; else
    why it is not."""
    link = _link_of(request, words)
    if link is None:
        refused = _refusal(request, words)
        said = {} if refused is None else refused._asdict()
        return JsonResponse(said, status=HTTPStatus.NOT_FOUND)
    shown = turns.shown_by(link.board, request.GET.get("board", ""))
    if shown is None:
        raise Http404
    return stream_of(shown, links.holder(link), link.expires_at)


def _wall_by(request: HttpRequest, link: KioskLink, page: str, token: str) -> HttpResponse:
    """The wall of a link's board, with those in turn; or one of these by itself."""
    shown = turns.shown_by(link.board, request.GET.get("board", ""))
    if shown is None:
        raise Http404
    if shown == link.board:
        return wall_of(request, shown, token, "", turns.pages(shown, page))
    return wall_of(request, shown, f"{token}?{urlencode({'board': shown.slug})}", "")


def _board(request: HttpRequest, slug: str) -> Board:
    """A board that the user may have screens show: a link outlives an emergency, and whoever is
    stood in for, so to see its figures is not enough."""
    if not may_link(request):
        raise Http404
    found = Board.objects.managed_by(request.user).select_related("site")
    return get_object_or_404(found, slug=slug)


def _links(request: HttpRequest) -> QuerySet[KioskLink]:
    if not may_link(request):
        raise Http404
    return KioskLink.objects.filter(board__in=Board.objects.managed_by(request.user))


def _said(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _who(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
