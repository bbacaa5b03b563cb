"""What is asked of a file for analysts."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm import days_asked, pseudonyms
from ccm.days_asked import Misdated
from ccm.models import Site


class AnalystsForm(forms.Form):
    site = forms.ModelChoiceField(Site.objects.none(), label=gettext_lazy("Site"), empty_label=None)
    first = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput(format="%Y-%m-%d"))
    last = forms.DateField(label=gettext_lazy("To"), widget=forms.DateInput(format="%Y-%m-%d"))
    precision = forms.ChoiceField(
        label=gettext_lazy("Times"), choices=[*pseudonyms.PRECISIONS.items()]
    )
    key = forms.CharField(
        label=gettext_lazy("Key"), required=False, strip=False,
        min_length=pseudonyms.SHORTEST_KEY, max_length=pseudonyms.LONGEST_KEY,
        help_text=gettext_lazy(
            "Empty: a new one that nobody keeps. With the same key two files have the same"
            " pseudonyms: it is kept nowhere here."
        ),
    )  # fmt: skip

    def __init__(self, *args: Any, sites: QuerySet[Site], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._today = today
        site = self.fields["site"]
        assert isinstance(site, forms.ModelChoiceField)
        site.queryset = sites

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError for days that are too many, or have not come."""
        said = super().clean() or self.cleaned_data
        if "first" in said and "last" in said:
            try:
                days_asked.span(said["first"].isoformat(), said["last"].isoformat(), self._today)
            except Misdated as why:
                self.add_error("last", str(why) or _("These days cannot be."))
        return said
