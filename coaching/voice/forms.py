"""What is asked of a tag of comments, and of an item that is made of what returns."""

from datetime import datetime
from typing import Any

from django import forms
from django.db import connection
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.models import Site, User
from ccm.models.surveys import CONFIG
from ccm.structure.forms import Dressed, NameField, date_field
from coaching.library.searched import sides
from coaching.models import VoiceTag
from coaching.models.voice import MOST_WORDS
from qa.findings import reads as findings
from qa.models import Finding

KINDS = (Finding.Kind.PRODUCT, Finding.Kind.PROCESS, Finding.Kind.SCRIPT)
"""What a complaint that returns may be about: a training gap is one of somebody's, and found by
reviews."""


class TagForm(Dressed, forms.Form):
    """A tag. `revision` is hidden: that of what it was drawn with."""

    name = NameField(label=gettext_lazy("Tag"), max_length=60)
    words = forms.CharField(
        label=gettext_lazy("Found by"),
        max_length=MOST_WORDS,
        required=False,
        help_text=gettext_lazy(
            "Comments with these words have it: late OR delayed, “wrong size”, parcel -refund. "
            "Words are found by their stems, what is in quotation marks as it is written. "
            "Empty: it is given by hand alone."
        ),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        tag: VoiceTag | None = None,
        given: dict[str, str] | None = None,
    ) -> None:
        """`tag` is what is changed; `given` is what a new one is filled in with."""
        known: dict[str, Any] = dict(given or {})
        if tag is not None:
            known = {"name": tag.name, "words": tag.words, "revision": tag.revision}
        super().__init__(data, initial=known)
        self.dress()

    def clean_words(self) -> str:
        said = " ".join(str(self.cleaned_data["words"]).split())
        if said and not _finds_something(said):
            raise forms.ValidationError(_("These words are too common to be looked for."))
        return said

    @property
    def asked_revision(self) -> int:
        found = self.cleaned_data.get("revision")
        return -1 if found is None else int(found)


def _finds_something(words: str) -> bool:
    """Whether anything is left to be looked for: a phrase is, as it is written. One query."""
    found = sides(words)
    if any(side.phrases or side.without for side in found):
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT numnode(websearch_to_tsquery(%s::regconfig, %s)) > 0", [CONFIG, words]
        )
        return bool(cursor.fetchone()[0])


class ItemForm(Dressed, forms.Form):
    """What somebody is to see to."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=[(one.value, one.label) for one in KINDS]
    )
    title = NameField(label=gettext_lazy("What"), max_length=160)
    words = forms.CharField(
        label=gettext_lazy("In words"),
        max_length=3000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("What callers meet, and what would help them."),
    )
    owner = forms.ModelChoiceField(
        label=gettext_lazy("Owner"), queryset=User.objects.none(), required=False,
        empty_label=gettext_lazy("nobody yet"),
    )  # fmt: skip
    due_on = date_field(label=gettext_lazy("Due"), required=False)

    def __init__(
        self, site: Site, now: datetime, data: QueryDict | None = None, *, title: str = ""
    ) -> None:
        super().__init__(data, initial={"title": title})
        self.site = site
        owner: Any = self.fields["owner"]
        owner.queryset = findings.owners(site, now, None, Finding.Kind.PRODUCT)
        self.dress()

    def made(self) -> Finding:
        """The finding that it says, not kept yet."""
        said = self.cleaned_data
        return Finding(
            site=self.site, kind=said["kind"], title=said["title"], words=said["words"],
            owner=said["owner"], due_on=said["due_on"],
        )  # fmt: skip
