"""Trials: the list, one with its verdict, and the forms that register, change, stop and decide."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm import exported, exports
from ccm.database import MOST_ID
from ccm.filters import about, address, of_open_sites
from ccm.models import Agent, Site, User
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from coaching.access import agents_coached, sites_coached
from coaching.effect import drawn
from coaching.effect import words as of_effects
from coaching.models import Trial
from coaching.progress import Estimate
from coaching.trials import listed, reads, services, verdicts, words
from coaching.trials.forms import DecideForm, StopForm, TrialForm
from coaching.trials.reads import State
from coaching.trials.verdicts import Verdict
from kpis.choices import Choices

MOST_LISTED = 200
_STOPPED_IN = (State.PLANNED, State.RUNNING)
ORDER = (State.OVER, State.WAITING, State.RUNNING, State.PLANNED, State.DECIDED, State.STOPPED)
"""What waits for somebody stands first."""


@login_required
@require_safe
def trials_page(request: HttpRequest) -> HttpResponse:
    """Trials of the reader's sites and teams, those to be decided first."""
    user, now = signed_in(request), timezone.now()
    sites = _sites(request)
    site = _chosen(request, sites)
    choices = Choices(now.date())
    rows = [_line(one, now, choices) for one in reads.listed(user, site)[:MOST_LISTED]]
    places = {state: place for place, state in enumerate(ORDER)}
    context = {
        "sites": sites,
        "site": site,
        "rows": sorted(rows, key=lambda row: places[row["state"]]),
        "new_url": address(reverse("trial_new"), {"site": site}) if sites else "",
        "csv": address(reverse("trials_csv"), {"site": site}),
    }
    return render(request, "coaching/trials.html", context)


@login_required
@require_safe
def trials_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same trials as a file; that they were taken along is noted."""
    user, now = signed_in(request), timezone.now()
    sites = _sites(request)
    slug = _chosen(request, sites)
    if request.method == "GET":
        site = next((one for one in sites if one.slug == slug), None)
        exported.listed(user, Trial, site, False, now)
    rows = listed.lines(reads.listed(user, slug), now)
    return exports.download("trials.csv", listed.HEADER, rows)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def trial_new(request: HttpRequest) -> HttpResponse:
    """Register one."""
    user, now = signed_in(request), timezone.now()
    sites = _sites(request)
    site = of_open_sites(request, sites, now)
    if site is None:
        raise Http404
    form = TrialForm(site, user, now, request.POST if request.method == "POST" else None)
    made = _done(form, lambda: services.register(site, form.plan(), user, now))
    if made is not None:
        messages.info(request, _("It is registered."))
        return redirect("trial", pk=made.pk)
    context = {
        "form": form, "site": site, "sites": sites, "trial": None, "differs": (),
        "action": address(request.path, {"site": site.slug}),
    }  # fmt: skip
    return render(request, "coaching/trial_form.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def trial_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one before it begins."""
    user, now = signed_in(request), timezone.now()
    trial = _trial(request, pk, changes=True)
    if reads.state(trial, now) is not State.PLANNED:
        messages.info(request, _("It has begun or was stopped: what was registered stays."))
        return redirect("trial", pk=pk)
    data = request.POST if request.method == "POST" else None
    form = TrialForm(trial.site, user, now, data, trial=trial, taking=trial.agent_ids)
    differs: list[tuple[str, str, str]] = []
    if form.is_bound and form.is_valid():
        try:
            services.change(trial, form.plan(), form.asked_revision, user, now)
        except services.Stale as stale:
            # What was typed stays, beside what it says by now.
            trial = _trial(request, pk, changes=True)
            sent = request.POST.copy()
            sent["revision"] = str(trial.revision)
            form = TrialForm(trial.site, user, now, sent, trial=trial, taking=trial.agent_ids)
            form.is_valid()
            form.add_error(None, stale.messages[0])
            differs = _differs(form, trial)
        except ValidationError as refusal:
            _refused(form, refusal)
        else:
            return redirect("trial", pk=pk)
    context = {
        "form": form, "site": trial.site, "sites": (), "trial": trial, "differs": differs,
        "action": reverse("trial_edit", args=[pk]),
    }  # fmt: skip
    return render(request, "coaching/trial_form.html", context)


@login_required
@require_safe
def trial_page(request: HttpRequest, pk: int) -> HttpResponse:
    return _drawn(request, _trial(request, pk))


@login_required
@require_POST
def trial_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop one before it is over."""
    user, now = signed_in(request), timezone.now()
    trial = _trial(request, pk, changes=True)
    form = StopForm(request.POST)
    done = _done(form, lambda: services.stop(trial, form.cleaned_data["why"], user, now))
    return redirect("trial", pk=pk) if done else _drawn(request, trial, stop=form)


@login_required
@require_POST
def trial_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide what becomes of the idea of one that is over."""
    user, now = signed_in(request), timezone.now()
    trial = _trial(request, pk, changes=True)
    form = DecideForm(request.POST)

    def act() -> Trial:
        said = form.cleaned_data
        told = verdicts.kept(_verdict(trial, user, now)) if reads.is_told(trial, now) else {}
        return services.decide(trial, said["decision"], said["words"], told, user, now)

    done = _done(form, act)
    return redirect("trial", pk=pk) if done else _drawn(request, trial, decide=form)


def _drawn(
    request: HttpRequest,
    trial: Trial,
    *,
    stop: StopForm | None = None,
    decide: DecideForm | None = None,
) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    state = reads.state(trial, now)
    is_told = state in (State.OVER, State.DECIDED)
    made = _verdict(trial, user, now) if is_told else None
    may_change = trial.is_changed_by(user)
    level, word, sentence = ("none", "", "") if made is None else words.verdict(trial, made)
    context = {
        "trial": trial,
        "state": state,
        "tag": words.STATES[state],
        "told_on": reads.told_on(trial) if state in (State.RUNNING, State.WAITING) else None,
        "hoped": words.hoped(trial),
        "people": _people(trial, user) if made is None or made.mine is None else made.mine,
        "taking": len(trial.agent_ids),
        "history": _history(trial),
        "made": made,
        "level": level,
        "word": word,
        "sentence": sentence,
        "estimates": [] if made is None else _estimates(made),
        "passed": [] if made is None else words.passed(made),
        "then": words.verdict_then(trial) if trial.decision else None,
        "may_change": may_change,
        "edits": may_change and state is State.PLANNED,
        "stop": (stop or StopForm()) if may_change and state in _STOPPED_IN else None,
        "decide": (decide or DecideForm()) if may_change and state is State.OVER else None,
    }
    # What was sent when it could not be done any more is refused where its form is not.
    asked = [form for name, form in (("stop", stop), ("decide", decide)) if not context[name]]
    context["refused"] = [why for form in asked if form for why in form.non_field_errors()]
    return render(request, "coaching/trial.html", context)


def _verdict(trial: Trial, user: User, now: datetime) -> Verdict:
    return verdicts.of(trial, trial.agent_ids, user, now)


def _estimates(made: Verdict) -> list[dict[str, Any]]:
    found = made.effect
    if found is None:
        return []
    both = [(_("By covariances"), found.covariances), (_("By differences"), found.differences)]

    def reach(one: Estimate) -> drawn.Interval:
        low, high = one.interval()
        return low, one.value, high

    marks = drawn.rails([reach(one) for _name, one in both])
    unit = made.measure.variant.unit
    return [
        {"name": name, "said": of_effects.estimate(one, unit), "mark": mark}
        for (name, one), mark in zip(both, marks, strict=True)
    ]


def _people(trial: Trial, user: User) -> Sequence[str]:
    """Who takes part of those whom the reader coaches."""
    rows = Agent.objects.filter(pk__in=trial.agent_ids).filter(
        pk__in=agents_coached(user).order_by().values("pk")
    )
    return [*rows.order_by("name").values_list("name", flat=True)]


def _history(trial: Trial) -> list[dict[str, Any]]:
    """What was changed before the start, by whom and when, the first change first."""
    changes = [*trial.changes.select_related("by")]
    now = services.said_by(trial) | {"agents": [*trial.agent_ids]}
    said = [*(one.said for one in changes), now]
    return [
        {"at": one.at, "by": one.by, "changed": words.history(one.said, after)}
        for one, after in zip(changes, said[1:], strict=True)
    ]


def _line(trial: Trial, now: datetime, choices: Choices) -> dict[str, Any]:
    state = reads.state(trial, now, choices)
    return {
        "trial": trial,
        "state": state,
        "tag": words.STATES[state],
        "hoped": words.hoped(trial),
        "taking": len(trial.agent_ids),
        "told_then": words.told_then(trial) if trial.decision else "",
    }


def _differs(form: TrialForm, trial: Trial) -> list[tuple[str, str, str]]:
    """What is typed otherwise than it says by now: its name, what is typed, what it says."""
    said = services.said_by(trial) | {"agents": [*trial.agent_ids]}
    typed = form.cleaned_data
    days = {name: typed[name].isoformat() for name in ("starts_on", "ends_on") if typed.get(name)}
    agents = [one.pk for one in typed.get("agents", ())]
    return words.history(said | typed | days | {"agents": agents}, said)


def _done(form: Any, act: Callable[[], Trial]) -> Trial | None:
    """What is done where a form is sent and valid; what is refused is said in it."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return act()
    except ValidationError as refusal:
        _refused(form, refusal)
        return None


def _refused(form: Form, refusal: ValidationError) -> None:
    """Say what is refused beside its field, as far as the form has it."""
    said = getattr(refusal, "error_dict", None)
    if said is None:
        form.add_error(None, refusal)
        return
    for name, errors in said.items():
        form.add_error(name if name in form.fields else None, errors)


def _sites(request: HttpRequest) -> list[Site]:
    if not may_open("trials", request.user):
        raise Http404
    return list(sites_coached(request.user))


def _chosen(request: HttpRequest, sites: Sequence[Site]) -> str:
    slug = request.GET.get("site", "")
    if slug and slug not in {one.slug for one in sites}:
        raise Http404
    return slug


def _trial(request: HttpRequest, pk: int, *, changes: bool = False) -> Trial:
    if not may_open("trials", request.user) or pk > MOST_ID:
        raise Http404
    rows = Trial.objects.visible_to(request.user).with_agents()
    one: Trial = get_object_or_404(
        rows.select_related("site", "team", "made_by", "stopped_by", "decided_by"), pk=pk
    )
    if changes and not one.is_changed_by(request.user):
        raise Http404
    about(request, one.site)
    return one


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/trials/", trials_page, name="trials"),
        path(f"{under}/trials/export.csv", trials_csv, name="trials_csv"),
        path(f"{under}/trials/new/", trial_new, name="trial_new"),
        path(f"{under}/trials/<int:pk>/", trial_page, name="trial"),
        path(f"{under}/trials/<int:pk>/edit/", trial_edit, name="trial_edit"),
        path(f"{under}/trials/<int:pk>/stop/", trial_stop, name="trial_stop"),
        path(f"{under}/trials/<int:pk>/decide/", trial_decide, name="trial_decide"),
    ]
