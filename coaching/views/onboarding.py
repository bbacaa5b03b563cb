"""Onboarding: who is in which stage, one newcomer's way, and the paths that there are."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm import exported, exports, filters, viewed
from ccm.access import scope_of
from ccm.database import MOST_ID
from ccm.filters import about, address
from ccm.intervals import day_of
from ccm.models import Site, Viewing
from ccm.navigation import may_open
from ccm.views.in_turn import in_turn
from ccm.views.lists import signed_in
from coaching.courses.reads import sites_written
from coaching.models import Newcomer, OnboardingPath, OnboardingStage
from coaching.onboarding import listed, reads, services
from coaching.onboarding.forms import EndForm, PathForm, SignForm, StageForm, StartForm
from coaching.onboarding.stages import early, way

ROWS = 50


@login_required
@require_safe
def onboarding(request: HttpRequest) -> HttpResponse:
    """Who is in which stage, the longest there first."""
    user, now = signed_in(request), timezone.now()
    sites, chosen = _sites(request)
    state, of_path = _state(request), _number(request.GET.get("path", ""))
    rows = reads.listed(user, chosen, state=state, path=of_path)
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    said = {"site": request.GET.get("site", ""), "state": state, "path": of_path}
    context = {
        "sites": sites, "site": said["site"], "state": state, "path": of_path,
        "states": _states(), "paths": list(reads.paths(user, chosen)), "page": page,
        "lines": [(one, listed.gate_words(one)) for one in reads.lines(list(page), now)],
        "writes": sites_written(user).exists(),
        "csv_url": address(reverse("onboarding_csv"), said),
        "earlier": address(request.path, said | {"page": page.previous_page_number()})
        if page.has_previous() else "",
        "more": address(request.path, said | {"page": page.next_page_number()})
        if page.has_next() else "",
    }  # fmt: skip
    return render(request, "coaching/onboarding.html", context)


@login_required
@require_safe
def onboarding_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same people; that they were taken along is noted."""
    user, now = signed_in(request), timezone.now()
    _all, chosen = _sites(request)
    state, of_path = _state(request), _number(request.GET.get("path", ""))
    rows = list(reads.listed(user, chosen, state=state, path=of_path))
    if request.method == "GET":
        site = chosen[0] if request.GET.get("site") else None
        exported.listed(user, Newcomer, site, state != "all" or of_path is not None, now)
    lines = listed.lines(reads.lines(rows, now))
    return exports.download("onboarding.csv", listed.HEADER, lines)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def onboarding_start(request: HttpRequest) -> HttpResponse:
    """Send somebody on a path."""
    user, now = signed_in(request), timezone.now()
    sites, _chosen = _sites(request)
    site = filters.of_sites(request, sites)
    if site is None:
        raise Http404
    about(request, site)
    form = StartForm(user, site, now, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            made = services.start(
                said["path"], said["agent"], said["starts_on"], said["mentor"], user, now
            )
        except ValidationError as refusal:
            form.add_error(None, refusal.messages[0])
        else:
            return redirect("onboarding_person", pk=made.pk)
    action = address(request.path, {"site": site.slug})
    context = {"form": form, "site": site, "sites": sites, "action": action}
    return render(request, "coaching/onboarding_start.html", context)


@login_required
@require_safe
def onboarding_person(request: HttpRequest, pk: int) -> HttpResponse:
    """One newcomer's way: what is signed off, what is next, and whether live calls may begin."""
    return _drawn(request, _person(request, pk))


def _drawn(
    request: HttpRequest, newcomer: Newcomer, wrong: tuple[int, SignForm] | None = None
) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    viewed.note(user, [newcomer.agent_id], Viewing.What.COACHING, now)
    today = day_of(now, newcomer.path.site.calendar)
    steps = reads.steps(user, newcomer, now)
    stages = reads.pure([one.stage for one in steps])
    signed = {one.stage.pk for one in steps if one.sign is not None}
    before = {one.pk for one in stages if early(stages, signed, one.pk)}
    far = way(stages, signed)
    is_own = newcomer.agent_id == scope_of(user).agent
    context = {
        "newcomer": newcomer, "way": far, "is_own": is_own,
        "holding": [one.stage for one in steps if one.stage.pk in far.holding],
        "rows": [
            (one, _form(newcomer, one, today, wrong, is_early=one.stage.pk in before))
            for one in steps
        ],
        "end_form": EndForm() if newcomer.state == "on" and not is_own else None,
    }  # fmt: skip
    return render(request, "coaching/onboarding_person.html", context)


def _form(
    newcomer: Newcomer,
    one: reads.Step,
    today: Any,
    wrong: tuple[int, SignForm] | None,
    *,
    is_early: bool,
) -> SignForm | None:
    """The form by which a stage is signed off; the one that was sent with what is wrong in it."""
    if wrong is not None and wrong[0] == one.stage.pk:
        return wrong[1]
    if not one.may_sign:
        return None
    form = SignForm(newcomer, one.stage, today, is_early=is_early)
    form.auto_id = f"id_{one.stage.pk}_%s"
    return form


@login_required
@require_POST
def onboarding_sign(request: HttpRequest, pk: int, stage: int) -> HttpResponse:
    """Sign a stage off."""
    user, now = signed_in(request), timezone.now()
    newcomer = _person(request, pk, others=True)
    if stage > MOST_ID:
        raise Http404
    one = get_object_or_404(OnboardingStage, pk=stage, path=newcomer.path_id)
    today = day_of(now, newcomer.path.site.calendar)
    stages = reads.pure([*newcomer.path.stages.order_by("place", "pk")])
    signed = {*newcomer.signs.values_list("stage", flat=True)}
    is_early = bool(early(stages, signed, one.pk))
    form = SignForm(newcomer, one, today, request.POST, is_early=is_early)
    form.auto_id = f"id_{one.pk}_%s"
    if form.is_valid():
        try:
            services.sign(pk, stage, form.said, user, now)
        except ValidationError as refusal:
            _refused(form, refusal)
        else:
            return redirect("onboarding_person", pk=pk)
    return _drawn(request, newcomer, (stage, form))


def _refused(form: SignForm, refusal: ValidationError) -> None:
    if not hasattr(refusal, "error_dict"):
        form.add_error(None, refusal.messages[0])
        return
    for name, words in refusal.message_dict.items():
        form.add_error(name if name in form.fields else None, words)


@login_required
@require_POST
def onboarding_take_back(request: HttpRequest, pk: int, stage: int) -> HttpResponse:
    """Have a stage not be signed off."""
    _person(request, pk, others=True)
    if stage > MOST_ID:
        raise Http404
    try:
        services.take_back(pk, stage, signed_in(request), timezone.now())
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    return redirect("onboarding_person", pk=pk)


@login_required
@require_POST
def onboarding_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End somebody's way before they are through."""
    _person(request, pk, others=True)
    form = EndForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("Say why it ends."))
        return redirect("onboarding_person", pk=pk)
    services.end(pk, form.cleaned_data["why"], signed_in(request), timezone.now())
    return redirect("onboarding")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def onboarding_paths(request: HttpRequest) -> HttpResponse:
    """The paths of own sites, and a new one."""
    user, now = signed_in(request), timezone.now()
    sites = list(sites_written(user)) if may_open("onboarding", user) else []
    if not sites:
        raise Http404
    form = PathForm(sites, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            made = services.make_path(form.chosen, said["name"], said["about"], user, now)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect("onboarding_path", pk=made.pk)
    context = {"form": form, "paths": reads.paths(user, sites), "sites": sites}
    return render(request, "coaching/onboarding_paths.html", context)


@login_required
@require_safe
def onboarding_path(request: HttpRequest, pk: int) -> HttpResponse:
    """A path and its stages."""
    one = _path(request, pk)
    context = {
        "path": one, "stages": one.stages.select_related("course", "page"),
        "kinds": OnboardingStage.Kind.choices,
    }  # fmt: skip
    return render(request, "coaching/onboarding_path.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@in_turn
def onboarding_stage(request: HttpRequest, pk: int, stage: int = 0) -> HttpResponse:
    """A stage of a path; without `stage` a new one, of the `kind` in the address."""
    one = _path(request, pk)
    if stage > MOST_ID:
        raise Http404
    there = get_object_or_404(one.stages, pk=stage) if stage else None
    kind = there.kind if there is not None else request.GET.get("kind", "")
    if kind not in OnboardingStage.Kind.values:
        raise Http404
    posted = request.POST if request.method == "POST" else None
    form = StageForm(kind, one.site, posted, stage=there)
    if form.is_bound and form.is_valid():
        user, now = signed_in(request), timezone.now()
        try:
            services.keep_stage(pk, stage or None, form.said, user, now)
        except ValidationError as refusal:
            form.add_error(None, refusal.messages[0])
        else:
            return redirect("onboarding_path", pk=pk)
    context = {"path": one, "form": form, "kind": OnboardingStage.Kind(kind).label}
    return render(request, "coaching/onboarding_stage.html", context)


@login_required
@require_POST
def onboarding_stage_remove(request: HttpRequest, pk: int, stage: int) -> HttpResponse:
    _path(request, pk)
    if stage > MOST_ID:
        raise Http404
    try:
        services.remove_stage(pk, stage, signed_in(request), timezone.now())
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    return redirect("onboarding_path", pk=pk)


@login_required
@require_POST
def onboarding_stage_up(request: HttpRequest, pk: int, stage: int) -> HttpResponse:
    """Have a stage come before the one before it."""
    _path(request, pk)
    if stage > MOST_ID:
        raise Http404
    services.raise_stage(pk, stage)
    return redirect("onboarding_path", pk=pk)


@login_required
@require_POST
def onboarding_path_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Have nobody begin a path any more, or with `back` again."""
    _path(request, pk)
    is_back = request.POST.get("back") == "yes"
    services.withdraw_path(pk, signed_in(request), timezone.now(), is_back=is_back)
    return redirect("onboarding_path", pk=pk)


def _path(request: HttpRequest, pk: int) -> OnboardingPath:
    """A path that the reader changes. Raises Http404 for any other."""
    if not may_open("onboarding", request.user) or pk > MOST_ID:
        raise Http404
    rows = OnboardingPath.objects.written_by(request.user).select_related("site")
    one: OnboardingPath = get_object_or_404(rows, pk=pk)
    about(request, one.site)
    return one


def _person(request: HttpRequest, pk: int, *, others: bool = False) -> Newcomer:
    """A newcomer of whom the reader is told; of `others`, but themselves. Raises Http404."""
    if pk > MOST_ID:
        raise Http404
    rows = Newcomer.objects.visible_to(request.user)
    own = scope_of(request.user).agent
    if others and own is not None:
        rows = rows.exclude(agent=own)
    one: Newcomer = get_object_or_404(
        rows.select_related("agent__site", "path__site", "mentor"), pk=pk
    )
    about(request, one.path.site)
    return one


def _sites(request: HttpRequest) -> tuple[list[Site], list[Site]]:
    """The sites of the reader, and those chosen."""
    if not may_open("onboarding", request.user):
        raise Http404
    sites = list(reads.sites(request.user))
    slug = request.GET.get("site", "")
    if not slug:
        return sites, sites
    chosen = [one for one in sites if one.slug == slug]
    if not chosen:
        raise Http404
    filters.of_sites(request, sites)
    return sites, chosen


def _state(request: HttpRequest) -> str:
    state = request.GET.get("state", "on")
    return state if state in reads.STATES else "on"


def _states() -> list[tuple[str, str]]:
    return [
        ("on", _("on the way")), ("done", _("through")), ("ended", _("ended before")),
        ("all", _("all")),
    ]  # fmt: skip


def _number(word: str) -> int | None:
    return int(word) if word.isascii() and word.isdecimal() and len(word) < 19 else None


def urls(under: str) -> list[URLPattern]:
    top = f"{under}/onboarding"
    one, of_path = f"{top}/<int:pk>", f"{top}/paths/<int:pk>"
    stage = f"{of_path}/stages/<int:stage>"
    return [
        path(f"{top}/", onboarding, name="onboarding"),
        path(f"{top}/export.csv", onboarding_csv, name="onboarding_csv"),
        path(f"{top}/start/", onboarding_start, name="onboarding_start"),
        path(f"{one}/", onboarding_person, name="onboarding_person"),
        path(f"{one}/stages/<int:stage>/sign/", onboarding_sign, name="onboarding_sign"),
        path(
            f"{one}/stages/<int:stage>/take-back/", onboarding_take_back,
            name="onboarding_take_back",
        ),
        path(f"{one}/end/", onboarding_end, name="onboarding_end"),
        path(f"{top}/paths/", onboarding_paths, name="onboarding_paths"),
        path(f"{of_path}/", onboarding_path, name="onboarding_path"),
        path(f"{of_path}/withdraw/", onboarding_path_withdraw, name="onboarding_path_withdraw"),
        path(f"{of_path}/stages/new/", onboarding_stage, name="onboarding_stage_new"),
        path(f"{stage}/", onboarding_stage, name="onboarding_stage"),
        path(f"{stage}/remove/", onboarding_stage_remove, name="onboarding_stage_remove"),
        path(f"{stage}/up/", onboarding_stage_up, name="onboarding_stage_up"),
    ]  # fmt: skip
