"""Who asked to be erased, and what keeps old logs from bringing them back."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ccm.models.intake import Job
from ccm.models.people import Agent, User


class Erasure(models.Model):
    """One person's data looked for, and erased once somebody says so.

    A customer's number is enciphered in `sealed` (`ccm.addresses`) while it is needed, and no
    longer than `SEALED`; of an agent the words that are looked for, while they are erased.
    `stand_in` is what stands for the hash of a customer, until it does on all their calls. `found`
    and `gone` count rows by table.
    """

    class State(models.TextChoices):
        LOOKING = "looking", _("Being looked for")
        FOUND = "found", _("Found")
        ERASING = "erasing", _("Being erased")
        DONE = "done", _("Erased")
        LEFT = "left", _("Left")

    class Kind(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        AGENT = "agent", _("Agent")

    kind = models.CharField(max_length=8, choices=Kind)
    agent = models.ForeignKey(Agent, models.SET_NULL, null=True, related_name="+")
    sealed = models.TextField(blank=True)
    stand_in = models.CharField(max_length=32, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.LOOKING)
    why = models.CharField(max_length=200)
    found = models.JSONField(default=dict)
    gone = models.JSONField(default=dict)
    words = models.CharField(max_length=300, blank=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("erasure")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=("done", "left")) | Q(sealed=""),
                name="erasure_forgets_whom",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class ErasedCaller(models.Model):
    """That calls of a caller from before a moment come in without the caller: a log that is read
    again must not bring back what was erased. `hash` is keyed, and no call's (`ccm.callers`)."""

    hash = models.CharField(max_length=32, unique=True)
    before = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.before:%Y-%m-%d}"


class CallerKey(models.Model):
    """A key that hashes of callers were made under, by a mark that says nothing of it, and since
    when: hashes of two keys are never alike (`ccm.caller_keys`)."""

    mark = models.CharField(max_length=8, unique=True)
    since = models.DateTimeField()

    class Meta:
        ordering = ["since", "pk"]

    def __str__(self) -> str:
        return self.mark
