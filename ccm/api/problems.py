"""How the API says no: application/problem+json (RFC 9457), with a pointer to what is wrong."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, JsonResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from ccm.database import was_ended

# A server that is started anew is there again about then.
AGAIN_SECONDS = 5
CONTENT_TYPE = "application/problem+json"
Errors = list[dict[str, str]]
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "message"],
                "properties": {"pointer": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}


def problem_of(words: str) -> OpenApiResponse:
    """A refusal as the API's description has it."""
    return OpenApiResponse(PROBLEM_SCHEMA, description=words)


class TooLarge(exceptions.APIException):
    """A body longer than the endpoint reads."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class KeyReused(exceptions.APIException):
    """An Idempotency-Key that came with another post before."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    default_code = "key_reused"


class InFlight(exceptions.APIException):
    """The same post, which is being worked on."""

    status_code = HTTPStatus.CONFLICT
    default_code = "in_flight"
    wait = 1


class LengthRequired(exceptions.APIException):
    """A body that does not say how long it is; WSGI cannot read one."""

    status_code = HTTPStatus.LENGTH_REQUIRED
    default_code = "length_required"


class Unavailable(exceptions.APIException):
    """A server that this one needs is away."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    default_code = "unavailable"


class Invalid(exceptions.APIException):
    """Input that is not as it should be; `errors` say where and why."""

    status_code = HTTPStatus.BAD_REQUEST
    default_code = "invalid"

    def __init__(self, detail: str, errors: Errors) -> None:
        super().__init__(detail)
        self.errors = errors


def refuse_unread(request: Request, known: Iterable[str], lists: Collection[str] = ()) -> None:
    """Refuse a request whose address has what nothing reads: a filter that is mistyped would let
    all through, one that is written twice all that the last does. Those of `lists` may be there
    again; `format` says how an answer is written."""
    asked = request.query_params
    unread = dict.fromkeys(
        sorted(asked.keys() - {*known, "format"}),
        _("There is no such parameter: it would be ignored."),
    )
    again = [name for name in sorted(asked) if len(asked.getlist(name)) > 1 and name not in lists]
    unread = dict.fromkeys(again, _("Say it once: all but the last would be ignored.")) | unread
    if unread:
        raise exceptions.ValidationError(unread)


def problem(raised: Exception, context: dict[str, Any]) -> Response | None:
    """The exception handler of REST_FRAMEWORK; None for what is a fault of ours, or was ended."""
    refused = _as_refusal(raised)
    if refused is None:
        return None
    status = HTTPStatus(refused.status_code)
    errors: Errors = []
    if isinstance(refused, Invalid):
        errors = refused.errors
    elif isinstance(refused, exceptions.ValidationError):
        errors = list(_pointed(refused.detail, ""))
    detail = refused.detail
    words = str(detail) if isinstance(detail, str) else _("The input is not valid.")
    body = _body(status, words, errors)
    response = Response(body, status=status.value, content_type=CONTENT_TYPE)
    if header := getattr(refused, "auth_header", None):
        response["WWW-Authenticate"] = header
    if wait := getattr(refused, "wait", None):
        response["Retry-After"] = str(int(wait))
    elif status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["Retry-After"] = str(AGAIN_SECONDS)
    return response


def plain_problem(status: HTTPStatus, words: str) -> JsonResponse:
    """A problem of a request that no endpoint answers, or that broke one."""
    return JsonResponse(_body(status, words, []), status=status.value, content_type=CONTENT_TYPE)


def _body(status: HTTPStatus, words: str, errors: Errors) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": words,
        "errors": errors,
    }


def _as_refusal(raised: Exception) -> exceptions.APIException | None:
    if isinstance(raised, exceptions.APIException):
        return raised
    if isinstance(raised, Http404):
        return exceptions.NotFound()
    if isinstance(raised, PermissionDenied):
        return exceptions.PermissionDenied()
    if was_ended(raised):
        return None  # the middleware says so of any request
    if isinstance(raised, OperationalError | InterfaceError):
        return Unavailable(_("The database does not answer; try again."))
    return None


def _pointed(detail: Any, pointer: str) -> Iterator[dict[str, str]]:
    """A serializer's errors, nested as its input is, as pointers and words."""
    if isinstance(detail, Mapping):
        for name, more in detail.items():
            step = str(name).replace("~", "~0").replace("/", "~1")
            own = name == "non_field_errors"
            yield from _pointed(more, pointer if own else f"{pointer}/{step}")
    elif isinstance(detail, list):
        for place, more in enumerate(detail):
            plain = isinstance(more, str)
            yield from _pointed(more, pointer if plain else f"{pointer}/{place}")
    else:
        yield {"pointer": pointer, "message": str(detail)}
