"""What is not there and what breaks: a page for people, a problem for machines."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views import defaults

from ccm.api import plain_problem

API = "/api/"


def refused(request: HttpRequest, status: HTTPStatus, words: str) -> HttpResponse:
    """A request that nothing here can answer."""
    if request.path.startswith(API):
        return plain_problem(status, words)
    return HttpResponse(render_to_string("400.html", {"words": words}), status=status)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No such address, or nothing there that the reader may see."""
    if request.path.startswith(API):
        return plain_problem(HTTPStatus.NOT_FOUND, _("There is nothing at this address."))
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours; asks nothing of the database or the session."""
    if request.path.startswith(API):
        words = _("Something broke on our side; the log has it.")
        return plain_problem(HTTPStatus.INTERNAL_SERVER_ERROR, words)
    return defaults.server_error(request)
