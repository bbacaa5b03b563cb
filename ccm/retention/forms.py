"""The form of a rule of retention."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ccm.models import RetentionKind, Site
from ccm.retention import rules


class RuleForm(forms.Form):
    kind = forms.ChoiceField(label=_("What"), choices=RetentionKind.choices)
    site = forms.ModelChoiceField(Site.objects.all(), label=_("Site"), required=False)
    days = forms.IntegerField(
        label=_("Days kept"), required=False, min_value=1, max_value=rules.MOST,
        help_text=_("Empty: it is kept for ever. Calls, and what agents did: 90 days or more,"
                    " the audit log 365."),
    )  # fmt: skip
    starts_on = forms.DateField(
        label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._today = today
        site = self.fields["site"]
        assert isinstance(site, forms.ModelChoiceField)
        site.empty_label = str(_("All sites"))

    def clean_starts_on(self) -> date:
        """Raises ValidationError for a day that is over."""
        day: date = self.cleaned_data["starts_on"]
        if not self._today <= day <= date(self._today.year + 10, 1, 1):
            raise forms.ValidationError(_("A rule begins today or later, within ten years."))
        return day

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("kind") == RetentionKind.AUDIT and said.get("site"):
            self.add_error("site", rules.ONE_LOG)
        if "kind" in said and "days" in said and (words := rules.fault(said["kind"], said["days"])):
            self.add_error("days", words)
        return said
