"""The forms of scorecards: a new one, its name, a file."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.models import Site
from ccm.structure.forms import NameField, SharedForm
from qa.cards import document, edits, files, starters, words
from qa.cards.card import Card
from qa.models import CardVersion, Scorecard

EMPTY, FILE, COPY = "empty", "file", "copy"


def read_file(sent: UploadedFile | None) -> Card:
    """The scorecard of a file that was sent. Raises ValidationError with everything that is wrong
    with it."""
    if sent is None:
        raise forms.ValidationError(_("Choose a file."))
    try:
        return files.load(sent.read(files.MOST_BYTES + 1))
    except document.Misread as misread:
        raise forms.ValidationError(words.wrong(misread)) from None


class FileForm(forms.Form):
    """A file whose scorecard the draft becomes. `seen` is the revision that it replaces."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("JSON or YAML, as a scorecard is exported."),
        widget=forms.FileInput(attrs={"class": "form-control", "accept": ".json,.yaml,.yml"}),
    )
    card: Card

    def clean_file(self) -> UploadedFile | None:
        sent: UploadedFile | None = self.cleaned_data["file"]
        self.card = read_file(sent)
        return sent


class NameForm(SharedForm, forms.Form):
    """What a scorecard is called, and what it is for."""

    is_there = False

    name = NameField(label=gettext_lazy("Name"), max_length=120)
    about = forms.CharField(label=gettext_lazy("What it is for"), max_length=300, required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.dress()


class PlacedForm(NameForm):
    """The same, and which of `sites` it is of, or all of them."""

    site = forms.ModelChoiceField(
        label=gettext_lazy("Site"),
        queryset=Site.objects.none(),
        required=False,
        help_text=gettext_lazy(
            "Whose calls are reviewed by it. It can be changed until a version is published."
        ),
    )
    field_order: Sequence[str] = ("name", "site", "about")

    def __init__(self, *args: Any, sites: QuerySet[Site], of_all: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        site = self.fields["site"]
        assert isinstance(site, forms.ModelChoiceField)
        site.queryset = sites
        site.empty_label = _("all sites") if of_all else None
        site.required = not of_all
        self.dress()


class NewForm(PlacedForm):
    """A new scorecard, and what it begins with."""

    begin = forms.CharField(max_length=20, required=False)
    copied = forms.ModelChoiceField(
        label=gettext_lazy("Scorecard"), queryset=Scorecard.objects.none(), required=False
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        help_text=gettext_lazy("JSON or YAML, as a scorecard is exported."),
    )
    field_order = ("name", "site", "about", "begin", "copied", "file")

    def __init__(self, *args: Any, cards: QuerySet[Any], **more: Any) -> None:
        super().__init__(*args, **more)
        copied = self.fields["copied"]
        assert isinstance(copied, forms.ModelChoiceField)
        copied.queryset = cards
        copied.empty_label = _("choose one")
        self.fields["file"].widget.attrs["accept"] = ".json,.yaml,.yml"
        self.dress()

    @property
    def plain(self) -> Sequence[Any]:
        return [self[name] for name in ("name", "site", "about")]

    @property
    def chosen(self) -> str:
        return str(self["begin"].value() or EMPTY)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        begin = said.get("begin") or EMPTY
        starter = starters.find(begin)
        if starter is not None:
            said["form"] = starter.card
        elif begin == FILE:
            try:
                said["form"] = read_file(said.get("file"))
            except forms.ValidationError as refusal:
                self.add_error("file", refusal)
        elif begin == COPY:
            version = _to_copy(said.get("copied"))
            if version is None:
                self.add_error("copied", _("Choose one."))
            else:
                said["form"] = document.read(version.form)
        else:
            said["form"] = edits.empty()
        return said


def _to_copy(card: Scorecard | None) -> CardVersion | None:
    """The version of a card that another begins with: the one in use, else its draft."""
    if card is None:
        return None
    versions = card.versions.order_by("-number")
    found: CardVersion | None = versions.filter(state="published").first() or versions.first()
    return found
