"""The forms of plans."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.models import Agent, Site, User
from ccm.structure.forms import Dressed, NameField, date_field
from coaching.following.services import Step
from coaching.holding.forms import StepForm, coached_at, words_field
from coaching.models import Plan
from coaching.plans.services import Aim
from qa.models import CardCriterion


class PlanForm(Dressed, forms.Form):
    """What a plan says; a new one says whose, too. `revision` of one that is there is hidden."""

    agent = forms.ModelChoiceField(
        label=gettext_lazy("Whose"), queryset=Agent.objects.none(),
        empty_label=gettext_lazy("choose"),
    )  # fmt: skip
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Plan.Kind.choices)
    toward = forms.ChoiceField(
        label=gettext_lazy("Toward, of development"),
        choices=[("", gettext_lazy("nothing else")), *Plan.Toward.choices],
        required=False,
    )
    goal = NameField(
        label=gettext_lazy("Goal"), max_length=300,
        help_text=gettext_lazy("What is so at the end, so that both see whether it is."),
    )  # fmt: skip
    words = words_field(gettext_lazy("In words"), 3000, required=False)
    starts_on = date_field(label=gettext_lazy("From"))
    until_on = date_field(label=gettext_lazy("Until"), may_be_open=True)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        user: User,
        site: Site,
        today: date,
        plan: Plan | None = None,
        agent: int | None = None,
        **more: Any,
    ) -> None:
        known: dict[str, Any] = {"starts_on": today, "agent": agent}
        if plan is not None:
            names = ("kind", "toward", "goal", "words", "starts_on", "until_on", "revision")
            known = {name: getattr(plan, name) for name in names}
        super().__init__(*args, **{"initial": known} | more)
        self.plan = plan
        whose = self.fields["agent"]
        assert isinstance(whose, forms.ModelChoiceField)
        if plan is None:
            whose.queryset = coached_at(user, site)
        else:
            del self.fields["agent"]
            del self.fields["kind"]
            if plan.kind != Plan.Kind.DEVELOPMENT:
                del self.fields["toward"]
        self.dress()

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        first, last = said.get("starts_on"), said.get("until_on")
        if first and last and last < first:
            self.add_error("until_on", _("It ends before it begins."))
        return said

    def aim(self) -> Aim:
        """What a valid form says."""
        said = self.cleaned_data
        kind = said["kind"] if self.plan is None else self.plan.kind
        return Aim(
            kind, said.get("toward", ""), said["goal"], said["words"], said["starts_on"],
            said["until_on"],
        )  # fmt: skip


class PlanStepForm(StepForm):
    """A step of a plan: whose it is, the plan says."""

    def __init__(
        self, *args: Any, plan: Plan, criteria: QuerySet[CardCriterion], **more: Any
    ) -> None:
        super().__init__(*args, agents=Agent.objects.none(), criteria=criteria, **more)
        self.plan = plan
        del self.fields["agent"]

    def step(self) -> Step:
        said = self.cleaned_data
        return Step(self.plan.agent, said["words"], said["due_on"], said["kpi"], said["criterion"])


class EndPlanForm(Dressed, forms.Form):
    """How a plan ended. `revision` is hidden."""

    state = forms.ChoiceField(
        label=gettext_lazy("It is"),
        choices=[one for one in Plan.State.choices if one[0] != Plan.State.RUNNING],
    )
    words = NameField(label=gettext_lazy("How, or why"), max_length=500)
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.dress()
