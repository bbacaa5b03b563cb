"""Calibration: sessions, one of them blind or being discussed, and agreement by criterion."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm import database, exported, exports
from ccm.access import scope_of
from ccm.database import MOST_ID, id_of
from ccm.filters import about, address, of_open_sites
from ccm.navigation import may_open
from ccm.querysets import Viewer
from ccm.views.lists import signed_in
from qa import cards
from qa.access import keeps, sites_kept
from qa.after import answering
from qa.after.changing import LONGEST
from qa.after.forms import WordsForm
from qa.calibration import agreeing, ratings, reads, services
from qa.calibration.agreeing import Agreed
from qa.calibration.forms import SessionForm
from qa.cells import coefficient, hundredths, yes
from qa.models import CalibrationCall, CalibrationSession, CardCriterion, Scorecard

State = CalibrationSession.State
MONTHS = (3, 6, 12, 24)
_LEVELS = {State.BLIND: "warn", State.OPEN: "warn", State.CLOSED: "none"}
RATINGS_HEADER = (
    gettext_lazy("Session"), gettext_lazy("Call"), gettext_lazy("Criterion"),
    gettext_lazy("Reviewer"), gettext_lazy("Expert"), gettext_lazy("Answer"),
    gettext_lazy("Comment"), gettext_lazy("Agreed"), gettext_lazy("Why"),
)  # fmt: skip
AGREEMENT_HEADER = (
    gettext_lazy("Criterion"), gettext_lazy("Metric"), gettext_lazy("Calls"),
    gettext_lazy("Scored by several"), gettext_lazy("Reviewers"), "alpha",
    gettext_lazy("alpha from"), gettext_lazy("alpha to"), "AC", gettext_lazy("AC from"),
    gettext_lazy("AC to"), gettext_lazy("Same answer, %"), gettext_lazy("Same answer from, %"),
    gettext_lazy("Same answer to, %"), gettext_lazy("Verdict"), gettext_lazy("Calls scored"),
    gettext_lazy("Calls failed"), gettext_lazy("Older answers left out"),
)  # fmt: skip


@login_required
@require_safe
def calibrations_page(request: HttpRequest) -> HttpResponse:
    """The sessions that the reader sees, the newest first."""
    if not may_open("calibrations", request.user):
        raise Http404
    rows = reads.listed(signed_in(request), timezone.now())
    context = {
        "rows": [(one, _LEVELS[State(one.session.state)]) for one in rows],
        "may_make": keeps(scope_of(request.user)),
        "sees_agreement": reads.sees_agreement(request.user),
        "most": reads.MOST,
    }
    return render(request, "qa/calibrations.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def calibration_new(request: HttpRequest) -> HttpResponse:
    """Make a session."""
    if not keeps(scope_of(request.user)):
        raise Http404
    sites, who = list(sites_kept(request.user)), signed_in(request)
    site = of_open_sites(request, sites, timezone.now())
    if site is None:
        raise Http404
    sent = request.POST if request.method == "POST" else None
    form = SessionForm(sent, site=site, who=who, begun=request.GET)
    if sent is not None and form.is_valid():
        try:
            session = services.make(form.asked(), who, timezone.now())
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.info(request, _("The session is made: each scores by themselves now."))
            return redirect("calibration", session.pk)
    context = {
        "form": form,
        "sites": sites,
        "site": site,
        "under_way": reads.under_way(site, request.GET.get("card", "")),
    }
    return render(request, "qa/calibration_new.html", context)


@login_required
@require_safe
def calibration_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A session: how far everybody is, and once it is open how far they agree."""
    return _page(request, _session(request, pk))


def _page(request: HttpRequest, session: CalibrationSession, **forms: Any) -> HttpResponse:
    who = signed_in(request)
    about(request, session.site)
    takes_part = services.takes_part(session, who)
    may_open_it = services.may_open(session, who)
    context: dict[str, Any] = {
        "session": session,
        "level": _LEVELS[State(session.state)],
        "progress": reads.progress(session),
        "may_open": may_open_it,
        "may_discuss": session.state == State.OPEN and (takes_part or may_open_it),
        "now": timezone.now(),
    }
    if session.state == State.BLIND:
        context["work"] = reads.own_work(session, who)
        return render(request, "qa/calibration_blind.html", context)
    number = request.GET.get("call", "1")
    chosen = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0
    glances, spread = reads.spread(session, chosen, signed_in(request))
    if glances and not 1 <= chosen <= len(glances):
        raise Http404
    context |= {"glances": glances, "spread": spread} | forms
    return render(request, "qa/calibration.html", context)


@login_required
@require_POST
def calibration_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Show everybody what all have said."""
    session, who = _session(request, pk), signed_in(request)
    if not services.may_open(session, who):
        raise Http404
    try:
        left = services.open_session(session, who, timezone.now())
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    else:
        said = _("It is open: everybody sees all answers.")
        if left:
            dropped = ngettext(
                "%(n)s review that was not finished is dropped.",
                "%(n)s reviews that were not finished are dropped.",
                left,
            )
            said = f"{said} {dropped % {'n': left}}"
        messages.info(request, said)
    return redirect("calibration", pk)


@login_required
@require_POST
def calibration_close(request: HttpRequest, pk: int) -> HttpResponse:
    """End the discussion."""
    session, who = _session(request, pk), signed_in(request)
    if not services.may_open(session, who):
        raise Http404
    try:
        services.close(session, who, timezone.now())
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    else:
        messages.info(request, _("The session is closed."))
    return redirect("calibration", pk)


@login_required
@require_POST
def calibration_say(request: HttpRequest, pk: int) -> HttpResponse:
    """Note what was said, of a criterion or of a call as a whole; or what was agreed on."""
    session, who, now = _session(request, pk), signed_in(request), timezone.now()
    if not (services.may_open(session, who) or services.takes_part(session, who)):
        raise Http404
    call = _call(request, session)
    criterion = _criterion(request, session)
    form = WordsForm(request.POST, required=False)
    if not form.is_valid():
        messages.warning(request, _("At most %(n)s signs.") % {"n": LONGEST})
        return _back(session, call)
    words = form.cleaned_data["words"]
    try:
        if request.POST.get("do") == "agree" and criterion is not None:
            _agree(request, session, call, criterion, words)
        else:
            services.note(call, criterion, words, who, now)
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    return _back(session, call)


def _agree(
    request: HttpRequest,
    session: CalibrationSession,
    call: CalibrationCall,
    criterion: CardCriterion,
    words: str,
) -> None:
    asked = cards.read(session.version.form).find(criterion.key)
    if asked is None:
        raise ValidationError(_("This version does not ask that."))
    given = answering.read(asked, request.POST.get("value", "")[:LONGEST])
    if not (given.value or given.skipped):
        raise ValidationError(_("Nothing is kept: say which answer was agreed on."))
    services.agree(
        call, criterion, given.value, words, signed_in(request), timezone.now(),
        skipped=given.skipped, revision=database.id_of(request.POST.get("revision", "")) or 0,
    )  # fmt: skip


def _back(session: CalibrationSession, call: CalibrationCall) -> HttpResponse:
    number = session.calls.filter(pk__lte=call.pk).count()
    return redirect(address(reverse("calibration", args=[session.pk]), {"call": number}))


@login_required
@require_safe
def calibration_csv(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The ratings of a session that is open, to keep; that they were is noted."""
    session, who = _session(request, pk), signed_in(request)
    if session.state == State.BLIND:
        raise Http404
    if request.method == "GET":
        exported.listed(who, CalibrationSession, session.site, True, timezone.now())
    return exports.download("calibration.csv", RATINGS_HEADER, rating_cells(session, who))


def rating_cells(session: CalibrationSession, user: Viewer) -> Iterator[Sequence[object]]:
    """A line for each answer: of a session that is open."""
    for one in reads.ratings(session, user):
        agreed = "" if one.row.agreed is None else one.row.agreed.words
        yield (
            session.name, str(one.call.call_id), one.row.name, str(one.said.rater),
            yes(one.said.is_expert), one.said.words, one.said.comment, one.row.agreed_words, agreed,
        )  # fmt: skip


# Agreement by criterion.


@login_required
@require_safe
def agreement_page(request: HttpRequest) -> HttpResponse:
    """How far reviewers agree on each criterion of a scorecard, over months."""
    choices, card, months = _agreement_asked(request)
    context: dict[str, Any] = {
        "cards": choices, "card": card, "months": months, "all_months": MONTHS,
    }  # fmt: skip
    if card is not None:
        now = timezone.now()
        found = agreeing.by_criterion(card, _since(now, months), now, request.user)
        context |= {
            "rows": [(one, *_figures(one)) for one in found],
            "metrics": agreeing.METRIC_WORDS,
            "sentences": agreeing.sentences(found),
            "export": address(reverse("agreement_csv"), {"card": card.pk, "months": months}),
        }
    return render(request, "qa/calibration_agreement.html", context)


def _figures(one: Agreed) -> tuple[tuple[str, str], tuple[str, str], tuple[str, str], Any]:
    found = one.found
    return (
        agreeing.estimate_words(found.alpha),
        agreeing.estimate_words(found.ac),
        agreeing.estimate_words(found.percent, is_share=True),
        agreeing.METRIC_WORDS[one.metric],
    )


@login_required
@require_safe
def agreement_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same figures, to keep. They are of criteria and name nobody."""
    _choices, card, months = _agreement_asked(request)
    if card is None:
        raise Http404
    now = timezone.now()
    found = agreeing.by_criterion(card, _since(now, months), now, request.user)
    return exports.download("agreement.csv", AGREEMENT_HEADER, map(_agreement_cells, found))


def _agreement_cells(one: Agreed) -> Sequence[object]:
    found = one.found
    ends = [
        coefficient(value)
        for each in (found.alpha, found.ac)
        for value in (each.value, each.low, each.high)
    ]
    same = [hundredths(one) for one in (found.percent.value, found.percent.low, found.percent.high)]
    return (
        one.criterion.name, agreeing.METRIC_WORDS[one.metric], found.calls, found.doubled,
        found.raters, *ends, *same, ", ".join(word for _level, word in one.tags),
        one.scored, one.failed, one.left_out,
    )  # fmt: skip


def _agreement_asked(request: HttpRequest) -> tuple[list[Scorecard], Scorecard | None, int]:
    """The scorecards that the reader may choose, the one that is asked for (else the one of which
    there is the most to tell), of how many months."""
    if not reads.sees_agreement(request.user):
        raise Http404
    choices = list(Scorecard.objects.visible_to(request.user).order_by("closed_at", "name", "pk"))
    asked = request.GET.get("card", "")
    found = next((one for one in choices if str(one.pk) == asked), None)
    if asked and found is None:
        raise Http404
    if found is None and choices:
        most = ratings.most_doubled(request.user)
        found = next((one for one in choices if one.pk == most), choices[0])
    said = request.GET.get("months", "")
    months = next((one for one in MONTHS if str(one) == said), 12)
    return choices, found, months


def _since(now: datetime, months: int) -> datetime:
    return now - timedelta(days=round(months * 30.44))


def _session(request: HttpRequest, pk: int) -> CalibrationSession:
    if pk > MOST_ID:
        raise Http404
    rows = CalibrationSession.objects.visible_to(request.user).select_related(
        "site", "version__card", "expert", "made_by", "opened_by"
    )
    found: CalibrationSession = get_object_or_404(rows, pk=pk)
    return found


def _call(request: HttpRequest, session: CalibrationSession) -> CalibrationCall:
    rows = session.calls.select_related("session__version")
    found: CalibrationCall = get_object_or_404(rows, pk=_number(request, "call"))
    return found


def _criterion(request: HttpRequest, session: CalibrationSession) -> CardCriterion | None:
    if not request.POST.get("criterion"):
        return None
    rows = CardCriterion.objects.filter(card=session.version.card_id)
    found: CardCriterion = get_object_or_404(rows, pk=_number(request, "criterion"))
    return found


def _number(request: HttpRequest, name: str) -> int:
    number = id_of(request.POST.get(name, ""))
    if number is None:
        raise Http404
    return number


def urls(under: str) -> list[URLPattern]:
    at = f"{under}/calibration"
    return [
        path(f"{at}/", calibrations_page, name="calibrations"),
        path(f"{at}/new/", calibration_new, name="calibration_new"),
        path(f"{at}/agreement/", agreement_page, name="agreement"),
        path(f"{at}/agreement/export.csv", agreement_csv, name="agreement_csv"),
        path(f"{at}/<int:pk>/", calibration_page, name="calibration"),
        path(f"{at}/<int:pk>/open/", calibration_open, name="calibration_open"),
        path(f"{at}/<int:pk>/close/", calibration_close, name="calibration_close"),
        path(f"{at}/<int:pk>/say/", calibration_say, name="calibration_say"),
        path(f"{at}/<int:pk>/export.csv", calibration_csv, name="calibration_csv"),
    ]
