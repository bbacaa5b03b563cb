"""The forms of trials."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.intervals import day_of
from ccm.models import Agent, Site, Team, User
from ccm.structure.forms import Dressed, NameField, date_field
from coaching.access import agents_coached
from coaching.effect import measures, periods
from coaching.models import Trial
from coaching.trials.services import SAID, Plan
from kpis.definitions import KPIS


class TrialForm(Dressed, forms.Form):
    """What a trial says before it begins. `revision` is hidden: that of what it was drawn with."""

    title = NameField(label=gettext_lazy("Idea"), max_length=160)
    words = forms.CharField(
        label=gettext_lazy("What is done otherwise"),
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    kpi = forms.ChoiceField(
        label=gettext_lazy("Measured by"),
        help_text=gettext_lazy("One KPI, said now: of twenty looked at later one moves by chance."),
    )
    hoped = forms.ChoiceField(
        label=gettext_lazy("Hoped for"),
        choices=[("", gettext_lazy("what is better by its definition")), *Trial.Hoped.choices],
        required=False,
        widget=forms.Select,
    )
    starts_on = date_field(label=gettext_lazy("First day"))
    ends_on = date_field(label=gettext_lazy("Last day"))
    team = forms.ModelChoiceField(
        label=gettext_lazy("Team"),
        queryset=Team.objects.none(),
        required=False,
        empty_label=gettext_lazy("none"),
        help_text=gettext_lazy(
            "Who is in it today takes part. What else befalls one team in these days looks like an "
            "effect: some of each team are surer."
        ),
    )
    agents = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Agents"),
        queryset=Agent.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        site: Site,
        user: User,
        now: datetime,
        data: QueryDict | None = None,
        *,
        trial: Trial | None = None,
        taking: Sequence[int] = (),
    ) -> None:
        """`trial` is what is changed, and `taking` who takes part in it."""
        first = day_of(now, site.calendar) + timedelta(days=1)
        known: dict[str, Any] = {
            "kpi": measures.DEFAULT,
            "starts_on": first,
            "ends_on": first + timedelta(days=periods.DAYS - 1),
        }
        if trial is not None:
            known = {name: getattr(trial, name) for name in SAID}
            known |= {"agents": [*taking], "revision": trial.revision}
        super().__init__(data, initial=known)
        fields: dict[str, Any] = self.fields
        fields["kpi"].choices = [*measures.known().items()]
        # Who takes part already may stay, and so may the team, whoever leads it by now.
        coached = agents_coached(user).filter(site=site, left_on=None).order_by().values("pk")
        offered = Agent.objects.filter(Q(pk__in=coached) | Q(pk__in=[*taking]))
        fields["agents"].queryset = offered.order_by("name")
        teams = Team.objects.evaluated_by(user).filter(site=site).order_by().values("pk")
        held = None if trial is None else trial.team_id
        fields["team"].queryset = Team.objects.filter(Q(pk__in=teams) | Q(pk=held)).order_by("name")
        self.dress()

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        has_errors = {"team", "agents"} & {*self.errors}
        if not has_errors and not said.get("team") and not said.get("agents"):
            self.add_error("agents", _("Choose a team, or who takes part."))
        if not {"kpi", "hoped"} & {*self.errors}:
            self._check_hoped(said)
        return said

    def _check_hoped(self, said: dict[str, Any]) -> None:
        better = {"up": Trial.Hoped.MORE, "down": Trial.Hoped.LESS}.get(KPIS[said["kpi"]].direction)
        if not said["hoped"] and better is None:
            self.add_error(
                "hoped", _("Neither is better by its definition: say which is hoped for.")
            )
        elif said["hoped"] and better not in (None, said["hoped"]):
            self.add_error("hoped", _("By its definition the other is better."))
        else:
            said["hoped"] = said["hoped"] or better

    def plan(self) -> Plan:
        """What a valid form says."""
        said = self.cleaned_data
        agents = tuple(said["agents"])
        return Plan(**{name: said[name] for name in SAID}, agents=agents)

    @property
    def asked_revision(self) -> int:
        found = self.cleaned_data.get("revision")
        return -1 if found is None else int(found)


class StopForm(Dressed, forms.Form):
    why = NameField(label=gettext_lazy("Why it is stopped"), max_length=300)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.dress()


class DecideForm(Dressed, forms.Form):
    """What becomes of the idea."""

    decision = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[("", gettext_lazy("choose")), *Trial.Decision.choices],
    )
    words = forms.CharField(
        label=gettext_lazy("Why"), max_length=3000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.dress()
