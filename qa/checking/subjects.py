"""What each queue's calls are about in some days of a site: phrases that its callers say more than
those of other queues, each with calls that say it. Looked for by a job, whose payload keeps the
phrases, and of calls which line says one: what was said is read from the transcript, as long as
that is there."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import database, jobs
from ccm.intervals import site_days
from ccm.models import Job, Queue, Site, User
from ccm.querysets import Viewer
from qa.checking import kept
from qa.checks import By, Phrase, frequent
from qa.checks.scorer import LONGEST_QUOTE
from qa.models import CallTranscript
from qa.transcribed import reads as transcripts
from qa.transcripts import Transcript, words

KIND = "check_topics"
MOST_CALLS = 2000
"""Of the days, the newest: as many fit into the memory of a worker."""
LONGEST_DAYS = 366
MOST_PHRASES = 20
MOST_EXAMPLES = 3


def question(site: Site, first: date, last: date) -> dict[str, Any]:
    """What a job is asked, as its payload begins."""
    return {"site": site.pk, "first": first.isoformat(), "last": last.isoformat()}


def newest(site: Site, first: date, last: date) -> Job | None:
    """The newest job that looked at these days, or is looking."""
    rows = Job.objects.filter(kind=KIND, payload__contains=question(site, first, last))
    one: Job | None = rows.exclude(state=Job.State.CANCELLED).order_by("-pk").first()
    return one


def ask(site: Site, first: date, last: date, who: User, send: Callable[[Job], None]) -> Job:
    """Have the days looked at; where that is being done, that job. Raises ValidationError for too
    many days."""
    if (last - first).days >= LONGEST_DAYS:
        raise ValidationError(_("At most %(n)s days.") % {"n": LONGEST_DAYS})
    with transaction.atomic():
        database.hold(f"qa.topics:{site.pk}")
        there = newest(site, first, last)
        if there is not None and not there.finished:
            return there
        job: Job = Job.objects.create(
            kind=KIND, payload=question(site, first, last), created_by=who
        )
        transaction.on_commit(lambda: send(job))
    return job


def told(user: Viewer, job: Job | None, queue: Queue | None = None) -> list[dict[str, Any]]:
    """What a job has found, of all queues or of one; none before it is done. Of each phrase,
    `shown` are the examples in transcripts that are there and that the user may read."""
    if job is None or job.state != Job.State.DONE:
        return []
    found = job.payload.get("queues", [])
    if queue is not None:
        found = [one for one in found if one["queue"] == queue.pk]
    calls = {
        each["call"] for one in found for phrase in one["phrases"] for each in phrase["examples"]
    }
    there = {str(row.call_id): row for row in transcripts.of_calls(user, calls)}
    for one in found:
        for phrase in one["phrases"]:
            phrase["shown"] = [
                {
                    "call": each["call"], "line": each["line"],
                    "transcript": there[each["call"]].pk, "quote": quote,
                }
                for each in phrase["examples"]
                if (quote := _quote(there.get(each["call"]), each["line"], phrase["words"]))
            ]  # fmt: skip
    return found


def _quote(row: CallTranscript | None, line: int, phrase: str) -> str:
    """The line of a transcript that says a phrase; empty where there is none, or, in a transcript
    that took another's place, it does not say it."""
    lines = () if row is None else row.lines
    said = lines[line - 1] if 1 <= line <= len(lines) else None
    words_said = str(said.get("words") or "") if isinstance(said, dict) else ""
    return words_said[:LONGEST_QUOTE] if _folded(phrase) in _folded(words_said) else ""


def run(job_id: int) -> None:
    """Look at what a job asks for. Safe to run twice."""
    with jobs.running(job_id) as job:
        if job is None:
            return
        site = Site.objects.filter(pk=job.payload.get("site")).first()
        if site is None:
            raise jobs.Refused(_("The site is not there any more."))
        first, last = (date.fromisoformat(job.payload[name]) for name in ("first", "last"))
        span = site_days(first, last, site.calendar)
        rows = (
            CallTranscript.objects.heard()
            .filter(
                site=site, called_at__gte=span.start, called_at__lt=span.end, queue__isnull=False
            )
            .order_by("-called_at", "-pk")
        )
        many = rows.count()
        job.total = min(many, MOST_CALLS)
        by_queue, calls = _read(job, rows)
        jobs.beat(job, job.total, _("Looks for phrases."))
        told = frequent(by_queue, by=By.CALLER, most=MOST_PHRASES)
        jobs.stop_if_asked(job)
        names = dict(Queue.objects.filter(pk__in=by_queue).values_list("pk", "name"))
        job.payload = job.payload | {
            "calls": many,
            "looked_at": job.total,
            "queues": [
                {
                    "queue": pk,
                    "name": names.get(pk, str(pk)),
                    "calls": len(by_queue[pk]),
                    "phrases": _phrases(told.get(pk, ()), by_queue[pk], calls[pk]),
                }
                for pk in sorted(by_queue, key=lambda pk: (-len(by_queue[pk]), names.get(pk, "")))
            ],
        }
        job.save(update_fields=["payload"])
        job.words = _("%(n)s calls were looked at.") % {"n": job.total}


Calls = dict[int, list[str]]


def _read(job: Job, rows: Any) -> tuple[dict[int, list[Transcript]], Calls]:
    by_queue: dict[int, list[Transcript]] = defaultdict(list)
    calls: Calls = defaultdict(list)
    said = time.monotonic()
    for number, row in enumerate(rows[:MOST_CALLS].iterator(100), 1):
        transcript = kept.transcript_of(row)
        if transcript is not None:
            by_queue[row.queue_id].append(transcript)
            calls[row.queue_id].append(str(row.call_id))
        if time.monotonic() > said + 1:
            jobs.beat(job, number, _("Reads transcripts."))
            said = time.monotonic()
    return by_queue, calls


def _phrases(
    told: Sequence[Phrase], transcripts: Sequence[Transcript], calls: Sequence[str]
) -> list[dict[str, Any]]:
    """Phrases with lines of calls that say them, each of another call."""
    wanted = {one.words: _folded(one.words) for one in told}
    examples: dict[str, list[dict[str, Any]]] = {one.words: [] for one in told}
    for transcript, call in zip(transcripts, calls, strict=True):
        left = {one: folded for one, folded in wanted.items() if len(examples[one]) < MOST_EXAMPLES}
        if not left:
            break
        for number, line in enumerate(transcript.lines, 1):
            if not left or not By.CALLER.says(line.speaker):
                continue
            said = _folded(line.words)
            for one in [one for one, folded in left.items() if folded in said]:
                del left[one]
                examples[one].append({"call": call, "line": number})
    return [
        {
            "words": one.words, "calls": one.calls, "times": one.times, "z": round(one.z, 2),
            "examples": examples[one.words],
        }
        for one in told
    ]  # fmt: skip


def _folded(text: str) -> str:
    return f" {' '.join(word.folded for word in words(text))} "
