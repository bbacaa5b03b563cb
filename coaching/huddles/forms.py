"""What is asked of a huddle."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from ccm.intervals import day_of
from ccm.models import Team, User
from ccm.structure.forms import Dressed, date_field
from coaching.huddles import reads
from coaching.models import Huddle


class _TeamField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Team) -> str:
        return f"{obj.name} ({obj.site.name})"


class HuddleForm(Dressed, forms.Form):
    """Whose huddle, and of which day."""

    team = _TeamField(
        label=gettext_lazy("Team"), queryset=Team.objects.none(), empty_label=gettext_lazy("choose")
    )
    day = date_field(label=gettext_lazy("Day"))

    def __init__(self, user: User, now: datetime, data: QueryDict | None = None) -> None:
        rows = reads.teams(user)
        first = rows.first()
        known: dict[str, Any] = {}
        if first is not None:
            known = {"team": first, "day": day_of(now, first.site.calendar)}
        super().__init__(data, initial=known)
        field: Any = self.fields["team"]
        field.queryset = rows
        self.dress()


class HoldForm(Dressed, forms.Form):
    """What was said, for the team to read. `revision` is that of what it was drawn with."""

    notes = forms.CharField(
        label=gettext_lazy("What was said"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, huddle: Huddle, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"notes": huddle.notes, "revision": huddle.revision})
        self.dress()
