"""Courses as those see them who have people take them: the list, who is where in one, how its
questions are answered, and one person's way through it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ccm import exported, exports, filters, tables
from ccm.database import MOST_ID
from ccm.filters import about, address
from ccm.intervals import day_of
from ccm.models import Site, User
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from coaching.courses import assigning, listed, people, reads, scoring, taking
from coaching.courses.forms import AssignForm, QuizForm
from coaching.models import Attempt, Course, CourseAssignment, CourseVersion, Question

VERDICTS = {
    "nobody_fails": ("warn", gettext_lazy("nobody fails it")),
    "everybody_fails": ("bad", gettext_lazy("everybody fails it")),
    "few": ("none", gettext_lazy("too few to say")),
}


@login_required
@require_safe
def courses(request: HttpRequest) -> HttpResponse:
    """The courses that the reader writes or has people take."""
    user, now = signed_in(request), timezone.now()
    sites, chosen = _sites(request)
    withdrawn = request.GET.get("state") == "withdrawn" and bool(reads.sites_written(user))
    table = listed.CourseTable(
        reads.listed(user, chosen, now, withdrawn=withdrawn),
        exclude=() if len(sites) > 1 else ("site",),
    )
    tables.arrange(table, request.GET)
    site = request.GET.get("site", "")
    said = {"site": site, "state": "withdrawn" if withdrawn else ""}
    table.export_url = address(reverse("courses_csv"), said)
    context = {
        "table": table, "sites": sites, "site": site, "withdrawn": withdrawn,
        "writes": reads.sites_written(user).exists(),
    }  # fmt: skip
    return render(request, "coaching/courses.html", context)


@login_required
@require_safe
def courses_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same rows."""
    user, now = signed_in(request), timezone.now()
    _all, chosen = _sites(request)
    withdrawn = request.GET.get("state") == "withdrawn" and bool(reads.sites_written(user))
    rows: QuerySet[Any] = reads.listed(user, chosen, now, withdrawn=withdrawn)
    if request.method == "GET":
        site = chosen[0] if request.GET.get("site") else None
        exported.listed(user, Course, site, withdrawn, now)
    return exports.download(
        "courses.csv", listed.HEADER, listed.lines(rows.order_by("title", "pk"))
    )


@login_required
@require_safe
def course(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is where in a course."""
    user, now = signed_in(request), timezone.now()
    one = course_of(request, pk)
    version = reads.current(one)
    if version is None:
        return redirect("course_draft", pk=pk)
    state = _state(request)
    lessons = reads.lessons(version)
    table = listed.LearnerTable(
        reads.learners(user, one, now, state=state), lessons=len(lessons), reader=user.pk
    )
    stands = reads.stands(user, one, now)
    if stands["open"] or stands["done"]:
        table.say_others()
    tables.arrange(table, request.GET)
    said = {"state": state, "sort": ",".join(table.order_by)}
    table.export_url = address(reverse("course_csv", args=[pk]), said)
    writes = reads.writes(user, one)
    context = {
        "course": one, "version": version, "table": table, "state": state,
        "states": _states(), "stands": stands, "lessons": lessons,
        "questions": version.questions.count(), "writes": writes,
        "draft": reads.draft(one) if writes else None,
    }  # fmt: skip
    return render(request, "coaching/course.html", context)


@login_required
@require_safe
def course_csv(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The same people; that they were taken along is noted."""
    user, now = signed_in(request), timezone.now()
    one = course_of(request, pk)
    version = reads.current(one)
    if version is None:
        raise Http404
    rows = reads.learners(user, one, now, state=_state(request))
    table = listed.LearnerTable(rows, lessons=0, reader=user.pk)
    if request.GET.get("sort"):
        table.order_by = request.GET["sort"]
    if request.method == "GET":
        exported.listed(user, CourseAssignment, one.site, True, now)
    lines = listed.learner_lines(table.data.data, one, version)
    return exports.download("course.csv", listed.LEARNERS_HEADER, lines)


@login_required
@require_safe
def course_questions(request: HttpRequest, pk: int) -> HttpResponse:
    """Question by question how often it is answered right, of the version in use or another."""
    one = course_of(request, pk)
    version = _asked_version(request, one)
    if version is None:
        return redirect("course_draft", pk=pk)
    told = reads.answered(signed_in(request), one, version)
    named = [each for each in told if each.rate.verdict in ("nobody_fails", "everybody_fails")]
    context = {
        "course": one, "version": version, "named": len(named), "least": scoring.LEAST_ASKED,
        "versions": one.versions.filter(published_at__isnull=False),
        "rows": [
            {
                "question": each.question, "rate": each.rate,
                "share": each.rate.right / each.rate.asked if each.rate.asked else None,
                "verdict": VERDICTS.get(each.rate.verdict),
            }
            for each in told
        ],
    }  # fmt: skip
    return render(request, "coaching/course_questions.html", context)


@login_required
@require_safe
def course_learner(request: HttpRequest, pk: int) -> HttpResponse:
    """One person's way through a course, and what may be done about it."""
    user = signed_in(request)
    one = _assignment(request, pk)
    version = reads.current(one.course)
    attempts = list(one.attempts.select_related("version").order_by("number"))
    coming = taking.next_of(one, version, attempts) if version is not None else None
    context = {
        "assignment": one, "course": one.course, "version": version, "attempts": attempts,
        "coming": coming,
        "is_late": reads.is_late(one, _today(one.course.site)),
        "may_grant": one.state == "open" and coming is not None and coming.left is not None
        and reads.writes(user, one.course),
    }  # fmt: skip
    return render(request, "coaching/course_learner.html", context)


@login_required
@require_safe
def course_attempt(request: HttpRequest, pk: int) -> HttpResponse:
    """A finished attempt of somebody, as it was."""
    if pk > MOST_ID:
        raise Http404
    rows = Attempt.objects.select_related("version", "assignment")
    attempt = get_object_or_404(rows, pk=pk, finished_at__isnull=False)
    one = _assignment(request, attempt.assignment_id)
    context = {
        "attempt": attempt, "assignment": one, "rows": as_it_was(attempt), "own": False,
        "is_told": True,
    }  # fmt: skip
    return render(request, "coaching/course_attempt.html", context)


@login_required
@require_POST
def course_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Call off that somebody is to take a course."""
    one = _assignment(request, pk)
    if assigning.drop(pk, signed_in(request), timezone.now()):
        messages.info(request, _("It is called off."))
    return redirect("course", pk=one.course_id)


@login_required
@require_POST
def course_grant(request: HttpRequest, pk: int) -> HttpResponse:
    """Give somebody another attempt."""
    user = signed_in(request)
    one = _assignment(request, pk)
    if not reads.writes(user, one.course):
        raise Http404
    seen = request.POST.get("seen", "")
    number = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 6 else -1
    if assigning.grant(pk, number, user, timezone.now()):
        messages.info(request, _("They have another attempt."))
    return redirect("course_learner", pk=pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def course_assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Have people take a course."""
    user, now = signed_in(request), timezone.now()
    one = course_of(request, pk)
    version = reads.current(one)
    if version is None or one.retired_at is not None:
        raise Http404
    form = AssignForm(one, user, now, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            many = assigning.by_hand(one, form.chosen, said["due_on"], said["words"], user, now)
        except ValidationError as refusal:
            form.add_error(None, refusal.messages[0])
        else:
            words = ngettext(
                "%(many)s is to take it now; whoever was to already still is.",
                "%(many)s are to take it now; whoever was to already still is.",
                many,
            )
            messages.info(request, words % {"many": many})
            return redirect("course", pk=pk)
    context = {"course": one, "version": version, "form": form}
    return render(request, "coaching/course_assign.html", context)


def as_it_was(attempt: Attempt) -> list[dict[str, Any]]:
    """The questions of a finished attempt in its order, each with its answers in their order, what
    was said, and whether it was right. Two queries."""
    said = {one.question_id: one for one in attempt.answers.all()}
    rows = []
    for at, one in enumerate(taking.questions_of(attempt), start=1):
        answer = said.get(one.pk)
        words = [] if answer is None else [str(each) for each in answer.said]
        rows.append(
            {
                "at": at, "question": one, "is_right": bool(answer and answer.is_right),
                "options": _options(attempt, one, words), "said": "" if not words else words[0],
                "right": [each for each, _right in one.answers],
                "is_choice": one.kind in scoring.CHOICES,
            }
        )  # fmt: skip
    return rows


def _options(attempt: Attempt, one: Question, said: list[str]) -> list[dict[str, Any]]:
    if one.kind not in scoring.CHOICES:
        return []
    many, shuffled = len(one.answers), attempt.version.shuffles
    order = scoring.ordered(attempt.seed, one.pk, many, shuffled=shuffled)
    return [
        {"words": one.answers[at][0], "is_right": one.answers[at][1], "is_said": str(at) in said}
        for at in order
    ]


def quiz_of(attempt: Attempt, data: Any = None) -> QuizForm:
    """The form of an open attempt, with what was said so far."""
    questions = taking.questions_of(attempt)
    said = {one.question_id: [str(word) for word in one.said] for one in attempt.answers.all()}
    return QuizForm(attempt, questions, data, said=said)


def course_of(request: HttpRequest, pk: int, *, changes: bool = False) -> Course:
    """A course that the reader sees, or writes. Raises Http404 for any other."""
    if not may_open("courses", request.user) or pk > MOST_ID:
        raise Http404
    rows = Course.objects.visible_to(request.user)
    if changes:
        rows = Course.objects.written_by(request.user)
    one: Course = get_object_or_404(rows.select_related("site", "gives"), pk=pk)
    about(request, one.site)
    return one


def _assignment(request: HttpRequest, pk: int) -> CourseAssignment:
    """The assignment of somebody else of whom the reader is told: nobody calls off what they are to
    take themselves, or gives themselves another attempt."""
    if pk > MOST_ID:
        raise Http404
    rows = CourseAssignment.objects.select_related("user", "assigned_by").exclude(
        user=signed_in(request)
    )
    one: CourseAssignment = get_object_or_404(rows, pk=pk)
    one.course = course_of(request, one.course_id)
    told = User.objects.filter(people.told_to(request.user, one.course.site), pk=one.user_id)
    if not told.exists():
        raise Http404
    return one


def _asked_version(request: HttpRequest, one: Course) -> CourseVersion | None:
    word = request.GET.get("version", "")
    if word.isascii() and word.isdecimal() and len(word) < 6:
        rows = one.versions.filter(published_at__isnull=False)
        found: CourseVersion = get_object_or_404(rows, number=int(word))
        return found
    return reads.current(one)


def _sites(request: HttpRequest) -> tuple[list[Site], list[Site]]:
    """The sites of the reader, and those chosen."""
    if not may_open("courses", request.user):
        raise Http404
    sites = list(reads.sites(request.user))
    slug = request.GET.get("site", "")
    if not slug:
        return sites, sites
    chosen = [one for one in sites if one.slug == slug]
    if not chosen:
        raise Http404
    filters.of_sites(request, sites)
    return sites, chosen


def _state(request: HttpRequest) -> str:
    state = request.GET.get("state", "open")
    return state if state in reads.STATES else "open"


def _states() -> list[tuple[str, str]]:
    return [
        ("open", _("to take it")), ("overdue", _("overdue")), ("done", _("passed")),
        ("dropped", _("called off")), ("all", _("all")),
    ]  # fmt: skip


def _today(site: Site) -> date:
    return day_of(timezone.now(), site.calendar)


def urls(under: str) -> list[URLPattern]:
    one = f"{under}/courses/<int:pk>"
    other = f"{under}/courses/assignments/<int:pk>"
    return [
        path(f"{under}/courses/", courses, name="courses"),
        path(f"{under}/courses/export.csv", courses_csv, name="courses_csv"),
        path(f"{one}/", course, name="course"),
        path(f"{one}/export.csv", course_csv, name="course_csv"),
        path(f"{one}/questions/", course_questions, name="course_questions"),
        path(f"{one}/assign/", course_assign, name="course_assign"),
        path(f"{other}/", course_learner, name="course_learner"),
        path(f"{other}/drop/", course_drop, name="course_drop"),
        path(f"{other}/grant/", course_grant, name="course_grant"),
        path(f"{under}/courses/attempts/<int:pk>/", course_attempt, name="course_attempt"),
    ]
