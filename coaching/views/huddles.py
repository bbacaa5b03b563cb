"""Huddles: the list, and one that is prepared, held and read."""

from collections.abc import Callable, Iterable, Mapping

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm.database import MOST_ID
from ccm.filters import about, address
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from coaching.holding.forms import PointForm, StepForm
from coaching.holding.reads import criteria, is_late
from coaching.huddles import reads, services
from coaching.huddles.forms import HoldForm, HuddleForm
from coaching.models import Huddle

ROWS = 20


@login_required
@require_safe
def huddles_page(request: HttpRequest) -> HttpResponse:
    """Those of own teams, the newest first."""
    user, now = signed_in(request), timezone.now()
    if not may_open("huddles", user):
        raise Http404
    page = Paginator(reads.listed(user, now), ROWS).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "may_prepare": reads.teams(user).exists(),
        "earlier": address(request.path, {"page": page.previous_page_number()})
        if page.has_previous()
        else "",
        "more": address(request.path, {"page": page.next_page_number()}) if page.has_next() else "",
    }
    return render(request, "coaching/huddles.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def huddle_new(request: HttpRequest) -> HttpResponse:
    """Prepare one: its agenda fills itself."""
    user, now = signed_in(request), timezone.now()
    if not may_open("huddles", user) or not reads.teams(user).exists():
        raise Http404
    form = HuddleForm(user, now, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            made = services.prepare(said["team"], said["day"], user, now)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect("huddle", pk=made.pk)
    return render(request, "coaching/huddle_new.html", {"form": form})


@login_required
@require_safe
def huddle_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What it is about, who does what, and what was said."""
    return _drawn(request, _huddle(request, pk), {})


@login_required
@require_POST
def huddle_points(request: HttpRequest, pk: int) -> HttpResponse:
    """Which points stay."""
    one = _huddle(request, pk, changes=True)
    kept, seen = (_numbers(request.POST.getlist(name)) for name in ("keep", "seen"))
    try:
        services.keep(one, kept, seen)
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    return redirect("huddle", pk=pk)


@login_required
@require_POST
def huddle_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Look once more for what is new."""
    one = _huddle(request, pk, changes=True)
    try:
        many = services.again(one, signed_in(request), timezone.now())
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    else:
        words = ngettext("%(n)d point was added.", "%(n)d points were added.", many)
        messages.info(request, words % {"n": many})
    return redirect("huddle", pk=pk)


@login_required
@require_POST
def huddle_point(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a point on it."""
    one, user, now = _huddle(request, pk, changes=True), signed_in(request), timezone.now()
    form = PointForm(request.POST)

    def act() -> object:
        said = form.cleaned_data
        return services.add(one, said["title"], said["words"], user, now)

    return _after(request, one, "point", form, act)


@login_required
@require_POST
def huddle_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Who does what by when."""
    one, user, now = _huddle(request, pk, changes=True), signed_in(request), timezone.now()
    form = _step_form(request, one)

    def act() -> object:
        return services.agree(one, form.step(), user, now)

    return _after(request, one, "step", form, act)


@login_required
@require_POST
def huddle_hold(request: HttpRequest, pk: int) -> HttpResponse:
    """It was held, and what was said."""
    one, user, now = _huddle(request, pk, changes=True), signed_in(request), timezone.now()
    form = HoldForm(one, request.POST)

    def act() -> object:
        said = form.cleaned_data
        return services.hold(one, said["notes"], said["revision"], user, now)

    return _after(request, one, "hold", form, act)


def _after(
    request: HttpRequest, one: Huddle, name: str, form: Form, act: Callable[[], object]
) -> HttpResponse:
    """Back to the page; with what is wrong, where something is."""
    if form.is_valid():
        try:
            act()
        except ValidationError as refusal:
            known = getattr(refusal, "error_dict", None)
            if known and not set(known) <= set(form.fields):
                refusal = ValidationError(refusal.messages)
            form.add_error(None, refusal)
        else:
            return redirect("huddle", pk=one.pk)
    return _drawn(request, _huddle(request, one.pk), {name: form})


def _drawn(request: HttpRequest, one: Huddle, forms: Mapping[str, Form]) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    seen = reads.seen(one, user)
    known: dict[str, Form] = {}
    if seen.changes:
        known = {"hold": HoldForm(one), "step": _step_form(request, one, is_sent=False)}
        if one.held_at is None:
            known["point"] = PointForm()
    context = {
        "seen": seen,
        "huddle": one,
        "forms": {name: forms.get(name, form) for name, form in known.items()},
        "late": {each.pk for each in seen.steps if is_late(each, now)},
    }
    return render(request, "coaching/huddle.html", context)


def _numbers(words: Iterable[str]) -> list[int]:
    return [int(one) for one in words if one.isascii() and one.isdecimal() and len(one) < 19]


def _step_form(request: HttpRequest, one: Huddle, *, is_sent: bool = True) -> StepForm:
    return StepForm(
        request.POST if is_sent else None,
        agents=reads.members(one),
        criteria=criteria(signed_in(request), one.team.site_id),
    )


def _huddle(request: HttpRequest, pk: int, *, changes: bool = False) -> Huddle:
    user = signed_in(request)
    if not may_open("huddles", user) or pk > MOST_ID:
        raise Http404
    rows = reads.listed(user, timezone.now())
    if changes:
        rows = rows.filter(pk__in=Huddle.objects.changed_by(user).values("pk"))
    one: Huddle = get_object_or_404(rows, pk=pk)
    about(request, one.team.site)
    return one


def urls(under: str) -> list[URLPattern]:
    one = f"{under}/huddles/<int:pk>"
    return [
        path(f"{under}/huddles/", huddles_page, name="huddles"),
        path(f"{under}/huddles/new/", huddle_new, name="huddle_new"),
        path(f"{one}/", huddle_page, name="huddle"),
        path(f"{one}/points/", huddle_points, name="huddle_points"),
        path(f"{one}/again/", huddle_again, name="huddle_again"),
        path(f"{one}/point/", huddle_point, name="huddle_point"),
        path(f"{one}/step/", huddle_step, name="huddle_step"),
        path(f"{one}/hold/", huddle_hold, name="huddle_hold"),
    ]
