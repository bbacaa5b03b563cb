"""What is asked of a team's points."""

from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext, gettext_lazy

from ccm.structure.forms import Dressed, date_field
from coaching.models import PointsRule
from coaching.points.services import SAID


class PointsForm(Dressed, forms.ModelForm):
    """What things are worth. `seen` is the revision of what it was drawn with."""

    asked_revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    starts_on = date_field(
        label=gettext_lazy("Counted from"),
        help_text=gettext_lazy("Today begins anew for everybody at once."),
    )

    class Meta:
        model = PointsRule
        fields = SAID

    def __init__(self, row: PointsRule, today: date, data: QueryDict | None = None) -> None:
        super().__init__(data, instance=row, initial={"asked_revision": row.revision})
        self.today = today
        self.dress()

    def clean_starts_on(self) -> date:
        day: date = self.cleaned_data["starts_on"]
        if day > self.today:
            raise forms.ValidationError(gettext("Nothing is counted from a day to come."))
        return day

    @property
    def seen(self) -> int:
        found = self.cleaned_data.get("asked_revision")
        return -1 if found is None else int(found)

    def said(self) -> dict[str, Any]:
        """What a valid form says."""
        return {name: self.cleaned_data[name] for name in SAID}
