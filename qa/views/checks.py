"""Automatic checks: their list, one of them, its form; what is learned from reviews; topics."""

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm import exported, exports, work
from ccm import filters as asked_for
from ccm.database import MOST_ID
from ccm.filters import about, address, of_open_sites
from ccm.models import Job, Site
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from qa import tasks
from qa.access import keeps_at, sites_kept, sites_reviewed
from qa.cards import Card
from qa.cells import CALL, coefficient, estimate, hundredths, when, yes
from qa.checking import agreeing, kept, reads, services, subjects, training, trying, words
from qa.checking.forms import RuleForm
from qa.checks import learned
from qa.models import CardCriterion, CheckRule, LearnedScorer, Suggestion
from qa.scoring.form import CHOSEN
from qa.transcribed import reads as transcripts

ReadOrPost = require_http_methods(["GET", "HEAD", "POST"])
HEADER = (
    gettext_lazy("Check"), gettext_lazy("Learned"), gettext_lazy("Looks for"),
    gettext_lazy("Scorecard"), gettext_lazy("Criterion"), gettext_lazy("Queues"),
    gettext_lazy("Languages"), gettext_lazy("In use"), gettext_lazy("Fills in"),
    gettext_lazy("Calls, 30 days"), gettext_lazy("Without times"), gettext_lazy("Broken"),
    gettext_lazy("Judged by both"),
    gettext_lazy("Broken for both"), gettext_lazy("Broken for the check alone"),
    gettext_lazy("Broken for people alone"), gettext_lazy("Precision, %"),
    gettext_lazy("Precision from, %"), gettext_lazy("Precision to, %"), gettext_lazy("Recall, %"),
    gettext_lazy("Recall from, %"), gettext_lazy("Recall to, %"), "kappa",
    gettext_lazy("kappa from"), gettext_lazy("kappa to"),
)  # fmt: skip
SUGGESTED_HEADER = (
    *CALL, gettext_lazy("Criterion"), gettext_lazy("Verdict"), gettext_lazy("Answer"),
    gettext_lazy("Not applicable"),
    gettext_lazy("Confidence, %"), gettext_lazy("Line"), gettext_lazy("Second"),
    gettext_lazy("What was said"),
)  # fmt: skip


@login_required
@require_safe
def checks_page(request: HttpRequest) -> HttpResponse:
    """The checks of a site: what each finds, and how far it agrees with people."""
    site, sites = _site(request)
    if site is None:
        return render(request, "qa/checks.html", {"site": None})
    now, user = timezone.now(), signed_in(request)
    rows = reads.listed(user, site, now)
    checked, left = transcripts.counts([site])
    keeps_it, job = keeps_at(user, site.pk), _training(site)
    context = {
        "site": site,
        "sites": sites,
        "rules": [one for one in rows if not one.is_learned],
        "scorers": [one for one in rows if one.is_learned],
        "checked": checked,
        "left": left,
        "keeps": keeps_it,
        "criteria": _learnable(site) if keeps_it else [],
        "may_learn": learned.is_there(),
        "job": job,
        "csv": address(reverse("checks_csv"), {"site": site.slug}),
        "topics": address(reverse("check_topics"), {"site": site.slug}),
        "new": address(reverse("check_new"), {"site": site.slug}),
        "poll_url": "" if job is None else reverse("check_job", args=[job.pk]),
    }
    return render(request, "qa/checks.html", context)


@login_required
@require_safe
def checks_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same as a file."""
    site, _sites = _site(request)
    if site is None:
        raise Http404
    rows = reads.listed(signed_in(request), site, timezone.now())
    return exports.download(f"checks-{site.slug}.csv", HEADER, map(_cells, rows))


def _cells(one: reads.Row) -> Sequence[object]:
    measure, row = one.agreement.measure, one.row
    kappa = measure.kappa
    measured = (
        *estimate(measure.precision),
        *estimate(measure.recall),
        *((None,) * 3 if kappa is None else map(coefficient, (kappa.value, kappa.low, kappa.high))),
    )
    return [
        one.name, yes(one.is_learned), one.looks_for, row.criterion.card.name, row.criterion.name,
        ", ".join(one.queues), ", ".join(one.languages), yes(getattr(row, "is_active", True)),
        yes(row.prefills), one.judged, one.untimed, one.broken, measure.calls,
        measure.both, measure.rule_alone, measure.people_alone, *measured,
    ]  # fmt: skip


@login_required
@require_safe
def check_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A rule: what it looks for, what it finds, where people say something else."""
    row = _rule(request, pk, agreeing.with_waiting(CheckRule.objects.visible_to(request.user)))
    about(request, row.site)
    now = timezone.now()
    pairs = agreeing.pairs(row)
    one = reads.one(row, now, agreeing.of_pairs(pairs))
    context = {
        "row": row,
        "one": one,
        "measure": one.agreement.measure,
        "why_not": services.why_not(row, one.agreement) if not row.prefills else "",
        **_judged(row),
        "differences": reads.differences(row, pairs, request.user),
        "found": reads.broken(one, request.user, now),
        "rule": kept.rule_of(row),
        "keeps": keeps_at(request.user, row.site_id),
    }
    return render(request, "qa/check.html", context)


@login_required
@require_safe
def check_csv(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """What a rule suggests for the calls of the last days, with the lines that say so."""
    row = _rule(request, pk)
    now = timezone.now()
    if request.method == "GET":
        exported.listed(signed_in(request), Suggestion, row.site, True, now)
    found = reads.suggestions(signed_in(request), row.site, now - reads.RECENT, now, row.pk)
    card = kept.forms_of([row.criterion.card_id]).get(row.criterion.card_id)
    lines = (line for one in found.iterator(2000) for line in _suggested(one, card, row.site.tz))
    return exports.download(f"check-{row.pk}.csv", SUGGESTED_HEADER, lines)


def _suggested(one: Suggestion, card: Card | None, zone: tzinfo) -> Iterator[Sequence[object]]:
    answer = reads.answer_words(card, one.criterion, one.value, one.skipped)
    own = (
        one.transcript.call_id, when(one.transcript.called_at, zone), one.criterion.name,
        words.VERDICTS.get(one.verdict, one.verdict),
        answer if one.value or one.skipped else None, yes(one.skipped),
        hundredths(one.confidence),
    )  # fmt: skip
    for each in one.evidence or [{}]:
        at = each.get("at_ms")
        yield (*own, each.get("line"), None if at is None else at / 1000, each.get("quote"))


@login_required
@ReadOrPost
def check_new(request: HttpRequest) -> HttpResponse:
    """A new rule: of which criterion, then what it looks for."""
    sites = list(sites_kept(request.user))
    if not sites:
        raise Http404
    site = of_open_sites(request, sites, timezone.now())
    assert site is not None  # there is one
    asked = request.POST.get("criterion") or request.GET.get("criterion", "")
    criterion = _criterion(site, asked) if asked else None
    if criterion is None:
        context = {"site": site, "sites": sites, "criteria": _by_card(reads.criteria(site))}
        return render(request, "qa/check_new.html", context)
    return _form(request, site, criterion, None)


@login_required
@ReadOrPost
def check_edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = _kept_rule(request, pk)
    about(request, row.site)
    return _form(request, row.site, row.criterion, row)


def _form(
    request: HttpRequest, site: Site, criterion: CardCriterion, row: CheckRule | None
) -> HttpResponse:
    card = kept.forms_of([criterion.card_id]).get(criterion.card_id)
    if card is None or card.find(criterion.key) is None:
        messages.warning(
            request, _("The scorecard does not ask this any more: make a check of another.")
        )
        return redirect("check_new" if row is None else "checks")
    data = request.POST if request.method == "POST" else None
    form = RuleForm(
        data, site=site, criterion=criterion, card=card, row=row,
        seen="" if row is None else services.mark(row),
    )  # fmt: skip
    tried = None
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        if "try" in request.POST:
            tried = trying.tried(
                site.pk, said["rule"], signed_in(request), [one.pk for one in said["queues"]]
            )
        else:
            try:
                made = services.keep(
                    form.made(), said["rule"], said["queues"], signed_in(request), timezone.now(),
                    seen=said["seen"], changed=tasks.check_soon,
                )  # fmt: skip
            except ValidationError as refusal:
                form.add_error(None, refusal.messages[0])
            else:
                messages.info(
                    request, _("%(name)s is kept: calls are judged by it soon.") % {"name": made}
                )
                return redirect("check", made.pk)
    context = {
        "form": form, "site": site, "criterion": criterion, "row": row, "tried": tried,
        "most": trying.MOST_CALLS,
    }  # fmt: skip
    return render(request, "qa/check_form.html", context)


@login_required
@require_POST
def check_use(request: HttpRequest, pk: int) -> HttpResponse:
    """Have calls judged by a rule, or no more."""
    row = _kept_rule(request, pk)
    wanted = request.POST.get("use") == "yes"
    services.use(
        row, signed_in(request), timezone.now(), is_active=wanted, changed=tasks.check_soon
    )
    return redirect("check", pk)


@login_required
@require_POST
def check_prefill(request: HttpRequest, pk: int) -> HttpResponse:
    return _prefill(request, _kept_rule(request, pk), "check")


@login_required
@require_POST
def learned_prefill(request: HttpRequest, pk: int) -> HttpResponse:
    return _prefill(request, _kept_scorer(request, pk), "learned_check")


def _prefill(request: HttpRequest, row: CheckRule | LearnedScorer, page: str) -> HttpResponse:
    """Have a check fill in answers, or no more."""
    wanted = request.POST.get("prefill") == "yes"
    try:
        if services.let_prefill(row, signed_in(request), timezone.now(), prefills=wanted):
            tasks.check_soon()
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    return redirect(page, row.pk)


@login_required
@ReadOrPost
def check_remove(request: HttpRequest, pk: int) -> HttpResponse:
    return _remove(request, _kept_rule(request, pk), "check")


@login_required
@ReadOrPost
def learned_remove(request: HttpRequest, pk: int) -> HttpResponse:
    return _remove(request, _kept_scorer(request, pk), "learned_check")


def _remove(request: HttpRequest, row: CheckRule | LearnedScorer, page: str) -> HttpResponse:
    """Before a check is removed, and its removal."""
    if request.method == "POST":
        if services.remove(row, signed_in(request), timezone.now()):
            messages.info(request, _("%(name)s is removed.") % {"name": row})
        return redirect(address(reverse("checks"), {"site": row.site.slug}))
    about(request, row.site)
    context = {
        "row": row, "back": reverse(page, args=[row.pk]), "many": row.suggestions.count(),
    }  # fmt: skip
    return render(request, "qa/check_remove.html", context)


@login_required
@require_safe
def learned_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A learned scorer: what it was learned from, and how far it agrees with people."""
    rows = LearnedScorer.objects.visible_to(request.user)
    row = _scorer(request, pk, agreeing.with_waiting(rows))
    about(request, row.site)
    one = reads.one(row, timezone.now())
    context = {
        "row": row,
        "one": one,
        "measure": one.agreement.measure,
        "why_not": services.why_not(row, one.agreement) if not row.prefills else "",
        **_judged(row),
        "answers": _names(row, row.model.get("answers", ())),
        "left_out": _names(row, row.model.get("left_out", ())),
        "keeps": keeps_at(request.user, row.site_id),
    }
    return render(request, "qa/learned_check.html", context)


def _judged(row: CheckRule | LearnedScorer) -> dict[str, Any]:
    """How far transcripts of the site of a check (`agreeing.with_waiting`) are judged, for
    `_check_agreement.html`."""
    is_used = getattr(row, "is_active", True)
    waiting = agreeing.waiting_of(row) if is_used else agreeing.Waiting(0, 0, 0)
    return {"waiting": waiting, "not_final": words.not_all_judged(waiting)}


def _names(row: LearnedScorer, options: Sequence[str]) -> list[str]:
    card = kept.forms_of([row.criterion.card_id]).get(row.criterion.card_id)
    key = row.criterion.key
    return [one if card is None else card.option(key, one) for one in options]


@login_required
@require_POST
def check_learn(request: HttpRequest) -> HttpResponse:
    """Have a criterion's answers learned from reviews."""
    sites = list(sites_kept(request.user))
    site = next((one for one in sites if one.slug == request.POST.get("site")), None)
    if site is None:
        raise Http404
    back = address(reverse("checks"), {"site": site.slug})
    try:
        training.ask(
            site, _criterion(site, request.POST.get("criterion", "")), signed_in(request),
            lambda job: work.send(tasks.train_check, job.pk),
        )  # fmt: skip
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    return redirect(back)


@login_required
@ReadOrPost
def check_topics(request: HttpRequest) -> HttpResponse:
    """What each queue's calls are about in some days of a site."""
    if not may_open("checks", request.user):
        raise Http404
    now = timezone.now()
    filters = asked_for.read(request, now, "28d", list(sites_reviewed(request.user)))
    if filters is None:
        return render(request, "qa/check_topics.html", {"site": None})
    about(request, filters.site)
    site, first, last = filters.site, filters.first, filters.last
    here = address(reverse("check_topics"), filters.parameters())
    if request.method == "POST":
        try:
            subjects.ask(
                site, first, last, signed_in(request),
                lambda job: work.send(tasks.look_for_topics, job.pk),
            )  # fmt: skip
        except ValidationError as refusal:
            messages.warning(request, refusal.messages[0])
        return redirect(here)
    job = subjects.newest(site, first, last)
    done = job is not None and job.state == Job.State.DONE
    context = {
        "site": site,
        "shown": filters,
        "filters": filters.bar(),
        "here": here,
        "job": job,
        "is_done": done,
        "queues": subjects.told(signed_in(request), job, filters.queue),
        "poll_url": "" if job is None else reverse("check_job", args=[job.pk]),
        "result_url": here,
        "most": subjects.MOST_CALLS,
    }
    return render(request, "qa/check_topics.html", context)


@login_required
@require_safe
def check_job(request: HttpRequest, pk: int) -> HttpResponse:
    """How far work on checks is: what is asked every second."""
    if pk > MOST_ID:
        raise Http404
    job = get_object_or_404(Job, pk=pk, kind__in=(training.KIND, subjects.KIND))
    site = next(
        (one for one in sites_reviewed(request.user) if one.pk == job.payload.get("site")), None
    )
    if site is None:
        raise Http404
    result = address(reverse("checks"), {"site": site.slug})
    if job.kind == subjects.KIND:
        days = {"from": job.payload["first"], "to": job.payload["last"], "period": "custom"}
        result = address(reverse("check_topics"), {"site": site.slug} | days)
    context = {"job": job, "poll_url": reverse("check_job", args=[pk]), "result_url": result}
    return render(request, "_partials/job.html", context)


def _site(request: HttpRequest) -> tuple[Site | None, list[Site]]:
    if not may_open("checks", request.user):
        raise Http404
    sites = list(sites_reviewed(request.user))
    return of_open_sites(request, sites, timezone.now()), sites


def _rule(request: HttpRequest, pk: int, rows: QuerySet[Any] | None = None) -> CheckRule:
    if pk > MOST_ID:
        raise Http404
    there = CheckRule.objects.visible_to(request.user) if rows is None else rows
    there = there.select_related("site", "criterion__card", "made_by").prefetch_related("queues")
    found: CheckRule = get_object_or_404(there, pk=pk)
    return found


def _kept_rule(request: HttpRequest, pk: int) -> CheckRule:
    return _rule(request, pk, CheckRule.objects.kept_by(request.user))


def _scorer(request: HttpRequest, pk: int, rows: QuerySet[Any]) -> LearnedScorer:
    if pk > MOST_ID:
        raise Http404
    related = rows.select_related("site", "criterion__card", "trained_by")
    found: LearnedScorer = get_object_or_404(related, pk=pk)
    return found


def _kept_scorer(request: HttpRequest, pk: int) -> LearnedScorer:
    return _scorer(request, pk, LearnedScorer.objects.kept_by(request.user))


def _criterion(site: Site, word: str) -> CardCriterion:
    """A criterion of a site's scorecards by its id as text. Raises Http404."""
    if not (word.isascii() and word.isdecimal() and len(word) < 19):
        raise Http404
    found: CardCriterion = get_object_or_404(reads.criteria(site), pk=int(word))
    return found


def _learnable(site: Site) -> list[tuple[str, list[CardCriterion]]]:
    return _by_card(reads.criteria(site).filter(kind__in=[one.value for one in CHOSEN]))


def _by_card(rows: QuerySet[CardCriterion]) -> list[tuple[str, list[CardCriterion]]]:
    found: dict[int, tuple[str, list[CardCriterion]]] = {}
    for one in rows:
        found.setdefault(one.card_id, (one.card.name, []))[1].append(one)
    return list(found.values())


def _training(site: Site) -> Job | None:
    """The newest training at a site, while it is going on or where it failed last."""
    rows = Job.objects.filter(kind=training.KIND, payload__contains={"site": site.pk})
    one: Job | None = rows.order_by("-pk").first()
    return one if one is not None and one.state != Job.State.CANCELLED else None


def urls(under: str) -> list[URLPattern]:
    own = f"{under}/checks"
    return [
        path(f"{own}/", checks_page, name="checks"),
        path(f"{own}/export.csv", checks_csv, name="checks_csv"),
        path(f"{own}/new/", check_new, name="check_new"),
        path(f"{own}/topics/", check_topics, name="check_topics"),
        path(f"{own}/learn/", check_learn, name="check_learn"),
        path(f"{own}/jobs/<int:pk>/", check_job, name="check_job"),
        path(f"{own}/<int:pk>/", check_page, name="check"),
        path(f"{own}/<int:pk>/export.csv", check_csv, name="check_csv"),
        path(f"{own}/<int:pk>/edit/", check_edit, name="check_edit"),
        path(f"{own}/<int:pk>/use/", check_use, name="check_use"),
        path(f"{own}/<int:pk>/prefill/", check_prefill, name="check_prefill"),
        path(f"{own}/<int:pk>/remove/", check_remove, name="check_remove"),
        path(f"{own}/learned/<int:pk>/", learned_page, name="learned_check"),
        path(f"{own}/learned/<int:pk>/prefill/", learned_prefill, name="learned_prefill"),
        path(f"{own}/learned/<int:pk>/remove/", learned_remove, name="learned_remove"),
    ]
