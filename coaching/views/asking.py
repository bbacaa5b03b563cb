"""Asking callers: the rules with what became of whom they drew, and lists of their links."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm import exported, exports, surveys
from ccm import filters as asked_for
from ccm.database import MOST_ID
from ccm.filters import Filters, about, address
from ccm.models import SurveyInvitation
from ccm.navigation import may_open
from ccm.outgoing import outbox
from ccm.templatetags.figures import percent
from ccm.views.lists import signed_in
from coaching.asking import handing, letters, reads, services
from coaching.asking.forms import RuleForm
from coaching.asking.wanted import WAITING
from coaching.models import AskedCall, AskingRule
from coaching.voice import words

DEFAULT = "28d"
HEADER = (
    gettext_lazy("Call"), gettext_lazy("Source"), gettext_lazy("Call at the source"),
    gettext_lazy("Ended at"), gettext_lazy("Link"), gettext_lazy("Good until"),
)  # fmt: skip


@login_required
@require_safe
def asking(request: HttpRequest) -> HttpResponse:
    """The rules of a site, each with what became of whom it drew, by step."""
    user = signed_in(request)
    filters = _filters(request)
    if filters is None:
        return render(request, "coaching/asking.html", {"site": None})
    rules = reads.rules(user, filters.site)
    told = reads.steps(rules, filters.span, timezone.now())
    context = {
        "site": filters.site,
        "shown": filters,
        "filters": replace(filters.bar(), queues=[]),
        "rules": [_rule(one, told[one.pk]) for one in rules],
        "new_url": address(reverse("asking_new"), {"site": filters.site.slug}),
        "voice_url": address(reverse("voice"), {"site": filters.site.slug}),
    }
    return render(request, "coaching/asking.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def asking_new(request: HttpRequest) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    filters = _filters(request)
    if filters is None:
        raise Http404
    site = filters.site
    form = RuleForm(site, request.POST if request.method == "POST" else None)
    letter = _looked_at(form, now)
    if form.is_bound and letter is None and form.is_valid():
        try:
            made = services.make(form.made(), form.queues_said, user, now)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            return redirect("asking_rule", pk=made.pk)
    action = address(request.path, {"site": site.slug})
    context = {"site": site, "form": form, "rule": None, "action": action, "letter": letter}
    return render(request, "coaching/asking_rule.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def asking_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a rule; the lists that were taken of it, and what went wrong last."""
    user, now = signed_in(request), timezone.now()
    rule = _rule_of(request, pk)
    form = RuleForm(rule.site, request.POST if request.method == "POST" else None, rule=rule)
    letter = _looked_at(form, now)
    if form.is_bound and letter is None and form.is_valid():
        try:
            services.change(pk, form.said, form.queues_said, form.asked_revision, user, now)
        except services.Stale as stale:
            messages.warning(request, stale.messages[0])
            return redirect("asking_rule", pk=pk)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.info(request, _("The rule is kept."))
            return redirect("asking_rule", pk=pk)
    if letter is None and rule.by_mail:
        letter = letters.example(rule, now, now + surveys.GOOD_FOR)
    waiting = rule.asked.filter(state__in=WAITING).count()
    kept, last = reads.addresses_of(rule.site) if rule.by_mail else (0, None)
    context = {
        "site": rule.site, "form": form, "rule": rule, "action": request.path,
        "waiting": waiting, "troubles": reads.troubles(rule), "letter": letter,
        "kept": kept, "last": last, "unsent": outbox.unsent(user) if rule.by_mail else "",
        "lists": [
            (at, n, address(reverse("asking_list", args=[pk]), {"at": _stamp(at)}))
            for at, n in reads.lists(rule)
        ] if rule.is_list else [],
    }  # fmt: skip
    return render(request, "coaching/asking_rule.html", context)


@login_required
@require_POST
def asking_hand(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the links that wait be taken along as a list."""
    rule = _rule_of(request, pk)
    now = timezone.now()
    if not rule.is_list:
        messages.warning(request, _("This rule hands its links on by itself."))
    elif not (handed := handing.hand_list(rule, now)):
        messages.info(request, _("No link waits."))
    else:
        words_ = _("%(n)s links are on the newest list: take it along below.")
        messages.info(request, words_ % {"n": handed})
    return redirect("asking_rule", pk=pk)


@login_required
@require_safe
def asking_list(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """A list of links that was taken, as a file; that it was is noted."""
    rule = _rule_of(request, pk)
    at = _moment(request.GET.get("at", ""))
    if not rule.is_list or not rule.asked.filter(handed_at=at).exists():
        raise Http404
    if request.method == "GET":
        exported.listed(signed_in(request), SurveyInvitation, rule.site, True, timezone.now())
    return exports.download(f"links-{rule.site.slug}.csv", HEADER, handing.lines(rule, at))


def _looked_at(form: RuleForm, now: datetime) -> letters.Letter | None:
    """The mail as a posted form has it, where it is looked at and not kept; else None."""
    if not form.is_bound or form.data.get("look") != "1" or not form.is_valid():
        return None
    return letters.example(form.made(), now, now + surveys.GOOD_FOR)


def _rule(rule: AskingRule, told: reads.Steps) -> dict[str, Any]:
    apart = {AskedCall.Why.RESTING: _("asked lately"), AskedCall.Why.NEVER: _("opted out")}
    steps = [
        (_("drawn"), told.drawn),
        *((word, told.left.get(why, 0)) for why, word in apart.items()),
        (_("handed on"), told.handed), (_("begun"), told.begun), (_("answered"), told.answered),
        (_("over unanswered"), told.over),
    ]  # fmt: skip
    why = dict(AskedCall.Why.choices)
    others = [(one, n) for one, n in told.left.items() if one not in apart]
    return {
        "rule": rule,
        "told": told,
        "steps": [(word, n, percent(n / told.drawn) if told.drawn else "") for word, n in steps],
        "left": [(why[word], n) for word, n in sorted(others, key=lambda one: -one[1])],
        "rate": "" if told.rate is None else percent(told.rate),
        "ends": words.ends(told.interval),
        "share": percent(float(rule.share)),
        "queues": [one.name for one in rule.queues.all()],
        "url": reverse("asking_rule", args=[rule.pk]),
    }


def _filters(request: HttpRequest) -> Filters | None:
    _open(request)
    found = asked_for.read(request, timezone.now(), DEFAULT, reads.sites(request.user))
    if found is not None:
        about(request, found.site)
    return found


def _open(request: HttpRequest) -> None:
    if not may_open("asking", request.user):
        raise Http404


def _rule_of(request: HttpRequest, pk: int) -> AskingRule:
    _open(request)
    if pk > MOST_ID:
        raise Http404
    rows = AskingRule.objects.visible_to(request.user).select_related("site", "webhook")
    rule: AskingRule = get_object_or_404(rows, pk=pk)
    about(request, rule.site)
    return rule


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%f")


def _moment(word: str) -> datetime:
    """Raises Http404 for what is none."""
    try:
        return datetime.strptime(word, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC)
    except ValueError:
        raise Http404 from None


def urls(under: str) -> list[URLPattern]:
    own = f"{under}/voice/asking"
    return [
        path(f"{own}/", asking, name="asking"),
        path(f"{own}/new/", asking_new, name="asking_new"),
        path(f"{own}/<int:pk>/", asking_rule, name="asking_rule"),
        path(f"{own}/<int:pk>/hand/", asking_hand, name="asking_hand"),
        path(f"{own}/<int:pk>/list.csv", asking_list, name="asking_list"),
    ]
