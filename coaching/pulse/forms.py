"""What is asked of a survey, and by it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm import names
from ccm.intervals import day_of
from ccm.models import Site, User
from ccm.structure.forms import Dressed, NameField, date_field
from coaching.models import PulseQuestion, PulseSurvey
from coaching.pulse import reads
from coaching.pulse.services import Asked

Kind, Scale = PulseSurvey.Kind, PulseQuestion.Scale
QUESTIONS = 6
ALL, EXIT = "", "exit"
USUAL = (
    (gettext_lazy("How likely are you to recommend working here?"), Scale.TEN),
    (gettext_lazy("My work load in the last weeks was bearable."), Scale.FIVE),
    (gettext_lazy("I get the help that I need."), Scale.FIVE),
    (gettext_lazy("What should change first?"), Scale.WORDS),
)


class PulseForm(Dressed, forms.Form):
    """A survey of a site. Whom it asks is all of the site, a team, or who leaves."""

    title = NameField(label=gettext_lazy("Title"), max_length=120)
    team = forms.ChoiceField(label=gettext_lazy("Whom it asks"), required=False)
    opens_on = date_field(label=gettext_lazy("From"))
    closes_on = date_field(label=gettext_lazy("Until"))

    def __init__(
        self, site: Site, user: User, now: datetime, data: QueryDict | None = None
    ) -> None:
        today = day_of(now, site.calendar)
        known: dict[str, Any] = {"opens_on": today, "closes_on": today + timedelta(days=6)}
        for place, (text, scale) in enumerate(USUAL, start=1):
            known |= {f"text_{place}": text, f"scale_{place}": scale}
        super().__init__(data, initial=known)
        self.site = site
        self._teams = {str(one.pk): one for one in reads.teams_asked(user, site)}
        choices = [(key, one.name) for key, one in self._teams.items()]
        if reads.may_ask_all(user, site.pk):
            everybody = _("all of %(site)s") % {"site": site.name}
            choices = [(ALL, everybody), *choices, (EXIT, _("who leaves (exit survey)"))]
        team: Any = self.fields["team"]
        team.choices = choices
        team.required = not reads.may_ask_all(user, site.pk)
        for place in range(1, QUESTIONS + 1):
            self.fields[f"text_{place}"] = NameField(
                label=_("Question %(n)d") % {"n": place}, max_length=200, required=place == 1
            )
            self.fields[f"scale_{place}"] = forms.ChoiceField(
                label=_("Answered"), choices=Scale.choices, required=False
            )
        self.dress()

    @property
    def questions(self) -> Iterator[tuple[BoundField, BoundField]]:
        for place in range(1, QUESTIONS + 1):
            yield self[f"text_{place}"], self[f"scale_{place}"]

    def asked(self) -> Asked:
        """The survey that a valid form says."""
        said = self.cleaned_data
        pairs = [
            (said[f"text_{place}"], said[f"scale_{place}"] or Scale.TEN)
            for place in range(1, QUESTIONS + 1)
            if said[f"text_{place}"]
        ]
        return Asked(
            self.site,
            self._teams.get(said["team"]),
            Kind.EXIT if said["team"] == EXIT else Kind.PULSE,
            said["title"],
            said["opens_on"],
            said["closes_on"],
            pairs,
        )


class PulseAnswerForm(forms.Form):
    """The questions of a survey: a score of each scale, words where somebody wishes."""

    def __init__(self, questions: Sequence[PulseQuestion], data: QueryDict | None = None) -> None:
        super().__init__(data)
        self._questions = questions
        for one in questions:
            if one.scale == Scale.WORDS:
                self.fields[f"q{one.place}"] = forms.CharField(
                    label=one.text, max_length=2000, required=False,
                    widget=forms.Textarea(
                        attrs={"rows": 3, "class": "form-control", "autocomplete": "off"}
                    ),
                )  # fmt: skip
                continue
            low, high = one.ends
            self.fields[f"q{one.place}"] = forms.TypedChoiceField(
                label=one.text, coerce=int, widget=forms.RadioSelect,
                choices=[(score, str(score)) for score in range(low, high + 1)],
                error_messages={"required": gettext_lazy("Choose one.")},
            )  # fmt: skip

    def said(self) -> dict[int, int | str]:
        """What a valid form says, by the places of the questions."""
        found: dict[int, int | str] = {}
        for one in self._questions:
            value = self.cleaned_data[f"q{one.place}"]
            if one.scale != Scale.WORDS:
                found[one.place] = value
            elif names.visible(value).strip():
                found[one.place] = value.strip()
        return found
