"""What is asked of a page of the library, of whoever writes it and of whoever reads it."""

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.models import Site, Team, User
from ccm.navigation import ROLE_WORDS
from ccm.structure.forms import Dressed, NameField, date_field
from coaching.library import reads, services, text
from coaching.library.reading import ROLES
from coaching.models import LibraryPage, LibraryVersion
from coaching.models.library import MOST_BODY, MOST_WHY

ALL_SITES = "all"


class _TextField(forms.CharField):
    """A text of lines, without controls; browsers send two signs for the end of a line."""

    def to_python(self, value: Any) -> Any:
        return text.clean(super().to_python(value) or "")


class _RolesField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Group) -> str:
        return str(ROLE_WORDS.get(obj.name, obj.name))


class TextForm(Dressed, forms.Form):
    """What a version says. `version` and `revision` are hidden: those of what it was drawn with."""

    title = NameField(label=gettext_lazy("Title"), max_length=160)
    why = _TextField(
        label=gettext_lazy("Why"), max_length=MOST_WHY, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Why it is done so, and what happens otherwise. Published with it."),
    )  # fmt: skip
    body = _TextField(
        label=gettext_lazy("Text"), max_length=MOST_BODY, required=False, strip=False,
        widget=forms.Textarea(attrs={"rows": 22, "class": "code"}),
        help_text=gettext_lazy(
            "Markdown: # heading, **bold**, - list, 1. steps, | tables |. A link to a heading of "
            "the page, as [No sound](#no-sound), is a step of a decision tree."
        ),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: QueryDict | None = None, *, draft: LibraryVersion | None = None
    ) -> None:
        known: dict[str, Any] = {}
        if draft is not None:
            known = {name: getattr(draft, name) for name in services.SAID}
            known |= {"version": draft.pk, "revision": draft.revision}
        super().__init__(data, initial=known)
        self.dress()
        self.fields["body"].widget.attrs["class"] = "form-control code"
        for name in ("title", "why", "body"):
            # They are for people: what is misspelt is underlined.
            self.fields[name].widget.attrs["spellcheck"] = "true"

    @property
    def seen(self) -> services.Seen:
        return seen(self)


class NewPageForm(TextForm):
    """A new page: of a site that its writer writes for, and what its first draft says."""

    site = forms.ChoiceField(label=gettext_lazy("Site"))
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=LibraryPage.Kind.choices)

    field_order = ("site", "kind", "title", "why", "body")

    def __init__(
        self, sites: list[Site], data: QueryDict | None = None, *, everywhere: bool, first: str = ""
    ) -> None:
        """`everywhere`: pages of all sites, too. `first` is the slug of the site that is offered
        first."""
        super().__init__(data)
        self._sites = {one.slug: one for one in sites}
        offered: list[tuple[str, Any]] = [(one.slug, one.name) for one in sites]
        if everywhere:
            offered.append((ALL_SITES, _("all sites")))
        self.fields["site"].choices = offered  # type: ignore[attr-defined]
        if first in self._sites:
            self.initial["site"] = first
        self.order_fields(self.field_order)

    @property
    def chosen(self) -> Site | None:
        return self._sites.get(self.cleaned_data["site"])


class SettingsForm(Dressed, forms.Form):
    """What a page is and whom it is for. `revision` is hidden."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=LibraryPage.Kind.choices)
    owner = forms.ModelChoiceField(
        label=gettext_lazy("Owner"), queryset=User.objects.none(), required=False,
        empty_label=gettext_lazy("nobody yet"),
        help_text=gettext_lazy("Who keeps it right, of those who write the library."),
    )  # fmt: skip
    review_on = date_field(
        label=gettext_lazy("To be looked at by"), required=False,
        help_text=gettext_lazy("From the day after, it is shown as overdue."),
    )  # fmt: skip
    roles = _RolesField(
        label=gettext_lazy("Whom it is for"), queryset=Group.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "Who has to read it where its writer says so on publishing. All of the site may."
        ),
    )  # fmt: skip
    teams = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Of these teams alone"), queryset=Team.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Narrows agents and supervisors. None: those of all teams."),
    )  # fmt: skip
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, page: LibraryPage, today: date, data: QueryDict | None = None) -> None:
        """`today` is the site's."""
        self._known, self._today = page.review_on, today
        known = {name: getattr(page, name) for name in services.SETTINGS}
        known |= {
            "roles": [*page.roles.values_list("pk", flat=True)],
            "teams": [*page.teams.values_list("pk", flat=True)],
            "revision": page.revision,
        }
        super().__init__(data, initial=known)
        owners = reads.owners(page.site).values("pk")
        # Who owns it may go on to, though they could not be chosen any more.
        offered = User.objects.filter(Q(pk__in=owners) | Q(pk=page.owner_id)).order_by("username")
        self.fields["owner"].queryset = offered  # type: ignore[attr-defined]
        groups = Group.objects.filter(name__in=ROLES).order_by("name")
        self.fields["roles"].queryset = groups  # type: ignore[attr-defined]
        teams = reads.teams(page.site)
        self.fields["teams"].queryset = teams  # type: ignore[attr-defined]
        if not teams.exists():
            del self.fields["teams"]
        self.dress()

    def clean_review_on(self) -> date | None:
        """A day that has gone may stay, and none is chosen."""
        day: date | None = self.cleaned_data["review_on"]
        if day is not None and day < self._today and day != self._known:
            raise forms.ValidationError(_("This day has gone: choose today or a later one."))
        return day

    @property
    def said(self) -> dict[str, Any]:
        return {"teams": []} | {
            name: value for name, value in self.cleaned_data.items() if name != "revision"
        }

    @property
    def asked_revision(self) -> int:
        found = self.cleaned_data.get("revision")
        return -1 if found is None else int(found)


class PublishForm(Dressed, forms.Form):
    """What changed, and who has to read it."""

    note = NameField(label=gettext_lazy("What changed"), max_length=300, required=False)
    must_read = forms.ChoiceField(
        label=gettext_lazy("Who has to read it"), widget=forms.RadioSelect
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, draft: LibraryVersion, last: LibraryVersion | None, data: QueryDict | None = None
    ) -> None:
        everybody = _("all whom it is for")
        if last is not None:
            everybody = _("all whom it is for, also who has read the last version")
        offered = [(services.ANEW, everybody), (services.NOBODY, _("nobody has to"))]
        if last is not None and last.must_from is not None:
            words = _("only who has not read the last ones yet: a small change")
            offered.insert(1, (services.AS_BEFORE, words))
        known = {"version": draft.pk, "revision": draft.revision, "must_read": offered[0][0]}
        super().__init__(data, initial=known)
        self.fields["must_read"].choices = offered  # type: ignore[attr-defined]
        if last is None:
            self.fields["note"].label = _("A word on it, if there is one")
        self.dress()
        del self.fields["must_read"].widget.attrs["class"]

    @property
    def seen(self) -> services.Seen:
        return seen(self)


class AnswerForm(forms.Form):
    """Did this help? The button says it; words may stand beside it."""

    helped = forms.ChoiceField(choices=[("yes", ""), ("no", "")])
    words = NameField(max_length=500, required=False)


class SeenForm(forms.Form):
    """The draft that a button was drawn with."""

    version = forms.IntegerField(required=False)
    revision = forms.IntegerField(required=False)

    @property
    def seen(self) -> services.Seen:
        return seen(self)


def seen(form: forms.Form) -> services.Seen:
    """The draft that a form was drawn with; of one that says none there is none."""
    said = form.cleaned_data
    version, revision = said.get("version"), said.get("revision")
    return (-1, -1) if version is None or revision is None else (version, revision)
