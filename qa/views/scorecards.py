"""Scorecards: the list, a card and its versions, a new one; how a version would score."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm import exports, filters, tables
from ccm.access import Scope, scope_of
from ccm.models import Site
from ccm.navigation import may_open
from ccm.views.in_turn import in_turn
from ccm.views.lists import signed_in
from qa import access
from qa.cards import document, files, reads, services, starters
from qa.cards import tables as of_cards
from qa.cards.forms import COPY, EMPTY, FILE, NameForm, NewForm, PlacedForm
from qa.models import CardVersion, Scorecard
from qa.views import scorecard_drafts
from qa.views.scorecard_reach import (
    kept,
    seen,
    shown_version,
    told_differences,
    version_of,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list is asked for; empty: no matter."""

    site: str
    sites: filters.Choices
    text: str
    only: str
    choices: filters.Choices

    @property
    def parameters(self) -> dict[str, object]:
        return {"site": self.site, "q": self.text, "only": self.only}

    @property
    def narrows(self) -> bool:
        return bool(self.site or self.text or self.only)


@login_required
@require_safe
def scorecards_page(request: HttpRequest) -> HttpResponse:
    asked = _asked(request)
    table = of_cards.CardTable(_found(request, asked))
    table.empty_text = (
        _("Nothing here fits these filters.") if asked.narrows else _("There is no scorecard yet")
    )
    keeps = access.keeps(_scope(request))
    if keeps and not asked.narrows:
        table.empty_hint = _("Begin with one of the starter set, and make it yours.")
    tables.arrange(table, request.GET)
    if table.paginator.count:
        kept = asked.parameters | {"sort": ",".join(table.order_by or ())}
        table.export_url = filters.address(reverse("scorecards_csv"), kept)
    context = {"table": table, "asked": asked, "keeps": keeps}
    return render(request, "qa/scorecards.html", context)


@login_required
@require_safe
def scorecards_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same rows in the same order as the page, to keep."""
    table = of_cards.CardTable(_found(request, _asked(request)))
    if request.GET.get("sort"):
        table.order_by = request.GET["sort"]
    rows = table.data.data[: exports.MOST_ROWS + 1]
    return exports.download("scorecards.csv", of_cards.HEADER, map(of_cards.cells, rows))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scorecard_new(request: HttpRequest) -> HttpResponse:
    """A new scorecard: empty, of the starter set, from a file, or like another."""
    user, scope = signed_in(request), _scope(request)
    if not access.keeps(scope):
        raise Http404
    posted = request.method == "POST"
    sites = access.sites_kept(user)
    opened = filters.of_open_sites(request, sites, timezone.now())
    asked = request.GET.get("copy", "")
    form = NewForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        sites=sites,
        cards=Scorecard.objects.visible_to(user).order_by("name", "pk"),
        of_all=scope.everything,
        initial=_begun(asked, request.GET.get("begin", "")) | {"site": opened},
    )
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            made = services.make(
                said["name"], said["site"], said["about"], said["form"], user, timezone.now()
            )
        except ValidationError as refusal:
            form.add_error("name", refusal.messages[0])
        else:
            return redirect("scorecard_draft", pk=made.pk)
    context = {"form": form, "starters": starters.STARTERS, "ways": (EMPTY, FILE, COPY)}
    return render(request, "qa/scorecard_new.html", context)


def _begun(copied: str, begin: str) -> dict[str, Any]:
    if copied.isascii() and copied.isdecimal() and len(copied) < 19:
        return {"begin": COPY, "copied": int(copied)}
    return {"begin": begin or EMPTY}


@login_required
@require_safe
def scorecard_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A card as it is used, and its versions."""
    card = seen(request, pk)
    user = signed_in(request)
    keeps = access.keeps_at(user, card.site_id)
    versions = reads.versions_of(card, user)
    used = next((one.version for one in versions if not one.version.is_draft), None)
    context = {
        "card": card,
        "versions": versions,
        "used": used,
        "draft": next((one.version for one in versions if one.version.is_draft), None),
        "reviews": sum(one.reviews for one in versions),
        "waiting": sum(one.waiting for one in versions),
        "published": sum(1 for one in versions if not one.version.is_draft),
        "keeps": keeps,
        "zone": card.zone,
    }
    if used is not None:
        context |= shown_version(used, {}, document.read(used.form))
    return render(request, "qa/scorecard.html", context)


@login_required
@require_safe
def scorecard_version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A version as reviewers see it."""
    card = seen(request, pk)
    version = version_of(request, card, number)
    return render(request, "qa/scorecard_version.html", _of_version(card, version, {}))


@login_required
@require_POST
def scorecard_try(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """What answers would score. Nothing of it is kept."""
    card = seen(request, pk)
    version = version_of(request, card, number)
    context = _of_version(card, version, request.POST)
    partial = "HX-Request" in request.headers
    name = "qa/_scorecard_answers.html" if partial else "qa/scorecard_version.html"
    answer = render(request, name, context)
    answer["Vary"] = "HX-Request"
    return answer


@login_required
@require_safe
def scorecard_compare(request: HttpRequest, pk: int) -> HttpResponse:
    """What two versions have different; unless asked, the last two."""
    card = seen(request, pk)
    versions = [one.version for one in reads.versions_of(card, signed_in(request))]
    if len(versions) < 2:
        raise Http404
    by_number = {str(one.number): one for one in versions}
    old = by_number.get(request.GET.get("from", str(versions[1].number)))
    new = by_number.get(request.GET.get("to", str(versions[0].number)))
    if old is None or new is None:
        raise Http404
    context = {"card": card, "versions": versions, "old": old, "new": new, "zone": card.zone}
    return render(request, "qa/scorecard_compare.html", context | told_differences(old, new))


@login_required
@require_safe
def scorecard_file(request: HttpRequest, pk: int, number: int, layout: str) -> HttpResponse:
    """A version as a file to keep, or to bring in elsewhere."""
    if layout not in files.LAYOUTS:
        raise Http404
    card = seen(request, pk)
    version = version_of(request, card, number)
    text = files.dumped(document.read(version.form), layout)
    kind = "application/json" if layout == files.JSON else "application/yaml"
    name = f"scorecard-{card.pk}-v{version.number}.{layout}"
    return HttpResponse(
        text,
        content_type=f"{kind}; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@in_turn
def scorecard_name(request: HttpRequest, pk: int) -> HttpResponse:
    """What a card is called, and while nothing is published, of which site it is."""
    card, user, now = kept(request, pk), signed_in(request), timezone.now()
    scope = _scope(request)
    moves = reads.may_move(card)
    sent = request.POST if request.method == "POST" else None
    initial = {"name": card.name, "about": card.words, "site": card.site}
    form = (
        PlacedForm(
            sent,
            initial=initial,
            sites=access.sites_kept(request.user),
            of_all=scope.everything,
        )
        if moves
        else NameForm(sent, initial=initial)
    )
    form.is_there = True
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            if moves:
                services.place(card, said["name"], said["site"], said["about"], user, now)
            else:
                services.rename(card, said["name"], said["about"], user, now)
        except ValidationError as refusal:
            form.add_error("name", refusal.messages[0])
        else:
            return redirect("scorecard_draft" if moves else "scorecard", pk=pk)
    return render(request, "qa/scorecard_name.html", {"card": card, "form": form})


@login_required
@require_POST
def scorecard_close(request: HttpRequest, pk: int) -> HttpResponse:
    """Have nothing more reviewed by a card; or again, where `open` is said."""
    card, now = kept(request, pk), timezone.now()
    user = signed_in(request)
    try:
        if request.POST.get("open"):
            if services.reopen(card, user, now):
                messages.info(request, _("Calls may be reviewed by it again."))
        elif services.close(card, user, now):
            messages.info(
                request, _("It is closed: nothing new is drawn for it. What was reviewed stays.")
            )
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
        return redirect("scorecards")
    return redirect("scorecard", pk=pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scorecard_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether a card that nothing was made by is to go; then forget it."""
    card = kept(request, pk)
    if request.method == "POST" and services.remove(card, signed_in(request), timezone.now()):
        messages.info(request, _("%(name)s is removed.") % {"name": card.name})
        return redirect("scorecards")
    context = {
        "named": card.name,
        "hanging": reads.hanging(card),
        "along": [_("Its versions and its draft go with it.")],
        "keep_url": reverse("scorecard", args=[pk]),
        "card": card,
    }
    return render(request, "qa/scorecard_remove.html", context)


def _of_version(card: Scorecard, version: CardVersion, sent: Mapping[str, str]) -> dict[str, Any]:
    form = document.read(version.form)
    return {"card": card, "zone": card.zone, **shown_version(version, sent, form)}


def _asked(request: HttpRequest) -> Asked:
    if not may_open("scorecards", request.user):
        raise Http404
    wanted, scope = request.GET, _scope(request)
    sites = Site.objects.all()
    if not scope.everything:
        sites = sites.filter(pk__in=access.card_sites(scope))
    named = [(one.slug, one.name) for one in sites]
    site, only = wanted.get("site", ""), wanted.get("only", "")
    if site and site not in dict(named):
        raise Http404
    choices: filters.Choices = [
        ("", _("All")), ("used", _("In use")), ("draft", _("With a draft")),
        ("closed", _("Closed")),
    ]  # fmt: skip
    return Asked(
        site=site,
        sites=[("", _("All")), *named] if len(named) > 1 else [],
        text=wanted.get("q", "").strip().replace("\0", "")[:120],
        only=only if only in dict(choices) else "",
        choices=choices,
    )


def _found(request: HttpRequest, asked: Asked) -> QuerySet[Any]:
    rows = reads.in_order(reads.listed(signed_in(request)))
    if asked.site:
        rows = rows.filter(site__slug=asked.site)
    if asked.text:
        rows = rows.filter(name__icontains=asked.text)
    if asked.only == "used":
        rows = rows.filter(closed_at=None, version__isnull=False)
    elif asked.only == "draft":
        rows = rows.filter(has_draft=True)
    elif asked.only == "closed":
        rows = rows.filter(closed_at__isnull=False)
    return rows


def _scope(request: HttpRequest) -> Scope:
    return scope_of(request.user)


def urls(under: str) -> list[URLPattern]:
    own = f"{under}/scorecards"
    return [
        path(f"{own}/", scorecards_page, name="scorecards"),
        path(f"{own}/export.csv", scorecards_csv, name="scorecards_csv"),
        path(f"{own}/new/", scorecard_new, name="scorecard_new"),
        path(f"{own}/<int:pk>/", scorecard_page, name="scorecard"),
        path(f"{own}/<int:pk>/name/", scorecard_name, name="scorecard_name"),
        path(f"{own}/<int:pk>/close/", scorecard_close, name="scorecard_close"),
        path(f"{own}/<int:pk>/remove/", scorecard_remove, name="scorecard_remove"),
        path(f"{own}/<int:pk>/compare/", scorecard_compare, name="scorecard_compare"),
        path(f"{own}/<int:pk>/versions/<int:number>/", scorecard_version, name="scorecard_version"),
        path(f"{own}/<int:pk>/versions/<int:number>/try/", scorecard_try, name="scorecard_try"),
        path(
            f"{own}/<int:pk>/versions/<int:number>/<str:layout>/",
            scorecard_file,
            name="scorecard_file",
        ),
        *scorecard_drafts.urls(own),
    ]
