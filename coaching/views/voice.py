"""The voice of the customer: results of surveys, comments, and what of them returns."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm import exported, exports, viewed, work
from ccm import filters as asked_for
from ccm.database import MOST_ID, id_of
from ccm.filters import Filters, about, address
from ccm.intervals import day_of, site_days
from ccm.models import Agent, Call, Job, Site, SurveyResponse, Topic, Viewing
from ccm.names import visible
from ccm.navigation import may_open
from ccm.tables import outcome_tag
from ccm.views.failures import Misread
from ccm.views.lists import signed_in
from coaching import tasks
from coaching.library.matching import LONGEST
from coaching.models import Complaint, VoiceTag
from coaching.voice import journey, listed, matters, reads, results, returning, services, words
from coaching.voice.forms import ItemForm, TagForm
from coaching.voice.reads import Asked
from coaching.voice.services import Noticed
from kpis.choices import Choices
from kpis.dimensions import By
from kpis.tiles import passport_url
from kpis.views import shared
from qa.findings.listed import state_tag
from qa.findings.reads import is_overdue

DEFAULT = "90d"
ROWS = 25
EXAMPLES = 10


@login_required
@require_safe
def voice(request: HttpRequest) -> HttpResponse:
    """What callers answered, by queue, agent or topic."""
    user, now = signed_in(request), timezone.now()
    filters = _filters(request)
    if filters is None:
        return render(request, "coaching/voice.html", {"site": None})
    by = _by(request)
    made = results.of(user, filters, by, Choices(filters.last))
    kept = filters.parameters(by="" if by == "queue" else by)
    context = shared.context(
        filters, now, site=filters.site, made=made,
        tabs=_tabs(filters, "voice", may_open("asking", user)),
        heads=[results.head(one) for one in results.KPIS],
        whole=_cells(made.whole, filters, "total"),
        lines=[_line(one, filters, by) for one in made.lines],
        sides=[
            (address(request.path, filters.parameters(by=one)), word, one == by)
            for one, word in results.BY.items()
        ],
        by_word=results.BY[by],
        export_url=address(reverse("voice_csv"), kept),
    )  # fmt: skip
    context["nothing"] = shared.unknown(context)
    context["filters"] = filters.bar(keep=[("by", by)] if by != "queue" else [])
    return render(request, "coaching/voice.html", context)


@login_required
@require_safe
def voice_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same as a file; of agents it is noted that it was taken along."""
    user, now = signed_in(request), timezone.now()
    filters = _filters(request)
    if filters is None:
        raise Http404
    if filters.problem:
        raise Misread(filters.problem)
    by = _by(request)
    made = results.of(user, filters, by, Choices(filters.last))
    if made.why:
        raise Misread(made.why)
    if request.method == "GET" and by == "agent":
        exported.figures(user, [filters.site], filters.first, filters.last, now)
    name = f"surveys-{by}-{filters.site.slug}-{filters.first}-{filters.last}.csv"
    return exports.download(name, listed.RESULTS_HEADER, listed.result_lines(made))


@login_required
@require_safe
def voice_comments(request: HttpRequest) -> HttpResponse:
    """What callers wrote, searched and narrowed, the newest first."""
    user = signed_in(request)
    filters = _filters(request)
    if filters is None:
        return render(request, "coaching/voice_comments.html", {"site": None})
    asked = _asked(request, filters.site)
    known = reads.tags(filters.site)
    tag = _of(known, asked.tag)
    rows, text = _searched(
        reads.comments(user, filters.site, filters.span, filters.queue), asked, tag
    )
    pages = Paginator(rows.select_related("queue", "agent"), ROWS)
    page = pages.get_page(request.GET.get("page"))
    drawn = reads.lines([*page], user, known, text)
    said = filters.parameters(**_said(asked))
    here = address(request.path, said | {"page": page.number if page.number > 1 else ""})
    context = {
        "site": filters.site,
        "shown": filters,
        "filters": filters.bar(),
        "tabs": _tabs(filters, "voice_comments", may_open("asking", user)),
        "asked": asked,
        "known": known,
        "kinds": SurveyResponse.Kind.choices,
        "narrowed": _narrowed(request, asked, filters.site),
        "page": page,
        "many": pages.count,
        "is_any": text != asked.text and pages.count > 0,
        "is_narrowed": asked != Asked(),
        "lines": [_comment(one, known) for one in drawn],
        "here": here,
        "zone": filters.site.zone,
        "export_url": address(reverse("voice_comments_csv"), said),
        "earlier": address(request.path, said | {"page": page.previous_page_number()})
        if page.has_previous()
        else "",
        "more": address(request.path, said | {"page": page.next_page_number()})
        if page.has_next()
        else "",
    }
    return render(request, "coaching/voice_comments.html", context)


@login_required
@require_safe
def voice_comments_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same as a file; that it was taken along is noted."""
    user, now = signed_in(request), timezone.now()
    filters = _filters(request)
    if filters is None:
        raise Http404
    if filters.problem:
        raise Misread(filters.problem)
    asked = _asked(request, filters.site)
    known = reads.tags(filters.site)
    rows, _text = _searched(
        reads.comments(user, filters.site, filters.span, filters.queue), asked,
        _of(known, asked.tag),
    )  # fmt: skip
    if request.method == "GET":
        exported.listed(user, SurveyResponse, filters.site, True, now)
    name = f"comments-{filters.site.slug}-{filters.first}-{filters.last}.csv"
    lines = listed.comment_lines(rows, user, filters.site, known)
    return exports.download(name, listed.COMMENTS_HEADER, lines)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def voice_matters(request: HttpRequest) -> HttpResponse:
    """What comments are about, in groups; who reads all of a site has them looked for."""
    user = signed_in(request)
    filters = _filters(request)
    if filters is None:
        return render(request, "coaching/voice_matters.html", {"site": None})
    site, first, last = filters.site, filters.first, filters.last
    here = address(reverse("voice_matters"), filters.parameters(queue=""))
    keeps = reads.keeps_at(user, site)
    if request.method == "POST":
        if not keeps:
            raise Http404
        try:
            matters.ask(
                site, first, last, user, lambda job: work.send(tasks.look_for_matters, job.pk)
            )
        except ValidationError as refusal:
            messages.warning(request, refusal.messages[0])
        return redirect(here)
    job = matters.newest(site, first, last)
    context = {
        "site": site,
        "shown": filters,
        "filters": replace(filters.bar(), queues=[]),
        "tabs": _tabs(filters, "voice_matters", may_open("asking", user)),
        "here": here,
        "keeps": keeps,
        "job": job,
        "is_done": job is not None and job.state == Job.State.DONE,
        "groups": [_group(one, filters, keeps=keeps) for one in matters.told(user, site, job)],
        "poll_url": "" if job is None else reverse("voice_job", args=[job.pk]),
        "result_url": here,
        "most": matters.MOST_COMMENTS,
    }
    return render(request, "coaching/voice_matters.html", context)


def _group(one: dict[str, Any], filters: Filters, *, keeps: bool) -> dict[str, Any]:
    """A group with where its comments are searched, and where it becomes a tag."""
    # As they are written, too: "not work" is found in no "doesn't work".
    ways = [*one["words"], *one.get("also", ())]
    looked_for = " OR ".join(f'"{words}"' if " " in words else words for words in ways)
    kept = filters.parameters(queue="")
    new = {"name": one["words"][0][:60], "words": looked_for[:LONGEST]}
    return one | {
        "found_url": address(reverse("voice_comments"), kept | {"q": looked_for}),
        "tag_url": address(reverse("voice_tags"), kept | new) + "#new" if keeps else "",
    }


@login_required
@require_safe
def voice_job(request: HttpRequest, pk: int) -> HttpResponse:
    """How far looking for matters is: what is asked every second."""
    _open(request)
    if pk > MOST_ID:
        raise Http404
    job = get_object_or_404(Job, pk=pk, kind=matters.KIND)
    site = get_object_or_404(reads.sites(request.user), pk=job.payload.get("site"))
    days = {"from": job.payload["first"], "to": job.payload["last"], "period": "custom"}
    result = address(reverse("voice_matters"), {"site": site.slug} | days)
    context = {"job": job, "poll_url": reverse("voice_job", args=[pk]), "result_url": result}
    return render(request, "_partials/job.html", context)


@login_required
@require_POST
def voice_mark(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a comment a tag, or take it from it."""
    user, now = signed_in(request), timezone.now()
    _open(request)
    survey = get_object_or_404(SurveyResponse.objects.exclude(comment=""), pk=pk)
    site = get_object_or_404(reads.sites(user), pk=survey.site_id)
    if not reads.reads_comment(user, site, survey):
        raise Http404
    tags = VoiceTag.objects.visible_to(user).standing().filter(site=site)
    asked = request.POST.get("tag")
    if asked == "":
        messages.warning(request, _("Choose a tag first."))
        return redirect(_back(request))
    tag = get_object_or_404(tags, pk=_number(asked or "") or 0)
    try:
        services.mark(tag, survey.pk, user, now, is_on=request.POST.get("on") == "1")
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    return redirect(_back(request))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def voice_tags(request: HttpRequest) -> HttpResponse:
    """What returns: tags with how large a share of the comments has them, against the days before;
    the items that were made of some. Who reads all comments makes tags here."""
    user, now = signed_in(request), timezone.now()
    filters = _filters(request)
    if filters is None:
        return render(request, "coaching/voice_tags.html", {"site": None})
    keeps = reads.keeps_at(user, filters.site)
    posted = request.POST if request.method == "POST" else None
    form = TagForm(posted, given=_given(request)) if keeps else None
    if request.method == "POST":
        if form is None:
            raise Http404
        if form.is_valid():
            tag = VoiceTag(
                site=filters.site, name=form.cleaned_data["name"], words=form.cleaned_data["words"]
            )
            try:
                services.make_tag(tag, user, now)
            except ValidationError as refusal:
                form.add_error(None, refusal.messages)
            else:
                return redirect(address(request.path, filters.parameters()))
    known = reads.tags(filters.site)
    made = returning.of(user, filters.site, filters.first, filters.last, known, filters.queue)
    items = reads.complaints(user, filters.site)
    by_tag = {one.tag_id for one in items if one.finding.state in ("open", "doing")}
    context = {
        "site": filters.site,
        "shown": filters,
        "filters": filters.bar(),
        "tabs": _tabs(filters, "voice_tags", may_open("asking", user)),
        "made": made,
        "tags": sorted(
            (_tag(one, made, filters, keeps=keeps, has_item=one.pk in by_tag) for one in known),
            key=lambda row: (-row["share"].having, row["tag"].name),
        ),
        "items": [_item(one, now) for one in items],
        "form": form,
        "here": address(request.path, filters.parameters()),
        "export_url": address(reverse("voice_tags_csv"), filters.parameters()),
    }
    return render(request, "coaching/voice_tags.html", context)


@login_required
@require_safe
def voice_tags_csv(request: HttpRequest) -> StreamingHttpResponse:
    user = signed_in(request)
    filters = _filters(request)
    if filters is None:
        raise Http404
    if filters.problem:
        raise Misread(filters.problem)
    known = reads.tags(filters.site)
    made = returning.of(user, filters.site, filters.first, filters.last, known, filters.queue)
    name = f"tags-{filters.site.slug}-{filters.first}-{filters.last}.csv"
    lines = listed.tag_lines(known, made.shares, made.changes)
    return exports.download(name, listed.TAGS_HEADER, lines)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def voice_tag(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what a tag is called and by which words it is found."""
    user, now = signed_in(request), timezone.now()
    tag = _kept_tag(request, pk)
    form = TagForm(request.POST if request.method == "POST" else None, tag=tag)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            services.change_tag(pk, said["name"], said["words"], form.asked_revision, user, now)
        except services.Stale as stale:
            tag = _kept_tag(request, pk)
            form = TagForm(tag=tag)
            messages.warning(request, stale.messages[0])
        except ValidationError as refusal:
            form.add_error(None, refusal.messages)
        else:
            return redirect(address(reverse("voice_tags"), {"site": tag.site.slug}))
    return render(request, "coaching/voice_tag.html", {"tag": tag, "form": form})


@login_required
@require_POST
def voice_tag_retire(request: HttpRequest, pk: int) -> HttpResponse:
    tag = _kept_tag(request, pk)
    services.retire_tag(pk, signed_in(request), timezone.now())
    messages.info(request, _("The tag is retired: it is offered no more."))
    return redirect(address(reverse("voice_tags"), {"site": tag.site.slug}))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def voice_item_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Have somebody see to what returns, with the comments that it was noticed by."""
    user, now = signed_in(request), timezone.now()
    tag = _kept_tag(request, pk)
    site = tag.site
    filters = asked_for.read(request, now, DEFAULT, [site])
    if filters is None:
        raise Http404
    made = returning.of(user, site, filters.first, filters.last, [tag], filters.queue)
    noticed = Noticed(tag, filters.queue, filters.first, filters.last, made.shares[pk])
    form = ItemForm(site, now, request.POST if request.method == "POST" else None, title=tag.name)
    if form.is_bound and form.is_valid():
        try:
            item = services.make_item(form.made(), noticed, user, now)
        except ValidationError as refusal:
            form.add_error(None, refusal.messages)
        else:
            return redirect("voice_item", pk=item.pk)
    context = {
        "tag": tag, "site": site, "shown": filters, "form": form, "share": made.shares[pk],
        "share_words": words.share(made.shares[pk]),
        "ends": words.ends(made.shares[pk].interval),
        "action": address(request.path, filters.parameters()),
    }  # fmt: skip
    return render(request, "coaching/voice_item_new.html", context)


@login_required
@require_safe
def voice_item(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of a complaint: how far it is, its share before and since, its comments."""
    user, now = signed_in(request), timezone.now()
    _open(request)
    if pk > MOST_ID:
        raise Http404
    rows = Complaint.objects.visible_to(user).select_related(
        "finding__site", "finding__owner", "tag", "queue"
    )
    one: Complaint = get_object_or_404(rows, pk=pk)
    site = one.finding.site
    about(request, site)
    stretches = returning.since(one, now)
    reader_of = reads.sites(user).filter(pk=site.pk).exists()
    lines: list[reads.Line] = []
    if reader_of:
        span = site_days(stretches[0].first, stretches[-1].last, site.calendar)
        said = reads.having(reads.comments(user, site, span, one.queue), one.tag)
        lines = reads.lines([*said.select_related("queue", "agent")[:EXAMPLES]], user, [])
    days = {"site": site.slug, "period": "custom", "from": one.first, "to": one.last}
    queue = "" if one.queue is None else one.queue.pk
    context = {
        "complaint": one,
        "finding": one.finding,
        "state": state_tag(one.finding),
        "is_overdue": is_overdue(one.finding, now),
        "stretches": [_stretch(each) for each in stretches],
        "lines": [_comment(each, []) for each in lines],
        "reads_comments": reader_of,
        "zone": site.zone,
        "comments_url": address(
            reverse("voice_comments"), days | {"tag": one.tag_id, "queue": queue}
        ),
    }
    return render(request, "coaching/voice_item.html", context)


@login_required
@require_safe
def voice_caller(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the caller of a call met, as far as the reader may open their calls."""
    user = signed_in(request)
    if not may_open("calls", user):
        raise Http404
    calls = Call.objects.visible_to(user).select_related("site")
    call: Call = get_object_or_404(calls, pk=pk)
    about(request, call.site)
    viewed.note(user, [call.agent_id], Viewing.What.CALL, timezone.now())
    made = journey.of(user, call, Choices(day_of(call.offered_at, call.site.calendar)))
    context = {
        "call": call,
        "journey": made,
        "contacts": [_contact(one, call) for one in made.contacts],
        "zone": call.site.zone,
    }
    return render(request, "coaching/voice_caller.html", context)


def _contact(one: journey.Contact, call: Call) -> dict[str, Any]:
    return {
        "contact": one,
        "since": "" if one.since is None else words.gap(one.since),
        "visits": [
            {
                "visit": visit,
                "outcome": outcome_tag(visit.call),
                "is_this": visit.call.pk == call.pk,
                "surveys": _answers(visit),
            }
            for visit in one.visits
        ],
    }


def _answers(visit: journey.Visit) -> list[tuple[str, str, str]]:
    """What the caller answered of a visit; a comment that stands beside several is told once."""
    told: set[str] = set()
    found = []
    for one in visit.surveys:
        comment = "" if one.comment in told else one.comment
        told.add(one.comment)
        found.append((one.get_kind_display(), words.score(one), comment))
    return found


_STRETCHES = {
    returning.BEFORE: gettext_lazy("Before"),
    returning.NOTICED: gettext_lazy("When it was noticed"),
    returning.SINCE: gettext_lazy("Since it is somebody's"),
    returning.DONE: gettext_lazy("Since it is done"),
}


def _stretch(one: returning.Stretch) -> dict[str, Any]:
    return {
        "one": one,
        "words": _STRETCHES[one.of],
        "share": words.share(one.share),
        "ends": words.ends(one.share.interval),
        "difference": "" if one.change is None else words.difference(one.change),
        "direction": ""
        if one.change is None or one.of == returning.NOTICED
        else words.direction(one.change, is_told=True),
        "level": "none" if one.change is None else words.LEVELS.get(one.change.direction, "none"),
    }


def _cells(line: results.Line, filters: Filters, by: By) -> list[dict[str, Any]]:
    shown, more = filters, dict[str, Any]()
    if by == "queue" and line.id is not None:
        queue = next((one for one in filters.all_queues if one.pk == line.id), None)
        shown = filters if queue is None else filters.of_queue(queue)
    elif by == "agent" and line.id is not None:
        more["agent"] = Agent(pk=line.id)
    has_passport = by == "total" or (by in ("queue", "agent") and line.id is not None)
    made = []
    for asked, cell in zip(results.KPIS, line.cells, strict=True):
        made.append(
            {
                "cell": cell,
                "name": results.head(asked),
                "value": words.value(cell),
                "ends": words.ends(cell.interval, cell.figure.unit),
                "url": passport_url(asked, shown, **more) if has_passport and cell.is_told else "",
            }
        )
    return made


def _line(line: results.Line, filters: Filters, by: By) -> dict[str, Any]:
    narrowed = filters.parameters()
    if by == "queue" and line.id is not None:
        narrowed["queue"] = str(line.id)
    elif by in ("agent", "topic") and line.id is not None:
        narrowed[by] = str(line.id)
    url = "" if line.id is None else address(reverse("voice_comments"), narrowed)
    return {"name": line.name, "url": url, "cells": _cells(line, filters, by)}


def _comment(line: reads.Line, known: list[VoiceTag]) -> dict[str, Any]:
    return {
        "line": line,
        "scores": [(one.get_kind_display(), words.score(one)) for one in line.scores],
        "others": [tag for tag in known if tag not in line.tags],
    }


def _tag(
    tag: VoiceTag, made: returning.Returning, filters: Filters, *, keeps: bool, has_item: bool
) -> dict[str, Any]:
    share, change = made.shares[tag.pk], made.changes[tag.pk]
    is_told = tag.pk in made.told_of
    kept = filters.parameters()
    return {
        "tag": tag,
        "share": share,
        "words": words.share(share),
        "ends": words.ends(share.interval),
        "difference": words.difference(change),
        "direction": words.direction(change, is_told=is_told),
        "level": words.LEVELS.get(change.direction, "none") if is_told else "none",
        "url": address(reverse("voice_comments"), kept | {"tag": tag.pk}),
        "edit_url": reverse("voice_tag", args=[tag.pk]) if keeps else "",
        "item_url": address(reverse("voice_item_new", args=[tag.pk]), kept)
        if keeps and share.having and not has_item
        else "",
    }


def _item(one: Complaint, now: Any) -> dict[str, Any]:
    return {
        "one": one,
        "url": reverse("voice_item", args=[one.pk]),
        "state": state_tag(one.finding),
        "is_overdue": is_overdue(one.finding, now),
    }


def _tabs(filters: Filters, shown: str, asks: bool) -> list[tuple[str, str, bool]]:
    """The pages of the voice, as addresses of the same days."""
    names = (
        ("voice", _("Results")),
        ("voice_comments", _("Comments")),
        ("voice_matters", _("Matters")),
        ("voice_tags", _("What returns")),
    )
    tabs = [
        (address(reverse(name), filters.parameters()), word, name == shown) for name, word in names
    ]
    if asks:
        own = address(reverse("asking"), {"site": filters.site.slug})
        tabs.append((own, _("Asking callers"), False))
    return tabs


def _narrowed(request: HttpRequest, asked: Asked, site: Site) -> list[tuple[str, int, str, str]]:
    """What the address narrows by that the filters have no choice of: its name, its id, in words,
    and where it leads without. One query each."""
    people: Any = reads.agents(signed_in(request), site)
    found = []
    for name, row in (
        ("agent", _there(people, asked.agent)),
        ("team", asked.team),
        ("topic", _there(Topic.objects, asked.topic)),
    ):
        if row is not None:
            left = {key: value for key, value in request.GET.items() if key not in (name, "page")}
            found.append((name, row.pk, str(row), address(request.path, left)))
    return found


def _there(rows: Any, pk: int | None) -> Any:
    """The row of an id that an address says; None: it says none. Raises Http404."""
    return None if pk is None else get_object_or_404(rows, pk=pk)


def _open(request: HttpRequest) -> None:
    if not may_open("voice", request.user):
        raise Http404


def _filters(request: HttpRequest) -> Filters | None:
    _open(request)
    found = asked_for.read(request, timezone.now(), DEFAULT, reads.sites(request.user))
    if found is not None:
        about(request, found.site)
    return found


def _by(request: HttpRequest) -> By:
    """What the address wants rows to be; any other word is as none."""
    word = request.GET.get("by", "")
    return next((one for one in results.BY if one == word), "queue")


def _asked(request: HttpRequest, site: Site) -> Asked:
    """What the address narrows comments of a site to; a word that is none is passed over. Raises
    Http404 for a team of another."""
    asked = request.GET
    kind, score = asked.get("kind", ""), asked.get("score", "")
    return Asked(
        text=visible(asked.get("q", "").replace("\0", "")).strip()[:LONGEST],
        tag=_number(asked.get("tag", "")),
        agent=_number(asked.get("agent", "")),
        team=_there(site.teams.select_related("site"), _number(asked.get("team", ""))),
        topic=_number(asked.get("topic", "")),
        kind=kind if kind in SurveyResponse.Kind.values else "",
        score=score if score in (reads.BAD, reads.GOOD) else "",
    )


def _searched(rows: Any, asked: Asked, tag: VoiceTag | None) -> tuple[Any, str]:
    """The comments that are asked for, and by which text they are found: where none has all of its
    words by any of them."""
    found = reads.found(rows, asked, tag)
    wider = reads.wider(asked.text)
    if not wider or found.exists():
        return found, asked.text
    return reads.found(rows, replace(asked, text=wider), tag), wider


def _said(asked: Asked) -> dict[str, object]:
    """As an address says it."""
    return {
        "q": asked.text, "tag": asked.tag or "", "agent": asked.agent or "",
        "team": "" if asked.team is None else asked.team.pk,
        "topic": asked.topic or "", "kind": asked.kind, "score": asked.score,
    }  # fmt: skip


def _of(known: list[VoiceTag], pk: int | None) -> VoiceTag | None:
    """The tag that is asked for. Raises Http404 for one that is none of the site's."""
    if pk is None:
        return None
    found = next((one for one in known if one.pk == pk), None)
    if found is None:
        raise Http404
    return found


def _number(word: str) -> int | None:
    """A number of the address; None: nothing is said. Raises Http404 for what is none."""
    if not word:
        return None
    number = id_of(word)
    if number is None:
        raise Http404
    return number


def _kept_tag(request: HttpRequest, pk: int) -> VoiceTag:
    """A tag that the reader changes. Raises Http404 for any other."""
    _open(request)
    if pk > MOST_ID:
        raise Http404
    rows = VoiceTag.objects.kept_by(request.user).standing().select_related("site")
    tag: VoiceTag = get_object_or_404(rows, pk=pk)
    about(request, tag.site)
    return tag


def _given(request: HttpRequest) -> dict[str, str]:
    """What the address fills a new tag in with."""
    return {name: visible(request.GET.get(name, ""))[:200] for name in ("name", "words")}


def _back(request: HttpRequest) -> str:
    """Where a mark was made from, a page of comments; else their first."""
    said = request.POST.get("back", "")
    comments = reverse("voice_comments")
    is_ours = url_has_allowed_host_and_scheme(said, None) and said.startswith(comments)
    return said if is_ours else comments


def urls(under: str) -> list[URLPattern]:
    own = f"{under}/voice"
    return [
        path(f"{own}/", voice, name="voice"),
        path(f"{own}/export.csv", voice_csv, name="voice_csv"),
        path(f"{own}/comments/", voice_comments, name="voice_comments"),
        path(f"{own}/comments/export.csv", voice_comments_csv, name="voice_comments_csv"),
        path(f"{own}/comments/<uuid:pk>/mark/", voice_mark, name="voice_mark"),
        path(f"{own}/matters/", voice_matters, name="voice_matters"),
        path(f"{own}/matters/jobs/<int:pk>/", voice_job, name="voice_job"),
        path(f"{own}/tags/", voice_tags, name="voice_tags"),
        path(f"{own}/tags/export.csv", voice_tags_csv, name="voice_tags_csv"),
        path(f"{own}/tags/<int:pk>/", voice_tag, name="voice_tag"),
        path(f"{own}/tags/<int:pk>/retire/", voice_tag_retire, name="voice_tag_retire"),
        path(f"{own}/tags/<int:pk>/item/", voice_item_new, name="voice_item_new"),
        path(f"{own}/items/<int:pk>/", voice_item, name="voice_item"),
        path(f"{own}/caller/<uuid:pk>/", voice_caller, name="voice_caller"),
    ]
