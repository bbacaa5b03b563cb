"""What is asked of a leaderboard."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from ccm.structure.forms import Dressed
from coaching.leaderboards.services import SAID
from coaching.models import Leaderboard
from kpis.definitions import KPIS
from kpis.ranking import RANKED


class LeaderboardForm(Dressed, forms.ModelForm):
    """By what a team is ranked. `seen` is the revision of what it was drawn with."""

    asked_revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Leaderboard
        fields = SAID

    def __init__(self, row: Leaderboard, data: QueryDict | None = None) -> None:
        super().__init__(data, instance=row, initial={"asked_revision": row.revision})
        kpis = [(name, str(KPIS[name].name)) for name in RANKED]
        self.fields["kpi"] = forms.ChoiceField(label=self.fields["kpi"].label, choices=kpis)
        self.fields["fewest"].help_text = gettext_lazy(
            "Answers, or calls: who has fewer is not ranked."
        )
        self.dress()

    @property
    def seen(self) -> int:
        found = self.cleaned_data.get("asked_revision")
        return -1 if found is None else int(found)

    def said(self) -> dict[str, Any]:
        """What a valid form says."""
        return {name: self.cleaned_data[name] for name in SAID}
