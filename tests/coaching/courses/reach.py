"""Rows of the matrix of access of courses and of what one is to learn."""

from django.urls import reverse

from ccm.models import Agent, User
from coaching.courses import taking
from coaching.models import Attempt, Course, CourseAssignment, CourseRule
from tests.builders import NINE, a_user
from tests.coaching.courses.builders import a_course, a_version, assigned, current
from tests.reach import NOT_THEIRS, ONLY_ADMIN_POST, OWN, OWN_POST, Row, World, to


def _one(world: World) -> Course:
    """A published course of the site with a draft of its next version."""
    rows = Course.objects.filter(site=world.site, is_published=True)
    one = rows.filter(versions__published_at=None).first()
    if one is None:
        one = a_course(world.site)
        a_version(one, 2, published=False)
    return one


def _of(name: str, *more: object):
    def path(world: World) -> str:
        return reverse(name, args=[_one(world).pk, *more])

    return path


def _part(name: str, what: str, *, named: bool = False):
    """An address of a lesson or a question of the draft."""

    def path(world: World) -> str:
        one = _one(world)
        draft = one.versions.get(published_at=None)
        part = getattr(draft, what).first()
        assert part is not None
        return reverse(name, args=[one.pk, *([what] if named else []), part.pk])

    return path


def _rule(world: World) -> str:
    one = _one(world)
    rule = CourseRule.objects.filter(course=one).first() or CourseRule.objects.create(
        course=one, kind="hired", days=0, since=NINE.date(), made_at=NINE
    )
    return reverse("course_rule_remove", args=[one.pk, rule.pk])


def _draft(name: str):
    """An address of a course that was never published."""

    def path(world: World) -> str:
        one = Course.objects.filter(site=world.site, is_published=False).first()
        return reverse(name, args=[(one or a_course(world.site, published=False)).pk])

    return path


def learner(world: World) -> User:
    """The agent of the world, who signs in."""
    agent = Agent.objects.get(pk=world.agent.pk)
    if agent.user is None:
        agent.user = a_user("agent")
        agent.save(update_fields=["user"])
    return agent.user


def _task(world: World) -> CourseAssignment:
    """What the agent of the world is to take."""
    one, user = _one(world), learner(world)
    rows = CourseAssignment.objects.filter(course=one, user=user)
    return rows.first() or assigned(one, user)


def _attempt(world: World, *, finished: bool) -> Attempt:
    """An attempt of theirs."""
    task = _task(world)
    rows = Attempt.objects.filter(assignment=task, finished_at__isnull=not finished)
    there = rows.first()
    if there is not None:
        return there
    many = Attempt.objects.filter(assignment=task).count()
    return Attempt.objects.create(
        assignment=task, version=current(task.course), number=many + 1, seed="7", begun_at=NINE,
        finished_at=NINE if finished else None, asked=4,
    )  # fmt: skip


def _assignment(name: str, *more: object):
    return lambda world: reverse(name, args=[_task(world).pk, *more])


def _lesson(world: World) -> str:
    return reverse("learning_lesson", args=[_task(world).pk, 1])


def _begin(world: World) -> str:
    """Whose lessons are gone through."""
    task = _task(world)
    for lesson in current(task.course).lessons.all():
        taking.go_through(task, lesson, NINE)
    return reverse("learning_begin", args=[task.pk])


def _own_choice(world: World) -> str:
    CourseAssignment.objects.filter(pk=_task(world).pk).update(source="own")
    return reverse("learning_leave", args=[_task(world).pk])


#              nobody adm man pla sup qa  tra age
WRITERS = (302, 200, 200, 404, 404, 404, 200, 404)
WRITERS_POST = (302, 302, 302, 404, 404, 404, 302, 404)
# Supervisors, too: of their own people.
TOLD = (302, 200, 200, 404, 200, 404, 200, 404)
TOLD_POST = (302, 302, 302, 404, 302, 404, 302, 404)
LEARNERS = (302, 404, 200, 200, 200, 200, 200, 200)

ROWS: dict[str, list[Row]] = {
    "courses": [Row(to("courses"), TOLD, of_a_site=False)],
    "courses_csv": [Row(to("courses_csv"), TOLD, of_a_site=False)],
    "course_new": [
        Row(to("course_new"), WRITERS, of_a_site=False),
        Row(to("course_new"), WRITERS, "post", of_a_site=False),
    ],
    "course": [
        Row(_of("course"), TOLD),
        Row(_draft("course"), WRITERS_POST, elsewhere=ONLY_ADMIN_POST),
    ],
    "course_csv": [Row(_of("course_csv"), TOLD)],
    "course_questions": [Row(_of("course_questions"), TOLD)],
    "course_assign": [
        Row(_of("course_assign"), TOLD),
        Row(_of("course_assign"), TOLD, "post"),
    ],
    "course_learner": [Row(_assignment("course_learner"), TOLD)],
    "course_drop": [
        Row(_assignment("course_drop"), TOLD_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    "course_grant": [
        Row(_assignment("course_grant"), WRITERS_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    "course_attempt": [
        Row(lambda world: reverse("course_attempt", args=[_attempt(world, finished=True).pk]), TOLD)
    ],
    "course_draft": [
        Row(_of("course_draft"), WRITERS),
        Row(_of("course_draft"), WRITERS, "post"),
    ],
    "course_lesson_new": [
        Row(_of("course_lesson_new"), WRITERS),
        Row(_of("course_lesson_new"), WRITERS, "post"),
    ],
    "course_lesson": [
        Row(_part("course_lesson", "lessons"), WRITERS),
        Row(_part("course_lesson", "lessons"), WRITERS, "post"),
    ],
    "course_question_new": [
        Row(_of("course_question_new"), WRITERS),
        Row(_of("course_question_new"), WRITERS, "post"),
    ],
    "course_question": [
        Row(_part("course_question", "questions"), WRITERS),
        Row(_part("course_question", "questions"), WRITERS, "post"),
    ],
    # The first stands first already; what is not there is removed in vain.
    "course_part_up": [
        Row(_part("course_part_up", "lessons", named=True), WRITERS_POST, "post",
            elsewhere=ONLY_ADMIN_POST)
    ],
    "course_part_remove": [
        Row(_of("course_part_remove", "lessons", 0), WRITERS_POST, "post",
            elsewhere=ONLY_ADMIN_POST)
    ],
    "course_begin": [Row(_of("course_begin"), WRITERS_POST, "post", elsewhere=ONLY_ADMIN_POST)],
    # Nobody ticked that they are sure.
    "course_discard": [Row(_of("course_discard"), WRITERS_POST, "post", elsewhere=ONLY_ADMIN_POST)],
    "course_publish": [
        Row(_of("course_publish"), WRITERS),
        # Which draft was seen is not said.
        Row(_of("course_publish"), WRITERS_POST, "post", elsewhere=ONLY_ADMIN_POST),
    ],
    # Never published: there is nothing to withdraw.
    "course_withdraw": [
        Row(_draft("course_withdraw"), WRITERS_POST, "post", elsewhere=ONLY_ADMIN_POST)
    ],
    "course_settings": [
        Row(_of("course_settings"), WRITERS),
        Row(_of("course_settings"), WRITERS_POST, "post", elsewhere=ONLY_ADMIN_POST),
    ],
    "course_rule": [
        Row(_of("course_rule", "missed"), WRITERS),
        Row(_of("course_rule", "role"), WRITERS, "post"),
    ],
    "course_rule_remove": [Row(_rule, WRITERS_POST, "post", elsewhere=ONLY_ADMIN_POST)],
    "my_learning": [Row(to("my_learning"), LEARNERS, of_a_site=False)],
    "learning": [Row(_assignment("learning"), OWN, elsewhere=NOT_THEIRS)],
    "learning_lesson": [
        Row(_lesson, OWN, elsewhere=NOT_THEIRS),
        Row(_lesson, OWN_POST, "post", elsewhere=NOT_THEIRS),
    ],
    # It is open already: they are led to it.
    "learning_take": [
        Row(lambda world: reverse("learning_take", args=[_task(world).course_id]),
            OWN_POST, "post", elsewhere=NOT_THEIRS),
    ],
    "learning_leave": [Row(_own_choice, OWN_POST, "post", elsewhere=NOT_THEIRS)],
    "learning_begin": [Row(_begin, OWN_POST, "post", elsewhere=NOT_THEIRS)],
    "learning_attempt": [
        Row(lambda world: reverse("learning_attempt", args=[_attempt(world, finished=True).pk]),
            OWN, elsewhere=NOT_THEIRS),
        # Nothing is answered: the questions again.
        Row(lambda world: reverse("learning_attempt", args=[_attempt(world, finished=False).pk]),
            OWN, "post", elsewhere=NOT_THEIRS),
    ],
}  # fmt: skip
PAGES: tuple[str, ...] = (
    "courses", "course_new", "course", "course_questions", "course_assign", "course_learner",
    "course_attempt", "course_draft", "course_lesson_new", "course_lesson", "course_question_new",
    "course_question", "course_publish", "course_settings", "course_rule", "my_learning",
    "learning", "learning_lesson", "learning_attempt",
)  # fmt: skip
OTHERS: frozenset[str] = frozenset(ROWS) - frozenset(PAGES)
