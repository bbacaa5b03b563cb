"""Names that logs brought: the list, one name, and what a person says about it."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from ccm import filters, tables, viewed
from ccm.access import scope_of
from ccm.filters import Choices
from ccm.models import Agent, AgentAlias, Job, NameMerge, Site, User, Viewing
from ccm.naming import parting, remembered
from ccm.naming import services as naming
from ccm.naming import tables as naming_tables
from ccm.naming.forms import GiveForm, MergeForm, RenameForm
from ccm.naming.seen import Seen, seen
from ccm.naming.services import AGENTS, KINDS, QUEUES, Kind, NamingRefused
from ccm.naming.tables import GuessTable, NameTable
from ccm.naming.turns import chain_words, turns_of
from ccm.navigation import may_open
from ccm.views.in_turn import in_turn

GUESSES = "guesses"
# Only an admin changes what all sites share.
SHARED = ("topics", "dispositions")
SHOWN = {"": gettext_lazy("New"), "all": gettext_lazy("All")}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list is asked for: a kind of name or guesses, new ones or all, a site, a word."""

    kind: str
    kinds: Choices
    shown: str
    site: str
    sites: Choices
    text: str

    @property
    def shows(self) -> Choices:
        """Guesses have no more to show."""
        if self.kind == GUESSES:
            return []
        return [(value, str(words)) for value, words in SHOWN.items()]

    @property
    def narrows(self) -> bool:
        return bool(self.site or self.text)


@login_required
@require_safe
def names_page(request: HttpRequest) -> HttpResponse:
    _user(request)
    asked = _asked(request)
    table = _guesses(request, asked) if asked.kind == GUESSES else _names(request, asked)
    if asked.narrows:
        table.empty_text, table.empty_hint = _("Nothing here fits these filters."), ""
    tables.arrange(table, request.GET)
    rows = [row.record for row in table.paginated_rows]
    if isinstance(table, NameTable):
        table.seen = seen(table.kind, [row.pk for row in rows])
    return render(
        request,
        "ccm/names.html",
        {
            "asked": asked,
            "table": table,
            "fresh": [row.pk for row in rows if getattr(row, "is_new", False)],
            "moves": _moves(request),
        },
    )


@login_required
@require_safe
def name_page(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    of, named = _named(request, kind, pk)
    viewed.note_row(request.user, named, Viewing.What.RECORD, timezone.now())
    return _page(request, of, named)


@login_required
@require_POST
def names_confirm(request: HttpRequest, kind: str) -> HttpResponse:
    """Confirm all that a page of the list showed."""
    of = _kind(request, kind)
    wanted = [one for one in request.POST.getlist("id") if one.isdecimal() and len(one) < 19]
    rows = list(_managed(request, of).filter(pk__in=wanted[: tables.ROWS]))
    for row in rows:
        naming.confirm(of, row, _user(request))
    return redirect(_list_url(of))


@login_required
@require_POST
def name_confirm(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    of, named = _named(request, kind, pk)
    naming.confirm(of, named, _user(request))
    messages.info(request, _("%(name)s is confirmed.") % {"name": named.name})
    return redirect(_list_url(of))


@login_required
@require_POST
@in_turn
def name_rename(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    of, named = _named(request, kind, pk)
    form = RenameForm(request.POST, kind=of, named=named)
    if form.is_valid():
        try:
            naming.rename(of, named, form.cleaned_data["name"], _user(request))
        except NamingRefused as refusal:
            form.add_error("name", str(refusal))
        else:
            words = _("It is called %(name)s from now on.")
            messages.info(request, words % {"name": form.cleaned_data["name"]})
            return redirect("name", of.slug, named.pk)
    return _page(request, of, named, rename=form)


@login_required
@require_POST
def name_merge(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    of, named = _named(request, kind, pk)
    form = MergeForm(request.POST, others=_others(request, of, named))
    if form.is_valid():
        try:
            job = naming.merge(of, named, form.cleaned_data["keeper"], _user(request))
        except NamingRefused as refusal:
            form.add_error("keeper", str(refusal))
        else:
            _say(request, job)
            return redirect(_list_url(of))
    return _page(request, of, named, merge=form)


@login_required
@require_POST
def alias_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    alias = _alias(request, pk)
    naming.confirm_alias(alias, _user(request))
    words = {"name": alias.raw_name, "agent": alias.agent.name}
    messages.info(request, _("%(name)s is %(agent)s: confirmed.") % words)
    return redirect(filters.address(reverse("names"), {"kind": GUESSES}))


@login_required
@require_POST
def name_give(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whose one of an agent's names is: another's, a new agent's, or one's from a day on."""
    _of, agent = _named(request, AGENTS.slug, pk)
    form = GiveForm(request.POST, holder=agent)
    if form.is_valid():
        said = form.cleaned_data
        try:
            job = naming.give(
                said["alias"], said["agent"], said["since"], said["name"], _user(request)
            )
        except NamingRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            _say(request, job)
            return redirect(filters.address(reverse("names"), {"kind": AGENTS.slug}))
    return _page(request, AGENTS, agent, give=form)


@login_required
@require_POST
def alias_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget that a name was handed on."""
    alias = _alias(request, pk)
    try:
        job = naming.take_back(alias, _user(request))
    except NamingRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("name", AGENTS.slug, alias.agent_id)
    _say(request, job)
    return redirect(filters.address(reverse("names"), {"kind": AGENTS.slug}))


@login_required
@require_POST
def alias_part(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Give one name in logs of a queue or word a row of its own; an agent's is given away."""
    of = _kind(request, kind)
    if of is AGENTS:
        raise Http404
    rows = of.alias._default_manager.filter(**{f"{of.owner}__in": _managed(request, of)})
    alias: Any = get_object_or_404(rows.select_related(of.owner), pk=_key(pk))
    holder = getattr(alias, of.owner)
    try:
        job = parting.part(of, alias, _user(request))
    except NamingRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("name", of.slug, holder.pk)
    if job is None:
        words = _(
            "%(name)s is a name of its own. Calls so far stay with %(holder)s: the record does "
            "not keep the word that each came with."
        )
        messages.warning(request, words % {"name": alias.raw_name, "holder": holder.name})
    return redirect(_list_url(of))


@login_required
@require_POST
def merge_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Make two of what a merge made one."""
    _user(request)
    merge = get_object_or_404(NameMerge, pk=_key(pk))
    of, named = _named(request, merge.kind, merge.keeper)
    try:
        job = parting.take_merge_back(merge, _user(request))
    except NamingRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("name", of.slug, named.pk)
    _say(request, job)
    return redirect(_list_url(of))


@login_required
@require_safe
def names_move(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a move is; asked every second. Its end loads the page anew."""
    _user(request)
    _key(pk)
    moves = Job.objects.visible_to(request.user).filter(kind=naming.JOB)
    job = get_object_or_404(moves, pk=pk)
    if job.finished:
        return HttpResponseClientRefresh()
    return render(request, "_partials/job.html", _move(job))


@login_required
@require_POST
def names_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Take up a move that failed."""
    _user(request)
    _key(pk)
    moves = Job.objects.visible_to(request.user).filter(kind=naming.JOB)
    try:
        naming.again(get_object_or_404(moves, pk=pk))
    except NamingRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("names")


def _say(request: HttpRequest, job: Job) -> None:
    """What was said of a name, whose calls follow by a job."""
    words = _("%(what)s. Its calls follow.") % {"what": job.payload["words"]}
    messages.info(request, words)


def _user(request: HttpRequest) -> User:
    """The reader, who may change names. Raises Http404 for anybody else."""
    assert request.user.is_authenticated  # login_required stands before every view
    if not may_open("names", request.user):
        raise Http404
    return request.user


def _kind(request: HttpRequest, slug: str) -> Kind:
    """A kind of name that the reader may change."""
    user = _user(request)
    if slug not in KINDS or (slug in SHARED and not scope_of(user).everything):
        raise Http404
    return KINDS[slug]


def _managed(request: HttpRequest, kind: Kind) -> QuerySet[Any]:
    rows: Any = kind.model._default_manager
    found: QuerySet[Any] = rows.managed_by(request.user)
    return found.select_related("site") if kind.of_a_site else found


def _key(pk: int) -> int:
    if pk >= 1 << 63:
        raise Http404  # no key is so long
    return pk


def _named(request: HttpRequest, slug: str, pk: int) -> tuple[Kind, Any]:
    kind = _kind(request, slug)
    return kind, get_object_or_404(_managed(request, kind), pk=_key(pk))


def _alias(request: HttpRequest, pk: int) -> AgentAlias:
    _user(request)
    found = AgentAlias.objects.managed_by(request.user).select_related("agent__site")
    alias: AgentAlias = get_object_or_404(found, pk=_key(pk))
    return alias


def _asked(request: HttpRequest) -> Asked:
    wanted = request.GET
    everything = scope_of(_user(request)).everything
    kinds = {slug: str(kind.words) for slug, kind in KINDS.items()}
    if not everything:
        kinds = {slug: words for slug, words in kinds.items() if slug not in SHARED}
    kinds[GUESSES] = _("Guesses")
    kind = wanted.get("kind", AGENTS.slug)
    if kind not in kinds:
        raise Http404
    reachable = list(Site.objects.managed_by(request.user))
    site = wanted.get("site", "")
    if site and site not in {one.slug for one in reachable}:
        raise Http404
    several = len(reachable) > 1 and kind not in SHARED
    shown = wanted.get("shown", "")
    return Asked(
        kind=kind,
        kinds=list(kinds.items()),
        shown=shown if shown in SHOWN else "",
        site=site if several else "",
        sites=[("", _("All")), *((one.slug, one.name) for one in reachable)] if several else [],
        text=wanted.get("q", "").strip()[:120],
    )


def _names(request: HttpRequest, asked: Asked) -> NameTable:
    kind = KINDS[asked.kind]
    rows = _managed(request, kind).prefetch_related("aliases")
    if not asked.shown:
        rows = rows.filter(is_new=True)
    if asked.site:
        rows = rows.filter(site__slug=asked.site)
    if asked.text:
        rows = rows.filter(name__icontains=asked.text)
    return NameTable(rows, kind, "UTC")


def _guesses(request: HttpRequest, asked: Asked) -> GuessTable:
    rows = AgentAlias.objects.managed_by(request.user).filter(confirmed=False)
    if asked.site:
        rows = rows.filter(agent__site__slug=asked.site)
    if asked.text:
        rows = rows.filter(raw_name__icontains=asked.text)
    return GuessTable(rows.select_related("agent__site").prefetch_related("agent__aliases"))


def _others(request: HttpRequest, kind: Kind, named: Any) -> QuerySet[Any]:
    """What a name may be merged into: others of its kind, at its site."""
    rows: Any = kind.model._default_manager
    found: QuerySet[Any] = rows.managed_by(request.user).exclude(pk=named.pk)
    return found.filter(site=named.site_id) if kind.of_a_site else found


def _move(job: Job) -> dict[str, Any]:
    return {"job": job, "poll_url": reverse("names_move", args=[job.pk])}


def _moves(request: HttpRequest) -> list[dict[str, Any]]:
    """The moves under way, or failed, that the reader may know of."""
    moves = naming.under_way() | naming.failed(timezone.now())
    visible = moves.filter(pk__in=Job.objects.visible_to(request.user).values("pk"))
    return [_move(job) for job in visible.order_by("pk")]


def _page(
    request: HttpRequest,
    kind: Kind,
    named: Any,
    rename: RenameForm | None = None,
    merge: MergeForm | None = None,
    give: GiveForm | None = None,
) -> HttpResponse:
    known = seen(kind, [named.pk]).get(named.pk, Seen())
    return render(
        request,
        "ccm/name.html",
        {
            "kind": kind,
            "named": named,
            "known": known,
            "calls": naming_tables.calls_words(known),
            "zone": named.site.zone if kind.of_a_site else "UTC",
            "aliases": _aliases(kind, named),
            "becomes": remembered.becomes(kind, named),
            "merges": remembered.of(kind, named.pk),
            "give": give or (GiveForm(holder=named) if kind is AGENTS else None),
            "rename": rename or RenameForm(kind=kind, named=named),
            "merge": merge or MergeForm(others=_others(request, kind, named)),
            "list_url": _list_url(kind),
            "edit_url": _edit_url(kind, named),
        },
    )


def _list_url(kind: Kind) -> str:
    return filters.address(reverse("names"), {"kind": kind.slug})


def _aliases(kind: Kind, named: Any) -> list[dict[str, Any]]:
    """The names that logs write for it; of an agent's with its turns where it was handed on."""
    rows = kind.alias._default_manager.filter(**{kind.owner: named})
    if kind is not AGENTS:
        return [{"alias": alias} for alias in rows]
    own: list[Any] = list(rows.order_by("source", "raw_name", "valid_from"))
    every = turns_of(own)
    # One line for a name, also of which the agent had several turns.
    names = {(alias.source, alias.raw_name): alias for alias in reversed(own)}
    return [
        {
            "alias": alias,
            "state": naming_tables.alias_state(alias),
            "chain": chain_words(every[name]),
            "handed_on": [turn for turn in every[name] if turn.valid_from is not None],
        }
        for name, alias in reversed(names.items())
    ]


def _edit_url(kind: Kind, named: Any) -> str:
    if kind is AGENTS or isinstance(named, Agent):
        return reverse("agent_edit", args=[named.pk])
    return reverse("queue_edit", args=[named.pk]) if kind is QUEUES else ""
