"""A request that takes long as a job: asked for once, done over by a worker, one at a time."""

import time
from datetime import timedelta
from http import HTTPStatus
from io import BytesIO

from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm import access, database, jobs, work
from ccm.long_reads import pace
from ccm.models import Job, User

KIND = "long_read"
# So many may wait for one person: of more the newest is refused.
MOST_WAITING = 5
# One that ended is not begun again so soon after, by a page that asks by itself.
REST = timedelta(seconds=10)
_FORGOTTEN_AFTER = timedelta(days=1)
_ONE_AT_A_TIME = "long reads"


class TooMany(Exception):
    """One person waits for `MOST_WAITING` already; the words say so."""


def ask(request: HttpRequest, user: User) -> Job:
    """The job that does a request over: the one that is under way, one that just ended, or a new
    one. Raises TooMany."""
    address = request.get_full_path()
    own = Job.objects.filter(kind=KIND, created_by=user)
    waiting = own.filter(finished_at=None)
    if job := waiting.filter(payload__address=address).first():
        return job
    just = own.filter(finished_at__gt=timezone.now() - REST, payload__address=address)
    if job := just.first():
        return job
    if waiting.count() >= MOST_WAITING:
        words = ngettext(
            "You wait for %(count)d answer that takes long; ask again when it is there.",
            "You wait for %(count)d answers that take long; ask again when one of them is there.",
            MOST_WAITING,
        )
        raise TooMany(words % {"count": MOST_WAITING})
    payload = {
        "address": address,
        "path": request.path,
        "query": request.META.get("QUERY_STRING", ""),
        "host": request.META.get("HTTP_HOST", request.get_host()),
        "scheme": request.scheme,
    }
    words = _("until a worker reads it")
    job = Job.objects.create(kind=KIND, created_by=user, payload=payload, words=words)
    transaction.on_commit(lambda: _queue(job.pk))
    return job


def _queue(job_id: int) -> None:
    from ccm.tasks import read_long

    work.send(read_long, job_id)


def ask_anew(user: User, address: str) -> None:
    """Have what is kept of an answer forgotten, so that it is read anew when next asked for."""
    own = Job.objects.filter(kind=KIND, created_by=user, payload__address=address)
    for job in own.exclude(finished_at=None):
        pace.forget(user.pk, address, job.payload.get("keys", []))
        job.delete()


def run(job_id: int) -> None:
    """Do a job and those that wait, one at a time on all machines, so that however many people ask
    for long answers, recounts have a worker. Safe to run twice at once."""
    Job.objects.filter(kind=KIND, finished_at__lt=timezone.now() - _FORGOTTEN_AFTER).delete()
    while job_id:
        with database.alone(_ONE_AT_A_TIME) as is_mine:
            if not is_mine:
                return  # who is at it looks for others before it ends
            while job_id:
                _do(job_id)
                job_id = _next()
        job_id = _next()


def _next() -> int:
    waiting = Job.objects.filter(kind=KIND, state=Job.State.QUEUED).order_by("pk")
    return waiting.values_list("pk", flat=True).first() or 0


def _do(job_id: int) -> None:
    with jobs.running(job_id) as job:
        if job is None:
            return
        user = job.created_by
        if user is None or not user.is_active:
            raise jobs.Refused(_("Whoever asked for it may not sign in any more."))
        access.be_as_signed_in(user)
        began = time.monotonic()

        def say(count: int) -> None:
            words = ngettext(
                "%(count)d part read, %(seconds)d s so far",
                "%(count)d parts read, %(seconds)d s so far",
                count,
            )
            seconds = time.monotonic() - began
            jobs.beat(job, count, words % {"count": count, "seconds": seconds})

        job.words = _("Reading calls")
        job.save(update_fields=["words"])
        with pace.rehearsing(user, job.created_at, say) as keys:
            _rehearse(job)
        job.payload["keys"] = keys
        job.save(update_fields=["payload"])
        pace.keep_moment(user.pk, job.payload["address"], job.created_at)
        job.words = _("Read in %(seconds)d s") % {"seconds": time.monotonic() - began}


def _rehearse(job: Job) -> None:
    """Send a request once more; what it answers is nobody's."""
    asked = job.payload
    handler = BaseHandler()
    handler.load_middleware()
    response = handler.get_response(
        WSGIRequest(
            {
                "REQUEST_METHOD": "GET",
                "PATH_INFO": asked["path"],
                "QUERY_STRING": asked["query"],
                "HTTP_HOST": asked["host"],
                "SERVER_NAME": asked["host"],
                "SERVER_PORT": "",
                "wsgi.url_scheme": asked["scheme"],
                "wsgi.input": BytesIO(),
            }
        )
    )
    if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        words = _("It asks for too much: ask for fewer days, for one site or for one queue.")
        raise jobs.Refused(words)
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise jobs.Refused(_("It stopped on an error of ours; the log has it."))
