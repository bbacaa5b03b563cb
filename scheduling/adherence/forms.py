"""What people ask for, and what planners keep of a site's adherence."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.intervals import DAY, site_day
from ccm.models import Site
from ccm.names import visible
from ccm.structure import drawn
from ccm.structure.forms import Dressed, RowForm, SharedForm, date_field
from ccm.templatetags.figures import hours_minutes
from scheduling.models import AdherenceException, AdherenceRules, Doing

LONGEST_REASON = 300


class AskForm(Dressed, forms.Form):
    """A stretch of a site day by its clock, what it was and why. Where it ends no later than it
    begins it goes on over midnight: whether a shift does is for `services.ask`."""

    since = forms.TimeField(
        label=gettext_lazy("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    until = forms.TimeField(
        label=gettext_lazy("Until"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What it was"), choices=AdherenceException.Kind.choices
    )
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=LONGEST_REASON)

    def __init__(self, *args: Any, site: Site, day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.site, self.day = site, day
        self.dress()

    def put_focus(self) -> None:
        """Have the page open at the first field that something is wrong with."""
        wrong = next((name for name in self.fields if name in self.errors), "since")
        self.fields[wrong].widget.attrs["autofocus"] = True

    def clean_reason(self) -> str:
        said = visible(self.cleaned_data["reason"])
        if not said:
            raise forms.ValidationError(_("Say why."))
        return said

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if "since" in said and "until" in said:
            span = site_day(self.day, self.site.calendar)
            start = self._moment(self.day, said["since"])
            if start < span.start:
                start = self._moment(self.day + DAY, said["since"])
            end = self._moment(start.astimezone(self.site.calendar.zone).date(), said["until"])
            if end <= start:
                zone = self.site.calendar.zone
                end = self._moment(start.astimezone(zone).date() + DAY, said["until"])
            said["starts_at"], said["ends_at"] = start, end
        return said

    def _moment(self, day: date, clock: Any) -> datetime:
        return datetime.combine(day, clock, self.site.calendar.zone).astimezone(UTC)


class DecideForm(forms.Form):
    note = forms.CharField(max_length=LONGEST_REASON, required=False)
    seen = forms.ChoiceField(choices=AdherenceException.State.choices)
    answer = forms.ChoiceField(choices=[("approve", ""), ("refuse", ""), ("withdraw", "")])

    def clean_note(self) -> str:
        return visible(self.cleaned_data["note"])


class RulesForm(RowForm):
    """The rules that hold today, to be said from a day on. `said` are all that the site has, and
    what was said of another day meanwhile is told as a change of a field is."""

    is_there = True  # a site that said none has the defaults
    starts_on = date_field(label=gettext_lazy("From"))

    class Meta:
        model = AdherenceRules
        fields = ("starts_on", "variant", "forgiven_seconds", "late_seconds")
        help_texts = {
            "forgiven_seconds": gettext_lazy("What is shorter is no exception; 0 forgives none."),
            "late_seconds": gettext_lazy("Also how much earlier than the end is early."),
        }

    def __init__(
        self, *args: Any, said: Iterable[AdherenceRules], today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._days = {one.starts_on: _as_sent(one) for one in said}
        # What holds today is what the form is drawn of.
        self._today = max((day for day in self._days if day <= today), default=None)
        self.dress()

    @property
    def as_drawn(self) -> str:
        days = {f"{day}": [*each.values()] for day, each in self._days.items()}
        return drawn.packed({**self.written, **days})

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        known = drawn.unpacked(self.data.get("drawn", ""))
        day = said.get("starts_on")
        there = None if day in (None, self._today) else self._days.get(day)
        if not known or there is None:
            return said
        if known.get(f"{day}") != [*there.values()]:
            for name, theirs in there.items():
                if name in said and f"{said[name]}" != theirs:
                    self.add_error(name, self.clash_words(name, theirs))
        return said


def _as_sent(row: AdherenceRules) -> dict[str, str]:
    """What a row says of a day, by the names of fields, as a browser sends it."""
    return {
        name: f"{getattr(row, name)}" for name in ("variant", "forgiven_seconds", "late_seconds")
    }


class ReasonsForm(SharedForm, forms.Form):
    """What each reason of pauses is: a choice each, in their order, with the milliseconds that they
    took as hours below it."""

    is_there = True

    def __init__(
        self, *args: Any, reasons: Mapping[str, int], known: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.reasons = list(reasons)
        choices = [("", _("Not said: other work")), *Doing.choices]
        for place, reason in enumerate(self.reasons):
            self.fields[f"r{place}"] = forms.ChoiceField(
                label=reason or _("No reason told"),
                choices=choices,
                required=False,
                initial=known.get(reason.casefold(), ""),
                help_text=_("%(time)s hours") % {"time": hours_minutes(reasons[reason] // 60_000)},
            )
        self.dress()

    def said(self) -> dict[str, str]:
        return {reason: self.cleaned_data[f"r{place}"] for place, reason in enumerate(self.reasons)}
