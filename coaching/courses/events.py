"""Courses that were passed, as a source of events: whether figures moved after them is told as it
is of coaching."""

from collections.abc import Iterator, Mapping
from datetime import date

from django.utils.translation import gettext_lazy as _

from ccm.intervals import day_of, site_days
from ccm.models import Site
from coaching.effect.sources import Event, Narrowed, Said, Source, Words
from coaching.models import CourseAssignment, CourseVersion


def _kinds(site: Site) -> Mapping[str, Words]:
    """The courses of a site by id, with their titles of now; kept on the site for the rest of the
    request."""
    known: dict[str, Words] | None = getattr(site, "_courses_told", None)
    if known is None:
        rows = CourseVersion.objects.filter(course__site=site, is_current=True)
        titles = rows.order_by("title", "course").values_list("course", "title")
        known = {str(course): title for course, title in titles}
        site._courses_told = known  # type: ignore[attr-defined]
    return known


def _read(site: Site, first: date, last: date, asked: Narrowed) -> Iterator[Event]:
    """Of agents at the site, on the day that they passed. Nobody is said to have done it."""
    calendar = site.calendar
    span = site_days(first, last, calendar)
    rows = CourseAssignment.objects.filter(
        course__in=[int(one) for one in asked.kinds],
        state=CourseAssignment.State.DONE,
        user__agent__site=site,
        ended_at__gte=span.start,
        ended_at__lt=span.end,
    )
    told = rows.order_by("ended_at", "pk").values_list("user__agent", "course", "ended_at")
    for agent, course, ended_at in told:
        assert ended_at is not None  # as it is done
        yield Event(agent, day_of(ended_at, calendar), str(course), None)


SOURCE = Source(
    name="courses",
    words=_("Courses passed"),
    happened=_("Training"),
    kinds=_kinds,
    default=(),
    tells_about=False,
    read=_read,
    said=Said(
        one=_("a course"),
        done=_("trained"),
        kind=_("Course"),
        kinds=_("Courses"),
        all_kinds=_("all courses"),
        by_kind=_("By course"),
    ),
    is_training=True,
)
