"""The sessions of a demo's past: each lesson was one."""

from datetime import datetime, time, timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction

from ccm.access import SUPERVISOR
from ccm.demo import load
from ccm.demo.centre import SOURCE
from ccm.demo.lessons import SITE, TEACHERS, Lesson, lessons
from ccm.demo.people import hire
from ccm.models import AgentAlias, Site, User
from coaching.models import Participant, Session

_AT = time(10, 30)


@transaction.atomic
def write(now: datetime) -> int:
    """Write the sessions that were held before `now`; of how many. Safe to run twice."""
    job = load.loaded_demo()
    if job is None:
        return 0
    site = Site.objects.select_for_update(no_key=True).get(slug=SITE.slug)
    days = int(job.payload["days"])
    then = datetime.fromisoformat(job.payload["now"])
    first = then.date() - timedelta(days=days - 1)
    seed, agents = int(job.payload["seed"]), int(job.payload["agents"])
    given = lessons(hire(seed, agents, first), seed, first, days)
    coaches = _coaches(site) if given else {}
    there = Session.objects.filter(site=site, coach__in=coaches.values())
    if not given or there.exists():
        return 0
    names = [one.alias for one in given]
    known = AgentAlias.objects.filter(source=SOURCE, raw_name__in=names)
    ids = dict(known.values_list("raw_name", "agent"))
    held = [one for one in given if _moment(site, one) < now and one.alias in ids]
    sessions = Session.objects.bulk_create(
        Session(
            site=site, kind=Session.Kind.ONE_TO_ONE, state=Session.State.HELD,
            coach=coaches[one.teacher.username], about="", minutes=30,
            starts_at=_moment(site, one), held_at=_moment(site, one),
            made_by=coaches[one.teacher.username], made_at=_moment(site, one),
        )
        for one in held
    )  # fmt: skip
    Participant.objects.bulk_create(
        Participant(session=session, agent_id=ids[one.alias])
        for session, one in zip(sessions, held, strict=True)
    )
    return len(sessions)


def _moment(site: Site, one: Lesson) -> datetime:
    return datetime.combine(one.day, _AT, site.tz)


def _coaches(site: Site) -> dict[str, User]:
    """The teachers by username, who lead nobody and cannot sign in. Safe to run twice."""
    role = Group.objects.get(name=SUPERVISOR)
    found = {}
    for one in TEACHERS:
        said = {
            "first_name": one.given, "last_name": one.family, "password": make_password(None),
        }  # fmt: skip
        user, _made = User.objects.get_or_create(username=one.username, defaults=said)
        user.groups.add(role)
        user.sites.add(site)
        found[one.username] = user
    return found
