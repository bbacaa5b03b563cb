"""What every request must be, before anything else looks at it."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ccm.views.failures import refused


def without_nul(respond: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Refuse an address or a cookie with a NUL: no text in the database can hold one, and to ask
    for it is an error there."""

    def middleware(request: HttpRequest) -> HttpResponse:
        told = (request.path, *request.COOKIES.values())
        if any("\0" in words for words in told) or "%00" in request.META.get("QUERY_STRING", ""):
            return refused(
                request, HTTPStatus.BAD_REQUEST, _("The address or a cookie holds a NUL.")
            )
        return respond(request)

    return middleware
