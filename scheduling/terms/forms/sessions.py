"""The form of a session that rosters find a time for."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.masking import masked
from ccm.models import Team, User
from ccm.structure.forms import NameField, date_field, offer
from scheduling.models import RosterSession
from scheduling.models.terms import GRID
from scheduling.planned.forms import PlannedForm
from scheduling.shifts.days import MINUTES
from scheduling.terms import reach
from scheduling.terms.fields import ClockField, HoursField

_MOST_DAYS = 366


class SessionForm(PlannedForm):
    of_site = ("team", "people")

    name = NameField(label=gettext_lazy("Name"), max_length=60)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=[("", gettext_lazy("choose")), *RosterSession.KINDS]
    )
    minutes = HoursField(
        most=MINUTES,
        required=True,
        label=gettext_lazy("Length"),
        help_text=gettext_lazy("As 0:30 or 1:00."),
    )
    first_on = date_field(label=gettext_lazy("First day"), may_be_open=True)
    last_on = date_field(label=gettext_lazy("Last day"), may_be_open=True)
    from_minute = ClockField(
        label=gettext_lazy("From"),
        required=False,
        help_text=gettext_lazy("On the first day, by the site's clock. Empty: its beginning."),
    )
    to_minute = ClockField(
        label=gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy("On the last day. Empty: its end."),
    )

    class Meta:
        model = RosterSession
        fields = (
            "site", "name", "kind", "minutes", "first_on", "from_minute", "last_on", "to_minute",
            "together", "weight", "team", "people", "note",
        )  # fmt: skip
        labels = {
            "together": gettext_lazy("All at the same time"),
            "weight": gettext_lazy("Who has none costs"),
            "people": gettext_lazy("People"),
        }
        help_texts = {
            "team": gettext_lazy("Who is in it on these days."),
            "people": gettext_lazy("Beside the team, or without one."),
            "weight": gettext_lazy("Each of them, where a position missing for one slot costs 10."),
        }
        widgets = {"people": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        team, people = self.fields["team"], self.fields["people"]
        assert isinstance(team, forms.ModelChoiceField)
        assert isinstance(people, forms.ModelMultipleChoiceField)
        sites = reach.planned_sites(user)
        offer(team, Team.objects.filter(site__in=sites), self.chosen_site, _("none"))
        every = reach.people_planned_by(user).filter(left_on=None).select_related("site")
        if self.instance.pk:
            every |= reach.people_planned_by(user).filter(roster_sessions=self.instance)
        people.queryset = every.distinct().order_by("name")
        people.choices = [
            (one.pk, str(one) if self.chosen_site else f"{one} ({one.site})")
            for one in people.queryset
            if self.chosen_site in (None, one.site_id)
        ]
        self.dress()

    def clean_note(self) -> str:
        return masked(self.cleaned_data["note"])

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        minutes = said.get("minutes")
        if minutes is not None and (minutes < GRID or minutes % GRID):
            self.add_error("minutes", _("Lengths are by five minutes."))
        # Midnight as an end is that of the day.
        said["to_minute"] = said.get("to_minute") or None
        first, last = said.get("first_on"), said.get("last_on")
        if first and last:
            self._clean_span(said, (last - first).days)
        if not said.get("team") and not said.get("people") and "people" not in self.errors:
            self.add_error("people", _("Say for whom: a team, or people."))
        self.refuse_others("people", said.get("people") or ())
        self.refuse_others("team", [one for one in [said.get("team")] if one])
        return said

    def _clean_span(self, said: dict[str, Any], days: int) -> None:
        if days < 0:
            self.add_error("last_on", _("It ends before it begins."))
        elif days >= _MOST_DAYS:
            self.add_error("last_on", _("It lasts a year at most."))
        elif said.get("minutes"):
            begin, end = said.get("from_minute") or 0, said["to_minute"] or MINUTES
            if days * MINUTES + end - begin < said["minutes"]:
                self.add_error("to_minute", _("There is no room for it between the two."))
