"""The forms of rosters: a new draft, how long it is looked for, one shift, and what stays."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.intervals import DAY
from ccm.masking import masked
from ccm.models import Agent, Site
from ccm.structure.forms import Dressed, date_field
from scheduling.models import KeptRoster, KeptShift, QueueGroup, ShiftTemplate
from scheduling.models.rosters import FEWEST_SECONDS, MOST_SECONDS
from scheduling.rosters.hand import Clocked, Within, put
from scheduling.shifts.days import MINUTES
from scheduling.terms.fields import ClockField

_WEEKS = [(7 * n, str(n)) for n in (1, 2, 3, 4, 6, 8)]


class RosterForm(Dressed, forms.ModelForm):
    """A draft of a site: when it begins, how many weeks it has, and for whom it is."""

    # What is odd of it, once that is known: it is meant if somebody says so.
    doubts: Sequence[str] = ()
    first_day = date_field(label=gettext_lazy("First day"))
    days = forms.TypedChoiceField(label=gettext_lazy("Weeks"), choices=_WEEKS, coerce=int)

    class Meta:
        model = KeptRoster
        fields = ("site", "first_day", "days", "group", "note")
        labels = {"site": gettext_lazy("Site"), "note": gettext_lazy("Note")}
        help_texts = {"group": gettext_lazy("Of a group, only who serves it is given shifts.")}

    def __init__(self, *args: Any, sites: QuerySet[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        site, group = self.fields["site"], self.fields["group"]
        assert isinstance(site, forms.ModelChoiceField)
        assert isinstance(group, forms.ModelChoiceField)
        site.queryset = sites
        site.empty_label = None
        group.empty_label = _("all queues")
        group.queryset = QueueGroup.objects.filter(site__in=sites).order_by("name")
        self.dress()

    def clean_note(self) -> str:
        return masked(self.cleaned_data["note"])


class MakingForm(Dressed, forms.Form):
    """How long a roster is looked for."""

    seconds = forms.IntegerField(
        label=gettext_lazy("Seconds to look for it"),
        min_value=FEWEST_SECONDS,
        max_value=MOST_SECONDS,
        initial=60,
        help_text=gettext_lazy("The longer, the nearer to the best there is."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dress()


class ShiftForm(Dressed, forms.Form):
    """One shift: whose, on which day, of which template, from when to when, whether it stays."""

    who = forms.ModelChoiceField(Agent.objects.none(), label=gettext_lazy("Who"), empty_label=None)
    day = forms.DateField(
        label=gettext_lazy("Day"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
    )
    template = forms.ChoiceField(label=gettext_lazy("Shift template"), required=False)
    start = ClockField(label=gettext_lazy("From"))
    end = ClockField(
        label=gettext_lazy("To"),
        help_text=gettext_lazy("Earlier than it begins: it ends on the next day."),
    )
    usual = forms.BooleanField(
        label=gettext_lazy("Pauses as the template has them"),
        required=False,
        help_text=gettext_lazy("Those below are then left out."),
    )
    fixed = forms.BooleanField(
        label=gettext_lazy("It stays as it is when the roster is made anew"), required=False
    )

    def __init__(
        self,
        *args: Any,
        roster: KeptRoster,
        people: QuerySet[Agent],
        templates: Mapping[int, ShiftTemplate],
        has: Clocked | None,
        agent: Agent,
        day: date,
        **kwargs: Any,
    ) -> None:
        self.roster, self.templates, self.has = roster, templates, has
        # What lay within the shift and has no room in it any more, once that is known (`clocked`).
        self.fell_out: Sequence[Within] = ()
        usual = [one for one in templates.values() if one.is_active]
        first = has or (_first(usual[0]) if usual else Clocked(None, 9 * 60, 8 * 60))
        initial = {
            "who": agent.pk,
            "day": day,
            "template": "" if first.template is None else str(first.template.pk),
            "start": first.start % MINUTES,
            "end": first.end % MINUTES,
            "usual": has is None,
            "fixed": first.is_fixed,
        }
        self.within = [
            {
                "kind": one.kind, "name": one.name, "start": one.start % MINUTES,
                "end": one.end % MINUTES, "is_paid": one.is_paid,
            }
            for one in (has.within if has else None) or ()
        ]  # fmt: skip
        super().__init__(*args, **(kwargs | {"initial": initial}))
        who, template = self.fields["who"], self.fields["template"]
        assert isinstance(who, forms.ModelChoiceField)
        assert isinstance(template, forms.ChoiceField)
        who.queryset = people
        known = [
            one for one in templates.values() if one.is_active or (has and one == has.template)
        ]
        template.choices = [(str(one.pk), one.name) for one in known]
        if (has and has.template is None) or not known:
            template.choices = [("", _("none")), *template.choices]
        self.dress()

    @property
    def of_whom(self) -> list[forms.BoundField]:
        return [self[name] for name in ("who", "day", "template")]

    @property
    def of_when(self) -> list[forms.BoundField]:
        """What stands in a row of its own: from and to are read together."""
        return [self[name] for name in ("start", "end", "usual", "fixed")]

    def clean_day(self) -> date:
        found: date = self.cleaned_data["day"]
        if not self.roster.first_day <= found <= self.roster.last_day:
            raise forms.ValidationError(_("There is a day that is not of this roster."))
        return found

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("start") is not None and said["start"] == said.get("end"):
            self.add_error("end", _("A shift ends at another time than it begins."))
        return said

    def clocked(self, within: "WithinFormSet") -> Clocked:
        """What is said of a shift. What lies within it goes with it, as on the board, unless it is
        said where. Raises ValidationError where a pause lies nowhere in it."""
        said = self.cleaned_data
        start, end = said["start"], said["end"]
        minutes = end - start if end > start else end - start + MINUTES
        template = self.templates.get(int(said["template"] or 0))
        there: Sequence[Within] | None = within.said(start)
        if said["usual"] and template is not None:
            there = None
        elif self.has and within.said(self.has.start) == list(self.has.within or ()):
            there = put(self.has, start, minutes).within
            if minutes != self.has.minutes:
                self.fell_out = [one for one in self.has.within or () if one not in (there or ())]
        return Clocked(
            template=template,
            start=start,
            minutes=minutes,
            within=there,
            is_fixed=said["fixed"],
            shape=self.has.shape if self.has else None,
        )


def _first(template: ShiftTemplate) -> Clocked:
    minutes = template.spells[-1][1] if template.spells else min(template.lengths)
    return Clocked(template, template.first_start, minutes)


class WithinForm(Dressed, forms.Form):
    """A pause or another activity within a shift; without times there is none."""

    kind = forms.ChoiceField(label=gettext_lazy("What"), choices=KeptShift.Activity.choices)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=40, required=False)
    start = ClockField(label=gettext_lazy("From"), required=False)
    end = ClockField(label=gettext_lazy("To"), required=False)
    is_paid = forms.BooleanField(label=gettext_lazy("Paid"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dress()

    def clean_name(self) -> str:
        return masked(self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if (said.get("start") is None) != (said.get("end") is None) and not self.errors:
            raise forms.ValidationError(_("Say from when to when."))
        return said


class WithinFormSet(forms.BaseFormSet):
    """All that is within a shift."""

    def said(self, begin: int) -> Sequence[Within]:
        """What is said, in minutes of the clock from the midnight of a shift that begins at one;
        what begins before that is of the next day."""
        found = []
        for form in self.forms:
            one = getattr(form, "cleaned_data", {})
            if one.get("start") is None:
                continue
            start = one["start"] if one["start"] >= begin else one["start"] + MINUTES
            end = start + (one["end"] - one["start"]) % MINUTES
            kind = KeptShift.Activity(one["kind"])
            found.append(
                Within(kind.value, one["name"] or str(kind.label), start, end, one["is_paid"])
            )
        return found


WithinForms = forms.formset_factory(
    WithinForm, formset=WithinFormSet, extra=2, max_num=16, validate_max=True
)


class FreezeForm(Dressed, forms.Form):
    """Whose shifts, or those of which day, stay as they are; of none said, all. `named` are the
    people, where they are read already."""

    who = forms.ModelChoiceField(
        Agent.objects.none(),
        label=gettext_lazy("Who"),
        required=False,
        empty_label=gettext_lazy("everyone"),
    )
    on = forms.TypedChoiceField(
        label=gettext_lazy("Day"), required=False, coerce=date.fromisoformat, empty_value=None
    )
    fixed = forms.TypedChoiceField(
        label=gettext_lazy("They"),
        choices=[("yes", gettext_lazy("stay as they are")), ("no", gettext_lazy("may be changed"))],
        coerce=lambda said: said == "yes",
    )

    def __init__(
        self,
        *args: Any,
        roster: KeptRoster,
        people: QuerySet[Agent],
        named: Sequence[Agent] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        who, on = self.fields["who"], self.fields["on"]
        assert isinstance(who, forms.ModelChoiceField)
        assert isinstance(on, forms.TypedChoiceField)
        who.queryset = people
        if named is not None:
            who.choices = [("", who.empty_label), *((one.pk, str(one)) for one in named)]
        every = (roster.first_day + n * DAY for n in range(roster.days))
        on.choices = [
            ("", _("every day")),
            *((one.isoformat(), date_format(one, "D j M")) for one in every),
        ]
        self.dress()
