"""The form of a shift template."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.models import User
from ccm.structure.forms import (
    WEEKDAYS,
    NameField,
)
from scheduling.models import (
    ShiftTemplate,
)
from scheduling.models.terms import DAYS
from scheduling.planned.forms import PlannedForm
from scheduling.shifts.days import MINUTES
from scheduling.terms import words
from scheduling.terms.fields import ClockField, HoursField, LengthsField, PausesField
from scheduling.terms.forms.grouped import Grouped


class TemplateForm(Grouped, PlannedForm):
    name = NameField(
        label=gettext_lazy("Name"),
        max_length=60,
        help_text=gettext_lazy("As Early, Late, Night, Standby."),
    )
    first_start = ClockField(label=gettext_lazy("First start"))
    last_start = ClockField(
        label=gettext_lazy("Last start"),
        required=False,
        help_text=gettext_lazy("Empty: it has one start."),
    )
    step_minutes = forms.TypedChoiceField(
        label=gettext_lazy("Starts every"),
        choices=[(one, words.hours(one)) for one in (5, 10, 15, 30, 60, 120)],
        coerce=int,
        initial=30,
    )
    lengths = LengthsField(
        label=gettext_lazy("Length"),
        help_text=gettext_lazy("With its pauses. Several: 8:00, 9:00."),
    )
    gap = HoursField(
        most=MINUTES,
        label=gettext_lazy("Then off for"),
        help_text=gettext_lazy("Of a split shift: unpaid hours after the length."),
    )
    again = HoursField(most=MINUTES, label=gettext_lazy("And works again for"))
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Weekdays"),
        choices=list(enumerate(WEEKDAYS)),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        initial=list(range(DAYS)),
        error_messages={"required": gettext_lazy("On which weekdays is it?")},
    )
    pauses = PausesField()

    class Meta:
        model = ShiftTemplate
        fields = (
            "site", "name", "kind", "first_start", "last_start", "step_minutes", "lengths", "gap",
            "again", "weekdays", "pauses", "colour", "is_active",
        )  # fmt: skip
        help_texts = {
            "is_active": gettext_lazy("Shifts that are not in use are given to nobody any more."),
            "kind": gettext_lazy("On call covers nothing, and is paid by its own rule."),
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        if self.instance.spells:
            (since, to), (again, end) = self.instance.spells
            self.initial.update(lengths=[to - since], gap=again - to, again=end - again)
        if self.instance.pk and self.instance.first_start == self.instance.last_start:
            self.initial["last_start"] = None
        self.dress()

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("first_start") is not None and "last_start" not in self.errors:
            if said.get("last_start") is None:
                said["last_start"] = said["first_start"]
            self._clean_steps(said)
        if "lengths" in said and "gap" in said and "again" in said:
            self._clean_lengths(said)
        self._doubt_out_of_use(said)
        return said

    def _clean_steps(self, said: dict[str, Any]) -> None:
        first, last, step = said["first_start"], said["last_start"], said.get("step_minutes")
        if last < first:
            self.add_error("last_start", _("The last start is not before the first."))
        elif step and (last - first) % step:
            near = last - (last - first) % step
            told = {"step": words.hours(step), "before": words.clock(near)}
            told["after"] = words.clock(near + step)
            message = _("Every %(step)s it starts at %(before)s, and then at %(after)s.")
            self.add_error("last_start", message % told)

    def _clean_lengths(self, said: dict[str, Any]) -> None:
        lengths, gap, again = said["lengths"], said["gap"], said["again"]
        if (gap is None) != (again is None) or 0 in (gap, again):
            self.add_error("again" if gap else "gap", _("Say both of a split shift, or neither."))
            return
        self.instance.spells = []
        spells = [[(0, length)] for length in lengths]
        if gap is not None:
            if len(lengths) != 1:
                self.add_error("lengths", _("A split shift has one length before its hours off."))
                return
            [length] = lengths
            spells = [[(0, length), (length + gap, length + gap + again)]]
            if spells[0][-1][1] > MINUTES:
                self.add_error("again", _("A shift is no longer than a day."))
                return
            said["lengths"] = []
            self.instance.spells = [[*one] for one in spells[0]]
        for pause in said.get("pauses") or ():
            if not all(_fits(pause, one) for one in spells):
                message = _("%(name)s does not end within the shift.")
                self.add_error("pauses", message % {"name": pause["name"]})

    def _doubt_out_of_use(self, said: dict[str, Any]) -> None:
        ends = "is_active" in self.changed_data and not said.get("is_active")
        if self.instance.pk and ends and self.instance.rotation_days.exists():
            self.doubt([_("Rotations have days of it, which will be off. Is that meant?")])


def _fits(pause: Mapping[str, Any], spells: Sequence[tuple[int, int]]) -> bool:
    """Whether a pause lies within one spell of a shift, wherever in its window it begins."""
    return any(
        since <= pause["earliest"] and pause["latest"] + pause["minutes"] <= to
        for since, to in spells
    )
