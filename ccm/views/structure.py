"""The lists of sites, queues, teams and agents, and who was in which team, and led it, when."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from ccm import dirty, viewed
from ccm.filters import Choices
from ccm.models import Agent, Queue, Site, Team, TeamLead, TeamMembership, User, Viewing
from ccm.naming.services import NamingRefused
from ccm.structure import noted, services, tables
from ccm.structure.forms import AgentForm, LeadForm, QueueForm, SiteForm, StayForm, TeamForm
from ccm.structure.hanging import hanging_on
from ccm.views.lists import Choice, Listing, Rows, form_page, heading_of, keeper, row_of, signed_in

FORM_PAGE = "ccm/structure_form.html"
NEWEST_FIRST = F("starts_on").desc(nulls_last=True)


@contextmanager
def _beside_the_name() -> Iterator[None]:
    """Have the refusal of a name be said beside its field."""
    try:
        yield
    except NamingRefused as refusal:
        raise ValidationError({"name": str(refusal)}) from refusal


def _keep_site(request: HttpRequest, site: Site, _said: Mapping[str, Any]) -> None:
    user, now = keeper(request, SITES), timezone.now()
    with _beside_the_name(), noted.kept(user, site, now):
        try:
            moved = services.save_site(site, now, user)
        except services.StructureRefused as refusal:
            raise ValidationError({"zone": str(refusal)}) from refusal
    if moved:
        words = ngettext(
            "Its days are those of %(zone)s now: %(days)d day is being counted anew. The site's"
            " page shows how far that is.",
            "Its days are those of %(zone)s now: %(days)d days are being counted anew. The site's"
            " page shows how far that is.",
            moved,
        )
        messages.warning(request, words % {"zone": site.days_words, "days": moved})


def _keep_named(request: HttpRequest, named: Queue | Agent, _said: Mapping[str, Any]) -> None:
    with _beside_the_name(), noted.kept(signed_in(request), named, timezone.now()):
        try:
            services.save_named(named)
        except services.StructureRefused as refusal:
            raise ValidationError({"employee_id": str(refusal)}) from refusal


def _keep_team(request: HttpRequest, team: Team, _said: Mapping[str, Any]) -> None:
    with _beside_the_name(), noted.kept(signed_in(request), team, timezone.now()):
        services.save_team(team)


@transaction.atomic
def _forget(request: HttpRequest, row: Site | Queue | Team | Agent) -> bool:
    values = noted.values(row)
    is_gone = services.forget(row)
    if is_gone:
        noted.removed(signed_in(request), row, values, timezone.now())
    return is_gone


def _here_or_left(_rows: Rows) -> Choices:
    return [("here", _("Here")), ("left", _("Left"))]


def _who(rows: Rows, chosen: str) -> Rows:
    there = tables.here(timezone.now())
    return rows.filter(there if chosen == "here" else ~there)


def _told(spell: TeamMembership | TeamLead, named: Team | User) -> tuple[Any, Any, str]:
    """A spell, what it names, and its days in words."""
    return spell, named, tables.spell_words(spell.starts_on, spell.ends_on)


def _counting(_request: HttpRequest, site: Site) -> dict[str, Any]:
    return {"anew": dirty.notice(site, dirty.waiting([site]).get(site.pk, 0))}


def _stays(_request: HttpRequest, agent: Agent) -> dict[str, Any]:
    stays = TeamMembership.objects.filter(agent=agent).select_related("team")
    return {
        "spells": [_told(one, one.team) for one in stays.order_by(NEWEST_FIRST)],
        "spell_form": StayForm(agent=agent),
    }


def _leads(request: HttpRequest, team: Team) -> dict[str, Any]:
    leads = TeamLead.objects.filter(team=team).select_related("supervisor")
    there = Agent.objects.in_teams([(team.pk, team.site.calendar)], timezone.now())
    return {
        "spells": [_told(one, one.supervisor) for one in leads.order_by(NEWEST_FIRST)],
        "spell_form": LeadForm(user=keeper(request, TEAMS), team=team),
        "members": list(there.order_by("name")),
    }


SITES = Listing(
    slug="site",
    place="sites",
    words=gettext_lazy("Sites"),
    new_words=gettext_lazy("New site"),
    model=Site,
    of_site="",
    related=(),
    shown=tables.sites,
    table=tables.SiteTable,
    header=tables.SITE_HEADER,
    cells=tables.site_cells,
    form=SiteForm,
    keep=_keep_site,
    beside=_counting,
    form_page=FORM_PAGE,
    hanging=hanging_on,
    forget=_forget,
    along=(
        gettext_lazy("It goes, with its opening hours."),
        gettext_lazy("Its wallboards, links and chosen definitions go with it."),
    ),
)
QUEUES = Listing(
    slug="queue",
    place="queues",
    words=gettext_lazy("Queue settings"),
    new_words=gettext_lazy("New queue"),
    model=Queue,
    table=tables.QueueTable,
    header=tables.QUEUE_HEADER,
    cells=tables.queue_cells,
    form=QueueForm,
    keep=_keep_named,
    form_page=FORM_PAGE,
    hanging=hanging_on,
    forget=_forget,
    along=(
        gettext_lazy("It goes, with its opening hours and the names that logs have for it."),
        gettext_lazy("A log that names it makes it anew."),
    ),
    merged_under="queues",
)
TEAMS = Listing(
    slug="team",
    of_people=True,
    place="teams",
    words=gettext_lazy("Teams"),
    new_words=gettext_lazy("New team"),
    model=Team,
    shown=lambda rows, now: rows.as_of(now),  # type: ignore[attr-defined]
    table=tables.TeamTable,
    header=tables.TEAM_HEADER,
    cells=tables.team_cells,
    form=TeamForm,
    keep=_keep_team,
    beside=_leads,
    form_page=FORM_PAGE,
    hanging=hanging_on,
    forget=_forget,
    along=(gettext_lazy("It goes. Nobody is in it, and nobody leads it."),),
)
AGENTS = Listing(
    slug="agent",
    of_people=True,
    place="agents",
    words=gettext_lazy("People"),
    new_words=gettext_lazy("New agent"),
    model=Agent,
    related=("site", "user"),
    searched=("name", "employee_id"),
    choice=Choice(gettext_lazy("Who"), _here_or_left, _who),
    shown=lambda rows, now: rows.with_team(now),  # type: ignore[attr-defined]
    table=tables.AgentTable,
    header=tables.AGENT_HEADER,
    cells=tables.agent_cells,
    form=AgentForm,
    keep=_keep_named,
    beside=_stays,
    form_page=FORM_PAGE,
    hanging=hanging_on,
    forget=_forget,
    along=(
        gettext_lazy("The person goes, with the names that logs have for them."),
        gettext_lazy("Their login stays. A log that names them makes them anew."),
    ),
    merged_under="agents",
)
LISTINGS = (SITES, QUEUES, TEAMS, AGENTS)


@login_required
@require_POST
def agent_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an agent in a team from a day on."""
    user = keeper(request, AGENTS)
    agent = row_of(request, AGENTS, pk)
    form = StayForm(request.POST, agent=agent)

    def move(agent: Agent, team: Team | None, since: date) -> date | None:
        noted.moved(user, agent, team, since, timezone.now())
        return services.move_to_team(agent, team, since)

    return _begun(request, AGENTS, agent, form, move)


@login_required
@require_POST
def team_lead(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a team led by somebody from a day on."""
    user = keeper(request, TEAMS)
    team = row_of(request, TEAMS, pk)
    form = LeadForm(request.POST, user=user, team=team)

    def lead(team: Team, supervisor: User | None, since: date) -> date | None:
        noted.led(user, team, supervisor, since, timezone.now())
        return services.lead_team(team, supervisor, since)

    return _begun(request, TEAMS, team, form, lead)


def _begun(
    request: HttpRequest,
    listing: Listing,
    row: Any,
    form: StayForm | LeadForm,
    begin: Callable[[Any, Any, date], date | None],
) -> HttpResponse:
    """Begin what the form says: of its two fields the first tells what, the second since when."""
    if form.is_valid():
        try:
            value, since = (form.cleaned_data[name] for name in form.fields)
            with transaction.atomic():
                end = begin(row, value, since)
        except services.StructureRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.info(request, _begun_words(row, value, since, end))
            return redirect(listing.url("edit", row.pk))
    own = listing.form(user=request.user, instance=row)
    return form_page(request, listing, own, heading_of(listing, row), row, spell_form=form)


def _begun_words(row: Any, value: Any, since: date, end: date | None) -> str:
    """What is so from a day on, or until another: who is in which team, or who leads it."""
    if isinstance(row, Team):
        words = (
            _("%(supervisor)s leads %(name)s from %(days)s.")
            if value
            else _("Nobody leads %(name)s from %(days)s.")
        )
    else:
        words = (
            _("%(name)s is in %(team)s from %(days)s.")
            if value
            else _("%(name)s is in no team from %(days)s.")
        )
    days = date_format(since, "j M Y")
    if end is not None:
        told = {"start": days, "end": date_format(end, "j M Y")}
        days = _("%(start)s until before %(end)s") % told
    return words % {"name": row, "team": value, "supervisor": value, "days": days}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def stay_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether one stay of an agent in a team is to go, then forget it."""
    keeper(request, AGENTS)
    reachable = Agent.objects.managed_by(request.user)
    stay = get_object_or_404(TeamMembership, pk=pk, agent__in=reachable)
    if request.method != "POST":
        viewed.note_row(signed_in(request), stay, Viewing.What.RECORD, timezone.now())
    named = _("%(name)s in %(team)s") % {"name": stay.agent, "team": stay.team}
    words = _("%(name)s is no longer in %(team)s for that time; the time before stays as it is.")
    names = {"name": stay.agent, "team": stay.team}
    return _spell_removed(request, AGENTS, stay, stay.agent_id, named, words % names)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def lead_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether one time of a supervisor with a team is to go, then forget it."""
    keeper(request, TEAMS)
    lead = get_object_or_404(TeamLead, pk=pk, team__in=Team.objects.managed_by(request.user))
    names = {"supervisor": lead.supervisor, "team": lead.team}
    named = _("%(supervisor)s as supervisor of %(team)s") % names
    words = _(
        "%(supervisor)s no longer leads %(team)s for that time. The time before stays as it is: "
        "say who leads the team since, or nobody does."
    )
    return _spell_removed(request, TEAMS, lead, lead.team_id, named, words % names)


def _spell_removed(
    request: HttpRequest,
    listing: Listing,
    spell: TeamMembership | TeamLead,
    owner: int,
    named: str,
    words: str,
) -> HttpResponse:
    """The page that asks whether a spell is to go; once it is sent, that of who it was of."""
    keep_url = listing.url("edit", owner)
    if request.method == "POST":
        with transaction.atomic():
            noted.removed(signed_in(request), spell, noted.values(spell), timezone.now())
            spell.delete()
        messages.warning(request, words)
        return redirect(keep_url)
    along = [
        tables.spell_words(spell.starts_on, spell.ends_on),
        words,
        _("Figures of those days count them elsewhere from then on."),
    ]
    return render(
        request, "ccm/remove.html", {"named": named, "along": along, "keep_url": keep_url}
    )


def urls() -> list[URLPattern]:
    """The addresses of every list, and of what hangs on its rows."""
    return [
        *(pattern for listing in LISTINGS for pattern in listing.urls()),
        path("admin/agents/<int:pk>/team/", agent_move, name="agent_move"),
        path("admin/stays/<int:pk>/remove/", stay_remove, name="stay_remove"),
        path("admin/teams/<int:pk>/lead/", team_lead, name="team_lead"),
        path("admin/leads/<int:pk>/remove/", lead_remove, name="lead_remove"),
    ]
