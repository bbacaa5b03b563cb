"""What is said of a review beside its answers: what it is taken for, when its agent is shown it,
and that it was talked about."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ccm.models import Call, Site, User
from qa.models import Evaluation, Scorecard
from qa.reviews import taking
from qa.reviews.services import LATEST_RELEASE, Release

AT_ONCE, AT_DAY, BY_HAND = "at_once", "at_day", "by_hand"
_SELECT = {"class": "form-select"}
_CONTROL = {"class": "form-control"}


class TakeForm(forms.Form):
    """A call taken for a review."""

    card = forms.ModelChoiceField(
        Scorecard.objects.none(), label=_("Scorecard"), widget=forms.Select(_SELECT)
    )
    reason = forms.ChoiceField(
        label=_("Why this call"),
        choices=[("", "–"), *Evaluation.Reason.choices],
        widget=forms.Select(_SELECT),
    )
    words = forms.CharField(
        label=_("In words"),
        required=False,
        max_length=300,
        widget=forms.TextInput(_CONTROL),
        help_text=_("The agent reads it beside the review."),
    )

    def __init__(self, *args: Any, user: User, call: Call, **more: Any) -> None:
        super().__init__(*args, **more)
        cards = taking.cards_for(user, call)
        field = self.fields["card"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = cards
        field.empty_label = "–"

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("reason") == Evaluation.Reason.OTHER and not said.get("words"):
            self.add_error("words", gettext("Say in words what else it is."))
        return said


class VerbalForm(forms.Form):
    """That a review was talked about with its agent, and when, by the clock of its site."""

    at = forms.DateTimeField(
        label=_("When"),
        widget=forms.DateTimeInput({**_CONTROL, "type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
    )
    words = forms.CharField(
        label=_("What was said"),
        required=False,
        max_length=500,
        widget=forms.TextInput(_CONTROL),
    )


def why_not_asked(evaluation: Evaluation) -> str:
    """Why a reviewer does not say when a review is released, in words; empty: they do."""
    if evaluation.kind == Evaluation.Kind.CALIBRATION:
        return gettext("A calibration is never released.")
    if evaluation.kind == Evaluation.Kind.DRAWN and evaluation.rank:
        return gettext("A further review of a drawn call is never released.")
    if evaluation.kind == Evaluation.Kind.DRAWN:
        return gettext("The plan says when the review of a drawn call is released.")
    return ""


def release_of(said: Mapping[str, Any], site: Site, now: datetime) -> Release:
    """When a targeted review is to be released, as it was sent. Raises ValidationError, by member,
    for what is no such time, and for a day that is none, past or too far away."""
    when = said.get("release", AT_ONCE)
    if when not in (AT_ONCE, AT_DAY, BY_HAND):
        words = gettext("Say when it is released: at_once, at_day or by_hand.")
        raise ValidationError({"release": words})
    if when == BY_HAND:
        return Release(by_hand=True)
    if when == AT_ONCE:
        return Release()
    word = said.get("release_on")
    try:
        day = parse_date(word) if isinstance(word, str) else None
    except ValueError:
        day = None
    if day is None:
        raise ValidationError({"release_on": gettext("Say on which day it is released.")})
    at = datetime.combine(day, time(site.day_begins), site.tz)
    if at <= now - timedelta(days=1) or at > now + LATEST_RELEASE:
        words = gettext("It is released on a day from today on, within a year.")
        raise ValidationError({"release_on": words})
    return Release(at=at)
