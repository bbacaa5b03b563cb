"""`POST /api/v1/events/`: live events from switches, softphones and bridges."""

from typing import Any

from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ccm.api.auth import TokenAuthentication, TokenScope
from ccm.api.parsers import BoundedJSONParser
from ccm.api.problems import CONTENT_TYPE, Invalid, LengthRequired, problem_of, refuse_unread
from ccm.live import bus, events, inbox
from ccm.live.events import Event
from ccm.live.shapes import Shape, known
from ccm.models import ApiToken

MOST_EVENTS = 1000

_ACCEPTED_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["accepted", "duplicate", "rejected"],
    "properties": {
        "accepted": {"type": "integer", "description": "Events that are new."},
        "duplicate": {"type": "integer", "description": "Events that were here already."},
        "ignored": {
            "type": "integer",
            "description": "Of another shape: events that tell nothing here, as it says.",
        },
        "rejected": {
            "type": "array",
            "description": "What is wrong with each event that was not taken.",
            "items": {
                "type": "object",
                "required": ["index", "pointer", "message"],
                "properties": {
                    "index": {"type": "integer", "description": "Its place in the list, from 0."},
                    "pointer": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
_EVENT_SCHEMA = events.json_schema()


class EventsView(APIView):
    """Takes one event or a list; an event may be posted again at no harm."""

    parser_classes = [BoundedJSONParser]
    authentication_classes = [TokenAuthentication]
    permission_classes = [TokenScope]
    token_scope = ApiToken.POST_EVENTS

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, OperationalError | InterfaceError):
            bus.not_heard()
        return super().handle_exception(exc)

    @extend_schema(
        operation_id="post_events",
        summary="Post live events",
        description=(
            "One event or a list of up to 1000, in any order. An event that was here already "
            "counts as a duplicate and changes nothing, so post again what you are unsure of. "
            "A call without call.held was not held. Members that are not named here are kept, "
            "where they are plain values. Events of another shape are read by what `shape` names."
        ),
        parameters=[
            OpenApiParameter(
                "shape",
                str,
                description=(
                    "What the events are, where they are not as described here: "
                    "amazon_connect_agent_events, or the name of a saved shape."
                ),
            )
        ],
        request={
            "application/json": {
                "oneOf": [
                    _EVENT_SCHEMA,
                    {"type": "array", "maxItems": MOST_EVENTS, "items": _EVENT_SCHEMA},
                ]
            }
        },
        responses={
            202: _ACCEPTED_SCHEMA,
            (400, CONTENT_TYPE): problem_of("Not JSON, or a single event that is not valid"),
            (401, CONTENT_TYPE): problem_of("No token, or one that is not good"),
            (403, CONTENT_TYPE): problem_of("The token may not post events"),
            (411, CONTENT_TYPE): problem_of("The body comes in pieces"),
            (413, CONTENT_TYPE): problem_of("The body is too long"),
            (415, CONTENT_TYPE): problem_of("The body is not announced as JSON"),
            (503, CONTENT_TYPE): problem_of("Try again: the database is away"),
        },
    )
    def post(self, request: Request) -> Response:
        token = request.auth
        if not isinstance(token, ApiToken) or token.site is None or not token.source:
            raise PermissionDenied(_("This token names no site or no source to post for."))
        if "Transfer-Encoding" in request.headers:
            raise LengthRequired(_("Send the body in one piece, with its Content-Length."))
        refuse_unread(request, ["shape"])
        named = request.query_params.get("shape", "")
        shape = _shape(named)
        now = timezone.now()
        posted: Any = shape.events_in(request.data)
        several = isinstance(posted, list)
        if several and len(posted) > MOST_EVENTS:
            words = _("At most %(limit)d events in one post.") % {"limit": MOST_EVENTS}
            raise Invalid(words, [{"pointer": "", "message": words}])
        good: list[Event] = []
        rejected: list[dict[str, Any]] = []
        ignored = 0
        for index, one in enumerate(posted if several else [posted]):
            found = shape.read(one, now)
            if isinstance(found, Event):
                good.append(found)
                continue
            if found is None:
                ignored += 1
                continue
            rejected += [
                {"index": index, "pointer": fault.pointer, "message": fault.message}
                for fault in found
            ]
        if rejected and not several:
            for fault in rejected:
                del fault["index"]
            raise Invalid(_("The event is not valid."), rejected)
        new = inbox.put(good, token.site, token.source, now) if good else 0
        answer: dict[str, Any] = {
            "accepted": new,
            "duplicate": len(good) - new,
            "rejected": rejected,
        }
        if named:
            answer["ignored"] = ignored
        return Response(answer, status=202)


def _shape(name: str) -> Shape:
    """How events are read that are posted as of a shape. Raises Invalid."""
    found = known.shape(name)
    if found is None:
        words = _("There is no shape of this name.")
        raise Invalid(words, [{"pointer": "/shape", "message": words}])
    return found


class _BearerScheme(OpenApiAuthenticationExtension):
    """Tells the API's description how tokens are given."""

    target_class = "ccm.api.auth.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
