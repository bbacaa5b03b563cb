"""Reports and recaps that go out by mail: what, when, to whom, and how it went."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ccm import work
from ccm.access import scope_of
from ccm.models import Delivery, Site, User
from ccm.navigation import may_open
from ccm.outgoing import outbox
from ccm.structure.forms import WEEKDAYS
from ccm.views.in_turn import in_turn
from kpis.mailings import letters, services
from kpis.mailings.forms import AddressForm, MailingForm
from kpis.mailings.letters import NotForReader, NotYet
from kpis.mailings.models import Mailing, MailingRun
from kpis.models import SavedReport
from kpis.reports import services as reports
from kpis.tasks import send_mailings

SHOWN = 30
"""So many runs of a mailing are shown."""


@login_required
@require_GET
def mailings(request: HttpRequest) -> HttpResponse:
    """The reader's own mailings, and those that tell the reader."""
    user = _reader(request)
    last = MailingRun.objects.order_by("mailing_id", "-day", "-pk").distinct("mailing_id")
    found = (
        Mailing.objects.visible_to(user)
        .select_related("report", "site", "owner")
        .prefetch_related(
            Prefetch("told", User.objects.order_by("username")),
            Prefetch("runs", _counted(MailingRun.objects.filter(pk__in=last.values("pk")))),
        )
    )
    everything = scope_of(user).everything
    rows = [
        {
            "mailing": one,
            "when": when_words(one),
            "own": everything or one.owner_id == user.pk,
            "told_too": user in one.told.all(),
            "run": next(iter(one.runs.all()), None),
        }
        for one in found
    ]
    words = {"rows": rows, "address": user.email, "unsent": outbox.unsent(user)}
    return render(request, "kpis/mailings.html", words)


@login_required
@require_http_methods(["GET", "POST"])
def mailing_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A saved report that the reader sees is to go out by mail."""
    user = _reader(request)
    report = get_object_or_404(SavedReport.objects.visible_to(user), pk=pk)
    sites = reports.for_reader(report, user, timezone.now()).question.sites
    # By the clock of the site that it is of; of several, of one of them.
    zone = sites[0].zone if sites else "UTC"
    return _form(request, Mailing(report=report, owner=user, zone=zone))


@login_required
@require_http_methods(["GET", "POST"])
def recap_new(request: HttpRequest) -> HttpResponse:
    """The recap of a site is to go out by mail: of the one the address names, else the first."""
    user = _reader(request)
    sites = list(Site.objects.with_own_figures_for(user))
    named = [site for site in sites if site.slug == request.GET.get("site", "")]
    if not sites:
        raise Http404
    site = (named or sites)[0]
    return _form(request, Mailing(site=site, owner=user, zone=site.zone), sites=sites)


@login_required
@require_http_methods(["GET", "POST"])
@in_turn
def mailing_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """One mailing: its form, and how its last times went."""
    one = _own(request, pk)
    found = _counted(MailingRun.objects.filter(mailing=one).prefetch_related("mails"))
    return _form(request, one, runs=found[:SHOWN])


@login_required
@require_GET
def mailing_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What a mailing would tell the reader now, in the letter that would go out."""
    found = Mailing.objects.visible_to(_reader(request)).select_related("report", "site", "owner")
    return _preview(request, get_object_or_404(found, pk=pk))


@login_required
@require_GET
def recap_preview(request: HttpRequest) -> HttpResponse:
    """What the recap of a site would tell the reader now, before anybody has it mailed."""
    user = _reader(request)
    site = get_object_or_404(
        Site.objects.with_figures_for(user), slug=request.GET.get("site", "").replace("\0", "")
    )
    weekly = request.GET.get("every") == Mailing.Every.WEEK
    every = Mailing.Every.WEEK if weekly else Mailing.Every.DAY
    return _preview(request, Mailing(site=site, owner=user, zone=site.zone, every=every))


@login_required
@require_POST
def mailing_send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send it at once."""
    one = _own(request, pk)
    if services.send_now(one, _reader(request), timezone.now()):
        work.send(send_mailings)
        messages.info(request, _("It goes out now. This page says how it went."))
    else:
        messages.info(request, _("That was asked for already."))
    return redirect("mailing_edit", pk)


@login_required
@require_POST
def mailing_leave(request: HttpRequest, pk: int) -> HttpResponse:
    """The reader is told no more."""
    user = _reader(request)
    one = get_object_or_404(Mailing.objects.visible_to(user), pk=pk)
    services.leave(one, user, timezone.now())
    messages.info(request, _("%(name)s is mailed to you no more.") % {"name": one})
    return redirect("mailings")


@login_required
@require_POST
def mailing_address(request: HttpRequest) -> HttpResponse:
    """The reader's own address, where mails go to; empty: nowhere."""
    user = _reader(request)
    form = AddressForm(request.POST, instance=user)
    if form.is_valid():
        services.keep_address(own := form.save(commit=False), timezone.now())
        kept, removed = _("Your address is kept."), _("Your address is removed.")
        messages.info(request, kept if own.email else removed)
    else:
        messages.error(request, " ".join(str(one) for one in form.errors["email"]))
    return redirect("mailings")


@login_required
@require_http_methods(["GET", "POST"])
def mailing_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks, then removes a mailing."""
    one = _own(request, pk)
    if request.method == "POST":
        services.remove(one, _reader(request), timezone.now())
        messages.info(request, _("%(name)s goes out by mail no more.") % {"name": one})
        return redirect("mailings")
    along = [_("How it went so far is forgotten.")]
    if one.report is not None:
        along.append(_("The report itself stays."))
    said = {"named": one, "along": along, "hanging": [], "keep_url": f"../../{pk}/"}
    return render(request, "ccm/remove.html", said)


def when_words(mailing: Mailing) -> str:
    """ "Each Monday at 07:00 (Europe/London)"."""
    at = {"at": f"{mailing.hour:02d}:00 ({mailing.zone})", "day": WEEKDAYS[mailing.weekday]}
    if mailing.every == Mailing.Every.WEEK:
        return _("Each %(day)s at %(at)s") % at
    if mailing.every == Mailing.Every.MONTH:
        return _("On the first of the month at %(at)s") % at
    return _("Each day at %(at)s") % at


def _form(request: HttpRequest, mailing: Mailing, runs: Any = (), sites: Any = ()) -> HttpResponse:
    user = _reader(request)
    is_new = mailing.pk is None
    first = {"told": [user.pk]} if is_new and user.email else {}
    form = MailingForm(request.POST or None, instance=mailing, user=user, initial=first)
    if request.method == "POST" and form.is_valid():
        services.keep(form.instance, form.cleaned_data["told"], user, timezone.now())
        messages.info(request, _("Kept: %(when)s.") % {"when": when_words(form.instance)})
        return redirect("mailing_edit", form.instance.pk)
    said = {
        "form": form,
        "mailing": mailing,
        "is_new": is_new,
        "sites": sites,
        "runs": runs,
        "unsent": outbox.unsent(user),
        "nobody": not form.fields["told"].queryset.exists(),  # type: ignore[attr-defined]
    }
    return render(request, "kpis/mailing.html", said)


def _preview(request: HttpRequest, mailing: Mailing) -> HttpResponse:
    letter, why = None, ""
    try:
        letter = letters.of(mailing, _reader(request), 1, timezone.now())
    except (NotForReader, NotYet) as trouble:
        why = str(trouble)
    said = {"mailing": mailing, "letter": letter, "why": why}
    return render(request, "kpis/mailing_preview.html", said)


def _counted(runs: Any) -> Any:
    """Runs with how many mails they had, how many arrived, and how many were given up."""
    return runs.annotate(
        mail_count=Count("mails"),
        sent_count=Count("mails", filter=Q(mails__state=Delivery.State.SENT)),
        refused_count=Count("mails", filter=Q(mails__state=Delivery.State.FAILED)),
    )


def _reader(request: HttpRequest) -> User:
    """Whoever asks; 404 for who sees no site's figures."""
    if not may_open("reports", request.user) or not isinstance(request.user, User):
        raise Http404
    return request.user


def _own(request: HttpRequest, pk: int) -> Mailing:
    found = Mailing.objects.owned_by(_reader(request)).select_related("report", "site", "owner")
    one: Mailing = get_object_or_404(found, pk=pk)
    return one
