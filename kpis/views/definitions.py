"""Definitions: what is in force where, its history, and choosing another from a day on.

Whoever sees figures of sites may read how they are made there; an admin chooses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ccm.access import scope_of
from ccm.database import MOST_ID
from ccm.masking import masked
from ccm.models import User
from ccm.navigation import may_open
from kpis import above, definitions
from kpis.choices import Choices, History
from kpis.choosing import preview, scopes, services, unheard, words
from kpis.choosing.forms import LONGEST_NOTE, ChoiceForm, is_a_choice, past_days, seen
from kpis.choosing.scopes import Scope
from kpis.definitions import KPIS, Kpi
from kpis.models import KpiChoice
from kpis.parameters import said


@dataclass(frozen=True, slots=True)
class InForce:
    """What holds in a scope today, in few words and in full, and since when it is chosen there
    (None: it is as in the wider scope, or as it comes)."""

    scope: Scope
    short: str
    full: str
    since: date | None


@login_required
@require_safe
def definitions_page(request: HttpRequest) -> HttpResponse:
    """Every KPI as it is defined today for all, and where it is defined otherwise."""
    user = _reader(request)
    now = timezone.now()
    known = scopes.known(user)
    choices = Choices(scopes.today(Scope(), known, now))
    rows = []
    for kpi in KPIS.values():
        everywhere, *apart = _in_force(kpi, known, choices, now)
        rows.append({"kpi": kpi, "all": everywhere, "apart": apart, "open": is_a_choice(kpi)})
    # What can be chosen comes first.
    rows.sort(key=lambda row: not row["open"])
    context = {"rows": rows, "above": above.definitions()}
    return render(request, "kpis/definitions.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def definition(request: HttpRequest, kpi: str) -> HttpResponse:
    """One KPI: what is in force, its history, and for an admin the form of a new choice."""
    user = _reader(request)
    if request.method == "POST":
        _admin(request)
    elif of_above := next((one for one in above.definitions() if one.id == kpi), None):
        return render(request, "kpis/definition_above.html", {"definition": of_above})
    return _page(request, user, _kpi(kpi), None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def definition_edit(request: HttpRequest, kpi: str, pk: int) -> HttpResponse:
    """The same with the form of a choice that is there."""
    user = _admin(request)
    chosen = _kpi(kpi)
    return _page(request, user, chosen, _row(chosen, pk))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def definition_remove(request: HttpRequest, kpi: str, pk: int) -> HttpResponse:
    """Ask whether a choice that has not begun is to go, then forget it."""
    user = _admin(request)
    chosen = _kpi(kpi)
    row = _row(chosen, pk)
    now = timezone.now()
    known = scopes.known()
    scope = _scope_of(row, known)
    begins = row.valid_from.isoformat()
    today = scopes.today(scope, known, now)
    hanging = []
    if request.method == "POST":
        try:
            why = masked(request.POST.get("why", "")).strip()
            if len(why) > LONGEST_NOTE:
                raise ValidationError(
                    _("The reason has at most %d characters: nothing was removed.") % LONGEST_NOTE
                )
            services.remove(row, user, today, now, why)
        except ValidationError as refusal:
            hanging = refusal.messages
        else:
            told = _("%(kpi)s, %(scope)s: what was to hold from %(day)s is removed.")
            about = {"kpi": chosen.name, "scope": scope.words, "day": begins}
            messages.info(request, told % about)
            return redirect("definition", kpi=chosen.id)
    elif row.valid_from <= today:
        hanging = [_("figures since %(day)s: it has begun") % {"day": begins}]
    named = {"kpi": chosen.name, "scope": scope.words, "day": begins}
    context = {
        "named": _("%(kpi)s, %(scope)s, from %(day)s") % named,
        "hanging": hanging,
        "along": [
            _("It has not begun: no figure was made by it."),
            _("The audit log keeps that it was there."),
        ],
        "longest_why": LONGEST_NOTE,
        "keep_url": reverse("definition", args=[chosen.id]),
    }
    return render(request, "ccm/remove.html", context)


def _page(request: HttpRequest, user: User, kpi: Kpi, row: KpiChoice | None) -> HttpResponse:
    now = timezone.now()
    known = scopes.known(user)
    choices = Choices(scopes.today(Scope(), known, now))
    context: dict[str, Any] = {}
    form = None
    may_choose = scope_of(user).everything
    if may_choose and is_a_choice(kpi):
        form = ChoiceForm(
            request.POST if request.method == "POST" else None,
            kpi=kpi,
            scopes=known,
            choices=choices,
            now=now,
            asked=request.GET.dict(),
            row=row,
        )
        if form.is_bound and form.is_valid():
            if "save" in request.POST and request.POST.get("seen") == seen(form.draft):
                if _kept(request, form, now):
                    return redirect("definition", kpi=kpi.id)
            else:
                context = _previewed(request, form, known)
    context |= {
        "kpi": kpi,
        "form": form,
        "may_choose": may_choose,
        "is_a_choice": is_a_choice(kpi),
        "row": row,
        "in_force": _in_force(kpi, known, choices, now),
        "history": _history(kpi, known, now) if is_a_choice(kpi) else [],
        "variants": [
            {"variant": one, "words": definitions.passport(kpi, one)} for one in kpi.variants
        ],
    }
    return render(request, "kpis/definition.html", context)


def _kept(request: HttpRequest, form: ChoiceForm, now: datetime) -> bool:
    """Keep what was previewed; False, with the reason on the form, where it cannot be."""
    draft = form.draft
    assert isinstance(request.user, User)  # login_required stands before every view
    try:
        services.keep(draft, request.user, now)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    told = _("%(kpi)s, %(scope)s, from %(day)s: it is kept.")
    about = {"kpi": draft.kpi.name, "scope": draft.scope.words, "day": draft.valid_from.isoformat()}
    messages.info(request, told % about)
    return True


def _previewed(request: HttpRequest, form: ChoiceForm, known: Sequence[Scope]) -> dict[str, Any]:
    draft = form.draft
    found = preview.of(draft, known, form.today)
    return {
        "draft": draft,
        "unknown": unheard.of(draft),
        "preview": found,
        "chart": preview.chart(found, draft),
        "seen": seen(draft),
        "past_days": past_days(draft, form.today),
        # Pressed beneath the preview of something else.
        "altered": "save" in request.POST,
    }


def _in_force(kpi: Kpi, known: Sequence[Scope], choices: Choices, now: datetime) -> list[InForce]:
    """What holds for all today, then in each site and queue where it is another."""
    found = [_holding(kpi, Scope(), choices)]
    for scope in known:
        if scope.site is None:
            continue
        today = choices.at(scopes.today(scope, known, now))
        wider = (None, None) if scope.queue is None else (scope.site.pk, None)
        if _same(kpi, today, scope.ids, wider):
            continue
        found.append(_holding(kpi, scope, today))
    return found


def _same(
    kpi: Kpi,
    choices: Choices,
    one: tuple[int | None, int | None],
    other: tuple[int | None, int | None],
) -> bool:
    """Whether a KPI is made alike in two scopes."""
    (mine, my), (theirs, their) = choices.of(kpi, *one), choices.of(kpi, *other)
    return mine is theirs and said(my, mine.uses) == said(their, theirs.uses)


def _holding(kpi: Kpi, scope: Scope, choices: Choices) -> InForce:
    variant, parameters = choices.of(kpi, *scope.ids)
    row = choices.row(kpi, *scope.ids)
    return InForce(
        scope,
        words.short(kpi, variant, parameters),
        definitions.passport(kpi, variant, parameters),
        row.valid_from if row is not None and not row.is_end else None,
    )


def _history(kpi: Kpi, known: Sequence[Scope], now: datetime) -> list[dict[str, Any]]:
    """Every choice of a KPI within reach, by scope, the newest first: what it says, where it
    stands, and each reason that was given for it with what was chosen for that."""
    rows = list(KpiChoice.objects.filter(kpi=kpi.id).select_related("chosen_by"))
    why = services.reasons(rows)
    by_scope: dict[str, list[KpiChoice]] = {}
    of = {one.value: one for one in known}
    for row in sorted(rows, key=lambda row: row.valid_from, reverse=True):
        by_scope.setdefault(_value_of(row), []).append(row)
    found = []
    for value, scope in of.items():
        today = scopes.today(scope, known, now) if value in by_scope else now.date()
        after: date | None = None
        holds = False
        for row in by_scope.get(value, []):
            begun = row.valid_from <= today
            state = "was" if holds else "holds" if begun else "comes"
            if state == "holds" and row.is_end:
                state = "ended"
            holds = holds or begun
            found.append(
                {
                    "row": row,
                    "scope": scope,
                    "words": _said(kpi, row, rows),
                    "state": state,
                    "reasons": [(one, _said(kpi, one.choice, rows)) for one in why.get(row.pk, [])],
                    "until": after,
                    "may_go": not begun,
                }
            )
            after = row.valid_from
    return found


def _said(kpi: Kpi, row: KpiChoice, rows: Sequence[KpiChoice]) -> str:
    """What a choice says, in few words. What it leaves unsaid is as in the wider scope, of all
    the choices of the KPI."""
    if row.is_end:
        return _("nothing of its own any more")
    wider = [] if row.variant else sorted(rows, key=lambda one: one.valid_from)
    stated = Choices(row.valid_from, History([*wider, row], [])).of(kpi, row.site_id, row.queue_id)
    return words.short(kpi, *stated)


def _value_of(row: KpiChoice) -> str:
    """A choice's scope, as `Scope.value` says it."""
    if row.queue_id is not None:
        return f"queue-{row.queue_id}"
    return "all" if row.site_id is None else f"site-{row.site_id}"


def _scope_of(row: KpiChoice, known: Sequence[Scope]) -> Scope:
    return next(one for one in known if one.value == _value_of(row))


def _kpi(name: str) -> Kpi:
    if name not in KPIS:
        raise Http404
    return KPIS[name]


def _row(kpi: Kpi, pk: int) -> KpiChoice:
    if pk > MOST_ID:
        raise Http404
    row: KpiChoice = get_object_or_404(KpiChoice, pk=pk, kpi=kpi.id)
    return row


def _reader(request: HttpRequest) -> User:
    """Whoever asks, who may read definitions. Raises Http404 for anybody else."""
    if not may_open("definitions", request.user):
        raise Http404
    assert isinstance(request.user, User)
    return request.user


def _admin(request: HttpRequest) -> User:
    """Whoever asks, who may choose definitions. Raises Http404 for anybody else."""
    user = _reader(request)
    if not scope_of(user).everything:
        raise Http404
    return user
