"""What is asked of a suggestion, and of whoever answers one."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from ccm.models import Site
from ccm.structure.forms import Dressed, NameField
from coaching.models import Suggestion

NAMELESS, NAMED = "nameless", "named"


class SuggestionForm(Dressed, forms.Form):
    """A suggestion; who sends it says so or does not, and neither is chosen for them. Who belongs
    to several sites says which box it is for."""

    site = forms.ModelChoiceField(
        label=gettext_lazy("Site"), queryset=Site.objects.none(), empty_label=None
    )
    title = NameField(label=gettext_lazy("In short"), max_length=160)
    words = forms.CharField(
        label=gettext_lazy("In words"),
        max_length=3000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("What you would do otherwise, and what would be better by it."),
    )
    name = forms.ChoiceField(
        label=gettext_lazy("Your name"),
        choices=[
            (NAMELESS, gettext_lazy("Without my name")),
            (NAMED, gettext_lazy("With my name")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose whether your name stands with it.")},
    )

    def __init__(self, sites: Sequence[Site], data: QueryDict | None = None) -> None:
        super().__init__(data)
        self._only = sites[0] if len(sites) == 1 else None
        if self._only is not None:
            del self.fields["site"]
        else:
            field: Any = self.fields["site"]
            field.queryset = Site.objects.filter(pk__in=[one.pk for one in sites]).order_by("name")
        self.dress()
        self.fields["name"].widget.attrs.clear()

    @property
    def chosen_site(self) -> Site:
        """Of a valid form."""
        site: Site = self._only or self.cleaned_data["site"]
        return site

    @property
    def is_named(self) -> bool:
        """Of a valid form."""
        return bool(self.cleaned_data["name"] == NAMED)


class AnswerForm(Dressed, forms.Form):
    """How far a suggestion is and what it is answered. `revision` is that of what it was drawn
    with."""

    state = forms.ChoiceField(label=gettext_lazy("State"), choices=Suggestion.State.choices)
    answer = forms.CharField(
        label=gettext_lazy("Answer"),
        max_length=3000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    is_published = forms.BooleanField(
        label=gettext_lazy("Everybody of the site reads it, with its answer"), required=False
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, one: Suggestion, data: QueryDict | None = None) -> None:
        known = {
            "state": one.state, "answer": one.answer, "is_published": one.is_published,
            "revision": one.revision,
        }  # fmt: skip
        super().__init__(data, initial=known)
        self.dress()

    @property
    def asked_revision(self) -> int:
        found = self.cleaned_data.get("revision")
        return -1 if found is None else int(found)
