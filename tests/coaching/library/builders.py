"""Pages of the library for tests."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group

from ccm.models import Site, Team, User
from coaching.library import text
from coaching.models import LibraryPage, LibraryVersion
from tests.builders import NINE

WHY = "Callers hang up when they wait."
BODY = "# Greeting\n\nSay your name.\n"


def a_page(
    site: Site | None = None,
    title: str = "Refunds",
    *,
    why: str = WHY,
    body: str = BODY,
    published: bool = True,
    must_from: int | None = None,
    roles: tuple[str, ...] = (),
    teams: tuple[Team, ...] = (),
    at: datetime = NINE,
    **more: Any,
) -> LibraryPage:
    """A page with one version, published unless said; a page of all sites without a site."""
    said = {"kind": "sop", "made_at": at, "is_published": published, **more}
    page: LibraryPage = LibraryPage.objects.create(site=site, **said)
    page.roles.set(Group.objects.filter(name__in=roles))
    page.teams.set(teams)
    told = {"title": title, "why": why, "body": body, "must_from": must_from}
    a_version(page, 1, published=published, at=at, **told)
    return page


def a_version(
    page: LibraryPage, number: int, *, published: bool = True, at: datetime = NINE, **more: Any
) -> LibraryVersion:
    """A further version of a page, in use where it is published."""
    said = {"title": "Refunds", "why": WHY, "body": BODY, "made_at": at, **more}
    if published:
        LibraryVersion.objects.filter(page=page).update(is_current=False)
    made: LibraryVersion = LibraryVersion.objects.create(
        page=page, number=number, plain=text.plain(said["body"]), is_current=published,
        published_at=at if published else None, **said,
    )  # fmt: skip
    return made


def current(page: LibraryPage) -> LibraryVersion:
    found: LibraryVersion = page.versions.get(is_current=True)
    return found


def read_by(user: User, version: LibraryVersion, at: datetime = NINE) -> None:
    version.receipts.create(user=user, read_at=at)
