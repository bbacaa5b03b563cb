"""How records came in: imports, what was wrong with them, live events, and what is to recount."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from ccm.models.calls import Queue
from ccm.models.people import Site, User
from ccm.models.words import LineField
from ccm.querysets import BatchQuerySet, JobQuerySet, LiveSourceQuerySet


class Job(models.Model):
    """Long work: who asked, how far it is, what it says.

    The row is the truth and a queued message only a hint: whoever runs a job holds a lock on
    its id, and a running job that nobody holds is queued again (`ccm.jobs`).
    """

    class State(models.TextChoices):
        # Not to be done before somebody has said all that it needs.
        DRAFT = "draft", _("Being prepared")
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    kind = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    words = models.CharField(max_length=300, blank=True)
    payload = models.JSONField(default=dict, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="jobs")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["state", "heartbeat_at"], name="job_by_state")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}: {self.state}"

    @property
    def finished(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED, self.State.CANCELLED)

    @property
    def percent(self) -> int:
        return min(100, self.done * 100 // self.total) if self.total else 0


class StandingProfiles(models.Manager["ImportProfile"]):
    """The mappings that files can be read by: none that was deleted."""

    def get_queryset(self) -> models.QuerySet["ImportProfile"]:
        return super().get_queryset().filter(removed_at=None)


class ImportProfile(models.Model):
    """A saved mapping: how files of one layout are read, as JSON.

    The slug is the name of the format and of the source of its calls, so it never changes. One
    that is deleted (`removed_at`) stays for the imports done with it, and so that no other takes
    its slug.
    """

    name = LineField(max_length=80, unique=True)
    slug = models.SlugField(max_length=40, unique=True)
    mapping = models.JSONField()
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = StandingProfiles()
    every = models.Manager["ImportProfile"]()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ImportBatch(models.Model):
    """One import: what was said about it and where every line of it went.

    read = stored + updated + duplicate + rejected + ignored, line by line. The first and the
    last of the calls it tells of were offered at `first_at` and `last_at`.

    Of an import of all or nothing `keeps` is unknown until every file was read once: False where
    any row was rejected. `again` is whether to store calls that the very same file brought as
    of another source: False where that is asked (`imports.twice`). `corrects` is the import whose
    rejected rows this one brings anew.
    `undo` is the work of taking it back, `undone_at` when that was done.
    """

    job = models.OneToOneField(Job, models.CASCADE, related_name="batch")
    site = models.ForeignKey(Site, models.PROTECT, related_name="batches")
    format = models.CharField(max_length=40)
    profile = models.ForeignKey(
        ImportProfile, models.SET_NULL, null=True, blank=True, related_name="batches"
    )
    # The mapping as it was when this import was made: the profile may change later.
    mapping = models.JSONField(null=True, blank=True)
    source = models.CharField(max_length=80)
    zone = models.CharField(max_length=64, blank=True)
    queue_name = models.CharField(max_length=120, blank=True)
    date_order = models.CharField(
        max_length=3, blank=True, choices=[("dmy", "dmy"), ("mdy", "mdy")]
    )
    dry_run = models.BooleanField(default=False)
    all_or_nothing = models.BooleanField(default=False)
    keeps = models.BooleanField(null=True)
    again = models.BooleanField(null=True)
    corrects = models.ForeignKey("self", models.SET_NULL, null=True, related_name="corrections")
    undo = models.OneToOneField(Job, models.SET_NULL, null=True, related_name="undoes")
    undone_at = models.DateTimeField(null=True)
    read = models.BigIntegerField(default=0)
    stored = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    duplicate = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    ignored = models.BigIntegerField(default=0)
    first_at = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    read=models.F("stored")
                    + models.F("updated")
                    + models.F("duplicate")
                    + models.F("rejected")
                    + models.F("ignored")
                ),
                name="batch_books_balance",
            )
        ]

    def __str__(self) -> str:
        return f"Import {self.pk}"

    @property
    def working(self) -> Job | None:
        """The job on it that is begun and not over: reading it, or taking it back."""
        jobs = (self.job, self.undo)
        begun = (job for job in jobs if job is not None and job.state != Job.State.DRAFT)
        return next((job for job in begun if not job.finished), None)


class ImportFile(models.Model):
    """A file of an import, kept until it is read: web and worker may be different machines.

    `format` is what it was found to be, or was said to be, once it is read; `position` is the
    line from which a resumed import goes on, `checked` that from which the reading before an
    import of all or nothing does. `shape` ("table", "lines", "json"), `header` and `delimiter`
    are those of its rejected rows.
    """

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="files")
    name = models.CharField(max_length=255)
    format = models.CharField(max_length=40, blank=True)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    position = models.BigIntegerField(default=0)
    checked = models.BigIntegerField(default=0)
    finished = models.BooleanField(default=False)
    shape = models.CharField(max_length=10, blank=True)
    header = models.TextField(blank=True)
    delimiter = models.CharField(max_length=1, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class ImportPiece(models.Model):
    """A stretch of a file's bytes."""

    file = models.ForeignKey(ImportFile, models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="piece_once_a_file")]

    def __str__(self) -> str:
        return f"{self.file}, piece {self.number}"


class ImportIssue(models.Model):
    """A line that was rejected, ignored or noted, and why, in words.

    `origin` is where a corrected row stood in the file of which it was rejected first.
    """

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="issues")
    file = models.ForeignKey(ImportFile, models.CASCADE, related_name="issues")
    line = models.BigIntegerField()
    origin = models.BigIntegerField(null=True)
    column = models.CharField(max_length=120, blank=True)
    value = models.CharField(max_length=300, blank=True)
    rule = models.CharField(max_length=60)
    message = models.CharField(max_length=500)
    fate = models.CharField(max_length=10)
    count = models.BigIntegerField(default=1)

    class Meta:
        ordering = ["file", "line"]
        indexes = [models.Index(fields=["batch", "fate"], name="issue_by_fate")]

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


class RejectedRow(models.Model):
    """A rejected row as it came, but for card numbers, to be corrected and tried again.

    Why it was rejected stand in the issues of its file and line. `origin` is where a corrected row
    that fails again stood in the file of which it was rejected first. Kept for a while only
    (`ccm.imports.files.corrections.KEPT`), for it may hold a caller's number.
    """

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rejected_rows")
    file = models.ForeignKey(ImportFile, models.CASCADE, related_name="rejected_rows")
    line = models.BigIntegerField()
    origin = models.BigIntegerField(null=True)
    text = models.TextField()

    class Meta:
        ordering = ["file", "line"]

    def __str__(self) -> str:
        return self.text[:80]


class CorrectedRow(models.Model):
    """A rejected row that came back and was rejected no more: the import `batch` read it.

    `of` is the import that rejected it first, `line` where it stood there. When `batch` is taken
    back the row is open again. Kept when the row itself is forgotten: it holds nothing of it.
    """

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="corrected_rows")
    of = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows_corrected")
    line = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["of", "line"], name="corrected_by_line")]

    def __str__(self) -> str:
        return f"line {self.line} of import {self.of_id}"


class ImportChange(models.Model):
    """What an import found in a row before it changed it first; of a name it made, nothing.

    `relation` is the row's table, `row` its key, `owner` the import that made the row. Taking
    the import back puts `before` back. A row that another import changes after this one cannot
    be put back before that one is taken back: the order of the ids tells.
    """

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="changes")
    relation = models.CharField(max_length=40)
    row = models.CharField(max_length=36)
    owner = models.BigIntegerField(null=True)
    before = models.JSONField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "relation", "row"], name="change_once_a_row")
        ]
        indexes = [
            # What later imports changed, of rows that one changed or made.
            models.Index(fields=["row"], name="change_by_row"),
            models.Index(
                fields=["owner"], name="change_by_owner", condition=models.Q(owner__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.relation} {self.row}"


class ImportDay(models.Model):
    """What an import did to a queue's site day; without a queue's name, to calls on none.

    `stored`, `updated` and `duplicate` are the source's lines, as in the books of the whole;
    `before` are the calls that the record had of that day when the import came to it, `made`
    those it added. The queue's name is as the import found it, and outlives the queue.
    """

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="days")
    queue = models.CharField(max_length=120, blank=True)
    day = models.DateField()
    stored = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    duplicate = models.BigIntegerField(default=0)
    before = models.BigIntegerField(default=0)
    made = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["day", "queue"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "queue", "day"], name="day_once_an_import")
        ]

    def __str__(self) -> str:
        return f"{self.queue or self.batch} on {self.day}"


class RawEvent(models.Model):
    """A line kept as it came because no rule knows it, so that a later rule can read it.

    One of no import is kept for `ccm.live.aside.KEPT`.
    """

    source = models.CharField(max_length=80)
    batch = models.ForeignKey(ImportBatch, models.CASCADE, null=True, related_name="raw_events")
    line = models.BigIntegerField(null=True)
    text = models.TextField()
    reason = models.CharField(max_length=200)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        # The few of no import are looked through by age each minute, beside many of imports.
        indexes = [
            models.Index(
                fields=["received_at"],
                condition=models.Q(batch=None),
                name="raw_event_aside_by_age",
            )
        ]

    def __str__(self) -> str:
        return self.text[:80]


class LiveEvent(models.Model):
    """An event as a source posted it, until the `live` process has folded it into the record.

    `event_id` is the source's own, so that a source may post again what it is unsure of.
    `call` is the call's id at the source, `agent` the raw name; all events of one call are
    folded together, so their order of arrival does not matter.
    """

    source = models.CharField(max_length=80)
    event_id = models.CharField(max_length=120)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    call = models.CharField(max_length=120, blank=True)
    agent = models.CharField(max_length=160, blank=True)
    payload = models.JSONField()
    received_at = models.DateTimeField(auto_now_add=True)
    folded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["source", "event_id"], name="event_once_a_source")
        ]
        indexes = [
            models.Index(fields=["source", "call"], name="event_by_call"),
            models.Index(fields=["source", "agent", "at"], name="event_by_agent"),
            models.Index(fields=["id"], name="event_to_fold", condition=models.Q(folded_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at}"


class EventShape(models.Model):
    """How events of one make are read that are posted as that make has them (`ccm.live.shapes`).

    The slug is what posts ask for it by, so it never changes.
    """

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=40, unique=True)
    mapping = models.JSONField()
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class LiveSource(models.Model):
    """What is known of a source of live events at a site, from the events it posted.

    `heard_at` is when news came last, by our clock, and `newest_at` the newest moment its events
    tell of, by its own. `readings` are the latest delays (`ccm.live.clocks`); from them come
    `behind`, how far its clock is behind ours (null: not known, less than none: ahead), with the
    latest `changes` of it; from the pauses between news comes `usual_pause`.
    """

    site = models.ForeignKey(Site, models.CASCADE, related_name="+")
    source = models.CharField(max_length=80)
    heard_at = models.DateTimeField()
    newest_at = models.DateTimeField()
    readings = models.JSONField(default=list)
    behind = models.DurationField(null=True)
    changes = models.JSONField(default=list)
    usual_pause = models.DurationField(null=True)

    objects = LiveSourceQuerySet.as_manager()

    class Meta:
        ordering = ["site__name", "source"]
        constraints = [
            models.UniqueConstraint(fields=["site", "source"], name="live_source_once_a_site")
        ]

    def __str__(self) -> str:
        return self.source


class DirtyDay(models.Model):
    """A queue's site day (or, without a queue, the site's calls on none) whose counts are stale.

    A recount locks the marks it works off and deletes just those at its end. One made meanwhile is
    a row of its own, so nobody who marks a day waits for a recount; the same day may be marked more
    than once. `marked_at` is when the counts fell behind.
    """

    # Made of the record, so no use of a queue's name (`ccm.imports.undo`).
    derived = True

    site = models.ForeignKey(Site, models.CASCADE, related_name="+")
    queue = models.ForeignKey(Queue, models.CASCADE, null=True, related_name="+")
    day = models.DateField()
    marked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["day"]
        indexes = [models.Index(fields=["site", "day"], name="dirty_day_of_site")]

    def __str__(self) -> str:
        return f"{self.queue or self.site} on {self.day}"
