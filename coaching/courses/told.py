"""How the audit log tells of courses, their versions, rules and assignments."""

from collections.abc import Collection, Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm.audit import Names, Told
from ccm.models import AuditEntry, User
from coaching.models import CourseVersion


def tell(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """Courses by the title that they have now."""
    known = titles([int(one.object_id) for one in entries if one.object_id])
    found = {}
    for one in entries:
        if one.object_id:
            pk = int(one.object_id)
            words = _("Course: %(title)s") % {"title": known.get(pk, str(pk))}
            found[one.pk] = Told(words, reverse("course", args=[pk]) if pk in known else "")
    return found


def tell_versions(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    ids = [int(one.object_id) for one in entries if one.object_id]
    rows = CourseVersion.objects.in_bulk(ids)
    found = {}
    for one in entries:
        version = rows.get(int(one.object_id)) if one.object_id else None
        if version is not None:
            said = {"title": version.title, "number": version.number}
            words = _("Course: %(title)s, version %(number)s") % said
            found[one.pk] = Told(words, reverse("course", args=[version.course_id]))
    return found


def tell_rules(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """Rules by their course."""
    return _by_course(entries, _("Rule of the course %(title)s"))


def tell_assignments(entries: Sequence[AuditEntry], names: Names) -> Mapping[int, Told]:
    """By who is to take which course."""
    known = titles(_courses(entries))
    found = {}
    for one in entries:
        said = one.after or one.before or {}
        if "user" in said and "course" in said:
            told = {
                "who": names.of(User, said["user"]),
                "title": known.get(said["course"], str(said["course"])),
            }
            url = reverse("course", args=[said["course"]]) if said["course"] in known else ""
            found[one.pk] = Told(_("%(who)s: the course %(title)s") % told, url)
    return found


def _by_course(entries: Sequence[AuditEntry], words: str) -> Mapping[int, Told]:
    known = titles(_courses(entries))
    found = {}
    for one in entries:
        course = (one.after or one.before or {}).get("course")
        if course is not None:
            url = reverse("course", args=[course]) if course in known else ""
            found[one.pk] = Told(words % {"title": known.get(course, str(course))}, url)
    return found


def _courses(entries: Sequence[AuditEntry]) -> list[int]:
    told = [(one.after or one.before or {}).get("course") for one in entries]
    return [int(one) for one in told if one is not None]


def titles(courses: Collection[int]) -> dict[int, str]:
    """What courses are called now, by their ids. One query."""
    rows = CourseVersion.objects.filter(course__in=courses).order_by("is_current", "number")
    return dict(rows.values_list("course", "title"))
