"""Inputs that forms of the terms of work have."""

from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scheduling.models.terms import GRID
from scheduling.shifts.days import MINUTES
from scheduling.terms import words

Words = Any
_MOST_PAUSES = 8
_LONGEST_NAME = 40


class ClockField(forms.TimeField):
    """A time of the clock, kept as minutes since midnight."""

    def __init__(self, **more: Any) -> None:
        widget = forms.TimeInput(format="%H:%M", attrs={"type": "time", "step": GRID * 60})
        super().__init__(**{"widget": widget} | more)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            return time(value // 60 % 24, value % 60)
        return value

    def clean(self, value: Any) -> Any:
        at = super().clean(value)
        if at is None:
            return None
        minute = at.hour * 60 + at.minute
        if minute % GRID:
            raise forms.ValidationError(_("Times are by five minutes."))
        return minute

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class HoursField(forms.CharField):
    """Hours, "7:30" or "8", kept as minutes."""

    def __init__(self, *, most: int, **more: Any) -> None:
        super().__init__(**{"max_length": 8, "required": False} | more)
        self.most = most

    def prepare_value(self, value: Any) -> Any:
        return words.hours(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        minutes = _minutes(text)
        if minutes > self.most:
            raise forms.ValidationError(_("At most %(hours)s.") % {"hours": words.hours(self.most)})
        return minutes

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class LengthsField(forms.CharField):
    """One or several lengths of a shift, "8:00, 9:00", kept as minutes."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**{"max_length": 80} | more)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(words.hours, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        found = sorted({_on_grid(_minutes(part)) for part in text.split(",") if part.strip()})
        if any(not 0 < one <= MINUTES for one in found):
            raise forms.ValidationError(_("A shift is no longer than a day."))
        return found


class PausesField(forms.CharField):
    """Pauses, a line each: "Lunch 30 min 3:00-5:00"."""

    def __init__(self, **more: Any) -> None:
        hint = gettext_lazy(
            "A line each: Lunch 30 min 3:00-5:00. It may begin from three hours after the shift's "
            "beginning to five. Add “paid” where it counts as worked."
        )
        given: dict[str, Any] = {
            "label": gettext_lazy("Pauses"),
            "required": False,
            "max_length": 800,
            "help_text": hint,
            "widget": forms.Textarea(attrs={"rows": 3}),
        }
        super().__init__(**given | more)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(words.pause, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        try:
            found = words.pauses_of(super().clean(value))
        except ValueError as line:
            said = _("“%(line)s” is no pause. Write: Lunch 30 min 3:00-5:00")
            raise forms.ValidationError(said % {"line": line}) from line
        if len(found) > _MOST_PAUSES:
            raise forms.ValidationError(_("At most %(most)s pauses.") % {"most": _MOST_PAUSES})
        for one in found:
            self._check(one)
        return found

    @staticmethod
    def _check(one: dict[str, Any]) -> None:
        if len(one["name"]) > _LONGEST_NAME:
            raise forms.ValidationError(
                _("A pause's name has at most %(most)s letters.") % {"most": _LONGEST_NAME}
            )
        for minutes in (one["minutes"], one["earliest"], one["latest"]):
            _on_grid(minutes)
        if not one["minutes"]:
            raise forms.ValidationError(_("A pause takes some minutes."))
        if one["latest"] < one["earliest"]:
            told = {"name": one["name"]}
            raise forms.ValidationError(_("%(name)s ends its window before it begins.") % told)


def _minutes(text: str) -> int:
    try:
        return words.minutes_of(text)
    except ValueError as wrong:
        said = _("“%(text)s” is no number of hours. Write 7:30 or 8.")
        raise forms.ValidationError(said % {"text": wrong}) from wrong


def _on_grid(minutes: int) -> int:
    if minutes % GRID:
        raise forms.ValidationError(_("Lengths are by five minutes."))
    return minutes
