"""`POST /api/v1/survey-invitations/`: links by which callers answer, for whoever sends them on."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ccm import notes, surveys
from ccm.api import posts
from ccm.api.auth import TokenAuthentication, TokenScope, writes_for
from ccm.api.fields import Member, Moment, Row, Text, object_schema
from ccm.api.parsers import ActJSONParser
from ccm.api.problems import Invalid
from ccm.models import Agent, ApiToken, Call, Queue, Site, User

INVITATION: dict[str, Member] = {
    "call": Text(36, "The call's id in this record, as the list of calls has it."),
    "site": Text(60, "The site, by its slug; needed where no call is named."),
    "queue": Text(120, "The queue's name; needed where no call is named. It must be known."),
    "agent": Text(160, "The agent's name, where no call is named. It must be known."),
    "expires_at": Moment(
        "Until when the link is good: at most 92 days, 7 if left out.", ahead=surveys.LONGEST
    ),
}
_QUESTIONS: dict[str, Any] = {
    "type": "array",
    "items": {"type": "string", "enum": list(surveys.QUESTIONS)},
    "description": "What is asked, in this order; everything if left out.",
}
_ANSWER_SCHEMA = {
    "type": "object",
    "required": ["id", "url", "expires_at", "questions"],
    "properties": {
        "id": {"type": "integer"},
        "url": {"type": "string", "format": "uri", "description": "The link; told only here."},
        "expires_at": {"type": "string", "format": "date-time"},
        "questions": {"type": "array", "items": {"type": "string"}},
    },
}


class SurveyInvitationsView(APIView):
    """Makes one invitation."""

    parser_classes = [ActJSONParser]
    authentication_classes = [TokenAuthentication, SessionAuthentication]
    permission_classes = [TokenScope]
    token_scope = ApiToken.WRITE_RECORD

    @extend_schema(
        operation_id="post_survey_invitation",
        summary="Invite a caller to a survey",
        description=(
            "Makes a link to a page that asks the caller of a call, or of none, without signing "
            "in. It takes one answer, and takes the place of a link of the call that is still "
            "open; what the caller has answered by a link is not asked anew. Supervisors ask of "
            "calls of their teams, managers and admins of any of their sites. Its words are stored "
            "as a hash, so this answer is the only place that has them."
        ),
        request={"application/json": object_schema(INVITATION, questions=_QUESTIONS)},
        responses={201: _ANSWER_SCHEMA, **posts.PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        user = request.user
        assert user.is_authenticated  # TokenScope
        now = timezone.now()
        row = Row(request.data, INVITATION, now)
        for name in row.said.keys() - INVITATION.keys() - {"questions"}:
            row.wrong(name, _("An invitation has no such member."))
        questions = _questions(row)
        expires_at = row["expires_at"] or now + surveys.GOOD_FOR
        if expires_at <= now:
            row.wrong("expires_at", _("This is over already."))
        if not row.is_object:
            about: dict[str, Any] | None = None
        elif row.says("call"):
            about = _call(row, user)
        else:
            about = _place(row, user)
        if about is not None and not writes_for(request, about["site"].pk):
            about = None
            name = "call" if row.says("call") else "site"
            row.wrong(name, _("There is no such site within reach of this token."))
        if row.faults or about is None:
            raise Invalid(_("The invitation is not valid."), posts.errors_of(row.faults))
        try:
            made, words = surveys.invite(questions, user, expires_at, now=now, **about)
        except surveys.CannotAsk as reason:
            row.wrong("call", str(reason))
            raise Invalid(
                _("The invitation is not valid."), posts.errors_of(row.faults)
            ) from reason
        url = request.build_absolute_uri(reverse("survey", args=[words]))
        answer = {
            "id": made.pk,
            "url": url,
            "expires_at": made.expires_at.isoformat(),
            "questions": made.questions,
        }
        return Response(answer, status=posts.CREATED)


def _questions(row: Row) -> list[str]:
    asked = list(row.parts("questions", len(surveys.QUESTIONS)))
    for place, one in enumerate(asked):
        if not isinstance(one, str) or one not in surveys.QUESTIONS:
            words = _("This is none of %(choices)s.") % {"choices": ", ".join(surveys.QUESTIONS)}
            row.wrong("questions", f"{place}: {words}")
    return asked or list(surveys.QUESTIONS)


def _call(row: Row, user: User) -> dict[str, Any] | None:
    """The call that an invitation is about, as `surveys.invite` takes it."""
    try:
        wanted = UUID(row["call"] or "")
    except ValueError:
        call = None
    else:
        known = Call.objects.visible_to(user).select_related("site", "queue", "agent")
        call = known.filter(pk=wanted).first()
    if call is None or not notes.rights(user, call).may_ask_caller:
        row.wrong("call", _("There is no such call within reach."))
        return None
    return {"site": call.site, "call": call, "queue": call.queue, "agent": call.agent}


def _place(row: Row, user: User) -> dict[str, Any] | None:
    """The site, queue and agent that an invitation without a call is about."""
    # An answer that is of no queue would count for the whole site alone.
    row.needs("site", "queue")
    site: Site | None = Site.objects.managed_by(user).filter(slug=row["site"] or "").first()
    if site is None:
        if row["site"] is not None:
            row.wrong("site", _("There is no such site within reach."))
        return None
    found: dict[str, Any] = {"site": site}
    for name, rows in (("queue", Queue.objects), ("agent", Agent.objects)):
        if row[name] is None:
            continue
        found[name] = rows.filter(site=site, name=row[name]).first()
        if found[name] is None:
            row.wrong(name, _("The site has none of this name."))
    return found
