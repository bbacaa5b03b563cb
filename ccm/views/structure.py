"""Sites, queues, teams and agents: lists, what they hold as CSV, and their forms."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm import exports, filters, tables
from ccm.forms import zones
from ccm.models import Agent, Queue, Site, Team, TeamMembership, User
from ccm.naming.services import NamingRefused
from ccm.navigation import may_open
from ccm.structure import services as structure
from ccm.structure import tables as structure_tables
from ccm.structure.forms import AgentForm, QueueForm, SiteForm, StayForm, TeamForm
from ccm.structure.services import StructureRefused

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the structure: its page's name, its words, its rows, its table and its form."""

    slug: str
    words: Words
    new_words: Words
    model: type[Model]
    rows: Callable[[Any, datetime], QuerySet[Any]]
    table: type[structure_tables.StructureTable]
    header: list[Any]
    cells: structure_tables.Cells
    form: Any

    def url(self, page: str, *args: object) -> str:
        return reverse(f"{self.slug}_{page}", args=args)


SITES = Part(
    "site", gettext_lazy("Sites"), gettext_lazy("New site"), Site, structure_tables.sites,
    structure_tables.SiteTable, structure_tables.SITE_HEADER, structure_tables.site_cells, SiteForm,
)  # fmt: skip
QUEUES = Part(
    "queue", gettext_lazy("Queue settings"), gettext_lazy("New queue"), Queue,
    structure_tables.queues, structure_tables.QueueTable, structure_tables.QUEUE_HEADER,
    structure_tables.queue_cells, QueueForm,
)  # fmt: skip
TEAMS = Part(
    "team", gettext_lazy("Teams"), gettext_lazy("New team"), Team, structure_tables.teams,
    structure_tables.TeamTable, structure_tables.TEAM_HEADER, structure_tables.team_cells, TeamForm,
)  # fmt: skip
AGENTS = Part(
    "agent", gettext_lazy("People"), gettext_lazy("New agent"), Agent, structure_tables.agents,
    structure_tables.AgentTable, structure_tables.AGENT_HEADER, structure_tables.agent_cells,
    AgentForm,
)  # fmt: skip
PARTS = (SITES, QUEUES, TEAMS, AGENTS)
WHO = {"": gettext_lazy("All"), "here": gettext_lazy("Here"), "left": gettext_lazy("Left")}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is asked for; empty: no matter."""

    site: str
    sites: filters.Choices
    text: str
    who: str
    whos: filters.Choices

    @property
    def parameters(self) -> dict[str, object]:
        return {"site": self.site, "q": self.text, "who": self.who}

    @property
    def narrows(self) -> bool:
        return bool(self.site or self.text or self.who)


@login_required
@require_safe
def list_page(request: HttpRequest, part: Part) -> HttpResponse:
    _user(request, part)
    now = timezone.now()
    asked = _asked(request, part)
    table = part.table(_found(request, part, asked, now))
    table.empty_text = _("Nothing here fits these filters.") if asked.narrows else _("None yet")
    tables.arrange(table, request.GET)
    if table.paginator.count:
        kept = asked.parameters | {"sort": ",".join(table.order_by)}
        table.export_url = filters.address(part.url("csv"), kept)
    return render(
        request,
        "ccm/structure.html",
        {"part": part, "asked": asked, "table": table, "new_url": part.url("new")},
    )


@login_required
@require_safe
def list_csv(request: HttpRequest, part: Part) -> StreamingHttpResponse:
    """The same rows in the same order as the page, to keep."""
    _user(request, part)
    table = part.table(_found(request, part, _asked(request, part), timezone.now()))
    if request.GET.get("sort"):
        table.order_by = request.GET["sort"]
    rows = table.data.data[: exports.MOST_ROWS + 1]
    return exports.download(f"{part.slug}s.csv", part.header, map(part.cells, rows))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_page(request: HttpRequest, part: Part) -> HttpResponse:
    user = _user(request, part)
    form = part.form(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid() and _saved(request, form):
        return redirect(part.url("list"))
    return render(request, "ccm/structure_form.html", _words(part, form, part.new_words))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_page(request: HttpRequest, part: Part, pk: int) -> HttpResponse:
    user = _user(request, part)
    row = _row(request, part, pk)
    heading = str(row)
    form = part.form(request.POST if request.method == "POST" else None, user=user, instance=row)
    if request.method == "POST" and form.is_valid() and _saved(request, form):
        return redirect(part.url("list"))
    words = _words(part, form, heading) | {"row": row}
    if part is AGENTS:
        words |= _stays(row, StayForm(agent=row))
    elif part is TEAMS:
        words["members"] = _members(row)
    return render(request, "ccm/structure_form.html", words)


@login_required
@require_POST
def agent_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an agent in a team from a day on."""
    user = _user(request, AGENTS)
    agent = _row(request, AGENTS, pk)
    form = StayForm(request.POST, agent=agent)
    if form.is_valid():
        try:
            structure.move_to_team(agent, form.cleaned_data["team"], form.cleaned_data["since"])
        except StructureRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(AGENTS.url("edit", agent.pk))
    words = _words(AGENTS, AgentForm(user=user, instance=agent), str(agent)) | {"row": agent}
    return render(request, "ccm/structure_form.html", words | _stays(agent, form))


@login_required
@require_POST
def stay_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget one stay of an agent in a team."""
    _user(request, AGENTS)
    reachable = TeamMembership.objects.filter(agent__in=Agent.objects.managed_by(request.user))
    stay = get_object_or_404(reachable, pk=pk)
    stay.delete()
    return redirect(AGENTS.url("edit", stay.agent_id))


def _user(request: HttpRequest, part: Part) -> User:
    """The reader, who may change this part. Raises Http404 for anybody else."""
    assert request.user.is_authenticated  # login_required stands before every view
    if not may_open(f"{part.slug}_list", request.user):
        raise Http404
    return request.user


def _managed(request: HttpRequest, part: Part) -> QuerySet[Any]:
    rows: Any = part.model._default_manager
    found: QuerySet[Any] = rows.managed_by(request.user)
    return found if part is SITES else found.select_related("site")


def _row(request: HttpRequest, part: Part, pk: int) -> Any:
    if pk >= 1 << 63:
        raise Http404  # no key is so long
    return get_object_or_404(_managed(request, part), pk=pk)


def _asked(request: HttpRequest, part: Part) -> Asked:
    wanted = request.GET
    sites: filters.Choices = []
    site = ""
    if part is not SITES:
        reachable = list(Site.objects.managed_by(request.user))
        site = wanted.get("site", "")
        if site and site not in {one.slug for one in reachable}:
            raise Http404
        if len(reachable) > 1:
            sites = [("", _("All")), *((one.slug, one.name) for one in reachable)]
    who = wanted.get("who", "") if part is AGENTS else ""
    return Asked(
        site=site,
        sites=sites,
        text=wanted.get("q", "").strip()[:120],
        who=who if who in WHO else "",
        whos=[(value, str(words)) for value, words in WHO.items()] if part is AGENTS else [],
    )


def _found(request: HttpRequest, part: Part, asked: Asked, now: datetime) -> QuerySet[Any]:
    rows = _managed(request, part)
    if asked.site:
        rows = rows.filter(site__slug=asked.site)
    if asked.text:
        rows = rows.filter(name__icontains=asked.text)
    if asked.who:
        there = structure_tables.here(now)
        rows = rows.filter(there if asked.who == "here" else ~there)
    return part.rows(rows, now)


def _saved(request: HttpRequest, form: Any) -> bool:
    """Keep what a valid form says; False, with the reason on the form, where it cannot be."""
    assert request.user.is_authenticated  # login_required stands before every view
    row = form.save(commit=False)
    try:
        if isinstance(row, Site):
            moved = structure.save_site(row, request.user)
            if moved:
                words = ngettext(
                    "The zone is %(zone)s now: %(days)d day is being counted anew.",
                    "The zone is %(zone)s now: %(days)d days are being counted anew.",
                    moved,
                )
                messages.warning(request, words % {"zone": row.zone, "days": moved})
        elif isinstance(row, Queue | Agent):
            structure.save_named(row)
        else:
            row.save()
    except NamingRefused as refusal:
        form.add_error("name", str(refusal))
        return False
    messages.info(request, _("%(name)s is kept.") % {"name": row.name})
    return True


def _words(part: Part, form: Any, heading: Words) -> dict[str, Any]:
    return {
        "part": part,
        "form": form,
        "heading": heading,
        "list_url": part.url("list"),
        "zones": zones() if part is SITES else [],
    }


def _stays(agent: Agent, form: StayForm) -> dict[str, Any]:
    stays = TeamMembership.objects.filter(agent=agent).select_related("team")
    return {"stays": list(stays.order_by("-starts_on")), "stay_form": form}


def _members(team: Team) -> list[Agent]:
    there = Agent.objects.in_teams([(team.pk, team.site.zone)], timezone.now())
    return list(there.order_by("name"))


def urls() -> list[URLPattern]:
    """The addresses of every part."""
    own = [
        pattern
        for part in PARTS
        for pattern in (
            path(f"admin/{part.slug}s/", list_page, {"part": part}, f"{part.slug}_list"),
            path(f"admin/{part.slug}s/export.csv", list_csv, {"part": part}, f"{part.slug}_csv"),
            path(f"admin/{part.slug}s/new/", new_page, {"part": part}, f"{part.slug}_new"),
            path(f"admin/{part.slug}s/<int:pk>/", edit_page, {"part": part}, f"{part.slug}_edit"),
        )
    ]
    return [
        *own,
        path("admin/agents/<int:pk>/team/", agent_move, name="agent_move"),
        path("admin/stays/<int:pk>/remove/", stay_remove, name="stay_remove"),
    ]
