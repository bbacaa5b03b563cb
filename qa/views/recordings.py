"""The recording of a call, heard on the page of its review."""

from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ccm.views.failures import Misread
from ccm.views.lists import signed_in
from qa.reviews import facts, reads, recordings, told


@login_required
@require_safe
def recording(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The recording of a call, or a part of it. 404 for who may not hear it, where the caller did
    not agree, and where there is none."""
    user, now = signed_in(request), timezone.now()
    call = reads.may_hear(user, pk)
    if call is None:
        raise Http404
    if call.consent is False or facts.why_not_heard(call, facts.rules_of(call.site_id)):
        raise Misread(_("This recording is not to be heard."))
    file = recordings.path_of(call.recording, settings.RECORDINGS)
    if file is None:
        raise Misread(_("There is no recording of this call here."))
    size = file.stat().st_size
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=3600",
        "Vary": "Cookie",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": "inline",
    }
    kind = recordings.kind_of(file)
    try:
        part = recordings.part_of(request.headers.get("Range"), size)
    except recordings.OutOfRange:
        headers["Content-Range"] = f"bytes */{size}"
        status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
        return HttpResponse(status=status, headers=headers, content_type=kind)
    if request.method == "GET" and (part is None or part.start == 0):
        told.heard(user, call, now)
    whole = recordings.Part(0, size, size)
    headers["Content-Length"] = str((part or whole).length)
    status = HTTPStatus.OK
    if part is not None:
        headers["Content-Range"] = part.content_range
        status = HTTPStatus.PARTIAL_CONTENT
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers, content_type=kind)
    return StreamingHttpResponse(
        recordings.pieces(file.open("rb"), part or whole),
        status=status,
        headers=headers,
        content_type=kind,
    )


def urls(under: str) -> list[URLPattern]:
    return [path(f"{under}/recordings/<uuid:pk>/", recording, name="recording")]
