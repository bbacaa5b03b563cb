"""What the comments of a site are about in some days, looked for by a job that keeps it."""

from collections.abc import Callable, Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm import database, jobs
from ccm.intervals import site_days
from ccm.models import Job, Site, SurveyResponse, User
from coaching.voice import groups, reads, stops
from coaching.voice.groups import Group, Said, contracted
from kpis.sums.surveys import EDGES
from qa.checks.learned import is_there

KIND = "voice_matters"
MOST_COMMENTS = 5000
"""Of the days, the newest."""
LONGEST_DAYS = 366
MOST_EXAMPLES = 3
_NEEDED = ("comment", "agent", "kind", "score", "scale_min", "scale_max")


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
        database.hold(f"voice.matters:{site.pk}")
        there = newest(site, first, last)
        if there is not None and not there.finished:
            return there
        job: Job = Job.objects.create(
            kind=KIND, payload=question(site, first, last), created_by=who
        )
        transaction.on_commit(lambda: send(job))
    return job


def told(user: User, site: Site, job: Job | None) -> list[dict[str, Any]]:
    """The groups that a job has found; none before it is done. `shown` are the examples that the
    user reads; `read` says how many comments of it they read and how many of these have bad scores,
    where that is not all of the site's, and it was counted. Two queries at most."""
    if job is None or job.state != Job.State.DONE:
        return []
    found: list[dict[str, Any]] = job.payload.get("groups", [])
    wanted = [UUID(one) for group in found for one in group["examples"]]
    there: dict[str, str] = {}
    if wanted:
        first, last = (date.fromisoformat(job.payload[name]) for name in ("first", "last"))
        span = site_days(first, last, site.calendar)
        rows = reads.comments(user, site, span).filter(pk__in=wanted)
        there = {str(pk): said for pk, said in rows.values_list("pk", "comment")}
    of = reads.people(user, site)
    made = [
        group
        | {
            "shown": [there[one] for one in group["examples"] if one in there],
            "read": None if of is None or "by_agent" not in group else _read(group, of),
        }
        for group in found
    ]
    # What is to be seen to by somebody is what they read.
    return sorted(made, key=lambda one: -one["read"]["bad"] if one["read"] else 0)


def _read(group: dict[str, Any], agents: Collection[int]) -> dict[str, int]:
    counted = [group["by_agent"].get(str(one), (0, 0)) for one in agents]
    return {"comments": sum(n for n, _bad in counted), "bad": sum(bad for _n, bad in counted)}


def run(job_id: int) -> None:
    """Look at what a job asks for. Safe to run twice."""
    with jobs.running(job_id) as job:
        if job is None:
            return
        site = Site.objects.filter(pk=job.payload.get("site")).first()
        if site is None:
            raise jobs.Refused(_("The site is not there any more."))
        first, last = (date.fromisoformat(job.payload[name]) for name in ("first", "last"))
        rows = reads.all_comments(site, site_days(first, last, site.calendar))
        many = rows.count()
        said = [*rows.only(*_NEEDED)[:MOST_COMMENTS]]
        job.total = len(said)
        jobs.beat(job, job.total, _("Looks for what they are about."))
        passed_over = stops.of([one.comment for one in said])
        made = groups.grouped([Said(one.comment, _is_bad(one)) for one in said], passed_over)
        jobs.stop_if_asked(job)
        by_factors = is_there() and len(said) >= groups.FEWEST_COMMENTS
        job.payload = job.payload | {
            "comments": many,
            "looked_at": job.total,
            "in_none": job.total - len({place for one in made for place in one.members}),
            "by_factors": by_factors,
            "groups": _by_trouble([_told(one, said) for one in made]),
        }
        job.save(update_fields=["payload"])
        words = ngettext(
            "%(n)s comment was looked at.", "%(n)s comments were looked at.", job.total
        )
        job.words = words % {"n": job.total}


def _told(group: Group, said: Sequence[SurveyResponse]) -> dict[str, Any]:
    """A group as it is kept: examples are comments that differ, the most typical first; `by_agent`
    are how many there are on each, and how many of them have bad scores."""
    members = [said[place] for place in group.members]
    differ: dict[str, str] = {}
    for one in members:
        differ.setdefault(" ".join(one.comment.lower().split()), str(one.pk))
    by_agent: dict[str, list[int]] = {}
    for one in members:
        if one.agent_id is not None:
            counted = by_agent.setdefault(str(one.agent_id), [0, 0])
            counted[0] += 1
            counted[1] += _is_bad(one)
    return {
        "words": list(group.words),
        "also": [way for label in group.words for way in contracted(label, differ)],
        "comments": len(members),
        "bad": sum(map(_is_bad, members)),
        "by_agent": by_agent,
        "examples": [*differ.values()][:MOST_EXAMPLES],
    }


def _by_trouble(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those with the most bad scores first: they are what somebody may have to see to."""
    return sorted(groups, key=lambda one: (-one["bad"], -one["comments"], one["words"]))


def _is_bad(one: SurveyResponse) -> bool:
    _top, bottom = EDGES[one.kind]
    return (one.score - one.scale_min) / (one.scale_max - one.scale_min) <= bottom
