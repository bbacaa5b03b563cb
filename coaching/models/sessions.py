"""Talks between a coach and agents: planned, prepared, held, and what was agreed."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.models import Agent, Call, Site, User
from ccm.models.words import LineField, WordsField
from coaching.models.querysets import (
    ActionQuerySet,
    AgendaQuerySet,
    PrivateNoteQuerySet,
    SessionQuerySet,
)
from kpis.definitions import KPIS
from qa.models import CardCriterion


class Session(models.Model):
    """A talk of a coach with one agent or several, from its plan to what came of it.

    `starts_at` is when it is planned for, or was held where nobody planned it (a quick note, a word
    at the desk). Its agenda is the agents' to read once it is shared or held; `shared_notes` once
    it is held.
    """

    class Kind(models.TextChoices):
        ONE_TO_ONE = "one_to_one", _("One-to-one")
        SIDE_BY_SIDE = "side_by_side", _("Side-by-side")
        GROUP = "group", _("Group")
        QUICK_NOTE = "quick_note", _("Quick note")
        VERBAL = "verbal", _("Verbal")
        PEER = "peer", _("Peer")

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        HELD = "held", _("Held")
        CANCELLED = "cancelled", _("Called off")

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.ONE_TO_ONE)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.PLANNED)
    coach = models.ForeignKey(
        User, models.PROTECT, related_name="coached_sessions", verbose_name=_("coach")
    )
    about = LineField(_("about"), max_length=160, blank=True)
    starts_at = models.DateTimeField(_("when"))
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=30)
    place = LineField(_("where"), max_length=160, blank=True)
    shared_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(_("held"), null=True)
    shared_notes = WordsField(_("shared notes"), blank=True, max_length=10_000)
    why_cancelled = LineField(_("why it was called off"), max_length=300, blank=True)
    signed_at = models.DateTimeField(null=True)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=0)

    OF_ONE = (Kind.ONE_TO_ONE, Kind.SIDE_BY_SIDE, Kind.PEER)
    """Kinds of one agent."""
    WITH_COACH = (Kind.ONE_TO_ONE, Kind.SIDE_BY_SIDE)
    """Those of them that no colleague leads."""
    AT_ONCE = (Kind.QUICK_NOTE, Kind.VERBAL)
    """Kinds that nobody has to plan: they are put down once they were."""

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("coaching session")
        verbose_name_plural = _("coaching sessions")
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="held", held_at__isnull=False)
                | (~Q(state="held") & Q(held_at=None)),
                name="session_held_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(signed_at=None) | Q(state="held"), name="session_signed_was_held"
            ),
            models.CheckConstraint(
                condition=Q(minutes__gte=1, minutes__lte=480), name="session_is_of_a_day"
            ),
        ]
        indexes = [
            models.Index(fields=["coach", "starts_at"], name="session_by_coach"),
            models.Index(fields=["site", "starts_at"], name="session_by_site"),
        ]

    def __str__(self) -> str:
        return self.about or str(self.Kind(self.kind).label)


class Participant(models.Model):
    """An agent in a session; mood and energy (1 to 5) and words where they wish to say them."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="participants")
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="coaching")
    mood = models.PositiveSmallIntegerField(_("mood"), null=True, blank=True)
    energy = models.PositiveSmallIntegerField(_("energy"), null=True, blank=True)
    words = WordsField(_("in your words"), blank=True, max_length=3000)
    signed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["session", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "agent"], name="participant_once"),
            models.CheckConstraint(
                condition=(Q(mood=None) | Q(mood__gte=1, mood__lte=5))
                & (Q(energy=None) | Q(energy__gte=1, energy__lte=5)),
                name="participant_of_five",
            ),
        ]

    def __str__(self) -> str:
        return str(self.agent)


class AgendaItem(models.Model):
    """A point of a session: found by the preparation, or written. Of no session yet: an agent has
    it for the next one with who coaches them.

    What is found has no title of its own until the coach gives it one: `facts` is what it was found
    by, as it was then, and `coaching.preparing.words` says it; `found_as` tells it from all others
    of its session, "kpi:csat". Of an own call an agent says in `words` what went well, and in
    `otherwise` what they would do another way. `is_kept`: the coach has not struck it off.
    """

    class Source(models.TextChoices):
        STRENGTH = "strength", _("Strength")
        CHANGE = "change", _("Change")
        ACTION = "action", _("Open action")
        REVIEW = "review", _("Review")
        CALL = "call", _("Call")
        SURVEY = "survey", _("Survey")
        ADHERENCE = "adherence", _("Schedule")
        COACH = "coach", _("Coach")
        OWN = "own", _("Agent")

    session = models.ForeignKey(Session, models.CASCADE, null=True, related_name="agenda")
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, related_name="+")
    source = models.CharField(max_length=9, choices=Source)
    title = LineField(_("what"), max_length=200, blank=True)
    words = WordsField(_("in words"), blank=True, max_length=3000)
    otherwise = WordsField(_("otherwise"), blank=True, max_length=3000)
    facts = models.JSONField(default=dict, blank=True)
    found_as = models.CharField(max_length=80, blank=True)
    call = models.ForeignKey(
        Call, models.DO_NOTHING, null=True, related_name="+", db_constraint=False
    )
    played_at = models.DateTimeField(null=True)
    place = models.PositiveSmallIntegerField(default=0)
    is_kept = models.BooleanField(default=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)

    step_state: str
    step_ended_at: datetime | None
    """How and when the step that it is about was closed, where `with_steps` looked that up."""

    objects = AgendaQuerySet.as_manager()

    class Meta:
        verbose_name = _("point of an agenda")
        verbose_name_plural = _("points of agendas")
        ordering = ["session", "place", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "found_as"], condition=~Q(found_as=""), name="agenda_found_once"
            ),
            models.CheckConstraint(
                condition=~Q(title="") | ~Q(found_as=""), name="agenda_says_what"
            ),
            models.CheckConstraint(
                condition=Q(session__isnull=False) | Q(source="own", agent__isnull=False),
                name="agenda_waits_of_an_agent",
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.found_as

    @property
    def is_used(self) -> bool:
        """Whether somebody has worded it, or played its call."""
        return self.edited_at is not None or self.played_at is not None


class PrivateNote(models.Model):
    """What a coach writes of a session for themselves. Nobody else ever reads it."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="private_notes")
    author = models.ForeignKey(User, models.CASCADE, related_name="+")
    words = WordsField(max_length=10_000)
    saved_at = models.DateTimeField()

    objects = PrivateNoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "author"], name="private_note_once"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}"


class Action(models.Model):
    """A small step that an agent agreed to, by a day, and what it is measured by: a KPI (its id in
    `kpis.definitions`), a criterion of a scorecard, or nothing but words."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Dropped")

    agent = models.ForeignKey(Agent, models.PROTECT, related_name="actions")
    session = models.ForeignKey(Session, models.PROTECT, null=True, related_name="actions")
    words = LineField(_("what"), max_length=300)
    due_on = models.DateField(_("by"))
    kpi = models.CharField(_("KPI"), max_length=40, blank=True)
    criterion = models.ForeignKey(
        CardCriterion, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("criterion"),
    )  # fmt: skip
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.OPEN)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_words = LineField(_("how it went"), max_length=500, blank=True)
    revision = models.PositiveIntegerField(default=0)

    objects = ActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kpi="") | Q(criterion=None), name="action_of_one_measure"
            ),
            models.CheckConstraint(
                condition=Q(state="open", ended_at=None)
                | (~Q(state="open") & Q(ended_at__isnull=False)),
                name="action_ended_has_a_time",
            ),
        ]
        indexes = [models.Index(fields=["agent", "state"], name="action_by_agent")]

    def __str__(self) -> str:
        return self.words

    @property
    def measure(self) -> str:
        """What it is measured by, as people call it; "": nothing."""
        if self.criterion is not None:
            return str(self.criterion.name)
        kpi = KPIS.get(self.kpi)
        return self.kpi if kpi is None else str(kpi.name)
