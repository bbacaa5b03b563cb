"""The forms of rosters: a new draft, and how long it is looked for."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.masking import masked
from ccm.models import Site
from ccm.structure.forms import Dressed, date_field
from scheduling.models import KeptRoster, QueueGroup
from scheduling.models.rosters import FEWEST_SECONDS, MOST_SECONDS

_WEEKS = [(7 * n, str(n)) for n in (1, 2, 3, 4, 6, 8)]


class RosterForm(Dressed, forms.ModelForm):
    """A draft of a site: when it begins, how many weeks it has, and for whom it is."""

    first_day = date_field(label=gettext_lazy("First day"))
    days = forms.TypedChoiceField(label=gettext_lazy("Weeks"), choices=_WEEKS, coerce=int)

    class Meta:
        model = KeptRoster
        fields = ("site", "first_day", "days", "group", "note")
        labels = {"site": gettext_lazy("Site"), "note": gettext_lazy("Note")}
        help_texts = {"group": gettext_lazy("Of a group, only who serves it is given shifts.")}

    def __init__(self, *args: Any, sites: QuerySet[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        site, group = self.fields["site"], self.fields["group"]
        assert isinstance(site, forms.ModelChoiceField)
        assert isinstance(group, forms.ModelChoiceField)
        site.queryset = sites
        site.empty_label = None
        group.empty_label = _("all queues")
        group.queryset = QueueGroup.objects.filter(site__in=sites).order_by("name")
        self.dress()

    def clean_note(self) -> str:
        return masked(self.cleaned_data["note"])


class MakingForm(Dressed, forms.Form):
    """How long a roster is looked for."""

    seconds = forms.IntegerField(
        label=gettext_lazy("Seconds to look for it"),
        min_value=FEWEST_SECONDS,
        max_value=MOST_SECONDS,
        initial=60,
        help_text=gettext_lazy("The longer, the nearer to the best there is."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dress()
