"""What no page of figures can answer, said there in words; and screens that met an error."""

import re
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from ccm.views.failures import Misread, NoSite, no_site, not_found
from kpis.report import Unanswerable


class InWords:
    """Says why, where a page asks for what cannot be answered and has no better place to say it."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        if isinstance(fault, Unanswerable):
            return not_found(request, Misread(str(fault)))
        if isinstance(fault, NoSite):
            return no_site(request, str(fault))
        return None


# The pages that a screen stands at, and not what these ask for beside themselves.
_SCREENS = re.compile(r"/(?:kiosk/[^/]+|tv)/")
COME_BACK_SECONDS = 30


def screens_come_back(
    respond: Callable[[HttpRequest], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Have a screen that met an error ask again by itself: nobody stands there with a keyboard.

    By a header, so that it holds of pages that know nothing of screens.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = respond(request)
        failed = response.status_code >= HTTPStatus.BAD_REQUEST
        if failed and _SCREENS.fullmatch(request.path):
            response["Refresh"] = str(COME_BACK_SECONDS)
        return response

    return middleware
