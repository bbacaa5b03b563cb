"""What each role may do, and what admins change of it. Theirs alone."""

from collections.abc import Iterable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from ccm.navigation import ROLE_WORDS, may_open
from ccm.rights import reads, services
from ccm.rights.actions import ACTIONS
from ccm.views.lists import signed_in

ALL = "all"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def rights_page(request: HttpRequest) -> HttpResponse:
    """Actions by roles: who holds what, and what differs from how it came."""
    if not may_open("rights", request.user):
        raise Http404
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        try:
            done = services.change(_held(request), seen, signed_in(request), timezone.now())
        except services.Refused as refusal:
            messages.warning(request, str(refusal))
        else:
            _tell(request, done)
        return redirect("rights")
    return render(request, "ccm/rights.html", {"page": reads.page(), "all": ALL})


def _held(request: HttpRequest) -> set[tuple[str, str]]:
    """What roles are to hold, as the form says it: an action of which it asks that it be as it was
    is held as it came."""
    pairs = (one.partition(":") for one in request.POST.getlist("held"))
    held = {(role, action) for role, _colon, action in pairs}
    back = request.POST.get("back", "")
    for action in ACTIONS.values():
        if back in (ALL, action.id):
            held = {one for one in held if one[1] != action.id}
            held |= {(role, action.id) for role in action.holders}
    return held


def _tell(request: HttpRequest, done: Iterable[services.Said]) -> None:
    """Say what changed, a sentence a role and direction, and of how many people."""
    many = reads.people()
    told: dict[tuple[str, bool], list[str]] = {}
    for one in done:
        told.setdefault((one.role, one.held), []).append(str(one.action.words))
    for (role, held), words in told.items():
        people = ngettext("%(n)d person", "%(n)d people", many.get(role, 0))
        said = {
            "role": ROLE_WORDS[role],
            "people": people % {"n": many.get(role, 0)},
            "actions": ", ".join(words),
        }
        messages.info(
            request,
            _("%(role)s (%(people)s) holds from now on: %(actions)s") % said
            if held
            else _("%(role)s (%(people)s) holds no more: %(actions)s") % said,
        )
    if not told:
        messages.info(request, _("Nothing was changed."))
