"""The forms of trades: a shift that one offers, and shifts that planners post."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.masking import masked
from ccm.models import Agent
from ccm.structure.forms import Dressed, date_field
from scheduling.models import KeptRoster, ShiftTemplate, Trade
from scheduling.shifts.days import MINUTES
from scheduling.terms.fields import ClockField, HoursField
from scheduling.trades.services import MOST_AT_ONCE

_OFFERS = (
    (Trade.Kind.COVER.value, gettext_lazy("Somebody else takes it")),
    (Trade.Kind.SWAP.value, gettext_lazy("Somebody gives me one of theirs for it")),
    (Trade.Kind.GIVE_UP.value, gettext_lazy("Nobody takes it: I give it up")),
)


class OfferForm(Dressed, forms.Form):
    """What becomes of a shift, and whom it is offered to."""

    kind = forms.ChoiceField(label=gettext_lazy("What is to become of it"), choices=_OFFERS)
    to = forms.ModelChoiceField(
        label=gettext_lazy("Offered to"), queryset=Agent.objects.none(), required=False
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Whom it is offered to reads it, and who decides."),
    )

    def __init__(
        self,
        *args: Any,
        colleagues: QuerySet[Any],
        only_given_up: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        if only_given_up:
            # Of a shift with training in it nothing else can become.
            del self.fields["to"]
            kind = self.fields["kind"]
            assert isinstance(kind, forms.ChoiceField)
            kind.choices = _OFFERS[-1:]
            self.fields["note"].help_text = _("Who decides reads it.")
            self.dress()
            return
        to = self.fields["to"]
        assert isinstance(to, forms.ModelChoiceField)
        to.queryset = colleagues
        to.empty_label = _("anybody who may take it")
        self.dress()

    def clean_note(self) -> str:
        return masked(self.cleaned_data["note"])


class DecisionForm(forms.Form):
    """Why somebody decides as they do."""

    reason = forms.CharField(max_length=300, required=False)

    def clean_reason(self) -> str:
        return masked(self.cleaned_data["reason"]).strip()


class _RosterField(forms.ModelChoiceField):
    def label_from_instance(self, roster: Any) -> str:
        first = date_format(roster.first_day, "D j M")
        said = f"{first} – {date_format(roster.last_day, 'D j M Y')}"
        return said if roster.group is None else f"{said}, {roster.group.name}"


class OpenForm(Dressed, forms.Form):
    """Open shifts of a published roster, of one site."""

    roster = _RosterField(
        label=gettext_lazy("Roster"), queryset=KeptRoster.objects.none(), empty_label=None
    )
    day = date_field(label=gettext_lazy("Day"))
    template = forms.ModelChoiceField(
        label=gettext_lazy("Kind of shift"),
        queryset=ShiftTemplate.objects.none(),
        empty_label=None,
    )
    start = ClockField(label=gettext_lazy("Begins at"))
    length = HoursField(
        most=MINUTES,
        required=True,
        label=gettext_lazy("Length"),
        help_text=gettext_lazy("In hours, as 8 or 7:30; a split shift has its own."),
    )
    many = forms.IntegerField(
        label=gettext_lazy("How many"), min_value=1, max_value=MOST_AT_ONCE, initial=1
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)

    def __init__(
        self, *args: Any, rosters: QuerySet[KeptRoster], templates: QuerySet[Any], **more: Any
    ) -> None:
        super().__init__(*args, **more)
        for name, rows in (("roster", rosters), ("template", templates)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows
        self.dress()

    def clean_note(self) -> str:
        return masked(self.cleaned_data["note"])

    def clean_length(self) -> int:
        minutes: int = self.cleaned_data["length"]
        if not minutes:
            raise forms.ValidationError(_("A shift has some length."))
        return minutes

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        roster: KeptRoster | None = said.get("roster")
        day: date | None = said.get("day")
        if roster and day and not roster.first_day <= day <= roster.last_day:
            self.add_error("day", _("The roster does not have this day."))
        return said
