"""What is there instead of an answer that takes long: how far it is, until it is there."""

from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from ccm.api import plain_problem
from ccm.long_reads import asking
from ccm.models import Job, User
from ccm.views.failures import API, took_too_long

# So often a program that uses the API may ask again.
AGAIN_SECONDS = 5
DRAWER = "drawer-body"


def waiting(request: HttpRequest) -> HttpResponse:
    """How far the answer is that a request asked for; for people a page that turns into it."""
    if not isinstance(request.user, User):
        return took_too_long(request)
    try:
        job = asking.ask(request, request.user)
    except asking.TooMany as why:
        if request.path.startswith(API):
            return plain_problem(HTTPStatus.TOO_MANY_REQUESTS, str(why))
        page = render_to_string("503.html", {"words": str(why)})
        return HttpResponse(page, status=HTTPStatus.TOO_MANY_REQUESTS)
    failed = job.state in (Job.State.FAILED, Job.State.CANCELLED)
    if request.path.startswith(API):
        return _told(job, failed)
    in_drawer = request.headers.get("HX-Target") == DRAWER
    template = "ccm/_long_read.html" if in_drawer else "ccm/long_read.html"
    status = HTTPStatus.SERVICE_UNAVAILABLE if failed else HTTPStatus.ACCEPTED
    return render(request, template, _shown(job, in_drawer), status=status)


def _told(job: Job, failed: bool) -> HttpResponse:
    if failed:
        return plain_problem(HTTPStatus.SERVICE_UNAVAILABLE, job.words)
    words = _("This takes longer than a request may; it is being read. Ask the same again soon.")
    told = {"detail": words, "state": job.state, "words": job.words}
    response = JsonResponse(told, status=HTTPStatus.ACCEPTED)
    response["Retry-After"] = str(AGAIN_SECONDS)
    return response


@login_required
@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is; asked every second. Its end puts the answer where this was."""
    own = Job.objects.visible_to(request.user).filter(kind=asking.KIND)
    job = get_object_or_404(own, pk=pk)
    in_drawer = request.GET.get("in") == DRAWER
    if job.state == Job.State.DONE and not in_drawer and not _is_file(job):
        return HttpResponseClientRefresh()
    return render(request, "ccm/_long_read.html", _shown(job, in_drawer))


def _shown(job: Job, in_drawer: bool) -> dict[str, Any]:
    address = reverse("answer_progress", args=[job.pk])
    return {
        "job": job,
        "address": job.payload["address"],
        "in_drawer": in_drawer,
        "is_file": _is_file(job),
        "poll_url": f"{address}?in={DRAWER}" if in_drawer else address,
    }


def _is_file(job: Job) -> bool:
    """Whether the answer is a file, which takes no page's place."""
    return "export=" in job.payload["query"] or job.payload["path"].endswith(".csv")


@login_required
@require_POST
def anew(request: HttpRequest) -> HttpResponse:
    """Have an answer that was kept read anew, and go to it."""
    address = request.POST.get("address", "/")
    if not url_has_allowed_host_and_scheme(address, None):
        address = "/"
    assert isinstance(request.user, User)
    asking.ask_anew(request.user, address)
    return redirect(address)
