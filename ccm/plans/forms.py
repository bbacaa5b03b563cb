"""The forms of costs, targets and headcounts. Each offers only what its user may change."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.access import ROLES
from ccm.imports.facts.money import is_code
from ccm.models import Agent, Cost, Headcount, Queue, Target, Team, User
from ccm.navigation import ROLE_WORDS
from ccm.plans import aims
from ccm.structure.forms import OfSiteForm, date_field

_OF_A_SITE: dict[str, Any] = {"queue": Queue, "team": Team, "agent": Agent}


class PlanForm(OfSiteForm):
    """A form of something at a site, perhaps of one of its queues, teams or agents."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        site = self.fields.get("site")
        several = isinstance(site, forms.ModelChoiceField) and site.empty_label is not None
        for name, model in _OF_A_SITE.items():
            if name not in self.fields:
                continue
            choice = self.fields[name]
            assert isinstance(choice, forms.ModelChoiceField)
            rows = model.objects.managed_by(user).select_related("site").order_by("name")
            if self.instance.pk:
                rows = rows.filter(site=self.instance.site_id)
            choice.queryset = rows
            choice.empty_label = _("none in particular")
            choice.error_messages["invalid_choice"] = _("There is no such one within your reach.")
            if several:
                choice.label_from_instance = _with_site  # type: ignore[method-assign, assignment]
        self.dress()

    def _get_validation_exclusions(self) -> set[str]:
        """The site of a row that is there takes part in what must never be false."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - ({"site"} if self.instance.pk else set())

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        site = said.get("site") or (self.instance.site if self.instance.pk else None)
        for name in _OF_A_SITE:
            one = said.get(name)
            if one is not None and site is not None and one.site_id != site.pk:
                self.add_error(name, _("It is of another site."))
        return said


def _with_site(one: Any) -> str:
    return f"{one} ({one.site})"


class CostForm(PlanForm):
    first_on = date_field(label=gettext_lazy("First day"))
    last_on = date_field(label=gettext_lazy("Last day"))
    currency = forms.CharField(
        label=gettext_lazy("Currency"),
        required=False,
        max_length=3,
        help_text=gettext_lazy("Three letters of ISO 4217, as EUR. Empty: the site's."),
    )

    class Meta:
        model = Cost
        fields = (
            "site", "kind", "queue", "agent", "first_on", "last_on", "amount", "currency",
            "reference", "note",
        )  # fmt: skip
        help_texts = {
            "kind": gettext_lazy("As salaries, telephony, licences."),
            "amount": gettext_lazy("Of the whole period."),
            "reference": gettext_lazy("Tells apart two costs of one kind and period."),
        }

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        site = said.get("site") or (self.instance.site if self.instance.pk else None)
        code = (said.get("currency") or "").upper() or (site.currency if site else "")
        if code and not is_code(code):
            self.add_error("currency", _("Write three letters, as EUR."))
        elif not code and site is not None:
            self.add_error("currency", _("The site has no currency: name one."))
        said["currency"] = code
        return said


class TargetForm(PlanForm):
    kpi = forms.ChoiceField(label=gettext_lazy("KPI"))
    value = forms.CharField(
        label=gettext_lazy("Target"),
        required=False,
        max_length=20,
        help_text=gettext_lazy("Shares as 80%, times in seconds or as m:ss. Empty: none any more."),
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"), required=False)
    valid_from = date_field(label=gettext_lazy("From"))

    class Meta:
        model = Target
        fields = ("site", "kpi", "value", "valid_from", "queue", "team", "agent", "role")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = aims.known()
        kpi, role = self.fields["kpi"], self.fields["role"]
        assert isinstance(kpi, forms.ChoiceField)
        assert isinstance(role, forms.ChoiceField)
        kpi.choices = [("", _("choose")), *((one.id, str(one.name)) for one in known.values())]
        role.choices = [("", _("any role")), *((one, ROLE_WORDS[one]) for one in ROLES)]
        if self.instance.value is not None:
            aim = known.get(self.instance.kpi)
            self.initial["value"] = aims.written(aim, self.instance.value)

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        aim, words = aims.known().get(said.get("kpi", "")), said.pop("value", "").strip()
        said["value"] = None
        if not words or aim is None:
            return said
        found = aims.read(words)
        try:
            if found is None:
                raise aims.Misfit("number", _("It is no number, share or time."))
            said["value"] = aims.value_of(aim, *found)
        except aims.Misfit as misfit:
            self.add_error("value", misfit.message)
        return said


class HeadcountForm(PlanForm):
    starts_on = date_field(label=gettext_lazy("Day, or first of the month"))

    class Meta:
        model = Headcount
        fields = (
            "site", "team", "period", "starts_on", "planned_fte", "actual_fte", "planned_heads",
            "actual_heads",
        )  # fmt: skip
