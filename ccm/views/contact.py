"""When callers may be contacted, who is not to be, and where they must have agreed to be
recorded."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from ccm.access import scope_of
from ccm.contact import forms, services, tables
from ccm.models import ContactHours, DoNotCall, RecordingRegion, Site
from ccm.views.lists import Choice, Listing, Rows, keeper, of_field, signed_in


def _keep(request: HttpRequest, row: services.Row, _said: Mapping[str, Any]) -> None:
    services.keep(row, signed_in(request), timezone.now())


def _forget(request: HttpRequest, row: services.Row) -> bool:
    services.forget(row, signed_in(request), timezone.now())
    return True


def _reasons(_rows: Rows) -> list[tuple[str, str]]:
    return [(value, str(words)) for value, words in DoNotCall.Reason.choices]


HOURS = Listing(
    slug="contact_hours",
    place="contact-hours",
    words=gettext_lazy("Contact hours"),
    new_words=gettext_lazy("New contact hours"),
    model=ContactHours,
    table=tables.ContactHoursTable,
    header=tables.CONTACT_HOURS_HEADER,
    cells=tables.contact_hours_cells,
    searched=("site__name",),
    form=forms.ContactHoursForm,
    form_page="ccm/contact_hours_form.html",
    keep=_keep,
    forget=_forget,
    links=(("do_not_call_list", gettext_lazy("Do not call")),),
)

NUMBERS = Listing(
    slug="do_not_call",
    place="do-not-call",
    words=gettext_lazy("Do not call"),
    new_words=gettext_lazy("New number"),
    model=DoNotCall,
    table=tables.DoNotCallTable,
    header=tables.DO_NOT_CALL_HEADER,
    cells=tables.do_not_call_cells,
    searched=("caller_masked", "note"),
    choice=Choice(gettext_lazy("Why"), _reasons, of_field("reason")),
    form=forms.DoNotCallForm,
    keep=_keep,
    forget=_forget,
    links=(
        ("do_not_call_many", gettext_lazy("Add a list")),
        ("contact_hours_list", gettext_lazy("Contact hours")),
    ),
    of_people=True,
)

REGIONS = Listing(
    slug="recording_region",
    place="recording-consent",
    words=gettext_lazy("Consent by region"),
    new_words=gettext_lazy("New rule of a region"),
    model=RecordingRegion,
    table=tables.RecordingRegionTable,
    header=tables.RECORDING_REGION_HEADER,
    cells=tables.recording_region_cells,
    of_site="",
    related=(),
    searched=("country", "region", "why"),
    form=forms.RecordingRegionForm,
    keep=_keep,
    forget=_forget,
    kept_by=lambda user: scope_of(user).everything,
    sites=lambda _user: Site.objects.none(),
)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def many(request: HttpRequest) -> HttpResponse:
    """Put a list of numbers on a site's; what became of its lines is told."""
    user = keeper(request, NUMBERS)
    sent = request.POST if request.method == "POST" else None
    form = forms.ManyForm(sent, request.FILES or None, user=user)
    added = None
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        added = services.add_many(said["site"], said["lines"], said["reason"], user, timezone.now())
        if not added.unread:
            messages.info(request, added_words(added))
            return redirect(NUMBERS.url("list"))
    words = {"form": form, "added": added, "told": added and added_words(added)}
    return render(request, "ccm/do_not_call_many.html", words)


def added_words(added: services.Added) -> str:
    """What became of a list, in words."""
    new = ngettext("%(new)d number is added", "%(new)d numbers are added", added.new)
    return _("%(new)s; %(known)d stood on the list already, or came twice.") % {
        "new": new % {"new": added.new},
        "known": added.known,
    }


def urls() -> list[URLPattern]:
    """The addresses of the three lists."""
    return [
        path("admin/do-not-call/many/", many, name="do_not_call_many"),
        *HOURS.urls(),
        *NUMBERS.urls(),
        *REGIONS.urls(),
    ]
