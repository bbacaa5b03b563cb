"""The form of a contract."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ccm.models import User
from ccm.structure.forms import (
    NameField,
)
from scheduling.models import (
    Contract,
)
from scheduling.models.terms import DAYS, WEEK_MINUTES
from scheduling.planned.forms import PlannedForm
from scheduling.shifts.days import MINUTES
from scheduling.terms import law, limits, words
from scheduling.terms.fields import HoursField
from scheduling.terms.forms.grouped import Grouped

# A period may be a year of full-time work and more.
_PERIOD_MINUTES = 366 * MINUTES
_MOST_DAYS = 366


_MOST_OF = {
    "fewest_day_minutes": MINUTES,
    "most_day_minutes": MINUTES,
    "start_band_minutes": MINUTES,
    "longest_without_pause": MINUTES,
    "fewest_period_minutes": _PERIOD_MINUTES,
    "most_period_minutes": _PERIOD_MINUTES,
}


class ContractForm(Grouped, PlannedForm):
    name = NameField(label=gettext_lazy("Name"), max_length=80)

    grouped = (
        (
            gettext_lazy("Hours"),
            gettext_lazy("Worked hours, unpaid pauses left out. A period is what a roster is of."),
            (
                "fewest_day_minutes", "most_day_minutes", "fewest_week_minutes",
                "most_week_minutes", "fewest_period_minutes", "most_period_minutes",
            ),
        ),
        (
            gettext_lazy("Days"),
            gettext_lazy("Weeks are from Monday to Sunday. What a night is the site's rules say."),
            (
                "fewest_week_days", "most_week_days", "fewest_days_in_row", "most_days_in_row",
                "fewest_off_in_row", "most_weekends", "fewest_weekends_off", "most_nights_in_row",
            ),
        ),
        (
            gettext_lazy("Rest"),
            gettext_lazy("Hours as time goes by, also where clocks are put."),
            (
                "rest_minutes", "week_rest_minutes", "rest_after_nights_minutes",
                "start_band_minutes", "longest_without_pause",
            ),
        ),
    )  # fmt: skip

    class Meta:
        model = Contract
        fields = (
            "site", "name", "is_full_time", "week_minutes", "pays_pauses", "law", *(
                "fewest_day_minutes", "most_day_minutes", "fewest_week_minutes",
                "most_week_minutes", "fewest_period_minutes", "most_period_minutes",
                "fewest_week_days", "most_week_days", "fewest_days_in_row", "most_days_in_row",
                "fewest_off_in_row", "most_weekends", "fewest_weekends_off", "most_nights_in_row",
                "rest_minutes", "week_rest_minutes", "rest_after_nights_minutes",
                "start_band_minutes", "longest_without_pause",
            ),
        )  # fmt: skip

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        for name in ("week_minutes", *limits.columns()):
            label = capfirst(Contract._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            if limits.is_minutes(name):
                self.fields[name] = HoursField(
                    most=_MOST_OF.get(name, WEEK_MINUTES),
                    label=label,
                    initial=self.fields[name].initial,
                )
            else:
                most = DAYS if name.endswith("_week_days") else _MOST_DAYS
                self.fields[name] = forms.IntegerField(
                    label=label, required=False, min_value=0, max_value=most
                )
        self.fields["week_minutes"].help_text = _("As paid: 38:30. Fair shares go by it.")
        self.fields["pays_pauses"].help_text = _("For payroll: worked hours are the shifts' own.")
        self.fields["start_band_minutes"].help_text = _("Of each other, by the clock.")
        self._offer_laws()
        self.dress()

    def _offer_laws(self) -> None:
        hint = _("Its limits hold beside those below: of each the stricter.")
        said = self.instance.law
        known = law.known()
        if said and said not in dict(known):
            known.append((said, said))
        self.fields["law"] = forms.ChoiceField(
            label=_("Law"), required=False, choices=[("", _("none")), *known], help_text=hint
        )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        for least in ("day_minutes", "week_minutes", "period_minutes", "week_days", "days_in_row"):
            fewest, most = said.get(f"fewest_{least}"), said.get(f"most_{least}")
            if fewest is not None and most is not None and fewest > most:
                self.add_error(f"most_{least}", _("The fewest are more than the most."))
        if not self.errors:
            self._clean_week(said)
        return said

    def _clean_week(self, said: Mapping[str, Any]) -> None:
        """A week of the most days, of the most hours each, has the fewest hours of a week: by the
        contract and its law."""
        told = {name: said.get(name) for name in limits.columns()}
        holds = limits.of_contract(Contract(law=said.get("law") or "", **told))
        fewest, day = holds.fewest_week_minutes, holds.most_day_minutes
        days = DAYS if holds.most_week_days is None else holds.most_week_days
        if fewest is None or day is None or fewest <= day * days:
            return
        refusal = ngettext(
            "No week can have them: %(n)s day of at most %(day)s is %(most)s.",
            "No week can have them: %(n)s days of at most %(day)s are %(most)s.",
            days,
        )
        told_so = {"n": days, "day": words.hours(day), "most": words.hours(day * days)}
        self.add_error("fewest_week_minutes", refusal % told_so)
