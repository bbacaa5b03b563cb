"""Certificates: who has which until when, and the kinds that there are."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ccm import exported, exports, filters, tables
from ccm.database import MOST_ID
from ccm.filters import about, address
from ccm.models import Site
from ccm.navigation import may_open
from ccm.views.in_turn import in_turn
from ccm.views.lists import signed_in
from coaching.certificates import listed, reads, services
from coaching.certificates.forms import KindForm, WithdrawForm
from coaching.courses.reads import sites_written
from coaching.models import Certificate, CertificateKind


@login_required
@require_safe
def certificates(request: HttpRequest) -> HttpResponse:
    """Whose end is near first; the register by its filters."""
    user, now = signed_in(request), timezone.now()
    sites, chosen = _sites(request)
    state, kind = _state(request), _kind(request)
    kept = frozenset(sites_written(user).values_list("pk", flat=True))
    table = listed.CertificateTable(
        reads.register(user, chosen, now, state=state, kind=kind), kept=kept,
        exclude=() if len(sites) > 1 else ("site",),
    )  # fmt: skip
    tables.arrange(table, request.GET)
    site = request.GET.get("site", "")
    said = {"site": site, "state": state, "kind": kind, "sort": ",".join(table.order_by)}
    table.export_url = address(reverse("certificates_csv"), said)
    context = {
        "table": table, "sites": sites, "site": site, "state": state, "kind": kind,
        "states": _states(), "kinds": list(reads.kinds(chosen)), "keeps": bool(kept),
    }  # fmt: skip
    return render(request, "coaching/certificates.html", context)


@login_required
@require_safe
def certificates_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same rows in the same order; that they were taken along is noted."""
    user, now = signed_in(request), timezone.now()
    _all, chosen = _sites(request)
    state, kind = _state(request), _kind(request)
    rows = reads.register(user, chosen, now, state=state, kind=kind)
    table = listed.CertificateTable(rows, kept=frozenset())
    if request.GET.get("sort"):
        table.order_by = request.GET["sort"]
    if request.method == "GET":
        site = chosen[0] if request.GET.get("site") else None
        exported.listed(user, Certificate, site, state != "all" or kind is not None, now)
    return exports.download("certificates.csv", listed.HEADER, listed.lines(table.data.data))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def certificate_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a certificate hold no more, with why."""
    user = signed_in(request)
    if not may_open("certificates", user) or pk > MOST_ID:
        raise Http404
    rows = Certificate.objects.current().select_related("kind__site", "user")
    one = get_object_or_404(rows, pk=pk)
    if not reads.keeps(user, one.kind.site_id) or one.user_id == user.pk:
        raise Http404
    about(request, one.kind.site)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            services.withdraw(pk, form.cleaned_data["why"], user, timezone.now())
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.info(request, _("It is withdrawn."))
            return redirect("certificates")
    return render(request, "coaching/certificate_withdraw.html", {"one": one, "form": form})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def certificate_kinds(request: HttpRequest) -> HttpResponse:
    """The kinds of own sites, and a new one."""
    user, now = signed_in(request), timezone.now()
    sites = list(sites_written(user)) if may_open("certificates", user) else []
    if not sites:
        raise Http404
    form = KindForm(sites, request.POST if request.method == "POST" else None)
    if _is_kept(request, form, None):
        return redirect("certificate_kinds")
    kinds = CertificateKind.objects.kept_by(user).select_related("site").order_by("name", "pk")
    context = {"form": form, "kinds": kinds, "sites": sites, "now": now}
    return render(request, "coaching/certificate_kinds.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@in_turn
def certificate_kind(request: HttpRequest, pk: int) -> HttpResponse:
    """A kind as it is changed: what was given stays as it is."""
    user = signed_in(request)
    if not may_open("certificates", user) or pk > MOST_ID:
        raise Http404
    rows = CertificateKind.objects.kept_by(user).select_related("site")
    kind = get_object_or_404(rows, pk=pk)
    about(request, kind.site)
    form = KindForm([], request.POST if request.method == "POST" else None, kind=kind)
    if _is_kept(request, form, kind):
        return redirect("certificate_kinds")
    return render(request, "coaching/certificate_kind.html", {"form": form, "kind": kind})


def _is_kept(request: HttpRequest, form: KindForm, kind: CertificateKind | None) -> bool:
    if not form.is_bound or not form.is_valid():
        return False
    user, now = signed_in(request), timezone.now()
    try:
        services.keep_kind(kind, form.chosen, form.cleaned_data, user, now)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    messages.info(request, _("It is kept."))
    return True


def _sites(request: HttpRequest) -> tuple[list[Site], list[Site]]:
    """The sites of the reader, and those chosen."""
    if not may_open("certificates", request.user):
        raise Http404
    sites = list(reads.sites(request.user))
    slug = request.GET.get("site", "")
    if not slug:
        return sites, sites
    chosen = [one for one in sites if one.slug == slug]
    if not chosen:
        raise Http404
    filters.of_sites(request, sites)
    return sites, chosen


def _state(request: HttpRequest) -> str:
    state = request.GET.get("state", "near")
    return state if state in reads.STATES else "near"


def _kind(request: HttpRequest) -> int | None:
    word = request.GET.get("kind", "")
    return int(word) if word.isascii() and word.isdecimal() and len(word) < 19 else None


def _states() -> list[tuple[str, str]]:
    return [
        ("near", _("ends soon or expired")), ("valid", _("valid")), ("over", _("expired")),
        ("withdrawn", _("withdrawn")), ("all", _("all")),
    ]  # fmt: skip


def urls(under: str) -> list[URLPattern]:
    one = f"{under}/certificates"
    return [
        path(f"{one}/", certificates, name="certificates"),
        path(f"{one}/export.csv", certificates_csv, name="certificates_csv"),
        path(f"{one}/<int:pk>/withdraw/", certificate_withdraw, name="certificate_withdraw"),
        path(f"{one}/kinds/", certificate_kinds, name="certificate_kinds"),
        path(f"{one}/kinds/<int:pk>/", certificate_kind, name="certificate_kind"),
    ]
