"""Reads of coaching with names; `visible_to` is the only door."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, Func, OuterRef, Q
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from ccm.access import scope_of
from ccm.kept import Late
from ccm.models import Agent
from ccm.querysets import Viewer
from coaching.access import agents_coached, coached_sites


def _led(user: Viewer) -> models.QuerySet[Any]:
    return Agent.objects.answered_for_by(user).exclude(user=user.pk).values("pk")


def day_at_site(moment: Any) -> Cast:
    """The day of a moment at a row's site, by its clock."""
    shown = Func(F("site__zone"), moment, function="timezone", output_field=models.DateTimeField())
    back = Func(
        F("site__day_begins"),
        template="make_interval(hours => %(expressions)s)",
        output_field=models.DurationField(),
    )
    local = ExpressionWrapper(shown - back, output_field=models.DateTimeField())
    return Cast(local, models.DateField())


class SessionQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Sessions that the user coaches, of agents of own teams and sites, and own ones."""
        scope = scope_of(user)
        if scope.everything:
            return self
        if user.pk is None:
            return self.none()
        found = Q(coach=user.pk) | Q(site__in=coached_sites(scope)) | Q(pk__in=self._of(user))
        if scope.agent is not None:
            found |= Q(pk__in=self._with([scope.agent]))
        return self.filter(found)

    def changed_by(self, user: Viewer) -> Self:
        """Those that the user plans, prepares and holds: nobody one about themselves, and a
        colleague who leads one (peer) not that one."""
        scope = scope_of(user)
        if user.pk is None:
            return self.none()
        rows = self
        if not scope.everything:
            own = Q(coach=user.pk) & ~Q(kind="peer")
            rows = self.filter(own | Q(site__in=coached_sites(scope)) | Q(pk__in=self._of(user)))
        if scope.agent is None:
            return rows
        return rows.exclude(Q(pk__in=self._with([scope.agent])) & ~Q(coach=user.pk))

    def held_by(self, user: Viewer) -> Self:
        """Those that the user may say were held: that they change, and that they lead as a
        colleague."""
        if user.pk is None:
            return self.none()
        changed = self.model.objects.changed_by(user).order_by().values("pk")
        return self.filter(Q(pk__in=changed) | Q(coach=user.pk, kind="peer"))

    def led_by_peer(self, user: Viewer) -> Self:
        """Those that the user leads as a colleague."""
        return self.none() if user.pk is None else self.filter(coach=user.pk, kind="peer")

    def of_agent(self, agent: int) -> Self:
        """What an agent is told of: all that they are in."""
        return self.filter(pk__in=self._with([agent]))

    def planned(self) -> Self:
        return self.filter(state="planned")

    def called_off_ahead(self, now: datetime) -> Self:
        """Called off, of a day that is not over yet by the site's clock."""
        days = {"day": day_at_site(F("starts_at")), "today": day_at_site(models.Value(now))}
        return self.filter(state="cancelled").alias(**days).filter(day__gte=F("today"))

    def held(self) -> Self:
        return self.filter(state="held")

    def to_sign(self) -> Self:
        """Held ones in which there is something to sign: a quick note that its writer keeps to
        themselves, and of which no step came, says nothing to anybody else."""
        from coaching.models import Action

        steps = Exists(Action.objects.filter(session=OuterRef("pk")).order_by())
        says = ~Q(kind__in=self.model.AT_ONCE) | ~Q(shared_notes="") | Q(steps)
        return self.held().filter(says)

    def overdue(self, now: datetime | Late) -> Self:
        """Planned for a time that is over, and neither held nor called off."""
        return self.planned()._with_end().filter(over__lte=now)

    def not_over(self, now: datetime) -> Self:
        """Of a time that is not over yet."""
        return self._with_end().filter(over__gt=now)

    def _with_end(self) -> Self:
        lasts = Func(
            F("minutes"),
            template="make_interval(mins => %(expressions)s)",
            output_field=models.DurationField(),
        )
        over = ExpressionWrapper(F("starts_at") + lasts, output_field=models.DateTimeField())
        return self.alias(over=over)

    def _of(self, user: Viewer) -> models.QuerySet[Any]:
        from coaching.models import Participant

        if not scope_of(user).teams:
            return Participant.objects.none().values("session")
        return Participant.objects.filter(agent__in=_led(user)).values("session")

    def _with(self, agents: list[int]) -> models.QuerySet[Any]:
        from coaching.models import Participant

        return Participant.objects.filter(agent__in=agents).values("session")


class PrivateNoteQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Their writer's alone, whatever else somebody may see."""
        return self.none() if user.pk is None else self.filter(author=user.pk)


class ActionQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """Actions of agents of own teams and sites, those the user agreed on, and own ones."""
        scope = scope_of(user)
        if scope.everything:
            return self
        if user.pk is None:
            return self.none()
        found = Q(made_by=user.pk) | Q(agent__site__in=coached_sites(scope))
        if scope.teams:
            found |= Q(agent__in=_led(user))
        if scope.agent is not None:
            found |= Q(agent=scope.agent)
        return self.filter(found)

    def standing(self) -> Self:
        return self.filter(state="open")

    def overdue(self, today: Any) -> Self:
        return self.standing().filter(due_on__lt=today)


class AgendaQuerySet(models.QuerySet[Any]):
    def kept(self) -> Self:
        return self.filter(is_kept=True)

    def shown_to_agent(self, agent: int) -> Self:
        """What an agent reads: what they wrote themselves, and all of a session that is shared."""
        return self.filter(Q(source="own", agent=agent) | self._shared())

    def shown_to_peer(self) -> Self:
        """What a colleague reads who leads a session: all of it once it is shared, and nothing
        before."""
        return self.filter(self._shared())

    def with_steps(self) -> Self:
        """Each with `step_state` and `step_ended_at` of the open step that it is about; None: it is
        about none."""
        from coaching.models import Action

        of = Cast(KT("facts__action"), models.BigIntegerField())
        step = Action.objects.filter(pk=OuterRef("step")).order_by()
        return self.annotate(step=of).annotate(
            step_state=models.Subquery(step.values("state")),
            step_ended_at=models.Subquery(step.values("ended_at")),
        )

    def _shared(self) -> Exists:
        from coaching.models import Session

        shared = Session.objects.filter(pk=OuterRef("session"))
        return Exists(shared.filter(Q(shared_at__isnull=False) | Q(state="held")))


class RemarkQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Viewer) -> Self:
        """An agent's own, and those of agents whom the user coaches."""
        scope = scope_of(user)
        if scope.everything:
            return self
        own = Q(agent=scope.agent) if scope.agent is not None else Q(pk__in=[])
        return self.filter(own | Q(agent__in=agents_coached(user).order_by().values("pk")))

    def decided_by(self, user: Viewer) -> Self:
        """Questions that the user answers: of agents whom they coach, never own ones."""
        coached = agents_coached(user).order_by().values("pk")
        return self.filter(kind="question", agent__in=coached)

    def open(self) -> Self:
        """Questions that nobody has answered."""
        return self.filter(kind="question", outcome="")
