"""The public page that asks a caller, by link and without signing in; and a call's links."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from ccm import limits, notes, surveys
from ccm.models import Call, SurveyInvitation, SurveyResponse, User, token_hash
from ccm.views.failures import refused

# A minute's worth for a person, or for an office behind one address.
MOST_A_LINK = 20
MOST_AN_ADDRESS = 60
MOST_BYTES = 2**16
# Newest first: a call with more is one that somebody plays with.
MOST_LINKS = 20


class AnswerForm(forms.Form):
    """The questions of one invitation. Each may be passed over, not all of them."""

    def __init__(self, invitation: SurveyInvitation, data: Any = None) -> None:
        super().__init__(data)
        self.questions = [surveys.QUESTIONS[kind] for kind in invitation.questions]
        for one in self.questions:
            words = _("This is none of the answers: choose from %(low)s to %(high)s.")
            if one.high - one.low == 1:
                words = _("This is none of the answers: choose %(low)s or %(high)s.")
                ends = {"low": one.low_words, "high": one.high_words}
            else:
                ends = {"low": str(one.low), "high": str(one.high)}
            self.fields[one.kind] = forms.TypedChoiceField(
                coerce=int,
                empty_value=None,
                choices=[(n, str(n)) for n in range(one.low, one.high + 1)],
                required=False,
                error_messages={"invalid_choice": words % ends},
            )
        self.fields["comment"] = forms.CharField(max_length=surveys.COMMENT_LIMIT, required=False)

    @property
    def asked(self) -> list[dict[str, Any]]:
        """The questions as the page draws them, with what was chosen."""
        return [
            {
                "question": one,
                "chosen": self[one.kind].value(),
                "error": next(iter(self[one.kind].errors), ""),
                "choices": [str(n) for n in range(one.low, one.high + 1)],
                "yes_or_no": one.high - one.low == 1,
                "wide": one.high - one.low > 7,
            }
            for one in self.questions
        ]

    @property
    def scores(self) -> dict[str, int]:
        given = {one.kind: self.cleaned_data[one.kind] for one in self.questions}
        return {kind: score for kind, score in given.items() if score is not None}

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if not self.errors and not self.scores:
            raise forms.ValidationError(_("Please answer at least one question."))
        return said


def _in_private(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page that is found by nobody else: its address is a secret."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response

    return answered


# A page without a referrer sends "Origin: null", which the middleware would refuse; and it sets
# no cookie. So the page's own signed token stands in for the cookie's.
@csrf_exempt
@_in_private
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def survey_page(request: HttpRequest, words: str) -> HttpResponse:
    if refusal := _too_much(request, words):
        return refusal
    now = timezone.now()
    invitation = surveys.invitation_of(words, now)
    if invitation is None:
        return _gone(request, words)
    if request.method == "GET":
        surveys.opened(invitation, now)
    form = AnswerForm(invitation, request.POST if request.method == "POST" else None)
    problem = ""
    if form.is_bound:
        if not _from_its_page(request, words):
            problem = _("This page was open for too long. Please send it once more.")
        elif request.POST.get("begun") == "1":
            surveys.begun(invitation, now)
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        elif request.POST.get("never") == "1":
            surveys.opt_out(invitation, now)
            return render(request, "ccm/survey_never.html", {"site": invitation.site})
        elif form.is_valid():
            comment = form.cleaned_data["comment"]
            if surveys.answer(invitation, form.scores, comment, now):
                return render(request, "ccm/survey_thanks.html", {"site": invitation.site})
            return _gone(request, words)
        else:
            surveys.begun(invitation, now)
    return render(
        request,
        "ccm/survey.html",
        {
            "form": form,
            "problem": problem,
            "token": surveys.form_token(invitation),
            "most_characters": surveys.COMMENT_LIMIT,
            "call_at": _when(invitation),
            "zone": invitation.site.zone,
            "site": invitation.site,
        },
    )


@csrf_exempt
@_in_private
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def survey_stop(request: HttpRequest, words: str) -> HttpResponse:
    """Where a mail leads who does not want to be asked any more: a page that asks once, since
    programs follow links, and what mail programs post by themselves (RFC 8058)."""
    if refusal := _too_much(request, words):
        return refusal
    invitation = surveys.ever_invited(words)
    if invitation is None:
        return render(request, "ccm/survey_gone.html", status=404)
    if request.method == "POST":
        # The words of the link are what it takes: a mail program has no page to send it from.
        surveys.opt_out(invitation, timezone.now())
        return render(request, "ccm/survey_never.html", {"site": invitation.site})
    return render(request, "ccm/survey_stop.html", {"site": invitation.site})


def _too_much(request: HttpRequest, words: str) -> HttpResponse | None:
    """The refusal of a request that is too long, or comes too often; None: it is answered."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return refused(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _("This is too long."))
    address = limits.address_key(limits.address_of(request))
    link = token_hash(words)[:24]
    # Both are counted, whichever is too much.
    often = [
        limits.too_often(f"survey:address:{address}", MOST_AN_ADDRESS),
        limits.too_often(f"survey:link:{link}", MOST_A_LINK),
    ]
    if not any(often):
        return None
    response = render(request, "ccm/survey_later.html", status=429)
    response["Retry-After"] = str(limits.WINDOW_SECONDS)
    return response


def _gone(request: HttpRequest, words: str) -> HttpResponse:
    # Who pressed Send twice sees what came of the second.
    if request.method == "POST" and _from_its_page(request, words) and surveys.answered(words):
        return render(request, "ccm/survey_thanks.html", {"again": True})
    return render(request, "ccm/survey_gone.html", status=404)


def _from_its_page(request: HttpRequest, words: str) -> bool:
    elsewhere = request.headers.get("Sec-Fetch-Site") == "cross-site"
    return not elsewhere and surveys.from_its_page(words, request.POST.get("token", ""))


def _when(invitation: SurveyInvitation) -> Any:
    """When the call was, that the caller may remember which one is meant."""
    if invitation.call_id is None:
        return None
    return Call.objects.filter(pk=invitation.call_id).values_list("offered_at", flat=True).first()


@login_required
@require_POST
def invite(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make a link that asks the caller of a call, and show it once."""
    assert request.user.is_authenticated  # login_required
    call = _call_to_ask_of(request.user, pk)
    now = timezone.now()
    try:
        _made, words = surveys.invite(
            list(surveys.QUESTIONS),
            request.user,
            now + surveys.GOOD_FOR,
            now=now,
            site=call.site,
            call=call,
            queue=call.queue,
            agent=call.agent,
        )
    except surveys.CannotAsk as reason:
        messages.warning(request, str(reason))
        return redirect("call", pk=call.pk)
    url = request.build_absolute_uri(reverse("survey", args=[words]))
    told = _("Send this to the caller; it is shown once and good for %(days)d days: %(url)s")
    messages.info(request, told % {"url": url, "days": surveys.GOOD_FOR.days})
    return redirect("call", pk=call.pk)


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: UUID, link: int) -> HttpResponse:
    """Have a link of a call take no answer any more."""
    assert request.user.is_authenticated  # login_required
    call = _call_to_ask_of(request.user, pk)
    invitation = get_object_or_404(SurveyInvitation, pk=link, call=call)
    if surveys.withdraw(invitation, request.user, timezone.now()):
        messages.info(request, _("The link is withdrawn: it takes no answer any more."))
    else:
        words = _("This link was not open any more: it was answered, withdrawn, or has expired.")
        messages.warning(request, words)
    return redirect("call", pk=call.pk)


def _call_to_ask_of(user: User, pk: UUID) -> Call:
    """A call whose caller the user may ask. Raises Http404."""
    calls = Call.objects.visible_to(user).select_related("site", "queue", "agent")
    call = get_object_or_404(calls, pk=pk)
    if not notes.rights(user, call).may_ask_caller:
        raise Http404
    return call


def asking(
    call: Call, told: Iterable[SurveyResponse], now: datetime, end_is_lost: bool
) -> dict[str, Any]:
    """What the page of a call shows, to who may ask its caller, of its links: `links`, `obstacle`
    (why none can be made, or empty), `open` (whether there is one). The call is read with
    `surveys.facts`; `told` are its answers."""
    made = [*call.invitations.select_related("created_by")[:MOST_LINKS]]
    says_no = getattr(call, "says_no", False)
    links = [
        {
            "link": one,
            "state": one.state_at(now),
            "no": says_no and one.withdrawn_at is not None and one.withdrawn_by_id is None,
        }
        for one in made
    ]
    by_link = {one.kind for one in told if one.source == surveys.SOURCE}
    return {
        "links": links,
        "obstacle": surveys.obstacle(call, by_link, end_is_lost) or surveys.let_alone(call, now),
        "open": any(one["state"] == SurveyInvitation.State.OPEN for one in links),
    }
