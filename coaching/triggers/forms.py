"""The forms of rules, and of what becomes of a proposal."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.structure.forms import Dressed, NameField, SharedForm, date_field
from coaching.holding.forms import measures
from coaching.models import TriggerLimits, TriggerRule
from coaching.models.triggers import FEWEST_DAYS, MOST_DAYS, MOST_TIMES
from coaching.triggers import looking
from qa.models import CardCriterion

Kind = TriggerRule.Kind
_COUNTED = (Kind.CRITERION, Kind.AUTOFAIL, Kind.SURVEY, Kind.ADHERENCE)


def _whole(label: Any, least: int, most: int, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=most, **more)


class RuleForm(Dressed, forms.Form):
    """A rule of a kind at a site. `revision` is hidden."""

    is_on = forms.BooleanField(label=gettext_lazy("On: it proposes sessions"), required=False)
    kpi = forms.ChoiceField(label=gettext_lazy("KPI"))
    worse = forms.ChoiceField(
        label=gettext_lazy("Worse where"), required=False,
        choices=[("", gettext_lazy("its definition says so")), *TriggerRule.Worse.choices],
    )  # fmt: skip
    criterion = forms.ModelChoiceField(
        label=gettext_lazy("Criterion"), queryset=CardCriterion.objects.none(), required=False,
        empty_label=gettext_lazy("any"),
    )  # fmt: skip
    survey = forms.ChoiceField(
        label=gettext_lazy("Survey"),
        choices=[(one.value, one.label) for one in TriggerRule.SURVEYS],
    )
    times = _whole(gettext_lazy("So many times"), 1, MOST_TIMES)
    of = _whole(gettext_lazy("of the last"), 1, MOST_TIMES)
    below = forms.IntegerField(label=gettext_lazy("below, %"), min_value=0, max_value=100)
    days = _whole(gettext_lazy("within so many days"), FEWEST_DAYS, MOST_DAYS)
    revision = forms.IntegerField(widget=forms.HiddenInput)

    _READ = {
        Kind.KPI: ("kpi", "worse", "days"),
        Kind.CRITERION: ("criterion", "times", "of", "days"),
        Kind.AUTOFAIL: ("times", "of", "days"),
        Kind.SURVEY: ("survey", "times", "of", "below", "days"),
        Kind.ADHERENCE: ("below", "times", "of", "days"),
    }

    def __init__(
        self, *args: Any, rule: TriggerRule, criteria: QuerySet[CardCriterion], **more: Any
    ) -> None:
        read = self._READ[Kind(rule.kind)]
        known = {name: getattr(rule, name) for name in (*read, "is_on", "revision")}
        if "below" in read:
            known["below"] = round(rule.below * 100)
        super().__init__(*args, **{"initial": known} | more)
        self.rule = rule
        for name in [*self.fields]:
            if name not in (*read, "is_on", "revision"):
                del self.fields[name]
        if rule.kind == Kind.SURVEY:
            self.fields["below"].label = _("at most, % of the scale")
        kpi, by = self.fields.get("kpi"), self.fields.get("criterion")
        if isinstance(kpi, forms.ChoiceField):
            kpi.choices = measures()
        if isinstance(by, forms.ModelChoiceField):
            by.queryset = criteria
        self.order_fields(["is_on", *read])
        self.dress()

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        times, of = said.get("times"), said.get("of")
        if times is not None and of is not None and times > of:
            self.add_error("times", _("That is more often than there are."))
        if said.get("kpi"):
            known = looking.worse_way(said["kpi"])
            if known and said.get("worse") not in ("", known):
                self.add_error("worse", _("Its definition says otherwise."))
            if not known and not said.get("worse"):
                self.add_error("worse", _("Its definition does not say: choose one."))
        return said

    def made(self) -> TriggerRule:
        """The rule as a valid form says it."""
        for name, value in self.cleaned_data.items():
            if name == "below":
                self.rule.below = value / 100
            elif name != "revision":
                setattr(self.rule, name, value)
        return self.rule


class LimitsForm(SharedForm, forms.Form):
    """How much rules of a site propose."""

    is_there = True  # a site that said none has the defaults

    per_week = _whole(gettext_lazy("People a week and supervisor, at most"), 1, 100)
    quiet_days = _whole(gettext_lazy("Days without proposals after a session"), 0, 92)

    def __init__(self, *args: Any, limits: TriggerLimits, **more: Any) -> None:
        known = {"per_week": limits.per_week, "quiet_days": limits.quiet_days}
        super().__init__(*args, **{"initial": known} | more)
        self.dress()


class PutOffForm(Dressed, forms.Form):
    until = date_field(label=gettext_lazy("Have it come again on"))

    def __init__(self, *args: Any, on: date, **more: Any) -> None:
        super().__init__(*args, **{"initial": {"until": on}} | more)
        self.dress()


class DeclineForm(Dressed, forms.Form):
    why = NameField(label=gettext_lazy("Why it is declined"), max_length=300)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.dress()
