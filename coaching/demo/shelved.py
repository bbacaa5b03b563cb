"""The library of a demo: pages that are of use to its queues, who has read the one that must be
read, and whether they helped."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import Group
from django.db import transaction

from ccm.access import AGENT, SUPERVISOR
from ccm.models import Site, User
from coaching.demo.people import WORDS, People, at, words
from coaching.library import services
from coaching.models import LibraryPage, LibraryVersion

PAGES = (
    "security", "unexpected-charge", "refund", "new-claim", "hold-and-transfer", "complaint",
    "patrol", "cover", "app-sign-in", "siniestro",
)  # fmt: skip
MUST = "security"
_MADE, _ANEW = 140, 12
"""So many days ago the first of the pages were published, before whoever is on a path came, and the
one that must be read anew."""
_READ, _ANSWERED, _HELPED = 0.8, 0.25, 0.85


@dataclass(frozen=True, slots=True)
class Written:
    """A page as its file says it; `site` is a slug, "": of all sites."""

    kind: str
    site: str
    said: dict[str, str]


def read(name: str) -> Written:
    """A file of words: lines of what it is, a line of three strokes, and its text."""
    head, body = (WORDS / f"{name}.md").read_text(encoding="utf-8").split("\n---\n", 1)
    known = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
    said = {"title": known["title"], "why": known["why"], "body": body.strip("\n")}
    return Written(known["kind"], known.get("site", ""), said)


def write(people: People, now: datetime) -> dict[str, LibraryPage]:
    """The pages by the names of their files. Safe to run twice."""
    found = {}
    for place, name in enumerate(PAGES):
        written = read(name)
        site = Site.objects.filter(slug=written.site).first()
        if site is None and written.site:
            continue
        title = written.said["title"]
        there = LibraryVersion.objects.filter(title=title, page__site=site).first()
        found[name] = there.page if there is not None else _page(written, site, people, now, place)
        if name == MUST and found[name].versions.count() == 1:
            _must_read(found[name], people, now)
    return found


@transaction.atomic
def _page(
    written: Written, site: Site | None, people: People, now: datetime, place: int
) -> LibraryPage:
    who = people.admin if site is None else people.trainer
    then = at(site or people.site, now, _MADE - 3 * place, 11)
    page = services.make(site, written.kind, written.said, who, then)
    draft = page.versions.get()
    seen = draft.pk, draft.revision
    made = services.publish(page.pk, "", services.NOBODY, seen, who, then + timedelta(hours=1))
    _answers(made, people, now)
    return page


@transaction.atomic
def _must_read(page: LibraryPage, people: People, now: datetime) -> None:
    """It says more since lately, and has to be read: by most it is."""
    then = at(people.site, now, _ANEW, 9)
    said = {
        "kind": page.kind, "owner": people.admin, "review_on": page.review_on,
        "roles": Group.objects.filter(name__in=(AGENT, SUPERVISOR)), "teams": [],
    }  # fmt: skip
    page = services.set_up(page.pk, said, page.revision, people.admin, then)
    draft = services.begin(page.pk, people.admin, then)
    anew = words("learning")["anew"]
    text = {"title": draft.title, "why": draft.why, "body": f"{draft.body}\n\n{anew['body']}"}
    draft = services.write(page.pk, text, (draft.pk, draft.revision))
    seen = draft.pk, draft.revision
    made = services.publish(page.pk, anew["note"], services.ANEW, seen, people.admin, then)
    for user in _readers(people):
        if user.pk == people.own.user_id or people.chance("read", user.username) > _READ:
            continue
        when = then + timedelta(hours=1 + int(100 * people.chance("read at", user.username)))
        if when < now:
            services.confirm(made, user, when)


def _readers(people: People) -> list[User]:
    agents = [one.user for led in people.teams for one in led.agents if one.user is not None]
    return [*agents, *{led.lead.pk: led.lead for led in people.teams}.values()]


def _answers(version: LibraryVersion, people: People, now: datetime) -> None:
    """Whether it helped some of those whom it is for."""
    said = words("learning")
    page = version.page
    assert version.published_at is not None
    for user in _readers(people):
        agent = getattr(user, "agent", None)
        is_for = page.site_id is None or (agent is not None and agent.site_id == page.site_id)
        draw = people.chance("helped", version.title, user.username)
        if not is_for or draw > _ANSWERED:
            continue
        helped = draw < _ANSWERED * _HELPED
        text = people.one_of(said["helped" if helped else "not_helped"], user.username)
        share = people.chance("helped at", version.title, user.username)
        when = version.published_at + share * (now - version.published_at)
        if agent is not None and agent.hired_on is not None and when.date() <= agent.hired_on:
            continue
        services.answer(version, user, when, helped=helped, words=text if draw < 0.08 else "")
