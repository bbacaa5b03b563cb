"""Findings: the list, one with its notes, and the forms that make and change one."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm import exported, exports, filters, tables, viewed
from ccm.database import MOST_ID
from ccm.filters import about, address
from ccm.models import Agent, Site, Viewing
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from qa.access import sites_told
from qa.findings import evidence, listed, reads, services
from qa.findings.forms import FindingForm, NoteForm
from qa.findings.reads import Asked
from qa.models import CardCriterion, Evaluation, Finding

_STATES = ("standing", "all", *Finding.State.values)


@login_required
@require_safe
def findings_page(request: HttpRequest) -> HttpResponse:
    """What was found, what is due first, with how many there are of each kind and state."""
    user, now = signed_in(request), timezone.now()
    _open(request)
    sites = list(sites_told(user))
    asked = _asked(request, sites)
    table = listed.FindingTable(
        reads.found(user, asked, now), now=now, exclude=() if len(sites) > 1 else ("site",)
    )
    tables.arrange(table, request.GET)
    said = _said(asked)
    table.export_url = address(reverse("findings_csv"), said | {"sort": ",".join(table.order_by)})
    counted = reads.counts(user, asked)
    context = {
        "sites": sites,
        "asked": asked,
        "table": table,
        "kinds": Finding.Kind.choices,
        "states": [("standing", _("Open or being worked on")), ("all", _("All")),
                   *Finding.State.choices],
        "counted": _matrix(counted, said),
        "state_words": [word for _state, word in Finding.State.choices],
        "new_url": address(reverse("finding_new"), {"site": asked.site}),
    }  # fmt: skip
    return render(request, "qa/findings.html", context)


@login_required
@require_safe
def findings_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same rows in the same order, to keep; that they were is noted."""
    user, now = signed_in(request), timezone.now()
    _open(request)
    sites = list(sites_told(user))
    asked = _asked(request, sites)
    rows = reads.found(user, asked, now)
    table = listed.FindingTable(rows, now=now)
    if request.GET.get("sort"):
        table.order_by = request.GET["sort"]
    if request.method == "GET":
        site = next((one for one in sites if one.slug == asked.site), None)
        exported.listed(user, Finding, site, asked != Asked(site=asked.site, state="all"), now)
    return exports.download("findings.csv", listed.HEADER, listed.lines(table.data.data, now))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def finding_new(request: HttpRequest) -> HttpResponse:
    """Make one; with `review` in the address, of what a review showed."""
    user, now = signed_in(request), timezone.now()
    _open(request)
    review = _review(request)
    site = _site(request, review)
    about(request, site)
    form = FindingForm(
        site,
        user,
        now,
        request.POST if request.method == "POST" else None,
        review=review,
        given=_given(request, site),
    )
    if form.is_bound and form.is_valid():
        try:
            made = services.make(form.made(), user, now)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.info(request, _("The finding stands."))
            return redirect("finding", pk=made.pk)
    context = {
        "form": form, "site": site, "sites": list(sites_told(user)), "review": review,
        # The site that was shown is the one that it is sent of.
        "action": address(request.path, {**request.GET.dict(), "site": site.slug}),
        "review_url": "" if review is None else reverse("review", args=[review.pk]),
    }  # fmt: skip
    return render(request, "qa/finding_new.html", context)


@login_required
@require_safe
def finding_page(request: HttpRequest, pk: int) -> HttpResponse:
    one = _finding(request, pk)
    viewed.note(signed_in(request), [one.agent_id], Viewing.What.REVIEW, timezone.now())
    return _drawn(request, one, NoteForm(one))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def finding_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what one says."""
    user, now = signed_in(request), timezone.now()
    one = _finding(request, pk, changes=True)
    posted = request.POST if request.method == "POST" else None
    if posted is None:
        viewed.note(user, [one.agent_id], Viewing.What.REVIEW, now)
    form = FindingForm(one.site, user, now, posted, finding=one)
    differs: list[tuple[str, str]] = []
    if form.is_bound and form.is_valid():
        try:
            services.change(pk, form.cleaned_data, form.asked_revision, user, now)
        except services.Stale as stale:
            # What was typed stays, beside what the finding says by now.
            one = _finding(request, pk, changes=True)
            sent = request.POST.copy()
            sent["revision"] = str(one.revision)
            form = FindingForm(one.site, user, now, sent, finding=one)
            form.is_valid()
            form.add_error(None, stale.messages[0])
            differs = form.differs()
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect("finding", pk=pk)
    context = {"form": form, "finding": one, "differs": differs}
    return render(request, "qa/finding_edit.html", context)


@login_required
@require_POST
def finding_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something of one, and how far it is."""
    one = _finding(request, pk, changes=True)
    form = NoteForm(one, request.POST)
    if form.is_valid():
        said = form.cleaned_data
        revision = -1 if said["revision"] is None else said["revision"]
        try:
            services.note(
                pk, said["words"], signed_in(request), timezone.now(), state=said["state"],
                revision=revision,
            )  # fmt: skip
        except services.Stale as stale:
            # What was written stays, beside what the finding is by now.
            one = _finding(request, pk, changes=True)
            form = NoteForm(one, _again(request, one))
            form.is_valid()
            form.add_error(None, stale.messages[0])
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect("finding", pk=pk)
    return _drawn(request, one, form)


def _again(request: HttpRequest, one: Finding) -> Any:
    posted = request.POST.copy()
    posted["revision"] = str(one.revision)
    posted["state"] = one.state
    return posted


def _drawn(request: HttpRequest, one: Finding, form: NoteForm) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    review: Evaluation | None = one.evaluation
    sees_review = (
        review is not None and Evaluation.objects.visible_to(user).filter(pk=review.pk).exists()
    )
    context = {
        "finding": one,
        "state": listed.state_tag(one),
        "is_overdue": reads.is_overdue(one, now),
        "notes": [
            (note, dict(Finding.State.choices).get(note.state, ""))
            for note in one.notes.select_related("by")
        ],
        "form": form,
        "sees_agent": one.agent is not None
        and Agent.objects.visible_to(user).filter(pk=one.agent.pk).exists(),
        "may_change": reads.kept(user).filter(pk=one.pk).exists(),
        "review_url": reverse("review", args=[review.pk])
        if review is not None and sees_review
        else "",
        "evidence": evidence.of_finding(one),
    }
    return render(request, "qa/finding.html", context)


def _open(request: HttpRequest) -> None:
    if not may_open("findings", request.user):
        raise Http404


def _finding(request: HttpRequest, pk: int, *, changes: bool = False) -> Finding:
    _open(request)
    if pk > MOST_ID:
        raise Http404
    rows = reads.kept(request.user) if changes else reads.visible(request.user)
    one: Finding = get_object_or_404(
        rows.select_related(
            "site", "agent", "queue", "criterion__card", "owner", "made_by", "evaluation"
        ),
        pk=pk,
    )
    about(request, one.site)
    return one


def _asked(request: HttpRequest, sites: list[Site]) -> Asked:
    """What the address asks for; a kind or state that is none is passed over."""
    asked = request.GET
    slug = asked.get("site", "")
    if slug and slug not in {one.slug for one in sites}:
        raise Http404
    kind, state = asked.get("kind", ""), asked.get("state", "standing")
    return Asked(
        site=slug,
        kind=kind if kind in Finding.Kind.values else "",
        state=state if state in _STATES else "standing",
        is_mine=asked.get("mine") == "1",
        is_overdue=asked.get("overdue") == "1",
    )


def _said(asked: Asked) -> dict[str, object]:
    """As an address says it."""
    return {
        "site": asked.site,
        "kind": asked.kind,
        "state": "" if asked.state == "standing" else asked.state,
        "mine": "1" if asked.is_mine else "",
        "overdue": "1" if asked.is_overdue else "",
    }


def _matrix(counted: Any, said: dict[str, object]) -> list[dict[str, Any]]:
    """Of each kind that there is how many are in each state, each with its address."""
    rows = []
    for kind, words in Finding.Kind.choices:
        cells = [
            (
                counted.get((kind, state), 0),
                address(reverse("findings"), said | {"kind": kind, "state": state, "overdue": ""}),
            )
            for state in Finding.State.values
        ]
        if any(many for many, _url in cells):
            rows.append({"words": words, "cells": cells})
    return rows


def _number(word: str) -> int | None:
    """A number of the address; None: nothing is said. Raises Http404 for what is none."""
    if not word:
        return None
    if not (word.isascii() and word.isdecimal()) or len(word) > 19 or int(word) > MOST_ID:
        raise Http404
    return int(word)


def _review(request: HttpRequest) -> Evaluation | None:
    pk = _number(request.GET.get("review", ""))
    if pk is None:
        return None
    found = reads.review(request.user, pk)
    if found is None:
        raise Http404
    return found


def _site(request: HttpRequest, review: Evaluation | None) -> Site:
    """That of the review; else the one that is asked for, or that other pages open on."""
    if review is not None:
        return review.site
    found = filters.read(request, timezone.now(), sites=sites_told(request.user))
    if found is None:
        raise Http404
    return found.site


def _given(request: HttpRequest, site: Site) -> dict[str, Any]:
    """What the address fills in."""
    given: dict[str, Any] = {}
    if (kind := request.GET.get("kind", "")) in Finding.Kind.values:
        given["kind"] = kind
    criterion = _number(request.GET.get("criterion", ""))
    if criterion is not None:
        rows = reads.criteria(request.user, site)
        known: CardCriterion = get_object_or_404(rows, pk=criterion)
        given |= {"criterion": known, "title": known.name}
    return given


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/findings/", findings_page, name="findings"),
        path(f"{under}/findings/export.csv", findings_csv, name="findings_csv"),
        path(f"{under}/findings/new/", finding_new, name="finding_new"),
        path(f"{under}/findings/<int:pk>/", finding_page, name="finding"),
        path(f"{under}/findings/<int:pk>/edit/", finding_edit, name="finding_edit"),
        path(f"{under}/findings/<int:pk>/note/", finding_note, name="finding_note"),
    ]
