"""Badges: one's own, what others show, and the rules by which they are given."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm.access import scope_of
from ccm.database import MOST_ID
from ccm.filters import address, of_sites
from ccm.models import Site
from ccm.navigation import manages, may_open
from ccm.templatetags.figures import count
from ccm.views.lists import signed_in
from coaching.badges import reads, services
from coaching.badges.forms import BadgeForm
from coaching.models import Badge, BadgeRule

ROWS = 30


@login_required
@require_safe
def badges_page(request: HttpRequest) -> HttpResponse:
    """One's own first, then what others have agreed to show, and what there is to reach."""
    user, now = signed_in(request), timezone.now()
    if not may_open("badges", user):
        raise Http404
    me = scope_of(user).agent
    if me is not None and request.method == "GET" and reads.count(user):
        # They are shown here, and count in the sidebar no more.
        services.saw_own(me, now)
    page = Paginator(reads.shown(user, now), ROWS).get_page(request.GET.get("page"))
    context = {
        "own": [{"one": one, "words": _words(one.rule)} for one in reads.own(user)],
        "page": page,
        "rows": [{"one": one, "words": _words(one.rule)} for one in page],
        "rules": [
            {"one": one, "words": _words(one), "may_end": reads.may_end(user, one)}
            for one in reads.rules(user)
        ],
        "may_make": manages(user),
        "earlier": address(request.path, {"page": page.previous_page_number()})
        if page.has_previous()
        else "",
        "more": address(request.path, {"page": page.next_page_number()}) if page.has_next() else "",
    }
    return render(request, "coaching/badges.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def badge_new(request: HttpRequest) -> HttpResponse:
    """Have a site give one."""
    user, now = signed_in(request), timezone.now()
    if not may_open("badges", user):
        raise Http404
    sites = list(Site.objects.managed_by(user).order_by("name"))
    site = of_sites(request, sites)
    if site is None:
        raise Http404
    form = BadgeForm(site, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            services.make(form.asked(), user, now)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.info(request, _("It is given from tonight on."))
            return redirect("badges")
    context = {
        "form": form,
        "site": site,
        "sites": sites,
        "action": address(request.path, {"site": site.slug}),
    }
    return render(request, "coaching/badge_new.html", context)


@login_required
@require_POST
def badge_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Give nobody a badge any more."""
    user = signed_in(request)
    if not may_open("badges", user) or pk > MOST_ID:
        raise Http404
    sites = Site.objects.managed_by(user).values("pk")
    get_object_or_404(BadgeRule.objects.filter(site__in=sites), pk=pk)
    services.end(pk, user, timezone.now())
    messages.info(request, _("It is given to nobody any more. Who has it keeps it."))
    return redirect("badges")


@login_required
@require_POST
def badge_show(request: HttpRequest, pk: int) -> HttpResponse:
    """Have others see one of one's own, or not."""
    user = signed_in(request)
    if not may_open("badges", user) or pk > MOST_ID:
        raise Http404
    get_object_or_404(Badge.objects.filter(agent__user=user), pk=pk)
    services.show(pk, user, is_shown=request.POST.get("show") == "1")
    return redirect("badges")


def _words(rule: BadgeRule) -> str:
    """What a badge is for: "10,000 calls answered"."""
    said = {"n": count(rule.number), "percent": rule.percent, "fewest": rule.fewest}
    if rule.kind == BadgeRule.Kind.YEARS:
        return ngettext("%(n)s year in the centre", "%(n)s years in the centre", rule.number) % said
    if rule.kind == BadgeRule.Kind.CALLS:
        return ngettext("%(n)s call answered", "%(n)s calls answered", rule.number) % said
    words = ngettext(
        "%(n)s month with %(fewest)s reviews or more, each of at least %(percent)s %%",
        "%(n)s months in a row with %(fewest)s reviews or more, each of at least %(percent)s %%",
        rule.number,
    )
    return words % said


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/badges/", badges_page, name="badges"),
        path(f"{under}/badges/new/", badge_new, name="badge_new"),
        path(f"{under}/badges/rules/<int:pk>/end/", badge_end, name="badge_end"),
        path(f"{under}/badges/<int:pk>/show/", badge_show, name="badge_show"),
    ]
