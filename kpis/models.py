"""Counts by quarter hour and by day, how far they are whole, what the admin chose, the boards."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ccm.models import Agent, Channel, Direction, Job, Queue, Site, User
from ccm.models.words import LineField, TreeField
from kpis.alerts.models import Alert, AlertRule
from kpis.floor.models import FloorRules
from kpis.mailings.models import Mailing, MailingRun
from kpis.querysets import BoardQuerySet, SavedReportQuerySet, StatQuerySet, VerifyRunQuerySet
from kpis.worklist.models import CallBackOwner

__all__ = [
    "AgentTimeStat",
    "Alert",
    "AlertRule",
    "Board",
    "BoardTurn",
    "CallBackOwner",
    "DayStat",
    "FillMark",
    "FloorRules",
    "IntervalStat",
    "KioskLink",
    "KpiChoice",
    "Mailing",
    "MailingRun",
    "SavedReport",
    "SiteTimeStat",
    "Unit",
    "VerifyDifference",
    "VerifyRun",
    "WaitingScreen",
]


class Unit(models.TextChoices):
    """What a row counts (docs/metrics.md, "Units")."""

    VISIT = "v", _("Visits")
    CONTACT = "c", _("Contacts")
    AGENT = "a", _("Visits on any queue")


def _count() -> models.IntegerField:
    return models.IntegerField(default=0)


def _windows() -> "ArrayField[Any, Any]":
    return ArrayField(models.IntegerField(), default=list)


def _sum() -> models.BigIntegerField:
    return models.BigIntegerField(default=0)


class Stat(models.Model):
    """Counts, sums and wait histograms of a set of visits or contacts; never a ratio.

    The columns are those of `kpis.sums.counts.Counts`, which says what each means. `handle_n` and
    `handle_ms` have eight places, one for each set of known parts. `hist_codes` and `hist_counts`,
    `surveys` and `asked` are texts, as `kpis.sums.histogram` and `kpis.sums.surveys` say.
    """

    # Made of the record, so no use of a queue's or an agent's name (`ccm.imports.undo`).
    derived = True

    site = models.ForeignKey(Site, models.CASCADE, related_name="+", db_index=False)
    queue = models.ForeignKey(Queue, models.CASCADE, null=True, related_name="+", db_index=False)
    channel = models.CharField(max_length=10, choices=Channel)
    direction = models.CharField(max_length=10, choices=Direction)
    unit = models.CharField(max_length=1, choices=Unit)

    offered = _count()
    answered = _count()
    abandoned = _count()
    timed_out = _count()
    key_exit = _count()
    callback_requested = _count()
    other = _count()
    in_progress = _count()
    refused = _count()
    busy = _count()
    left_ivr = _count()
    missed = _count()
    called_back = _count()
    answered_wait_ms = _sum()
    answered_wait_n = _count()
    abandoned_wait_ms = _sum()
    abandoned_wait_n = _count()
    lost_wait_ms = _sum()
    lost_wait_n = _count()
    callback_wait_ms = _sum()
    callback_wait_n = _count()
    called_back_ms = _sum()
    called_back_n = _count()
    before_ring_ms = _sum()
    before_ring_n = _count()
    max_wait_ms = models.BigIntegerField(null=True)
    max_answered_wait_ms = models.BigIntegerField(null=True)
    talk_ms = _sum()
    talk_n = _count()
    hold_ms = _sum()
    hold_n = _count()
    acw_ms = _sum()
    acw_n = _count()
    handle_n = ArrayField(models.IntegerField(), size=8)
    handle_ms = ArrayField(models.BigIntegerField(), size=8)
    ring_no_answer = _count()
    unreachable = _count()
    declined = _count()
    cancelled = _count()
    offers_answered = _count()
    transferred_out = _count()
    transferred_blind = _count()
    transferred_attended = _count()
    several_agents = models.IntegerField(null=True)
    noted = _count()
    escalated = _count()
    resolved = _count()
    resolved_known = _count()
    resolvable_known = _count()
    surveys = models.TextField(default="")
    asked = models.TextField(default="")
    hist_codes = models.TextField()
    hist_counts = models.TextField()

    objects = StatQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    offered=F("answered")
                    + F("abandoned")
                    + F("timed_out")
                    + F("key_exit")
                    + F("callback_requested")
                    + F("other")
                    + F("in_progress")
                ),
                name="%(class)s_books_balance",
            )
        ]


class IntervalStat(Stat):
    """A quarter hour of a queue in visits, or of a site (no queue) in contacts.

    Without those of which only the day is known."""

    start = models.DateTimeField()

    class Meta(Stat.Meta):
        constraints = [
            *Stat.Meta.constraints,
            models.UniqueConstraint(
                fields=["site", "queue", "start", "channel", "direction", "unit"],
                nulls_distinct=False,
                name="interval_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.queue_id or self.site_id} at {self.start}"


class DayStat(Stat):
    """A site day of a queue or of an agent on a queue in visits, or of a site in contacts.

    What an agent did on any queue is kept too (no queue, unit "a"): who serves many queues has as
    many rows a day, and a report of a quarter would read a million of them.
    """

    day = models.DateField()
    agent = models.ForeignKey(Agent, models.CASCADE, null=True, related_name="+", db_index=False)

    class Meta(Stat.Meta):
        constraints = [
            *Stat.Meta.constraints,
            models.UniqueConstraint(
                fields=["site", "queue", "day", "agent", "channel", "direction", "unit"],
                nulls_distinct=False,
                name="day_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["agent", "day"], name="day_by_agent", condition=Q(agent__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent_id or self.queue_id or self.site_id} on {self.day}"


class TimeStat(models.Model):
    """Sums of agents' time, in ms; the columns are those of `kpis.sums.agent_time.AgentTime`.

    What states tell is in the parts, which do not overlap; what only calls tell, of agents
    without states on that day, is in `untold_ms`.
    """

    derived = True

    site = models.ForeignKey(Site, models.CASCADE, related_name="+", db_index=False)
    handling_ms = _sum()
    ringing_ms = _sum()
    paused_ms = _sum()
    other_ms = _sum()
    ready_ms = _sum()
    untold_ms = _sum()

    class Meta:
        abstract = True


class AgentTimeStat(TimeStat):
    """An agent's time on a site day. `paused` has the pauses by reason ("": none told)."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    paused = models.JSONField(default=dict)
    open_spells = _count()

    class Meta:
        db_table = "kpis_agenttime"
        constraints = [
            models.UniqueConstraint(fields=["agent", "day"], name="agent_time_once"),
        ]
        # A page asks for a site's days; the constraint serves an agent's.
        indexes = [models.Index(fields=["site", "day"], name="agent_time_by_site")]

    def __str__(self) -> str:
        return f"{self.agent_id} on {self.day}"


class SiteTimeStat(TimeStat):
    """The time of a site's agents together in a quarter hour."""

    start = models.DateTimeField()

    class Meta:
        db_table = "kpis_sitetime"
        constraints = [
            models.UniqueConstraint(fields=["site", "start"], name="site_time_once"),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} at {self.start}"


class RepeatStat(models.Model):
    """Answered contacts of a site day by when their caller came before and again: of a queue, and
    of an agent on a queue and on any (no queue), in visits; of a site (no queue) in contacts.

    Each of the arrays holds, for windows of 1 to 30 days, those of which a caller's contact lies
    within the window: `again` before them, `around` before or after; empty where there are none.
    `resolved` are a part of `told`, `able_resolved` of `able`; the columns are otherwise those of
    `kpis.sums.repeats.Repeats`.
    """

    derived = True

    class Scope(models.TextChoices):
        QUEUE = "queue", _("The same queue")
        ANY = "any", _("Any queue of the site")
        TOPIC = "topic", _("The same topic")

    site = models.ForeignKey(Site, models.CASCADE, related_name="+", db_index=False)
    queue = models.ForeignKey(Queue, models.CASCADE, null=True, related_name="+", db_index=False)
    agent = models.ForeignKey(Agent, models.CASCADE, null=True, related_name="+", db_index=False)
    day = models.DateField()
    channel = models.CharField(max_length=10, choices=Channel)
    scope = models.CharField(max_length=5, choices=Scope)
    known = _count()
    again = _windows()
    around = _windows()
    told = _count()
    resolved = _count()
    resolved_again = _windows()
    able = _count()
    able_resolved = _count()
    able_again = _windows()
    withheld = _count()
    shared = _count()
    untold = _count()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "queue", "day", "agent", "channel", "scope"],
                nulls_distinct=False,
                name="repeats_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["agent", "day"], name="repeats_by_agent", condition=Q(agent__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent_id or self.queue_id or self.site_id} on {self.day}"


class MatterStat(models.Model):
    """Matters that known callers began on a site day, by how and when they ended: of a queue where
    the scope is the same queue, else of the site (no queue).

    `codes` are those of `kpis.sums.matters.code_sql`, `counts` how many there are of each. `untold`
    are those of which nobody says whether they were resolved. Counted with `RepeatStat`, up to the
    last whole day of `RepeatFill`.
    """

    derived = True

    site = models.ForeignKey(Site, models.CASCADE, related_name="+", db_index=False)
    queue = models.ForeignKey(Queue, models.CASCADE, null=True, related_name="+", db_index=False)
    day = models.DateField()
    channel = models.CharField(max_length=10, choices=Channel)
    scope = models.CharField(max_length=5, choices=RepeatStat.Scope)
    untold = _count()
    codes = ArrayField(models.IntegerField())
    counts = ArrayField(models.IntegerField())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "scope", "day", "queue", "channel"],
                nulls_distinct=False,
                name="matters_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.queue_id or self.site_id} on {self.day}"


class RepeatMark(models.Model):
    """Site days [first, last] whose calls changed since it was counted who came again.

    One more for each change: a recount removes those it saw, and nobody waits for it.
    """

    derived = True

    site = models.ForeignKey(Site, models.CASCADE, related_name="+")
    first = models.DateField()
    last = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="mark_has_days"),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} from {self.first} to {self.last}"


class RepeatFill(models.Model):
    """When it was last counted who came again, and the last whole day of the record it was counted
    from: of contacts closer to that than a window, nobody knows whether their caller comes back."""

    derived = True

    site = models.OneToOneField(Site, models.CASCADE, related_name="+", primary_key=True)
    counted_at = models.DateTimeField()
    last_whole = models.DateField()

    def __str__(self) -> str:
        return f"{self.site_id} up to {self.last_whole}"


class FillMark(models.Model):
    """How far the counts of a queue are whole: when they were last recounted, and the newest
    moment any of its calls shows. Pages read the age of their data here."""

    derived = True

    site = models.ForeignKey(Site, models.CASCADE, related_name="+")
    queue = models.ForeignKey(Queue, models.CASCADE, null=True, related_name="+")
    counted_at = models.DateTimeField()
    newest_at = models.DateTimeField(null=True)
    past_at = models.DateTimeField(null=True)
    """When a day that was over by then was last counted: a wall reads today each second, and what
    is usual only when this changed."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "queue"], nulls_distinct=False, name="fill_mark_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.queue_id or self.site_id} counted at {self.counted_at}"


class KpiChoice(models.Model):
    """Which variant and parameters a KPI uses, for all, a site or a queue, from a date.

    The narrowest scope wins, then the newest date. What a row does not say is as in the wider
    scope, and at last as `kpis.definitions` has it: one that says nothing ends what held before.
    `parameters` are fields of `kpis.parameters.Parameters`.
    """

    kpi = models.CharField(max_length=40)
    site = models.ForeignKey(Site, models.CASCADE, null=True, blank=True, related_name="+")
    queue = models.ForeignKey(Queue, models.CASCADE, null=True, blank=True, related_name="+")
    variant = models.CharField(max_length=20, blank=True)
    parameters = models.JSONField(default=dict, blank=True)
    valid_from = models.DateField()
    chosen_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    chosen_at = models.DateTimeField(default=timezone.now)
    note = LineField(max_length=300, blank=True)
    """Why, in the words of whoever chose."""

    class Meta:
        verbose_name = _("definition of a KPI")
        ordering = ["valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["kpi", "site", "queue", "valid_from"],
                nulls_distinct=False,
                name="choice_once_a_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kpi} from {self.valid_from}"

    @property
    def is_end(self) -> bool:
        """Whether it says nothing of its own: from its day on all is as in the wider scope."""
        return not self.variant and not self.parameters


class VerifyRun(models.Model):
    """One comparison of a site's figures with the second path, and of its books (`kpis.second`).

    It goes on after `through`, the last day that is done, until it is finished. `books` has, by the
    name of a book, its lines checked and those that do not balance; `counting` the days that were
    being counted, of which it says nothing.
    """

    derived = True

    site = models.ForeignKey(Site, models.CASCADE, related_name="+")
    job = models.ForeignKey(Job, models.CASCADE, null=True, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    first = models.DateField(null=True)
    through = models.DateField(null=True)
    days = models.IntegerField(default=0)
    cells = models.BigIntegerField(default=0)
    differing = models.BigIntegerField(default=0)
    counting = ArrayField(models.DateField(), default=list)
    books = models.JSONField(default=dict)

    objects = VerifyRunQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["job", "site"], name="verify_run_once_a_job")
        ]
        # The last that ended at a site.
        indexes = [models.Index(fields=["site", "finished_at"], name="verify_run_by_site")]

    def __str__(self) -> str:
        return f"{self.site} verified at {self.started_at}"


class VerifyDifference(models.Model):
    """A figure that the two paths do not agree on, or a line of a book that does not balance.

    `name` is the KPI's variant ("id:variant") or the book's; `shown` is what pages show, or one
    side of the book, `second` the second path's, or the other side. `n` is what a figure was
    taken from, `what` in words what it is of beside queue and agent.
    """

    derived = True

    run = models.ForeignKey(VerifyRun, models.CASCADE, related_name="differences")
    name = models.CharField(max_length=80)
    day = models.DateField(null=True)
    queue = models.ForeignKey(Queue, models.CASCADE, null=True, related_name="+")
    agent = models.ForeignKey(Agent, models.CASCADE, null=True, related_name="+")
    shown = models.FloatField(null=True)
    shown_n = models.BigIntegerField(null=True)
    second = models.FloatField(null=True)
    second_n = models.BigIntegerField(null=True)
    what = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.name} on {self.day}"


class SavedReport(models.Model):
    """A report that somebody put together, for them and for whom it is shared with, by role.

    `question` is what `kpis.reports.asked` reads, in its version `form`: words and ids, so that a
    reader is answered what the reader may see, and periods stay relative.
    """

    name = LineField(max_length=120)
    owner = models.ForeignKey(User, models.CASCADE, related_name="saved_reports")
    roles = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    question = TreeField()
    form = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = SavedReportQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                name="saved_report_once_a_name",
                violation_error_message=_("There is another report of yours of this name."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Board(models.Model):
    """A wallboard: one site, some or all of its queues, and what it shows of them.

    `tiles` are as `kpis.walls.layout` reads them. `names`: whether it may name people.
    """

    class Theme(models.TextChoices):
        DARK = "dark", _("Dark")
        LIGHT = "light", _("Light")
        CONTRAST = "contrast", _("High contrast")

    class Size(models.TextChoices):
        SMALL = "s", _("S: to 3 metres")
        MEDIUM = "m", _("M: to 6 metres")
        LARGE = "l", _("L: 8 metres and more")

    slug = models.SlugField(max_length=60, unique=True)
    title = LineField(max_length=120)
    site = models.ForeignKey(Site, models.CASCADE, related_name="boards")
    queues = models.ManyToManyField(Queue, blank=True, related_name="+")
    tiles = TreeField(default=list, blank=True)
    columns = models.PositiveSmallIntegerField(default=4)
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.DARK)
    size = models.CharField(max_length=1, choices=Size, default=Size.MEDIUM)
    names = models.BooleanField(default=False)
    chime = models.BooleanField(default=False)

    objects = BoardQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(
                condition=Q(columns__gte=1, columns__lte=6), name="board_has_some_columns"
            )
        ]

    def __str__(self) -> str:
        return self.title


class BoardTurn(models.Model):
    """One of the boards that a screen shows in turn after its own, and for how long."""

    board = models.ForeignKey(Board, models.CASCADE, related_name="turns")
    shown = models.ForeignKey(Board, models.CASCADE, related_name="+")
    seconds = models.PositiveSmallIntegerField(default=30)
    place = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["place", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["board", "shown"], name="board_turns_once_to_another"),
            models.CheckConstraint(
                condition=Q(seconds__gte=5, seconds__lte=3600), name="board_turn_can_be_read"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.board} → {self.shown}"


class KioskLink(models.Model):
    """A link that shows one board to whoever holds it: hashed, expiring, revocable.

    `networks` are those it is good in; none: anywhere. `terms` counts how often these or its end
    were changed: streams opened before are shut.
    """

    board = models.ForeignKey(Board, models.CASCADE, related_name="kiosk_links")
    name = LineField(max_length=120, help_text=_("Where the screen hangs"))
    hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    networks = ArrayField(models.CharField(max_length=49), default=list, blank=True)
    terms = models.PositiveIntegerField(default=0)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    last_seen_address = models.CharField(max_length=49, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name


class WaitingScreen(models.Model):
    """A screen that shows a code and waits to be given a board (`kpis.kiosks.pairing`).

    `hash` is that of its secret. `address` and `browser` tell whoever types the code which screen
    asks. It is gone once it has a board, or its code has run out.
    """

    code = models.CharField(max_length=6, unique=True)
    hash = models.CharField(max_length=64, unique=True)
    address = models.CharField(max_length=49, blank=True)
    browser = models.CharField(max_length=60, blank=True)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["asked_at"]

    def __str__(self) -> str:
        return self.code
