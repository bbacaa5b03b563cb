"""The forms of what planners say. Each offers only what its user plans."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm import special_days
from ccm.intervals import day_of
from ccm.masking import masked
from ccm.models import Queue, Site, User
from ccm.special_days import SpecialDay
from ccm.structure.forms import (
    WEEKDAYS,
    Dressed,
    NameField,
    OfSiteForm,
    RowForm,
    date_field,
    offer,
)
from scheduling.forecast.methods import METHODS
from scheduling.models import ForecastPlan, KnownEvent, Override, QueueGroup, StaffingPlan
from scheduling.planned import circles, curve
from scheduling.planned.hours import Asked
from scheduling.planned.methods import method_words
from scheduling.simulation.centre import MOST_SLOTS
from scheduling.staffing.fields import REST, SUM, KindsField, as_one, together_field
from scheduling.staffing.shrinkage import written

_MOST_DAYS = 366
_MOST_FACTOR = 20


class PlannedForm(OfSiteForm):
    """A form of something at a site that its user plans."""

    sites_of = staticmethod(lambda user: Site.objects.planned_by(user))

    @property
    def site(self) -> Site | None:
        chosen: Site | None = self.instance.site if self.instance.pk else None
        return chosen or self.cleaned_data.get("site")

    def offer_queues(self) -> None:
        """Offer the queues of a site; where none is chosen yet those of every site, each with its
        own."""
        queues = self.fields["queues"]
        assert isinstance(queues, forms.ModelMultipleChoiceField)
        every = Queue.objects.planned_by(self.user).select_related("site")
        queues.queryset = every.order_by("name")
        queues.choices = [
            (one.pk, str(one) if self.chosen_site else f"{one} ({one.site})")
            for one in queues.queryset
            if self.chosen_site in (None, one.site_id)
        ]

    def refuse_others(self, name: str, queues: Any) -> None:
        """Say which of some queues are not of the chosen site."""
        site = self.site
        for one in queues:
            if site is not None and one.site_id != site.pk:
                words = _("%(name)s is of another site: %(site)s.")
                self.add_error(name, words % {"name": one, "site": one.site})


class DaysForm(PlannedForm):
    """The same of some days."""

    first = date_field(label=gettext_lazy("First day"), may_be_open=True)
    last = date_field(label=gettext_lazy("Last day"), may_be_open=True)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        first, last = said.get("first"), said.get("last")
        if first and last:
            if last < first:
                self.add_error("last", _("It ends before it begins."))
            elif (last - first).days >= _MOST_DAYS:
                self.add_error("last", _("It lasts a year at most."))
        return said


def _number(label: Any, hint: Any = "", **more: Any) -> forms.FloatField:
    return forms.FloatField(label=label, required=False, min_value=0, help_text=hint, **more)


class EventForm(DaysForm):
    of_site = ("queues",)

    queues = forms.ModelMultipleChoiceField(
        Queue.objects.none(),
        label=gettext_lazy("Queues"),
        widget=forms.CheckboxSelectMultiple,
    )
    calls = _number(
        gettext_lazy("Calls more a day"),
        gettext_lazy("Of each queue, on each of these days. Or say how many times as many."),
        max_value=1_000_000,
    )
    keeps = forms.FloatField(
        label=gettext_lazy("Of which the next day keeps, %"),
        required=False,
        min_value=0,
        max_value=95,
        help_text=gettext_lazy("After the last day, day by day. Empty: none."),
    )
    factor = _number(
        gettext_lazy("Times as many"),
        gettext_lazy("1.2 is a fifth more. Empty like the calls: what such events did before."),
        max_value=_MOST_FACTOR,
    )

    class Meta:
        model = KnownEvent
        fields = ("site", "kind", "queues", "first", "last", "calls", "keeps", "factor", "note")
        help_texts = {
            "kind": gettext_lazy("As campaign, launch, mailing, outage: events of a kind teach it.")
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.offer_queues()
        self.initial.setdefault("queues", [one for one in [self.initial.get("queue")] if one])
        if self.instance.pk:
            self.initial["keeps"] = round(self.instance.keeps * 100, 1) or None
        self.dress()

    def clean_kind(self) -> str:
        """As other events spell it."""
        kind = " ".join(self.cleaned_data["kind"].split())
        events = KnownEvent.objects.managed_by(self.user).exclude(pk=self.instance.pk)
        known = events.filter(kind__iexact=kind)
        return known.order_by("pk").values_list("kind", flat=True).first() or kind

    def clean_keeps(self) -> float:
        return (self.cleaned_data["keeps"] or 0) / 100

    def clean_note(self) -> str:
        return masked(self.cleaned_data["note"])

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        self.refuse_others("queues", said.get("queues") or ())
        if said.get("calls") is not None and said.get("factor") is not None:
            self.add_error("factor", _("Say one of both: calls more, or times as many."))
        if said.get("keeps") and said.get("calls") is None:
            self.add_error("keeps", _("Only calls that are added fade."))
        return said


class GroupForm(PlannedForm):
    of_site = ("queues",)

    name = NameField(label=gettext_lazy("Name"), max_length=80)
    queues = forms.ModelMultipleChoiceField(
        Queue.objects.none(),
        label=gettext_lazy("Queues"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Those that the same people serve."),
    )

    class Meta:
        model = QueueGroup
        fields = ("site", "name", "queues")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.offer_queues()
        self.dress()

    def clean_queues(self) -> Any:
        queues = self.cleaned_data["queues"]
        if len(queues) < 2:
            raise forms.ValidationError(_("A group has two queues or more."))
        return queues

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        self.refuse_others("queues", said.get("queues") or ())
        return said


class OverrideForm(DaysForm):
    of_site = ("queue",)

    starts = forms.TimeField(
        label=gettext_lazy("From"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        help_text=gettext_lazy("By the site's clock. Empty: the whole day."),
    )
    ends = forms.TimeField(
        label=gettext_lazy("To"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )
    factor = _number(
        gettext_lazy("Times as many"),
        gettext_lazy(
            "Of what the forecast says: 1.1 is a tenth more. Where overrides are of the "
            "same hours, the last that was said stands alone."
        ),
        max_value=_MOST_FACTOR,
    )
    calls = _number(
        gettext_lazy("Or calls, on each day"),
        gettext_lazy("All of these hours together."),
        max_value=10_000_000,
    )

    class Meta:
        model = Override
        fields = ("site", "queue", "first", "last", "starts", "ends", "factor", "calls", "reason")
        help_texts = {"reason": gettext_lazy("It is kept with the forecast, and scored beside it.")}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        queue = self.fields["queue"]
        assert isinstance(queue, forms.ModelChoiceField)
        offer(queue, Queue.objects.planned_by(user), self.chosen_site, _("choose"))
        self.dress()

    def clean_reason(self) -> str:
        return masked(self.cleaned_data["reason"])

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if queue := said.get("queue"):
            self.refuse_others("queue", [queue])
        if "factor" in said and "calls" in said:
            told = [one for one in (said["factor"], said["calls"]) if one is not None]
            if len(told) != 1:
                self.add_error("factor", _("Say one of both: times as many, or how many calls."))
        self._clean_hours(said)
        if not self.errors and said.get("queue"):
            self._clean_when(said, timezone.now())
        return said

    def _clean_when(self, said: dict[str, Any], now: datetime) -> None:
        """Refuse hours that are over, and those of which none is open."""
        queue, first, last = said["queue"], said["first"], said["last"]
        today = day_of(now, queue.site.calendar)
        if self.instance.pk and self._has_begun(self.instance, today, now):
            self._clean_begun(said, today)
            return
        if first < today:
            words = _("%(day)s is over. What is said is of %(today)s and of days after it.")
            told = {"day": _day(first), "today": _day(today)}
            self.add_error("first", words % told)
            return
        asked = Asked.of(queue, first, last, said.get("starts"), said.get("ends"))
        if asked.is_closed:
            closed = {"queue": queue, "hours": asked.closed_words(), "open": asked.open_words()}
            words = _("%(queue)s is closed then: %(hours)s. It is open: %(open)s.")
            if not closed["open"]:
                words = _("%(queue)s is closed then: %(hours)s.")
            self.add_error("first" if said.get("starts") is None else "starts", words % closed)
        elif first == today and (over := asked.over(now)):
            words = _("Of today these hours are over: %(hours)s. Say the hours that are to come.")
            self.add_error("starts", words % {"hours": over})

    @staticmethod
    def _has_begun(one: Override, today: date, now: datetime) -> bool:
        if one.first != today:
            return one.first < today
        return bool(Asked.of(one.queue, one.first, one.last, one.starts, one.ends).over(now))

    def _clean_begun(self, said: dict[str, Any], today: date) -> None:
        """Of one that has begun its end and its reason can change: its hours that are over stay as
        they were said."""
        before = self.instance
        if any(said.get(name) != getattr(before, name) for name in self._OF_WHAT_WAS):
            words = _(
                "It has begun, and hours that are over stay as they were said. Choose another last "
                "day, and say anew what is to come."
            )
            self.add_error(None, words)
        last, yesterday = said["last"], today - timedelta(days=1)
        if last != before.last and min(last, before.last) < yesterday:
            self.add_error("last", _("Days before %(day)s stay.") % {"day": _day(yesterday)})

    _OF_WHAT_WAS = ("queue", "first", "starts", "ends", "factor", "calls")

    def _clean_hours(self, said: dict[str, Any]) -> None:
        starts, ends = said.get("starts"), said.get("ends")
        if (starts is None) != (ends is None):
            self.add_error("ends" if ends is None else "starts", _("Say from when and to when."))
        elif starts is not None and ends is not None and self.site is not None:
            begins = self.site.day_begins * 60
            first, last = ((at.hour * 60 + at.minute - begins) % 1440 for at in (starts, ends))
            if (last or 1440) <= first:
                words = _("It ends before it begins. A stretch lies within one of the site's days.")
                self.add_error("ends", words)


class ForecastPlanForm(RowForm):
    """How a queue is forecast: by one of three ways, of which the others' fields say nothing."""

    is_there = True  # where none was said the defaults hold

    OWN, SHARE, TYPED = "own", "share", "typed"
    # What each way asks.
    OF_WAY: Mapping[str, tuple[str, ...]] = {
        OWN: ("method",),
        SHARE: ("analogue", "share"),
        TYPED: (*(f"day{one}" for one in range(7)), "course"),
    }

    way = forms.ChoiceField(
        label=gettext_lazy("It is forecast"),
        choices=[
            (OWN, gettext_lazy("by its own calls")),
            (SHARE, gettext_lazy("as a share of another queue")),
            (TYPED, gettext_lazy("by a typed curve")),
        ],
    )
    method = forms.ChoiceField(label=gettext_lazy("Method"), required=False)
    share = forms.DecimalField(
        label=gettext_lazy("Share of it, %"),
        min_value=Decimal(0),
        max_value=Decimal(10_000),
        decimal_places=1,
        required=False,
    )
    course = forms.CharField(
        label=gettext_lazy("How they lie in the day"),
        required=False,
        strip=False,  # errors tell the number of a line
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 8, "placeholder": "08:00 120\n09:00 180"}),
    )
    handle_seconds = forms.IntegerField(
        label=gettext_lazy("Handle time, seconds"),
        min_value=1,
        max_value=36_000,
        required=False,
        help_text=gettext_lazy(
            "For a queue without calls. It counts as much as 200 of its own. Empty: as measured."
        ),
    )

    class Meta:
        model = ForecastPlan
        fields = ("interval_minutes", "method", "analogue", "share", "handle_seconds")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        queue = self.instance.queue
        methods, analogue = self.fields["method"], self.fields["analogue"]
        assert isinstance(methods, forms.ChoiceField)
        assert isinstance(analogue, forms.ModelChoiceField)
        methods.choices = [
            ("", _("the one that was nearest on its own weeks")),
            *((name, method_words(name)) for name in METHODS),
        ]
        analogue.queryset = Queue.objects.filter(site=queue.site_id).exclude(pk=queue.pk)
        analogue.label, analogue.empty_label = _("Queue"), _("choose")
        typed = self.instance.weekday_calls or [None] * 7
        for day, (words, calls) in enumerate(zip(WEEKDAYS, typed, strict=True)):
            self.fields[f"day{day}"] = forms.FloatField(
                label=words,
                min_value=0,
                max_value=curve.MOST_CALLS,
                required=False,
                initial=None if calls is None else f"{calls:g}",
            )
        self.initial = {
            **self.initial,
            "way": self.way_of_plan,
            "share": f"{self.instance.share * 100:.1f}",
            "course": curve.written(self.instance.course, queue.site.day_begins),
        }
        self.dress()

    @property
    def way_of_plan(self) -> str:
        if self.instance.analogue_id is not None:
            return self.SHARE
        return self.TYPED if self.instance.is_typed else self.OWN

    @property
    def common(self) -> list[forms.BoundField]:
        return [self[name] for name in ("way", "interval_minutes", "handle_seconds")]

    @property
    def own(self) -> list[forms.BoundField]:
        return [self[name] for name in self.OF_WAY[self.OWN]]

    @property
    def of_another(self) -> list[forms.BoundField]:
        return [self[name] for name in self.OF_WAY[self.SHARE]]

    @property
    def week(self) -> list[forms.BoundField]:
        return [self[f"day{day}"] for day in range(7)]

    @property
    def typed(self) -> tuple[list[float], curve.Rows] | None:
        """What is typed, where it can be read: calls of weekdays, and how they lie in the day."""
        if not self.is_bound:
            plan = self.instance
            return (plan.weekday_calls, plan.course) if plan.is_typed else None
        wrong, said = self.errors, self.cleaned_data
        if said.get("way") != self.TYPED or not said.get("course"):
            return None
        if any(f"day{day}" in wrong for day in range(7)):
            return None
        calls = [said.get(f"day{day}") or 0.0 for day in range(7)]
        return (calls, said["course"]) if any(calls) else None

    @property
    def minutes(self) -> int:
        """By which intervals it is to be forecast, as far as that is said."""
        said: int | None = getattr(self, "cleaned_data", {}).get("interval_minutes")
        return said or int(self.instance.interval_minutes)

    def clean_share(self) -> Decimal:
        said: Decimal | None = self.cleaned_data["share"]
        return Decimal(1) if said is None else said / 100

    def clean_course(self) -> curve.Rows:
        text: str = self.cleaned_data["course"]
        return curve.read(text) if self.data.get(self.add_prefix("way")) == self.TYPED else []

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        way = said.get("way", self.OWN)
        for other, names in self.OF_WAY.items():
            if other != way:
                # What is not asked may say anything.
                for name in names:
                    self.errors.pop(name, None)
                    said.pop(name, None)
        if way == self.SHARE and "analogue" not in self.errors:
            self._clean_analogue(said.get("analogue"))
        days = [said.get(f"day{day}") for day in range(7)]
        are_read = not any(f"day{day}" in self.errors for day in range(7))
        if way == self.TYPED and are_read and not any(days):
            self.add_error("day0", _("Say of at least one weekday how many calls come."))
        said |= {
            "method": said.get("method", "") if way == self.OWN else "",
            "analogue": said.get("analogue") if way == self.SHARE else None,
            "share": said.get("share", Decimal(1)) if way == self.SHARE else Decimal(1),
        }
        is_typed = way == self.TYPED and "course" in said and any(days)
        self.instance.weekday_calls = [one or 0.0 for one in days] if is_typed else None
        self.instance.course = said["course"] if is_typed else []
        return said

    def _clean_analogue(self, analogue: Queue | None) -> None:
        try:
            if analogue is None:
                raise forms.ValidationError(_("Choose the queue of which it is a share."))
            circles.refuse(self.instance.queue, analogue)
        except forms.ValidationError as refusal:
            self.add_error("analogue", refusal)


def _day(day: date) -> str:
    return date_format(day, "j M Y")


class SpecialDayForm(Dressed, forms.Form):
    """What a day is at a site."""

    day = date_field(label=gettext_lazy("Day"), may_be_open=True)
    name = NameField(label=gettext_lazy("Name"), max_length=special_days.LONGEST_NAME)
    kind = forms.ChoiceField(
        label=gettext_lazy("It is"),
        choices=special_days.Kind.choices,
        help_text=gettext_lazy("A holiday is open; an ordinary day is none, whatever others say."),
    )
    yearly = forms.BooleanField(
        label=gettext_lazy("Each year"),
        required=False,
        help_text=gettext_lazy("On this date, from then on."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dress()

    def clean_name(self) -> str:
        return masked(self.cleaned_data["name"])

    @property
    def said(self) -> SpecialDay:
        """What a valid form says."""
        return SpecialDay(**self.cleaned_data)


class StaffingPlanForm(RowForm):
    """What a queue's people are reckoned by."""

    is_there = True  # where none was said the defaults hold

    shrinkage = KindsField()
    together = together_field()
    asa_seconds = forms.IntegerField(
        label=gettext_lazy("Mean wait at most, seconds"),
        min_value=1,
        max_value=86_400,
        required=False,
        help_text=gettext_lazy("Of the answered (W1), beside the service level."),
    )
    abandonment = forms.DecimalField(
        label=gettext_lazy("Abandoned at most, %"),
        min_value=Decimal("0.1"),
        max_value=Decimal(100),
        decimal_places=2,
        required=False,
        help_text=gettext_lazy("Where it is known how patient callers are."),
    )
    occupancy = forms.DecimalField(
        label=gettext_lazy("Occupancy at most, %"),
        min_value=Decimal(10),
        max_value=Decimal(100),
        decimal_places=2,
        required=False,
    )
    patience_seconds = forms.IntegerField(
        label=gettext_lazy("Patience, seconds"),
        min_value=1,
        max_value=36_000,
        required=False,
        help_text=gettext_lazy("How long callers would wait in the mean. Empty: as measured."),
    )

    slots = forms.IntegerField(
        label=gettext_lazy("Contacts at once"),
        min_value=1,
        max_value=MOST_SLOTS,
        required=False,
        help_text=gettext_lazy("That somebody holds: of chats more than one."),
    )
    stretch = forms.DecimalField(
        label=gettext_lazy("Each then longer by, %"),
        min_value=Decimal(0),
        max_value=Decimal(500),
        decimal_places=2,
        required=False,
        help_text=gettext_lazy("Of its handle time, for every contact held beside it."),
    )

    class Meta:
        model = StaffingPlan
        fields = (
            "asa_seconds", "abandonment", "occupancy", "patience_seconds", "sure", "slots",
            "stretch",
        )  # fmt: skip

    field_order = ("shrinkage", "together")
    _PERCENT = ("abandonment", "occupancy", "stretch")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self._PERCENT:
            value = getattr(self.instance, name)
            self.initial[name] = f"{value * 100:.2f}" if value else None
        shrinkage = self.instance.shrinkage
        self.initial = {
            **self.initial,
            "shrinkage": written(shrinkage.kinds),
            "together": REST if shrinkage.of_the_rest else SUM,
        }
        self.dress()

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        for name in self._PERCENT:
            if said.get(name) is not None:
                said[name] /= 100
        said |= {"slots": said.get("slots") or 1, "stretch": said.get("stretch") or Decimal(0)}
        self.instance.shrinkage = as_one(self)
        return said
