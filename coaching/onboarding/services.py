"""Writes onboarding: paths with their stages, who goes through one, and what is signed off. All of
it but words about people is in the audit log."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ccm import audit
from ccm.intervals import day_of
from ccm.models import Agent, Site, User
from coaching.courses import assigning
from coaching.models import (
    Attempt,
    Course,
    Newcomer,
    OnboardingPath,
    OnboardingStage,
    StageSign,
)
from coaching.onboarding import reads
from coaching.onboarding.stages import holding

OF_STAGES = ("kind", "title", "words", "course", "page", "amount", "unit", "signer", "is_gate")
MOST_STAGES = 60
COURSE_DUE = timedelta(days=14)
"""Courses of a path are to be taken within so long of its first day."""
_UNSAID = ("id", "made_by", "made_at")
State = Newcomer.State


@dataclass(frozen=True, slots=True)
class Signed:
    """What is said of a stage that is signed off."""

    done_on: date
    amount: int | None = None
    with_whom: str = ""
    words: str = ""


@transaction.atomic
def make_path(site: Site, name: str, about: str, who: User, now: datetime) -> OnboardingPath:
    """A new path without stages. Raises ValidationError where the site has one of this name."""
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    if OnboardingPath.objects.filter(site=site, name=name).exists():
        raise ValidationError({"name": _("There is one of this name at the site already.")})
    made: OnboardingPath = OnboardingPath.objects.create(
        site=site, name=name, about=about, made_by=who, made_at=now
    )
    audit.record(who, made, before=None, after=_path_values(made), now=now)
    return made


@transaction.atomic
def withdraw_path(pk: int, who: User, now: datetime, *, is_back: bool = False) -> bool:
    """Have nobody begin a path any more, or again; who is on it goes on. False: it is so."""
    path = _path(pk)
    if (path.retired_at is None) == is_back:
        return False
    before = _path_values(path)
    path.retired_at = None if is_back else now
    path.save(update_fields=["retired_at"])
    audit.record(who, path, before=before, after=_path_values(path), now=now)
    return True


@transaction.atomic
def keep_stage(
    path_pk: int, stage: int | None, said: Mapping[str, Any], who: User, now: datetime
) -> OnboardingStage:
    """A new stage at the end of a path, or one of it that is changed: also for those who are on it.
    Raises ValidationError for too many, and for one that is gone."""
    path = _path(path_pk)
    rows = OnboardingStage.objects.filter(path=path)
    told = {name: said[name] for name in OF_STAGES}
    if stage is None:
        last = rows.order_by("-place", "-pk").first()
        if last is not None and all(getattr(last, name) == one for name, one in told.items()):
            return last
        if rows.count() >= MOST_STAGES:
            raise ValidationError(_("A path has 60 stages at most."))
        made: OnboardingStage = OnboardingStage.objects.create(
            path=path, place=1 if last is None else last.place + 1, **told
        )
        audit.record(who, made, before=None, after=_stage_values(made), now=now)
        _have_taken(_on_path(path), [made.course_id], who, now)
        return made
    one = rows.filter(pk=stage).first()
    if one is None:
        raise ValidationError(_("Somebody has removed it meanwhile."))
    before, course = _stage_values(one), one.course_id
    for name, value in told.items():
        setattr(one, name, value)
    one.save()
    if one.course_id != course:
        _have_taken(_on_path(path), [one.course_id], who, now)
    if (after := _stage_values(one)) != before:
        audit.record(who, one, before=before, after=after, now=now)
    return one


@transaction.atomic
def remove_stage(path_pk: int, stage: int, who: User, now: datetime) -> None:
    """Take a stage out of a path; of whom no other is left, they are through. Raises
    ValidationError where it was signed off of somebody."""
    path = _path(path_pk)
    one = OnboardingStage.objects.filter(path=path, pk=stage).first()
    if one is None:
        return
    audit.record(who, one, before=_stage_values(one), after=None, now=now)
    try:
        one.delete()
    except ProtectedError:
        words = _("It was signed off of somebody: change it, or begin another path.")
        raise ValidationError(words) from None
    stages = list(path.stages.all())
    for newcomer in _on_path(path):
        _through(newcomer, stages, {each.stage_id for each in newcomer.signs.all()}, who, now)


@transaction.atomic
def raise_stage(path_pk: int, stage: int) -> None:
    """Have a stage come before the one before it."""
    path = _path(path_pk)
    rows = list(OnboardingStage.objects.filter(path=path).order_by("place", "pk"))
    at = next((place for place, one in enumerate(rows) if one.pk == stage), 0)
    if at:
        rows[at - 1], rows[at] = rows[at], rows[at - 1]
    for place, one in enumerate(rows, start=1):
        one.place = place
    OnboardingStage.objects.bulk_update(rows, ["place"])


@transaction.atomic
def start(
    path: OnboardingPath,
    agent: Agent,
    starts_on: date,
    mentor: Agent | None,
    who: User,
    now: datetime,
) -> Newcomer:
    """Send somebody on a path, and have them take its courses. A post that comes twice sends once.

    Raises ValidationError where they are on another, the path is withdrawn, has no stage, or is of
    another site.
    """
    there = Agent.objects.select_for_update(no_key=True, of=("self",)).get(pk=agent.pk)
    on: Newcomer | None = Newcomer.objects.standing().filter(agent=agent).first()
    if on is not None:
        if (on.path_id, on.starts_on) == (path.pk, starts_on):
            return on
        raise ValidationError(_("They are on a path already: that ends first."))
    path = _path(path.pk)
    stages = list(path.stages.all())
    if path.retired_at is not None or not stages or path.site_id != there.site_id:
        raise ValidationError(_("Nobody can begin this path."))
    if mentor is not None and mentor.pk == agent.pk:
        raise ValidationError({"mentor": _("Nobody is their own mentor.")})
    made: Newcomer = Newcomer.objects.create(
        path=path, agent=agent, starts_on=starts_on, mentor=mentor, made_by=who, made_at=now
    )
    audit.record(who, made, before=None, after=values(made), now=now)
    wanted = [one.course_id for one in stages if one.course_id is not None]
    _have_taken([made], wanted, who, now)
    return made


@transaction.atomic
def sign(pk: int, stage: int, said: Signed, who: User, now: datetime) -> StageSign:
    """Sign a stage of somebody off; with the last they are through. Sent twice, the first stands.

    Raises ValidationError where it is not theirs to sign, a course is not passed or a page not
    read, gates before live calls are left, or the day lies ahead or before the first.
    """
    newcomer = _newcomer(pk)
    stages = list(newcomer.path.stages.order_by("place", "pk"))
    one = next((each for each in stages if each.pk == stage), None)
    if one is None:
        raise ValidationError(_("The stage is not on their path any more."))
    signed = {each.stage_id: each for each in newcomer.signs.all()}
    if stage in signed:
        return signed[stage]
    _check(newcomer, one, stages, signed, said, who, now)
    made: StageSign = StageSign.objects.create(
        newcomer=newcomer, stage=one, done_on=said.done_on, amount=said.amount,
        with_whom=said.with_whom, words=said.words, signed_by=who, signed_at=now,
    )  # fmt: skip
    audit.record(who, made, before=None, after=_sign_values(made), now=now)
    _through(newcomer, stages, {*signed, stage}, who, now)
    return made


@transaction.atomic
def take_back(pk: int, stage: int, who: User, now: datetime) -> bool:
    """Have a stage not be signed off; False where it is not, or they are through. Raises
    ValidationError where it is not theirs to sign."""
    newcomer = _newcomer(pk)
    there = StageSign.objects.filter(newcomer=newcomer, stage=stage).select_related("stage").first()
    if there is None or newcomer.state != State.ON:
        return False
    if there.stage.signer not in reads.roles_of(who, newcomer.agent, now):
        raise ValidationError(_("It is not yours to sign off."))
    audit.record(who, there, before=_sign_values(there), after=None, now=now)
    there.delete()
    return True


@transaction.atomic
def end(pk: int, why: str, who: User, now: datetime) -> bool:
    """End somebody's way before they are through; False where it has ended. Raises ValidationError
    without a reason."""
    if not why.strip():
        raise ValidationError({"why": _("Say why.")})
    newcomer = _newcomer(pk)
    if newcomer.state != State.ON:
        return False
    before = values(newcomer)
    newcomer.state, newcomer.ended_at, newcomer.why_ended = State.ENDED, now, why
    newcomer.save(update_fields=["state", "ended_at", "why_ended"])
    audit.record(who, newcomer, before=before, after=values(newcomer), now=now)
    return True


def _on_path(path: OnboardingPath) -> list[Newcomer]:
    rows = Newcomer.objects.standing().filter(path=path).select_for_update(of=("self",))
    return list(rows.select_related("agent__user", "path__site").order_by("pk"))


def _have_taken(
    newcomers: Sequence[Newcomer], courses: Sequence[int | None], who: User, now: datetime
) -> None:
    """Have those who sign in take courses of their path that they have not passed yet."""
    wanted = [one for one in courses if one is not None]
    for course in Course.objects.in_use().filter(pk__in=wanted).order_by("pk"):
        passed = Attempt.objects.filter(passed=True, assignment__course=course)
        known = set(passed.values_list("assignment__user", flat=True))
        for one in newcomers:
            user = one.agent.user
            if user is not None and user.pk not in known:
                due = max(one.starts_on, day_of(now, one.path.site.calendar)) + COURSE_DUE
                assigning.for_path(course, [user], due, one.path.name, who, now)


def _through(
    newcomer: Newcomer,
    stages: Sequence[OnboardingStage],
    signed: Collection[int],
    who: User,
    now: datetime,
) -> None:
    """Somebody is through once every stage of their path is signed off."""
    if not stages or any(one.pk not in signed for one in stages):
        return
    before = values(newcomer)
    newcomer.state, newcomer.ended_at = State.DONE, now
    newcomer.save(update_fields=["state", "ended_at"])
    audit.record(who, newcomer, before=before, after=values(newcomer), now=now)


def values(newcomer: Newcomer) -> dict[str, Any]:
    return audit.values_of(newcomer, (*_UNSAID, "why_ended", "ended_at"))


def _check(
    newcomer: Newcomer,
    one: OnboardingStage,
    stages: list[OnboardingStage],
    signed: Mapping[int, StageSign],
    said: Signed,
    who: User,
    now: datetime,
) -> None:
    if newcomer.state != State.ON:
        raise ValidationError(_("Their way has ended."))
    if one.signer not in reads.roles_of(who, newcomer.agent, now):
        raise ValidationError(_("It is not yours to sign off."))
    if holding(reads.pure(stages), signed, one.pk):
        raise ValidationError(_("Live calls begin once all that comes before them is signed off."))
    facts = reads.facts_of(newcomer.agent, [one])
    if one.kind == OnboardingStage.Kind.COURSE and one.pk not in facts:
        raise ValidationError(_("The course is not passed yet."))
    if one.kind == OnboardingStage.Kind.READING and one.pk not in facts:
        raise ValidationError(_("They have not said yet that they have read it."))
    today = day_of(now, newcomer.path.site.calendar)
    if not newcomer.starts_on <= said.done_on <= today:
        raise ValidationError({"done_on": _("Not before their first day, and not ahead.")})
    if one.amount is not None and (said.amount or 0) < one.amount:
        words = ngettext(
            "%(many)s is asked for: sign it off once they have it.",
            "%(many)s are asked for: sign it off once they have them.",
            one.amount,
        )
        raise ValidationError({"amount": words % {"many": one.amount}})


def _path_values(path: OnboardingPath) -> dict[str, Any]:
    return audit.values_of(path, (*_UNSAID, "about"))


def _stage_values(stage: OnboardingStage) -> dict[str, Any]:
    return audit.values_of(stage, ("id", "place", "words"))


def _sign_values(one: StageSign) -> dict[str, Any]:
    return audit.values_of(one, ("id", "words", "with_whom", "signed_by", "signed_at"))


def _path(pk: int) -> OnboardingPath:
    path: OnboardingPath = OnboardingPath.objects.select_for_update(of=("self",)).get(pk=pk)
    return path


def _newcomer(pk: int) -> Newcomer:
    one: Newcomer = (
        Newcomer.objects.select_for_update(of=("self",))
        .select_related("agent__site", "path__site")
        .get(pk=pk)
    )
    return one
