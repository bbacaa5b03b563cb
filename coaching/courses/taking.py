"""Takes a course: lessons gone through, attempts begun, answered and finished. Whoever takes it
writes; the audit log has what came of each attempt's certificate alone."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ccm.intervals import day_of
from ccm.models import User
from coaching.certificates import services as certificates
from coaching.courses import scoring
from coaching.models import (
    Attempt,
    AttemptAnswer,
    CourseAssignment,
    CourseVersion,
    Lesson,
    LessonDone,
    Question,
)

State = CourseAssignment.State
Said = Mapping[int, Sequence[str]]
"""What was said to questions, by their ids."""


@dataclass(frozen=True, slots=True)
class Next:
    """What whoever takes a course may do now: attempts that are left (None: any number), and from
    when on the next one may begin (None: at once)."""

    left: int | None
    from_: datetime | None

    @property
    def is_out(self) -> bool:
        return self.left == 0

    def may_begin(self, now: datetime) -> bool:
        return not self.is_out and (self.from_ is None or self.from_ <= now)


def next_of(
    assignment: CourseAssignment, version: CourseVersion, attempts: Sequence[Attempt]
) -> Next:
    """By the attempts of an assignment that are there. No query."""
    finished = [one for one in attempts if one.finished_at is not None]
    left = None
    if version.attempts is not None:
        left = max(0, version.attempts + assignment.more - len(finished))
    ends = [one.finished_at for one in finished if one.finished_at is not None]
    since = max(ends, default=None)
    pause = timedelta(hours=version.pause_hours)
    return Next(left, since + pause if since is not None and pause else None)


def tells_right(
    assignment: CourseAssignment, version: CourseVersion | None, attempts: Sequence[Attempt]
) -> bool:
    """Whether whoever takes it is told the right answers: once it is passed, or no attempt is left.
    Before that they would be copied into the next one. `version` is the one in use, or None: the
    next attempt is of that one. No query."""
    if assignment.state == State.DONE:
        return True
    if assignment.state != State.OPEN or version is None:
        return False
    return next_of(assignment, version, attempts).is_out


@transaction.atomic
def go_through(assignment: CourseAssignment, lesson: Lesson, now: datetime) -> None:
    """Note that a lesson was gone through; once noted, the time stays."""
    LessonDone.objects.get_or_create(
        assignment=assignment, lesson=lesson, defaults={"done_at": now}
    )


@transaction.atomic
def begin(pk: int, version: CourseVersion, now: datetime) -> Attempt:
    """The attempt that is open, or a new one of the version. A course without questions is passed
    by it.

    Raises ValidationError where lessons are left, attempts are not, or the pause is not over.
    """
    assignment = _locked(pk)
    attempts = list(assignment.attempts.order_by("number"))
    if attempts and attempts[-1].finished_at is None:
        return attempts[-1]
    if assignment.state != State.OPEN:
        raise ValidationError(_("It has ended: there is nothing to take any more."))
    done = assignment.lessons_done.values("lesson")
    if version.lessons.exclude(pk__in=done).exists():
        raise ValidationError(_("Go through all of its lessons first."))
    coming = next_of(assignment, version, attempts)
    if not coming.may_begin(now):
        if coming.is_out:
            raise ValidationError(_("No attempt is left: ask your trainer for another."))
        raise ValidationError(_("The pause between two attempts is not over yet."))
    seed = secrets.token_hex(16)
    bank = list(version.questions.values_list("pk", flat=True))
    asked = scoring.drawn(seed, bank, version.draws, shuffled=version.shuffles)
    attempt = Attempt.objects.create(
        assignment=assignment, version=version, number=len(attempts) + 1, seed=seed, begun_at=now,
        asked=len(asked),
    )  # fmt: skip
    if not asked:
        _end(attempt, assignment, [], now)
    return attempt


@transaction.atomic
def keep(pk: int, said: Said, now: datetime) -> Attempt:
    """Keep what was said so far to go on with later. Nothing changes once it is finished."""
    attempt = _attempt(pk)
    if attempt.finished_at is None:
        _say(attempt, said, questions_of(attempt))
    return attempt


@transaction.atomic
def finish(pk: int, said: Said, now: datetime) -> Attempt:
    """Finish an attempt with what was said: score it, and where it passed, end its assignment and
    give what the course gives. Finished twice, it is once.

    Raises ValidationError where a question is left, or a number cannot be read.
    """
    attempt = _attempt(pk)
    if attempt.finished_at is not None:
        return attempt
    asked = questions_of(attempt)
    _say(attempt, said, asked)
    answers = {one.question_id: one for one in attempt.answers.all()}
    left = [one for one in asked if not _is_said(one, answers.get(one.pk))]
    if left:
        raise ValidationError(
            {f"q{one.pk}": _unsaid_words(one, answers.get(one.pk)) for one in left}
        )
    right = []
    for one in asked:
        answer = answers[one.pk]
        answer.is_right = scoring.is_right(as_asked(one), answer.said)
        right.append(answer.is_right)
    AttemptAnswer.objects.bulk_update(answers.values(), ["is_right"])
    _end(attempt, _locked(attempt.assignment_id), right, now)
    return attempt


def questions_of(attempt: Attempt) -> list[Question]:
    """The questions of an attempt in the order in which they are asked."""
    bank = {one.pk: one for one in attempt.version.questions.all()}
    version = attempt.version
    order = scoring.drawn(attempt.seed, list(bank), version.draws, shuffled=version.shuffles)
    return [bank[one] for one in order]


def as_asked(question: Question) -> scoring.Asked:
    answers = tuple(scoring.Answer(str(words), bool(right)) for words, right in question.answers)
    kinds: dict[str, scoring.Kind] = {
        "single": "single", "multiple": "multiple", "number": "number", "text": "text",
    }  # fmt: skip
    return scoring.Asked(kinds[question.kind], answers, question.tolerance)


def _say(attempt: Attempt, said: Said, asked: Sequence[Question]) -> None:
    known = {one.question_id: one for one in attempt.answers.all()}
    for one in asked:
        if one.pk not in said:
            continue
        words = [each[:500] for each in said[one.pk] if each.strip()]
        if one.kind in scoring.CHOICES:
            words = [each for each in words if each in {str(at) for at in range(len(one.answers))}]
        if one.pk in known:
            if known[one.pk].said != words:
                known[one.pk].said = words
                known[one.pk].save(update_fields=["said"])
        else:
            AttemptAnswer.objects.create(attempt=attempt, question=one, said=words)


def _is_said(question: Question, answer: AttemptAnswer | None) -> bool:
    if answer is None or not answer.said:
        return False
    return question.kind != "number" or scoring.number_of(str(answer.said[0])) is not None


def _unsaid_words(question: Question, answer: AttemptAnswer | None) -> str:
    if question.kind == "number" and answer is not None and answer.said:
        return _("Write a number, with a point before its decimals.")
    return _("Answer this, too.")


def _end(
    attempt: Attempt, assignment: CourseAssignment, right: Sequence[bool], now: datetime
) -> None:
    told = scoring.score(right, attempt.version.pass_percent)
    attempt.finished_at, attempt.right, attempt.passed = now, told.right, told.passed
    attempt.save(update_fields=["finished_at", "right", "passed"])
    if not told.passed:
        return
    course, user = assignment.course, assignment.user
    if assignment.state == State.OPEN:
        assignment.state, assignment.ended_at = State.DONE, now
        assignment.save(update_fields=["state", "ended_at"])
    if course.gives_id is not None:
        today = day_of(now, course.site.calendar)
        certificates.give(course, attempt.version.number, user, today, now)


def _locked(pk: int) -> CourseAssignment:
    one: CourseAssignment = (
        CourseAssignment.objects.select_for_update(of=("self",))
        .select_related("course__site", "course__gives", "user")
        .get(pk=pk)
    )
    return one


def _attempt(pk: int) -> Attempt:
    one: Attempt = (
        Attempt.objects.select_for_update(of=("self",)).select_related("version").get(pk=pk)
    )
    return one


def attempts_of(assignment: CourseAssignment, user: User) -> list[Attempt]:
    """All of an assignment of somebody, the first first."""
    rows = Attempt.objects.filter(assignment=assignment, assignment__user=user)
    return list(rows.select_related("version").order_by("number"))
