"""The terms of work: where they are kept, the lists that they are kept in, and a site's rules."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from ccm.access import scope_of
from ccm.filters import Choices, address, of_sites
from ccm.models import Agent
from ccm.navigation import may_open, plans
from ccm.views.in_turn import in_turn
from ccm.views.lists import Choice, Listing, Rows, of_field, signed_in
from scheduling.models import (
    Availability,
    Contract,
    Pairing,
    RosterSession,
    Rotation,
    ShiftTemplate,
    SiteRules,
)
from scheduling.terms import binding, forms, reach, services, tables
from scheduling.views import work_terms

FORM_PAGE = "scheduling/terms_form.html"
_UP = (("terms", gettext_lazy("Terms of work")),)
UNDER = "rostering"


def _keep(request: HttpRequest, row: services.Kept, _said: Mapping[str, Any]) -> None:
    services.keep(row, signed_in(request), timezone.now())


def _keep_rotation(request: HttpRequest, row: Rotation, said: Mapping[str, Any]) -> None:
    services.keep_rotation(row, said["pattern"], signed_in(request), timezone.now())


def _keep_session(request: HttpRequest, row: RosterSession, said: Mapping[str, Any]) -> None:
    services.keep_session(row, said["people"], signed_in(request), timezone.now())


def _forget(request: HttpRequest, row: services.Kept) -> bool:
    return services.forget(row, signed_in(request), timezone.now())


def _kinds(_rows: Rows) -> Choices:
    return [(value, str(words)) for value, words in ShiftTemplate.KINDS]


def _session_kinds(_rows: Rows) -> Choices:
    return [(value, str(words)) for value, words in RosterSession.KINDS]


def _words(_rows: Rows) -> Choices:
    return [(value, str(words)) for value, words in Availability.Word.choices]


def _together(_rows: Rows) -> Choices:
    return [("yes", _("the same shifts")), ("no", _("never the same shift"))]


def _of_together(rows: Rows, chosen: str) -> Rows:
    return rows.filter(together=chosen == "yes")


def _bounds(_request: HttpRequest, contract: Contract) -> dict[str, Any]:
    return {"bounds": binding.bounds(contract)}


def _keeps_availability(user: Any) -> bool:
    return plans(user) or scope_of(user).agent is not None


def _never(*_asked: object) -> Any:
    raise Http404


TEMPLATES = Listing(
    slug="shift_template",
    place="shift-templates",
    under=UNDER,
    words=gettext_lazy("Shift templates"),
    new_words=gettext_lazy("New shift template"),
    model=ShiftTemplate,
    choice=Choice(gettext_lazy("Kind"), _kinds, of_field("kind")),
    table=tables.TemplateTable,
    header=tables.TEMPLATE_HEADER,
    cells=tables.template_cells,
    form=forms.TemplateForm,
    form_page=FORM_PAGE,
    keep=_keep,
    hanging=services.hanging,
    forget=_forget,
    along=(gettext_lazy("It goes. Rosters that were made with it stay as they are."),),
    links=_UP,
    kept_by=plans,
    sites=reach.planned_sites,
)
CONTRACTS = Listing(
    slug="contract",
    place="contracts",
    under=UNDER,
    words=gettext_lazy("Contracts"),
    new_words=gettext_lazy("New contract"),
    model=Contract,
    shown=tables.contracts,
    table=tables.ContractTable,
    header=tables.CONTRACT_HEADER,
    cells=tables.contract_cells,
    form=forms.ContractForm,
    beside=_bounds,
    form_page=FORM_PAGE,
    keep=_keep,
    hanging=services.hanging,
    forget=_forget,
    along=(gettext_lazy("It goes. Nobody has it, and nobody had it."),),
    links=_UP,
    kept_by=plans,
    sites=reach.planned_sites,
)
ROTATIONS = Listing(
    slug="rotation",
    place="rotations",
    under=UNDER,
    words=gettext_lazy("Rotations"),
    new_words=gettext_lazy("New rotation"),
    model=Rotation,
    shown=tables.rotations,
    table=tables.RotationTable,
    header=tables.ROTATION_HEADER,
    cells=tables.rotation_cells,
    form=forms.RotationForm,
    form_page=FORM_PAGE,
    keep=_keep_rotation,
    hanging=services.hanging,
    forget=_forget,
    along=(gettext_lazy("It goes. Nobody works by it, and nobody did."),),
    links=_UP,
    kept_by=plans,
    sites=reach.planned_sites,
)
AVAILABILITY = Listing(
    slug="availability",
    place="availability",
    under=UNDER,
    words=gettext_lazy("Availability"),
    new_words=gettext_lazy("Say when"),
    model=Availability,
    of_site="agent__site",
    related=("agent__site", "template", "said_by"),
    searched=("agent__name", "note"),
    choice=Choice(gettext_lazy("Says"), _words, of_field("word")),
    table=tables.AvailabilityTable,
    header=tables.AVAILABILITY_HEADER,
    cells=tables.availability_cells,
    told=tables.availability_words,
    form=forms.AvailabilityForm,
    form_page=FORM_PAGE,
    keep=_keep,
    forget=_forget,
    along=(gettext_lazy("It goes. Rosters that were made with it stay as they are."),),
    of_people=True,
    begun_with=("agent", "word"),
    kept_by=_keeps_availability,
    sites=reach.planned_sites,
)
PAIRINGS = Listing(
    slug="pairing",
    place="pairings",
    under=UNDER,
    words=gettext_lazy("Pairings"),
    new_words=gettext_lazy("New pairing"),
    model=Pairing,
    of_site="one__site",
    related=("one__site", "other"),
    searched=("one__name", "other__name"),
    choice=Choice(gettext_lazy("They work"), _together, _of_together),
    table=tables.PairingTable,
    header=tables.PAIRING_HEADER,
    cells=tables.pairing_cells,
    told=tables.pairing_words,
    form=forms.PairingForm,
    form_page=FORM_PAGE,
    keep=_keep,
    forget=_forget,
    along=(gettext_lazy("It goes. Rosters that were made with it stay as they are."),),
    of_people=True,
    links=_UP,
    kept_by=plans,
    sites=reach.planned_sites,
)
SESSIONS = Listing(
    slug="roster_session",
    place="sessions",
    under=UNDER,
    words=gettext_lazy("Sessions"),
    new_words=gettext_lazy("New session"),
    model=RosterSession,
    related=("site", "team"),
    choice=Choice(gettext_lazy("Kind"), _session_kinds, of_field("kind")),
    shown=tables.sessions,
    table=tables.SessionTable,
    header=tables.SESSION_HEADER,
    cells=tables.session_cells,
    form=forms.SessionForm,
    form_page=FORM_PAGE,
    keep=_keep_session,
    forget=_forget,
    along=(gettext_lazy("It goes. Rosters that were made with it stay as they are."),),
    links=_UP,
    kept_by=plans,
    sites=reach.planned_sites,
)
# Read only: what somebody works by is kept on their own page.
WORKING = Listing(
    slug="working",
    place="people",
    under=UNDER,
    words=gettext_lazy("Who works how"),
    new_words="",
    model=Agent,
    searched=("name", "employee_id"),
    shown=tables.working,
    table=tables.WorkingTable,
    header=tables.WORKING_HEADER,
    cells=tables.working_cells,
    form=None,
    keep=_never,
    forget=_never,
    of_people=True,
    links=_UP,
    kept_by=lambda _user: False,
)
LISTINGS = (TEMPLATES, CONTRACTS, ROTATIONS, AVAILABILITY, PAIRINGS, SESSIONS)


@login_required
@require_safe
def terms_page(request: HttpRequest) -> HttpResponse:
    """Where everything is kept that rosters go by."""
    if not may_open("terms", request.user):
        raise Http404
    parts = [
        (name, words, hint)
        for name, words, hint in (
            (
                "shift_template_list",
                _("Shift templates"),
                _("When shifts begin, how long they are, and their pauses."),
            ),
            (
                "contract_list",
                _("Contracts"),
                _("Hours, days and rest, and the law that holds beside them."),
            ),
            ("rotation_list", _("Rotations"), _("Patterns of shifts over several weeks.")),
            (
                "working_list",
                _("Who works how"),
                _("Each person's contract, rotation and queues, from day to day."),
            ),
            (
                "availability_list",
                _("Availability"),
                _("When people cannot, would rather not, and would like to work."),
            ),
            ("pairing_list", _("Pairings"), _("Who works with whom, and who never does.")),
            (
                "roster_session_list",
                _("Sessions"),
                _("Training, coaching and meetings that rosters find a time for."),
            ),
            (
                "roster_rules",
                _("Rules"),
                _("Nights, notice, and which rules may be broken at what cost."),
            ),
        )
        if may_open(name, request.user)
    ]
    return render(request, "scheduling/terms.html", {"parts": parts})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@in_turn
def rules_page(request: HttpRequest) -> HttpResponse:
    """The rules that a site's rosters go by."""
    if not may_open("roster_rules", request.user):
        raise Http404
    who = signed_in(request)
    sites = list(reach.planned_sites(who).order_by("name"))
    site = of_sites(request, sites)
    sent = request.POST if request.method == "POST" else None
    if sent is not None and site is None:
        raise Http404
    form = None
    if site is not None:
        kept = SiteRules.objects.filter(site=site).first()
        form = forms.RulesForm(sent, instance=kept or SiteRules(site=site))
        if form.is_bound and form.is_valid():
            try:
                services.keep(form.save(commit=False), who, timezone.now())
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                messages.info(request, _("Kept. Rosters that are made from now on go by it."))
                return redirect(address(reverse("roster_rules"), {"site": site.slug}))
    words = {"sites": sites, "site": site, "form": form}
    return render(request, "scheduling/roster_rules.html", words)


def urls() -> list[URLPattern]:
    """The addresses of every list of them, and of the pages beside."""
    read_only = {WORKING.slug + "_list", WORKING.slug + "_csv"}
    return [
        path(f"{UNDER}/terms/", terms_page, name="terms"),
        path(f"{UNDER}/rules/", rules_page, name="roster_rules"),
        *(pattern for listing in LISTINGS for pattern in listing.urls()),
        *(one for one in WORKING.urls() if one.name in read_only),
        *work_terms.urls(UNDER),
    ]
