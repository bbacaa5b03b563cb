"""Lists that people keep on pages: shown, filtered, exported, and a form for each row.

What is listed, and how, is declared beside: `ccm.views.structure`, `ccm.views.plans`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ccm import exported, exports, filters, tables, viewed
from ccm.database import MOST_ID
from ccm.models import AuditEntry, Site, User, Viewing
from ccm.navigation import manages, may_open
from ccm.structure.tables import ListTable
from ccm.views.failures import Misread

Words = str | Promise
Rows = QuerySet[Any]


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter of one choice: what can be chosen among the rows, and which rows a choice leaves."""

    words: Words
    among: Callable[[Rows], filters.Choices]
    left: Callable[[Rows, str], Rows]


def of_field(name: str) -> Callable[[Rows, str], Rows]:
    """The rows whose field says what was chosen."""
    return lambda rows, value: rows.filter(**{name: value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list and its pages: their names begin with `slug`, their addresses are below `place`, which
    is a part of the site (`under`).

    `of_site` is the path from a row to its site; empty: the rows are sites. `related` are the rows
    named beside each, `searched` the fields that a text is looked for in. `shown` adds what the
    table alone tells. `keep` writes the row of a valid form, which says all this, and raises
    ValidationError where that cannot be; it returns what is told instead of that it is kept, if
    there is more to tell. `beside` is what else the page of a row tells, by the
    names that `form_page` expects.

    `hanging` says in words why a row cannot be removed, `along` what goes with one that can;
    `forget` removes it, and is False where something hangs on it. `merged_under` is the kind of
    name under which two rows are merged, if there is one. `of_people`: rows tell of persons, so
    that their export is noted.
    """

    slug: str
    place: str
    under: str = "admin"
    words: Words
    new_words: Words
    model: type[Model]
    table: type[ListTable]
    header: list[Any]
    cells: Callable[[Any], Sequence[object]]
    form: Any
    keep: Callable[[HttpRequest, Any, Mapping[str, Any]], Words | None]
    of_site: str = "site"
    related: tuple[str, ...] = ("site",)
    searched: tuple[str, ...] = ("name",)
    choice: Choice | None = None
    shown: Callable[[Rows, datetime], Rows] = lambda rows, _now: rows
    beside: Callable[[HttpRequest, Any], dict[str, Any]] = lambda _request, _row: {}
    form_page: str = "ccm/list_form.html"
    # A row in a few words.
    told: Callable[[Any], object] = str
    hanging: Callable[[Any], list[str]] = lambda _row: []
    along: tuple[Words, ...] = ()
    # What holds where the list says nothing, a line each, and its heading.
    otherwise: Callable[[], list[str]] = list
    otherwise_words: Words = ""
    forget: Callable[[HttpRequest, Any], bool]
    merged_under: str = ""
    # Pages to read beside the list: their names and words.
    links: tuple[tuple[str, Words], ...] = ()
    of_people: bool = False
    # Fields of a new row that a link to its form may fill beside its site.
    begun_with: tuple[str, ...] = ()
    # Whether the reader keeps any of it, and of which sites: `managed_by` of its rows says which.
    kept_by: Callable[[Any], bool] = manages
    sites: Callable[[Any], Rows] = lambda user: Site.objects.managed_by(user)

    def url(self, page: str, *args: object) -> str:
        return reverse(f"{self.slug}_{page}", args=args)

    def urls(self) -> list[URLPattern]:
        """The addresses of the list."""
        pages: list[tuple[str, str, Callable[..., Any]]] = [
            ("", "list", list_page),
            ("export.csv", "csv", list_csv),
            ("new/", "new", new_page),
            ("<int:pk>/", "edit", edit_page),
            ("<int:pk>/remove/", "remove", remove),
        ]
        own = {"listing": self}
        return [
            path(f"{self.under}/{self.place}/{rest}", view, own, f"{self.slug}_{page}")
            for rest, page, view in pages
        ]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is asked for; empty: no matter."""

    site: str
    sites: filters.Choices
    text: str
    choice: str
    choices: filters.Choices

    @property
    def parameters(self) -> dict[str, object]:
        return {"site": self.site, "q": self.text, "only": self.choice}

    @property
    def narrows(self) -> bool:
        return bool(self.site or self.text or self.choice)


@login_required
@require_safe
def list_page(request: HttpRequest, listing: Listing) -> HttpResponse:
    reader(request, listing)
    asked = _asked(request, listing)
    table = listing.table(_found(request, listing, asked))
    keeps = listing.kept_by(request.user)
    if not keeps:
        table.read_only()
    table.empty_text = _("Nothing here fits these filters.") if asked.narrows else _("None yet")
    tables.arrange(table, request.GET)
    if table.paginator.count:
        kept = asked.parameters | {"sort": ",".join(table.order_by)}
        table.export_url = filters.address(listing.url("csv"), kept)
    words = {
        "listing": listing,
        "asked": asked,
        "table": table,
        "otherwise": listing.otherwise(),
    }
    words["links"] = [(reverse(name), said) for name, said in listing.links]
    if keeps:
        words["new_url"] = filters.address(listing.url("new"), {"site": asked.site})
    return render(request, "ccm/list.html", words)


@login_required
@require_safe
def list_csv(request: HttpRequest, listing: Listing) -> StreamingHttpResponse:
    """The same rows in the same order as the page, to keep; of people, that they were is noted."""
    user = reader(request, listing)
    asked = _asked(request, listing)
    table = listing.table(_found(request, listing, asked))
    if request.GET.get("sort"):
        table.order_by = request.GET["sort"]
    rows = table.data.data[: exports.MOST_ROWS + 1]
    if listing.of_people and request.method == "GET":
        site = Site.objects.filter(slug=asked.site).first() if asked.site else None
        narrowed = bool(asked.text or asked.choice)
        exported.listed(user, listing.model, site, narrowed, timezone.now())
    return exports.download(f"{listing.place}.csv", listing.header, map(listing.cells, rows))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_page(request: HttpRequest, listing: Listing) -> HttpResponse:
    user = keeper(request, listing)
    sent = request.POST if request.method == "POST" else None
    # By its name in links; by its number from the form, whose choice of a site it is.
    asked = request.GET.get("site", "")
    sites: dict[str, int] = {}
    for one in listing.sites(user) if asked else ():
        sites |= {one.slug: one.pk, str(one.pk): one.pk}
    form = listing.form(sent, user=user, initial=_begun(request, listing, sites.get(asked)))
    if form.is_bound and form.is_valid() and _kept(request, listing, form):
        return redirect(listing.url("list"))
    return form_page(request, listing, form, listing.new_words)


def _begun(request: HttpRequest, listing: Listing, site: int | None) -> dict[str, Any]:
    """What a form begins with: a site, and what its link says beside."""
    said = {name: request.GET[name] for name in listing.begun_with if name in request.GET}
    return {"site": site, **said}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_page(request: HttpRequest, listing: Listing, pk: int) -> HttpResponse:
    user = keeper(request, listing)
    if request.method != "POST":
        row = row_of(request, listing, pk)
        viewed.note_row(user, row, Viewing.What.RECORD, timezone.now())
        form = listing.form(user=user, instance=row)
        return form_page(request, listing, form, heading_of(listing, row), row)
    # Whoever saves the same row a moment later meets what is written here.
    with transaction.atomic():
        row = row_of(request, listing, pk, to_change=True)
        heading = heading_of(listing, row)
        form = listing.form(request.POST, user=user, instance=row)
        if form.is_valid() and _kept(request, listing, form):
            return redirect(listing.url("list"))
    return form_page(request, listing, form, heading, row)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, listing: Listing, pk: int) -> HttpResponse:
    """Ask whether a row is to go, saying what goes with it; then forget it."""
    user = keeper(request, listing)
    row = row_of(request, listing, pk)
    if request.method != "POST":
        viewed.note_row(user, row, Viewing.What.RECORD, timezone.now())
    told = str(listing.told(row))
    if request.method == "POST" and listing.forget(request, row):
        messages.info(request, _("%(name)s is removed.") % {"name": told})
        return redirect(listing.url("list"))
    merged = listing.merged_under
    words = {
        "named": told,
        "hanging": listing.hanging(row),
        "along": [one for one in (*listing.along, _made_words(row)) if one],
        "keep_url": listing.url("edit", pk),
        "merge_url": reverse("name", args=[merged, pk]) if merged else "",
    }
    return render(request, "ccm/remove.html", words)


def _made_words(row: Any) -> str:
    """What becomes of a row that a list brought; empty for any other."""
    if not getattr(row, "batch_id", None):
        return ""
    words = _("Import %(number)d brought it; the same list read again brings it back.")
    return words % {"number": row.batch_id}


def form_page(
    request: HttpRequest,
    listing: Listing,
    form: Any,
    heading: Words,
    row: Any = None,
    **more: object,
) -> HttpResponse:
    """The form of a row, or of a new one; `more` stands for what would be told beside it."""
    words = {
        "listing": listing,
        "form": form,
        "heading": heading,
        "list_url": listing.url("list"),
        "row": row,
    }
    if row is not None:
        words |= listing.beside(request, row)
        words["place"] = (
            attrgetter(listing.of_site.replace("__", "."))(row) if listing.of_site else row
        )
        words["remove_url"] = listing.url("remove", row.pk)
    return render(request, listing.form_page, words | more)


def heading_of(listing: Listing, row: Any) -> Words:
    """The name of a row that has one, else of its list."""
    name: Words = getattr(row, "name", listing.words)
    return name


def keeper(request: HttpRequest, listing: Listing) -> User:
    """Whoever asks, who may change this list. Raises Http404 for anybody else."""
    user = reader(request, listing)
    if not listing.kept_by(user):
        raise Http404
    return user


def signed_in(request: HttpRequest) -> User:
    """Whoever asks."""
    assert request.user.is_authenticated  # login_required stands before every view
    return request.user


def reader(request: HttpRequest, listing: Listing) -> User:
    """Whoever asks, who may see this list. Raises Http404 for anybody else."""
    user = signed_in(request)
    if not may_open(f"{listing.slug}_list", user):
        raise Http404
    return user


def row_of(request: HttpRequest, listing: Listing, pk: int, *, to_change: bool = False) -> Any:
    """A row that the reader may change; nobody else may until the transaction ends, where it is
    `to_change`. Raises Http404 for any other, in words of one that was theirs and is removed."""
    if pk > MOST_ID:
        raise Http404
    rows = _managed(request, listing)
    found = (rows.select_for_update(of=("self",)) if to_change else rows).filter(pk=pk).first()
    if found is None:
        if _was_removed(request, listing, pk):
            raise Misread(_("Somebody removed this since you opened the page; nothing is changed."))
        raise Http404
    return found


def _was_removed(request: HttpRequest, listing: Listing, pk: int) -> bool:
    """Whether a row of a site that the reader keeps is there no more."""
    entries = AuditEntry.objects.filter(
        model=listing.model._meta.label_lower,
        object_id=str(pk),
        action=AuditEntry.Action.REMOVED,
    )
    sites = [(one.before or {}).get("site") for one in entries[:1]]
    return bool(listing.sites(request.user).filter(pk__in=[one for one in sites if one]))


def _managed(request: HttpRequest, listing: Listing) -> Rows:
    rows: Any = listing.model._default_manager
    found: Rows = rows.managed_by(request.user).select_related(*listing.related)
    return found


def _seen(request: HttpRequest, listing: Listing) -> Rows:
    """What the reader keeps; for one who keeps nothing, what the reader may see."""
    if listing.kept_by(request.user):
        return _managed(request, listing)
    rows: Any = listing.model._default_manager
    found: Rows = rows.visible_to(request.user).select_related(*listing.related)
    return found


def _asked(request: HttpRequest, listing: Listing) -> Asked:
    wanted = request.GET
    site, choice = wanted.get("site", ""), wanted.get("only", "")
    named: filters.Choices = []
    if listing.of_site:
        user = request.user
        kept = listing.kept_by(user)
        reachable = listing.sites(user) if kept else Site.objects.visible_to(user)
        named = [(one.slug, one.name) for one in reachable]
        if site and site not in dict(named):
            raise Http404
    choices = listing.choice.among(_seen(request, listing)) if listing.choice else []
    return Asked(
        site=site if listing.of_site else "",
        sites=[("", _("All")), *named] if len(named) > 1 else [],
        text=wanted.get("q", "").strip().replace("\0", "")[:120],
        choice=choice if choice in dict(choices) else "",
        choices=[("", _("All")), *choices] if choices else [],
    )


def _found(request: HttpRequest, listing: Listing, asked: Asked) -> Rows:
    rows = _seen(request, listing)
    if asked.site:
        rows = rows.filter(**{f"{listing.of_site}__slug": asked.site})
    if asked.choice and listing.choice:
        rows = listing.choice.left(rows, asked.choice)
    if asked.text:
        has = Q()
        for field in listing.searched:
            has |= Q(**{f"{field}__icontains": asked.text})
        rows = rows.filter(has)
    return listing.shown(rows, timezone.now())


def _kept(request: HttpRequest, listing: Listing, form: Any) -> bool:
    """Keep what a valid form says; False, with the reason on the form, where it cannot be."""
    row = form.save(commit=False)
    try:
        words = listing.keep(request, row, form.cleaned_data)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    messages.info(request, str(words or _("%(name)s is kept.") % {"name": listing.told(row)}))
    return True
