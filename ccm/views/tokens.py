"""Keys for machines: listed, made, revoked. Admins'."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from ccm import tables
from ccm.accounts import tokens
from ccm.accounts.forms import TokenForm
from ccm.accounts.tables import TokenTable
from ccm.database import MOST_ID
from ccm.models import ApiToken, User
from ccm.navigation import may_open
from ccm.views.lists import signed_in

GOOD, ENDED = "good", "ended"


@login_required
@require_safe
def tokens_page(request: HttpRequest) -> HttpResponse:
    """Every token, those that are good if so asked."""
    _admin(request)
    now = timezone.now()
    state = request.GET.get("state", "")
    rows = ApiToken.objects.select_related("user", "site")
    good = {"revoked_at": None, "expires_at__gt": now, "user__is_active": True}
    if state == GOOD:
        rows = rows.filter(**good)
    elif state == ENDED:
        rows = rows.exclude(pk__in=ApiToken.objects.filter(**good).values("pk"))
    table = TokenTable(rows, now=now)
    table.empty_text = _("Nothing here fits these filters.") if state else _("None yet")
    tables.arrange(table, request.GET)
    choices = [("", _("All")), (GOOD, _("Good")), (ENDED, _("Ended"))]
    return render(request, "ccm/tokens.html", {"table": table, "state": state, "choices": choices})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def token_new(request: HttpRequest) -> HttpResponse:
    """Make a token; its words are told once."""
    who = _admin(request)
    now = timezone.now()
    sent = request.POST if request.method == "POST" else None
    form = TokenForm(sent, now=now, initial={"login": request.GET.get("login", "")[:150]})
    if form.is_bound and form.is_valid() and (made := form.make(who)) is not None:
        token, words = made
        return render(request, "ccm/token_made.html", {"token": token, "words": words})
    return render(request, "ccm/token.html", {"form": form})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether a token is to end, then end it."""
    who = _admin(request)
    found = ApiToken.objects.select_related("user") if pk <= MOST_ID else ApiToken.objects.none()
    token = found.filter(pk=pk).first()
    if token is None:
        raise Http404
    if request.method == "POST":
        tokens.revoke(pk, who, timezone.now())
        messages.info(request, _("%(name)s is revoked.") % {"name": token.name})
        return redirect("tokens")
    words = {
        "named": _("the API token %(name)s") % {"name": token.name},
        "along": [
            _("Whoever has its words is refused from the next request on."),
            _("It stays in the list, with when it was used last."),
        ],
        "keep_url": reverse("tokens"),
    }
    return render(request, "ccm/remove.html", words)


def _admin(request: HttpRequest) -> User:
    """Whoever asks, an admin. Raises Http404 for anybody else."""
    if not may_open("tokens", request.user):
        raise Http404
    return signed_in(request)
