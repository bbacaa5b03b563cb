"""The forms of contact hours, of numbers that are not called, and of regions."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.callers import caller_hash, caller_masked
from ccm.contact.numbers import number_of
from ccm.masking import masked
from ccm.models import ContactHours, DoNotCall, RecordingRegion, Site, User
from ccm.structure.forms import (
    CapitalsField,
    Dressed,
    HoursForm,
    OfSiteForm,
    RowForm,
    countries,
    date_field,
)

MOST_LINES = 200_000
MOST_BYTES = 8 * 2**20


class ContactHoursForm(OfSiteForm, HoursForm):
    """A site's hours of calling. At least one day has some: who may call at no time keeps nobody
    from it by hours."""

    hours_field = "hours"
    week_words = gettext_lazy("Hours")
    week_hint = gettext_lazy("As 09:00-12:30, 13:30-20:00. A day left empty: no calls on it.")

    class Meta:
        model = ContactHours
        fields = ("site", "on_holidays")
        labels = {"on_holidays": gettext_lazy("Also on public holidays and days off")}
        help_texts = {
            "on_holidays": gettext_lazy("Of the site's country, and of its own calendar."),
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.dress()

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if not self.errors and not self.instance.hours:
            raise forms.ValidationError(_("Give at least one day hours."))
        return said


class DoNotCallForm(OfSiteForm):
    """A number that is not to be called. What is kept of it is its hash and its last digits, so
    that it is typed once and cannot be changed."""

    number = forms.CharField(
        label=gettext_lazy("Number"),
        max_length=40,
        help_text=gettext_lazy("As the phone system writes it. Only its last digits are kept."),
    )
    last_on = date_field(
        may_be_open=True,
        label=gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy("The last day. Empty: for good."),
    )

    class Meta:
        model = DoNotCall
        fields = ("site", "number", "reason", "last_on", "note")
        labels = {"reason": gettext_lazy("Why"), "note": gettext_lazy("Note")}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        if self.instance.pk:
            del self.fields["number"]
        self.dress()

    def clean_number(self) -> str:
        number = number_of(self.cleaned_data["number"])
        if not number:
            raise forms.ValidationError(_("This is no telephone number: 5 to 15 digits."))
        self.instance.caller_hash = caller_hash(number)
        self.instance.caller_masked = caller_masked(number)
        return number

    def clean_note(self) -> str:
        return masked(self.cleaned_data["note"])


class ManyForm(Dressed, forms.Form):
    """Numbers typed or in a file, a line each; of several columns the first."""

    site = forms.ModelChoiceField(Site.objects.none(), label=gettext_lazy("Site"))
    reason = forms.ChoiceField(
        label=gettext_lazy("Why"),
        choices=DoNotCall.Reason.choices,
        initial=DoNotCall.Reason.REGISTER,
    )
    numbers = forms.CharField(
        label=gettext_lazy("Numbers"),
        required=False,
        max_length=500_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("One a line."),
    )
    file = forms.FileField(
        label=gettext_lazy("Or a file"),
        required=False,
        help_text=gettext_lazy("Text or CSV, the number in its first column; at most 8 MB."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["site"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = Site.objects.managed_by(user)
        choice.empty_label = None if len(choice.queryset[:2]) == 1 else _("choose")
        choice.error_messages["invalid_choice"] = _("There is no such site within your reach.")
        self.dress()

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["file"]
        if file is not None and (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(_("This is more than 8 MB: send it in parts."))
        return file

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if self.errors:
            return said
        if bool(said["numbers"].strip()) == bool(said["file"]):
            raise forms.ValidationError(_("Type numbers, or choose a file: one of the two."))
        said["lines"] = lines = list(self._lines(said))
        if len(lines) > MOST_LINES:
            raise forms.ValidationError(
                _("These are more than %(most)d lines: send them in parts.") % {"most": MOST_LINES}
            )
        return said

    def _lines(self, said: dict[str, Any]) -> Iterator[str]:
        if said["file"] is None:
            yield from said["numbers"].splitlines()
            return
        # What is no text has no numbers in it either: its lines are told as unread.
        yield from said["file"].read().decode("utf-8-sig", "replace").splitlines()


class RecordingRegionForm(RowForm):
    """In which country, or part of one, callers must have agreed to be recorded."""

    country = CapitalsField(
        label=gettext_lazy("Country"),
        max_length=2,
        help_text=gettext_lazy("Two letters of ISO 3166, as its sites have it: DE."),
    )
    region = CapitalsField(
        label=gettext_lazy("Part of it"),
        max_length=8,
        required=False,
        help_text=gettext_lazy("As its sites have it: CA. Empty: all of the country."),
    )

    class Meta:
        model = RecordingRegion
        fields = ("country", "region", "must_agree", "why")
        labels = {
            "must_agree": gettext_lazy("Callers must have agreed to be recorded"),
            "why": gettext_lazy("Why"),
        }
        help_texts = {"why": gettext_lazy("The law, or the rule of the house.")}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dress()

    @property
    def plain(self) -> list[forms.BoundField]:
        return list(self)

    def clean_country(self) -> str:
        code: str = self.cleaned_data["country"]
        if code not in countries():
            raise forms.ValidationError(_("There is no such country. Write its code, as GB."))
        return code
