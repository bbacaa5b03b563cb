"""What waits for somebody to whom Home tells no figures, and for who trains."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import ngettext

from ccm.access import TRAINER, scope_of
from ccm.filters import address
from ccm.models import User
from ccm.templatetags.figures import count
from coaching.certificates import reads as certificates
from coaching.courses import reads as courses
from coaching.library import reading
from coaching.library import reads as library
from coaching.models import CourseAssignment, LibraryPage, Newcomer
from coaching.onboarding import reads as onboarding
from kpis.above import Waiting


def waiting(user: User, now: datetime) -> Iterator[Waiting]:
    """What they are to take and read themselves; for who trains, what others wait for, too. Eight
    queries at most."""
    own = courses.count(user)
    if own:
        words = ngettext(
            "%(n)s course is to be taken by you", "%(n)s courses are to be taken by you", own
        )
        yield Waiting(words % {"n": count(own)}, reverse("my_learning"))
    unread = reading.count(user)
    if unread:
        words = ngettext(
            "%(n)s page is to be read by you", "%(n)s pages are to be read by you", unread
        )
        yield Waiting(words % {"n": count(unread)}, address(reverse("library"), {"reading": "1"}))
    if scope_of(user).trained_sites:
        yield from _of_others(user, now)


def _of_others(user: User, now: datetime) -> Iterator[Waiting]:
    trained = scope_of(user).trained_sites
    signs = sum(
        one.next is not None and one.next.signer == TRAINER
        for one in onboarding.lines(_newcomers(trained), now)
    )
    if signs:
        words = ngettext(
            "%(n)s newcomer is at a stage that a trainer signs off",
            "%(n)s newcomers are at a stage that a trainer signs off",
            signs,
        )
        yield Waiting(words % {"n": count(signs)}, reverse("onboarding"))
    sites = list(courses.sites_written(user))
    late = CourseAssignment.objects.filter(
        courses.late(sites, now), course__retired_at=None, course__is_published=True
    ).count()  # fmt: skip
    if late:
        words = ngettext(
            "%(n)s course of somebody is overdue", "%(n)s courses of people are overdue", late
        )
        yield Waiting(words % {"n": count(late)}, reverse("courses"))
    near = certificates.count(user)
    if near:
        words = ngettext(
            "%(n)s certificate ends soon, or is over",
            "%(n)s certificates end soon, or are over",
            near,
        )
        yield Waiting(words % {"n": count(near)}, reverse("certificates"))
    due = LibraryPage.objects.written_by(user).filter(library.overdue(now), is_published=True)
    many = due.count()
    if many:
        words = ngettext(
            "%(n)s page of the library is overdue for review",
            "%(n)s pages of the library are overdue for review",
            many,
        )
        yield Waiting(words % {"n": count(many)}, address(reverse("library"), {"overdue": "1"}))


def _newcomers(sites: frozenset[int]) -> list[Newcomer]:
    rows = Newcomer.objects.standing().filter(agent__site__in=sites)
    return list(rows.select_related("agent", "path__site"))
