"""Failed sign-ins, and the end of pauses after them. For admins."""

from axes.models import AccessAttempt, AccessFailureLog
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ccm import tables
from ccm.entry import locking
from ccm.entry.attempts import AttemptTable, accounts
from ccm.navigation import may_open
from ccm.views.lists import signed_in

# More pauses at once are an attack, and end by themselves.
MOST_SHOWN = 20


@login_required
@require_safe
def attempts_page(request: HttpRequest) -> HttpResponse:
    """Who failed to get in from where, and who is in a pause now."""
    _admin(request)
    now = timezone.now()
    table = AttemptTable(AccessFailureLog.objects.all())
    table.empty_text = _("Nobody has failed to sign in")
    tables.arrange(table, request.GET)
    table.find()
    paused = list(locking.locked(now)[:MOST_SHOWN])
    names = accounts(paused) if paused else {}
    told = [
        {
            "pk": one.pk,
            "account": names[one.username],
            "address": one.ip_address,
            "until": locking.in_minutes(locking.pause_seconds(locking.end_of(one), now)),
        }
        for one in paused
    ]
    return render(request, "ccm/attempts.html", {"table": table, "paused": told})


@login_required
@require_POST
def unlock(request: HttpRequest, pk: int) -> HttpResponse:
    """End a pause."""
    _admin(request)
    there = AccessAttempt.objects.filter(pk=pk)
    ended = locking.unlock(there, signed_in(request), timezone.now())
    words = _("The pause has ended.") if ended else _("This pause was over already.")
    messages.info(request, words)
    return redirect("failed_sign_ins")


def _admin(request: HttpRequest) -> None:
    """Raises Http404 for anybody but an admin."""
    if not may_open("failed_sign_ins", request.user):
        raise Http404
