"""The parameters of definitions as fields of a form, each with its unit and what it can be."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ccm.templatetags.figures import DASH
from kpis.parameters import BOUNDS

_NUMBERS: Mapping[str, tuple[Any, Any]] = {
    "threshold_seconds": (
        _("Threshold, in seconds"),
        _("A wait up to this long is good service: {least} to {most} s."),
    ),
    "short_abandon_seconds": (
        _("Short abandon, in seconds"),
        _("Who gives up within it counts as a misdial: {least} to {most} s, 0 for nobody."),
    ),
    "clock_start_seconds": (
        _("The clock starts after, in seconds"),
        _("Waits shrink by it, as by an announcement: {least} to {most} s."),
    ),
    "conversation_seconds": (
        _("A conversation begins at, in seconds"),
        _("An outbound call of so much talk is one: {least} to {most} s."),
    ),
    "window_days": (
        _("Window, in days"),
        _("A contact of the same caller within it is a repeat: {least} to {most} days."),
    ),
}
_YES, _NO = "yes", "no"
_CHOICES: Mapping[str, tuple[Any, list[tuple[str, Any]]]] = {
    "boundary": (
        _("A wait of exactly the threshold"),
        [("<=", _("is within it")), ("<", _("is too long"))],
    ),
    "lost": (
        _("Time-outs and other exits"),
        [(_YES, _("count like abandons")), (_NO, _("are left out"))],
    ),
    "transfers_in": (
        _("Visits transferred into the queue"),
        [(_YES, _("count")), (_NO, _("are left out"))],
    ),
    "business_hours": (
        _("Outside opening hours"),
        [(_YES, _("nothing counts")), (_NO, _("everything counts"))],
    ),
    "callbacks": (
        _("A request for a call back"),
        [
            ("request", _("ends the wait and counts apart")),
            ("success", _("counts as an answer")),
            ("return", _("waits on until an agent has called back")),
        ],
    ),
    "ring": (
        _("The time a phone rings at an agent"),
        [(_YES, _("is handling")), (_NO, _("is idle"))],
    ),
    "effort": (
        _("A high effort score says"),
        [("easy", _("that it was easy")), ("hard", _("that it was hard"))],
    ),
    "matter": (
        _("A caller's contacts are of the same matter"),
        [
            ("queue", _("on the same queue")),
            ("any", _("on any queue of the site")),
            ("topic", _("about the same topic")),
        ],
    ),
}


_TEXTS: Mapping[str, tuple[Any, Any]] = {
    "cost_kinds": (
        _("Only costs of these kinds"),
        _("With commas between, as the salaries alone. Empty: all costs."),
    ),
    "productive_pauses": (
        _("Pauses that are productive"),
        _("Their reasons with commas between, as training. Empty: none is."),
    ),
}


def field(name: str) -> forms.Field:
    """The form's field for a field of `kpis.parameters.Parameters`."""
    if name in _NUMBERS:
        label, does = _NUMBERS[name]
        least, most = BOUNDS[name]
        words = does.format(least=least, most=most)
        return forms.IntegerField(label=label, help_text=words, min_value=least, max_value=most)
    if name in _TEXTS:
        label, does = _TEXTS[name]
        return forms.CharField(label=label, help_text=does, max_length=300, required=False)
    label, choices = _CHOICES[name]
    return forms.ChoiceField(label=label, choices=choices)


def written(value: Any) -> Any:
    """A parameter as its field shows it."""
    return (_YES if value else _NO) if isinstance(value, bool) else value


def said(name: str, value: Any) -> tuple[str, str] | None:
    """A parameter and its value as the form says them; None for what is no parameter."""
    if name in _NUMBERS:
        return str(_NUMBERS[name][0]), DASH if value is None else str(value)
    if name in _TEXTS:
        return str(_TEXTS[name][0]), value or DASH
    if name in _CHOICES:
        label, choices = _CHOICES[name]
        return str(label), str(dict(choices).get(written(value), DASH))
    return None


def read(name: str, cleaned: Any) -> Any:
    """A parameter as it is kept, of what its field found."""
    yes_or_no = name in _CHOICES and _CHOICES[name][1][0][0] == _YES
    return cleaned == _YES if yes_or_no else cleaned
