"""Whether this process can serve, and how the centre is: for load balancers and those who watch.

Strangers are told whether it serves and nothing else; the rest is for who brings
`CCM_METRICS_TOKEN`.
"""

import hmac

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from ccm.watching import counted, gathered
from ccm.watching import ready as parts

log = structlog.get_logger(__name__)


@never_cache
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """200 when the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        log.exception("the database does not answer")
        return HttpResponse("unavailable", status=503, content_type="text/plain; charset=utf-8")
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 when this process can serve, else 503. Who brings the token is told of each part."""
    if not _brings_token(request):
        well = parts.is_ready()
        return JsonResponse({"ready": well}, status=200 if well else 503)
    found = parts.look(timezone.now())
    well = all(one.well for one in found if one.needed)
    told = {"ready": well, "parts": {one.name: one.told() for one in found}}
    return JsonResponse(told, status=200 if well else 503)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """All figures as Prometheus reads them. Without a token set there is no such page."""
    if not settings.METRICS_TOKEN:
        raise Http404
    if not _brings_token(request):
        answer = HttpResponse(
            "a token is needed\n", status=401, content_type="text/plain; charset=utf-8"
        )
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    registry = CollectorRegistry()
    counted.put_into(registry)
    registry.register(gathered.Gathered(timezone.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _brings_token(request: HttpRequest) -> bool:
    way, _, token = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.METRICS_TOKEN
    # Compared in the same time wherever the first wrong sign is.
    same = hmac.compare_digest(token.strip().encode(), wanted.encode())
    return bool(wanted) and way.lower() == "bearer" and same
