"""What is not there and what breaks: a page for people, a problem for machines."""

import sys
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import DisallowedHost, TooManyFieldsSent
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views import defaults

from ccm import database
from ccm.api import AGAIN_SECONDS, plain_problem
from ccm.navigation import may_open

API = "/api/"


class Misread(Http404):
    """An address that asks for what cannot be; its message tells people where and why."""


class NoSite(Http404):
    """A page of figures before there is a site; its message is the page's heading."""


def no_site(request: HttpRequest, heading: str) -> HttpResponse:
    """The page then: what brings a site."""
    told = {"heading": heading, "may_import": may_open("imports", request.user)}
    return render(request, "ccm/no_site.html", told)


def refused(request: HttpRequest, status: HTTPStatus, words: str) -> HttpResponse:
    """A request that nothing here can answer."""
    if request.path.startswith(API):
        return plain_problem(status, words)
    return HttpResponse(render_to_string("400.html", {"words": words}), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What Django itself refuses before a view could say why."""
    words = _("What was sent makes no sense here.")
    if isinstance(exception, TooManyFieldsSent):
        words = _("These are more parameters than can be read.")
    elif isinstance(exception, DisallowedHost):
        words = _("The Host header names no address of this installation.")
    return refused(request, HTTPStatus.BAD_REQUEST, words)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No such address, or nothing there that the reader may see."""
    if request.path.startswith(API):
        return plain_problem(HTTPStatus.NOT_FOUND, _("There is nothing at this address."))
    if isinstance(exception, Misread):
        return render(request, "404.html", {"words": str(exception)}, status=HTTPStatus.NOT_FOUND)
    return defaults.page_not_found(request, exception)


def took_too_long(request: HttpRequest) -> HttpResponse:
    """What the database ended, so that it would not hold others up. Asks nothing of it."""
    seconds = settings.PAGE_SECONDS
    if request.method in ("GET", "HEAD"):
        words = _(
            "It took longer than %(seconds)d seconds and was ended, so that others need not"
            " wait. Ask for fewer days, for one site or for one queue."
        )
    else:
        words = _(
            "It took longer than %(seconds)d seconds and was ended; what was under way then"
            " is not kept. Send it again later, or less of it at a time."
        )
    said = words % {"seconds": seconds}
    if request.path.startswith(API):
        return plain_problem(HTTPStatus.SERVICE_UNAVAILABLE, said)
    page = render_to_string("503.html", {"words": said})
    return HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE)


def away(request: HttpRequest) -> HttpResponse:
    """The database does not answer. Asks nothing of it."""
    if request.path.startswith(API):
        words = _("The database does not answer; try again.")
        response: HttpResponse = plain_problem(HTTPStatus.SERVICE_UNAVAILABLE, words)
    else:
        only_reads = request.method in ("GET", "HEAD")
        words = _("What is in it is safe.")
        if not only_reads:
            words += " " + _("What you sent may not have been kept: look before you send it again.")
        told = {"words": words, "seconds": AGAIN_SECONDS if only_reads else None}
        page = render_to_string("away.html", told)
        response = HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE)
        if only_reads:
            response["Refresh"] = str(AGAIN_SECONDS)
    response["Retry-After"] = str(AGAIN_SECONDS)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours, or of a database that is away; asks nothing of it or the session."""
    if database.is_away(sys.exception()):
        return away(request)
    if request.path.startswith(API):
        words = _("Something broke on our side; the log has it.")
        return plain_problem(HTTPStatus.INTERNAL_SERVER_ERROR, words)
    return defaults.server_error(request)
