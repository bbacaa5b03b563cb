"""The forms of time off. Each offers only what its user may say."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.masking import masked
from ccm.models import Agent, User
from ccm.structure.forms import Dressed, NameField, RowForm, date_field, offer
from scheduling.models import LeaveKind, LeaveOpening, LeaveRequest, LeaveRules
from scheduling.models.timeoff import YEAR_MINUTES
from scheduling.planned.forms import PlannedForm
from scheduling.shifts.days import MINUTES
from scheduling.terms import reach
from scheduling.terms.fields import ClockField, HoursField
from scheduling.terms.forms.grouped import Grouped

MOST_DAYS_SAID = 92
_MONTHS = [(month, f"{date(2023, month, 1):%m}") for month in range(1, 13)]


class SignedHoursField(HoursField):
    """Hours that may be below nothing: "-7:30"."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int) and value < 0:
            return f"-{super().prepare_value(-value)}"
        return super().prepare_value(value)

    def clean(self, value: Any) -> Any:
        text = str(value or "").strip().replace("−", "-")
        minutes = super().clean(text.removeprefix("-"))
        return -minutes if minutes is not None and text.startswith("-") else minutes


def refuse(form: forms.BaseForm, refusal: ValidationError) -> None:
    """Say why it cannot be, beside the field that it names, if the form has it."""
    if not hasattr(refusal, "error_dict"):
        form.add_error(None, refusal)
        return
    for name, errors in refusal.message_dict.items():
        for words_of_it in errors:
            form.add_error(name if name in form.fields else None, words_of_it)


class AskForm(Dressed, forms.Form):
    """What somebody asks for."""

    kind = forms.ModelChoiceField(
        LeaveKind.objects.none(),
        label=gettext_lazy("Kind of leave"),
        empty_label=None,
        error_messages={"invalid_choice": gettext_lazy("There is no such kind of leave here.")},
    )
    first_on = date_field(label=gettext_lazy("First day"))
    last_on = date_field(
        label=gettext_lazy("Last day"),
        required=False,
        help_text=gettext_lazy("Empty: the first day alone."),
    )
    from_minute = ClockField(
        label=gettext_lazy("From"),
        required=False,
        help_text=gettext_lazy("Of one day, by the site's clock. Empty: the whole day."),
    )
    to_minute = ClockField(label=gettext_lazy("To"), required=False)
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Who decides reads it. Reasons of health need not be told."),
    )

    def __init__(self, *args: Any, agent: Agent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agent = agent
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ModelChoiceField)
        kind.queryset = LeaveKind.objects.offered().filter(site=agent.site_id).order_by("name")
        self.dress()

    def clean_note(self) -> str:
        return masked(self.cleaned_data["note"])

    @property
    def request(self) -> LeaveRequest:
        """What a valid form asks for, not kept."""
        said = self.cleaned_data
        return LeaveRequest(
            agent=self.agent,
            kind=said["kind"],
            first_on=said["first_on"],
            last_on=said["last_on"] or said["first_on"],
            from_minute=said["from_minute"],
            to_minute=said["to_minute"],
            note=said["note"],
        )


class DecideForm(forms.Form):
    """What becomes of a request by somebody's word."""

    do = forms.ChoiceField(choices=[(one, one) for one in ("approve", "refuse", "take_back")])
    seen = forms.CharField(max_length=9)
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )

    def clean_reason(self) -> str:
        return masked(self.cleaned_data["reason"]).strip()


class KindForm(Grouped, PlannedForm):
    name = NameField(label=gettext_lazy("Name"), max_length=60)
    year_minutes = HoursField(
        most=YEAR_MINUTES,
        label=gettext_lazy("Hours a year"),
        help_text=gettext_lazy("Of full time: 25 days of eight hours are 200:00."),
    )
    carries = HoursField(
        most=YEAR_MINUTES,
        label=gettext_lazy("Hours carried over"),
        help_text=gettext_lazy("At most. Empty: all that is left."),
    )
    overdraws = HoursField(
        most=YEAR_MINUTES,
        label=gettext_lazy("Hours below nothing"),
        help_text=gettext_lazy("As far as a balance may be overdrawn."),
    )
    year_month = forms.TypedChoiceField(
        label=gettext_lazy("Leave year begins in month"), choices=_MONTHS, coerce=int
    )
    year_day = forms.IntegerField(label=gettext_lazy("On day"), min_value=1, max_value=28)
    carried_month = forms.TypedChoiceField(
        label=gettext_lazy("Carried hours until month"),
        required=False,
        choices=[("", gettext_lazy("the year's end")), *_MONTHS],
        coerce=int,
        empty_value=None,
    )
    carried_day = forms.IntegerField(
        label=gettext_lazy("Until day"), required=False, min_value=1, max_value=31
    )
    notice_days = forms.IntegerField(
        label=gettext_lazy("Days of notice"), min_value=0, max_value=366
    )
    longest_run = forms.IntegerField(
        label=gettext_lazy("Most days in a row"),
        required=False,
        min_value=1,
        max_value=366,
        help_text=gettext_lazy("By the calendar. Empty: any number."),
    )
    pay_period_days = forms.IntegerField(
        label=gettext_lazy("Days of a pay period"), min_value=1, max_value=366
    )
    pay_periods_from = date_field(label=gettext_lazy("A pay period begins on"), may_be_open=True)

    grouped = (
        (
            gettext_lazy("Deciding"),
            gettext_lazy("A person can set rules aside, with a reason; the rules never do."),
            ("decides", "notice_days", "longest_run", "under_allowance", "waitlist"),
        ),
        (
            gettext_lazy("Balance"),
            gettext_lazy("What a leave year of full time gives. Part-time people get their share."),
            (
                "keeps_balance", "year_minutes", "accrual", "in_arrears", "year_month", "year_day",
                "pay_period_days", "pay_periods_from", "carries", "carried_month", "carried_day",
                "overdraws",
            ),
        ),
    )  # fmt: skip

    class Meta:
        model = LeaveKind
        fields = (
            "site", "name", "is_active", "is_paid", "decides", "notice_days", "longest_run",
            "under_allowance", "waitlist", "keeps_balance", "year_minutes", "accrual",
            "in_arrears", "year_month", "year_day", "pay_period_days", "pay_periods_from",
            "carries", "carried_month", "carried_day", "overdraws",
        )  # fmt: skip
        help_texts = {
            "under_allowance": gettext_lazy("Off: neither asks for room nor takes any."),
            "waitlist": gettext_lazy("Off: refused where no room is left."),
            "in_arrears": gettext_lazy("Comes after its period, not with it."),
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        # A new kind begins with what goes without saying.
        for field in LeaveKind._meta.concrete_fields:
            if field.name in self.fields and field.has_default():
                self.fields[field.name].initial = field.get_default()
        self.dress()

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        for name in ("year_minutes", "overdraws"):
            if said.get(name) is None and name not in self.errors:
                said[name] = 0
        month, day = said.get("carried_month"), said.get("carried_day")
        if not {"carried_month", "carried_day"} & set(self.errors):
            if (month is None) != (day is None):
                at = "carried_day" if day is None else "carried_month"
                self.add_error(at, _("Say the month and the day, or neither."))
            elif month is not None and day is not None:
                try:
                    date(2024, month, day)
                except ValueError:
                    self.add_error("carried_day", _("This month has no such day."))
        return said


class OpeningForm(RowForm):
    """What somebody has left of a kind when a day begins."""

    day = date_field(
        label=gettext_lazy("Day"),
        help_text=gettext_lazy("What is left as it begins. What was before it counts no more."),
    )
    minutes = SignedHoursField(most=YEAR_MINUTES, required=True, label=gettext_lazy("Hours left"))
    carried = HoursField(
        most=YEAR_MINUTES,
        label=gettext_lazy("Of which carried over"),
        help_text=gettext_lazy("From the leave year before: it lapses as such."),
    )

    class Meta:
        model = LeaveOpening
        fields = ("agent", "kind", "day", "minutes", "carried", "reason")
        labels = {"agent": gettext_lazy("Who")}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        there = self.instance.agent.site_id if self.instance.pk else None
        people = reach.people_planned_by(user)
        kinds = LeaveKind.objects.managed_by(user).filter(keeps_balance=True)
        agent, kind = self.fields["agent"], self.fields["kind"]
        assert isinstance(agent, forms.ModelChoiceField)
        assert isinstance(kind, forms.ModelChoiceField)
        if there is not None:
            people, kinds = people.filter(site=there), kinds.filter(site=there)
        site = there or self.initial.get("site")
        offer(agent, people, site, _("choose"))
        offer(kind, kinds, site, _("choose"))
        self.dress()

    @property
    def plain(self) -> list[forms.BoundField]:
        return list(self)

    def clean_reason(self) -> str:
        return masked(self.cleaned_data["reason"])

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("carried") is None and "carried" not in self.errors:
            said["carried"] = 0
        left, carried = said.get("minutes"), said.get("carried") or 0
        if left is not None and carried and carried > left:
            self.add_error("carried", _("No more was carried over than is left."))
        return said


class RulesForm(Grouped, RowForm):
    """How many of a site may be away, and who goes first."""

    is_there = True  # where none was said the defaults hold

    full_week_minutes = HoursField(
        most=7 * MINUTES,
        required=True,
        label=gettext_lazy("Hours a week of full time"),
        help_text=gettext_lazy("Of whom no contract says it; part-time shares are of it."),
    )

    grouped = (
        (
            gettext_lazy("By forecast"),
            gettext_lazy(
                "To spare is what people would work, less what calls need over what other "
                "shrinkage leaves. Shares are 0 to 1 of what people would work."
            ),
            ("other_shrinkage", "planned_share", "most_share"),
        ),
    )

    class Meta:
        model = LeaveRules
        fields = (
            "measure", "people", "order", "full_week_minutes", "other_shrinkage", "planned_share",
            "most_share",
        )  # fmt: skip
        help_texts = {
            "people": gettext_lazy("Where it is a fixed number. Half a day is half a person."),
            "other_shrinkage": gettext_lazy("Sickness, pauses, training: all but leave."),
            "planned_share": gettext_lazy("Granted however busy a day is, forecast or not yet."),
            "most_share": gettext_lazy("Never more than that."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dress()

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        planned, most = said.get("planned_share"), said.get("most_share")
        if planned is not None and most is not None and planned > most:
            self.add_error("planned_share", _("The planned share is no more than the most."))
        if said.get("other_shrinkage") == 1:
            self.add_error("other_shrinkage", _("Less than all of it."))
        if said.get("full_week_minutes") == 0:
            self.add_error("full_week_minutes", _("A week has some hours."))
        return said


class DaysForm(Dressed, forms.Form):
    """How many may be away on some days, by a planner's word."""

    first = date_field(label=gettext_lazy("First day"))
    last = date_field(
        label=gettext_lazy("Last day"),
        required=False,
        help_text=gettext_lazy("Empty: the first day alone."),
    )
    people = forms.DecimalField(
        label=gettext_lazy("People"),
        required=False,
        min_value=0,
        max_value=10_000,
        decimal_places=1,
        help_text=gettext_lazy("Empty: closed. What is asked for is refused, and does not wait."),
    )
    reason = forms.CharField(label=gettext_lazy("Why"), required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dress()

    def clean_reason(self) -> str:
        return masked(self.cleaned_data["reason"])

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        first = said.get("first")
        last = said["last"] = said.get("last") or first
        if first and last:
            if last < first:
                self.add_error("last", _("It ends before it begins."))
            elif last - first >= timedelta(days=MOST_DAYS_SAID):
                told = {"most": MOST_DAYS_SAID}
                self.add_error("last", _("At most %(most)s days at a time.") % told)
        return said
