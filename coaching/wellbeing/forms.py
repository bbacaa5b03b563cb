"""What a site is asked of its limits."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from ccm.structure.forms import Dressed
from coaching.models import WellbeingLimits
from coaching.wellbeing.services import SAID


class LimitsForm(Dressed, forms.ModelForm):
    """From where on a day is a sign. `revision` is that of what it was drawn with."""

    asked_revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = WellbeingLimits
        fields = SAID

    def __init__(self, row: WellbeingLimits, data: QueryDict | None = None) -> None:
        super().__init__(data, instance=row, initial={"asked_revision": row.revision})
        for name in SAID[:-1]:
            self.fields[name].help_text = gettext_lazy("Empty: it is not looked for.")
        self.dress()

    @property
    def seen(self) -> int:
        found = self.cleaned_data.get("asked_revision")
        return -1 if found is None else int(found)

    def said(self) -> dict[str, Any]:
        """What a valid form says."""
        return {name: self.cleaned_data[name] for name in SAID}
