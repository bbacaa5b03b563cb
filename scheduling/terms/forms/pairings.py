"""The form of a pairing."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.masking import masked
from ccm.models import User
from ccm.structure.forms import (
    RowForm,
    date_field,
    offer,
)
from scheduling.models import (
    Pairing,
)
from scheduling.terms import reach


class PairingForm(RowForm):
    together = forms.TypedChoiceField(
        label=gettext_lazy("They work"),
        choices=[
            ("yes", gettext_lazy("the same shifts")),
            ("no", gettext_lazy("never the same shift")),
        ],
        coerce=lambda value: value == "yes",
    )
    starts_on = date_field(label=gettext_lazy("From"))
    ends_on = date_field(
        label=gettext_lazy("Until before"),
        required=False,
        may_be_open=True,
        help_text=gettext_lazy("Empty: until it is changed."),
    )

    class Meta:
        model = Pairing
        fields = ("one", "other", "together", "starts_on", "ends_on", "note")
        labels = {"one": gettext_lazy("Who"), "other": gettext_lazy("With whom")}
        help_texts = {"note": gettext_lazy("Both may read it.")}

    # A pair is written in one order, which its form does not know.
    left_to_services = frozenset({"one", "other"})

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = reach.people_planned_by(user)
        site = self.instance.one.site_id if self.instance.pk else self.initial.get("site")
        if self.instance.pk:
            people = people.filter(site=site)
            self.initial["together"] = "yes" if self.instance.together else "no"
        for name in ("one", "other"):
            choice = self.fields[name]
            assert isinstance(choice, forms.ModelChoiceField)
            offer(choice, people, site, _("choose"), by_team=False)
        self.dress()

    @property
    def plain(self) -> list[forms.BoundField]:
        return list(self)

    def clean_note(self) -> str:
        return masked(self.cleaned_data["note"])

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        one, other = said.get("one"), said.get("other")
        if one is not None and other is not None:
            if one == other:
                self.add_error("other", _("A pair is two people."))
            elif one.site_id != other.site_id:
                message = _("%(name)s is of another site: %(site)s.")
                self.add_error("other", message % {"name": other, "site": other.site})
        if said.get("ends_on") and said.get("starts_on") and said["ends_on"] <= said["starts_on"]:
            self.add_error("ends_on", _("It ends before it begins."))
        return said
