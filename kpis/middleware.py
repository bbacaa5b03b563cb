"""What no page of figures can answer, said there in words."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from ccm.views.failures import Misread, not_found
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
        return None
