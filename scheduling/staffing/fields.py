"""Inputs that several forms of staffing have."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from ccm.masking import masked
from scheduling.staffing import shrinkage
from scheduling.staffing.shrinkage import Kind, Shrinkage

SUM, REST = "sum", "rest"


class KindsField(forms.CharField):
    """Kinds of shrinkage, or one number, in percent."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            label=gettext_lazy("Shrinkage, %"),
            required=False,
            max_length=600,
            help_text=gettext_lazy(
                "Paid time that is not for calls: 30, or by kind: leave 12 + sickness 5.5."
            ),
            **more,
        )

    def clean(self, value: Any) -> tuple[Kind, ...]:
        text = masked(super().clean(value))
        try:
            return shrinkage.read(text)
        except ValueError as why:
            raise forms.ValidationError(str(why)) from why


def together_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=gettext_lazy("Several kinds"),
        choices=[
            (SUM, gettext_lazy("of the same time: they add up")),
            (REST, gettext_lazy("each of what the ones before left")),
        ],
        required=False,
    )


def as_one(form: forms.BaseForm) -> Shrinkage:
    """What both fields of a form say; an error at the first where they leave no time."""
    kinds = form.cleaned_data.get("shrinkage") or ()
    found = Shrinkage(kinds, form.cleaned_data.get("together") == REST)
    try:
        return shrinkage.checked(found)
    except ValueError as why:
        form.add_error("shrinkage", str(why))
        return Shrinkage()
