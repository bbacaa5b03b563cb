"""Courses as they are written: a new one, its draft with lessons and questions, what is published,
what passing gives, and by which rules it is taken."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ccm.database import MOST_ID
from ccm.intervals import day_of
from ccm.navigation import may_open
from ccm.views.in_turn import in_turn
from ccm.views.lists import signed_in
from coaching.courses import assigning, listed, reads, scoring, writing
from coaching.courses.forms import (
    GivesForm,
    LessonForm,
    NewCourseForm,
    PublishForm,
    QuestionForm,
    RuleForm,
    VersionForm,
)
from coaching.models import Course, CourseRule, CourseVersion, Lesson, Question
from coaching.views.courses import course_of
from coaching.views.library import as_html

PARTS: dict[str, type[Lesson] | type[Question]] = {"lessons": Lesson, "questions": Question}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def course_new(request: HttpRequest) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    sites = list(reads.sites_written(user)) if may_open("courses", user) else []
    if not sites:
        raise Http404
    posted = request.POST if request.method == "POST" else None
    form = NewCourseForm(sites, posted, first=request.GET.get("site", ""))
    if form.is_bound and form.is_valid():
        made = writing.make(form.chosen, form.cleaned_data, user, now)
        messages.info(request, _("The draft is kept. Nobody takes it before it is published."))
        return redirect("course_draft", pk=made.pk)
    return render(request, "coaching/course_new.html", {"form": form})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def course_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft of a course: what it says, its lessons and its bank of questions."""
    course, draft = _drafted(request, pk)
    if draft is None:
        return redirect("course", pk=pk)
    form = VersionForm(draft, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            writing.write(pk, form.said, form.revision)
        except writing.Stale as stale:
            messages.warning(request, stale.messages[0])
        else:
            messages.info(request, _("The draft is kept."))
        return redirect("course_draft", pk=pk)
    context = {
        "course": course, "draft": draft, "form": form, "last": reads.current(course),
        "lessons": reads.lessons(draft), "questions": list(draft.questions.all()),
        "kinds": Lesson.Kind.choices,
    }  # fmt: skip
    return render(request, "coaching/course_draft.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def course_lesson(request: HttpRequest, pk: int, part: int = 0) -> HttpResponse:
    """A lesson of the draft; without `part` a new one, of the `kind` in the address."""
    course, draft = _drafted(request, pk)
    if draft is None:
        return redirect("course", pk=pk)
    lesson = _part(draft.lessons, part)
    kind = lesson.kind if lesson is not None else request.GET.get("kind", Lesson.Kind.TEXT)
    if kind not in Lesson.Kind.values:
        raise Http404
    posted = request.POST if request.method == "POST" else None
    form = LessonForm(kind, course.site, posted, lesson=lesson)
    if form.is_bound and form.is_valid():
        kept = _kept(form, lambda: writing.keep_lesson(pk, part or None, form.said, form.revision))
        if kept:
            return redirect("course_draft", pk=pk)
    context = {
        "course": course, "draft": draft, "form": form, "lesson": lesson,
        "kind": Lesson.Kind(kind).label, "what": "lessons", "part": lesson,
        "html": as_html(lesson.body, top=3) if lesson is not None and lesson.body else "",
    }  # fmt: skip
    return render(request, "coaching/course_part.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def course_question(request: HttpRequest, pk: int, part: int = 0) -> HttpResponse:
    """A question of the draft's bank; without `part` a new one."""
    course, draft = _drafted(request, pk)
    if draft is None:
        return redirect("course", pk=pk)
    question = _part(draft.questions, part)
    form = QuestionForm(request.POST if request.method == "POST" else None, question=question)
    if form.is_bound and form.is_valid():
        kept = _kept(
            form, lambda: writing.keep_question(pk, part or None, form.said, form.revision)
        )
        if kept:
            messages.info(request, _("The question is kept."))
            return redirect("course_draft", pk=pk)
    context = {
        "course": course, "draft": draft, "form": form, "part": question, "what": "questions",
        "kind": _("Question"), "html": "",
    }  # fmt: skip
    return render(request, "coaching/course_part.html", context)


def _kept(form: Any, act: Any) -> bool:
    try:
        act()
    except ValidationError as refusal:
        form.add_error(None, refusal.messages[0])
        return False
    return True


@login_required
@require_POST
def course_part_remove(request: HttpRequest, pk: int, what: str, part: int) -> HttpResponse:
    return _changed(request, pk, what, part, writing.remove)


@login_required
@require_POST
def course_part_up(request: HttpRequest, pk: int, what: str, part: int) -> HttpResponse:
    """Have it stand before the one before it."""
    return _changed(request, pk, what, part, writing.raise_up)


def _changed(request: HttpRequest, pk: int, what: str, part: int, act: Any) -> HttpResponse:
    course_of(request, pk, changes=True)
    if what not in PARTS or part > MOST_ID:
        raise Http404
    try:
        act(PARTS[what], pk, part)
    except writing.Stale as stale:
        messages.warning(request, stale.messages[0])
        return redirect("course", pk=pk)
    return redirect("course_draft", pk=pk)


@login_required
@require_POST
def course_begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the next version, or go on with its draft."""
    course_of(request, pk, changes=True)
    writing.begin(pk, signed_in(request), timezone.now())
    return redirect("course_draft", pk=pk)


@login_required
@require_POST
def course_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Have nothing come of the draft."""
    course_of(request, pk, changes=True)
    if request.POST.get("sure") != "yes":
        messages.warning(request, _("Tick that you are sure."))
        return redirect("course_draft", pk=pk)
    is_left = writing.discard(pk, signed_in(request), timezone.now())
    messages.info(request, _("The draft is gone."))
    return redirect("course", pk=pk) if is_left else redirect("courses")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def course_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at what it lacks, and publish."""
    user, now = signed_in(request), timezone.now()
    course, draft = _drafted(request, pk)
    if draft is None:
        return redirect("course", pk=pk)
    last = reads.current(course)
    form = PublishForm(draft, last, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            made = writing.publish(
                pk, said["note"], form.revision, user, now, is_anew=said.get("is_anew") or False
            )
        except writing.Stale as stale:
            messages.warning(request, stale.messages[0])
            return redirect("course_draft", pk=pk)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            words = _("Version %(number)s is published.") % {"number": made.number}
            messages.info(request, words)
            return redirect("course", pk=pk)
    context = {
        "course": course, "draft": draft, "last": last, "form": form,
        "faults": writing.faults(draft), "lessons": draft.lessons.count(),
        "questions": (many := draft.questions.count()),
        "asks_all": scoring.asks_all(many, draft.draws),
    }  # fmt: skip
    return render(request, "coaching/course_publish.html", context)


@login_required
@require_POST
def course_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a course out of use, or with `back` have it in use again."""
    course_of(request, pk, changes=True)
    is_back = request.POST.get("back") == "yes"
    if writing.withdraw(pk, signed_in(request), timezone.now(), is_back=is_back):
        words = _("It is in use again.") if is_back else _("It is withdrawn: nobody takes it.")
        messages.info(request, words)
    return redirect("course", pk=pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@in_turn
def course_settings(request: HttpRequest, pk: int) -> HttpResponse:
    """What passing a course gives, whether it is for who wants it, and by which rules it is
    taken."""
    course = course_of(request, pk, changes=True)
    form = GivesForm(course, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        user, now = signed_in(request), timezone.now()
        writing.set_up(pk, said["gives"], user, now, is_open=said["is_open"])
        messages.info(request, _("It is kept."))
        return redirect("course_settings", pk=pk)
    context = {
        "course": course, "form": form, "version": reads.current(course) or reads.draft(course),
        "rules": [
            (one, listed.rule_words(one))
            for one in course.rules.select_related("role", "criterion")
        ],
        "kinds": CourseRule.Kind.choices,
    }  # fmt: skip
    return render(request, "coaching/course_settings.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def course_rule(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """A new rule of a kind."""
    now = timezone.now()
    course = course_of(request, pk, changes=True)
    if kind not in CourseRule.Kind.values:
        raise Http404
    form = RuleForm(kind, course, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        rule = form.made(day_of(now, course.site.calendar))
        try:
            assigning.add_rule(rule, signed_in(request), now)
        except ValidationError as refusal:
            form.add_error(None, refusal.messages[0])
        else:
            messages.info(request, _("The rule is kept: it holds from the next night on."))
            return redirect("course_settings", pk=pk)
    context = {
        "course": course, "form": form, "kind": CourseRule.Kind(kind).label,
        "version": reads.current(course) or reads.draft(course),
    }  # fmt: skip
    return render(request, "coaching/course_rule.html", context)


@login_required
@require_POST
def course_rule_remove(request: HttpRequest, pk: int, part: int) -> HttpResponse:
    course_of(request, pk, changes=True)
    if part > MOST_ID:
        raise Http404
    if assigning.remove_rule(pk, part, signed_in(request), timezone.now()):
        messages.info(request, _("The rule is gone. Who is to take it by it still is."))
    return redirect("course_settings", pk=pk)


def _drafted(request: HttpRequest, pk: int) -> tuple[Course, CourseVersion | None]:
    course = course_of(request, pk, changes=True)
    return course, reads.draft(course)


def _part(rows: Any, part: int) -> Any:
    """A part of the draft; None: a new one. Raises Http404 for one that is not there."""
    if not part:
        return None
    if part > MOST_ID:
        raise Http404
    return get_object_or_404(rows, pk=part)


def urls(under: str) -> list[URLPattern]:
    one = f"{under}/courses/<int:pk>"
    draft = f"{one}/draft"
    return [
        path(f"{under}/courses/new/", course_new, name="course_new"),
        path(f"{draft}/", course_draft, name="course_draft"),
        path(f"{draft}/lessons/new/", course_lesson, name="course_lesson_new"),
        path(f"{draft}/lessons/<int:part>/", course_lesson, name="course_lesson"),
        path(f"{draft}/questions/new/", course_question, name="course_question_new"),
        path(f"{draft}/questions/<int:part>/", course_question, name="course_question"),
        path(
            f"{draft}/<str:what>/<int:part>/remove/", course_part_remove, name="course_part_remove"
        ),
        path(f"{draft}/<str:what>/<int:part>/up/", course_part_up, name="course_part_up"),
        path(f"{draft}/begin/", course_begin, name="course_begin"),
        path(f"{draft}/discard/", course_discard, name="course_discard"),
        path(f"{one}/publish/", course_publish, name="course_publish"),
        path(f"{one}/withdraw/", course_withdraw, name="course_withdraw"),
        path(f"{one}/settings/", course_settings, name="course_settings"),
        path(f"{one}/rules/<str:kind>/", course_rule, name="course_rule"),
        path(f"{one}/rules/<int:part>/remove/", course_rule_remove, name="course_rule_remove"),
    ]
