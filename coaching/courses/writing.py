"""Writes courses: their versions with lessons and questions, published and withdrawn. Published, a
version changes no more. The audit log has each course and each version that is published."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm import audit
from ccm.models import Site, User
from coaching.courses import scoring
from coaching.courses.taking import as_asked
from coaching.models import CertificateKind, Course, CourseVersion, Lesson, Question

SAID = ("title", "about", "pass_percent", "attempts", "pause_hours", "draws", "shuffles")
OF_LESSONS = ("kind", "title", "body", "url", "page")
OF_QUESTIONS = ("kind", "words", "why", "answers", "tolerance")
"""What versions, lessons and questions say."""
TWICE = timedelta(minutes=2)
MOST_LESSONS, MOST_QUESTIONS = 100, 500
_UNSAID = ("id", "about", "is_current", "made_by", "made_at", "published_by", "published_at",
           "revision")  # fmt: skip
Part = TypeVar("Part", Lesson, Question)


class Stale(ValidationError):
    """Somebody else has changed it meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody has changed it meanwhile: what it says by now is shown. Look again.")
        )


@transaction.atomic
def make(site: Site, said: Mapping[str, Any], who: User, now: datetime) -> Course:
    """A new course with its first draft. A post that comes twice makes one."""
    User.objects.select_for_update(no_key=True).get(pk=who.pk)
    same = CourseVersion.objects.filter(
        made_by=who, made_at__gt=now - TWICE, number=1, course__site=site, title=said["title"]
    ).select_related("course").first()  # fmt: skip
    if same is not None:
        made: Course = same.course
        return made
    course: Course = Course.objects.create(site=site, made_by=who, made_at=now)
    version = CourseVersion(course=course, number=1, made_by=who, made_at=now)
    for name in SAID:
        if name in said:
            setattr(version, name, said[name])
    version.save()
    audit.record(who, course, before=None, after=values(course), now=now)
    return course


@transaction.atomic
def set_up(
    pk: int, gives: CertificateKind | None, who: User, now: datetime, *, is_open: bool = False
) -> Course:
    """Have passing a course give a certificate of its site, or none, and say whether it is for who
    wants it. Raises ValueError for a certificate of another site."""
    course = _locked(pk)
    if gives is not None and gives.site_id != course.site_id:
        raise ValueError("a certificate of another site")
    if (course.gives_id, course.is_open) == (gives and gives.pk, is_open):
        return course
    before = values(course)
    course.gives, course.is_open = gives, is_open
    course.save(update_fields=["gives", "is_open"])
    audit.record(who, course, before=before, after=values(course), now=now)
    return course


@transaction.atomic
def begin(pk: int, who: User, now: datetime) -> CourseVersion:
    """The draft of a course: the one that is there, or one that says what the last version says,
    with its lessons and questions."""
    course = _locked(pk)
    last: CourseVersion = course.versions.order_by("-number")[0]
    if last.is_draft:
        return last
    said = {name: getattr(last, name) for name in SAID}
    made: CourseVersion = CourseVersion.objects.create(
        course=course, number=last.number + 1, made_by=who, made_at=now, **said
    )
    Lesson.objects.bulk_create(
        Lesson(version=made, place=one.place, **{name: getattr(one, name) for name in OF_LESSONS})
        for one in last.lessons.all()
    )
    Question.objects.bulk_create(
        Question(
            version=made, place=one.place, **{name: getattr(one, name) for name in OF_QUESTIONS}
        )
        for one in last.questions.all()
    )
    return made


@transaction.atomic
def write(pk: int, said: Mapping[str, Any], revision: int) -> CourseVersion:
    """Have the draft of a course say this (`SAID`). Raises Stale."""
    draft = _draft(pk)
    if draft.revision != revision:
        raise Stale
    for name in SAID:
        setattr(draft, name, said[name])
    draft.revision += 1
    draft.save()
    return draft


@transaction.atomic
def keep_lesson(pk: int, lesson: int | None, said: Mapping[str, Any], revision: int) -> Lesson:
    """A new lesson at the end of the draft, or one of it that changed. A post of a new one that
    comes twice makes one. Raises Stale; ValidationError for too many."""
    return _keep(Lesson, pk, lesson, said, OF_LESSONS, revision, MOST_LESSONS)


@transaction.atomic
def keep_question(
    pk: int, question: int | None, said: Mapping[str, Any], revision: int
) -> Question:
    """The same of a question of the bank."""
    return _keep(Question, pk, question, said, OF_QUESTIONS, revision, MOST_QUESTIONS)


def _keep(
    model: type[Part],
    pk: int,
    part: int | None,
    said: Mapping[str, Any],
    names: tuple[str, ...],
    revision: int,
    most: int,
) -> Part:
    draft = _draft(pk)
    rows = model._default_manager.filter(version=draft)
    told = {name: said[name] for name in names}
    if part is not None:
        one: Part | None = rows.filter(pk=part).first()
        if one is None or one.revision != revision:
            raise Stale
        for name, value in told.items():
            setattr(one, name, value)
        one.revision += 1
        one.save()
        return one
    last: Part | None = rows.order_by("-place", "-pk").first()
    if last is not None and all(getattr(last, name) == value for name, value in told.items()):
        return last
    if rows.count() >= most:
        raise ValidationError(_("These are enough: make another course."))
    made: Part = model._default_manager.create(
        version=draft, place=1 if last is None else last.place + 1, **told
    )
    return made


@transaction.atomic
def remove(model: type[Part], pk: int, part: int) -> None:
    """Take a lesson or a question out of the draft. Removed twice, it is gone once."""
    model._default_manager.filter(version=_draft(pk), pk=part).delete()


@transaction.atomic
def raise_up(model: type[Part], pk: int, part: int) -> None:
    """Have a lesson or a question stand before the one before it."""
    rows: list[Part] = list(
        model._default_manager.filter(version=_draft(pk)).order_by("place", "pk")
    )
    at = next((place for place, one in enumerate(rows) if one.pk == part), 0)
    if at:
        rows[at - 1], rows[at] = rows[at], rows[at - 1]
    for place, one in enumerate(rows, start=1):
        one.place = place
    model._default_manager.bulk_update(rows, ["place"])


@transaction.atomic
def discard(pk: int, who: User, now: datetime) -> bool:
    """Have nothing come of the draft; of a course that was never published nothing is left, and
    then this is False."""
    course = _locked(pk)
    if course.is_published:
        course.versions.filter(published_at=None).delete()
        return True
    audit.record(who, course, before=values(course), after=None, now=now)
    course.delete()
    return False


@transaction.atomic
def publish(
    pk: int, note: str, revision: int, who: User, now: datetime, *, is_anew: bool
) -> CourseVersion:
    """Freeze the draft, which is taken from now on; `is_anew`: also by those who passed an earlier
    version. A post that comes twice publishes once.

    Raises Stale; ValidationError for what it lacks (`faults`), or where nobody said what changed.
    """
    course = _locked(pk)
    last: CourseVersion | None = course.versions.filter(is_current=True).first()
    draft: CourseVersion | None = course.versions.filter(published_at=None).first()
    if draft is None:
        if last is not None and (last.published_by_id, last.note) == (who.pk, note):
            return last
        raise Stale
    if draft.revision != revision:
        raise Stale
    if found := faults(draft):
        raise ValidationError(found)
    if last is not None and not note:
        raise ValidationError({"note": _("Say what changed.")})
    if last is not None:
        last.is_current = False
        last.save(update_fields=["is_current"])
    draft.note, draft.published_by, draft.published_at = note, who, now
    draft.is_current, draft.is_anew = True, is_anew and last is not None
    draft.save()
    if not course.is_published:
        course.is_published = True
        course.save(update_fields=["is_published"])
    audit.record(who, draft, before=None, after=audit.values_of(draft, _UNSAID), now=now)
    return draft


def faults(draft: CourseVersion) -> list[str]:
    """Why a draft cannot be published, in words."""
    found = []
    questions = list(draft.questions.all())
    if not questions and not draft.lessons.exists():
        found.append(_("It has neither a lesson nor a question."))
    for one in questions:
        for fault in scoring.faults(as_asked(one)):
            found.append(f"“{one}”: {fault_words(fault)}")
    if draft.draws is not None and draft.draws > len(questions):
        words = ngettext(
            "It asks %(draws)s question, and has %(many)s.",
            "It asks %(draws)s questions, and has %(many)s.",
            draft.draws,
        )
        found.append(words % {"draws": draft.draws, "many": len(questions)})
    return found


def fault_words(fault: scoring.Fault) -> str:
    words: dict[scoring.Fault, str] = {
        "few": _("give two answers at least."),
        "none_right": _("none of its answers is right: put * before it."),
        "several_right": _("several answers are right, and one is asked for."),
        "twice": _("two of its answers say the same."),
        "no_number": _("write the one number that is right, with a point before its decimals."),
        "nothing": _("write what is right, a line for each way to say it."),
    }
    return words[fault]


@transaction.atomic
def withdraw(pk: int, who: User, now: datetime, *, is_back: bool = False) -> bool:
    """Take a course out of use, or have it back; False where it is so already, or never was in use.
    Who is to take it is asked no more; what was passed stays."""
    course = _locked(pk)
    if not course.is_published or (course.retired_at is None) == is_back:
        return False
    before = values(course)
    course.retired_at = None if is_back else now
    course.save(update_fields=["retired_at"])
    audit.record(who, course, before=before, after=values(course), now=now)
    return True


def values(course: Course) -> dict[str, Any]:
    return audit.values_of(course, ("id", "is_published", "made_by", "made_at"))


def _locked(pk: int) -> Course:
    course: Course = Course.objects.select_for_update(of=("self",)).get(pk=pk)
    return course


def _draft(pk: int) -> CourseVersion:
    draft: CourseVersion | None = _locked(pk).versions.filter(published_at=None).first()
    if draft is None:
        raise Stale
    return draft
