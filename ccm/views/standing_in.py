"""Who stands in for whom, and reach in an emergency: asked for, seen and ended."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import CharField, Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast, Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ccm import tables
from ccm.accounts import emergency, standing_in
from ccm.accounts.forms import EmergencyForm, SubstituteForm
from ccm.accounts.tables import EmergencyTable, SubstituteTable
from ccm.database import MOST_ID
from ccm.models import AuditEntry, EmergencyReach, Substitution, User
from ccm.navigation import may_open
from ccm.views.lists import signed_in


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def substitutes_page(request: HttpRequest) -> HttpResponse:
    """Who stands in for whom at the reader's sites, and for the reader; saying who does."""
    who = _allowed(request, "substitutes")
    now = timezone.now()
    form = None
    if standing_in.absents(who).exists():
        form = SubstituteForm(request.POST if request.method == "POST" else None, user=who)
    if form and form.is_bound and form.is_valid() and (made := form.make(now)) is not None:
        words = _("%(substitute)s stands in for %(absent)s to the end of %(day)s.")
        day = date_format(made.last_on, "j M Y")
        said = {"substitute": made.substitute, "absent": made.absent, "day": day}
        messages.info(request, words % said)
        return redirect("substitutes")
    rows = Substitution.objects.visible_to(who).select_related("site", "absent", "substitute")
    table = SubstituteTable(rows, now=now)
    table.empty_text = _("Nobody stands in for anybody")
    tables.arrange(table, request.GET)
    return render(request, "ccm/substitutes.html", {"table": table, "form": form})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def substitute_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether somebody is to stand in no more, then end it."""
    who = _allowed(request, "substitutes")
    rows = Substitution.objects.visible_to(who).select_related("site", "absent", "substitute")
    row = _row(rows, pk)
    if request.method == "POST":
        standing_in.end(pk, who, timezone.now())
        messages.info(request, _("%(name)s stands in no more.") % {"name": row.substitute})
        return redirect("substitutes")
    said = {"substitute": row.substitute, "absent": row.absent, "site": row.site}
    words = {
        "named": _("%(substitute)s as substitute of %(absent)s at %(site)s") % said,
        "along": [_("%(substitute)s loses sight of what is reached by it at once.") % said],
        "keep_url": reverse("substitutes"),
    }
    return render(request, "ccm/remove.html", words)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def emergencies_page(request: HttpRequest) -> HttpResponse:
    """Reach in emergencies at the reader's sites, and the reader's own; asking for it."""
    who = _allowed(request, "emergencies")
    now = timezone.now()
    form = None
    if emergency.sites(who).exists():
        form = EmergencyForm(request.POST if request.method == "POST" else None, user=who)
        if form.is_bound and form.is_valid() and form.make(now) is not None:
            return redirect("emergencies")
    table = EmergencyTable(_with_pages(EmergencyReach.objects.visible_to(who)), now=now)
    table.empty_text = _("Nobody asked for reach in an emergency")
    tables.arrange(table, request.GET)
    return render(
        request, "ccm/emergencies.html",
        {"table": table, "form": form, "has_all": form is None and emergency.may_ask(who)},
    )  # fmt: skip


def _with_pages(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Each with `page_count`: how many pages were opened by it."""
    viewed = AuditEntry.objects.filter(
        model=emergency.MODEL, action=AuditEntry.Action.VIEWED,
        object_id=Cast(OuterRef("pk"), CharField()),
    )  # fmt: skip
    counted = viewed.order_by().values("object_id").annotate(n=Count("pk")).values("n")
    many = Coalesce(Subquery(counted, output_field=IntegerField()), 0)
    return rows.select_related("site", "user").annotate(page_count=many)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def emergency_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether a reach is to end, then end it. The banner ends one's own with a click."""
    who = _allowed(request, "emergencies")
    row = _row(EmergencyReach.objects.visible_to(who).select_related("site", "user"), pk)
    if request.method == "POST":
        emergency.end(pk, who, timezone.now())
        words = _("%(name)s reaches %(site)s no more.")
        messages.info(request, words % {"name": row.user, "site": row.site})
        return redirect("emergencies")
    words = _("the reach of %(name)s to %(site)s") % {"name": row.user, "site": row.site}
    along = [_("It ends at once. What was opened by it stays in the audit log.")]
    asked = {"named": words, "along": along, "keep_url": reverse("emergencies")}
    return render(request, "ccm/remove.html", asked)


def _allowed(request: HttpRequest, page: str) -> User:
    """Whoever asks, for whom the page is there. Raises Http404 for anybody else."""
    if not may_open(page, request.user):
        raise Http404
    return signed_in(request)


def _row(rows: QuerySet[Any], pk: int) -> Any:
    found = rows.filter(pk=pk).first() if pk <= MOST_ID else None
    if found is None:
        raise Http404
    return found
