"""The list of courses and who is where in one, on the page and as files."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import django_tables2
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ccm.models import User
from ccm.navigation import ROLE_WORDS
from ccm.tables import WORDS, WRAPPED, CountColumn, SortedColumn, SparseColumn, tag
from ccm.templatetags.figures import DASH, count
from coaching.models import Course, CourseAssignment, CourseRule, CourseVersion
from qa.cells import when, yes

LEVELS = {"late": "bad", "open": "none", "done": "ok", "dropped": "none"}


class CourseTable(django_tables2.Table):
    title = SortedColumn("title", verbose_name=gettext_lazy("Course"), attrs=WRAPPED)
    site = SortedColumn(
        "site", verbose_name=gettext_lazy("Site"), attrs=WORDS, fields=("site__name",)
    )
    gives = SparseColumn(
        "gives", verbose_name=gettext_lazy("Certificate"), attrs=WORDS, fields=("gives__name",)
    )
    many = CountColumn("many", verbose_name=gettext_lazy("To take it"))
    many_late = SortedColumn("many_late", verbose_name=gettext_lazy("Overdue"))
    many_passed = CountColumn("many_passed", verbose_name=gettext_lazy("Passed"))

    label = gettext_lazy("Courses")
    empty_hint = gettext_lazy(
        "A course has lessons and a quiz; who is to take it is said by hand or by rules."
    )
    export_url = ""

    class Meta:
        default = DASH
        order_by = ("title",)
        empty_text = gettext_lazy("No course is here yet")

    def render_title(self, record: Any) -> SafeString:
        url = reverse("course", args=[record.pk])
        link = format_html('<a class="link" href="{}">{}</a>', url, record.title or DASH)
        if record.is_published and record.draft is None:
            return link
        word = _("has a draft") if record.is_published else _("draft")
        return format_html("{} {}", link, tag("none", word))

    def render_many_late(self, value: int) -> SafeString | str:
        return tag("bad", count(value)) if value else count(value)


HEADER = (
    gettext_lazy("Course"), gettext_lazy("Site"), gettext_lazy("Title"), gettext_lazy("Version"),
    gettext_lazy("Certificate"), gettext_lazy("Published"), gettext_lazy("To take it"),
    gettext_lazy("Overdue"), gettext_lazy("Passed"),
)  # fmt: skip


def lines(rows: QuerySet[Any]) -> Iterator[Sequence[object]]:
    for one in rows.iterator(chunk_size=500):
        yield (
            one.pk, one.site.name, one.title, one.number, one.gives and one.gives.name,
            when(one.published, one.site.tz), one.many, one.many_late, one.many_passed,
        )  # fmt: skip


def rule_words(rule: CourseRule) -> str:
    """A rule in words, by its role or its criterion, which came with it."""
    if rule.role is not None:
        words = _("Whoever has the role here: %(role)s")
        return words % {"role": ROLE_WORDS.get(rule.role.name, rule.role.name)}
    said = {"times": rule.times, "days": rule.days}
    if rule.criterion is not None:
        words = ngettext(
            "Who missed “%(name)s” in a review released in %(days)s days",
            "Who missed “%(name)s” %(times)s times in reviews released in %(days)s days",
            rule.times or 0,
        )
        return words % (said | {"name": rule.criterion.name})
    since = "" if rule.since is None else date_format(rule.since, "j M Y")
    words = ngettext(
        "Who is hired from %(since)s on, %(days)s day after",
        "Who is hired from %(since)s on, %(days)s days after",
        rule.days or 0,
    )
    return words % (said | {"since": since})


def stand_words(stand: str) -> str:
    if stand == "late":
        return _("overdue")
    return str(CourseAssignment.State(stand).label)


class LearnerTable(django_tables2.Table):
    who = SortedColumn(
        "user", verbose_name=gettext_lazy("Who"), attrs=WRAPPED,
        fields=("user__last_name", "user__first_name", "user__username"),
    )  # fmt: skip
    teams = SortedColumn(
        "team_names", verbose_name=gettext_lazy("Team"), attrs=WORDS, empty_values=("",)
    )
    due = SortedColumn("due_on", verbose_name=gettext_lazy("Due"), attrs=WORDS)
    stand = SortedColumn("stand", verbose_name=gettext_lazy("State"), attrs=WORDS)
    gone = SortedColumn("gone", verbose_name=gettext_lazy("Lessons"))
    tries = CountColumn("tries", verbose_name=gettext_lazy("Attempts"))
    last = SparseColumn(
        "last_right", verbose_name=gettext_lazy("Last result"), attrs=WORDS, empty_values=()
    )
    source = SortedColumn("source", verbose_name=gettext_lazy("Why"), attrs=WORDS)

    label = gettext_lazy("Who takes it")
    empty_hint: Any = gettext_lazy("Say by hand who is to take it, or by a rule.")
    export_url = ""

    class Meta:
        default = DASH
        order_by = ("due", "who")
        empty_text = gettext_lazy("Nobody is here")

    def __init__(self, *args: Any, lessons: int, reader: int, **more: Any) -> None:
        """How many `lessons` the version in use has, and who reads it, by their id."""
        super().__init__(*args, **more)
        self._lessons, self._reader = lessons, reader

    def say_others(self) -> None:
        """What it says where there is nobody in this state, and somebody in another."""
        self.empty_text = _("Nobody is in this state")
        self.empty_hint = _("Another one shows who is.")

    def render_who(self, value: User, record: CourseAssignment) -> SafeString:
        if value.pk == self._reader:
            return format_html("{} {}", value, tag("none", _("you")))
        url = reverse("course_learner", args=[record.pk])
        return format_html('<a class="link" href="{}">{}</a>', url, value)

    def render_due(self, value: date) -> str:
        return date_format(value, "j M Y")

    def render_stand(self, value: str) -> SafeString:
        return tag(LEVELS[value], stand_words(value))

    def render_gone(self, value: int) -> str:
        said = {"gone": count(value), "many": count(max(self._lessons, value))}
        return _("%(gone)s of %(many)s") % said

    def render_last(self, record: Any) -> str:
        if record.last_right is None:
            return DASH
        said = {"right": count(record.last_right), "asked": count(record.last_asked)}
        return _("%(right)s of %(asked)s") % said if record.last_asked else DASH

    def render_source(self, record: CourseAssignment) -> SafeString | str:
        words = str(record.get_source_display())
        if not record.words:
            return words
        return format_html('{}<span class="aside lr-words">{}</span>', words, record.words)


LEARNERS_HEADER = (
    gettext_lazy("Who"), gettext_lazy("User"), gettext_lazy("Team"), gettext_lazy("Course"),
    gettext_lazy("Assigned"), gettext_lazy("Why"), gettext_lazy("Due"), gettext_lazy("State"),
    gettext_lazy("Overdue"), gettext_lazy("Lessons gone through"), gettext_lazy("Attempts"),
    gettext_lazy("Right in the last"), gettext_lazy("Asked in the last"), gettext_lazy("Ended"),
)  # fmt: skip


def learner_lines(
    rows: QuerySet[Any], course: Course, version: CourseVersion
) -> Iterator[Sequence[object]]:
    zone = ZoneInfo(course.site.zone)
    for one in rows.iterator(chunk_size=500):
        yield (
            str(one.user), one.user.username, one.team_names, version.title,
            when(one.assigned_at, zone), one.get_source_display(), one.due_on,
            one.get_state_display(), yes(one.stand == "late"), one.gone, one.tries,
            one.last_right, one.last_asked, when(one.ended_at, zone),
        )  # fmt: skip
