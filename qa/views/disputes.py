"""Disputes: what waits for whom, one with what is to be done, and how often answers are changed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
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
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from ccm import exported, exports, filters, viewed
from ccm.database import MOST_ID
from ccm.filters import Filters, about, address
from ccm.models import User, Viewing
from ccm.navigation import may_open
from ccm.rights import reach as rights
from ccm.views.lists import signed_in
from qa.access import reviewed_sites, sites_told
from qa.after import changing, disputing, listed, notices, reach, reads, words
from qa.after.forms import AnswersForm, WordsForm
from qa.cells import when
from qa.models import Dispute, Evaluation

PERIOD = "90d"
STATES = (
    ("", gettext_lazy("all")),
    ("standing", gettext_lazy("Still going on")),
    *Dispute.State.choices,
)
HEADER = (
    gettext_lazy("Dispute"), gettext_lazy("Review"), gettext_lazy("Agent"),
    gettext_lazy("Reviewer"), gettext_lazy("Scorecard"), gettext_lazy("About"),
    gettext_lazy("State"), gettext_lazy("Opened"), gettext_lazy("Answer due"),
    gettext_lazy("Answered"), gettext_lazy("Escalated"), gettext_lazy("Decided"),
    gettext_lazy("Decided by"), gettext_lazy("Outcome"), gettext_lazy("Why"),
    gettext_lazy("Answer"), gettext_lazy("Reason"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list of disputes is asked for."""

    filters: Filters
    state: str


@login_required
@require_safe
def disputes_page(request: HttpRequest) -> HttpResponse:
    """What waits for the reader, the disputes of a site and period, and what became of them."""
    if not may_open("disputes", request.user):
        raise Http404
    who, now = signed_in(request), timezone.now()
    asked = _asked(request)
    scope = rights.scope_for(who, "disputes")
    context: dict[str, Any] = {
        "waiting": listed.waiting(who, now),
        "decides": scope.everything or bool(reviewed_sites(scope)),
        "asked": asked,
        "now": now,
    }
    if asked is not None:
        shown = asked.filters
        about(request, shown.site)
        reviewers, criteria = listed.overturned(who, shown.site, shown.span)
        context |= {
            "filters": replace(shown.bar(), queues=[]),
            "states": STATES,
            "rows": listed.rows(listed.of_site(who, shown.site, shown.span, asked.state), now),
            "most": listed.MOST,
            "fewest": listed.FEWEST,
            "reviewers": reviewers,
            "criteria": criteria,
            "export": address(
                reverse("disputes_csv"), shown.parameters(queue="", state=asked.state)
            ),
        }
    return render(request, "qa/disputes.html", context)


@login_required
@require_safe
def disputes_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same rows, to keep; that they were is noted."""
    if not may_open("disputes", request.user):
        raise Http404
    who, now = signed_in(request), timezone.now()
    asked = _asked(request)
    if asked is None:
        raise Http404
    shown = asked.filters
    rows = listed.of_site(who, shown.site, shown.span, asked.state)
    if request.method == "GET":
        exported.listed(who, Dispute, shown.site, bool(asked.state), now)
    return exports.download("disputes.csv", HEADER, _cells(rows))


def _cells(rows: Any) -> Iterator[Sequence[object]]:
    for one in rows[: exports.MOST_ROWS + 1].iterator(chunk_size=500):
        evaluation = one.evaluation
        zone = evaluation.site.tz
        moments = (
            one.opened_at, one.answer_due_at, one.answered_at, one.escalated_at, one.decided_at,
        )  # fmt: skip
        yield (
            one.pk, evaluation.pk, evaluation.agent.name, str(evaluation.reviewer),
            evaluation.version,
            _("All of the review") if one.criterion is None else one.criterion.name,
            one.get_state_display(), *(when(at, zone) for at in moments),
            "" if one.decided_by is None else str(one.decided_by),
            words.became(one), one.words, one.answer, one.reason,
        )  # fmt: skip


def _asked(request: HttpRequest) -> Asked | None:
    found = filters.read(request, timezone.now(), PERIOD, sites_told(request.user))
    if found is None:
        return None
    state = request.GET.get("state", "")
    known = {value for value, _words in STATES}
    return Asked(replace(found, queue=None), state if state in known else "")


@login_required
@require_safe
def dispute_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One dispute, step by step, and what the reader may do with it."""
    return _page(request, _dispute(request, pk))


def _page(
    request: HttpRequest, dispute: Dispute, act: str = "", form: Form | None = None
) -> HttpResponse:
    who, now = signed_in(request), timezone.now()
    about(request, dispute.evaluation.site)
    if request.method != "POST":
        viewed.note(who, [dispute.evaluation.agent_id], Viewing.What.REVIEW, now)
    told = reads.of_dispute(dispute, who, now)
    if reach.is_own(dispute.evaluation, who) and request.method == "GET":
        disputing.saw_decisions([dispute], now)
    forms: dict[str, Form] = {
        name: _form(name, dispute, None)
        for name in ("answer", "decide", "escalate")
        if name in told.may
    }
    if form is not None and act in told.may:
        forms[act] = form
    review = reads.told(dispute.evaluation, who, now)
    chosen = [
        one
        for section in review.sections
        for one in section.criteria
        if dispute.criterion is None or (one.row is not None and one.row.pk == dispute.criterion_id)
    ]
    context = {
        "told": told,
        "review": review,
        "chosen": chosen,
        "not_asked": changing.not_asked() if review.is_moot(dispute) else "",
        "forms": forms,
        "is_own": reach.is_own(dispute.evaluation, who),
        "now": now,
    }
    return render(request, "qa/dispute.html", context)


def _form(act: str, dispute: Dispute, sent: Any) -> Form:
    if act == "escalate":
        return WordsForm(sent, prefix=act, label=_("Why it goes on"))
    label = _("Your reason; the agent and the reviewer read it")
    if act == "answer":
        label = _("Your answer; the agent reads it")
    return AnswersForm(
        sent, prefix=act, dispute=dispute, evaluation=dispute.evaluation, label=label
    )


Do = Callable[[Dispute, User, Any], Dispute]


def _answer(dispute: Dispute, who: User, form: Any) -> Dispute:
    said = form.cleaned_data
    return disputing.answer(dispute, who, timezone.now(), said["words"], form.said(), said["seen"])


def _decide(dispute: Dispute, who: User, form: Any) -> Dispute:
    said = form.cleaned_data
    return disputing.decide(dispute, who, timezone.now(), said["words"], form.said(), said["seen"])


def _escalate(dispute: Dispute, who: User, form: Any) -> Dispute:
    return disputing.escalate(dispute, who, timezone.now(), form.cleaned_data["words"])


def _accept(dispute: Dispute, who: User, _form: Any) -> Dispute:
    return disputing.accept(dispute, who, timezone.now())


def _withdraw(dispute: Dispute, who: User, _form: Any) -> Dispute:
    return disputing.withdraw(dispute, who, timezone.now())


ACTS: dict[str, Do] = {
    "answer": _answer,
    "decide": _decide,
    "escalate": _escalate,
    "accept": _accept,
    "withdraw": _withdraw,
}
_DONE = {
    "answer": gettext_lazy("It is answered: the agent reads it under My reviews."),
    "decide": gettext_lazy(
        "It is decided: the agent reads it under My reviews, the reviewer under Disputes, both "
        "with your reason."
    ),
    "escalate": gettext_lazy("It goes on: somebody else decides, and this page will say why."),
    "accept": gettext_lazy("It is settled."),
    "withdraw": gettext_lazy("It is withdrawn."),
}


@login_required
@require_POST
def dispute_act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """A step of a dispute, by whom it waits for."""
    dispute, who = _dispute(request, pk), signed_in(request)
    if act not in ACTS or not reach.is_step_of(act, dispute, who):
        raise Http404
    form: Any = None
    if act in ("answer", "decide", "escalate"):
        form = _form(act, dispute, request.POST)
        if not form.is_valid():
            return _page(request, dispute, act, form)
    try:
        ACTS[act](dispute, who, form)
    except ValidationError as refusal:
        return _refused(request, pk, act, form, refusal)
    messages.info(request, _done(act, dispute, who))
    if reach.is_own(dispute.evaluation, who):
        return redirect("review_told", dispute.evaluation_id)
    return redirect("dispute", pk)


def _refused(
    request: HttpRequest, pk: int, act: str, form: Any, refusal: ValidationError
) -> HttpResponse:
    """A step that is not done: what was typed stays, beside the dispute as it is by now."""
    dispute = _dispute(request, pk)
    if form is None or act not in reads.acts(dispute, signed_in(request), timezone.now()):
        messages.warning(request, refusal.messages[0])
        return redirect("dispute", pk)
    seen = form.cleaned_data.get("seen")
    if seen is not None and seen != dispute.evaluation.revision:
        # The review is shown as it is: it is what they have seen when they send it again.
        sent = request.POST.copy()
        sent[form.add_prefix("seen")] = str(dispute.evaluation.revision)
        form = _form(act, dispute, sent)
        form.is_valid()
    if isinstance(form, AnswersForm):
        form.refuse(refusal)
    else:
        form.add_error(None, refusal)
    return _page(request, dispute, act, form)


def _done(act: str, dispute: Dispute, who: User) -> str:
    """What is said to whoever did it: where others read it, and whom a mail tells."""
    told = {
        "answer": [dispute.evaluation.agent.user],
        "decide": [dispute.evaluation.agent.user, dispute.evaluation.reviewer],
    }
    mails = [one for one in told.get(act, ()) if notices.is_mailed(one, who)]
    words = [str(_DONE[act])]
    if mails:
        words.append(ngettext("A mail says so, too.", "Mails say so, too.", len(mails)))
    return " ".join(words)


def _dispute(request: HttpRequest, pk: int) -> Dispute:
    if pk > MOST_ID:
        raise Http404
    rows = reach.disputes(request.user).select_related(
        "criterion", "opened_by", "answered_by", "decided_by",
        "evaluation__site", "evaluation__agent__user", "evaluation__reviewer",
        "evaluation__version__card", "evaluation__drawn", "evaluation__queue",
    )  # fmt: skip
    found: Dispute = get_object_or_404(rows, pk=pk)
    assert isinstance(found.evaluation, Evaluation)
    return found


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{under}/disputes/", disputes_page, name="disputes"),
        path(f"{under}/disputes/export.csv", disputes_csv, name="disputes_csv"),
        path(f"{under}/disputes/<int:pk>/", dispute_page, name="dispute"),
        path(f"{under}/disputes/<int:pk>/<slug:act>/", dispute_act, name="dispute_act"),
    ]
