"""Has people take courses: by hand, for the onboarding path that they are on, and by rules. What
somebody does is in the audit log; what a rule did is told by the rule."""

import logging
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm import audit
from ccm.intervals import day_of
from ccm.models import User
from coaching.courses import rules
from coaching.models import Certificate, Course, CourseAssignment, CourseRule

log = logging.getLogger(__name__)
Source, State = CourseAssignment.Source, CourseAssignment.State
UNSAID = ("id", "words", "assigned_by", "assigned_at", "ended_at")
CHANGED_DUE = timedelta(days=14)
"""For so long whoever passed an earlier version has time to take one anew."""
OWN_DUE = timedelta(days=28)
"""For so long whoever took one up by their own choice has time."""
_RENEWED_WITHIN = timedelta(days=7)
"""For so long at least whoever renews a certificate."""
MOST_MORE = 20


@transaction.atomic
def by_hand(
    course: Course, people: Iterable[User], due_on: date, words: str, who: User, now: datetime
) -> int:
    """Have people take a course by a day; how many were not to already. A post that comes twice
    assigns once. Raises ValidationError for a course that is not in use."""
    return _by_somebody(course, people, Source.HAND, due_on, words, who, now)


@transaction.atomic
def for_path(
    course: Course, people: Iterable[User], due_on: date, path: str, who: User, now: datetime
) -> int:
    """The same for an onboarding path, by its name, that they are on by what somebody did."""
    return _by_somebody(course, people, Source.PATH, due_on, path, who, now)


def _by_somebody(
    course: Course, people: Iterable[User], source: str, due_on: date, words: str, who: User,
    now: datetime,
) -> int:  # fmt: skip
    made = _assign(course.pk, people, source, due_on, now, by=who, words=words)
    for one in made:
        audit.record(who, one, before=None, after=values(one), now=now)
    return len(made)


@transaction.atomic
def by_oneself(course: Course, who: User, now: datetime, *, renews: bool) -> CourseAssignment:
    """Take up a course oneself: to renew a certificate, by the last day on which it holds, or as
    one wants to. The one that is open, where there is one. Raises ValidationError for a course that
    is not in use."""
    today = day_of(now, course.site.calendar)
    source, due_on = Source.OWN, today + OWN_DUE
    if renews:
        held = Certificate.objects.current().filter(course=course, user=who)
        end = held.values_list("expires_on", flat=True).first() or today
        source, due_on = Source.RENEWAL, _renewed_by(end, today)
    for one in _assign(course.pk, [who], source, due_on, now, by=who):
        audit.record(who, one, before=None, after=values(one), now=now)
    made: CourseAssignment = CourseAssignment.objects.standing().get(course=course, user=who)
    return made


def due(now: datetime) -> int:
    """Have everybody take what rules, changes and certificates say by now. Safe to run twice, and
    on several machines: each course is done alone, and one that fails holds up none."""
    many = 0
    for course in Course.objects.in_use().select_related("site").order_by("pk"):
        try:
            many += of_course(course, now)
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("assigning course %d failed", course.pk)
    return many


@transaction.atomic
def of_course(course: Course, now: datetime) -> int:
    """The same of one course."""
    return sum(
        len(_assign(course.pk, people, source, due_on, now, rule=rule))
        for people, source, due_on, rule in _due(course, now)
    )


_Due = tuple[Iterable[User], str, date, CourseRule | None]


def _due(course: Course, now: datetime) -> Iterator[_Due]:
    today = day_of(now, course.site.calendar)
    for rule in course.rules.select_related("course__site", "role", "criterion"):
        end = today + timedelta(days=rule.due_days)
        yield rules.by_rule(rule, now), Source(rule.kind), end, rule
    yield rules.as_changed(course, now), Source.CHANGED, today + CHANGED_DUE, None
    if course.gives_id is not None:
        yield from _renewals(course, now, today)


def _renewals(course: Course, now: datetime, today: date) -> Iterator[_Due]:
    """Each by the last day on which what they have holds."""
    people = list(rules.to_renew(course, now))
    held = Certificate.objects.current().filter(course=course, user__in=people)
    ends = {user: end for user, end in held.values_list("user", "expires_on") if end is not None}
    for one in people:
        yield [one], Source.RENEWAL, _renewed_by(ends[one.pk], today), None


def _renewed_by(end: date, today: date) -> date:
    """The last day on which a certificate holds, or soon where that is over."""
    return max(end - timedelta(days=1), today + _RENEWED_WITHIN)


def _assign(
    course_pk: int,
    people: Iterable[User],
    source: str,
    due_on: date,
    now: datetime,
    *,
    rule: CourseRule | None = None,
    by: User | None = None,
    words: str = "",
) -> list[CourseAssignment]:
    """The assignments that were made: of those who have none open. One at a time of a course."""
    course = Course.objects.select_for_update(of=("self",), no_key=True).get(pk=course_pk)
    if not course.is_published or course.retired_at is not None:
        raise ValidationError(_("It is not in use: nobody can be asked to take it."))
    wanted = list(people)
    there = CourseAssignment.objects.standing().filter(course=course, user__in=wanted)
    known = set(there.values_list("user", flat=True))
    return CourseAssignment.objects.bulk_create(
        CourseAssignment(
            course=course, user=one, source=source, rule=rule, words=words, due_on=due_on,
            assigned_by=by, assigned_at=now,
        )
        for one in {each.pk: each for each in wanted if each.pk not in known}.values()
    )  # fmt: skip


@transaction.atomic
def drop(pk: int, who: User, now: datetime) -> bool:
    """Call an assignment off; False where it has ended already."""
    one = _locked(pk)
    if one.state != State.OPEN:
        return False
    before = values(one)
    one.state, one.ended_at = State.DROPPED, now
    one.save(update_fields=["state", "ended_at"])
    audit.record(who, one, before=before, after=values(one), now=now)
    return True


@transaction.atomic
def grant(pk: int, seen: int, who: User, now: datetime) -> bool:
    """Give one attempt more than were given when it was `seen`; False where somebody has meanwhile,
    or it has ended."""
    one = _locked(pk)
    if one.state != State.OPEN or one.more != seen or one.more >= MOST_MORE:
        return False
    before = values(one)
    one.more += 1
    one.save(update_fields=["more"])
    audit.record(who, one, before=before, after=values(one), now=now)
    return True


@transaction.atomic
def add_rule(rule: CourseRule, who: User, now: datetime) -> CourseRule:
    """Keep a rule that is not kept yet; it says so from the next night on. Raises ValidationError
    where there is the same already."""
    Course.objects.select_for_update(of=("self",), no_key=True).get(pk=rule.course_id)
    same = CourseRule.objects.filter(
        course=rule.course_id, kind=rule.kind, role=rule.role, criterion=rule.criterion
    )
    if same.exists():
        raise ValidationError(_("There is such a rule already: remove that first."))
    rule.made_by, rule.made_at = who, now
    rule.save()
    audit.record(who, rule, before=None, after=_rule_values(rule), now=now)
    return rule


@transaction.atomic
def remove_rule(course: int, pk: int, who: User, now: datetime) -> bool:
    """Have a rule of a course assign nothing any more; what it did stays. False: it is gone."""
    rule = CourseRule.objects.select_for_update(of=("self",)).filter(pk=pk, course=course).first()
    if rule is None:
        return False
    audit.record(who, rule, before=_rule_values(rule), after=None, now=now)
    rule.delete()
    return True


def values(one: CourseAssignment) -> dict[str, Any]:
    return audit.values_of(one, UNSAID)


def _rule_values(rule: CourseRule) -> dict[str, Any]:
    return audit.values_of(rule, ("id", "made_by", "made_at"))


def _locked(pk: int) -> CourseAssignment:
    one: CourseAssignment = CourseAssignment.objects.select_for_update(of=("self",)).get(pk=pk)
    return one
