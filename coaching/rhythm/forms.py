"""The form that says how often a team is coached."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ccm.structure.forms import Dressed, date_field

EVERY = (
    (7, gettext_lazy("every week")),
    (14, gettext_lazy("every two weeks")),
    (21, gettext_lazy("every three weeks")),
    (28, gettext_lazy("every four weeks")),
    (31, gettext_lazy("every month")),
)
_LIKED = gettext_lazy("as often as one likes")


class CadenceForm(Dressed, forms.Form):
    """From a day on, every so many days."""

    days = forms.TypedChoiceField(
        label=gettext_lazy("Each agent is coached"),
        choices=[("", _LIKED), *EVERY],
        coerce=int,
        empty_value=None,
        required=False,
    )
    starts_on = date_field(label=gettext_lazy("From"))

    # The newest word that the page showed, which somebody may have said more since.
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, today: date, days: int | None, newest: int | None, **more: Any
    ) -> None:
        known = {"days": days or "", "starts_on": today, "seen": newest}
        super().__init__(*args, **{"initial": known} | more)
        if days is not None and days not in dict(EVERY):
            # What holds stays a choice, whoever said it.
            field = self.fields["days"]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _LIKED), *EVERY, (days, every(days))]
        self._newest = newest
        self.dress()

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if "seen" in self.data and said.get("seen") != self._newest:
            # Drawn again it is of what the page shows now.
            said_again: Any = self.data.copy()  # type: ignore[attr-defined]
            said_again["seen"] = "" if self._newest is None else str(self._newest)
            self.data = said_again
            raise forms.ValidationError(
                _(
                    "Somebody changed this since you opened the page: how it is now stands below."
                    " Nothing is kept yet. Save again to have yours."
                )
            )
        return said


def every(days: int | None) -> str:
    """A rhythm in words; "": there is none."""
    if days is None:
        return ""
    if days in dict(EVERY):
        return str(dict(EVERY)[days])
    weeks, left = divmod(days, 7)
    if left:
        return ngettext("every day", "every %(n)s days", days) % {"n": days}
    return ngettext("every week", "every %(n)s weeks", weeks) % {"n": weeks}
