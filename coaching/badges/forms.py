"""What is asked of a rule of badges."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.models import Site
from ccm.structure.forms import Dressed, NameField
from coaching.badges.services import Asked
from coaching.models import BadgeRule

Kind = BadgeRule.Kind
_MOST = {Kind.YEARS: 60, Kind.CALLS: 10_000_000, Kind.REVIEWS: 60}


class BadgeForm(Dressed, forms.Form):
    """What a badge of a site is for."""

    name = NameField(label=gettext_lazy("Name"), max_length=80)
    kind = forms.ChoiceField(label=gettext_lazy("For"), choices=Kind.choices)
    number = forms.IntegerField(
        label=gettext_lazy("How many"),
        min_value=1,
        help_text=gettext_lazy("Years, calls, or months."),
    )
    percent = forms.IntegerField(
        label=gettext_lazy("Each review of at least, %"), min_value=1, max_value=100, initial=90,
        required=False, help_text=gettext_lazy("Of reviews alone."),
    )  # fmt: skip
    fewest = forms.IntegerField(
        label=gettext_lazy("Reviews a month, at least"), min_value=1, max_value=100, initial=3,
        required=False, help_text=gettext_lazy("Of reviews alone."),
    )  # fmt: skip

    def __init__(self, site: Site, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.site = site
        self.dress()

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        kind, number = said.get("kind"), said.get("number")
        if kind is not None and number is not None and number > (most := _MOST[Kind(kind)]):
            self.add_error("number", _("At most %(n)d.") % {"n": most})
        if kind == Kind.REVIEWS:
            for name in ("percent", "fewest"):
                if name not in self.errors and said.get(name) is None:
                    self.add_error(name, _("Say which reviews."))
        return said

    def asked(self) -> Asked:
        """The rule that a valid form says."""
        said = self.cleaned_data
        is_of_reviews = said["kind"] == Kind.REVIEWS
        return Asked(
            self.site,
            said["name"],
            said["kind"],
            said["number"],
            said["percent"] if is_of_reviews else None,
            said["fewest"] if is_of_reviews else None,
        )
