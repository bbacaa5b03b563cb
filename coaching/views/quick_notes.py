"""A quick note, or a word at the desk: one form, and it stands as held."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from ccm.filters import address, of_open_sites
from ccm.intervals import day_of
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from coaching.access import sites_coached
from coaching.holding import services
from coaching.holding.forms import QuickForm
from coaching.views.sessions import agent_at, done


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def quick_note(request: HttpRequest) -> HttpResponse:
    """Put one down; with `agent` in the address, about them."""
    if not may_open("sessions", request.user):
        raise Http404
    user, now = signed_in(request), timezone.now()
    sites = list(sites_coached(user))
    site = of_open_sites(request, sites, now)
    if site is None:
        raise Http404
    form = QuickForm(
        request.POST if request.method == "POST" else None, site=site, user=user,
        agent=agent_at(request, user, site), today=day_of(now, site.calendar),
    )  # fmt: skip
    if form.is_bound and form.is_valid():
        made = done(form, lambda: services.put_down(form.said(), user, now))
        if made is not None:
            return redirect("session", pk=made.pk)
    context = {
        "form": form, "site": site, "sites": sites,
        "action": address(request.path, {"site": site.slug}),
    }  # fmt: skip
    return render(request, "coaching/quick_note.html", context)


def urls(under: str) -> list[URLPattern]:
    return [path(f"{under}/sessions/quick/", quick_note, name="quick_note")]
