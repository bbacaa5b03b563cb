"""What is asked of a path, its stages, of who goes through one, and of what is signed off."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.intervals import day_of
from ccm.models import Agent, Site
from ccm.querysets import Viewer
from ccm.structure.forms import Dressed, NameField, SharedForm, date_field
from coaching.library import text
from coaching.models import (
    Course,
    LibraryPage,
    LibraryVersion,
    Newcomer,
    OnboardingPath,
    OnboardingStage,
)
from coaching.onboarding import reads
from coaching.onboarding.services import Signed

Kind = OnboardingStage.Kind


class _LinesField(forms.CharField):
    def to_python(self, value: Any) -> Any:
        return text.clean(super().to_python(value) or "")


class _TitledField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.title)


class PathForm(Dressed, forms.Form):
    """A new path of a site."""

    site = forms.ChoiceField(label=gettext_lazy("Site"))
    name = NameField(label=gettext_lazy("Name"), max_length=120)
    about = _LinesField(
        label=gettext_lazy("What it is for"), max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(self, sites: Sequence[Site], data: Any = None) -> None:
        super().__init__(data)
        self._sites = {one.slug: one for one in sites}
        field: Any = self.fields["site"]
        field.choices = [(one.slug, one.name) for one in sites]
        self.dress()

    @property
    def chosen(self) -> Site:
        return self._sites[self.cleaned_data["site"]]


class StageForm(SharedForm, forms.Form):
    """A stage of a kind."""

    title = NameField(label=gettext_lazy("Title"), max_length=160)
    course = _TitledField(
        label=gettext_lazy("Course"), queryset=Course.objects.none(),
        empty_label=gettext_lazy("choose"),
    )  # fmt: skip
    page = _TitledField(
        label=gettext_lazy("Page of the library"), queryset=LibraryPage.objects.none(),
        empty_label=gettext_lazy("choose"),
    )  # fmt: skip
    amount = forms.IntegerField(
        label=gettext_lazy("How many at least"), min_value=1, max_value=1000, required=False
    )
    unit = forms.ChoiceField(
        label=gettext_lazy("Of what"), choices=OnboardingStage.Unit.choices, required=False
    )
    words = _LinesField(
        label=gettext_lazy("What is looked at"), max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    signer = forms.ChoiceField(
        label=gettext_lazy("Signed off by"), choices=OnboardingStage.Signer.choices
    )
    is_gate = forms.BooleanField(
        label=gettext_lazy("Before live calls"), required=False, initial=True,
        help_text=gettext_lazy("No live calls before it is signed off."),
    )  # fmt: skip

    def __init__(
        self, kind: str, site: Site, data: Any = None, *, stage: OnboardingStage | None = None
    ) -> None:
        known = {}
        if stage is not None:
            names = ("title", "course", "page", "amount", "unit", "words", "signer", "is_gate")
            known = {name: getattr(stage, name) for name in names}
        super().__init__(data, initial=known)
        self._kind, self._stage = kind, stage
        fields: dict[str, Any] = self.fields
        if kind == Kind.COURSE:
            current = {"versions__is_current": True}
            fields["course"].queryset = (
                reads.courses(site)
                .filter(**current)
                .annotate(title=F("versions__title"))
                .order_by("title")
            )
        else:
            del self.fields["course"]
        if kind == Kind.READING:
            pages = reads.pages(site).filter(versions__in=LibraryVersion.objects.current())
            fields["page"].queryset = pages.annotate(title=F("versions__title")).order_by("title")
        else:
            del self.fields["page"]
        if kind not in (Kind.SHADOW, Kind.ROLEPLAY, Kind.LIVE):
            del self.fields["amount"]
            del self.fields["unit"]
        if kind == Kind.LIVE:
            del self.fields["is_gate"]
        self.dress()

    @property
    def is_there(self) -> bool:
        return self._stage is not None

    @property
    def said(self) -> dict[str, Any]:
        told: dict[str, Any] = {"course": None, "page": None, "amount": None, "unit": ""}
        told |= {"is_gate": False, "kind": self._kind} | self.cleaned_data
        if told["amount"] is None:
            told["unit"] = ""
        return told


class _PathField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class StartForm(Dressed, forms.Form):
    """Who goes through which path, from when on, and with whom."""

    agent = forms.ModelChoiceField(
        label=gettext_lazy("Who"), queryset=Agent.objects.none(),
        empty_label=gettext_lazy("choose"),
    )  # fmt: skip
    path = _PathField(
        label=gettext_lazy("Path"), queryset=OnboardingPath.objects.none(),
        empty_label=gettext_lazy("choose"),
    )  # fmt: skip
    starts_on = date_field(label=gettext_lazy("First day"))
    mentor = forms.ModelChoiceField(
        label=gettext_lazy("Mentor"), queryset=Agent.objects.none(), required=False,
        empty_label=gettext_lazy("nobody yet"),
    )  # fmt: skip

    def __init__(self, user: Viewer, site: Site, now: datetime, data: Any = None) -> None:
        super().__init__(data, initial={"starts_on": day_of(now, site.calendar)})
        fields: dict[str, Any] = self.fields
        fields["agent"].queryset = reads.agents(user, site, now)
        fields["mentor"].queryset = reads.mentors(user, site, now)
        fields["path"].queryset = OnboardingPath.objects.filter(site=site, retired_at=None)
        self.dress()


class SignForm(Dressed, forms.Form):
    """What is said of a stage that is signed off."""

    done_on = date_field(label=gettext_lazy("Done on"))
    amount = forms.IntegerField(
        label=gettext_lazy("How many"), min_value=0, max_value=30_000, required=False
    )
    with_whom = NameField(label=gettext_lazy("With whom"), max_length=160, required=False)
    words = NameField(
        label=gettext_lazy("How it went"), max_length=500, required=False,
        help_text=gettext_lazy("They read it."),
    )  # fmt: skip

    early = forms.BooleanField(
        label=gettext_lazy("Before the live calls that it comes after"), required=False,
        help_text=gettext_lazy("They are not signed off yet."),
    )  # fmt: skip

    def __init__(
        self,
        newcomer: Newcomer,
        stage: OnboardingStage,
        today: date,
        data: Any = None,
        *,
        is_early: bool = False,
    ) -> None:
        known: dict[str, Any] = {"done_on": today}
        if newcomer.mentor is not None and stage.kind == Kind.SHADOW:
            known["with_whom"] = newcomer.mentor.name
        super().__init__(data, initial=known)
        if not is_early:
            del self.fields["early"]
        if stage.amount is None:
            del self.fields["amount"]
        else:
            self.fields["amount"].required = True
            said = {"many": stage.amount, "unit": stage.get_unit_display()}
            self.fields["amount"].label = _("How many, of %(many)s %(unit)s") % said
        if stage.kind in (Kind.COURSE, Kind.READING):
            del self.fields["with_whom"]
        self.dress()

    @property
    def said(self) -> Signed:
        return Signed(**self.cleaned_data)


class EndForm(Dressed, forms.Form):
    why = NameField(label=gettext_lazy("Why it ends before"), max_length=300)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.dress()
