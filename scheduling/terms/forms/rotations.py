"""The form of a rotation, with a text for each of its days."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.models import User
from ccm.structure.forms import (
    WEEKDAYS,
    NameField,
)
from scheduling.models import (
    Rotation,
    ShiftTemplate,
)
from scheduling.models.terms import DAYS, MOST_WEEKS
from scheduling.planned.forms import PlannedForm
from scheduling.terms.forms.grouped import Grouped, Groups

OFF = "off"


class RotationForm(Grouped, PlannedForm):
    """A rotation, and a text for each of its days: names of shifts, "off", or nothing."""

    # What is offered of a day.
    beside_of_site = ("shifts",)
    name = NameField(label=gettext_lazy("Name"), max_length=80)
    weeks = forms.IntegerField(
        label=gettext_lazy("Weeks"),
        min_value=1,
        max_value=MOST_WEEKS,
        initial=2,
        help_text=gettext_lazy("Then it begins anew. More weeks are asked for once it is saved."),
    )

    class Meta:
        model = Rotation
        fields = ("site", "name", "weeks")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.templates = list(
            ShiftTemplate.objects.managed_by(user)
            .filter(**{"site": self.chosen_site} if self.chosen_site else {})
            .order_by("name")
        )
        known = self._known()
        for week, weekday in self._days():
            self.fields[_cell(week, weekday)] = forms.CharField(
                label=WEEKDAYS[weekday],
                required=False,
                max_length=240,
                initial=known.get((week, weekday), ""),
                widget=forms.TextInput(attrs={"list": "shifts"}),
            )
        self.dress()

    def _days(self) -> Iterator[tuple[int, int]]:
        told = self.data.get("weeks", "") if self.is_bound else ""
        # A person types it, and it may be anything.
        weeks = int(told) if told.isdecimal() and len(told) < 3 else self.instance.weeks or 2
        for week in range(1, min(weeks, MOST_WEEKS) + 1):
            for weekday in range(DAYS):
                yield week, weekday

    def _known(self) -> dict[tuple[int, int], str]:
        found: dict[tuple[int, int], list[str]] = {}
        days = self.instance.days.select_related("template") if self.instance.pk else ()
        for one in days:
            name = one.template.name if one.template else _("off")
            found.setdefault((one.week, one.weekday), []).append(name)
        return {day: ", ".join(sorted(names)) for day, names in found.items()}

    @property
    def plain(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if not name.startswith("w_")]

    @property
    def groups(self) -> Groups:
        by_week: dict[int, list[forms.BoundField]] = {}
        for week, weekday in self._days():
            by_week.setdefault(week, []).append(self[_cell(week, weekday)])
        hint = _("The names of the shifts that a day allows, with commas; “off”; empty: left open.")
        return [
            (_("Week %(number)s") % {"number": week}, hint if week == 1 else "", fields)
            for week, fields in by_week.items()
        ]

    @property
    def offered(self) -> list[str]:
        """What can be typed of a day."""
        return [_("off"), *(one.name for one in self.templates)]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        site = self.site
        known = {
            one.name.casefold(): one.pk
            for one in self.templates
            if site is None or one.site_id == site.pk
        }
        pattern: dict[tuple[int, int], frozenset[int]] = {}
        for week, weekday in self._days():
            name = _cell(week, weekday)
            parts = [one.strip() for one in (said.get(name) or "").split(",") if one.strip()]
            if not parts:
                continue
            if len(parts) == 1 and parts[0].casefold() in {OFF, _("off").casefold()}:
                pattern[week, weekday] = frozenset()
                continue
            unknown = [one for one in parts if one.casefold() not in known]
            if unknown:
                message = _("The site has no shift “%(name)s”.")
                self.add_error(name, message % {"name": unknown[0]})
            pattern[week, weekday] = frozenset(
                known[one.casefold()] for one in parts if one.casefold() in known
            )
        said["pattern"] = pattern
        return said


def _cell(week: int, weekday: int) -> str:
    return f"w_{week}_{weekday}"
