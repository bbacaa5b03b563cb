"""What is asked of a challenge."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from ccm.intervals import day_of
from ccm.models import Team, User
from ccm.structure.forms import Dressed, NameField, date_field
from coaching.challenges import reads
from coaching.challenges.services import Rule
from kpis.definitions import KPIS
from kpis.ranking import RANKED


class _TeamField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Team) -> str:
        return f"{obj.name} ({obj.site.name})"


class ChallengeForm(Dressed, forms.Form):
    """A rule, its period, and its reward."""

    name = NameField(label=gettext_lazy("Name"), max_length=120)
    team = _TeamField(label=gettext_lazy("Team"), queryset=Team.objects.none(), empty_label=None)
    kpi = forms.ChoiceField(label=gettext_lazy("Best by"))
    first_on = date_field(label=gettext_lazy("From"))
    last_on = date_field(label=gettext_lazy("Until"))
    fewest = forms.IntegerField(
        label=gettext_lazy("Of at least"),
        min_value=1,
        max_value=100_000,
        help_text=gettext_lazy("Answers, or calls: who has fewer is not compared."),
    )
    each_month = forms.BooleanField(
        label=gettext_lazy("In each month, too"),
        required=False,
        help_text=gettext_lazy(
            "So many are known of them in each month of it, and nobody was certainly better in "
            "any. It is of whole months then."
        ),
    )
    reward = NameField(label=gettext_lazy("Reward"), max_length=300)

    def __init__(self, user: User, now: datetime, data: QueryDict | None = None) -> None:
        teams = reads.teams(user)
        first = teams.first()
        today = now.date() if first is None else day_of(now, first.site.calendar)
        begins = today + timedelta(days=1)
        known = {"first_on": begins, "last_on": begins + timedelta(days=181), "fewest": 30}
        super().__init__(data, initial=known)
        fields: dict[str, Any] = self.fields
        fields["team"].queryset = teams
        fields["kpi"].choices = [(name, str(KPIS[name].name)) for name in RANKED]
        self.dress()

    def rule(self) -> Rule:
        """What a valid form says."""
        return Rule(**{name: self.cleaned_data[name] for name in Rule.__slots__})
