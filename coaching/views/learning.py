"""What one is to learn oneself: what is due, its lessons, its quiz, and what one has."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm.database import MOST_ID
from ccm.filters import about
from ccm.intervals import day_of
from ccm.models import User
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from coaching.courses import assigning, reads, scoring, taking
from coaching.models import Attempt, CourseAssignment, CourseVersion
from coaching.onboarding import reads as onboarded
from coaching.views.courses import as_it_was, quiz_of
from coaching.views.library import as_html


@login_required
@require_safe
def my_learning(request: HttpRequest) -> HttpResponse:
    """What is due first first, then certificates and what was passed."""
    user, now = signed_in(request), timezone.now()
    if not may_open("my_learning", user):
        raise Http404
    tasks = reads.tasks(user, now)
    held = _held(user, now)
    offered = reads.on_offer(user, _ending(held))
    renewing = {one.course_id for one in offered} & _ending(held)
    context = {
        "renewing": renewing,
        "wanted": [one for one in offered if one.course_id not in renewing],
        "way": onboarded.own(user),
        "tasks": tasks, "late": sum(one.is_late for one in tasks), "held": held,
        "past": reads.past(user), "now": now,
    }  # fmt: skip
    return render(request, "coaching/my_learning.html", context)


@login_required
@require_POST
def learning_take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take up a course oneself: one for who wants it, or to renew what ends."""
    user, now = signed_in(request), timezone.now()
    if pk > MOST_ID or not may_open("my_learning", user):
        raise Http404
    there = CourseAssignment.objects.standing().filter(
        course=pk, course__retired_at=None, user=user
    )
    one = there.first()
    if one is None:
        ending = _ending(_held(user, now))
        offered = {each.course_id: each.course for each in reads.on_offer(user, ending)}
        if pk not in offered:
            raise Http404
        try:
            one = assigning.by_oneself(offered[pk], user, now, renews=pk in ending)
        except ValidationError as refusal:
            messages.warning(request, refusal.messages[0])
            return redirect("my_learning")
    return redirect("learning", pk=one.pk)


@login_required
@require_POST
def learning_leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave what one took up by one's own choice."""
    one, _version = _own(request, pk)
    if one.source != CourseAssignment.Source.OWN:
        raise Http404
    if assigning.drop(pk, signed_in(request), timezone.now()):
        messages.info(request, _("You do not take it any more."))
    return redirect("my_learning")


@login_required
@require_safe
def learning(request: HttpRequest, pk: int) -> HttpResponse:
    """A course that one is to take: its lessons, and its quiz."""
    now = timezone.now()
    assignment, version = _own(request, pk)
    lessons = reads.lessons(version)
    gone = set(assignment.lessons_done.values_list("lesson", flat=True))
    attempts = taking.attempts_of(assignment, signed_in(request))
    coming = taking.next_of(assignment, version, attempts)
    bank = version.questions.count()
    asked = bank if version.draws is None else min(bank, version.draws)
    rows = [{"at": at, "lesson": one, "is_gone": one.pk in gone}
            for at, one in enumerate(lessons, start=1)]  # fmt: skip
    context = {
        "assignment": assignment, "version": version, "rows": rows,
        "ahead": next((row["at"] for row in rows if not row["is_gone"]), None),
        "attempts": attempts, "coming": coming, "may_begin": coming.may_begin(now),
        "begun": next((one for one in attempts if one.finished_at is None), None),
        "asked": asked, "needed": scoring.needed(asked, version.pass_percent),
        "is_late": reads.is_late(assignment, day_of(now, assignment.course.site.calendar)),
    }  # fmt: skip
    return render(request, "coaching/learning.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def learning_lesson(request: HttpRequest, pk: int, at: int) -> HttpResponse:
    """A lesson; a POST says that one went through it, and leads on."""
    assignment, version = _own(request, pk)
    lessons = reads.lessons(version)
    if not 1 <= at <= len(lessons):
        raise Http404
    lesson = lessons[at - 1]
    if request.method == "POST":
        if request.POST.get("lesson", str(lesson.pk)) != str(lesson.pk):
            messages.warning(request, _("The course has changed meanwhile: this is what it says."))
            return redirect("learning", pk=pk)
        taking.go_through(assignment, lesson, timezone.now())
        if at < len(lessons):
            return redirect("learning_lesson", pk=pk, at=at + 1)
        return redirect("learning", pk=pk)
    page = reads.page_said(lesson)
    body = lesson.body if page is None else page.body
    context = {
        "assignment": assignment, "version": version, "lesson": lesson, "at": at,
        "many": len(lessons), "page": page, "html": as_html(body) if body else "",
        "is_gone": assignment.lessons_done.filter(lesson=lesson).exists(),
    }  # fmt: skip
    return render(request, "coaching/learning_lesson.html", context)


@login_required
@require_POST
def learning_begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin an attempt, or go on with the one that is open."""
    _assignment, version = _own(request, pk)
    try:
        attempt = taking.begin(pk, version, timezone.now())
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
        return redirect("learning", pk=pk)
    return redirect("learning_attempt", pk=attempt.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def learning_attempt(request: HttpRequest, pk: int) -> HttpResponse:
    """The questions of an attempt that is open; of one that is finished, how it went and why, and
    what is right once nothing is left to be asked."""
    user = signed_in(request)
    if pk > MOST_ID or not may_open("my_learning", user):
        raise Http404
    rows = Attempt.objects.filter(assignment__user=user)
    attempt = get_object_or_404(rows.select_related("version", "assignment__course__site"), pk=pk)
    about(request, attempt.assignment.course.site)
    if attempt.finished_at is not None:
        return render(request, "coaching/course_attempt.html", _result(attempt))
    form = quiz_of(attempt, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        now = timezone.now()
        if "keep" in request.POST:
            taking.keep(pk, form.said, now)
            messages.info(request, _("What you said so far is kept: go on whenever you like."))
            return redirect("learning", pk=attempt.assignment_id)
        if form.is_valid():
            try:
                taking.finish(pk, form.said, now)
            except ValidationError as refusal:
                taking.keep(pk, form.said, now)
                for name, words in refusal.message_dict.items():
                    form.add_error(name, words)
            else:
                return redirect("learning_attempt", pk=pk)
    version = attempt.version
    context = {
        "attempt": attempt, "form": form, "version": version, "assignment": attempt.assignment,
        "needed": scoring.needed(attempt.asked, version.pass_percent),
    }  # fmt: skip
    return render(request, "coaching/learning_quiz.html", context)


def _result(attempt: Attempt) -> dict[str, object]:
    version, assignment = attempt.version, attempt.assignment
    in_use = reads.current(assignment.course)
    attempts = list(assignment.attempts.all())
    is_told = taking.tells_right(assignment, in_use, attempts)
    return {
        "attempt": attempt, "assignment": assignment, "is_told": is_told,
        "rows": as_it_was(attempt), "own": True,
        "needed": scoring.needed(attempt.asked, version.pass_percent),
    }  # fmt: skip


def _held(user: User, now: datetime) -> list[dict[str, Any]]:
    """One's certificates, whether each is over or its end is told of."""
    return [
        {"one": one, "is_over": one.is_over(today),
         "is_near": one.warn_from is not None and one.warn_from <= today}
        for one in reads.certificates(user)
        for today in [day_of(now, one.kind.site.calendar)]
    ]  # fmt: skip


def _ending(held: list[dict[str, Any]]) -> set[int]:
    """The courses of those that are to be renewed, by their ids."""
    return {each["one"].course_id for each in held if each["is_near"] and each["one"].is_current}


def _own(request: HttpRequest, pk: int) -> tuple[CourseAssignment, CourseVersion]:
    """An assignment of the reader's own, and the version that is taken now."""
    user = signed_in(request)
    if pk > MOST_ID or not may_open("my_learning", user):
        raise Http404
    rows = CourseAssignment.objects.filter(user=user, course__retired_at=None)
    one: CourseAssignment = get_object_or_404(
        rows.select_related("course__site", "course__gives"), pk=pk
    )
    version = reads.current(one.course)
    if version is None:
        raise Http404
    about(request, one.course.site)
    return one, version


def urls(under: str) -> list[URLPattern]:
    one = f"{under}/learning/<int:pk>"
    return [
        path(f"{under}/learning/", my_learning, name="my_learning"),
        path(f"{one}/", learning, name="learning"),
        path(f"{one}/lessons/<int:at>/", learning_lesson, name="learning_lesson"),
        path(f"{under}/learning/take/<int:pk>/", learning_take, name="learning_take"),
        path(f"{one}/leave/", learning_leave, name="learning_leave"),
        path(f"{one}/begin/", learning_begin, name="learning_begin"),
        path(f"{under}/learning/attempts/<int:pk>/", learning_attempt, name="learning_attempt"),
    ]
