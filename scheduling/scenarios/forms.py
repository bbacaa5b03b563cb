"""What a scenario asks. Whatever is left empty is as it is; of how it is, what no record knows."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.models import Queue
from ccm.structure.forms import HoursForm, NameField
from scheduling.calculator.forms import ANY_CURRENCY, SecondsField
from scheduling.models import Scenario
from scheduling.scenarios.people import month_of
from scheduling.scenarios.record import MOST_ATTRITION

_HUNDRED = Decimal(100)
_DAY_SECONDS = 86_400
_MOST_MONTHS, _MOST_STEPS, _MOST_HIRES = 18, 12, 10_000


class PercentField(forms.DecimalField):
    """A share of 0 to 1, which people write as a per cent."""

    def __init__(self, *, least: str, most: str, **more: Any) -> None:
        super().__init__(
            min_value=Decimal(least),
            max_value=Decimal(most),
            decimal_places=2,
            required=False,
            **more,
        )

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            return f"{(value * _HUNDRED).normalize():f}"
        return value

    def clean(self, value: Any) -> Any:
        percent = super().clean(value)
        return None if percent is None else percent / _HUNDRED


class RampField(forms.CharField):
    """Shares of the first months after training, in per cent: 50, 80."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return ", ".join(f"{(one * _HUNDRED).normalize():f}" for one in value)
        return value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text.strip():
            return None
        found = []
        for part in text.replace("%", " ").replace(";", ",").split(","):
            try:
                percent = Decimal(part.strip())
            except InvalidOperation:
                percent = Decimal(0)
            # A percentage that is none compares with nothing.
            if not percent.is_finite() or not 1 <= percent <= _HUNDRED:
                raise forms.ValidationError(
                    _("Write per cents of 1 to 100 with commas between, one a month: 50, 80.")
                )
            found.append(round(percent / _HUNDRED, 3))
        if len(found) > _MOST_STEPS:
            raise forms.ValidationError(_("At most 12 months."))
        return found


def _whole(label: Any, most: int, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=most, required=False, **more)


class ScenarioForm(HoursForm):
    """A scenario of a site, with some of its queues or all; `months` are those in which somebody
    can begin who was not counted yet."""

    hours_field = "hours"

    volume = PercentField(
        label=gettext_lazy("Calls, % more or fewer"),
        least="-95",
        most="900",
        help_text=gettext_lazy("10 is a tenth more, -10 a tenth fewer."),
    )
    growth = PercentField(
        label=gettext_lazy("and each month, %"),
        least="-20",
        most="20",
        help_text=gettext_lazy("Beside what is forecast, each month on top of the one before."),
    )
    aht = PercentField(
        label=gettext_lazy("Handle time, % longer or shorter"), least="-90", most="400"
    )
    aht_seconds = SecondsField(
        label=gettext_lazy("or handle time of all calls"),
        least=1,
        most=_DAY_SECONDS,
        required=False,
        help_text=gettext_lazy("Seconds, or m:ss."),
    )
    service_level = PercentField(label=gettext_lazy("Service level, %"), least="1", most="99.99")
    target_seconds = SecondsField(
        label=gettext_lazy("within"), least=0, most=_DAY_SECONDS, required=False
    )
    patience_seconds = SecondsField(
        label=gettext_lazy("Patience"),
        least=1,
        most=_DAY_SECONDS,
        required=False,
        help_text=gettext_lazy("How long callers would wait, on average; seconds, or m:ss."),
    )
    occupancy = PercentField(label=gettext_lazy("Occupancy at most, %"), least="1", most="100")
    moved = PercentField(
        label=gettext_lazy("Calls of hours that close come in others, %"),
        least="0",
        most="100",
        help_text=gettext_lazy("Empty: all of them."),
    )
    beside = PercentField(
        label=gettext_lazy("A new hour has, % of the nearest old one"),
        least="0",
        most="300",
        help_text=gettext_lazy("No history tells how many would call then. Empty: none."),
    )
    fte = forms.DecimalField(
        label=gettext_lazy("People, FTE"),
        help_text=gettext_lazy("Who are there when the first month ahead begins."),
        min_value=0,
        max_value=100_000,
        decimal_places=2,
        required=False,
    )
    paid_hours = forms.DecimalField(
        label=gettext_lazy("Paid hours of one in a month"),
        min_value=1,
        max_value=744,
        decimal_places=1,
        required=False,
    )
    shrinkage = PercentField(
        label=gettext_lazy("Shrinkage, %"),
        least="0",
        most="95",
        help_text=gettext_lazy("Of paid time, what is not for calls."),
    )
    attrition = PercentField(
        label=gettext_lazy("Leave in a month, %"), least="0", most=f"{MOST_ATTRITION * 100:g}"
    )
    overtime = PercentField(
        label=gettext_lazy("Overtime at most, %"),
        least="0",
        most="100",
        help_text=gettext_lazy("Of paid time, worked beyond it."),
    )
    cost_per_hour = forms.DecimalField(
        label=gettext_lazy("Cost of a paid hour"),
        min_value=0,
        max_value=1_000_000,
        decimal_places=2,
        required=False,
    )
    lead_weeks = _whole(
        gettext_lazy("Weeks to recruit somebody"),
        52,
        help_text=gettext_lazy("From the decision to the first day."),
    )
    training_months = _whole(
        gettext_lazy("Months of training"),
        _MOST_MONTHS,
        help_text=gettext_lazy("Paid, and without calls."),
    )
    ramp = RampField(
        label=gettext_lazy("then does, % by month"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("Of what others do, in the months after it: 50, 80."),
    )

    CALLS = ("volume", "growth", "aht", "aht_seconds")
    SERVICE = ("service_level", "target_seconds", "patience_seconds", "occupancy")
    OPENING = ("moved", "beside")
    PEOPLE = ("fte", "paid_hours", "shrinkage", "attrition", "overtime", "cost_per_hour")
    NEW = ("lead_weeks", "training_months", "ramp")

    class Meta:
        model = Scenario
        fields = (
            "name", "note", "queues", "volume", "growth", "aht", "aht_seconds", "service_level",
            "target_seconds", "patience_seconds", "occupancy", "moved", "beside", "fte",
            "paid_hours", "shrinkage", "attrition", "overtime", "cost_per_hour", "lead_weeks",
            "training_months", "ramp",
        )  # fmt: skip
        field_classes = {"name": NameField}
        widgets = {"queues": forms.CheckboxSelectMultiple}

    def __init__(
        self,
        *args: Any,
        queues: QuerySet[Queue],
        months: Sequence[date],
        known: Mapping[str, str],
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        if self.instance.is_base:
            days = tuple(f"day{day}" for day in range(7))
            for name in ("queues", *self.CALLS, *self.SERVICE, *self.OPENING, *days):
                del self.fields[name]
        else:
            choice = self.fields["queues"]
            assert isinstance(choice, forms.ModelMultipleChoiceField)
            choice.queryset = queues
            choice.required = False
            choice.help_text = _("None ticked: all of the site.")
            choice.error_messages["invalid_choice"] = _("There is no such queue at this site.")
        self.months = list(months)
        for first in self.months:
            self.fields[_hire(first)] = _whole(
                date_format(first, "M Y"),
                _MOST_HIRES,
                initial=self.instance.hires.get(month_of(first)),
            )
        cost = self.fields["cost_per_hour"]
        if currency := self.instance.site.currency:
            cost.label = _("Cost of a paid hour, %(currency)s") % {"currency": currency}
        else:
            cost.help_text = ANY_CURRENCY
        for name, words in known.items():
            if name in self.fields:
                self.fields[name].widget.attrs["placeholder"] = words
        self.dress()

    def _get_validation_exclusions(self) -> set[str]:
        """Whose scenario it is takes part in what must never be false."""
        return super()._get_validation_exclusions() - {"site", "is_base", "hours"}

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("aht") is not None and said.get("aht_seconds") is not None:
            self.add_error("aht_seconds", _("Say one of the two: by how much, or how long."))
        told = {month_of(first): said.get(_hire(first)) for first in self.months}
        self.instance.hires = {month: many for month, many in told.items() if many}
        return said

    @property
    def queues_chosen(self) -> list[Queue]:
        return list(self.cleaned_data.get("queues") or ())

    def parts(self) -> list[tuple[str, list[forms.BoundField]]]:
        """What it asks, by what it is about."""
        every = [
            (_("Calls"), self.CALLS),
            (_("Service"), self.SERVICE),
            (_("People"), self.PEOPLE),
            (_("New people"), self.NEW),
        ]
        return [
            (words, [self[name] for name in names if name in self.fields])
            for words, names in every
            if names[0] in self.fields
        ]

    def opening(self) -> list[forms.BoundField]:
        return [self[name] for name in self.OPENING if name in self.fields]

    def hires(self) -> list[forms.BoundField]:
        return [self[_hire(first)] for first in self.months]

    @property
    def changes_hours(self) -> bool:
        """Whether its opening hours are to be seen at once."""
        names = (*(f"day{day}" for day in range(7)), *self.OPENING)
        return any(
            name in self.fields and (self[name].value() or name in self.errors) for name in names
        )

    @property
    def has_hires(self) -> bool:
        return any(
            self[_hire(first)].value() or _hire(first) in self.errors for first in self.months
        )


def _hire(first: date) -> str:
    return f"hire_{first:%Y_%m}"
